"""The session as the page's clock sees it: how long it lasts, and how a person extends it (WCAG 2.2.1)."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_http_methods

from portal.kit.middleware import seconds_left
from portal.kit.views import public


@public
@require_http_methods(["GET", "POST"])
def session_state(request: HttpRequest) -> JsonResponse:
    """GET asks (and does not count as use), POST extends. Public: an ended session has to be told so.

    The form token comes along: after signing in again in another tab, a page that was kept can still be sent.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"signed_in": False, "seconds": 0})
    return JsonResponse(
        {
            "signed_in": True,
            "person": request.user.pk,
            "seconds": seconds_left(request),
            "token": get_token(request),
        }
    )
