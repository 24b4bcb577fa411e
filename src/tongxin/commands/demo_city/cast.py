"""Whom a visitor can be, and what to try as them: each promise is kept by something that waits."""

from __future__ import annotations

from tongxin.commands.demo_city.offices import Offices
from tongxin.commands.demo_city.stories import LAMPS

RESIDENTS, COMMUNITY, BODIES = "居民", "王湾社区", "物业和部门"
HIGHER, OVERSIGHT = "街道、区、市", "监督和管理"


def cast(o: Offices) -> list[dict[str, str]]:
    """The rows of ``demo.json``, in the order of the page."""
    company = "国瑞物业"
    lamps = tuple(
        (f"lamp:{place}", RESIDENTS, f"{estate}业主（路灯）", "反映过没有路灯；看社区怎么回应")
        for place, (estate, _where) in enumerate(LAMPS)
    )
    rows = (
        ("zhang", RESIDENTS, "钢砂厂小区业主", "楼道灯修好了，等您说一句；再反映一件新的事"),
        ("zhang_li", RESIDENTS, "替97岁的母亲办事（亲情账号）", "看母亲的坐便椅有没有人接单；再替母亲反映一件"),
        ("chen", RESIDENTS, "东苑小区业主", "地锁的事三家在办；催一催"),
        *lamps,
        ("visitor", RESIDENTS, "刚用手机登录，还没有核实", "先说住在哪儿，等网格员上门；也可以直接反映"),
        ("desk:0", COMMUNITY, "社区工作者", "五个小区没有路灯：并成共性问题；审延期、挂账和异议；看户户走到了没有"),
        ("secretary:0", COMMUNITY, "书记", "看逾期，督办，任职"),
        (
            "grid:0:0",
            COMMUNITY,
            "网格员（第1网格）",
            "上门核实两户，听刘桂兰当面同意；走访名单在“我的走访”，学校答复了请家长签字",
        ),
        ("police", COMMUNITY, "社区民警", "夜里烧烤摊吵，等您接单"),
        ("branch", COMMUNITY, "党支部书记", "两名党员来双报到，等您接收"),
        ("committee", COMMUNITY, "业委会主任", "有人问大门人脸识别，等业委会接单"),
        ("building_head", COMMUNITY, "3号楼楼栋长", "替邻居反映"),
        ("deputy:0", COMMUNITY, "区人大代表", "群众说给您的意见；提一件建议；看办到哪儿了"),
        ("deputy:1", COMMUNITY, "区政协委员", "一件建议正在办；还有两条意见等您处理"),
        ("volunteer:0:0", COMMUNITY, "志愿者", "抢单池里有一把坐便椅"),
        ("volunteer:0:1", COMMUNITY, "下沉党员", "抢单池里看附近能做的事"),
        (f"worker:{company}:0", BODIES, f"{company}维修工", "电梯停了：手机上接单、拍照、答复"),
        (f"manager:{company}", BODIES, f"{company}项目经理", "电梯停了：接下来派给没有账号的工人，申请延期"),
        ("城管_officer", BODIES, "区城管执法局", "牵头拆地锁，已逾期"),
        ("principal", BODIES, "东风小学校长", "走访带来的事：孩子放学没人接，等您答复"),
        (
            "street_officer:420303002",
            HIGHER,
            "红卫街道",
            "看升级上来的事，吹哨；代表建议等交办；12345 热线的工单有两张改了时限",
        ),
        ("county_officer", HIGHER, "张湾区综治中心", "全区的事，督办"),
        ("city_officer", HIGHER, "十堰市社会治理中心", "全市的事"),
        ("desk:1", HIGHER, "张湾社区（另一个社区）", "看不到王湾的事"),
        ("纪委_officer", OVERSIGHT, "张湾区纪委监委", "只看，不改"),
        ("system_admin", OVERSIGHT, "系统管理员", "看运行状况；改地区和日历"),
        ("security_admin", OVERSIGHT, "安全管理员", "看谁能登录；结束会话，解除锁定"),
        ("audit_admin", OVERSIGHT, "审计管理员", "看每夜的封存"),
    )
    return [
        {"account_id": str(o.accounts[key]), "role": role, "title": title, "what_to_try": what}
        for key, role, title, what in rows
    ]
