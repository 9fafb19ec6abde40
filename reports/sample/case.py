"""Makes the sample's cases: NARA's letter with its report in draft, one submitted, one new, one dismissed."""

from __future__ import annotations

from datetime import date

from portal.agency.models import User
from records.models import Finding
from reports import acceptance, checks, citations
from reports.models import Field, Incident, ReportVersion
from reports.sample.papers import ASKS
from reports.sample.people import World
from reports.services import fields, incidents, letters, reports, signing, submissions

_NOT_KNOWN = Field.State.NOT_KNOWN


def open_main_case(world: World) -> ReportVersion:
    """The case of the letter: incident from findings, letter with its clock, report proposed from the evidence."""
    officer = world.officer
    chosen = Finding.objects.current().exclude(state=Finding.State.DISMISSED)
    incident = incidents.open_incident(
        office=world.offices["SBA"],
        actor=officer,
        findings=chosen.filter(
            export__in=[world.exports[key] for key in ("chief", "deputy", "supervisor")]
        ),
        title="WhatsApp messages of the Pacific sector coordination group not retained",
        origin=Incident.Origin.OIG_REPORT,
        occurrence=Incident.Occurrence.ACTUAL,
        kinds=["destruction"],
        limbs=["destruction_early"],
        summary=(
            "A group chat of the sector was set to delete its messages during three periods. Members deleted single "
            "messages as well, and pictures were not exported."
        ),
        discovered_on=date(2021, 9, 20),
        discovered_how="The Inspector General asked three members of the group for their messages.",
        occurred_from=date(2018, 11, 19),
        occurred_to=date(2019, 3, 14),
        offices=[world.offices["SBA-FC-PS"], world.offices["SBA-FC-SE"]],
        custodians=[world.custodians[key] for key in ("chief", "deputy", "supervisor")],
        tools=[world.tools["WhatsApp"]],
        documents=[world.documents["oig"]],
        sample=True,
    )
    for step in ("triage", "investigate"):
        incidents.advance_incident(incident, step, actor=officer)
    letters.record_letter(
        incident,
        dated=date(2021, 10, 26),
        received_on=date(2021, 10, 28),
        addressee="Chief Information Officer, Sample Department of Homeland Affairs",
        signed_by="Chief Records Officer for the U.S. Government (sample)",
        document=world.documents["letter"],
        asks=ASKS,
        actor=officer,
    )
    for key in ("directive", "training"):
        incidents.add_document(incident, world.documents[key], actor=officer)
    values = {"nara_case": "UD-2022-9001"}
    incidents.edit_incident(incident, revision=incident.revision, actor=officer, **values)
    return reports.start(incident, actor=officer)


def open_smaller_cases(world: World) -> None:
    """One incident that nobody has looked at yet, and one that was none."""
    incidents.open_incident(
        office=world.offices["SBA-FC-PS"],
        actor=world.users["custodian"],
        title="Phone of the shift planner is to be wiped on return",
        origin=Incident.Origin.STAFF_REPORT,
        occurrence=Incident.Occurrence.IMPENDING,
        kinds=["destruction"],
        summary="The planner leaves at the end of the month. The phone goes back to the help desk, which resets it.",
        discovered_on=date(2021, 11, 8),
        offices=[world.offices["SBA-FC-PS"]],
        custodians=[world.custodians["planner"]],
        sample=True,
    )
    dismissed = incidents.open_incident(
        office=world.offices["SBA"],
        actor=world.officer,
        title="Empty folder of the visitors' desk",
        origin=Incident.Origin.STAFF_REPORT,
        occurrence=Incident.Occurrence.ALLEGED,
        kinds=["removal"],
        summary="A folder on the shared drive was found empty.",
        discovered_on=date(2021, 6, 2),
        sample=True,
    )
    incidents.advance_incident(
        dismissed,
        "dismiss",
        actor=world.officer,
        reason="Unfounded: the files had been moved to the file plan in May.",
    )


