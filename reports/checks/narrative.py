"""(a)(3): the exact circumstances are stated."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import Draft, Result, missing_element


def check(draft: Draft) -> Iterator[Result]:
    words = "The exact circumstances are not stated. Write what happened, step by step."
    yield from missing_element(draft, "a3.narrative", "C-NARRATIVE", words)
