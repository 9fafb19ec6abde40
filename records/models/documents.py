"""Letters, OIG reports, policies, designations: papers that a case rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from portal.agency.access import scoped

if TYPE_CHECKING:
    from portal.agency.models import User


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> DocumentQuerySet:
        return scoped(self, user, "documents.view")


class Document(models.Model):
    """A paper kept in the sealed store, citable in a report."""

    class Kind(models.TextChoices):
        NARA_LETTER = "nara_letter", "Letter from NARA"
        OIG_REPORT = "oig_report", "Inspector General report"
        POLICY = "policy", "Policy or directive"
        TRAINING = "training", "Training material or record"
        DESIGNATION = "designation", "Designation or authority"
        CORRESPONDENCE = "correspondence", "Correspondence"
        OTHER = "other", "Other"

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    dated = models.DateField(null=True, blank=True)
    office = models.ForeignKey("agency.Office", on_delete=models.PROTECT, related_name="documents")
    stored_file = models.ForeignKey("vault.StoredFile", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100, default="application/octet-stream")
    sample = models.BooleanField(default=False)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-dated", "title"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
