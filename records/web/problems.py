"""Problems of an export: every place that could not be read as it stands, with line, byte and reason."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from portal.kit.lists import ListPage
from portal.kit.templatetags.kit import revealed
from portal.kit.views import requires
from records.models import Problem
from records.web import cells
from records.web.filters import SeenValuesFilter
from records.web.reach import export_of


class ProblemTable(tables.Table):
    severity = tables.Column(verbose_name="Severity")
    line = tables.Column(verbose_name="Line", attrs=cells.NUMBER, default="")
    offset = tables.Column(verbose_name="Byte", attrs=cells.NUMBER, default="")
    length = tables.Column(verbose_name="Bytes", attrs=cells.NUMBER)
    words = tables.Column(verbose_name="Reason and what to do")
    code = tables.Column(verbose_name="Code")
    unread = tables.Column(verbose_name="Left unread")

    def render_severity(self, record: Problem) -> str:
        return cells.tag(record.severity, record.get_severity_display())

    def value_severity(self, record: Problem) -> str:
        return record.get_severity_display()

    def render_offset(self, value: int) -> str:
        return f"{value:,}"

    def value_offset(self, value: int | None) -> int | str:
        return "" if value is None else value

    def render_words(self, value: str) -> str:
        return revealed(value)

    def render_unread(self, value: bool) -> str:
        return "yes" if value else "no"


class ProblemFilter(django_filters.FilterSet):
    severity = django_filters.ChoiceFilter(choices=Problem.Severity.choices, empty_label="Any")
    code = SeenValuesFilter(label="Code", empty_label="Any")

    class Meta:
        model = Problem
        fields: list[str] = []


@requires("exports.view")
class ProblemList(ListPage):
    """All problems of one export."""

    table_class = ProblemTable
    filterset_class = ProblemFilter
    noun = "problem"
    keyset = ("pk",)
    empty_title = "No problems"
    empty_words = "Every line of this file could be read as it stands."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.export = export_of(request, kwargs["number"])
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Problem]:
        return Problem.objects.filter(export=self.export)

    def get_title(self) -> str:
        return f"Problems in {self.export.number}"

    def get_intro(self) -> str:
        return "Places that could not be read as they stand. Nothing is dropped: each has its line and its bytes."

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        detail: Any = reverse("export-detail", args=[self.export.number])
        return [("Message exports", reverse("export-list")), (self.export.number, detail)]
