"""Which application an export comes from: what its bytes are, held against the messaging tool that was named.

Whose application it was belongs to the context of a record (36 CFR 1236.10); a file that contradicts what was said at
hand-in is told, and a person decides which of the two is right.
"""

from __future__ import annotations

import re

from records.formats import FORMATS
from records.formats.base import Problem

CODE = "O-TOOL"

# Words in the name of a tool that mean an application, by the formats that its messages come in. Tables, mail and the
# reports of forensic tools carry messages of any application: they contradict nothing.
_WORDS = {
    "whatsapp": ("whatsapp",),
    "telegram": ("telegram",),
    "slack": ("slack",),
    "teams": ("teams",),
    "discord": ("discord",),
    "messenger": ("facebook", "instagram"),
    "google_chat": ("google chat", "hangouts"),
    "sms_backup": ("sms", "mms", "rcs", "text messages"),
    "signal": ("signal",),
    "wickr": ("wickr",),
    "imessage": ("imessage", "sms", "mms", "rcs", "text messages"),
}
_TITLES = {each.name: each.title for each in FORMATS}


def tool_contradicted(tool: str, format_name: str) -> list[Problem]:
    """The name of the tool means a known application, and the file is an export of another one."""
    if format_name not in _WORDS:
        return []
    named = {name for name, words in _WORDS.items() if _occurs(words, tool)}
    if not named or format_name in named:
        return []
    words = (
        f"The file was read as {_TITLES[format_name]}, but the messaging tool that was named at hand-in is {tool}. "
        "If the tool is wrong, correct where this export comes from; if the file is wrong, hand in the right one."
    )
    return [Problem(CODE, "info", words)]


def _occurs(words: tuple[str, ...], name: str) -> bool:
    return re.search(rf"\b({'|'.join(words)})\b", name, re.IGNORECASE) is not None
