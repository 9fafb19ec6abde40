"""What imessage-exporter's own words mean: times, announcements, deletions. They are English on every computer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from records.formats.base import Kind, NamedFile

ME = "Me"
STAMP = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{2}, [0-9]{4} [ 0-9][0-9]:[0-9]{2}:[0-9]{2} [AP]M"
DELETED = "This message was deleted from the conversation!"
REPLIED = "This message responded to an earlier message."
LONGEST = 1_000  # characters of a line in which the tool's own words are looked for
NOT_FOUND = "imessage-exporter did not find the file"
_EPOCH = datetime(1970, 1, 1)
_EARLIEST = datetime(2001, 1, 2)  # Apple counts from 2001: a message without a date shows that day
_ANNOUNCED: Sequence[tuple[re.Pattern[str], Kind]] = (
    (re.compile(r"(?P<who>.+?) unsent a message!"), Kind.DELETED),
    (re.compile(r"(?P<who>.+?) (?:deleted|unsent) a message(?: part)?\b.*"), Kind.DELETED),
    (re.compile(r"(?P<who>.+?) added (?P<other>.+) to the conversation\."), Kind.MEMBERSHIP),
    (re.compile(r"(?P<who>.+?) removed (?P<other>.+) from the conversation\."), Kind.MEMBERSHIP),
    (re.compile(r"(?P<who>.+?) left the conversation\."), Kind.MEMBERSHIP),
    (re.compile(r"(?P<who>.+?) renamed the conversation to (?P<title>.*)", re.DOTALL), Kind.SETTINGS),
    (re.compile(r"(?P<who>.+?) (?:changed|removed|set) the (?:group photo|chat background|[a-z ]+)\."), Kind.SETTINGS),
    (re.compile(r"(?P<who>.+?) kept an audio message\."), Kind.KEPT),
)  # fmt: skip
_UNSENT = re.compile(
    r"(?P<who>.+?) (?:unsent this message part(?P<after>.*?)(?: after sending)?[!.]|deleted a message\.)"
)
_EFFECT = re.compile(
    r"Sent with (?:Confetti|Echo|Fireworks|Balloons|Heart|Lasers|Shooting Start?|Sparkles|Spotlight|Slam|Loud|Gentle|"
    r"Invisible Ink)"
)


class Announced(NamedTuple):
    """An event that the tool tells in one sentence."""

    kind: Kind
    who: str | None
    detail: dict[str, object]


@lru_cache(maxsize=4096)
def reading(written: str) -> int | None:
    """The clock reading of "May 17, 2022  5:29:42 PM" in microseconds."""
    try:
        moment = datetime.strptime(" ".join(written.split()), "%b %d, %Y %I:%M:%S %p")
    except ValueError:
        return None
    if moment < _EARLIEST:
        return None
    gone = moment - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1_000_000


def announced(words: str) -> Announced:
    """What an announcement says; one that is not known stays a notice."""
    for pattern, kind in _ANNOUNCED if len(words) <= LONGEST else ():
        found = pattern.fullmatch(words)
        if found is None:
            continue
        who = found["who"]
        named: Mapping[str, str] = found.groupdict()
        detail: dict[str, object] = {"actor": who}
        for key in ("other", "title"):
            if named.get(key):
                detail[key] = named[key]
        if kind is Kind.DELETED:
            return Announced(deleted_by(who), _person(who), {})
        return Announced(kind, _person(who), detail)
    return Announced(Kind.NOTICE, None, {"unknown": True})


def unsent(words: str) -> Kind | None:
    """Who unsent a part of a message, where a line says that somebody did."""
    found = _UNSENT.fullmatch(words) if len(words) <= LONGEST else None
    return None if found is None else deleted_by(found["who"])


def deleted_by(who: str) -> Kind:
    """The tool says "You" to the account that made the export, "They" or a name of others."""
    return Kind.DELETED_BY_EXPORTER if who in ("You", ME) else Kind.DELETED_BY_OTHER


def is_effect(line: str) -> bool:
    """Whether a line tells with which effect a message was sent."""
    return _EFFECT.fullmatch(line) is not None


def kind_of(body: str, files: Sequence[NamedFile]) -> Kind:
    """The kind of a plain message."""
    if files:
        return Kind.MEDIA_OMITTED if all(file.left_out for file in files) else Kind.ATTACHED
    if body in ("Started sharing location!", "Stopped sharing location!", "Shared location!"):
        return Kind.LOCATION
    return Kind.TEXT if body else Kind.EMPTY


def _person(who: str) -> str:
    return ME if who == "You" else who
