"""The frozen report: what the signer of 36 CFR 1230.14(b) signed, as plain data.

A report version is frozen once, at signing, into one JSON object of the schema below. From then on the renditions, the
submission package and the reading room work from this object alone (invariant I8), so that nothing they show can drift
with the database. The object's canonical bytes are `report.json` of the package; their SHA-256 names the version.

Canonical bytes: JSON with sorted keys, no spaces, UTF-8 without escapes for non-ASCII characters, no NaN or infinity.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, NotRequired, TypedDict

SCHEMA: Final = "custos-report/1"
ENTRY_CAP: Final = 10_000
"""A finding names at most this many entries; `entries_total` tells how many there are."""


class Identity(TypedDict):
    """Which report and which version; `supplements` is the SHA-256 of the version that this one supplements."""

    number: str
    version: int
    supplements: str | None
    title: str
    regulation: str


class Agency(TypedDict):
    """The reporting agency, the component concerned and NARA's case number, if it has one."""

    name: str
    component: str
    nara_case_id: str


class Letter(TypedDict):
    """NARA's letter which started the clock (36 CFR 1230.16(b))."""

    dated: str
    addressee: str
    due: str
    due_explanation: list[str]


class Incident(TypedDict):
    """What happened, in the words of 36 CFR 1230.3; `limbs` are sentences, each with its citation."""

    number: str
    title: str
    kinds: list[str]
    occurrence: str
    limbs: list[str]
    discovered_on: str
    occurred_from: str
    occurred_to: str
    offices: list[str]
    custodians: list[str]
    tools: list[str]


class Field(TypedDict):
    """One figure or sentence of the report; "not known" and "not appropriate" carry their reason."""

    key: str
    label: str
    state: Literal["given", "not_known", "not_appropriate"]
    value: str
    reason: str
    citations: list[int]


class Section(TypedDict):
    """One of the five elements of 36 CFR 1230.14(a), or one item of NARA's letter."""

    key: str
    title: str
    citation: str
    asked_by: str
    fields: list[Field]


class Citation(TypedDict):
    """The evidence behind a figure: `sha256` is that of the sealed file, empty where there is none."""

    number: int
    kind: str
    label: str
    place: str
    sha256: str
    quote: str


class Finding(TypedDict):
    """Evidence of loss; `entries` are sequence numbers in the export, at most `ENTRY_CAP` of `entries_total`."""

    number: str
    rule: str
    code: str
    title: str
    explanation: str
    export: str
    office: str
    custodian: str
    conversation: str
    first_at: str
    last_at: str
    count: int
    counted: NotRequired[str]  # the count with what it is of; older reports lack it
    confidence: str
    entries: list[int]
    entries_total: int


class ExhibitEntry(TypedDict):
    """A document attached to the report, known by the SHA-256 of its bytes."""

    number: int
    title: str
    file_name: str
    sha256: str
    size: int
    media_type: str


class Signer(TypedDict):
    """The individual authorized to sign records schedules (36 CFR 1220.34(b))."""

    name: str
    title: str
    authority: str
    designated_on: str


class People(TypedDict):
    """Who drafted and who signed."""

    drafters: list[str]
    signer: Signer


class Signature(TypedDict):
    """The signer's statement; `override_reason` is filled only when the signer also drafted."""

    statement: str
    signed_at: str
    override_reason: str


class AcceptedCheck(TypedDict):
    """A warning of the completeness checks that the signer accepted, with the reason."""

    code: str
    severity: str
    words: str
    citation: str
    accepted_reason: str


class FrozenReport(TypedDict):
    """One version of a 36 CFR 1230.14 report, complete and unchangeable."""

    schema: str
    report: Identity
    agency: Agency
    letter: Letter | None
    incident: Incident
    sections: list[Section]
    citations: list[Citation]
    findings: list[Finding]
    exhibits: list[ExhibitEntry]
    people: People
    signature: Signature
    checks: list[AcceptedCheck]
    frozen_at: str


class Defect(NamedTuple):
    """Something that keeps a frozen report from being packaged: code, plain sentence, place."""

    code: str
    words: str
    place: str


def canonical(data: Mapping[str, Any]) -> bytes:
    """The one byte sequence of `data`; raises ValueError for what JSON or UTF-8 cannot carry."""
    text = json.dumps(
        data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes, in lower-case hexadecimal: the name of this version."""
    return hashlib.sha256(canonical(data)).hexdigest()


def defects(frozen: Mapping[str, Any]) -> list[Defect]:
    """What is wrong inside a frozen report: schema, missing parts, citations without evidence (I9)."""
    if frozen.get("schema") != SCHEMA:
        return [Defect("schema", f"The report is not of the schema {SCHEMA}.", "schema")]
    missing = sorted(set(FrozenReport.__required_keys__) - set(frozen))
    if missing:
        return [Defect("part-missing", "The report lacks a part.", name) for name in missing]
    return [*_citation_defects(frozen), *_numbering_defects(frozen)]


def _citation_defects(frozen: Mapping[str, Any]) -> Iterator[Defect]:
    known = {citation["number"] for citation in frozen["citations"]}
    for section in frozen["sections"]:
        for field in section["fields"]:
            for number in field["citations"]:
                if number not in known:
                    yield Defect(
                        "citation-missing", f"Citation {number} is not in the list.", field["key"]
                    )
            if field["state"] != "given" and not field["reason"].strip():
                yield Defect("reason-missing", "The reason is empty.", field["key"])


def _numbering_defects(frozen: Mapping[str, Any]) -> Iterator[Defect]:
    for part in ("citations", "exhibits"):
        numbers = [item["number"] for item in frozen[part]]
        for number in _repeated(numbers):
            yield Defect("number-repeated", f"Number {number} is used more than once.", part)
    for number in _repeated([finding["number"] for finding in frozen["findings"]]):
        yield Defect("number-repeated", f"Finding {number} is listed more than once.", "findings")


def _repeated(values: Sequence[Any]) -> list[Any]:
    return [value for value, count in Counter(values).items() if count > 1]
