"""Pages of citations: what a field rests on, the sum behind a figure, and warnings that stand with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from portal.errors import UserError
from portal.kit.views import requires
from records.models import Finding, Message, MessageExport
from reports import checks, citations
from reports.checks import Draft
from reports.models import Citation
from reports.services import fields as services
from reports.web import rows
from reports.web.blocks import cited_in, field_of, may_edit, section_of
from reports.web.rows import person

MOST_OFFERED = 50


@require_http_methods(["GET", "HEAD", "POST"])
@requires("reports.view")
def report_citations(request: HttpRequest, number: str, section: str, name: str) -> HttpResponse:
    """What a field cites, and a search among the incident's evidence to cite more."""
    version = rows.newest(request, number)
    draft = checks.draft_of(version)
    spec = field_of(draft, section, name)
    here = redirect("report-citations", number, section, name)
    if request.method == "POST":
        if "remove" in request.POST:
            there = Citation.objects.filter(field__version=version)
            row = get_object_or_404(there, pk=_number(request, "remove"))
            services.remove_citation(version, row, actor=person(request))
            messages.success(request, "The citation was removed.")
        else:
            chosen = _chosen(request, draft)
            added = services.add_citations(version, spec.key, chosen, actor=person(request))
            messages.success(
                request, f"{len(added)} added." if added else "Nothing new was chosen."
            )
        return here
    words = request.GET.get("q", "").strip()
    return render(
        request,
        "reports/section_citations.html",
        {
            "title": f"Citations of \u201c{spec.label}\u201d",
            "breadcrumbs": [
                *rows.crumbs(version),
                (
                    section_of(draft, section).title,
                    f"{reverse('report-section', args=[number, section])}#field-{spec.name}",
                ),
            ],
            "version": version,
            "spec": spec,
            "section": section,
            "cited": cited_in(draft, [spec])[spec.key],
            "offered": {
                name: found[:MOST_OFFERED] for name, found in _evidence(draft, words).items()
            },
            "words": words,
            "may_edit": may_edit(version, person(request)),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires("reports.view")
def citation_detail(request: HttpRequest, number: str, citation: int) -> HttpResponse:
    """The sum behind a cited figure: then and now, line by line. POST counts it again."""
    version = rows.newest(request, number)
    row = get_object_or_404(
        Citation.objects.select_related("field"),
        pk=citation,
        field__version__report=version.report,
        kind=Citation.Kind.QUERY,
    )
    query = row.query or {}
    if request.method == "POST":
        services.refresh_citation(version, row, actor=person(request))
        messages.success(
            request, "The figure of today was taken. Check the text of the field as well."
        )
        return redirect("citation-detail", number, citation)
    section = row.field.key.partition(".")[0]
    return render(
        request,
        "reports/section_figure.html",
        {
            "title": row.label,
            "breadcrumbs": [
                *rows.crumbs(version),
                (section, reverse("report-section", args=[number, section])),
            ],
            "version": version,
            "citation": row,
            "words": citations.words_of(query),
            "parts": citations.parts_of(query),
            "now": citations.figure_of(query),
            "may_edit": row.field.version_id == version.pk and may_edit(version, person(request)),
            "field_url": f"{reverse('report-section', args=[number, section])}"
            f"#field-{row.field.key.replace('.', '-')}",
        },
    )


@require_POST
@requires("reports.edit")
def report_warning(request: HttpRequest, number: str) -> HttpResponse:
    """Let a warning stand, with a reason."""
    version = rows.newest(request, number)
    try:
        services.accept_warning(
            version,
            request.POST.get("code", ""),
            request.POST.get("reason", ""),
            seen=request.POST.get("seen", ""),
            actor=person(request),
        )
        messages.success(
            request, "The warning stands with your reason, which becomes part of the report."
        )
    except UserError as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('report-detail', args=[number])}#warnings")


def _evidence(draft: Draft, words: str = "") -> dict[str, Any]:
    """The incident's findings, documents and exports that contain the words."""
    findings = Finding.objects.filter(pk__in=draft.on_incident, withdrawn=False).exclude(
        state=Finding.State.DISMISSED
    )
    exports = MessageExport.objects.filter(findings__in=findings).distinct()
    documents = draft.incident.documents.all()
    if words:
        findings = findings.filter(Q(title__icontains=words) | Q(explanation__icontains=words))
        exports = exports.filter(Q(name__icontains=words) | Q(number__icontains=words))
        documents = documents.filter(Q(title__icontains=words) | Q(number__icontains=words))
    return {
        "findings": findings.select_related("export").order_by("export__number", "number"),
        "documents": documents,
        "exports": exports.order_by("number"),
    }


def _chosen(request: HttpRequest, draft: Draft) -> list[citations.Evidence]:
    """Only evidence of this incident can be cited; an entry is named by its export and its number."""
    there = _evidence(draft)
    found = [
        *map(citations.of_finding, there["findings"].filter(pk__in=_ids(request, "finding"))),
        *map(citations.of_document, there["documents"].filter(pk__in=_ids(request, "document"))),
        *map(citations.of_export, there["exports"].filter(pk__in=_ids(request, "export"))),
    ]
    entry = request.POST.get("entry", "").strip()
    if entry:
        found.append(_entry(there["exports"], entry, _ids(request, "entry_export")))
    return found


def _entry(exports: Any, entry: str, chosen: set[int]) -> citations.Evidence:
    export = exports.filter(pk__in=chosen).first()
    seq = int(entry) if entry.isdecimal() and len(entry) < 10 else 0
    if export is None or not Message.objects.filter(export=export, seq=seq).exists():
        raise UserError(
            "R-ENTRY",
            f"There is no entry {entry} in that export.",
            next_step="Look up its number on the conversation's page.",
        )
    return citations.of_message(export, seq)


def _number(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "")
    return int(value) if value.isdecimal() else 0


def _ids(request: HttpRequest, name: str) -> set[int]:
    return {int(value) for value in request.POST.getlist(name) if value.isdecimal()}
