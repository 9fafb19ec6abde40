"""The checklist of a report: the five elements of 36 CFR 1230.14(a) and each item of NARA's letters, field by field.

Keys are stable: `a1.volume`, and `x17.answer` for the letter item whose primary key is 17.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from reports.models import Incident, LetterItem

REGULATION: Final = "36 CFR 1230.14"
Kind = Literal["text", "long", "date", "number", "choice"]
NOT_KNOWN: Final = "not_known"
NOT_APPROPRIATE: Final = "not_appropriate"

STATUS_CHOICES: Final = (
    ("temporary", "Temporary"),
    ("permanent", "Permanent"),
    ("unscheduled", "Unscheduled: treated as permanent (36 CFR 1220.18)"),
    ("mixed", "Several: see the description"),
    ("undetermined", "Not determined yet"),
)
INTENT_CHOICES: Final = (
    ("accidental", "Accidental"),
    ("negligent", "Negligent"),
    ("willful", "Willful"),
    ("unknown", "Not known yet"),
)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: what it asks, an example, and what may stand in it. `figure` marks what must be cited (I9)."""

    key: str
    label: str
    hint: str
    example: str
    kind: Kind
    citation: str
    required: bool = False
    states: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    figure: bool = False

    @property
    def section(self) -> str:
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """The key as an HTML id."""
        return self.key.replace(".", "-")

    def words(self, value: str) -> str:
        """A value as a person reads it."""
        if self.kind == "date" and value:
            return _day_in_words(value)
        return dict(self.choices).get(value, value)


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """One section of the checklist: what is asked, by whom, with which words."""

    key: str
    title: str
    asks: str
    citation: str
    asked_by: str
    fields: tuple[FieldSpec, ...]

    @property
    def number(self) -> str:
        """`(a)(1)`, or `Item 2` for what a letter asks."""
        return f"(a)({self.key[1]})" if self.key.startswith("a") else self.asked_by.capitalize()


def _field(key: str, label: str, kind: Kind, hint: str, example: str, **more: object) -> FieldSpec:
    citation = f"{REGULATION}(a)({key[1]})"
    base = FieldSpec(key, label, hint, example, kind, citation)
    return replace(base, **more)  # type: ignore[arg-type]


_IF_KNOWN: Final = (NOT_KNOWN,)

_RECORDS = (
    _field(
        "a1.series", "Function or series", "text",
        "What the records are for: the function of the office, or the title of the series.",
        "Operational coordination of caravan monitoring",
    ),
    _field(
        "a1.description", "Description of the records", "long",
        "A complete description that somebody outside the agency understands.",
        "WhatsApp group messages between border officers and Mexican officials, with photographs",
        required=True,
    ),
    _field(
        "a1.application", "Application and format", "text",
        "The messaging application, and the form in which the records were kept.",
        "WhatsApp on personal phones; text exports with media",
    ),
    _field(
        "a1.schedule", "Schedule item and authority", "text",
        "The item that covers the records with its disposition authority, or the word unscheduled.",
        "GRS 6.1 item 010, DAA-GRS-2022-0006-0001; or: unscheduled",
    ),
    _field(
        "a1.status", "Status of the records", "choice",
        "Unscheduled records are treated as permanent (36 CFR 1220.18).", "Permanent",
        choices=STATUS_CHOICES,
    ),
    _field(
        "a1.volume", "Volume", "text",
        "How much was lost, with its unit. The regulation asks for it if known.",
        "1,204 messages and 37 photographs",
        required=True, states=_IF_KNOWN, figure=True,
    ),
    _field(
        "a1.date_from", "Dates of the records: from", "date",
        "The first day of the records that were lost. Asked for if known.", "11/01/2018",
        required=True, states=_IF_KNOWN, figure=True,
    ),
    _field(
        "a1.date_to", "Dates of the records: to", "date",
        "The last day of the records that were lost. Asked for if known.", "03/31/2019",
        required=True, states=_IF_KNOWN, figure=True,
    ),
    _field(
        "a1.custodians", "Custodians or accounts", "number",
        "How many people's devices or accounts are concerned.", "3",
        states=_IF_KNOWN, figure=True,
    ),
    _field(
        "a1.restrictions", "Restrictions on access", "text",
        "Classified or controlled information, Privacy Act, none. The report itself can be requested under FOIA.",
        "Controlled unclassified information: law enforcement",
    ),
)  # fmt: skip

_OFFICE = (
    _field("a2.agency", "Agency", "text", "The agency that reports.", "Department of Homeland Security"),
    _field(
        "a2.component", "Component", "text", "The component, bureau or administration, if any.",
        "U.S. Customs and Border Protection",
    ),
    _field(
        "a2.office", "Office maintaining the records", "long",
        "The office or offices that keep the records, by name.", "Office of Field Operations, San Diego",
        required=True,
    ),
    _field(
        "a2.location", "Place or system", "text", "Where the records were: site, system or device.",
        "Personal phones; no copy in the agency's recordkeeping system",
    ),
    _field(
        "a2.custodian_of_records", "Responsible custodian of records", "text",
        "Who answers for the records in that office, by position.", "Local records manager",
    ),
)  # fmt: skip

