"""What a person says about an export: answers to what its file leaves open, and corrections of its origin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from portal.kit.forms import FormPage
from portal.kit.views import requires
from records.formats.generic import mapping
from records.models import MessageExport
from records.services import exports as services
from records.web.forms.exports import AnswerForm, CorrectForm, asks_for_column
from records.web.reach import export_of, person


class ExportForm(FormPage):
    """A page with one form about one export."""

    export: MessageExport

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.export = export_of(request, kwargs["number"])
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [
            ("Message exports", reverse("export-list")),
            (self.export.number, self.own_url()),
        ]

    def own_url(self) -> str:
        return reverse("export-detail", args=[self.export.number])

    def next_url(self, outcome: Any) -> str:
        return self.own_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.cancel_url = self.own_url()
        return super().get_context_data(export=self.export, **kwargs)


@requires("exports.answer")
class Answer(ExportForm):
    """Questions that the file does not answer itself, both readings side by side (I3: never guess silently)."""

    form_class = AnswerForm
    template_name = "records/export_answer.html"
    title = "How is this file to be read?"
    submit_label = "Save and read the file"
    success_message = "Saved. The file is being read with your answer."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.export.questions:
            return redirect(self.own_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "questions": self.export.questions}

    def get_template_names(self) -> list[str]:
        if any(asks_for_column(question) for question in self.export.questions):
            return ["records/export_columns.html"]
        return super().get_template_names()

    def save(self, form: AnswerForm) -> MessageExport:
        services.answer(self.export, form.cleaned_data, actor=person(self.request))
        return self.export

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        context["questions"] = [
            {
                "field": form[question["code"]],
                "choices": [_lines(choice) for choice in question["choices"]],
            }
            for question in self.export.questions
        ]
        context["table"] = _table(self.export.questions)
        return context


def _table(questions: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows of a table whose columns are asked for, put together from the cells that each column's choice shows."""
    asked = next((question for question in questions if asks_for_column(question)), None)
    if asked is None:
        return {}
    columns = [choice for choice in asked["choices"] if choice["value"] != mapping.NONE]
    examples = [str(choice["example"]).split("\n") for choice in columns]
    return {
        "names": [choice["label"] for choice in columns],
        "rows": list(zip(*examples, strict=True)),
    }


def _lines(choice: dict[str, Any]) -> dict[str, Any]:
    """A choice with its example line by line, so that two readings stand beside each other."""
    example = str(choice.get("example", ""))
    lines = example.split("\n" if "\n" in example else "; ")
    return {"label": choice["label"], "lines": [line for line in lines if line]}


@requires("exports.answer")
class Correct(ExportForm):
    """What was said when the export was handed in, put right; the bytes stay as they are."""

    form_class = CorrectForm
    title = "Correct where this export comes from"
    intro = "The file itself never changes. What was said before stays in the audit log. Another time zone has the "
    intro += "file read again."
    submit_label = "Save the correction"
    success_message = "Corrected."

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user, "export": self.export}

    def get_initial(self) -> dict[str, Any]:
        names = ("custodian", "tool", "account", "time_zone", "collected_by", "collected_on")
        return {name: getattr(self.export, name) for name in names}

    def save(self, form: CorrectForm) -> MessageExport:
        return services.correct(self.export, actor=person(self.request), **form.cleaned_data)
