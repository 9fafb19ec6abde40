"""36 CFR 1230.14(a)(2): agency, component and the offices that maintain the records, from the office tree."""

from __future__ import annotations

from collections.abc import Iterator

from portal.agency.models import Office
from reports import citations
from reports.prefill.case import Case, Proposal


def lineage(office: Office) -> list[Office]:
    """The offices from the root of the tree down to this one."""
    codes = [code for code in office.path.split("/") if code]
    return list(Office.objects.filter(code__in=codes).order_by("path"))


def agency_and_component(office: Office) -> tuple[Office, Office | None]:
    """The department or agency at the top, and the component below it to which an office belongs."""
    above = lineage(office) or [office]
    components = [node for node in above[1:] if node.kind == Office.Kind.AGENCY]
    return above[0], components[0] if components else None


def propose(case: Case) -> Iterator[Proposal]:
    agency, component = agency_and_component(case.incident.office)
    yield Proposal("a2.agency", agency.name, (citations.of_office(agency),))
    if component:
        yield Proposal("a2.component", component.name, (citations.of_office(component),))
    offices = case.offices or (case.incident.office,)
    words = "\n".join(" > ".join(node.name for node in lineage(office)) for office in offices)
    yield Proposal("a2.office", words, tuple(citations.of_office(office) for office in offices))
