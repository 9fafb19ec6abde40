"""Settings that stop members from exporting a conversation."""

from __future__ import annotations

from records.formats.base import Kind
from records.rules.tally import Tally


class ExportBlocked(Tally):
    """WhatsApp "advanced chat privacy" (2025): while it is on, nobody can export the chat."""

    name = "export_blocked"
    code = "EXPORT_BLOCKED"
    noun = "notice"
    title = "about blocking exports of this chat"
    meaning = (
        "While advanced chat privacy is on, no member can export the chat, so a copy for the "
        "agency's "
        "files could not be made. The notices show when it was turned on or off, and by whom."
    )
    kinds: frozenset[str] = frozenset((Kind.PRIVACY,))
