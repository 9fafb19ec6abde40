"""NARA's date has passed: the report goes out late, and should say why (36 CFR 1230.16(b))."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import WARNING, Draft, Result
from reports.deadlines import spelled


def check(draft: Draft) -> Iterator[Result]:
    deadline = draft.deadline
    if deadline and deadline.is_overdue(draft.today):
        words = (
            f"The response was due on {spelled(deadline.due)}. Submit without delay; if NARA granted "
            "an extension, record it on the incident."
        )
        yield Result("C-OVERDUE", WARNING, words, deadline.basis)
