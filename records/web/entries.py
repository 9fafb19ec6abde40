"""Entries of a conversation as the page shows them: one page by position, with days, findings and files beside them.

A page is found by the entry's ordinal (`seq`) through the index on conversation and ordinal, so it takes the same
time anywhere in a conversation of any length.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, BooleanField, F, Func, QuerySet
from django.db.models.functions import Substr
from django.utils.timezone import localdate

from records.formats.base import Kind
from records.models import (
    Alias,
    Attachment,
    Conversation,
    ConversationDay,
    Finding,
    FindingEntry,
    Message,
)
from records.search import Unindexed, shown_time
from records.web.words import KindWords, doubt_words, kind_words

PAGE = 100
BEFORE_TARGET = 20
SHOWN = 4000  # characters of a body on the page; the rest is one click away
COLOURS = 8
RECIPIENTS_SHOWN = 10  # of one entry; the bytes hold all


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins or ends. At most one is set; none means the beginning."""

    start: int | None = None  # first entry at or after this ordinal
    before: int | None = None  # last entry before this ordinal
    target: int | None = None  # this entry, with some before it
    at_end: bool = False


@dataclass(slots=True)
class Shown:
    """One entry on the page."""

    row: Message
    words: KindWords
    text: str
    cut: bool
    when: datetime | None
    colour: int = 0
    names_sender: bool = True
    whose: Alias | None = None  # who stands behind the sender on that day
    doubts: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    target: bool = False

    @property
    def is_event(self) -> bool:
        """Written by the application, not by a person."""
        return self.row.participant_id is None

    @property
    def clock(self) -> str:
        """The time of day as the device's clock showed it; seconds only where there are any."""
        return f"{self.when:%H:%M:%S}".removesuffix(":00") if self.when else ""

    @property
    def recipients(self) -> list[str]:
        """To whom it was sent, as written, where the export says it (36 CFR 1236.22(a)(3))."""
        return list((self.row.detail or {}).get("recipients", ()))[:RECIPIENTS_SHOWN]

    @property
    def more_recipients(self) -> int:
        """Recipients that are not shown."""
        return len((self.row.detail or {}).get("recipients", ())) - len(self.recipients)

    @property
    def is_plain(self) -> bool:
        return self.row.kind == Kind.TEXT


@dataclass(slots=True)
class Day:
    """A heading and the entries below it; `total` counts the whole day, not only this page."""

    day: date | None
    entries: list[Shown]
    total: int | None = None
    anchor: str = ""  # only of the first heading of a day: a clock that went back gives a second


@dataclass(slots=True)
class EntryPage:
    """One page of a conversation and the ordinals that lead to its neighbours."""

    days: list[Day]
    first: int | None
    last: int | None
    has_older: bool
    has_newer: bool
    following: int | None = None  # where the next page begins

    @property
    def count(self) -> int:
        return sum(len(day.entries) for day in self.days)


def entry_page(
    conversation: Conversation, position: Position, *, kind: str = "", sender: int | None = None
) -> EntryPage:
    """The entries of one page, with everything that stands beside them, in a fixed number of queries."""
    rows = _filtered(conversation, kind, sender)
    way = _FALLING if conversation.newest_first else _RISING
    taken, has_older, has_newer = _take(rows, position, way)
    shown = [_shown(row) for row in taken]
    _join(conversation, shown, position.target)
    days = _by_day(conversation, shown)
    if not taken:
        return EntryPage(days, None, None, has_older, has_newer)
    first, last = taken[0].seq, taken[-1].seq
    return EntryPage(days, first, last, has_older, has_newer, last + way.step)


class NotPlainText(Func):
    """The condition of the partial index over kinds, as the database wrote it down."""

    template = "%(expressions)s <> 'text'"
    conditional = True
    output_field = BooleanField()


def _filtered(conversation: Conversation, kind: str, sender: int | None) -> QuerySet[Message]:
    rows = Message.objects.filter(conversation=conversation)
    if kind:
        rows = rows.filter(kind=kind)
        if kind != Kind.TEXT:
            # Said in the index's own words, so that SQLite too walks the index of what is not plain text.
            rows = rows.filter(NotPlainText(F("kind")), export=conversation.export_id)
    if sender is not None and kind and kind != Kind.TEXT:
        # Entries of one kind are fewer than those of one sender: the index of kinds is the one to walk.
        column = Unindexed("participant_id", output_field=BigIntegerField())
        rows = rows.alias(free_participant_id=column).filter(free_participant_id=sender)
    elif sender is not None:
        rows = rows.filter(participant=sender)
    return rows


