"""WhatsApp "Export chat" text, from Android and iOS, alone, in the zip that the phone makes, or several packed by hand.

What is read and by which rules: docs/formats/whatsapp.md. The layout is documented nowhere by the vendor; the page
"How to export your chat history" of its help center (faq.whatsapp.com) says how a person makes the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any, cast

from records.formats.base import (
    Choice,
    ConversationHead,
    Entry,
    Header,
    Part,
    Problem,
    Rejected,
    Sample,
    Source,
    Survey,
    Text,
)
from records.formats.clock import Clock, zone_of
from records.formats.lines import Encoding, blocks, encoding_of
from records.formats.sniff import head_of
from records.formats.whatsapp.headers import Layout, stamp_at, trimmed
from records.formats.whatsapp.members import base_of, chats_of
from records.formats.whatsapp.notices import title_patterns
from records.formats.whatsapp.scan import Rules, Scanner
from records.formats.whatsapp.survey import look

MOST_SCORED = 400  # lines of the sample that `score` looks at
MOST_CHATS = 20  # chats of an archive that `score` looks at


class WhatsApp:
    """Reads chats in the language and layout of any phone."""

    name = "whatsapp"
    title = "WhatsApp chat export"

    def score(self, sample: Sample) -> int:
        """How surely the text is a WhatsApp export: by its header lines, a little by its name."""
        if not sample.members:
            return _score(sample.head, [sample.name])
        chats = chats_of(sample.name, sample.members, sample.peek)
        named = [sample.name, *sample.members[:50]]
        return max((_score(sample.peek(name), named) for name in chats[:MOST_CHATS]), default=0)

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """First pass: layout, date order with its proof, and the question where the file does not say."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        parts = _parts(source)
        looks = [_look(source, part, answers, alone=len(parts) == 1) for part in parts]
        survey = looks[0] if len(looks) == 1 else _joined(source.name, parts, looks)
        survey.layout = {"chats": [_facts(each) for each in looks]}
        survey.texts = [Text((part,)) for part in parts]
        survey.conversations = [
            ConversationHead(title_of(source.name, part.member), index)
            for index, part in enumerate(parts)
        ]
        survey.time_zone = zone
        return survey

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Second pass: every entry in the file's order, every byte owned; one chat after the other."""
        chats = cast("list[dict[str, Any]]", survey.layout["chats"])
        clock = Clock(survey.time_zone) if survey.time_zone else None
        readings: list[Iterator[Entry | Header | Problem]] = [
            chain.from_iterable(_lists(source, text.parts[0], facts, clock))
            for text, facts in zip(survey.texts, chats, strict=True)
        ]
        return readings[0] if len(readings) == 1 else _numbered(readings)


def _score(data: bytes, named: list[str]) -> int:
    encoding = encoding_of(data)
    head = data[encoding.mark :]
    if encoding.name != "utf-8":
        head = head.decode(encoding.name, "replace").encode("utf-8", "replace")
    stamps = [stamp_at(line) for line in head.split(b"\n")[:MOST_SCORED]]
    headers = [stamp.layout for stamp in stamps if stamp is not None]
    if not headers:
        return 0
    same = max(headers.count(layout) for layout in set(headers))
    score = 50 if stamps[0] is not None else 30
    score += min(same, 10) * 3
    if any("whatsapp" in name.casefold() or base_of(name) == "_chat.txt" for name in named):
        score += 20
    return min(score, 100)


def _parts(source: Source) -> list[Part]:
    """The chats of an export: the plain file, or members of the archive."""
    if not source.members:
        return [Part(None, source.size)]
    names = [member.name for member in source.members]
    chats = set(chats_of(source.name, names, partial(head_of, source)))
    return [Part(member.name, member.size) for member in source.members if member.name in chats]


def _look(source: Source, part: Part, answers: Mapping[str, str], *, alone: bool) -> Survey:
    """The survey of one chat. Among several, an answer counts only for those that leave the question open."""
    try:
        return look(lambda: source.open(part.member), part.size, answers)
    except Rejected as rejected:
        if alone or rejected.code not in ("W-ORDER-UNKNOWN", "W-ORDER-CONTRADICTED"):
            raise
        without = {key: value for key, value in answers.items() if key != "date_order"}
        return look(lambda: source.open(part.member), part.size, without)


def _facts(survey: Survey) -> dict[str, object]:
    """What the second pass needs to know about one chat."""
    return {
        **survey.layout,
        "order": survey.date_order,
        "calendar": survey.calendar,
        "encoding": survey.encoding,
    }


def _joined(archive: str, parts: list[Part], looks: list[Survey]) -> Survey:
    """One survey of several chats: what they share, the proof by chat, and one question for those left open."""
    survey = replace(looks[0])
    orders = {each.date_order for each in looks}
    if len(orders) > 1:
        survey.date_order = "undecided" if "undecided" in orders else "by_chat"
    titled = [
        (title_of(archive, part.member), each) for part, each in zip(parts, looks, strict=True)
    ]
    survey.proof = [f"{title}: {words}" for title, each in titled for words in each.proof]
    asked = [(title, question) for title, each in titled for question in each.questions]
    survey.questions = []
    if asked:
        choices: dict[str, Choice] = {}
        for title, question in asked:
            for choice in question.choices:
                known = choices.get(choice.value)
                example = f"{title}: {choice.example}"
                choices[choice.value] = choice._replace(
                    example=f"{known.example}; {example}" if known else example
                )
        survey.questions = [asked[0][1]._replace(choices=tuple(choices.values()))]
    return survey


def _numbered(
    readings: list[Iterator[Entry | Header | Problem]],
) -> Iterator[Entry | Header | Problem]:
    """Several chats, their entries numbered through."""
    seq = 0
    for index, items in enumerate(readings):
        first = seq
        for item in items:
            if isinstance(item, Entry):
                seq = first + item.seq
                yield item._replace(seq=seq, conversation=index)
            elif isinstance(item, Header):
                yield item._replace(text=index)
            else:
                own = None if item.seq is None else first + item.seq
                yield item._replace(text=index, seq=own)


def _lists(
    source: Source, part: Part, facts: Mapping[str, Any], clock: Clock | None
) -> Iterator[Sequence[Entry | Header | Problem]]:
    """One chat, as if it were alone, a list for each block: so no line of Python runs for each entry."""
    encoding = Encoding(facts["encoding"], int(facts["mark"]))
    rules = Rules(
        layout=Layout.from_json(facts["header"]),
        order=facts["order"],
        calendar=facts["calendar"],
        encoding=encoding,
        crlf=bool(facts["crlf"]),
        marks=bool(facts["marks"]),
        clock=clock,
    )
    if encoding.mark:
        yield [Header(0, 0, encoding.mark, "byte order mark")]
    scanner = Scanner(rules)
    with source.open(part.member) as stream:
        for block in blocks(stream, encoding):
            yield scanner.feed(block)
        yield scanner.finish(part.size)


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
