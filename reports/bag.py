"""The texts that make a submission package a bag (RFC 8493, BagIt 1.0): manifests, bag-info, signature, instructions.

Each text has one form only, computed from what it describes, so that a verifier can make it again and compare.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from reports.container import Member
from reports.frozen import canonical, digest

BAGIT: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
DECLARATION: Final = "bagit.txt"
INFO: Final = "bag-info.txt"
MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
SIGNATURE: Final = "signature.json"
PUBLIC_KEY: Final = "public-key.pem"
INSTRUCTIONS: Final = "VERIFY.txt"
VERIFIER: Final = "verify_package.py"
PDF: Final = "data/report.pdf"
REPORT: Final = "data/report.json"
FINDINGS: Final = "data/findings.csv"
CITATIONS: Final = "data/citations.csv"
AUDIT: Final = "data/audit.jsonl"
EXHIBITS: Final = "data/exhibits/"

PAYLOAD: Final = frozenset({PDF, REPORT, FINDINGS, CITATIONS, AUDIT})
SIGNED_TAGS: Final = frozenset({DECLARATION, INFO, MANIFEST, PUBLIC_KEY, INSTRUCTIONS, VERIFIER})
TAGS: Final = SIGNED_TAGS | {TAG_MANIFEST, SIGNATURE}

SUBMISSION: Final = re.compile(r"[A-Z]{2,8}-\d{4}-\d{4,8}")
ALGORITHM: Final = "Ed25519"


def moment(value: datetime) -> str:
    """A moment in UTC to the second, the only form in a package."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def exhibit_path(number: int, file_name: str) -> str:
    """Where an exhibit lies: its number, then what is safe of its file name on every system."""
    plain = unicodedata.normalize("NFKD", file_name.replace("\\", "/").rpartition("/")[2])
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", plain.encode("ascii", "ignore").decode("ascii"))
    stem, dot, extension = safe.rpartition(".")
    if not dot:
        stem, extension = safe, ""
    name = (stem.strip("._-")[:60] or "exhibit") + (f".{extension[:12]}" if extension else "")
    return f"{EXHIBITS}{number:02}-{name}"


def manifest(members: Iterable[Member]) -> bytes:
    """A manifest: digest, two spaces, path; sorted by path, one line each."""
    ordered = sorted(members, key=lambda member: member.path.encode("ascii"))
    return "".join(f"{member.sha256}  {member.path}\n" for member in ordered).encode("ascii")


def info(
    frozen: Mapping[str, Any],
    payload: Iterable[Member],
    *,
    submission: str,
    signed_at: str,
    fingerprint: str,
) -> bytes:
    """bag-info.txt: who sends what, and the values that bind the signature to this package."""
    sizes = [member.size for member in payload]
    pairs = {
        "Source-Organization": frozen["agency"]["name"],
        "External-Description": frozen["report"]["title"],
        "External-Identifier": frozen["report"]["number"],
        "Internal-Sender-Identifier": submission,
        "Bagging-Date": signed_at[:10],
        "Payload-Oxum": f"{sum(sizes)}.{len(sizes)}",
        "Bag-Software-Agent": "Custos",
        "Custos-Report-Version": str(frozen["report"]["version"]),
        "Custos-Report-SHA256": digest(frozen),
        "Custos-Signed-At": signed_at,
        "Custos-Key-Fingerprint": fingerprint,
    }
    lines = (f"{label}: {_one_line(value)}\n" for label, value in pairs.items())
    return "".join(lines).encode("utf-8")


def signature(signed: bytes, *, signed_at: str, fingerprint: str) -> bytes:
    """signature.json: canonical JSON without anything that the signed files do not also say.

    The tag manifest cannot list the signature over itself. It need not: moment and fingerprint repeat what the signed
    bag-info.txt says, the algorithm is fixed, and the 64 bytes are checked by the key; so no byte here is free.
    """
    return canonical(
        {
            "algorithm": ALGORITHM,
            "fingerprint": fingerprint,
            "signature": base64.b64encode(signed).decode("ascii"),
            "signed_at": signed_at,
            "signs": TAG_MANIFEST,
        }
    )


def instructions(frozen: Mapping[str, Any], *, submission: str, fingerprint: str) -> bytes:
    """VERIFY.txt: one page that tells any reader how to check the package."""
    report = frozen["report"]
    text = _INSTRUCTIONS.format(
        submission=submission,
        number=_one_line(report["number"]),
        version=report["version"],
        agency=_one_line(frozen["agency"]["name"]),
        sha256=digest(frozen),
        fingerprint=fingerprint,
    )
    return text.encode("utf-8")


def _one_line(value: str) -> str:
    return " ".join(str(value).split())


_INSTRUCTIONS: Final = """HOW TO CHECK THIS PACKAGE

Package   {submission}
Report    {number}, version {version}
From      {agency}
report.json, SHA-256:
          {sha256}
Fingerprint of the signing key:
          {fingerprint}

1. Keep the zip file as you received it. The check reads the zip file, not the unpacked folder.

2. You need Python 3.9 or later and nothing else; no network. Take verify_package.py from this
   folder, or better from the agency or from an earlier package that you trust, because whoever
   alters a package could also alter the checking program in it. Then run:

       python3 verify_package.py {submission}.zip --fingerprint FINGERPRINT

3. For FINGERPRINT use the value that the agency gave you by another way: on paper, by telephone
   or on its web site. The value above is in the package itself; alone it proves nothing about
   who made the package. Without --fingerprint the program checks everything else and says so.

4. "No violation found" and exit code 0: every byte of the zip file is as it was when it was
   signed. Exit code 1: each violation is listed with a code and its place; do not rely on the
   package, and ask the agency for it again. Exit code 2: the file is not such a package.

By hand, after unpacking: the checksums with  sha256sum -c manifest-sha256.txt  and
sha256sum -c tagmanifest-sha256.txt , the signature with OpenSSL 3 in three commands:

    python3 -c "import base64,json;open('sig','wb').write(
        base64.b64decode(json.load(open('signature.json'))['signature']))"
    openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in tagmanifest-sha256.txt -sigfile sig
    openssl pkey -pubin -in public-key.pem -outform DER | openssl dgst -sha256

WHAT IS WHERE

data/report.pdf      the report for reading           data/report.json     the same, exact, for machines
data/findings.csv    findings of loss                 data/citations.csv   the evidence behind each figure
data/exhibits/       attached documents               data/audit.jsonl     extract of the audit log

In the two CSV files a cell that begins like a formula has an apostrophe put in front, so that no
spreadsheet computes it. report.json has every text unaltered.
"""
