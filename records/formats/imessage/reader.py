"""Chooses how each file of an imessage-exporter folder is read."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence

from records.formats.base import (
    LOCAL,
    Entry,
    Header,
    Part,
    Problem,
    Sample,
    Source,
    Survey,
    Text,
)
from records.formats.clock import zone_of
from records.formats.composer import Composer
from records.formats.headed_text import WORDINGS
from records.formats.imessage.chat import Chat
from records.formats.imessage.page import MESSAGE, read_page
from records.formats.imessage.text import look, read_text
from records.formats.sniff import head_of, is_clutter

TEXT, HTML = "text", "html"
MOST_PEEKS = 40


class Imessage:
    """Reads the text or HTML export of Apple's Messages by imessage-exporter."""

    name = "imessage"
    title = "iMessage (imessage-exporter)"

    def score(self, sample: Sample) -> int:
        """How surely it is this tool's: by its headers or its page's classes."""
        if not sample.members:
            return _known(sample.head)[1]
        named = _candidates(sample.members)[:MOST_PEEKS]
        return max((_known(sample.peek(name))[1] for name in named), default=0)

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """One text for each conversation."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        parts, written = _parts(source)
        taken = {part.member for part in parts}
        names = [member.name for member in source.members]
        return Survey(
            format=self.name,
            variant=written[0] if len(set(written)) == 1 else "export",
            texts=[Text((part,)) for part in parts],
            times=LOCAL,
            date_order="mdy",
            hour_clock="12",
            time_zone=zone,
            proof=[
                "Dates name the month, so their order is certain. Times are those of the clock of the computer that "
                "made the export, in the zone said at hand-in.",
                "A reply stands under the message that it answers and once more as a message of its own; it is "
                "counted once. What was deleted for good before the export leaves nothing.",
            ],
            layout={
                "written": written,
                "pictures": [
                    name
                    for name in _candidates(names)
                    if name not in taken and _known(head_of(source, name))[1]
                ],
            },
        )

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message of every conversation, every byte owned."""
        composer = Composer(survey, WORDINGS)
        written = survey.layout["written"]
        assert isinstance(written, list)
        for index, text in enumerate(survey.texts):
            member = text.parts[0].member
            folder, _, base = (member or source.name).rpartition("/")
            title = base.rpartition(".")[0] or base
            prefix = f"{folder}/" if folder and member else ""
            chat = Chat(composer, index, title, prefix, in_archive=member is not None)
            with source.open(member) as stream:
                if written[index] == HTML:
                    yield from read_page(chat, stream)
                else:
                    head = head_of(source, member)
                    mark = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
                    yield from read_text(chat, stream, mark)
        yield from composer.close()


def _known(head: bytes) -> tuple[str, int]:
    """How a file is written, and how surely by this tool."""
    head = head.removeprefix(codecs.BOM_UTF8)
    if MESSAGE.search(head) and b'class="timestamp"' in head:
        return HTML, 92
    found = look(head)
    if found.first and found.headers:
        return TEXT, 92
    return TEXT, 40 if found.headers else 0


def _candidates(names: Sequence[str]) -> list[str]:
    return [
        name
        for name in names
        if name.casefold().endswith((".txt", ".html"))
        and not is_clutter(name)
        and "attachments/" not in name
    ]


def _parts(source: Source) -> tuple[list[Part], list[str]]:
    """The files that hold conversations; of the same one in both forms the page, which tells more."""
    if not source.members:
        return [Part(None, source.size)], [_known(head_of(source, None))[0]]
    sizes = {member.name: member.size for member in source.members}
    best: dict[str, tuple[str, str]] = {}
    for name in _candidates(list(sizes)):
        written, score = _known(head_of(source, name))
        stem = name.rpartition(".")[0]
        if score > 50 and (stem not in best or written == HTML):
            best[stem] = (name, written)
    chosen = [best[stem] for stem in sorted(best)]
    return [Part(name, sizes[name]) for name, _ in chosen], [written for _, written in chosen]
