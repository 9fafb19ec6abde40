"""Templates: nothing inline (the content security policy forbids it), nothing marked safe, everything draws."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.agency.models import Setup, User
from portal.kit import navigation
from portal.kit.templatetags import kit

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", re.IGNORECASE),
    "inline style": re.compile(r"<style|\sstyle=", re.IGNORECASE),
    "inline handler": re.compile(r"\son[a-z]+=", re.IGNORECASE),
    "two full stops after a.m. or p.m.": re.compile(r'[aAP]"\s*\}\}\.'),
    "marked safe": re.compile(r"\|\s*safe\b|autoescape off"),
    "foreign asset": re.compile(r"<(script|link|img)[^>]*(src|href)=.https?:", re.IGNORECASE),
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template_holds_nothing_inline_and_nothing_foreign(template: Path) -> None:
    text = template.read_text()
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


def test_gallery_of_all_parts_draws(client: Client, person: Callable[..., User]) -> None:
    client.force_login(person("records_officer"))
    page = client.get("/").content.decode()
    assert "<c-" not in page
    for words in (
        "1,204",
        "Not known",
        "How this date was reached",
        "Only a designated signer may sign.",
    ):
        assert words in page


def test_raw_text_shows_its_hidden_marks_and_runs_nothing(
    client: Client, person: Callable[..., User]
) -> None:
    client.force_login(person("records_officer"))
    page = client.get("/").content.decode()
    assert "\u27e8RLO\u27e9evil\u27e8PDF\u27e9" in page
    assert "\u202e" not in page
    assert "<script>alert(1)" not in page


def test_sample_data_are_labelled_on_every_page(client: Client, db: None) -> None:
    assert "not real records" not in client.get("/help/").content.decode()
    Setup.objects.update_or_create(id=1, defaults={"sample": True})
    assert "not real records" in client.get("/help/").content.decode()


def test_every_link_of_the_navigation_has_its_page(settings: object) -> None:
    settings.ROOT_URLCONF = "portal.urls"  # type: ignore[attr-defined]
    for item in (*navigation.MAIN, *navigation.REVIEWER):
        assert reverse(item.url_name)


def test_days_and_urgency_of_a_due_date() -> None:
    today = timezone.localdate()
    said = [
        (kit.days_until(today + timedelta(days=days)), kit.urgency(today + timedelta(days=days)))
        for days in (-2, 0, 1, 8)
    ]
    assert said == [
        ("2 days overdue", "bad"),
        ("today", "warn"),
        ("in 1 day", "warn"),
        ("in 8 days", "good"),
    ]


def test_share_of_work_never_leaves_its_bounds() -> None:
    assert [kit.percent(*pair) for pair in ((0, 0), (1, 3), (5, 3), (None, 3))] == [0, 33, 100, 0]
