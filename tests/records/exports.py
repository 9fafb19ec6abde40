"""Generated WhatsApp exports and the shortest way to have one read, for tests of the write path."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import datetime, timedelta

from django.db import connection

from portal.jobs import queue
from portal.jobs.models import Job
from records import ingest
from records.lifecycles import INGEST, latest_job
from records.models import MessageExport
from records.services import exports
from tests.factories import CustodianFactory, MessagingToolFactory, OfficeFactory, RoleFactory

WORDS = [
    "agent",
    "border",
    "camp",
    "duty",
    "email",
    "file",
    "gate",
    "help",
    "ice",
    "job",
    "key",
    "log",
    "map",
    "note",
    "order",
    "post",
    "quote",
    "radio",
    "shift",
    "team",
]
SENDERS = ("Ana Ruiz", "Bob Lee", "+1 202 555 0143", "Chris O'Neil")


def chat(count: int, *, seed: int = 1, start: datetime = datetime(2021, 1, 20, 8, 0)) -> bytes:
    """An Android export of `count` entries with deletions, omitted media and several lines in some bodies."""
    chance, moment, lines = random.Random(seed), start, []
    for number in range(count):
        moment += timedelta(seconds=chance.randint(1, 240))
        kind = chance.random()
        body = f"{number} " + " ".join(chance.choices(WORDS, k=chance.randint(3, 12)))
        if kind < 0.02:
            body = "<Media omitted>"
        elif kind < 0.04:
            body = "This message was deleted"
        elif kind < 0.09:
            body = body.replace(" ", "\n", 1) + "\ttab \\ backslash"
        lines.append(f"{moment:%m/%d/%y}, {moment:%H:%M} - {chance.choice(SENDERS)}: {body}\n")
    return "".join(lines).encode()


def archive(
    text: bytes, files: dict[str, bytes], name: str = "WhatsApp Chat with Team.txt"
) -> bytes:
    """An export with media, as Android makes it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr(name, text)
        for file_name, content in files.items():
            made.writestr(file_name, content)
    return packed.getvalue()


class Desk:
    """An office with a custodian, a tool and a liaison who hands in."""

    def __init__(self) -> None:
        self.office = OfficeFactory()
        self.custodian = CustodianFactory(office=self.office)
        self.tool = MessagingToolFactory()
        self.liaison = RoleFactory(office=self.office, role="liaison").user

    def hand_in(
        self, data: bytes, *, name: str = "WhatsApp Chat with Team.txt", **told: object
    ) -> exports.Received:
        values = {
            "account": "official",
            "time_zone": "America/Chicago",
            "custodian": self.custodian,
            **told,
        }
        return exports.receive(
            iter([data]), name, office=self.office, tool=self.tool, actor=self.liaison, **values
        )

    def read(self, data: bytes, **told: object) -> MessageExport:
        """Hand in and have it read by this process."""
        return work(self.hand_in(data, **told).export)


def work(export: MessageExport) -> MessageExport:
    """Do the export's open job in this process, as a worker does."""
    job = Job.objects.get(kind=INGEST, subject_id=str(export.pk), state__in=["queued", "running"])
    queue.run(str(job.pk), ingest.run)
    export.refresh_from_db()
    return export


def last_job(export: MessageExport) -> Job:
    job = latest_job(export)
    assert job is not None
    return job


def table_rows(export: MessageExport) -> dict[str, list[tuple[object, ...]]]:
    """Everything that reading gave, without row ids: two readings of the same bytes are equal in it."""
    messages = export.messages.order_by("seq").values_list(
        "seq", "conversation__index", "participant__name", "kind", "body", "written", "local", "sent_at",
        "offset", "length", "attachment", "doubt", "detail",
    )  # fmt: skip
    return {
        "messages": list(messages),
        "participants": sorted(
            export.conversations.values_list("index", "participants__name", "participants__entries"), key=str
        ),
        "days": list(
            export.conversations.order_by("index", "days__day").values_list(
                "index", "days__day", "days__first_seq", "days__entries"
            )
        ),
        "problems": list(export.problems.order_by("id").values_list("code", "severity", "words", "seq", "offset")),
        "attachments": list(export.attachments.order_by("id").values_list("seq", "name", "member", "size", "state")),
        "findings": list(
            export.findings.order_by("number").values_list("number", "key", "code", "title", "count", "detail")
        ),
        "cited": sorted(export.findings.values_list("number", "cited__seq"), key=str),
        "totals": list(
            MessageExport.objects.filter(pk=export.pk).values_list(
                "entries", "kinds", "bytes_total", "bytes_owned", "rows_digest", "verdict", "problem_count",
                "finding_count", "first_at", "last_at", "written_through",
            )
        ),
    }  # fmt: skip


def search(words: str) -> list[int]:
    """Entries whose text holds the words, by the full-text index of the engine in use."""
    if connection.vendor == "postgresql":
        query = (
            "SELECT seq FROM records_message WHERE to_tsvector('simple', left(body, 100000)) "
            "@@ plainto_tsquery('simple', %s) ORDER BY seq"
        )
    else:
        query = (
            "SELECT m.seq FROM records_message_text t JOIN records_message m ON m.id = t.rowid "
            "WHERE records_message_text MATCH %s ORDER BY m.seq"
        )
    with connection.cursor() as cursor:
        cursor.execute(query, [words])
        return [row[0] for row in cursor.fetchall()]
