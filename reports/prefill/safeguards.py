"""36 CFR 1230.14(a)(4): safeguards, from the policies on file and the settings of the messaging tools."""

from __future__ import annotations

from collections.abc import Iterator

from records.models import Document, MessagingTool
from reports import citations
from reports.prefill.case import Case, Proposal

_PAPERS = frozenset({Document.Kind.POLICY, Document.Kind.TRAINING})


def propose(case: Case) -> Iterator[Proposal]:
    papers = [document for document in case.documents if document.kind in _PAPERS]
    tools = [tool for tool in case.tools if tool.policy or tool.auto_delete_setting]
    lines = [*(_paper(document) for document in papers), *(_tool(tool) for tool in tools)]
    evidence = (
        *(citations.of_document(document) for document in papers),
        *(citations.of_tool(tool) for tool in tools),
    )
    if evidence:
        yield Proposal("a4.safeguards", "\n".join(lines), evidence)


def _paper(document: Document) -> str:
    dated = (
        f", dated {document.dated:%B} {document.dated.day}, {document.dated.year}"
        if document.dated
        else ""
    )
    return f"{document.get_kind_display()}: {document.title} ({document.number}{dated})"


def _tool(tool: MessagingTool) -> str:
    approved = (
        "approved for official business" if tool.approved else "not approved for official business"
    )
    setting = (
        f"; deletion setting in force: {tool.auto_delete_setting}"
        if tool.auto_delete_setting
        else ""
    )
    policy = f"; policy: {tool.policy}" if tool.policy else ""
    return f"{tool.name}: {approved}{setting}{policy}"
