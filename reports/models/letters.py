"""NARA's letters: what starts a clock and adds items to the checklist (36 CFR 1230.16)."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class NaraLetter(models.Model):
    """A letter from NARA about an incident. The clock runs from its date, not from its receipt."""

    class Clock(models.TextChoices):
        RESPONSE_30 = "response_30", "Response in 30 calendar days (36 CFR 1230.16(b))"
        OTHER = "other", "Another number of calendar days, as the letter says"

    incident = models.ForeignKey(
        "reports.Incident", on_delete=models.PROTECT, related_name="letters"
    )
    dated = models.DateField()
    received_on = models.DateField(null=True, blank=True)
    addressee = models.CharField(max_length=300)
    signed_by = models.CharField(max_length=300, blank=True)
    clock = models.CharField(max_length=12, choices=Clock.choices, default=Clock.RESPONSE_30)
    response_days = models.PositiveSmallIntegerField(default=30)
    document = models.ForeignKey(
        "records.Document", null=True, blank=True, on_delete=models.PROTECT, related_name="letters"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["dated", "id"]

    def __str__(self) -> str:
        return f"NARA letter of {self.dated:%B} {self.dated.day}, {self.dated.year}"


class LetterItem(models.Model):
    """Something the letter asks for beyond (a)(1)-(a)(5): a section of the report's checklist."""

    letter = models.ForeignKey(NaraLetter, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    asks = models.TextField(help_text="In the letter's words or short")

    class Meta:
        ordering = ["letter", "number"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "number"], name="letter_item_once")
        ]

    def __str__(self) -> str:
        return f"Item {self.number}"


class Extension(models.Model):
    """More time: asked for, and granted only when NARA's decision is on record. The first date stays visible."""

    letter = models.ForeignKey(NaraLetter, on_delete=models.PROTECT, related_name="extensions")
    requested_on = models.DateField()
    reason = models.TextField()
    decided_on = models.DateField(null=True, blank=True)
    granted = models.BooleanField(null=True, blank=True)
    new_due = models.DateField(null=True, blank=True)
    document = models.ForeignKey(
        "records.Document", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["requested_on", "id"]

    def __str__(self) -> str:
        return f"Extension asked on {self.requested_on}"
