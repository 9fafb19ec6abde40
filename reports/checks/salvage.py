"""(a)(5): actions to salvage, retrieve or reconstruct, or why none is appropriate."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import Draft, Result, missing_element


def check(draft: Draft) -> Iterator[Result]:
    words = (
        "Actions to salvage, retrieve or reconstruct are missing. Tell them, or choose "
        "\u201cNot appropriate\u201d and write why."
    )
    yield from missing_element(draft, "a5.actions", "C-SALVAGE", words)
