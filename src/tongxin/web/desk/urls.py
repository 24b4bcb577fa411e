"""Routes of the desk for cases."""

from django.urls import path

from tongxin.web.desk import (
    call_views,
    case_views,
    entry_views,
    parties_views,
    practice_views,
    queue_views,
    settings_views,
    triage_views,
)

urlpatterns = [
    path("desk/", queue_views.index, name="desk"),
    path("desk/filter/", queue_views.filters, name="desk-filter"),
    path("desk/filter/keep/", queue_views.save_filter, name="desk-filter-keep"),
    path("desk/map/", queue_views.on_map, name="desk-map"),
    path("desk/points/", queue_views.points, name="desk-points"),
    path("desk/many/", queue_views.many, name="desk-many"),
    path("desk/export/", queue_views.take_away, name="desk-export"),
    path("desk/new/", entry_views.new, name="desk-new"),
    path("desk/new/guess/", entry_views.guess, name="desk-guess"),
    path("desk/callbacks/", call_views.calls, name="desk-calls"),
    path("desk/callbacks/export/", call_views.take_away, name="desk-calls-export"),
    path("desk/callbacks/<uuid:call_id>/", call_views.call, name="desk-call"),
    path("desk/petitions/", call_views.petitions, name="desk-petitions"),
    path("desk/cases/<str:number>/", case_views.case, name="desk-case"),
    path("desk/cases/<str:number>/phone/<uuid:party>/", case_views.phone, name="desk-phone"),
    path("desk/cases/<str:number>/photos/<uuid:photo_id>/", case_views.photo, name="desk-photo"),
    path("desk/cases/<str:number>/parties/", parties_views.parties, name="case-parties"),
    path("desk/cases/<str:number>/parties/export/", parties_views.take_away, name="case-parties-export"),
    path("desk/cases/<str:number>/parties/sheet.pdf", parties_views.sheet, name="case-parties-sheet"),
    path("desk/cases/<str:number>/<slug:name>/", case_views.step, name="desk-step"),
    path("desk/settings/", settings_views.index, name="desk-settings"),
    path("desk/settings/categories/", settings_views.categories, name="desk-categories"),
    path("desk/settings/categories/new/", settings_views.category, name="desk-category-new"),
    path("desk/settings/categories/<str:code>/", settings_views.category, name="desk-category"),
    path("desk/settings/limits/", settings_views.limits, name="desk-limits"),
    path("desk/settings/practice/", practice_views.practice, name="desk-practice"),
    path("desk/settings/suggestions/", triage_views.suggestions, name="desk-suggestions"),
    path("desk/settings/routes/", settings_views.routes, name="desk-routes"),
    path("desk/settings/routes/<uuid:route_id>/end/", settings_views.end_route, name="desk-route-end"),
    path("desk/settings/answers/", settings_views.templates, name="desk-answers"),
    path("desk/settings/answers/<uuid:template_id>/", settings_views.templates, name="desk-answer"),
]
