"""The report as PDF, JSON and CSV."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from reports.frozen import canonical, digest
from reports.renditions import data, pdf, tables
from tests.reports import samples


def text_of(content: bytes, tmp_path: Path) -> str:
    """What a reader sees, in one line."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True)
    return re.sub(r"[\s\u200b]+", " ", done.stdout.decode().replace("\u200b", ""))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_the_pdf_says_which_standards_it_keeps() -> None:
    with pikepdf.open(io.BytesIO(pdf.render(samples.frozen_report()))) as document:
        with document.open_metadata() as metadata:
            assert metadata.get("pdfaid:part") == "2"
            assert metadata.get("pdfaid:conformance") == "A"
            assert metadata.get("pdfuaid:part") == "1"
            assert metadata.get("dc:title", "").startswith("RPT-2026-0001 version 1:")
        assert str(document.Root.Lang) == "en-US"
        assert document.Root.MarkInfo.Marked
        assert document.Root.ViewerPreferences.DisplayDocTitle
        assert "/StructTreeRoot" in document.Root


def test_equal_reports_give_equal_pdf_bytes() -> None:
    first = pdf.render(samples.frozen_report())
    assert pdf.render(samples.frozen_report()) == first
    assert pdf.render(samples.frozen_report(frozen_at="2026-11-23T14:00:01Z")) != first


def test_the_pdf_shows_every_part_of_the_report(tmp_path: Path) -> None:
    text = text_of(pdf.render(samples.frozen_report()), tmp_path)
    for words in (
        "Department of Sample Affairs",
        "Border Agency",
        "RPT-2026-0001, version 1",
        "NARA case UD-2022-0001",
        "(a)(1) Description of the records",
        "36 CFR 1230.14(a)(5)",
        "letter item 1",
        "12,431 messages [1] [2]",
        "Not known. Reason: The phones were wiped.",
        "Not appropriate. Reason: Nothing is on paper.",
        "That day is Thanksgiving",
        "November 24, 2021",
        "FND-2026-0002",
        "EXP-2026-0003, entries 12-40, bytes 1024-2048",
        samples.sha256(samples.LETTER),
        "The phones are gone.",
        "Authorized to sign records schedules: 36 CFR 1220.34(b)",
        "Signed on November 23, 2026, 13:58 UTC",
        digest(samples.frozen_report()),
        "Page 1 of",
    ):
        assert words in text, words


def test_text_of_the_report_is_never_read_as_markup(tmp_path: Path) -> None:
    hostile = '#panic("x") *b* _i_ $x$ <label> @ref \\ // /* `raw` = Heading [c] "quoted" #{'
    identity = {**samples.frozen_report()["report"], "title": hostile}
    sections = [
        {
            "key": "a1",
            "title": hostile,
            "citation": hostile,
            "asked_by": hostile,
            "fields": [samples.field("a1.x", hostile, hostile, 1)],
        }
    ]
    content = pdf.render(samples.frozen_report(report=identity, sections=sections))
    assert '#panic("x") *b* _i_ $x$ <label> @ref \\ // /* `raw`' in text_of(content, tmp_path)


def test_characters_without_a_glyph_are_printed_as_code_points(tmp_path: Path) -> None:
    text = text_of(pdf.render(samples.frozen_report()), tmp_path)
    assert "\u00a1ya! [U+1F600] [U+202E]gnp.exe" in text


@pytest.mark.parametrize(
    "value",
    [
        "\x00\x07\x1b",
        "\ue000\U000f0000",
        "\u4f60\u597d \u0645\u0631\u062d\u0628\u0627 \u0416 \u05d0",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\ufe0f",
        "\ufeff\u2028\u2029",
        "e\u0301\u0302\u0303",
        "x" * 5_000,
        "\n\n\n",
        "",
    ],
)
def test_any_text_can_be_printed(value: str) -> None:
    field = samples.field("a1.x", "Label", value, 1)
    section = {**samples.frozen_report()["sections"][0], "title": value or "-", "fields": [field]}
    assert pdf.render(samples.frozen_report(sections=[section])).startswith(b"%PDF-")


def test_a_long_list_of_findings_points_to_the_table(tmp_path: Path) -> None:
    many = [samples.finding(number) for number in range(1, pdf.FINDING_ROWS + 101)]
    text = text_of(pdf.render(samples.frozen_report(findings=many)), tmp_path)
    assert "The first 500 of 600 findings" in text
    assert "FND-2026-0500" in text
    assert "FND-2026-0501" not in text
    assert len(rows(tables.findings(samples.frozen_report(findings=many)))) == 600


def test_citation_marks_lead_to_the_list() -> None:
    with pikepdf.open(io.BytesIO(pdf.render(samples.frozen_report()))) as document:
        links = [
            annotation
            for page in document.pages
            for annotation in page.get("/Annots", [])
            if annotation.Subtype == "/Link"
        ]
    cited = sum(
        len(f["citations"]) for s in samples.frozen_report()["sections"] for f in s["fields"]
    )
    assert len(links) >= cited


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2021-10-26", "October 26, 2021"),
        ("2026-11-23T14:00:00Z", "November 23, 2026, 14:00 UTC"),
        ("2021-03-01T09:12:30-05:00", "March 1, 2021, 09:12:30 UTC-05:00"),
        ("about May", "about May"),
        ("", ""),
    ],
)
def test_dates_are_written_as_in_a_letter(value: str, words: str) -> None:
    assert pdf.in_words(value) == words


def test_the_json_rendition_is_the_canonical_bytes() -> None:
    report = samples.frozen_report()
    assert data.render(report) == canonical(report)
    assert b"\xf0\x9f\x98\x80" in data.render(report)


def test_what_json_cannot_carry_is_refused() -> None:
    for value in (float("nan"), float("inf"), "\ud800"):
        with pytest.raises(ValueError):  # noqa: PT011
            canonical({"value": value})


def test_the_findings_table_has_runs_of_entries_and_all_columns() -> None:
    first, second = rows(tables.findings(samples.frozen_report()))
    assert tuple(first) == tables.FINDING_COLUMNS
    assert first["entries"] == "12..14; 40"
    assert second["explanation"] == "'+1 message was deleted."


def test_the_citations_table_says_what_each_supports() -> None:
    table = rows(tables.citations(samples.frozen_report()))
    assert table[1]["cited_by"] == "a1.volume; a1.dates"
    assert table[1]["quote"].startswith("'=SUM(1)")


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_a_cell_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert tables.escape(f"{start}1+1") == f"'{start}1+1"
    assert tables.escape(f"1{start}1") == f"1{start}1"


def test_numbers_and_missing_values_stay_plain() -> None:
    values: list[Any] = [-3, 1.5, None, ""]
    assert [tables.escape(value) for value in values] == ["-3", "1.5", "", ""]
