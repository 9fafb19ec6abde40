"""The 36 CFR 1230.14 report: versions, fields saved one by one, and a citation behind every figure."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.agency.access import scoped

if TYPE_CHECKING:
    from portal.agency.models import User


class Report(models.Model):
    """The report on one incident. What was submitted is a frozen version of it; a supplement is a new version (I8)."""

    number = models.CharField(max_length=20, unique=True)
    incident = models.OneToOneField(
        "reports.Incident", on_delete=models.PROTECT, related_name="report"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.number


class ReportVersionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ReportVersionQuerySet:
        return scoped(self, user, "reports.view", "report__incident__office")


class ReportVersion(models.Model):
    """One version of a report, from draft to submitted. `frozen` is set at signing and never changes afterwards."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "Waiting for signature"
        APPROVED = "approved", "Signed"
        SUBMITTED = "submitted", "Submitted"
        SUPERSEDED = "superseded", "Superseded by a supplement"

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField(default=1)
    supplements = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supplemented_by"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)
    drafter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    sent_for_signature_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_for_signature_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.TextField(blank=True, help_text="Why the signer gave it back, last time")
    accepted_warnings = models.JSONField(
        default=dict, help_text="Check code -> reason, count and digest (reports.acceptance)"
    )
    signer = models.ForeignKey(
        "agency.Signer",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="signed_reports",
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    override_reason = models.TextField(
        blank=True, help_text="Why drafter and signer are the same person"
    )
    frozen = models.JSONField(
        null=True, blank=True, help_text="The report as signed, in the schema of reports.frozen"
    )
    frozen_hash = models.CharField(max_length=64, blank=True)

    counted_errors: int | None = (
        None  # set by a page that has just checked this object; never stored
    )

    objects = ReportVersionQuerySet.as_manager()

    class Meta:
        ordering = ["report", "version"]
        constraints = [
            models.UniqueConstraint(fields=["report", "version"], name="report_version_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "submitted", "superseded"])
                | ~Q(frozen_hash=""),
                name="report_signed_is_frozen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report.number} version {self.version}"


class Field(models.Model):
    """One field of one section, saved as it is left. `revision` keeps two editors from overwriting each other."""

    class State(models.TextChoices):
        GIVEN = "given", "Given"
        NOT_KNOWN = "not_known", "Not known"
        NOT_APPROPRIATE = "not_appropriate", "Not appropriate"

    version = models.ForeignKey(ReportVersion, on_delete=models.PROTECT, related_name="fields")
    key = models.CharField(max_length=60, help_text='Section and name: "a1.volume", "x1.answer"')
    state = models.CharField(max_length=16, choices=State.choices, default=State.GIVEN)
    value = models.TextField(blank=True)
    reason = models.TextField(blank=True, help_text="Why it is not known or not appropriate")
    prefilled = models.TextField(
        blank=True, help_text="What Custos proposed; empty when a person wrote it first"
    )
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="report_field_once")]

    def __str__(self) -> str:
        return self.key

    @property
    def seen(self) -> str:
        """Digest of the answer: a form carries it, so that a field nobody touched is not taken for a change."""
        answer = json.dumps([self.state, self.value.strip(), self.reason.strip()])
        return hashlib.sha256(answer.encode()).hexdigest()


class Citation(models.Model):
    """A live link from a field of the report to the evidence behind it (invariant I9)."""

    class Kind(models.TextChoices):
        FINDING = "finding", "Finding"
        MESSAGE = "message", "Message"
        DOCUMENT = "document", "Document"
        EXPORT = "export", "Message export"
        OFFICE = "office", "Office"
        CUSTODIAN = "custodian", "Custodian"
        TOOL = "tool", "Messaging tool"
        QUERY = "query", "Count over the records"

    field = models.ForeignKey(Field, on_delete=models.PROTECT, related_name="citations")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    target_id = models.BigIntegerField(
        null=True, blank=True, help_text="Primary key of the evidence"
    )
    seq = models.PositiveIntegerField(
        null=True, blank=True, help_text="Entry, when a message is cited"
    )
    query = models.JSONField(
        null=True, blank=True, help_text="What was counted, when a figure is cited"
    )
    figure = models.CharField(
        max_length=60, blank=True, help_text="The figure at the time of citing"
    )
    label = models.CharField(max_length=300)

    class Meta:
        ordering = ["field__key", "id"]

    def __str__(self) -> str:
        return self.label
