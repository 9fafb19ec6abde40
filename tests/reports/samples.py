"""A whole frozen report with two exhibits and an audit extract, as small as it can be and still have every part."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from portal.keys import SigningKey, signing_key
from reports import container, package
from reports.package import Exhibit, Package
from reports.verifier import verify_package

SUBMISSION = "SUB-2026-0001"
SIGNED_AT = datetime(2026, 11, 23, 14, 5, 0, tzinfo=UTC)
LETTER = b"Dear Records Officer,\nplease report within 30 days.\n"
EXTRACT = bytes(range(256)) * 4


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def field(key: str, label: str, value: str, *citations: int, **changes: Any) -> dict[str, Any]:
    return {
        "key": key,
        "label": label,
        "state": "given",
        "value": value,
        "reason": "",
        "citations": list(citations),
        **changes,
    }


def finding(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "number": f"FND-2026-{number:04}",
        "rule": "timer",
        "code": "timer-on",
        "title": "Disappearing messages were turned on",
        "explanation": "From this entry on, messages vanish after 24 hours.",
        "export": "EXP-2026-0003",
        "office": "Office of the Commissioner",
        "custodian": "Custodian A",
        "conversation": "Border coordination",
        "first_at": "2021-03-01T09:12:00-05:00",
        "last_at": "2021-08-30T18:40:00-04:00",
        "count": 29,
        "confidence": "certain",
        "entries": [12, 13, 14, 40],
        "entries_total": 29,
        **changes,
    }


def _sections() -> list[dict[str, Any]]:
    titles = {
        "a1": "Description of the records",
        "a2": "Circumstances",
        "a3": "Safeguards against further loss",
        "a4": "Actions taken to salvage or reconstruct the records",
        "a5": "Other information",
    }
    sections = [
        {
            "key": key,
            "title": f"(a)({key[1]}) {title}",
            "citation": f"36 CFR 1230.14(a)({key[1]})",
            "asked_by": "regulation",
            "fields": [field(f"{key}.text", "Statement", f"Statement on {title.lower()}.", 1)],
        }
        for key, title in titles.items()
    ]
    sections[0]["fields"] = [
        field("a1.volume", "Volume", "12,431 messages", 1, 2),
        field("a1.dates", "Dates", "January 2021 to August 2021", 2),
        field("a1.media", "Media", "", state="not_known", reason="The phones were wiped."),
        field("a1.shelf", "Shelf", "", state="not_appropriate", reason="Nothing is on paper."),
    ]
    letter = {
        "key": "letter-1",
        "title": "Policies on messaging applications",
        "citation": "Letter of October 26, 2021, item 1",
        "asked_by": "letter item 1",
        "fields": [field("letter-1.text", "Statement", "Policy 7.\nTraining is yearly.", 3)],
    }
    return [*sections, letter]


def _citations() -> list[dict[str, Any]]:
    return [
        {
            "number": 1,
            "kind": "finding",
            "label": "FND-2026-0001",
            "place": "EXP-2026-0003, entries 12-40, bytes 1024-2048",
            "sha256": sha256(b"export"),
            "quote": "",
        },
        {
            "number": 2,
            "kind": "message",
            "label": "Entry 12 of EXP-2026-0003",
            "place": "bytes 1024-1101",
            "sha256": sha256(b"export"),
            "quote": "=SUM(1) *not bold* #panic() \u00a1ya! \U0001f600 \u202egnp.exe",
        },
        {
            "number": 3,
            "kind": "document",
            "label": "NARA's letter",
            "place": "page 1",
            "sha256": sha256(LETTER),
            "quote": "",
        },
    ]


def _incident() -> dict[str, Any]:
    return {
        "number": "INC-2026-0001",
        "title": "Loss of WhatsApp messages of three custodians",
        "kinds": ["destruction", "removal"],
        "occurrence": "actual",
        "limbs": ["Destruction of a record before its retention ended (36 CFR 1230.3(b))."],
        "discovered_on": "2021-10-26",
        "occurred_from": "2021-01-20",
        "occurred_to": "2021-08-30",
        "offices": ["Office of the Commissioner"],
        "custodians": ["Custodian A", "Custodian B", "Custodian C"],
        "tools": ["WhatsApp"],
    }


def exhibit_entry(number: int, title: str, name: str, content: bytes, kind: str) -> dict[str, Any]:
    return {
        "number": number,
        "title": title,
        "file_name": name,
        "sha256": sha256(content),
        "size": len(content),
        "media_type": kind,
    }


def frozen_report(**changes: Any) -> dict[str, Any]:
    """The sample report; `changes` replace whole parts."""
    return {
        "schema": "custos-report/1",
        "report": {
            "number": "RPT-2026-0001",
            "version": 1,
            "supplements": None,
            "title": "Loss of messages on personal messaging applications",
            "regulation": "36 CFR 1230.14",
        },
        "agency": {
            "name": "Department of Sample Affairs",
            "component": "Border Agency",
            "nara_case_id": "UD-2022-0001",
        },
        "letter": {
            "dated": "2021-10-26",
            "addressee": "the Department Records Officer",
            "due": "2021-11-24",
            "due_explanation": [
                "October 26, 2021 plus 30 days is Thursday, November 25, 2021.",
                "That day is Thanksgiving; submit by Wednesday, November 24, 2021.",
            ],
        },
        "incident": _incident(),
        "sections": _sections(),
        "citations": _citations(),
        "findings": [finding(1), finding(2, explanation="+1 message was deleted.", count=1)],
        "exhibits": [
            exhibit_entry(1, "NARA's letter", "Letter of Oct 26.txt", LETTER, "text/plain"),
            exhibit_entry(
                2, "Extract", "../\u00e9t\u00e9.bin", EXTRACT, "application/octet-stream"
            ),
        ],
        "people": {
            "drafters": ["Drafter D"],
            "signer": {
                "name": "Signer S",
                "title": "Senior Agency Official for Records Management",
                "authority": "36 CFR 1220.34(b)",
                "designated_on": "2020-01-02",
            },
        },
        "signature": {
            "statement": "I approve this report under 36 CFR 1230.14(b).",
            "signed_at": "2026-11-23T13:58:00Z",
            "override_reason": "",
        },
        "checks": [
            {
                "code": "dates-open",
                "severity": "warning",
                "words": "The end of the loss is not certain.",
                "citation": "36 CFR 1230.14(a)(1)",
                "accepted_reason": "The phones are gone.",
            }
        ],
        "frozen_at": "2026-11-23T14:00:00Z",
        **changes,
    }


def exhibits() -> list[Exhibit]:
    """The bytes that belong to the sample report's exhibits."""
    return [
        Exhibit(
            1, "NARA's letter", "Letter of Oct 26.txt", "text/plain", lambda: io.BytesIO(LETTER)
        ),
        Exhibit(
            2,
            "Extract",
            "../\u00e9t\u00e9.bin",
            "application/octet-stream",
            lambda: io.BytesIO(EXTRACT),
        ),
    ]


