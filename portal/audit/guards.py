"""Guards in the database itself: rows that may only be added, and columns that never change (invariants I7, I8).

SQLite needs a guard before insert as well, because INSERT OR REPLACE deletes without firing a delete trigger.
PostgreSQL needs ENABLE ALWAYS, because `session_replication_role = replica` skips ordinary triggers, and a statement
trigger for TRUNCATE, which fires no row trigger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper


class Guard(NamedTuple):
    """A table that only grows; `frozen` names columns that never change once `when` holds (all columns if empty)."""

    table: str
    key: str
    frozen: tuple[str, ...] = ()
    when: str = ""

    @property
    def words(self) -> str:
        return f"{self.table} is append-only"


AUDIT = (Guard("audit_auditevent", "sequence"),)
VAULT = (
    Guard("vault_storedfile", "sha256", frozen=("sha256", "size")),
    Guard("vault_fixitycheck", "id"),
)
REPORTS = (
    Guard(
        "reports_reportversion",
        "id",
        frozen=("frozen", "frozen_hash"),
        when="OLD.frozen_hash <> ''",
    ),
)
ALL = (*AUDIT, *VAULT, *REPORTS)


def _changed(guard: Guard, distinct: str) -> str:
    tests = " OR ".join(f"OLD.{column} {distinct} NEW.{column}" for column in guard.frozen)
    if not tests:
        return ""
    return f"({guard.when}) AND ({tests})" if guard.when else tests


def _sqlite(guard: Guard) -> list[str]:
    changed = _changed(guard, "IS NOT")
    condition = f"WHEN {changed}" if changed else ""
    table, words = guard.table, guard.words
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{words}'); END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{words}'); END",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {guard.key} = NEW.{guard.key}) "
        f"BEGIN SELECT RAISE(ABORT, '{words}'); END",
    ]


def _postgresql(guard: Guard) -> list[str]:
    changed = _changed(guard, "IS DISTINCT FROM")
    condition = f"WHEN ({changed})" if changed else ""
    table = guard.table
    statements = [
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{guard.words}'; END $$",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW {condition} "
        f"EXECUTE FUNCTION {table}_refuse()",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
        f"EXECUTE FUNCTION {table}_refuse()",
    ]
    for name in ("no_update", "no_delete", "no_truncate"):
        statements.append(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")
    return statements


_NAMES = {
    "sqlite": ("no_update", "no_delete", "no_replace"),
    "postgresql": ("no_update", "no_delete", "no_truncate"),
}


def install(connection: BaseDatabaseWrapper, guards: Sequence[Guard] = ALL) -> None:
    build = {"sqlite": _sqlite, "postgresql": _postgresql}[connection.vendor]
    with connection.cursor() as cursor:
        for guard in guards:
            for statement in build(guard):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, guards: Sequence[Guard] = ALL) -> None:
    """For a reversed migration, and for emptying a test database; never in operation."""
    with connection.cursor() as cursor:
        for guard in guards:
            for name in _NAMES[connection.vendor]:
                on = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.table}_{name}{on}")


def missing(connection: BaseDatabaseWrapper, guards: Sequence[Guard] = ALL) -> list[str]:
    """Names of guards that somebody took away."""
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
    wanted = {f"{guard.table}_{name}" for guard in guards for name in _NAMES[connection.vendor]}
    return sorted(wanted - present)
