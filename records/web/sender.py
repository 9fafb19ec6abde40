"""One sender: where it occurs, whose it is, who said so and why, and what was taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST, require_safe

from portal.agency.access import reach
from portal.kit.errors import UserError
from portal.kit.forms import FormPage
from portal.kit.templatetags.kit import revealed
from portal.kit.views import requires
from records.lifecycles import ALIAS
from records.models import Alias, Handle, Participant
from records.services import aliases as services
from records.web.forms.senders import LinkForm, UnidentifiableForm
from records.web.reach import person

SHOWN = 100


def handle_of(request: HttpRequest, pk: int) -> Handle:
    """A sender that occurs in an export the person may see; 404 outside."""
    handles = Handle.objects.visible_to(person(request))
    return get_object_or_404(handles.select_related("agency", "custodian__person"), pk=pk)


@requires("senders.view")
@require_safe
def sender_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One sender with everything that was said about it."""
    handle = handle_of(request, pk)
    user = person(request)
    offices = set(reach(user, "senders.view").office_ids())
    readable = set(reach(user, "messages.view").office_ids())
    met = Participant.objects.filter(known_as=handle, conversation__export__office__in=offices)
    judged = handle.aliases.select_related(
        "person__office", "office", "judged_by", "withdrawn_by", "handle__agency"
    )
    said: dict[str, list[Any]] = {state: [] for state in Alias.State.values}
    for alias in judged:
        alias.steps = {  # type: ignore[attr-defined]
            offer.transition.name: offer.decision for offer in ALIAS.available(alias, user)
        }
        said[alias.state].append(alias)
    rows = met.select_related(
        "conversation__export__office", "conversation__export__custodian__person"
    )
    context = {
        "title": revealed(handle.written),
        "breadcrumbs": [("Senders", reverse("sender-list"))],
        "handle": handle,
        "met": rows.order_by("-conversation__export__received_at", "conversation__index")[:SHOWN],
        "met_total": met.count(),
        "waiting": met.filter(identified=False).count(),
        "readable": readable,
        "may_link": handle.linking_office(user) is not None,
        "people_in_reach": set(reach(user, "offices.view").office_ids()),
        **said,
    }
    return render(request, "records/sender_detail.html", context)


class _SenderForm(FormPage):
    """A form about one sender that leads back to its page."""

    @cached_property
    def handle(self) -> Handle:
        return handle_of(self.request, self.kwargs["pk"])

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        page = reverse("sender-detail", args=[self.handle.pk])
        return [("Senders", reverse("sender-list")), (revealed(self.handle.written), page)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.cancel_url = reverse("sender-detail", args=[self.handle.pk])
        self.intro = f"{self.handle.get_kind_display()}: {revealed(self.handle.written)}"
        return super().get_context_data(**kwargs)

    def next_url(self, outcome: Alias) -> str:
        return reverse("sender-detail", args=[outcome.handle_id])


@requires("senders.link")
class SenderLink(_SenderForm):
    """Say whose it is."""

    form_class = LinkForm
    title = "Say whose this is"
    submit_label = "Link"
    success_message = "Linked, in all exports of the agency in which this sender occurs."

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def save(self, form: LinkForm) -> Alias:
        return services.link(self.handle, actor=person(self.request), **form.cleaned_data)


@requires("senders.link")
class SenderUnidentifiable(_SenderForm):
    """Say that nobody can tell, and what was tried."""

    form_class = UnidentifiableForm
    title = "This sender cannot be identified"
    submit_label = "Keep this"
    success_message = "Kept. The sender no longer counts as not identified."

    def save(self, form: UnidentifiableForm) -> Alias:
        return services.mark_unidentifiable(
            self.handle, actor=person(self.request), **form.cleaned_data
        )


@requires("senders.link")
@require_POST
def sender_step(request: HttpRequest, pk: int, alias: int) -> HttpResponse:
    """Confirm a suggestion, or withdraw a suggestion or a link."""
    handle = handle_of(request, pk)
    found = get_object_or_404(
        Alias.objects.select_related("handle__agency", "person", "office"), handle=handle, pk=alias
    )
    step, reason = request.POST.get("step"), request.POST.get("reason", "")
    if step == "confirm":
        services.confirm(found, actor=person(request), reason=reason)
        messages.success(
            request, "Linked, in all exports of the agency in which this sender occurs."
        )
    elif step == "withdraw":
        services.withdraw(found, actor=person(request), reason=reason)
        messages.success(request, "Withdrawn. It stays in the history below.")
    else:
        raise UserError("N-STEP", "That is not a step.", next_step="Open the sender again.")
    return redirect("sender-detail", handle.pk)
