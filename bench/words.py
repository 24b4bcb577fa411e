"""What the residents of the measured city write."""

from __future__ import annotations

from random import Random

RARE = "树上有喜鹊窝"
RARE_WORD = "喜鹊窝"
COMMON_WORD = "电梯"
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
THINGS = ("楼道灯", "电梯", "下水道", "垃圾桶", "停车位", "充电桩", "健身器材", "单元门", "消防通道", "绿化带",
          "路面", "井盖", "水管", "监控", "围墙", "晾衣架", "信报箱", "对讲机", "屋顶", "外墙")  # fmt: skip
TROUBLES = ("不亮了", "坏了好几天", "一直没人修", "堵了", "漏水", "被占用", "有异响", "很脏", "松动", "掉下来一块",
            "半夜很吵", "老人不方便", "小孩容易摔倒", "影响出行", "味道很大")  # fmt: skip
PLACES = ("南门", "北门", "楼下", "拐角处", "花坛旁", "地下车库", "五楼", "门口", "广场边", "幼儿园对面", "菜市场旁",
          "公交站后面", "小卖部旁边", "二楼平台", "天台")  # fmt: skip
MORE = ("请尽快处理", "已经反映过两次", "麻烦派人来看看", "邻居们都有意见", "谢谢社区", "下雨天更严重",
        "希望给个答复", "物业说不归他们管", "晚上下班回家看不见", "已经拍了照片")  # fmt: skip
ANSWERS = (
    "已到现场查看，联系了维修师傅，明天上午到场处理。",
    "配件已经订购，预计周四到货，到货后第一时间更换。",
    "师傅已更换零件并测试，目前使用正常，请您留意观察。",
    "与物业沟通，对方同意本周内完成整改，社区会跟进。",
    "已电话回访反映人，说明了处理的进展和时间。",
)


def text(random: Random, n: int) -> tuple[str, str]:
    """(text, title) of a report: common words in many, a number of its own in each."""
    thing = random.choice(THINGS)
    place, trouble = random.choice(PLACES), random.choice(TROUBLES)
    title = f"{n % 40 + 1}号楼{place}{thing}{trouble}"
    said = "，".join(random.sample(MORE, 2))
    return f"{title}，{said}。", title
