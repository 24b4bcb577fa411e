"""Routes of notices."""

from django.urls import path

from tongxin.web.notices import views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="notices-read"),
    path("notices/<uuid:notice_id>/", views.open_one, name="notice"),
]
