"""`manage.py inspect FILE`: what a custodian can know about an export before handing it in.

Nothing is stored and no database is needed, so it also runs on a machine that only has the code.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records.inspection import inspect

READ, NEEDS_ANSWER, REJECTED = 0, 2, 3
MOST_LINES = 20  # problems shown on screen; --json has all that are kept

VERDICTS = {
    "accepted": "Read completely.",
    "with_warnings": "Read completely, with warnings.",
    "partly_read": "Read in part: see the problems.",
    "rejected": "Not read. The file can still be handed in; it is kept as it is.",
    None: "Read; a person must answer first.",
}
OWN_OPTION = ("date_order", "time_zone", "format")  # questions that have an option of their own


class Command(BaseCommand):
    """Read any export and report what is in it, without storing anything."""

    help = "Read a message export and report what is in it. Nothing is stored."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the export as the phone made it (.txt or .zip)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--date-order", choices=("dmy", "mdy", "ymd"), help="answer: order of day and month"
        )
        parser.add_argument("--time-zone", help="answer: the phone's zone, e.g. America/Chicago")
        parser.add_argument("--format", help="answer: which app made the file")
        parser.add_argument(
            "--answer", action="append", default=[], metavar="QUESTION=VALUE",
            help="answer to any other question, e.g. column_time=When; may be given more than once",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        answers = {key: options[key] for key in OWN_OPTION if options[key] is not None}
        for each in options["answer"]:
            question, given, value = each.partition("=")
            if not given:
                raise CommandError(f"--answer {each}: write it as QUESTION=VALUE.")
            answers[question] = value
        try:
            report = inspect(path, path.name, answers)
        except OSError as error:
            raise CommandError(f"{path} cannot be opened: {error.strerror}.") from None
        if options["json"]:
            self.stdout.write(json.dumps(report, indent=1))
        else:
            for line in lines(path.name, report):
                self.stdout.write(printable(line))
        code = exit_code(report)
        if code:
            raise SystemExit(code)


def exit_code(report: Mapping[str, Any]) -> int:
    """0 read, 2 needs an answer, 3 rejected."""
    if report["verdict"] == "rejected":
        return REJECTED
    return NEEDS_ANSWER if report["questions"] else READ


def printable(line: str) -> str:
    """The line without characters that could steer a terminal or reorder text."""
    return "".join(
        char if char.isprintable() or char == " " else f"\\u{ord(char):04x}" for char in line
    )


def lines(name: str, report: Mapping[str, Any]) -> Iterator[str]:
    """The report in plain words."""
    yield f"File: {name}"
    yield f"Result: {VERDICTS[report['verdict']]}"
    if report["format"]:
        yield from _content(report)
    yield from _questions(report["questions"])
    problems = report["problems"]
    if problems:
        yield f"Problems: {len(problems):,}"
    for problem in problems[:MOST_LINES]:
        place = f" [{problem['place']}]" if problem["place"] else ""
        yield f"  {problem['code']} ({problem['severity']}){place}: {problem['words']}"
    if len(problems) > MOST_LINES:
        yield f"  ... and {len(problems) - MOST_LINES:,} more (--json shows them)"
    findings = report["findings"]
    if report["format"]:
        yield f"Findings of possible loss: {len(findings):,}"
    for found in findings:
        yield f"  {found['code']} ({found['confidence']}): {found['title']}"
        yield f"    {found['explanation']}"
        if found["advice"]:
            yield f"    {found['advice']}"


def _content(report: Mapping[str, Any]) -> Iterator[str]:
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in report["kinds"].items())
    size = report["bytes"]
    yield f"App: {report['format']} ({report['variant']})"
    yield (
        f"Entries: {report['entries']:,} by {report['authors']:,} senders, "
        f"{report['authorless']:,} written by the app itself"
    )
    yield f"Kinds: {kinds}"
    yield f"Time: {report['first'] or 'undecided'} to {report['last'] or 'undecided'}"
    yield f"Date order: {report['date_order']}"
    for proof in report["proof"]:
        yield f"  {proof}"
    yield f"Bytes: {size['owned']:,} of {size['total']:,} accounted for, {size['unread']:,} unread"
    yield f"SHA-256: {report['sha256']}"


def _questions(questions: list[dict[str, Any]]) -> Iterator[str]:
    for question in questions:
        yield f"Question: {question['words']}"
        for choice in question["choices"]:
            option = f"--answer {question['code']}={choice['value']}"
            if question["code"] in OWN_OPTION:
                option = f"--{question['code'].replace('_', '-')} {choice['value']}"
            yield f"  {option}: {choice['label']}"
            for line in choice["example"].splitlines():
                yield f"      {line}"
