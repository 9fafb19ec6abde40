"""Every setting is documented, every documented setting exists, and production refuses what is unsafe."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.production import refuse_unsafe
from tests.environment import ROOT

SAFE = {
    "secret_key": "x" * 50,
    "engine": "django.db.backends.postgresql",
    "redis_url": "redis://queue",
    "hosts": ["records.agency.gov"],
    "origins": ["https://records.agency.gov"],
}


def _read_by_code() -> set[str]:
    settings = (ROOT / "portal" / "settings.py").read_text()
    names = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", settings))
    for path in (ROOT / "deploy").glob("*.py"):
        names |= set(re.findall(r"os\.environ\.get\(\"([A-Z_]+)\"", path.read_text()))
    return names


def _documented() -> set[str]:
    text = (ROOT / "docs" / "operations.md").read_text()
    table = text.split("## Settings")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE))


def test_every_setting_is_in_the_table_of_operations() -> None:
    assert len(_read_by_code()) > 15
    assert _read_by_code() == _documented()


def test_production_takes_safe_values() -> None:
    refuse_unsafe(**SAFE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret_key", ""),
        ("secret_key", "x" * 49),
        ("engine", "django.db.backends.sqlite3"),
        ("redis_url", ""),
        ("hosts", []),
        ("hosts", ["*"]),
        ("origins", ["http://records.agency.gov"]),
    ],
)
def test_production_refuses_unsafe_value(name: str, value: object) -> None:
    with pytest.raises(ImproperlyConfigured, match="does not start in production"):
        refuse_unsafe(**{**SAFE, name: value})
