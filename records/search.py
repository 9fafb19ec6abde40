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

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Substr

from records.models import Message

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    from portal.agency.models import User

MOST_CHARACTERS = 500
MOST_TERMS = 32
COUNT_UP_TO = 1000
INDEXED = 100_000  # characters of a body that the PostgreSQL index covers
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
    """Whether a message's body matches: the expression of each database's own full-text index."""

    conditional = True
    output_field = BooleanField()

    @classmethod
    def of(cls, query: Query) -> BodyMatches:
        return cls(F("pk"), F("body"), Value(query.as_fts5()), Value(query.as_websearch()))

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        key, _body, fts5, _web = self.get_source_expressions()
        sql, params = compiler.compile(key)
        query_sql, query_params = compiler.compile(fts5)
        text = "records_message_text"
        return f"{sql} IN (SELECT rowid FROM {text} WHERE {text} MATCH {query_sql})", (
            *params,
            *query_params,
        )

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        _key, body, _fts5, web = self.get_source_expressions()
        sql, params = compiler.compile(body)
        query_sql, query_params = compiler.compile(web)
        vector = f"to_tsvector('simple', left({sql}, {INDEXED}))"
        return f"{vector} @@ websearch_to_tsquery('simple', {query_sql})", (*params, *query_params)


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

    def condition(self) -> Q:
        found = Q()
        for name, value in (
            ("export__office_id__in", self.office_ids),
            ("export__custodian_id", self.custodian_id),
            ("export_id", self.export_id),
            ("conversation_id", self.conversation_id),
            ("kind", self.kind),
            ("participant__name__icontains", _clean(self.sender).strip()),
            ("local__gte", _micros(self.first_day)),
            ("local__lt", _micros(self.last_day, 1)),
        ):
            if value not in (None, ""):
                found &= Q(**{name: value})
        return found


def _micros(day: date | None, later: int = 0) -> int | None:
    """The first moment of a day by the device's clock."""
    return None if day is None else (day.toordinal() - _EPOCH + later) * _DAY


def matching(user: User, query: Query, narrowing: Narrowing | None = None) -> QuerySet[Message]:
    """Messages that match and whose content the person may read; nothing for an empty search."""
    messages = Message.objects.visible_to(user)
    if not query:
        return messages.none()
    return messages.filter(BodyMatches.of(query)).filter((narrowing or Narrowing()).condition())


class Results(NamedTuple):
    """One page of hits, newest first by the device's clock, and the marks of its neighbours."""

    rows: list[Message]
    total: int  # counted up to COUNT_UP_TO + 1
    after: str
    before: str


def page(found: QuerySet[Message], *, after: str = "", before: str = "", size: int = 25) -> Results:
    """The hits after (older than) or before (newer than) a mark; a mark that cannot be read gives the first page.

    Up to COUNT_UP_TO hits are taken by key and sorted, so a rare word never walks the index of dates; a common word
    walks it and stops after one page. Messages without a readable time come last.
    """
    keys = list(found.order_by().values_list("pk", flat=True)[: COUNT_UP_TO + 1])
    rows = Message.objects.filter(pk__in=keys) if len(keys) <= COUNT_UP_TO else found
    backwards = bool(before) and not after
    mark = _read_mark(before if backwards else after)
    taken = _walk(rows, mark, backwards, size + 1)
    more, taken = len(taken) > size, taken[:size]
    if backwards:
        taken.reverse()
        older, newer = bool(taken), more
    else:
        older, newer = more, bool(taken) and mark is not None
    return Results(
        _complete(taken),
        len(keys),
        _mark(taken[-1]) if older else "",
        _mark(taken[0]) if newer else "",
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
