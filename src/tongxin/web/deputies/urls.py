"""Routes of deputies: who is whose, the public list, the deputy's own pages, the pages of who supervises."""

from django.urls import path

from tongxin.web.deputies import office, public, supervise

urlpatterns = [
    path("deputies/", public.deputies, name="deputies"),
    path("deputies/suggestions/", public.suggestions, name="suggestions"),
    path("deputies/<uuid:seat_id>/", public.deputy, name="deputy"),
    path("desk/deputy/", office.opinions, name="my-opinions"),
    path("desk/deputy/opinions/new/", office.hear, name="opinion-new"),
    path("desk/deputy/opinions/<uuid:opinion_id>/aside/", office.aside, name="opinion-aside"),
    path("desk/deputy/suggest/", office.suggest, name="suggest"),
    path("desk/deputy/suggestions/", office.mine, name="my-suggestions"),
    path("desk/deputy/suggestions/<str:number>/", office.suggestion, name="my-suggestion"),
    path("desk/suggestions/", supervise.suggestions, name="supervised-suggestions"),
    path("desk/suggestions/<str:number>/complex/", supervise.complex_, name="suggestion-complex"),
]
