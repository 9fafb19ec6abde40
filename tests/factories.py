"""The smallest valid objects. Append only: one factory for a model, no second name for the same thing."""

from __future__ import annotations

import hashlib
from datetime import date

import factory
from factory.django import DjangoModelFactory

from portal.agency.models import Office, Person, RoleAssignment, Setup, Signer, User
from portal.vault.models import StoredFile
from portal.vault.store import seal
from records.models import (
    Alias,
    Conversation,
    Custodian,
    Document,
    Finding,
    Message,
    MessageExport,
    MessagingTool,
    Participant,
    Problem,
    Schedule,
    ScheduleItem,
)
from reports.models import Incident, LetterItem, NaraLetter


class OfficeFactory(DjangoModelFactory):
    class Meta:
        model = Office

    code = factory.Sequence(lambda number: f"O{number}")
    name = factory.LazyAttribute(lambda self: f"Office {self.code}")
    parent = None
    path = factory.LazyAttribute(
        lambda self: f"{self.parent.path if self.parent else '/'}{self.code}/"
    )


class UserFactory(DjangoModelFactory):
    """An account without any role: sees nothing."""

    class Meta:
        model = User

    username = factory.Sequence(lambda number: f"user{number}")


class RoleFactory(DjangoModelFactory):
    """A role in force since 2020."""

    class Meta:
        model = RoleAssignment

    user = factory.SubFactory(UserFactory)
    role = "records_officer"
    office = factory.SubFactory(OfficeFactory)
    starts_on = date(2020, 1, 1)


class SetupFactory(DjangoModelFactory):
    class Meta:
        model = Setup
        django_get_or_create = ("id",)

    id = 1
    agency_name = "Test Agency"


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    name = factory.Sequence(lambda number: f"Person {number}")
    office = factory.SubFactory(OfficeFactory)


class CustodianFactory(DjangoModelFactory):
    class Meta:
        model = Custodian

    person = factory.SubFactory(PersonFactory, office=factory.SelfAttribute("..office"))
    office = factory.SubFactory(OfficeFactory)


class MessagingToolFactory(DjangoModelFactory):
    class Meta:
        model = MessagingTool

    name = factory.Sequence(lambda number: f"Tool {number}")


class StoredFileFactory(DjangoModelFactory):
    """A row only; a test that reads bytes seals real ones with `portal.vault.store.seal`."""

    class Meta:
        model = StoredFile

    sha256 = factory.Sequence(lambda number: hashlib.sha256(str(number).encode()).hexdigest())
    size = 1


class ExportFactory(DjangoModelFactory):
    class Meta:
        model = MessageExport

    number = factory.Sequence(lambda number: f"EXP-2026-{number:04d}")
    name = "WhatsApp Chat.txt"
    stored_file = factory.SubFactory(StoredFileFactory)
    office = factory.SubFactory(OfficeFactory)
    custodian = factory.SubFactory(CustodianFactory, office=factory.SelfAttribute("..office"))
    tool = factory.SubFactory(MessagingToolFactory)
    received_by = factory.SubFactory(UserFactory)


class ConversationFactory(DjangoModelFactory):
    class Meta:
        model = Conversation

    export = factory.SubFactory(ExportFactory)
    office = factory.SelfAttribute("export.office")
    title = "Project group"


class ParticipantFactory(DjangoModelFactory):
    class Meta:
        model = Participant

    conversation = factory.SubFactory(ConversationFactory)
    name = factory.Sequence(lambda number: f"Sender {number}")


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = Message

    conversation = factory.SubFactory(ConversationFactory)
    export = factory.SelfAttribute("conversation.export")
    seq = factory.Sequence(lambda number: number + 1)
    kind = "text"
    body = "Hello"
    written = "1/2/21, 09:00"
    offset = 0
    length = 5


class ProblemFactory(DjangoModelFactory):
    class Meta:
        model = Problem

    export = factory.SubFactory(ExportFactory)
    code = "W-TEST"
    severity = "warning"
    words = "A line could not be read."


class FindingFactory(DjangoModelFactory):
    class Meta:
        model = Finding

    export = factory.SubFactory(ExportFactory)
    key = factory.Sequence(lambda number: f"key-{number}")
    number = factory.Sequence(lambda number: number + 1)
    rule = "timer_spans"
    code = "TIMER_ON"
    title = "Disappearing messages on for 3 days"
    explanation = "The timer was turned on."
    confidence = "certain"


class ScheduleFactory(DjangoModelFactory):
    class Meta:
        model = Schedule

    code = factory.Sequence(lambda number: f"GRS {number}")
    title = "Test schedule"


class ScheduleItemFactory(DjangoModelFactory):
    class Meta:
        model = ScheduleItem

    schedule = factory.SubFactory(ScheduleFactory)
    number = factory.Sequence(lambda number: f"{number:03d}")
    title = "Test item"
    disposition = "temporary"
    retention = "Destroy when 7 years old"


class DocumentFactory(DjangoModelFactory):
    """A paper whose bytes are really sealed."""

    class Meta:
        model = Document

    number = factory.Sequence(lambda number: f"DOC-2026-{number:04d}")
    title = factory.LazyAttribute(lambda self: f"Document {self.number}")
    kind = "other"
    office = factory.SubFactory(OfficeFactory)
    stored_file = factory.LazyAttribute(lambda self: seal([self.number.encode()]).stored_file)
    file_name = "document.txt"
    media_type = "text/plain"
    added_by = factory.SubFactory(UserFactory)


class IncidentFactory(DjangoModelFactory):
    class Meta:
        model = Incident

    number = factory.Sequence(lambda number: f"INC-2026-{number:04d}")
    title = "Messages not retained"
    office = factory.SubFactory(OfficeFactory)
    kinds = factory.LazyFunction(lambda: ["destruction"])
    limbs = factory.LazyFunction(list)
    occurrence = "actual"
    origin = "findings"
    discovered_on = date(2021, 9, 21)
    opened_by = factory.SubFactory(UserFactory)


class NaraLetterFactory(DjangoModelFactory):
    class Meta:
        model = NaraLetter

    incident = factory.SubFactory(IncidentFactory)
    dated = date(2021, 10, 26)
    addressee = "The Chief Information Officer"
    recorded_by = factory.SubFactory(UserFactory)


class LetterItemFactory(DjangoModelFactory):
    class Meta:
        model = LetterItem

    letter = factory.SubFactory(NaraLetterFactory)
    number = factory.Sequence(lambda number: number + 1)
    asks = "Policies on messaging applications"


class SignerFactory(DjangoModelFactory):
    """A line of the register of 36 CFR 1220.34(b), in force since 2020."""

    class Meta:
        model = Signer

    person = factory.SubFactory(PersonFactory, office=factory.SelfAttribute("..agency"))
    agency = factory.SubFactory(OfficeFactory)
    authority = "Memorandum of January 2, 2020"
    starts_on = date(2020, 1, 1)


class AliasFactory(DjangoModelFactory):
    """A suggestion: nobody has confirmed it. The handle comes from a sender that was met."""

    class Meta:
        model = Alias

    whose = "person"
    person = factory.SubFactory(PersonFactory, office=factory.SelfAttribute("..handle.agency"))
    because = "The register of people has the number."
