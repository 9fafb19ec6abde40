"""What a submission package is made of, and what may not become one."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import bagit
import pytest
from django.core.management import call_command

from reports import package
from reports.frozen import canonical, digest
from reports.verifier import verify_package
from tests.reports import samples

NAME = samples.SUBMISSION
VERIFIER = Path(verify_package.__file__)


@pytest.fixture
def built(tmp_path: Path) -> package.Package:
    return samples.build(tmp_path)


def test_both_verifiers_accept_the_package_as_built(built: package.Package) -> None:
    assert samples.codes_of_both(built.path) == (set(), set())
    assert samples.codes_of_both(built.path, built.fingerprint) == (set(), set())


def test_the_package_holds_exactly_the_documented_files(built: package.Package) -> None:
    assert list(samples.unpacked(built.path.read_bytes())) == [
        f"{NAME}/VERIFY.txt",
        f"{NAME}/bag-info.txt",
        f"{NAME}/bagit.txt",
        f"{NAME}/data/audit.jsonl",
        f"{NAME}/data/citations.csv",
        f"{NAME}/data/exhibits/01-Letter_of_Oct_26.txt",
        f"{NAME}/data/exhibits/02-ete.bin",
        f"{NAME}/data/findings.csv",
        f"{NAME}/data/report.json",
        f"{NAME}/data/report.pdf",
        f"{NAME}/manifest-sha256.txt",
        f"{NAME}/public-key.pem",
        f"{NAME}/signature.json",
        f"{NAME}/tagmanifest-sha256.txt",
        f"{NAME}/verify_package.py",
    ]


def test_equal_input_gives_equal_bytes(built: package.Package, tmp_path: Path) -> None:
    again = samples.build(tmp_path, destination=tmp_path / "again.zip")
    assert again.path.read_bytes() == built.path.read_bytes()
    assert (again.sha256, again.size) == (built.sha256, built.path.stat().st_size)
    assert built.sha256 == samples.sha256(built.path.read_bytes())


def test_report_json_is_the_frozen_report_bit_by_bit(built: package.Package) -> None:
    members = samples.unpacked(built.path.read_bytes())
    assert members[f"{NAME}/data/report.json"] == canonical(samples.frozen_report())
    assert built.report_sha256 == digest(samples.frozen_report())


def test_the_bagit_library_accepts_the_unpacked_bag(built: package.Package, tmp_path: Path) -> None:
    for path, content in samples.unpacked(built.path.read_bytes()).items():
        target = tmp_path / "out" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    bag = bagit.Bag(str(tmp_path / "out" / NAME))
    bag.validate()
    assert bag.info["External-Identifier"] == "RPT-2026-0001"
    (tmp_path / "out" / NAME / "data" / "report.json").write_bytes(b"{}")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(tmp_path / "out" / NAME)).validate()


def test_the_packaged_verifier_runs_without_the_portal(
    built: package.Package, tmp_path: Path
) -> None:
    program = tmp_path / "verify_package.py"
    program.write_bytes(samples.unpacked(built.path.read_bytes())[f"{NAME}/verify_package.py"])

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(program), *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    accepted = run(str(built.path))
    assert accepted.returncode == 0
    assert "came from the package itself" in accepted.stdout
    assert (
        "the key that you named" in run(str(built.path), "--fingerprint", built.fingerprint).stdout
    )
    refused = run(str(built.path), "--fingerprint", "00" * 32)
    assert (refused.returncode, "key-unexpected" in refused.stdout) == (1, True)
    assert run(str(program)).returncode == 2
    assert run(str(tmp_path / "nothing.zip")).returncode == 2
    folder = run(str(tmp_path))
    assert folder.returncode == 2
    assert "reads the zip file as it was downloaded" in folder.stdout
    assert "python3 verify_package.py SUB-2026-0001.zip" in folder.stdout


def test_the_verifier_uses_only_python_3_9_and_its_library() -> None:
    tree = ast.parse(VERIFIER.read_text(), feature_version=(3, 9))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    }
    assert imported <= sys.stdlib_module_names


def test_the_command_answers_by_exit_code(
    built: package.Package, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    call_command("verify_package", str(built.path))
    assert "no violation found" in capsys.readouterr().out
    built.path.write_bytes(built.path.read_bytes() + b"x")
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_package", str(built.path))
    assert "container-form" in capsys.readouterr().out
    other = tmp_path / "photo.jpg"
    other.write_bytes(b"\xff\xd8")
    with pytest.raises(SystemExit, match="2"):
        call_command("verify_package", str(other))


def test_the_verifiers_leave_a_package_of_many_exhibits_alone(tmp_path: Path) -> None:
    entries, given = [], []
    for number in range(1, 121):
        content = f"exhibit {number}".encode()
        entries.append(samples.exhibit_entry(number, "Page", "page=1.txt", content, "text/plain"))
        given.append(
            package.Exhibit(
                number, "Page", "page=1.txt", "text/plain", partial(io.BytesIO, content)
            )
        )
    built = samples.build(tmp_path, frozen=samples.frozen_report(exhibits=entries), exhibits=given)
    assert samples.codes_of_both(built.path) == (set(), set())


def test_a_report_without_exhibits_and_events_is_packaged(tmp_path: Path) -> None:
    built = samples.build(
        tmp_path,
        frozen=samples.frozen_report(exhibits=[], findings=[], letter=None),
        exhibits=[],
        events=[],
    )
    assert samples.codes_of_both(built.path) == (set(), set())


def _wrong_exhibit() -> list[package.Exhibit]:
    first, second = samples.exhibits()
    return [first._replace(open=lambda: io.BytesIO(b"other")), second]


def _changing_exhibit() -> list[package.Exhibit]:
    first, second = samples.exhibits()
    turns = iter([samples.LETTER, samples.LETTER[::-1]])
    return [first._replace(open=lambda: io.BytesIO(next(turns))), second]


def _uncited() -> dict[str, Any]:
    return samples.frozen_report(citations=samples.frozen_report()["citations"][:2])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exhibits": []}, "exhibit-list"),
        ({"exhibits": _wrong_exhibit()}, "exhibit-differs"),
        ({"exhibits": _changing_exhibit()}, "exhibit-changed"),
        ({"events": [{**samples.audit_events()[0], "actor": "other"}]}, "audit-event"),
        ({"events": samples.audit_events()[::-1]}, "audit-event"),
        ({"frozen": _uncited()}, "citation-missing"),
        ({"frozen": samples.frozen_report(schema="custos-report/9")}, "schema"),
        ({"submission": "../SUB"}, "submission-number"),
    ],
)
def test_what_does_not_hold_is_not_packaged(
    tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(package.PackageError) as caught:
        samples.build(tmp_path, **changes)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "file_name",
    [
        "../../etc/passwd",
        "C:\\temp\\a.txt",
        "nul\x00.txt",
        "\u202egnp.exe",
        "",
        ".hidden",
        "a" * 300,
    ],
)
def test_an_exhibit_never_leaves_its_folder(tmp_path: Path, file_name: str) -> None:
    entry = samples.exhibit_entry(1, "Exhibit", file_name, samples.LETTER, "text/plain")
    exhibit = samples.exhibits()[0]._replace(file_name=file_name)
    built = samples.build(
        tmp_path, frozen=samples.frozen_report(exhibits=[entry]), exhibits=[exhibit]
    )
    with zipfile.ZipFile(built.path) as archive:
        inside = [name for name in archive.namelist() if "/exhibits/" in name]
    assert len(inside) == 1
    folder, _, name = inside[0].rpartition("/")
    assert folder == f"{NAME}/data/exhibits"
    assert name.startswith("01-")
    assert name.isascii()
    assert len(name) < 90
    assert samples.codes_of_both(built.path) == (set(), set())


def test_the_audit_extract_keeps_hashes_across_gaps(built: package.Package) -> None:
    members = samples.unpacked(built.path.read_bytes())
    lines = members[f"{NAME}/data/audit.jsonl"].splitlines()
    assert [json.loads(line) for line in lines] == samples.audit_events((7, 8, 11))
