"""(a)(2): the office that maintains the records is named."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import Draft, Result, missing_element


def check(draft: Draft) -> Iterator[Result]:
    words = "The office that maintains the records is not named."
    yield from missing_element(draft, "a2.office", "C-OFFICE", words)
