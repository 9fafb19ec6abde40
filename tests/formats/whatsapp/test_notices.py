"""The application's own words are told from typed ones, in every language of the tables."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import cast

import pytest

from records.formats.base import Kind
from records.formats.whatsapp import notices
from tests.formats.whatsapp.reading import android, ios, read

TABLES = {
    language: table
    for language, table in tomllib.loads(
        (Path(notices.__file__).parent / "wording.toml").read_text("utf-8")
    ).items()
    if isinstance(table, dict)
}
FORMS = [
    (language, key.removeprefix("by_exporter_"), form)
    for language, table in TABLES.items()
    for key, forms in table.items()
    if key.removeprefix("by_exporter_") in Kind._value2member_map_
    for form in forms
]
FILLED = {
    "{actor}": "Zoe",
    "{other}": "Max",
    "{name}": '"Team"',
    "{duration}": "3 min",
    "{time}": "21:02",
    "{rest}": "",
    "{n}": "2",
}


def filled(form: str) -> str:
    for placeholder, text in FILLED.items():
        form = form.replace(placeholder, text)
    return form


@pytest.mark.parametrize(("language", "kind", "form"), FORMS)
def test_every_form_of_the_tables_is_understood_on_ios(language: str, kind: str, form: str) -> None:
    found = read(ios(f"Ana: \u200e{filled(form)}."))
    assert found.kinds[1] == kind, (language, form)


@pytest.mark.parametrize("language", sorted(TABLES))
def test_omitted_media_and_attachments_are_read_in_every_language(language: str) -> None:
    table = TABLES[language]
    for media, forms in table.get("omitted", {}).items():
        for form in forms:
            entry = read(ios(f"Ana: \u200e{form}")).entries[1]
            assert (entry.kind, entry.detail) == (Kind.MEDIA_OMITTED, {"media": media})
    for tail in table.get("attached_tail", ()):
        entry = read(android(f"Ana: \u200ereport.pdf ({tail})\nreport.pdf")).entries[0]
        assert (entry.kind, entry.attachment) == (Kind.ATTACHED, "report.pdf")
    for tag in table.get("attached_tag", ()):
        entry = read(ios(f"Ana: \u200e<{tag}: 00000046-Some file.txt>")).entries[1]
        assert (entry.kind, entry.attachment) == (Kind.ATTACHED, "00000046-Some file.txt")
        assert entry.detail == {"ordinal": 46}
    for mark in table.get("edited_mark", ()):
        assert read(android(f"Ana: new <{mark}>")).kinds == [Kind.EDITED]


@pytest.mark.parametrize("language", sorted(TABLES))
def test_words_under_a_name_on_android_are_read_as_uncertain(language: str) -> None:
    for key in ("deleted", "deleted_by_exporter", "deleted_by_other", "missed_call"):
        for form in TABLES[language].get(key, ()):
            if "{" not in form:
                entry = read(android(f"Ana: {form}")).entries[0]
                assert entry.kind == key
                assert entry.detail is not None
                assert entry.detail["certain"] is False


def test_words_of_a_deletion_without_the_mark_were_typed_on_ios() -> None:
    found = read(ios("Ana: \u200eThis message was deleted.", "Ana: This message was deleted."))
    assert found.kinds[1:] == [Kind.DELETED_BY_OTHER, Kind.TEXT]
    assert found.entries[1].detail is None


def test_ios_words_count_as_uncertain_where_the_whole_file_lost_its_marks() -> None:
    found = read("[18/03/2022, 10:00:00] Ana: This message was deleted.\r\n")
    assert found.kinds == [Kind.DELETED_BY_OTHER]
    assert found.entries[0].detail == {"certain": False}


def test_timer_names_the_person_and_the_seconds() -> None:
    text = "Zoe turned on disappearing messages. New messages will disappear from this chat {} after they\u2019re sent."
    for words, seconds in (("24 hours", 86_400), ("7 days", 604_800), ("90 days", 7_776_000)):
        entry = read(android(text.format(words) + " Tap to change.")).entries[0]
        assert (entry.kind, entry.sender) == (Kind.TIMER_ON, None)
        assert entry.detail == {"actor": "Zoe", "seconds": seconds}
    entry = read(android("You turned off disappearing messages.")).entries[0]
    assert (entry.kind, entry.detail) == (Kind.TIMER_OFF, {"actor": "You"})
    german = "Du hast selbstl\u00f6schende Nachrichten aktiviert. Neue Nachrichten verschwinden nach 90 Tagen."
    assert read(android(german)).entries[0].detail == {"actor": "You", "seconds": 7_776_000}


def test_dutch_timer_words_do_not_say_the_direction() -> None:
    entry = read(android("Zoe heeft berichten met vervaldatum uitgeschakeld.")).entries[0]
    assert entry.kind == Kind.TIMER_CHANGED
    assert entry.detail == {"actor": "Zoe", "direction": "unknown"}


def test_arabic_and_hindi_words_for_left_out_are_no_deletions() -> None:
    arabic, hindi = TABLES["ar"]["omitted"]["sticker"][0], TABLES["hi"]["omitted"]["image"][0]
    assert read(ios(f"Ana: \u200f{arabic}", f"Ana: \u200e{hindi}")).kinds[1:] == [
        Kind.MEDIA_OMITTED,
        Kind.MEDIA_OMITTED,
    ]


def test_a_deletion_by_an_admin_names_the_admin() -> None:
    entry = read(android("Ana: This message was deleted by admin Zoe")).entries[0]
    assert entry.kind == Kind.DELETED_BY_OTHER
    assert entry.detail == {"actor": "Zoe", "certain": False}


def test_what_people_type_under_their_name_is_text_on_android() -> None:
    typed = [
        "Zoe added Max to the list",
        "You left your keys",
        "This message was deleted by accident, sorry",
        "Missed voice call from my boss yesterday",
        "Zoe changed the subject again",
        "done (finally)",
        "a > b",
        "see https://example.org/a",
        "Missed you :)",
        "nullable",
        "POLL: who is in",
    ]
    found = read(android(*(f"Ana: {text}" for text in typed)))
    assert found.kinds == [Kind.TEXT] * len(typed)
    assert found.bodies == typed


def test_the_first_message_of_a_person_is_not_taken_for_a_notice() -> None:
    found = read(
        android("Ana: I added Ben to the list", "Ben: who left", "Zoe: he changed to blue")
    )
    assert [entry.sender for entry in found.entries] == ["Ana", "Ben", "Zoe"]
    assert found.kinds == [Kind.TEXT] * 3


def test_notices_without_a_person_keep_their_colons() -> None:
    notice = 'Zoe changed the subject from "Plan: A" to "Plan: B"'
    found = read(
        android(
            "Ana: x", notice, "Zoe created group \u201cNight: one\u201d", "brand new words: of 2031"
        )
    )
    assert [entry.sender for entry in found.entries] == ["Ana", None, None, "brand new words"]
    assert found.bodies[1] == notice
    assert found.kinds[1:3] == [Kind.SETTINGS, Kind.MEMBERSHIP]


def test_unknown_words_of_the_application_are_kept_as_they_stand() -> None:
    found = read(android("Words that no table holds yet"))
    assert (found.kinds, found.bodies) == ([Kind.NOTICE], ["Words that no table holds yet"])
    assert found.entries[0].detail == {"unclassified": True}
    marked = read(ios("Ana: \u200eWords that no table holds yet"))
    assert marked.entries[1].detail == {"unclassified": True}
    assert marked.entries[1].kind == Kind.NOTICE
    brackets = read(android("Ana: <Fichye sote>"))
    assert brackets.entries[0].kind == Kind.MEDIA_OMITTED
    assert brackets.entries[0].detail == {"wording": "unknown"}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Ana: null", Kind.VIEW_ONCE),
        ("Ana: You received a view once message. For added privacy, you can only open it.", Kind.VIEW_ONCE),
        ("Ana: Waiting for this message. This may take a while.", Kind.NOT_RECEIVED),
        ("Ana: location: https://maps.google.com/?q=51.5,-0.12", Kind.LOCATION),
        ("Ana: Garden\nLondon\nhttps://foursquare.com/v/4e89af95e5fa82ad4c0aa03b", Kind.LOCATION),
        ("Ana: live location shared", Kind.LOCATION),
        ("Ana: POLL:\nLunch?\nOPTION: yes (2 votes)\nOPTION: no (0 votes)", Kind.POLL),
        ("Ana: Missed video call", Kind.MISSED_CALL),
        ("Ana: Voice call, 3 min", Kind.CALL),
        ("Zoe changed their phone number to a new number. Tap to message or add the new number.", Kind.IDENTITY),
        ("+1 555 010 0199 changed to +1 555 010 0200", Kind.IDENTITY),
        ("Your security code with Zoe changed. Tap to learn more.", Kind.SECURITY_CODE),
        ("You're now an admin", Kind.MEMBERSHIP),
        ("Zoe joined using this group's invite link", Kind.MEMBERSHIP),
        ("Zoe changed this group's icon", Kind.SETTINGS),
        ("Zoe turned on advanced chat privacy. No one can auto-save media.", Kind.PRIVACY),
        ("You blocked this contact", Kind.BLOCKED),
        ("The message timer was updated. New messages will disappear after 7 days.", Kind.TIMER_CHANGED),
        ("You use a default timer for disappearing messages in new chats.", Kind.TIMER_DEFAULT),
        ("Disappearing messages now support keeping messages in the chat.", Kind.KEPT),
        ("Ana:.", Kind.EMPTY),
        ("Ana:", Kind.EMPTY),
        ("Ana: ", Kind.EMPTY),
    ],
)  # fmt: skip
def test_android_kinds(line: str, kind: Kind) -> None:
    found = read(android("Ana: first", line))
    assert found.kinds == [Kind.TEXT, kind]
    assert found.entries[1].sender == ("Ana" if line.startswith("Ana:") else None)


def test_attachments_keep_name_title_and_caption() -> None:
    found = read(
        ios(
            "Ana: Plan.pdf \u2022 \u200e2 pages \u200e<attached: 00000047-Plan.pdf>",
            "Ana: Plan.docx \u200edocument omitted",
            "Ana: \u200e< pi\u00e8ce jointe : 00000048-PHOTO-2022-03-14-10-00-00.jpg >",
            "Ana: \u200e<00000049-VIDEO-2022-03-14-10-00-00.mp4 eklendi>",
        )
    )
    assert [entry.attachment for entry in found.entries[1:]] == [
        "00000047-Plan.pdf",
        None,
        "00000048-PHOTO-2022-03-14-10-00-00.jpg",
        "00000049-VIDEO-2022-03-14-10-00-00.mp4",
    ]
    assert found.entries[2].detail == {"media": "document", "title": "Plan.docx"}
    caption = read(android("Ana: IMG-20220313-WA0002.jpg (file attached)\nThe gate")).entries[0]
    assert (caption.kind, caption.attachment) == (Kind.ATTACHED, "IMG-20220313-WA0002.jpg")
    assert caption.body.endswith("\nThe gate")
    left_out = read(android("Ana: <Media omitted>\nThe gate")).entries[0]
    assert (left_out.kind, left_out.attachment) == (Kind.MEDIA_OMITTED, None)
    old = read("6/23/17, 12:29:34 PM: Ana: 2015-08-04-PHOTO-00004762.jpg <attached>\n").entries[0]
    assert (old.kind, old.detail) == (Kind.ATTACHED, {"ordinal": 4762})


def test_an_edited_caption_still_names_its_file() -> None:
    line = "Ana: IMG-20220313-WA0002.jpg (file attached)\nThe gate <This message was edited>"
    entry = read(android(line)).entries[0]
    assert (entry.kind, entry.attachment) == (Kind.EDITED, "IMG-20220313-WA0002.jpg")
    assert entry.detail == {"caption": True, "was": "attached", "certain": False}
    typed = read(ios("Ana: x <This message was edited>", "Ana: x \u200e<This message was edited>"))
    assert typed.kinds[1:] == [Kind.TEXT, Kind.EDITED]


def test_names_are_kept_as_written_without_the_marks_around_them() -> None:
    found = read(ios("\u202a+1\u00a0555\u2011010\u20110199\u202c: hi", "~\u202fAna: ho"))
    assert [entry.sender for entry in found.entries[1:]] == [
        "+1\u00a0555\u2011010\u20110199",
        "~\u202fAna",
    ]


def test_the_survey_names_the_language_and_the_edition_of_the_tables() -> None:
    layout = read(
        android("Nachrichten und Anrufe sind Ende-zu-Ende-verschl\u00fcsselt.")
    ).survey.layout
    chat = cast("list[dict[str, object]]", layout["chats"])[0]
    assert chat["language"] == "de"
    assert chat["wording"] == notices.version()
