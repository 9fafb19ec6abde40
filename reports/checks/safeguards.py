"""(a)(4): at least one safeguard against further loss is stated."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import Draft, Result, missing_element


def check(draft: Draft) -> Iterator[Result]:
    words = "No safeguard is stated. Name at least one measure that prevents further loss."
    yield from missing_element(draft, "a4.safeguards", "C-SAFEGUARDS", words)
