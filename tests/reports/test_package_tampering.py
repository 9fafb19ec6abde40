"""Any changed, added, removed or reordered byte of a package is found, by both verifiers."""

from __future__ import annotations

import base64
import io
import itertools
import json
import random
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from portal.keys import signing_key
from reports import bag, container, package
from reports.verifier import verify_package
from tests.reports import samples

NAME = samples.SUBMISSION
SAMPLED = 600


def structural_positions(content: bytes) -> list[int]:
    """Every byte of headers, directory and end, and of the small files that hold the package together."""
    positions: list[int] = []
    at = 0
    texts = {"bag-info.txt", "bagit.txt", "public-key.pem", "signature.json"}
    for path, data in samples.unpacked(content).items():
        header = len(container.local_header(container.Member(path, len(data), 0, "")))
        positions.extend(range(at, at + header))
        if path.removeprefix(f"{NAME}/") in texts:
            positions.extend(range(at + header, at + header + len(data)))
        at += header + len(data)
    positions.extend(range(at, len(content)))
    return positions


def positions_to_flip(content: bytes) -> list[int]:
    """Every structural byte, and bytes all over the rest at even steps."""
    step = len(content) / SAMPLED
    spread = {int(index * step) for index in range(SAMPLED)}
    return sorted(spread.union(structural_positions(content)))


def test_enough_positions_are_flipped() -> None:
    assert len(positions_to_flip(samples.package_bytes())) >= 3_000


