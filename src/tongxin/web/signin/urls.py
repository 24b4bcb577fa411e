"""Routes of signing in and out."""

from django.urls import path

from tongxin.web.signin import staff, views

urlpatterns = [
    path("sign-in/", views.phone, name="sign-in"),
    path("sign-in/code/", views.code, name="sign-in-code"),
    path("sign-in/choose/", views.choose, name="sign-in-choose"),
    path("sign-in/wechat/", views.wechat, name="sign-in-wechat"),
    path("sign-in/wechat/back/", views.wechat_back, name="sign-in-wechat-back"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("staff/sign-in/", staff.sign_in, name="staff-sign-in"),
    path("staff/sign-in/password/", staff.password, name="staff-password"),
    path("staff/sign-in/enrol/", staff.enrol, name="staff-enrol"),
    path("staff/sign-in/code/", staff.code, name="staff-code"),
    path("staff/sign-in/recovery/", staff.recovery, name="staff-recovery"),
]
