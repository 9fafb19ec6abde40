"""Full-text search over message bodies, with one meaning on both databases.

What a person types is read here, not by the database: words that must all stand in a message, `"a phrase"`, `-not`
and `or`. From that comes a query whose every word is quoted, so no input can break the index's own syntax.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, BooleanField, CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Substr

from records.models import Message, MessageExport, Participant

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    from portal.agency.models import User

MOST_CHARACTERS = 500
MOST_TERMS = 32
COUNT_UP_TO = 1000
COMMON = 50_000  # raw hits from which on SQLite is asked in another way
FIRST = 20_000
INDEXED = 100_000  # characters of a body that the PostgreSQL index covers
_TEXT = "records_message_text"
_TERM = re.compile(r'(-?)"([^"]*)"?|(\S+)')
_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass
class Group:
    """Terms that hold together: all of `wanted`, none of `unwanted`."""

    wanted: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)


@dataclass
class Query:
    """A search as it was understood: a message matches when one of the groups does."""

    groups: list[Group] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.groups)

    @property
    def phrases(self) -> list[str]:
        """Every word and phrase that a hit may show."""
        return [term for group in self.groups for term in group.wanted]

    def as_websearch(self) -> str:
        """For websearch_to_tsquery of PostgreSQL."""
        return " or ".join(
            " ".join(
                [
                    *(f'"{term}"' for term in group.wanted),
                    *(f'-"{term}"' for term in group.unwanted),
                ]
            )
            for group in self.groups
        )

    def as_fts5(self) -> str:
        """For MATCH of SQLite's FTS5."""
        return " OR ".join(f"({_fts5(group)})" for group in self.groups)


def _fts5(group: Group) -> str:
    wanted = " AND ".join(f'"{term}"' for term in group.wanted)
    unwanted = " OR ".join(f'"{term}"' for term in group.unwanted)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def understand(typed: str) -> Query:
    """What a person typed, as groups of terms. Never raises: what holds no letter or digit is left out."""
    groups = [Group()]
    terms = 0
    for match in _TERM.finditer(_clean(typed)[:MOST_CHARACTERS]):
        minus, phrase, word = match.groups()
        if word is not None:
            if word.casefold() == "or":
                groups.append(Group())
                continue
            minus, word = ("-", word[1:]) if word.startswith("-") else ("", word)
        term = _term(phrase if word is None else word)
        if term and terms < MOST_TERMS:
            terms += 1
            (groups[-1].unwanted if minus else groups[-1].wanted).append(term)
    return Query([group for group in groups if group.wanted])


def _clean(typed: str) -> str:
    """Without characters that a database refuses (NUL, lone halves of a pair), and composed."""
    kept = "".join(" " if unicodedata.category(each) in ("Cc", "Cs") else each for each in typed)
    return unicodedata.normalize("NFC", kept)


def _term(text: str) -> str:
    """The text of a term; empty when neither index would keep a word of it."""
    text = text.replace('"', " ").replace("\\", " ").strip()
    return text if any(unicodedata.category(each)[0] in "LN" for each in text) else ""


class BodyMatches(Func):
    """Whether a message's body matches: the expression of each database's own full-text index.

    On SQLite a match has three shapes: the list of all hits, the list of the first ones, and a probe of one row.
    """

    conditional = True
    output_field = BooleanField()

    @classmethod
    def of(cls, query: Query, shape: str = "all") -> BodyMatches:
        texts = Value(query.as_fts5()), Value(query.as_websearch())
        return cls(F("pk"), F("body"), *texts, shape=shape)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        key, _body, fts5, _web = self.get_source_expressions()
        sql, params = compiler.compile(key)
        asked, asked_params = compiler.compile(fts5)
        hits = f"FROM {_TEXT} WHERE {_TEXT} MATCH {asked}"
        if self.extra["shape"] == "probe":
            return f"EXISTS (SELECT 1 {hits} AND rowid = {sql})", (*asked_params, *params)
        limit = f" LIMIT {FIRST}" if self.extra["shape"] == "first" else ""
        return f"{sql} IN (SELECT rowid {hits}{limit})", (*params, *asked_params)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        _key, body, _fts5, web = self.get_source_expressions()
        sql, params = compiler.compile(body)
        asked, asked_params = compiler.compile(web)
        vector = f"to_tsvector('simple', left({sql}, {INDEXED}))"
        return f"{vector} @@ websearch_to_tsquery('simple', {asked})", (*params, *asked_params)


