"""Files left out because the export was made without media."""

from __future__ import annotations

from collections.abc import Iterable

from records.formats.base import Entry, Kind
from records.rules.base import Cited, Context, Found, Totals, is_contact_card
from records.rules.tally import Tally


class MediaOmitted(Tally):
    """An export made without media. (In an export with media, `media_missing` speaks.)"""

    name = "media_omitted"
    code = "MEDIA_OMITTED"
    noun = "file"
    title = "left out of an export made without media"
    meaning = (
        "The files may still be on the phone, until it is wiped or replaced or a timer runs out."
    )
    advice = "Make the export again with media before that."
    kinds: frozenset[str] = frozenset((Kind.MEDIA_OMITTED, Kind.ATTACHED))

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._with_media: set[int] = set()

    def see(self, entry: Entry) -> None:
        if entry.kind != Kind.ATTACHED:
            super().see(entry)
        elif not is_contact_card(entry.attachment or ""):
            self._with_media.add(entry.conversation)

    def meaning_of(self, conversation: int) -> str:
        if self.context.survey.format == "whatsapp":
            return self.meaning
        return "What is left is a name or a link, and links stop working."

    def advice_of(self, conversation: int) -> str:
        if self.context.survey.format == "whatsapp":
            return self.advice
        return "Collect the files from where they are kept before they are removed there."

    def finish(self, totals: Totals) -> Iterable[Found]:
        if self.context.files.holds_media:
            return
        self.cited: dict[int, Cited] = {
            conversation: cited
            for conversation, cited in self.cited.items()
            if conversation not in self._with_media
        }
        yield from super().finish(totals)
