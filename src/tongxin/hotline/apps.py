from django.apps import AppConfig


class HotlineConfig(AppConfig):
    name = "tongxin.hotline"
    label = "hotline"
