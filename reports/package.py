"""The submission package: a frozen report, its renditions, exhibits and audit extract as one signed file.

`build` makes a BagIt 1.0 bag (RFC 8493) in a canonical zip container, signed with the agency's Ed25519 key; `verify`
finds any changed, added, removed or reordered byte of it. docs/package.md tells what is inside and what the signature
proves. There is no database here: equal input gives equal bytes.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, Protocol

from reports import bag, container
from reports.container import Source
from reports.frozen import canonical, defects
from reports.renditions import data, pdf, tables
from reports.verification import Violation, verify

__all__ = ["Exhibit", "Package", "PackageError", "Violation", "build", "verify"]

VERIFIER_FILE: Final = Path(__file__).parent / "verifier" / "verify_package.py"


class Exhibit(NamedTuple):
    """A document that goes with the report; `open` gives its bytes, as often as asked."""

    number: int
    title: str
    file_name: str
    media_type: str
    open: Callable[[], BinaryIO]


class Package(NamedTuple):
    """What was built: FILE, its size and SHA-256, and the names by which a receipt can quote it."""

    path: Path
    size: int
    sha256: str
    report_sha256: str
    fingerprint: str


class Signer(Protocol):
    """The agency's signing key (`portal.keys.SigningKey`)."""

    @property
    def public_pem(self) -> bytes: ...

    @property
    def fingerprint(self) -> str: ...

    def sign(self, message: bytes) -> bytes: ...


class PackageError(Exception):
    """A report cannot be packaged as it stands: code, plain sentence, place, what to do."""

    def __init__(self, code: str, words: str, place: str, remedy: str) -> None:
        self.code, self.words, self.place, self.remedy = code, words, place, remedy
        super().__init__(f"{code}: {words} ({place}) {remedy}")


def build(
    frozen: Mapping[str, Any],
    exhibits: Sequence[Exhibit],
    events: Iterable[Mapping[str, Any]],
    *,
    submission: str,
    key: Signer,
    signed_at: datetime,
    destination: Path,
) -> Package:
    """Make the package at `destination`; nothing lies there unless it is whole and on the disk.

    `events` are the audit events of the report in the order of their sequence, each with its hash.
    """
    _refuse_unfit(frozen, submission)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".package-") as name:
        folder = Path(name)
        _write_audit(folder / "audit.jsonl", events)
        payload = [*_renditions(frozen), *_measured_exhibits(frozen, exhibits)]
        payload.append(container.measure(bag.AUDIT, lambda: (folder / "audit.jsonl").open("rb")))
        moment = bag.moment(signed_at)
        sources = [*payload, *_tags(frozen, payload, submission, key, moment)]
        size, sha256 = _write_container(folder / "package.zip", sources, submission)
        os.replace(folder / "package.zip", destination)
    report = next(source.member for source in payload if source.member.path == bag.REPORT)
    return Package(destination, size, sha256, report.sha256, key.fingerprint)


def _refuse_unfit(frozen: Mapping[str, Any], submission: str) -> None:
    if not bag.SUBMISSION.fullmatch(submission):
        raise PackageError(
            "submission-number",
            "The submission has no valid number.",
            submission,
            "Give it a number such as SUB-2026-0001.",
        )
    for defect in defects(frozen):
        raise PackageError(
            defect.code, defect.words, defect.place, "Freeze the report again from its draft."
        )


def _bytes_source(path: str, content: bytes) -> Source:
    return container.measure(path, lambda: io.BytesIO(content))


def _renditions(frozen: Mapping[str, Any]) -> list[Source]:
    return [
        _bytes_source(bag.PDF, pdf.render(frozen)),
        _bytes_source(bag.REPORT, data.render(frozen)),
        _bytes_source(bag.FINDINGS, tables.findings(frozen)),
        _bytes_source(bag.CITATIONS, tables.citations(frozen)),
    ]


def _measured_exhibits(frozen: Mapping[str, Any], exhibits: Sequence[Exhibit]) -> list[Source]:
    given = {exhibit.number: exhibit for exhibit in exhibits}
    named = {entry["number"] for entry in frozen["exhibits"]}
    if len(given) != len(exhibits) or set(given) != named:
        raise PackageError(
            "exhibit-list",
            "The exhibits are not those that the report names.",
            ", ".join(str(number) for number in sorted(named ^ set(given))) or "numbers",
            "Hand over each exhibit of the report once.",
        )
    sources = []
    for entry in frozen["exhibits"]:
        path = bag.exhibit_path(entry["number"], entry["file_name"])
        source = container.measure(path, given[entry["number"]].open)
        if (source.member.sha256, source.member.size) != (entry["sha256"], entry["size"]):
            raise PackageError(
                "exhibit-differs",
                "The exhibit is not the file that the signer saw.",
                path,
                "Look at the fixity of the sealed file before anything else.",
            )
        sources.append(source)
    return sources


def _write_audit(path: Path, events: Iterable[Mapping[str, Any]]) -> None:
    before: Mapping[str, Any] | None = None
    with path.open("wb") as stream:
        for event in events:
            _refuse_broken(event, before)
            stream.write(canonical(event) + b"\n")
            before = event


def _refuse_broken(event: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    content = {key: value for key, value in event.items() if key != "hash"}
    sound = hashlib.sha256(canonical(content)).hexdigest() == event["hash"]
    if before is not None:
        step = event["sequence"] - before["sequence"]
        sound = sound and step > 0 and (step > 1 or event["previous_hash"] == before["hash"])
    if not sound:
        raise PackageError(
            "audit-event",
            "The audit log does not hold at this event.",
            f"event {event['sequence']}",
            "Walk the audit log with the command `verify` before submitting.",
        )


def _tags(
    frozen: Mapping[str, Any],
    payload: Sequence[Source],
    submission: str,
    key: Signer,
    signed_at: str,
) -> list[Source]:
    members = [source.member for source in payload]
    mark = key.fingerprint
    signed = [
        _bytes_source(bag.DECLARATION, bag.BAGIT),
        _bytes_source(
            bag.INFO,
            bag.info(frozen, members, submission=submission, signed_at=signed_at, fingerprint=mark),
        ),
        _bytes_source(bag.MANIFEST, bag.manifest(members)),
        _bytes_source(bag.PUBLIC_KEY, key.public_pem),
        _bytes_source(
            bag.INSTRUCTIONS, bag.instructions(frozen, submission=submission, fingerprint=mark)
        ),
        _bytes_source(bag.VERIFIER, VERIFIER_FILE.read_bytes()),
    ]
    listing = bag.manifest(source.member for source in signed)
    signature = bag.signature(key.sign(listing), signed_at=signed_at, fingerprint=mark)
    return [
        *signed,
        _bytes_source(bag.TAG_MANIFEST, listing),
        _bytes_source(bag.SIGNATURE, signature),
    ]


def _write_container(path: Path, sources: Iterable[Source], submission: str) -> tuple[int, str]:
    inside = [
        source._replace(member=source.member._replace(path=f"{submission}/{source.member.path}"))
        for source in sources
    ]
    size, sha256 = 0, hashlib.sha256()
    try:
        with path.open("xb") as stream:
            for piece in container.render(container.in_order(inside)):
                stream.write(piece)
                sha256.update(piece)
                size += len(piece)
            stream.flush()
            os.fsync(stream.fileno())
    except container.SourceChangedError as error:
        raise PackageError(
            "exhibit-changed",
            "A file changed while it was packaged.",
            str(error),
            "Look at the fixity of the sealed file, then submit again.",
        ) from error
    return size, sha256.hexdigest()
