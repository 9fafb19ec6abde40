"""Small pictures: drawn anew, bounded in size, and never at the expense of the worker."""

from __future__ import annotations

import io
import os
import signal
import struct
import zlib

import pytest
from PIL import Image

from records.attachments.drawing import Draughtsman
from records.attachments.thumbnails import SIDE, NoPicture, draw
from tests.attachments import samples


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("size", [(1200, 300), (300, 1200), (20, 10), (1, 1)])
def test_picture_is_a_jpeg_within_its_bounds(form: str, size: tuple[int, int]) -> None:
    picture = draw(samples.image(form, size))
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.format == "JPEG"
        assert image.size == (picture.width, picture.height)
    assert max(picture.width, picture.height) <= SIDE
    assert picture.data.startswith(b"\xff\xd8\xff")


def test_nothing_of_the_file_but_its_pixels_comes_along() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    original = samples.image("JPEG", exif=exif, comment=b"SECRET WORDS", icc_profile=b"SECRET" * 40)
    assert original.count(b"SECRET") > 3
    picture = draw(original + b"<script>SECRET</script>")
    assert b"SECRET" not in picture.data
    assert b"Exif" not in picture.data


def test_a_turned_photo_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = draw(samples.image("JPEG", (400, 200), exif=exif))
    assert picture.height > picture.width


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says to be huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        check = zlib.crc32(name + body)
        return struct.pack(">L", len(body)) + name + body + struct.pack(">L", check)

    head = struct.pack(">LLBBBBB", width, height, 8, 6, 0, 0, 0)
    body = zlib.compress(bytes(1 << 20))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (5_000, 5_000)])
def test_an_image_of_too_many_pixels_is_not_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(NoPicture, match="too large"):
        draw(bomb(*size))


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8\xff", samples.OF_EACH_TYPE["image/svg+xml"], samples.image()[:900]]
)
def test_what_cannot_be_decoded_gives_words(data: bytes) -> None:
    with pytest.raises(NoPicture):
        draw(data)


def test_formats_that_nobody_asked_for_are_not_decoded() -> None:
    with pytest.raises(NoPicture):
        draw(samples.image("TIFF"))


def test_the_drawing_process_goes_on_after_a_crash_and_has_nothing_of_the_portal() -> None:
    with Draughtsman() as draughtsman:
        first = draughtsman.draw(samples.image())
        assert draughtsman._process is not None
        number = draughtsman._process.pid
        with open(f"/proc/{number}/environ", "rb") as file:
            assert b"SECRET_KEY" not in file.read()
        os.kill(number, signal.SIGKILL)
        with pytest.raises(NoPicture, match="limits"):
            draughtsman.draw(samples.image())
        assert draughtsman.draw(samples.image()) == first
        with pytest.raises(NoPicture, match="too large"):
            draughtsman.draw(bomb(60_000, 60_000))


def test_a_drawing_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with Draughtsman() as draughtsman:
        draughtsman.draw(samples.image())
        assert draughtsman._process is not None
        assert draughtsman._link is not None
        os.kill(draughtsman._process.pid, signal.SIGSTOP)
        draughtsman._link.settimeout(0.3)
        with pytest.raises(NoPicture, match="limits"):
            draughtsman.draw(samples.image())
        assert draughtsman._process is None
