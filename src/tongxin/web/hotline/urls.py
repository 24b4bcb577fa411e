"""Routes of the hotline at the desk."""

from django.urls import path

from tongxin.web.hotline import views

urlpatterns = [
    path("desk/hotline/", views.desk, name="hotline"),
    path("desk/hotline/answers/", views.answers, name="hotline-sheet"),
    path("desk/hotline/sources/", views.sources, name="hotline-sources"),
    path("desk/hotline/<uuid:ticket_id>/", views.ticket, name="hotline-ticket"),
]
