from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "tongxin.visits"
    label = "visits"
