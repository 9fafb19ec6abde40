"""Files that an export names, or says it left out, although it was made with media."""

from __future__ import annotations

from collections.abc import Iterable

from records.formats.base import Entry, Kind, files_of
from records.rules.base import (
    MOST_NAMES,
    PROBABLE,
    Cited,
    Context,
    Found,
    Totals,
    count_of,
    found,
    is_contact_card,
)


class MediaMissing:
    """Named and not there, or left out of an export with media: gone from the phone, or not handed
    in.
    """

    name = "media_missing"
    kinds: frozenset[str] = frozenset((Kind.ATTACHED, Kind.EDITED, Kind.MEDIA_OMITTED))

    def __init__(self, context: Context) -> None:
        self._files = context.files
        self._absent: dict[int, Cited] = {}
        self._names: dict[int, list[str]] = {}
        self._omitted: dict[int, Cited] = {}
        self._with_media: set[int] = set()

    def see(self, entry: Entry) -> None:
        files = files_of(entry)
        if entry.kind == Kind.MEDIA_OMITTED or any(file.left_out for file in files):
            self._omitted.setdefault(entry.conversation, Cited()).add(entry)
        absent = []
        for file in files:
            if file.left_out:
                continue
            if not is_contact_card(file.name):
                self._with_media.add(entry.conversation)
            if file.offset is None and self._files.find(file, entry.conversation) is None:
                absent.append(file.name)
        if absent:
            self._absent.setdefault(entry.conversation, Cited()).add(entry)
            names = self._names.setdefault(entry.conversation, [])
            names.extend(absent[: MOST_NAMES - len(names)])

    def finish(self, totals: Totals) -> Iterable[Found]:
        for conversation, cited in sorted(self._absent.items()):
            yield self._named(conversation, cited)
        for conversation, cited in sorted(self._omitted.items()):
            if self._files.holds_media or conversation in self._with_media:
                yield self._left_out(conversation, cited)

    def _named(self, conversation: int, cited: Cited) -> Found:
        figure = count_of(cited.count, "file")
        if self._files.holds_media:
            title = f"{figure} named and missing"
            words = (
                f"Messages name {figure} that the archive does not hold, although it holds "
                f"{len(self._files):,} others."
            )
            advice = "Look for them on the phone and on other phones."
        else:
            title = f"{figure} named and not handed in"
            words = f"Messages name {figure}, and only the text was handed in."
            advice = (
                "If the files came beside the text, for instance in one mail, hand in the archive; else make the "
                "export again with media."
            )
        detail: dict[str, object] = {
            "names": self._names[conversation],
            "archive_files": len(self._files),
        }
        return found(
            *(self.name, "MEDIA_MISSING", title, words, conversation, cited),
            detail=detail,
            advice=advice,
        )

    def _left_out(self, conversation: int, cited: Cited) -> Found:
        figure = count_of(cited.count, "file")
        return found(
            self.name,
            "MEDIA_OMITTED",
            f"{figure} left out of an export made with media",
            f"The export was made with media, and still says that it left out {figure}. Such a "
            "file "
            "was no longer on the phone, or could be seen only once.",
            conversation,
            cited,
            PROBABLE,
            {"with_media": True},
        )
