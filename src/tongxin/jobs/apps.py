from datetime import datetime

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "tongxin.jobs"
    label = "jobs"

    def ready(self) -> None:
        from tongxin.journeys import status

        status.register_ticker(_last_run)


def _last_run() -> tuple[datetime | None, list[tuple[str, str]]]:
    from tongxin.jobs.ticker import last_run

    return last_run()
