"""Routes of the switches that stand on every page."""

from django.urls import path

from tongxin.web.preferences import views

urlpatterns = [
    path("language/", views.language, name="language"),
    path("view/", views.view, name="view"),
]
