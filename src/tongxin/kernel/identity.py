"""Numbers that name persons and organisations: ID number, unified credit code, mobile phone."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tongxin.kernel.errors import Invalid

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
# GB/T 2260 provinces; 71 Taiwan, 81 Hong Kong, 82 Macau, 83 residence permits of Taiwan residents, 91 abroad.
_PROVINCES = frozenset(
    str(code)
    for codes in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66))
    for code in codes
) | {"71", "81", "82", "83", "91"}
_OLDEST_BIRTH_YEAR = 1880

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))

_MOBILE = re.compile(r"1[3-9][0-9]{9}")


class InvalidIdNumber(Invalid, ValueError):
    """Not an ID number of GB 11643."""


class InvalidMobile(Invalid, ValueError):
    """Not a mobile phone number of mainland China."""


def _folded(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip().upper()


def normalise_id_number(value: str) -> str:
    """The ID number in its stored form: half width, capital X, no spaces. Does not check it."""
    return re.sub(r"\s", "", _folded(value))


def _birth_date(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def valid_id_number(s: str, today: date | None = None) -> bool:
    """Whether `s` is a citizen's ID number of 18 characters (GB 11643): province, date of birth, check
    character.

    The birth must not lie after `today` (default: today in China). The numbers of 15 digits ended in 2013 and
    are refused.
    """
    number = normalise_id_number(s)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number) or number[:2] not in _PROVINCES:
        return False
    born = _birth_date(number)
    latest = today or datetime.now(ZoneInfo("Asia/Shanghai")).date()
    if born is None or born.year < _OLDEST_BIRTH_YEAR or born > latest:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return number[17] == _ID_CHECK[total % 11]


def _checked_id_number(s: str) -> str:
    number = normalise_id_number(s)
    # A birth in the future is for valid_id_number to judge; here only the number itself matters.
    if not valid_id_number(number, today=date.max):
        raise InvalidIdNumber("This is not an ID number.", code="invalid-id-number")
    return number


def id_birth_date(s: str) -> date:
    """The date of birth in an ID number. Raises InvalidIdNumber."""
    number = _checked_id_number(s)
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def id_is_female(s: str) -> bool:
    """Whether an ID number belongs to a woman: its 17th digit is even (GB 11643). Raises InvalidIdNumber."""
    return int(_checked_id_number(s)[16]) % 2 == 0


def valid_credit_code(s: str) -> bool:
    """Whether `s` is a unified social credit code of 18 characters (GB 32100-2015)."""
    code = _folded(s)
    if len(code) != 18 or any(character not in _CREDIT_ALPHABET for character in code):
        return False
    total = sum(
        _CREDIT_ALPHABET.index(character) * weight for character, weight in zip(code, _CREDIT_WEIGHTS, strict=False)
    )
    return code[17] == _CREDIT_ALPHABET[(31 - total % 31) % 31]


def normalise_mobile(s: str) -> str:
    """A mobile number as eleven digits; accepts +86, 0086, spaces, dashes, brackets and full-width digits.

    Raises InvalidMobile.
    """
    folded = unicodedata.normalize("NFKC", s)
    kept = "".join(
        c for c in folded if not c.isspace() and unicodedata.category(c) not in {"Cf", "Pd"} and c not in "().·"
    )
    number = re.sub(r"^(?:\+|00)?86(?=1[0-9]{10}$)", "", kept)
    if not _MOBILE.fullmatch(number):
        raise InvalidMobile("This is not a mobile number.", code="invalid-mobile")
    return number


def valid_mobile(s: str) -> bool:
    """Whether `normalise_mobile` accepts `s`."""
    try:
        normalise_mobile(s)
    except InvalidMobile:
        return False
    return True
