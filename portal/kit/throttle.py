"""How many calls the API answers, counted for the whole installation and before any permission is asked.

A call with a good token counts for its account, whether it is then permitted or refused. One without a good token
counts for the network it comes from, so a good token is never held up by what others send, even behind the same proxy.

Django REST framework asks its own throttles last, after authentication and permission: they never see a refusal.
"""

from __future__ import annotations

import time
from typing import Any

from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from portal.agency.addresses import client_network
from portal.agency.models import ApiToken, User
from portal.agency.tokens import TokenAuthentication
from portal.kit import shared


class CountedTokenAuthentication(TokenAuthentication):
    """Tokens; one that is not good is counted, and beyond `CUSTOS_API_RATE` the answer is 429."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        try:
            return super().authenticate(request)
        except AuthenticationFailed:
            _count(client_network(request._request))
            raise


class WithinRate(BasePermission):
    """At most `CUSTOS_API_RATE` calls for each account, and for each network without a token. Ask it first."""

    def has_permission(self, request: Request, view: Any) -> bool:
        known = request.user.is_authenticated
        _count(str(request.user.pk) if known else client_network(request._request))
        return True


def _count(caller: str) -> None:
    throttle = UserRateThrottle()
    allowed, seconds = throttle.parse_rate(throttle.rate)
    if allowed is None or seconds is None:
        return
    number, ends_at = shared.count(f"api:{caller}", seconds)
    if number > allowed:
        raise Throttled(wait=max(ends_at - time.time(), 0.0))
