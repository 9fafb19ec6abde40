"""Offices, people and roles of the sample agency. Names are positions: no real person is meant."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

PASSWORD = "sample-agency-sign-in"
DEPARTMENT = ("Sample Department of Homeland Affairs", "SDHA")


class OfficeRow(NamedTuple):
    """An office below the department."""

    code: str
    name: str
    kind: str
    parent: str
    record_group: str = ""
    starts_on: date | None = date(2003, 3, 1)


class Account(NamedTuple):
    """A person who signs in, and their one role. The first is made when the portal is set up."""

    role: str
    username: str
    name: str
    title: str
    office: str
    person: bool = True  # a NARA reviewer is on no register of this agency


OFFICES = (
    OfficeRow("SBA", "Sample Border Agency", "agency", "SDHA", "999"),
    OfficeRow("SBA-FC", "Office of Field Coordination", "office", "SBA"),
    OfficeRow("SBA-FC-PS", "Pacific Sector Operations", "office", "SBA-FC"),
    OfficeRow(
        "SBA-FC-SE", "Seasonal Events Task Force", "office", "SBA-FC", starts_on=date(2017, 10, 1)
    ),
    OfficeRow("SBA-IT", "Office of Information and Technology", "office", "SBA"),
    OfficeRow("SBA-RM", "Records Management Office", "office", "SBA"),
)


class Known(NamedTuple):
    """Somebody of the register whose number two phones of the group show instead of a name."""

    name: str
    title: str
    office: str
    phone: str


PORT_WATCH = Known("Sample Port Watch", "Port watch officer", "SBA-FC-PS", "+12025550143")
SUCCESSION = {
    "predecessor": "SBA-FC-SE",
    "successor": "SBA-FC-PS",
    "on": date(2019, 7, 1),
    "judgement": "Nature, content and importance of the records are unchanged: the same items apply.",
}
ADMINISTRATOR = Account(
    "administrator", "administrator", "Sample Administrator", "Portal administrator", "SDHA"
)
ACCOUNTS = (
    Account(
        "records_officer",
        "records.officer",
        "Sample Records Officer",
        "Agency records officer",
        "SBA",
    ),
    Account(
        "liaison", "records.liaison", "Sample Records Liaison", "Local records manager", "SBA-FC"
    ),
    Account(
        "custodian", "program.official", "Sample Program Official", "Watch commander", "SBA-FC-PS"
    ),
    Account(
        "schedule_signer",
        "schedule.signer",
        "Sample Senior Official",
        "Senior agency official for records management",
        "SBA",
    ),
    Account("counsel", "counsel", "Sample Counsel", "Office of Chief Counsel", "SBA"),
    Account("auditor", "auditor", "Sample Auditor", "Management inspections", "SDHA"),
    Account("nara_reviewer", "nara.reviewer", "Sample NARA Reviewer", "", "SBA", person=False),
)
SYSTEM_ACCOUNT = "device-management"
SIGNER_AUTHORITY = "Sample memorandum to NARA of January 5, 2021"
SIGNER_SINCE = date(2021, 1, 5)
ROLES_SINCE = date(2018, 1, 2)


class CustodianRow(NamedTuple):
    """A custodian of the sector, and how the others of the group saved this person."""

    key: str
    name: str
    title: str
    office: str
    note: str


CUSTODIANS = (
    CustodianRow(
        "chief", "Sample Sector Chief", "Chief, Pacific Sector Operations", "SBA-FC-PS",
        "Agency phone, collected in full.",
    ),
    CustodianRow(
        "deputy", "Sample Deputy Chief", "Deputy chief, Pacific Sector Operations", "SBA-FC-PS",
        "Used a personal phone for the group until March 2019.",
    ),
    CustodianRow(
        "supervisor", "Sample Field Supervisor", "Field supervisor", "SBA-FC-SE",
        "Agency iPhone; the export was made in January 2019 and kept on a shared drive.",
    ),
    CustodianRow(
        "planner", "Sample Shift Planner", "Shift planner", "SBA-FC-PS",
        "Phone replaced in 2021; nothing was collected before.",
    ),
)  # fmt: skip
