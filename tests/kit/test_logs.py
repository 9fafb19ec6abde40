"""Logs hold names of events and ids, never what a message says (I6, AU-3)."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

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


@pytest.mark.parametrize(
    ("logger", "template", "arguments", "event"),
    [
        ("gunicorn.error", "Listening at: %s (%s)", ("http://127.0.0.1:8000", 77),
         "Listening at: http://127.0.0.1:8000 (77)"),
        ("gunicorn.error", "Worker exiting (pid: %d)", (78,), "Worker exiting (pid: 78)"),
        ("gunicorn.error", "Error handling request %s", ("/search/?q=bridge",),
         "Error handling request /search/"),
        ("django.request", "%s: %s", ("Not Found", "/exports/EXP-2026-0001/"),
         "Not Found: /exports/EXP-2026-0001/"),
        ("django.request", "%s: %s", ("Not Found", f"/{BODY}"), "Not Found: withheld"),
        ("gunicorn.error", "%d of %s", ("x",), "%d of %s"),
    ],
)  # fmt: skip
def test_server_lines_are_filled_with_plain_words_and_no_query(
    logger: str, template: str, arguments: tuple[Any, ...], event: str
) -> None:
    assert line(template, *arguments, name=logger)["event"] == event


class Lines(logging.Handler):
    """Keeps what is written, as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.written: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(json.loads(self.format(record)))


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    handler, logger = Lines(), logging.getLogger("django_structlog")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler.written
    logger.removeHandler(handler)
    logger.setLevel(before)


@pytest.mark.django_db
def test_finished_request_says_method_route_status_and_time_but_no_query(
    client: Client, lines: list[dict[str, Any]]
) -> None:
    client.post("/accounts/login/?next=bridge", {"login": "kim", "password": "bridge"})
    finished = next(each for each in lines if each["event"] == "request_finished")
    assert (finished["method"], finished["route"], finished["code"]) == (
        "POST",
        "account_login",
        200,
    )
    assert finished["duration_ms"] >= 0
    assert "bridge" not in json.dumps(lines)


@pytest.mark.django_db
def test_address_that_leads_nowhere_is_written_without_a_route(
    client: Client, lines: list[dict[str, Any]]
) -> None:
    client.get("/nowhere/bridge/")
    finished = next(each for each in lines if each["event"] == "request_finished")
    assert (finished["code"], finished["route"]) == (404, None)
    assert "bridge" not in json.dumps(lines)


def test_exception_is_written_as_type_and_places_only() -> None:
    try:
        raise ValueError(BODY)
    except ValueError:
        written = line({"event": "job_failed"}, exc_info=sys.exc_info())
    assert written["exception"] == "ValueError"
    assert written["at"][-1].startswith("tests/kit/test_logs.py:")
    assert BODY not in json.dumps(written)
