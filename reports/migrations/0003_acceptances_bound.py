"""Acceptances by code alone say nothing of what was seen: they are kept with their reason, and asked again."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def bind(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for version in apps.get_model("reports", "ReportVersion").objects.exclude(accepted_warnings={}):
        version.accepted_warnings = {
            code: {"reason": reason, "count": 0, "digest": ""}
            for code, reason in version.accepted_warnings.items()
        }
        version.save(update_fields=["accepted_warnings"])


def loosen(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for version in apps.get_model("reports", "ReportVersion").objects.exclude(accepted_warnings={}):
        version.accepted_warnings = {
            code: kept["reason"] for code, kept in version.accepted_warnings.items()
        }
        version.save(update_fields=["accepted_warnings"])


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_guards")]
    operations = [
        migrations.RunPython(bind, loosen),
        migrations.AlterField(
            model_name="reportversion",
            name="accepted_warnings",
            field=models.JSONField(
                default=dict,
                help_text="Check code -> reason, count and digest (reports.acceptance)",
            ),
        ),
    ]
