"""Kinds, ways, years: what holds of deputies."""

from datetime import UTC, datetime

import pytest

from tongxin.deputies import rules
from tongxin.kernel.errors import Conflict, Invalid


@pytest.mark.parametrize(
    ("title", "kind"),
    [("张湾区人大代表", "congress"), ("区政协委员", "consultative"), ("市党代表", "party"), ("", "congress")],
)
def test_the_kind_is_read_from_the_title_on_the_door(title, kind):
    assert rules.kind_of(title) == kind


def test_a_suggestion_filed_on_new_years_morning_belongs_to_the_new_year():
    assert rules.session_of(datetime(2026, 12, 31, 17, 0, tzinfo=UTC)) == "2027"


def test_an_opinion_has_words_and_not_too_many():
    assert rules.opinion_text("  公交站牌太远  ") == "公交站牌太远"
    for words in ("  ", "远" * 2001):
        with pytest.raises(Invalid):
            rules.opinion_text(words)


def test_a_deputy_does_not_say_that_it_was_written_on_the_page():
    assert rules.heard_way("meeting") is rules.Way.MEETING
    with pytest.raises(Invalid):
        rules.heard_way("page")


def test_an_opinion_goes_one_way_once():
    rules.check_open(gathered=False, set_aside=False)
    with pytest.raises(Conflict, match="in a suggestion"):
        rules.check_open(gathered=True, set_aside=False)
    with pytest.raises(Conflict, match="set aside"):
        rules.check_open(gathered=False, set_aside=True)
    with pytest.raises(Invalid):
        rules.why("  ")
