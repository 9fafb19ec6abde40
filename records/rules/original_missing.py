"""Messages that others name and that are not in the export themselves."""

from __future__ import annotations

from collections.abc import Iterable

from records.formats.base import Entry, Kind
from records.rules.base import (
    DELETED_KINDS,
    MOST_NAMES,
    Cited,
    Context,
    Found,
    Totals,
    count_of,
    detail_of,
    found,
    when,
)


class OriginalMissing:
    """An edit, a reaction or a deletion proves that the message it names existed. A format that looked for it and
    found nothing says `original_held: False`; the time inside its id (`original_sent`) dates what is lost.
    """

    name = "original_missing"
    kinds: frozenset[str] = frozenset((*DELETED_KINDS, Kind.EDITED, Kind.REACTION, Kind.SETTINGS))

    def __init__(self, context: Context) -> None:
        self._cited: dict[int, Cited] = {}
        self._lost: dict[int, dict[str, int | None]] = {}

    def see(self, entry: Entry) -> None:
        if detail_of(entry, "original_held") is not False:
            return
        self._cited.setdefault(entry.conversation, Cited()).add(entry)
        sent = detail_of(entry, "original_sent")
        lost = self._lost.setdefault(entry.conversation, {})
        lost[str(detail_of(entry, "original"))] = sent if isinstance(sent, int) else None

    def finish(self, totals: Totals) -> Iterable[Found]:
        for conversation, cited in sorted(self._cited.items()):
            lost = self._lost[conversation]
            times = sorted(at for at in lost.values() if at is not None)
            figure = count_of(len(lost), "message")
            said = (
                f"{count_of(cited.count, 'entry', 'entries')} of this conversation edit, delete or react to "
                f"{figure} that this export does not hold: {'it was' if len(lost) == 1 else 'they were'} never captured"
                ", or stood in a part that was not handed in."
            )
            if times:
                span = f"on {when(times[0])}"
                if times[-1] != times[0]:
                    span = f"between {when(times[0])} and {when(times[-1])}"
                said += f" By the time inside the ids, what is missing was sent {span} (UTC)."
            yield found(
                self.name,
                "NOT_CAPTURED",
                f"{figure} named and not in the export",
                said,
                conversation,
                cited,
                detail={
                    "messages": len(lost),
                    "first_sent": times[0] if times else None,
                    "last_sent": times[-1] if times else None,
                    "ids": list(lost)[:MOST_NAMES],
                },
            )
