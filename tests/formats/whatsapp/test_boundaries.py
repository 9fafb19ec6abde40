"""Where an entry ends is known or marked as doubtful; nothing is dropped."""

from __future__ import annotations

from records.formats.base import Doubt, Kind, Survey
from records.formats.complaints import MOST
from records.formats.whatsapp import WhatsApp
from tests.formats.whatsapp.reading import Memory, android, ios, read


def test_a_header_of_another_style_stays_in_the_body_above_and_marks_it() -> None:
    found = read(android("Ana: see:\n[3/13/22, 10:00:00] Ben: yes", "Ben: ok"))
    assert found.bodies == ["see:\n[3/13/22, 10:00:00] Ben: yes", "ok"]
    assert found.entries[0].doubt == Doubt.BOUNDARY
    (problem,) = found.problems
    assert (problem.code, problem.line, problem.severity) == ("W-LAYOUT-MIXED", 2, "warning")
    assert problem.offset == len(b"13/03/2022, 10:00 - Ana: see:\n")


def test_a_header_of_the_files_own_style_starts_an_entry() -> None:
    found = read(android("Ana: look\n13/03/2022, 10:00 - Zoe: pasted", "Ana: ok"))
    assert [entry.sender for entry in found.entries] == ["Ana", "Zoe", "Ana"]


def test_a_header_that_goes_back_more_than_a_day_is_doubtful() -> None:
    found = read(android("Ana: a", "Ana: b", "Ana: c\n02/01/2022, 10:00 - Ana: old", "Ana: d"))
    assert [bool(entry.doubt & Doubt.BOUNDARY) for entry in found.entries] == [
        False,
        False,
        False,
        True,
        False,
    ]
    assert found.codes == ["W-TIME-JUMP"]


def test_a_new_sender_in_the_past_is_doubtful_and_a_known_one_is_not() -> None:
    text = "13/03/2022, 10:00 - Ana: a\n13/03/2022, 09:00 - {}: b\n13/03/2022, 11:00 - Ana: c\n"
    stranger = read(text.format("Zoe"))
    assert stranger.entries[1].doubt == Doubt.BOUNDARY | Doubt.TIME_BACKWARD
    known = read(text.format("Ana"))
    assert known.entries[1].doubt == Doubt.TIME_BACKWARD
    assert known.codes == ["W-TIME-BACK"]
    assert known.problems[0].severity == "info"


def test_the_entry_that_jumped_ahead_is_marked_and_not_the_one_that_came_back() -> None:
    found = read(android("Ana: a", "Ana: b\n01/01/2030, 10:00 - Ana: future", "Ana: c", "Ana: d"))
    assert [bool(entry.doubt & Doubt.BOUNDARY) for entry in found.entries] == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert found.problems[0].seq == 3


def test_a_notice_later_than_the_next_line_is_usual() -> None:
    text = (
        "23/03/2022, 13:31 - Messages and calls are end-to-end encrypted.\n"
        "18/03/2022, 14:56 - Ana: Hello\n"
    )
    found = read(text)
    assert found.codes == []
    assert [entry.doubt for entry in found.entries] == [0, 0]


def test_small_steps_back_are_told_once() -> None:
    text = "".join(f"13/03/2022, 10:{30 - at % 2:02d} - Ana: x\n" for at in range(100))
    found = read(text)
    assert found.codes == ["W-TIME-BACK"]
    assert found.problems[0].line == 2
    assert found.problems[0].words.startswith("50 entries")


def test_a_second_export_of_the_same_style_is_found() -> None:
    chat = android("Messages and calls are end-to-end encrypted.", "Ana: a", "Ana: b", "Ana: c")
    found = read(chat + chat)
    assert len(found.entries) == 8
    assert "W-GLUED" in found.codes
    assert next(problem.seq for problem in found.problems if problem.code == "W-GLUED") == 5
    assert "W-GLUED" not in read(chat).codes


def test_a_second_export_of_another_style_is_found() -> None:
    found = read(android(*("Ana: a",) * 5) + ios("Ana: b"))
    assert "W-GLUED" in found.codes
    assert len(found.entries) == 5


def test_the_style_of_most_headers_leads() -> None:
    found = read("[3/12/22, 10:00:00] Zoe: x\n" + android(*("Ana: a",) * 5))
    assert found.survey.variant == "android"
    assert len(found.entries) == 5
    (before,) = (problem for problem in found.problems if problem.unread)
    assert (before.code, before.offset, before.length) == ("W-BEFORE-FIRST", 0, 27)


