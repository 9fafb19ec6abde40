"""Message exports: the list, one export with everything about it, its progress, and its original."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from portal.agency.access import can
from portal.agency.models import Office
from portal.audit.models import AuditEvent
from portal.kit.lists import ListPage
from portal.kit.templatetags.kit import revealed
from portal.kit.views import requires
from portal.vault import store
from records import applications
from records.lifecycles import MESSAGE_EXPORT
from records.models import (
    Custodian,
    Finding,
    MessageExport,
    MessagingTool,
    Participant,
    Problem,
)
from records.services import custody
from records.services import exports as services
from records.web import answer_words, attachments, cells, progress, words, zones
from records.web.filters import OfficeFilter
from records.web.forms.exports import offices_for
from records.web.forms.filing import FilingForm
from records.web.reach import export_of, person, readable_export_of

SHOWN = 20


class ExportTable(tables.Table):
    number = tables.Column(verbose_name="Export", attrs=cells.NOWRAP)
    name = tables.Column(verbose_name="File")
    custodian = tables.Column(accessor="custodian__person__name", verbose_name="Custodian")
    office = tables.Column(accessor="office__name", verbose_name="Office")
    tool = tables.Column(accessor="tool__name", verbose_name="Tool")
    state = tables.Column(verbose_name="State")
    verdict = tables.Column(verbose_name="Verdict", empty_values=())
    entries = tables.Column(verbose_name="Entries", attrs=cells.NUMBER)
    finding_count = tables.Column(verbose_name="Findings", attrs=cells.NUMBER)
    received_at = tables.DateTimeColumn(
        format="M j, Y", verbose_name="Received", attrs=cells.NOWRAP
    )

    class Meta:
        order_by = "-received_at"

    def render_number(self, value: str) -> str:
        return cells.link(value, "export-detail", value)

    def render_name(self, value: str) -> str:
        return revealed(value)

    def render_state(self, record: MessageExport) -> str:
        return cells.tag(record.state, record.get_state_display())

    def render_verdict(self, record: MessageExport) -> str:
        return record.get_verdict_display()

    def render_entries(self, value: int) -> str:
        return f"{value:,}"

    def render_finding_count(self, value: int, record: MessageExport) -> str:
        return (
            cells.link(f"{value:,}", "finding-list", query=f"?export={record.number}")
            if value
            else "0"
        )

    def value_name(self, value: str) -> str:
        return value

    def value_number(self, value: str) -> str:
        return value

    def value_state(self, record: MessageExport) -> str:
        return record.get_state_display()

    def value_entries(self, value: int) -> int:
        return value

    def value_finding_count(self, value: int) -> int:
        return value


def _offices(request: HttpRequest) -> QuerySet[Office]:
    return offices_for(request.user, "exports.view")


def _custodians(request: HttpRequest) -> QuerySet[Custodian]:
    return Custodian.objects.filter(office__in=_offices(request)).select_related("person")


class ExportFilter(django_filters.FilterSet):
    office = OfficeFilter(queryset=_offices, label="Office", empty_label="All offices")
    custodian = django_filters.ModelChoiceFilter(
        queryset=_custodians, label="Custodian", empty_label="All custodians"
    )
    tool = django_filters.ModelChoiceFilter(
        queryset=MessagingTool.objects.all(), label="Messaging tool", empty_label="All tools"
    )
    state = django_filters.ChoiceFilter(
        choices=[("under_way", "Under way"), *MessageExport.State.choices],
        method="in_state",
        label="State",
        empty_label="Any",
    )
    verdict = django_filters.ChoiceFilter(
        choices=[choice for choice in MessageExport.Verdict.choices if choice[0]],
        label="Verdict",
        empty_label="Any",
    )
    q = django_filters.CharFilter(method="by_words", label="Number or file name")

    class Meta:
        model = MessageExport
        fields: list[str] = []

    def in_state(
        self, queryset: QuerySet[MessageExport], name: str, value: str
    ) -> QuerySet[MessageExport]:
        return queryset.filter(state__in=UNDER_WAY if value == "under_way" else (value,))

    def by_words(
        self, queryset: QuerySet[MessageExport], name: str, value: str
    ) -> QuerySet[MessageExport]:
        value = value.replace("\x00", "")
        return queryset.filter(Q(number__iexact=value) | Q(name__icontains=value))


UNDER_WAY = (
    MessageExport.State.RECEIVED,
    MessageExport.State.READING,
    MessageExport.State.EXAMINING,
)


@requires("exports.view")
class ExportList(ListPage):
    """All message exports of the offices in reach."""

    template_name = "records/export_list.html"
    table_class = ExportTable
    filterset_class = ExportFilter
    title = "Message exports"
    intro = "Files from phones and accounts, each sealed as it was handed in."
    noun = "export"
    empty_title = "No message export has been handed in yet"
    empty_words = (
        "Ask the custodian to export the conversation in the application (in WhatsApp: More, Export chat), "
        "and hand in the file as it is. The portal seals it, reads it and shows what is missing."
    )
    actions = [("Hand in exports", "export-new", "exports.receive")]

    def get_queryset(self) -> QuerySet[MessageExport]:
        exports = MessageExport.objects.visible_to(person(self.request))
        return exports.select_related("office", "custodian__person", "tool")


@requires("exports.view")
@require_safe
def export_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One export: what it is, how it was read, its conversations, problems, findings and custody."""
    export = export_of(request, number)
    findings = Finding.objects.current().filter(export=export)
    problems = Problem.objects.filter(export=export)
    conversations = export.conversations.select_related(
        "office", "schedule_item__schedule"
    ).order_by("index")
    counts = attachments.counts_of(export)
    context = {
        "title": export.number,
        "export": export,
        "breadcrumbs": [("Message exports", reverse("export-list"))],
        "verdict": words.VERDICTS.get(export.verdict),
        "format_words": words.format_words(export.format, export.variant),
        "zone": zones.label(export.time_zone),
        "assumed_zone": zones.label(str(export.reading.get("time_zone", ""))),
        "date_order": words.DATE_ORDERS.get(str(export.reading.get("date_order", ""))),
        "answered": answer_words.said(export.answers),
        "kinds": words.kind_choices(export.kinds),
        "progress": None if export.settled else progress.of(export),
        "tool_doubts": applications.tool_contradicted(export.tool.name, export.format),
        "conversations": list(conversations[:SHOWN]),
        "conversation_count": conversations.count(),
        "missing_bytes": export.bytes_total - export.bytes_owned,
        "problems": problems[:SHOWN],
        "findings": findings.order_by("number")[:SHOWN],
        "finding_total": findings.count(),
        "unknown_senders": _unknown_senders(export),
        "attachment_counts": counts,
        "receptions": export.stored_file.receptions.filter(office=export.office).select_related(
            "received_by"
        ),
        "checks": export.stored_file.fixity_checks.all()[:SHOWN],
        "events": [(event, words.changes_of(event)) for event in events_of(export)[:SHOWN]],
        "steps": MESSAGE_EXPORT.available(export, request.user),
        "may": {
            name: can(request.user, permission, export.office)
            for name, permission in (
                ("read", "messages.view"),
                ("file", "exports.classify"),
                ("answer", "exports.answer"),
                ("judge", "findings.judge"),
                ("open", "incidents.edit"),
                ("senders", "senders.view"),
            )
        },
        "sections": _sections(export, attached=bool(counts)),
    }
    context["filing_form"] = _filing_form(request, context)
    return render(request, "records/export_detail.html", context)


