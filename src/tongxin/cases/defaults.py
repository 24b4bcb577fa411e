"""The categories that an installation starts with; an office edits them, and they are not written again.

Top level: what residents of an estate speak of, in the order in which they do; below: the components and events of
GB/T 30428 that fall to a community. All values are local data from then on.
"""

from __future__ import annotations

from typing import Any, Final

from tongxin.cases.models import Category

_V, _S, _H = {"needs_verification": True}, {"is_service": True, "public": False}, {"public": False}

# code, Chinese, English, icon, hint, traits, children (code, Chinese, English, traits)
_Child = tuple[str, str, str, dict[str, Any]]
_TREE: Final[tuple[tuple[str, str, str, str, str, dict[str, Any], tuple[_Child, ...]], ...]] = (
    ("lighting", "公共照明", "Lighting", "lamp", "楼道灯、路灯不亮", {}, (
        ("lighting.stairs", "楼道灯", "Stair light", {}), ("lighting.street", "路灯", "Street light", {}),
    )),
    ("water", "水电气暖", "Water, power, gas, heating", "drop", "漏水、停水、停电、燃气", {}, (
        ("water.leak", "漏水渗水", "Leak", {}), ("water.supply", "停水水压", "Water supply", {}),
        ("water.power", "停电线路", "Power", {}), ("water.gas", "燃气", "Gas", {"urgency": "urgent"} | _V),
    )),
    ("drain", "下水排污", "Drains and sewage", "waves", "下水道堵塞、污水井冒溢", {}, (
        ("drain.blocked", "管道堵塞", "Blocked pipe", {}),
        ("drain.manhole", "井盖缺损", "Manhole cover", {"urgency": "urgent"}),
    )),
    ("lift", "电梯", "Lifts", "arrow-up-down", "电梯停运、困人、异响", {"urgency": "urgent"}, ()),
    ("waste", "垃圾环境", "Waste and cleanliness", "trash", "垃圾堆积、乱扔、异味", {}, (
        ("waste.pile", "积存垃圾", "Waste piled up", {}), ("waste.building", "建筑垃圾", "Building rubble", {}),
        ("waste.pets", "宠物粪便", "Pet dirt", {}),
    )),
    ("parking", "占道停车", "Obstruction and parking", "car", "私装地锁、堵塞通道、乱停车", _V, (
        ("parking.lock", "私装地锁", "Parking lock", _V), ("parking.blocked", "占用消防通道", "Blocked fire lane",
                                                       {"urgency": "urgent"} | _V),
    )),
    ("fire", "消防安全", "Fire safety", "flame", "飞线充电、楼道堆物", {"urgency": "urgent"} | _V, (
        ("fire.charging", "飞线充电", "Flying charging cable", {"urgency": "urgent"} | _V),
        ("fire.corridor", "楼道堆物", "Things in the stairs", _V),
    )),
    ("noise", "噪声扰民", "Noise", "volume", "装修、广场舞、夜间施工", {}, ()),
    ("building", "房屋设施", "Building and facilities", "building", "墙皮脱落、门禁、健身器材", {}, (
        ("building.wall", "墙体屋面", "Walls and roof", {}), ("building.door", "单元门禁", "Entrance door", {}),
        ("building.fitness", "健身设施", "Fitness equipment", {}),
    )),
    ("green", "园林绿化", "Green space", "tree", "树枝遮挡、绿地被占", {}, ()),
    ("road", "道路交通", "Roads", "road", "路面破损、积水", {}, ()),
    ("property", "物业服务", "Property service", "shield", "服务态度、收费、保洁保安", _V, ()),
    ("illegal", "违建经营", "Illegal building and trade", "alert", "私搭乱建、占道经营", _V, ()),
    ("food", "食品安全", "Food safety", "shield", "食堂、餐馆、小摊不卫生，食物变质", _V, (
        ("food.kitchen", "学校食堂", "School kitchen", {"urgency": "urgent"} | _V),
        ("food.shop", "餐饮店铺", "Restaurants and shops", _V),
    )),
    ("dispute", "邻里矛盾", "Neighbour disputes", "users", "需要调解的事", _H, ()),
    ("policy", "政策咨询", "Policy questions", "info", "低保、社保、补贴怎么办", _H, ()),
    ("care", "生活帮助", "Help at home", "hand", "借用辅具、陪诊、代买、维修", _S, (
        ("care.elder", "为老服务", "Care for elders", _S), ("care.repair", "小修小补", "Small repairs", _S),
        ("care.errand", "代买代办", "Errands", _S),
    )),
    ("other", "其他", "Something else", "more", "以上都不是", {}, ()),
)  # fmt: skip


def ensure_categories(**kwargs: Any) -> None:
    """Write the starting categories where there are none yet. Runs after every migrate."""
    using = kwargs.get("using", "default")
    rows = Category.objects.using(using)
    if rows.exists():
        return
    for position, (code, name, name_en, icon, hint, traits, children) in enumerate(_TREE):
        parent = rows.create(
            code=code, name=name, name_en=name_en, icon=icon, hint=hint, path=f"{code}/", position=position, **traits
        )
        for place, (child, child_name, child_en, child_traits) in enumerate(children):
            rows.create(
                code=child, name=child_name, name_en=child_en, parent=parent, icon=icon,
                path=f"{code}/{child}/", position=place, **child_traits,
            )  # fmt: skip
