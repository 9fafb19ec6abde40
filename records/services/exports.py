"""Taking in message exports, answering what a file does not say, correcting what was said, reading again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from django.conf import settings
from django.db import IntegrityError, transaction

from portal.agency.access import can
from portal.agency.models import Office, User
from portal.agency.numbers import next_number
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError
from portal.jobs.models import Job
from portal.jobs.queue import enqueue
from portal.vault import store
from portal.vault.models import Reception, StoredFile
from records import applications
from records.lifecycles import INGEST, MESSAGE_EXPORT, State, open_job
from records.models import Custodian, MessageExport, MessagingTool
from records.services import senders

ZONE_QUESTION = "time_zone"


class Received(NamedTuple):
    """What handing in a file gave: its export, new or held before."""

    export: MessageExport
    already_held: bool


def receive(
    stream: Iterable[bytes] | store.Incoming,
    name: str,
    *,
    office: Office,
    custodian: Custodian,
    tool: MessagingTool,
    account: str,
    time_zone: str,
    actor: User,
    collected_by: str = "",
    collected_on: date | None = None,
    channel: str = "page",
    sample: bool = False,
) -> Received:
    """Seal a file as handed in and enter it as a message export (36 CFR 1236.10: context of creation and custody).

    The same bytes in the same office are the same export: it gets one more line in its custody log.
    """
    _require(actor, "exports.receive", office)
    _check_custodian(custodian, office)
    _check_account(account)
    check_zone(time_zone)
    stored = store.seal(stream, limit=settings.EXPORT_MAX_BYTES).stored_file
    told = {
        "name": _name(name),
        "custodian": custodian,
        "tool": tool,
        "account": account,
        "time_zone": time_zone,
        "collected_by": collected_by[:200],
        "collected_on": collected_on,
        "received_by": actor,
        "sample": sample,
    }
    with transaction.atomic():
        export, already_held = _enter(stored, office, told)
        Reception.objects.create(
            stored_file=stored,
            office=office,
            name=_name(name),
            received_by=actor,
            channel=channel,
            collected_by=collected_by[:200],
            collected_on=collected_on,
        )
        action = "export.received_again" if already_held else "export.received"
        detail = {"sha256": stored.sha256, "size": stored.size, "channel": channel}
        record(action, export, actor=actor, detail=detail)
        if not already_held:
            enqueue(INGEST, export.pk)
    return Received(export, already_held)


def answer(export: MessageExport, answers: Mapping[str, str], *, actor: User) -> MessageExport:
    """Say what the file does not prove (its date order, for one); it is then read with these answers."""
    _require(actor, "exports.answer", export.office)
    given = _checked_answers(export, answers)
    zone = given.pop(ZONE_QUESTION, None)
    changes: dict[str, Any] = {"answers": {**export.answers, **given}, "questions": []}
    if zone is not None:
        changes["time_zone"] = zone
    with transaction.atomic():
        MESSAGE_EXPORT.advance(export, "answer", actor=actor, written_through=0, **changes)
        detail = {"answers": given} if zone is None else {"answers": given, "time_zone": zone}
        record("export.answered", export, actor=actor, detail=detail)
        enqueue(INGEST, export.pk)
    return export


def read_again(export: MessageExport, *, actor: User) -> MessageExport:
    """Drop the rows of an export and read them from the sealed file again; filings and judgements stay."""
    with transaction.atomic():
        MESSAGE_EXPORT.advance(export, "read_again", actor=actor, written_through=0)
        record("export.read_again", export, actor=actor)
        enqueue(INGEST, export.pk)
    return export


def rebuild(export: MessageExport, *, actor: User | None = None) -> Job:
    """Drop the rows and read them again on the operator's word (`manage.py verify --rebuild`, `reread`)."""
    with transaction.atomic():
        MESSAGE_EXPORT.advance(export, "rebuild", actor=actor, written_through=0)
        record("export.rebuild", export, actor=actor)
        return enqueue(INGEST, export.pk)


def correct(
    export: MessageExport,
    *,
    actor: User,
    reason: str,
    custodian: Custodian | None = None,
    tool: MessagingTool | None = None,
    account: str | None = None,
    time_zone: str | None = None,
    collected_by: str | None = None,
    collected_on: date | None = None,
) -> MessageExport:
    """Correct what was said when the file was handed in. Another time zone has it read again.

    An argument that is None leaves its field as it is; an empty time zone means "not known".
    """
    _require(actor, "exports.answer", export.office)
    if not reason.strip():
        raise UserError(
            "E-REASON",
            "A correction needs a reason.",
            place="reason",
            next_step="Write one sentence; it is kept.",
        )
    if custodian is not None:
        _check_custodian(custodian, export.office)
    if account is not None:
        _check_account(account)
    if time_zone is not None:
        check_zone(time_zone)
    wanted = {
        "custodian": custodian,
        "tool": tool,
        "account": account,
        "time_zone": time_zone,
        "collected_by": None if collected_by is None else collected_by[:200],
        "collected_on": collected_on,
    }
    with transaction.atomic():
        locked = MessageExport.objects.select_for_update().get(pk=export.pk)
        changes = {
            field: value
            for field, value in wanted.items()
            if value is not None and value != getattr(locked, field)
        }
        if not changes:
            raise UserError(
                "E-NOTHING", "Nothing was changed.", next_step="Change a value, or go back."
            )
        _apply(export, locked, changes)
        detail = {
            field: {"from": _told(getattr(locked, field)), "to": _told(changes[field])}
            for field in changes
        }
        told: dict[str, Any] = {"changes": detail, "reason": reason.strip()}
        if "tool" in changes:
            _compare_tool(export)
        if "custodian" in changes:
            # Names of senders come from the custodian's address book: under another custodian they are met anew.
            told["senders_suggested"] = senders.meet(export)
        record(
            "export.corrected",
            export,
            actor=actor,
            detail=told,
        )
    return export


