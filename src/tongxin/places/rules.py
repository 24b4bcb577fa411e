"""Pure rules of places: paths of the area tree, names and their order, and the rows of the two imports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

ESTATE_LEVEL: Final = "estate"
COMMUNITY_LEVEL: Final = "community"

LEVELS: Final = (
    # code, name, English name; the rank is the place in this list. Another city brings its own (see ensure_levels).
    ("city", "市", "City"),
    ("county", "区县", "County"),
    ("street", "街道（乡镇）", "Street or township"),
    ("community", "社区（村）", "Community or village"),
    ("estate", "小区（组）", "Estate or group"),
)

NAME_MAX = 40
MAX_FLOOR_AREA = Decimal("99999999.99")
MIN_FLOOR, MAX_FLOOR = -9, 200
MOST_STICKERS = 600
"""Door stickers in one document: a tower of 30 floors with 20 homes each."""


def N_(text: str) -> str:
    """Marks a text for translation; whoever shows it translates it."""
    return text


def local_day(now: datetime) -> date:
    """The day in Asia/Shanghai: effective dates are days there."""
    return now.astimezone(SHANGHAI).date()


# Paths: every code from the top, each followed by a slash ("4203/420303/").


def child_path(parent_path: str, code: str) -> str:
    """The path of the area ``code`` below ``parent_path`` (empty for the top)."""
    return f"{parent_path}{code}/"


def codes_of(path: str) -> list[str]:
    """The codes on a path, from the top."""
    return path.split("/")[:-1]


def depth_of(path: str) -> int:
    """0 for the top."""
    return path.count("/") - 1


def lineage_paths(path: str) -> list[str]:
    """The paths of all areas from the top down to this one."""
    codes = codes_of(path)
    return ["/".join(codes[: i + 1]) + "/" for i in range(len(codes))]


def is_within(path: str, ancestor: str) -> bool:
    """Whether ``path`` is ``ancestor`` or lies below it."""
    return path.startswith(ancestor)


def moved_path(path: str, old_root: str, new_root: str) -> str:
    """The path of an area below ``old_root`` after that root became ``new_root``."""
    if not path.startswith(old_root):
        raise ValueError(f"{path} does not lie in {old_root}")
    return new_root + path[len(old_root) :]


def after_prefix(prefix: str) -> str:
    """The first text that sorts after everything beginning with ``prefix``: turns a prefix into an index range."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


# Names and their order.

_CHINESE_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


def _chinese_number(text: str) -> str:
    """``十二`` as ``12``; texts of more than two tens are left alone."""
    if re.fullmatch(r"[一二三四五六七八九]?十[一二三四五六七八九]?", text):
        tens, _, ones = text.partition("十")
        return str(_CHINESE_DIGITS.get(tens, 1) * 10 + _CHINESE_DIGITS.get(ones, 0))
    return str(_CHINESE_DIGITS[text]) if text in _CHINESE_DIGITS else text


def natural_key(name: str) -> str:
    """A text by which names sort as people count: 3号楼 before 10号楼, 二单元 before 十单元; at most 80 characters."""
    folded = unicodedata.normalize("NFKC", name).lower()
    folded = re.sub(r"[零〇一二两三四五六七八九十]+", lambda m: _chinese_number(m[0]), folded)
    return re.sub(r"\d+", lambda m: m[0].lstrip("0").rjust(6, "0"), folded)[:80]


def floor_of_room(room: str) -> int | None:
    """The floor that a room number tells: 302 → 3, 1-1101 → 11, B102 and 负102 → -1; None where it tells nothing."""
    folded = unicodedata.normalize("NFKC", room).upper()
    match = re.fullmatch(r"(.*?)(\d{3,4})(?:室|号|房)?", folded)
    if not match or (match[1] and match[1][-1].isdigit()):
        return None
    floor = int(match[2][:-2])
    if floor == 0:
        return None
    below = re.search(r"(?:地下|负|B|^-)$", match[1])
    return -floor if below else floor


