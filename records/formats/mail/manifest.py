"""The list of files that an archive of text messages delivers with its mails (TeleMessage, Smarsh)."""

from __future__ import annotations

import re
from typing import NamedTuple

LARGEST = 1 << 24
_COUNT = re.compile(r"^\s*count\s*[:=]\s*(\d{1,9})\s*$", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(r"[^\s,;\"'|]+\.eml\b", re.IGNORECASE)


class Manifest(NamedTuple):
    """What a manifest says was delivered."""

    declared: int | None  # how many files
    names: frozenset[str]  # without folders


def manifest_of(data: bytes) -> Manifest:
    """The count and the names of mails in it."""
    text = data.decode("utf-8", "replace")
    count = _COUNT.search(text)
    names = (name.replace("\\", "/").rpartition("/")[2] for name in _NAME.findall(text))
    return Manifest(int(count.group(1)) if count else None, frozenset(names))


def is_manifest(name: str) -> bool:
    """Whether a member of an archive is such a list."""
    return name.casefold().endswith(".mf")
