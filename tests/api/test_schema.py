"""The committed description is the one the code gives, and no request of any shape breaks the API."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())


def test_the_committed_description_is_current():
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert yaml.safe_load(out.getvalue()) == COMMITTED, (
        "run: manage.py spectacular --file docs/openapi.yaml"
    )


def test_every_call_is_in_the_guide():
    guide = (ROOT / "docs" / "api.md").read_text()
    for path in COMMITTED["paths"]:
        assert path in guide, f"docs/api.md does not mention {path}"


def test_the_description_and_its_page_answer_anybody(client, db):
    assert client.get("/api/v1/schema/").status_code == 200
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert "unsafe-inline" not in page["Content-Security-Policy"].split("style-src")[0]


TEXT = st.text(max_size=40)
OPERATIONS = [
    (path, method)
    for path, methods in COMMITTED["paths"].items()
    for method in methods
    if method in {"get", "post"}
]


@pytest.mark.slow
@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    operation=st.sampled_from(OPERATIONS),
    place=st.from_regex(r"[A-Za-z0-9%._~-]{1,30}", fullmatch=True),
    query=st.dictionaries(
        st.sampled_from(
            ["cursor", "page_size", "state", "export", "sent_from", "custodian", "kind", "x"]
        ),
        TEXT,
    ),
    body=st.dictionaries(
        TEXT, st.one_of(TEXT, st.integers(), st.none(), st.lists(TEXT, max_size=3)), max_size=4
    ),
)
def test_no_request_breaks_the_api(client_with, operation, place, query, body):
    path, method = operation
    client = client_with()
    address = path.replace("{number}", place)
    read = method == "get"
    answer = client.get(address, query) if read else client.post(address, body, format="json")
    assert answer.status_code < 500, (address, query, body)
    if answer.status_code >= 400:
        assert answer["Content-Type"].startswith("application/problem+json")
