"""A figure that its citations do not give: it was changed by hand, and the evidence says another one (I9)."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import ERROR, Draft, Result
from reports.field_values import numbers_in
from reports.models import Citation


def check(draft: Draft) -> Iterator[Result]:
    for key, spec in draft.specs.items():
        cited = draft.citations.get(key, [])
        counted = [row.figure for row in cited if row.kind == Citation.Kind.QUERY]
        # A document, finding or message may show a figure of its own, which only a person can compare.
        if not spec.figure or not counted or len(counted) != len(cited):
            continue
        known = {number for figure in counted for number in numbers_in(figure)}
        strange = [number for number in numbers_in(draft.given(key)) if number not in known]
        if strange:
            words = (
                f"{spec.label}: {', '.join(strange)} is not what the cited evidence gives "
                f"({'; '.join(counted)}). Correct the figure, or cite what shows it."
            )
            yield Result("C-FIGURE", ERROR, words, spec.citation, field=key)
