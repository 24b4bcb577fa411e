"""Is the process alive, and can it serve?"""

from __future__ import annotations

import logging

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse

from tongxin.web.policy import policy
from tongxin.web.request import Request

logger = logging.getLogger(__name__)


@policy("public")
def healthz(request: Request) -> HttpResponse:
    """200 as long as the process answers. Asks nothing of the database."""
    return JsonResponse({"status": "ok"})


@policy("public")
def readyz(request: Request) -> HttpResponse:
    """200 when the database answers and no migration is missing, else 503 with what is missing."""
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        logger.exception("The database does not answer")
        return JsonResponse({"status": "database does not answer"}, status=503)
    if missing:
        return JsonResponse({"status": "migrations missing", "missing": missing}, status=503)
    return JsonResponse({"status": "ok"})
