"""Who may do what, and why not: deny by default, office by office (invariant I6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import timezone

from portal.agency.models import Office, RoleAssignment, root_of
from portal.agency.roles import PERMISSIONS, READ_ONLY_ROLES, ROLES

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.agency.models import User


class Decision(NamedTuple):
    """Allowed or not, and the sentence a page shows beside a control that is off."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Decision(True)


class Reach(NamedTuple):
    """Paths of the offices for which a person holds a permission; everything below a path is included."""

    paths: tuple[str, ...]

    def covers(self, office: Office) -> bool:
        return any(office.path.startswith(path) for path in self.paths)

    def covers_all(self) -> bool:
        """Every root of the tree of offices where somebody works: a portal may serve several agencies.

        A root on which and below which nobody holds a role today is no agency whose affairs could be hidden.
        """
        held = RoleAssignment.objects.on(timezone.localdate()).filter(user__is_active=True)
        roots = {root_of(path) for path in held.values_list("office__path", flat=True).distinct()}
        return bool(self.paths) and roots <= set(self.paths)

    def office_ids(self) -> list[int]:
        """Offices inside the reach, successors and closed offices included."""
        if not self.paths:
            return []
        return [
            office_id
            for office_id, path in Office.objects.values_list("id", "path")
            if any(path.startswith(own) for own in self.paths)
        ]


def _grants(user: User | AnonymousUser) -> list[tuple[str, str]]:
    """(role, office path) pairs in force today, read once per request object."""
    if not user.is_authenticated or not user.is_active:
        return []
    cached: list[tuple[str, str]] | None = getattr(user, "_custos_grants", None)
    if cached is None:
        today = timezone.localdate()
        cached = list(
            RoleAssignment.objects.on(today)
            .filter(user=user.pk)
            .values_list("role", "office__path")
            .order_by("id")
        )
        user._custos_grants = cached  # type: ignore[attr-defined]
    return cached


def roles_of(user: User | AnonymousUser) -> set[str]:
    return {role for role, _ in _grants(user)}


def is_reader_only(user: User | AnonymousUser) -> bool:
    """A person all of whose roles are read-only: every unsafe request is refused before any view runs.

    Rights from two sources combine by the stricter one: a reviewer's account stays read-only whatever else it holds.
    """
    return bool(roles_of(user) & READ_ONLY_ROLES)


def reach(user: User | AnonymousUser, permission: str) -> Reach:
    """Where a person holds a permission."""
    if permission not in PERMISSIONS:
        raise KeyError(f"unknown permission {permission}")
    grants = _grants(user)
    if any(role in READ_ONLY_ROLES for role, _ in grants):
        grants = [grant for grant in grants if grant[0] in READ_ONLY_ROLES]
    return Reach(
        tuple(sorted({path for role, path in grants if permission in ROLES[role].permissions}))
    )


def can(user: User | AnonymousUser, permission: str, office: Office | None = None) -> Decision:
    """May this person do this, for this office (or for any office at all when none is named)?"""
    own = reach(user, permission)
    if not user.is_authenticated:
        return Decision(False, "Sign in first.")
    if not own.paths:
        holders = [role.title for role in ROLES.values() if permission in role.permissions]
        return Decision(
            False,
            f"Your role does not allow you to {PERMISSIONS[permission]}. It is for: {_listed(holders)}.",
        )
    if office is not None and not own.covers(office):
        return Decision(False, f"You may {PERMISSIONS[permission]}, but not for {office}.")
    return ALLOWED


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


def scoped(
    queryset: Any, user: User | AnonymousUser, permission: str, field: str = "office"
) -> Any:
    """The rows of a queryset whose office lies in the person's reach; starts from nothing (I6)."""
    own = reach(user, permission)
    if not own.paths:
        return queryset.none()
    return queryset.filter(**{f"{field}__in": own.office_ids()})
