"""Lists: one class per noun, with a table, a filter, sorting, pages and CSV of the same filter.

    @requires("incidents.view")
    class IncidentList(ListPage):
        table_class = IncidentTable          # django_tables2.Table
        filterset_class = IncidentFilter     # django_filters.FilterSet
        title = "Incidents"
        empty_words = "An incident is opened from findings, a letter, a report or a tip."
        actions = [("Report a suspected loss", "incident_report", "incidents.report")]

        def get_queryset(self):
            return Incident.objects.visible_to(self.request.user)

Large tables set `keyset = ("-sent_at", "-pk")`: pages by position, no sorting by columns, no exact count.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.generic import ListView
from django_tables2 import RequestConfig, Table

from portal.agency.access import can
from portal.kit import keyset

COUNT_UP_TO = 1000
_CHUNK = 2000
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


class CappedPaginator(Paginator):
    """Page numbers without counting a large table to its end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen: int | None = None

    @property
    def count(self) -> int:
        if self.seen is None:
            self.seen = capped_count(self.object_list, up_to=200 * int(self.per_page))
        return self.seen


class ListPage(ListView):
    """A list that filters, sorts, pages and downloads as CSV."""

    template_name = "kit/list_page.html"
    table_class: type[Table]
    filterset_class: Any = None
    filterset: Any = None
    object_list: Any
    title = ""
    intro = ""
    noun = "row"
    noun_plural = ""
    page_size = 50
    keyset: tuple[str, ...] = ()
    empty_title = "Nothing here yet"
    empty_words = ""
    actions: list[tuple[str, str, str]] = []
    breadcrumbs: list[tuple[str, str]] = []

    def get(  # type: ignore[override]
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        self.everything = self.get_queryset()
        if self.filterset_class:
            self.filterset = self.filterset_class(request.GET, self.everything, request=request)
        self.object_list = self.filtered()
        if request.GET.get("format") == "csv":
            return csv_download(self.get_csv_name(), self.csv_rows())
        return self.render_to_response(self.get_context_data())

    def filtered(self) -> QuerySet[Any]:
        """The rows in reach, narrowed by the filter; a filter that cannot be read narrows nothing and says so."""
        if self.filterset is None or not self.filterset.is_valid():
            return self.everything
        return self.filterset.qs

    def get_table_kwargs(self) -> dict[str, Any]:
        """Further arguments of the table, such as the person for whom links are shown."""
        return {}

    def get_title(self) -> str:
        return self.title

    def get_intro(self) -> str:
        return self.intro

    def get_csv_name(self) -> str:
        """File name without its ending: the title and the day."""
        return f"{slugify(self.get_title())}-{timezone.localdate().isoformat()}"

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return self.breadcrumbs

    def get_actions(self) -> list[dict[str, Any]]:
        """Buttons beside the title, only those that this person may use."""
        return [
            {"label": label, "url": reverse(name)}
            for label, name, permission in self.actions
            if can(self.request.user, permission)
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows, position = self.object_list, None
        if self.keyset:
            position = keyset.page(
                rows, keys=self.keyset, request=self.request, size=self.page_size
            )
            rows = position.rows
        table = self.table_class(
            rows, orderable=False if self.keyset else None, **self.get_table_kwargs()
        )
        if not self.keyset:
            paginate = {"per_page": self.page_size, "paginator_class": CappedPaginator}
            RequestConfig(self.request, paginate=paginate).configure(table)
        total = capped_count(self.object_list)
        return {
            "view": self,
            "table": table,
            "filter": self.filterset,
            "filtering": self._is_filtering(),
            "position": position,
            "title": self.get_title(),
            "intro": self.get_intro(),
            "breadcrumbs": self.get_breadcrumbs(),
            "actions": self.get_actions(),
            "total": total,
            "total_words": counted(total, self.noun, self.noun_plural),
            "csv_query": _query(
                self.request, drop=("page", keyset.AFTER, keyset.BEFORE), format="csv"
            ),
            **kwargs,
        }

    def csv_rows(self) -> Iterator[list[Any]]:
        """All rows of the filter as cells, a few thousand at a time in memory."""
        ordered = self.object_list.order_by(*self.keyset) if self.keyset else self._sorted()
        rows = ordered.iterator(chunk_size=_CHUNK)
        header = True
        while True:
            chunk = list(islice(rows, _CHUNK))
            if not chunk and not header:
                return
            values = self.table_class(chunk, order_by=(), **self.get_table_kwargs()).as_values()
            names = next(iter(values))
            if header:
                yield names
            header = False
            yield from values
            if not chunk:
                return

    def _sorted(self) -> QuerySet[Any]:
        table = self.table_class(self.object_list, **self.get_table_kwargs())
        RequestConfig(self.request, paginate=False).configure(table)
        return table.data.data

    def _is_filtering(self) -> bool:
        return bool(self.filterset) and any(
            self.request.GET.get(name) for name in self.filterset.filters
        )


def capped_count(rows: Any, *, up_to: int = COUNT_UP_TO) -> int:
    """How many rows, counted to one more than the cap: an exact count of millions would cost the page its time."""
    if isinstance(rows, QuerySet):
        return rows.order_by()[: up_to + 1].count()
    return len(rows)


def counted(total: int, noun: str, plural: str = "") -> str:
    """`3 incidents`, `1 incident`, `More than 1,000 messages`."""
    plural = plural or f"{noun}s"
    if total > COUNT_UP_TO:
        return f"More than {COUNT_UP_TO:,} {plural}"
    return f"{total:,} {noun if total == 1 else plural}"


def csv_download(name: str, rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """Rows as a CSV file for a spreadsheet. Cells that a spreadsheet would run are altered (see `harmless`)."""
    writer = csv.writer(_Echo())
    lines = (writer.writerow([harmless(cell) for cell in row]) for row in rows)
    response = StreamingHttpResponse(_with_mark(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def harmless(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before = + - @ tab and the like (ASVS 1.2.10)."""
    text = "" if cell is None else str(cell)
    if text.startswith(_FORMULA_START) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


class _Echo:
    """A file that hands each line straight on."""

    def write(self, line: str) -> str:
        return line


def _with_mark(lines: Iterable[str]) -> Iterator[str]:
    yield "\ufeff"
    yield from lines


def _query(request: HttpRequest, *, drop: tuple[str, ...], **more: str) -> str:
    query = request.GET.copy()
    for name in drop:
        query.pop(name, None)
    for name, value in more.items():
        query[name] = value
    return query.urlencode()
