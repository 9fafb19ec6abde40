"""Pages of a report: the list, the checklist, its steps, preview and earlier versions."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import F, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_POST

from portal.agency.access import can
from portal.audit.models import AuditEvent
from portal.errors import UserError
from portal.kit.lifecycle import buttons
from portal.kit.lists import ListPage
from portal.kit.templatetags.kit import tone
from portal.kit.views import requires
from reports import acceptance, checks, clocks, freeze
from reports.checklist import rows_of
from reports.lifecycles import REPORT_VERSION
from reports.models import Incident, ReportVersion
from reports.renditions import pdf
from reports.services import reports as services
from reports.services import signing, submissions
from reports.web import rows
from reports.web.frozen_page import shown
from reports.web.rows import person


class ReportTable(tables.Table):
    """Newest versions of reports, with the date that governs each."""

    number = tables.Column(
        accessor="report__number",
        verbose_name="Report",
        linkify=lambda record: reverse("report-detail", args=[record.report.number]),
    )
    title = tables.Column(accessor="report__incident__title", verbose_name="Incident")
    version = tables.Column()
    state = tables.Column(verbose_name="State")
    due = tables.Column(empty_values=(), orderable=False, verbose_name="Due")
    drafter = tables.Column(verbose_name="Drafted by")

    class Meta:
        model = ReportVersion
        fields = ("number", "title", "version", "state", "due", "drafter")

    def render_state(self, record: ReportVersion) -> str:
        words = record.get_state_display()
        return format_html(
            '<span class="custos-tag custos-tag--{}">{}</span>', tone(record.state), words
        )

    def value_state(self, record: ReportVersion) -> str:
        return record.get_state_display()

    def render_due(self, record: ReportVersion) -> str:
        governing = clocks.of_incident(record.report.incident)
        if governing is None:
            return "Promptly"
        due = governing[1].due
        return f"{due:%B} {due.day}, {due.year}"


class ReportFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        choices=ReportVersion.State.choices, empty_label="Any state"
    )
    title = django_filters.CharFilter(
        field_name="report__incident__title", lookup_expr="icontains", label="Words in the title"
    )

    class Meta:
        model = ReportVersion
        fields = ("state", "title")


@requires("reports.view")
class ReportList(ListPage):
    """Reports in preparation and submitted, one line for each: its newest version."""

    table_class = ReportTable
    filterset_class = ReportFilter
    title = "Reports"
    intro = "Reports to NARA under 36 CFR 1230.14, each on one incident."
    noun = "report"
    empty_title = "No reports"
    empty_words = (
        "A report begins on the page of an incident with \u201cPrepare the report\u201d: what the findings "
        "already show is filled in, with its citations."
    )

    def get_queryset(self) -> Any:
        newest = ReportVersion.objects.visible_to(person(self.request)).alias(
            last=Max("report__versions__version")
        )
        related = newest.select_related("report__incident__office", "drafter")
        return related.filter(version=F("last")).order_by("-created_at")


@require_POST
@requires("reports.edit")
def report_start(request: HttpRequest, number: str) -> HttpResponse:
    """Begin the report on an incident, or go on with the one that is there."""
    incident = get_object_or_404(Incident.objects.visible_to(person(request)), number=number)
    version = services.start(incident, actor=person(request))
    return redirect("report-detail", version.report.number)


@require_GET
@requires("reports.view")
def report_detail(request: HttpRequest, number: str) -> HttpResponse:
    """The checklist: sections, what blocks them, the clock, and the next step."""
    version = rows.newest(request, number)
    draft = checks.draft_of(version)
    open_ = version.state in (ReportVersion.State.DRAFT, ReportVersion.State.IN_REVIEW)
    results = checks.run_on(draft) if open_ else []
    errors = [result for result in results if result.severity == checks.ERROR]
    version.counted_errors = len(errors)
    offers = {
        offer.transition.name: offer for offer in REPORT_VERSION.available(version, person(request))
    }
    return render(
        request,
        "reports/report_detail.html",
        {
            "title": number,
            "breadcrumbs": rows.crumbs(),
            "version": version,
            "incident": draft.incident,
            "rows": rows_of(draft, results),
            "errors": errors,
            "warnings": acceptance.warnings(version, results),
            "letter": draft.letter,
            "deadline": draft.deadline,
            "days_late": _days_late(draft),
            "offers": buttons(
                offer
                for name, offer in offers.items()
                if name != "sign" and not (name == "submit" and offer.allowed)
            ),
            "sign": offers.get("sign"),
            "submit": offers.get("submit"),
            "may_edit": version.state == "draft"
            and bool(can(person(request), "reports.edit", draft.incident.office)),
            "may_supplement": version.state == "submitted"
            and bool(can(person(request), "reports.edit", draft.incident.office)),
            "versions": version.report.versions.order_by("-version").select_related("submission"),
            "exhibits": freeze.exhibits_of(draft.incident),
            "history": _history(draft),
            "open": open_,
        },
    )


@require_POST
@requires("reports.view")
def report_step(request: HttpRequest, number: str) -> HttpResponse:
    """Take a step of the life cycle; each service checks whether this person may."""
    version = rows.newest(request, number)
    step, reason = request.POST.get("step", ""), request.POST.get("reason", "")
    actor = person(request)
    try:
        match step:
            case "send":
                signing.send_for_signature(version, actor=actor)
                messages.success(
                    request, "Sent for signature. Registered signers see it on their home page."
                )
            case "take_back":
                signing.take_back(version, actor=actor, reason=reason)
            case "give_back":
                signing.give_back(version, actor=actor, reason=reason)
                messages.success(
                    request, "Returned. The drafter sees your reason on the checklist."
                )
            case "set_aside":
                services.set_aside(version, actor=actor, reason=reason)
            case "supplement":
                services.start_supplement(version, actor=actor)
                messages.success(
                    request, "A supplement is begun. What was submitted stays as it is."
                )
            case "submit":
                receipt = submissions.submit(version, actor=actor)
                return redirect("submission-detail", receipt.number)
            case _:
                messages.error(request, "That step does not exist. Nothing was changed.")
    except UserError as error:
        messages.error(request, str(error))
    return redirect("report-detail", number)


@require_GET
@requires("reports.view")
def report_preview(request: HttpRequest, number: str) -> HttpResponse:
    """The report as NARA will read it: a draft marked as such, or the signed version."""
    version = rows.newest(request, number)
    return _frozen_page(request, version, version.frozen or freeze.draft(version), "Preview")


@require_GET
@requires("reports.view")
def report_version(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """One version: as signed if it was, else as it would be frozen now."""
    found = rows.version_of(request, number, version)
    return _frozen_page(request, found, found.frozen or freeze.draft(found), str(found))


@require_GET
@requires("reports.view")
def report_preview_pdf(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """The exact PDF: of the frozen report, or of the draft in the same shape."""
    found = rows.version_of(request, number, version)
    name = f"{number}-version-{version}{'' if found.frozen else '-draft'}.pdf"
    return pdf_response(found.frozen or freeze.draft(found), name)


def pdf_response(frozen: dict[str, Any], name: str) -> HttpResponse:
    """The PDF rendition as a download."""
    response = HttpResponse(pdf.render(frozen), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _frozen_page(
    request: HttpRequest, version: ReportVersion, frozen: dict[str, Any], title: str
) -> HttpResponse:
    return render(
        request,
        "reports/report_preview.html",
        {
            "title": title,
            "breadcrumbs": rows.crumbs(version),
            "version": version,
            "frozen": shown(frozen),
            "is_draft": not version.frozen,
        },
    )


def _days_late(draft: checks.Draft) -> int:
    """Days between NARA's date and the submission of this version; zero or less: in time."""
    if draft.deadline is None or draft.version.state != ReportVersion.State.SUBMITTED:
        return 0
    submitted = timezone.localtime(draft.version.submission.submitted_at).date()
    return (submitted - draft.deadline.due).days


