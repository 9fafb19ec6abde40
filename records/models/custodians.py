"""Whose devices and accounts messages come from, and with which applications they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from portal.agency.access import reach, scoped
from portal.agency.models import DatedQuerySet

if TYPE_CHECKING:
    from portal.agency.models import User


class CustodianQuerySet(DatedQuerySet):
    def visible_to(self, user: User) -> CustodianQuerySet:
        return scoped(self, user, "custodians.view")


class MessagingToolQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> MessagingToolQuerySet:
        """Tools belong to no office: whoever may see custodians somewhere sees all tools."""
        return self if reach(user, "custodians.view").paths else self.none()

    def in_deletion(self, deletion: str) -> MessagingToolQuerySet:
        """Tools of one kind of `MessagingTool.Deletion`."""
        unknown = Q(deletes_itself=False, auto_delete_setting="", checked_on=None)
        if deletion == MessagingTool.Deletion.UNKNOWN:
            return self.filter(unknown)
        deletes = deletion == MessagingTool.Deletion.DELETES
        return self.filter(deletes_itself=deletes).exclude(unknown)


class Custodian(models.Model):
    """A person, for a time, as holder of devices and accounts of an office (36 CFR 1222.24)."""

    person = models.ForeignKey(
        "agency.Person", on_delete=models.PROTECT, related_name="custodianships"
    )
    office = models.ForeignKey("agency.Office", on_delete=models.PROTECT, related_name="custodians")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)

    objects = CustodianQuerySet.as_manager()

    class Meta:
        ordering = ["person__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "office", "starts_on"], name="custodian_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="custodian_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.person.name


class MessagingTool(models.Model):
    """An application that messages are written with: is it approved, and does it delete by itself?"""

    class Deletion(models.TextChoices):
        DELETES = "yes", "Can delete by itself"
        KEEPS = "no", "Keeps messages"
        UNKNOWN = "unknown", "Not known"

    name = models.CharField(max_length=100, unique=True)
    vendor = models.CharField(max_length=100, blank=True)
    approved = models.BooleanField(
        default=False, help_text="Approved by the agency for official business"
    )
    deletes_itself = models.BooleanField(
        default=False, help_text="Can delete messages after a time"
    )
    auto_delete_setting = models.CharField(
        max_length=200, blank=True, help_text="The setting in force, in words"
    )
    policy = models.TextField(blank=True)
    checked_on = models.DateField(null=True, blank=True)

    objects = MessagingToolQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def deletion(self) -> Deletion:
        """Whether it deletes by itself, as far as somebody has looked or said which setting is in force."""
        if self.deletes_itself:
            return self.Deletion.DELETES
        looked_at = self.auto_delete_setting or self.checked_on
        return self.Deletion.KEEPS if looked_at else self.Deletion.UNKNOWN
