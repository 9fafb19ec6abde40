#!/usr/bin/env python3
"""Check a submission package: find any changed, added, removed or reordered byte of the file.

    python3 verify_package.py SUB-2026-0001.zip --fingerprint FINGERPRINT

This one file needs Python 3.9 or later, no other software and no network. It prints every violation with a code and its
place. Exit code 0: no violation; 1: violations; 2: the file is not a submission package.

It reads the zip file from its first byte to its last: each header must be the one that follows from the member's path
and bytes (no compression, sorted by path, fixed date, nothing between or after), so no byte is free. The manifests
(BagIt 1.0, RFC 8493) must follow from the members, and the Ed25519 signature (RFC 8032) over the tag manifest
must hold.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import os
import re
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

CHUNK = 1 << 20
LIMIT = 16 << 20
REPORT_LIMIT = 512 << 20
FULL = 0xFFFFFFFF
KEY_PREFIX = bytes.fromhex("302a300506032b6570032100")
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
RENDITIONS = ("report.pdf", "report.json", "findings.csv", "citations.csv", "audit.jsonl")
SIGNED_TAGS = (
    "VERIFY.txt",
    "bag-info.txt",
    "bagit.txt",
    "manifest-sha256.txt",
    "public-key.pem",
    "verify_package.py",
)
REQUIRED = {f"data/{name}" for name in RENDITIONS} | set(SIGNED_TAGS)
REQUIRED |= {"signature.json", "tagmanifest-sha256.txt"}


Violation = tuple[str, str, str]
Point = tuple[int, int, int, int]


class Stop(Exception):
    """Nothing further can be checked here."""

    def __init__(self, code: str, words: str, place: str) -> None:
        super().__init__(code, words, place)
        self.violation: Violation = (code, words, place)


# Ed25519 as in RFC 8032, section 5.1; points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def recover(encoded: bytes) -> Point | None:
    """The point of 32 bytes, or None: y must be below p and x must exist (RFC 8032, 5.1.3)."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def add(p: Point, q: Point) -> Point:
    """The sum of a point and a prepared one; complete, so it also doubles."""
    a = (p[1] - p[0]) * q[0] % P
    b = (p[1] + p[0]) * q[1] % P
    c, d = p[3] * q[3] % P, p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def prepared(p: Point) -> Point:
    """A point in the form in which `add` takes its second summand."""
    return (p[1] - p[0], p[1] + p[0], 2 * p[2], 2 * D * p[3] % P)


def double(p: Point) -> Point:
    """Twice a point."""
    a, b = p[0] * p[0] % P, p[1] * p[1] % P
    c, h = 2 * p[2] * p[2] % P, a + b
    e = h - (p[0] + p[1]) ** 2
    g = a - b
    f = c + g
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiples(p: Point) -> list[Point]:
    """0 to 15 times a point, prepared for adding."""
    one, points = prepared(p), [NEUTRAL]
    for _ in range(15):
        points.append(add(points[-1], one))
    return [prepared(point) for point in points]


