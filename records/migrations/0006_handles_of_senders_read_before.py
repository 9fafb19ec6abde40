from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Greatest, Least

from records.handles import LOCAL, known_as


def _meet(apps: Any, schema_editor: Any) -> None:
    """Senders of exports that were read before get their handles; whom they may be is asked on the page of senders."""
    office, participant, handle, message = (
        apps.get_model(*name)
        for name in (
            ("agency", "Office"),
            ("records", "Participant"),
            ("records", "Handle"),
            ("records", "Message"),
        )
    )
    roots = {root.code: root for root in office.objects.filter(parent__isnull=True)}
    rows = participant.objects.filter(known_as__isnull=True)
    for row in rows.select_related("conversation__export__office").iterator():
        export = row.conversation.export
        known = known_as(row.name, row.display, row.handle, row.handle_kind, service=export.format)
        shown = row.display or row.name
        display = shown if shown != known.written else row.name
        row.known_as, _ = handle.objects.get_or_create(
            agency=roots[export.office.path.split("/")[1]],
            kind=known.kind,
            value=known.value,
            service=known.service,
            custodian_id=export.custodian_id if known.kind in LOCAL else None,
            defaults={
                "written": known.written[:300],
                "display": "" if display == known.written else display,
            },
        )
        row.save(update_fields=["known_as"])
    dated = message.objects.filter(participant=OuterRef("pk"), sent_at__isnull=False)
    ends = [Subquery(dated.order_by(order).values("sent_at")[:1]) for order in ("seq", "-seq")]
    participant.objects.update(first_at=Least(*ends), last_at=Greatest(*ends))


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0005_people_behind_handles"),
    ]

    operations = [migrations.RunPython(_meet, migrations.RunPython.noop)]
