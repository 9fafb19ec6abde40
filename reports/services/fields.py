"""Saving a report field by field, its citations, and accepted warnings. Two editors cannot overwrite each other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import transaction

from portal.agency.access import can
from portal.agency.models import User
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError
from reports import acceptance, checks
from reports.citations import Evidence, figure_of
from reports.field_values import problem_of
from reports.models import Citation, Field, ReportVersion
from reports.sections import FieldSpec, fields_of, sections_of, state_words


class Change(NamedTuple):
    """What a person wrote in one field, and the revision that they had before them."""

    revision: int
    value: str = ""
    state: str = Field.State.GIVEN
    reason: str = ""


class Outcome(NamedTuple):
    """Of several fields: those saved, those that somebody else changed meanwhile, those that cannot stand so."""

    saved: dict[str, Field]
    conflicts: dict[str, Field]
    problems: dict[str, str]


class FieldConflict(Conflict):
    """Somebody else saved the field since this editor read it; `theirs` is what stands there now."""

    def __init__(self, theirs: Field) -> None:
        super().__init__(
            "R-CONFLICT",
            "Somebody else changed this field while you were writing.",
            next_step="Compare both texts, then keep yours or take theirs.",
        )
        self.theirs = theirs


def save_field(version: ReportVersion, key: str, change: Change, *, actor: User) -> Field:
    """Save one field. Raises FieldConflict when somebody else saved it since, UserError when it cannot stand."""
    outcome = save_fields(version, {key: change}, actor=actor)
    if key in outcome.conflicts:
        raise FieldConflict(outcome.conflicts[key])
    if key in outcome.problems:
        raise UserError("R-VALUE", outcome.problems[key], place=key)
    return outcome.saved.get(key) or _current(version, key)


@transaction.atomic
def save_fields(version: ReportVersion, changes: Mapping[str, Change], *, actor: User) -> Outcome:
    """Save what changed among several fields; what conflicts or cannot stand is told and left as it was."""
    locked = _lock_draft(version, actor)
    specs = fields_of(sections_of(locked.report.incident))
    outcome = Outcome({}, {}, {})
    for key, change in changes.items():
        spec = specs.get(key)
        if spec is None:
            raise UserError("R-FIELD", f"This report has no field {key}.", place=key)
        _take(locked, spec, _tidy(change), actor, outcome)
    if outcome.saved:
        record(
            "report.fields_saved",
            locked,
            actor=actor,
            office_id=locked.report.incident.office_id,
            detail={"fields": {key: _trace(field) for key, field in outcome.saved.items()}},
        )
    return outcome


@transaction.atomic
def add_citations(
    version: ReportVersion, key: str, evidence: Sequence[Evidence], *, actor: User
) -> list[Citation]:
    """Cite further evidence in a field; what is cited there already is not cited twice."""
    locked = _lock_draft(version, actor)
    field = _current(locked, key)
    if field.revision == 0:
        field.revision = 1
        field.save()
    there = {(row.kind, row.target_id, row.seq) for row in field.citations.exclude(kind="query")}
    fresh = [item for item in evidence if (item.kind, item.target_id, item.seq) not in there]
    rows = [item.row(field) for item in fresh]
    for row in rows:
        row.save()
    if rows:
        _record_citations("report.citations_added", locked, key, rows, actor)
    return rows


@transaction.atomic
def remove_citation(version: ReportVersion, citation: Citation, *, actor: User) -> None:
    """Take a citation out of a field; the evidence itself stays where it is."""
    locked = _lock_draft(version, actor)
    row = Citation.objects.filter(pk=citation.pk, field__version=locked).select_related("field")
    found = row.first()
    if found is None:
        raise Conflict("R-CITATION", "This citation is already gone.")
    _record_citations("report.citation_removed", locked, found.field.key, [found], actor)
    found.delete()


@transaction.atomic
def refresh_citation(version: ReportVersion, citation: Citation, *, actor: User) -> Citation:
    """Take the figure that the evidence gives now (I9); the field's own text stays with its author."""
    locked = _lock_draft(version, actor)
    found = Citation.objects.filter(pk=citation.pk, field__version=locked).first()
    if found is None or found.query is None:
        raise Conflict("R-CITATION", "This citation has no figure to count again.")
    found.figure = figure_of(found.query)
    found.save(update_fields=["figure"])
    _record_citations("report.citation_recounted", locked, found.field.key, [found], actor)
    return found


