"""(a)(1): the records are described."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import Draft, Result, missing_element


def check(draft: Draft) -> Iterator[Result]:
    words = "The records are not described. Write what they are, so that an outsider understands."
    yield from missing_element(draft, "a1.description", "C-DESCRIPTION", words)
