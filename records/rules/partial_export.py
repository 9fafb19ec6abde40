"""Exports that begin or end where somebody chose, or later than the conversation itself.

A format says what it knows in `survey.layout`: `range` is an object with `after` and `before`, as the file writes them,
where dates were chosen; `created` gives, by conversation, when it was made (microseconds since 1970, UTC).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import cast

from records.formats.base import Entry
from records.rules.base import (
    CERTAIN,
    HELD,
    INDICATOR,
    Context,
    ConversationTotals,
    Found,
    Totals,
    when,
)

_DAY = 86_400_000_000


class PartialExport:
    """The part that was not exported may be lost, or may still be where it was: ask."""

    name = "partial_export"
    kinds: frozenset[str] = frozenset()

    def __init__(self, context: Context) -> None:
        self._layout = context.survey.layout

    def see(self, entry: Entry) -> None:
        """No entry tells; what stands beside them does."""

    def finish(self, totals: Totals) -> Iterable[Found]:
        chosen = cast(Mapping[str, str], self._layout.get("range") or {})
        if any(chosen.values()):
            for number, conversation in enumerate(totals.conversations):
                yield _chosen(number, conversation, chosen)
        created = cast(Mapping[str, int], self._layout.get("created") or {})
        for number, at in sorted((int(key), at) for key, at in created.items()):
            conversation = totals.conversations[number]
            if conversation.first_at is not None and conversation.first_at - at > _DAY:
                yield _late(number, conversation, at)


def _chosen(number: int, conversation: ConversationTotals, chosen: Mapping[str, str]) -> Found:
    said = " and ".join(f"{key} {value}" for key, value in chosen.items() if value)
    return _found(
        number,
        conversation,
        "The export covers only chosen dates",
        f"Whoever made the export asked for messages {said}. What lies outside is not in it.",
        CERTAIN,
        {"range": dict(chosen)},
        "Make the export again without dates, or collect the rest.",
    )


def _late(number: int, conversation: ConversationTotals, at: int) -> Found:
    return _found(
        number,
        conversation,
        "The first message is later than the conversation",
        f"The conversation was made on {when(at)} (UTC), and its first message in the export is of "
        f"{when(conversation.first_at)}. What was written between was removed, for instance by a retention setting, or "
        "dates were chosen at the export.",
        INDICATOR,
        {"created": at},
        "Ask the administrator.",
    )


def _found(
    number: int,
    conversation: ConversationTotals,
    title: str,
    words: str,
    confidence: str,
    detail: dict[str, object],
    advice: str,
) -> Found:
    return Found(
        rule="partial_export",
        code="PARTIAL_RANGE",
        title=title,
        explanation=words,
        conversation=number,
        confidence=confidence,
        first_at=conversation.first_at,
        last_at=conversation.last_at,
        count=conversation.entries,
        seqs=array("I", (conversation.first_seq,) if conversation.entries else ()),
        detail=detail,
        advice=advice,
        counts=HELD,
    )
