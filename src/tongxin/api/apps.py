from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "tongxin.api"
    label = "api"

    def ready(self) -> None:
        from tongxin.api import queries
        from tongxin.record.registry import register_state

        register_state("token", queries.token_states, queries.token_ids)
