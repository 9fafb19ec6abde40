from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

COUNTS = {
    "held": ("export_cap", "message_expiry", "partial_export"),
    "missing": ("count_mismatch", "id_gaps", "ordinal_gaps", "thread_replies"),
    "files": ("media_unnamed",),
    "parts": ("missing_parts",),
}
WHOLE = (
    Q(rule__in=("media_unnamed", "missing_parts"))
    | Q(rule="id_gaps", confidence="indicator")
    | Q(rule="count_mismatch", title__endswith=" than the file declares")
)


def _tell(apps: Any, schema_editor: Any) -> None:
    """Findings of exports read before: what they count. Their advice is told apart when the file is read again."""
    findings = apps.get_model("records", "Finding").objects
    for counts, rules in COUNTS.items():
        findings.filter(rule__in=rules).update(counts=counts)
    findings.filter(WHOLE).update(conversation=None)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0009_examine_attachments_read_before"),
    ]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="advice",
            field=models.TextField(
                blank=True, help_text="What staff could do next: shown on the finding's page only"
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="counts",
            field=models.CharField(
                choices=[
                    ("cited", "Entries cited"),
                    ("held", "Entries of the export concerned"),
                    ("missing", "Messages that may be missing"),
                    ("files", "Files that no message names"),
                    ("parts", "Parts of the log that may be missing"),
                ],
                default="cited",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="finding",
            name="conversation",
            field=models.ForeignKey(
                help_text="None: the whole export or account is concerned",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="findings",
                to="records.conversation",
            ),
        ),
        migrations.AlterField(
            model_name="finding",
            name="explanation",
            field=models.TextField(help_text="Facts only: reports print it"),
        ),
        migrations.RunPython(_tell, migrations.RunPython.noop),
    ]
