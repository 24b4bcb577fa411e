"""ID numbers, credit codes and mobile numbers as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.kernel.errors import DomainError
from tongxin.kernel.identity import (
    InvalidIdNumber,
    InvalidMobile,
    id_birth_date,
    id_is_female,
    normalise_mobile,
    valid_credit_code,
    valid_id_number,
    valid_mobile,
)

# The example of GB 11643-1999.
EXAMPLE = "11010519491231002X"


def test_the_standards_own_example():
    assert valid_id_number(EXAMPLE)
    assert id_birth_date(EXAMPLE) == date(1949, 12, 31)
    assert id_is_female(EXAMPLE)


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_spaces_width_and_case_do_not_matter(typed: str):
    assert valid_id_number(typed)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "110105194912310021",  # wrong check character
        "11010519490231002X",  # 31 February
        "99010519491231002X",  # no such province
        "110105491231002",  # fifteen digits
        "１１０１０５١٩٤٩١٢٣١٠٠٢X",  # other scripts' digits
        "X1010519491231002X",
    ],
)
def test_what_is_no_id_number(number: str):
    assert not valid_id_number(number)


def test_nobody_is_born_after_today():
    assert valid_id_number(EXAMPLE, today=date(1949, 12, 31))
    assert not valid_id_number(EXAMPLE, today=date(1949, 12, 30))


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(place: int, by: int):
    wrong = str((int(EXAMPLE[place]) + by) % 10)
    assert not valid_id_number(EXAMPLE[:place] + wrong + EXAMPLE[place + 1 :])


def test_reading_a_wrong_number_is_an_error():
    with pytest.raises(InvalidIdNumber):
        id_birth_date("110105194912310021")
    with pytest.raises(InvalidIdNumber):
        id_is_female("张秀英")


def test_credit_codes():
    assert valid_credit_code("91350100M000100Y43")
    assert valid_credit_code(" 91350100m000100y43")
    assert not valid_credit_code("91350100M000100Y44")
    assert not valid_credit_code("91350100I000100Y43")  # the alphabet has no I
    assert not valid_credit_code("91350100M000100Y4")


@pytest.mark.parametrize(
    "typed",
    ["13812345678", "+86 138 1234 5678", "0086-138-1234-5678", "8613812345678", "１３８１２３４５６７８",
     "138\u200b12345678",
     "(138) 1234－5678"],
)  # fmt: skip
def test_a_mobile_number_however_typed(typed: str):
    assert normalise_mobile(typed) == "13812345678"


@pytest.mark.parametrize(
    "typed", ["", "12812345678", "1381234567", "138123456789", "0719-8651234", "张秀英", "+1 13812345678"]
)
def test_what_is_no_mobile_number(typed: str):
    assert not valid_mobile(typed)
    with pytest.raises(InvalidMobile):
        normalise_mobile(typed)


def test_a_refusal_can_be_shown_to_the_person():
    with pytest.raises(DomainError) as refused:
        normalise_mobile("110")
    assert refused.value.status == 422
    assert refused.value.code == "invalid-mobile"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_normalised_number_stays_as_it_is(number: str):
    assert normalise_mobile(number) == number
