"""A default timer: new chats of that person start with disappearing messages."""

from __future__ import annotations

from records.formats.base import Kind
from records.rules.base import INDICATOR
from records.rules.tally import Tally


class TimerDefault(Tally):
    """Somebody's account sets a timer in every new chat, so other chats are at risk as well."""

    name = "timer_default"
    code = "TIMER_DEFAULT"
    noun = "notice"
    title = "about a default message timer"
    meaning = (
        "With a default timer every new chat of that account starts with disappearing messages."
    )
    advice = "Look at the account's other chats too."
    confidence = INDICATOR
    kinds: frozenset[str] = frozenset((Kind.TIMER_DEFAULT,))
