"""36 CFR 1230.14(a)(3): the statement of exact circumstances, finding by finding, each sentence with its source."""

from __future__ import annotations

from collections.abc import Iterator

from records.models import Finding
from reports import citations
from reports.deadlines import spelled
from reports.models import Incident
from reports.prefill.case import Case, Proposal

MOST_FINDINGS = 60


def propose(case: Case) -> Iterator[Proposal]:
    incident = case.incident
    papers = tuple(citations.of_document(document) for document in case.documents)
    findings = tuple(citations.of_finding(finding) for finding in _shown(case))
    yield Proposal("a3.kinds", kinds_in_words(incident), findings or papers)
    yield Proposal("a3.discovery", _discovery(incident), papers or findings)
    period = _period(incident)
    if period:
        yield Proposal("a3.period", period, findings or papers)
    yield from _narrative(case)


def kinds_in_words(incident: Incident) -> str:
    """The words of 36 CFR 1230.3(b) that the incident meets, and whether it is actual or feared."""
    labels = dict(Incident.Kind.choices)
    kinds = ", ".join(labels.get(kind, kind) for kind in incident.kinds)
    return f"{kinds}; {incident.occurrence}" if kinds else ""


def _discovery(incident: Incident) -> str:
    origin = incident.get_origin_display()
    words = (
        f"Discovered on {spelled(incident.discovered_on)}. Source: {origin[0].lower()}{origin[1:]}."
    )
    return f"{words} {incident.discovered_how}".strip()


def _period(incident: Incident) -> str:
    start, end = incident.occurred_from, incident.occurred_to
    if start and end:
        return f"{spelled(start)} to {spelled(end)}"
    if start or end:
        return f"From {spelled(start)}" if start else f"Until {spelled(end)}" if end else ""
    return ""


def _narrative(case: Case) -> Iterator[Proposal]:
    paragraphs = [case.incident.summary.strip()] if case.incident.summary.strip() else []
    for export in case.exports:
        lines = [_line(finding) for finding in _shown(case) if finding.export_id == export.pk]
        if lines:
            head = f"Message export {export.number} of {export.custodian} ({export.tool}):"
            paragraphs.append("\n".join([head, *lines]))
    further = len(case.findings) - MOST_FINDINGS
    if further > 0:
        paragraphs.append(f"{further:,} further findings are listed with this report.")
    evidence = (
        *(citations.of_finding(finding) for finding in _shown(case)),
        *(citations.of_document(document) for document in case.documents),
    )
    if paragraphs and evidence:
        yield Proposal("a3.narrative", "\n\n".join(paragraphs), evidence)


def _shown(case: Case) -> tuple[Finding, ...]:
    return case.findings[:MOST_FINDINGS]


def _line(finding: Finding) -> str:
    return f"- {finding.title} (finding {finding}). {finding.explanation}"
