"""The problems of a WhatsApp export: one sentence for each code."""

from __future__ import annotations

from records.formats import complaints
from records.formats.base import Entry, Header, Problem
from records.formats.complaints import Wording

WORDINGS: dict[str, Wording] = {
    "W-BEFORE-FIRST": Wording(
        "warning",
        "The text before the first message has no header, so it belongs to no message: the start of the export was "
        "cut off, or something was put before it. Compare with the phone, and export again if the start is missing.",
    ),
    "W-LAYOUT-MIXED": Wording(
        "warning",
        "This line looks like the start of a message, but is written in another style than the rest of the file. It "
        "was left in the message above: pasted text, an edited file, or part of another export. Read the raw bytes.",
    ),
    "W-GLUED": Wording(
        "error",
        "A second export seems to start here: the notice that opens a chat follows in another style, or at an earlier "
        "time. Hand in each export by itself, as the phone made it.",
    ),
    "W-DATE-IMPOSSIBLE": Wording(
        "warning",
        "The date or time of this message does not exist in the order that the rest of the file proves. The message is "
        "kept without a time. Compare with the phone.",
    ),
    "W-TIME-JUMP": Wording(
        "warning",
        "This message leaves the flow of time: it may be pasted text that imitates a header. It is kept as a message "
        "and marked. Read it beside the raw bytes.",
    ),
    "W-TIME-BACK": Wording(
        "info",
        "{count} entries are earlier than the one before, the first here. The application exports in the order in "
        "which it stored them, so small steps back are usual. Nothing needs doing.",
    ),
    "W-ENCODING": Wording(
        "warning",
        "This message holds bytes that are not valid text in the file's encoding; they are shown as U+FFFD and kept "
        "in the file. Ask whether another program saved the file, and export again if so.",
    ),
    "W-NUL": Wording(
        "info",
        "This message holds NUL characters; they are shown as U+2400 and kept in the file. Nothing needs doing unless "
        "the text looks damaged.",
    ),
    "W-BODY-LONG": Wording(
        "warning",
        "This message is longer than 1 MiB; what follows is not shown, but it is kept in the file and belongs to the "
        "message. Read it from the sealed file.",
    ),
    "W-CUT": Wording(
        "warning",
        "The file ends in the middle of a character, so it was cut off and messages are missing at its end. Copy it "
        "again from the phone and hand in the new copy; this one is kept.",
    ),
}


class Complaints(complaints.Complaints):
    """Adds problems to what the reader yields; small steps back in time are told together."""

    def __init__(self) -> None:
        super().__init__(WORDINGS)
        self._back: Problem | None = None
        self.steps_back = 0

    def add(
        self,
        out: list[Entry | Header | Problem],
        code: str,
        *,
        seq: int | None = None,
        line: int | None = None,
        offset: int | None = None,
        length: int = 0,
        unread: bool = False,
    ) -> None:
        """Lists a problem, unless a thousand of its code are listed."""
        told = self.tell(code, seq=seq, line=line, offset=offset, length=length, unread=unread)
        out.extend(told)

    def step_back(self, seq: int, line: int, offset: int) -> None:
        """Counts a small step back in time."""
        self.steps_back += 1
        if self._back is None:
            self._back = Problem("W-TIME-BACK", "info", "", 0, seq, line, offset)

    def finish(self, out: list[Entry | Header | Problem]) -> None:
        """Adds the summaries."""
        if self._back is not None:
            words = WORDINGS["W-TIME-BACK"].words.format(count=f"{self.steps_back:,}")
            out.append(self._back._replace(words=words))
        out.extend(self.close())
