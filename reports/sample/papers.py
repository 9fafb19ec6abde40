"""The papers of the sample case, as short PDF files that say on every page that they are samples."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import typst

_TEMPLATE: Final = Path(__file__).with_name("paper.typ")
ASKS: Final = (
    "The corrective actions that followed from the Inspector General's report",
    "The policies, training, approved schedules and other resources for the use of messaging applications",
)


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: its particulars and its paragraphs."""

    key: str
    kind: str  # a value of Document.Kind
    title: str
    file_name: str
    dated: date
    sender: str
    to: str
    parts: tuple[str, ...]

    def pdf(self) -> bytes:
        """The paper as a file. The same paper always gives the same bytes."""
        data = {
            "title": self.title,
            "from": self.sender,
            "to": self.to,
            "dated": f"{self.dated:%B} {self.dated.day}, {self.dated.year}",
            "parts": self.parts,
        }
        made = typst.Compiler(
            str(_TEMPLATE), font_paths=typst.Fonts(include_system_fonts=False)
        ).compile(format="pdf", sys_inputs={"paper": json.dumps(data)}, timestamp=0)
        if not isinstance(made, bytes):
            raise TypeError("typst gave several files for one paper")
        return made


PAPERS: Final = (
    Paper(
        "oig",
        "oig_report",
        "Monitoring of large groups at the border: records of messaging applications",
        "oig-report-sample.pdf",
        date(2021, 9, 20),
        "Sample Office of Inspector General",
        "Sample Border Agency",
        (
            "Between November 2018 and March 2019 staff of the sector coordinated their work in group chats of a "
            "messaging application that was not approved for official business.",
            "We asked for the messages of three members of one group. Two could give them only in part: the group had "
            "set messages to disappear at several times, and single messages had been deleted by their authors.",
            "The agency's directive did not say whether the application may be used or how its messages are kept.",
            "We recommend that the agency (1) decides on the use of such applications in writing, (2) captures the "
            "messages that are records, and (3) trains everybody who uses them.",
        ),
    ),
    Paper(
        "letter",
        "nara_letter",
        "Allegation of unauthorized disposition of records, sample case UD-2022-9001",
        "nara-letter-sample.pdf",
        date(2021, 10, 26),
        "Sample letter in the manner of NARA",
        "Chief Information Officer, Sample Department of Homeland Affairs",
        (
            "We have read the Inspector General's report of September 20, 2021. It says that messages of a messaging "
            "application were not retained by staff of the border agency.",
            "Under 36 CFR 1230.16(b) please respond within 30 calendar days of the date of this letter with a report "
            "that has the elements of 36 CFR 1230.14(a)(1) to (5), approved as 36 CFR 1230.14(b) says.",
            "Please also tell us: 1. the corrective actions that followed from the Inspector General's report; 2. the "
            "policies, training, approved schedules and other resources for the use of messaging applications.",
        ),
    ),
    Paper(
        "directive",
        "policy",
        "Directive on electronic messages, revision of November 15, 2021",
        "directive-sample.pdf",
        date(2021, 11, 15),
        "Sample Border Agency",
        "All employees and contractors",
        (
            "Official business is done on approved applications with official accounts.",
            "Whoever writes or receives a record in another application forwards a complete copy to an official "
            "account within 20 days (44 U.S.C. 2911).",
            "Settings that delete messages by themselves are off, unless the records officer has approved a period "
            "that is not shorter than the retention period.",
        ),
    ),
    Paper(
        "training",
        "training",
        "Training record: messages are records, autumn 2021",
        "training-sample.pdf",
        date(2021, 12, 3),
        "Sample Border Agency, Records Management Office",
        "Case file",
        (
            "412 of 437 employees of Field Coordination have completed the course; the rest follow by January.",
        ),
    ),
    Paper(
        "ticket",
        "correspondence",
        "Help desk note on the replacement of a phone, March 12, 2021",
        "help-desk-note-sample.pdf",
        date(2021, 3, 16),
        "Sample Border Agency, help desk",
        "Records Management Office",
        (
            "On March 12, 2021 the phone of one custodian was replaced because its screen was broken. The old phone "
            "was reset on the same day.",
            "The checklist in use did not ask whether messages had been collected. It asks now.",
        ),
    ),
    Paper(
        "designation",
        "designation",
        "Officials authorized to sign records schedules and transfers (36 CFR 1220.34(b))",
        "designation-sample.pdf",
        date(2021, 1, 5),
        "Sample Border Agency",
        "National Archives and Records Administration (sample)",
        (
            "The senior agency official for records management may sign records schedules for the Sample "
            "Border Agency.",
        ),
    ),
)
