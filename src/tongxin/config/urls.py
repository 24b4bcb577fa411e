"""The root of all routes."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("tongxin.api.urls")),
    path("hotline/v1/", include("tongxin.api.hotline")),
    path("", include("tongxin.web.urls")),
]

handler400 = "tongxin.web.errors.bad_request"
handler403 = "tongxin.web.errors.forbidden"
handler404 = "tongxin.web.errors.not_found"
handler500 = "tongxin.web.errors.server_error"
