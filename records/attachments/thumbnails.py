"""Small pictures of images, drawn anew from their pixels: nothing of the original file's bytes is passed on.

Run as a program (`python -m records.attachments.thumbnails`) it draws in a process of its own with a limit on memory,
without the portal's environment, so that an image made to crash or fill a decoder ends that process and nothing else.
"""

from __future__ import annotations

import io
import resource
import struct
import sys
import warnings
from typing import BinaryIO, NamedTuple

from PIL import Image, ImageOps

MOST_BYTES = 32 << 20  # of an image file
MOST_PIXELS = 24_000_000  # decoded at once: 96 MB
MOST_PIXELS_SCALED = 200_000_000  # of a JPEG that is decoded at an eighth of its size
SIDE = 240  # pixels, of the longer side
MEMORY = 1 << 30  # bytes of address space
FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
}
REQUEST, ANSWER = struct.Struct(">L"), struct.Struct(">?HHL")


class Picture(NamedTuple):
    """A small JPEG image."""

    data: bytes
    width: int  # pixels
    height: int


class NoPicture(Exception):
    """Why there is none, in words."""


def draw(data: bytes) -> Picture:
    """A picture of an image at most `SIDE` pixels wide and high, on white. Raises NoPicture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _draw(data)
    except NoPicture:
        raise
    except Image.DecompressionBombError:
        raise NoPicture("The image is too large for a preview.") from None
    except Exception:  # a decoder may raise anything at bytes that were made to break it
        raise NoPicture("The image could not be decoded.") from None


def _draw(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=tuple(FORMATS.values())) as image:
        width, height = image.size
        scaled = image.format == "JPEG" and not image.info.get("progressive")
        if width * height > (MOST_PIXELS_SCALED if scaled else MOST_PIXELS):
            raise NoPicture(
                f"The image is too large for a preview: {width:,} by {height:,} pixels."
            )
        if scaled:
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            if image.width * image.height > MOST_PIXELS:
                raise NoPicture("The image is too large for a preview.")
        image.thumbnail((SIDE, SIDE))
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("RGBA", "LA", "PA", "P"):
            layer = upright.convert("RGBA")
            plain = Image.new("RGB", layer.size, "white")
            plain.paste(layer, mask=layer.getchannel("A"))
        else:
            plain = upright.convert("RGB")
        fresh = Image.new("RGB", plain.size)
        fresh.paste(plain)  # pixels only: no comment, profile or position comes along
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=75)
    return Picture(out.getvalue(), *fresh.size)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Draw one image after the other until there are no more: length and bytes in, picture or words out."""
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        try:
            picture = draw(requests.read(REQUEST.unpack(head)[0]))
            answers.write(ANSWER.pack(True, picture.width, picture.height, len(picture.data)))
            answers.write(picture.data)
        except NoPicture as none:
            words = str(none).encode()
            answers.write(ANSWER.pack(False, 0, 0, len(words)) + words)
        answers.flush()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":  # elsewhere the kernel does not keep to it, or counts otherwise
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    Image.preinit()
    _limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)
