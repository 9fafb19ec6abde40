"""What Custos proposes for each field of a report, and from which evidence: nothing without a citation (I9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from reports.models import Incident
from reports.prefill import circumstances, letter, office, records, safeguards, salvage
from reports.prefill.case import Case, Proposal, gather

__all__ = ["Case", "Proposal", "propose"]

PROPOSERS: Final[tuple[Callable[[Case], Iterator[Proposal]], ...]] = (
    records.propose,
    office.propose,
    circumstances.propose,
    safeguards.propose,
    salvage.propose,
    letter.propose,
)


def propose(incident: Incident) -> list[Proposal]:
    """Every proposal for the report on an incident; a field without evidence has none."""
    case = gather(incident)
    return [proposal for proposer in PROPOSERS for proposal in proposer(case) if proposal.value]
