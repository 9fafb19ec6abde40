"""Pages of NARA's letters and of extensions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property

from portal.kit.bodies import takes_files
from portal.kit.forms import FormPage
from portal.kit.views import requires
from portal.vault.store import blocks
from records.services import documents
from reports.models import Extension, Incident, NaraLetter
from reports.services import letters as services
from reports.web.incident_forms import ExtensionDecisionForm, ExtensionForm, LetterForm


class _IncidentFormPage(FormPage):
    """A form below one incident."""

    needs_user = True

    @cached_property
    def incident(self) -> Incident:
        return get_object_or_404(
            Incident.objects.visible_to(self.request.user), number=self.kwargs["number"]
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        extra = {"user": self.request.user} if self.needs_user else {}
        return {**super().get_form_kwargs(), **extra}

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [("Incidents", reverse("incident-list")), (self.incident.number, self.back)]

    @property
    def back(self) -> str:
        return reverse("incident-detail", args=[self.incident.number])

    def done(self, words: str) -> HttpResponse:
        messages.success(self.request, words)
        return redirect(self.back)


@requires("incidents.edit")
@takes_files(limit=lambda: documents.LIMIT)
class LetterNew(_IncidentFormPage):
    form_class = LetterForm
    title = "Record NARA's letter"
    intro = "The letter starts the clock and adds what it asks for to the report's checklist."
    submit_label = "Record the letter"

    def save(self, form: LetterForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        file = values.pop("file")
        if file:
            values["document"] = documents.add(
                blocks(file),
                file.name,
                title=f"NARA letter of {values['dated']:%B} {values['dated'].day}, {values['dated'].year}",
                kind="nara_letter",
                office=self.incident.office,
                dated=values["dated"],
                actor=self.request.user,
            )
        services.record_letter(self.incident, actor=self.request.user, **values)
        return self.done("The letter is recorded and its clock runs.")


@requires("incidents.edit")
class ExtensionNew(_IncidentFormPage):
    form_class = ExtensionForm
    title = "Ask for more time"
    intro = "The due date stays until NARA's decision is on record."
    submit_label = "Record the request"
    needs_user = False

    def save(self, form: ExtensionForm) -> HttpResponse:
        letter = get_object_or_404(NaraLetter, incident=self.incident, pk=self.kwargs["letter"])
        services.request_extension(letter, actor=self.request.user, **form.cleaned_data)
        return self.done("The request is recorded. The due date stays as it is until NARA decides.")


@requires("incidents.edit")
class ExtensionDecide(_IncidentFormPage):
    form_class = ExtensionDecisionForm
    title = "Record NARA's decision"
    submit_label = "Record the decision"

    def save(self, form: ExtensionDecisionForm) -> HttpResponse:
        extension = get_object_or_404(
            Extension, letter__incident=self.incident, pk=self.kwargs["extension"]
        )
        services.decide_extension(extension, actor=self.request.user, **form.cleaned_data)
        return self.done("The decision is recorded.")
