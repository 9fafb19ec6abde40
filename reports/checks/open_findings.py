"""Findings of the incident that nobody has judged yet."""

from __future__ import annotations

from collections.abc import Iterator

from records.models import Finding
from reports.checks.base import WARNING, Draft, Result


def check(draft: Draft) -> Iterator[Result]:
    in_order = sorted(draft.findings.values(), key=lambda each: (each.export.number, each.number))
    waiting = {
        str(finding): f"{finding.key}, {finding.counted}: {finding.title}"
        for finding in in_order
        if finding.pk in draft.on_incident
        and finding.state == Finding.State.OPEN
        and not finding.withdrawn
    }
    if waiting:
        shown = ", ".join(list(waiting)[:5]) + (" and more" if len(waiting) > 5 else "")
        noun = "finding is" if len(waiting) == 1 else "findings are"
        words = f"{len(waiting)} {noun} not judged yet: {shown}. Confirm or dismiss them."
        yield Result(
            "C-OPEN-FINDINGS",
            WARNING,
            words,
            "36 CFR 1230.14(a)(3)",
            section="a3",
            evidence=tuple(f"{name} {seen}" for name, seen in waiting.items()),
        )
