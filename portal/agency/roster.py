"""Staff rosters: a CSV of people, checked row by row and compared with the register before anything is taken in.

A roster adds people and completes what the register knows of them. It takes nothing away: an empty cell changes
nothing, numbers of the past stay, and who is not in the file stays as they are.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from portal.agency.access import can, reach
from portal.agency.models import Office, Person, User
from portal.agency.phones import e164, keep
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError

COLUMNS = ("name", "title", "email", "phones", "office", "from", "to")
NEEDED = ("name", "office")
MOST_BYTES = 1024 * 1024
_FIELDS = ("name", "title", "email", "office_id", "starts_on", "ends_on")
_LENGTHS = {"name": 200, "title": 200, "email": 254}


class Mistake(NamedTuple):
    """Something in a row that has to be put right first. Rows count as in a spreadsheet: the header is row 1."""

    row: int
    column: str
    words: str


class Said(NamedTuple):
    """What a row says."""

    row: int
    values: dict[str, Any]  # fields of a person; only what the row gives
    phones: tuple[str, ...]


class Change(NamedTuple):
    """What a row would change: a person to add, or fields of one whom the register knows, as (before, after)."""

    row: int
    person: Person
    fields: dict[str, tuple[Any, Any]]
    phones: tuple[str, ...]


@dataclass
class Plan:
    """What taking in a roster would do."""

    rows: int = 0
    same: int = 0
    added: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Tells whether this is still what somebody has seen: file and register together."""
        told = [
            [
                change.row,
                change.person.pk,
                *(getattr(change.person, name) for name in _FIELDS),
                change.phones,
            ]
            for change in (*self.added, *self.changed)
        ]
        return hashlib.sha256(str(told).encode()).hexdigest()


def plan(data: bytes, *, actor: User) -> Plan:
    """Read a roster and compare it with the register; nothing is written.

    Raises UserError when the file as a whole cannot be read; what is wrong in a row becomes one of the plan's mistakes.
    """
    own = reach(actor, "offices.edit")
    if not own.paths:
        raise Refused("P-REFUSED", can(actor, "offices.edit").reason)
    offices = {
        office.code.casefold(): office for office in Office.objects.filter(pk__in=own.office_ids())
    }
    made = Plan()
    said = list(_rows(data, offices, made))
    register = _Register({each.values["office"].pk for each in said})
    seen: dict[object, int] = {}
    for each in said:
        _compare(each, register, seen, made)
    return made


@transaction.atomic
def take_in(data: bytes, *, digest: str, actor: User) -> Plan:
    """Take in a roster exactly as its plan was shown (`digest`). The same roster again changes nothing."""
    list(Office.objects.select_for_update().filter(parent__isnull=True).order_by("pk"))
    found = plan(data, actor=actor)
    if found.mistakes:
        raise UserError(
            "P-MISTAKES",
            f"{len(found.mistakes)} rows have to be put right first.",
            next_step="Check the file again.",
        )
    if found.digest != digest:
        raise Conflict(
            "P-MOVED",
            "The register has changed since you looked.",
            next_step="Check the file again and look at what would change now.",
        )
    for change in found.added:
        change.person.save(force_insert=True)
        keep(change.person, change.phones)
    for change in found.changed:
        change.person.save(update_fields=[name for name in change.fields if name != "phones"])
        keep(change.person, change.phones, others=True)
    changes = [*found.added, *found.changed]
    if changes:
        office = changes[0].person.office
        detail = {
            "added": [change.person.pk for change in found.added],
            "changed": {change.person.pk: sorted(change.fields) for change in found.changed},
        }
        record("people.roster_taken_in", office, actor=actor, office_id=office.pk, detail=detail)
    return found


def _rows(data: bytes, offices: dict[str, Office], made: Plan) -> Iterator[Said]:
    """Rows that can be read; mistakes of the others go into the plan."""
    reader = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    try:
        header = [cell.strip().casefold() for cell in next(reader, [])]
        _check_header(header)
        for number, cells in enumerate(reader, 2):
            if not any(cell.strip() for cell in cells):
                continue
            made.rows += 1
            if len(cells) != len(header):
                words = f"It has {len(cells)} cells, the header has {len(header)}."
                made.mistakes.append(Mistake(number, "", words))
                continue
            row = {name: " ".join(cell.split()) for name, cell in zip(header, cells, strict=True)}
            said = _said(number, row, offices, made.mistakes)
            if said is not None:
                yield said
    except csv.Error:
        raise UserError(
            "P-CSV",
            f"The file is no CSV from line {reader.line_num} on.",
            place="file",
            next_step="Save the sheet as \u201cCSV UTF-8\u201d and try again.",
        ) from None


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        raise UserError(
            "P-ENCODING",
            "The file is not text in UTF-8.",
            place="file",
            next_step="Save the sheet as \u201cCSV UTF-8\u201d and try again.",
        )
    return text


def _check_header(header: list[str]) -> None:
    unknown = sorted(set(header) - set(COLUMNS))
    missing = [name for name in NEEDED if name not in header]
    if unknown or missing or len(set(header)) != len(header):
        words = (
            f"Not known: {', '.join(unknown)}." if unknown
            else f"Missing: {', '.join(missing)}." if missing
            else "A column stands twice."
        )  # fmt: skip
        raise UserError(
            "P-HEADER",
            f"The first row does not name the columns as it should. {words}",
            place="file",
            next_step=f"The columns are {', '.join(COLUMNS)}; name and office are needed, comma between them.",
        )


