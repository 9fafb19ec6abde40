"""Chooses how each text of a Signal export is read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping

from records.formats.base import (
    IN_UTC,
    LOCAL,
    Entry,
    Header,
    Problem,
    Sample,
    Source,
    Survey,
)
from records.formats.clock import zone_of
from records.formats.composer import Composer
from records.formats.headed_text import WORDINGS
from records.formats.signal.chat import Chat
from records.formats.signal.data_lines import read_lines
from records.formats.signal.desktop import read_rows
from records.formats.signal.markdown import form_of, read_markdown
from records.formats.signal.page import read_page
from records.formats.signal.places import (
    DESKTOP,
    HTML,
    JSON,
    MARKDOWN,
    MOST_PEEKS,
    candidates,
    kind_of,
    places,
    stored,
    views,
)
from records.formats.sniff import head_of

_TABLES = re.compile(rb"\s*\{\s*\"(?:messages|conversations)\"\s*:\s*\[|\"messages\"\s*:\s*\[")
_LEFT_OUT = (
    "signal-export leaves out every message with a disappearing timer unless it is told to include them "
    "(--include-disappearing), and events such as a changed safety number."
)


class Signal:
    """Reads what signal-export writes, or rows of Signal Desktop's database as JSON."""

    name = "signal"
    title = "Signal (signal-export or Signal Desktop)"

    def score(self, sample: Sample) -> int:
        """How surely it is Signal's: by the keys and the marks of each way of writing."""
        if not sample.members:
            return kind_of(sample.head)[1]
        named = candidates(sample.members)[:MOST_PEEKS]
        return max((kind_of(sample.peek(name))[1] for name in named), default=0)

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """One text for each chat, and whether times are moments or clock readings."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        found = places(source)
        written = [place.written for place in found]
        moments = bool(written) and all(item == DESKTOP for item in written)
        proof = [
            "Each row carries its moment in UTC (sent_at)."
            if moments
            else "Times are those of the clock of the computer that made the export, in the zone said at hand-in."
        ]
        if not moments:
            proof.append(_LEFT_OUT)
        if HTML in written:
            proof.append(
                "A page groups messages: those after the first of a group carry no time of their own."
            )
        names = [member.name for member in source.members]
        return Survey(
            format=self.name,
            variant="desktop" if moments else _variant(written),
            texts=[place.text for place in found],
            times=IN_UTC if moments else LOCAL,
            date_order="ymd",
            time_zone=zone,
            proof=proof,
            layout={
                "written": written,
                "titles": [place.title for place in found],
                "pictures": views(names, [place.text for place in found]),
            },
        )

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message of every chat, every byte owned."""
        composer = Composer(survey, WORDINGS)
        members = stored([member.name for member in source.members]) if source.members else None
        written, titles = survey.layout["written"], survey.layout["titles"]
        assert isinstance(written, list)
        assert isinstance(titles, list)
        for index, text in enumerate(survey.texts):
            member = text.parts[0].member
            folder = (member or "").rpartition("/")[0]
            prefix = re.sub(r"\s", "%20", f"{folder}/") if folder else ""
            chat = Chat(composer, index, titles[index], prefix, members)
            head = head_of(source, member)
            with source.open(member) as stream:
                if written[index] == JSON:
                    yield from read_lines(chat, stream)
                elif written[index] == MARKDOWN:
                    mark = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
                    yield from read_markdown(chat, stream, form_of(head[mark:]), mark)
                elif written[index] == HTML:
                    yield from read_page(chat, stream)
                else:
                    tables = _TABLES.search(head) is not None
                    yield from read_rows(composer, stream, index, tables=tables)
        yield from composer.close()


def _variant(written: list[str]) -> str:
    return written[0] if len(set(written)) == 1 else "export"
