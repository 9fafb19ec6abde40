"""36 CFR 1230.14(a)(1): description, volume and dates, from findings, exports and filings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from records.models import Finding
from reports import citations
from reports.citations import Evidence
from reports.prefill.case import Case, Proposal, listed


class Loss(NamedTuple):
    """A group of findings whose counts may be added up, and what they count."""

    rules: frozenset[str]
    one: str
    many: str


MOST_NAMES: Final = 12

LOSSES: Final = (
    Loss(frozenset({"messages_deleted"}), "message deleted", "messages deleted"),
    Loss(frozenset({"view_once"}), "view-once item gone", "view-once items gone"),
    Loss(frozenset({"not_received"}), "message never received", "messages never received"),
    Loss(frozenset({"media_omitted"}), "media file left out", "media files left out"),
    Loss(frozenset({"media_missing"}), "media file missing", "media files missing"),
    Loss(
        frozenset({"ordinal_gaps", "id_gaps", "count_mismatch"}),
        "message possibly missing",
        "messages possibly missing",
    ),
)


def propose(case: Case) -> Iterator[Proposal]:
    yield from _description(case)
    yield from _schedule(case)
    yield from _volume(case)
    yield from _dates(case)
    if case.exports:
        query = {"count": "custodians", "exports": case.export_ids}
        counted = citations.of_query(query, "Custodians of the message exports")
        yield Proposal("a1.custodians", counted.figure, (counted,))


def _description(case: Case) -> Iterator[Proposal]:
    tools = listed(tool.name for tool in case.tools)
    if case.exports:
        names = _some(sorted({f'"{conversation.title}"' for conversation in case.conversations}))
        people = listed(str(custodian) for custodian in case.custodians)
        conversations = f" in the conversations {names}" if names else ""
        words = f"Messages written with {tools}{conversations}, from the devices or accounts of {people}."
        evidence = (
            *(citations.of_export(export) for export in case.exports),
            *(citations.of_custodian(custodian) for custodian in case.custodians),
        )
        yield Proposal("a1.description", words, evidence)
    if case.tools:
        form = "; held as message exports" if case.exports else ""
        evidence = tuple(citations.of_tool(tool) for tool in case.tools)
        yield Proposal("a1.application", f"{tools}{form}", evidence)


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return listed([*names[:MOST_NAMES], *([f"{more:,} more"] if more > 0 else [])])


def _schedule(case: Case) -> Iterator[Proposal]:
    if not case.conversations:
        return
    items = {item for conversation in case.conversations if (item := conversation.schedule_item)}
    unscheduled = any(conversation.schedule_item is None for conversation in case.conversations)
    evidence = tuple(citations.of_export(export) for export in case.exports)
    named = [
        f"{item} ({item.authority or 'no authority number on file'})"
        for item in sorted(items, key=str)
    ]
    yield Proposal(
        "a1.schedule", "; ".join([*named, *(["unscheduled"] if unscheduled else [])]), evidence
    )
    states = {str(item.disposition) for item in items} | ({"unscheduled"} if unscheduled else set())
    yield Proposal("a1.status", states.pop() if len(states) == 1 else "mixed", evidence)


def _volume(case: Case) -> Iterator[Proposal]:
    parts: list[str] = []
    evidence: list[Evidence] = []
    for loss in LOSSES:
        findings = [finding.pk for finding in case.findings if finding.rule in loss.rules]
        if not findings:
            continue
        query = {"count": "entries", "findings": findings}
        counted = citations.of_query(query, f"Sum of findings: {loss.many}")
        parts.append(f"{counted.figure} {loss.one if counted.figure == '1' else loss.many}")
        evidence.append(counted)
    timers = [finding for finding in case.findings if finding.rule == "timer_spans"]
    if timers:
        query = {"count": "findings", "findings": [finding.pk for finding in timers]}
        counted = citations.of_query(query, "Spans in which messages disappeared by a timer")
        noun = "span" if counted.figure == "1" else "spans"
        parts.append(f"{counted.figure} {noun} in which further messages disappeared by a timer")
        evidence.append(counted)
    if parts:
        yield Proposal("a1.volume", "; ".join(parts), tuple(evidence))


def _dates(case: Case) -> Iterator[Proposal]:
    dated = [finding for finding in case.findings if _is_dated(finding)]
    if not dated:
        return
    ids = [finding.pk for finding in dated]
    for key, count, label in (
        ("a1.date_from", "first_day", "Earliest day of the findings"),
        ("a1.date_to", "last_day", "Latest day of the findings"),
    ):
        counted = citations.of_query({"count": count, "findings": ids}, label)
        yield Proposal(key, counted.figure, (counted,))


def _is_dated(finding: Finding) -> bool:
    return finding.first_local is not None and finding.last_local is not None
