"""The report on an export before it is handed in: what `inspect` prints. No database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from records.formats.base import Problem, Question, Rejected, Survey
from records.formats.source import open_source
from records.reading import REJECTED, Reading, Summary, place_of, read_export
from records.rules.base import Found

MOST_CITED = 1_000  # entries of one finding that are listed


def inspect(
    path: str | os.PathLike[str],
    name: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """The report a custodian gets before handing in, as one JSON-able object. No database."""
    try:
        with open_source(path, name) as source:
            reading = read_export(source, answers)
            if isinstance(reading, Question):
                return _report(source.size, [reading])
            summary = reading.run()
            return _full_report(reading, summary)
    except Rejected as rejected:
        return _rejection(os.path.getsize(path), rejected)


def _report(size: int, questions: list[Question]) -> dict[str, object]:
    return {
        "format": None,
        "variant": None,
        "verdict": None if questions else REJECTED,
        "entries": 0,
        "authors": 0,
        "authorless": 0,
        "kinds": {},
        "date_order": "undecided",
        "first": None,
        "last": None,
        "bytes": {"total": size, "owned": 0, "unread": 0},
        "sha256": None,
        "proof": [],
        "problems": [],
        "questions": [_question(question) for question in questions],
        "findings": [],
    }


def _rejection(size: int, rejected: Rejected) -> dict[str, object]:
    report = _report(size, [])
    report["problems"] = [
        {
            "code": rejected.code,
            "severity": "error",
            "words": rejected.words,
            "place": rejected.place,
        }
    ]
    return report


def _full_report(reading: Reading, summary: Summary) -> dict[str, object]:
    survey = reading.survey
    return {
        "format": survey.format,
        "variant": survey.variant,
        "verdict": None if survey.questions else summary.verdict,
        "entries": summary.entries,
        "authors": len(summary.authors),
        "authorless": summary.authorless,
        "kinds": {str(kind): summary.kinds[kind] for kind in sorted(summary.kinds)},
        "date_order": survey.date_order,
        "first": iso(summary.first),
        "last": iso(summary.last),
        "bytes": {
            "total": summary.bytes_total,
            "owned": summary.bytes_owned,
            "unread": summary.bytes_unread,
        },
        "sha256": summary.sha256,
        "proof": list(survey.proof),
        "problems": [_problem(problem, survey) for problem in summary.problems],
        "questions": [_question(question) for question in survey.questions],
        "findings": [_finding(found) for found in summary.findings],
    }


def iso(local: int | None) -> str | None:
    """A clock reading in ISO 8601, without a zone: the export does not tell one."""
    if local is None:
        return None
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=local)
    return moment.replace(tzinfo=None).isoformat()


def _problem(problem: Problem, survey: Survey) -> dict[str, object]:
    member, offset = place_of(problem, survey)
    place = [member] if member else []
    if problem.line is not None:
        place.append(f"line {problem.line}")
    if offset is not None:
        place.append(f"byte {offset}")
    return {
        "code": problem.code,
        "severity": problem.severity,
        "words": problem.words,
        "place": ", ".join(place),
        "line": problem.line,
        "offset": offset,
        "length": problem.length,
        "entry": problem.seq,
    }


def _question(question: Question) -> dict[str, object]:
    return {
        "code": question.code,
        "words": question.words,
        "choices": [choice._asdict() for choice in question.choices],
    }


def _finding(found: Found) -> dict[str, object]:
    return {
        "rule": found.rule,
        "code": found.code,
        "title": found.title,
        "explanation": found.explanation,
        "advice": found.advice,
        "confidence": found.confidence,
        "conversation": None if found.whole else found.conversation,
        "first": iso(found.first_at),
        "last": iso(found.last_at),
        "count": found.count,
        "counts": found.counts,
        "entries": found.seqs[:MOST_CITED].tolist(),
        "entries_total": len(found.seqs),
        "detail": found.detail,
    }
