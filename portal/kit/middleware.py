"""What holds for every answer: headers, an idle limit, and no view without a declared permission (I6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django_structlog.middlewares import RequestMiddleware

from portal.agency.access import is_reader_only
from portal.kit import pages
from portal.kit.errors import Refused, UserError
from portal.kit.views import SAFE_METHODS, check_access, declared_access

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# A request that a page sends on its own (progress, session status) is no sign that a person is there.
BACKGROUND_HEADER = "X-Custos-Background"
_SEEN, _SIGNED_IN_AT = "custos_seen", "custos_signed_in_at"


class RequestLogMiddleware(RequestMiddleware):
    """One log line for each request: method, name of the route, status and milliseconds; never a query (AU-3)."""

    def prepare(self, request: HttpRequest) -> None:
        request.custos_began = time.monotonic()  # type: ignore[attr-defined]
        super().prepare(request)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        _bind(request)
        super().handle_response(request, response)

    def process_got_request_exception(
        self, sender: type[Any], request: HttpRequest, **kwargs: Any
    ) -> None:
        _bind(request)
        super().process_got_request_exception(sender, request, **kwargs)


def _bind(request: HttpRequest) -> None:
    match = request.resolver_match
    structlog.contextvars.bind_contextvars(
        method=request.method,
        route=match.view_name if match else None,
        duration_ms=round((time.monotonic() - request.custos_began) * 1000),  # type: ignore[attr-defined]
    )


class SecurityHeadersMiddleware:
    """Headers that Django does not set: no device access, and no copy of a page in a shared cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class IdleSessionMiddleware:
    """Ends a session that nobody used for `SESSION_IDLE_SECONDS`, and any session after `SESSION_COOKIE_AGE`.

    NIST SP 800-53 AC-11 and AC-12. The page warns two minutes ahead and can extend (WCAG 2.2.1).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            self._watch(request)
        return self.get_response(request)

    def _watch(self, request: HttpRequest) -> None:
        now = time.time()
        if seconds_left(request, now) <= 0:
            logout(request)
            if request.method == "GET" and BACKGROUND_HEADER not in request.headers:
                messages.info(
                    request, "You were signed out because the session had ended. Sign in to go on."
                )
            return
        request.session.setdefault(_SIGNED_IN_AT, now)
        if BACKGROUND_HEADER not in request.headers:
            # Written at most 180 times in one idle span: exact to seconds, without a write for each request.
            pause = min(60.0, settings.SESSION_IDLE_SECONDS / 180)
            if now - request.session.get(_SEEN, 0.0) >= pause:
                request.session[_SEEN] = now


def seconds_left(request: HttpRequest, now: float | None = None) -> int:
    """Seconds until this session ends when nothing more is done; zero or less when it has ended."""
    now = time.time() if now is None else now
    idle_end = request.session.get(_SEEN, now) + settings.SESSION_IDLE_SECONDS
    last_end = request.session.get(_SIGNED_IN_AT, now) + settings.SESSION_COOKIE_AGE
    return int(min(idle_end, last_end) - now)


class DeclaredAccessMiddleware:
    """Refuses a view that does not declare who may use it, and any change by a read-only account.

    Who sends a change to a page is asked here, before the form token is looked for: that token is in the body, and
    nobody's body is read for a person who may not send it. Plain errors raised by a view become a page (or
    problem+json under /api/).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        try:
            return self._check(request, view)
        except UserError as error:
            return pages.plain_error(request, error)

    def _check(self, request: HttpRequest, view: Any) -> HttpResponseBase | None:
        access = declared_access(view)
        if not access:
            raise Refused("access-undeclared", "This address answers nobody.")
        if request.method in SAFE_METHODS:
            return None
        own_account = str(getattr(view, "__module__", "")).startswith(("allauth.", "portal.kit."))
        if not own_account and is_reader_only(request.user):
            words = "Your account is read-only: it reads what was submitted and changes nothing."
            raise Refused("read-only", words)
        # The API asks for its token itself, and parses no body before that.
        return check_access(request, access) if isinstance(access, str) else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        return pages.plain_error(request, error) if isinstance(error, UserError) else None
