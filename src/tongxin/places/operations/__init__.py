"""The verbs of places. Each asks the policy, writes its rows and the record's entry in one transaction."""

from tongxin.places.operations.areas import (
    add_area,
    close_area,
    move_area,
    rename_area,
    set_number_prefix,
    set_position,
    set_shape,
)
from tongxin.places.operations.buildings import (
    add_building,
    add_home,
    add_unit,
    edit_building,
    edit_home,
    edit_unit,
    remove_building,
    remove_home,
    remove_unit,
)
from tongxin.places.operations.calendar import confirm_year, set_calendar_day
from tongxin.places.operations.codes import ensure_codes_of_estate, ensure_codes_of_homes, ensure_place_code
from tongxin.places.operations.divisions import import_divisions
from tongxin.places.operations.grids import assign_buildings_to_grid, close_grid, make_grid, rename_grid
from tongxin.places.operations.levels import rename_levels

__all__ = [
    "add_area",
    "add_building",
    "add_home",
    "add_unit",
    "assign_buildings_to_grid",
    "close_area",
    "close_grid",
    "confirm_year",
    "edit_building",
    "edit_home",
    "edit_unit",
    "ensure_codes_of_estate",
    "ensure_codes_of_homes",
    "ensure_place_code",
    "import_divisions",
    "make_grid",
    "move_area",
    "remove_building",
    "remove_home",
    "remove_unit",
    "rename_area",
    "rename_grid",
    "rename_levels",
    "set_calendar_day",
    "set_number_prefix",
    "set_position",
    "set_shape",
]
