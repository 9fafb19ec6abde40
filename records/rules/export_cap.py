"""Exports that stop where the app stops: the oldest part of the conversation is missing."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from records.formats.base import Entry, Kind
from records.rules.base import HELD, PROBABLE, Context, Found, Totals, is_contact_card, when

WITH_MEDIA = range(9_990, 10_002)
WITHOUT_MEDIA = range(39_990, 40_002)


class ExportCap:
    """WhatsApp exports at most about 10,000 messages with media and 40,000 without."""

    name = "export_cap"
    kinds: frozenset[str] = frozenset((Kind.ATTACHED,))

    def __init__(self, context: Context) -> None:
        self._context = context
        self._with_media: set[int] = set()

    def see(self, entry: Entry) -> None:
        if not is_contact_card(entry.attachment or ""):
            self._with_media.add(entry.conversation)

    def finish(self, totals: Totals) -> Iterable[Found]:
        if self._context.survey.format != "whatsapp":
            return
        for number, conversation in enumerate(totals.conversations):
            media = self._context.files.holds_media or number in self._with_media
            if conversation.entries not in (WITH_MEDIA if media else WITHOUT_MEDIA):
                continue
            limit = "10,000 with media" if media else "40,000 without media"
            yield Found(
                rule=self.name,
                code="TRUNCATED_EXPORT",
                title="The export probably stops at the app's limit",
                explanation=f"The export holds {conversation.entries:,} entries, and the app "
                "exports "
                f"at most about {limit}. What came before {when(conversation.first_at)} is "
                "probably "
                "missing.",
                conversation=number,
                confidence=PROBABLE,
                first_at=conversation.first_at,
                last_at=conversation.first_at,
                count=conversation.entries,
                seqs=array("I", (conversation.first_seq,)),
                detail={"entries": conversation.entries, "with_media": media},
                advice="Collect the older part in another way, for instance from a backup.",
                counts=HELD,
            )
