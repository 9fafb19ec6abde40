"""report.pdf: the report for people, PDF/A-2a and PDF/UA-1, made by typst from `report.typ`.

The same frozen report gives the same bytes on every machine: only the fonts inside typst are used, and the file's date
is the moment of freezing. Characters that those fonts cannot draw (most emoji) or that change how a line reads
(direction marks) are printed as their code points, [U+1F600]; report.json keeps them as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import typst

from reports.frozen import canonical, digest

FINDING_ROWS: Final = 500
"""Longer tables cost hundreds of MiB in typst and are read by nobody: findings.csv has all rows."""
CITATION_ROWS: Final = 2_000
STANDARDS: Final[list[typst.PDFStandard]] = ["a-2a", "ua-1"]
TEMPLATE: Final = Path(__file__).with_name("report.typ")

_PROBE: Final = b"""#set document(title: "probe")
#set text(lang: "en", font: ("Libertinus Serif", "DejaVu Sans Mono"))
#sys.inputs.text
"""
_LONG_WORD: Final = re.compile(r"[^\s\u200b]{25,}")
_PLAIN: Final = re.compile(r"[\n\x20-\x7e]*")
_VARIATION: Final = re.compile("[\ufe00-\ufe0f]")


class RenditionError(Exception):
    """The PDF could not be made; the frozen report itself is not affected."""


def render(frozen: Mapping[str, Any]) -> bytes:
    """The PDF of a frozen report; equal input gives equal bytes."""
    data = printable(_page_data(frozen))
    try:
        result = _compiler().compile(
            str(TEMPLATE),
            format="pdf",
            sys_inputs={"report": canonical(data).decode("utf-8")},
            pdf_standards=STANDARDS,
            timestamp=int(datetime.fromisoformat(frozen["frozen_at"]).timestamp()),
        )
    except typst.TypstError as error:
        message = f"pdf-rendition: the PDF could not be made: {error.message}"
        raise RenditionError(message) from error
    if not isinstance(result, bytes):
        raise RenditionError("pdf-rendition: the PDF could not be made: typst gave no single file")
    return result


def printable(data: Any) -> Any:
    """The same data with every text drawable: code points for what the fonts lack, breaks in long words."""
    strange = {
        character
        for text in _texts(data)
        if not _PLAIN.fullmatch(text)
        for character in text
        if not "\x20" <= character <= "\x7e" and character != "\n"
    }
    table = {ord(character): _code_point(character) for character in _undrawable(strange)}
    return _mapped(data, lambda text: _breakable(_VARIATION.sub("", text).translate(table)))


def _compiler() -> typst.Compiler:
    # A fresh one for each report: a kept compiler holds the previous report's text in memory.
    return typst.Compiler(
        root=str(TEMPLATE.parent),
        font_paths=_fonts(),
    )


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _page_data(frozen: Mapping[str, Any]) -> dict[str, Any]:
    findings = [
        {**{key: value for key, value in item.items() if key != "entries"}, **_span(item)}
        for item in frozen["findings"][:FINDING_ROWS]
    ]
    return {
        **frozen,
        "dates": _dates(frozen),
        "findings": findings,
        "findings_total": len(frozen["findings"]),
        "citations": frozen["citations"][:CITATION_ROWS],
        "citations_total": len(frozen["citations"]),
        "sha256": digest(frozen),
    }


def _span(finding: Mapping[str, Any]) -> dict[str, str]:
    first, last = in_words(finding["first_at"]), in_words(finding["last_at"])
    return {"span": first if first == last or not last else f"{first}\nto {last}"}


def _dates(frozen: Mapping[str, Any]) -> dict[str, str]:
    letter = frozen["letter"] or {"dated": "", "due": ""}
    incident = frozen["incident"]
    given = {
        "letter_dated": letter["dated"],
        "letter_due": letter["due"],
        "discovered_on": incident["discovered_on"],
        "occurred_from": incident["occurred_from"],
        "occurred_to": incident["occurred_to"],
        "designated_on": frozen["people"]["signer"]["designated_on"],
        "signed_at": frozen["signature"]["signed_at"],
        "frozen_at": frozen["frozen_at"],
    }
    return {key: in_words(value) for key, value in given.items()}


def in_words(value: str | None) -> str:
    """A date or moment of ISO 8601 as it is written in an American letter; other text stays."""
    text = value or ""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return _day(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = moment.tzname() or ""
    clock = moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
    return f"{_day(moment.date())}, {clock} {zone}".strip()


def _day(value: date) -> str:
    months = "January February March April May June July August September October November December"
    return f"{months.split()[value.month - 1]} {value.day}, {value.year}"


def _texts(data: Any) -> Iterable[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from _texts(value)


def _mapped(data: Any, change: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return change(data)
    if isinstance(data, Mapping):
        return {key: _mapped(value, change) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_mapped(value, change) for value in data]
    return data


def _breakable(text: str) -> str:
    # A digest or a path has no spaces; zero-width spaces let it wrap inside its cell.
    return _LONG_WORD.sub(lambda found: re.sub(r"(.{8})(?=.)", "\\1\u200b", found[0]), text)


def _code_point(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def _undrawable(characters: Iterable[str]) -> set[str]:
    hidden = {
        character
        for character in characters
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    }
    return hidden | _refused("".join(sorted(set(characters) - hidden)))


def _refused(characters: str) -> set[str]:
    # PDF/A makes typst refuse what its fonts cannot draw; halving finds those characters.
    if not characters or _draws(characters):
        return set()
    if len(characters) == 1:
        return {characters}
    middle = len(characters) // 2
    return _refused(characters[:middle]) | _refused(characters[middle:])


@lru_cache(maxsize=4_096)
def _draws(characters: str) -> bool:
    compiler = typst.Compiler(_PROBE, font_paths=_fonts())
    try:
        # Spaces keep neighbours from being shaped into one glyph.
        compiler.compile(
            format="pdf",
            sys_inputs={"text": " ".join(characters)},
            pdf_standards=STANDARDS,
            timestamp=0,
        )
    except typst.TypstError:
        return False
    return True