def audit_events(sequences: tuple[int, ...] = (7, 8, 11)) -> list[dict[str, Any]]:
    """A chain of events of which only `sequences` are in the extract."""
    events, previous = [], sha256(b"start")
    for sequence in range(min(sequences), max(sequences) + 1):
        event = {
            "sequence": sequence,
            "at": "2026-11-23T13:58:00.000000Z",
            "actor": "signer",
            "action": "report.sign",
            "object": "RPT-2026-0001",
            "detail": {"note": "caf\u00e9"},
            "previous_hash": previous,
        }
        text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = sha256(text.encode())
        if sequence in sequences:
            events.append({**event, "hash": previous})
    return events


@lru_cache(maxsize=1)
def key() -> SigningKey:
    """One signing key for a whole test run."""
    with tempfile.TemporaryDirectory() as folder:
        return signing_key(Path(folder) / "keys")


def build(folder: Path, **changes: Any) -> Package:
    """Package the sample report in `folder`; `changes` replace arguments of `package.build`."""
    arguments: dict[str, Any] = {
        "frozen": frozen_report(),
        "exhibits": exhibits(),
        "events": audit_events(),
        "submission": SUBMISSION,
        "key": key(),
        "signed_at": SIGNED_AT,
        "destination": folder / f"{SUBMISSION}.zip",
        **changes,
    }
    return package.build(**arguments)


@lru_cache(maxsize=1)
def package_bytes() -> bytes:
    """The sample package, built once for a whole test run."""
    with tempfile.TemporaryDirectory() as folder:
        return build(Path(folder)).path.read_bytes()


def unpacked(content: bytes) -> dict[str, bytes]:
    """The members of a package by their path, read with the standard library."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes]) -> bytes:
    """A container of these members in the order given: what a forger who knows the form would write."""
    sources = [
        container.measure(path, partial(io.BytesIO, content)) for path, content in members.items()
    ]
    return b"".join(container.render(sources))


def codes_of_both(path: Path, fingerprint: str | None = None) -> tuple[set[str], set[str]]:
    """The codes that the portal's verifier and the single-file verifier answer."""
    inside = {violation.code for violation in package.verify(path, fingerprint=fingerprint)}
    alone = {code for code, _, _ in verify_package.examine(str(path), fingerprint)[0]}
    return inside, alone
