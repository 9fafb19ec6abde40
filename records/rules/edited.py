"""Messages whose earlier text was replaced."""

from __future__ import annotations

from records.formats.base import Kind
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
