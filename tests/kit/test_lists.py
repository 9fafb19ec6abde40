"""Lists: filter, sort, page and download, without counting large tables to the end."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any, cast

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.agency.models import Office, User
from portal.kit.lists import counted, csv_download, harmless

People = Callable[..., User]


@pytest.fixture
def officer(client: Client, person: People) -> Client:
    client.force_login(person("records_officer"))
    Office.objects.bulk_create(
        Office(name=f"Office {number:02}", code=f"O{number:02}", path=f"/DEP/O{number:02}/")
        for number in range(12)
    )
    return client


def download(client: Client, address: str) -> list[list[str]]:
    answer = cast(Any, client.get(address))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_list_shows_a_page_and_the_count(officer: Client) -> None:
    page = officer.get("/offices/").content.decode()
    assert "13 offices" in page
    assert "Office 03" in page
    assert "Office 04" not in page
    assert 'href="?page=2"' in page


def test_sorting_keeps_the_filter_and_returns_to_the_first_page(officer: Client) -> None:
    page = officer.get("/offices/?name=Office&page=2&sort=name").content.decode()
    assert 'href="?name=Office&amp;sort=-name"' in page
    assert 'aria-sort="ascending"' in page


def test_filter_narrows_list_count_and_csv_alike(officer: Client) -> None:
    page = officer.get("/offices/?name=Office+1").content.decode()
    assert "2 offices match the filter" in page
    rows = download(officer, "/offices/?name=Office+1&format=csv")
    assert rows[0] == ["Name", "Code", "Kind"]
    assert [row[0] for row in rows[1:]] == ["Office 10", "Office 11"]


def test_csv_holds_all_pages_in_the_order_asked_for(officer: Client) -> None:
    rows = download(officer, "/offices/?sort=-code&page=2&format=csv")
    assert [row[1] for row in rows[1:]] == [f"O{number:02}" for number in range(11, -1, -1)] + [
        "DEP"
    ]


def test_csv_of_an_empty_result_has_its_header(officer: Client) -> None:
    assert download(officer, "/offices/?name=nothing&format=csv") == [["Name", "Code", "Kind"]]


def test_filter_that_matches_nothing_says_so(officer: Client) -> None:
    page = officer.get("/offices/?name=zzz").content.decode()
    assert "Nothing matches this filter" in page
    assert "Clear the filter" in page


def test_action_is_offered_only_with_its_permission(officer: Client, person: People) -> None:
    assert "Add an office" in officer.get("/offices/").content.decode()
    officer.force_login(person("custodian"))
    assert "Add an office" not in officer.get("/offices/").content.decode()


def test_keyset_list_walks_to_the_end_and_back(officer: Client) -> None:
    seen: list[str] = []
    address = "/positions/"
    back = ""
    while True:
        codes, previous, following = officer.get(address).content.decode().split("|")
        seen += codes.split(",")
        back = previous or back
        if not following:
            break
        address = f"/positions/?after={following}"
    assert seen == ["DEP", *[f"O{number:02}" for number in range(12)]]
    assert officer.get(f"/positions/?before={back}").content.decode().startswith("O08,O09,O10|")


def test_mark_that_cannot_be_read_gives_the_first_page(officer: Client) -> None:
    for mark in ("%%%", "e30", "WzFd", "WyJ4Iiwie30iXQ"):
        assert officer.get(f"/positions/?after={mark}").content.decode().startswith("DEP,O00,O01|")


def test_list_counts_no_further_than_the_cap(officer: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        officer.get("/scroll/")
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT 1001" in sql for sql in counts)


def test_count_words() -> None:
    assert counted(1, "office") == "1 office"
    assert counted(0, "office") == "0 offices"
    assert counted(1000, "entry", "entries") == "1,000 entries"
    assert counted(1001, "entry", "entries") == "More than 1,000 entries"


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1"]
)
def test_cell_that_a_spreadsheet_would_run_is_altered(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12", "+3.5", "plain", "", "2021-10-26", "a=b"])
def test_harmless_cell_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


def test_download_streams_row_by_row() -> None:
    taken: list[int] = []

    def rows() -> Iterable[list[int]]:
        for number in range(3):
            taken.append(number)
            yield [number]

    body = iter(cast(Any, csv_download("numbers", rows())).streaming_content)
    next(body)
    next(body)
    assert taken == [0]
