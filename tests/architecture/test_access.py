"""Deny by default (I6): each address answers each person as the reviewed table says, and no address is left out."""

from __future__ import annotations

import pytest

from tests.architecture.access import SAFE_METHODS, observe, read_table, routes
from tests.architecture.world import ANONYMOUS, ELSEWHERE, PEOPLE, build

# Sign-in, health and help: each says in its docstring why it is public.
PUBLIC = {"health", "help", "help-errors", "robots", "session", "api-schema", "api-docs"}


@pytest.fixture(scope="module")
def table() -> dict[str, dict[tuple[str, str], str]]:
    return read_table()


def test_every_address_and_every_role_is_in_the_table(table) -> None:
    asked = {(route.name, method) for route in routes() for method in route.methods}
    assert set(table) == set(PEOPLE)
    assert set(table[ANONYMOUS]) == asked, "run: python -m tests.architecture.access --write"


def test_names_of_addresses_are_unique() -> None:
    names = [route.name for route in routes()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.pure  # who may do what does not depend on the engine
@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE)
def test_addresses_answer_as_reviewed(person: str, table) -> None:
    found, expected = observe(build(), person), table[person]
    differences = {
        key: f"{expected.get(key)} -> {found.get(key)}"
        for key in sorted(found | expected)
        if found.get(key) != expected.get(key)
    }
    assert not differences


def test_no_address_fails(table) -> None:
    failing = {
        (person, *key)
        for person, column in table.items()
        for key, answer in column.items()
        if answer.startswith("error")
    }
    assert not failing


def test_nobody_gets_past_sign_in_without_an_account(table) -> None:
    answered = {name for (name, _), answer in table[ANONYMOUS].items() if answer == "yes"}
    assert answered <= PUBLIC


def test_nara_reviewer_changes_nothing(table) -> None:
    allowed = {
        key
        for key, answer in table["nara_reviewer"].items()
        if answer == "yes" and key[1] not in SAFE_METHODS
    }
    assert {name for name, _ in allowed} <= PUBLIC


def test_objects_of_another_agency_are_hidden(table) -> None:
    """An address with an object in it never answers `no` to a person of another agency: that would say it exists."""
    with_object = {route.name for route in routes() if "<" in route.path}
    at_home = table["records_officer"]
    leaked = {
        key
        for key, answer in table[ELSEWHERE].items()
        if key[0] in with_object and at_home[key] == "yes" and answer != "hidden"
    }
    assert not {key for key in leaked if not _common(key[0])}


def _common(name: str) -> bool:
    """Catalogues and registers that all agencies of the department share."""
    return name.startswith(("schedule-", "tool-"))