class _Way(NamedTuple):
    """The way time runs in a file: the order of ordinals that reads from old to new, and its comparisons."""

    onward: str
    back: str
    earlier: str
    later: str  # the ordinal itself included
    step: int


_RISING = _Way("seq", "-seq", "seq__lt", "seq__gte", 1)
_FALLING = _Way("-seq", "seq", "seq__gt", "seq__lte", -1)


def _take(
    rows: QuerySet[Message], position: Position, way: _Way
) -> tuple[list[Message], bool, bool]:
    """Rows from old to new, and whether there are older and newer ones."""
    if position.at_end or position.before is not None:
        older = rows if position.before is None else rows.filter(**{way.earlier: position.before})
        found = _rows(older.order_by(way.back), PAGE + 1)
        return (
            found[PAGE - 1 :: -1] if len(found) > PAGE else found[::-1],
            len(found) > PAGE,
            not position.at_end,
        )
    if position.target is not None:
        before = rows.filter(**{way.earlier: position.target}).order_by(way.back)
        earlier = _rows(before, BEFORE_TARGET + 1)
        room = PAGE - min(len(earlier), BEFORE_TARGET)
        after = rows.filter(**{way.later: position.target}).order_by(way.onward)
        later = _rows(after, room + 1)
        return (
            earlier[:BEFORE_TARGET][::-1] + later[:room],
            len(earlier) > BEFORE_TARGET,
            len(later) > room,
        )
    newer = rows if position.start is None else rows.filter(**{way.later: position.start})
    found = _rows(newer.order_by(way.onward), PAGE + 1)
    has_older = (
        position.start is not None
        and rows.filter(**{way.earlier: position.start}).order_by(way.back)[:1].exists()
    )
    return found[:PAGE], has_older, len(found) > PAGE


def _rows(rows: QuerySet[Message], most: int) -> list[Message]:
    """Rows without their whole body: of a message of 40 MB the page shows the beginning."""
    return list(
        rows.select_related("participant")
        .defer("body")
        .annotate(text=Substr("body", 1, SHOWN + 1))[:most]
    )


def _shown(row: Any) -> Shown:
    return Shown(
        row=row,
        words=kind_words(row.kind),
        text=row.text[:SHOWN],
        cut=len(row.text) > SHOWN,
        when=shown_time(row.local),
        colour=(row.participant_id or 0) % COLOURS,
        doubts=doubt_words(row.doubt),
    )


def _join(conversation: Conversation, shown: list[Shown], target: int | None) -> None:
    """Findings and files beside the entries they belong to."""
    ordinals = [each.row.seq for each in shown]
    findings: dict[int, list[Finding]] = defaultdict(list)
    cited = FindingEntry.objects.filter(
        export=conversation.export_id, seq__in=ordinals, finding__withdrawn=False
    ).select_related("finding")
    for citation in cited.order_by("finding__number"):
        findings[citation.seq].append(citation.finding)
    files: dict[int | None, list[Attachment]] = defaultdict(list)
    named = Attachment.objects.filter(export=conversation.export_id, seq__in=ordinals)
    for attachment in named.select_related("content").order_by("pk"):
        files[attachment.seq].append(attachment)
    linked = Alias.objects.of_handles(
        each.row.participant.known_as_id for each in shown if each.row.participant
    )
    for each in shown:
        each.whose = _whose(each.row, linked)
        each.findings, each.attachments = findings[each.row.seq], files[each.row.seq]
        each.target = each.row.seq == target


def _whose(row: Message, linked: dict[int, list[Alias]]) -> Alias | None:
    """Who stands behind the sender of an entry on its day."""
    if row.participant is None or row.participant.known_as_id is None:
        return None
    day = localdate(row.sent_at) if row.sent_at else None
    return next(
        (alias for alias in linked.get(row.participant.known_as_id, ()) if alias.holds_on(day)),
        None,
    )


def _by_day(conversation: Conversation, shown: list[Shown]) -> list[Day]:
    days = [
        Day(day, list(entries))
        for day, entries in groupby(shown, lambda each: each.when.date() if each.when else None)
    ]
    totals = dict(
        ConversationDay.objects.filter(
            conversation=conversation, day__in={day.day for day in days if day.day}
        ).values_list("day", "entries")
    )
    anchored: set[date | None] = {None}
    for day in days:
        day.total = totals.get(day.day) if day.day else None
        if day.day not in anchored:
            anchored.add(day.day)
            day.anchor = f"day-{day.day}"
        before: tuple[int | None, Alias | None] | None = None
        for each in day.entries:
            named = (each.row.participant_id, each.whose)
            each.names_sender = named != before
            before = named
    return days
