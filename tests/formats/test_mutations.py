"""Two thousand damaged exports: each is read, asked about or refused with a code, and no byte goes unowned."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from records.inspection import inspect
from tests.formats.archive_maker import Part, build
from tests.formats.memory import members_of
from tests.formats.rsmf.writing import MANIFEST_2, archive, mail

COUNT = 2_000
TABLE = (Path(__file__).parent / "samples" / "generic" / "own.csv").read_bytes()

IOS = (
    "\ufeff[18/03/2022, 14:56:01] Ann: \u200eMessages and calls are end-to-end encrypted.\r\n"
    "[18/03/2022, 14:57:00] Ann: Good morning \U0001f600\r\n"
    "\u200e[18/03/2022, 14:58:00] Ben: \u200e<attached: 00000012-PHOTO-2022-03-18-14-58-00.jpg>\r\n"
    "[18/03/2022, 14:59:00] Ben: two\r\nlines\r\n"
    "[19/03/2022, 08:00:00] Ann: \u200eThis message was deleted.\r\n"
    "\u200e[19/03/2022, 08:01:00] Ann: \u200eimage omitted\r\n"
)
ANDROID = (
    "23/03/2022, 13:31 - Messages and calls are end-to-end encrypted.\n"
    "23/03/2022, 13:32 - Ann turned on disappearing messages. New messages will disappear from this "
    "chat 7 days after they're sent.\n"
    "23/03/2022, 13:33 - Ben: <Media omitted>\n"
    "23/03/2022, 13:34 - Ann: IMG-20220323-WA0002.jpg (file attached)\nA caption\n"
    "24/03/2022, 09:00 - Ben: You deleted this message\n"
    "24/03/2022, 09:01 - Ann: null\n"
)
US = "1/4/23, 7:02\u202fPM - Ann: x\n1/14/23, 7:03\u202fAM - Ben: y <This message was edited>\n"
ARABIC = "[\u200f18\u200f/3\u200f/2022\u060c 14:56:01] \u0622: \u0646\u0639\u0645\r\n" * 3
ERA = "[3/18/R4, 14:56:01] A: x\n[3/19/R4, 14:56:01] B: y\n"
OLD = "6/23/17, 12:29:34 PM: Ann: x\n6/23/17, 12:30:00 PM: Ben: y\n"
# One export in each variant of every other format: small files that its tests read as well.
SAMPLES = [
    path.read_bytes()
    if path.is_file()
    else build(*(Part(name.encode(), data) for name, data in members_of(path).items()))
    for path in sorted((Path(__file__).parent / "samples").glob("*/*"))
    if path.parent.name != "whatsapp"
]
TEXTS = [text.encode() for text in (IOS, ANDROID, US, ARABIC, ERA, OLD)]
TEXTS += [MANIFEST_2, TABLE]
TEXTS.append(ANDROID.encode("utf-16"))
ARCHIVES = [
    build(Part(b"_chat.txt", TEXTS[0]), Part(b"00000012-PHOTO-2022-03-18-14-58-00.jpg", b"photo")),
    build(Part(b"WhatsApp Chat with B.txt", TEXTS[1], method=0), Part(b"x.jpg", b"x", method=0)),
    build(Part(b"_chat.txt", TEXTS[2], flags=8, descriptor="short")),
    mail(archive(MANIFEST_2)),
]
INSERTED = [
    b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\r\n", b"\xed\xa0\x80", b"\xe2\x80",
    b"\xc0\x80", b"\xf4\x90\x80\x80", "\u2028".encode(), "\u202e".encode(), "\u0085".encode(), b"\x1a",
    b"99/99/9999, 99:99 - X: y\n", b"00/00/0000, 00:00 - \n", b"[", b"]", b": ", b" - ", b"PK\x05\x06",
    b"23/03/2022, 13:31 - ", b"[18/03/2022, 14:56:01] ", b"1" * 400, b"31/02/2022, 10:00 - A: b\n",
    b"{", b"}", b"\"", b",", b"\\u", b"NaN", b"-1e999", b"<", b">", b"</", b"&#0;", b"<!DOCTYPE a [",
]  # fmt: skip


def flip(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 2, 8))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def overwrite(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    data[at : at + rng.randrange(1, 6)] = rng.randbytes(rng.randrange(1, 6))


def cut_end(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(1, len(data)) :]


def cut_middle(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    del data[at : at + rng.randrange(1, 40)]


def double(data: bytearray, rng: random.Random) -> None:
    start, at = rng.randrange(len(data)), rng.randrange(len(data))
    data[at:at] = data[start : start + rng.randrange(1, 200)]


def insert(data: bytearray, rng: random.Random) -> None:
    at = rng.choice((0, len(data), rng.randrange(len(data))))
    data[at:at] = rng.choice(INSERTED)


def shuffle_lines(data: bytearray, rng: random.Random) -> None:
    lines = bytes(data).split(b"\n")
    rng.shuffle(lines)
    data[:] = b"\n".join(lines)


def glue(data: bytearray, rng: random.Random) -> None:
    data += rng.choice(TEXTS)


def change_digit(data: bytearray, rng: random.Random) -> None:
    places = [at for at, byte in enumerate(data) if 48 <= byte <= 57] or [0]
    for _ in range(rng.choice((1, 3))):
        data[rng.choice(places)] = rng.choice(b"0123456789")


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    flip, overwrite, cut_end, cut_middle, double, insert, shuffle_lines, glue, change_digit,
)  # fmt: skip


def mutated(seed: int) -> bytes:
    """A damaged export; archives take a third of the seeds, and half of those pack a damaged text; the formats besides
    WhatsApp take another third.
    """
    rng = random.Random(seed)
    inside = seed % 6 == 1
    others = SAMPLES if seed % 3 == 2 else TEXTS
    data = bytearray(rng.choice(ARCHIVES if seed % 6 == 0 else others))
    for _ in range(rng.choice((1, 1, 2, 4))):
        if data:
            rng.choice(MUTATIONS)(data, rng)
    if inside:
        return build(Part(b"_chat.txt", bytes(data)), Part(b"photo.jpg", b"x"))
    return bytes(data)


def judge(report: dict[str, Any], seed: int) -> str:
    json.dumps(report, ensure_ascii=True)
    for problem in report["problems"]:
        assert re.fullmatch(r"[A-Z]{1,3}-[A-Z0-9-]+", problem["code"]), (seed, problem)
        assert problem["words"].endswith("."), (seed, problem)
    if report["verdict"] == "rejected":
        assert len(report["problems"]) == 1, seed
        return f"rejected {report['problems'][0]['code'][:2]}"
    if report["format"] is None:  # two formats know it equally well
        assert [question["code"] for question in report["questions"]] == ["format"], seed
        return "asked"
    assert report["bytes"]["owned"] == report["bytes"]["total"], seed
    assert report["entries"] == sum(report["kinds"].values()), seed
    for found in report["findings"]:
        assert found["entries"] == sorted(set(found["entries"])), (seed, found)
        assert all(1 <= seq <= report["entries"] for seq in found["entries"]), (seed, found)
    return "asked" if report["questions"] else "read"


@pytest.mark.slow
def test_two_thousand_damaged_exports_are_read_asked_or_refused(tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    path = tmp_path / "export"
    for seed in range(COUNT):
        path.write_bytes(mutated(seed))
        outcomes[judge(inspect(path, "WhatsApp Chat with A.txt"), seed)] += 1
    assert sum(outcomes.values()) == COUNT
    # The mutations must neither be harmless nor hopeless, or the test would prove nothing.
    assert outcomes["read"] > COUNT / 3, outcomes
    assert outcomes["asked"] > 10, outcomes
    assert outcomes["rejected Z-"] > COUNT / 20, outcomes
    assert outcomes["rejected F-"] > 5, outcomes


def test_the_undamaged_exports_are_read(tmp_path: Path) -> None:
    path = tmp_path / "export"
    for data in (*TEXTS, *ARCHIVES):
        path.write_bytes(data)
        report: dict[str, Any] = inspect(path, "WhatsApp Chat with A.txt")
        if data is not TEXTS[-1]:
            assert report["verdict"] != "rejected", report["problems"]
            assert report["entries"] >= 2
