"""Life cycles: only the steps of the table, only for those who may, and of two people at once one wins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.agency.access import ALLOWED, Decision
from portal.agency.models import Office, User
from portal.kit.errors import Conflict, Refused, UserError
from portal.kit.lifecycle import Lifecycle, Transition, buttons

People = Callable[..., User]


def has_children(office: Any, actor: Any) -> Decision:
    return (
        ALLOWED if office.children.exists() else Decision(False, "An agency has offices below it.")
    )


CYCLE = Lifecycle(
    Transition(
        "promote", ("office",), "agency", "Promote", permission="offices.edit", guard=has_children
    ),
    Transition(
        "demote", ("agency",), "office", "Demote", permission="offices.edit", needs_reason=True
    ),
    Transition("found", ("agency",), "department", "Found"),
    field="kind",
    office=lambda office: office,
)


@pytest.fixture
def office(department: Office) -> Office:
    office = Office.objects.create(
        name="Field", code="F", path="/DEP/F/", kind="office", parent=department
    )
    Office.objects.create(name="Post", code="P", path="/DEP/F/P/", kind="office", parent=office)
    return office


def test_step_changes_state_and_further_fields_in_the_database(
    office: Office, person: People
) -> None:
    CYCLE.advance(office, "promote", actor=person("records_officer"), name="Field Agency")
    assert (office.kind, office.name) == ("agency", "Field Agency")
    office.refresh_from_db()
    assert (office.kind, office.name) == ("agency", "Field Agency")


def test_second_of_two_people_is_told(office: Office, person: People) -> None:
    officer = person("records_officer")
    same = Office.objects.get(pk=office.pk)
    CYCLE.advance(office, "promote", actor=officer)
    with pytest.raises(Conflict):
        CYCLE.advance(same, "promote", actor=officer)


def test_step_from_another_state_is_refused(office: Office, person: People) -> None:
    with pytest.raises(Conflict):
        CYCLE.advance(office, "demote", actor=person("records_officer"), reason="Too small.")


def test_step_without_permission_is_refused_and_nothing_changes(
    office: Office, person: People
) -> None:
    with pytest.raises(Refused, match="does not allow"):
        CYCLE.advance(office, "promote", actor=person("custodian"))
    office.refresh_from_db()
    assert office.kind == "office"


def test_guard_says_why_not(office: Office, person: People) -> None:
    office.children.all().delete()
    with pytest.raises(Refused, match="offices below"):
        CYCLE.advance(office, "promote", actor=person("records_officer"))


def test_step_that_needs_a_reason_refuses_blanks(office: Office, person: People) -> None:
    officer = person("records_officer")
    CYCLE.advance(office, "promote", actor=officer)
    with pytest.raises(UserError) as refusal:
        CYCLE.advance(office, "demote", actor=officer, reason="  ")
    assert refusal.value.code == "reason-needed"


def test_buttons_show_allowed_steps_and_the_reason_of_refused_ones(
    office: Office, person: People
) -> None:
    allowed = buttons(CYCLE.available(office, person("records_officer")))
    assert [(button["name"], button["allowed"]) for button in allowed] == [("promote", True)]
    refused = buttons(CYCLE.available(office, person("custodian")))
    assert not refused[0]["allowed"]
    assert refused[0]["reason"]


def test_steps_of_the_system_are_never_offered_to_people(office: Office, person: People) -> None:
    officer = person("records_officer")
    CYCLE.advance(office, "promote", actor=officer)
    assert [offer.transition.name for offer in CYCLE.available(office, officer)] == ["demote"]
    CYCLE.advance(office, "found", actor=None)
    assert office.kind == "department"


def test_drawing_names_every_state_and_step() -> None:
    drawing = CYCLE.mermaid()
    assert "office --> agency: Promote" in drawing
    assert "agency --> office: Demote" in drawing
    assert "department --> [*]" in drawing


def test_two_steps_of_one_name_are_a_mistake_of_the_table() -> None:
    step = Transition("a", ("x",), "y", "A")
    with pytest.raises(ValueError, match="same name"):
        Lifecycle(step, step)
