"""Cells of tables: links, states and second lines, escaped; no template is compiled for a cell."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html

from portal.kit.templatetags.kit import tone

NOWRAP = {"td": {"class": "custos-nowrap"}}
NUMBER = {"td": {"class": "number"}, "th": {"class": "number"}}


def link(text: object, url_name: str, *args: object, query: str = "") -> str:
    """A link to a page, its address with a query where one is given."""
    return format_html('<a href="{}{}">{}</a>', reverse(url_name, args=args), query, text)


def tag(state: str, label: object) -> str:
    """A state in words, with the colour of its tone."""
    return format_html('<span class="custos-tag custos-tag--{}">{}</span>', tone(state), label)


def two_lines(first: object, second: object) -> str:
    """A cell whose second line is quieter than its first."""
    return format_html('{} <span class="custos-under">{}</span>', first, second)
