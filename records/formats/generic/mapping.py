"""Which column of a table is what: by our own names, or by what a person answered, or asked as a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from records.formats.base import Choice, Question
from records.formats.clock import Clock, LocalClock
from records.formats.generic.tables import Table
from records.formats.generic.times import LAYOUTS, candidates

PREFIX = "column_"
TIME, CLOCK = f"{PREFIX}time", f"{PREFIX}clock"  # the two questions whose columns hold the time
NONE = "-"  # the answer "there is no such column"
TIME_LAYOUT, TIME_BASIS = "time_layout", "time_basis"
BY_ZONE, BY_UTC = "zone", "utc"
SHOWN = 3  # values of a column that a question about times shows
SHOWN_ROWS = 5  # rows that the questions about columns show
SHOWN_LENGTH = 60


class Role(NamedTuple):
    """What a column can be."""

    name: str  # our own documented name of the column, and of the question after `column_`
    words: str
    needed: bool


ROLES = (
    Role("time", "Which column holds the time, or the date?", True),
    Role("clock", "Does the time of day stand in a column of its own?", False),
    Role("sender", "Which column says who wrote the message?", True),
    Role("recipients", "Which column says to whom it was sent (the recipients)?", False),
    Role("body", "Which column holds the text of the message?", True),
    Role("conversation", "Which column tells the conversations apart?", False),
    Role("id", "Which column holds a number or id of the message?", False),
    Role("file", "Which column names a file that was sent?", False),
)
OWN = frozenset(role.name for role in ROLES if role.name != "clock")
OWN_NEEDED = frozenset(("time", "sender", "body"))
APART = ("time", "clock", "sender", "body")  # roles that need a column of their own each


class Columns(NamedTuple):
    """Positions of the columns that are something; -1 for none."""

    time: int
    clock: int
    sender: int
    recipients: int
    body: int
    conversation: int
    id: int
    file: int

    def written(self, cells: Sequence[str]) -> str:
        """The time of a row as it stands there."""
        if self.clock < 0:
            return cells[self.time].strip()
        return f"{cells[self.time].strip()} {cells[self.clock].strip()}"


def is_own(columns: Sequence[str]) -> bool:
    """Whether a table has the column names that docs/formats/generic.md gives."""
    return {name.casefold() for name in columns} >= OWN_NEEDED


def columns_of(table: Table, answers: Mapping[str, str]) -> Columns | None:
    """The columns by the answers, or by our own names; None while a person must say."""
    if any(f"{PREFIX}{role.name}" in answers for role in ROLES):
        places = {name: number for number, name in enumerate(table.columns)}
        found = [places.get(answers.get(f"{PREFIX}{role.name}", NONE), -1) for role in ROLES]
    elif is_own(table.columns):
        own = {name.casefold(): number for number, name in reversed([*enumerate(table.columns)])}
        found = [own.get(role.name, -1) if role.name in OWN else -1 for role in ROLES]
    else:
        return None
    columns = Columns(*found)
    if min(columns.time, columns.sender, columns.body) < 0 or chosen_twice(answers):
        return None
    return columns


def chosen_twice(answers: Mapping[str, str]) -> dict[str, str]:
    """Columns that were named for several things of which each needs its own: the question to mend, and the reason."""
    roles: dict[str, list[str]] = {}
    for name in APART:
        column = answers.get(f"{PREFIX}{name}", NONE)
        if column != NONE:
            roles.setdefault(column, []).append(name)
    return {
        f"{PREFIX}{names[1]}": f"The column \u201c{cut(column)}\u201d is chosen {len(names)} times: for "
        f"{_listed([_IN_WORDS[name] for name in names])}. Each needs a column of its own."
        for column, names in roles.items()
        if len(names) > 1
    }


_IN_WORDS = {
    "time": "the time",
    "clock": "the time of day",
    "sender": "the sender",
    "body": "the text",
}


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def without_times(values: Sequence[str]) -> str:
    """Why the values of a column cannot be the times of messages."""
    if not values:
        return "The column that was named for the time is empty in the first rows."
    odd = next((value for value in values if not candidates([value])), "")
    example = (
        f": \u201c{cut(odd)}\u201d is not a date with a time of day" if odd else " in most rows"
    )
    return (
        f"The column that was named holds no times that can be read here{example}. If the time of day stands "
        "in a column of its own, name that column too."
    )


def refused(table: Table, answers: Mapping[str, str]) -> str:
    """Why the columns that were answered cannot be right; empty when nobody answered yet."""
    unknown = [
        f"There is no column \u201c{cut(answers[code])}\u201d."
        for code in (f"{PREFIX}{role.name}" for role in ROLES)
        if answers.get(code, NONE) not in (NONE, *table.columns)
    ]
    return " ".join((*unknown, *chosen_twice(answers).values()))


def rows_shown(table: Table) -> list[list[str]]:
    """True rows for the questions, in their order: those that first show a value of some column, then the first."""
    rows = table.messages
    seen: set[int] = set()
    chosen: set[int] = set()
    for number, row in enumerate(rows):
        filled = {place for place, cell in enumerate(row) if cell.strip()}
        if filled - seen and len(chosen) < SHOWN_ROWS:
            seen |= filled
            chosen.add(number)
    for number in range(len(rows)):
        if len(chosen) < SHOWN_ROWS:
            chosen.add(number)
    return [rows[number] for number in sorted(chosen)]


def column_questions(table: Table, complaint: str = "") -> list[Question]:
    """One question for each role; the choices are the columns, each with its cells in the same rows."""
    rows = rows_shown(table)
    choices = [
        Choice(name, name[:SHOWN_LENGTH], "\n".join(cut(row[number]) for row in rows))
        for number, name in enumerate(table.columns)
    ]
    no_column = Choice(NONE, "No column", "")
    return [
        Question(
            f"{PREFIX}{role.name}",
            f"{complaint} {role.words}".strip() if role.name == "time" else role.words,
            (*choices, *(() if role.needed else (no_column,))),
        )
        for role in ROLES
    ]


def layout_question(found: Sequence[str], values: Sequence[str]) -> Question:
    """Several layouts read the times: the same values under each of them."""
    return Question(
        TIME_LAYOUT,
        "The times can be read in more than one way. Which one is right?",
        tuple(Choice(name, LAYOUTS[name].label, _examples(name, values, _shown)) for name in found),
    )


def basis_question(layout: str, values: Sequence[str], zone: str) -> Question:
    """Times without a zone are a clock in the zone said at hand-in, or UTC: the same values under both readings."""
    where = zone or "the device's own time zone"
    return Question(
        TIME_BASIS,
        "The times do not say their time zone. Whose clock is it?",
        (
            Choice(BY_ZONE, f"The clock in {where}", _examples(layout, values, _as_local(zone))),
            Choice(BY_UTC, "UTC, as servers write it", _examples(layout, values, _as_utc(zone))),
        ),
    )


def cut(value: str) -> str:
    """The beginning of a value, on one line."""
    line = " ".join(value.split())
    return line if len(line) <= SHOWN_LENGTH else f"{line[: SHOWN_LENGTH - 1]}\u2026"


Shown = Callable[[int], str]


def _examples(layout: str, values: Sequence[str], shown: Shown) -> str:
    lines = []
    for value in values:
        moment = LAYOUTS[layout].read(value)
        if moment is None:
            continue
        micros = moment.local if moment.local is not None else moment.sent
        assert micros is not None
        line = f"{cut(value)} is {shown(micros)}"
        if line not in lines:
            lines.append(line)
        if len(lines) == SHOWN:
            break
    return "\n".join(lines)


def _shown(micros: int) -> str:
    """A clock reading in words that leave no doubt about day and month."""
    moment = datetime(1970, 1, 1) + timedelta(microseconds=micros)
    return f"{moment:%B} {moment.day}, {moment.year}, {moment:%H:%M}"


def _as_local(zone: str) -> Shown:
    if not zone:
        return _shown
    clock = Clock(zone)
    return lambda micros: f"{_shown(clock.utc(micros)[0])} UTC"


def _as_utc(zone: str) -> Shown:
    if not zone:
        return lambda micros: f"{_shown(micros)} UTC"
    clock = LocalClock(zone)
    return lambda micros: f"{_shown(micros)} UTC, {_shown(clock.reading(micros))} on that clock"