@pytest.mark.parametrize("part", range(4))
def test_a_flipped_bit_anywhere_is_found(
    tmp_path: Path, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Most flips leave key, tag manifest and signature alone: the same sum need not be done 3,000 times.
    monkeypatch.setattr(verify_package, "signature_holds", cache(verify_package.signature_holds))
    content = samples.package_bytes()
    path = tmp_path / "flipped.zip"
    path.write_bytes(content)
    missed = []
    with path.open("r+b", buffering=0) as stream:
        for position in positions_to_flip(content)[part::4]:
            stream.seek(position)
            stream.write(bytes([content[position] ^ 1 << position % 8]))
            inside, alone = samples.codes_of_both(path)
            if not inside or not alone:
                missed.append((position, inside, alone))
            stream.seek(position)
            stream.write(content[position : position + 1])
    assert missed == []
    assert samples.codes_of_both(path) == (set(), set())


def test_every_bit_of_the_public_key_counts(tmp_path: Path) -> None:
    content = samples.package_bytes()
    pem = samples.unpacked(content)[f"{NAME}/{bag.PUBLIC_KEY}"]
    start = content.index(pem)
    path = tmp_path / "flipped.zip"
    path.write_bytes(content)
    with path.open("r+b", buffering=0) as stream:
        for position, bit in itertools.product(range(len(pem)), range(8)):
            stream.seek(start + position)
            stream.write(bytes([pem[position] ^ 1 << bit]))
            assert package.verify(path), (position, bit)
            stream.seek(start + position)
            stream.write(pem[position : position + 1])


def _both_find(tmp_path: Path, content: bytes) -> tuple[set[str], set[str]]:
    path = tmp_path / "tampered.zip"
    path.write_bytes(content)
    inside, alone = samples.codes_of_both(path)
    assert inside, "the portal's verifier found nothing"
    assert alone, "the single-file verifier found nothing"
    return inside, alone


@pytest.mark.parametrize("length", [0, 1, 3, 4, 29, 30, 500, 60_000, -1, -22, -23, -700])
def test_a_cut_package_is_found(tmp_path: Path, length: int) -> None:
    _both_find(tmp_path, samples.package_bytes()[:length])


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content + b"\0",
        lambda content: b"\0" + content,
        lambda content: content + content,
        lambda content: content[:-2] + b"\x01\x00!",
        lambda content: content[:100] + b"\0" + content[100:],
        lambda content: content[:100] + content[101:],
        lambda content: content.replace(b"HOW TO", b"OHW TO", 1),
    ],
    ids=["append", "prepend", "twice", "comment", "insert", "remove", "swap"],
)
def test_moved_and_added_bytes_are_found(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    _both_find(tmp_path, change(samples.package_bytes()))


@pytest.mark.parametrize("offset", [1, 1 << 32, 1 << 63, (1 << 64) - 1])
def test_a_directory_that_points_elsewhere_is_found(tmp_path: Path, offset: int) -> None:
    content = samples.package_bytes()
    path, data = next(iter(samples.unpacked(content).items()))
    member = container.measure(path, partial(io.BytesIO, data)).member
    right, wrong = (container.central_header(member, place) for place in (0, offset))
    assert content.count(right) == 1
    _both_find(tmp_path, content.replace(right, wrong))


def test_every_removed_member_is_found(tmp_path: Path) -> None:
    members = samples.unpacked(samples.package_bytes())
    for path in members:
        rest = {name: data for name, data in members.items() if name != path}
        _both_find(tmp_path, samples.packed(rest))


def test_swapped_members_are_found(tmp_path: Path) -> None:
    names = list(samples.unpacked(samples.package_bytes()))
    for first in range(len(names) - 1):
        members = samples.unpacked(samples.package_bytes())
        order = [*names[:first], names[first + 1], names[first], *names[first + 2 :]]
        inside, alone = _both_find(
            tmp_path, samples.packed({name: members[name] for name in order})
        )
        assert "container-form" in inside
        assert "member-order" in alone


@pytest.mark.parametrize(
    "path",
    ["data/exhibits/03-more.txt", "data/extra.txt", "extra.txt", "data/exhibits/sub/01-a", "zzz"],
)
def test_an_added_member_is_found(tmp_path: Path, path: str) -> None:
    members = {**samples.unpacked(samples.package_bytes()), f"{NAME}/{path}": b"more"}
    _both_find(tmp_path, samples.packed(dict(sorted(members.items()))))


def test_another_folder_name_is_found(tmp_path: Path) -> None:
    members = samples.unpacked(samples.package_bytes())
    renamed = {name.replace(NAME, "SUB-2026-0002"): data for name, data in members.items()}
    inside, alone = _both_find(tmp_path, samples.packed(renamed))
    assert inside == alone == {"bag-info"}


@pytest.mark.parametrize("path", [bag.MANIFEST, bag.TAG_MANIFEST])
def test_reordered_manifest_lines_are_found(tmp_path: Path, path: str) -> None:
    members = samples.unpacked(samples.package_bytes())
    lines = members[f"{NAME}/{path}"].splitlines(keepends=True)
    members[f"{NAME}/{path}"] = b"".join([lines[1], lines[0], *lines[2:]])
    inside, alone = _both_find(tmp_path, samples.packed(members))
    assert "manifest-form" in inside & alone


def resealed(members: dict[str, bytes], key: Any = None) -> dict[str, bytes]:
    """The manifests made again after a change, and the signature too if the forger has a key."""
    short = {name.removeprefix(f"{NAME}/"): data for name, data in members.items()}
    if key is not None:
        short[bag.PUBLIC_KEY] = key.public_pem
        info = short[bag.INFO].decode().splitlines()
        info[-1] = f"Custos-Key-Fingerprint: {key.fingerprint}"
        short[bag.INFO] = "".join(f"{line}\n" for line in info).encode()

    def listing(paths: list[str]) -> bytes:
        return b"".join(f"{samples.sha256(short[p])}  {p}\n".encode() for p in sorted(paths))

    short[bag.MANIFEST] = listing([path for path in short if path.startswith("data/")])
    short[bag.TAG_MANIFEST] = listing(sorted(bag.SIGNED_TAGS))
    if key is not None:
        short[bag.SIGNATURE] = bag.signature(
            key.sign(short[bag.TAG_MANIFEST]),
            signed_at=bag.moment(samples.SIGNED_AT),
            fingerprint=key.fingerprint,
        )
    return {f"{NAME}/{path}": short[path] for path in sorted(short)}


def test_new_manifests_without_the_key_do_not_help_a_forger(tmp_path: Path) -> None:
    members = samples.unpacked(samples.package_bytes())
    members[f"{NAME}/data/findings.csv"] += b"x"
    inside, alone = _both_find(tmp_path, samples.packed(resealed(members)))
    assert "signature-invalid" in inside & alone


def test_a_forger_with_an_own_key_is_found_by_the_published_fingerprint(tmp_path: Path) -> None:
    members = samples.unpacked(samples.package_bytes())
    forged = samples.packed(resealed(members, signing_key(tmp_path / "forger")))
    path = tmp_path / "forged.zip"
    path.write_bytes(forged)
    assert samples.codes_of_both(path) == (set(), set())
    published = samples.key().fingerprint
    assert samples.codes_of_both(path, published) == ({"key-unexpected"}, {"key-unexpected"})


def _changed_report(change: Callable[[dict[str, Any]], object]) -> dict[str, bytes]:
    members = samples.unpacked(samples.package_bytes())
    report = json.loads(members[f"{NAME}/data/report.json"])
    change(report)
    text = json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    members[f"{NAME}/data/report.json"] = text
    info = members[f"{NAME}/bag-info.txt"].decode().splitlines()
    payload = [len(data) for name, data in members.items() if "/data/" in name]
    info[5] = f"Payload-Oxum: {sum(payload)}.{len(payload)}"
    info[8] = f"Custos-Report-SHA256: {samples.sha256(text)}"
    members[f"{NAME}/bag-info.txt"] = "".join(f"{line}\n" for line in info).encode()
    return members


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda report: report["citations"].pop(), "citation-missing"),
        (lambda report: report["citations"].append(report["citations"][0]), "number-repeated"),
        (lambda report: report["exhibits"][0].update(sha256="0" * 64), "exhibit-differs"),
        (lambda report: report["exhibits"].pop(), "exhibit-unknown"),
        (lambda report: report["exhibits"][1].update(number=9), "exhibit-missing"),
        (lambda report: report.update(schema="other/1"), "schema"),
        (lambda report: report.pop("citations"), None),
        (lambda report: report.update(frozen_at=float("nan")), "report-form"),
    ],
)
def test_a_signed_report_that_contradicts_itself_is_found(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], code: str | None
) -> None:
    content = samples.packed(resealed(_changed_report(change), samples.key()))
    inside, alone = _both_find(tmp_path, content)
    if code is not None:
        assert code in inside & alone


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda lines: [lines[0].replace(b"signer", b"editor"), *lines[1:]], "audit-hash"),
        (lambda lines: [lines[1], lines[0], lines[2]], "audit-link"),
        (lambda lines: [lines[0], lines[0], *lines[1:]], "audit-link"),
        (lambda lines: [lines[0].replace(b",", b", ", 1), *lines[1:]], "audit-form"),
        (lambda lines: [b"[]\n", *lines], "audit-form"),
        (lambda lines: [*lines[:-1], lines[-1].rstrip(b"\n")], "audit-form"),
    ],
)
def test_a_signed_audit_extract_that_does_not_link_is_found(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], code: str
) -> None:
    members = samples.unpacked(samples.package_bytes())
    name = f"{NAME}/data/audit.jsonl"
    members[name] = b"".join(change(members[name].splitlines(keepends=True)))
    inside, alone = _both_find(tmp_path, samples.packed(resealed(members, samples.key())))
    assert code in inside & alone


