"""What kind of file this is: the sample that formats score, and the most helpful refusal.

A file's name proves nothing; its bytes decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

from records.formats.base import Choice, Format, Question, Rejected, Sample, Source
from records.formats.errors import reject

HEAD = 1 << 16
LEAST_SCORE = 30

# Written by computers that pack or show folders, never by a phone.
_CLUTTER = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
_MARKS = "\u200e\u200f\ufeff\u202a-\u202e"
_HEADER_LINE = re.compile(
    rf"^[{_MARKS}]*\[?[{_MARKS}]*"
    rf"(?=[^\n]{{0,50}}?\d{{1,4}}[{_MARKS}]*[./-] ?[{_MARKS}]*[A-Z]?\d{{1,4}}[{_MARKS}]*[./-])"
    r"(?=[^\n]{0,50}?\d{1,2}[:.]\d{2})"
    r"\d[^\n]{8,60}?(?:\] |: | - )",
    re.MULTILINE,
)


def header_lines(head: bytes) -> int:
    """How many lines start with a date and a time as chat exports write them."""
    return len(_HEADER_LINE.findall(head.decode("utf-8", "replace")))


def is_clutter(name: str) -> bool:
    """Whether a member is what a computer adds by itself to a folder or an archive."""
    lower = name.casefold()
    return lower.startswith(_CLUTTER[0]) or lower.rpartition("/")[2] in _CLUTTER[1:]


def sample_of(source: Source) -> Sample:
    """What formats may score: the head of a plain file, or the members of an archive and their heads."""
    names = tuple(member.name for member in source.members)
    head = b"" if names else head_of(source, None)
    return Sample(source.name, head, names, partial(head_of, source))


def pick(
    formats: Sequence[Format], source: Source, answers: Mapping[str, str]
) -> Format | Question:
    """The format that knows the file best; a question when two know it equally well."""
    if source.size == 0:
        raise reject("F-EMPTY")
    sample = sample_of(source)
    scored = [(item.score(sample), item) for item in formats]
    best = max(score for score, _ in scored)
    if best < LEAST_SCORE:
        raise refusal(source, sample)
    tied = [item for score, item in scored if score == best]
    if len(tied) == 1:
        return tied[0]
    for item in tied:
        if answers.get("format") == item.name:
            return item
    first_line = sample.head[:200].decode("utf-8", "replace").partition("\n")[0]
    return Question(
        "format",
        "The file could come from more than one app. Say which app made it.",
        tuple(Choice(item.name, item.title, first_line) for item in tied),
    )


def refusal(source: Source, sample: Sample) -> Rejected:
    """Why no format takes the file, as precisely as its bytes allow."""
    if sample.members:
        return _no_chat(sample.members)
    head = sample.head
    for code, what, magic in _MAGIC:
        if magic.match(head):
            return reject(code, what=what)
    for what, pattern in _BLANK:
        if pattern.fullmatch(head):
            return reject("F-BLANK", what=what)
    lower = source.name.casefold()
    if re.search(r"\.(crypt\d*|db|sqlite|enc)$", lower):
        return reject("F-DATABASE", what="a backup or database of a phone")
    encoding = _other_encoding(head)
    if encoding:
        return reject("F-ENCODING", what=encoding)
    return reject("F-UNKNOWN")


_MAGIC = tuple(
    (code, what, re.compile(magic, re.DOTALL))
    for code, what, magic in (
        ("F-PHOTO", "a JPEG photo", rb"\xff\xd8\xff"),
        ("F-PHOTO", "a PNG picture", rb"\x89PNG\r\n\x1a\n"),
        ("F-PHOTO", "a GIF picture", rb"GIF8[79]a"),
        ("F-PHOTO", "a WebP picture", rb"RIFF....WEBP"),
        ("F-PHOTO", "a TIFF picture", rb"II\*\0|MM\0\*"),
        ("F-PHOTO", "a bitmap picture", rb"BM....\0\0\0\0"),
        ("F-PHOTO", "an HEIC photo", rb"....ftyp(?:hei|hev|mif|avif)"),
        ("F-PHOTO", "a video or sound file", rb"....ftyp|\x1aE\xdf\xa3|RIFF....(?:AVI |WAVE)"),
        ("F-PHOTO", "a sound file", rb"OggS|ID3|fLaC|#!AMR|\xff[\xfb\xf3\xf2\xf1\xf9]"),
        ("F-PDF", "a PDF document", rb"[\s\0\xef\xbb\xbf]{0,1024}%PDF-"),
        ("F-DATABASE", "a phone's database", rb"SQLite format 3\0"),
        ("F-DATABASE", "a property list or backup of a phone", rb"bplist00|ANDROID BACKUP\n"),
        ("F-DOCUMENT", "an office document", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\{\\rtf"),
        ("F-DOCUMENT", "a web page", rb"(?i)[\s\xef\xbb\xbf]*<(?:!doctype html|html)"),
        ("F-DOCUMENT", "an XML document", rb"[\s\xef\xbb\xbf]*<\?xml"),
        ("F-DOCUMENT", "a program", rb"MZ.{58}|\x7fELF|\xfe\xed\xfa|\xcf\xfa\xed\xfe"),
        ("F-ARCHIVE", "a gzip file", rb"\x1f\x8b\x08"),
        ("F-ARCHIVE", "a 7-Zip archive", rb"7z\xbc\xaf\x27\x1c"),
        ("F-ARCHIVE", "a RAR archive", rb"Rar!\x1a\x07"),
        ("F-ARCHIVE", "a bzip2 or xz file", rb"BZh[1-9]|\xfd7zXZ\0"),
        ("F-ARCHIVE", "a tar archive", rb".{257}ustar"),
    )
)
_BLANK = (
    ("zero bytes", re.compile(rb"\0+")),
    ("blanks and line ends", re.compile(rb"[\s\xef\xbb\xbf]+")),
)


def _other_encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "UTF-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    even, odd = head[0::2], head[1::2]
    for zeros, letters, name in (
        (odd, even, "UTF-16 without its mark"),
        (even, odd, "UTF-16 (big end first) without its mark"),
    ):
        if (
            len(zeros) > 8
            and zeros.count(0) > 0.7 * len(zeros)
            and letters.count(0) < len(letters) / 5
        ):
            return name
    try:
        head[:-4].decode("utf-8")
    except UnicodeDecodeError as error:
        printable = sum(byte >= 32 or byte in (9, 10, 13) for byte in head[:4096])
        if error.start < len(head) - 8 and printable > 0.98 * len(head[:4096]) and _western(head):
            return "a single-byte code page"
    return ""


def _western(head: bytes) -> bool:
    """Mostly plain letters with a few bytes above them: text of an old code page."""
    return sum(byte < 128 for byte in head[:4096]) > 0.6 * len(head[:4096])


def _no_chat(members: Sequence[str]) -> Rejected:
    names = [name for name in members if not is_clutter(name)]
    if names and all(name.casefold().endswith((".zip", ".7z", ".rar")) for name in names):
        return reject("Z-NESTED", ", ".join(names[:5]))
    slices = [name for name in names if name.casefold().endswith(".rsmf")]
    if slices:
        more = f" and {len(slices) - 3:,} more" if len(slices) > 3 else ""
        return reject("R-SLICES", what=f"{', '.join(slices[:3])}{more}")
    if "[Content_Types].xml" in names:
        return reject("F-DOCUMENT", what="an office document")
    return reject("Z-NO-CHAT")


def head_of(source: Source, member: str | None) -> bytes:
    """The first 64 KiB of the file or of a member."""
    with source.open(member) as stream:
        return stream.read(HEAD)
