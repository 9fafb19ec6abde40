"""Logs as JSON lines with allow-listed fields: ids, codes, counts and times, never message text, names or numbers.

An exception is written as its type and the places it went through. Its own words stay out: databases and
parsers quote content in them.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import structlog

from portal.places import places

ALLOWED = frozenset(
    (
        "actor_id",
        "attempts",
        "bytes",
        "code",
        "count",
        "done",
        "duration_ms",
        "error",
        "event_id",
        "export_id",
        "finding_id",
        "incident_id",
        "job_id",
        "kind",
        "level",
        "method",
        "office_id",
        "outcome",
        "package_id",
        "parent_task_id",
        "reference",
        "report_id",
        "request_id",
        "route",
        "rows",
        "rule",
        "seconds",
        "stage",
        "state",
        "status",
        "status_code",
        "subject_id",
        "submission_id",
        "task",
        "task_id",
        "task_name",
        "token_prefix",
        "total",
        "unit",
        "user_id",
        "version",
    )
)
_EVENT = re.compile(r"[a-z][a-z0-9_.]{0,79}")
_WORD = re.compile(r"[\w.:/+@-]{0,120}", re.ASCII)
_OWN = ("custos", "portal", "records", "reports", "django_structlog")
# Their arguments are addresses, process ids, signals and paths. Those of any other may quote content.
_FILLED = frozenset(("django.request", "gunicorn.error"))
_PHRASES = frozenset(status.phrase for status in HTTPStatus)


def configure() -> None:
    """Send structlog through the standard logging of the process, so that one formatter sees every line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class JsonLines(logging.Formatter):
    """One JSON object on one line for each record; fields that are not on the list do not appear."""

    def format(self, record: logging.LogRecord) -> str:
        fields = (
            record.msg if isinstance(record.msg, dict) else {"event": record.msg, **_extra(record)}
        )
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record, fields.get("event")),
        }
        line.update({name: _plain(value) for name, value in fields.items() if name in ALLOWED})
        if not record.name.startswith("custos."):
            # Ours is the name of a type; others (django-structlog) put an error's own words there.
            line.pop("error", None)
        exc_info = record.exc_info or fields.get("exc_info")
        if isinstance(exc_info, tuple) and exc_info[0] is not None:
            line["exception"] = exc_info[0].__name__
            line["at"] = places(exc_info[2])
        return json.dumps(line, ensure_ascii=True)


def _event(record: logging.LogRecord, event: Any) -> str:
    text = str(event)
    if _EVENT.fullmatch(text):
        return text
    # Others' templates are fixed words. Ours have names, so a sentence is a slip.
    if record.name.split(".")[0] in _OWN:
        return "unnamed_event"
    if record.name in _FILLED and isinstance(record.args, tuple) and record.args:
        text = _filled(text, record.args)
    return text.partition("\n")[0][:200]


def _filled(template: str, arguments: tuple[Any, ...]) -> str:
    """The template with its plain arguments; it alone when they do not fit it."""
    try:
        return template % tuple(_argument(value) for value in arguments)
    except (TypeError, ValueError):
        return template


def _argument(value: Any) -> Any:
    """A number or one plain word; an address without its query, which can hold what was searched for."""
    if isinstance(value, str):
        return value if value in _PHRASES else _plain(value.partition("?")[0])
    return _plain(value)


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name in ALLOWED}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = str(value)
    return text if _WORD.fullmatch(text) else "withheld"