def _said(
    number: int, row: dict[str, str], offices: dict[str, Office], mistakes: list[Mistake]
) -> Said | None:
    """What a row says, or None when something in it is wrong."""
    before = len(mistakes)
    values: dict[str, Any] = {}
    for name in ("name", "title", "email"):
        if len(row.get(name, "")) > _LENGTHS[name]:
            mistakes.append(Mistake(number, name, f"Longer than {_LENGTHS[name]} characters."))
        elif row.get(name):
            values[name] = row[name]
    for name in NEEDED:
        if not row[name]:
            mistakes.append(Mistake(number, name, "Empty."))
    if row["office"]:
        values["office"] = offices.get(row["office"].casefold())
        if values["office"] is None:
            words = f"There is no office with the code {row['office'][:60]} among those you keep."
            mistakes.append(Mistake(number, "office", words))
    if "email" in values and not _is_address(values["email"]):
        mistakes.append(Mistake(number, "email", "This is no e-mail address."))
    _read_dates(number, row, values, mistakes)
    phones = _phones(number, row.get("phones", ""), mistakes)
    return None if len(mistakes) > before else Said(number, values, phones)


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _read_dates(
    number: int, row: dict[str, str], values: dict[str, Any], mistakes: list[Mistake]
) -> None:
    for column, name in (("from", "starts_on"), ("to", "ends_on")):
        if not row.get(column):
            continue
        try:
            values[name] = date.fromisoformat(row[column])
        except ValueError:
            words = "Write dates as year-month-day, for example 2021-01-20."
            mistakes.append(Mistake(number, column, words))
    first, last = values.get("starts_on"), values.get("ends_on")
    if first and last and last < first:
        mistakes.append(Mistake(number, "to", "This day is before the first one."))


def _phones(number: int, text: str, mistakes: list[Mistake]) -> tuple[str, ...]:
    """Numbers with a semicolon between them."""
    found = []
    for part in filter(None, map(str.strip, text.split(";"))):
        phone = e164(part)
        if phone:
            found.append(phone)
        else:
            words = f"{part[:60]} is no telephone number. Several have a semicolon between them."
            mistakes.append(Mistake(number, "phones", words))
    return tuple(dict.fromkeys(found))


class _Register:
    """The people of some offices, found by e-mail address or by name."""

    def __init__(self, offices: set[int]) -> None:
        self.by_email: dict[tuple[int, str], list[Person]] = defaultdict(list)
        self.by_name: dict[tuple[int, str], list[Person]] = defaultdict(list)
        people = Person.objects.filter(office__in=offices).select_related("office")
        for person in people.prefetch_related("phones"):
            if person.email:
                self.by_email[person.office_id, person.email.casefold()].append(person)
            self.by_name[person.office_id, _plain(person.name)].append(person)

    def fitting(self, values: dict[str, Any]) -> list[Person]:
        """Who a row may mean: the same address in the same office, else the same name without another address."""
        office, email = values["office"].pk, values.get("email", "").casefold()
        found = self.by_email[office, email] if email else []
        if not found:
            named = self.by_name[office, _plain(values["name"])]
            found = [person for person in named if not (email and person.email)]
        # Who left before the row begins was there another time: that is another entry of the register.
        starts_on = values.get("starts_on")
        return [
            person
            for person in found
            if not (starts_on and person.ends_on and person.ends_on < starts_on)
        ]


def _compare(said: Said, register: _Register, seen: dict[object, int], made: Plan) -> None:
    """Whether a row adds a person, changes one, or says what the register knows."""
    found = register.fitting(said.values)
    if len(found) > 1:
        words = (
            f"{len(found)} people of the register fit. Give the e-mail address, or the first day."
        )
        made.mistakes.append(Mistake(said.row, "name", words))
        return
    key: object = found[0].pk if found else _key(said.values)
    if key in seen:
        words = f"It says the same person as row {seen[key]}."
        made.mistakes.append(Mistake(said.row, "name", words))
        return
    seen[key] = said.row
    if not found:
        made.added.append(Change(said.row, Person(**said.values), {}, said.phones))
        return
    person = found[0]
    fields = {
        name: (getattr(person, name), value)
        for name, value in said.values.items()
        if getattr(person, name) != value
    }
    first, last = (
        said.values.get("starts_on", person.starts_on),
        said.values.get("ends_on", person.ends_on),
    )
    if first and last and last < first:
        words = "Together with what the register knows, the last day would be before the first one."
        made.mistakes.append(Mistake(said.row, "to", words))
        return
    known = {phone.number for phone in person.phones.all()}
    fresh = tuple(phone for phone in said.phones if phone not in known)
    if not fields and not fresh:
        made.same += 1
        return
    for name, (_, value) in fields.items():
        setattr(person, name, value)
    if fresh:
        fields["phones"] = (", ".join(sorted(known)), ", ".join(sorted({*known, *fresh})))
    made.changed.append(Change(said.row, person, fields, fresh))


def _key(values: dict[str, Any]) -> object:
    """What makes two new rows the same person."""
    who = values.get("email", "").casefold() or _plain(values["name"])
    return values["office"].pk, who, values.get("starts_on")


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
