"""What the levels of the tree are called is data, decided at the top of the installation."""

import pytest

from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.places import operations, queries
from tongxin.places.tests.conftest import NOW, worker
from tongxin.record.models import Entry


def test_the_top_calls_its_levels_otherwise_and_the_codes_stay(town):
    top = worker("何局长", town.city.path)
    names = {"street": ("镇", "Town"), "community": ("村", "Village")}
    assert operations.rename_levels(top, names, NOW) == ["street", "community"]
    assert [(row.code, row.name) for row in queries.levels()][2:4] == [("street", "镇"), ("community", "村")]
    assert Entry.objects.get(verb="levels.renamed").data == {
        "levels": {"street": ["镇", "Town"], "community": ["村", "Village"]}
    }
    assert queries.picker_options(town.county.code, NOW)[0] == "Town"
    assert queries.picker_options(town.county.code, NOW, english=False)[0] == "镇"
    assert operations.rename_levels(top, names, NOW) == []
    assert Entry.objects.filter(verb="levels.renamed").count() == 1


def test_names_are_there_and_differ(town):
    for names, why in (
        ({"street": ("", "Town")}, Invalid),
        ({"street": ("镇", " ")}, Invalid),
        ({"hamlet": ("屯", "Hamlet")}, Invalid),
        ({"street": ("市", "Town")}, Conflict),
        ({"street": ("镇", "City")}, Conflict),
    ):
        with pytest.raises(why):
            operations.rename_levels(SYSTEM, names, NOW)
    assert not Entry.objects.filter(verb="levels.renamed").exists()


def test_a_street_does_not_name_the_levels_of_the_city(town):
    for path in (town.street.path, town.county.path):
        with pytest.raises(NotAllowed):
            operations.rename_levels(worker("街道", path), {"street": ("镇", "Town")}, NOW)
    assert queries.keeps_all_places(worker("何局长", town.city.path), NOW)
    assert not queries.keeps_all_places(worker("街道", town.street.path), NOW)
