"""The yardstick: a Django that does one thing. Settings, addresses and views of its own, no middleware.

``/row/N`` reads one row by its key and answers with it. ``/row/`` takes a form with a photo, writes a row and keeps the
photo in a file.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.files.storage import FileSystemStorage
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from tongxin.config import env

DATA = Path(os.environ["TONGXIN_DATA"])
SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bench.bare"
INSTALLED_APPS = ["bench.bare_rows"]
MIDDLEWARE: list[str] = []
DATABASES = {"default": env.database(env.text("TONGXIN_DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024


def read(request: HttpRequest, key: int) -> HttpResponse:
    """One indexed SELECT."""
    from bench.bare_rows.models import Row

    return _sized(HttpResponse(Row.objects.get(pk=key).text))


def write(request: HttpRequest) -> HttpResponse:
    """One INSERT, and the same 200 kB photo into a file."""
    from bench.bare_rows.models import Row

    name = FileSystemStorage(DATA / "bare").save("photo.jpg", request.FILES["photos"])
    row = Row.objects.create(title=request.POST["title"], text=name, created_at=timezone.now())
    return _sized(HttpResponse(str(row.pk), status=201))


def _sized(response: HttpResponse) -> HttpResponse:
    """With its length, so that it need not be sent in chunks; Django's middleware does this elsewhere."""
    response.headers["Content-Length"] = str(len(response.content))
    return response


urlpatterns = [path("row/<int:key>", read), path("row/", write)]
