"""The frame that every page has: sign-in, health, set-up on an empty portal."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.e2e.portal import Portal, running_portal
from tests.environment import ROOT, free_port


def _get(portal: Portal, path: str) -> tuple[int, bytes]:
    link = http.client.HTTPConnection(urlsplit(portal.address).netloc, timeout=10)
    link.request("GET", path)
    answer = link.getresponse()
    return answer.status, answer.read()


def test_health_answers_in_words_that_give_nothing_away(live_portal: Portal) -> None:
    status, body = _get(live_portal, "/health/")
    assert status == 200
    assert set(json.loads(body).values()) == {"ok"}


def test_sign_in_page_is_accessible(
    page: Page, axe: Callable[[Page], None], shot: Callable[[Page, str], None]
) -> None:
    page.goto("/accounts/login/")
    axe(page)
    shot(page, "sign-in")


def test_start_prints_one_sign_in_for_each_role_and_every_one_works(
    live_portal: Portal, new_page: Callable[[], Page], sign_in: Callable[[Page, str], Page]
) -> None:
    console = "".join(live_portal.printed)
    for role, account in live_portal.sign_ins.items():
        if role != "system":
            assert account.username in console
            assert account.password in console
            sign_in(new_page(), role)


def test_second_portal_on_the_same_folder_is_refused_in_one_sentence(live_portal: Portal) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", str(free_port())],
        cwd=ROOT,
        env=live_portal.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        f"Custos is already running on this folder: open {live_portal.address}/, "
        "or stop it with Ctrl-C in its window first."
    ]


def test_empty_portal_leads_its_first_administrator_through_set_up(
    browser: Browser, axe: Callable[[Page], None]
) -> None:
    with running_portal("--empty") as portal:
        printed = re.search(r"http://\S+/setup/\?token=\S+", "".join(portal.printed))
        assert printed
        page = browser.new_page()
        page.goto(printed[0])
        axe(page)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Set up")
        assert _get(portal, "/setup/?token=guessed")[0] == 404
        page.close()
