"""Small streams of entries, written down as people would tell them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from records.formats.base import ConversationHead, Entry, Kind, Member, Part, Survey, Text
from records.rules import Examiner
from records.rules.base import ConversationTotals, Found, Totals

HOUR = 3_600_000_000
DAY = 24 * HOUR
START = 1_646_121_600_000_000  # 2022-03-01 08:00


def entry(seq: int, kind: Kind = Kind.TEXT, sender: str | None = "Ann", **more: Any) -> Entry:
    more.setdefault("local", START + (seq - 1) * HOUR)
    return Entry(
        seq=seq,
        conversation=more.pop("conversation", 0),
        kind=kind,
        sender=sender,
        body="",
        written="",
        local=more.pop("local"),
        sent=None,
        offset=0,
        length=0,
        **more,
    )


def survey_of(count: int = 1, member: str | None = None, format_: str = "whatsapp") -> Survey:
    heads = [ConversationHead(f"Chat {n}") for n in range(count)]
    return Survey(format_, "android", [Text((Part(member, 0),))], heads)


def examine(
    entries: Iterable[Entry],
    members: Sequence[str] = (),
    survey: Survey | None = None,
    rule: str | None = None,
) -> list[Found]:
    """Run all rules over a stream, with the totals that the driver would take."""
    text = "_chat.txt" if members else None
    survey = survey or survey_of(member=text)
    examiner = Examiner(survey, [Member(name, 1) for name in members])
    totals = Totals([ConversationTotals() for _ in survey.conversations])
    for item in entries:
        place = totals.conversations[item.conversation]
        place.first_seq = place.first_seq or item.seq
        place.last_seq = item.seq
        place.entries += 1
        if item.local is not None:
            place.reach(item.local)
        examiner.see(item)
    found = examiner.findings(totals)
    return [item for item in found if rule is None or item.rule == rule]
