"""A cited finding that no longer stands: dismissed, withdrawn by a new reading, or taken off the incident."""

from __future__ import annotations

from collections.abc import Iterator

from records.models import Finding
from reports.checks.base import ERROR, Draft, Result
from reports.models import Citation


def check(draft: Draft) -> Iterator[Result]:
    for key, cited in draft.citations.items():
        for citation in cited:
            if citation.kind != Citation.Kind.FINDING or citation.target_id is None:
                continue
            why = _fallen(draft, citation.target_id)
            if why:
                spec = draft.specs.get(key)
                label = spec.label if spec else key
                words = (
                    f"{label}: {citation.label} {why}. Remove the citation and what rests on it."
                )
                regulation = spec.citation if spec else ""
                yield Result("C-FINDING", ERROR, words, regulation, field=key)


def _fallen(draft: Draft, finding_id: int) -> str:
    finding = draft.findings.get(finding_id)
    if finding is None:
        return "does not exist any more"
    if finding.withdrawn:
        return "was no longer seen when the file was read again"
    if finding.state == Finding.State.DISMISSED:
        return "was dismissed"
    return "" if finding_id in draft.on_incident else "is no longer part of the incident"
