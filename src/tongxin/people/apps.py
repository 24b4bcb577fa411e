from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tongxin.people"
    label = "people"

    def ready(self) -> None:
        from tongxin.people.imports import ResidentsImport
        from tongxin.people.queries import committed, offices, tokens
        from tongxin.places.imports.spec import register
        from tongxin.record.registry import register_check, register_state

        register(ResidentsImport())
        register_state("appointment", offices.office_states, offices.office_ids)
        register_state("token", tokens.token_states, tokens.token_ids)
        register_state("family_link", committed.link_states, committed.link_ids)
        register_state("ownership", committed.ownership_states, committed.ownership_ids)
        register_check("ownerships", committed.batch_checks, on_snapshot=True)
