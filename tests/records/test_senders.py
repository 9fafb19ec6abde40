"""Who stands behind senders: handles, suggestions with their reasons, links by people, and taking them back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from portal.agency.models import Office, Person, PersonPhone, User
from portal.audit.models import AuditEvent
from portal.errors import Conflict, Refused, UserError
from records.handles import known_as, plain
from records.models import Alias, Handle, MessageExport, Participant
from records.services import aliases, exports, senders, suggestions
from tests.factories import (
    ConversationFactory,
    CustodianFactory,
    ExportFactory,
    MessageFactory,
    OfficeFactory,
    ParticipantFactory,
    PersonFactory,
    RoleFactory,
)
from tests.records.exports import Desk, work

NUMBER = "+12025550143"


@pytest.mark.parametrize(
    ("name", "display", "handle", "kind", "expected"),
    [
        ("+1 202 555 0143", "", "", "", ("phone", NUMBER)),
        ("\u202a+1\u00a0(202)\u00a0555\u20110143\u202c", "", "", "", ("phone", NUMBER)),
        ("(202) 555-0143", "", "", "", ("phone", NUMBER)),
        ("Ana Ruiz", "", "202-555-0143", "phone", ("phone", NUMBER)),
        ("72975", "Alerts", "72975", "phone", ("phone", "72975")),
        ("Ana.Ruiz@Agency.GOV", "Ana", "", "", ("email", "ana.ruiz@agency.gov")),
        ("Ana  Ruiz\u200e", "", "", "", ("name", "ana ruiz")),
        ("user8812", "Ana Ruiz", "", "", ("account", "user8812")),
        ("2021", "", "", "", ("name", "2021")),
        ("Ana Ruiz", "", "U0123", "account", ("account", "u0123")),
    ],
)
def test_a_sender_is_known_by_the_surest_thing_the_export_tells(
    name: str, display: str, handle: str, kind: str, expected: tuple[str, str]
) -> None:
    known = known_as(name, display, handle, kind, service="telegram")
    assert (known.kind, known.value) == expected
    assert known.service == ("telegram" if known.kind == "account" else "")


def test_names_compare_without_case_and_invisible_marks() -> None:
    assert plain("\u200eANA\u00a0 Ruiz ") == plain("Ana Ruiz")


@pytest.mark.parametrize(
    ("periods", "whole"),
    [
        ([(None, None)], True),
        ([(None, date(2021, 3, 31)), (date(2021, 4, 1), None)], True),
        ([(date(2021, 4, 1), None), (None, date(2021, 3, 31))], True),
        ([(None, date(2021, 3, 30)), (date(2021, 4, 1), None)], False),
        ([(date(2021, 1, 2), None)], False),
        ([(None, date(2021, 6, 29))], False),
        ([(date(2021, 1, 1), date(2021, 6, 30))], True),
        ([], False),
    ],
)
def test_a_sender_is_identified_only_when_every_day_of_its_messages_is(
    periods: list[Any], whole: bool
) -> None:
    assert senders.covered(periods, date(2021, 1, 1), date(2021, 6, 30)) is whole


def test_without_dates_only_a_link_without_limits_counts() -> None:
    assert senders.covered([(None, None)], None, None)
    assert not senders.covered([(None, date(2030, 1, 1))], None, None)


class Case:
    """An agency with an office, a liaison there, an officer over all, and a person of the register."""

    def __init__(self) -> None:
        self.agency = OfficeFactory(kind="agency")
        self.office = OfficeFactory(parent=self.agency)
        self.liaison: User = RoleFactory(role="liaison", office=self.office).user
        self.officer: User = RoleFactory(role="records_officer", office=self.agency).user
        self.ana: Person = PersonFactory(name="Ana Ruiz", office=self.office)
        self.custodian = CustodianFactory(office=self.office)

    def export(self, *names: str, office: Office | None = None, **told: Any) -> MessageExport:
        """An export that was read, with these senders, each with one message on January 4, 2021."""
        told.setdefault(
            "custodian", self.custodian if office is None else CustodianFactory(office=office)
        )
        export = ExportFactory(office=office or self.office, format="whatsapp", **told)
        conversation = ConversationFactory(export=export)
        for number, name in enumerate(names, 1):
            sender = ParticipantFactory(conversation=conversation, name=name, entries=1)
            MessageFactory(
                conversation=conversation,
                seq=number,
                participant=sender,
                sent_at=datetime(2021, 1, 4, 15, tzinfo=UTC),
            )
        with transaction.atomic():
            senders.meet(export)
        return export


@pytest.fixture
def case(db: None) -> Case:
    return Case()


def sender(export: MessageExport, name: str) -> Participant:
    return Participant.objects.get(conversation__export=export, name=name)


def suggested(export: MessageExport) -> dict[str, str]:
    rows = Alias.objects.suggested().filter(handle__participants__conversation__export=export)
    return {str(alias.person): alias.because for alias in rows}


def test_reading_links_nobody_but_gives_every_sender_its_handle(db: None) -> None:
    desk = Desk()
    PersonPhone.objects.create(person=desk.custodian.person, number=NUMBER)
    text = "1/20/21, 09:00 - +1 202 555 0143: Hello\n1/20/21, 09:05 - Buddy: Yes\n1/21/21, 10:00 - Buddy: Gone\n"
    export = desk.read(text.encode())
    buddy = sender(export, "Buddy")
    assert not Participant.objects.filter(identified=True).exists()
    assert buddy.known_as is not None and buddy.known_as.custodian == desk.custodian
    assert buddy.first_at and buddy.last_at and buddy.first_at < buddy.last_at
    assert list(Alias.objects.values_list("state", "person")) == [
        ("suggested", desk.custodian.person.pk)
    ]
    event = AuditEvent.objects.get(action="export.read")
    assert event.detail["senders_suggested"] == 1


def test_reading_again_keeps_links_and_suggests_nothing_twice(db: None) -> None:
    desk = Desk()
    officer = RoleFactory(role="records_officer", office=desk.office).user
    export = desk.read(b"1/20/21, 09:00 - Buddy: Hello\n1/20/21, 09:05 - You: Yes\n")
    handle = sender(export, "Buddy").known_as
    aliases.link(handle, outsider="Bud Abbott", reason="Asked.", actor=officer)
    before = set(Alias.objects.values_list("pk", "state"))
    exports.read_again(export, actor=desk.liaison)
    work(export)
    assert sender(export, "Buddy").known_as == handle
    assert sender(export, "Buddy").identified
    assert set(Alias.objects.values_list("pk", "state")) == before


def test_the_register_suggests_by_number_with_the_time_the_person_was_there(case: Case) -> None:
    case.ana.starts_on, case.ana.ends_on = date(2020, 1, 1), date(2021, 12, 31)
    case.ana.save()
    PersonPhone.objects.create(person=case.ana, number=NUMBER)
    later = PersonFactory(office=case.office, starts_on=date(2022, 1, 1))
    PersonPhone.objects.create(person=later, number=NUMBER)
    export = case.export("+1 202 555 0143")
    alias = Alias.objects.get()
    assert (alias.person, alias.starts_on, alias.ends_on) == (
        case.ana,
        date(2020, 1, 1),
        date(2021, 12, 31),
    )
    assert NUMBER in suggested(export)["Ana Ruiz"]


def test_a_number_that_was_taken_away_is_suggested_up_to_its_last_day(case: Case) -> None:
    other = PersonFactory(office=case.office)
    PersonPhone.objects.create(person=other, number=NUMBER, ends_on=date(2021, 1, 3))
    PersonPhone.objects.create(person=case.ana, number=NUMBER, ends_on=date(2021, 6, 30))
    case.export("+1 202 555 0143")
    alias = Alias.objects.get()
    assert (alias.person, alias.ends_on) == (case.ana, date(2021, 6, 30))


def test_the_register_suggests_by_address_whatever_its_case(case: Case) -> None:
    case.ana.email = "Ana.Ruiz@agency.gov"
    case.ana.save()
    assert "address" in suggested(case.export("ANA.RUIZ@AGENCY.GOV"))["Ana Ruiz"]


def test_the_register_of_another_agency_suggests_nobody(case: Case) -> None:
    stranger = PersonFactory(name="Ana Ruiz", office=OfficeFactory(), email="x@y.gov")
    PersonPhone.objects.create(person=stranger, number=NUMBER)
    case.ana.delete()
    assert not suggested(case.export("+1 202 555 0143", "x@y.gov", "Ana Ruiz"))


@pytest.mark.parametrize("name", ["ana  RUIZ", "~\u202fAna Ruiz"])
def test_an_exact_name_of_the_office_is_suggested(case: Case, name: str) -> None:
    assert "exactly this name" in suggested(case.export(name))["Ana Ruiz"]


def test_a_name_is_not_suggested_when_the_person_was_elsewhere_or_not_there_yet(case: Case) -> None:
    other = OfficeFactory(parent=case.agency)
    assert not suggested(case.export("Ana Ruiz", office=other))
    case.ana.starts_on = date(2021, 1, 5)
    case.ana.save()
    assert not suggested(case.export("Ana Ruiz"))


def test_two_people_of_one_name_are_both_suggested(case: Case) -> None:
    PersonFactory(name="Ana Ruiz", office=case.office)
    case.export("Ana Ruiz")
    assert Alias.objects.suggested().count() == 2


def test_the_exporting_account_is_suggested_to_be_the_custodian(case: Case) -> None:
    export = case.export("You")
    assert "its custodian" in suggested(export)[str(case.custodian)]


def test_you_is_somebody_else_on_each_device(case: Case) -> None:
    first, second = (
        case.export("You"),
        case.export("You", custodian=CustodianFactory(office=case.office)),
    )
    aliases.confirm(Alias.objects.get(handle=sender(first, "You").known_as), actor=case.liaison)
    assert sender(first, "You").identified
    assert not sender(second, "You").identified
    assert str(case.custodian) not in suggested(second)


def test_a_name_confirmed_in_one_address_book_is_suggested_in_another(case: Case) -> None:
    first = case.export("Buddy")
    aliases.link(
        sender(first, "Buddy").known_as, person=case.ana, reason="Asked.", actor=case.liaison
    )
    second = case.export("buddy", custodian=CustodianFactory(office=case.office))
    assert not sender(second, "buddy").identified
    assert "The same name was confirmed" in suggested(second)["Ana Ruiz"]


def test_a_confirmed_number_holds_in_every_export_of_the_agency_and_in_no_other(case: Case) -> None:
    first = case.export("+1 202 555 0143")
    there = case.export("+12025550143", office=OfficeFactory(parent=case.agency))
    stranger = case.export("+1 202 555 0143", office=OfficeFactory())
    aliases.link(
        sender(first, "+1 202 555 0143").known_as,
        person=case.ana,
        reason="Her phone.",
        actor=case.liaison,
    )
    later = case.export("(202) 555-0143")
    assert sender(there, "+12025550143").identified
    assert sender(later, "(202) 555-0143").identified
    assert not sender(stranger, "+1 202 555 0143").identified


def test_a_number_that_changed_hands_names_each_at_their_time(case: Case) -> None:
    export = case.export("+1 202 555 0143")
    handle = sender(export, "+1 202 555 0143").known_as
    aliases.link(
        handle, person=case.ana, reason="Issued.", actor=case.liaison, ends_on=date(2021, 1, 3)
    )
    assert not sender(export, "+1 202 555 0143").identified
    with pytest.raises(Conflict, match="somebody else"):
        aliases.link(handle, outsider="Bob Lee", reason="Issued.", actor=case.liaison)
    aliases.link(
        handle, outsider="Bob Lee", reason="Issued.", actor=case.liaison, starts_on=date(2021, 1, 4)
    )
    assert sender(export, "+1 202 555 0143").identified


def test_withdrawing_leaves_history_and_the_sender_waits_again(case: Case) -> None:
    export = case.export("Buddy")
    alias = aliases.link(
        sender(export, "Buddy").known_as, person=case.ana, reason="Asked.", actor=case.liaison
    )
    aliases.withdraw(alias, actor=case.liaison, reason="It was her brother.")
    alias.refresh_from_db()
    assert (alias.state, alias.judgement, alias.withdrawal) == (
        "withdrawn",
        "Asked.",
        "It was her brother.",
    )
    assert not sender(export, "Buddy").identified


def test_a_suggestion_that_was_put_aside_does_not_come_back(case: Case) -> None:
    case.export("Ana Ruiz")
    aliases.withdraw(Alias.objects.get(), actor=case.liaison, reason="Another Ana.")
    assert suggestions.look_again(actor=case.liaison) == 0
    assert not Alias.objects.suggested().exists()


def test_what_nobody_can_identify_needs_a_reason_and_then_counts_as_explained(case: Case) -> None:
    export = case.export("Buddy")
    handle = sender(export, "Buddy").known_as
    with pytest.raises(UserError, match="how you know"):
        aliases.mark_unidentifiable(handle, actor=case.liaison, reason=" ")
    aliases.mark_unidentifiable(handle, actor=case.liaison, reason="All five members were asked.")
    assert sender(export, "Buddy").identified


def test_linking_by_hand_takes_up_the_suggestion_of_the_same_person(case: Case) -> None:
    export = case.export("Ana Ruiz")
    made = aliases.link(
        sender(export, "Ana Ruiz").known_as, person=case.ana, reason="Asked.", actor=case.liaison
    )
    assert Alias.objects.get() == made
    assert (made.state, made.judgement) == ("confirmed", "Asked.")


def test_a_new_number_in_the_register_is_suggested_when_somebody_looks_again(case: Case) -> None:
    case.export("+1 202 555 0143")
    PersonPhone.objects.create(person=case.ana, number=NUMBER)
    assert suggestions.look_again(actor=case.liaison) == 1
    assert suggestions.look_again(actor=case.liaison) == 0


def test_correcting_the_custodian_makes_names_those_of_another_address_book(case: Case) -> None:
    export = case.export("Buddy")
    aliases.link(
        sender(export, "Buddy").known_as, person=case.ana, reason="Asked.", actor=case.liaison
    )
    other = CustodianFactory(office=case.office)
    exports.correct(export, actor=case.liaison, reason="Wrong phone.", custodian=other)
    assert sender(export, "Buddy").known_as.custodian == other
    assert not sender(export, "Buddy").identified


CHANGES: dict[str, Callable[[Case, User], Any]] = {
    "link": lambda c, by: aliases.link(
        Handle.objects.get(value="buddy"), person=c.ana, reason="Asked.", actor=by
    ),
    "mark_unidentifiable": lambda c, by: aliases.mark_unidentifiable(
        Handle.objects.get(value="buddy"), reason="Nobody knows.", actor=by
    ),
    "confirm": lambda c, by: aliases.confirm(Alias.objects.suggested().get(), actor=by),
    "withdraw": lambda c, by: aliases.withdraw(
        Alias.objects.suggested().get(), reason="No.", actor=by
    ),
    "look_again": lambda c, by: suggestions.look_again(actor=by),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_writes_exactly_one_audit_event_by_its_actor(name: str, case: Case) -> None:
    case.export("Buddy", "Ana Ruiz")
    before = AuditEvent.objects.count()
    CHANGES[name](case, case.liaison)
    events = list(AuditEvent.objects.order_by("sequence")[before:])
    assert [event.actor_id for event in events] == [case.liaison.pk]


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("role", ["auditor", "custodian", "administrator", "nara_reviewer"])
def test_who_only_reads_links_nobody(name: str, role: str, case: Case) -> None:
    case.export("Buddy", "Ana Ruiz")
    before = AuditEvent.objects.count()
    with pytest.raises(Refused):
        CHANGES[name](case, RoleFactory(role=role, office=case.agency).user)
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("name", sorted(set(CHANGES) - {"look_again"}))
def test_a_liaison_of_an_office_without_the_sender_is_refused(name: str, case: Case) -> None:
    case.export("Buddy", "Ana Ruiz")
    elsewhere = RoleFactory(role="liaison", office=OfficeFactory(parent=case.agency)).user
    with pytest.raises(Refused):
        CHANGES[name](case, elsewhere)


def test_what_the_officer_confirmed_no_liaison_withdraws(case: Case) -> None:
    export = case.export("Buddy")
    alias = aliases.link(
        sender(export, "Buddy").known_as, person=case.ana, reason="Asked.", actor=case.officer
    )
    with pytest.raises(Refused):
        aliases.withdraw(alias, actor=case.liaison, reason="I doubt it.")


def test_many_suggestions_are_confirmed_all_or_none(case: Case) -> None:
    case.export("Ana Ruiz", "You")
    rows = list(Alias.objects.suggested())
    assert len(rows) == 2
    aliases.withdraw(Alias.objects.get(pk=rows[1].pk), actor=case.liaison, reason="No.")
    with pytest.raises(Conflict):
        aliases.confirm_all(rows, actor=case.liaison)
    assert not Alias.objects.in_force().exists()


def test_a_person_of_another_agency_is_refused(case: Case) -> None:
    export = case.export("Buddy")
    with pytest.raises(UserError, match="not a person of"):
        aliases.link(
            sender(export, "Buddy").known_as,
            person=PersonFactory(),
            reason="Asked.",
            actor=case.officer,
        )


def test_the_database_itself_refuses_a_link_to_nobody(case: Case) -> None:
    handle = sender(case.export("Buddy"), "Buddy").known_as
    with pytest.raises(IntegrityError), transaction.atomic():
        Alias.objects.create(handle=handle, whose="person")


def test_every_event_belongs_to_an_office_whose_auditor_sees_it(case: Case) -> None:
    case.export("Buddy", "Ana Ruiz")
    before = AuditEvent.objects.count()
    CHANGES["withdraw"](case, case.liaison)
    CHANGES["link"](case, case.officer)
    events = AuditEvent.objects.order_by("sequence")[before:]
    assert [event.office_id for event in events] == [case.office.pk, case.agency.pk]


def test_senders_of_exports_read_before_get_their_handles_from_the_migration(case: Case) -> None:
    export = case.export("Buddy", "+1 202 555 0143")
    met = list(Participant.objects.order_by("pk").values("known_as__value", "first_at", "last_at"))
    Participant.objects.update(known_as=None, first_at=None, last_at=None)
    Alias.objects.all().delete()
    Handle.objects.all().delete()
    step = import_module("records.migrations.0006_handles_of_senders_read_before")
    step._meet(apps, None)
    again = Participant.objects.order_by("pk").values("known_as__value", "first_at", "last_at")
    assert list(again) == met
    assert sender(export, "Buddy").known_as.custodian == case.custodian


def test_what_lies_outside_the_reach_is_not_seen(case: Case) -> None:
    export = case.export("Buddy")
    stranger = RoleFactory(role="records_officer", office=OfficeFactory()).user
    assert not Handle.objects.visible_to(stranger).exists()
    assert Handle.objects.visible_to(case.liaison).get() == sender(export, "Buddy").known_as
