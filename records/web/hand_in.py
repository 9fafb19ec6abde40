"""Handing in message exports: the form, the bytes, and one line of answer for each file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.agency.access import can
from portal.kit.bodies import takes_files
from portal.kit.errors import UserError
from portal.kit.forms import FormPage
from portal.kit.views import requires
from records.models import Custodian, MessageExport
from records.services import exports as services
from records.web import progress
from records.web.forms.exports import HandInForm
from records.web.reach import person
from records.web.uploads import IncomingFile, IntakeUploadHandler

_RESULTS = "custos_handed_in"


@requires("exports.receive")
@takes_files(limit=lambda: settings.HAND_IN_MAX_BYTES, handler=IntakeUploadHandler)
class HandIn(FormPage):
    """Hand in one or many exports. What comes waits in the store's intake until the form token is checked."""

    form_class = HandInForm
    template_name = "records/export_new.html"
    title = "Hand in message exports"
    submit_label = "Hand in"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {
            "office": self.request.GET.get("office"),
            "custodian": self.request.GET.get("custodian"),
        }

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [("Message exports", reverse("export-list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        limit = settings.EXPORT_MAX_BYTES // 1024**2
        may_add = can(self.request.user, "custodians.edit")
        return super().get_context_data(limit=limit, may_add=bool(may_add), **kwargs)

    def save(self, form: HandInForm) -> HttpResponse:
        """Each file on its own: what is wrong with one keeps back none of the others."""
        results = [self._receive(file, form.cleaned_data) for file in form.cleaned_data["file"]]
        self.request.session[_RESULTS] = results
        refused = [result for result in results if result["code"]]
        if len(refused) == len(results):
            for result in refused:
                form.add_error(
                    "file", f"{result['name']}: {result['words']} (code {result['code']})"
                )
            return self.form_invalid(form)
        return redirect("export-received")

    def _receive(self, file: IncomingFile, said: dict[str, Any]) -> dict[str, Any]:
        result = {
            "name": file.name,
            "size": file.size,
            "code": "",
            "words": "",
            "number": "",
            "held": False,
        }
        origin = {name: value for name, value in said.items() if name != "file"}
        try:
            if file.error is not None:
                raise file.error
            received = services.receive(
                file.incoming, str(file.name), actor=person(self.request), channel="page", **origin
            )
        except UserError as error:
            return {**result, "code": error.code, "words": str(error)}
        return {**result, "number": received.export.number, "held": received.already_held}


@requires("exports.receive")
@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """What became of each file that was handed in last."""
    results = request.session.get(_RESULTS)
    if not results:
        return redirect("export-new")
    numbers = [result["number"] for result in results if result["number"]]
    exports = {
        export.number: export
        for export in MessageExport.objects.visible_to(person(request))
        .filter(number__in=numbers)
        .select_related("office")
    }
    lines = [{**result, **_become(exports.get(result["number"]), request)} for result in results]
    context = {
        "title": "Handed in",
        "lines": lines,
        "breadcrumbs": [
            ("Message exports", reverse("export-list")),
            ("Hand in", reverse("export-new")),
        ],
        "taken": sum(1 for line in lines if line["export"] and not line["held"]),
        "held": sum(1 for line in lines if line["held"]),
        "refused": sum(1 for line in lines if line["code"]),
        "moving": any(line["progress"] and not line["progress"].failed for line in lines),
    }
    return render(request, "records/export_received.html", context)


def _become(export: MessageExport | None, request: HttpRequest) -> dict[str, Any]:
    """An export that was handed in, with how far its reading is or what it waits for."""
    if export is None:
        return {"export": None, "progress": None, "may_answer": False}
    return {
        "export": export,
        "progress": None if export.settled else progress.of(export),
        "may_answer": bool(can(request.user, "exports.answer", export.office)),
    }


@requires("exports.receive")
@require_safe
def custodians(request: HttpRequest) -> HttpResponse:
    """The custodian field narrowed to an office, for htmx; without it the form shows those of all offices."""
    chosen = {name: request.GET.get(name) for name in ("office", "custodian")}
    form = HandInForm(user=request.user, initial=chosen)
    return render(
        request, "records/export_custodians.html", {"form": form, "any": Custodian.objects.exists()}
    )