@transaction.atomic
def accept_warning(
    version: ReportVersion, code: str, reason: str, *, seen: str, actor: User
) -> ReportVersion:
    """Let the warnings of a code stand, with the reason; the signer reads it and it becomes part of the report.

    `seen` is the digest of what the person had before them. Raises Conflict when the checks say something else now.
    """
    locked = _lock_draft(version, actor)
    if not reason.strip():
        raise UserError(
            "R-REASON", "Accepting a warning needs a reason.", place="reason",
            next_step="Write one or two sentences; NARA reads them.",
        )  # fmt: skip
    now = acceptance.seen(checks.run(locked), code)
    if not now.number:
        raise Conflict("R-WARNING", "This warning is not there any more: nothing was changed.")
    if now.digest != seen:
        raise Conflict(
            "R-WARNING-CHANGED",
            "This warning says something else now than when you read it: nothing was changed.",
            next_step="Read it again, then let it stand or put it right.",
        )
    reason = reason.strip()
    locked.accepted_warnings = {**locked.accepted_warnings, code: acceptance.entry(reason, now)}
    locked.save(update_fields=["accepted_warnings"])
    version.accepted_warnings = locked.accepted_warnings
    record(
        "report.warning_accepted",
        locked,
        actor=actor,
        office_id=locked.report.incident.office_id,
        # Without the digest: the event goes into the package, and only the version needs it.
        detail={"code": code, "reason": reason, "count": now.number},
    )
    return locked


def _lock_draft(version: ReportVersion, actor: User) -> ReportVersion:
    """The version under a lock, so that nothing is saved into one that is being sent or signed."""
    rows = ReportVersion.objects.select_for_update(of=("self",))
    locked = rows.select_related("report__incident__office").get(pk=version.pk)
    decision = can(actor, "reports.edit", locked.report.incident.office)
    if not decision:
        raise Refused("R-DRAFT", decision.reason)
    if locked.state != ReportVersion.State.DRAFT:
        raise Conflict(
            "R-NOT-DRAFT",
            f"{locked} is {locked.get_state_display().lower()}: its fields cannot be changed.",
            next_step="Take it back to draft first, or start a supplement once it is submitted.",
        )
    return locked


def _current(version: ReportVersion, key: str) -> Field:
    return version.fields.select_related("updated_by").filter(key=key).first() or Field(
        version=version, key=key, revision=0
    )


def _tidy(change: Change) -> Change:
    text, reason = (part.replace("\r\n", "\n").strip() for part in (change.value, change.reason))
    if change.state == Field.State.GIVEN:
        return change._replace(value=text, reason="")
    return change._replace(value="", reason=reason)


def _take(
    version: ReportVersion, spec: FieldSpec, change: Change, actor: User, outcome: Outcome
) -> None:
    field = _current(version, spec.key)
    if (field.state, field.value, field.reason) == (change.state, change.value, change.reason):
        return
    problem = _problem(spec, change)
    if field.revision != change.revision:
        outcome.conflicts[spec.key] = field
    elif problem:
        outcome.problems[spec.key] = problem
    else:
        field.state, field.value, field.reason = change.state, change.value, change.reason
        field.revision, field.updated_by = field.revision + 1, actor
        field.save()
        outcome.saved[spec.key] = field


def _problem(spec: FieldSpec, change: Change) -> str:
    if change.state == Field.State.GIVEN:
        problem = problem_of(spec, change.value) if change.value else ""
        return f"{spec.label}: {problem}" if problem else ""
    said = state_words(spec, change.state)
    if change.state not in spec.states:
        return f"{spec.label}: \u201c{said}\u201d is no answer to this field."
    if not change.reason:
        return f"{spec.label}: write the reason, then \u201c{said}\u201d is saved."
    return ""


def _trace(field: Field) -> dict[str, object]:
    """What the audit log keeps of a text: its digest, not the text."""
    text = f"{field.state}\n{field.value}\n{field.reason}"
    return {
        "state": field.state,
        "revision": field.revision,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


def _record_citations(
    action: str, version: ReportVersion, key: str, rows: Sequence[Citation], actor: User
) -> None:
    record(
        action,
        version,
        actor=actor,
        office_id=version.report.incident.office_id,
        detail={"field": key, "citations": [row.label for row in rows]},
    )
