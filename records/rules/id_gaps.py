"""Holes in the numbers that Telegram gives to messages.

A channel or supergroup counts its own messages from 1, so a number that no message has is a message that is not in the
export. All other chats of an account share one count, so a hole in one of them may lie in another: there only the
whole account can be looked at, and what is found is an indicator. See docs/formats/telegram.md.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from records.formats.base import Entry, Kind
from records.rules.base import (
    CERTAIN,
    INDICATOR,
    MISSING,
    MOST_GROUPS,
    Cited,
    Context,
    Found,
    Totals,
    count_of,
    detail_of,
    found,
)


class _Gap(NamedTuple):
    """One hole: the entries on both sides and their numbers."""

    after: int
    before: int
    low: int
    high: int


@dataclass(slots=True)
class _Run:
    """What is known of one channel or supergroup: its last number and the holes so far."""

    first: int
    number: int
    seq: int
    local: int | None
    missing: int = 0
    places: int = 0
    first_at: int | None = None
    last_at: int | None = None
    seqs: array[int] = field(default_factory=lambda: array("I"))
    gaps: list[_Gap] = field(default_factory=list)


class IdGaps:
    """The survey's layout says which conversations count by themselves (`own_numbers`)."""

    name = "id_gaps"
    kinds: frozenset[str] = frozenset()  # all kinds where a format numbers its messages so

    def __init__(self, context: Context) -> None:
        self._survey = context.survey
        if "own_numbers" in context.survey.layout:
            self.kinds = frozenset(Kind)
        self._runs: dict[int, _Run | None] = {}  # None: the account counts
        self._shared = 0
        self._lowest: tuple[int, Entry] | None = None
        self._highest: tuple[int, Entry] | None = None

    def see(self, entry: Entry) -> None:
        number = detail_of(entry, "id")
        # Messages from before a group became a supergroup are written with numbers below zero.
        if type(number) is not int or number <= 0:
            return
        run = self._runs.get(entry.conversation, _UNKNOWN)
        if run is _UNKNOWN:
            own = self._survey.layout["own_numbers"]
            counts_itself = isinstance(own, list) and entry.conversation in own
            run = _Run(number, number, entry.seq, entry.local) if counts_itself else None
            self._runs[entry.conversation] = run
        if run is None:
            self._share(number, entry)
            return
        if number > run.number + 1:
            self._note(run, entry, number)
        run.number, run.seq, run.local = number, entry.seq, entry.local

    def _share(self, number: int, entry: Entry) -> None:
        self._shared += 1
        if self._lowest is None or number < self._lowest[0]:
            self._lowest = number, entry
        if self._highest is None or number > self._highest[0]:
            self._highest = number, entry

    def _note(self, run: _Run, entry: Entry, number: int) -> None:
        run.missing += number - run.number - 1
        run.places += 1
        if run.first_at is None:
            run.first_at = run.local
        run.last_at = entry.local
        run.seqs.extend(seq for seq in (run.seq, entry.seq) if not run.seqs or seq > run.seqs[-1])
        if len(run.gaps) < MOST_GROUPS:
            run.gaps.append(_Gap(run.seq, entry.seq, run.number, number))

    def finish(self, totals: Totals) -> Iterable[Found]:
        for conversation, run in sorted(self._runs.items()):
            if run is not None and run.missing:
                yield self._in_one(conversation, run)
        if self._survey.variant == "account":
            yield from self._in_account()

    def _in_one(self, conversation: int, run: _Run) -> Found:
        example = run.gaps[0]
        words = (
            "This channel or group numbers its messages one by one, also the application's own. "
            f"{count_of(run.missing, 'number')} between the first and the last message "
            f"{'is' if run.missing == 1 else 'are'} not in the export, at "
            f"{count_of(run.places, 'place')}. For example, number {example.low} is followed by "
            f"{example.high}. Such a message was deleted, or left out when the export was made "
            '("only my messages").'
        )
        if run.first > 1:
            words += (
                f" The first number is {run.first:,}: {count_of(run.first - 1, 'message')} before "
                "the start of the export were deleted, or lie outside its dates."
            )
        return Found(
            rule=self.name,
            code="GAP_SEQUENCE",
            title=f"{count_of(run.missing, 'message')} missing from the numbers",
            explanation=words,
            conversation=conversation,
            confidence=CERTAIN,
            first_at=run.first_at,
            last_at=run.last_at,
            count=run.missing,
            seqs=run.seqs,
            detail={
                "places": run.places,
                "gaps": [gap._asdict() for gap in run.gaps],
                "first_number": run.first,
            },
            counts=MISSING,
        )

    def _in_account(self) -> Iterable[Found]:
        if self._lowest is None or self._highest is None:
            return
        (low, first), (high, last) = self._lowest, self._highest
        missing = high - low + 1 - self._shared
        if missing <= 0:
            return
        cited = Cited()
        for entry in sorted({first.seq: first, last.seq: last}.values()):
            cited.add(entry)
        cited.count = missing
        yield found(
            self.name,
            "GAP_SEQUENCE",
            f"{count_of(missing, 'number')} of the account that no message has",
            f"Private chats and small groups of an account share one count. It runs from {low:,} to "
            f"{high:,} in this export, which holds {count_of(self._shared, 'message')} of it. The "
            "others were deleted, or belong to chats that were not exported; the numbers do not say "
            "which.",
            first.conversation,
            cited,
            INDICATOR,
            {"first_number": low, "last_number": high, "messages": self._shared},
            advice="Ask the custodian which chats were left out.",
            counts=MISSING,
            whole=True,
        )


_UNKNOWN = _Run(0, 0, 0, None)  # a conversation not met before
