"""The dates of the report leave out days on which findings show a loss."""

from __future__ import annotations

from collections.abc import Iterator

from records.models import Finding
from reports.checks.base import WARNING, Draft, Result
from reports.citations import local_day


def check(draft: Draft) -> Iterator[Result]:
    standing = [
        finding
        for finding in draft.findings.values()
        if finding.pk in draft.on_incident
        and not finding.withdrawn
        and finding.state != Finding.State.DISMISSED
    ]
    days = [
        day
        for finding in standing
        for local in (finding.first_local, finding.last_local)
        if (day := local_day(local))
    ]
    if not days:
        return
    first, last = draft.given("a1.date_from"), draft.given("a1.date_to")
    if first and first > min(days):
        yield _result("a1.date_from", f"begins on {first}, but a finding is from {min(days)}")
    if last and last < max(days):
        yield _result("a1.date_to", f"ends on {last}, but a finding is from {max(days)}")


def _result(key: str, words: str) -> Result:
    sentence = f"The period of the report {words}."
    return Result("C-SPAN", WARNING, sentence, "36 CFR 1230.14(a)(1)", field=key)
