"""Hashes that a citizen with a receipt can recompute."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.kernel.hashing import (
    canonical_json,
    commit,
    inclusion_proof,
    merkle_root,
    new_salt,
    verify_inclusion,
)


class State(StrEnum):
    OPEN = "open"


def test_the_canonical_form():
    entry = {
        "verb": State.OPEN,
        "at": datetime(2026, 11, 22, 10, 30, tzinfo=timezone(timedelta(hours=8))),
        "day": date(2026, 11, 22),
        "id": UUID(int=7),
        "share": Fraction(2, 4),
        "area": Decimal("88.50"),
        "n": [1, True, None, (2,)],
        "地点": "五堰",
    }
    assert canonical_json(entry).decode() == (
        '{"area":"88.5","at":"2026-11-22T02:30:00.000000Z","day":"2026-11-22",'
        '"id":"00000000-0000-0000-0000-000000000007","n":[1,true,null,[2]],"share":"1/2","verb":"open","地点":"五堰"}'
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1.0", "1"),
        ("1E+2", "100"),
        ("-0.0", "0"),
        ("0.10", "0.1"),
        ("1000000000000000000000000000000.5", None),
    ],
)
def test_equal_decimals_are_written_alike(number: str, text: str | None):
    assert canonical_json(Decimal(number)) == f'"{text or number}"'.encode()


@pytest.mark.parametrize("wrong", [1.5, {"a": float("nan")}, b"x", {1, 2}, object(), {1: "a"}, {None: 1}])
def test_floats_and_strange_things_are_refused(wrong: object):
    with pytest.raises(TypeError):
        canonical_json(wrong)


@pytest.mark.parametrize("wrong", [datetime(2026, 11, 22), Decimal("NaN"), Decimal("1e5000"), "\ud800"])
def test_ambiguous_values_are_refused(wrong: object):
    with pytest.raises(ValueError):
        canonical_json(wrong)


values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(), st.uuids(), st.fractions(), st.dates(),
        st.datetimes(timezones=st.just(UTC)),
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-9999, max_value=9999),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(values)
def test_what_was_stored_as_json_hashes_the_same(value: object):
    written = canonical_json(value)
    assert canonical_json(json.loads(written)) == written


@given(st.dictionaries(st.text(), st.integers(), max_size=6))
def test_the_order_of_keys_does_not_matter(mapping: dict[str, int]):
    assert canonical_json(mapping) == canonical_json(dict(reversed(mapping.items())))


def test_commitments_bind_and_hide():
    salt = new_salt()
    assert commit({"name": "张秀英"}, salt) == commit({"name": "张秀英"}, salt)
    assert commit({"name": "张秀英"}, salt) != commit({"name": "张秀兰"}, salt)
    assert commit({"name": "张秀英"}, salt) != commit({"name": "张秀英"}, new_salt())
    assert len(bytes.fromhex(commit(None, salt))) == 32
    with pytest.raises(ValueError):
        commit("x", b"short")


# The test vectors of the certificate transparency reference implementation (merkletree tests).
CT_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_roots_of_certificate_transparency():
    assert merkle_root([]) == hashlib.sha256(b"").digest()
    assert [merkle_root(CT_LEAVES[: n + 1]).hex() for n in range(8)] == CT_ROOTS


def rfc_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + rfc_root(leaves[:split]) + rfc_root(leaves[split:])).digest()


trees = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


@given(trees)
def test_the_root_is_that_of_the_rfc(leaves: list[bytes]):
    assert merkle_root(leaves) == rfc_root(leaves)


@given(trees, st.data())
def test_every_leaf_is_proved_and_nothing_else(leaves: list[bytes], data: st.DataObject):
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root, size = inclusion_proof(leaves, index), merkle_root(leaves), len(leaves)
    assert verify_inclusion(leaves[index], index, size, proof, root)
    assert not verify_inclusion(leaves[index] + b"!", index, size, proof, root)
    assert not verify_inclusion(leaves[index], index, size, [*proof, b"\x00" * 32], root)
    assert not verify_inclusion(leaves[index], index, size, proof, hashlib.sha256(root).digest())
    if proof:
        assert not verify_inclusion(leaves[index], index, size, proof[:-1], root)
    other = data.draw(st.integers(0, len(leaves) - 1))
    if leaves[other] != leaves[index]:
        assert not verify_inclusion(leaves[index], other, size, proof, root)


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_not_there(index: int):
    with pytest.raises(IndexError):
        inclusion_proof([b"a", b"b", b"c"], index)
    assert not verify_inclusion(b"a", index, 3, [], merkle_root([b"a", b"b", b"c"]))


def test_a_node_is_no_leaf():
    left, right = (hashlib.sha256(b"\x00" + leaf).digest() for leaf in (b"a", b"b"))
    assert merkle_root([left + right]) != merkle_root([b"a", b"b"])
