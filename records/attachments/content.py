"""What a file is, from its bytes alone: SHA-256, size, type and length, in one pass and constant memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from records.attachments.lengths import Measure, measure_of
from records.attachments.media_types import HEAD, MediaType, recognise


class Facts(NamedTuple):
    """What is known of a file when its last byte has been seen."""

    sha256: str
    size: int  # bytes
    media_type: MediaType
    duration_ms: int | None  # None: the file has no length, or does not tell it


def facts_of(pieces: Iterable[bytes]) -> Facts:
    """Reads a file to its end. Raises only what reading the pieces raises."""
    digest, size, head = hashlib.sha256(), 0, b""
    found: MediaType | None = None
    measure: Measure | None = None
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        if found is None:
            head += piece
            if len(head) < HEAD:
                continue
            found = recognise(head[:HEAD])
            measure, piece, head = measure_of(found.name), head, b""
        if measure is not None:
            measure.feed(piece)
    if found is None:
        found = recognise(head, whole=True)
        measure = measure_of(found.name)
        if measure is not None:
            measure.feed(head)
    return Facts(digest.hexdigest(), size, found, measure.answer() if measure else None)