def _unknown_senders(export: MessageExport) -> int:
    """Senders behind whom nobody has named a person, nor said why that cannot be done (36 CFR 1236.22(a)(3))."""
    waiting = Participant.objects.filter(conversation__export=export, identified=False)
    return waiting.values("known_as").distinct().count()


def _filing_form(request: HttpRequest, context: dict[str, Any]) -> FilingForm | None:
    """An export with one conversation is filed on its own page."""
    if context["conversation_count"] != 1 or not context["may"]["file"]:
        return None
    conversation = context["conversations"][0]
    initial = {"office": conversation.office_id, "schedule_item": conversation.schedule_item_id}
    return FilingForm(user=request.user, initial=initial)


def _sections(export: MessageExport, *, attached: bool) -> list[tuple[str, str]]:
    listed = [("Summary", "summary")]
    if export.state == MessageExport.State.READY:
        listed += [
            ("Conversations", "conversations"),
            ("Findings", "findings"),
            ("Problems", "problems"),
        ]
    if attached:
        listed.append(("Attachments", "attachments"))
    return [
        *listed,
        ("How it was read", "reading"),
        ("Custody", "custody"),
        ("Technical facts", "facts"),
    ]


def events_of(export: MessageExport) -> QuerySet[AuditEvent]:
    """What the audit log says about this export."""
    return AuditEvent.objects.filter(
        object_type="records.messageexport", object_id=str(export.pk)
    ).order_by("-sequence")


@requires("exports.view")
@require_safe
def export_progress(request: HttpRequest, number: str) -> HttpResponse:
    """The progress of an export that is being read; when nothing more happens by itself the page is fetched anew."""
    export = export_of(request, number)
    if export.settled:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    context = {"export": export, "progress": progress.of(export)}
    return render(request, "records/export_progress.html", context)


@requires("messages.view")
@require_safe
def export_original(request: HttpRequest, number: str) -> HttpResponseBase:
    """The sealed bytes as they were handed in; the copy is noted in the custody log."""
    export = custody.copy_original(readable_export_of(request, number), actor=person(request))
    return sealed_download(store.open_sealed(export.stored_file), export.name)


def sealed_download(stream: Any, name: str) -> FileResponse:
    """A download that no browser opens or interprets: always a file, never a page."""
    response = FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@requires("exports.answer")
@require_POST
def read_again(request: HttpRequest, number: str) -> HttpResponse:
    """Read the sealed file again from its beginning: the rows are an index and come out the same (I2)."""
    export = export_of(request, number)
    services.read_again(export, actor=person(request))
    messages.success(request, f"{export.number} is being read again from its sealed bytes.")
    return redirect("export-detail", export.number)
