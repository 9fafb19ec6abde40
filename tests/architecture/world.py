"""One agency with one of everything, a second agency that must stay out of sight, and a person for each role."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from portal.agency import tokens
from portal.agency.models import ApiToken, Office, RoleAssignment, Signer, User
from portal.agency.roles import ROLES
from portal.jobs.models import Job
from portal.vault.store import seal
from records.models import Attachment
from records.services import senders
from reports.models import Citation, Extension, Submission
from reports.services import reports, submissions
from reports.tasks import build_package
from tests import factories
from tests.reports import cases

ANONYMOUS, NOBODY, ELSEWHERE = "anonymous", "no role", "records officer elsewhere"
PEOPLE = [ANONYMOUS, NOBODY, *ROLES, ELSEWHERE]


@dataclass
class World:
    """Objects by the place where addresses name them: `exports.number` is {number} in /exports/{number}/."""

    objects: dict[str, Any] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


def build() -> World:
    """Everything that belongs to the first agency; the second has its own case and an officer."""
    factories.SetupFactory()
    case = cases.make()
    version = cases.submitted(case)
    queue_of_packages = Job.objects.filter(kind=submissions.BUILD_TASK, state="queued")
    build_package(str(queue_of_packages.get().pk))
    draft = reports.start_supplement(version, actor=case.officer)
    world = World()
    _people(world, case.agency)
    elsewhere = cases.make()
    world.people[ELSEWHERE] = elsewhere.officer
    for name, user in world.people.items():
        role = "records_officer" if name == ELSEWHERE else name
        scopes = sorted(ROLES[role].permissions) if role in ROLES else []
        # People get no tokens; here each stands for a system account with the same roles.
        kept, user.is_system = user.is_system, True
        world.tokens[name] = tokens.issue(user, "matrix", scopes, actor=None)[1]
        user.is_system = kept
    ApiToken.objects.update(approved_by=factories.UserFactory(), approved_at=timezone.now())
    world.objects = {
        "audit.sequence": 1,
        **_agency_objects(case.agency),
        **_record_objects(case),
        **_report_objects(case, version, draft),
    }
    return world


def _people(world: World, agency: Office) -> None:
    world.people[NOBODY] = factories.UserFactory()
    for role in ROLES:
        user = cases.person(role, agency)
        user.is_system = role == "system"
        user.save()
        world.people[role] = user


def _agency_objects(agency: Office) -> dict[str, Any]:
    person = factories.PersonFactory(office=agency)
    return {
        "offices.code": agency.code,
        "people.pk": person.pk,
        "roles.pk": RoleAssignment.objects.filter(office=agency).latest("pk").pk,
        "signers.pk": Signer.objects.get(agency=agency).pk,
    }


def _record_objects(case: cases.Case) -> dict[str, Any]:
    export = case.exports[0]
    export.stored_file = seal([b"1/2/21, 09:00 - Ann: Hello\n"]).stored_file
    export.state, export.format = "ready", "whatsapp"
    export.save()
    conversation = export.conversations.get()
    message = factories.MessageFactory(conversation=conversation, export=export)
    attachment = Attachment.objects.create(
        export=export, seq=message.seq, name="IMG-0001.jpg", state=Attachment.State.PRESENT
    )
    sender = factories.ParticipantFactory(conversation=conversation)
    senders.meet(export)
    sender.refresh_from_db()
    alias = factories.AliasFactory(handle=sender.known_as)
    item = factories.ScheduleItemFactory()
    return {
        "exports.number": export.number,
        "exports.index": conversation.index,
        "exports.seq": message.seq,
        "exports.pk": attachment.pk,
        "exports.finding": case.findings[0].number,
        "senders.pk": sender.known_as_id,
        "senders.alias": alias.pk,
        "custodians.pk": export.custodian.pk,
        "tools.pk": export.tool.pk,
        "documents.number": case.documents[0].number,
        "schedules.schedule": item.schedule.pk,
        "schedules.pk": item.pk,
    }


def _report_objects(case: cases.Case, version: Any, draft: Any) -> dict[str, Any]:
    submission = Submission.objects.get(version=version)
    letter = case.item.letter
    extension = Extension.objects.create(
        letter=letter,
        requested_on=date(2021, 11, 1),
        reason="More exports came in.",
        recorded_by=case.officer,
    )
    citation = Citation.objects.filter(field__version=draft, kind=Citation.Kind.QUERY).first()
    assert citation is not None
    section, name = citation.field.key.partition(".")[0], citation.field.key.replace(".", "-")
    return {
        "incidents.number": case.incident.number,
        "incidents.letter": letter.pk,
        "incidents.extension": extension.pk,
        "reports.number": version.report.number,
        "reports.version": draft.version,
        "reports.citation": citation.pk,
        "reports.section": section,
        "reports.name": name,
        "submissions.number": submission.number,
        "reading-room.number": submission.number,
        "reading-room.exhibit": version.frozen["exhibits"][0]["number"],
    }
