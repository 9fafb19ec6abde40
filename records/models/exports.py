"""Message exports: one file as handed in, and what reading it gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from portal.agency.access import scoped

if TYPE_CHECKING:
    from portal.agency.models import User


class MessageExportQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> MessageExportQuerySet:
        return scoped(self, user, "exports.view")

    def readable_by(self, user: User) -> MessageExportQuerySet:
        """Exports whose message content the person may read."""
        return scoped(self, user, "messages.view")


class MessageExport(models.Model):
    """One file as handed in. Its bytes are the evidence and never change; every row below it is an index (I2)."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        READING = "reading", "Reading"
        EXAMINING = "examining", "Examining"
        READY = "ready", "Ready"
        NEEDS_ANSWER = "needs_answer", "Needs an answer"
        REJECTED = "rejected", "Rejected"

    class Verdict(models.TextChoices):
        NONE = "", "Not read yet"
        ACCEPTED = "accepted", "Accepted"
        WITH_WARNINGS = "with_warnings", "Accepted with warnings"
        PARTLY_READ = "partly_read", "Partly read"
        REJECTED = "rejected", "Rejected"

    class Account(models.TextChoices):
        OFFICIAL = "official", "Official account or device"
        PERSONAL = "personal", "Personal account or device"
        UNKNOWN = "unknown", "Not known"

    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=255, help_text="File name as first handed in")
    stored_file = models.ForeignKey(
        "vault.StoredFile", on_delete=models.PROTECT, related_name="exports"
    )
    office = models.ForeignKey("agency.Office", on_delete=models.PROTECT, related_name="exports")
    custodian = models.ForeignKey(
        "records.Custodian", on_delete=models.PROTECT, related_name="exports"
    )
    tool = models.ForeignKey(
        "records.MessagingTool", on_delete=models.PROTECT, related_name="exports"
    )
    account = models.CharField(max_length=10, choices=Account.choices, default=Account.UNKNOWN)
    time_zone = models.CharField(
        max_length=60, blank=True, help_text="Of the device at export; empty: not known"
    )
    collected_by = models.CharField(max_length=200, blank=True)
    collected_on = models.DateField(null=True, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    sample = models.BooleanField(default=False)

    state = models.CharField(max_length=15, choices=State.choices, default=State.RECEIVED)
    verdict = models.CharField(
        max_length=15, choices=Verdict.choices, default=Verdict.NONE, blank=True
    )
    rejection_code = models.CharField(max_length=40, blank=True)
    rejection_words = models.TextField(blank=True)
    answers = models.JSONField(default=dict, help_text="Question code -> answer, from people")
    questions = models.JSONField(
        default=list, help_text="What the file does not say, with both readings"
    )
    generation = models.PositiveIntegerField(
        default=0, help_text="Times it was read from the beginning"
    )

    format = models.CharField(max_length=40, blank=True)
    variant = models.CharField(max_length=40, blank=True)
    reading = models.JSONField(default=dict, help_text="What was inferred, with the proof")
    entries = models.PositiveIntegerField(default=0)
    kinds = models.JSONField(default=dict)
    problem_count = models.PositiveIntegerField(default=0)
    finding_count = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    bytes_total = models.BigIntegerField(default=0, help_text="Bytes of the texts that were read")
    bytes_owned = models.BigIntegerField(default=0)
    rows_digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 over the canonical rows (I2)"
    )
    written_through = models.PositiveIntegerField(
        default=0, help_text="Progress marker: last entry whose row is kept"
    )

    objects = MessageExportQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["stored_file", "office"], name="export_once_per_office")
        ]
        indexes = [models.Index(fields=["office", "state"], name="export_office_state")]

    def __str__(self) -> str:
        return self.number

    @property
    def settled(self) -> bool:
        """Nothing more happens by itself."""
        return self.state in {self.State.READY, self.State.NEEDS_ANSWER, self.State.REJECTED}


class Problem(models.Model):
    """Something in the file that could not be read as it stands: category, place, words."""

    class Severity(models.TextChoices):
        ERROR = "error", "Error"
        WARNING = "warning", "Warning"
        INFO = "info", "Note"

    export = models.ForeignKey(MessageExport, on_delete=models.PROTECT, related_name="problems")
    code = models.CharField(max_length=40)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    words = models.TextField()
    member = models.CharField(max_length=500, blank=True, help_text="Empty for a plain file")
    seq = models.PositiveIntegerField(null=True, blank=True)
    line = models.PositiveIntegerField(null=True, blank=True)
    offset = models.BigIntegerField(null=True, blank=True, help_text="In the file or the member")
    length = models.BigIntegerField(default=0)
    unread = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.code} at {self.offset}"
