from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PlacesConfig(AppConfig):
    name = "tongxin.places"
    label = "places"

    def ready(self) -> None:
        from tongxin.places.imports import spec
        from tongxin.places.imports.homes import HomesImport
        from tongxin.places.levels import ensure_levels

        spec.register(HomesImport())
        # The levels of the tree are data that every installation starts from, like Django's own content types.
        post_migrate.connect(ensure_levels, sender=self)