_CIRCUMSTANCES = (
    _field(
        "a3.kinds", "What happened, in the words of the regulation", "text",
        "Removal, defacing, alteration or destruction; actual, impending, threatened or alleged.",
        "Unlawful or accidental destruction; actual",
        required=True,
    ),
    _field(
        "a3.discovery", "Discovery", "long", "When it was found, by whom and how.",
        "On September 21, 2021, the Inspector General's report OIG-21-62 said that messages were not retained",
    ),
    _field(
        "a3.period", "Period of the loss", "text", "From when to when it happened.",
        "January 2018 to August 2021", states=_IF_KNOWN,
    ),
    _field(
        "a3.narrative", "Exact circumstances", "long",
        "What happened, step by step, with what shows it.",
        "On March 1, 2021, the timer of the group was set to 24 hours; it stayed on for 182 days",
        required=True,
    ),
    _field(
        "a3.cause", "Cause", "long", "Why it could happen.",
        "The policy did not say how to keep messages of personal applications", states=_IF_KNOWN,
    ),
    _field(
        "a3.intent", "Intent", "choice",
        "An accidental loss is reported too: intent does not decide whether it is reported.", "Accidental",
        choices=INTENT_CHOICES,
    ),
    _field(
        "a3.holds", "Holds that covered the records", "text",
        "FOIA requests, litigation or other holds in force at the time.", "FOIA request CBP-2019-012345, or: none",
        states=_IF_KNOWN,
    ),
    _field(
        "a3.referrals", "Referrals", "text",
        "Inspector General, law enforcement, general counsel; or none.", "Referred to the Inspector General",
    ),
)  # fmt: skip

_SAFEGUARDS = (
    _field(
        "a4.safeguards", "Safeguards", "long",
        "One safeguard on each line: what was put in place to prevent further loss.",
        "Timers are blocked on agency devices by the device management profile",
        required=True,
    ),
    _field(
        "a4.responsible", "Responsible", "text", "Who sees to it, by position.", "Chief Information Officer",
    ),
    _field(
        "a4.dates", "Dates", "text", "When each was or will be in place.", "In force since November 15, 2021",
    ),
)  # fmt: skip

_SALVAGE = (
    _field(
        "a5.actions", "Actions to salvage, retrieve or reconstruct", "long",
        "Details of what was tried: backups, counterparts' copies, forensics, and what came of it. "
        "If no such action is appropriate, say why.",
        "Exports were taken from three further members of the group; 412 messages were recovered",
        required=True, states=(NOT_APPROPRIATE,),
    ),
    _field(
        "a5.volume_recovered", "Volume recovered", "text", "How much was recovered, with its unit.",
        "412 messages", states=(NOT_KNOWN, NOT_APPROPRIATE), figure=True,
    ),
    _field(
        "a5.residual_loss", "What stays lost", "text", "What could not be recovered.",
        "Messages of March to August 2021 of one custodian", states=(NOT_KNOWN, NOT_APPROPRIATE),
    ),
)  # fmt: skip

ELEMENTS: Final[tuple[SectionSpec, ...]] = tuple(
    SectionSpec(key, title, asks, f"{REGULATION}(a)({key[1]})", "regulation", fields)
    for key, title, asks, fields in (
        (
            "a1",
            "The records",
            "A complete description of the records, with volume and dates if known.",
            _RECORDS,
        ),
        ("a2", "The office", "The office that maintains the records.", _OFFICE),
        (
            "a3",
            "The circumstances",
            "The exact circumstances of the removal, defacing, alteration or destruction.",
            _CIRCUMSTANCES,
        ),
        (
            "a4",
            "Safeguards",
            "The safeguards established to prevent further loss of documentation.",
            _SAFEGUARDS,
        ),
        (
            "a5",
            "Salvage and reconstruction",
            "When appropriate, the actions taken to salvage, retrieve or reconstruct the records.",
            _SALVAGE,
        ),
    )
)


def letter_section(item: LetterItem) -> SectionSpec:
    """What one item of NARA's letter asks beyond (a)(1)-(a)(5); it may be declined with a reason."""
    letter = item.letter
    citation = f"{letter}, item {item.number}"
    answer = FieldSpec(
        f"x{item.pk}.answer",
        "Answer",
        "Answer the item, or decline it with a reason.",
        "The directive of November 2021 and the training of all users are attached as exhibits 2 and 3",
        "long",
        citation,
        required=True,
        states=(NOT_APPROPRIATE,),
    )
    asked_by = f"letter item {item.number}"
    return SectionSpec(f"x{item.pk}", _short(item.asks), item.asks, citation, asked_by, (answer,))


def sections_of(incident: Incident) -> list[SectionSpec]:
    """The whole checklist of an incident's report."""
    items = LetterItem.objects.filter(letter__incident=incident).select_related("letter")
    ordered = items.order_by("letter__dated", "letter_id", "number")
    return [*ELEMENTS, *(letter_section(item) for item in ordered)]


def fields_of(sections: Sequence[SectionSpec]) -> dict[str, FieldSpec]:
    """All fields by key, in the order of the checklist."""
    return {spec.key: spec for section in sections for spec in section.fields}


def state_words(spec: FieldSpec, state: str) -> str:
    """What an answer without a value is called: a letter's item is declined, not inappropriate."""
    if state == NOT_APPROPRIATE:
        return "Declined" if spec.key.startswith("x") else "Not appropriate"
    return "Not known" if state == NOT_KNOWN else "Answered"


def _day_in_words(value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{day:%B} {day.day}, {day.year}"


def _short(text: str, most: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "\u2026"
