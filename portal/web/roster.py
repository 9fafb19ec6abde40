"""Taking in a staff roster: first what would change and what is wrong, then the register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.agency import roster
from portal.kit.bodies import takes_files
from portal.kit.forms import FormPage
from portal.kit.views import requires

SHOWN = 200
_COLUMN = {"starts_on": "from", "ends_on": "to"}


class RosterForm(forms.Form):
    file = forms.FileField(
        label="Staff roster",
        help_text="A CSV file in UTF-8, at most 1 MB. In a spreadsheet: Save as, CSV UTF-8.",
    )


@requires("offices.edit")
@takes_files(limit=lambda: roster.MOST_BYTES)
class Roster(FormPage):
    """The dry run: nothing is written by it."""

    form_class = RosterForm
    template_name = "agency/roster.html"
    title = "Take in a staff roster"
    intro = "First you see what would change and what has to be put right; nothing is written before you say so."
    submit_label = "Check the file"

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [("People", reverse("person-list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.cancel_url = reverse("person-list")
        return super().get_context_data(columns=roster.COLUMNS, **kwargs)

    def save(self, form: RosterForm) -> HttpResponse:
        data = form.cleaned_data["file"].read()
        plan = roster.plan(data, actor=self.request.user)
        context = {
            "title": "What this roster would change",
            "breadcrumbs": [*self.get_breadcrumbs(), (self.title, reverse("roster"))],
            "plan": plan,
            "text": data.decode("utf-8-sig"),
            "added": plan.added[:SHOWN],
            "changed": [(change, _told(change)) for change in plan.changed[:SHOWN]],
            "mistakes": plan.mistakes[:SHOWN],
        }
        return render(self.request, "agency/roster_plan.html", context)


def _told(change: roster.Change) -> list[tuple[str, Any, Any]]:
    """What changes, by the names of the file's columns: column, before, after."""
    return [
        (_COLUMN.get(name, name), before, after) for name, (before, after) in change.fields.items()
    ]


@requires("offices.edit")
@require_POST
def roster_take_in(request: HttpRequest) -> HttpResponse:
    """Take in what the dry run has shown, if it is still the same."""
    data = request.POST.get("text", "").encode()
    done = roster.take_in(data, digest=request.POST.get("digest", ""), actor=request.user)
    words = f"{len(done.added):,} added, {len(done.changed):,} completed."
    messages.success(request, f"The roster is taken in: {words}")
    return redirect("person-list")