def test_the_leading_style_may_start_late() -> None:
    old = "".join(f"[3/{1 + at // 400}/22, 10:00:00] Zoe: {'x' * 400}\n" for at in range(2_000))
    late = "".join(f"1{3 + at // 2_000}/03/2022, 10:00 - Ana: a\n" for at in range(8_000))
    found = read(old + late)
    assert found.survey.variant == "android"
    assert len(found.entries) == 8_000


def test_text_before_the_first_header_is_listed_as_unread() -> None:
    found = read("end of a message\nthat was cut\n" + android("Ana: a"))
    (problem,) = found.problems
    assert (problem.code, problem.unread, problem.line) == ("W-BEFORE-FIRST", True, 1)
    assert found.entries[0].offset == problem.length


def test_the_kind_of_blank_before_am_and_pm_belongs_to_the_style() -> None:
    text = "1/14/23, 7:02\u202fPM - Ana: x\n1/14/23, 7:03 PM - Ana: typed\n1/14/23, 7:04\u202fPM - Ana: y\n"
    found = read(text)
    assert found.bodies == ["x\n1/14/23, 7:03 PM - Ana: typed", "y"]
    assert found.codes == ["W-LAYOUT-MIXED"]


def test_problems_of_one_code_are_bounded() -> None:
    chat = android("Ana: a\n" + "[3/13/22, 10:00:00] Ben: yes\n" * 3_000)
    lines = "".join(f"13/03/2022, 10:00 - Ana: {'y' * 20}\n" for _ in range(4_000))
    found = read(lines + chat)
    mixed = [problem for problem in found.problems if problem.code == "W-LAYOUT-MIXED"]
    assert len(mixed) == MOST + 1
    assert "3,000 problems" in mixed[-1].words


def test_a_survey_survives_json() -> None:
    import json
    from dataclasses import asdict

    source = Memory(android("Ana: a", "Ana: b").encode())
    survey = WhatsApp().survey(source, {})
    stored = json.loads(json.dumps(asdict(survey)))
    again = Survey(
        format=stored["format"],
        variant=stored["variant"],
        texts=survey.texts,
        conversations=survey.conversations,
        date_order=stored["date_order"],
        calendar=stored["calendar"],
        encoding=stored["encoding"],
        layout=stored["layout"],
    )
    assert list(WhatsApp().read(source, again)) == list(WhatsApp().read(source, survey))


def test_both_passes_give_the_same_every_time() -> None:
    source = Memory(ios("Ana: \u200eimage omitted", "Ben: x\ny").encode())
    whatsapp = WhatsApp()
    first = [*whatsapp.read(source, whatsapp.survey(source, {}))]
    assert first == [*WhatsApp().read(source, WhatsApp().survey(source, {}))]
    assert Kind.MEDIA_OMITTED in {item.kind for item in first}  # type: ignore[union-attr]


def test_lines_that_only_start_with_the_date_belong_to_the_message_above() -> None:
    day = "13/03/2022, "
    lines = [f"{day}10:{at:02d} - Ana: x" for at in range(20)]
    lines[3:3] = [f"{day}lunch", f"{day}25:61 - Ana: y", f"{day}10:03 Ana"]
    found = read("".join(f"{line}\n" for line in lines))
    assert len(found.entries) == 21
    assert found.bodies[2:4] == [f"x\n{day}lunch", f"y\n{day}10:03 Ana"]
    assert found.entries[3].local is None
    again = read(f"{lines[0]}\n" + "".join(f"{day}lunch\n" for _ in range(20)))
    assert len(again.entries) == 1


def test_a_long_run_of_one_day_is_read_like_its_single_lines() -> None:
    bodies = [
        "x",
        "<Media omitted>",
        "two\nlines",
        "This message was deleted",
        "a (b)",
        "see https://example.org/1",
    ]
    lines = [f"Ana: {body}" for body in bodies] + [
        "Ben: new",
        "Zoe added Max",
        "Ben:",
        "Ana: caf\u00e9 \U0001f600",
    ]
    text = "".join(f"13/03/2022, 10:{at // 10:02d} - {lines[at % 10]}\n" for at in range(300))
    found = read(text)
    single = [read(f"13/03/2022, 10:00 - {line}\n").entries[0] for line in lines]
    for at, entry in enumerate(found.entries):
        one = single[at % 10]
        assert (entry.kind, entry.sender, entry.body, entry.attachment, entry.detail) == (
            one.kind,
            one.sender,
            one.body,
            one.attachment,
            one.detail,
        )
        assert text.encode()[entry.offset :].startswith(
            f"13/03/2022, 10:{at // 10:02d} - ".encode()
        )
    assert found.codes == []
