"""Invented sentences of three kinds, enough to learn from."""

_WHERE = ("三号楼", "我们小区", "东门口", "幸福路", "二单元", "菜场旁边", "学校对面", "河边")
_WHAT = {
    "照明": ("楼道灯坏了，晚上看不见", "路灯不亮，走路怕摔", "灯泡闪个不停，一会亮一会灭"),
    "垃圾": ("垃圾堆了几天没人清，臭得很", "垃圾桶满了没人收，苍蝇多", "有人乱扔垃圾，地上很脏"),
    "停车": ("私家车乱停，挡住消防通道", "有人装地锁占车位", "停车位被占，车进不来"),
}


def rows() -> list[tuple[str, str]]:
    """(text, label), 24 of each label."""
    return [(f"{where}{what}", label) for label, said in _WHAT.items() for what in said for where in _WHERE]
