"""Makes what the sample agency holds: schedules, messaging tools, papers, exports of three phones, two failures."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from records.models import Conversation, Finding
from records.services import documents, exports, filing, findings, schedules, tools
from reports.sample import catalogue, papers, phones
from reports.sample.people import World

_COLLECTED_BY = "Sample Digital Forensics Desk"


class _HandIn(NamedTuple):
    key: str
    content: bytes
    name: str
    office: str
    custodian: str
    account: str
    time_zone: str
    collected_on: date
    role: str


def make_catalogue(world: World) -> None:
    """Schedules with their items, messaging tools, and the papers of the case."""
    for row in catalogue.SCHEDULES:
        schedule = schedules.add_schedule(actor=world.officer, **row)
        for item in catalogue.ITEMS[schedule.code]:
            made = schedules.add_item(schedule, actor=world.officer, **item)
            world.items[f"{schedule.code} {made.number}"] = made
    for tool in catalogue.TOOLS:
        world.tools[tool["name"]] = tools.add(actor=world.officer, **tool)
    for paper in papers.PAPERS:
        world.documents[paper.key] = documents.add(
            [paper.pdf()],
            paper.file_name,
            title=paper.title,
            kind=paper.kind,
            office=world.offices["SBA"],
            dated=paper.dated,
            sample=True,
            actor=world.officer,
        )


def hand_in(world: World) -> None:
    """Five files, by the people whose task it is; the jobs that read them are queued."""
    for row in _hand_ins():
        world.exports[row.key] = exports.receive(
            [row.content],
            row.name,
            office=world.offices[row.office],
            custodian=world.custodians[row.custodian],
            tool=world.tools["WhatsApp"],
            account=row.account,
            time_zone=row.time_zone,
            collected_by=_COLLECTED_BY,
            collected_on=row.collected_on,
            sample=True,
            actor=world.users[row.role],
        ).export


def _hand_ins() -> list[_HandIn]:
    chief, deputy, supervisor = phones.CHIEF, phones.DEPUTY, phones.SUPERVISOR
    return [
        _HandIn(
            "chief", chief.export(), chief.file_name, "SBA-FC-PS", "chief",
            "official", chief.zone.key, date(2019, 3, 12), "custodian",
        ),
        _HandIn(
            "deputy", deputy.export(), deputy.file_name, "SBA-FC-PS", "deputy",
            "personal", deputy.zone.key, date(2019, 3, 14), "liaison",
        ),
        _HandIn(
            "supervisor", supervisor.export(), supervisor.file_name, "SBA-FC-SE", "supervisor",
            "official", supervisor.zone.key, date(2019, 1, 21), "liaison",
        ),
        _HandIn(
            "undecided", phones.undecided_export(), "WhatsApp Chat with Roster.txt", "SBA-FC-PS", "planner",
            "unknown", "America/Los_Angeles", date(2021, 10, 29), "liaison",
        ),
        _HandIn(
            "photo", phones.photo_export(), "IMG-20190312-WA0003.txt", "SBA-FC-PS", "planner",
            "unknown", "", date(2021, 10, 29), "custodian",
        ),
    ]  # fmt: skip


def file_and_judge(world: World) -> None:
    """Two of three conversations are filed; the certain findings of two phones are judged, the rest waits."""
    liaison = world.users["liaison"]
    for key in ("chief", "supervisor"):
        export = world.exports[key]
        filing.file(
            Conversation.objects.select_related("export__office").get(export=export),
            office=export.office,
            schedule_item=world.items["GRS 6.1 011"],
            actor=liaison,
        )
    for key in ("chief", "supervisor"):
        for finding in (
            Finding.objects.current()
            .filter(export=world.exports[key])
            .select_related("export__office")
        ):
            if finding.rule == "timer_spans":
                findings.judge(
                    finding,
                    "confirmed",
                    "The other phones of the group show the same notices.",
                    actor=liaison,
                )
            elif finding.rule == "media_unnamed":
                findings.judge(
                    finding,
                    "dismissed",
                    "The custodian added this picture to the archive by mistake.",
                    actor=liaison,
                )
