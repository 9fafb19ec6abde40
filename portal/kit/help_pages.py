"""Help: short pages in plain words, open to everybody."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import module_has_submodule

from portal.kit.views import public

CODES: tuple[tuple[str, int, str, str], ...] = (
    (
        "bad-request",
        400,
        "The request is not complete or not readable.",
        "Open the page again and repeat the step.",
    ),
    (
        "sign-in-needed",
        401,
        "No valid token or session came along.",
        "Sign in, or send a valid token.",
    ),
    (
        "access-denied",
        403,
        "Your roles do not include this.",
        "Ask your agency's administrator for the role.",
    ),
    (
        "access-undeclared",
        403,
        "The address is not open to anybody.",
        "Nothing; it is a gap in the portal itself.",
    ),
    ("scope-missing", 403, "The token may not do this.", "Ask for a token with the scope named."),
    (
        "token-waits",
        403,
        "The scope opens content, and the token has not been approved by a second person.",
        "Ask somebody who gives roles, other than the token's maker, to approve it.",
    ),
    ("read-only", 403, "The account only reads.", "Nothing; reviewers change nothing."),
    (
        "step-refused",
        403,
        "The step is not allowed now.",
        "The sentence says what has to be done before.",
    ),
    (
        "form-expired",
        403,
        "The form is from an earlier session.",
        "Open the page again and send it again.",
    ),
    (
        "not-found",
        404,
        "Nothing is there, or you may not see it.",
        "Check the address or look in the list.",
    ),
    (
        "state-moved",
        409,
        "Somebody changed it before you.",
        "Open the page again and see what happened.",
    ),
    (
        "length-missing",
        411,
        "The request does not say how long it is.",
        "Send it with a Content-Length, not in chunks.",
    ),
    ("too-large", 413, "More than can be taken at once here.", "Send less, or file by file."),
    ("invalid", 422, "Some fields have to be put right.", "The fields are named with the reason."),
    ("reason-needed", 422, "The step needs a reason.", "Write one or two sentences."),
    ("throttled", 429, "Too many calls in a short time.", "Wait as long as Retry-After says."),
    (
        "failure",
        500,
        "The portal made a mistake.",
        "Try again; then tell the administrator the reference.",
    ),
)


@public
def help_index(request: HttpRequest) -> HttpResponse:
    """How the portal is used, role by role. Public: it holds nothing of the agency's."""
    return render(request, "kit/help.html")


@public
def help_errors(request: HttpRequest) -> HttpResponse:
    """How to read an error code; the `type` of each problem of the API leads here. Public: see above."""
    return render(request, "kit/help_errors.html", {"codes": CODES, "groups": _groups()})


def _groups() -> list[Any]:
    """Tables of codes that the apps bring: title, introduction, codes with their sentences."""
    return [
        group
        for config in apps.get_app_configs()
        if config.module is not None and module_has_submodule(config.module, "help_codes")
        for group in import_module(f"{config.name}.help_codes").groups()
    ]


@public
def robots(request: HttpRequest) -> HttpResponse:
    """No robot reads this portal. Public: robots ask before they have an account."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
