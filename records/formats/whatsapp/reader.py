"""WhatsApp "Export chat" text, from Android and iOS, alone or in the zip that the phone makes.

What is read and by which rules: docs/formats/whatsapp.md. The layout is documented nowhere by the vendor; the page
"How to export your chat history" of its help center (faq.whatsapp.com) says how a person makes the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from records.formats.base import ConversationHead, Entry, Header, Problem, Sample, Source, Survey
from records.formats.clock import Clock, zone_of
from records.formats.lines import Encoding, blocks, encoding_of
from records.formats.sniff import choose_chat_text
from records.formats.whatsapp.headers import Layout, stamp_at, trimmed
from records.formats.whatsapp.notices import title_patterns
from records.formats.whatsapp.scan import Rules, Scanner
from records.formats.whatsapp.survey import look

MOST_SCORED = 400  # lines of the sample that `score` looks at


class WhatsApp:
    """Reads one chat, in the language and layout of any phone."""

    name = "whatsapp"
    title = "WhatsApp chat export"

    def score(self, sample: Sample) -> int:
        """How surely the text is a WhatsApp export: by its header lines, a little by its name."""
        encoding = encoding_of(sample.head)
        if encoding.name == "utf-8":
            head = sample.head[encoding.mark :]
        else:
            text = sample.head[encoding.mark :].decode(encoding.name, "replace")
            head = text.encode("utf-8", "replace")
        lines = head.split(b"\n")[:MOST_SCORED]
        stamps = [stamp_at(line) for line in lines]
        headers = [stamp.layout for stamp in stamps if stamp is not None]
        if not headers:
            return 0
        same = max(headers.count(layout) for layout in set(headers))
        score = 50 if stamps[0] is not None else 30
        score += min(same, 10) * 3
        named = [sample.name, *sample.members[:50]]
        if any("whatsapp" in name.casefold() or name == "_chat.txt" for name in named):
            score += 20
        return min(score, 100)

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """First pass: layout, date order with its proof, and the question where the file does not say."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        chosen = choose_chat_text(source)[0]
        member = chosen.name if chosen is not None else None
        size = chosen.size if chosen is not None else source.size
        survey = look(lambda: source.open(member), size, answers)
        survey.conversations = [ConversationHead(title_of(source.name, member), member, size)]
        survey.time_zone = zone
        return survey

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Second pass: every entry in the file's order, every byte owned."""
        head, found = survey.conversations[0], cast("dict[str, Any]", survey.layout)
        encoding = Encoding(survey.encoding, int(found["mark"]))
        rules = Rules(
            layout=Layout.from_json(found["header"]),
            order=survey.date_order,
            calendar=survey.calendar,
            encoding=encoding,
            crlf=bool(found["crlf"]),
            marks=bool(found["marks"]),
            clock=Clock(survey.time_zone) if survey.time_zone else None,
        )
        if encoding.mark:
            yield Header(0, 0, encoding.mark, "byte order mark")
        scanner = Scanner(rules)
        with source.open(head.member) as stream:
            for block in blocks(stream, encoding):
                yield from scanner.feed(block)
            yield from scanner.finish(head.size)


def title_of(name: str, member: str | None) -> str:
    """The chat's name as the export's file name gives it, else the file name without its ending."""
    stems = [text.rpartition("/")[2] for text in (member, name) if text]
    stems = [trimmed(stem.rpartition(".")[0] if "." in stem else stem).strip() for stem in stems]
    for stem in stems:
        for pattern in title_patterns():
            found = pattern.fullmatch(stem)
            if found:
                return found["name"].strip()
    named = [stem for stem in stems if stem != "_chat"]
    return named[-1] if named else "WhatsApp chat"
