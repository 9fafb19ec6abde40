"""Completeness checks of a report: one for each file, each an error or a warning with its citation.

Errors block signing. A warning may stand; who accepts it gives the reason, which becomes part of the report.
"""

from __future__ import annotations

from typing import Final

from reports.checks import (
    case_number,
    dates,
    description,
    drifted_citation,
    figure_differs,
    finding_span,
    kind,
    letter_items,
    narrative,
    office,
    open_findings,
    overdue,
    personal_data,
    reasons,
    safeguards,
    salvage,
    signer_register,
    sole_drafter,
    uncited_figure,
    values,
    volume,
    withdrawn_finding,
)
from reports.checks.base import ERROR, WARNING, Check, Draft, Result, draft_of
from reports.models import ReportVersion

__all__ = ["CHECKS", "ERROR", "WARNING", "Draft", "Result", "draft_of", "errors", "run", "run_on"]

CHECKS: Final[tuple[Check, ...]] = (
    description.check,
    volume.check,
    dates.check,
    office.check,
    kind.check,
    narrative.check,
    safeguards.check,
    salvage.check,
    letter_items.check,
    reasons.check,
    values.check,
    uncited_figure.check,
    figure_differs.check,
    drifted_citation.check,
    withdrawn_finding.check,
    signer_register.check,
    sole_drafter.check,
    overdue.check,
    case_number.check,
    personal_data.check,
    finding_span.check,
    open_findings.check,
)


def run_on(draft: Draft) -> list[Result]:
    """All results for a version that is already read, in the order of the list."""
    return [result for check in CHECKS for result in check(draft)]


def run(version: ReportVersion) -> list[Result]:
    """All errors and warnings of a version."""
    return run_on(draft_of(version))


def errors(version: ReportVersion) -> list[Result]:
    """Only what blocks signing."""
    return [result for result in run(version) if result.severity == ERROR]
