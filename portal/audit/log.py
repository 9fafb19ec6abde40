"""Writing the audit log and walking its chain.

`record(...)` must run inside the transaction of the change it describes: no event, no change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from django.db import connection, transaction
from django.utils import timezone

from portal.audit.models import AuditEvent, AuditHead

if TYPE_CHECKING:
    from django.db.models import Model

    from portal.agency.models import User

GENESIS = "0" * 64


class Break(NamedTuple):
    """A place where the chain does not hold."""

    sequence: int
    code: str
    words: str


def canonical(data: Mapping[str, Any]) -> bytes:
    """One JSON text for one value: sorted keys, no spaces, UTF-8."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def stamp(moment: datetime) -> str:
    """UTC to the microsecond, always in the same form."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def content(event: AuditEvent) -> dict[str, Any]:
    """What the hash covers, and what an extract shows."""
    return {
        "sequence": event.sequence,
        "at": stamp(event.at),
        "actor": {"id": event.actor_id, "name": event.actor_name},
        "action": event.action,
        "object": {
            "type": event.object_type,
            "id": event.object_id,
            "label": event.object_label,
            "office": event.office_id,
        },
        "detail": event.detail,
        "request_id": event.request_id,
        "previous_hash": event.previous_hash,
    }


def digest(event: AuditEvent) -> str:
    return hashlib.sha256(canonical(content(event))).hexdigest()


def record(
    action: str,
    target: Model,
    *,
    actor: User | None,
    detail: Mapping[str, Any] | None = None,
    office_id: int | None = None,
) -> AuditEvent:
    """Append one event about `target`. `actor=None` means the portal itself (a worker, a beat).

    What belongs to no office (an account, a messaging tool) is put to the actor's own agency: an event of no office is
    seen only by who reaches every agency.

    Raises TransactionManagementError outside a transaction: an event must live and die with its change.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "An audit event needs the transaction of its change."
        )
    head, _ = AuditHead.objects.select_for_update().get_or_create(id=1)
    if office_id is None:
        office_id = getattr(target, "office_id", None)
    if office_id is None and actor is not None:
        office_id = actor.agency_id()
    event = AuditEvent(
        sequence=head.sequence + 1,
        at=timezone.now(),
        actor=actor,
        actor_name=actor.get_full_name() or actor.get_username() if actor else "Custos",
        action=action,
        object_type=target._meta.label_lower,
        object_id=str(target.pk),
        object_label=str(target)[:300],
        office_id=office_id,
        detail=json.loads(json.dumps(detail or {}, default=str)),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
        previous_hash=head.hash,
    )
    event.hash = digest(event)
    event.save(force_insert=True)
    head.sequence, head.hash = event.sequence, event.hash
    head.save(update_fields=["sequence", "hash"])
    return event


def breaks() -> Iterator[Break]:
    """Walk the whole chain and yield every place where it does not hold."""
    previous, expected = GENESIS, 1
    for event in AuditEvent.objects.order_by("sequence").iterator(chunk_size=2000):
        if event.sequence != expected:
            yield Break(
                expected, "A-MISSING", f"Event {expected} is missing before event {event.sequence}."
            )
        if event.previous_hash != previous:
            yield Break(
                event.sequence,
                "A-LINK",
                f"Event {event.sequence} does not follow the event before it.",
            )
        if digest(event) != event.hash:
            yield Break(
                event.sequence,
                "A-CHANGED",
                f"Event {event.sequence} was changed after it was written.",
            )
        previous, expected = event.hash, event.sequence + 1
    head = AuditHead.objects.filter(id=1).first()
    if head and (head.sequence != expected - 1 or head.hash != previous):
        yield Break(
            head.sequence, "A-HEAD", "The last events of the log are missing or were rewritten."
        )
