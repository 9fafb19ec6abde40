"""The frame in a real browser: accessible at both widths, nothing refused by the security policy, sessions kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from portal.agency.models import Setup, User
from tests.environment import SCREENSHOTS

# How a page looks and behaves in a browser does not depend on the engine.
pytestmark = pytest.mark.pure

People = Callable[..., User]
SignIn = Callable[[User], None]

PAGES = {
    "sign-in": "/accounts/login/",
    "gallery": "/",
    "list": "/offices/",
    "empty": "/offices/?name=zzz",
    "form": "/offices/add/",
    "security": "/accounts/2fa/",
    "password": "/accounts/password/change/",
    "help": "/help/",
    "errors": "/help/errors/",
    "missing": "/nothing/",
}


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_fits_its_width_and_breaks_no_policy(
    page: Page, sign_in: SignIn, person: People, name: str, width: int
) -> None:
    Setup.objects.update_or_create(
        id=1, defaults={"sample": True, "agency_name": "Department of Sample"}
    )
    if name != "sign-in":
        sign_in(person("records_officer"))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(PAGES[name])
    page.wait_for_load_state("networkidle")
    SCREENSHOTS.joinpath("kit").mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "kit" / f"{name}-{width}.png", full_page=True)
    assert violations(page) == []
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    expected = 1 if name == "missing" else 0  # the browser itself notes the 404
    assert len(complaints) == expected, complaints


def test_stacked_cell_keeps_beside_its_label_whatever_it_holds(
    page: Page, sign_in: SignIn, person: People
) -> None:
    sign_in(person("records_officer"))
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto("/offices/")
    lefts = page.evaluate(
        """() => {
            const cell = document.querySelector("td[data-label]");
            cell.innerHTML = "<b>Title</b><br>words of the text<span class='under'>under it</span>";
            const inside = document.createRange();
            return [...cell.childNodes].filter((node) => node.nodeName !== "BR").map((node) => {
                inside.selectNodeContents(node);
                return Math.min(...[...inside.getClientRects()].map((each) => each.left));
            }).map((left) => left - cell.getBoundingClientRect().left);
        }"""
    )
    assert len(lefts) == 3
    assert all(left > 130 for left in lefts), lefts  # right of the column of labels
    empty = "cell => { cell.innerHTML = ''; return getComputedStyle(cell).display; }"
    assert page.locator("td[data-label]").first.evaluate(empty) == "none"


def test_focus_goes_to_the_errors_and_on_to_the_field(
    page: Page, sign_in: SignIn, person: People
) -> None:
    sign_in(person("records_officer"))
    page.goto("/offices/add/")
    page.get_by_role("button", name="Add the office").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert violations(page) == []
    page.get_by_role("link", name="Name of the office").click()
    expect(page.get_by_label("Name of the office")).to_be_focused()


def test_menu_of_a_phone_opens_closes_and_leads_on(
    page: Page, sign_in: SignIn, person: People
) -> None:
    sign_in(person("records_officer"))
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Offices & people").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Offices")


def test_person_signs_in_and_out(page: Page, person: People) -> None:
    user = person("records_officer")
    user.set_password("a long pass phrase 1")
    user.save()
    page.goto("/offices/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    page.get_by_label("Password").fill("a long pass phrase 1")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Offices")
    page.locator(".custos-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_session_warns_extends_ends_and_keeps_what_was_typed(
    page: Page, context: BrowserContext, sign_in: SignIn, person: People, settings: Any
) -> None:
    settings.SESSION_IDLE_SECONDS = 900
    user = person("records_officer")
    sign_in(user)
    page.clock.install()
    page.goto("/offices/add/")
    page.get_by_label("Name of the office").fill("Typed before the end")
    warning, ended = page.locator("#session-warning"), page.locator("#session-ended")

    page.clock.fast_forward(800_000)
    expect(warning).to_be_hidden()  # the server knows of a later use, in another tab
    settings.SESSION_IDLE_SECONDS = 100
    page.clock.fast_forward(800_000)
    expect(warning).to_be_visible()
    assert violations(page) == []
    settings.SESSION_IDLE_SECONDS = 900
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()

    settings.SESSION_IDLE_SECONDS = 0
    page.clock.fast_forward(1_000_000)
    expect(ended).to_be_visible()
    assert violations(page) == []
    expect(page.get_by_label("Name of the office")).to_be_hidden()
    page.get_by_role("button", name="I have signed in").click()
    expect(page.locator("[data-session-problem]")).to_have_text("You are not signed in yet.")
    settings.SESSION_IDLE_SECONDS = 900
    sign_in(user)
    page.get_by_role("button", name="I have signed in").click()
    expect(ended).to_be_hidden()
    expect(page.get_by_label("Name of the office")).to_have_value("Typed before the end")
    page.get_by_text("Department", exact=True).click()
    page.get_by_text("I have checked the name").click()
    page.get_by_role("button", name="Add the office").click()
    expect(page.get_by_text("The office was added.")).to_be_visible()
