"""Error pages in plain words, each with a reference that leads to the log line."""

from __future__ import annotations

from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import get_random_string

from portal.kit.errors import UserError, title_of
from portal.kit.problems import MEDIA_TYPE, problem_of, problem_response, wants_problem_json

log = structlog.get_logger("custos.pages")


def plain_error(request: HttpRequest, error: UserError) -> HttpResponse:
    """A plain error as an answer: a page for people, a short alert for a fragment, problem+json for programs."""
    log.info("request_refused", code=error.code, status=error.status)
    if wants_problem_json(request):
        return JsonResponse(
            problem_of(error, request.path), status=error.status, content_type=MEDIA_TYPE
        )
    template = (
        "kit/fragment_error.html" if request.headers.get("HX-Request") else "errors/plain.html"
    )
    context = {"error": error, "title": title_of(error.status), "reference": reference()}
    return render(request, template, context, status=error.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request itself is broken."""
    return _page(request, 400, "bad-request", "The portal could not read this request.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 from Django itself, such as a missing form token."""
    if isinstance(exception, UserError):
        return plain_error(request, exception)
    return _page(request, 403, "access-denied", "You may not open this page.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such address, or nothing there that this person may see."""
    return _page(
        request, 404, "not-found", "There is nothing at this address, or you may not see it."
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; says nothing about the inside."""
    return _page(
        request, 500, "failure", "The portal made a mistake. Nothing you handed in is lost."
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token is missing or belongs to an earlier session."""
    return _page(
        request, 403, "form-expired", "This form is from an earlier session and was not taken."
    )


def reference() -> str:
    """The request's id in the logs; made up when there is none."""
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return str(request_id)[:8].upper() or get_random_string(8, "0123456789ABCDEF")


def _page(request: HttpRequest, status: int, code: str, words: str) -> HttpResponse:
    key = reference()
    level = log.error if status >= 500 else log.info
    level("error_page", status=status, reference=key)
    if wants_problem_json(request):
        return problem_response(request, status=status, code=code, detail=words)
    context: dict[str, Any] = {
        "status": status,
        "title": title_of(status),
        "words": words,
        "reference": key,
    }
    # A failure may have come from the frame itself: its page stands alone.
    template = f"errors/{status}.html"
    return render(None if status >= 500 else request, template, context, status=status)
