"""Tabs above the registers of an area."""

from __future__ import annotations

from typing import Any

from django import template

from portal.kit.navigation import tabs

register = template.Library()


@register.simple_tag(takes_context=True)
def area_tabs(context: dict[str, Any], area: str) -> list[dict[str, Any]]:
    """`{% area_tabs "people" as tabs %}`: entries for `<c-tabs :items="tabs" />`."""
    request = context["request"]
    return tabs(area, request.user, request.path)
