"""The checklist of a report: each section with its state, its last change and what blocks it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from reports.checks import ERROR, Draft, Result
from reports.models import Field
from reports.sections import SectionSpec

State = Literal["not_started", "in_progress", "complete", "has_errors"]
WORDS: dict[str, str] = {
    "not_started": "Not started",
    "in_progress": "In progress",
    "complete": "Complete",
    "has_errors": "Has errors",
}


class Row(NamedTuple):
    """One line of the checklist."""

    section: SectionSpec
    state: State
    answered: int
    required: int
    required_answered: int
    changed_at: datetime | None
    changed_by: str
    errors: tuple[Result, ...]
    warnings: tuple[Result, ...]

    @property
    def words(self) -> str:
        return WORDS[self.state]

    @property
    def total(self) -> int:
        return len(self.section.fields)


def rows_of(draft: Draft, results: Sequence[Result]) -> list[Row]:
    """The whole checklist of a version that was read and checked."""
    return [_row(draft, section, results) for section in draft.sections]


def _row(draft: Draft, section: SectionSpec, results: Sequence[Result]) -> Row:
    here = [result for result in results if result.place == section.key]
    errors = tuple(result for result in here if result.severity == ERROR)
    answered = [spec for spec in section.fields if draft.is_answered(spec.key)]
    required = [spec for spec in section.fields if spec.required]
    fields = [draft.fields[spec.key] for spec in section.fields if spec.key in draft.fields]
    last = max((field for field in fields if _said(field)), key=_moment, default=None)
    return Row(
        section=section,
        state=_state(len(answered), errors),
        answered=len(answered),
        required=len(required),
        required_answered=len([spec for spec in required if spec in answered]),
        changed_at=last.updated_at if last else None,
        changed_by=str(last.updated_by or "proposed by Custos") if last else "",
        errors=errors,
        warnings=tuple(result for result in here if result.severity != ERROR),
    )


def _state(answered: int, errors: Sequence[Result]) -> State:
    if any(not result.missing for result in errors):
        return "has_errors"
    if not answered:
        return "not_started"
    return "in_progress" if errors else "complete"


def _said(field: Field) -> bool:
    return bool(field.value or field.reason or field.updated_by_id)


def _moment(field: Field) -> datetime:
    return field.updated_at