def _apply(export: MessageExport, locked: MessageExport, changes: Mapping[str, Any]) -> None:
    if "time_zone" in changes and not locked.settled:
        raise Conflict(
            "E-BEING-READ",
            "The time zone cannot be changed while the file is being read.",
            next_step="Wait until it has been read, then correct the time zone.",
        )
    values = dict(changes)
    # The state decides at the moment of writing, so that a reading that begins now is not cut off.
    again = "time_zone" in changes and locked.state == State.READY
    if again:
        values.update(state=State.RECEIVED, written_through=0)
    if MessageExport.objects.filter(pk=export.pk, state=locked.state).update(**values) != 1:
        raise Conflict(
            "E-MOVED", "The export has changed in the meantime.", next_step="Open the page again."
        )
    for field, value in values.items():
        setattr(export, field, value)
    if again:
        enqueue(INGEST, export.pk)


def _compare_tool(export: MessageExport) -> None:
    """Another tool agrees with the file, or contradicts it; an export that is being read is compared at its end."""
    if export.state != State.READY:
        return
    export.problems.filter(code=applications.CODE).delete()
    for problem in applications.tool_contradicted(export.tool.name, export.format):
        export.problems.create(code=problem.code, severity=problem.severity, words=problem.words)
    export.problem_count = export.problems.count()
    export.save(update_fields=["problem_count"])


def check_zone(time_zone: str) -> None:
    """An IANA name, or empty for "not known"."""
    if time_zone and time_zone not in available_timezones():
        raise UserError(
            "E-ZONE",
            f"\u201c{time_zone[:60]}\u201d is not the name of a time zone.",
            place="time_zone",
            next_step="Choose one from the list, for example America/New_York, or \u201cnot known\u201d.",
        )


def being_read(export: MessageExport) -> bool:
    """Whether a job of this export is queued or running."""
    return open_job(export) is not None


def _require(actor: User, permission: str, office: Office) -> None:
    decision = can(actor, permission, office)
    if not decision:
        raise Refused("E-REFUSED", decision.reason)


def _name(name: str) -> str:
    """The file name as handed in: data, never a path on our disk."""
    kept = name.replace("\x00", "\u2400").strip()[:255]
    return kept or "unnamed"


def _check_custodian(custodian: Custodian, office: Office) -> None:
    if custodian.office_id != office.pk:
        raise UserError(
            "E-CUSTODIAN",
            f"{custodian} is not a custodian of {office}.",
            place="custodian",
            next_step="Choose a custodian of that office, or add the person there as a custodian.",
        )


def _check_account(account: str) -> None:
    if account not in MessageExport.Account.values:
        raise UserError(
            "E-ACCOUNT",
            "Say whether the account is official, personal or not known.",
            place="account",
            next_step="Choose one of the three.",
        )


def _enter(
    stored: StoredFile, office: Office, told: Mapping[str, Any]
) -> tuple[MessageExport, bool]:
    """The export of these bytes in this office; of many hands at once, one makes it."""
    held = MessageExport.objects.filter(stored_file=stored, office=office).first()
    if held is not None:
        return held, True
    try:
        with transaction.atomic():
            number = next_number("EXP")
            made = MessageExport.objects.create(
                number=number, stored_file=stored, office=office, **told
            )
    except IntegrityError:
        return MessageExport.objects.get(stored_file=stored, office=office), True
    return made, False


def _checked_answers(export: MessageExport, answers: Mapping[str, str]) -> dict[str, str]:
    given = {}
    for question in export.questions:
        code = question["code"]
        value = str(answers.get(code, "")).strip()
        if not value:
            raise UserError(
                "E-ANSWER-MISSING",
                "A question has no answer yet.",
                place=code,
                next_step="Choose one of the readings shown; if neither is right, do not answer and ask the custodian.",
            )
        choices = [choice["value"] for choice in question["choices"]]
        if code == ZONE_QUESTION:
            check_zone(value)
        elif choices and value not in choices:
            raise UserError(
                "E-ANSWER",
                "That is not one of the answers.",
                place=code,
                next_step="Choose one of the readings shown.",
            )
        given[code] = value
    return given


def _told(value: object) -> str:
    return "" if value is None else str(value)
