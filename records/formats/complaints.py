"""The problems of an export: one sentence for each code, and a bound on how many are listed.

A broken file can hold a problem in every line. Of each code the first thousand are listed with their place; one more
says how many there are in all, so that neither memory nor a reader drowns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from records.formats.base import Problem
from records.formats.pieces import Fault

MOST = 1_000  # listed problems of one code


class Wording(NamedTuple):
    """How a problem is told."""

    severity: str
    words: str


WORDINGS: Mapping[str, Wording] = {
    "J-MALFORMED": Wording(
        "error",
        "These bytes are not well-formed, so they could not be read as messages; reading went on at the next message "
        "that is whole. Somebody may have edited the file, or a copy failed: export again and compare.",
    ),
    "J-CUT": Wording(
        "error",
        "The file ends in the middle, so it was cut off and messages are missing at its end. Copy or export it again "
        "and hand in the new file; this one is kept.",
    ),
    "J-DEEP": Wording(
        "error",
        "This part is nested deeper than any export is, as an attack would be. It was left unread. Export again.",
    ),
    "J-LARGE": Wording(
        "error",
        "This part is larger than 64 MB in one piece, so it was left unread. Export again without embedded files.",
    ),
    "J-TWICE": Wording(
        "warning",
        "A name stands twice in this message, so two programs could read it differently. The last value was taken. "
        "Read the raw bytes: the file may have been edited.",
    ),
    "J-EXTRA": Wording(
        "error",
        "Bytes follow the end of the export, so something was added to the file. They were left unread. "
        "Hand in each export by itself, as the application made it.",
    ),
    "J-ENCODING": Wording(
        "warning",
        "This message holds bytes that are not valid text; they are shown as U+FFFD and kept in the file. "
        "Ask whether another program saved the file, and export again if so.",
    ),
    "J-NO-MESSAGE": Wording(
        "error",
        "This element of the list is not a message as the application writes it, so it was left unread. "
        "Somebody may have edited the file: export again and compare.",
    ),
    "J-TYPE-UNKNOWN": Wording(
        "info",
        "The application wrote a kind of event that is not known here. It is kept as a notice, with its bytes. "
        "Read the raw bytes if it matters.",
    ),
    "J-TIME": Wording(
        "warning",
        "The time of this message is missing or cannot be a date. The message is kept without a time.",
    ),
    "J-COUNT": Wording(
        "warning",
        "The file says that it holds {declared:,} messages, and {found:,} were found. Messages may have been removed, "
        "or the export stopped early: export again and compare.",
    ),
}
OF_FAULT = {
    Fault.MALFORMED: "J-MALFORMED",
    Fault.CUT: "J-CUT",
    Fault.DEEP: "J-DEEP",
    Fault.LARGE: "J-LARGE",
    Fault.TWICE: "J-TWICE",
    Fault.EXTRA: "J-EXTRA",
}


class Complaints:
    """Makes the problems that a reader yields, within the bound."""

    def __init__(self, wordings: Mapping[str, Wording]) -> None:
        self._wordings = wordings
        self.counts: Counter[str] = Counter()

    def tell(
        self,
        code: str,
        *,
        text: int = 0,
        seq: int | None = None,
        line: int | None = None,
        offset: int | None = None,
        length: int = 0,
        unread: bool = False,
        figures: Mapping[str, object] | None = None,
    ) -> Iterator[Problem]:
        """The problem, unless a thousand of its code are listed; one that owns bytes is always listed."""
        self.counts[code] += 1
        if self.counts[code] <= MOST or unread:
            severity, words = self._wordings[code]
            yield Problem(
                code,
                severity,
                words.format(**(figures or {})),
                text,
                seq,
                line,
                offset,
                length,
                unread,
            )

    def close(self) -> Iterator[Problem]:
        """How many there are of what is not listed one by one."""
        for code, count in self.counts.items():
            if count > MOST:
                words = (
                    f"There are {count:,} problems of the kind {code}; the first {MOST:,} are listed with their "
                    "place. A file with so many was probably changed: ask for a new export."
                )
                yield Problem(code, self._wordings[code].severity, words)
