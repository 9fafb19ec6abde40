"""The rules that find evidence of loss: one file each, run over the stream of entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from records.formats.base import Entry, Member, Survey
from records.rules.base import Context, Files, Found, Rule, Totals
from records.rules.count_mismatch import CountMismatch
from records.rules.edited import Edited
from records.rules.export_blocked import ExportBlocked
from records.rules.export_cap import ExportCap
from records.rules.history_cleared import HistoryCleared
from records.rules.id_gaps import IdGaps
from records.rules.media_missing import MediaMissing
from records.rules.media_omitted import MediaOmitted
from records.rules.media_unnamed import MediaUnnamed
from records.rules.message_expiry import MessageExpiry
from records.rules.messages_deleted import MessagesDeleted
from records.rules.missing_parts import MissingParts
from records.rules.not_received import NotReceived
from records.rules.ordinal_gaps import OrdinalGaps
from records.rules.original_missing import OriginalMissing
from records.rules.partial_export import PartialExport
from records.rules.saved_items_deleted import SavedItemsDeleted
from records.rules.thread_replies import ThreadReplies
from records.rules.timer_default import TimerDefault
from records.rules.timer_spans import TimerSpans
from records.rules.view_once import ViewOnce

RULES: tuple[type[Rule], ...] = (
    TimerSpans,
    TimerDefault,
    MessagesDeleted,
    ViewOnce,
    MediaOmitted,
    MediaMissing,
    MediaUnnamed,
    ExportCap,
    OrdinalGaps,
    IdGaps,
    ThreadReplies,
    PartialExport,
    CountMismatch,
    Edited,
    NotReceived,
    ExportBlocked,
    MissingParts,
    OriginalMissing,
    MessageExpiry,
    HistoryCleared,
    SavedItemsDeleted,
)


class Examiner:
    """Feeds the rules with the kinds they want; a plain message costs one lookup."""

    def __init__(self, survey: Survey, members: Sequence[Member]) -> None:
        context = Context(survey, Files(survey, members))
        self._rules = tuple(rule(context) for rule in RULES)
        handlers: dict[str, list[Callable[[Entry], None]]] = {}
        for rule in self._rules:
            for kind in rule.kinds:
                handlers.setdefault(str(kind), []).append(rule.see)
        self.handlers: dict[str, tuple[Callable[[Entry], None], ...]] = {
            kind: tuple(calls) for kind, calls in handlers.items()
        }

    def see(self, entry: Entry) -> None:
        """Take the next entry of the stream."""
        for handler in self.handlers.get(entry.kind, ()):
            handler(entry)

    def findings(self, totals: Totals) -> list[Found]:
        """All findings after the last entry, by conversation, in the order of the rules."""
        found = [item for rule in self._rules for item in rule.finish(totals)]
        return sorted(found, key=lambda item: item.conversation)
