"""What pages of sections, fields and citations have in common."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from portal.agency.access import can
from reports import checks, citations
from reports.checks import Draft
from reports.models import ReportVersion
from reports.sections import FieldSpec, SectionSpec, state_words


def section_of(draft: Draft, key: str) -> SectionSpec:
    """A section of the checklist, else 404."""
    for section in draft.sections:
        if section.key == key:
            return section
    raise Http404


def field_of(draft: Draft, section: str, name: str) -> FieldSpec:
    """A field by its HTML name, else 404."""
    for spec in section_of(draft, section).fields:
        if spec.name == name:
            return spec
    raise Http404


def may_edit(version: ReportVersion, user: Any) -> bool:
    """Is it a draft, and may this person write in it?"""
    office = version.report.incident.office
    return version.state == ReportVersion.State.DRAFT and bool(can(user, "reports.edit", office))


def field_context(draft: Draft, spec: FieldSpec) -> dict[str, Any]:
    """What `reports/section_field.html` draws."""
    field = draft.field(spec.key)
    return {
        "version": draft.version,
        "spec": spec,
        "field": field,
        "shown": field,
        "cited": cited_of(draft, spec),
        "states": [(state, state_words(spec, state)) for state in ("given", *spec.states)],
    }


def cited_of(draft: Draft, spec: FieldSpec) -> list[dict[str, Any]]:
    """The citations of a field, each with the address of its evidence."""
    cited = draft.citations.get(spec.key, [])
    urls = citations.urls_of(cited, draft.version.report.number)
    return [{"citation": row, "url": urls[row.pk]} for row in cited]


def found_in(draft: Draft, section: str) -> list[checks.Result]:
    """What the checks say of one section."""
    return [result for result in checks.run_on(draft) if result.place == section]
