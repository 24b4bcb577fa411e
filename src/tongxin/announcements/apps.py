from django.apps import AppConfig


class AnnouncementsConfig(AppConfig):
    name = "tongxin.announcements"
    label = "announcements"
