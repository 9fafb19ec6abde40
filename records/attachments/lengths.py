"""How long a voice note or video plays, from its own headers, read once from front to end in constant memory.

Each measure is a generator that is sent bytes: it yields how many it wants (`Take`) or how many to pass over (`Pass`),
and returns milliseconds, or None when the file does not tell. Sources: RFC 3533 and RFC 7845 (Ogg, Opus), RFC 4867
(AMR), ISO/IEC 14496-12 (MP4), ISO/IEC 14496-3 (ADTS), Apple's Core Audio Format specification, RIFF/WAVE.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator
from typing import NamedTuple, Protocol

LONGEST = 7 * 24 * 3600 * 1000  # milliseconds: what says to be longer is damaged or made up
MOST_STEPS = (
    2_000_000  # of one walk: more than five hours of AMR, and no file keeps the worker for minutes
)
TAIL = 1 << 17  # an Ogg page is at most 65,307 bytes, so the last one begins in here
_AMR_BYTES = (12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0)
_AMR_WB_BYTES = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0)
_ADTS_RATES = (
    96000,
    88200,
    64000,
    48000,
    44100,
    32000,
    24000,
    22050,
    16000,
    12000,
    11025,
    8000,
    7350,
)


class Take(NamedTuple):
    """The next bytes, exactly so many."""

    size: int


class Pass(NamedTuple):
    """So many bytes are of no interest."""

    size: int


Walk = Generator[Take | Pass, bytes, int | None]


class Measure(Protocol):
    """Finds the length of a file whose bytes come in pieces. Never raises, whatever the bytes are."""

    def feed(self, piece: bytes) -> None:
        """The next piece of the file."""

    def answer(self) -> int | None:
        """Milliseconds, when the file has ended; None when it does not tell."""


class Walked:
    """The length as one walk over the headers finds it."""

    def __init__(self, walk: Callable[[], Walk]) -> None:
        self._walk = walk()
        self._held = b""
        self._ended, self._steps = False, 0
        self._answer: int | None = None
        self._want: Take | Pass = Pass(0)
        self._step(None)

    def feed(self, piece: bytes) -> None:
        at = 0
        while not self._ended:
            if isinstance(self._want, Pass):
                passed = min(self._want.size, len(piece) - at)
                at += passed
                if passed < self._want.size:
                    self._want = Pass(self._want.size - passed)
                    return
                self._step(b"")
                continue
            need = self._want.size - len(self._held)
            self._held += piece[at : at + need]
            at += need
            if len(self._held) < self._want.size:
                return
            held, self._held = self._held, b""
            self._step(held)

    def _step(self, sent: bytes | None) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            self._ended = True
            return
        try:
            self._want = next(self._walk) if sent is None else self._walk.send(sent)
        except StopIteration as end:
            self._ended, self._answer = True, end.value
        except (ArithmeticError, ValueError, LookupError, struct.error):
            self._ended = True

    def answer(self) -> int | None:
        if not self._ended:
            try:
                # A walk that counts frames takes the end of the file for its answer.
                self._walk.throw(EOFError())
            except StopIteration as end:
                self._answer = end.value
            except (EOFError, ArithmeticError, ValueError, LookupError, struct.error):
                self._answer = None
        return self._answer if self._answer and 0 < self._answer <= LONGEST else None


class LastPage:
    """The length of an Ogg file: the position that its last page carries, so the end of the file is kept."""

    def __init__(self) -> None:
        self._head, self._tail = b"", bytearray()

    def feed(self, piece: bytes) -> None:
        if len(self._head) < 512:
            self._head += piece[:512]
        self._tail += piece[-TAIL:]
        if len(self._tail) > 2 * TAIL:
            del self._tail[:-TAIL]

    def answer(self) -> int | None:
        serial, body = self._head[14:18], self._head[28 : 28 + 64]
        if body.startswith(b"OpusHead") and len(body) >= 12:
            skip, rate = int.from_bytes(body[10:12], "little"), 48_000
        elif body.startswith(b"\x01vorbis") and len(body) >= 16:
            skip, rate = 0, int.from_bytes(body[12:16], "little")
        elif body.startswith(b"Speex   ") and len(body) >= 40:
            skip, rate = 0, int.from_bytes(body[36:40], "little")
        else:
            return None
        position = self._last_position(serial)
        if position is None or not rate:
            return None
        length = (position - skip) * 1000 // rate
        return length if 0 < length <= LONGEST else None

    def _last_position(self, serial: bytes) -> int | None:
        """The granule position of the last whole page of a stream."""
        tail, at = self._tail, len(self._tail)
        for _ in range(1_000):  # "OggS" may stand in sound by chance, but not often
            at = tail.rfind(b"OggS\x00", 0, at)
            if at < 0:
                return None
            if len(tail) < at + 27:
                continue
            table = tail[at + 27 : at + 27 + tail[at + 26]]
            end = at + 27 + len(table) + sum(table)
            if tail[at + 14 : at + 18] == serial and (
                end == len(tail) or tail[end : end + 4] == b"OggS"
            ):
                position = int.from_bytes(tail[at + 6 : at + 14], "little", signed=True)
                if position >= 0:
                    return position
        return None


def _amr(mark: int, sizes: tuple[int, ...]) -> Walk:
    """Frames of 20 ms, each with its type in its first byte."""
    yield Pass(mark)
    frames = 0
    try:
        while True:
            yield Pass(sizes[(yield Take(1))[0] >> 3 & 15])
            frames += 1
    except EOFError:
        return frames * 20


def _adts() -> Walk:
    """Frames of 1,024 samples, each with its length in its header."""
    samples = rate = 0
    try:
        while True:
            head = yield Take(7)
            length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
            if head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or length < 7:
                return None
            rate = _ADTS_RATES[head[2] >> 2 & 15]
            samples += 1024 * ((head[6] & 3) + 1)
            yield Pass(length - 7)
    except EOFError:
        return samples * 1000 // rate if rate else None


def _wave() -> Walk:
    """RIFF chunks: the format says bytes a second, the data chunk how many bytes."""
    yield Pass(12)
    rate = 0
    while True:
        name, size = struct.unpack("<4sI", (yield Take(8)))
        if name == b"fmt " and size >= 12:
            rate = int.from_bytes((yield Take(12))[8:12], "little")
            yield Pass(size - 12 + size % 2)
        elif name == b"data":
            # A recorder that was cut off leaves no size here: then nobody can tell without counting.
            return size * 1000 // rate if rate and size not in (0, 0xFFFFFFFF) else None
        else:
            yield Pass(size + size % 2)


def _boxes() -> Walk:
    """MP4 and its kin: the movie header (`mvhd`) inside `moov` carries time scale and duration."""
    while True:
        size, name = struct.unpack(">I4s", (yield Take(8)))
        head = 8
        if size == 1:
            size, head = int.from_bytes((yield Take(8)), "big"), 16
        if name == b"moov":
            continue  # its children follow
        if name == b"mvhd":
            version = (yield Take(4))[0]
            yield Pass(16 if version == 1 else 8)
            form = ">IQ" if version == 1 else ">II"
            scale, length = struct.unpack(form, (yield Take(struct.calcsize(form))))
            return int(length * 1000 // scale) if scale else None
        if size < head:  # to the end of the file, or damaged
            return None
        yield Pass(size - head)


def _caf() -> Walk:
    """Core Audio: the description carries the sample rate, the packet table the number of frames."""
    yield Pass(8)
    rate = 0.0
    while True:
        name, size = struct.unpack(">4sq", (yield Take(12)))
        if size < 0:
            return None
        if name == b"desc" and size >= 8:
            rate = struct.unpack(">d", (yield Take(8)))[0]
            yield Pass(size - 8)
        elif name == b"pakt" and size >= 16:
            frames = struct.unpack(">qq", (yield Take(16)))[1]
            return int(frames * 1000 / rate) if rate > 0 else None
        else:
            yield Pass(size)


_MEASURES: dict[str, Callable[[], Measure]] = {
    "audio/ogg": LastPage,
    "audio/amr": lambda: Walked(lambda: _amr(6, _AMR_BYTES)),
    "audio/amr-wb": lambda: Walked(lambda: _amr(9, _AMR_WB_BYTES)),
    "audio/aac": lambda: Walked(_adts),
    "audio/wav": lambda: Walked(_wave),
    "audio/x-caf": lambda: Walked(_caf),
    **dict.fromkeys(
        ("audio/mp4", "video/mp4", "video/3gpp", "video/quicktime"), lambda: Walked(_boxes)
    ),
}


def measure_of(media_type: str) -> Measure | None:
    """What measures files of a type; None for types that have no length, or do not tell it."""
    make = _MEASURES.get(media_type)
    return make() if make else None
