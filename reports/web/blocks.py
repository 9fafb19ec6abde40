"""What pages of sections, fields and citations have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404

from portal.agency.access import can
from reports import citations
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


def field_contexts(draft: Draft, specs: Sequence[FieldSpec]) -> list[dict[str, Any]]:
    """What `reports/section_field.html` draws, for each field."""
    cited = cited_in(draft, specs)
    return [
        {
            "version": draft.version,
            "spec": spec,
            "field": draft.field(spec.key),
            "shown": draft.field(spec.key),
            "cited": cited[spec.key],
            "states": [(state, state_words(spec, state)) for state in ("given", *spec.states)],
        }
        for spec in specs
    ]


def cited_in(draft: Draft, specs: Sequence[FieldSpec]) -> dict[str, list[dict[str, Any]]]:
    """The citations of fields, each with the address of its evidence."""
    found = {spec.key: draft.citations.get(spec.key, []) for spec in specs}
    together = [row for rows in found.values() for row in rows]
    urls = citations.urls_of(together, draft.version.report.number)
    return {
        key: [{"citation": row, "url": urls[row.pk]} for row in rows] for key, rows in found.items()
    }
