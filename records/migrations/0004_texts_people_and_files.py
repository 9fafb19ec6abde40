from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def _place_texts(apps: Any, schema_editor: Any) -> None:
    """Each conversation had one text of its own: the plain file, or one member of the archive."""
    text_part = apps.get_model("records", "TextPart")
    for row in apps.get_model("records", "Conversation").objects.iterator():
        text_part.objects.create(
            export_id=row.export_id, text=row.index, start=0, size=row.size, member=row.member
        )
        row.text = row.index
        row.save(update_fields=["text"])
        problems = apps.get_model("records", "Problem").objects.filter(
            export_id=row.export_id, conversation_index=row.index, offset__isnull=False
        )
        problems.update(member=row.member)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0003_walk_by_clock_and_sender"),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="declared_type",
            field=models.CharField(blank=True, help_text="As the export says", max_length=100),
        ),
        migrations.AddField(
            model_name="attachment",
            name="encoding",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="attachment",
            name="left_out",
            field=models.CharField(blank=True, help_text="Why the app left it out", max_length=200),
        ),
        migrations.AddField(
            model_name="attachment",
            name="length",
            field=models.BigIntegerField(default=0, help_text="Bytes of that content, as encoded"),
        ),
        migrations.AddField(
            model_name="attachment",
            name="offset",
            field=models.BigIntegerField(
                blank=True, help_text="First byte of its content inside the text", null=True
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="text",
            field=models.PositiveIntegerField(
                default=0, help_text="Which text of the export holds its entries"
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="display",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Name, where messages carry an id",
                max_length=300,
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="exporter",
            field=models.BooleanField(
                db_default=False, default=False, help_text="The account that made the export"
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="handle",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Number, address or account, where messages carry a name",
                max_length=300,
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="handle_kind",
            field=models.CharField(blank=True, db_default="", max_length=10),
        ),
        migrations.AddField(
            model_name="problem",
            name="member",
            field=models.CharField(blank=True, help_text="Empty for a plain file", max_length=500),
        ),
        migrations.AlterField(
            model_name="attachment",
            name="state",
            field=models.CharField(
                choices=[
                    ("present", "In the export"),
                    ("left_out", "Left out by the app"),
                    ("missing", "Named, but not in the export"),
                    ("unnamed", "In the export, but no message names it"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="participant",
            name="name",
            field=models.CharField(help_text="As the messages name the sender", max_length=300),
        ),
        migrations.AlterField(
            model_name="problem",
            name="offset",
            field=models.BigIntegerField(
                blank=True, help_text="In the file or the member", null=True
            ),
        ),
        migrations.CreateModel(
            name="TextPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.PositiveIntegerField()),
                ("start", models.BigIntegerField(help_text="Offset of its first byte in the text")),
                ("size", models.BigIntegerField()),
                (
                    "member",
                    models.CharField(
                        blank=True, help_text="Empty for a plain file", max_length=500
                    ),
                ),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="text_parts",
                        to="records.messageexport",
                    ),
                ),
            ],
            options={
                "ordering": ["text", "start", "id"],
                "indexes": [
                    models.Index(fields=["export", "text", "start"], name="text_part_place")
                ],
            },
        ),
        migrations.RunPython(_place_texts, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="conversation",
            name="member",
        ),
        migrations.RemoveField(
            model_name="conversation",
            name="size",
        ),
        migrations.RemoveField(
            model_name="problem",
            name="conversation_index",
        ),
    ]
