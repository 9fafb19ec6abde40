"""The help page explains each code that reading an export can give."""

from __future__ import annotations

import pytest
from django.test import Client

from records.formats import complaints, errors
from records.formats.whatsapp import complaints as whatsapp


@pytest.mark.django_db
def test_each_code_of_reading_has_its_place_on_the_help_page(client: Client) -> None:
    page = client.get("/help/errors/").content.decode()
    for code in (*errors.SENTENCES, *complaints.WORDINGS, *whatsapp.WORDINGS):
        assert f'id="{code}"' in page
    assert "{" not in page.partition("<main")[2].partition("</main>")[0]