def _signature(**changes: str) -> dict[str, bytes]:
    members = samples.unpacked(samples.package_bytes())
    fields = {**json.loads(members[f"{NAME}/signature.json"]), **changes}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    return {**members, f"{NAME}/signature.json": text}


def _with_order_added(encoded: str) -> str:
    raw = base64.b64decode(encoded)
    s = int.from_bytes(raw[32:], "little") + verify_package.L
    return base64.b64encode(raw[:32] + s.to_bytes(32, "little")).decode()


def test_a_forged_signature_file_is_found(tmp_path: Path) -> None:
    genuine = json.loads(samples.unpacked(samples.package_bytes())[f"{NAME}/signature.json"])
    forgeries = {
        "signature-invalid": [
            {"signature": base64.b64encode(bytes(64)).decode()},
            {"signature": base64.b64encode(random.Random(1).randbytes(64)).decode()},
            {"signature": _with_order_added(genuine["signature"])},
        ],
        "signature-form": [
            {"signed_at": "2026-11-22T14:05:00Z"},
            {"fingerprint": "0" * 64},
            {"algorithm": "none"},
            {"signs": "manifest-sha256.txt"},
            {"note": "added"},
            {"signature": "not base64"},
            {"signature": genuine["signature"].rstrip("=")},
        ],
    }
    for code, changes in forgeries.items():
        for change in changes:
            inside, alone = _both_find(tmp_path, samples.packed(_signature(**change)))
            assert code in inside & alone, change


def test_a_key_in_another_form_is_found(tmp_path: Path) -> None:
    members = samples.unpacked(samples.package_bytes())
    pem = members[f"{NAME}/public-key.pem"]
    for other in (pem + b"\n", pem.replace(b"\n", b"\r\n"), b"", pem[:-30], b"\xff" * 113):
        changed = {**members, f"{NAME}/public-key.pem": other}
        inside, alone = _both_find(tmp_path, samples.packed(changed))
        assert "key-form" in inside & alone


def test_random_garbage_never_crashes_a_verifier(tmp_path: Path) -> None:
    dice = random.Random(20261123)
    content = samples.package_bytes()
    for _ in range(150):
        changed = bytearray(content)
        for _ in range(dice.randint(1, 6)):
            at, size = dice.randrange(len(changed)), dice.randint(0, 40)
            changed[at : at + dice.randint(0, 40)] = dice.randbytes(size)
        if bytes(changed) != content:
            _both_find(tmp_path, bytes(changed))
