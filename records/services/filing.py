"""Filing conversations under an office and a schedule item (36 CFR 1222.34)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from portal.agency.access import can
from portal.agency.models import Office, User
from portal.audit.log import record
from portal.errors import Refused
from records.models import Conversation, ScheduleItem


def file(
    conversation: Conversation, *, office: Office, schedule_item: ScheduleItem | None, actor: User
) -> Conversation:
    """File a conversation. Without a schedule item it is unscheduled: permanent until a schedule is approved."""
    for place in (conversation.export.office, office):
        decision = can(actor, "exports.classify", place)
        if not decision:
            raise Refused("C-FILE", decision.reason)
    with transaction.atomic():
        locked = Conversation.objects.select_for_update().get(pk=conversation.pk)
        before = {"office": locked.office_id, "schedule_item": locked.schedule_item_id}
        conversation.office, conversation.schedule_item = office, schedule_item
        conversation.filed_by, conversation.filed_at = actor, timezone.now()
        conversation.save(update_fields=["office", "schedule_item", "filed_by", "filed_at"])
        after = {"office": office.pk, "schedule_item": schedule_item.pk if schedule_item else None}
        detail = {
            "export": conversation.export.number,
            "index": conversation.index,
            "from": before,
            "to": after,
        }
        record("conversation.filed", conversation, actor=actor, detail=detail, office_id=office.pk)
    return conversation
