"""Reading one export from its bytes to its findings: the one driver behind `inspect` and behind the
database's ingest.

Entries and problems come as a stream; rules see each entry as it passes (ADR 0003), and the summary
is complete when the stream has ended. Memory does not grow with the export, except four bytes for
each cited entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter, itemgetter

from records import formats
from records.formats.base import (
    Doubt,
    Entry,
    Format,
    Header,
    Member,
    Problem,
    Question,
    Rejected,
    Survey,
)
from records.formats.source import SealedSource
from records.rules import Examiner
from records.rules.base import ConversationTotals, Found, Totals

ACCEPTED, WITH_WARNINGS, PARTLY_READ, REJECTED = (
    "accepted",
    "with_warnings",
    "partly_read",
    "rejected",
)
MOST_AUTHORS = 100_000
MOST_PROBLEMS = 10_000  # kept in the summary; the stream carries all of them
PIECE = 1 << 20
BATCH = 512
SOME = 16  # items that are taken at once
LARGE = 1 << 16  # bytes of some items that end their batch

_BOUNDARY = int(Doubt.BOUNDARY)  # as a plain number: flags are slow to combine
_BYTES = attrgetter("length")
_CONVERSATION = itemgetter(Entry._fields.index("conversation"))
_KIND = itemgetter(Entry._fields.index("kind"))
_SENDER = itemgetter(Entry._fields.index("sender"))
_LOCAL = itemgetter(Entry._fields.index("local"))
_LENGTH = itemgetter(Entry._fields.index("length"))
_DOUBT = itemgetter(Entry._fields.index("doubt"))


@dataclass
class Summary:
    """What one reading of the whole export says."""

    entries: int = 0
    authorless: int = 0
    authors: set[str] = field(default_factory=set)
    authors_capped: bool = False
    kinds: dict[str, int] = field(default_factory=dict)
    first: int | None = None  # earliest and latest clock reading, microseconds
    last: int | None = None
    bytes_total: int = 0
    bytes_owned: int = 0
    bytes_unread: int = 0  # owned by problems: listed, not read
    doubtful: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_counts: dict[str, int] = field(default_factory=dict)
    worst: str = ""  # severity of the worst problem
    findings: list[Found] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    sha256: str = ""
    complete: bool = False  # the stream was taken to its end

    @property
    def verdict(self) -> str:
        """How well the export could be read; `rejected` is the caller's, on `Rejected`."""
        if self.bytes_unread or self.bytes_owned != self.bytes_total or self.worst == "error":
            return PARTLY_READ
        return WITH_WARNINGS if self.worst == "warning" else ACCEPTED


def _batches(
    items: Iterator[Entry | Header | Problem],
) -> Iterator[list[Entry | Header | Problem]]:
    """Items in lists that stay small in memory, also when single messages are huge."""
    batch: list[Entry | Header | Problem] = []
    while some := list(islice(items, SOME)):
        batch += some
        if len(batch) >= BATCH or sum(map(_BYTES, some)) > LARGE:
            yield batch
            batch = []
    if batch:
        yield batch


def _by_conversation(entries: list[Entry]) -> Iterable[tuple[int, list[Entry]]]:
    """Entries of one batch by conversation; most exports hold one, a log of rooms mixes many."""
    if len(set(map(_CONVERSATION, entries))) <= 1:
        return [(entries[0].conversation, entries)] if entries else []
    groups: dict[int, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.conversation, []).append(entry)
    return groups.items()


