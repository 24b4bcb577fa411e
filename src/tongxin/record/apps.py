from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RecordConfig(AppConfig):
    name = "tongxin.record"
    label = "record"

    def ready(self) -> None:
        from tongxin.record import models, sealed_days, triggers

        triggers.protect(models.Entry)
        triggers.protect(models.Seal)
        triggers.add_guard(sealed_days.GUARD)
        post_migrate.connect(triggers.install_after_migrate, dispatch_uid="record.triggers")
