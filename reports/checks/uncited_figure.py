"""A figure without a citation: nobody could show where it comes from (I9)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reports.checks.base import ERROR, Draft, Result

_DIGIT = re.compile(r"\d")


def check(draft: Draft) -> Iterator[Result]:
    for key, spec in draft.specs.items():
        if spec.figure and _DIGIT.search(draft.given(key)) and not draft.citations.get(key):
            words = (
                f"{spec.label}: the figure has no citation. Cite the finding, export or document "
                "that shows it, or choose \u201cNot known\u201d."
            )
            yield Result("C-UNCITED", ERROR, words, spec.citation, field=key)
