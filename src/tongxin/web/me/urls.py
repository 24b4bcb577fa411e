"""Routes of one's own account."""

from django.urls import path

from tongxin.web.me import push, views

urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/name/", views.name, name="me-name"),
    path("me/password/", views.password, name="me-password"),
    path("me/sessions/end/", views.end_one, name="me-end-session"),
    path("me/sessions/end-others/", views.end_others, name="me-end-others"),
    path("me/push/", push.begin, name="me-push"),
    path("me/push/end/", push.end, name="me-push-end"),
    path("me/wechat/end/", views.end_wechat, name="me-end-wechat"),
]
