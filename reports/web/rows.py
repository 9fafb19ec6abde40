"""Finding what a page is about: only what the person may see, else 404 (I6)."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.agency.models import User
from reports.models import ReportVersion, Submission

_WITH = ("report__incident__office", "drafter", "sent_for_signature_by", "supplements")


def person(request: HttpRequest) -> User:
    """Who asks: behind `requires` nobody is anonymous."""
    return cast(User, request.user)


def newest(request: HttpRequest, number: str) -> ReportVersion:
    """The newest version of a report."""
    visible = ReportVersion.objects.visible_to(person(request)).filter(report__number=number)
    version = visible.select_related(*_WITH).order_by("-version").first()
    if version is None:
        raise Http404
    return version


def version_of(request: HttpRequest, number: str, version: int) -> ReportVersion:
    """One version of a report."""
    visible = ReportVersion.objects.visible_to(person(request)).select_related(*_WITH)
    return get_object_or_404(visible, report__number=number, version=version)


def submission_of(request: HttpRequest, number: str) -> Submission:
    """A submission of the agencies in the person's reach."""
    visible = Submission.objects.visible_to(person(request))
    related = ("version__report", "version__signer__person", "agency", "submitted_by", "package")
    return get_object_or_404(visible.select_related(*related), number=number)


def crumbs(version: ReportVersion | None = None) -> list[tuple[str, str]]:
    """The way back to the checklist."""
    above: list[tuple[str, Any]] = [("Reports", reverse("report-list"))]
    if version:
        number = version.report.number
        above.append((number, reverse("report-detail", args=[number])))
    return above
