"""Warnings that stand with a reason: the reason covers what was seen when it was written, and nothing that came later.

An export that is read again, or a text that is changed, can bring a further warning of the same code. So an acceptance
keeps how many warnings of its code there were and a digest of them; when either differs, the page asks again. The
digest is keyed: what a check found may be a Social Security number, and there are few enough of them to try all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.conf import settings

from portal import keys
from portal.audit.log import canonical
from reports.checks import WARNING, Result
from reports.models import ReportVersion


class Seen(NamedTuple):
    """The warnings of one code at one time."""

    number: int
    digest: str


class Standing(NamedTuple):
    """The reason with which a warning stands; `outdated` when it was written for something else."""

    reason: str
    outdated: bool

    @property
    def holds(self) -> bool:
        return bool(self.reason) and not self.outdated


class Warned(NamedTuple):
    """A warning as a page shows it: what the check says, how it stands, and what accepting it would cover."""

    result: Result
    standing: Standing
    seen: Seen


def seen(results: Sequence[Result], code: str) -> Seen:
    """What a person has before them who lets the warnings of this code stand."""
    told = sorted(
        [row.words, row.field, row.section, *row.evidence]
        for row in results
        if row.code == code and row.severity == WARNING
    )
    return Seen(len(told), keys.keyed_digest(settings.KEYS_DIR, canonical({"warnings": told})))


def entry(reason: str, what: Seen) -> dict[str, Any]:
    """An acceptance as the version keeps it."""
    return {"reason": reason, "count": what.number, "digest": what.digest}


def standing(version: ReportVersion, results: Sequence[Result], code: str) -> Standing:
    """How the warnings of a code stand in a version, held against what its checks say now."""
    kept = version.accepted_warnings.get(code)
    if kept is None:
        return Standing("", outdated=False)
    now = seen(results, code)
    return Standing(kept["reason"], outdated=(kept["count"], kept["digest"]) != now)


def warnings(version: ReportVersion, results: Sequence[Result]) -> list[Warned]:
    """The warnings among the results of a version's checks, in their order."""
    return [
        Warned(row, standing(version, results, row.code), seen(results, row.code))
        for row in results
        if row.severity == WARNING
    ]
