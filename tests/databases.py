"""Test databases that other processes can see, on the engine that DATABASE_URL names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file: a worker in another process must see the same rows."""
    if connection.vendor == "sqlite":
        settings.DATABASES["default"]["TEST"]["NAME"] = str(settings.DATA_DIR / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _flush_past_guards() -> Iterator[None]:
    """Between two tests the audit log is emptied too, which its triggers forbid to everybody else."""
    operations = connection.ops
    flush = operations.execute_sql_flush

    def flush_unguarded(statements: list[str]) -> None:
        with transaction.atomic(), guards_lifted(connection):
            flush(statements)

    patch = pytest.MonkeyPatch()
    patch.setattr(operations, "execute_sql_flush", flush_unguarded)
    yield
    patch.undo()


@contextmanager
def guards_lifted(link: BaseDatabaseWrapper) -> Iterator[None]:
    """Without the append-only triggers, as a person with the whole database in hand would have it."""
    lift, restore = _sqlite_guards(link) if link.vendor == "sqlite" else _postgresql_guards(link)
    with link.cursor() as cursor:
        for statement in lift:
            cursor.execute(statement)
    yield
    with link.cursor() as cursor:
        for statement in restore:
            cursor.execute(statement)


def _sqlite_guards(link: BaseDatabaseWrapper) -> tuple[list[str], list[str]]:
    # Full-text tables have triggers of their own, which keep the index in step: those stay.
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(%'"
    with link.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchall()
    return [f'DROP TRIGGER "{name}"' for name, _ in found], [sql for _, sql in found]


def _postgresql_guards(link: BaseDatabaseWrapper) -> tuple[list[str], list[str]]:
    query = """
        SELECT tgrelid::regclass::text, quote_ident(tgname), tgenabled = 'A'
        FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgparentid = 0
    """
    with link.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchall()
    lift = [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name, _ in found]
    restore = [
        f"ALTER TABLE {table} ENABLE {'ALWAYS ' if always else ''}TRIGGER {name}"
        for table, name, always in found
    ]
    return lift, restore


def database_url(name: str | None = None) -> str:
    """The address of a database beside the one that DATABASE_URL names, or of the current test database."""
    name = str(name or connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    return f"{base}/{name}"
