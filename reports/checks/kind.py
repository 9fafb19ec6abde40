"""(a)(3): at least one kind of loss is named, on the incident and in the report."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import ERROR, Draft, Result, missing_element


def check(draft: Draft) -> Iterator[Result]:
    if not draft.incident.kinds:
        words = (
            "The incident names no kind of loss. Choose removal, defacing, alteration or destruction "
            "on the incident's page."
        )
        yield Result("C-KIND", ERROR, words, "36 CFR 1230.3(b)", section="a3", missing=True)
    words = "The report does not say what happened in the words of 36 CFR 1230.3(b)."
    yield from missing_element(draft, "a3.kinds", "C-KIND-WORDS", words)
