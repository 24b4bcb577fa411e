from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tongxin.people"
    label = "people"

    def ready(self) -> None:
        from tongxin.people.imports import ResidentsImport
        from tongxin.places.imports.spec import register

        register(ResidentsImport())
