"""Pages of API tokens: made by one person, approved by another where they open content."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.agency import services, tokens
from portal.agency.models import ApiToken, User
from portal.kit.forms import FormPage
from portal.kit.views import requires
from portal.web.forms import SystemAccountForm, TokenForm


@requires("tokens.edit")
def token_list(request: HttpRequest) -> HttpResponse:
    """API tokens of the accounts in reach: the clear text is shown once, right after making it."""
    actor = cast(User, request.user)
    systems = tokens.accounts_of(actor, "tokens.edit")
    mine = ApiToken.objects.filter(user__in=systems)
    if request.method == "POST" and request.POST.get("revoke", "").isdecimal():
        tokens.revoke(get_object_or_404(mine, pk=request.POST["revoke"]), actor=actor)
        return redirect("token-list")
    return render(
        request,
        "agency/token_list.html",
        {
            "title": "API tokens",
            "tokens": mine.select_related("user", "approved_by"),
            "systems": systems,
            "now": timezone.now(),
        },
    )


@requires("tokens.edit")
class TokenNew(FormPage):
    form_class = TokenForm
    title = "Make an API token"
    submit_label = "Make the token"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def save(self, form: TokenForm) -> HttpResponse:
        values = form.cleaned_data
        ends = values["expires_on"]
        expires = timezone.make_aware(datetime.combine(ends, time.max)) if ends else None
        token, clear = tokens.issue(
            values["user"],
            values["name"],
            values["scopes"],
            actor=self.request.user,
            expires_at=expires,
        )
        return render(
            self.request,
            "agency/token_made.html",
            {"title": "The token is made", "token": token, "clear": clear},
        )


@requires("roles.edit")
@require_http_methods(["GET", "POST"])
def token_approvals(request: HttpRequest) -> HttpResponse:
    """Tokens that open content and wait for a second person: who made one does not approve it."""
    actor = cast(User, request.user)
    waiting = tokens.waiting_for(actor)
    if request.method == "POST":
        token = next((row for row in waiting if str(row.pk) == request.POST.get("approve")), None)
        if token is None:
            raise Http404
        tokens.approve(token, seen=request.POST.get("seen", ""), actor=actor)
        messages.success(request, f"Approved: {token}. Its scopes hold from now on.")
        return redirect("token-approvals")
    return render(
        request,
        "agency/token_approvals.html",
        {
            "title": "Tokens to approve",
            "rows": [
                (token, tokens.covered(token), tokens.may_approve(token, actor))
                for token in waiting
            ],
        },
    )


@requires("tokens.edit")
class SystemAccountNew(FormPage):
    form_class = SystemAccountForm
    title = "Add a system account"
    intro = "Another system of the agency. It has no password and no sign-in page; give it a role, then a token."
    submit_label = "Add"

    def save(self, form: SystemAccountForm) -> HttpResponse:
        services.add_system(username=form.cleaned_data["username"], actor=self.request.user)
        messages.success(self.request, "Added. Give it the role of an agency system, then a token.")
        return redirect("token-list")
