"""What the simplest rules share: one finding a conversation, citing every entry of a kind."""

from __future__ import annotations

from collections.abc import Iterable

from records.formats.base import Entry
from records.rules.base import CERTAIN, Cited, Context, Found, Totals, count_of, found, when


class Tally:
    """Counts entries of `kinds` in each conversation. A rule gives the code and the words."""

    name: str
    code: str
    noun: str
    title: str  # after the figure, e.g. "edited"
    meaning: str
    advice = ""
    confidence = CERTAIN
    kinds: frozenset[str]

    def __init__(self, context: Context) -> None:
        self.context = context
        self.cited: dict[int, Cited] = {}

    def see(self, entry: Entry) -> None:
        cited = self.cited.get(entry.conversation)
        if cited is None:
            cited = self.cited[entry.conversation] = Cited()
        cited.add(entry)

    def meaning_of(self, conversation: int) -> str:
        """What the finding means; a rule that knows more about a conversation says more."""
        return self.meaning

    def advice_of(self, conversation: int) -> str:
        """What staff could do next about a conversation."""
        return self.advice

    def finish(self, totals: Totals) -> Iterable[Found]:
        for conversation, cited in sorted(self.cited.items()):
            figure = count_of(cited.count, self.noun)
            yield found(
                self.name,
                self.code,
                f"{figure} {self.title}",
                f"{figure} {self.title}, between {when(cited.first_at)} and "
                f"{when(cited.last_at)}. {self.meaning_of(conversation)}",
                conversation,
                cited,
                self.confidence,
                advice=self.advice_of(conversation),
            )
