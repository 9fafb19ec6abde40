"""Conversations that were deleted or emptied as a whole."""

from __future__ import annotations

from records.formats.base import Kind
from records.rules.tally import Tally


class HistoryCleared(Tally):
    """Somebody removed everything before: deletion of records at a stroke (36 CFR 1230.3)."""

    name = "history_cleared"
    code = "HISTORY_CLEARED"
    noun = "deletion"
    title = "of the whole conversation"
    meaning = (
        "What stood in it before is gone from the devices that obeyed. Only what was exported or captured earlier is "
        "left."
    )
    kinds: frozenset[str] = frozenset((Kind.HISTORY_CLEARED,))
