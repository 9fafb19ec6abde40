"""Names of files inside an archive: data to be kept byte for byte, never a path on our disk.

A name that two systems could read as two different places is refused (OWASP ASVS 5.0, 5.3.2 and
1.5.3).
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Mapping

from records.formats.errors import reject

UNICODE_PATH = 0x7075  # APPNOTE 4.6.9: the same name once more, in UTF-8
LONGEST = 1024
DEEPEST = 32
_DRIVE = re.compile(r"[A-Za-z]:")


def decode(raw: bytes, flagged_utf8: bool, extra: Mapping[int, bytes]) -> str:
    """The name as text: UTF-8 where declared or proved by the bytes, else code page 437."""
    if b"\0" in raw:
        raise reject("Z-NAME", shown(raw), what="holds a NUL character")
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        if flagged_utf8:
            raise reject("Z-NAME", shown(raw), what="is not in the encoding it declares") from None
        name = raw.decode("cp437")
        flagged_utf8 = False
    else:
        # Phones write UTF-8 with and without the flag; text that is valid UTF-8 by accident is next
        # to impossible.
        flagged_utf8 = True
    again = _unicode_path(raw, extra.get(UNICODE_PATH))
    if again is None or again == name:
        return name
    if flagged_utf8:
        raise reject("Z-DIFFERS", shown(raw), what="its name")
    return again


def _unicode_path(raw: bytes, field: bytes | None) -> str | None:
    if field is None or len(field) < 5 or field[0] != 1:
        return None
    if int.from_bytes(field[1:5], "little") != zlib.crc32(raw):
        return None
    try:
        name = field[5:].decode("utf-8")
    except UnicodeDecodeError:
        raise reject("Z-NAME", shown(raw), what="is not in the encoding it declares") from None
    if "\0" in name:
        raise reject("Z-NAME", shown(raw), what="holds a NUL character")
    return name


def shown(raw: bytes) -> str:
    """A name for the place of an answer: readable, and harmless in a log or a terminal."""
    return raw[:200].decode("utf-8", "replace").encode("unicode_escape").decode("ascii")


def check(name: str) -> None:
    """Refuse a name that could lead outside a folder on any system."""
    what = _fault(name)
    if what:
        raise reject("Z-NAME", shown(name.encode("utf-8", "replace")), what=what)


def _fault(name: str) -> str:
    if not name:
        return "is empty"
    if len(name) > LONGEST or name.count("/") > DEEPEST:
        return "is longer or deeper than any phone writes"
    if "\\" in name:
        return "holds a backslash, which some systems read as a folder"
    if name.startswith("/"):
        return "starts at the root of a disk"
    if _DRIVE.match(name):
        return "starts with a drive letter"
    parts = name.removesuffix("/").split("/")
    if ".." in parts:
        return "climbs out of the archive (..)"
    if "." in parts or "" in parts:
        return "holds an empty or a dot folder"
    return ""


def same_key(name: str) -> str:
    """Equal for names that a phone, Windows or macOS would take for the same file."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return "/".join(part.rstrip(" .") or part for part in folded.split("/"))


def check_collisions(names: Iterable[str]) -> None:
    """Refuse two entries of one name, and a name that is both a file and a folder."""
    files: set[str] = set()
    folders: set[str] = set()
    for name in names:
        key = same_key(name.removesuffix("/"))
        kept = folders if name.endswith("/") else files
        if key in kept:
            raise reject("Z-NAME-TWICE", shown(name.encode("utf-8", "replace")))
        kept.add(key)
    parents: set[str] = set()
    for key in files | folders:
        head, slash, _ = key.rpartition("/")
        while slash and head not in parents:
            parents.add(head)
            head, slash, _ = head.rpartition("/")
    both = files & (folders | parents)
    if both:
        raise reject("Z-NAME-TWICE", shown(min(both).encode("utf-8", "replace")))
