"""Forms: labels, hints and errors tied to their fields; a service's plain error appears in the form."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.agency.models import Office, User
from portal.kit.forms import FilesField
from tests.kit.site import OfficeForm

People = Callable[..., User]
VALID: dict[str, Any] = {"name": "New office", "kind": "office", "confirmed": "on"}


@pytest.fixture
def officer(client: Client, person: People) -> Client:
    client.force_login(person("records_officer"))
    return client


def test_every_field_has_a_label_and_the_hint_is_tied_to_it() -> None:
    page = str(OfficeForm())
    for name in ("name", "parent", "starts_on", "note", "chart", "confirmed"):
        assert f'for="id_{name}"' in page
    assert 'aria-describedby="id_name_helptext"' in page
    assert 'id="id_name_helptext"' in page


def test_choices_stand_in_a_fieldset_with_a_legend() -> None:
    page = str(OfficeForm())
    assert page.count("<fieldset") == page.count("<legend") == 2


def test_date_is_one_field_of_type_date_in_iso_form() -> None:
    page = str(OfficeForm(initial={"starts_on": "2021-10-26"}))
    assert re.search(r'<input type="date" name="starts_on"[^>]*value="2021-10-26"', page)


def test_refused_form_lists_its_errors_with_links_to_the_fields(officer: Client) -> None:
    answer = officer.post("/offices/add/", {"kind": "office"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: Add an office" in page
    assert (
        '<a class="usa-link" href="#id_name">Name of the office</a>: This field is required.'
        in page
    )
    assert 'id="id_name_error"' in page
    assert re.search(r'name="name"[^>]*aria-invalid="true"', page)
    assert re.search(r'name="name"[^>]*aria-describedby="[^"]*id_name_error', page)


def test_error_of_a_service_appears_at_its_field(officer: Client) -> None:
    answer = officer.post("/offices/add/", VALID | {"name": "Taken"})
    assert answer.status_code == 422
    assert re.search(
        r'id="id_name_error">Another office has this name. Choose another.<',
        answer.content.decode(),
    )


def test_conflict_appears_at_the_top_with_409(officer: Client) -> None:
    answer = officer.post("/offices/add/", VALID | {"name": "Race"})
    assert answer.status_code == 409
    assert "<li>Somebody was faster. Open the page again.</li>" in answer.content.decode()


def test_saved_form_leads_on_with_a_message(officer: Client) -> None:
    answer = officer.post("/offices/add/", VALID, follow=True)
    assert answer.redirect_chain == [("/offices/", 302)]
    assert "The office was added." in answer.content.decode()
    assert Office.objects.filter(name="New office").exists()


def test_what_was_typed_is_escaped_when_it_comes_back(officer: Client) -> None:
    page = officer.post("/offices/add/", {"name": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert(1)" not in page


def test_files_field_takes_many_files_and_refuses_an_empty_one() -> None:
    field = FilesField()
    files = [SimpleUploadedFile("a.txt", b"1"), SimpleUploadedFile("b.txt", b"2")]
    assert [file.name for file in field.clean(files)] == ["a.txt", "b.txt"]
    with pytest.raises(Exception, match="empty"):
        field.clean([files[0], SimpleUploadedFile("c.txt", b"")])


def test_files_field_asks_for_a_file_unless_it_may_stay_empty() -> None:
    with pytest.raises(ValidationError, match="required"):
        FilesField().clean([])
    assert FilesField(required=False).clean([]) == []


def test_list_that_narrows_says_what_is_chosen_since_uswds_reads_it_there() -> None:
    assert 'data-default-value="a"' in str(OfficeForm(initial={"parent": "a"})["parent"])
    assert 'data-default-value="a"' in str(OfficeForm({"parent": "a"})["parent"])
    assert "data-default-value" not in str(OfficeForm()["parent"])
