"""Exports that declare more messages than they hold.

A format feeds this rule while it reads: `survey.layout["counts"]` is a list of objects, one for each count that the
export declares, set when reading begins and filled until it ends:

    {"noun": "message",        # what is counted, in the singular
     "declared": 2444,         # as the export says
     "found": 8,               # as counted while reading
     "place": "sms.xml",       # where the count stands: a member of the archive; "" for a plain file
     "conversation": 3}        # when the count is of one conversation; left out when it is of the whole file

A count below what was found is no evidence of loss; the format tells it as the problem J-COUNT alone.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

from records.formats.base import Entry
from records.rules.base import INDICATOR, MISSING, Context, Found, Totals, count_of


class CountMismatch:
    """Applications write the count before the messages, so one that is too high means that something was not written,
    or was removed. It is an indicator only: a filter can leave messages out after they were counted.
    """

    name = "count_mismatch"
    kinds: frozenset[str] = frozenset()

    def __init__(self, context: Context) -> None:
        self._layout = context.survey.layout

    def see(self, entry: Entry) -> None:
        """No entry tells; the count stands beside them."""

    def finish(self, totals: Totals) -> Iterable[Found]:
        counts = self._layout.get("counts")
        for count in counts if isinstance(counts, list) else ():
            if totals.conversations and count["declared"] > count["found"]:
                yield _found(count, totals)


def _found(count: Mapping[str, object], totals: Totals) -> Found:
    declared, found = count["declared"], count["found"]
    assert isinstance(declared, int) and isinstance(found, int)
    whole = "conversation" not in count
    conversation = count.get("conversation", 0)
    assert isinstance(conversation, int)
    places = (
        totals.conversations if whole else totals.conversations[conversation : conversation + 1]
    )
    times = [at for place in places for at in (place.first_at, place.last_at) if at is not None]
    noun, where = str(count["noun"]), f" ({count['place']})" if count.get("place") else ""
    holder = "file" if whole else "conversation"
    return Found(
        rule="count_mismatch",
        code="COUNT_MISMATCH",
        title=f"{count_of(declared - found, noun)} fewer than the {holder} declares",
        explanation=f"The {holder}{where} declares {count_of(declared, noun)} and holds {found:,}. Messages may have "
        "been removed from it, the export may have stopped early, or a filter left messages out.",
        conversation=conversation,
        confidence=INDICATOR,
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        count=declared - found,
        seqs=array("I"),
        detail={"declared": declared, "found": found, "place": count.get("place", "")},
        advice="Make the export again and compare.",
        counts=MISSING,
        whole=whole,
    )
