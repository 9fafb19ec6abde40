"""What the application's own words mean: deletions, timers, membership, calls and the rest, in many languages.

The wording stands in `wording.toml`, by language and kind. WhatsApp translates and rewords its notices all the time, so
the table is one source among two: words that it does not hold are kept as they stand and marked as unclassified
(`records/formats/whatsapp/meaning.py` decides that), never guessed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from records.formats.base import Kind
from records.formats.whatsapp.headers import plain_blanks, unmarked

_APOSTROPHES = str.maketrans("\u2019\u2018\u02bc\u201c\u201d", "'''\"\"")
_ENDS = " .\u3002\uff0e\u0964"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PATTERNS = {
    "actor": r"(?P<actor>.{1,200}?)",
    "other": r"(?P<other>.{1,400}?)",
    "name": r"(?P<name>.{1,400}?)",
    "duration": r"(?P<duration>\d{1,5}[ ]?\D{1,20}?)",
    "time": r"(?P<time>[\d:.]{3,8}(?:[ ]?[^\W\d]{1,3}\.?[ ]?[^\W\d]?\.?)?)",
    "n": r"\d+",
    "rest": r"(?P<rest>.*)",
}
_STANDARD = {24: 86_400, 7: 604_800, 90: 7_776_000}  # the three timers every release offers
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_DURATION = re.compile(r"(\d{1,5}) ?([^\W\d]+)")
TIMERS = frozenset((Kind.TIMER_ON, Kind.TIMER_OFF, Kind.TIMER_CHANGED, Kind.TIMER_DEFAULT))

# What a person's name may stand before on Android, where no mark tells typed words from the application's.
UNDER_AUTHOR = TIMERS | {
    Kind.DELETED, Kind.DELETED_BY_EXPORTER, Kind.DELETED_BY_OTHER, Kind.EDITED, Kind.VIEW_ONCE,
    Kind.NOT_RECEIVED, Kind.MEDIA_OMITTED, Kind.LOCATION, Kind.MISSED_CALL, Kind.CALL, Kind.ENCRYPTION,
}  # fmt: skip


class Meaning(NamedTuple):
    """What a notice says."""

    kind: Kind
    detail: dict[str, object]
    language: str


class _Form(NamedTuple):
    kind: Kind
    language: str
    text: str  # its matching copy
    fixed: int  # characters that are not placeholders: the form with the most of them fits best
    by_exporter: bool


def matching_copy(text: str) -> str:
    """A notice without what varies between releases: marks, kinds of blank and apostrophe, the final stop."""
    return plain_blanks(unmarked(text)).translate(_APOSTROPHES).strip(_ENDS)


def seconds_of(text: str, language: str) -> int | None:
    """The length of a timer that a notice names."""
    units = _table()[language].get("units", {})
    for number, word in _DURATION.findall(matching_copy(text)):
        folded = word.casefold()
        for unit, words in units.items():
            if any(folded == known.casefold() for known in words) or (
                not folded.isascii() and folded.startswith(tuple(w.casefold() for w in words))
            ):
                return int(number) * _SECONDS[unit]
        if int(number) in _STANDARD and len(text) < 400:
            return _STANDARD[int(number)]
    return None


def meaning_of(text: str, *, under_author: bool) -> Meaning | None:
    """The meaning of a whole notice, or None where the tables do not hold it.

    `under_author`: only what the application writes in a person's name, for exports without marks.
    """
    copy = matching_copy(text)
    if len(copy) > 1_000:
        return None
    exact = _exact().get(copy.casefold())
    if exact is not None:
        return exact if not under_author or exact.kind in UNDER_AUTHOR else None
    best: tuple[int, _Form, re.Match[str]] | None = None
    for form in _candidates(copy.casefold()):
        if under_author and form.kind not in UNDER_AUTHOR:
            continue
        if best is None or form.fixed > best[0]:
            found = _pattern(form.text).fullmatch(copy)
            if found:
                best = form.fixed, form, found
    return None if best is None else _with_detail(best[1], best[2])


def edited_mark(body: str) -> bool:
    """Whether a body ends with the application's note that it was edited."""
    if not body.endswith(">"):
        return False
    tail = body.rpartition("<")[2][:-1]
    return matching_copy(tail).casefold() in _words("edited_mark")


def media_of_omission(words: str) -> str | None:
    """The kind of file that "image omitted" and its like name, in any language; None for other words."""
    return _omissions().get(matching_copy(words).casefold())


def is_attached_tail(words: str) -> bool:
    """Whether the words in brackets after a file name say that the file was exported (Android)."""
    return matching_copy(words).casefold() in _words("attached_tail")


def is_poll_mark(words: str) -> bool:
    """Whether a first line, without its colon, starts a poll."""
    return matching_copy(words) in _exact_words("poll_mark")


@cache
def first_letters() -> frozenset[str]:
    """The first six letters of every form that Android writes under a person's name: a quick sieve."""
    letters = set()
    for kind in UNDER_AUTHOR:
        for _, form, _ in _forms_of(kind):
            if form.startswith("{actor}"):
                continue
            start = _PLACEHOLDER.split(form)[0]
            for variant in (start, start.lower()) if start.startswith("<") else (start,):
                for apostrophe in (variant, variant.replace("'", "\u2019")):
                    letters.add(apostrophe[:6])
    for word in _exact_words("poll_mark"):
        letters.update(f"{word}{colon}"[:6] for colon in (":\n", ":\r\n", " :\n", ": \n"))
    return frozenset(letters)


