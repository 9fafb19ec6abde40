"""36 CFR 1230.14(a)(5): what was done to retrieve records: the message exports that were taken."""

from __future__ import annotations

from collections.abc import Iterator

from records.models import MessageExport
from reports import citations
from reports.prefill.case import Case, Proposal


def propose(case: Case) -> Iterator[Proposal]:
    if not case.exports:
        return
    lines = ["Exports of the conversations were taken and sealed:", *map(_line, case.exports)]
    query = {"count": "messages", "exports": case.export_ids}
    counted = citations.of_query(query, "Entries held in the message exports")
    exports = (citations.of_export(export) for export in case.exports)
    yield Proposal("a5.actions", "\n".join(lines), (counted, *exports))


def _line(export: MessageExport) -> str:
    day = export.collected_on or export.received_at.date()
    done = "collected" if export.collected_on else "received"
    return (
        f"- {export.number} from {export.custodian} ({export.tool}), {done} on "
        f"{day:%B} {day.day}, {day.year}: {export.entries:,} entries"
    )
