"""The conversations of a log, and when their messages were set to disappear from the devices."""

from __future__ import annotations

from records.formats.composer import Composer, text_of
from records.formats.expiring import Expiring
from records.formats.wickr.meaning import Object
from records.formats.wickr.times import SECOND, readable

_MINUTE = 60


class Room(Expiring):
    """One conversation: a secure room, a group, or two people."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index

    def counted(self, value: Object, sent: int | None, seq: int, detail: dict[str, object]) -> None:
        """Take a message: what it says about its end goes into `detail` and into the sums."""
        self.messages += 1
        expires, burns = value.get("ttl"), value.get("bor")
        if expires:
            self._limited(expires, sent, seq, detail)
        if burns:
            self.burns(seq)
            moment = readable(burns) if isinstance(burns, str) else None
            if moment is not None:
                detail["burns_at"] = moment
            else:
                detail["burn_seconds"] = _number(burns)

    def _limited(
        self, expires: object, sent: int | None, seq: int, detail: dict[str, object]
    ) -> None:
        moment = readable(expires) if isinstance(expires, str) else None
        if moment is not None:
            detail["expires_at"] = moment
            # Written to the minute, rounded down: a timer of 30 days shows as a little less.
            seconds = None if sent is None else -(-(moment - sent) // (_MINUTE * SECOND)) * _MINUTE
        else:
            seconds = _number(expires)
            if seconds is None:
                return
            detail["seconds"] = seconds
        self.expires(seq, seconds)


class Rooms:
    """The conversations that were met."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._all: list[Room] = []
        self._text = 0
        self._known: dict[str, Room] = {}  # of this text

    def enter_text(self, text: int) -> None:
        """The same room in another log is another conversation: two bots need not have captured the same."""
        if text != self._text:
            self._text, self._known = text, {}

    def of(self, value: Object) -> Room:
        """The conversation of a message; entered when first met."""
        group = value.get("vgroupid")
        room = self._known.get(group) if type(group) is str else None
        return self._enter(value) if room is None else room

    def titled(self, room: Room, title: str) -> None:
        """A control message names the room: the newest name is shown."""
        self._composer.survey.conversations[room.index].title = title

    def expiring(self) -> list[dict[str, object]]:
        """What the messages of each conversation say about their end."""
        return [room.told(room.index) for room in self._all if room.expiring or room.burning]

    def _enter(self, value: Object) -> Room:
        group = text_of(value.get("vgroupid"))
        people = sorted({text_of(value.get(key)) for key in ("sender", "receiver")} - {""})
        key = group or "\0".join(people)
        room = self._known.get(key)
        if room is None:
            title = _title(group, people)
            room = Room(self._composer.conversation((self._text, key), title, self._text))
            self._known[key] = room
            self._all.append(room)
        return room


def _title(group: str, people: list[str]) -> str:
    """What a conversation is called before a control message names it."""
    if group.startswith("S"):
        return f"Room {group[:9]}"
    if group.startswith("G"):
        return f"Group {group[:9]}"
    return " and ".join(people) or "Conversation without a name"


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
