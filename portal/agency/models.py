"""The agency: its tree of offices, its people, dated roles, signers of records schedules, and API tokens."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.agency.roles import CONTENT, ROLE_CHOICES


def _ends_after_start(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
        name=f"{name}_ends_after_start",
    )


class DatedQuerySet(models.QuerySet):
    """Rows that hold from `starts_on` up to and including `ends_on` (open end when null)."""

    def on(self, day: date) -> DatedQuerySet:
        return self.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=day),
            Q(ends_on__isnull=True) | Q(ends_on__gte=day),
        )


def root_of(path: str) -> str:
    """The path of the root above an office's path."""
    return path[: path.index("/", 1) + 1]


class User(AbstractUser):
    """An account that signs in: staff, a NARA reviewer, or another agency system through tokens."""

    is_system = models.BooleanField(
        default=False, help_text="Another agency system: no sign-in page, tokens only."
    )

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def agency_id(self) -> int | None:
        """The root of the tree above the oldest of this account's roles in force; None without a role.

        The audit log puts there what this account does to things of no office, so that somebody can read it.
        """
        held = self.roles.on(timezone.localdate()).order_by("pk")
        path = held.values_list("office__path", flat=True).first()
        if path is None:
            return None
        return Office.objects.values_list("pk", flat=True).get(path=root_of(path))


class Office(models.Model):
    """A node of the agency tree: department, agency (component), office. 36 CFR 1230.14(a)(2) asks for it by name."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", "Department"
        AGENCY = "agency", "Agency or component"
        OFFICE = "office", "Office"

    name = models.CharField(max_length=200)
    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OFFICE)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(
        max_length=400, editable=False, db_index=True, help_text="Codes from the root, '/' joined."
    )
    record_group = models.CharField("NARA record group", max_length=10, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        constraints = [_ends_after_start("office")]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        return self.path.count("/") - 1


class OfficeSuccession(models.Model):
    """One office took over another's functions and records on a date (36 CFR 1226.14: authority follows)."""

    predecessor = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="precessions")
    on = models.DateField()
    judgement = models.TextField(
        blank=True, help_text="Why the same disposition authority still applies, or does not."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor", "on"], name="office_succession_once"
            ),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="office_succession_distinct"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} -> {self.successor}"


class Person(models.Model):
    """An entry of the agency's people register: who somebody was, in which office, from when to when."""

    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="people")
    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="person"
    )
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "people"
        constraints = [_ends_after_start("person")]

    def __str__(self) -> str:
        return self.name


class PersonPhone(models.Model):
    """A telephone number that a person uses or used: a number of the past still explains messages of the past.

    So a number is never deleted: `ends_on` is its last day, as far as the register knows one.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="phones")
    number = models.CharField(max_length=20, db_index=True, help_text="E.164, +12025550143")
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["person", "number"], name="person_phone_once")
        ]

    def __str__(self) -> str:
        return self.number


class RoleAssignment(models.Model):
    """A role somebody holds for an office and everything below it, with dates. Roles are dated, never deleted."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=40, choices=ROLE_CHOICES)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="role_assignments")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["user__username", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "office", "starts_on"], name="role_once"
            ),
            _ends_after_start("role"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.office}"


class Signer(models.Model):
    """Register of persons authorized to sign records schedules (36 CFR 1220.34(b)): who may sign a 1230.14 report."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="signer_designations")
    agency = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="signers")
    authority = models.CharField(
        max_length=300, help_text="The designation told to NARA, e.g. memorandum and date."
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["person__name"]
        constraints = [_ends_after_start("signer")]

    def __str__(self) -> str:
        return f"{self.person} for {self.agency}"


class ApiToken(models.Model):
    """A key of another agency system: stored only as a keyed hash, shown once, scoped, expiring at use (ASVS 5.0).

    Scopes that open content hold only once a second person has approved them (NIST SP 800-53 AC-3(2), dual
    authorization): who keeps tokens must not be able to read messages through one of their own making.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False)
                & ~Q(approved_by=F("created_by")),
                name="token_approved_by_another",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}...)"

    @property
    def opens_content(self) -> bool:
        return bool(CONTENT & set(self.scopes))

    @property
    def waits(self) -> bool:
        """Its scopes that open content do not hold yet."""
        return self.opens_content and self.approved_at is None


class Counter(models.Model):
    """Numbers such as RPT-2026-0001: one locked row per prefix and year."""

    key = models.CharField(max_length=20, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key}: {self.last}"


class Setup(models.Model):
    """The one row that says how this portal was set up; `sample` marks data that are not real records."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    agency_name = models.CharField(max_length=200, blank=True)
    sample = models.BooleanField(default=False)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="setup_one_row")]

    def __str__(self) -> str:
        return self.agency_name or "not set up"
