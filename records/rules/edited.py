"""Messages whose earlier text was replaced."""

from __future__ import annotations

from collections import Counter

from records.formats.base import Entry, Kind
from records.rules.base import Context, count_of, detail_of
from records.rules.tally import Tally


class Edited(Tally):
    """Edited messages: the export keeps the last text only, which is alteration of a record."""

    name = "edited"
    code = "EDITED"
    noun = "message"
    title = "edited after sending"
    meaning = (
        "The export holds the last text only; what was written before can be recovered, if at all, "
        "from another participant's phone."
    )
    kinds: frozenset[str] = frozenset((Kind.EDITED,))

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._kept: Counter[int] = Counter()  # edits of which the export keeps the earlier text

    def see(self, entry: Entry) -> None:
        super().see(entry)
        if detail_of(entry, "earlier") or detail_of(entry, "original_held") is True:
            self._kept[entry.conversation] += 1

    def meaning_of(self, conversation: int) -> str:
        kept, edits = self._kept[conversation], self.cited[conversation].count
        if not kept:
            return self.meaning
        if kept == edits:
            return "The export keeps what was written before."
        return f"For {count_of(kept, 'edit')} it keeps what was written before; for the others, {_lower(self.meaning)}"


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
