"""(a)(1): the dates of the records are given and in order, or why they are not known."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import ERROR, Draft, Result, missing_element


def check(draft: Draft) -> Iterator[Result]:
    for key, word in (("a1.date_from", "first"), ("a1.date_to", "last")):
        words = (
            f"The {word} date is missing. Give it, or choose \u201cNot known\u201d and write why."
        )
        yield from missing_element(draft, key, "C-DATES", words)
    first, last = draft.given("a1.date_from"), draft.given("a1.date_to")
    if first and last and last < first:
        words = "The last date of the records is before the first."
        yield Result("C-DATES-ORDER", ERROR, words, "36 CFR 1230.14(a)(1)", field="a1.date_to")
