"""How static files are named and served."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """Names with a hash of the content, also where one module imports another."""

    support_js_module_import_aggregation = True
