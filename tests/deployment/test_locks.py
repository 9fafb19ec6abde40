"""The lock files: hashed, from one resolution, and without a single address."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.environment import ROOT

LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"]


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text()
    return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name: str) -> None:
    text = (ROOT / name).read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("name", [*LOCKS, "package-lock.json"])
def test_lock_holds_no_address(name: str) -> None:
    # package-lock.json names each package's home page for funding; what counts is where it would be fetched from.
    assert not re.search(
        r'"resolved"|--index-url|--find-links|@ https?:', (ROOT / name).read_text()
    )


def test_what_the_tests_install_includes_what_a_start_installs() -> None:
    run, test = _pins("requirements.lock"), _pins("requirements-dev.lock")
    assert run
    assert {name: test.get(name) for name in run} == run


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = [re.split(r"[\[><=~!; ]", line)[0] for line in project["project"]["dependencies"]]
    assert {name.lower().replace("_", "-") for name in names} <= set(_pins("requirements.lock"))
