"""Sign-in: accounts are made by an administrator, never by visitors."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from portal.agency.addresses import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Closes sign-up; everything else is django-allauth's."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: object) -> None:
        if getattr(user, "is_system", False):
            return
        super().login(request, user)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)
