"""A frozen report as a page: everything shown comes from the frozen data, nothing from live rows (I8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.renditions.pdf import in_words

FINDING_ROWS = 500


def shown(frozen: Mapping[str, Any]) -> dict[str, Any]:
    """The frozen report with dates in words, in the shape that `reports/report_frozen.html` draws."""
    letter, incident = frozen["letter"], frozen["incident"]
    findings = [
        {**row, "first_at": in_words(row["first_at"]), "last_at": in_words(row["last_at"])}
        for row in frozen["findings"][:FINDING_ROWS]
    ]
    return {
        **frozen,
        "letter": letter
        and {**letter, "dated": in_words(letter["dated"]), "due": in_words(letter["due"])},
        "incident": {
            **incident,
            **{
                key: in_words(incident[key])
                for key in ("discovered_on", "occurred_from", "occurred_to")
            },
        },
        "findings": findings,
        "findings_total": len(frozen["findings"]),
        "people": {
            **frozen["people"],
            "signer": {
                **frozen["people"]["signer"],
                "designated_on": in_words(frozen["people"]["signer"]["designated_on"]),
            },
        },
        "signature": {
            **frozen["signature"],
            "signed_at": in_words(frozen["signature"]["signed_at"]),
        },
        "frozen_at": in_words(frozen["frozen_at"]),
    }
