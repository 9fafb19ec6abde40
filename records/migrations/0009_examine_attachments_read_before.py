from typing import Any

from django.db import migrations

KIND = "records.tasks.examine_attachments"


def _queue(apps: Any, schema_editor: Any) -> None:
    """Exports that were read before their attachments were examined: the next sweep rings for them."""
    job = apps.get_model("jobs", "Job")
    exports = apps.get_model("records", "MessageExport").objects.filter(
        state="ready", attachments__state__in=["present", "unnamed"]
    )
    keys = exports.order_by("pk").values_list("pk", flat=True).distinct()
    job.objects.bulk_create(
        [job(kind=KIND, subject_id=str(key), state="queued") for key in keys], batch_size=500
    )


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_heartbeat"),
        ("records", "0008_attachments_examined"),
    ]

    operations = [migrations.RunPython(_queue, migrations.RunPython.noop)]