@cache
def title_patterns() -> tuple[re.Pattern[str], ...]:
    """File names of exports; group `name` is the chat."""
    forms = {form for table in _table().values() for form in table.get("titles", ())}
    return tuple(
        re.compile(_pattern_text(form) + r"(?: ?\(\d+\))?", re.IGNORECASE) for form in sorted(forms)
    )


@cache
def version() -> str:
    """The edition of the wording tables, stored with what they classified."""
    return str(_document()["version"])


def _with_detail(form: _Form, found: re.Match[str]) -> Meaning:
    groups = {key: value for key, value in found.groupdict().items() if value}
    detail: dict[str, object] = {}
    if form.by_exporter:
        detail["actor"] = "You"
    elif "actor" in groups:
        detail["actor"] = groups["actor"]
    if form.kind in TIMERS and (seconds := seconds_of(groups.get("rest", ""), form.language)):
        detail["seconds"] = seconds
    if form.kind is Kind.TIMER_CHANGED and form.language == "nl":
        detail["direction"] = "unknown"
    if form.kind is Kind.PRIVACY:
        detail["on"] = bool(re.search(r"\bturned on\b|was turned on", found[0], re.IGNORECASE))
    if form.kind is Kind.MEMBERSHIP and "other" in groups:
        detail["other"] = groups["other"]
    if form.kind is Kind.CALL and "duration" in groups:
        detail["duration"] = groups["duration"]
    return Meaning(form.kind, detail, form.language)


@cache
def _document() -> dict[str, Any]:
    with (Path(__file__).parent / "wording.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _table() -> dict[str, dict[str, Any]]:
    return {key: value for key, value in _document().items() if isinstance(value, dict)}


def _forms_of(kind: Kind) -> Iterator[tuple[str, str, bool]]:
    """Language, form, and whether it speaks to the exporter."""
    for language, table in _table().items():
        for form in table.get(kind.value, ()):
            yield language, form, kind is Kind.DELETED_BY_EXPORTER
        for form in table.get(f"by_exporter_{kind.value}", ()):
            yield language, form, True


@cache
def _exact() -> dict[str, Meaning]:
    """Forms without a placeholder, by their folded matching copy. The first language wins: kinds never differ."""
    exact: dict[str, Meaning] = {}
    for kind in Kind:
        for language, form, by_exporter in _forms_of(kind):
            if not _PLACEHOLDER.search(form):
                detail: dict[str, object] = {"actor": "You"} if by_exporter else {}
                key = matching_copy(form).casefold()
                exact.setdefault(key, Meaning(kind, detail, language))
    return exact


@cache
def _indexed() -> tuple[dict[str, list[_Form]], list[tuple[str, _Form]]]:
    """Forms with placeholders: by their longest word, and for scripts without blanks by their longest piece."""
    by_word: dict[str, list[_Form]] = {}
    by_piece: list[tuple[str, _Form]] = []
    for kind in Kind:
        for language, form, by_exporter in _forms_of(kind):
            if not _PLACEHOLDER.search(form):
                continue
            copy = matching_copy(form)
            pieces = [piece.casefold() for piece in re.split(r"\{\w+\}", copy) if piece.strip()]
            entry = _Form(kind, language, copy, sum(map(len, pieces)), by_exporter)
            words = [word for word in _whole_words(copy) if len(word) > 1]
            if language in ("ja", "ko", "zh-Hans") or not words:
                by_piece.append((max(pieces, key=len).strip(), entry))
            else:
                by_word.setdefault(max(words, key=len), []).append(entry)
    return by_word, by_piece


def _whole_words(copy: str) -> list[str]:
    """The words of a form that no placeholder touches, folded."""
    return [word.casefold() for word in re.split(r"\S*\{\w+\}\S*|\s+", copy) if word]


def _candidates(folded: str) -> Iterator[_Form]:
    by_word, by_piece = _indexed()
    for word in dict.fromkeys(folded.split()):
        yield from by_word.get(word, ())
    for piece, form in by_piece:
        if piece in folded:
            yield form


@cache
def _pattern(form: str) -> re.Pattern[str]:
    """Compiled when a notice first needs it: most files need a few of hundreds."""
    return re.compile(_pattern_text(form), re.IGNORECASE | re.DOTALL)


def _pattern_text(form: str) -> str:
    """A form as the text of a regular expression."""
    parts = _PLACEHOLDER.split(form)
    used: set[str] = set()
    out = []
    for position, part in enumerate(parts):
        if position % 2 == 0:
            out.append(re.escape(part))
        elif part in used:
            out.append(r".{1,400}?")
        else:
            used.add(part)
            out.append(_PATTERNS[part])
    return "".join(out)


@cache
def _words(key: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _exact_words(key))


@cache
def _exact_words(key: str) -> frozenset[str]:
    return frozenset(
        matching_copy(word) for table in _table().values() for word in table.get(key, ())
    )


@cache
def _omissions() -> dict[str, str]:
    return {
        matching_copy(form).casefold(): media
        for table in _table().values()
        for media, forms in table.get("omitted", {}).items()
        for form in forms
    }


def attached_tags() -> tuple[frozenset[str], frozenset[str]]:
    """Words before and after the file name inside `<...>` (iOS)."""
    return _words("attached_tag"), _words("attached_tag_after")
