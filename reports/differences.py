"""What changed between two frozen versions of a report, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One field, finding or exhibit that is not the same in both versions; empty text: it was not there."""

    place: str
    before: str
    after: str


def differences(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> list[Difference]:
    """Everything a reader of the earlier version should look at again."""
    return [
        *_compared(_fields(earlier), _fields(later)),
        *_compared(_listed(earlier, "findings", "title"), _listed(later, "findings", "title")),
        *_compared(_exhibits(earlier), _exhibits(later)),
    ]


def _compared(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Difference]:
    for place in dict.fromkeys([*before, *after]):
        first, second = before.get(place, ""), after.get(place, "")
        if first != second:
            yield Difference(place, first, second)


def _fields(frozen: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{section['title']}: {field['label']}": _said(field)
        for section in frozen["sections"]
        for field in section["fields"]
    }


def _said(field: Mapping[str, Any]) -> str:
    if field["state"] == "given":
        return str(field["value"])
    words = "Not known" if field["state"] == "not_known" else "Not appropriate"
    return f"{words}: {field['reason']}"


def _listed(frozen: Mapping[str, Any], part: str, name: str) -> dict[str, str]:
    return {f"Finding {row['number']}": str(row[name]) for row in frozen[part]}


def _exhibits(frozen: Mapping[str, Any]) -> dict[str, str]:
    return {f"Exhibit: {row['title']}": f"SHA-256 {row['sha256']}" for row in frozen["exhibits"]}
