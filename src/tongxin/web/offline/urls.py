"""Routes of what works without signal."""

from django.urls import path

from tongxin.web.offline import views

urlpatterns = [
    path("offline/token.json", views.token, name="offline-token"),
]
