"""Findings: evidence of loss over all exports in reach, one finding with its cited entries, and its judgement."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.db.models.functions import Substr
from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from portal.agency.access import can
from portal.kit import keyset
from portal.kit.forms import FormPage
from portal.kit.lists import ListPage
from portal.kit.templatetags.kit import revealed
from portal.kit.views import requires
from records.models import Custodian, Finding, FindingEntry, Message
from records.search import shown_time
from records.services import findings as services
from records.web import cells
from records.web.filters import OfficeFilter, SeenValuesFilter
from records.web.forms.exports import offices_for
from records.web.forms.filing import JudgeForm
from records.web.reach import finding_of, person
from records.web.words import kind_words

CITED = 50
EXCERPT = 400


class FindingTable(tables.Table):
    chosen = tables.Column(
        accessor="pk", verbose_name="Choose", orderable=False, exclude_from_export=True
    )
    title = tables.Column(verbose_name="Finding")
    code = tables.Column(verbose_name="Evidence", visible=False)
    confidence = tables.Column(verbose_name="How sure")
    count = tables.Column(verbose_name="Count", attrs=cells.NUMBER)
    counts = tables.Column(verbose_name="What is counted", visible=False)
    first_local = tables.Column(verbose_name="From (device clock)", attrs=cells.NOWRAP)
    last_local = tables.Column(verbose_name="To", attrs=cells.NOWRAP)
    export = tables.Column(accessor="export__number", verbose_name="Export", attrs=cells.NOWRAP)
    number = tables.Column(verbose_name="Number", visible=False)
    custodian = tables.Column(accessor="export__custodian__person__name", verbose_name="Custodian")
    office = tables.Column(accessor="export__office__name", verbose_name="Office", visible=False)
    state = tables.Column(verbose_name="Judgement")

    class Meta:
        order_by = ("-export", "number")

    def render_chosen(self, value: int, record: Finding) -> str:
        return format_html(
            '<input type="checkbox" class="custos-check" name="finding" value="{}" form="open-incident" '
            'aria-label="Choose {}: {}">',
            value,
            record,
            record.title,
        )

    def render_title(self, value: str, record: Finding) -> str:
        page = cells.link(revealed(value), "finding-detail", record.export.number, record.number)
        return cells.two_lines(page, record.code)

    def render_confidence(self, value: str, record: Finding) -> str:
        return record.confidence.capitalize()

    def render_count(self, value: int, record: Finding) -> str:
        return cells.two_lines(f"{value:,}", record.get_counts_display())

    def render_first_local(self, value: int) -> str:
        return _shown_day(value)

    def render_last_local(self, value: int) -> str:
        return _shown_day(value)

    def render_export(self, value: str) -> str:
        return cells.link(value, "export-detail", value)

    def render_custodian(self, value: str, record: Finding) -> str:
        return cells.two_lines(value, record.export.office)

    def render_state(self, record: Finding) -> str:
        return cells.tag(record.state, record.get_state_display())

    def value_title(self, value: str) -> str:
        return value

    def value_confidence(self, record: Finding) -> str:
        return record.confidence

    def value_count(self, value: int) -> int:
        return value

    def value_first_local(self, value: int) -> str:
        return str(shown_time(value) or "")

    def value_last_local(self, value: int) -> str:
        return str(shown_time(value) or "")

    def value_export(self, value: str) -> str:
        return value

    def value_custodian(self, value: str) -> str:
        return value

    def value_state(self, record: Finding) -> str:
        return record.get_state_display()


def _shown_day(local: int) -> str:
    moment = shown_time(local)
    return f"{moment:%b} {moment.day}, {moment.year}" if moment else ""


def _custodians(request: HttpRequest) -> QuerySet[Custodian]:
    return Custodian.objects.filter(
        office__in=offices_for(request.user, "exports.view")
    ).select_related("person")


class FindingFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        choices=Finding.State.choices, label="Judgement", empty_label="Any"
    )
    code = SeenValuesFilter(label="Evidence", empty_label="Any")
    rule = SeenValuesFilter(label="Rule", empty_label="Any")
    confidence = django_filters.ChoiceFilter(
        choices=Finding.Confidence.choices, label="How sure", empty_label="Any"
    )
    office = OfficeFilter(
        field_name="export__office",
        queryset=lambda request: offices_for(request.user, "exports.view"),
        label="Office",
        empty_label="All offices",
    )
    custodian = django_filters.ModelChoiceFilter(
        field_name="export__custodian",
        queryset=_custodians,
        label="Custodian",
        empty_label="All custodians",
    )
    export = django_filters.CharFilter(
        field_name="export__number", lookup_expr="iexact", label="Export number"
    )

    class Meta:
        model = Finding
        fields: list[str] = []


@requires("exports.view")
class FindingList(ListPage):
    """All findings in reach; some of them chosen open an incident."""

    table_class = FindingTable
    filterset_class = FindingFilter
    template_name = "records/finding_list.html"
    title = "Findings"
    intro = "Evidence that messages were lost, or were set to be lost. Each cites the entries it rests on."
    noun = "finding"
    empty_title = "No findings yet"
    empty_words = (
        "When an export has been read, rules look for disappearing-message timers, deletions, missing files, "
        "and exports that stop at the application's limit. What they see appears here."
    )
    actions = [("Hand in exports", "export-new", "exports.receive")]

    def get_queryset(self) -> QuerySet[Finding]:
        findings = Finding.objects.visible_to(person(self.request)).current()
        return findings.select_related("export__office", "export__custodian__person")

    def get_table_kwargs(self) -> dict[str, Any]:
        return {} if incident_url(self.request) else {"exclude": ("chosen",)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(incident_url=incident_url(self.request), **kwargs)


def incident_url(request: HttpRequest) -> str:
    """Where chosen findings open an incident; empty for a person who may not."""
    if not can(request.user, "incidents.edit"):
        return ""
    try:
        return reverse("incident-new")
    except NoReverseMatch:
        # Incidents are another application's; without it nothing can be opened.
        return ""


@requires("exports.view")
class FindingDetail(FormPage):
    """One finding: what it says, its arithmetic, the entries it cites, and what people think of it."""

    form_class = JudgeForm
    template_name = "records/finding_detail.html"
    submit_label = "Save the judgement"
    success_message = "Your judgement is kept with the finding."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.finding = finding_of(request, kwargs["number"], kwargs["finding"])
        self.title = revealed(self.finding.title)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        judged = self.finding.state != Finding.State.OPEN
        # Nothing is chosen for a person who has not judged yet.
        return {"state": self.finding.state if judged else "", "reason": self.finding.judgement}

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        number = self.finding.export.number
        return [
            ("Message exports", reverse("export-list")),
            (number, reverse("export-detail", args=[number])),
            ("Findings", f"{reverse('finding-list')}?export={number}"),
        ]

    def save(self, form: JudgeForm) -> Finding:
        said = form.cleaned_data
        if said["state"] == Finding.State.OPEN:
            self.success_message = "The finding is open: it waits for a judgement."
        return services.judge(
            self.finding, said["state"], said["reason"], actor=person(self.request)
        )

    def next_url(self, outcome: Any) -> str:
        return self.request.path

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        finding, user = self.finding, self.request.user
        may_read = can(user, "messages.view", finding.export.office)
        cited = keyset.page(
            FindingEntry.objects.filter(finding=finding),
            keys=("seq",),
            request=self.request,
            size=CITED,
        )
        return super().get_context_data(
            finding=finding,
            export=finding.export,
            facts=_facts(finding),
            cited=cited,
            cited_total=finding.cited.count(),
            entries=_entries(finding, [row.seq for row in cited.rows]) if may_read else [],
            may_read=may_read,
            may_judge=can(user, "findings.judge", finding.export.office),
            incident_url=incident_url(self.request),
            first=shown_time(finding.first_local),
            last=shown_time(finding.last_local),
            **kwargs,
        )


def _entries(finding: Finding, ordinals: list[int]) -> list[dict[str, Any]]:
    """The cited entries with the beginning of their text."""
    rows = (
        Message.objects.filter(export=finding.export_id, seq__in=ordinals)
        .select_related("participant", "conversation")
        .defer("body")
        .annotate(text=Substr("body", 1, EXCERPT))
        .order_by("seq")
    )
    return [
        {"row": row, "words": kind_words(row.kind), "when": shown_time(row.local)} for row in rows
    ]


_FACT_WORDS = {
    "seconds": "Timer, in seconds",
    "actor": "Turned on or changed by",
    "ended_by": "Ended by",
    "entries": "Entries of this span in the export",
    "open": "Still on at the end of the export",
    "sender": "Sender",
    "kind": "Kind of notice",
    "with_media": "Exported with media",
    "names": "File names",
    "missing": "Missing",
    "expected": "Expected",
}


def _facts(finding: Finding) -> list[tuple[str, str]]:
    """The figures behind a finding in words: the arithmetic that a reader can repeat."""
    return [
        (
            _FACT_WORDS.get(name, name.replace("_", " ").capitalize()),
            kind_words(value).label if name == "kind" else _fact(value),
        )
        for name, value in finding.detail.items()
        if value not in (None, "", [], {})
    ]


def _fact(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        shown = ", ".join(_fact(each) for each in value[:20])
        return f"{shown} and {len(value) - 20:,} more" if len(value) > 20 else shown
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_fact(each)}" for name, each in list(value.items())[:20])
    return str(value)
