"""Microsoft Teams: messages of Graph, of a tenant's own export and of a person's download."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.formats.base import files_of
from records.formats.sniff import sample_of
from records.formats.teams import Teams
from records.formats.teams.html_text import words_of
from records.inspection import inspect
from tests.formats.archive_maker import Part, build
from tests.formats.damage import CHANGES, damaged
from tests.formats.memory import Memory, members_of, outcome, read

SAMPLES = Path(__file__).parent / "samples" / "teams"
GRAPH = (SAMPLES / "graph.json").read_bytes()
PERSONAL = (SAMPLES / "personal.json").read_bytes()
TENANT = members_of(SAMPLES / "tenant")


# -- Graph --


def test_kinds_of_graph_messages() -> None:
    found = read(GRAPH)
    assert found.survey.variant == "graph"
    assert found.kinds == [
        "text", "deleted", "edited", "media_omitted", "text", "text", "media_omitted", "membership", "notice",
    ]  # fmt: skip
    assert found.codes == ["J-TYPE-UNKNOWN"]
    assert found.titles == ["Chat: Ann Carver, Ben Ortiz, Alerts"]


def test_html_is_shown_as_people_saw_it_and_text_as_it_stands() -> None:
    found = read(GRAPH)
    assert found.bodies[0] == "Gate\u00a04 is closed \U0001f6a7\nUse 5 & 6 Ben"
    assert found.bodies[2] == "Open <again>"
    assert found.bodies[7] == "members added: Zoe"


def test_what_a_graph_message_says_besides_its_text() -> None:
    entries = read(GRAPH).entries
    assert entries[0].detail["importance"] == "urgent"
    assert entries[0].detail["reactions"] == [{"type": "like", "by": "Ben Ortiz"}]
    assert entries[1].detail["deleted"] == "2024-03-01T13:05:00.1Z"
    assert entries[2].detail["changes"] == [
        {"at": "2024-03-01T13:04:00Z", "actions": "unknownFutureValue"}
    ]
    assert entries[4].detail["reply_to"] == "m1"
    assert entries[5].detail["cards"] == ["application/vnd.microsoft.card.adaptive"]
    assert entries[7].detail["actor"] == "Ann Carver"
    assert entries[8].detail["type"] == "somethingNew"


def test_files_and_pictures_are_references() -> None:
    entries = read(GRAPH).entries
    (plan,) = files_of(entries[3])
    assert (plan.name, plan.member) == ("plan.pdf", None)
    assert "reference" in plan.left_out
    (picture,) = files_of(entries[6])
    assert (picture.name, entries[6].body) == ("image", "image")


def test_answers_of_graph_run_from_new_to_old() -> None:
    found = read(GRAPH)
    assert found.survey.layout["newest_first"] is True
    assert found.entries[0].sent == 1_709_298_009_500_000


def test_messages_in_a_list_or_one_a_line_are_the_same() -> None:
    messages = json.loads(GRAPH)["value"]
    listed = json.dumps(messages).encode()
    by_line = "\n".join(json.dumps(message) for message in messages).encode()
    under = json.dumps({"messages": messages}).encode()
    for data in (listed, by_line, b"\xef\xbb\xbf" + by_line + b"\r\n", under):
        found = read(data)
        assert found.bodies == read(GRAPH).bodies
        assert found.titles == read(GRAPH).titles


def test_chat_that_was_renamed_has_its_last_name() -> None:
    messages = json.loads(GRAPH)["value"]
    messages[8]["eventDetail"] = {
        "@odata.type": "#microsoft.graph.chatRenamedEventMessageDetail",
        "chatDisplayName": "Night shift",
    }
    found = read(json.dumps(messages).encode())
    assert (found.titles, found.kinds[8]) == (["Night shift"], "settings")


# -- a tenant's export --


def test_channels_stand_apart_from_chats_and_have_names() -> None:
    found = read(TENANT)
    assert found.survey.variant == "tenant"
    assert found.titles == [
        "Port security / General",
        "Port security / 19:other@thread.tacv2",
        "Chat: Ann Carver",
    ]
    assert found.kinds == ["text", "text", "membership", "text", "notice"]
    assert found.bodies[:3] == ["Hello!\nRoot", "Reply", "members deleted: Ben Ortiz"]
    assert found.entries[1].detail["reply_to"] == "1709298001000"
    assert found.problems == []


def test_people_of_a_tenant_are_known_by_their_mail() -> None:
    people = read(TENANT).survey.people
    assert (people["Ann Carver"].handle, people["Ann Carver"].handle_kind) == (
        "ann.carver@example.gov",
        "email",
    )
    assert people["Ben Ortiz"].handle == "u2"


def test_same_chat_in_two_mailboxes_is_two_copies() -> None:
    name = "TeamsData/users/{}/messages_{}.json"
    chat = TENANT[name.format("user-1", "user-1")]
    found = read({**TENANT, name.format("u1", "u1"): chat})
    assert found.titles.count("Chat: Ann Carver") == 2
    assert len(found.entries) == 7


def test_findings_of_a_tenant(tmp_path: Path) -> None:
    path = tmp_path / "TeamsData.zip"
    path.write_bytes(build(*(Part(name.encode(), data) for name, data in TENANT.items())))
    report: dict[str, Any] = inspect(path)
    json.dumps(report)
    assert (report["verdict"], report["entries"], report["findings"]) == ("accepted", 5, [])
    assert report["bytes"]["owned"] == report["bytes"]["total"]


# -- a person's download --


def test_kinds_of_a_download() -> None:
    found = read(PERSONAL)
    assert found.survey.variant == "personal"
    assert found.titles == ["Night shift", "8:orgid:c"]
    assert found.kinds == [
        "text", "text", "deleted", "edited", "media_omitted", "call", "membership", "notice", "text", "text",
    ]  # fmt: skip
    assert found.bodies[:2] == ["Hello", "a <b> c"]
    assert found.codes == ["J-TYPE-UNKNOWN"]
    assert files_of(found.entries[4])[0].name == "plan & map.pdf"
    assert found.entries[8].detail["version"] == 5
    assert found.survey.layout["newest_first"] is True


def test_account_of_a_download_is_marked() -> None:
    people = read(PERSONAL).survey.people
    assert [name for name, person in people.items() if person.exporter] == ["8:orgid:me"]
    assert people["Ben"].handle == "8:orgid:b"


# -- whatever comes --


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("", ""), ("<p>Hi</p>", "Hi"), ("<p>a</p><p>b</p>", "a\nb"), ("a<br>b", "a\nb"), ("&lt;x&gt;", "<x>"),
        ("<ul><li>1</li><li>2</li></ul>", "1\n2"), ("<script>x</script>y", "y"), ("<p>a", "a"), ("a < b", "a < b"),
        ('<emoji alt="\U0001f600"></emoji>', "\U0001f600"), ("<!-- c -->z", "z"), ("</p></p>q", "q"),
    ],
)  # fmt: skip
def test_words_of_html(html: str, words: str) -> None:
    assert words_of(html) == words


@settings(max_examples=200)
@given(st.text(max_size=60) | st.text(alphabet="<>/&;!-pbr\"= a'", max_size=40))
def test_no_markup_stops_the_reading(html: str) -> None:
    assert isinstance(words_of(html), str)


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[]",
        b'{"value": []}',
        b'{"messageType": "x", "createdDateTime": "y"}',
        b"MessageList",
    ],
)
def test_other_files_are_not_taken(data: bytes) -> None:
    assert Teams().score(sample_of(Memory(data))) == 0


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@settings(max_examples=80)
@given(
    st.lists(st.tuples(TEXTS, st.integers(0, 3), st.integers(0, 1)), min_size=1, max_size=8),
    st.booleans(),
    st.booleans(),
)
def test_messages_are_read_back_equal(
    messages: list[tuple[str, int, int]], ascii_only: bool, pascal: bool
) -> None:
    rows: list[Any] = [
        {
            "id": str(number),
            "messageType": "message",
            "createdDateTime": f"2024-03-01T13:00:{number:02d}+00:00",
            "chatId": f"19:{chat}",
            "from": {"user": {"id": f"u{person}", "displayName": f"P{person}"}},
            "body": {"contentType": "text", "content": text},
        }
        for number, (text, person, chat) in enumerate(messages)
    ]
    if pascal:
        rows = [{key[:1].upper() + key[1:]: value for key, value in row.items()} for row in rows]
    found = read(json.dumps(rows, ensure_ascii=ascii_only).encode())
    assert [(entry.body, entry.sender) for entry in found.entries] == [
        (text, f"P{person}") for text, person, _ in messages
    ]
    assert len(found.titles) == len({chat for *_, chat in messages})
    assert found.problems == []


@settings(max_examples=200)
@given(st.sampled_from([GRAPH, PERSONAL]), CHANGES)
def test_every_byte_of_a_damaged_export_has_an_owner(
    data: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    assert outcome(damaged(data, changes)).startswith(("read", "asked", "F-"))


@settings(max_examples=100)
@given(st.sampled_from(sorted(TENANT)), CHANGES)
def test_every_byte_of_a_damaged_tenant_has_an_owner(
    name: str, changes: list[tuple[int, int, bytes]]
) -> None:
    assert outcome({**TENANT, name: damaged(TENANT[name], changes)}) == "read"
