"""Problem details for programs (RFC 9457): one shape for every error of the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse

from portal.kit.errors import UserError, title_of

MEDIA_TYPE = "application/problem+json"


def wants_problem_json(request: HttpRequest) -> bool:
    """Whether the answer goes to a program: everything under /api/."""
    return request.path.startswith("/api/")


def problem(
    *, status: int, code: str, detail: str, instance: str, **members: Any
) -> dict[str, Any]:
    """The body of a problem; further members (place, next_step, fields) only where there are any."""
    body = {
        "type": f"/help/errors/#{code}",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": instance,
    }
    return body | {name: value for name, value in members.items() if value}


def problem_of(error: UserError, instance: str) -> dict[str, Any]:
    """The problem body of a plain error."""
    return problem(
        status=error.status,
        code=error.code,
        detail=error.words,
        instance=instance,
        place=error.place,
        next_step=error.next_step,
    )


def problem_response(request: HttpRequest, *, status: int, code: str, detail: str) -> JsonResponse:
    """A problem answered outside of Django REST framework (unknown address, no view, failure)."""
    body = problem(status=status, code=code, detail=detail, instance=request.path)
    response = JsonResponse(body, status=status, content_type=MEDIA_TYPE)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response
