"""Registers, schedules, documents and incidents in a real browser: accessible, and usable from end to end."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

OFFICER_PAGES = (
    "/", "/offices/", "/offices/new/", "/offices/SBA-FC-PS/", "/offices/SBA-FC/edit/", "/offices/SBA-FC/successor/",
    "/people/", "/people/2/", "/people/new/", "/people/roster/", "/senders/", "/senders/1/",
    "/senders/1/link/", "/senders/1/unidentifiable/", "/senders/confirm/?every=1",
    "/roles/", "/roles/new/", "/signers/new/", "/custodians/",
    "/custodians/1/", "/custodians/1/edit/", "/custodians/new/", "/tools/", "/tools/1/", "/tools/new/",
    "/schedules/", "/schedules/new/", "/schedules/items/1/", "/schedules/items/1/edit/", "/conversations/",
    "/exports/", "/exports/new/", "/findings/", "/search/", "/reports/", "/help/", "/help/errors/",
    "/documents/", "/documents/new/", "/incidents/", "/incidents/new/", "/audit/", "/audit/2/", "/audit/check/",
)  # fmt: skip
ADMINISTRATOR_PAGES = (
    "/",
    "/tokens/",
    "/tokens/new/",
    "/tokens/systems/new/",
    "/tokens/approvals/",
    "/people/2/",
    "/offices/",
)

PICTURED = {
    "/offices/SBA-FC-PS/",
    "/roles/",
    "/custodians/1/",
    "/tools/",
    "/schedules/",
    "/documents/",
    "/tokens/",
    "/senders/",
    "/senders/1/",
    "/people/roster/",
}


@pytest.mark.parametrize(
    ("role", "addresses"),
    [("records_officer", OFFICER_PAGES), ("administrator", ADMINISTRATOR_PAGES)],
)
def test_every_register_page_is_accessible_and_fits_a_phone(
    role: str,
    addresses: tuple[str, ...],
    page: Page,
    sign_in: Callable[[Page, str], Page],
    axe: Callable[[Page], None],
    shot: Callable[[Page, str], None],
) -> None:
    sign_in(page, role)
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        axe(page)
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        page.set_viewport_size({"width": 1280, "height": 900})
        if address in PICTURED:
            shot(page, f"{role}{address.rstrip('/').replace('/', '-')}")


def test_an_incident_is_opened_and_its_letter_starts_the_clock(
    page: Page, sign_in: Callable[[Page, str], Page], axe: Callable[[Page], None]
) -> None:
    sign_in(page, "records_officer")
    page.goto("/incidents/new/")
    page.get_by_label("Title").fill("Messages of the training desk not retained")
    page.locator("label", has_text="Actual: it happened").click()
    page.locator("label[for^=id_kinds]", has_text="Unlawful or accidental destruction").click()
    page.get_by_label("Agency that reports it").select_option(label="Sample Border Agency")
    page.get_by_role("button", name="Open the incident").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Messages of the training desk not retained"
    )
    page.get_by_role("link", name="Record NARA's letter").click()
    page.get_by_label("Date of the letter").fill("2021-10-26")
    page.get_by_label("Addressee").fill("Chief Information Officer")
    page.get_by_label(re.compile("beyond")).fill("Corrective actions\nPolicies and training")
    page.get_by_role("button", name="Record the letter").click()
    clock = page.locator(".custos-clock")
    expect(clock).to_contain_text("Thursday, November 25, 2021")
    expect(page.locator(".usa-alert--warning")).to_contain_text(
        "Submit by Wednesday, November 24, 2021"
    )
    axe(page)


def test_a_custodian_and_a_document_are_added(
    page: Page, sign_in: Callable[[Page, str], Page]
) -> None:
    sign_in(page, "liaison")
    page.goto("/custodians/new/")
    page.get_by_label("Office").select_option(label="\u2003\u2003Office of Field Coordination")
    page.get_by_label("Or a new name").fill("Sample Relief Officer")
    page.get_by_role("button", name="Add the custodian").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sample Relief Officer")
    page.goto("/documents/new/")
    page.locator("input[type=file]").set_input_files(
        {"name": "memo.txt", "mimeType": "text/plain", "buffer": b"Sample memorandum"}
    )
    page.get_by_label("Title").fill("Sample memorandum")
    page.get_by_label("What it is").select_option(label="Correspondence")
    page.get_by_role("button", name="Add the document").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    assert started.value.suggested_filename == "memo.txt"
    assert started.value.path().read_bytes() == b"Sample memorandum"


def test_a_number_becomes_a_person_beside_what_the_messages_say(
    page: Page,
    sign_in: Callable[[Page, str], Page],
    axe: Callable[[Page], None],
    shot: Callable[[Page, str], None],
) -> None:
    sign_in(page, "records_officer")
    page.goto("/people/roster/")
    rows = "name,office,phones\nSample Port Watch,SBA-FC-PS,202-555-0199\nNobody,NOWHERE,\n"
    staff = {"name": "staff.csv", "mimeType": "text/csv"}
    page.locator("input[type=file]").set_input_files({**staff, "buffer": rows.encode()})
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator(".usa-alert--error")).to_contain_text("1 to put right")
    axe(page)
    page.goto("/senders/?suggestion=with")
    expect(page.get_by_text("The register of people has the number +12025550143")).to_be_visible()
    axe(page)
    shot(page, "senders-suggested")
    page.get_by_role("link", name="+1 (202) 555-0143").click()
    axe(page)
    page.go_back()
    page.get_by_label("Choose the suggestion for +1 (202) 555-0143").check()
    page.get_by_role("button", name="Confirm the chosen suggestions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm 1 suggestion")
    axe(page)
    page.get_by_role("button", name="Confirm 1 suggestion").click()
    expect(page.get_by_text("1 sender is linked.")).to_be_visible()
    page.goto("/senders/?show=identified")
    page.get_by_role("link", name="+1 (202) 555-0143").click()
    axe(page)
    page.get_by_role("link", name="Pacific Sector Coordination").first.click()
    first = page.locator(".custos-entry__sender").first
    expect(first).to_contain_text("+1 (202) 555-0143")
    expect(first).to_contain_text("Sample Port Watch")
    axe(page)
    shot(page, "conversation-with-names")
    page.go_back()
    page.get_by_text("Withdraw this link").first.click()
    page.get_by_label("Why is it wrong?").fill("Sample: to be asked again.")
    page.get_by_role("button", name="Withdraw this link").click()
    expect(page.get_by_text("Nobody has said so yet.")).to_be_visible()
    axe(page)
