"""The first state of an incident is called opened: nothing has been reported to NARA by then. Words only."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0004_acceptances_keyed"),
    ]

    operations = [
        migrations.AlterField(
            model_name="incident",
            name="state",
            field=models.CharField(
                choices=[
                    ("reported", "Opened"),
                    ("triage", "Triage"),
                    ("investigating", "Investigating"),
                    ("reporting", "Report in preparation"),
                    ("submitted", "Report submitted"),
                    ("closed", "Closed"),
                    ("dismissed", "Dismissed"),
                ],
                default="reported",
                max_length=15,
            ),
        ),
    ]
