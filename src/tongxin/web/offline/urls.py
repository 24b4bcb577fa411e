"""Routes of what works without signal."""

from django.urls import path

from tongxin.web.offline import views

urlpatterns = [
    path("sw.js", views.worker, name="service-worker"),
    path("offline/", views.no_signal, name="offline"),
    path("offline/token.json", views.token, name="offline-token"),
    path("report/shared/", views.shared, name="report-shared"),
]
