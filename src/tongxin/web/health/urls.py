"""Routes for machines that watch over the service."""

from django.urls import path

from tongxin.web.health import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
