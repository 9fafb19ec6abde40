"""Checking a submission package inside the portal: the second of two verifiers that share no code.

The first is the single file `verifier/verify_package.py`, which reads the container from its first byte on. This one
reads the directory at the container's end, makes the whole container again from its members with the code that builds
packages, compares byte for byte, and leaves the signature to the `cryptography` library. Both use the same codes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from portal.keys import fingerprint as key_fingerprint
from portal.keys import public_pem
from reports import bag, container
from reports.container import Source
from reports.frozen import canonical, defects

TAG_LIMIT: Final = 16 << 20
REPORT_LIMIT: Final = 512 << 20
LINE_LIMIT: Final = 16 << 20
_DAMAGED = (
    zipfile.BadZipFile,
    struct.error,
    ValueError,
    OverflowError,
    NotImplementedError,
    EOFError,
)
_UNREADABLE = (ValueError, RecursionError, KeyError, TypeError, AttributeError)


class Violation(NamedTuple):
    """Something in the file that is not as it was signed: code, plain sentence, place."""

    code: str
    words: str
    place: str


class _Stop(Exception):
    """Nothing further can be checked."""

    def __init__(self, *violation: str) -> None:
        self.violation = Violation(*violation)
        super().__init__(*violation)


class _Contents(NamedTuple):
    submission: str
    sources: dict[str, Source]

    def read(self, path: str, limit: int = TAG_LIMIT) -> bytes:
        source = self.sources.get(path)
        if source is None:
            raise _Stop("member-missing", "A file of the package is missing.", path)
        if source.member.size > limit:
            raise _Stop("member-too-large", "The file is too large for what it is.", path)
        with source.open() as stream:
            return stream.read()

    def members(self, *, payload: bool) -> list[container.Member]:
        return [
            source.member
            for path, source in self.sources.items()
            if path.startswith("data/") is payload and path not in (bag.TAG_MANIFEST, bag.SIGNATURE)
        ]


def verify(path: Path, *, fingerprint: str | None = None) -> list[Violation]:
    """Everything in the file that is not as it was signed; an empty list means that every byte is.

    With `fingerprint`, the published one of the agency's key, it also shows who signed.
    """
    try:
        contents, found = _container(path)
    except _Stop as stop:
        return [stop.violation]
    checks: tuple[Callable[[_Contents], Iterator[Violation]], ...] = (
        _names,
        _manifests,
        lambda inside: _signature(inside, fingerprint),
        _report,
        _audit,
    )
    for check in checks:
        try:
            found.extend(check(contents))
        except _Stop as stop:
            found.append(stop.violation)
    return list(dict.fromkeys(found))


class _Slice(io.RawIOBase):
    """A part of a file as a stream of its own."""

    def __init__(self, path: Path, offset: int, size: int) -> None:
        self._file = path.open("rb")
        self._file.seek(offset)
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._file.read(min(len(buffer), self._left))
        buffer[: len(chunk)] = chunk
        self._left -= len(chunk)
        return len(chunk)

    def close(self) -> None:
        self._file.close()
        super().close()


def _opener(path: Path, offset: int, size: int) -> Callable[[], BinaryIO]:
    return lambda: io.BufferedReader(_Slice(path, offset, size))


def _container(path: Path) -> tuple[_Contents, list[Violation]]:
    try:
        with path.open("rb") as stream:
            if stream.read(4) != b"PK\x03\x04":
                _not_a_package(path)
        sources = list(_sources(path))
    except OSError:
        _not_a_package(path)
    folder = sources[0].member.path.partition("/")[0] if sources else ""
    if not bag.SUBMISSION.fullmatch(folder):
        raise _Stop("container-form", "The folder is not named by a submission number.", folder)
    prefix = f"{folder}/"
    inside, found = {}, list(_differences(path, sources))
    for source in sources:
        name = source.member.path
        if not name.startswith(prefix) or name.removeprefix(prefix) in inside:
            found.append(Violation("member-unknown", "This file does not belong here.", name))
            continue
        short = name.removeprefix(prefix)
        inside[short] = source._replace(member=source.member._replace(path=short))
    return _Contents(folder, inside), found


def _not_a_package(path: Path) -> NoReturn:
    raise _Stop("not-a-package", "The file is not a submission package.", path.name)


def _sources(path: Path) -> Iterator[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > path.stat().st_size:
            raise zipfile.BadZipFile("members overlap")
        with path.open("rb") as stream:
            for entry in entries:
                stream.seek(entry.header_offset + 26)
                name_size, extra_size = struct.unpack("<HH", stream.read(4))
                start = entry.header_offset + 30 + name_size + extra_size
                entry.filename.encode("ascii")
                yield container.measure(entry.filename, _opener(path, start, entry.file_size))
    except _DAMAGED as error:
        raise _Stop(
            "container-damaged", f"The zip file cannot be read: {error}.", path.name
        ) from error


def _differences(path: Path, sources: list[Source]) -> Iterator[Violation]:
    """Make the container again from its members and compare it with the file."""
    position = 0
    with path.open("rb") as stream:
        for piece in container.render(container.in_order(sources)):
            actual = stream.read(len(piece))
            if actual != piece:
                pairs = enumerate(zip(actual, piece, strict=False))
                same = next((at for at, (is_, should) in pairs if is_ != should), len(actual))
                words = "The zip file is not in the canonical form."
                yield Violation("container-form", words, f"byte {position + same}")
                return
            position += len(piece)
        if stream.read(1):
            words = "There are bytes after the end of the zip file."
            yield Violation("container-form", words, f"byte {position}")


def _names(contents: _Contents) -> Iterator[Violation]:
    for path in sorted((bag.TAGS | bag.PAYLOAD) - set(contents.sources)):
        yield Violation("member-missing", "A file of the package is missing.", path)
    for path in contents.sources:
        if path not in bag.TAGS | bag.PAYLOAD and not path.startswith(bag.EXHIBITS):
            yield Violation("member-unknown", "This file does not belong here.", path)


def _manifests(contents: _Contents) -> Iterator[Violation]:
    yield from _manifest(contents, bag.MANIFEST, payload=True)
    yield from _manifest(contents, bag.TAG_MANIFEST, payload=False)
    if contents.read(bag.DECLARATION) != bag.BAGIT:
        yield Violation("bag-form", "The declaration is not that of BagIt 1.0.", bag.DECLARATION)


def _manifest(contents: _Contents, path: str, *, payload: bool) -> Iterator[Violation]:
    actual, members = contents.read(path), contents.members(payload=payload)
    if actual == bag.manifest(members):
        return
    lines = [line.partition("  ") for line in actual.decode("utf-8", "replace").splitlines()]
    listed = {name: recorded for recorded, _, name in lines}
    before = list(listed)
    for member in members:
        recorded = listed.pop(member.path, None)
        if recorded is None:
            yield Violation("manifest-form", f"{path} does not list the file.", member.path)
        elif recorded != member.sha256:
            yield Violation("checksum", f"The file is not the one in {path}.", member.path)
    for name in listed:
        yield Violation("member-missing", f"A file that {path} lists is missing.", name)
    if before != sorted(before) or len(lines) != len(before) or not actual.endswith(b"\n"):
        yield Violation("manifest-form", "The manifest is not in its canonical form.", path)
    yield Violation("manifest-form", "The manifest does not follow from the files.", path)


def _public_key(contents: _Contents) -> Ed25519PublicKey:
    pem = contents.read(bag.PUBLIC_KEY)
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey) or public_pem(key) != pem:
        raise _Stop("key-form", "The public key is not an Ed25519 key in PEM form.", bag.PUBLIC_KEY)
    return key


def _signature(contents: _Contents, fingerprint: str | None) -> Iterator[Violation]:
    key = _public_key(contents)
    mark = key_fingerprint(key)
    if fingerprint is not None and re.sub(r"[\s:]", "", fingerprint).lower() != mark:
        words = f"The package is signed by another key; its fingerprint is {mark}."
        yield Violation("key-unexpected", words, bag.PUBLIC_KEY)
    info = contents.read(bag.INFO).decode("utf-8", "replace").split("\n")
    label = "Custos-Signed-At: "
    signed_at = "".join(line.removeprefix(label) for line in info if line.startswith(label))
    yield from _info(contents, info, signed_at, mark)
    content = contents.read(bag.SIGNATURE)
    try:
        signed = base64.b64decode(json.loads(content)["signature"], validate=True)
    except _UNREADABLE:
        raise _Stop("signature-form", "The signature cannot be read.", bag.SIGNATURE) from None
    if content != bag.signature(signed, signed_at=signed_at, fingerprint=mark):
        words = f"The signature's form does not follow from {bag.INFO} and the key."
        yield Violation("signature-form", words, bag.SIGNATURE)
    try:
        key.verify(signed, contents.read(bag.TAG_MANIFEST))
    except InvalidSignature:
        words = "The signature was not made by this key over this tag manifest."
        yield Violation("signature-invalid", words, bag.SIGNATURE)


def _info(contents: _Contents, lines: list[str], signed_at: str, mark: str) -> Iterator[Violation]:
    """The values of bag-info.txt that bind folder, report, key and moment to the signed files."""
    sizes = [member.size for member in contents.members(payload=True)]
    report = contents.sources.get(bag.REPORT)
    expected = {
        "Internal-Sender-Identifier": contents.submission,
        "Payload-Oxum": f"{sum(sizes)}.{len(sizes)}",
        "Custos-Report-SHA256": report.member.sha256 if report else "",
        "Custos-Signed-At": signed_at,
        "Custos-Key-Fingerprint": mark,
    }
    for label, value in expected.items():
        if [line for line in lines if line.startswith(f"{label}:")] != [f"{label}: {value}"]:
            words = f"{label} does not agree with the package."
            yield Violation("bag-info", words, bag.INFO)


def _report(contents: _Contents) -> Iterator[Violation]:
    content = contents.read(bag.REPORT, REPORT_LIMIT)
    try:
        frozen = json.loads(content)
        exact = canonical(frozen) == content
        flaws = defects(frozen)
        named = list(_exhibits(contents, frozen)) if not flaws else []
    except _UNREADABLE:
        raise _Stop("report-form", "The report cannot be read.", bag.REPORT) from None
    if not exact:
        yield Violation("report-form", "The report is not in its canonical bytes.", bag.REPORT)
    for flaw in flaws:
        yield Violation(flaw.code, flaw.words, f"{bag.REPORT}: {flaw.place}")
    yield from named


def _exhibits(contents: _Contents, frozen: Mapping[str, Any]) -> Iterator[Violation]:
    there = {path for path in contents.sources if path.startswith(bag.EXHIBITS)}
    for entry in frozen["exhibits"]:
        start = f"{bag.EXHIBITS}{entry['number']:02}-"
        paths = sorted(path for path in there if path.startswith(start))
        if not paths:
            yield Violation("exhibit-missing", "An exhibit of the report is missing.", start)
            continue
        there.discard(paths[0])
        member = contents.sources[paths[0]].member
        if (member.sha256, member.size) != (entry["sha256"], entry["size"]):
            yield Violation(
                "exhibit-differs", "The exhibit is not the one in the report.", paths[0]
            )
    for path in sorted(there):
        yield Violation("exhibit-unknown", "The report does not name this exhibit.", path)


def _audit(contents: _Contents) -> Iterator[Violation]:
    source = contents.sources.get(bag.AUDIT)
    if source is None:
        return
    before: Mapping[str, Any] | None = None
    with source.open() as stream:
        number = 0
        while line := stream.readline(LINE_LIMIT):
            number += 1
            try:
                event = json.loads(line)
                yield from _event(event, before, line, f"{bag.AUDIT}: line {number}")
            except _UNREADABLE:
                place = f"{bag.AUDIT}: line {number}"
                yield Violation("audit-form", "The event cannot be read.", place)
                return
            before = event


def _event(
    event: Mapping[str, Any], before: Mapping[str, Any] | None, line: bytes, place: str
) -> Iterator[Violation]:
    if canonical(event) + b"\n" != line:
        yield Violation("audit-form", "The event is not in its canonical bytes.", place)
    content = {key: value for key, value in event.items() if key != "hash"}
    if hashlib.sha256(canonical(content)).hexdigest() != event["hash"]:
        yield Violation("audit-hash", "The event does not have the hash it states.", place)
    if before is None:
        return
    step = event["sequence"] - before["sequence"]
    if step < 1 or (step == 1 and event["previous_hash"] != before["hash"]):
        yield Violation("audit-link", "The event does not follow the one before it.", place)
