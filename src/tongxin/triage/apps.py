from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "tongxin.triage"
    label = "triage"
