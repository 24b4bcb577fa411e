"""Invented people: names, numbers that cannot be anybody's, homes. Everything follows from one seed."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
WEIGHTS = [max(1, 40 - i // 2) for i in range(len(SURNAMES))]
_OLD_F = [
    "秀英",
    "桂兰",
    "玉珍",
    "淑华",
    "凤英",
    "秀兰",
    "玉兰",
    "桂英",
    "素珍",
    "春梅",
    "惠芳",
    "翠兰",
    "金花",
    "月英",
    "爱莲",
    "菊香",
    "明秀",
    "正芳",
    "国珍",
    "德芳",
]
_OLD_M = [
    "建国",
    "国强",
    "志明",
    "建华",
    "德明",
    "保国",
    "正平",
    "明义",
    "家福",
    "文斌",
    "光荣",
    "祖荣",
    "长江",
    "汉生",
    "永福",
    "大成",
    "启明",
    "先进",
    "道海",
    "树林",
]
_MID_F = [
    "丽",
    "敏",
    "静",
    "艳",
    "红",
    "霞",
    "燕",
    "玲",
    "芳",
    "娟",
    "慧",
    "晓红",
    "丽娟",
    "海燕",
    "春燕",
    "红梅",
    "雪梅",
    "小琴",
    "晓玲",
    "莉莉",
]
_MID_M = [
    "伟",
    "勇",
    "军",
    "涛",
    "强",
    "斌",
    "波",
    "鹏",
    "辉",
    "超",
    "建军",
    "志强",
    "晓东",
    "海涛",
    "国栋",
    "永刚",
    "小军",
    "立新",
    "卫东",
    "新民",
]
_YOUNG_F = [
    "欣怡",
    "梓涵",
    "雨桐",
    "思雨",
    "佳怡",
    "诗涵",
    "一诺",
    "可馨",
    "语嫣",
    "子萱",
    "静怡",
    "若曦",
    "梦琪",
    "雅婷",
    "紫涵",
]
_YOUNG_M = [
    "浩然",
    "子轩",
    "宇航",
    "浩宇",
    "俊杰",
    "博文",
    "梓豪",
    "天宇",
    "泽宇",
    "嘉豪",
    "明轩",
    "志远",
    "子豪",
    "睿",
    "晨",
]
_WEIGHT = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

# No district has this code, and no mobile of a person begins so: a number made here is nobody's.
NOWHERE = "420399"
NO_PHONE = "1420"


def name(random: Random, age: int, female: bool, surname: str = "") -> str:
    """A name as somebody of that age may have."""
    given = (_YOUNG_F, _YOUNG_M) if age < 30 else (_MID_F, _MID_M) if age < 58 else (_OLD_F, _OLD_M)
    return (surname or random.choices(SURNAMES, WEIGHTS)[0]) + random.choice(given[0 if female else 1])


def id_number(random: Random, born: date, female: bool, serial: int) -> str:
    """A number with a right check character (GB 11643) of a district that does not exist."""
    order = (serial * 2 + (0 if female else 1)) % 1000
    if order % 2 == (1 if female else 0):
        order = (order + 1) % 1000
    body = f"{NOWHERE}{born:%Y%m%d}{order:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHT, strict=True)) % 11]


def phone(serial: int) -> str:
    """A mobile number of a range that is given to nobody."""
    return f"{NO_PHONE}{serial:07d}"


def birthday(random: Random, age: int, today: date) -> date:
    """A day of birth for somebody of that age."""
    return today - timedelta(days=age * 365 + age // 4 + random.randrange(1, 360))
