"""Incidents: removal, defacing, alteration or destruction of records, by the words of 36 CFR 1230.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.agency.access import scoped

if TYPE_CHECKING:
    from portal.agency.models import Office, User


class IncidentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> IncidentQuerySet:
        return scoped(self, user, "incidents.view")

    def concerning(self, office: Office) -> IncidentQuerySet:
        """Incidents of an office and everything below it: reported by it, or one of the offices concerned."""
        below = Q(office__path__startswith=office.path) | Q(offices__path__startswith=office.path)
        return self.filter(pk__in=self.model._default_manager.filter(below).values("pk"))


class Incident(models.Model):
    """An actual, impending, threatened or alleged loss (44 U.S.C. 3106; 36 CFR 1230.3, 1230.14, 1230.16)."""

    class State(models.TextChoices):
        REPORTED = "reported", "Opened"
        TRIAGE = "triage", "Triage"
        INVESTIGATING = "investigating", "Investigating"
        REPORTING = "reporting", "Report in preparation"
        SUBMITTED = "submitted", "Report submitted"
        CLOSED = "closed", "Closed"
        DISMISSED = "dismissed", "Dismissed"

    class Kind(models.TextChoices):
        REMOVAL = "removal", "Removal"
        DEFACING = "defacing", "Defacing"
        ALTERATION = "alteration", "Alteration"
        DESTRUCTION = "destruction", "Unlawful or accidental destruction"

    class Occurrence(models.TextChoices):
        ACTUAL = "actual", "Actual: it happened"
        IMPENDING = "impending", "Impending: it will happen unless stopped"
        THREATENED = "threatened", "Threatened"
        ALLEGED = "alleged", "Alleged: somebody says so"

    class Origin(models.TextChoices):
        FINDINGS = "findings", "Findings in message exports"
        NARA_LETTER = "nara_letter", "A letter from NARA"
        OIG_REPORT = "oig_report", "An Inspector General report"
        STAFF_REPORT = "staff_report", "A report by staff"
        TIP = "tip", "A tip or the press"

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=15, choices=State.choices, default=State.REPORTED)
    office = models.ForeignKey(
        "agency.Office",
        on_delete=models.PROTECT,
        related_name="incidents",
        help_text="The agency that reports it",
    )
    offices = models.ManyToManyField(
        "agency.Office", blank=True, related_name="+", help_text="Offices concerned"
    )
    custodians = models.ManyToManyField("records.Custodian", blank=True, related_name="incidents")
    tools = models.ManyToManyField("records.MessagingTool", blank=True, related_name="incidents")
    documents = models.ManyToManyField("records.Document", blank=True, related_name="incidents")
    kinds = models.JSONField(default=list, help_text="Values of Kind")
    limbs = models.JSONField(
        default=list, help_text="Keys of reports.limbs: which words of 36 CFR 1230.3 are met"
    )
    occurrence = models.CharField(max_length=12, choices=Occurrence.choices)
    origin = models.CharField(max_length=15, choices=Origin.choices)
    summary = models.TextField(blank=True)
    discovered_on = models.DateField()
    discovered_how = models.TextField(blank=True)
    occurred_from = models.DateField(null=True, blank=True)
    occurred_to = models.DateField(null=True, blank=True)
    nara_case = models.CharField(
        "NARA case id", max_length=20, blank=True, help_text="e.g. UD-2022-0001"
    )
    opened_at = models.DateTimeField(auto_now_add=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    revision = models.PositiveIntegerField(
        default=1, help_text="Rises with each change: guards two editors"
    )
    sample = models.BooleanField(default=False)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(occurred_to__isnull=True)
                | Q(occurred_from__isnull=True)
                | Q(occurred_to__gte=F("occurred_from")),
                name="incident_dates_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class IncidentFinding(models.Model):
    """A finding that an incident rests on."""

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="incident_findings"
    )
    finding = models.ForeignKey(
        "records.Finding", on_delete=models.PROTECT, related_name="incident_findings"
    )
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["finding__export__number", "finding__number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "finding"], name="incident_finding_once")
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.finding_id}"
