"""Where a request comes from, as far as that can be known."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's network address, for limits.

    Each proxy appends to `X-Forwarded-For` the address that it saw. With `CUSTOS_TRUSTED_PROXIES` of the agency's own
    proxies in front, the address so many places from the end was written by the outermost of them; whatever stands
    before it came from the client. A header that is too short or holds no address says nothing: then it is the other
    end of the connection.
    """
    connected = str(request.META.get("REMOTE_ADDR", ""))
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    proxies = settings.TRUSTED_PROXIES
    if not 0 < proxies <= len(told):
        return connected
    try:
        return str(ipaddress.ip_address(told[-proxies]))
    except ValueError:
        return connected


def client_network(request: HttpRequest) -> str:
    """What limits take for one client: an IPv4 address, or the 64 bits of an IPv6 one that one subscriber has."""
    address = client_address(request)
    try:
        told = ipaddress.ip_address(address)
    except ValueError:
        return address
    if told.version == 4:
        return str(told)
    return str(ipaddress.ip_network((told, 64), strict=False))
