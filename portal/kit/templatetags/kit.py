"""What templates need beyond Django's own: state colours, addresses with changed queries, plain times."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template
from django.db.models import Model
from django.utils import timezone

register = template.Library()

# Colour says how urgent, words say what: colour is never the only carrier (WCAG 1.4.1).
_GOOD, _BUSY, _WARN, _BAD, _QUIET = "good", "busy", "warn", "bad", "quiet"
STATE_TONES: dict[str, str] = {
    **dict.fromkeys(
        (
            "ready",
            "accepted",
            "done",
            "signed",
            "approved",
            "submitted",
            "closed",
            "executed",
            "permanent",
        ),
        _GOOD,
    ),
    **dict.fromkeys(
        (
            "received",
            "reading",
            "examining",
            "queued",
            "running",
            "triage",
            "investigating",
            "reporting",
            "review",
        ),
        _BUSY,
    ),
    **dict.fromkeys(
        (
            "needs_answer",
            "with_warnings",
            "warnings",
            "partly_read",
            "partly",
            "returned",
            "impending",
            "threatened",
            "reported",
            "alleged",
            "due_soon",
            "unscheduled",
            "warning",
            "waiting",
            "in_review",
        ),
        _WARN,
    ),
    **dict.fromkeys(("rejected", "failed", "overdue", "error", "actual", "lost", "deleted"), _BAD),
    **dict.fromkeys(
        ("draft", "dismissed", "superseded", "cancelled", "released", "info", "not_known"), _QUIET
    ),
}


@register.filter
def tone(state: Any) -> str:
    """The tone of a state: good, busy, warn, bad or quiet."""
    return STATE_TONES.get(str(state).lower().replace(" ", "_").replace("-", "_"), _QUIET)


@register.filter
def label_of(obj: Model, field: str) -> str:
    """The words of a choice field: `{{ incident|label_of:"state" }}`."""
    display = getattr(obj, f"get_{field}_display", None)
    return str(display() if display else getattr(obj, field))


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The present query with some values changed; None removes one: `href="?{% query page=2 %}"`."""
    return _query(context, changes)


@register.simple_tag(takes_context=True)
def changed(context: dict[str, Any], *pairs: Any) -> str:
    """As `query`, with the names in variables: `href="?{% changed table.prefixed_page_field 2 %}"`."""
    return _query(context, dict(zip(pairs[::2], pairs[1::2], strict=True)))


def _query(context: dict[str, Any], changes: dict[str, Any]) -> str:
    current = context["request"].GET.copy()
    for name, value in changes.items():
        current.pop(name, None)
        if value is not None:
            current[name] = str(value)
    return str(current.urlencode())


@register.filter
def days_until(day: date | None) -> str:
    """`in 3 days`, `today`, `2 days overdue`; empty for no date."""
    if day is None:
        return ""
    days = (day - timezone.localdate()).days
    if days == 0:
        return "today"
    plural = "" if abs(days) == 1 else "s"
    return f"in {days:,} day{plural}" if days > 0 else f"{-days:,} day{plural} overdue"


@register.filter
def urgency(day: date | None) -> str:
    """Tone of a due date: bad when past, warn within a week."""
    if day is None:
        return _QUIET
    days = (day - timezone.localdate()).days
    return _BAD if days < 0 else _WARN if days <= 7 else _GOOD


@register.filter
def percent(done: int | None, total: int | None) -> int:
    """Share of work done in whole percent, 0 to 100."""
    return max(0, min(100, int(100 * (done or 0) / total))) if total else 0


@register.filter
def widget_kind(field: Any) -> str:
    """How a form field is drawn: `checkbox`, `choices` (radios, checkboxes) or `plain`."""
    kind = getattr(field.field.widget, "input_type", "")
    if field.use_fieldset:
        return "choices"
    return "checkbox" if kind == "checkbox" else "plain"


_INVISIBLE = {
    0x200E: "LRM", 0x200F: "RLM", 0x061C: "ALM", 0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO",
    0x202E: "RLO", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI", 0x200B: "ZWSP", 0x200C: "ZWNJ",
    0x200D: "ZWJ", 0xFEFF: "BOM", 0x00A0: "NBSP", 0x202F: "NNBSP",
}  # fmt: skip


@register.filter
def revealed(text: str) -> str:
    """Text with marks that change its look or direction written out: `\u27e8RLO\u27e9` for a bidi override."""
    return "".join(
        f"\u27e8{_INVISIBLE[ord(character)]}\u27e9"
        if ord(character) in _INVISIBLE
        else _visible(character)
        for character in str(text)
    )


def _visible(character: str) -> str:
    """Control characters as their pictures (U+2400 block), except the line end."""
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 and character not in "\n\t" else character
