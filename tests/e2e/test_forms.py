"""What a form holds when its page opens, and after a refusal, is what it sends: shown by a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_a_form_keeps_what_it_holds(page: Page, sign_in: Callable[[Page, str], Page]) -> None:
    sign_in(page, "records_officer")

    page.goto("/exports/")
    page.goto(
        f"/exports/{page.get_by_role('link', name=re.compile('EXP-')).last.inner_text()}/correct/"
    )
    zone = page.locator("select[name=time_zone]")
    said = zone.locator("option[selected]")
    expect(zone).to_have_value(said.get_attribute("value") or "a zone that the sample says")
    expect(page.locator("#id_time_zone")).to_have_value(said.text_content() or "")
    page.locator("#id_reason").fill("Looked at, nothing to correct.")
    page.get_by_role("button", name="Save the correction").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Nothing was changed")
    expect(zone).not_to_have_value("")

    page.goto("/exports/new/")
    page.locator("#id_collected_by").fill("Sample Records Liaison")
    page.locator("#id_time_zone").fill("London")
    page.get_by_role("option", name=re.compile("London")).first.click()
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator("[data-error-summary]")).to_contain_text(
        "Message exports: This field is required."
    )
    expect(page.locator("#id_file_error")).to_be_visible()
    expect(page.locator(".usa-file-input__target")).to_have_count(1)
    expect(page.locator("#id_collected_by")).to_have_value("Sample Records Liaison")
    expect(page.locator("select[name=time_zone]")).to_have_value("Europe/London")
