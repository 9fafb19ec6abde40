"""Citations: from a figure or sentence of the report to its evidence, and whether the figure still holds (I9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.urls import NoReverseMatch, reverse

from portal.agency.models import Office
from records.models import Conversation, Custodian, Document, Finding, MessageExport, MessagingTool
from reports.models import Citation, Field, ReportVersion
from reports.sources import Entries, Sources

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Evidence(NamedTuple):
    """What a citation is made from, before it is kept."""

    kind: str
    label: str
    target_id: int | None = None
    seq: int | None = None
    query: dict[str, Any] | None = None
    figure: str = ""

    def row(self, field: Field) -> Citation:
        return Citation(field=field, **self._asdict())


class Part(NamedTuple):
    """One line of the sum behind a counted figure."""

    label: str
    url: str
    figure: str


class Drift(NamedTuple):
    """A cited figure that is no longer what the evidence says."""

    citation: Citation
    was: str
    now: str


def of_finding(finding: Finding) -> Evidence:
    return Evidence("finding", f"{finding}: {finding.title}"[:300], finding.pk)


def of_document(document: Document) -> Evidence:
    return Evidence("document", str(document)[:300], document.pk)


def of_export(export: MessageExport) -> Evidence:
    return Evidence("export", f"{export.number}: {export.name}"[:300], export.pk)


def of_office(office: Office) -> Evidence:
    return Evidence("office", f"Office: {office.name}"[:300], office.pk)


def of_custodian(custodian: Custodian) -> Evidence:
    return Evidence("custodian", f"Custodian: {custodian}"[:300], custodian.pk)


def of_tool(tool: MessagingTool) -> Evidence:
    return Evidence("tool", f"Messaging tool: {tool.name}"[:300], tool.pk)


def of_message(export: MessageExport, seq: int) -> Evidence:
    return Evidence("message", f"{export.number}, entry {seq}", export.pk, seq)


def of_query(query: dict[str, Any], label: str) -> Evidence:
    """A counted figure: what was counted is kept, and counted again when the report is frozen."""
    return Evidence("query", label[:300], query=query, figure=figure_of(query))


def figure_of(query: Mapping[str, Any], sources: Sources | None = None) -> str:
    """The figure that a query gives now: a count with thousands separators, or a day."""
    known = sources or Sources(queries=[query])
    what = query["count"]
    if what in ("first_day", "last_day"):
        days = [day for _, _, day in _days(query, known)]
        return (min(days) if what == "first_day" else max(days)) if days else ""
    return f"{sum(count for _, _, count in _counts(query, known)):,}"


def parts_of(query: Mapping[str, Any], sources: Sources | None = None) -> list[Part]:
    """The sum behind a figure, line by line, each with the address of its evidence."""
    known = sources or Sources(queries=[query])
    if query["count"] in ("first_day", "last_day"):
        return [Part(label, url, day) for label, url, day in _days(query, known)]
    return [Part(label, url, f"{count:,}") for label, url, count in _counts(query, known)]


def words_of(query: Mapping[str, Any]) -> str:
    """What was counted, as a sentence."""
    return {
        "messages": "Entries of the message exports below, of the kinds named.",
        "entries": "Messages, files or notices that the findings below count.",
        "findings": "The findings below that still stand.",
        "custodians": "The custodians of the message exports below.",
        "first_day": "The earliest day among the findings below.",
        "last_day": "The latest day among the findings below.",
    }[query["count"]]


def url_of(citation: Citation, report_number: str = "") -> str:
    """Where the evidence opens; empty when it is gone or has no page."""
    return urls_of([citation], report_number)[citation.pk]


def urls_of(citations: Iterable[Citation], report_number: str) -> dict[int, str]:
    """Addresses of many citations, with one query for each kind of evidence."""
    rows = list(citations)
    ids: dict[str, set[int]] = {}
    for row in rows:
        ids.setdefault(str(row.kind), set()).add(row.target_id or 0)
    findings = Finding.objects.filter(pk__in=ids.get("finding", ())).select_related("export")
    known: dict[tuple[str, int], str] = {
        **{("finding", finding.pk): _finding_url(finding) for finding in findings},
        **_named("export", MessageExport, "number", ids, "export-detail"),
        **_named("document", Document, "number", ids, "document-detail"),
        **_named("office", Office, "code", ids, "office-detail"),
        **_named("custodian", Custodian, "pk", ids, "custodian-detail"),
        **_named("tool", MessagingTool, "pk", ids, "tool-detail"),
    }
    found = {}
    for row in rows:
        if row.kind == Citation.Kind.QUERY:
            found[row.pk] = _url("citation-detail", report_number, row.pk) if report_number else ""
        elif row.kind == Citation.Kind.MESSAGE:
            found[row.pk] = _message_url(row.target_id or 0, row.seq or 0)
        else:
            found[row.pk] = known.get((str(row.kind), row.target_id or 0), "")
    return found


def place_of(citation: Citation, sources: Sources) -> str:
    """Where the evidence stands, in words that need no portal: for the frozen report."""
    target = citation.target_id or 0
    match citation.kind:
        case Citation.Kind.FINDING:
            finding = sources.findings.get(target)
            return _finding_place(finding, sources.entries[target]) if finding else ""
        case Citation.Kind.MESSAGE:
            export = sources.exports.get(target)
            return f"{export.number}, entry {citation.seq}" if export else ""
        case Citation.Kind.QUERY:
            parts = parts_of(citation.query or {}, sources)
            listed = "; ".join(f"{part.label}: {part.figure}" for part in parts[:40])
            more = f"; and {len(parts) - 40:,} more" if len(parts) > 40 else ""
            return f"{words_of(citation.query or {})} {listed}{more}"
        case _:
            return ""


def sha256_of(citation: Citation, sources: Sources) -> str:
    """SHA-256 of the sealed file behind a citation, or empty where there is none."""
    target = citation.target_id or 0
    holder: MessageExport | Document | None = None
    if citation.kind == Citation.Kind.FINDING:
        finding = sources.findings.get(target)
        holder = finding.export if finding else None
    elif citation.kind in (Citation.Kind.MESSAGE, Citation.Kind.EXPORT):
        holder = sources.exports.get(target)
    elif citation.kind == Citation.Kind.DOCUMENT:
        holder = sources.documents.get(target)
    return holder.stored_file.sha256 if holder else ""


def recheck(version: ReportVersion) -> list[Drift]:
    """Count every cited figure again; what differs is listed (I9)."""
    rows = Citation.objects.filter(field__version=version, kind=Citation.Kind.QUERY)
    cited = list(rows.select_related("field"))
    return list(drifts(cited, Sources(cited)))


def drifts(citations: Iterable[Citation], sources: Sources) -> Iterator[Drift]:
    """Those of the given citations whose figure is another one now."""
    for citation in citations:
        if citation.kind != Citation.Kind.QUERY or citation.query is None:
            continue
        now = figure_of(citation.query, sources)
        if now != citation.figure:
            yield Drift(citation, citation.figure, now)


def local_day(local: int | None) -> str:
    """The day of a device clock reading, as an ISO date; empty when undecided."""
    return "" if local is None else (_EPOCH + timedelta(microseconds=local)).date().isoformat()


def _standing(query: Mapping[str, Any], sources: Sources) -> list[Finding]:
    named = (sources.findings.get(pk) for pk in dict.fromkeys(query.get("findings", ())))
    kept = [
        finding
        for finding in named
        if finding and not finding.withdrawn and finding.state != Finding.State.DISMISSED
    ]
    return sorted(kept, key=lambda finding: (finding.export.number, finding.number))


def _counts(query: Mapping[str, Any], sources: Sources) -> list[tuple[str, str, int]]:
    match query["count"]:
        case "messages":
            return [
                (export.number, _url("export-detail", export.number), _entries(export, query))
                for export in _exports(query, sources)
            ]
        case "entries":
            return [
                (f"{finding}: {finding.title}", _finding_url(finding), finding.count)
                for finding in _standing(query, sources)
            ]
        case "findings":
            return [
                (f"{finding}: {finding.title}", _finding_url(finding), 1)
                for finding in _standing(query, sources)
            ]
        case "custodians":
            people: dict[int, tuple[str, str, int]] = {}
            for export in _exports(query, sources):
                label = f"{export.custodian} ({export.number})"
                people.setdefault(
                    export.custodian_id, (label, _url("export-detail", export.number), 1)
                )
            return list(people.values())
    raise ValueError(f"unknown count {query['count']}")


def _days(query: Mapping[str, Any], sources: Sources) -> list[tuple[str, str, str]]:
    first = query["count"] == "first_day"
    found = [
        (
            f"{finding}: {finding.title}",
            _finding_url(finding),
            local_day(finding.first_local if first else finding.last_local),
        )
        for finding in _standing(query, sources)
    ]
    return [part for part in found if part[2]]


def _exports(query: Mapping[str, Any], sources: Sources) -> list[MessageExport]:
    named = (sources.exports.get(pk) for pk in dict.fromkeys(query.get("exports", ())))
    return sorted((export for export in named if export), key=lambda export: export.number)


def _entries(export: MessageExport, query: Mapping[str, Any]) -> int:
    kinds = query.get("kinds")
    return sum(export.kinds.get(kind, 0) for kind in kinds) if kinds else export.entries


def _finding_place(finding: Finding, entries: Entries) -> str:
    seqs = entries.seqs[:20]
    more = entries.total - len(seqs)
    listed = ", ".join(str(seq) for seq in seqs) + (f" and {more:,} more" if more > 0 else "")
    return f"{finding.export.number}, entries {listed}" if seqs else finding.export.number


def _finding_url(finding: Finding) -> str:
    return _url("finding-detail", finding.export.number, finding.number)


def _message_url(export_id: int, seq: int) -> str:
    conversation = (
        Conversation.objects.select_related("export")
        .filter(export_id=export_id, messages__seq=seq, messages__export_id=export_id)
        .first()
    )
    if conversation is None:
        return ""
    base = _url("conversation-detail", conversation.export.number, conversation.index)
    return f"{base}?at={seq}#entry-{seq}" if base else ""


def _named(
    kind: str, model: Any, key: str, ids: Mapping[str, set[int]], name: str
) -> dict[tuple[str, int], str]:
    if kind not in ids:
        return {}
    rows = model.objects.filter(pk__in=ids[kind]).values_list("pk", key)
    return {(kind, pk): _url(name, value) for pk, value in rows}


def _url(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        # Some kinds of evidence have no page of their own.
        return ""