class Unindexed(Func):
    """A column under a plus sign: SQLite then leaves its index alone and walks the one we want."""

    template = "+%(expressions)s"


@dataclass(frozen=True)
class Narrowing:
    """Conditions beside the words: where, who, when, what."""

    office_ids: tuple[int, ...] | None = None
    custodian_id: int | None = None
    export_id: int | None = None
    conversation_id: int | None = None
    sender: str = ""
    first_day: date | None = None
    last_day: date | None = None
    kind: str = ""

    def exports(self, user: User) -> QuerySet[MessageExport]:
        """The exports to look into, of those whose content the person may read."""
        exports = MessageExport.objects.readable_by(user)
        for name, value in (
            ("office_id__in", self.office_ids),
            ("custodian_id", self.custodian_id),
            ("pk", self.export_id),
        ):
            if value is not None:
                exports = exports.filter(**{name: value})
        return exports

    def rows(self, user: User, *, by_clock: bool = False) -> QuerySet[Message]:
        """The messages to look into; `by_clock` has SQLite walk them in the order of the device's clock."""
        rows, sign = Message.objects.all(), ""
        if by_clock:
            sign = "free_"
            columns = ("export_id", "conversation_id", "participant_id")
            free = {
                f"{sign}{name}": Unindexed(name, output_field=BigIntegerField()) for name in columns
            }
            rows = rows.alias(**free, free_kind=Unindexed("kind", output_field=CharField()))
        rows = rows.filter(**{f"{sign}export_id__in": self.exports(user).values("pk")})
        sender = _clean(self.sender).strip()
        if sender:
            people = Participant.objects.filter(name__icontains=sender).values("pk")
            rows = rows.filter(**{f"{sign}participant_id__in": people})
        for name, value in (
            (f"{sign}conversation_id", self.conversation_id),
            (f"{sign}kind", self.kind or None),
            ("local__gte", _micros(self.first_day)),
            ("local__lt", _micros(self.last_day, 1)),
        ):
            if value is not None:
                rows = rows.filter(**{name: value})
        return rows


def _micros(day: date | None, later: int = 0) -> int | None:
    """The first moment of a day by the device's clock."""
    return None if day is None else (day.toordinal() - _EPOCH + later) * _DAY


def matching(user: User, query: Query, narrowing: Narrowing | None = None) -> QuerySet[Message]:
    """Messages that match and whose content the person may read; nothing for an empty search."""
    if not query:
        return Message.objects.none()
    return (narrowing or Narrowing()).rows(user).filter(BodyMatches.of(query))


class Results(NamedTuple):
    """One page of hits, newest first by the device's clock, and the marks of its neighbours."""

    rows: list[Message]
    total: int  # counted up to COUNT_UP_TO + 1
    after: str
    before: str


def find(
    user: User,
    query: Query,
    narrowing: Narrowing | None = None,
    *,
    after: str = "",
    before: str = "",
    size: int = 25,
) -> Results:
    """The hits after (older than) or before (newer than) a mark; a mark that cannot be read gives the first page.

    Up to COUNT_UP_TO hits are taken by key and sorted, so a rare word never walks the index of times; a common word
    walks it and stops after one page. Messages without a readable time come last.
    """
    if not query:
        return Results([], 0, "", "")
    found = matching(user, query, narrowing)
    walked, keys = found, []
    if connection.vendor == "sqlite" and _is_common(query):
        rows = (narrowing or Narrowing()).rows(user, by_clock=True)
        walked = rows.filter(BodyMatches.of(query, "probe"))
        keys = _keys(rows.filter(BodyMatches.of(query, "first")))
    if len(keys) <= COUNT_UP_TO:
        keys = _keys(found)
    if len(keys) <= COUNT_UP_TO:
        walked = Message.objects.filter(pk__in=keys)
    return _page(walked, len(keys), after, before, size)


