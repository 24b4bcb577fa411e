"""Search finds two-character words, exports run no formulas, texts hold nothing invisible."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.kernel.text import clean_line, clean_text, query_tokens, safe_cell, search_tokens, slug

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=8)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("路灯坏了", ["路灯", "灯坏", "坏了"]),
        ("三栋路灯，不亮", ["三栋", "栋路", "路灯", "不亮"]),
        ("3栋2单元", ["3", "栋", "2", "单元"]),
        ("WW-20261122-0042号", ["ww202611220042", "号"]),
        ("编号ww-20261122-0042", ["编号", "ww202611220042"]),
        ("ＷＷ－２０２６１１２２－００４２", ["ww202611220042"]),
        ("WiFi5G 坏了", ["wifi5g", "坏了"]),
        ("E-bike charging", ["e", "bike", "charging"]),
        ("𠮷野家", ["𠮷野", "野家"]),
        ("路灯 路灯", ["路灯", "路灯"]),
        ("，。！ --", []),
        ("", []),
    ],
)
def test_tokens_of_the_index(text: str, tokens: list[str]):
    assert search_tokens(text) == tokens


@pytest.mark.parametrize(
    ("q", "tokens"),
    [
        ("路灯", ["路灯"]),
        ("路灯坏", ["路灯", "灯坏"]),
        ("路灯 路灯", ["路灯"]),
        ("3栋 路灯", ["3", "路灯"]),
        ("WW-20261122-0042", ["ww202611220042"]),
        ("ww202611220042", ["ww202611220042"]),
        ("灯", []),  # answered with “please give at least two characters”
        ("灯 路", []),
        ('路灯" OR 1=1 --', ["路灯", "or", "1"]),
    ],
)
def test_tokens_of_a_query(q: str, tokens: list[str]):
    assert query_tokens(q) == tokens


def test_a_long_query_is_bounded():
    assert len(query_tokens("路灯坏了没有人修" * 500 + " ".join(str(n) for n in range(500)))) == 24


@given(st.text(max_size=20), HAN, st.text(max_size=20))
def test_whatever_stands_in_a_text_is_found(before: str, word: str, after: str):
    assert set(query_tokens(word)) <= set(search_tokens(before + word + after))


@given(st.text(max_size=40))
def test_a_text_finds_itself_and_tokens_cannot_break_a_query(text: str):
    index = search_tokens(text)
    assert set(query_tokens(text)) <= set(index)
    # Python's tables are older than the rarest Chinese characters, which they take for unassigned.
    assert all(c.isalnum() or c > "\U00020000" for token in index for c in token)
    assert index == [token.lower() for token in index]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+86 138", "'+86 138"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("路灯=坏", "路灯=坏"),
        ("路灯\x00\x1b不亮", "路灯不亮"),
        ("\x00=1", "'=1"),
        ("", ""),
        (-5, -5),
        (None, None),
        (date(2026, 11, 22), date(2026, 11, 22)),
    ],
)
def test_cells(value: object, cell: object):
    assert safe_cell(value) == cell


@given(st.text(max_size=30))
def test_no_cell_begins_a_formula(value: str):
    assert not safe_cell(value).lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not safe_cell(value).startswith(("\t", "\r", "\n"))


def test_every_cell_fits_a_workbook():
    from openpyxl import Workbook

    sheet = Workbook().active
    for code in [*range(0x20), 0x7F, 0x85, 0xFFFE, 0xFFFF]:
        sheet.append([safe_cell(f"路灯{chr(code)}不亮")])


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("  路灯 \n\t 不亮 ", "路灯 不亮"),
        ("路\u200b灯\u202e不亮\x00", "路灯不亮"),
        ("e\u0301", "é"),
        ("路灯\u2028不亮", "路灯 不亮"),
        ("\ud800路灯", "路灯"),
        ("\ue000某", "\ue000某"),
    ],
)
def test_clean_line(typed: str, line: str):
    assert clean_line(typed, 100) == line


def test_clean_text_keeps_paragraphs():
    assert clean_text(" 路灯不亮 \r\n\r\n\r\n\r\n已经三天\t了\x07 ", 100) == "路灯不亮\n\n已经三天 了"


@given(st.text(max_size=60), st.integers(0, 40))
def test_cleaning_is_bounded_and_repeatable(typed: str, most: int):
    for clean in (clean_line, clean_text):
        once = clean(typed, most)
        assert len(once) <= most
        assert clean(once, most) == once
        assert once == unicodedata.normalize("NFC", once)
        assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"} for c in once)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张湾区 五堰街道", "张湾区-五堰街道"),
        ("Minutes 2026/11/22.pdf", "minutes-2026-11-22-pdf"),
        ("../../etc/passwd", "etc-passwd"),
        ("！！", ""),
    ],
)
def test_slugs(name: str, expected: str):
    assert slug(name) == expected


def test_a_slug_is_bounded():
    assert slug("路灯 " * 50, 4) == "路灯-路"
    assert slug("路灯 " * 50, 3) == "路灯"
