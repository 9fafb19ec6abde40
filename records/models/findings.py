"""Findings: evidence about loss, each citing its entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from portal.agency.access import scoped

if TYPE_CHECKING:
    from portal.agency.models import User


class FindingQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> FindingQuerySet:
        return scoped(self, user, "exports.view", "export__office")

    def current(self) -> FindingQuerySet:
        return self.filter(withdrawn=False)


class Finding(models.Model):
    """Evidence about loss that a rule saw in an export: a timer, a deletion, missing media, a cap."""

    class State(models.TextChoices):
        OPEN = "open", "To be judged"
        CONFIRMED = "confirmed", "Confirmed"
        DISMISSED = "dismissed", "Dismissed"

    class Confidence(models.TextChoices):
        CERTAIN = "certain", "Certain: the application says so"
        PROBABLE = "probable", "Probable"
        INDICATOR = "indicator", "Indicator: look closer"

    class Counts(models.TextChoices):
        """What the count is of: the same values as in `records.rules.base`."""

        CITED = "cited", "Entries cited"
        HELD = "held", "Entries of the export concerned"
        MISSING = "missing", "Messages that may be missing"
        FILES = "files", "Files that no message names"
        PARTS = "parts", "Parts of the log that may be missing"

    export = models.ForeignKey(
        "records.MessageExport", on_delete=models.PROTECT, related_name="findings"
    )
    conversation = models.ForeignKey(
        "records.Conversation",
        null=True,
        on_delete=models.PROTECT,
        related_name="findings",
        help_text="None: the whole export or account is concerned",
    )
    key = models.CharField(
        max_length=64, help_text="Same evidence, same key: survives reading the file again"
    )
    number = models.PositiveIntegerField()
    rule = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    explanation = models.TextField(help_text="Facts only: reports print it")
    advice = models.TextField(
        blank=True, help_text="What staff could do next: shown on the finding's page only"
    )
    confidence = models.CharField(max_length=10, choices=Confidence.choices)
    count = models.PositiveIntegerField(default=0)
    counts = models.CharField(max_length=10, choices=Counts.choices, default=Counts.CITED)
    first_local = models.BigIntegerField(null=True)
    last_local = models.BigIntegerField(null=True)
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    detail = models.JSONField(default=dict)
    withdrawn = models.BooleanField(
        default=False, help_text="No longer seen when the file was read again"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    judgement = models.TextField(blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["export", "number"]
        constraints = [
            models.UniqueConstraint(fields=["export", "key"], name="finding_key_once"),
            models.UniqueConstraint(fields=["export", "number"], name="finding_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.export.number} F{self.number}"

    @property
    def counted(self) -> str:
        """The count with what it is of: messages that are not in the export are never called entries."""
        if self.counts == self.Counts.CITED:
            return f"{self.count:,} {'entry' if self.count == 1 else 'entries'} cited"
        words = f"{self.get_counts_display()}: {self.count:,}"
        return f"{words} (by the file's own count)" if self.counts == self.Counts.MISSING else words


class FindingEntry(models.Model):
    """An entry that a finding cites."""

    finding = models.ForeignKey(
        Finding, on_delete=models.PROTECT, related_name="cited", db_index=False
    )
    export = models.ForeignKey(
        "records.MessageExport",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    seq = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["finding", "seq"], name="finding_entry_once")
        ]
        indexes = [models.Index(fields=["export", "seq"], name="finding_entry_seq")]

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.seq}"
