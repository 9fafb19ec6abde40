"""What citations rest on, read with one query for each kind of evidence, whatever the number of citations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from records.models import Document, Finding, FindingEntry, MessageExport
from reports.frozen import ENTRY_CAP
from reports.models import Citation

_TARGET = {
    Citation.Kind.FINDING: "findings",
    Citation.Kind.EXPORT: "exports",
    Citation.Kind.MESSAGE: "exports",
    Citation.Kind.DOCUMENT: "documents",
}


class Entries(NamedTuple):
    """The entries that a finding cites, in order and at most ENTRY_CAP of them, and how many there are."""

    seqs: list[int]
    total: int


class Sources:
    """Findings, exports and documents by key. Each kind is read when it is first asked for, and then kept."""

    def __init__(
        self,
        citations: Iterable[Citation] = (),
        queries: Iterable[Mapping[str, Any]] = (),
        findings: Iterable[int] = (),
    ) -> None:
        rows = list(citations)
        self._ids: dict[str, set[int]] = {
            "findings": {*findings},
            "exports": set(),
            "documents": set(),
        }
        for row in rows:
            if row.kind in _TARGET and row.target_id is not None:
                self._ids[_TARGET[Citation.Kind(row.kind)]].add(row.target_id)
        for query in (*queries, *(row.query or {} for row in rows)):
            for kind in ("findings", "exports"):
                self._ids[kind].update(query.get(kind, ()))

    @cached_property
    def findings(self) -> dict[int, Finding]:
        return Finding.objects.select_related(
            *("export__office", "export__custodian__person", "export__stored_file"), "conversation"
        ).in_bulk(self._ids["findings"])

    @cached_property
    def exports(self) -> dict[int, MessageExport]:
        related = MessageExport.objects.select_related("custodian__person", "stored_file")
        return related.in_bulk(self._ids["exports"])

    @cached_property
    def documents(self) -> dict[int, Document]:
        return Document.objects.select_related("stored_file").in_bulk(self._ids["documents"])

    @cached_property
    def entries(self) -> dict[int, Entries]:
        """What each of the findings cites."""
        own = F("finding")
        rows = FindingEntry.objects.filter(finding__in=self._ids["findings"]).annotate(
            place=Window(RowNumber(), partition_by=own, order_by="seq"),
            total=Window(Count("pk"), partition_by=own),
        )
        found = {pk: Entries([], 0) for pk in self._ids["findings"]}
        listed = rows.filter(place__lte=ENTRY_CAP).order_by("finding", "seq")
        for finding, seq, total in listed.values_list("finding", "seq", "total"):
            found[finding] = Entries(found[finding].seqs, total)
            found[finding].seqs.append(seq)
        return found
