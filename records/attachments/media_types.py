"""Types of files by their first bytes, never by their names; and whether a name says something else.

Signatures follow the WHATWG MIME Sniffing Standard where it has them, else the formats' own specifications. The table
is short on purpose: what phones send, and what can do harm.
"""

from __future__ import annotations

import re
from typing import NamedTuple

HEAD = 65_536  # bytes that `recognise` looks at
ANY = "application/octet-stream"


class MediaType(NamedTuple):
    name: str  # as in Content-Type
    title: str  # as people call it
    group: str  # image, audio, video, document, text, archive, program, page, unknown
    extensions: tuple[str, ...] = ()  # endings of names that go with it


GROUPS = {
    "image": "Images",
    "audio": "Sound and voice notes",
    "video": "Video",
    "document": "Documents",
    "text": "Text, contacts, calendar",
    "archive": "Archives",
    "page": "Web pages and SVG",
    "program": "Programs and scripts",
    "unknown": "Not recognized",
}
HARMFUL = frozenset({"program", "page"})  # what can do something when it is opened
UNKNOWN = MediaType(ANY, "Not recognized", "unknown")
_ISO_VIDEO = ("mp4", "m4v", "mov", "qt", "3gp", "3g2", "3gpp")
_ISO_AUDIO = ("m4a", "m4b", "m4r", "mp4", "3gp", "3gpp", "aac", "caf")
_OLD_OFFICE = ("doc", "xls", "ppt", "msg", "msi", "pub", "dot", "xlt", "pps", "vsd", "mpp")
_PROGRAM = ("exe", "dll", "scr", "sys", "com", "ocx", "cpl", "efi")
_SCRIPT = ("sh", "py", "pl", "rb", "bash", "command")
_PLAIN = ("txt", "text", "csv", "log", "md", "json", "xml", "srt", "eml", "js", "py", "ini", "tsv")

