"""Fixtures for tests that use the portal as people do: a real browser against the real processes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.e2e.portal import Portal, running_portal
from tests.environment import SCREENSHOTS, temporary_folder

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
# A test browser talks to the portal and to nobody else: no updates, no sync, no safe-browsing lists.
FLAGS = [
    *(
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ),
    *(
        "--disable-component-update",
        "--disable-sync",
        "--disable-default-apps",
        "--disable-dev-shm-usage",
    ),
    *("--disable-domain-reliability", "--disable-features=OptimizationHints,MediaRouter,Translate"),
]
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def live_portal() -> Iterator[Portal]:
    """The portal with the sample agency, once for all browser tests of a run."""
    with running_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("Chromium is not installed: run ./test once, or install it yourself.")
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield started
    started.close()


@pytest.fixture
def new_page(browser: Browser, live_portal: Portal) -> Iterator[Callable[[], Page]]:
    """Pages of separate people: each has its own cookies. Any script error or CSP refusal fails the test."""
    contexts, complaints = [], []

    def watch(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            complaints.append(message.text)

    def make() -> Page:
        context = browser.new_context(
            base_url=live_portal.address,
            viewport=DESKTOP,
            accept_downloads=True,
            locale="en-US",
            timezone_id=settings.TIME_ZONE,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", watch)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    return new_page()


@pytest.fixture
def sign_in(live_portal: Portal) -> Callable[[Page, str], Page]:
    """`sign_in(page, "liaison")`: through the sign-in page, as the sample person of that role."""

    def act(page: Page, role: str) -> Page:
        account = live_portal.sign_ins[role]
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(account.username)
        page.locator("input[name=password]").fill(account.password)
        page.locator("input[name=password]").press("Enter")
        expect(page).not_to_have_url(re.compile("/accounts/login/"))
        return page

    return act


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """`axe(page)`: the page as it is now has no violation of WCAG 2.2 A and AA that a machine can find."""
    checker = Axe()

    def check(page: Page) -> None:
        page.locator("main h1").first.wait_for()  # the page after a click may still be on its way
        found = checker.run(page)
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"

    return check


@pytest.fixture(scope="session")
def shot() -> Callable[[Page, str], None]:
    """`shot(page, "home")`: pictures at desktop and phone width under build/screenshots/<engine>/."""
    engine = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    folder = SCREENSHOTS / engine
    folder.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> None:
        for label, size in (("desktop", DESKTOP), ("phone", PHONE)):
            page.set_viewport_size(size)
            page.screenshot(path=folder / f"{name}-{label}.png", full_page=True)
        page.set_viewport_size(DESKTOP)

    return take


@pytest.fixture
def downloads() -> Path:
    return temporary_folder("custos-downloads-")
