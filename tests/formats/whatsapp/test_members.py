"""Which files of an archive are chats, and how several chats become conversations of one export."""

from __future__ import annotations

from pathlib import Path

import pytest

from records import formats
from records.formats.base import Entry, Format, Header, Problem, Question, Rejected, Survey
from records.formats.source import open_source
from records.formats.whatsapp import WhatsApp
from tests.formats.archive_maker import CHAT, Part, build

OTHER = b"\n".join(CHAT.splitlines() * 20)
NOTE = Part(b"note.txt", b"not a chat")
CHOSEN = {
    "ios": ([Part()], ["_chat.txt"]),
    "ios with a sent chat": ([Part(b"00000046-WhatsApp Chat with B.txt", OTHER), Part()], ["_chat.txt"]),
    "android": ([Part(b"WhatsApp Chat with B.txt"), NOTE], ["WhatsApp Chat with B.txt"]),
    "translated name": ([Part(b"Chat de WhatsApp con B.txt"), NOTE], ["Chat de WhatsApp con B.txt"]),
    "named before longer": (
        [Part(b"sent.txt", OTHER), Part(b"WhatsApp Chat with B.txt")], ["WhatsApp Chat with B.txt"],
    ),
    "named and no chat": ([Part(b"about WhatsApp.txt", b"no"), Part(b"talk.txt")], ["talk.txt"]),
    "most header lines": ([Part(b"a.txt"), Part(b"b.txt", OTHER), NOTE], ["b.txt"]),
    "two named, one like the archive": (
        [Part(b"WhatsApp Chat with B.txt"), Part(b"WhatsApp Chat with export.txt")],
        ["WhatsApp Chat with export.txt"],
    ),
    "one folder": ([Part(b"B/_chat.txt"), Part(b"B/photo.jpg", b"x")], ["B/_chat.txt"]),
    "one folder packed on a Mac": (
        [Part(b"B/_chat.txt"), Part(b"__MACOSX/B/._chat.txt", b"x"), Part(b"B/.DS_Store", b"x")],
        ["B/_chat.txt"],
    ),
    "upper case": ([Part(b"_CHAT.TXT")], ["_CHAT.TXT"]),
    "deeper texts are attachments": ([Part(), Part(b"x/_chat.txt", OTHER)], ["_chat.txt"]),
    "two named": (
        [Part(b"WhatsApp Chat with A.txt"), Part(b"WhatsApp Chat with B.txt")],
        ["WhatsApp Chat with A.txt", "WhatsApp Chat with B.txt"],
    ),
    "two equal": ([Part(b"a.txt"), Part(b"b.txt")], ["a.txt", "b.txt"]),
    "two folders": ([Part(b"A/_chat.txt"), Part(b"B/_chat.txt")], ["A/_chat.txt", "B/_chat.txt"]),
    "two folders in one": (
        [Part(b"all/A/_chat.txt"), Part(b"all/B/WhatsApp Chat with B.txt")],
        ["all/A/_chat.txt", "all/B/WhatsApp Chat with B.txt"],
    ),
    "chat deep in a folder": ([NOTE, Part(b"A/_chat.txt")], ["A/_chat.txt"]),
}  # fmt: skip


def packed(folder: Path, *parts: Part) -> Path:
    path = folder / "WhatsApp Chat with export.zip"
    path.write_bytes(build(*parts))
    return path


@pytest.mark.parametrize(("parts", "names"), CHOSEN.values(), ids=CHOSEN)
def test_the_chats_of_an_archive_are_chosen_by_rule(
    tmp_path: Path, parts: list[Part], names: list[str]
) -> None:
    with open_source(packed(tmp_path, *parts)) as source:
        assert isinstance(formats.pick(source), WhatsApp)
        survey = WhatsApp().survey(source, {})
    assert [text.parts[0].member for text in survey.texts] == names
    assert len(survey.conversations) == len(names)


def test_a_damaged_chat_is_told_when_it_is_sampled(tmp_path: Path) -> None:
    path = packed(tmp_path, Part(method=0, packed=CHAT[::-1]))
    with open_source(path) as source, pytest.raises(Rejected, match="Z-CRC"):
        formats.pick(source)


FIRST = b"25/12/2021, 10:00 - Ana: a\n25/12/2021, 10:01 - Ben: b\nmore\n"
SECOND = b"\xef\xbb\xbf[3/18/22, 14:56:01] Chen: c\r\n[3/18/22, 14:56:02] Dora: d\r\n"
OPEN = b"01/02/2021, 10:00 - Eve: e\n"


def read(path: Path, **answers: str) -> tuple[Survey, list[Entry | Header | Problem]]:
    with open_source(path) as source:
        format_ = formats.pick(source, answers)
        assert not isinstance(format_, Question)
        reader: Format = format_
        survey = reader.survey(source, answers)
        return survey, list(reader.read(source, survey))


def test_several_chats_become_conversations_with_ordinals_that_go_on(tmp_path: Path) -> None:
    parts = Part(b"A/_chat.txt", FIRST), Part(b"B/_chat.txt", SECOND)
    _, items = read(packed(tmp_path, *parts))
    entries = [item for item in items if isinstance(item, Entry)]
    assert [(e.seq, e.conversation, e.sender) for e in entries] == [
        (1, 0, "Ana"), (2, 0, "Ben"), (3, 1, "Chen"), (4, 1, "Dora"),
    ]  # fmt: skip
    owned = [0, 0]
    for item in items:
        text = item.conversation if isinstance(item, Entry) else item.text
        owned[text] += item.length
    assert owned == [len(FIRST), len(SECOND)]


def test_only_the_chat_whose_date_order_is_open_is_asked_about(tmp_path: Path) -> None:
    parts = Part(b"A/_chat.txt", FIRST), Part(b"B/_chat.txt", OPEN)
    survey, items = read(packed(tmp_path, *parts))
    (question,) = survey.questions
    assert {choice.value for choice in question.choices} == {"dmy", "mdy"}
    survey, items = read(packed(tmp_path, *parts), date_order="mdy")
    assert not survey.questions
    assert survey.date_order == "by_chat"
    by_sender = {item.sender: item.local for item in items if isinstance(item, Entry)}
    assert by_sender["Ana"] == 1_640_426_400_000_000  # 25 December stays as the file proves it
    assert by_sender["Eve"] == 1_609_581_600_000_000  # January 2, as answered
