from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tongxin.people"
    label = "people"

    def ready(self) -> None:
        from tongxin.people.imports import ResidentsImport
        from tongxin.people.queries import offices, tokens
        from tongxin.places.imports.spec import register
        from tongxin.record.registry import register_state

        register(ResidentsImport())
        register_state("appointment", offices.office_states, offices.office_ids)
        register_state("token", tokens.token_states, tokens.token_ids)
