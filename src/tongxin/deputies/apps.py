from django.apps import AppConfig


class DeputiesConfig(AppConfig):
    name = "tongxin.deputies"
    label = "deputies"

    def ready(self) -> None:
        from tongxin.deputies import queries
        from tongxin.record.registry import register_state

        register_state("opinion", queries.opinion_states, queries.opinion_ids)
        register_state("suggestion", queries.suggestion_states, queries.suggestion_ids)
