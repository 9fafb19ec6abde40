"""The evidence of one incident, read once for all proposals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from portal.agency.models import Office
from records.models import Conversation, Custodian, Document, Finding, MessageExport, MessagingTool
from reports.citations import Evidence
from reports.models import Incident, LetterItem, NaraLetter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value for one field and the evidence that it comes from."""

    key: str
    value: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """An incident with everything that its report can be filled from."""

    incident: Incident
    findings: tuple[Finding, ...]
    exports: tuple[MessageExport, ...]
    conversations: tuple[Conversation, ...]
    custodians: tuple[Custodian, ...]
    offices: tuple[Office, ...]
    tools: tuple[MessagingTool, ...]
    documents: tuple[Document, ...]
    letters: tuple[NaraLetter, ...]
    items: tuple[LetterItem, ...]

    @property
    def finding_ids(self) -> list[int]:
        return [finding.pk for finding in self.findings]

    @property
    def export_ids(self) -> list[int]:
        return [export.pk for export in self.exports]


def gather(incident: Incident) -> Case:
    """Findings that still stand, their exports, and the people, offices, tools and papers of the incident."""
    findings = tuple(
        Finding.objects.filter(incident_findings__incident=incident, withdrawn=False)
        .exclude(state=Finding.State.DISMISSED)
        .select_related("export__custodian__person", "export__tool", "export__office")
        .order_by("export__number", "number")
    )
    exports = tuple({finding.export_id: finding.export for finding in findings}.values())
    conversations = Conversation.objects.filter(export__in=exports)
    items = LetterItem.objects.filter(letter__incident=incident).select_related("letter")
    return Case(
        incident=incident,
        findings=findings,
        exports=exports,
        conversations=tuple(conversations.select_related("schedule_item__schedule", "export")),
        custodians=_merged(
            incident.custodians.select_related("person"), (export.custodian for export in exports)
        ),
        offices=_merged(incident.offices.all(), (export.office for export in exports)),
        tools=_merged(incident.tools.all(), (export.tool for export in exports)),
        documents=tuple(incident.documents.order_by("dated", "pk")),
        letters=tuple(incident.letters.select_related("document")),
        items=tuple(items.order_by("letter__dated", "letter_id", "number")),
    )


def listed(names: Iterable[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _merged(first: Iterable[T], second: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys([*first, *second]))
