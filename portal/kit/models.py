"""What all processes of the portal remember together for a short time."""

from __future__ import annotations

from django.db import models


class SharedValue(models.Model):
    """A value with an end: a count of attempts, a code that was used. Its key is kept only as a SHA-256.

    Keys hold addresses and sign-in names, which need not be read from here.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    value = models.TextField(help_text="JSON")
    expires_at = models.FloatField(help_text="Seconds since 1970, UTC", db_index=True)

    def __str__(self) -> str:
        return self.digest
