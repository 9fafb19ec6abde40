"""Digests made without a key can be undone by trying values: they are dropped, and those warnings are asked again."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def drop_digests(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for version in apps.get_model("reports", "ReportVersion").objects.exclude(accepted_warnings={}):
        version.accepted_warnings = {
            code: {**kept, "digest": ""} for code, kept in version.accepted_warnings.items()
        }
        version.save(update_fields=["accepted_warnings"])


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_acceptances_bound")]
    operations = [migrations.RunPython(drop_digests, migrations.RunPython.noop)]
