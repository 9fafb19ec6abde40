"""What is left out has a reason, and only where the regulation allows it ("if known", "when appropriate")."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import ERROR, Draft, Result
from reports.models import Field
from reports.sections import state_words


def check(draft: Draft) -> Iterator[Result]:
    for key, spec in draft.specs.items():
        field = draft.field(key)
        if field.state == Field.State.GIVEN:
            continue
        said = state_words(spec, field.state)
        if field.state not in spec.states:
            words = f"{spec.label}: \u201c{said}\u201d is no answer to this field."
            yield Result("C-STATE", ERROR, words, spec.citation, field=key)
        elif not field.reason.strip() and not spec.required:
            words = f"{spec.label}: \u201c{said}\u201d needs a reason."
            yield Result("C-REASON", ERROR, words, spec.citation, field=key)
