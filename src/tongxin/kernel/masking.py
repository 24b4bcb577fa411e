"""Masking of personal data in texts that become public (个人信息保护法 6, 25, 28).

When in doubt it masks: a masked harmless number is a nuisance, a published telephone number cannot be called
back. Case numbers, dates and ordinary amounts stay readable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from tongxin.kernel.ids import CASE_NUMBER_PATTERN

# What people put between digits: spaces of every width, dashes, low lines, middle dots, brackets, invisible
# characters.
_INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_BETWEEN = rf"[ \t\u00a0\u2000-\u200a\u202f\u3000\-\u2010-\u2015\u2212_·•~()（）{_INVISIBLE}]{{0,3}}"
_SPACES = rf"[ \t\u00a0\u3000{_INVISIBLE}]{{0,3}}"

_CASE_NUMBER = re.compile(rf"(?<![0-9A-Za-z]){CASE_NUMBER_PATTERN}(?![0-9A-Za-z])")
# Years 19xx are left to the rules below: they begin like a mobile number, and such days are mostly births.
_DATE = re.compile(r"(?<!\d)20\d\d[-./年](?:0?[1-9]|1[0-2])[-./月](?:0?[1-9]|[12]\d|3[01])(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_CHAT_NAME = re.compile(
    r"(?:微信号?|薇信|威信|wechat|weixin|(?<![A-Za-z0-9])(?:wx|vx)|QQ号?|扣扣)(?:号码|账号|名|ID)?"
    r"[\s:：=是为]{0,4}(?P<name>[A-Za-z][A-Za-z0-9_-]{5,19}|[1-9]\d{4,11})(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_ID_DIGITS = [
    *[r"[1-9]", *[r"\d"] * 5],  # where it was issued
    *["[12]", "[089]", r"\d", r"\d", "[01]", r"\d", "[0-3]", r"\d"],  # the day of birth
    *[*[r"\d"] * 3, r"[\dXx]"],
]
_ID_NUMBER = re.compile(rf"(?<!\d){_BETWEEN.join(_ID_DIGITS)}(?!\d)")
_LONG_NUMBER = re.compile(r"(?<!\d)\d{15,19}[Xx]?(?!\d)")
_GROUPED_CARD = re.compile(rf"(?<!\d)\d{{4}}(?:{_BETWEEN}\d{{4}}){{3}}(?:{_BETWEEN}\d{{1,3}})?(?!\d)")
_LANDLINE = re.compile(
    rf"(?<!\d)[(（]?(?:010|02\d|0[3-9]\d\d){_BETWEEN}[2-9]\d{{2,3}}{_BETWEEN}\d{{4}}(?:-\d{{1,6}})?(?!\d)"
)
_SPOKEN_OF_LANDLINE = re.compile(
    r"(?:电话|座机|固话|(?<![a-z])tel)[\s:：.是为]{0,4}(?P<name>[2-9]\d{2,3}[- ]?\d{4})(?!\d)", re.IGNORECASE
)
_SEPARATED_MOBILE = re.compile(rf"(?<!\d)1{_BETWEEN}[3-9](?:{_BETWEEN}\d){{9}}(?!\d)")
_DOTTED_MOBILE = re.compile(r"(?<!\d)1[3-9]\d\.\d{4}\.\d{4}(?!\d)")
_BARE_MOBILE = re.compile(rf"1[{_INVISIBLE}]*[3-9](?:[{_INVISIBLE}]*\d){{9}}")
_SPELT_NUMBER = re.compile(r"[〇零一二三四五六七八九幺]{11,}")
_PLATE = re.compile(
    rf"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]{_SPACES}[A-HJ-NP-Za-hj-np-z]{_SPACES}[·•.\-]?{_SPACES}"
    r"(?=(?:[A-Za-z]{0,5}\d){2})[A-Za-z0-9]{4,5}[A-Za-z0-9挂学警港澳](?![A-Za-z0-9])"
)

_COMPOUND = (
    "欧阳司马上官诸葛司徒东方皇甫尉迟公孙慕容令狐宇文长孙司空夏侯轩辕端木南宫呼延独孤百里东郭西门申屠"
    "澹台公冶宗政濮阳淳于单于太叔仲孙鲜于闾丘钟离赫连拓跋完颜纳兰第五梁丘左丘东门南门羊舌微生"
)
_COMPOUND_SURNAMES = frozenset(_COMPOUND[i : i + 2] for i in range(0, len(_COMPOUND), 2))


def _folded(text: str) -> str:
    """`text`, character for character, with digits of every script and full-width letters as ASCII."""
    return text if text.isascii() else text.translate(_FOLDED)


class _Folded(dict[int, str]):
    """What each character becomes, found out when it is first met; a text is folded again and again."""

    def __missing__(self, code: int) -> str:
        folded = chr(code)
        if code >= 0x80 and (digit := unicodedata.digit(folded, None)) is not None:
            folded = str(digit)
        elif 0xFF01 <= code <= 0xFF5E:
            folded = chr(code - 0xFEE0)
        if len(self) >= _MOST_FOLDED:
            self.clear()
        self[code] = folded
        return folded


_MOST_FOLDED = 20_000
_FOLDED = _Folded()


def _starred(original: str, keep_first: int, keep_last: int) -> str:
    """The letters and digits of `original`, all but the outer ones starred; what separates them goes."""
    kept = "".join(c for c in original if c.isalnum())
    hidden = max(len(kept) - keep_first - keep_last, 0)
    return kept[:keep_first] + "*" * hidden + kept[keep_first + hidden :]


def _luhn(digits: str) -> bool:
    doubled = (int(c) * 2 if i % 2 else int(c) for i, c in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _mask_card(original: str) -> str:
    digits = "".join(c for c in _folded(original) if c.isdigit())
    # Four-digit amounts in a row look alike; only the check digit tells them from a card.
    return _starred(original, 3, 4) if _luhn(digits) else original


def _mask_email(original: str) -> str:
    return f"{original[0]}***{original[re.search('[@＠]', original).start() :]}"  # type: ignore[union-attr]


def _mask_plate(original: str) -> str:
    kept = "".join(c for c in original if c.isalnum())
    return kept[:2] + "*" * (len(kept) - 2)


_RULES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_EMAIL, _mask_email),
    (_CHAT_NAME, lambda s: _starred(s, 1, 0)),
    (_ID_NUMBER, lambda s: _starred(s, 3, 4)),
    (_LONG_NUMBER, lambda s: _starred(s, 3, 4)),
    (_GROUPED_CARD, _mask_card),
    (_PLATE, _mask_plate),
    (_LANDLINE, lambda s: mask_phone(s)),
    (_SPOKEN_OF_LANDLINE, lambda s: mask_phone(s)),
    (_DOTTED_MOBILE, lambda s: _starred(s, 3, 4)),
    (_SEPARATED_MOBILE, lambda s: _starred(s, 3, 4)),
    (_SPELT_NUMBER, lambda s: _starred(s, 3, 4)),
)


# What every rule needs, so that most texts need no rule: a letter or an at sign, five digits, or a number in words.
_LETTER_OR_AT = re.compile(r"[A-Za-z@Ａ-Ｚａ-ｚ＠]", re.IGNORECASE)  # as generous with case as the rules are
_FEW_DIGITS = 4


def _harmless(text: str) -> bool:
    """True if no rule can find anything in the text."""
    if _LETTER_OR_AT.search(text) is not None or _SPELT_NUMBER.search(text) is not None:
        return False
    return sum(map(str.isdigit, text)) <= _FEW_DIGITS


def _without_harmless(folded: str) -> str:
    """`folded` with case numbers and dates blotted out, so that no rule takes them for part of a number."""
    for rule in (_CASE_NUMBER, _DATE):
        folded = rule.sub(lambda match: "\0" * len(match.group()), folded)
    return folded


def _replaced(text: str, seen: str, pattern: re.Pattern[str], mask: Callable[[str], str]) -> str:
    """`text` masked where `pattern` (or its group `name`) matches in `seen`, which is as long as `text`."""
    group = "name" if "name" in pattern.groupindex else 0
    parts, at = [], 0
    for match in pattern.finditer(seen):
        begins, ends = match.span(group)
        parts += [text[at:begins], mask(text[begins:ends])]
        at = ends
    return "".join([*parts, text[at:]])


def mask_text(text: str) -> str:
    """`text` fit for the public: no telephone, ID, bank card or plate numbers, no e-mail or chat addresses.

    Also when written with spaces, dashes, invisible characters, full-width digits or in Chinese numerals.
    Whatever surrounds it, no unbroken mobile number remains. Two things it cannot know: a number broken up so
    that it holds a written day of this century (138-2026-11-22) reads as a figure and a day, and names are
    not recognised, see `mask_name`.
    """
    if _harmless(text):
        return text
    seen = _without_harmless(_folded(text))
    for pattern, mask in _RULES:
        if pattern.search(seen) is not None:
            text = _replaced(text, seen, pattern, mask)
            seen = _without_harmless(_folded(text))
    # The last digits shown of one number can make another with those that follow, so this is repeated. Every
    # round takes digits away, hence it ends.
    while _BARE_MOBILE.search(folded := _folded(text)):
        text = _replaced(text, folded, _BARE_MOBILE, lambda s: _starred(s, 3, 4))
    return text


def mask_name(name: str) -> str:
    """A name with its surname shown: 张秀英 → 张**, 欧阳修 → 欧阳*; other names keep their first letter
    (买买提·艾力 → 买**·**)."""
    name = " ".join(name.split())
    if not name:
        return ""
    compound = len(name) > 2 and name[:2] in _COMPOUND_SURNAMES
    shown = 2 if compound else 1
    if len(name) == 1:
        return "*"
    return name[:shown] + "".join(c if c in "·•・." or c.isspace() else "*" for c in name[shown:])


def mask_phone(phone: str) -> str:
    """A telephone number with its middle hidden: 13812345678 → 138****5678, 0719-8651234 → 0719***1234."""
    digits = "".join(c for c in _folded(phone) if c.isdigit())
    if digits.startswith("86") and len(digits) == 13:
        digits = digits[2:]
    if len(digits) == 11 and digits[0] == "1":
        return _starred(digits, 3, 4)
    area = 3 if digits.startswith(("01", "02")) else 4 if digits.startswith("0") else 0
    return _starred(digits, area, min(4, max(len(digits) - area - 3, 0)))


def mask_id(number: str) -> str:
    """An ID number with its first three and last four characters: 420***********1234."""
    return _starred(number, 3, 4) if len(number) > 10 else "*" * len(number)
