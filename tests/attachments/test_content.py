"""What a file is, told by its bytes: type, hash, length; and nothing that hostile bytes could break."""

from __future__ import annotations

import hashlib
import itertools
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.attachments.content import Facts, facts_of
from records.attachments.media_types import (
    ANY,
    GROUPS,
    HEAD,
    KNOWN_AS_SAFE,
    TYPES,
    contradiction,
    recognise,
)
from tests.attachments import samples


def pieces_of(data: bytes, size: int = 1000) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def facts(data: bytes, size: int = 1000) -> Facts:
    return facts_of(pieces_of(data, size))


@pytest.mark.parametrize("name", samples.OF_EACH_TYPE)
def test_type_is_told_by_the_bytes(name: str) -> None:
    data = samples.OF_EACH_TYPE[name]
    found = facts(data)
    assert found.media_type.name == name
    assert (found.sha256, found.size) == (hashlib.sha256(data).hexdigest(), len(data))


def test_every_type_of_the_table_belongs_to_a_group_that_has_words() -> None:
    assert {each.group for each in TYPES.values()} <= set(GROUPS)
    assert len({each.title for each in TYPES.values()}) == len(TYPES)


def test_nothing_that_can_run_or_draw_by_script_leaves_with_its_own_type() -> None:
    assert not KNOWN_AS_SAFE & {
        name
        for name, each in TYPES.items()
        if each.group in ("page", "program", "archive", "document")
    }
    assert "image/svg+xml" not in KNOWN_AS_SAFE


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02\x03", b"\xff\xfe\x00", b"\x80abc"])
def test_what_is_not_in_the_table_is_not_guessed(data: bytes) -> None:
    assert recognise(data, whole=True).name == ANY


def test_utf_16_text_is_text_and_not_sound() -> None:
    assert recognise("\ufeffhello there".encode("utf-16-le"), whole=True).name == "text/plain"


def test_a_character_cut_by_the_end_of_the_head_is_still_text() -> None:
    data = b"x" * (HEAD - 1) + "\u20ac".encode() * 10
    assert facts(data, 4096).media_type.name == "text/plain"
    assert recognise(b"x\xe2\x82", whole=True).name == ANY


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (samples.opus(61_500), 61_500),
        (samples.opus(400_000, pages=9), 400_000),
        (samples.amr(75), 1_500),
        (samples.amr(500, wide=True), 10_000),
        (samples.wav(2_250), 2_250),
        (samples.mp4(61_000), 61_000),
        (samples.mp4(61_000, last=True), 61_000),
        (samples.mp4(5_000, wide=True), 5_000),
        (samples.mp4(5_000, brand=b"3gp4", last=True), 5_000),
        (samples.caf(3_000), 3_000),
        (samples.adts(100), 6_400),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 70_001])
def test_length_of_a_voice_note(data: bytes, expected: int, size: int) -> None:
    found = facts(data, size).duration_ms
    assert found is not None
    assert abs(found - expected) <= 1


@pytest.mark.parametrize(
    "data",
    [
        samples.opus(1000)[:60],
        samples.opus(0),
        samples.mp4(0),
        samples.mp4(10**9, wide=True),
        samples.wav(1000).replace(b"data", b"dato"),
        samples.caf(-5),
        samples.image(),
        samples.mp4(1000).replace(b"mvhd", b"free"),
    ],
)
def test_a_file_that_does_not_tell_its_length_has_none(data: bytes) -> None:
    assert facts(data).duration_ms is None


def test_a_page_mark_inside_the_sound_is_not_taken_for_the_last_page() -> None:
    trap = samples.ogg_page(7, 9, 48_000 * 9_000, b"x" * 40)
    note = samples.opus(2_000)
    inside = samples.ogg_page(7, 5, 312 + 96_000, trap[:27] + b"\xff" * 200)
    assert facts(note + inside).duration_ms == 2_000


@pytest.mark.parametrize(
    ("name", "declared", "data", "words"),
    [
        ("photo.jpg", "", b"MZ" + bytes(80), "says JPEG image; its bytes are: Windows program."),
        ("photo.JPG", "image/jpeg", samples.image("PNG"), "says JPEG image"),
        ("note.opus", "", samples.OF_EACH_TYPE["text/html"], "Web page"),
        ("part 0", "image/jpeg", b"\x7fELF" + bytes(80), "The export says JPEG image"),
        ("letter.pdf.exe", "", b"MZ" + bytes(80), ""),
        ("strange", "", b"MZ" + bytes(80), "Its bytes are: Windows program."),
        ("photo.jpg", "image/png", samples.image(), ""),
        ("video.mp4", "", samples.mp4(10, brand=b"qt  "), ""),
        ("PTT.opus", "audio/ogg; codecs=opus", samples.opus(10), ""),
        ("letter.doc", "", samples.packed("[Content_Types].xml", "word/document.xml"), ""),
        ("notes.unknown", "", b"\x00\x01", ""),
        ("photo.jpg", "", b"", "Not recognized"),
    ],
)
def test_a_name_that_contradicts_the_bytes_is_told(
    name: str, declared: str, data: bytes, words: str
) -> None:
    told = contradiction(name, declared, recognise(data, whole=True))
    assert words in told
    assert bool(told) == bool(words)


@settings(max_examples=300)
@given(st.binary(max_size=600), st.integers(1, 64))
def test_any_bytes_give_facts(data: bytes, size: int) -> None:
    found = facts(data, size)
    assert (found.sha256, found.size) == (hashlib.sha256(data).hexdigest(), len(data))


@settings(max_examples=400)
@given(st.data())
def test_a_damaged_file_of_any_type_gives_facts_and_never_a_length_beyond_a_week(
    data: st.DataObject,
) -> None:
    whole = data.draw(st.sampled_from(sorted(samples.OF_EACH_TYPE.values())))[:4000]
    hurt = bytearray(whole)
    for at in data.draw(st.lists(st.integers(0, len(hurt) - 1), max_size=8)):
        hurt[at] = data.draw(st.sampled_from([0, 1, 127, 128, 254, 255]))
    cut = bytes(hurt)[: data.draw(st.integers(0, len(hurt)))]
    found = facts(cut, data.draw(st.integers(1, 500)))
    assert found.duration_ms is None or 0 < found.duration_ms <= 7 * 24 * 3600 * 1000


@pytest.mark.parametrize("start", [b"", b"#!AMR\n", samples.opus(1000), samples.mp4(1000)[:60]])
def test_memory_does_not_grow_with_the_file(start: bytes) -> None:
    block = bytes(range(256)) * 256

    def long() -> Iterator[bytes]:
        yield start
        for _ in range(64):
            yield block

    tracemalloc.start()
    facts_of(long())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20


@pytest.mark.parametrize("start", [b"#!AMR\n", b"RIFF\x10\x00\x00\x00WAVE", samples.mp4(1)[:20]])
def test_a_file_of_endless_tiny_parts_does_not_keep_the_worker(start: bytes) -> None:
    tiny = {b"#": b"\x7c", b"R": b"abcd\x00\x00\x00\x00", b"\x00": b"\x00\x00\x00\x08free"}[
        start[:1]
    ]
    block = tiny * (65_536 // len(tiny))
    before = time.process_time()
    found = facts_of(itertools.chain([start], itertools.repeat(block, 1_600)))
    assert found.duration_ms is None
    assert time.process_time() - before < 20
