"""What a file is, is told by its bytes; what cannot be read gets the most helpful answer."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from records.formats import sniff
from records.formats.base import Format, Question, Rejected, Sample, Source, Survey
from records.formats.source import open_source
from tests.formats.archive_maker import CHAT, Part, build

CORPUS_LINES = [
    "[3/18/22, 14:56:01] A: x",
    "\u200e[3/18/22, 14:56:01] A: x",
    "[14/10/2021, 3:34:09\u202fPM] A: x",
    "[27.10.23, 22:42:29] A: x",
    "[3/18/22 14:56:00] A: x",
    "[3/18/22, 14.56.01] A: x",
    "[\u200f18\u200f/3\u200f/2022\u060c 14:56:01] A: x",
    "[\u0661\u0668\u200f/\u0663\u200f/\u0662\u0660\u0662\u0662\u060c \u0662:\u0665\u0666:\u0660\u0660\u00a0\u0645] A: x",  # noqa: E501
    "[14:56:01, 3/18/22] A: x",
    "[2022/7/21 05:11:12] A: x",
    "[3/18/2565 BE, 14:56:01] A: x",
    "[3/18/R4, 14:56:01] A: x",
    "6/23/17, 12:29:34 PM: A: x",
    "23/03/2022, 13:31 - A: x",
    "1/4/23, 7:02\u202fPM - A: x",
    "2021-03-18, 3:02 p.m. - A: x",
    "18-03-2022 14:56 - A: x",
    "12/07/2017 \u00e0 22:35 - A: x",
    "13.6.2018 klo 21.25 - A: x",
    "2024/1/15 \u4e0b\u53483:30 - A: x",
    "2024. 1. 15. \uc624\uc804 9:30 - A: x",
]


class ByHeader:
    """A format that knows chats by their header lines alone."""

    def __init__(self, name: str = "chat", points: int = 90) -> None:
        self.name, self.title, self._points = name, f"{name} export", points

    def score(self, sample: Sample) -> int:
        return self._points if sniff.header_lines(sample.head) else 0

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        return Survey(self.name, "", [])

    def read(self, source: Source, survey: Survey) -> Iterator[object]:  # type: ignore[override]
        return iter(())


def file_of(folder: Path, data: bytes, name: str = "chat.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def pick(path: Path, *formats: object, **answers: str) -> object:
    chosen: list[Format] = list(formats) or [ByHeader()]  # type: ignore[arg-type, list-item]
    with open_source(path) as source:
        return sniff.pick(chosen, source, answers)


def refusal(path: Path) -> Rejected:
    with pytest.raises(Rejected) as caught:
        pick(path)
    return caught.value


@pytest.mark.parametrize("line", CORPUS_LINES)
def test_each_known_header_style_is_seen(line: str) -> None:
    assert sniff.header_lines(f"{line}\nand more\n{line}\n".encode()) == 2


@pytest.mark.parametrize(
    "text",
    ["", "Dear Sir,\non 3/18/22 at 14:56 we met: all of us", "1.2.3 - release", "12:30 - 14:00: lunch",
     "Invoice 12/2022", '{"date": "2022-03-18T14:56:01", "text": "a: b"}', "1,2,3\n4,5,6"],
)  # fmt: skip
def test_other_text_has_no_header_lines(text: str) -> None:
    assert sniff.header_lines(text.encode()) == 0


def test_hostile_text_is_sniffed_in_linear_time() -> None:
    for text in (b"1" * 65536, b"1/" * 32768, b"[1/1/1 1:" * 7000, b"1/1/1 1:11\n" * 6000):
        sniff.header_lines(text)


REFUSED = {
    "empty": (b"", "F-EMPTY"),
    "zeros": (bytes(5000), "F-BLANK"),
    "blank lines": (b" \r\n\t\n" * 50, "F-BLANK"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(100), "F-PHOTO"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "F-PHOTO"),
    "gif": (b"GIF89a" + bytes(100), "F-PHOTO"),
    "webp": (b"RIFF\1\2\3\4WEBPVP8 ", "F-PHOTO"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(20), "F-PHOTO"),
    "mp4": (b"\0\0\0\x18ftypisom" + bytes(20), "F-PHOTO"),
    "opus": (b"OggS\0\2" + bytes(20), "F-PHOTO"),
    "pdf": (b"%PDF-1.7\n", "F-PDF"),
    "pdf after blanks": (b"\xef\xbb\xbf\r\n%PDF-1.7\n", "F-PDF"),
    "database": (b"SQLite format 3\0" + bytes(90), "F-DATABASE"),
    "old office": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "F-DOCUMENT"),
    "web page": (b"<!DOCTYPE html><title>chat</title>", "F-DOCUMENT"),
    "xml": (b'<?xml version="1.0"?><smses/>', "F-DOCUMENT"),
    "gzip": (b"\x1f\x8b\x08\0" + bytes(20), "F-ARCHIVE"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(20), "F-ARCHIVE"),
    "rar": (b"Rar!\x1a\x07\1\0", "F-ARCHIVE"),
    "tar": (b"_chat.txt".ljust(257, b"\0") + b"ustar\0", "F-ARCHIVE"),
    "UTF-16 with mark": ("23/03/2022, 13:31 - A: x".encode("utf-16"), "F-ENCODING"),
    "UTF-16 without mark": ("23/03/2022, 13:31 - A: x".encode("utf-16-le"), "F-ENCODING"),
    "UTF-16 big end": ("23/03/2022, 13:31 - A: x".encode("utf-16-be"), "F-ENCODING"),
    "UTF-32": ("23/03/2022, 13:31 - A: x".encode("utf-32"), "F-ENCODING"),
    "code page": ("Sehr geehrte Damen, sch\u00f6ne Gr\u00fc\u00dfe aus K\u00f6ln".encode("cp1252"), "F-ENCODING"),
    "letter": (b"Dear Sir,\nplease find enclosed", "F-UNKNOWN"),
    "noise": (random.Random(7).randbytes(5000), "F-UNKNOWN"),
    "one byte": (b"x", "F-UNKNOWN"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_export_is_refused_with_the_most_helpful_code(
    tmp_path: Path, data: bytes, code: str
) -> None:
    rejected = refusal(file_of(tmp_path, data))
    assert rejected.code == code
    assert "{" not in rejected.words
    assert rejected.words.endswith(".")


def test_phone_backup_is_told_by_its_name_when_its_bytes_are_noise(tmp_path: Path) -> None:
    data = random.Random(8).randbytes(5000)
    assert refusal(file_of(tmp_path, data, "msgstore.db.crypt15")).code == "F-DATABASE"


def test_plain_chat_is_picked(tmp_path: Path) -> None:
    picked = pick(file_of(tmp_path, CHAT))
    assert isinstance(picked, ByHeader)


def test_best_score_wins_and_a_tie_is_asked(tmp_path: Path) -> None:
    path = file_of(tmp_path, CHAT)
    one, two, better = ByHeader("one"), ByHeader("two"), ByHeader("better", 95)
    assert pick(path, one, better, two) is better
    question = pick(path, one, two)
    assert isinstance(question, Question)
    assert [choice.value for choice in question.choices] == ["one", "two"]
    assert "Ann: Good morning" in question.choices[0].example
    assert pick(path, one, two, format="two") is two
    assert isinstance(pick(path, one, two, format="three"), Question)


def test_score_below_thirty_is_not_enough(tmp_path: Path) -> None:
    path = file_of(tmp_path, CHAT)
    assert isinstance(pick(path, ByHeader(points=30)), ByHeader)
    with pytest.raises(Rejected, match="F-UNKNOWN"):
        pick(path, ByHeader(points=29))


NO_CHAT = {
    "photos": ([Part(b"a.jpg", b"x")], "Z-NO-CHAT"),
    "letter": ([Part(b"note.txt", b"not a chat")], "Z-NO-CHAT"),
    "office document": ([Part(b"[Content_Types].xml", b"<x/>"), Part(b"word/document.xml")], "F-DOCUMENT"),
    "slices": ([Part(b"c/1.rsmf", b"x"), Part(b"c/2.rsmf", b"y")], "R-SLICES"),
    "only archives": ([Part(b"a.zip", b"x"), Part(b"b.zip", b"y")], "Z-NESTED"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "code"), NO_CHAT.values(), ids=NO_CHAT)
def test_an_archive_that_no_format_knows_is_refused(
    tmp_path: Path, parts: list[Part], code: str
) -> None:
    assert refusal(file_of(tmp_path, build(*parts), "export.zip")).code == code


def test_formats_may_look_at_each_member_of_an_archive(tmp_path: Path) -> None:
    with open_source(file_of(tmp_path, build(Part()), "export.zip")) as source:
        sample = sniff.sample_of(source)
    assert sample.head == b""
    assert sample.members == ("_chat.txt",)
    with open_source(file_of(tmp_path, build(Part()), "export.zip")) as source:
        assert sniff.sample_of(source).peek("_chat.txt") == CHAT
