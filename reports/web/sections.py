"""Pages of one section: its fields, each saved as it is left; its citations; accepted warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.errors import Conflict, UserError
from portal.kit.views import requires
from reports import checks
from reports.checklist import rows_of
from reports.checks import Draft
from reports.models import Field, ReportVersion
from reports.sections import FieldSpec, SectionSpec, state_words
from reports.services import fields as services
from reports.services.fields import Change, FieldConflict
from reports.web import rows
from reports.web.blocks import field_contexts, field_of, may_edit, section_of
from reports.web.rows import person


@require_http_methods(["GET", "HEAD", "POST"])
@requires("reports.view")
def report_section(request: HttpRequest, number: str, section: str) -> HttpResponse:
    """The section's fields. With a script each is saved as it is left; without, one button saves all."""
    version = rows.newest(request, number)
    if request.method != "POST":
        return _section_page(request, version, section)
    draft = checks.draft_of(version)
    spec = section_of(draft, section)
    changes = {
        field.key: change
        for field in spec.fields
        if (change := _change(request, field)) is not None
    }
    outcome = services.save_fields(version, changes, actor=person(request))
    if outcome.conflicts or outcome.problems:
        status = 409 if outcome.conflicts else 422
        return _section_page(request, version, section, outcome, changes, status)
    saved = len(outcome.saved)
    noun = "field" if saved == 1 else "fields"
    messages.success(request, f"{saved} {noun} saved." if saved else "Nothing had changed.")
    if "continue" not in request.POST:
        return redirect("report-section", number, section)
    following = _next_section(draft, section)
    if following is None:
        return redirect("report-detail", number)
    return redirect("report-section", number, following.key)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("reports.view")
def report_field(request: HttpRequest, number: str, section: str, name: str) -> HttpResponse:
    """One field: GET draws it as it is stored; POST saves it and answers what was saved, or both texts."""
    version = rows.newest(request, number)
    draft = checks.draft_of(version)
    spec = field_of(draft, section, name)
    if request.method != "POST":
        block = field_contexts(draft, [spec])[0] | {"may_edit": may_edit(version, person(request))}
        return render(request, "reports/section_field.html", block)
    change = _change(request, spec)
    context: dict[str, Any] = {"spec": spec, "version": version, "change": change}
    if change is None:
        context["field"] = draft.field(spec.key)
        return render(request, "reports/section_saved.html", context)
    context["now"] = timezone.now()
    try:
        context["field"] = services.save_field(version, spec.key, change, actor=person(request))
    except FieldConflict as conflict:
        context |= {"field": conflict.theirs, "conflict": conflict, "mine": _mine(spec, change)}
        return render(request, "reports/section_saved.html", context, status=409)
    except Conflict:
        raise
    except UserError as error:
        context |= {"field": draft.field(spec.key), "problem": error.words}
        return render(request, "reports/section_saved.html", context, status=422)
    fresh = checks.draft_of(version)
    found = [result for result in checks.run_on(fresh) if result.place == section]
    context |= {"found": found, "section": section_of(fresh, section)}
    return render(request, "reports/section_saved.html", context)


def _section_page(
    request: HttpRequest,
    version: ReportVersion,
    key: str,
    outcome: services.Outcome | None = None,
    changes: dict[str, Change] | None = None,
    status: int = 200,
) -> HttpResponse:
    draft = checks.draft_of(version)
    section = section_of(draft, key)
    results = checks.run_on(draft)
    blocks = field_contexts(draft, section.fields)
    for block in blocks:
        spec = block["spec"]
        if outcome and changes and spec.key in outcome.conflicts:
            block |= {"conflict": True, "mine": _mine(spec, changes[spec.key])}
            block |= {"change": changes[spec.key], "shown": changes[spec.key]}
        elif outcome and changes and spec.key in outcome.problems:
            block |= {"problem": outcome.problems[spec.key]}
            block |= {"change": changes[spec.key], "shown": changes[spec.key]}
    return render(
        request,
        "reports/section_detail.html",
        {
            "title": f"{section.number} {section.title}",
            "breadcrumbs": rows.crumbs(version),
            "version": version,
            "section": section,
            "blocks": blocks,
            "found": [result for result in results if result.place == key],
            "may_edit": may_edit(version, person(request)),
            "navigation": _navigation(draft, results, key),
            "following": _next_section(draft, key),
            "refused": bool(outcome),
        },
        status=status,
    )


def _navigation(draft: Draft, results: Sequence[checks.Result], key: str) -> list[dict[str, Any]]:
    tones = {"complete": "good", "has_errors": "bad", "in_progress": "warn", "not_started": "quiet"}
    return [
        {
            "label": f"{row.section.number} {row.section.title}",
            "url": reverse("report-section", args=[draft.version.report.number, row.section.key]),
            "current": row.section.key == key,
            "note": row.words,
            "tone": tones[row.state],
        }
        for row in rows_of(draft, results)
    ]


def _next_section(draft: Draft, key: str) -> SectionSpec | None:
    keys = [section.key for section in draft.sections]
    following = keys.index(key) + 1
    return draft.sections[following] if following < len(keys) else None


def _change(request: HttpRequest, spec: FieldSpec) -> Change | None:
    """What the form says of one field, or None when nobody touched it since it was shown.

    A button "keep mine" brings the revision that stood beside the other text.
    """
    post, name = request.POST, spec.name
    revision = post.get(f"{name}-keep") or post.get(f"{name}-revision", "")
    if not revision.isdecimal():
        return None
    change = Change(
        int(revision),
        _lines(post.get(f"{name}-value", "")),
        post.get(f"{name}-state", Field.State.GIVEN),
        _lines(post.get(f"{name}-reason", "")),
    )
    given = change.state == Field.State.GIVEN
    answer = Field(
        state=change.state,
        value=change.value if given else "",
        reason="" if given else change.reason,
    )
    return None if answer.seen == post.get(f"{name}-seen") else change


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _mine(spec: FieldSpec, change: Change) -> str:
    if change.state == Field.State.GIVEN:
        return spec.words(change.value)
    return f"{state_words(spec, change.state)}: {change.reason}"
