"""Messages deleted before the export: the app left a notice in their place."""

from __future__ import annotations

from collections.abc import Iterable

from records.formats.base import Entry, Kind
from records.rules.base import (
    CERTAIN,
    DELETED_KINDS,
    MOST_GROUPS,
    PROBABLE,
    Cited,
    Context,
    Found,
    Totals,
    count_of,
    detail_of,
    found,
    when,
)

_CODES: dict[str, tuple[str, str]] = {
    Kind.DELETED_BY_EXPORTER: ("DELETED_BY_AUTHOR", "deleted by the person whose phone this is"),
    Kind.DELETED_BY_OTHER: ("DELETED_BY_OTHER", "deleted by another person"),
    Kind.DELETED: ("DELETED", "deleted; the notice does not say by whom"),
}


class MessagesDeleted:
    """One finding for each conversation, sender and kind of notice."""

    name = "messages_deleted"
    kinds: frozenset[str] = frozenset(DELETED_KINDS)

    def __init__(self, context: Context) -> None:
        self._groups: dict[tuple[int, str | None, str, bool], Cited] = {}
        self._doubtful: set[tuple[int, str | None, str, bool]] = set()

    def see(self, entry: Entry) -> None:
        # Only the notice of an administrator's deletion names who did it.
        by_admin = entry.kind == Kind.DELETED_BY_OTHER and bool(detail_of(entry, "actor"))
        key = (entry.conversation, entry.sender, entry.kind, by_admin)
        if key not in self._groups and len(self._groups) >= MOST_GROUPS:
            key = (entry.conversation, None, entry.kind, by_admin)
        self._groups.setdefault(key, Cited()).add(entry)
        if detail_of(entry, "certain") is False:
            self._doubtful.add(key)

    def finish(self, totals: Totals) -> Iterable[Found]:
        for key, cited in self._groups.items():
            conversation, sender, kind, by_admin = key
            code, words = _CODES[kind]
            if by_admin:
                code, words = "DELETED_BY_ADMIN", "deleted by an administrator of the group"
            doubtful = key in self._doubtful
            tail = (
                " On this kind of phone a person could have typed the same words, so look at them."
                if doubtful
                else ""
            )
            yield found(
                self.name,
                code,
                f"{count_of(cited.count, 'message')} deleted",
                f"{count_of(cited.count, 'message')} of {sender or 'several senders'} "
                f"{'was' if cited.count == 1 else 'were'} {words}, between "
                f"{when(cited.first_at)} and {when(cited.last_at)}. Only the notice is left; the "
                f"content is not in this export.{tail}",
                conversation,
                cited,
                PROBABLE if doubtful else CERTAIN,
                {"sender": sender, "kind": str(kind)},
            )
