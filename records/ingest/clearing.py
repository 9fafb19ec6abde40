"""Dropping the rows of an export so that it can be read from its sealed file again (invariant I2).

Conversations stay, with their filing; findings stay until the new reading has said whether it sees them too. Nothing
here touches the sealed file.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Max

from portal.jobs.queue import Lease
from records.ingest.bulk import Engine
from records.models import Message, MessageExport

_OF_EXPORT = ("records_attachment", "records_problem")
_OF_CONVERSATION = ("records_conversationday", "records_participant")


def clear(engine: Engine, export: MessageExport, lease: Lease) -> None:
    """Drop the rows below an export in small transactions, from its end; a killed worker's successor goes on."""
    last = Message.objects.filter(export=export).aggregate(last=Max("seq"))["last"] or 0
    for high in range(last, 0, -engine.most):
        with transaction.atomic():
            lease.beat(stage="clearing", done=last - high, total=last)
            engine.clear(export.pk, max(1, high - engine.most + 1), high)
    with transaction.atomic(), connection.cursor() as cursor:
        lease.beat(stage="clearing", done=last, total=last)
        for table in _OF_EXPORT:
            cursor.execute(f"DELETE FROM {table} WHERE export_id = %s", [export.pk])
        for table in _OF_CONVERSATION:
            cursor.execute(
                f"DELETE FROM {table} WHERE conversation_id IN "
                "(SELECT id FROM records_conversation WHERE export_id = %s)",
                [export.pk],
            )
        export.conversations.update(entries=0, first_at=None, last_at=None)


def rebuild_text_index() -> None:
    """On SQLite the full-text rows are a table of their own: make it anew from the messages."""
    if connection.vendor == "sqlite":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO records_message_text (records_message_text) VALUES ('rebuild')"
            )
