"""Where the entries of an export lie: the parts of its texts, and the conversations found in them."""

from __future__ import annotations

from records.formats.base import Survey
from records.models import Conversation, MessageExport, TextPart
from records.rows import clean


def enter_texts(export: MessageExport, survey: Survey) -> None:
    """Where each text lies: offsets of entries count through all its parts. Call it inside a transaction."""
    rows = []
    for index, text in enumerate(survey.texts):
        start = 0
        for part in text.parts:
            member = clean(part.member or "")[:500]
            rows.append(
                TextPart(export=export, text=index, start=start, size=part.size, member=member)
            )
            start += part.size
    export.text_parts.all().delete()
    TextPart.objects.bulk_create(rows, batch_size=500)


def enter_conversations(export: MessageExport, survey: Survey, known: dict[int, int]) -> None:
    """Conversations not met before get their row id in `known`. Call it inside a transaction.

    They keep their row, and with it their filing, through every reading.
    """
    for index in range(len(known), len(survey.conversations)):
        head = survey.conversations[index]
        told = {
            "title": clean(head.title)[:300],
            "text": head.text,
            "newest_first": bool(survey.layout.get("newest_first")),
        }
        row, _ = Conversation.objects.update_or_create(
            export=export,
            index=index,
            defaults=told,
            create_defaults={**told, "office_id": export.office_id},
        )
        known[index] = row.pk
