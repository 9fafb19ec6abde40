"""Who stands behind a number, an address, an account or a name (36 CFR 1236.22(a)(3)): a judgement with its history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from portal.agency.access import reach
from portal.agency.models import Office
from records.handles import KINDS
from records.models.messages import Participant

if TYPE_CHECKING:
    from portal.agency.models import User


class HandleQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> HandleQuerySet:
        """Handles that occur in exports of the offices in reach."""
        offices = reach(user, "senders.view").office_ids()
        met = Participant.objects.filter(
            known_as=OuterRef("pk"), conversation__export__office__in=offices
        )
        return self.filter(Exists(met)) if offices else self.none()


class Handle(models.Model):
    """What senders of messages are known by, once for all exports in which it means the same.

    Numbers and addresses hold for the whole agency, account ids for one service in it, names for one custodian, from
    whose address book they come.
    """

    agency = models.ForeignKey(
        "agency.Office",
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Root of the tree of offices",
    )
    kind = models.CharField(max_length=10, choices=KINDS)
    value = models.CharField(max_length=300, help_text="In one form, for comparing")
    written = models.CharField(max_length=300, help_text="As first met")
    display = models.CharField(max_length=300, blank=True, help_text="A name met beside it")
    service = models.CharField(max_length=40, blank=True, help_text="Where an account id holds")
    custodian = models.ForeignKey(
        "records.Custodian",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose address book a name comes from",
    )

    objects = HandleQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "kind", "value", "service"],
                condition=Q(custodian__isnull=True),
                name="handle_once_in_agency",
            ),
            models.UniqueConstraint(
                fields=["custodian", "kind", "value"],
                condition=Q(custodian__isnull=False),
                name="handle_once_of_custodian",
            ),
        ]

    def __str__(self) -> str:
        return self.written

    def linking_office(self, user: User) -> Office | None:
        """For which office this person may say whose it is: the agency, or one in whose exports it occurs."""
        own = reach(user, "senders.link")
        if own.covers(self.agency):
            return self.agency
        met = Office.objects.filter(exports__conversations__participants__known_as=self.pk)
        return next(
            (office for office in met.distinct().order_by("path") if own.covers(office)), None
        )


class AliasQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> AliasQuerySet:
        return self.filter(handle__in=Handle.objects.visible_to(user))

    def suggested(self) -> AliasQuerySet:
        return self.filter(state=Alias.State.SUGGESTED)

    def in_force(self) -> AliasQuerySet:
        """What a person has confirmed and nobody has withdrawn."""
        return self.filter(state=Alias.State.CONFIRMED)

    def of_handles(self, handles: Iterable[int | None]) -> dict[int, list[Alias]]:
        """What is in force for each handle."""
        found: dict[int, list[Alias]] = defaultdict(list)
        rows = self.in_force().filter(handle__in={pk for pk in handles if pk is not None})
        for alias in rows.select_related("person__office").order_by("starts_on", "pk"):
            found[alias.handle_id].append(alias)
        return found


class Alias(models.Model):
    """Somebody's judgement of whose a handle is, for a time: a person of the register, an outsider, or nobody can tell.

    A portal only suggests. What is withdrawn stays, so that it can be seen who was taken for whom, and when.
    """

    class State(models.TextChoices):
        SUGGESTED = "suggested", "Suggested"
        CONFIRMED = "confirmed", "Confirmed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Whose(models.TextChoices):
        PERSON = "person", "A person of the register"
        OUTSIDER = "outsider", "Somebody outside the agency"
        UNIDENTIFIABLE = "unidentifiable", "Cannot be identified"

    handle = models.ForeignKey(Handle, on_delete=models.PROTECT, related_name="aliases")
    whose = models.CharField(max_length=15, choices=Whose.choices)
    person = models.ForeignKey(
        "agency.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="aliases"
    )
    outsider = models.CharField(
        max_length=200, blank=True, help_text="Full name of a person outside the agency"
    )
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUGGESTED)
    because = models.CharField(
        max_length=500, blank=True, help_text="Why the portal suggests it, in words"
    )
    office = models.ForeignKey(
        "agency.Office",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="For which office it was confirmed: whoever links there may withdraw it",
    )
    made_at = models.DateTimeField(auto_now_add=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    judgement = models.TextField(blank=True, help_text="Why it was confirmed")
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal = models.TextField(blank=True, help_text="Why it was withdrawn")

    objects = AliasQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name_plural = "aliases"
        constraints = [
            models.CheckConstraint(
                condition=Q(whose="person", person__isnull=False, outsider="")
                | (Q(whose="outsider", person__isnull=True) & ~Q(outsider=""))
                | (Q(whose="unidentifiable", person__isnull=True, outsider="") & ~Q(judgement="")),
                name="alias_says_whose",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True)
                | Q(starts_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="alias_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(judged_by__isnull=False, judged_at__isnull=False, office__isnull=False),
                name="alias_confirmed_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["handle", "person"],
                condition=Q(state="suggested"),
                name="alias_suggested_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handle}: {self.shown}"

    @property
    def shown(self) -> str:
        """Whose it is, in the words that stand beside the sender."""
        if self.whose == self.Whose.UNIDENTIFIABLE:
            return "cannot be identified"
        return self.outsider or str(self.person)

    def holds_on(self, day: date | None) -> bool:
        """Whether it says anything about a day; of an entry without a date only an alias without limits does."""
        if day is None:
            return self.starts_on is None and self.ends_on is None
        return (self.starts_on or date.min) <= day <= (self.ends_on or date.max)
