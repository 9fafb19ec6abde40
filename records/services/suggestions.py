"""Who may stand behind a sender: facts of the register that fit, each told in words. A person decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from portal.agency.access import reach
from portal.agency.models import Office, Person, PersonPhone, User
from portal.audit.log import record
from portal.errors import Refused
from records.handles import EMAIL, EXPORTER_WORDS, NAME, PHONE, plain
from records.models import Alias, Participant

T = TypeVar("T")
CHUNK = 500
PARTS = (
    "known_as__agency",
    "conversation__export__office",
    "conversation__export__custodian__person__office",
)


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Some hundreds at a time, as many as one statement takes."""
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may be the sender, from when to when, and why."""

    sender: Participant
    person: Person
    because: str
    starts_on: date | None = None
    ends_on: date | None = None


def look_again(*, actor: User) -> int:
    """Suggest anew for all senders in reach, after the register of people has changed. Answers how many are new."""
    own = reach(actor, "senders.link")
    if not own.paths:
        raise Refused("N-LINK", "You may not link senders to people.")
    offices = own.office_ids()
    with transaction.atomic():
        found = write(Participant.objects.filter(conversation__export__office__in=offices))
        office = Office.objects.get(path=own.paths[0])
        record(
            "senders.suggested",
            office,
            actor=actor,
            detail={"suggestions": found},
            office_id=office.pk,
        )
    return found


def write(senders: QuerySet[Participant]) -> int:
    """Keep what fits senders whom nobody has identified. What was suggested once is never suggested again."""
    waiting = list(senders.filter(identified=False, known_as__isnull=False).select_related(*PARTS))
    found: dict[tuple[int, int], Candidate] = {}
    for find in FINDERS:
        for candidate in find(waiting):
            found.setdefault((candidate.sender.known_as_id, candidate.person.pk), candidate)  # type: ignore[arg-type]
    judged = {
        pair
        for part in chunks({person for _, person in found})
        for pair in Alias.objects.filter(person__in=part).values_list("handle", "person")
    }
    fresh = [candidate for key, candidate in found.items() if key not in judged]
    Alias.objects.bulk_create(
        [
            Alias(
                handle=candidate.sender.known_as,
                whose=Alias.Whose.PERSON,
                person=candidate.person,
                because=candidate.because[:500],
                starts_on=candidate.starts_on,
                ends_on=candidate.ends_on,
            )
            for candidate in fresh
        ],
        batch_size=500,
        ignore_conflicts=True,
    )
    return len(fresh)


def same_number(senders: Iterable[Participant]) -> Iterator[Candidate]:
    """The register knows the number. It holds for the time the person was there: numbers are given to others."""
    wanted = _by_value(senders, PHONE)
    for numbers in chunks(wanted):
        phones = PersonPhone.objects.filter(number__in=numbers).select_related("person__office")
        for phone in phones:
            words = f"The register of people has the number {phone.number} for {phone.person}."
            last = min(filter(None, (phone.person.ends_on, phone.ends_on)), default=None)
            yield from _of_register(wanted[phone.number], phone.person, words, last)


def same_address(senders: Iterable[Participant]) -> Iterator[Candidate]:
    """The register knows the e-mail address."""
    wanted = _by_value(senders, EMAIL)
    everybody = Person.objects.annotate(address=Lower("email")).select_related("office")
    for addresses in chunks(wanted):
        for person in everybody.filter(address__in=addresses):
            words = f"The register of people has the address {person.email} for {person}."
            yield from _of_register(wanted[person.email.lower()], person, words, person.ends_on)


def exporting_account(senders: Iterable[Participant]) -> Iterator[Candidate]:
    """The account that made the export is the custodian's."""
    for sender in senders:
        known = sender.known_as
        if sender.exporter or (known and known.kind == NAME and known.value in EXPORTER_WORDS):
            export = sender.conversation.export
            words = f"{export.number} was made with this account, and its custodian is {export.custodian}."
            yield Candidate(sender, export.custodian.person, words)


def same_name(senders: Iterable[Participant]) -> Iterator[Candidate]:
    """Somebody of the export's office, or of one below it, has exactly this name and was there at that time."""
    waiting = list(senders)
    wanted: dict[str, list[Participant]] = defaultdict(list)
    for sender in waiting:
        name = plain(sender.shown).lstrip("~ ")
        if name not in EXPORTER_WORDS:
            wanted[name].append(sender)
    if not wanted:
        return
    for person in _people_below({sender.conversation.export.office.path for sender in waiting}):
        for sender in wanted.get(plain(person.name), ()):
            office = sender.conversation.export.office
            if person.office.path.startswith(office.path) and _overlap(
                person.starts_on, person.ends_on, sender
            ):
                words = (
                    f"{person} of {person.office} has exactly this name and was there at that time."
                )
                yield Candidate(sender, person, words)


def _people_below(paths: set[str]) -> Iterator[Person]:
    """Everybody of these offices and of those below them."""
    offices = Office.objects.values_list("pk", "path")
    below = [pk for pk, path in offices if any(path.startswith(above) for above in paths)]
    for part in chunks(below):
        people = Person.objects.filter(office__in=part)
        yield from people.select_related("office").iterator()


def same_name_elsewhere(senders: Iterable[Participant]) -> Iterator[Candidate]:
    """The same name in another custodian's address book was confirmed already."""
    wanted = _by_value(senders, NAME)
    names = set(wanted) - EXPORTER_WORDS
    for alias in _confirmed_names(names):
        words = (
            f"The same name was confirmed as {alias.person} in exports of {alias.handle.custodian}."
        )
        for sender in wanted[alias.handle.value]:
            handle = sender.known_as
            if (
                handle
                and handle.pk != alias.handle_id
                and handle.agency_id == alias.handle.agency_id
            ):
                yield Candidate(sender, alias.person, words)  # type: ignore[arg-type]


def _confirmed_names(names: Iterable[str]) -> Iterator[Alias]:
    confirmed = Alias.objects.in_force().filter(handle__kind=NAME, person__isnull=False)
    for part in chunks(names):
        rows = confirmed.filter(handle__value__in=part)
        yield from rows.select_related("handle__custodian__person", "person")


# In the order of their weight: a person whom several facts name is suggested for the first of them.
FINDERS: tuple[Callable[[list[Participant]], Iterator[Candidate]], ...] = (
    same_number,
    same_address,
    exporting_account,
    same_name,
    same_name_elsewhere,
)


def _by_value(senders: Iterable[Participant], kind: str) -> Mapping[str, list[Participant]]:
    """Senders by what they are known by, of one kind."""
    found: dict[str, list[Participant]] = defaultdict(list)
    for sender in senders:
        if sender.known_as and sender.known_as.kind == kind:
            found[sender.known_as.value].append(sender)
    return found


def _of_register(
    senders: Iterable[Participant], person: Person, words: str, ends_on: date | None
) -> Iterator[Candidate]:
    for sender in senders:
        handle: Any = sender.known_as
        inside = person.office.path.startswith(handle.agency.path)
        if inside and _overlap(person.starts_on, ends_on, sender):
            yield Candidate(sender, person, words, person.starts_on, ends_on)


def _overlap(starts_on: date | None, ends_on: date | None, sender: Participant) -> bool:
    """Some day lies in a time of the register and between the sender's messages, as far as both are known."""
    first = timezone.localdate(sender.first_at) if sender.first_at else date.min
    last = timezone.localdate(sender.last_at) if sender.last_at else date.max
    return max(starts_on or date.min, first) <= min(ends_on or date.max, last)
