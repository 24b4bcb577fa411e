"""Routes of places: codes on posters, the picker, and the desk's pages."""

from django.urls import path

from tongxin.web.places import calendar, edit, grids, imports, levels, posters, views

urlpatterns = [
    path("q/<str:code>", views.scanned, name="scanned"),
    path("areas/options/", views.options, name="area-options"),
    path("desk/places/", views.index, name="places"),
    path("desk/places/areas/<str:code>/", views.area, name="area"),
    path("desk/places/areas/<str:code>/edit/", edit.area, name="area-edit"),
    path("desk/places/areas/<str:code>/add/", edit.add, name="area-add"),
    path("desk/places/areas/<str:code>/grids/", grids.index, name="grids"),
    path("desk/places/areas/<str:code>/posters.pdf", posters.estate, name="posters"),
    path("desk/places/grids/<uuid:grid_id>/", grids.grid, name="grid"),
    path("desk/places/buildings/<uuid:building_id>/", views.building, name="building"),
    path("desk/places/buildings/<uuid:building_id>/edit/", edit.building, name="building-edit"),
    path("desk/places/units/<uuid:unit_id>/", views.unit, name="unit"),
    path("desk/places/units/<uuid:unit_id>/edit/", edit.unit, name="unit-edit"),
    path("desk/places/homes/<uuid:home_id>/", edit.home, name="home-edit"),
    path("desk/places/<str:kind>/<uuid:place_id>/poster.pdf", posters.one, name="poster"),
    path("desk/places/<str:kind>/<uuid:place_id>/stickers.pdf", posters.stickers, name="stickers"),
    path("desk/places/imports/", imports.index, name="imports"),
    path("desk/places/imports/template/<str:kind>.xlsx", imports.template, name="import-template"),
    path("desk/places/imports/<uuid:batch_id>/", imports.batch, name="import"),
    path("desk/places/imports/<uuid:batch_id>/problems.csv", imports.problems_file, name="import-problems"),
    path("desk/settings/levels/", levels.levels, name="levels"),
    path("desk/places/calendar/", calendar.calendar, name="work-calendar"),
]
