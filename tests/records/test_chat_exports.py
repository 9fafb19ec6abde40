"""Exports of chat programs as rows: texts of several parts, conversations that run from new to old, findings, files."""

from __future__ import annotations

import pytest

from records.models import Attachment, Finding, MessageExport, Participant
from tests.environment import ROOT
from tests.formats.archive_maker import Part, build
from tests.formats.memory import members_of
from tests.records.exports import Desk

pytestmark = pytest.mark.django_db
SAMPLES = ROOT / "tests" / "formats" / "samples"


def taken(sample: str) -> MessageExport:
    """A sample read into rows: a file, or a folder as an archive."""
    path = SAMPLES / sample
    if path.is_file():
        return Desk().read(path.read_bytes(), name=path.name)
    members = members_of(path).items()
    packed = build(*(Part(name.encode(), data, flags=1 << 11) for name, data in members))
    return Desk().read(packed, name=f"{path.name}.zip")


@pytest.mark.parametrize(
    ("sample", "entries", "conversations"),
    [
        ("telegram/supergroup.json", 17, 1), ("telegram/account.json", 5, 3), ("telegram/chat_2019.json", 2, 1),
        ("slack/workspace", 17, 4), ("slack/2024-03-01.json", 8, 1), ("discord/channel.json", 6, 1),
        ("messenger/download", 11, 1), ("messenger/secure.json", 3, 1), ("google_chat/takeout", 10, 2),
        ("teams/graph.json", 9, 1), ("teams/tenant", 5, 3), ("teams/personal.json", 10, 2),
    ],
)  # fmt: skip
def test_messages_become_rows(sample: str, entries: int, conversations: int) -> None:
    export = taken(sample)
    assert export.state == "ready"
    assert export.messages.count() == entries
    assert export.conversations.count() == conversations
    assert export.bytes_owned == export.bytes_total


def test_message_of_a_later_day_is_found_in_its_file() -> None:
    export = taken("slack/workspace")
    message = export.messages.get(body="Second reply")
    assert message.conversation.title == "#general"
    parts = list(export.text_parts.filter(text=message.conversation.text).order_by("start"))
    assert [part.member for part in parts] == ["general/2024-03-01.json", "general/2024-03-02.json"]
    assert parts[1].start < message.offset < parts[1].start + parts[1].size


def test_conversation_that_runs_from_new_to_old_says_so() -> None:
    assert taken("messenger/download").conversations.get().newest_first
    assert not taken("discord/channel.json").conversations.get().newest_first


def test_title_that_stands_behind_the_messages_is_kept() -> None:
    assert taken("messenger/download").conversations.get().title == "B\u00e9n\u00e9dicte"


def test_file_in_the_archive_is_present_and_a_link_is_left_out() -> None:
    export = taken("google_chat/takeout")
    states = dict(Attachment.objects.filter(export=export).values_list("name", "state"))
    assert states == {"1?account_id=3.png": "present", "Plan": "left_out"}


def test_people_keep_their_mail_and_the_account_that_exported() -> None:
    export = taken("google_chat/takeout")
    ann = Participant.objects.get(
        conversation__export=export, conversation__index=0, name="Ann Carver"
    )
    assert ann.handle == "ann.carver@example.gov"


def test_findings_of_threads_and_numbers_are_rows() -> None:
    rules = {finding.rule for finding in Finding.objects.filter(export=taken("slack/workspace"))}
    assert {"thread_replies", "partial_export", "messages_deleted", "edited"} <= rules
    (gap,) = Finding.objects.filter(export=taken("telegram/supergroup.json"), rule="id_gaps")
    assert (gap.count, gap.confidence) == (3, "certain")