def common_name(official: str) -> str:
    """The name that people use: 顾家岗社区居委会 → 顾家岗社区, 岔河村委会 → 岔河村, 土门村村委会 → 土门村."""
    name = official.strip()
    if match := re.fullmatch(r"(.+?)(?:居民委员会?|居委会)", name):
        return match[1] if re.search("(村|社区)$", match[1]) else f"{match[1]}社区"
    if match := re.fullmatch(r"(.+?)村?(?:村民委员会|村委会)", name):
        return f"{match[1]}村"
    return name


def is_village(official: str) -> bool:
    """Whether a division of the community level is a village 村 rather than an urban community 社区."""
    return re.search(r"村(?:民委员会|委会)?$", official.strip()) is not None


# GB 2312's first plane (3,755 common characters) is in the order of pinyin: the first code of each initial.
_INITIALS: Final = (
    (0xB0A1, "A"), (0xB0C5, "B"), (0xB2C1, "C"), (0xB4EE, "D"), (0xB6EA, "E"), (0xB7A2, "F"), (0xB8C1, "G"),
    (0xB9FE, "H"), (0xBBF7, "J"), (0xBFA6, "K"), (0xC0AC, "L"), (0xC2E8, "M"), (0xC4C3, "N"), (0xC5B6, "O"),
    (0xC5BE, "P"), (0xC6DA, "Q"), (0xC8BB, "R"), (0xC8F6, "S"), (0xCBFA, "T"), (0xCDDA, "W"), (0xCEF4, "X"),
    (0xD1B9, "Y"), (0xD4D1, "Z"), (0xD7FA, ""),
)  # fmt: skip


def initials(name: str, most: int = 3) -> str:
    """Pinyin initials of a name's common characters: 五堰 → WY. Rare characters are passed over."""
    letters = []
    for character in unicodedata.normalize("NFKC", name).upper():
        if character.isascii() and character.isalpha():
            letters.append(character)
            continue
        encoded = character.encode("gb2312", errors="ignore")
        number = int.from_bytes(encoded, "big") if len(encoded) == 2 else 0
        letters.append(next((letter for first, letter in reversed(_INITIALS) if number >= first), ""))
    return "".join(letters)[:most]


def number_prefix(name: str, taken: Collection[str]) -> str:
    """A free prefix of case numbers for a community: initials of its name, with a number where others have them."""
    stem = initials(re.sub(r"(社区|村)$", "", name)) or "X"
    stem = stem if len(stem) > 1 else f"{stem}Q"
    prefix, number = stem, 2
    while prefix in taken:
        prefix, number = f"{stem}{number}", number + 1
    return prefix


NUMBER_PREFIX_PATTERN: Final = r"[A-Z][A-Z0-9]{1,5}"
CODE_PATTERN: Final = r"[0-9A-Za-z]{1,24}"


def next_code(parent_code: str, taken: Iterable[str], width: int = 3) -> str:
    """The code of a new area below ``parent_code``: the parent's code and the next free number."""
    numbers = [
        int(code[len(parent_code) :])
        for code in taken
        if code.startswith(parent_code) and code[len(parent_code) :].isdigit()
    ]
    return f"{parent_code}{max(numbers, default=0) + 1:0{width}d}"


# Rows of imports.


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken: the column, and an English message id with its values."""

    column: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HomeRow:
    """A checked row of the import of homes. ``floor_area`` is square metres as text with at most two decimals."""

    estate: str
    building: str
    unit: str
    home: str
    floor: int | None
    floor_area: str | None
    use: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Two rows with the same key are the same home."""
        return (self.estate, self.building, self.unit, self.home)


USES: Final = {
    "": "dwelling",
    "住宅": "dwelling",
    "住房": "dwelling",
    "居住": "dwelling",
    "自住": "dwelling",
    "dwelling": "dwelling",
    "商铺": "shop",
    "商业": "shop",
    "门面": "shop",
    "店铺": "shop",
    "shop": "shop",
    "其他": "other",
    "其它": "other",
    "车库": "other",
    "车位": "other",
    "储藏室": "other",
    "办公": "other",
    "other": "other",
}


