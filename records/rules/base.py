"""What a finding of loss is, what a rule is, and how rules see the stream of entries.

A rule looks for one kind of evidence that messages or files were lost, or were set to be lost (36
CFR 1230.3 speaks of removal, defacing, alteration or destruction). It is pure: entries go in,
findings come out, and each finding cites the entries it rests on. Rules are dispatched by kind, so
plain messages cost nothing.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from records.formats.base import Entry, Kind, Member, NamedFile, Survey
from records.formats.sniff import is_clutter

CERTAIN, PROBABLE, INDICATOR = "certain", "probable", "indicator"
# What the count of a finding is of: entries cited or held, or things that are not in the export.
CITED, HELD, MISSING, FILES, PARTS = "cited", "held", "missing", "files", "parts"
MOST_NAMES = 100  # names listed in the detail of one finding
MOST_GROUPS = 2_000  # senders, spans or gaps that one rule keeps apart

DELETED_KINDS = (Kind.DELETED, Kind.DELETED_BY_EXPORTER, Kind.DELETED_BY_OTHER)


@dataclass(frozen=True, slots=True)
class Found:
    """Evidence about loss in one conversation: what, how sure, when, and what shows it."""

    rule: str  # name of the rule's module
    code: str  # of the evidence-of-loss catalogue, e.g. "TIMER_ON"
    title: str
    explanation: str  # plain sentences with the figures: facts only, for a report may print them
    conversation: int  # the first one concerned when the finding is of the whole export
    confidence: str  # CERTAIN, PROBABLE or INDICATOR
    first_at: int | None  # local microseconds, as in Entry.local
    last_at: int | None
    count: int  # how many of what `counts` says
    seqs: array[int]  # the cited entries, ascending
    detail: dict[str, object] = field(default_factory=dict)  # JSON-able
    advice: str = ""  # what staff could do next; no report prints it
    counts: str = CITED  # CITED, HELD, MISSING, FILES or PARTS: what `count` is of
    whole: bool = False  # about the whole export or account, not about one conversation


@dataclass(slots=True)
class ConversationTotals:
    """What the whole stream says about one conversation."""

    entries: int = 0
    first_seq: int = 0
    last_seq: int = 0
    first_at: int | None = None  # earliest and latest clock reading
    last_at: int | None = None

    def reach(self, local: int) -> None:
        """Stretch the conversation's time to a clock reading."""
        if self.first_at is None or local < self.first_at:
            self.first_at = local
        if self.last_at is None or local > self.last_at:
            self.last_at = local


@dataclass(slots=True)
class Totals:
    """What rules may know when the stream has ended."""

    conversations: list[ConversationTotals] = field(default_factory=list)


class Files:
    """The files that came with the texts, found by the names that entries use."""

    def __init__(self, survey: Survey, members: Sequence[Member]) -> None:
        self._survey = survey
        texts = {part.member for text in survey.texts for part in text.parts}
        pictures: Any = survey.layout.get(
            "pictures", ()
        )  # of people and rooms: no message names them
        texts.update(pictures)
        self._by_key: dict[str, str] = {}
        self._by_stem: dict[str, str] = {}
        for member in members:
            if member.name not in texts and not is_clutter(member.name):
                key = _key(member.name)
                self._by_key[key] = member.name
                self._by_stem.setdefault(key.rpartition(".")[0], member.name)

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key.values())

    @property
    def holds_media(self) -> bool:
        """Whether the export was made with media: contact cards come along in any case."""
        return any(not is_contact_card(name) for name in self._by_key)

    def find(self, file: NamedFile, conversation: int = 0) -> str | None:
        """The member that holds a file which an entry names, or None. Names are compared, never changed."""
        if file.member is not None:
            return self._by_key.get(_key(file.member))
        key = self._folder(conversation) + _key(file.name)
        if key.endswith(".") and key not in self._by_key:
            # Imported sound files may lose the extension in the text: "AUD-20190101-WA0000.".
            return self._by_stem.get(key[:-1])
        return self._by_key.get(key)

    def _folder(self, conversation: int) -> str:
        """Where the files of a conversation lie: beside its text."""
        if conversation >= len(self._survey.conversations):
            return ""
        text = self._survey.texts[self._survey.conversations[conversation].text]
        folder = (text.parts[0].member or "").rpartition("/")[0]
        return _key(f"{folder}/") if folder else ""


def is_contact_card(name: str) -> bool:
    """Contact cards are exported even without media."""
    return name.casefold().endswith(".vcf")


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip("\u200e\u200f \u202a\u202c"))


@dataclass(frozen=True, slots=True)
class Context:
    """What every rule is made with."""

    survey: Survey
    files: Files


class Rule(Protocol):
    """A finder of one kind of evidence."""

    name: str
    kinds: frozenset[str]

    def __init__(self, context: Context) -> None: ...

    def see(self, entry: Entry) -> None:
        """Take an entry of one of `kinds`, in the file's order."""

    def finish(self, totals: Totals) -> Iterable[Found]:
        """The findings, after the last entry."""


class Cited:
    """A growing set of cited entries: four bytes each, so that five million stay small."""

    __slots__ = ("count", "first_at", "last_at", "seqs")

    def __init__(self) -> None:
        self.seqs = array("I")
        self.count = 0
        self.first_at: int | None = None
        self.last_at: int | None = None

    def add(self, entry: Entry) -> None:
        self.seqs.append(entry.seq)
        self.count += 1
        at = entry.local
        if at is not None:
            if self.first_at is None or at < self.first_at:
                self.first_at = at
            if self.last_at is None or at > self.last_at:
                self.last_at = at


def found(
    rule: str,
    code: str,
    title: str,
    explanation: str,
    conversation: int,
    cited: Cited,
    confidence: str = CERTAIN,
    detail: Mapping[str, object] | None = None,
    *,
    advice: str = "",
    counts: str = CITED,
    whole: bool = False,
) -> Found:
    """A finding that rests on the cited entries alone."""
    return Found(
        rule=rule,
        code=code,
        title=title,
        explanation=explanation,
        conversation=conversation,
        confidence=confidence,
        first_at=cited.first_at,
        last_at=cited.last_at,
        count=cited.count,
        seqs=cited.seqs,
        detail=dict(detail or {}),
        advice=advice,
        counts=counts,
        whole=whole,
    )


def detail_of(entry: Entry, key: str) -> object:
    """One value of an entry's detail, or None."""
    return None if entry.detail is None else entry.detail.get(key)


def count_of(number: int, one: str, many: str | None = None) -> str:
    """A figure with its noun: "1 message", "12,431 messages"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def when(local: int | None) -> str:
    """A clock reading as people write it, or words for an undecided one."""
    if local is None:
        return "an undecided time"
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=local)
    return f"{moment:%B} {moment.day}, {moment.year}, {moment:%H:%M}"


def period(seconds: object) -> str:
    """A timer's length in words: "7 days", "24 hours"."""
    if not isinstance(seconds, int) or seconds <= 0:
        return "a period that the notice does not give"
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        # "24 hours" is what the app says, not "1 day".
        if seconds % size == 0 and (seconds > size or word != "day"):
            return count_of(seconds // size, word)
    return count_of(seconds, "second")