class Reading:
    """One export being read: the survey first, then the stream, then the summary."""

    def __init__(self, source: SealedSource, format_: Format, survey: Survey) -> None:
        self.source, self.format, self.survey = source, format_, survey
        self.summary = Summary()
        self.summary.bytes_total = sum(text.size for text in survey.texts)
        self._examiner = Examiner(survey, source.members)
        self._handlers = self._examiner.handlers

    @property
    def questions(self) -> list[Question]:
        """What a person must answer before the export may be taken in."""
        return self.survey.questions

    def stream(
        self, progress: Callable[[int], None] | None = None, check_files: bool = True
    ) -> Iterator[Entry | Problem]:
        """Every entry and problem in the file's order.

        `progress` gets the number of bytes of attachments checked so far. `Rejected` can be raised
        in mid-stream, when the bytes of an archive prove to be damaged: take nothing over then.
        """
        for batch in _batches(self.format.read(self.source, self.survey)):
            # Notes are taken batch by batch, by functions written in C: item by item would cost as
            # much as the reading itself.
            entries = [item for item in batch if isinstance(item, Entry)]
            for conversation, group in _by_conversation(entries):
                self._entries(conversation, group)
            if len(entries) == len(batch):
                yield from entries
                continue
            for item in batch:
                if isinstance(item, Header):
                    self.summary.bytes_owned += item.length
                    continue
                if isinstance(item, Problem):
                    self._problem(item)
                yield item
        if check_files:
            for problem in self._check_files(progress):
                self._problem(problem)
                yield problem
        self._finish()

    def run(self) -> Summary:
        """The summary alone: everything is read, nothing is kept."""
        for _ in self.stream():
            pass
        return self.summary

    def _entries(self, conversation: int, entries: list[Entry]) -> None:
        summary = self.summary
        place = self._place(conversation, entries[0].seq)
        place.entries += len(entries)
        place.last_seq = entries[-1].seq
        kinds = Counter(map(_KIND, entries))
        for kind, count in kinds.items():
            summary.kinds[kind] = summary.kinds.get(kind, 0) + count
        senders = list(map(_SENDER, entries))
        summary.authorless += senders.count(None)
        for sender in set(senders) - summary.authors - {None}:
            self._author(sender)
        summary.bytes_owned += sum(map(_LENGTH, entries))
        readings = list(map(_LOCAL, entries))
        doubts = list(map(_DOUBT, entries))
        if any(doubts) or None in readings:
            summary.doubtful += len(doubts) - doubts.count(0)
            # A pasted header line may carry any date, so it does not stretch the conversation.
            readings = [
                entry.local
                for entry in entries
                if entry.local is not None and not entry.doubt & _BOUNDARY
            ]
        if readings:
            place.reach(min(readings))
            place.reach(max(readings))
        if not self._handlers.keys().isdisjoint(kinds):
            for entry in entries:
                for handler in self._handlers.get(entry.kind, ()):
                    handler(entry)

    def _place(self, conversation: int, seq: int) -> ConversationTotals:
        conversations = self.summary.totals.conversations
        while len(conversations) <= conversation:
            conversations.append(ConversationTotals())
        if not conversations[conversation].entries:
            conversations[conversation].first_seq = seq
        return conversations[conversation]

    def _author(self, sender: str) -> None:
        if len(self.summary.authors) < MOST_AUTHORS:
            self.summary.authors.add(sender)
        else:
            self.summary.authors_capped = True

    def _problem(self, problem: Problem) -> None:
        summary = self.summary
        if problem.unread:
            summary.bytes_owned += problem.length
            summary.bytes_unread += problem.length
        if len(summary.problems) < MOST_PROBLEMS:
            summary.problems.append(problem)
        summary.problem_counts[problem.code] = summary.problem_counts.get(problem.code, 0) + 1
        if problem.severity == "error" or (problem.severity == "warning" and not summary.worst):
            summary.worst = problem.severity

    def _check_files(self, progress: Callable[[int], None] | None) -> Iterator[Problem]:
        """Unpack every attachment once, to nowhere: a damaged one is told before it is needed."""
        texts = {part.member for text in self.survey.texts for part in text.parts}
        done = 0
        for member in self.source.members:
            if member.name in texts:
                continue
            problem = self._check_file(member)
            if problem is not None:
                yield problem
            done += member.size
            if progress is not None:
                progress(done)

    def _check_file(self, member: Member) -> Problem | None:
        try:
            with self.source.open(member.name) as stream:
                while stream.read(PIECE):
                    pass
        except Rejected as rejected:
            words = f"{rejected.words} The messages were read; the file is {member.name}."
            return Problem(rejected.code, "error", words)
        return None

    def _finish(self) -> None:
        summary = self.summary
        totals = summary.totals
        while len(totals.conversations) < len(self.survey.conversations):
            totals.conversations.append(ConversationTotals())
        summary.entries = sum(item.entries for item in totals.conversations)
        firsts = [item.first_at for item in totals.conversations if item.first_at is not None]
        lasts = [item.last_at for item in totals.conversations if item.last_at is not None]
        summary.first = min(firsts, default=None)
        summary.last = max(lasts, default=None)
        summary.findings = self._examiner.findings(totals)
        summary.sha256 = self.source.digest()
        summary.complete = True


def read_export(
    source: SealedSource, answers: Mapping[str, str] | None = None
) -> Reading | Question:
    """Pick the format and survey the export; a question only when the app itself is not certain.

    `Rejected` when the file cannot be read at all. A reading that has `questions` can still be
    streamed, for instance to show what is undecided, but must not be taken in before the answers.
    """
    answers = answers or {}
    picked = formats.pick(source, answers)
    if isinstance(picked, Question):
        return picked
    return Reading(source, picked, picked.survey(source, answers))


def place_of(problem: Problem, survey: Survey) -> tuple[str, int | None]:
    """The member of the archive where a problem lies (empty for a plain file), and the offset within it."""
    if problem.offset is None or problem.text >= len(survey.texts):
        return "", problem.offset
    member, offset = survey.texts[problem.text].place(problem.offset)
    return member or "", offset
