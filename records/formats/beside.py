"""Files of an export that describe it and hold no message: lists of people and channels, settings, logs.

They are a text of their own, of headers only, so that every byte of the export has an owner and none of them passes for
an attachment that no message names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from records.formats.base import Header, Member, Part, Source, Survey, Text

PIECE = 1 << 18


def add_beside(survey: Survey, members: Sequence[Member]) -> None:
    """Adds them as the last text; call it when all texts with messages are known."""
    if members:
        survey.layout["beside"] = len(survey.texts)
        survey.texts.append(Text(tuple(Part(member.name, member.size) for member in members)))


def read_beside(source: Source, survey: Survey) -> Iterator[Header]:
    """One header for each of them, read to its end, where its check sum is compared."""
    text = survey.layout.get("beside")
    if not isinstance(text, int):
        return
    start = 0
    for part in survey.texts[text].parts:
        with source.open(part.member) as stream:
            while stream.read(PIECE):
                pass
        yield Header(text, start, part.size, part.member or "")
        start += part.size
