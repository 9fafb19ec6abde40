"""Spans in which messages were set to disappear: from the notice that turned the timer on to the
one that ended it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from records.formats.base import Entry, Kind
from records.rules.base import (
    CERTAIN,
    MOST_GROUPS,
    PROBABLE,
    Cited,
    Context,
    ConversationTotals,
    Found,
    Totals,
    count_of,
    detail_of,
    found,
    period,
    when,
)

_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """One period with one setting; `start` is None when the notice that began it is not in the
    export.
    """

    start: Entry | None
    stop: Entry | None
    earlier_off: Entry | None = None  # with no start: the notice before that turned the timer off

    @property
    def seconds(self) -> object:
        return None if self.start is None else detail_of(self.start, "seconds")


class TimerSpans:
    """Automatic deletion in force (36 CFR 1222.26, 44 U.S.C. 3105: safeguards against loss)."""

    name = "timer_spans"
    kinds: frozenset[str] = frozenset((Kind.TIMER_ON, Kind.TIMER_CHANGED, Kind.TIMER_OFF))

    def __init__(self, context: Context) -> None:
        self._open: dict[int, Entry] = {}
        self._off: dict[int, Entry] = {}
        self._spans: list[tuple[int, Span]] = []
        self._further: dict[int, Cited] = {}

    def see(self, entry: Entry) -> None:
        before = self._open.pop(entry.conversation, None)
        if before is not None or entry.kind == Kind.TIMER_OFF:
            off = None if before else self._off.get(entry.conversation)
            self._keep(entry.conversation, Span(before, entry, off))
        if entry.kind == Kind.TIMER_OFF:
            self._off[entry.conversation] = entry
        else:
            self._open[entry.conversation] = entry

    def _keep(self, conversation: int, span: Span) -> None:
        if len(self._spans) < MOST_GROUPS:
            self._spans.append((conversation, span))
        elif span.stop is not None:
            self._further.setdefault(conversation, Cited()).add(span.stop)

    def finish(self, totals: Totals) -> Iterable[Found]:
        for conversation, entry in sorted(self._open.items()):
            self._spans.append((conversation, Span(entry, None)))
        for conversation, span in self._spans:
            yield self._found(conversation, span, totals.conversations[conversation])
        for conversation, cited in sorted(self._further.items()):
            yield found(
                self.name,
                "TIMER_CHANGED",
                f"{count_of(cited.count, 'further change')} of the message timer",
                f"The timer was changed {cited.count:,} more times than are listed one by one.",
                conversation,
                cited,
            )

    def _found(self, conversation: int, span: Span, totals: ConversationTotals) -> Found:
        begin = span.start or span.earlier_off
        first = totals.first_seq if begin is None else begin.seq + 1
        last = totals.last_seq if span.stop is None else span.stop.seq - 1
        # In a log of many rooms the entries of others stand between: then nobody counted.
        alone = totals.last_seq - totals.first_seq + 1 == totals.entries
        inside = max(0, last - first + 1) if alone else None
        first_at = totals.first_at if begin is None else begin.local
        last_at = totals.last_at if span.stop is None else span.stop.local
        cited = Cited()
        for entry in (span.start, span.stop):
            if entry is not None:
                cited.add(entry)
        return Found(
            rule=self.name,
            code=_code(span),
            title=_title(span, first_at, last_at),
            explanation=_words(span, inside, totals),
            conversation=conversation,
            confidence=CERTAIN if span.start and span.start.kind == Kind.TIMER_ON else PROBABLE,
            first_at=first_at,
            last_at=last_at,
            count=cited.count,
            seqs=array("I", cited.seqs),
            detail={
                "seconds": span.seconds,
                "actor": None if span.start is None else _actor(span.start),
                "ended_by": None if span.stop is None else _actor(span.stop),
                "entries": inside,
                "open": span.stop is None,
            },
        )


def _code(span: Span) -> str:
    if span.start is None:
        return "TIMER_OFF"
    return "TIMER_ON" if span.start.kind == Kind.TIMER_ON else "TIMER_CHANGED"


def _actor(entry: Entry) -> str | None:
    actor = detail_of(entry, "actor")
    return str(actor) if actor else None


def _who(entry: Entry) -> str:
    actor = _actor(entry)
    # The export speaks to the person who made it.
    return "The person whose phone this is" if actor == "You" else actor or "Somebody"


def _title(span: Span, first_at: int | None, last_at: int | None) -> str:
    if span.stop is None:
        return "Disappearing messages on until the end of the export"
    if first_at is None or last_at is None or last_at < first_at:
        return "Disappearing messages were on"
    days = (last_at - first_at) // _DAY
    return f"Disappearing messages on for {count_of(days, 'day') if days else 'less than a day'}"


def _words(span: Span, inside: int | None, totals: ConversationTotals) -> str:
    said = []
    if span.start is None:
        said.append(
            "The timer was turned off, and the notice that turned it on before is not in this "
            "export: "
            "when it began is not known."
        )
    else:
        actor = _who(span.start)
        verb = "turned on" if span.start.kind == Kind.TIMER_ON else "changed"
        said.append(
            f"{actor} {verb} the message timer on {when(span.start.local)}; new messages disappear "
            f"after {period(span.seconds)}."
        )
    if span.stop is None:
        said.append("No notice ends it, so it was still on when the export was made.")
    else:
        actor = _who(span.stop)
        verb = "turned it off" if span.stop.kind == Kind.TIMER_OFF else "changed it"
        said.append(f"{actor} {verb} on {when(span.stop.local)}.")
    if inside:
        figure = count_of(inside, "entry", "entries")
        said.append(f"This export holds {figure} of that span; others may have disappeared.")
    elif inside is not None and totals.entries > 2:
        said.append(
            "This export holds no entry of that span: whatever was sent then may have disappeared."
        )
    return " ".join(said)
