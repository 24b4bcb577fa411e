"""The lease of the ticker."""

from django.db import models


class Lease(models.Model):
    """Who runs a job now. Another process takes over when ``until`` has passed."""

    name = models.CharField(primary_key=True, max_length=40)
    holder = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField()
    ran_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
