"""What a completeness check reads and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, NamedTuple

from django.utils import timezone

from portal.agency.models import Signer, User
from portal.audit.models import AuditEvent
from records.models import Finding
from reports import clocks
from reports.deadlines import Deadline
from reports.models import Citation, Field, Incident, NaraLetter, ReportVersion
from reports.sections import FieldSpec, SectionSpec, fields_of, sections_of
from reports.sources import Sources

ERROR: Final = "error"
WARNING: Final = "warning"
WRITING_EVENTS: Final = (
    "report.started",
    "report.supplement_started",
    "report.fields_saved",
    "report.citations_added",
    "report.citation_removed",
    "report.citation_recounted",
    "report.warning_accepted",
)


class Result(NamedTuple):
    """One thing that a check found: an error blocks signing, a warning may be accepted with a reason.

    `missing` marks an element that nobody has filled yet, as against one that is wrong. `evidence` is what the words
    sum up: two results with the same words and another evidence are not the same.
    """

    code: str
    severity: Literal["error", "warning"]
    words: str
    citation: str
    field: str = ""
    section: str = ""
    missing: bool = False
    evidence: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The section that a page links to."""
        return self.section or self.field.partition(".")[0]

    @property
    def anchor(self) -> str:
        """The field's place on the section's page."""
        return f"field-{self.field.replace('.', '-')}" if self.field else ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of a report with everything that checks look at, read once."""

    version: ReportVersion
    incident: Incident
    sections: tuple[SectionSpec, ...]
    specs: dict[str, FieldSpec]
    fields: dict[str, Field]
    citations: dict[str, list[Citation]]
    sources: Sources
    on_incident: frozenset[int]
    letter: NaraLetter | None
    deadline: Deadline | None
    signers: tuple[Signer, ...]
    drafters: tuple[User, ...]
    today: date

    @property
    def findings(self) -> dict[int, Finding]:
        """Those that are cited or counted, and those of the incident."""
        return self.sources.findings

    def field(self, key: str) -> Field:
        return self.fields.get(key) or Field(version=self.version, key=key, revision=0)

    def is_answered(self, key: str) -> bool:
        """Filled, or left out with a reason."""
        field = self.field(key)
        given = field.state == Field.State.GIVEN
        return bool(field.value.strip()) if given else bool(field.reason.strip())

    def given(self, key: str) -> str:
        """The value, empty when it is not known or not appropriate."""
        field = self.field(key)
        return field.value.strip() if field.state == Field.State.GIVEN else ""


Check = Callable[[Draft], Iterator[Result]]


def drafters_of(version: ReportVersion) -> list[User]:
    """Everybody who wrote in this version or in one whose text it took over: kept by the audit log."""
    earlier = ReportVersion.objects.filter(
        report_id=version.report_id, version__lte=version.version
    )
    drafters = dict(earlier.values_list("pk", "drafter_id"))
    events = AuditEvent.objects.filter(
        object_type="reports.reportversion",
        object_id__in=[str(pk) for pk in drafters],
        action__in=WRITING_EVENTS,
    )
    ids = {*events.values_list("actor_id", flat=True), *drafters.values()}
    return list(User.objects.filter(pk__in=ids).order_by("pk"))


def signers_for(incident: Incident, day: date) -> list[Signer]:
    """The register of 36 CFR 1220.34(b) in force on a day, for this agency or one above it."""
    register = Signer.objects.on(day).select_related("agency", "person__user")
    return [entry for entry in register if incident.office.path.startswith(entry.agency.path)]


def draft_of(version: ReportVersion) -> Draft:
    """Read a version for checking."""
    incident = Incident.objects.select_related("office").get(report=version.report_id)
    sections = tuple(sections_of(incident))
    fields = list(version.fields.select_related("updated_by"))
    citations: dict[str, list[Citation]] = {field.key: [] for field in fields}
    rows = Citation.objects.filter(field__version=version).select_related("field").order_by("pk")
    for citation in rows:
        citations[citation.field.key].append(citation)
    on_incident = frozenset(incident.incident_findings.values_list("finding_id", flat=True))
    governing = clocks.of_incident(incident)
    today = timezone.localdate()
    return Draft(
        version=version,
        incident=incident,
        sections=sections,
        specs=fields_of(sections),
        fields={field.key: field for field in fields},
        citations=citations,
        sources=Sources(rows, findings=on_incident),
        on_incident=on_incident,
        letter=governing[0] if governing else None,
        deadline=governing[1] if governing else None,
        signers=tuple(signers_for(incident, today)),
        drafters=tuple(drafters_of(version)),
        today=today,
    )


def missing_element(draft: Draft, key: str, code: str, words: str) -> Iterator[Result]:
    """An error when a required field is neither filled nor left out with a reason."""
    if not draft.is_answered(key):
        yield Result(code, ERROR, words, draft.specs[key].citation, field=key, missing=True)
