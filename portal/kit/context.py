"""What the frame of every page knows: navigation, person, sample mark, session times."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from portal.agency.access import roles_of
from portal.agency.models import Setup
from portal.agency.roles import ROLES
from portal.kit import navigation
from portal.kit.middleware import seconds_left

WARN_SECONDS = 120


class Frame:
    """Read only by the templates that draw the frame, and only when they draw it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def signed_in(self) -> bool:
        return bool(getattr(self.request, "user", None) and self.request.user.is_authenticated)

    @cached_property
    def links(self) -> list[dict[str, Any]]:
        return navigation.links(self.request.user, self.request.path) if self.signed_in else []

    @cached_property
    def setup(self) -> Setup:
        return Setup.objects.first() or Setup()

    @property
    def sample(self) -> bool:
        return self.setup.sample

    @property
    def agency(self) -> str:
        return self.setup.agency_name

    @cached_property
    def role_titles(self) -> str:
        return ", ".join(sorted(ROLES[role].title for role in roles_of(self.request.user)))

    @property
    def session_seconds(self) -> int:
        return seconds_left(self.request) if self.signed_in else 0

    @property
    def warn_seconds(self) -> int:
        return min(WARN_SECONDS, settings.SESSION_IDLE_SECONDS // 2)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `frame` in every template."""
    return {"frame": Frame(request)}