TYPES: dict[str, MediaType] = {
    each.name: each
    for each in (
        MediaType("image/jpeg", "JPEG image", "image", ("jpg", "jpeg", "jpe")),
        MediaType("image/png", "PNG image", "image", ("png",)),
        MediaType("image/gif", "GIF image", "image", ("gif",)),
        MediaType("image/webp", "WebP image", "image", ("webp",)),
        MediaType("image/heic", "HEIC image", "image", ("heic", "heif", "hif")),
        MediaType("image/avif", "AVIF image", "image", ("avif",)),
        MediaType("image/bmp", "Bitmap image", "image", ("bmp", "dib")),
        MediaType("image/tiff", "TIFF image", "image", ("tif", "tiff", "dng")),
        MediaType("image/svg+xml", "SVG drawing (can hold scripts)", "page", ("svg",)),
        MediaType("video/mp4", "MP4 video", "video", _ISO_VIDEO),
        MediaType("video/3gpp", "3GP video", "video", _ISO_VIDEO),
        MediaType("video/quicktime", "QuickTime video", "video", _ISO_VIDEO),
        MediaType("video/webm", "WebM or Matroska video", "video", ("webm", "mkv", "mka", "weba")),
        MediaType("video/x-msvideo", "AVI video", "video", ("avi",)),
        MediaType("audio/mpeg", "MP3 sound", "audio", ("mp3", "mpga")),
        MediaType("audio/mp4", "M4A sound", "audio", _ISO_AUDIO),
        MediaType("audio/aac", "AAC sound", "audio", ("aac", "m4a", "adts")),
        MediaType("audio/ogg", "Ogg sound (Opus, Vorbis)", "audio", ("ogg", "opus", "oga", "spx")),
        MediaType("audio/amr", "AMR voice note", "audio", ("amr", "3gp", "3ga")),
        MediaType("audio/amr-wb", "AMR wideband voice note", "audio", ("amr", "awb", "3gp", "3ga")),
        MediaType("audio/wav", "WAV sound", "audio", ("wav", "wave")),
        MediaType("audio/x-caf", "Core Audio sound", "audio", ("caf",)),
        MediaType("audio/flac", "FLAC sound", "audio", ("flac",)),
        MediaType("application/pdf", "PDF document", "document", ("pdf", "ai")),
        MediaType("application/rtf", "RTF document", "document", ("rtf", "doc")),
        MediaType(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "Word document",
            "document",
            ("docx", "docm", "dotx", "doc"),
        ),
        MediaType(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "Excel workbook",
            "document",
            ("xlsx", "xlsm", "xltx", "xls"),
        ),
        MediaType(
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "PowerPoint presentation",
            "document",
            ("pptx", "pptm", "ppsx", "ppt"),
        ),
        MediaType(
            "application/vnd.oasis.opendocument",
            "OpenDocument file",
            "document",
            ("odt", "ods", "odp", "odg"),
        ),
        MediaType("application/epub+zip", "EPUB book", "document", ("epub",)),
        MediaType(
            "application/x-ole-storage",
            "Older Office document, mail or installer",
            "document",
            _OLD_OFFICE,
        ),
        MediaType(
            "application/zip",
            "ZIP archive",
            "archive",
            ("zip", "pages", "numbers", "key", "kmz", "pkpass", "was"),
        ),
        MediaType("application/gzip", "gzip archive", "archive", ("gz", "tgz", "tgs")),
        MediaType("application/x-7z-compressed", "7-Zip archive", "archive", ("7z",)),
        MediaType("application/vnd.rar", "RAR archive", "archive", ("rar",)),
        MediaType("application/x-bzip2", "bzip2 archive", "archive", ("bz2",)),
        MediaType("application/x-xz", "xz archive", "archive", ("xz",)),
        MediaType("application/x-tar", "tar archive", "archive", ("tar",)),
        MediaType("application/vnd.sqlite3", "SQLite database", "archive", ("sqlite", "db", "db3")),
        MediaType("text/vcard", "Contact card", "text", ("vcf", "vcard")),
        MediaType("text/calendar", "Calendar entry", "text", ("ics", "ical", "ifb")),
        MediaType("text/plain", "Plain text", "text", _PLAIN),
        MediaType("application/xml", "XML document", "text", ("xml", "plist", "kml", "gpx")),
        MediaType("text/html", "Web page (can hold scripts)", "page", ("html", "htm", "xhtml")),
        MediaType(
            "application/vnd.microsoft.portable-executable", "Windows program", "program", _PROGRAM
        ),
        MediaType("application/x-elf", "Linux program", "program", ("elf", "so", "bin", "o")),
        MediaType("application/x-mach-binary", "Mac program", "program", ("dylib", "bin", "o")),
        MediaType("application/vnd.android.package-archive", "Android app", "program", ("apk",)),
        MediaType("application/java-archive", "Java program", "program", ("jar", "war", "class")),
        MediaType("application/x-ms-shortcut", "Windows shortcut", "program", ("lnk",)),
        MediaType("text/x-shellscript", "Script", "program", _SCRIPT),
    )
}
# Sent with their own type; everything else leaves the portal as bytes without a type.
KNOWN_AS_SAFE = frozenset(
    name
    for name, each in TYPES.items()
    if each.group in ("image", "audio", "video") or name == "text/plain"
)
_BY_EXTENSION: dict[str, list[MediaType]] = {}
for _each in TYPES.values():
    for _ending in _each.extensions:
        _BY_EXTENSION.setdefault(_ending, []).append(_each)

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"OggS\x00", "audio/ogg"),
    (b"#!AMR-WB\n", "audio/amr-wb"),
    (b"#!AMR\n", "audio/amr"),
    (b"caff\x00\x01", "audio/x-caf"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-elf"),
    (b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"),
    (b"dex\n", "application/vnd.android.package-archive"),
    (b"#!", "text/x-shellscript"),
)
_BRANDS = {
    b"3gp": "video/3gpp",
    b"3g2": "video/3gpp",
    b"qt ": "video/quicktime",
    b"M4A": "audio/mp4",
    b"M4B": "audio/mp4",
    b"avi": "image/avif",
    **dict.fromkeys((b"hei", b"hev", b"mif", b"msf"), "image/heic"),
}
_HTML = re.compile(
    rb"<(!doctype\s+html|html|head|body|script|iframe|title|style|h1|div|table|meta|br|p|a)[\s>]",
    re.IGNORECASE,
)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def recognise(head: bytes, *, whole: bool = False) -> MediaType:
    """The type of a file from its first bytes (`HEAD` of them; `whole`: there are no more). Never raises."""
    name = _by_start(head) or _by_box(head) or _by_text(head, whole)
    return TYPES.get(name, UNKNOWN)


def _by_start(head: bytes) -> str:
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if head.startswith(b"RIFF"):
        kinds = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
        return kinds.get(head[8:12], "")
    if head.startswith(b"BM") and len(head) >= 26 and head[6:10] == bytes(4):
        return "image/bmp"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(head)
    if head.startswith(b"\xca\xfe\xba\xbe") and len(head) >= 8:
        # The same mark: a Mac program names few architectures here, a Java class its version (45 and more).
        mac = int.from_bytes(head[4:8], "big") < 40
        return "application/x-mach-binary" if mac else "application/java-archive"
    if head[257:262] == b"ustar":
        return "application/x-tar"
    if len(head) >= 4 and head[0] == 0xFF:
        return _by_frame(head)
    return ""


def _by_frame(head: bytes) -> str:
    """MPEG sound without any header of its own: the first frame's (ISO/IEC 11172-3, 13818-7)."""
    if head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    rate, sampling = head[2] >> 4, head[2] >> 2 & 3
    third_layer = head[1] & 0xE6 == 0xE2 and head[1] >> 3 & 3 != 1
    return "audio/mpeg" if third_layer and rate not in (0, 15) and sampling != 3 else ""


def _zip(head: bytes) -> str:
    """What kind of file in the form of a ZIP archive, by the names of its first members."""
    mark = head[30:150]
    if mark.startswith(b"mimetypeapplication/vnd.oasis.opendocument"):
        return "application/vnd.oasis.opendocument"
    if mark.startswith(b"mimetypeapplication/epub+zip"):
        return "application/epub+zip"
    if b"AndroidManifest.xml" in head or b"classes.dex" in head:
        return "application/vnd.android.package-archive"
    if b"[Content_Types].xml" in head:
        office = "application/vnd.openxmlformats-officedocument"
        for folder, kind in (
            (b"word/", "wordprocessingml.document"),
            (b"xl/", "spreadsheetml.sheet"),
            (b"ppt/", "presentationml.presentation"),
        ):
            if folder in head:
                return f"{office}.{kind}"
    if mark.startswith((b"META-INF/", b"META-INF\\")):
        return "application/java-archive"
    return "application/zip"


def _by_box(head: bytes) -> str:
    """Files of ISO/IEC 14496-12 (MP4, MOV, 3GP, M4A, HEIC): the brand in their first box says which."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:11], "video/mp4")
    old = head[4:8] in (b"moov", b"mdat", b"wide") and head[:2] == b"\x00\x00"
    return "video/quicktime" if old else ""


def _by_text(head: bytes, whole: bool) -> str:
    text = _as_text(head, whole)
    if text is None:
        return ""
    start = text.lstrip()
    if start[:15].upper().startswith(b"BEGIN:VCARD"):
        return "text/vcard"
    if start[:15].upper().startswith(b"BEGIN:VCALENDAR"):
        return "text/calendar"
    marks = re.sub(rb"<!--.*?-->|<\?.*?\?>", b"", start[:4096], flags=re.DOTALL).lstrip()
    if re.match(rb"(<!doctype\s+svg|<(\w+:)?svg[\s>])", marks, re.IGNORECASE):
        return "image/svg+xml"
    if _HTML.match(marks) or (marks.startswith(b"<") and re.search(rb"<html[\s>]", marks, re.I)):
        return "text/html"
    if start.startswith(b"<?xml"):
        return "image/svg+xml" if re.search(rb"<(\w+:)?svg[\s>]", start) else "application/xml"
    return "text/plain" if start else ""


def _as_text(head: bytes, whole: bool) -> bytes | None:
    """The bytes in UTF-8, or None when they are no text in UTF-8 or UTF-16."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for cut in range(1 if whole else 4):  # the end of the head may split a character
        try:
            text = head[: len(head) - cut].decode(encoding).encode()
        except UnicodeError:
            continue
        return None if _CONTROL.search(text) else text
    return None


def extension(name: str) -> str:
    """The ending of a file's name, without the dot, in small letters."""
    before, dot, ending = name.rpartition(".")
    return ending.strip().lower() if dot and before else ""


def contradiction(name: str, declared: str, found: MediaType) -> str:
    """What a file's name or the export says of its type, where the bytes say something else; empty when they agree.

    An ending that is not in the table says nothing. A program is told whatever its name says of it.
    """
    promised = _BY_EXTENSION.get(extension(name), [])
    if promised and found not in promised:
        return f"Its name says {promised[0].title}; its bytes are: {found.title}."
    fits = extension(name) in found.extensions
    said = TYPES.get(declared.partition(";")[0].strip().lower())
    other_group = said is not None and said.group != found.group
    if (
        said is not None
        and not fits
        and (other_group or (found.group in HARMFUL and said != found))
    ):
        return f"The export says {said.title}; its bytes are: {found.title}."
    if found.group == "program" and not fits:
        return f"Its bytes are: {found.title}."
    return ""
