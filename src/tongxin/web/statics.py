"""Static files under names with a hash of their content, so that browsers may keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStatics(CompressedManifestStaticFilesStorage):
    """JavaScript modules import one another by their hashed names too: only those are kept."""

    support_js_module_import_aggregation = True
