"""How many calls an API token may make, counted for the whole installation."""

from __future__ import annotations

import time
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from portal.agency.addresses import client_address
from portal.kit import shared


class AccountThrottle(UserRateThrottle):
    """`CUSTOS_API_RATE` for each account, or for each address where the API asks for no token."""

    ends_at = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        allowed, seconds = self.parse_rate(self.rate)
        if allowed is None or seconds is None:
            return True
        number, self.ends_at = shared.count(f"api:{self._caller(request)}", seconds)
        return number <= allowed

    def wait(self) -> float:
        return max(self.ends_at - time.time(), 0.0)

    def _caller(self, request: Request) -> str:
        if request.user.is_authenticated:
            return str(request.user.pk)
        return client_address(request._request)
