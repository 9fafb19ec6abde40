"""What a sender is known by, in one form for comparing: the number, address or account, else the name.

A telephone number and an e-mail address mean the same everywhere. An account id means something within its service. A
name comes from the address book of the device ("Mom", "Chief", "You"): it means something only in exports of one
custodian.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from portal.agency.phones import e164, looks_like_number

PHONE, EMAIL, ACCOUNT, NAME = "phone", "email", "account", "name"
KINDS = ((PHONE, "Telephone number"), (EMAIL, "E-mail"), (ACCOUNT, "Account"), (NAME, "Name"))
LOCAL = frozenset({NAME})
# How applications write the account that made the export, where they do not name it.
EXPORTER_WORDS = frozenset({"you", "me"})
_MOST = 300
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Known(NamedTuple):
    """The handle of a sender: `value` compares, `written` is how it was met."""

    kind: str
    value: str
    written: str
    service: str = ""  # the export's format, for an account id


def known_as(name: str, display: str, handle: str, handle_kind: str, *, service: str) -> Known:
    """What a sender is known by: what the export calls their handle, else what its messages call them."""
    if handle:
        kind = handle_kind if handle_kind in (PHONE, EMAIL, ACCOUNT) else _kind_of(handle)
        return _known(ACCOUNT if kind == NAME else kind, handle, service)
    kind = _kind_of(name)
    if kind == NAME and display and plain(display) != plain(name):
        # Messages carry an id, and the name stands elsewhere in the export.
        kind = ACCOUNT
    return _known(kind, name, service)


def plain(name: str) -> str:
    """A name for comparing: no invisible marks, one blank between words, no case."""
    kept = "".join(
        character
        for character in unicodedata.normalize("NFKC", name)
        if unicodedata.category(character) != "Cf"
    )
    return " ".join(kept.split()).casefold()[:_MOST]


def _kind_of(text: str) -> str:
    bare = plain(text)
    if _EMAIL.fullmatch(bare):
        return EMAIL
    return PHONE if looks_like_number(bare) and e164(bare) else NAME


def _known(kind: str, text: str, service: str) -> Known:
    bare = plain(text)
    if kind == PHONE:
        # Short codes have no international form: their digits compare.
        return Known(PHONE, e164(bare) or bare, text)
    return Known(kind, bare, text, service if kind == ACCOUNT else "")