def _keys(found: QuerySet[Message]) -> list[int]:
    return list(found.order_by().values_list("pk", flat=True)[: COUNT_UP_TO + 1])


def _is_common(query: Query) -> bool:
    """Whether so much matches that a list of all hits would cost more than probing rows one by one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT rowid FROM {_TEXT} WHERE {_TEXT} MATCH %s LIMIT {COMMON})",
            [query.as_fts5()],
        )
        return bool(cursor.fetchone()[0] == COMMON)


def _page(found: QuerySet[Message], total: int, after: str, before: str, size: int) -> Results:
    backwards = bool(before) and not after
    mark = _read_mark(before if backwards else after)
    taken = _walk(found, mark, backwards, size + 1)
    more, taken = len(taken) > size, taken[:size]
    if backwards:
        taken.reverse()
        older, newer = bool(taken), more
    else:
        older, newer = more, bool(taken) and mark is not None
    return Results(
        _complete(taken), total, _mark(taken[-1]) if older else "", _mark(taken[0]) if newer else ""
    )


class _Place(NamedTuple):
    local: int | None
    pk: int


def _walk(rows: QuerySet[Message], mark: _Place | None, backwards: bool, most: int) -> list[_Place]:
    """Places in order: those with a time by time and key, then those without, by key; or the other way round."""
    timed, untimed = rows.filter(local__isnull=False), rows.filter(local__isnull=True)
    sign = "" if backwards else "-"
    beyond, at_or_beyond = ("gt", "gte") if backwards else ("lt", "lte")
    if mark is not None and mark.local is not None:
        further = Q(**{f"local__{beyond}": mark.local}) | Q(
            local=mark.local, **{f"pk__{beyond}": mark.pk}
        )
        timed = timed.filter(Q(**{f"local__{at_or_beyond}": mark.local}) & further)
        parts = [timed] if backwards else [timed, untimed]
    elif mark is not None:
        untimed = untimed.filter(**{f"pk__{beyond}": mark.pk})
        parts = [untimed, timed] if backwards else [untimed]
    else:
        parts = [timed, untimed]
    places: list[_Place] = []
    for part in parts:
        if len(places) < most:
            ordered = part.order_by(f"{sign}local", f"{sign}pk").values_list("local", "pk")
            places += [_Place(*values) for values in ordered[: most - len(places)]]
    return places


def _complete(places: list[_Place]) -> list[Message]:
    """The rows of one page with what is shown beside them; of a huge body only what the index covers."""
    rows = (
        Message.objects.filter(pk__in=[place.pk for place in places])
        .select_related(
            "export__office", "export__custodian__person", "conversation", "participant"
        )
        .defer("body")
        .annotate(text=Substr("body", 1, INDEXED))
    )
    by_key = {row.pk: row for row in rows}
    return [by_key[place.pk] for place in places if place.pk in by_key]


def _mark(place: _Place) -> str:
    return f"{'' if place.local is None else place.local}.{place.pk}"


def _read_mark(mark: str) -> _Place | None:
    match = re.fullmatch(r"(-?\d{1,18})?\.(\d{1,18})", mark, re.ASCII)
    return _Place(int(match[1]) if match[1] else None, int(match[2])) if match else None


def shown_time(local: int | None) -> datetime | None:
    """A clock reading of the device, without a zone, so that no template shifts it."""
    if local is None:
        return None
    try:
        return datetime.fromtimestamp(local // 1_000_000, UTC).replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):
        return None
