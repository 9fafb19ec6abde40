"""Every header style is read, and so is every file of the corpus as it was counted by hand."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from records.formats.base import Kind, Sample
from records.formats.whatsapp import WhatsApp
from tests.environment import CORPUS
from tests.formats.whatsapp.reading import Memory, moment, read
from tests.formats.whatsapp.styles import MOMENTS, SAMPLES, STYLES, Style, sample

EXPECTED: dict[str, dict[str, Any]] = {}
if (CORPUS / "expected.json").exists():
    EXPECTED = json.loads((CORPUS / "expected.json").read_text("utf-8"))
WHATSAPP = sorted(key for key in EXPECTED if key.startswith("W"))


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_every_header_style_is_read_to_the_second(style: Style) -> None:
    found = read((SAMPLES / f"{style.name}.txt").read_bytes())
    assert found.survey.variant == style.variant
    assert found.survey.date_order == style.order
    assert found.survey.calendar == style.calendar
    assert found.survey.hour_clock == ("12" if style.twelve else "24")
    wanted = MOMENTS if style.seconds else [moment.replace(second=0) for moment in MOMENTS]
    assert [moment(entry.local) for entry in found.entries] == wanted
    assert found.kinds == [
        Kind.ENCRYPTION,
        Kind.TEXT,
        Kind.TEXT,
        Kind.DELETED_BY_OTHER,
        Kind.MEDIA_OMITTED,
    ]
    assert [entry.sender for entry in found.entries[1:]] == ["Ana", "Ben", "Ben", "Ana"]
    assert found.bodies[1:3] == ["Hello", "one\ntwo"]
    assert not found.survey.questions
    assert found.codes == []
    header = style.header(MOMENTS[1])
    assert found.entries[1].written in header
    assert len(found.entries[1].written) >= len(header) - 4


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_the_stored_sample_is_what_the_style_writes(style: Style) -> None:
    assert (SAMPLES / f"{style.name}.txt").read_bytes() == sample(style)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_every_header_style_scores_as_whatsapp(style: Style) -> None:
    assert WhatsApp().score(Sample("export.txt", sample(style))) >= 60


def test_other_texts_do_not_score() -> None:
    for text in (
        "",
        "hello\nworld\n",
        "2022-03-18 14:56:01 INFO started\n" * 20,
        "12.5.2020 lunch\n",
    ):
        assert WhatsApp().score(Sample("notes.txt", text.encode())) == 0


@pytest.mark.parametrize("key", WHATSAPP)
def test_real_exports_are_read_as_they_were_counted_by_hand(key: str, corpus: Path) -> None:
    expected = EXPECTED[key]
    data = (corpus / key / expected["file"]).read_bytes()
    found = read(data, expected["file"])
    kinds = Counter(found.kinds)
    counted = {
        "entries": len(found.entries),
        "authors": len({entry.sender for entry in found.entries if entry.sender is not None}),
        "authorless": sum(entry.sender is None for entry in found.entries),
        "deleted_total": sum(count for kind, count in kinds.items() if kind.startswith("deleted")),
        "date_order": found.survey.date_order,
        "first": moment(found.entries[0].local).isoformat(),
        "last": moment(found.entries[-1].local).isoformat(),
        "kinds": {kind: kinds[kind] for kind in expected.get("kinds", {})},
    }
    assert {name: counted[name] for name in counted if name in expected} == {
        name: expected[name] for name in counted if name in expected
    }
    assert (found.survey.questions != []) == (found.survey.date_order == "undecided")


@pytest.mark.parametrize("key", ["W01", "W03", "W08", "W20"])
def test_the_bytes_of_an_entry_hold_its_body(key: str, corpus: Path) -> None:
    data = (corpus / key / EXPECTED[key]["file"]).read_bytes()
    for entry in read(data).entries:
        piece = data[entry.offset : entry.offset + entry.length].decode()
        assert piece.endswith((f"{entry.body}\r\n", f"{entry.body}\n", entry.body))
        assert entry.written in piece


def test_title_is_the_chats_name() -> None:
    titles = {
        "WhatsApp Chat with Ana.txt": "Ana",
        "WhatsApp Chat - Night shift.zip": "Night shift",
        "Chat de WhatsApp con Ana (1).txt": "Ana",
        "WhatsApp Chat mit +1 555.txt": "+1 555",
        "phone7.txt": "phone7",
    }
    for name, title in titles.items():
        survey = WhatsApp().survey(Memory(b"18/03/2022, 10:00 - A: b\n", name), {})
        assert survey.conversations[0].title == title


def test_clock_reading_of_midnight_beside_a_mark_is_kept() -> None:
    found = read("01/20/2019, 00:08 a. m. - A: x\n01/21/2019, 12:10 p. m. - A: y\n")
    assert [moment(entry.local) for entry in found.entries] == [
        datetime(2019, 1, 20, 0, 8),
        datetime(2019, 1, 21, 12, 10),
    ]
