"""findings.csv and citations.csv: the report's lists for a spreadsheet.

UTF-8 with a header line, RFC 4180. A cell that a spreadsheet would take for a formula is altered: it gets a leading
apostrophe (OWASP ASVS 5.0, 1.2.10). Where a byte matters, read report.json, which is never altered.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

FORMULA_STARTS: Final = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\0",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)

FINDING_COLUMNS: Final = (
    "number",
    "rule",
    "code",
    "title",
    "explanation",
    "export",
    "office",
    "custodian",
    "conversation",
    "first_at",
    "last_at",
    "count",
    "counted",
    "confidence",
    "entries",
    "entries_total",
)
CITATION_COLUMNS: Final = ("number", "kind", "label", "place", "sha256", "quote", "cited_by")


def escape(value: object) -> str:
    """A cell's text, with an apostrophe in front where a spreadsheet would compute it."""
    if isinstance(value, (int, float)):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def findings(frozen: Mapping[str, Any]) -> bytes:
    """Every finding of the report; its entries as runs (`12..40`), split by semicolons."""
    return _table(FINDING_COLUMNS, (_finding_row(item) for item in frozen["findings"]))


def citations(frozen: Mapping[str, Any]) -> bytes:
    """Every citation of the report, with the keys of the fields that it supports."""
    cited_by: dict[int, list[str]] = defaultdict(list)
    for section in frozen["sections"]:
        for field in section["fields"]:
            for number in field["citations"]:
                cited_by[number].append(field["key"])
    rows = (
        [*(item[column] for column in CITATION_COLUMNS[:-1]), "; ".join(cited_by[item["number"]])]
        for item in frozen["citations"]
    )
    return _table(CITATION_COLUMNS, rows)


def _finding_row(item: Mapping[str, Any]) -> list[object]:
    values = {**item, "entries": "; ".join(_runs(item["entries"]))}
    return [values.get(column, "") for column in FINDING_COLUMNS]


def _runs(numbers: Sequence[int]) -> Iterator[str]:
    ordered = sorted(numbers)
    start = 0
    for index in range(1, len(ordered) + 1):
        if index == len(ordered) or ordered[index] != ordered[index - 1] + 1:
            first, last = ordered[start], ordered[index - 1]
            yield str(first) if first == last else f"{first}..{last}"
            start = index


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([escape(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")