def parse_floor_area(text: str) -> Decimal | None:
    """Square metres with at most two decimals, or None for an empty cell. Raises ValueError with a message id."""
    cleaned = re.sub(r"(平方米|平米|㎡|m2|m²)$", "", unicodedata.normalize("NFKC", text).strip().replace(",", ""))
    if not cleaned:
        return None
    try:
        area = Decimal(cleaned.strip())
    except InvalidOperation:
        raise ValueError(N_("The floor area is not a number.")) from None
    if not area.is_finite():
        raise ValueError(N_("The floor area is not a number."))
    if area <= 0 or area > MAX_FLOOR_AREA:
        raise ValueError(N_("The floor area must be above zero and below 100 million."))
    if area != area.quantize(Decimal("0.01")):
        raise ValueError(N_("The floor area has at most two decimals."))
    return area.quantize(Decimal("0.01"))


def parse_floor(text: str) -> int | None:
    """A floor such as 3, 3层, 负1 or B1, or None for an empty cell. Raises ValueError with a message id."""
    cleaned = unicodedata.normalize("NFKC", text).strip().upper()
    if not cleaned:
        return None
    match = re.fullmatch(r"(-|负|B|地下)?第?(\d{1,3})(?:层|楼|F)?", cleaned)
    floor = 0 if match is None else int(match[2]) * (-1 if match[1] else 1)
    if match is None or not MIN_FLOOR <= floor <= MAX_FLOOR:
        raise ValueError(N_("The floor is not a number from -9 to 200."))
    return floor


def check_home_row(cells: Mapping[str, str], estate: str | None) -> tuple[HomeRow | None, list[Problem]]:
    """A row of the import of homes: the row, or why not.

    ``estate`` is the name of the only estate that the file may speak of, or None where each row names its own.
    """
    problems: list[Problem] = []

    def name(column: str, message: str) -> str:
        text = " ".join(unicodedata.normalize("NFKC", cells.get(column, "")).split())
        if not text and message:
            problems.append(Problem(column, message))
        if len(text) > NAME_MAX:
            problems.append(Problem(column, N_("This has more than %(limit)d characters."), {"limit": NAME_MAX}))
        return text

    def parsed(column: str, parse: Any) -> Any:
        try:
            return parse(cells.get(column, ""))
        except ValueError as error:
            problems.append(Problem(column, str(error)))
            return None

    said = name("estate", "" if estate else N_("The estate is missing."))
    if estate and said and said != estate:
        problems.append(Problem("estate", N_("This row speaks of another estate than %(estate)s."), {"estate": estate}))
    building = name("building", N_("The building is missing."))
    unit = name("unit", "")
    home = name("home", N_("The room number is missing."))
    floor = parsed("floor", parse_floor)
    area = parsed("floor_area", parse_floor_area)
    use = USES.get(unicodedata.normalize("NFKC", cells.get("use", "")).strip().lower())
    if use is None:
        problems.append(Problem("use", N_("The use is one of 住宅, 商铺, 其他.")))
    if problems:
        return None, problems
    floor = floor if floor is not None else floor_of_room(home)
    row = HomeRow(estate or said, building, unit, home, floor, None if area is None else str(area), use or "")
    return row, []


@dataclass(frozen=True, slots=True)
class Division:
    """An administrative division as the National Bureau of Statistics lists it."""

    level: str
    code: str
    official_name: str
    parent_code: str


DIVISION_LEVELS: Final = {
    "city": "city",
    "county": "county",
    "street": "street",
    "village": "community",
    "community": "community",
}
DIVISION_COLUMNS: Final = ("level", "code", "name", "parent_code")


def check_division(cells: Mapping[str, str | None]) -> Division:
    """A row of a file of divisions. Raises ValueError with an English sentence."""
    level, code, name, parent = ((cells.get(column) or "").strip() for column in DIVISION_COLUMNS)
    if level not in DIVISION_LEVELS:
        raise ValueError(f"unknown level {level!r}")
    if not re.fullmatch(CODE_PATTERN, code):
        raise ValueError(f"{code!r} is not a code")
    if not name or len(name) > 80:
        raise ValueError("the name is missing or longer than 80 characters")
    return Division(DIVISION_LEVELS[level], code, name, parent)
