"""Help: short pages in plain words, open to everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.kit.views import public


@public
def help_index(request: HttpRequest) -> HttpResponse:
    """How the portal is used, role by role. Public: it holds nothing of the agency's."""
    return render(request, "kit/help.html")


@public
def help_errors(request: HttpRequest) -> HttpResponse:
    """How to read an error code; the `type` of each problem of the API leads here. Public: see above."""
    return render(request, "kit/help_errors.html")


@public
def robots(request: HttpRequest) -> HttpResponse:
    """No robot reads this portal. Public: robots ask before they have an account."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
