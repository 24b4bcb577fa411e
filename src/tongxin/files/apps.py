from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "tongxin.files"
    label = "files"

    def ready(self) -> None:
        from tongxin.files import queries
        from tongxin.record import registry

        registry.register_state("file", queries.states, queries.all_ids)
        registry.register_check("files", queries.file_checks)
