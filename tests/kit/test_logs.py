"""Logs hold names of events and ids, never what a message says (I6, AU-3)."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from portal.kit.logs import JsonLines

BODY = "meet me at the bridge, +1 202 555 0143"


def line(
    message: Any, *args: Any, name: str = "custos.test", exc_info: Any = None, **extra: Any
) -> dict[str, Any]:
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, exc_info)
    vars(record).update(extra)
    text = JsonLines().format(record)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_event_and_listed_fields_are_written() -> None:
    written = line({"event": "export_ready", "export_id": 7, "count": 3, "level": "info"})
    assert (written["event"], written["export_id"], written["count"]) == ("export_ready", 7, 3)


def test_field_that_is_not_listed_is_left_out() -> None:
    assert BODY not in json.dumps(line({"event": "message_read", "body": BODY, "sender": "Kim"}))


def test_listed_field_with_a_sentence_in_it_is_withheld() -> None:
    assert line({"event": "job_failed", "error": BODY})["error"] == "withheld"


def test_words_of_an_error_that_others_log_are_not_written() -> None:
    """A telephone number is one word, as the name of an error is."""
    told = {"event": "task_failed", "error": "+12025550143"}
    assert "error" not in line(told, name="django_structlog.celery.receivers")
    assert line({"event": "doorbell_failed", "error": "OSError"})["error"] == "OSError"


def test_sentence_as_an_event_of_ours_is_not_written() -> None:
    assert line(f"read {BODY}", name="records.ingest")["event"] == "unnamed_event"


def test_arguments_of_others_are_not_written() -> None:
    written = line("Task %s failed: %s", "ingest", BODY, name="celery.app.trace")
    assert written["event"] == "Task %s failed: %s"


def test_exception_is_written_as_type_and_places_only() -> None:
    try:
        raise ValueError(BODY)
    except ValueError:
        written = line({"event": "job_failed"}, exc_info=sys.exc_info())
    assert written["exception"] == "ValueError"
    assert written["at"][-1].startswith("tests/kit/test_logs.py:")
    assert BODY not in json.dumps(written)
