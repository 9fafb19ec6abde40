"""NARA's reading room: what was submitted, by the agencies assigned, and nothing else.

Each page shows the frozen report only, never a live row, and each look is kept in the audit log.
"""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET

from portal.kit.lists import ListPage
from portal.kit.templatetags.kit import tone
from portal.kit.views import requires
from portal.vault.models import StoredFile
from portal.vault.store import path_of
from reports import package
from reports.differences import differences
from reports.models import ReportVersion, Submission
from reports.services import submissions as services
from reports.web import rows
from reports.web.frozen_page import shown
from reports.web.reports import pdf_response
from reports.web.rows import person
from reports.web.submissions import sealed_response


class SubmissionTable(tables.Table):
    """The columns of NARA's own list of cases: agency, component, case id, dates, state."""

    agency_name = tables.Column(empty_values=(), orderable=False, verbose_name="Agency")
    component = tables.Column(empty_values=(), orderable=False, verbose_name="Secondary agency")
    case_id = tables.Column(empty_values=(), orderable=False, verbose_name="Case ID")
    number = tables.Column(
        verbose_name="Submission",
        linkify=lambda record: reverse("reading-room-submission", args=[record.number]),
    )
    report = tables.Column(empty_values=(), orderable=False, verbose_name="Report")
    submitted_at = tables.DateTimeColumn(verbose_name="Submitted", format="M j, Y, g:i a")
    state = tables.Column(accessor="version__state", verbose_name="State")

    class Meta:
        model = Submission
        fields = (
            "agency_name",
            "component",
            "case_id",
            "number",
            "report",
            "submitted_at",
            "state",
        )

    def render_agency_name(self, record: Submission) -> str:
        return (record.version.frozen or {})["agency"]["name"]

    def render_component(self, record: Submission) -> str:
        return (record.version.frozen or {})["agency"]["component"] or "None"

    def render_case_id(self, record: Submission) -> str:
        return (record.version.frozen or {})["agency"]["nara_case_id"] or "None yet"

    def render_report(self, record: Submission) -> str:
        report = (record.version.frozen or {})["report"]
        return f"{report['number']}, version {report['version']}"

    def render_state(self, record: Submission) -> str:
        state = record.version.state
        return format_html(
            '<span class="custos-tag custos-tag--{}">{}</span>',
            tone(state),
            self.value_state(record),
        )

    def value_state(self, record: Submission) -> str:
        superseded = record.version.state == ReportVersion.State.SUPERSEDED
        return "Superseded" if superseded else "Current"


class SubmissionFilter(django_filters.FilterSet):
    number = django_filters.CharFilter(lookup_expr="icontains", label="Submission number")
    case = django_filters.CharFilter(
        field_name="version__frozen__agency__nara_case_id", lookup_expr="icontains", label="Case ID"
    )
    since = django_filters.DateFilter(
        field_name="submitted_at", lookup_expr="date__gte", label="Submitted from"
    )
    until = django_filters.DateFilter(
        field_name="submitted_at", lookup_expr="date__lte", label="Submitted until"
    )

    class Meta:
        model = Submission
        fields = ("number", "case", "since", "until")


@requires("submissions.view")
class ReadingRoom(ListPage):
    """Submissions of the agencies in the person's reach."""

    table_class = SubmissionTable
    filterset_class = SubmissionFilter
    title = "Reading room"
    intro = "Reports under 36 CFR 1230.14 as they were submitted, signed and unchangeable."
    noun = "submission"
    empty_title = "No submissions yet"
    empty_words = (
        "When one of the agencies assigned to you submits a report, it appears here with its exhibits "
        "and a package that you can verify."
    )

    def get_queryset(self) -> QuerySet[Submission]:
        visible = Submission.objects.visible_to(person(self.request))
        return visible.select_related("version", "agency").order_by("-submitted_at")


@require_GET
@requires("submissions.view")
def reading_room_submission(request: HttpRequest, number: str) -> HttpResponse:
    """One submission: the frozen report, its exhibits and findings, its versions and what changed."""
    submission = rows.submission_of(request, number)
    services.note_opening(submission, "report", actor=person(request))
    return render(
        request,
        "reports/reading_room_detail.html",
        {
            "title": number,
            "breadcrumbs": [("Reading room", reverse("reading-room"))],
            "submission": submission,
            "frozen": shown(submission.version.frozen or {}),
            "versions": _versions(request, submission),
            "changed": _changed(submission),
            "superseded": submission.version.state == ReportVersion.State.SUPERSEDED,
        },
    )


@require_GET
@requires("submissions.view")
def reading_room_verify(request: HttpRequest, number: str) -> HttpResponse:
    """Every byte of the package checked now, in the portal; anybody can do the same outside it."""
    submission = rows.submission_of(request, number)
    if submission.package is None:
        raise Http404
    services.note_opening(submission, "verify", actor=person(request))
    path = path_of(submission.package.sha256)
    found = package.verify(path, fingerprint=submission.key_fingerprint)
    return render(
        request,
        "reports/reading_room_verify.html",
        {
            "title": "Verify the package",
            "breadcrumbs": [
                ("Reading room", reverse("reading-room")),
                (number, reverse("reading-room-submission", args=[number])),
            ],
            "submission": submission,
            "violations": found,
            "checked_at": timezone.now(),
        },
    )


@require_GET
@requires("submissions.view")
def reading_room_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The report for reading, drawn from the frozen data."""
    submission = rows.submission_of(request, number)
    services.note_opening(submission, "pdf", actor=person(request))
    return pdf_response(submission.version.frozen or {}, f"{number}-report.pdf")


@require_GET
@requires("submissions.view")
def reading_room_exhibit(request: HttpRequest, number: str, exhibit: int) -> FileResponse:
    """An exhibit that the frozen report names; no other file of the store opens here."""
    submission = rows.submission_of(request, number)
    for entry in (submission.version.frozen or {}).get("exhibits", []):
        if entry["number"] == exhibit:
            services.note_opening(submission, f"exhibit {exhibit}", actor=person(request))
            stored = StoredFile.objects.get(sha256=entry["sha256"])
            return sealed_response(stored, entry["file_name"])
    raise Http404


def _versions(request: HttpRequest, submission: Submission) -> QuerySet[Submission]:
    visible = Submission.objects.visible_to(person(request))
    same = visible.filter(version__report=submission.version.report_id)
    return same.select_related("version").order_by("version__version")


def _changed(submission: Submission) -> dict[str, Any] | None:
    """Against the submitted version that this one supplements; set-aside versions were never submitted."""
    earlier = submission.version.supplements
    if earlier is None or not earlier.frozen:
        return None
    return {
        "since": earlier.version,
        "rows": differences(earlier.frozen, submission.version.frozen or {}),
    }
