"""Full-text index over message bodies: GIN on PostgreSQL, FTS5 on SQLite; and a small index of what is not plain text.

PostgreSQL refuses a text vector above 1 MiB, so the first 100,000 characters of a body are indexed there.
"""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

STATEMENTS = {
    "postgresql": [
        "CREATE INDEX message_body_text ON records_message USING gin (to_tsvector('simple', left(body, 100000)))",
        "CREATE INDEX message_event ON records_message (export_id, kind, seq) WHERE kind <> 'text'",
    ],
    "sqlite": [
        "CREATE VIRTUAL TABLE records_message_text USING fts5("
        "body, content='records_message', content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
        "CREATE INDEX message_event ON records_message (export_id, kind, seq) WHERE kind <> 'text'",
    ],
}
REVERSE = {
    "postgresql": ["DROP INDEX message_body_text", "DROP INDEX message_event"],
    "sqlite": ["DROP TABLE records_message_text", "DROP INDEX message_event"],
}


def build(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in STATEMENTS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in REVERSE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("records", "0001_first")]
    operations = [migrations.RunPython(build, drop)]
