from django.apps import AppConfig


class HotlineConfig(AppConfig):
    name = "tongxin.hotline"
    label = "hotline"

    def ready(self) -> None:
        from tongxin.hotline import queries
        from tongxin.record.registry import register_state

        register_state("hotline_ticket", queries.ticket_states, queries.ticket_ids)
