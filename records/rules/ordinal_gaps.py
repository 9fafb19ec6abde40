"""Holes in the running number that WhatsApp on iPhone puts before attachment names."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from records.formats.base import Entry, Kind
from records.rules.base import INDICATOR, MISSING, MOST_GROUPS, Context, Found, Totals, count_of

_ORDINAL = re.compile(r"(\d{8})-")


class _Gap(NamedTuple):
    """One hole: the entries on both sides, their numbers, and how many numbers too many."""

    after: int
    before: int
    low: int
    high: int
    missing: int


@dataclass(slots=True)
class _Run:
    """What is known of one conversation: the last numbered attachment and the holes so far."""

    seq: int
    ordinal: int
    local: int | None
    first: tuple[int, int]  # place and number of the first numbered attachment
    missing: int = 0
    lags: int = 0
    places: int = 0
    first_at: int | None = None
    last_at: int | None = None
    seqs: array[int] = field(default_factory=lambda: array("I"))
    gaps: list[_Gap] = field(default_factory=list)


class OrdinalGaps:
    """The number counts the chat's messages, so it must rise by the number of lines between.

    More than that means lines that are not in the export. Reported with the arithmetic and as an
    indicator only, for the number was seen to lag behind the lines in some chats.
    """

    name = "ordinal_gaps"
    kinds: frozenset[str] = frozenset((Kind.ATTACHED,))

    def __init__(self, context: Context) -> None:
        self._runs: dict[int, _Run] = {}
        self._starts: dict[int, int] = {}

    def see(self, entry: Entry) -> None:
        match = _ORDINAL.match((entry.attachment or "").lstrip("\u200e\u200f"))
        if match is None:
            return
        ordinal = int(match.group(1))
        run = self._runs.get(entry.conversation)
        if run is None:
            first = (entry.seq, ordinal)
            self._runs[entry.conversation] = _Run(entry.seq, ordinal, entry.local, first)
            return
        lines, numbers = entry.seq - run.seq, ordinal - run.ordinal
        if numbers > lines:
            self._note(run, entry, ordinal, numbers - lines)
        elif numbers < lines:
            run.lags += 1
        run.seq, run.ordinal, run.local = entry.seq, ordinal, entry.local

    def _note(self, run: _Run, entry: Entry, ordinal: int, missing: int) -> None:
        run.missing += missing
        run.places += 1
        if run.first_at is None:
            run.first_at = run.local
        run.last_at = entry.local
        run.seqs.extend(seq for seq in (run.seq, entry.seq) if not run.seqs or seq > run.seqs[-1])
        if len(run.gaps) < MOST_GROUPS:
            run.gaps.append(_Gap(run.seq, entry.seq, run.ordinal, ordinal, missing))

    def finish(self, totals: Totals) -> Iterable[Found]:
        for conversation, run in sorted(self._runs.items()):
            if not run.missing:
                continue
            start = totals.conversations[conversation].first_seq
            yield Found(
                rule=self.name,
                code="GAP_SEQUENCE",
                title=f"{count_of(run.missing, 'message')} may be missing between attachments",
                explanation=_words(run, start),
                conversation=conversation,
                confidence=INDICATOR,
                first_at=run.first_at,
                last_at=run.last_at,
                count=run.missing,
                seqs=run.seqs,
                detail={
                    "places": run.places,
                    "gaps": [gap._asdict() for gap in run.gaps],
                    "lags": run.lags,
                    "first_number": run.first[1],
                    "first_entry": run.first[0] - start + 1,
                },
                counts=MISSING,
            )


def _words(run: _Run, start: int) -> str:
    example = run.gaps[0]
    said = (
        f"iPhone attachments carry the running number of their message. At "
        f"{count_of(run.places, 'place')} the numbers rise by more than the lines between, "
        f"{run.missing:,} more in all. For example number {example.low} is entry "
        f"{example.after} and number {example.high} is entry {example.before}: "
        f"{example.high - example.low} numbers, {example.before - example.after} lines."
    )
    if run.lags:
        said += (
            f" At {count_of(run.lags, 'place')} the numbers rise by less than the lines, which "
            "weakens this."
        )
    before_first = run.first[1] - (run.first[0] - start + 1)
    if before_first > 0:
        said += (
            f" The first number is {run.first[1]}, and {before_first:,} messages before the "
            "start of "
            "the export would explain it."
        )
    return said
