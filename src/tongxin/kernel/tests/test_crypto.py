"""Fields open only with their key and in their place; indexes and signatures betray nothing."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.kernel.crypto import (
    HASH,
    BadSignature,
    DecryptionFailed,
    FieldCipher,
    decode_key,
    digest,
    sign,
    unsign,
)
from tongxin.kernel.errors import DomainError

KEY = bytes(range(32))
CIPHER = FieldCipher(KEY)
PHONE = "people.person.phone"


@given(st.text(), st.text(max_size=20))
def test_what_is_encrypted_opens_again(plaintext: str, context: str):
    assert CIPHER.decrypt(CIPHER.encrypt(plaintext, context), context) == plaintext


def test_equal_numbers_look_different():
    assert CIPHER.encrypt("13812345678", PHONE) != CIPHER.encrypt("13812345678", PHONE)
    assert b"138" not in CIPHER.encrypt("13812345678", PHONE)


def test_another_place_or_key_does_not_open_it():
    blob = CIPHER.encrypt("13812345678", PHONE)
    with pytest.raises(DecryptionFailed):
        CIPHER.decrypt(blob, "people.person.id_number")
    with pytest.raises(DecryptionFailed):
        FieldCipher(bytes(32)).decrypt(blob, PHONE)


@given(st.integers(0, 39), st.integers(1, 255))
def test_any_altered_byte_is_noticed(place: int, by: int):
    blob = bytearray(CIPHER.encrypt("13812345678", PHONE))
    blob[place] ^= by
    with pytest.raises(DecryptionFailed):
        CIPHER.decrypt(bytes(blob), PHONE)


@given(st.binary(max_size=60))
def test_garbage_is_refused(blob: bytes):
    with pytest.raises(DecryptionFailed):
        CIPHER.decrypt(blob, PHONE)


def test_a_memoryview_from_the_database_opens():
    assert CIPHER.decrypt(memoryview(CIPHER.encrypt("张秀英", PHONE)), PHONE) == "张秀英"


def test_blind_indexes_find_equals_in_one_place_only():
    index = CIPHER.blind_index("13812345678", PHONE)
    assert len(index) == 32
    assert index == FieldCipher(KEY).blind_index("13812345678", PHONE)
    assert index != CIPHER.blind_index("13812345679", PHONE)
    assert index != CIPHER.blind_index("13812345678", "people.person.id_number")
    assert index != FieldCipher(bytes(32)).blind_index("13812345678", PHONE)
    assert CIPHER.blind_index("b", "a") != CIPHER.blind_index("", "ab")


def test_a_short_key_is_refused_and_no_key_is_printed():
    with pytest.raises(ValueError):
        FieldCipher(b"short")
    assert repr(CIPHER) == "FieldCipher(…)"


@given(st.text(max_size=40), st.text(max_size=20))
def test_signed_values_come_back(value: str, context: str):
    assert unsign(sign(value, KEY, context), KEY, context) == value


@pytest.mark.parametrize(
    "mangled",
    ["", ".", "file-42", "file-43.{sig}", "file-42.{sig}x", "file-42.", "\ud800.{sig}", "file-42.\ud800"],
)
def test_a_mangled_link_is_refused(mangled: str):
    signature = sign("file-42", KEY, "files.download").rpartition(".")[2]
    with pytest.raises(BadSignature) as refused:
        unsign(mangled.replace("{sig}", signature), KEY, "files.download")
    assert isinstance(refused.value, DomainError)


def test_a_signature_holds_for_one_use_and_key():
    link = sign("file-42", KEY, "files.download")
    with pytest.raises(BadSignature):
        unsign(link, KEY, "cases.progress")
    with pytest.raises(BadSignature):
        unsign(link, bytes(32), "files.download")


def test_the_hash_of_the_installation():
    assert HASH == "sha256"
    assert digest(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_another_hash_can_be_chosen_in_one_place(monkeypatch: pytest.MonkeyPatch):
    blob = CIPHER.encrypt("13812345678", PHONE)
    index = CIPHER.blind_index("13812345678", PHONE)
    monkeypatch.setattr("tongxin.kernel.crypto.HASH", "sha512_256")
    # Fields stay readable, indexes have to be made again.
    assert FieldCipher(KEY).decrypt(blob, PHONE) == "13812345678"
    assert FieldCipher(KEY).blind_index("13812345678", PHONE) != index
    assert digest(b"abc").hex().startswith("53048e2681941ef9")


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode().rstrip("="),
        f" {KEY.hex()}\n",
    ],
)
def test_keys_from_settings(text: str):
    assert decode_key(text) == KEY


@pytest.mark.parametrize("text", ["", "secret", "x" * 64 + "!", base64.b64encode(b"short").decode()])
def test_what_is_no_key(text: str):
    with pytest.raises(ValueError):
        decode_key(text)
