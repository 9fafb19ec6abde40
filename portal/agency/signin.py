"""Sign-in: accounts are made by an administrator, never by visitors; failures are counted so that guessing is slow.

Failures count by network, by account at a network, and, far higher, by account alone (NIST SP 800-63B, 5.2.2: at most
100). Who knows no more than a name can so keep nobody out: the account's own networks, those from which it signed in
lately, are exempt from the count by account alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

from portal.agency.addresses import client_address, client_network

LATELY = timedelta(days=30)


class AccountAdapter(DefaultAccountAdapter):
    """Closes sign-up and counts failures by network; everything else is django-allauth's."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        if user.is_system:
            return
        super().login(request, user)
        cache.set(_own_network(request, user.username.lower()), True, LATELY.total_seconds())

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        super().pre_authenticate(request, **credentials)
        name = str(credentials.get("username", "")).lower()
        if cache.get(_own_network(request, name)):
            return
        if not ratelimit.consume(request, action="login_failed_anywhere", key=name):
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        account = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{account}:{client_network(request)}"


def _own_network(request: HttpRequest, name: str) -> str:
    return f"signed-in:{name}:{client_network(request)}"
