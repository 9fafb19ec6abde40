"""(a)(1): the volume is given, or why it is not known."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import Draft, Result, missing_element


def check(draft: Draft) -> Iterator[Result]:
    words = "The volume is missing. Give it, or choose \u201cNot known\u201d and write why."
    yield from missing_element(draft, "a1.volume", "C-VOLUME", words)
