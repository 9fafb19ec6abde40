"""A cited count that the evidence no longer gives: it is counted again before signing (I9)."""

from __future__ import annotations

from collections.abc import Iterator

from reports import citations
from reports.checks.base import ERROR, Draft, Result


def check(draft: Draft) -> Iterator[Result]:
    for key, cited in draft.citations.items():
        for drift in citations.drifts(cited, draft.sources):
            spec = draft.specs.get(key)
            now = drift.now or "nothing"
            words = (
                f"{spec.label if spec else key}: \u201c{drift.citation.label}\u201d was {drift.was} "
                f"when it was cited and is {now} now. Take the new figure, or remove the citation."
            )
            yield Result("C-DRIFT", ERROR, words, spec.citation if spec else "", field=key)
