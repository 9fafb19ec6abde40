"""Conversations whose messages were set to disappear from the devices, as the messages themselves say."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Any

from records.formats.base import Entry
from records.rules.base import CERTAIN, HELD, Context, Found, Totals, count_of, period


class MessageExpiry:
    """Where each message carries the time of its end, the reader sums it up for each conversation
    (`layout["expiring"]`): plain messages reach no rule. Automatic deletion in force: 36 CFR 1222.26, 44 U.S.C. 3105.
    """

    name = "message_expiry"
    kinds: frozenset[str] = frozenset()

    def __init__(self, context: Context) -> None:
        self._survey = context.survey

    def see(self, entry: Entry) -> None:
        """No kind of entry shows it: any message can carry the time of its end."""

    def finish(self, totals: Totals) -> Iterable[Found]:
        told = self._survey.layout.get("expiring")
        for room in told if isinstance(told, list) else []:
            place = totals.conversations[room["conversation"]]
            for code, count, title, words in (
                ("EXPIRY", room["expiring"], "set to expire", _expiry(room)),
                ("BURN", room["burning"], "set to burn on read", _burn(room)),
            ):
                if count:
                    yield Found(
                        rule=self.name,
                        code=code,
                        title=f"{count_of(count, 'message')} {title}",
                        explanation=words,
                        conversation=room["conversation"],
                        confidence=CERTAIN,
                        first_at=place.first_at,
                        last_at=place.last_at,
                        count=count,
                        seqs=array("I", room["entries"]),
                        detail={key: room[key] for key in ("messages", "shortest", "longest")},
                        counts=HELD,
                    )


def _expiry(room: Mapping[str, Any]) -> str:
    said = (
        f"{room['expiring']:,} of {count_of(room['messages'], 'message')} carry a time at which they disappear from "
        "all devices"
    )
    shortest, longest = room["shortest"], room["longest"]
    if shortest is not None:
        span = f", {period(shortest)} after sending"
        if longest != shortest:
            span = f", from {period(shortest)} to {period(longest)} after sending"
        said += span
    return f"{said}. This export holds them; where it has a hole, no device can fill it any more."


def _burn(room: Mapping[str, Any]) -> str:
    return (
        f"{room['burning']:,} of {count_of(room['messages'], 'message')} were set to be destroyed after they were "
        "read. This export holds them; where it has a hole, no device can fill it any more."
    )
