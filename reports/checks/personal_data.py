"""Text that looks like personal data: NARA posts its letters, and case files can be requested under FOIA."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reports.checks.base import WARNING, Draft, Result

BASIS = "5 U.S.C. 552, 552a; NARA case files can be requested by case id"
PATTERNS: Final = (
    ("a Social Security number", re.compile(r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)")),
    (
        "a telephone number",
        re.compile(r"(?<!\d)(?:\+?1[ .-]?)?\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)"),
    ),
    ("a telephone number", re.compile(r"(?<!\w)\+[1-9]\d(?:[ .-]?\d){7,12}(?!\d)")),
    ("an e-mail address", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("a payment card number", re.compile(r"(?<!\d)(?:\d{4}[ -]){3}\d{4}(?!\d)")),
)


def check(draft: Draft) -> Iterator[Result]:
    for key, spec in draft.specs.items():
        field = draft.field(key)
        text = f"{field.value}\n{field.reason}"
        matches = [
            (name, match[0]) for name, pattern in PATTERNS for match in pattern.finditer(text)
        ]
        if matches:
            found = dict.fromkeys(name for name, _ in matches)
            words = (
                f"{spec.label}: this looks like {' and '.join(found)}. Take it out unless the report "
                "needs it."
            )
            evidence = tuple(match for _, match in matches)
            yield Result("C-PERSONAL", WARNING, words, BASIS, field=key, evidence=evidence)
