from django.apps import AppConfig


class DeputiesConfig(AppConfig):
    name = "tongxin.deputies"
    label = "deputies"
