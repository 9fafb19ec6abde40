"""What NARA got: one submission per signed version, with its frozen package and receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from portal.agency.access import scoped

if TYPE_CHECKING:
    from portal.agency.models import User


class SubmissionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> SubmissionQuerySet:
        """Submitted versions of the agencies in the person's reach; a draft does not exist here."""
        return scoped(self, user, "submissions.view", "agency")


class Submission(models.Model):
    """A signed version handed to NARA once. The package is built by a worker from the frozen report."""

    number = models.CharField(max_length=20, unique=True)
    version = models.OneToOneField(
        "reports.ReportVersion", on_delete=models.PROTECT, related_name="submission"
    )
    agency = models.ForeignKey(
        "agency.Office", on_delete=models.PROTECT, related_name="submissions"
    )
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    report_hash = models.CharField(
        max_length=64, help_text="SHA-256 of the frozen report: on the receipt"
    )
    package = models.ForeignKey(
        "vault.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    packaged_at = models.DateTimeField(null=True, blank=True)
    key_fingerprint = models.CharField(max_length=64, blank=True)
    audit_through = models.BigIntegerField(
        default=0, help_text="Last audit event in the package's extract"
    )

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at"]

    def __str__(self) -> str:
        return self.number
