"""Routes of announcements."""

from django.urls import path

from tongxin.web.announcements import desk, door, public

urlpatterns = [
    path("announcements/", public.board, name="announcements"),
    path("announcements/<uuid:announcement_id>/", public.read, name="announcement-public"),
    path("desk/announcements/", desk.index, name="desk-announcements"),
    path("desk/announcements/new/", desk.write, name="announcement-new"),
    path("desk/announcements/<uuid:announcement_id>/", desk.one, name="announcement"),
    path("desk/announcements/<uuid:announcement_id>/doors/", door.doors, name="announcement-doors"),
    path("desk/announcements/<uuid:announcement_id>/paper.pdf", door.paper, name="announcement-paper"),
    path("desk/settings/channels/", desk.channels, name="announcement-channels"),
    path("hooks/sms/<str:secret>/", public.sms_report, name="hook-sms"),
    path("hooks/wechat/", public.wechat_event, name="hook-wechat"),
]
