"""The base of the API: declared permissions, cursor pages, and errors as problem+json (RFC 9457).

class ExportViewSet(ReadOnlyModelViewSet):
    access = {"list": "exports.view", "retrieve": "exports.view", "create": "exports.receive"}
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from portal.agency.access import can, is_reader_only
from portal.agency.roles import CONTENT
from portal.kit.errors import Refused, UserError
from portal.kit.problems import MEDIA_TYPE, problem, problem_of
from portal.kit.views import PUBLIC, SAFE_METHODS


class DeclaredPermission(BasePermission):
    """The action's permission, held by the token's user and named in the token's scopes. Undeclared is denied."""

    def has_permission(self, request: Request, view: Any) -> bool:
        permission = permission_of(view, request.method or "")
        if permission == PUBLIC:
            return True
        if not request.user.is_authenticated:
            return False
        if not hasattr(view, (request.method or "").lower()):
            raise exceptions.MethodNotAllowed(request.method or "")
        if not permission:
            raise Refused("access-undeclared", "This call answers nobody.")
        if request.method not in SAFE_METHODS and is_reader_only(request.user):
            raise Refused("read-only", "This account is read-only.")
        if request.auth is not None and permission not in getattr(request.auth, "scopes", ()):
            raise Refused(
                "scope-missing",
                f"The token does not have the scope {permission}.",
                next_step="Ask the administrator for a token with this scope.",
            )
        if permission in CONTENT and getattr(request.auth, "waits", False):
            raise Refused(
                "token-waits",
                f"The scope {permission} opens content and waits for a second person's approval.",
                next_step="Ask somebody who gives roles, other than the maker of the token, to approve it.",
            )
        decision = can(request.user, permission)
        if not decision:
            raise Refused("access-denied", decision.reason)
        return True


def permission_of(view: Any, method: str) -> str:
    """What a view declares for the call at hand: by action, by method, or one for all; empty when nothing."""
    access = getattr(view, "access", None) or ""
    if isinstance(access, str):
        return access
    action = getattr(view, "action", None) or method.lower()
    return str(access.get(action, ""))


class CursorPages(CursorPagination):
    """Pages by position, never by number: equally fast at any depth, and without an exact count."""

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
    ordering = "-pk"


def problem_json(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error of the API in one shape; None lets Django answer 500 (`pages.server_error`, also as a problem)."""
    instance = context["request"].path
    headers: dict[str, str] = {}
    if isinstance(error, UserError):
        body = problem_of(error, instance)
    elif isinstance(error, Http404):
        words = "There is nothing at this address, or the token may not see it."
        body = problem(status=404, code="not-found", detail=words, instance=instance)
    elif isinstance(error, PermissionDenied):
        body = problem(status=403, code="access-denied", detail="Not permitted.", instance=instance)
    elif isinstance(error, ModelValidationError):
        body = _invalid(
            error.message_dict if hasattr(error, "error_dict") else error.messages, instance
        )
    elif isinstance(error, exceptions.ValidationError):
        body = _invalid(error.detail, instance)
    elif isinstance(error, exceptions.APIException):
        body = problem(
            status=error.status_code,
            code=str(error.default_code).replace("_", "-"),
            detail=str(error.detail),
            instance=instance,
        )
        if getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
        if isinstance(error, exceptions.Throttled):
            headers["Retry-After"] = str(int(getattr(error, "wait", None) or 0) + 1)
    else:
        return None
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def _invalid(detail: Any, instance: str) -> dict[str, Any]:
    fields = detail if isinstance(detail, dict) else {"": detail}
    return problem(
        status=422,
        code="invalid",
        detail="Some fields have to be put right; see fields.",
        instance=instance,
        fields={name: [str(words) for words in _listed(value)] for name, value in fields.items()},
    )


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
