"""Messages that the exporting phone never received in full."""

from __future__ import annotations

from records.formats.base import Kind
from records.rules.base import PROBABLE
from records.rules.tally import Tally


class NotReceived(Tally):
    """The app still waits for a message: sent, but this phone could not decrypt or show it."""

    name = "not_received"
    code = "NOT_RECEIVED"
    noun = "message"
    title = "never arrived on this phone"
    meaning = (
        "The app shows that something was sent and not what. The sender's phone may still hold it."
    )
    confidence = PROBABLE
    kinds: frozenset[str] = frozenset((Kind.NOT_RECEIVED,))
