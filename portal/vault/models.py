"""The sealed store: original bytes by content address, how they came in, and whether they still are what they were."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class StoredFile(models.Model):
    """One sequence of bytes, sealed under its SHA-256. It never changes and is never deleted (invariants I2, I5)."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    sealed_at = models.DateTimeField(auto_now_add=True)
    encryption_key = models.CharField(
        max_length=64, blank=True, help_text="Reserved: id of the agency's key."
    )

    def __str__(self) -> str:
        return f"{self.sha256[:12]} ({self.size} bytes)"


class Reception(models.Model):
    """One time the bytes were handed in: a line of the custody log (36 CFR 1236.10: context)."""

    stored_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="receptions")
    office = models.ForeignKey("agency.Office", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255, help_text="File name as handed in: data, never a path.")
    received_at = models.DateTimeField(auto_now_add=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(max_length=10, default="page", help_text="page, api or command")
    collected_by = models.CharField(max_length=200, blank=True)
    collected_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["received_at", "id"]

    def __str__(self) -> str:
        return f"{self.name} received {self.received_at:%Y-%m-%d %H:%M}"


class FixityCheck(models.Model):
    """A sealed file was read again and its SHA-256 compared (36 CFR 1236.14)."""

    stored_file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, related_name="fixity_checks"
    )
    at = models.DateTimeField(auto_now_add=True)
    intact = models.BooleanField()
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.stored_file_id} {'intact' if self.intact else 'NOT INTACT'}"
