"""Each item of NARA's letter is answered, or declined with a reason (36 CFR 1230.16(b))."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import Draft, Result, missing_element


def check(draft: Draft) -> Iterator[Result]:
    for section in draft.sections:
        if section.key.startswith("x"):
            words = f"NARA's {section.asked_by} is not answered: {section.title}"
            yield from missing_element(draft, f"{section.key}.answer", "C-LETTER-ITEM", words)
