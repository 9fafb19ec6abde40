"""Senders of an export that was read: which handle each is known by, from when to when, and whether it is explained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from portal.agency.models import Office
from records.handles import LOCAL, Known, known_as
from records.models import Alias, Handle, Message, MessageExport, Participant
from records.services import suggestions
from records.services.suggestions import CHUNK, chunks

Period = tuple[date | None, date | None]
Key = tuple[str, str, str, int | None]  # kind, value, service, custodian


def meet(export: MessageExport) -> int:
    """Give each sender its handle, and suggest who it may be; answers how many suggestions are new.

    Call it in the transaction that ends a reading and writes its audit event. Nobody is linked here: a handle that a
    person has confirmed before identifies its sender at once, all others wait.
    """
    # The custodian may have been corrected since the worker began to read.
    export.refresh_from_db(fields=["custodian"])
    rows = list(Participant.objects.filter(conversation__export=export).order_by("pk"))
    if not rows:
        return 0
    _date(export)
    handles = _handles(export, rows)
    for row in rows:
        row.known_as_id = handles[_key(export, _known(export, row))]
    Participant.objects.bulk_update(rows, ["known_as"], batch_size=CHUNK)
    settle(handles.values())
    return suggestions.write(Participant.objects.filter(conversation__export=export))


def settle(handles: Iterable[int]) -> None:
    """Bring `identified` of all senders with these handles in line with the aliases in force."""
    for chunk in chunks(handles):
        periods: dict[int, list[Period]] = defaultdict(list)
        in_force = Alias.objects.in_force().filter(handle__in=chunk)
        for handle, starts_on, ends_on in in_force.values_list("handle", "starts_on", "ends_on"):
            periods[handle].append((starts_on, ends_on))
        turned: dict[bool, list[int]] = {True: [], False: []}
        rows = Participant.objects.filter(known_as__in=chunk).values_list(
            "pk", "known_as", "first_at", "last_at", "identified"
        )
        for pk, handle, first_at, last_at, before in rows.iterator():
            identified = covered(periods[handle], _day(first_at), _day(last_at))
            if identified != before:
                turned[identified].append(pk)
        for identified, changed in turned.items():
            for part in chunks(changed):
                Participant.objects.filter(pk__in=part).update(identified=identified)


def covered(periods: Iterable[Period], first: date | None, last: date | None) -> bool:
    """Whether every day from the first to the last lies in one of the periods; without days, only an endless one."""
    reached, end = first or date.min, last or date.max
    for starts_on, ends_on in sorted(periods, key=lambda period: period[0] or date.min):
        if (starts_on or date.min) > reached:
            return False
        if (ends_on or date.max) >= end:
            return True
        if ends_on is not None and ends_on >= reached:
            reached = ends_on + timedelta(days=1)
    return False


def agency_of(office: Office) -> Office:
    """The root of an office's tree."""
    return Office.objects.get(path=f"/{office.path.split('/')[1]}/")


def _date(export: MessageExport) -> None:
    """First and last message of each sender, by their place: a message that came late may lie a little outside."""
    dated = Message.objects.filter(participant=OuterRef("pk"), sent_at__isnull=False)
    ends = [Subquery(dated.order_by(order).values("sent_at")[:1]) for order in ("seq", "-seq")]
    Participant.objects.filter(conversation__export=export).update(
        first_at=Least(*ends), last_at=Greatest(*ends)
    )


def _known(export: MessageExport, row: Participant) -> Known:
    return known_as(row.name, row.display, row.handle, row.handle_kind, service=export.format)


def _key(export: MessageExport, known: Known) -> Key:
    return (
        known.kind,
        known.value,
        known.service,
        export.custodian_id if known.kind in LOCAL else None,
    )


def _handles(export: MessageExport, rows: Sequence[Participant]) -> dict[Key, int]:
    """The row of each handle, made when first met; in one order, so that two workers never wait for each other."""
    agency = agency_of(export.office)
    met: dict[Key, Handle] = {}
    for row in rows:
        known = _known(export, row)
        kind, value, service, custodian = key = _key(export, known)
        display = row.shown if row.shown != known.written else row.name
        met.setdefault(
            key,
            Handle(
                agency=agency,
                kind=kind,
                value=value,
                service=service,
                custodian_id=custodian,
                written=known.written[:300],
                display="" if display == known.written else display,
            ),
        )
    ordered = [met[key] for key in sorted(met, key=str)]
    Handle.objects.bulk_create(ordered, batch_size=CHUNK, ignore_conflicts=True)
    found: dict[Key, int] = {}
    for chunk in chunks({value for _, value, _, _ in met}):
        held = Handle.objects.filter(agency=agency, value__in=chunk)
        fields = ("kind", "value", "service", "custodian", "pk")
        found.update({tuple(row[:4]): row[4] for row in held.values_list(*fields)})
    return {key: found[key] for key in met}


def _day(moment: datetime | None) -> date | None:
    """The day by the agency's clock."""
    return timezone.localdate(moment) if moment else None