WORDS = {
    "report.started": "Report begun, prefilled from the evidence",
    "report.supplement_started": "Supplement begun",
    "report.fields_saved": "Fields saved",
    "report.citations_added": "Citation added",
    "report.citation_removed": "Citation removed",
    "report.citation_recounted": "Figure counted again",
    "report.warning_accepted": "Warning accepted",
    "report.sent_for_signature": "Sent for signature",
    "report.taken_back": "Taken back to draft",
    "report.given_back": "Returned by the signer",
    "report.signed": "Signed and frozen",
    "report.set_aside": "Signed version set aside",
    "report.submitted": "Submitted to NARA",
}


def _history(draft: checks.Draft) -> list[dict[str, Any]]:
    report = draft.version.report
    ids = [str(pk) for pk in report.versions.values_list("pk", flat=True)]
    events = AuditEvent.objects.filter(object_type="reports.reportversion", object_id__in=ids)
    return [
        {
            "when": event.at,
            "who": event.actor_name,
            "title": WORDS.get(event.action, event.action),
            "words": event.detail.get("reason") or _labels(draft, event.detail),
        }
        for event in events.order_by("-sequence")[:8]
    ]


def _labels(draft: checks.Draft, detail: dict[str, Any]) -> str:
    """The fields that an event is about, by their labels."""
    keys = [*detail.get("fields", {}), *filter(None, [detail.get("field")])]
    return ", ".join(draft.specs[key].label if key in draft.specs else key for key in keys)
