"""Submitting: the last look before it, and the receipt: number, time, hashes, the package, and how to check it."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.agency.access import can
from portal.jobs.models import Job
from portal.kit.views import requires
from portal.vault.models import StoredFile
from portal.vault.store import open_sealed
from reports.lifecycles import REPORT_VERSION
from reports.models import Submission
from reports.services import submissions as services
from reports.web import rows
from reports.web.rows import person


@require_GET
@requires("reports.view")
def report_submit(request: HttpRequest, number: str) -> HttpResponse:
    """What is about to go to NARA, and that it cannot be undone; only the button on this page submits."""
    version = rows.newest(request, number)
    offers = {
        offer.transition.name: offer for offer in REPORT_VERSION.available(version, person(request))
    }
    context = {
        "title": "Submit to NARA",
        "breadcrumbs": rows.crumbs(version),
        "version": version,
        "submit": offers.get("submit"),
        "exhibits": len((version.frozen or {}).get("exhibits", [])),
    }
    return render(request, "reports/report_submit.html", context)


@require_GET
@requires("submissions.view")
def submission_detail(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt, to be printed and kept; the look is kept in the audit log.

    While the package is built the page asks for that part alone, again and again: nobody is looking then.
    """
    submission = rows.submission_of(request, number)
    if request.headers.get("HX-Request"):
        template = "reports/submission_package.html"
    else:
        template = "reports/submission_detail.html"
        services.note_opening(submission, "receipt", actor=person(request))
    return render(request, template, _context(request, submission))


@require_GET
@requires("submissions.view")
def submission_package(request: HttpRequest, number: str) -> FileResponse:
    """The package as it was sealed; the download is kept in the audit log."""
    submission = rows.submission_of(request, number)
    if submission.package is None:
        raise Http404
    services.note_opening(submission, "package", actor=person(request))
    return sealed_response(submission.package, f"{number}.zip")


def sealed_response(stored: StoredFile, name: str) -> FileResponse:
    """Sealed bytes as a download that no browser opens by itself."""
    response = FileResponse(
        open_sealed(stored),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _context(request: HttpRequest, submission: Submission) -> dict[str, Any]:
    job = Job.objects.filter(kind=services.BUILD_TASK, subject_id=str(submission.pk)).first()
    report = submission.version.report
    return {
        "title": submission.number,
        "breadcrumbs": rows.crumbs(submission.version)
        if can(person(request), "reports.view", submission.agency)
        else [],
        "submission": submission,
        "version": submission.version,
        "report": report,
        "frozen": submission.version.frozen or {},
        "failed": job if job and job.state == Job.State.FAILED else None,
        "can_see_report": can(person(request), "reports.view", submission.agency),
    }