def encode(p: Point) -> bytes:
    """The 32 bytes of a point."""
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = recover((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
BASE_TABLE = multiples(BASE or NEUTRAL)


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `public` signed `message`; strict: canonical points, S < L, no key of small order."""
    if len(public) != 32 or len(signature) != 64:
        return False
    # The comparison at the end accepts R in its canonical form only, so R needs no decoding.
    key, s = recover(public), int.from_bytes(signature[32:], "little")
    if key is None or s >= L:
        return False
    if encode(double(double(double(key)))) == encode(NEUTRAL):
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(digest, "little") % L
    x, y, z, t = key
    key_table, total = multiples((-x % P, y, z, -t % P)), NEUTRAL
    for shift in range(252, -1, -4):
        total = double(double(double(double(total))))
        total = add(total, BASE_TABLE[s >> shift & 15])
        total = add(total, key_table[k >> shift & 15])
    return encode(total) == signature[:32]


# The container: a zip file in canonical form.


class Member:
    """A file of the container: path, place of its bytes, size, CRC-32, SHA-256."""

    def __init__(
        self, path: str, header: int, start: int, size: int, crc: int, sha256: str
    ) -> None:
        self.path, self.header, self.start, self.size = path, header, start, size
        self.crc, self.sha256 = crc, sha256


def local_header(name: bytes, size: int, crc: int) -> bytes:
    """The bytes before a member."""
    large = size >= FULL
    extra = struct.pack("<HHQQ", 1, 16, size, size) if large else b""
    shown = FULL if large else size
    version = 45 if large else 20
    sizes = (crc, shown, shown, len(name), len(extra))
    return struct.pack("<IHHHHHIIIHH", 0x04034B50, version, 0, 0, 0, 33, *sizes) + name + extra


def central_header(member: Member) -> bytes:
    """A member's line in the directory."""
    name = member.path.encode("ascii")
    wide = [member.size] * 2 if member.size >= FULL else []
    wide += [member.header] if member.header >= FULL else []
    extra = struct.pack("<HH", 1, 8 * len(wide)) + struct.pack(f"<{len(wide)}Q", *wide)
    extra = extra if wide else b""
    version = 45 if wide else 20
    size = min(member.size, FULL)
    return (
        struct.pack("<IHHHHHH", 0x02014B50, 3 << 8 | version, version, 0, 0, 0, 33)
        + struct.pack("<IIIHHHHH", member.crc, size, size, len(name), len(extra), 0, 0, 0)
        + struct.pack("<II", 0o100644 << 16, min(member.header, FULL))
        + name
        + extra
    )


def closing(count: int, size: int, offset: int) -> bytes:
    """The end of the container."""
    wide = b""
    if count >= 0xFFFF or size >= FULL or offset >= FULL:
        wide = struct.pack("<IQHHII", 0x06064B50, 44, 3 << 8 | 45, 45, 0, 0)
        wide += struct.pack("<QQQQ", count, count, size, offset)
        wide += struct.pack("<IIQI", 0x07064B50, 0, offset + size, 1)
    shown = min(count, 0xFFFF)
    last = struct.pack("<IHHHH", 0x06054B50, 0, 0, shown, shown)
    return wide + last + struct.pack("<IIH", min(size, FULL), min(offset, FULL), 0)


def read_member(stream: BinaryIO, at: int, found: list[Violation]) -> Member | None:
    """The member whose header begins at `at`; None where the directory begins."""
    head = stream.read(30)
    if head[:4] != b"PK\x03\x04":
        return None
    if len(head) < 30:
        raise Stop("container-damaged", "The file ends inside a header.", f"byte {at}")
    size, name_size, extra_size = struct.unpack("<IHH", head[22:])
    name, extra = stream.read(name_size), stream.read(extra_size)
    if extra_size == 20:
        size = struct.unpack("<Q", extra[12:].ljust(8, b"\0"))[0]
    if not re.fullmatch(rb"[A-Za-z0-9._/-]+", name):
        raise Stop("container-damaged", "A path has characters that are not allowed.", f"byte {at}")
    start, left, total, sha256 = stream.tell(), size, 0, hashlib.sha256()
    while left:
        chunk = stream.read(min(CHUNK, left))
        if not chunk:
            raise Stop("container-damaged", "The file ends inside a member.", name.decode())
        total = zlib.crc32(chunk, total)
        sha256.update(chunk)
        left -= len(chunk)
    if local_header(name, size, total) != head + name + extra:
        words = "The member's header does not follow from its path and bytes."
        found.append(("container-form", words, f"{name.decode()}, header at byte {at}"))
    return Member(name.decode(), at, start, size, total, sha256.hexdigest())


def read_container(stream: BinaryIO, found: list[Violation]) -> list[Member]:
    """All members in their order; every byte of the file is read here, once."""
    members: list[Member] = []
    at = 0
    while True:
        member = read_member(stream, at, found)
        if member is None:
            break
        if members and member.path <= members[-1].path:
            words = "The member is repeated or not in the order of the paths."
            found.append(("member-order", words, member.path))
        members.append(member)
        at = member.start + member.size
        stream.seek(at)
    stream.seek(at)
    directory = 0
    for member in members:
        expected = central_header(member)
        if stream.read(len(expected)) != expected:
            words = "The member's line in the directory does not follow from the member."
            place = f"{member.path}, directory at byte {at + directory}"
            found.append(("container-form", words, place))
            return members
        directory += len(expected)
    expected = closing(len(members), directory, at)
    if stream.read(len(expected) + 1) != expected:
        words = "The end of the file does not follow from its members."
        found.append(("container-form", words, f"byte {at + directory}"))
    return members


# The bag and what is in it.


class Bag:
    """The members by their path inside the folder, and a way to read them."""

    def __init__(self, stream: BinaryIO, members: list[Member], found: list[Violation]) -> None:
        self.stream = stream
        self.members: dict[str, Member] = {}
        self.key, self.mark = b"", ""
        self.folder = members[0].path.partition("/")[0] if members else ""
        if not re.fullmatch(r"[A-Z]{2,8}-[0-9]{4}-[0-9]{4,8}", self.folder):
            raise Stop("container-form", "The folder has no submission number.", self.folder)
        for member in members:
            folder, _, path = member.path.partition("/")
            known = path in REQUIRED or re.fullmatch(r"data/exhibits/[^/]+", path)
            if folder != self.folder or not known:
                found.append(("member-unknown", "This file does not belong here.", member.path))
            self.members[path] = member
        for path in sorted(REQUIRED - set(self.members)):
            found.append(("member-missing", "A file of the package is missing.", path))

    def read(self, path: str, limit: int = LIMIT) -> bytes:
        """A whole file, if it is not larger than such a file may be."""
        if path not in self.members:
            raise Stop("member-missing", "A file of the package is missing.", path)
        member = self.members[path]
        if member.size > limit:
            raise Stop("member-too-large", "The file is too large for what it is.", path)
        self.stream.seek(member.start)
        return self.stream.read(member.size)

    def lines(self, path: str) -> Iterator[bytes]:
        """The lines of a file, one at a time."""
        self.stream.seek(self.members[path].start)
        left = self.members[path].size
        while left > 0:
            line = self.stream.readline(min(left, LIMIT))
            left -= len(line)
            yield line


def check_manifest(bag: Bag, found: list[Violation], name: str, paths: set[str]) -> None:
    """A manifest must be exactly the one that follows from the files."""
    content = bag.read(name)
    expected = "".join(f"{bag.members[path].sha256}  {path}\n" for path in sorted(paths))
    if content == expected.encode():
        return
    lines = content.decode("utf-8", "replace").split("\n")
    recorded = {line[66:]: line[:64] for line in lines if line}
    for path in sorted(set(paths) | set(recorded)):
        if path not in paths:
            found.append(("member-missing", f"A file that {name} lists is missing.", path))
        elif path not in recorded:
            found.append(("manifest-form", f"{name} does not list the file.", path))
        elif recorded[path] != bag.members[path].sha256:
            found.append(("checksum", f"The file is not the one in {name}.", path))
    found.append(("manifest-form", "The manifest does not follow from the files.", name))


def check_manifests(bag: Bag, found: list[Violation]) -> None:
    """Payload manifest, tag manifest and the declaration of BagIt."""
    payload = {path for path in bag.members if path.startswith("data/")}
    check_manifest(bag, found, "manifest-sha256.txt", payload)
    tags = set(bag.members) - payload - {"tagmanifest-sha256.txt", "signature.json"}
    check_manifest(bag, found, "tagmanifest-sha256.txt", tags)
    if bag.read("bagit.txt") != BAGIT:
        found.append(("bag-form", "The declaration is not that of BagIt 1.0.", "bagit.txt"))


def canonical(value: object) -> bytes:
    """Canonical JSON bytes: sorted keys, no spaces, UTF-8."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def check_key(bag: Bag, found: list[Violation]) -> None:
    """Take the public key out of the package: PEM form of RFC 8410, no other bytes."""
    pem = bag.read("public-key.pem")
    try:
        der = base64.b64decode(b"".join(pem.splitlines()[1:-1]), validate=True)
    except binascii.Error:
        der = b""
    body = base64.b64encode(der)
    exact = b"-----BEGIN PUBLIC KEY-----\n" + body + b"\n-----END PUBLIC KEY-----\n"
    if pem != exact or len(der) != 44 or not der.startswith(KEY_PREFIX):
        words = "The public key is not an Ed25519 key in PEM form."
        raise Stop("key-form", words, "public-key.pem")
    bag.key, bag.mark = der[12:], hashlib.sha256(der).hexdigest()


def check_signature(bag: Bag, found: list[Violation]) -> None:
    """The signature and its one form: moment and key repeat what the signed bag-info.txt says."""
    info = bag.read("bag-info.txt").decode("utf-8", "replace").split("\n")
    signed_at = "".join(line[18:] for line in info if line.startswith("Custos-Signed-At: "))
    check_info(bag, found, info, signed_at)
    content = bag.read("signature.json")
    try:
        signature = base64.b64decode(json.loads(content)["signature"], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        words = "The signature cannot be read."
        raise Stop("signature-form", words, "signature.json") from None
    form = {
        "algorithm": "Ed25519",
        "fingerprint": bag.mark,
        "signature": base64.b64encode(signature).decode(),
        "signed_at": signed_at,
        "signs": "tagmanifest-sha256.txt",
    }
    if canonical(form) != content:
        words = "The signature's form does not follow from bag-info.txt and the key."
        found.append(("signature-form", words, "signature.json"))
    if not signature_holds(bag.key, bag.read("tagmanifest-sha256.txt"), signature):
        words = "The signature was not made by this key over this tag manifest."
        found.append(("signature-invalid", words, "signature.json"))


def check_info(bag: Bag, found: list[Violation], info: list[str], signed_at: str) -> None:
    """The values of bag-info.txt that bind folder, report, key and moment to the signed files."""
    payload = [member.size for path, member in bag.members.items() if path.startswith("data/")]
    bound = {
        "Internal-Sender-Identifier": bag.folder,
        "Payload-Oxum": f"{sum(payload)}.{len(payload)}",
        "Custos-Key-Fingerprint": bag.mark,
        "Custos-Signed-At": signed_at,
    }
    if "data/report.json" in bag.members:
        bound["Custos-Report-SHA256"] = bag.members["data/report.json"].sha256
    for label, value in bound.items():
        if [line for line in info if line.startswith(f"{label}:")] != [f"{label}: {value}"]:
            words = f"{label} does not agree with the package."
            found.append(("bag-info", words, "bag-info.txt"))


def check_report(bag: Bag, found: list[Violation]) -> None:
    """The report's canonical bytes, its citations and its exhibits."""
    content = bag.read("data/report.json", REPORT_LIMIT)
    try:
        report = json.loads(content)
        if canonical(report) != content:
            words = "The report is not in its canonical bytes."
            found.append(("report-form", words, "data/report.json"))
        if report["schema"] != "custos-report/1":
            found.append(("schema", "The report is of another schema.", "data/report.json"))
            return
        check_citations(report, found)
        check_exhibits(bag, report, found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        words = "The report cannot be read."
        raise Stop("report-form", words, "data/report.json") from None


def check_citations(report: dict[str, Any], found: list[Violation]) -> None:
    """Each citation number of a field must be in the list, once."""
    numbers = {citation["number"] for citation in report["citations"]}
    if len(numbers) != len(report["citations"]):
        found.append(("number-repeated", "A citation number is used more than once.", "citations"))
    for section in report["sections"]:
        for field in section["fields"]:
            for number in field["citations"]:
                if number not in numbers:
                    words = f"Citation {number} is not in the list."
                    found.append(("citation-missing", words, field["key"]))


def check_exhibits(bag: Bag, report: dict[str, Any], found: list[Violation]) -> None:
    """Each exhibit that the report names must be there with its digest, and no other."""
    left = sorted(path for path in bag.members if path.startswith("data/exhibits/"))
    for exhibit in report["exhibits"]:
        start = f"data/exhibits/{exhibit['number']:02}-"
        path = next((path for path in left if path.startswith(start)), None)
        if path is None:
            found.append(("exhibit-missing", "An exhibit of the report is missing.", start))
            continue
        left.remove(path)
        member = bag.members[path]
        if (member.sha256, member.size) != (exhibit["sha256"], exhibit["size"]):
            found.append(("exhibit-differs", "The exhibit is not the one in the report.", path))
    for path in left:
        found.append(("exhibit-unknown", "The report does not name this exhibit.", path))


def check_audit(bag: Bag, found: list[Violation]) -> None:
    """Each audit event has the hash it states and, next to its neighbour, follows it."""
    path = "data/audit.jsonl"
    before: tuple[int, str] | None = None
    if path not in bag.members:
        return
    for number, line in enumerate(bag.lines(path), 1):
        place = f"{path}: line {number}"
        try:
            event = json.loads(line)
            if canonical(event) + b"\n" != line:
                found.append(("audit-form", "The event is not in its canonical bytes.", place))
            stated = event.pop("hash")
            if hashlib.sha256(canonical(event)).hexdigest() != stated:
                found.append(("audit-hash", "The event does not have the hash it states.", place))
            if before is not None:
                step = event["sequence"] - before[0]
                if step < 1 or (step == 1 and event["previous_hash"] != before[1]):
                    words = "The event does not follow the one before it."
                    found.append(("audit-link", words, place))
            before = (event["sequence"], stated)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Stop("audit-form", "The event cannot be read.", place) from None


def examine(path: str, fingerprint: str | None = None) -> tuple[list[Violation], str]:
    """All violations in the file, and the fingerprint of the key inside ("" where there is none)."""
    if os.path.isdir(path):
        words = (
            "This is a folder. The check reads the zip file as it was downloaded, not what was "
            "unpacked from it: python3 verify_package.py SUB-2026-0001.zip"
        )
        return [("not-a-package", words, path)], ""
    try:
        with open(path, "rb") as stream:
            return examine_stream(stream, path, fingerprint)
    except OSError as error:
        return [("not-a-package", f"The file cannot be read: {error.strerror}.", path)], ""


def examine_stream(
    stream: BinaryIO, path: str, fingerprint: str | None
) -> tuple[list[Violation], str]:
    """The same for an open file."""
    if stream.read(4) != b"PK\x03\x04":
        return [("not-a-package", "The file is not a submission package.", path)], ""
    stream.seek(0)
    found: list[Violation] = []
    try:
        bag = Bag(stream, read_container(stream, found), found)
    except Stop as stop:
        return [*found, stop.violation], ""
    for check in (check_manifests, check_key, check_signature, check_report, check_audit):
        try:
            check(bag, found)
        except Stop as stop:
            found.append(stop.violation)
    if fingerprint is not None and re.sub(r"[\s:]", "", fingerprint).lower() != bag.mark:
        words = f"The package is signed by another key; its fingerprint is {bag.mark or 'unknown'}."
        found.append(("key-unexpected", words, "public-key.pem"))
    return list(dict.fromkeys(found)), bag.mark


def main(arguments: list[str] | None = None) -> int:
    """The command line; answers the exit code."""
    parser = argparse.ArgumentParser(description="Check a submission package.")
    parser.add_argument("file", help="the package as it was received, such as SUB-2026-0001.zip")
    parser.add_argument("--fingerprint", help="the agency's key as it is published elsewhere")
    options = parser.parse_args(arguments)
    found, mark = examine(options.file, options.fingerprint)
    for code, words, place in found:
        print(f"{code}: {words} [{place}]")
    if found and found[0][0] == "not-a-package":
        return 2
    if found:
        print(f"{options.file}: {len(found)} violations.")
        print("Do not rely on the package; ask the agency for it again.")
        return 1
    print(f"{options.file}: no violation found.")
    print(f"Fingerprint of the signing key: {mark}")
    if options.fingerprint is None:
        print("This key came from the package itself: it does not show who signed.")
        print("Compare it with the one that the agency publishes, or give that with --fingerprint.")
    else:
        print("It is the key that you named.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
