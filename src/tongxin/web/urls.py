"""The pages. Each part brings its own routes; every view states its policy."""

from django.urls import include, path

urlpatterns = [
    path("", include("tongxin.web.health.urls")),
    path("", include("tongxin.web.offline.urls")),
    path("", include("tongxin.web.preferences.urls")),
    path("", include("tongxin.web.signin.urls")),
    path("", include("tongxin.web.me.urls")),
    path("", include("tongxin.web.places.urls")),
    path("", include("tongxin.web.hotline.urls")),
    path("", include("tongxin.web.people.urls")),
    path("", include("tongxin.web.tokens.urls")),
    path("", include("tongxin.web.notices.urls")),
    path("", include("tongxin.web.demo.urls")),
    path("", include("tongxin.web.cases.urls")),
    path("", include("tongxin.web.files.urls")),
    path("", include("tongxin.web.announcements.urls")),
    path("", include("tongxin.web.desk.urls")),
    path("", include("tongxin.web.system.urls")),
    path("", include("tongxin.web.visits.urls")),
    path("", include("tongxin.web.deputies.urls")),
    path("", include("tongxin.web.problems.urls")),
]
