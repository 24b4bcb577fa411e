"""What is published names nobody's telephone, whatever 张阿姨 typed around it."""

import re
import unicodedata
from time import perf_counter

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tongxin.kernel import masking
from tongxin.kernel.masking import mask_id, mask_name, mask_phone, mask_text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("请打13812345678找张阿姨", "请打138****5678找张阿姨"),
        ("电话 138 1234 5678。", "电话 138****5678。"),
        ("138-1234-5678", "138****5678"),
        ("138.1234.5678", "138****5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("138\u200b1234\u200b5678", "138****5678"),
        ("1 3 8 1 2 3 4 5 6 7 8", "138****5678"),
        ("1900-1-01 0000", "190****0000"),  # a mobile number that looks like a day
        ("+8613812345678", "+86138****5678"),
        ("3栋302 138 1234 5678", "3栋302 138****5678"),
        ("一三八一二三四五六七八", "一三八****五六七八"),
        ("座机0719-8651234", "座机0719***1234"),
        ("(0719) 8651234", "0719***1234"),
        ("办公电话：8651234", "办公电话：***1234"),
        ("身份证420303198001011234", "身份证420***********1234"),
        ("42030319800101123X", "420***********123X"),
        ("420303 19800101 123x", "420***********123x"),
        ("420303-1980-0101-1234", "420***********1234"),
        ("４２０３０３１９８００１０１１２３Ｘ", "４２０***********１２３Ｘ"),
        ("卡号6222020200012345678", "卡号622************5678"),
        ("4111 1111 1111 1111", "411*********1111"),
        ("鄂C12345占了消防通道", "鄂C*****占了消防通道"),
        ("鄂C·D12345", "鄂C******"),
        ("鄂 c 12345。", "鄂c*****。"),
        ("邮箱zhangxiuying@qq.com", "邮箱z***@qq.com"),
        ("加我微信：zhang_xy88", "加我微信：z********"),
        ("微信号 abc12345，谢谢", "微信号 a*******，谢谢"),
        ("微信13812345678", "微信1**********"),
        ("QQ 123456789", "QQ 1********"),
    ],
)
def test_personal_numbers_are_hidden(text: str, masked: str):
    # Stars stand for what is hidden, so their number follows from the number of characters.
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "WW-20261122-0042 已办结",
        "编号WW-20261122-0042，WW-20261130-138123",
        "2026-11-22 13:45 路灯不亮",
        "合计186 2026-11-22",
        "2026年11月22日，维修费1380元，共13,800,000,000元",
        "公示3800.50元、15800.00 16000.00元",
        "1200 3500 4800 2600",
        "3栋2单元1302室",
        "拨打12345或110",
        "热线400-123-4567",
        "云ENERGY公司，新能源5G基站",
        "GB/T 30428-2013 第11375条",
        "91350100M000100Y43",
        "水质0.15毫克，经度110.79°",
    ],
)
def test_ordinary_numbers_stay(text: str):
    assert mask_text(text) == text


def _digits_folded(text: str) -> str:
    return "".join(str(unicodedata.digit(c, c)) for c in text)


_MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
_AROUND = st.one_of(st.text(max_size=30), st.text("0123456789１３- WX微信@.：鄂C", max_size=30))


@settings(max_examples=400)
@given(_AROUND, _MOBILE, _AROUND)
@example("1313131313131313", "13131313131", "31313131313131313")
@example("WW-20261122-0042", "13812345678", "")
@example("2026-11-22", "13812345678", "2026-11-22")
def test_no_mobile_number_survives_in_any_context(before: str, number: str, after: str):
    assert not re.search(r"1[3-9][0-9]{9}", _digits_folded(mask_text(before + number + after)))


@given(
    _AROUND,
    _MOBILE,
    st.lists(st.sampled_from(["", " ", "-", "  ", "\u3000", "\u200b", "－", "·"]), min_size=10, max_size=10),
)
def test_a_separated_mobile_number_is_found(before: str, number: str, between: list[str]):
    written = number[0] + "".join(gap + digit for gap, digit in zip(between, number[1:], strict=True))
    assume(not re.search(r"20\d\d[-－]\d\d?[-－]\d", written))  # reads as a figure and a day
    masked = mask_text(f"{before}张阿姨{written}，谢谢")
    assert number not in re.sub(r"\D", "", masked.rpartition("张阿姨")[2])


@given(st.text("路灯不亮张阿姨李师傅，。 abc\n", max_size=60))
def test_a_text_without_numbers_or_addresses_stays(text: str):
    assert mask_text(text) == text


@given(_AROUND, _MOBILE)
def test_masking_twice_changes_no_more_digits_into_numbers(before: str, number: str):
    masked = mask_text(before + number)
    assert not re.search(r"1[3-9][0-9]{9}", _digits_folded(mask_text(masked)))


def _masked_by_every_rule(text: str) -> str:
    """What `mask_text` does without its short cuts: each rule over a text that is folded anew."""
    for pattern, mask in masking._RULES:
        text = masking._replaced(text, masking._without_harmless(masking._folded(text)), pattern, mask)
    while masking._BARE_MOBILE.search(folded := masking._folded(text)):
        text = masking._replaced(text, folded, masking._BARE_MOBILE, lambda s: masking._starred(s, 3, 4))
    return text


_PIECES = st.sampled_from(
    [
        "张阿姨", "路灯", "1", "3", "12", "302", "2026-11-22", "WW-20261122-0042", "13812345678", "１３８", "①②③④⑤", "²³",
        "微信", "QQ", "电话", "座机", "鄂", "鄂C", "云", "·", "-", " ", "\u200b", "@", "＠", ".com", "abc", "ａｂｃ", "ſſſſſſ",
        "K", "wx", "一三八", "一二三四五六七八九〇零", "8651", "0719", "X",
    ]
)  # fmt: skip


@settings(max_examples=1000)
@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=20).map("".join), _AROUND))
@example("微信ſſſſſſ")
@example("微信①②③④⑤")
@example("鄂c1²34５")
@example("一三八一二三四五六七八")
def test_the_short_cuts_change_nothing(text: str):
    assert mask_text(text) == _masked_by_every_rule(text)


@pytest.mark.parametrize(
    "text", ["13" * 10_000, "138 1234 567 " * 2000, "a" * 20_000, "1-" * 10_000, "鄂" * 20_000, "@." * 9000]
)
def test_a_hostile_text_takes_no_time(text: str):
    began = perf_counter()
    mask_text(text)
    assert perf_counter() - began < 3


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张秀英", "张**"),
        ("李四", "李*"),
        ("欧阳修", "欧阳*"),
        ("司马相如", "司马**"),
        ("欧阳", "欧*"),
        ("张王秀英", "张***"),
        ("买买提·艾力", "买**·**"),
        ("John Smith", "J*** *****"),
        ("张", "*"),
        (" 张秀英 ", "张**"),
        ("", ""),
    ],
)
def test_names(name: str, masked: str):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+86 138 1234 5678", "138****5678"),
        ("0719-8651234", "0719***1234"),
        ("010-62345678", "010****5678"),
        ("8651234", "***1234"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_phones(phone: str, masked: str):
    assert mask_phone(phone) == masked


def test_id_numbers():
    assert mask_id("420303198001011234") == "420***********1234"
    assert mask_id("12345") == "*****"
