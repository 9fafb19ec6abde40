"""Items of NARA's letter: the papers on file that answer them, proposed by the words the item uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from records.models import Document
from reports import citations
from reports.prefill.case import Case, Proposal

WORDS: Final[dict[str, str]] = {
    "polic": Document.Kind.POLICY,
    "directive": Document.Kind.POLICY,
    "training": Document.Kind.TRAINING,
    "inspector general": Document.Kind.OIG_REPORT,
    "oig": Document.Kind.OIG_REPORT,
    "corrective": Document.Kind.OIG_REPORT,
}


def propose(case: Case) -> Iterator[Proposal]:
    for item in case.items:
        asked = item.asks.lower()
        kinds = {kind for word, kind in WORDS.items() if word in asked}
        papers = [document for document in case.documents if document.kind in kinds]
        if papers:
            words = "\n".join(
                f"See {document.title} ({document.number}), attached." for document in papers
            )
            evidence = tuple(citations.of_document(document) for document in papers)
            yield Proposal(f"x{item.pk}.answer", words, evidence)
