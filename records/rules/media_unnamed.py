"""Files in the archive that no message names: the message that carried them is not in the text."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from datetime import UTC, datetime

from records.formats.base import Entry, Kind, files_of
from records.rules.base import FILES, INDICATOR, MOST_NAMES, Context, Found, Totals, count_of

_IOS_TIME = re.compile(r"-(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)(?:\D|$)")
_ANDROID_DAY = re.compile(r"(?:^|/)[A-Z]{3}-(\d{4})(\d\d)(\d\d)-WA\d{4}")


class MediaUnnamed:
    """The other direction of `media_missing`; names often carry the time of the lost message."""

    name = "media_unnamed"
    kinds: frozenset[str] = frozenset((Kind.ATTACHED, Kind.EDITED))

    def __init__(self, context: Context) -> None:
        self._files = context.files
        self._named: set[str] = set()

    def see(self, entry: Entry) -> None:
        for file in files_of(entry):
            member = self._files.find(file, entry.conversation)
            if member is not None:
                self._named.add(member)

    def finish(self, totals: Totals) -> Iterable[Found]:
        names = [name for name in self._files if name not in self._named]
        if not names:
            return
        times = sorted(at for at in map(time_in_name, names) if at is not None)
        figure = count_of(len(names), "file")
        yield Found(
            rule=self.name,
            code="MEDIA_ORPHAN",
            title=f"{figure} that no message names",
            explanation=f"The archive holds {figure} that no line of the text names. The message "
            "may "
            "have been removed from the text, or lie before its start: the app leaves out the "
            "oldest "
            "messages of a long chat. The time in a name shows where the message belongs.",
            conversation=0,
            confidence=INDICATOR,
            first_at=times[0] if times else None,
            last_at=times[-1] if times else None,
            count=len(names),
            seqs=array("I"),
            detail={"names": names[:MOST_NAMES]},
            counts=FILES,
            whole=True,
        )


def time_in_name(name: str) -> int | None:
    """The clock reading that the app put into a file name, in microseconds."""
    match = _IOS_TIME.search(name) or _ANDROID_DAY.search(name)
    if match is None:
        return None
    try:
        moment = datetime(*(int(part) for part in match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None
    return int(moment.timestamp()) * 1_000_000
