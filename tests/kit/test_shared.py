"""Counts and short-lived values that all processes share: exact under a race, gone after their time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from portal.kit import shared
from portal.kit.models import SharedValue


@pytest.mark.django_db
def test_a_span_begins_with_its_first_count_and_another_after_its_end() -> None:
    with time_machine.travel(1_000_000, tick=False):
        assert [shared.count("k", 60) for _ in range(2)] == [(1, 1_000_060), (2, 1_000_060)]
    with time_machine.travel(1_000_059, tick=False):
        assert shared.count("k", 60) == (3, 1_000_060)
    with time_machine.travel(1_000_060, tick=False):
        assert shared.count("k", 60) == (1, 1_000_120)


@pytest.mark.django_db
def test_a_value_is_there_until_its_end_and_can_be_added_again_after_it() -> None:
    with time_machine.travel(1_000_000, tick=False):
        assert cache.add("code", "y", 30)
        assert not cache.add("code", "n", 30)
        assert cache.get("code") == "y"
    with time_machine.travel(1_000_030, tick=False):
        assert cache.get("code", "none") == "none"
        assert cache.add("code", "again", 30)
        assert cache.get("code") == "again"


@pytest.mark.django_db
def test_values_can_be_set_prolonged_deleted_and_kept_without_end() -> None:
    with time_machine.travel(1_000_000, tick=False):
        cache.set("history", [1.5, 2.5], 10)
        cache.set("history", [3.5], 10)
        cache.set("lasting", True, None)
        assert cache.touch("history", 100)
        assert not cache.touch("unknown", 100)
    with time_machine.travel(1_000_050, tick=False):
        assert cache.get("history") == [3.5]
        assert cache.get("lasting") is True
        assert cache.delete("history")
        assert not cache.delete("history")


@pytest.mark.django_db
def test_what_has_ended_is_forgotten_and_nothing_else() -> None:
    with time_machine.travel(1_000_000, tick=False):
        shared.count("short", 10)
        shared.count("long", 1000)
    with time_machine.travel(1_000_010, tick=False):
        assert shared.forget_expired() == 1
        assert shared.count("long", 1000).number == 2


@pytest.mark.django_db
def test_neither_names_nor_pickles_are_kept() -> None:
    cache.set("login:jane.doe", {"tried": [1]}, 10)
    row = SharedValue.objects.get()
    assert "jane" not in row.digest
    assert json.loads(row.value) == {"tried": [1]}
    with pytest.raises(TypeError):
        cache.set("object", object(), 10)


@pytest.mark.django_db(transaction=True)
def test_no_count_is_lost_between_connections() -> None:
    """Each thread has a connection of its own, as each process has."""

    def many(_: int) -> list[int]:
        try:
            return [shared.count("raced", 600).number for _ in range(10)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        seen = [number for numbers in pool.map(many, range(4)) for number in numbers]
    assert sorted(seen) == list(range(1, 41))


@pytest.mark.django_db(transaction=True)
def test_of_many_that_add_at_once_one_succeeds() -> None:
    def add(_: int) -> bool:
        try:
            return cache.add("one-time-code", "y", 30)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(add, range(8))) == 1


def test_every_cache_of_the_portal_is_the_shared_one() -> None:
    backends = {cache["BACKEND"] for cache in settings.CACHES.values()}
    assert backends == {"portal.kit.shared.SharedCache"}
