from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "tongxin.record"
    label = "record"
