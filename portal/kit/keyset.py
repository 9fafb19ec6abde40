"""Pages by position: the next rows after a known one, equally fast at any depth of a large table.

    page = keyset.page(messages, keys=("sent_at", "pk"), request=request, size=100)

The keys must end in a unique column and hold no nulls. All run in the same direction.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

AFTER, BEFORE = "after", "before"


@dataclass(frozen=True, slots=True)
class KeysetPage:
    """Rows of one page with the marks that lead to its neighbours (empty where there is none)."""

    rows: list[Any]
    next: str
    previous: str

    @property
    def has_neighbours(self) -> bool:
        return bool(self.next or self.previous)


def page(
    queryset: QuerySet[Any], *, keys: tuple[str, ...], request: HttpRequest, size: int = 50
) -> KeysetPage:
    """The page that the request's `after` or `before` asks for; a mark that cannot be read gives the first page."""
    after, before = (
        read_mark(request.GET.get(AFTER, ""), len(keys)),
        read_mark(request.GET.get(BEFORE, ""), len(keys)),
    )
    return page_at(queryset, keys=keys, after=after, before=before, size=size)


def page_at(
    queryset: QuerySet[Any],
    *,
    keys: tuple[str, ...],
    after: list[Any] | None = None,
    before: list[Any] | None = None,
    size: int = 50,
) -> KeysetPage:
    """The rows after (or before) a position given as key values."""
    backwards = before is not None and after is None
    position = before if backwards else after
    order = tuple(_flip(key) for key in keys) if backwards else keys
    rows_wanted = queryset.order_by(*order)
    if position is not None:
        try:
            rows_wanted = rows_wanted.filter(_beyond(order, position))
        except (ValidationError, ValueError, TypeError):
            return page_at(queryset, keys=keys, size=size)
    rows = list(rows_wanted[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
        return KeysetPage(
            rows, mark_of(rows[-1], keys) if rows else "", mark_of(rows[0], keys) if more else ""
        )
    previous = mark_of(rows[0], keys) if rows and position is not None else ""
    return KeysetPage(rows, mark_of(rows[-1], keys) if more else "", previous)


def mark_of(row: Any, keys: tuple[str, ...]) -> str:
    """The position of a row as it appears in an address."""
    values = [_value(row, key.lstrip("-")) for key in keys]
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def read_mark(mark: str, length: int) -> list[Any] | None:
    """The key values in a mark, or None when it is none of ours."""
    if not mark:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
    except ValueError:
        return None
    plain = isinstance(values, list) and all(
        isinstance(value, (str, int, float)) for value in values
    )
    return values if plain and len(values) == length else None


def _beyond(order: tuple[str, ...], values: list[Any]) -> Q:
    first, descending = order[0].lstrip("-"), order[0].startswith("-")
    found = Q()
    equal = Q()
    for key, value in zip(order, values, strict=True):
        name = key.lstrip("-")
        found |= equal & Q(**{f"{name}__{'lt' if key.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    # Implied by the rest, yet it lets both databases walk the index from the position on.
    return Q(**{f"{first}__{'lte' if descending else 'gte'}": values[0]}) & found


def _flip(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = row[part] if isinstance(row, dict) else getattr(row, part)
    return row.isoformat() if isinstance(row, datetime) else row
