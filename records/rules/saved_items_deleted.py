"""Files and folders that were deleted from the storage of a room."""

from __future__ import annotations

from records.formats.base import Entry, Kind
from records.rules.base import detail_of
from records.rules.tally import Tally


class SavedItemsDeleted(Tally):
    """Wickr rooms keep "saved items"; the log says who deleted one."""

    name = "saved_items_deleted"
    code = "DELETED_BY_OTHER"
    noun = "saved item"
    title = "deleted from the storage of the room"
    meaning = "The file may still be in the log's attachments if it was sent as a message before."
    advice = "If the attachments do not hold it, ask the person who deleted it."
    kinds: frozenset[str] = frozenset((Kind.SETTINGS,))

    def see(self, entry: Entry) -> None:
        item = detail_of(entry, "saved_item")
        if isinstance(item, dict) and item.get("action") == "delete":
            super().see(entry)
