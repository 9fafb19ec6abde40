"""Errors that a person can act on, as pages and the API show them: `portal.errors` plus what the frame adds.

A page shows a plain error as an alert, the API as problem+json (RFC 9457).
"""

from __future__ import annotations

from django.http import Http404

from portal.errors import Conflict, Refused, UserError

__all__ = ["Conflict", "NotFound", "Refused", "UserError", "title_of"]

_TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not permitted",
    404: "Not found",
    405: "Not possible here",
    409: "Changed in the meantime",
    411: "The length is missing",
    413: "Too large",
    415: "This kind of content is not accepted",
    422: "Something has to be put right",
    429: "Too many requests",
    500: "Something went wrong",
}


class NotFound(UserError, Http404):
    """There is no such thing, or this person may not see it: the answer is the same (I6)."""

    status = 404


def title_of(status: int) -> str:
    """The few words that head an error of this HTTP status."""
    return _TITLES.get(status, _TITLES[400])
