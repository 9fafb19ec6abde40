"""Rules that count one kind of notice: each cites every entry, in its conversation, and nothing else."""

from __future__ import annotations

import pytest

from records.formats.base import Kind
from records.rules import RULES
from tests.rules.streams import START, entry, examine, survey_of

TALLIES = [
    ("view_once", Kind.VIEW_ONCE, "BURN", "certain"),
    ("edited", Kind.EDITED, "EDITED", "certain"),
    ("not_received", Kind.NOT_RECEIVED, "NOT_RECEIVED", "probable"),
    ("export_blocked", Kind.PRIVACY, "EXPORT_BLOCKED", "certain"),
    ("timer_default", Kind.TIMER_DEFAULT, "TIMER_DEFAULT", "indicator"),
    ("media_omitted", Kind.MEDIA_OMITTED, "MEDIA_OMITTED", "certain"),
]


@pytest.mark.parametrize(("rule", "kind", "code", "confidence"), TALLIES)
def test_every_entry_of_the_kind_is_cited_once_in_its_conversation(
    rule: str, kind: Kind, code: str, confidence: str
) -> None:
    stream = [
        entry(1),
        entry(2, kind),
        entry(3),
        entry(4, kind, None),
        entry(5, kind, conversation=1),
    ]
    found = examine(stream, survey=survey_of(2))
    assert [(item.rule, item.code, item.conversation) for item in found] == [
        (rule, code, 0),
        (rule, code, 1),
    ]
    assert [list(item.seqs) for item in found] == [[2, 4], [5]]
    assert found[0].count == 2
    assert found[0].confidence == confidence
    assert found[0].first_at == START + 3_600_000_000
    assert found[0].title.startswith("2 ")
    assert found[1].title.startswith("1 ")


def test_plain_conversation_has_no_findings() -> None:
    kinds = [
        Kind.TEXT, Kind.LOCATION, Kind.CALL, Kind.MISSED_CALL, Kind.MEMBERSHIP, Kind.ENCRYPTION,
        Kind.SECURITY_CODE, Kind.SETTINGS, Kind.POLL, Kind.CONTACT, Kind.NOTICE, Kind.IDENTITY,
    ]  # fmt: skip
    assert examine(entry(seq, kind) for seq, kind in enumerate(kinds, 1)) == []


def test_no_rule_is_asked_about_plain_messages() -> None:
    assert all(Kind.TEXT not in rule.kinds for rule in RULES)


def test_rules_are_named_like_their_modules() -> None:
    for rule in RULES:
        assert rule.__module__ == f"records.rules.{rule.name}"
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_edits_of_which_the_export_keeps_the_earlier_text_say_so() -> None:
    kept = entry(1, Kind.EDITED, detail={"earlier": ["before"]})
    (all_kept,) = examine([kept], rule="edited")
    assert "The export keeps what was written before." in all_kept.explanation
    (some,) = examine([kept, entry(2, Kind.EDITED), entry(3, Kind.EDITED)], rule="edited")
    assert "For 1 edit it keeps" in some.explanation
    assert "last text only" in some.explanation
