"""The main job, end to end, as each role, on real exports of the corpus: from a file to a package that NARA reads."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.portal import Portal

Person = Callable[[Page, str], Page]
Look = Callable[[Page], None]
Shot = Callable[[Page, str], None]
TITLE = "Messages of the London group not retained"


def _look(page: Page, name: str, axe: Look, shot: Shot) -> None:
    """Every page on the way is accessible, and its pictures are kept."""
    axe(page)
    shot(page, f"job-{name}")


def _number(page: Page, pattern: str) -> str:
    found = re.search(pattern, page.locator("main").inner_text())
    assert found, f"no {pattern} on {page.url}"
    return found[0]


def _choose(page: Page, label: str, words: str) -> None:
    """Choose an option by part of its words, whether a plain list or one that narrows while typing."""
    value = page.locator(f"#id_{label} option", has_text=words).first.get_attribute("value")
    page.locator(f"select#id_{label}, select[name={label}]").first.select_option(value)


def _tick(control: Locator) -> None:
    """Tick a box or radio as a person does: USWDS hides the control itself and draws its label."""
    label = control.page.locator(f"label[for='{control.get_attribute('id')}']:not(.usa-sr-only)")
    if label.count():
        label.first.click()
    else:
        control.check()
    expect(control).to_be_checked()


def _hand_in(page: Page, files: list[Path]) -> None:
    page.goto("/exports/new/")
    page.locator("input[type=file]").set_input_files(files)
    with page.expect_response(re.compile("/exports/new/custodians/")):
        _choose(page, "office", "Pacific Sector Operations")
    _choose(page, "custodian", "Sample Sector Chief")
    _choose(page, "tool", "WhatsApp")
    _tick(page.get_by_label("Personal account or device"))
    page.locator("select[name=time_zone]").evaluate(
        "(select) => { select.value = 'Europe/London'; select.dispatchEvent(new Event('change')) }"
    )
    page.locator("#id_collected_by").fill("Sample Records Liaison")
    page.locator("#id_collected_on").fill("2023-01-12")
    page.locator("form[data-upload] button[type=submit]").click()
    page.wait_for_url("**/exports/received/**")


def _until_settled(page: Page) -> None:
    """The page polls by itself; reloading is what a person who comes back does."""
    expect(page.locator("#progress")).to_have_count(0, timeout=60_000)
    page.reload()


def _fill(page: Page, name: str, words: str) -> None:
    """Fill a field of the report and leave it: it saves itself."""
    field = page.locator(f"#field-{name}")
    answered = field.get_by_label("Answered", exact=True)
    if answered.count():
        _tick(answered)
    control = field.locator(f"#id_{name}")
    if control.evaluate("(element) => element.tagName") == "SELECT":
        control.select_option(index=1)
    else:
        control.fill(words)
    control.blur()
    expect(page.locator(f"#saved-{name}")).to_contain_text("Saved", timeout=15_000)


def _required_and_empty(page: Page) -> list[str]:
    fields: list[Locator] = page.locator(".report-field:has(abbr[title=required])").all()
    names = [(field.get_attribute("id") or "").removeprefix("field-") for field in fields]
    return [name for name in names if not page.locator(f"#id_{name}").input_value().strip()]


def test_the_main_job_from_a_phone_export_to_a_package_that_nara_reads(
    live_portal: Portal,
    new_page: Callable[[], Page],
    sign_in: Person,
    axe: Look,
    shot: Shot,
    corpus: Path,
    downloads: Path,
) -> None:
    liaison = sign_in(new_page(), "liaison")
    export = _liaison_hands_in_and_reads(liaison, corpus, axe, shot)
    officer = sign_in(new_page(), "records_officer")
    incident = _officer_opens_the_incident(officer, export, axe, shot)
    report = _officer_compiles_the_report(officer, incident, axe, shot)
    _others_cannot_sign(officer, report)
    _reviewer_knows_nothing_of_a_draft(sign_in(new_page(), "nara_reviewer"), report)
    signer = sign_in(new_page(), "schedule_signer")
    submission = _signer_returns_signs_and_submits(signer, officer, report, axe, shot)
    _package_verifies_outside_the_portal(signer, submission, downloads)
    _reviewer_reads_and_changes_nothing(sign_in(new_page(), "nara_reviewer"), submission, axe, shot)
    _auditor_finds_every_step(sign_in(new_page(), "auditor"), export, axe, shot)


def _liaison_hands_in_and_reads(page: Page, corpus: Path, axe: Look, shot: Shot) -> str:
    page.goto("/exports/new/")
    _look(page, "hand-in", axe, shot)
    chat, undecided = corpus / "W03" / "english_android.txt", corpus / "W21" / "2A_5M.txt"
    _hand_in(page, [chat, undecided])
    expect(page.locator(".custos-received__line")).to_have_count(2)
    _look(page, "received", axe, shot)
    page.locator(".custos-received__line", has_text="english_android.txt").get_by_role(
        "link"
    ).click()
    _until_settled(page)
    export = _number(page, r"EXP-\d{4}-\d{4}")
    expect(page.locator("main")).to_contain_text("Every byte is accounted for")
    expect(page.locator(".custos-counts").first).to_contain_text(re.compile(r"60\s*entries"))
    expect(page.locator("main")).to_contain_text("Day, month, year")
    _look(page, "export", axe, shot)
    page.goto(f"/exports/{export}/attachments/")
    _look(page, "attachments", axe, shot)
    page.goto(f"/exports/{export}/")

    _answers_what_the_file_does_not_say(page, axe, shot)
    _hand_in(page, [chat])
    expect(page.locator(".custos-received__line")).to_contain_text("Already held")
    expect(page.locator(".custos-received__line")).to_contain_text(export)

    page.goto(f"/exports/{export}/c/0/")
    expect(page.locator("main")).to_contain_text("This message was deleted")
    _look(page, "conversation", axe, shot)
    page.goto(f"/exports/{export}/c/0/2/bytes/")
    expect(page.locator("main")).to_contain_text("18/03/2022, 14:56 - Dmitry S: Hello")
    _look(page, "bytes", axe, shot)
    page.goto("/search/?q=Hello+World")
    expect(page.locator("main mark").first).to_be_visible()
    _look(page, "search", axe, shot)
    return export


def _answers_what_the_file_does_not_say(page: Page, axe: Look, shot: Shot) -> None:
    page.goto("/exports/?state=needs_answer")
    page.locator("main tbody").get_by_role("link").first.click()
    page.goto(page.url.rstrip("/") + "/answer/")
    _look(page, "answer", axe, shot)
    _tick(page.locator("input[type=radio][value=dmy]"))
    page.locator("form.custos-answer button[type=submit]").click()
    _until_settled(page)
    expect(page.locator("main")).to_contain_text("Ready")


def _officer_opens_the_incident(page: Page, export: str, axe: Look, shot: Shot) -> str:
    page.goto(f"/findings/?export={export}")
    _look(page, "findings", axe, shot)
    boxes = page.locator("input[name=finding]")
    assert boxes.count() >= 3
    for box in boxes.all():
        _tick(box)
    page.get_by_role("button", name="Open an incident from these").click()
    page.locator("#id_title").fill(TITLE)
    _tick(page.locator("input[name=occurrence][value=actual]"))
    _tick(page.locator("input[name=kinds][value=destruction]"))
    _tick(page.get_by_label("before the end of its NARA-approved retention period"))
    page.locator("#id_discovered_how").fill("The custodian handed the export in.")
    _look(page, "incident-form", axe, shot)
    page.locator("form.custos-form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/incidents/INC-"))
    incident = _number(page, r"INC-\d{4}-\d{4}")

    page.goto(f"/incidents/{incident}/letters/new/")
    page.locator("#id_dated").fill("2021-10-26")
    page.locator("#id_addressee").fill("Chief Information Officer")
    page.locator("#id_asks").fill("Corrective actions\nPolicies, training and schedules")
    page.locator("form.custos-form button[type=submit]").click()
    page.wait_for_url(re.compile(rf"/incidents/{incident}/$"))
    for words in ("Thursday, November 25, 2021", "Thanksgiving", "Wednesday, November 24, 2021"):
        expect(page.locator("main")).to_contain_text(words)
    _look(page, "incident", axe, shot)
    return incident


def _officer_compiles_the_report(page: Page, incident: str, axe: Look, shot: Shot) -> str:
    page.goto(f"/incidents/{incident}/")
    page.get_by_role("button", name="Prepare the report").click()
    page.wait_for_url(re.compile(r"/reports/RPT-"))
    report = _number(page, r"RPT-\d{4}-\d{4}")
    _look(page, "checklist", axe, shot)
    sections = [link.get_attribute("href") for link in page.locator(".report-checklist h3 a").all()]
    assert len(sections) == 7, "five elements and two items of the letter"
    for address in sections:
        page.goto(str(address))
        for name in _required_and_empty(page):
            _fill(page, name, "Told for this test, in words.")
        _look(page, f"section-{str(address).rstrip('/').rpartition('/')[2]}", axe, shot)
    page.goto(f"/reports/{report}/sections/a1/")
    chip = (
        page.locator(".report-field", has_text="How much was lost").locator(".report-chips a").first
    )
    page.goto(str(chip.get_attribute("href")))
    expect(page.locator("main")).to_contain_text("counted now")
    expect(page.locator("main")).to_contain_text("6 messages deleted")
    page.goto(f"/reports/{report}/preview/")
    _look(page, "preview", axe, shot)
    page.goto(f"/reports/{report}/")
    expect(page.locator("main")).to_contain_text("No errors")
    page.get_by_role("button", name="Send for signature").click()
    expect(page.locator("main")).to_contain_text("Waiting for signature")
    return report


def _others_cannot_sign(page: Page, report: str) -> None:
    page.goto(f"/reports/{report}/sign/")
    expect(page.get_by_role("button", name=re.compile("^Sign RPT"))).to_have_count(0)


def _reviewer_knows_nothing_of_a_draft(page: Page, report: str) -> None:
    page.goto("/reading-room/")
    expect(page.locator("main")).not_to_contain_text(report)
    for address in (f"/reports/{report}/", "/exports/", "/incidents/", "/findings/"):
        answer = page.goto(address)
        assert answer
        assert answer.status in {403, 404}, address
    page.goto("/search/?q=Hello+World")
    expect(page.locator("main mark")).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text("Dmitry")


def _signer_returns_signs_and_submits(
    page: Page, officer: Page, report: str, axe: Look, shot: Shot
) -> str:
    page.goto(f"/reports/{report}/sign/")
    page.locator("#reason").fill("Name the office of the records custodian.")
    page.get_by_role("button", name="Return", exact=True).click()
    officer.goto(f"/reports/{report}/")
    expect(officer.locator("main")).to_contain_text("Name the office of the records custodian.")
    officer.get_by_role("button", name="Send for signature").click()
    expect(officer.locator("main")).to_contain_text("Waiting for signature")

    page.goto(f"/reports/{report}/sign/")
    _tick(page.locator("#id_statement"))
    _look(page, "sign", axe, shot)
    page.get_by_role("button", name=f"Sign {report}").click()
    expect(page.locator("main")).to_contain_text("Signed and frozen")
    page.get_by_role("link", name="Submit to NARA").click()
    page.wait_for_url(re.compile(rf"/reports/{report}/submit/$"))
    _look(page, "submit", axe, shot)
    page.get_by_role("button", name=f"Submit {report} to NARA").click()
    page.wait_for_url(re.compile(r"/submissions/SUB-"))
    submission = _number(page, r"SUB-\d{4}-\d{4}")
    expect(page.locator("#package-hash")).to_be_visible(timeout=60_000)
    _look(page, "receipt", axe, shot)
    return submission


def _package_verifies_outside_the_portal(page: Page, submission: str, downloads: Path) -> None:
    fingerprint = page.locator("#key-fingerprint").inner_text()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the package").first.click()
    package = downloads / f"{submission}.zip"
    waiting.value.save_as(package)
    with zipfile.ZipFile(package) as archive:
        program = next(name for name in archive.namelist() if name.endswith("verify_package.py"))
        verifier = downloads / "verify_package.py"
        verifier.write_bytes(archive.read(program))
    command = [sys.executable, "-I", str(verifier), str(package), "--fingerprint", fingerprint]
    sound = subprocess.run(command, capture_output=True, text=True, check=False)
    assert sound.returncode == 0, sound.stdout + sound.stderr
    content = bytearray(package.read_bytes())
    content[len(content) // 2] ^= 1
    package.write_bytes(content)
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def _reviewer_reads_and_changes_nothing(page: Page, submission: str, axe: Look, shot: Shot) -> None:
    page.goto("/reading-room/")
    expect(page.locator("main")).to_contain_text(submission)
    _look(page, "reading-room", axe, shot)
    page.goto(f"/reading-room/{submission}/")
    expect(page.locator("main")).to_contain_text(TITLE)
    _look(page, "reading-room-submission", axe, shot)
    page.goto(f"/reading-room/{submission}/verify/")
    _look(page, "reading-room-verify", axe, shot)
    token = page.context.cookies()
    csrf = next(cookie["value"] for cookie in token if "csrf" in str(cookie.get("name")))
    answer = page.request.post(
        f"/reading-room/{submission}/",
        headers={"X-CSRFToken": str(csrf), "Referer": page.url},
    )
    assert answer.status == 403


def _auditor_finds_every_step(page: Page, export: str, axe: Look, shot: Shot) -> None:
    page.goto(f"/audit/?object_label={export}")
    expect(page.locator("main")).to_contain_text("Handed in")
    _look(page, "audit", axe, shot)
    page.goto("/audit/check/")
    expect(page.locator("main")).to_contain_text("The log holds")
    _look(page, "audit-check", axe, shot)
