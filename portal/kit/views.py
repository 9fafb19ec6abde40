"""Who may use a view: declared on the view itself, refused by default (I6).

    @requires("exports.view")
    def export_list(request): ...

    @requires("exports.receive")
    class HandIn(FormPage): ...

`public` and `signed_in` mark the few views that need no permission. A view without any mark answers nobody:
`portal.kit.middleware.DeclaredAccessMiddleware` refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme

from portal.agency.access import can
from portal.kit.errors import Refused
from portal.kit.problems import problem_response, wants_problem_json

PUBLIC = "public"
SIGNED_IN = "signed-in"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

V = TypeVar("V", bound=Any)


def requires(permission: str) -> Callable[[V], V]:
    """Only people with this permission: others are sent to sign in, or told why not."""

    def mark(view: V) -> V:
        return _guarded(view, permission)

    return mark


def signed_in(view: V) -> V:
    """Anybody who is signed in, whatever their roles."""
    return _guarded(view, SIGNED_IN)


def public(view: V) -> V:
    """Anybody at all: sign-in, health, help. Say in the view's docstring why."""
    view.access = PUBLIC
    return view


def declared_access(view: Any) -> Any:
    """What a resolved view declares, or None. API views declare a table of actions (`portal.kit.api`)."""
    for holder in holders(view):
        access = getattr(holder, "access", None)
        if access:
            return access
    return PUBLIC if str(getattr(view, "__module__", "")).startswith("allauth.") else None


def holders(view: Any) -> Iterator[Any]:
    """Where a resolved view may carry marks: on itself, or on the class behind it (Django's or the API's)."""
    for holder in (view, getattr(view, "view_class", None), getattr(view, "cls", None)):
        if holder is not None:
            yield holder


def check_access(request: HttpRequest, access: str) -> HttpResponse | None:
    """None when the person may go on, else the way to sign in. Raises Refused with the reason."""
    if access == PUBLIC:
        return None
    if not request.user.is_authenticated:
        return sign_in_first(request)
    if access != SIGNED_IN:
        decision = can(request.user, access)
        if not decision:
            raise Refused("access-denied", decision.reason)
    return None


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Send a person without a session to sign in, and back to the same page afterwards."""
    if wants_problem_json(request):
        return problem_response(
            request,
            status=401,
            code="sign-in-needed",
            detail="No valid token came with the request.",
        )
    if request.headers.get("HX-Request"):
        # A fragment cannot show the sign-in page; custos.js sees the 401 and keeps the page as it is.
        return HttpResponse(status=401)
    target = resolve_url(settings.LOGIN_URL)
    if request.method == "GET":
        target = f"{target}?{urlencode({'next': request.get_full_path()})}"
    return HttpResponseRedirect(target)


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Where a form returns to: the address in `next` if it is one of ours, else the fallback."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if target and allowed else resolve_url(fallback)


def _guarded(view: V, permission: str) -> V:
    if isinstance(view, type):
        view.access = permission  # type: ignore[attr-defined]
        decorator = method_decorator(_guard(permission), name="dispatch")
        return decorator(view)
    return _guard(permission)(view)  # type: ignore[return-value]


def _guard(
    permission: str,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return check_access(request, permission) or view(request, *args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return decorate
