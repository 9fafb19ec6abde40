"""The home page: my work, made of the panels that each application registers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from portal.agency.access import can, is_reader_only
from portal.agency.models import Setup, User
from portal.kit import panels
from portal.kit.views import public, sign_in_first
from records.models import MessageExport
from records.web.reach import person


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """My work. Public because a portal that nobody has set up yet has nobody to sign in; everybody else signs in.

    A NARA reviewer's portal is the reading room.
    """
    if not request.user.is_authenticated:
        return redirect(_setup_url()) if _nobody_yet() else sign_in_first(request)
    if is_reader_only(request.user):
        return redirect("reading-room")
    shown = panels.panels_for(request.user)
    context = {
        "title": "My work",
        "narrow": [panel for panel in shown if not panel.wide],
        "wide": [panel for panel in shown if panel.wide],
        "first_steps": not MessageExport.objects.visible_to(person(request)).exists(),
        "may": {
            name: can(request.user, permission)
            for name, permission in (
                ("receive", "exports.receive"),
                ("report", "incidents.report"),
                ("search", "messages.view"),
                ("offices", "offices.edit"),
                ("custodians", "custodians.edit"),
            )
        },
    }
    return render(request, "home.html", context)


def _nobody_yet() -> bool:
    return not Setup.objects.exists() and not User.objects.exists() and bool(_setup_url())


def _setup_url() -> str:
    try:
        return reverse("setup")
    except NoReverseMatch:
        # Without the set-up page accounts are made by the operator's command.
        return ""
