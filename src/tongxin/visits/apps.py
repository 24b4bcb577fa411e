from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "tongxin.visits"
    label = "visits"

    def ready(self) -> None:
        from tongxin.places.imports.spec import register
        from tongxin.visits.imports import VisitorsImport

        register(VisitorsImport())
