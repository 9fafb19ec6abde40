"""Audit events in templates."""

from __future__ import annotations

from django import template

from portal.audit.words import words

register = template.Library()
register.filter("event_words", words)
