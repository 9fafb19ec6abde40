"""Records schedules: the authority to dispose. Unscheduled records are treated as permanent (36 CFR 1220.18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from portal.agency.access import reach

if TYPE_CHECKING:
    from portal.agency.models import User


def _own_or_general(user: User, field: str) -> Q:
    """A GRS is everybody's; an agency's own schedule is seen inside that agency (36 CFR 1226.14)."""
    own = reach(user, "schedules.view")
    if not own.paths:
        return Q(pk__in=[])
    condition = Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__in": own.office_ids()})
    for path in own.paths:
        codes = path.strip("/").split("/")
        above = ["/" + "/".join(codes[:count]) + "/" for count in range(1, len(codes))]
        condition |= Q(**{f"{field}__path__in": above})
    return condition


class ScheduleQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ScheduleQuerySet:
        return self.filter(_own_or_general(user, "agency"))


class ScheduleItemQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ScheduleItemQuerySet:
        return self.filter(_own_or_general(user, "schedule__agency"))


class Schedule(models.Model):
    """A records schedule: a General Records Schedule or one of the agency's own."""

    code = models.CharField(max_length=60, unique=True, help_text='e.g. "GRS 6.1"')
    title = models.CharField(max_length=200)
    agency = models.ForeignKey(
        "agency.Office",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text="Empty for a GRS",
    )
    source = models.CharField(max_length=300, blank=True, help_text="Where its text was read")

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ScheduleItem(models.Model):
    """One item of a schedule: which records, how long, on whose authority."""

    class Disposition(models.TextChoices):
        TEMPORARY = "temporary", "Temporary"
        PERMANENT = "permanent", "Permanent"

    class Cutoff(models.TextChoices):
        NONE = "none", "No cutoff named: counted from the record's date"
        CALENDAR_YEAR = "calendar_year", "End of calendar year"
        FISCAL_YEAR = "fiscal_year", "End of fiscal year (September 30)"
        EVENT = "event", "When an event happens"

    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="items")
    number = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    disposition = models.CharField(max_length=10, choices=Disposition.choices)
    retention = models.CharField(max_length=300, help_text="The disposition instruction in words")
    years = models.PositiveSmallIntegerField(null=True, blank=True)
    cutoff = models.CharField(max_length=20, choices=Cutoff.choices, default=Cutoff.CALENDAR_YEAR)
    longer_authorized = models.BooleanField(
        default=False, help_text="Longer retention is authorized for business use"
    )
    authority = models.CharField("disposition authority", max_length=60, blank=True)
    authority_verified = models.BooleanField(
        default=False, help_text="Checked against the current transmittal"
    )
    text_verified = models.BooleanField(default=False)
    approved_on = models.DateField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )

    objects = ScheduleItemQuerySet.as_manager()

    class Meta:
        ordering = ["schedule__code", "number"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "number"], name="schedule_item_once"),
            models.CheckConstraint(
                condition=~Q(disposition="permanent") | Q(years__isnull=True) | Q(years__gte=1),
                name="schedule_item_years",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.schedule.code} item {self.number}"
