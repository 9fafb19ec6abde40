"""The formats of message exports that can be read, listed one by one: no scanning, no magic."""

from __future__ import annotations

from collections.abc import Mapping

from records.formats import sniff
from records.formats.base import Format, Question, Source
from records.formats.discord import Discord
from records.formats.generic import Generic
from records.formats.google_chat import GoogleChat
from records.formats.imessage import Imessage
from records.formats.mail import Mail
from records.formats.messenger import Messenger
from records.formats.rsmf import Rsmf
from records.formats.signal import Signal
from records.formats.slack import Slack
from records.formats.sms_backup import SmsBackup
from records.formats.teams import Teams
from records.formats.telegram import Telegram
from records.formats.ufed import Ufed
from records.formats.whatsapp import WhatsApp
from records.formats.wickr import Wickr

FORMATS: tuple[Format, ...] = (
    WhatsApp(),
    Telegram(),
    Slack(),
    Teams(),
    Discord(),
    Messenger(),
    GoogleChat(),
    SmsBackup(),
    Mail(),
    Ufed(),
    Wickr(),
    Rsmf(),
    Generic(),
    Signal(),
    Imessage(),
)


def pick(source: Source, answers: Mapping[str, str] | None = None) -> Format | Question:
    """The format that knows this file; a question on a tie; `Rejected` when none does."""
    return sniff.pick(FORMATS, source, answers or {})
