from __future__ import annotations

from django.db import models


class Row(models.Model):
    """A row of the bare views. Not part of the product; made by ``create_table``."""

    title = models.CharField(max_length=80)
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        app_label = "bare_rows"


ROWS = 10_000


def create_table() -> None:
    """Make the table and fill it."""
    from django.db import connection
    from django.utils import timezone

    with connection.schema_editor() as editor:
        editor.create_model(Row)
    now = timezone.now()
    Row.objects.bulk_create(
        [Row(title=f"行 {n}", text="楼道灯不亮了，请尽快处理。" * 4, created_at=now) for n in range(ROWS)],
        batch_size=1000,
    )
