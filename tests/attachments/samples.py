"""Small files of each type, made here: no sample of anybody's is copied."""

from __future__ import annotations

import io
import math
import struct
import wave
import zipfile

from PIL import Image

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-" + b"TEST-FILE!$H+H*"


def image(form: str = "JPEG", size: tuple[int, int] = (640, 480), **save: object) -> bytes:
    made = io.BytesIO()
    mode = "RGBA" if form == "PNG" else "RGB"
    Image.linear_gradient("L").resize(size).convert(mode).save(made, form, **save)
    return made.getvalue()


def ogg_page(serial: int, number: int, position: int, body: bytes, flags: int = 0) -> bytes:
    lacing = [255] * (len(body) // 255) + [len(body) % 255]
    head = struct.pack("<4sBBqLLLB", b"OggS", 0, flags, position, serial, number, 0, len(lacing))
    return head + bytes(lacing) + body


def opus(milliseconds: int, *, skip: int = 312, pages: int = 3) -> bytes:
    """An Opus voice note of that length, as RFC 7845 lays it out."""
    head = b"OpusHead" + struct.pack("<BBHLhB", 1, 1, skip, 16_000, 0, 0)
    made = [ogg_page(7, 0, 0, head, 2), ogg_page(7, 1, 0, b"OpusTags" + bytes(8))]
    samples = milliseconds * 48
    for number in range(pages):
        at = skip + samples * (number + 1) // pages
        made.append(ogg_page(7, number + 2, at, bytes([number]) * 300))
    return b"".join(made)


def amr(frames: int, *, wide: bool = False) -> bytes:
    """Frames of 20 ms in the highest rate."""
    mark, frame = (
        (b"#!AMR-WB\n", b"\x44" + bytes(60)) if wide else (b"#!AMR\n", b"\x3c" + bytes(31))
    )
    return mark + frame * frames


def wav(milliseconds: int) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(
            b"".join(
                struct.pack("<h", int(9000 * math.sin(at / 9))) for at in range(milliseconds * 8)
            )
        )
    return made.getvalue()


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">L4s", len(body) + 8, name) + body


def mp4(
    milliseconds: int, *, brand: bytes = b"M4A ", last: bool = False, wide: bool = False
) -> bytes:
    """An MPEG-4 file; `last`: its header stands behind the media, as phones write it while recording."""
    if wide:
        header = b"\x01\x00\x00\x00" + struct.pack(">QQIQ", 0, 0, 44_100, milliseconds * 441 // 10)
    else:
        header = bytes(4) + struct.pack(">IIII", 0, 0, 44_100, milliseconds * 441 // 10)
    movie, media = box(b"moov", box(b"mvhd", header + bytes(80))), box(b"mdat", bytes(70_000))
    start = box(b"ftyp", brand + bytes(4) + b"isom")
    return start + (media + movie if last else movie + media)


def caf(milliseconds: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">4sq", name, len(body)) + body

    described = struct.pack(">d4sIIIII", 24_000.0, b"opus", 0, 0, 480, 1, 0)
    table = struct.pack(">qqii", 50, milliseconds * 24, 0, 0)
    return b"caff\x00\x01\x00\x00" + chunk(b"desc", described) + chunk(b"pakt", table)


def adts(frames: int) -> bytes:
    """AAC in ADTS frames of 1,024 samples at 16,000 a second."""
    length = 107
    head = bytes(
        (0xFF, 0xF1, 0x60, 0x40 | length >> 11, length >> 3 & 255, (length & 7) << 5 | 31, 252)
    )
    return (head + bytes(length - 7)) * frames


def packed(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in names:
            file.writestr(name, b"something")
    return made.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument"
OF_EACH_TYPE: dict[str, bytes] = {
    "image/jpeg": image(),
    "image/png": image("PNG"),
    "image/gif": image("GIF"),
    "image/webp": image("WEBP"),
    "image/bmp": image("BMP"),
    "image/tiff": image("TIFF"),
    "image/heic": box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + bytes(40),
    "image/avif": box(b"ftyp", b"avif" + bytes(4)) + bytes(40),
    "image/svg+xml": b'<?xml version="1.0"?>\n<!-- x --><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "video/mp4": mp4(1000, brand=b"mp42"),
    "video/3gpp": mp4(1000, brand=b"3gp4"),
    "video/quicktime": mp4(1000, brand=b"qt  "),
    "video/webm": b"\x1a\x45\xdf\xa3" + bytes(40),
    "video/x-msvideo": b"RIFF\x10\x00\x00\x00AVI LIST",
    "audio/mp4": mp4(1000),
    "audio/mpeg": b"ID3\x04" + bytes(60),
    "audio/aac": adts(10),
    "audio/ogg": opus(1000),
    "audio/amr": amr(50),
    "audio/amr-wb": amr(50, wide=True),
    "audio/wav": wav(500),
    "audio/x-caf": caf(1000),
    "audio/flac": b"fLaC\x00\x00\x00\x22",
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "application/rtf": b"{\\rtf1\\ansi hello}",
    f"{OFFICE}.wordprocessingml.document": packed("[Content_Types].xml", "word/document.xml"),
    f"{OFFICE}.spreadsheetml.sheet": packed("[Content_Types].xml", "xl/workbook.xml"),
    f"{OFFICE}.presentationml.presentation": packed("[Content_Types].xml", "ppt/slides.xml"),
    "application/x-ole-storage": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    "application/zip": packed("photo.jpg"),
    "application/gzip": b"\x1f\x8b\x08" + bytes(20),
    "application/x-7z-compressed": b"7z\xbc\xaf\x27\x1c" + bytes(20),
    "application/vnd.rar": b"Rar!\x1a\x07\x01\x00",
    "application/x-bzip2": b"BZh91AY&SY",
    "application/x-xz": b"\xfd7zXZ\x00\x00",
    "application/x-tar": bytes(257) + b"ustar\x0000" + bytes(200),
    "application/vnd.sqlite3": b"SQLite format 3\x00" + bytes(84),
    "text/vcard": b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\nEND:VCARD\r\n",
    "text/calendar": b"\xef\xbb\xbfBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    "text/plain": "Gr\u00fc\u00dfe aus K\u00f6ln\n".encode(),
    "application/xml": b'<?xml version="1.0"?><a/>',
    "text/html": b"\n <!-- hi --><!DOCTYPE HTML><html><script>alert(1)</script></html>",
    "application/vnd.microsoft.portable-executable": b"MZ\x90\x00" + bytes(200),
    "application/x-elf": b"\x7fELF\x02\x01\x01" + bytes(60),
    "application/x-mach-binary": b"\xca\xfe\xba\xbe\x00\x00\x00\x02" + bytes(60),
    "application/vnd.android.package-archive": packed("AndroidManifest.xml", "classes.dex"),
    "application/java-archive": packed("META-INF/MANIFEST.MF"),
    "application/x-ms-shortcut": b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(60),
    "text/x-shellscript": b"#!/bin/sh\nrm -r /\n",
}