def submit_earlier_case(world: World) -> None:
    """A case that the agency reported by itself: written, signed and submitted, for the reading room."""
    officer, signer = world.officer, world.users["schedule_signer"]
    incident = incidents.open_incident(
        office=world.offices["SBA"],
        actor=officer,
        title="Signal messages lost when a phone was replaced",
        origin=Incident.Origin.STAFF_REPORT,
        occurrence=Incident.Occurrence.ACTUAL,
        kinds=["destruction"],
        limbs=["destruction_early"],
        summary="A phone was replaced without collecting its messages first.",
        discovered_on=date(2021, 3, 15),
        discovered_how="The custodian told the records liaison when the new phone was empty.",
        occurred_from=date(2021, 3, 12),
        occurred_to=date(2021, 3, 12),
        offices=[world.offices["SBA-FC-PS"]],
        custodians=[world.custodians["planner"]],
        tools=[world.tools["Signal"]],
        documents=[world.documents["ticket"], world.documents["designation"]],
        sample=True,
    )
    incidents.advance_incident(incident, "investigate", actor=officer)
    version = reports.start(incident, actor=officer)
    _write(version, officer)
    _cite(version, world)
    results = checks.run(version)
    for code in {row.code for row in results if row.severity == checks.WARNING}:
        fields.accept_warning(
            version,
            code,
            "Sample case: looked at and left as it is.",
            seen=acceptance.seen(results, code).digest,
            actor=officer,
        )
    signing.send_for_signature(version, actor=officer)
    signing.sign(version, actor=signer)
    submissions.submit(version, actor=officer)


_EARLIER: dict[str, fields.Change] = {
    "a1.series": fields.Change(0, "Scheduling of shifts"),
    "a1.description": fields.Change(
        0,
        "Signal messages between the shift planner and team leads about rosters and short-term changes of shifts.",
    ),
    "a1.application": fields.Change(0, "Signal on an agency phone; no export was made"),
    "a1.schedule": fields.Change(
        0, "GRS 6.1 item 011, DAA-GRS-2022-0006-0002 (number not verified)"
    ),
    "a1.status": fields.Change(0, "temporary"),
    "a1.volume": fields.Change(
        0, "", _NOT_KNOWN, "No copy exists from which messages could be counted."
    ),
    "a1.date_from": fields.Change(
        0, "", _NOT_KNOWN, "The custodian does not remember when the chat began."
    ),
    "a1.date_to": fields.Change(0, "2021-03-12"),
    "a1.custodians": fields.Change(0, "1"),
    "a1.restrictions": fields.Change(0, "None"),
    "a2.location": fields.Change(0, "Agency phone; no copy in the recordkeeping system"),
    "a2.custodian_of_records": fields.Change(0, "Local records manager"),
    "a3.narrative": fields.Change(
        0,
        "The help desk replaced the phone because of a broken screen. The old phone was reset the same day. Nobody had "
        "collected the messages, and Signal keeps no copy elsewhere.",
    ),
    "a3.cause": fields.Change(0, "The help desk's checklist did not ask about messages."),
    "a3.intent": fields.Change(0, "accidental"),
    "a3.holds": fields.Change(0, "None"),
    "a3.referrals": fields.Change(0, "None"),
    "a4.safeguards": fields.Change(
        0,
        "The help desk's checklist asks the records liaison before a phone is reset.\n"
        "Signal is not approved; the group moved to an approved application.",
    ),
    "a4.responsible": fields.Change(0, "Chief of the help desk"),
    "a4.dates": fields.Change(0, "In force since April 1, 2021"),
    "a5.actions": fields.Change(
        0,
        "Team leads were asked for their copies. Two had kept theirs and handed them in as screenshots.",
    ),
    "a5.volume_recovered": fields.Change(
        0, "", _NOT_KNOWN, "The screenshots overlap and were not counted."
    ),
    "a5.residual_loss": fields.Change(0, "Messages to the other team leads"),
}


def _cite(version: ReportVersion, world: World) -> None:
    """Each figure has its evidence."""
    ticket = citations.of_document(world.documents["ticket"])
    custodian = citations.of_custodian(world.custodians["planner"])
    for key, evidence in (
        ("a1.date_to", ticket),
        ("a1.custodians", custodian),
        ("a3.narrative", ticket),
    ):
        fields.add_citations(version, key, [evidence], actor=world.officer)


def _write(version: ReportVersion, officer: User) -> None:
    there = dict(version.fields.values_list("key", "revision"))
    changes = {key: change._replace(revision=there[key]) for key, change in _EARLIER.items()}
    outcome = fields.save_fields(version, changes, actor=officer)
    if outcome.conflicts or outcome.problems:
        raise AssertionError(
            f"the sample report does not stand: {outcome.conflicts or outcome.problems}"
        )
