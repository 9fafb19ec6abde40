"""What an export does not prove about time, told with the export and never assumed in silence (invariant I3)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from records.formats.base import LOCAL, Doubt, Problem, Survey
from records.models import MessageExport

CLOCK_CHANGE = int(Doubt.TIME_FOLDED | Doubt.TIME_MISSING)


def zone_assumed(export: MessageExport, survey: Survey) -> list[Problem]:
    """Nobody said in which zone the device was: the agency's is taken, and that is shown."""
    if export.time_zone or not survey.time_zone or survey.times != LOCAL:
        return []
    words = (
        f"Nobody said in which time zone the device was, so {survey.time_zone} was assumed for the UTC times. The "
        "times as written are not touched. If the device was elsewhere, correct the time zone of this export."
    )
    return [Problem("T-ZONE-ASSUMED", "warning", words)]


def clock_changed(uncertain: list[int], survey: Survey) -> list[Problem]:
    """Entries whose UTC time a clock change leaves in doubt (invariant I3)."""
    if not uncertain:
        return []
    count, first = uncertain
    words = (
        f"{count:,} {'entry lies' if count == 1 else 'entries lie'} in an hour that a clock change of "
        f"{survey.time_zone} repeats or skips, so the UTC time may be an hour off; the first is entry {first:,}. The "
        "times as written are not touched. Nothing needs doing unless that hour matters."
    )
    return [Problem("T-CLOCK-CHANGE", "info", words, seq=first)]


def inferred(export: MessageExport, survey: Survey) -> dict[str, Any]:
    """What was inferred from the file, with the proof, as pages show it."""
    told = asdict(survey)
    # What grows with the file is not part of what pages show.
    for name in ("texts", "conversations", "people", "questions", "layout"):
        told.pop(name)
    return {**told, "time_zone_assumed": bool(zone_assumed(export, survey))}
