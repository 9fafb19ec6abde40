"""Dates are dates, numbers are numbers, and choices are among the choices."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import ERROR, Draft, Result
from reports.field_values import problem_of


def check(draft: Draft) -> Iterator[Result]:
    for key, spec in draft.specs.items():
        value = draft.given(key)
        problem = problem_of(spec, value) if value else ""
        if problem:
            yield Result("C-VALUE", ERROR, f"{spec.label}: {problem}", spec.citation, field=key)
