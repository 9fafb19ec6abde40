"""Threads from which replies, or the message that began them, are missing.

A format that sets `survey.layout["threads"]` gives, in the detail of each message of a thread, the id of its first
message (`thread`), and in that message the number of replies that the application counted (`reply_count`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from records.formats.base import Entry, Kind
from records.rules.base import (
    INDICATOR,
    MISSING,
    PROBABLE,
    Cited,
    Context,
    Found,
    Totals,
    count_of,
    detail_of,
    found,
)

MOST_THREADS = 200_000  # kept apart; further ones are not looked at


@dataclass(slots=True)
class _Thread:
    """What is known of one thread."""

    first: Entry | None = None  # the message that began it
    reply: Entry | None = None  # the first reply met
    declared: int = 0
    replies: int = 0


class ThreadReplies:
    """Compares the replies that were counted with those that are in the export."""

    name = "thread_replies"
    kinds: frozenset[str] = frozenset()  # all kinds where a format tells threads

    def __init__(self, context: Context) -> None:
        if context.survey.layout.get("threads"):
            self.kinds = frozenset(Kind)
        self._threads: dict[tuple[int, str], _Thread] = {}

    def see(self, entry: Entry) -> None:
        thread = detail_of(entry, "thread")
        if thread is None:
            return
        key = entry.conversation, str(thread)
        known = self._threads.get(key)
        if known is None:
            if len(self._threads) >= MOST_THREADS:
                return
            known = self._threads[key] = _Thread()
        if thread != detail_of(entry, "id"):
            known.replies += 1
            known.reply = known.reply or entry
        else:
            declared = detail_of(entry, "reply_count")
            known.first = entry
            known.declared = declared if isinstance(declared, int) else 0

    def finish(self, totals: Totals) -> Iterable[Found]:
        short: dict[int, list[_Thread]] = {}
        headless: dict[int, list[_Thread]] = {}
        for (conversation, _), thread in self._threads.items():
            if thread.first is None:
                headless.setdefault(conversation, []).append(thread)
            elif thread.declared > thread.replies:
                short.setdefault(conversation, []).append(thread)
        for conversation, threads in sorted(short.items()):
            yield self._short(conversation, threads)
        for conversation, threads in sorted(headless.items()):
            yield self._headless(conversation, threads)

    def _short(self, conversation: int, threads: list[_Thread]) -> Found:
        declared = sum(thread.declared for thread in threads)
        replies = sum(thread.replies for thread in threads)
        cited = _cited(thread.first for thread in threads)
        cited.count = declared - replies
        return found(
            self.name,
            "COUNT_MISMATCH",
            f"{count_of(cited.count, 'reply', 'replies')} missing from threads",
            f"In {count_of(len(threads), 'thread')} the application counted "
            f"{count_of(declared, 'reply', 'replies')}, and the export holds {replies:,} of them. The others were "
            "removed after they were counted, or lie outside the dates of the export.",
            conversation,
            cited,
            PROBABLE,
            {"threads": len(threads), "declared": declared, "found": replies},
            counts=MISSING,
        )

    def _headless(self, conversation: int, threads: list[_Thread]) -> Found:
        cited = _cited(thread.reply for thread in threads)
        figure = count_of(len(threads), "thread")
        return found(
            self.name,
            "GAP_SEQUENCE",
            f"{figure} without {'its' if len(threads) == 1 else 'their'} first message",
            f"Replies to {figure} are in the export, and the message that began each is not. It was removed, or lies "
            "before the dates of the export.",
            conversation,
            cited,
            INDICATOR,
            {"threads": len(threads)},
            counts=MISSING,
        )


def _cited(entries: Iterable[Entry | None]) -> Cited:
    cited = Cited()
    for entry in sorted(entry for entry in entries if entry is not None):
        cited.add(entry)
    return cited
