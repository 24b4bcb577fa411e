"""Phone and ID number as stored: checked, normalised, encrypted, with a keyed index to find an equal one by."""

from __future__ import annotations

from tongxin.kernel.errors import Invalid
from tongxin.kernel.identity import normalise_id_number, normalise_mobile, valid_id_number
from tongxin.record.keys import field_cipher

PHONE = "people.person.phone"
OPENID = "people.wechat.openid-sealed"
ID_NUMBER = "people.person.id_number"


def clean_phone(text: str) -> str:
    """Eleven digits, or nothing for nothing. Raises :class:`Invalid` for the field ``phone``."""
    if not text.strip():
        return ""
    try:
        return normalise_mobile(text)
    except Invalid as error:
        raise Invalid(error.message, field="phone", code=error.code) from None


def clean_id_number(text: str) -> str:
    """Eighteen characters with a right check character, or nothing for nothing. Raises :class:`Invalid`."""
    if not text.strip():
        return ""
    if not valid_id_number(text):
        raise Invalid("This is not an ID number.", field="id_number", code="invalid-id-number")
    return normalise_id_number(text)


def sealed(value: str, context: str) -> tuple[bytes | None, bytes | None]:
    """The cipher text and the blind index of a normalised value; two empty fields for nothing."""
    if not value:
        return None, None
    cipher = field_cipher()
    return cipher.encrypt(value, context), cipher.blind_index(value, context)


def opened(blob: bytes | memoryview | None, context: str) -> str:
    """The value in clear, or nothing. Only for masking and for readings that are on the record."""
    return field_cipher().decrypt(bytes(blob), context) if blob else ""


def phone_index(phone: str) -> bytes:
    """The index of a normalised phone number."""
    return field_cipher().blind_index(phone, PHONE)


def id_number_index(number: str) -> bytes:
    """The index of a normalised ID number."""
    return field_cipher().blind_index(number, ID_NUMBER)
