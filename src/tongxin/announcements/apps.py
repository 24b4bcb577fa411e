from django.apps import AppConfig


class AnnouncementsConfig(AppConfig):
    name = "tongxin.announcements"
    label = "announcements"

    def ready(self) -> None:
        from tongxin.announcements import queries
        from tongxin.record.registry import register_state

        register_state("announcement", queries.states, queries.ids)
