"""The scanner's protocol, over real sockets: only a plain OK about a file that was taken whole is clean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from records.attachments.clamd import (
    CLEAN,
    INFECTED,
    NOT_SCANNED,
    Scanner,
    Unreachable,
    address_of,
    verdict_of,
)
from tests.attachments.clamd_process import ClamdProcess
from tests.attachments.samples import EICAR
from tests.attachments.test_content import pieces_of
from tests.environment import free_port

MOST = 25 << 20


@pytest.fixture(scope="module")
def clamd() -> Iterator[ClamdProcess]:
    with ClamdProcess() as process:
        yield process


def scan(url: str, data: bytes, most: int = MOST) -> tuple[str, str]:
    return tuple(Scanner(url, most=most).scan(pieces_of(data, 40_000), len(data)))


def test_a_file_without_anything_is_clean(clamd: ClamdProcess) -> None:
    assert scan(clamd.url, b"hello" * 60_000) == (CLEAN, "")
    assert scan(clamd.url, b"") == (CLEAN, "")


def test_the_test_virus_is_found_wherever_it_stands(clamd: ClamdProcess) -> None:
    assert scan(clamd.url, b"x" * 79_990 + EICAR) == (INFECTED, "Eicar-Test-Signature")


def test_over_a_unix_socket(tmp_path: Path) -> None:
    with ClamdProcess(tmp_path / "clamd.ctl") as process:
        assert scan(process.url, EICAR)[0] == INFECTED
        assert Scanner(process.url, most=MOST).version().startswith("ClamAV 1.4.3/27500/")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PLEASE-EXCEED-LIMITS", "could not look at all of it"),
        (b"PLEASE-BE-ENCRYPTED", "could not look at all of it"),
        (b"PLEASE-FAIL", "Can't allocate memory"),
        (bytes(3 << 20), "larger than the scanner takes"),
    ],
)
def test_what_the_scanner_did_not_take_whole_is_not_scanned(
    clamd: ClamdProcess, data: bytes, words: str
) -> None:
    state, told = scan(clamd.url, data)
    assert state == NOT_SCANNED
    assert words in told


def test_a_file_above_the_own_limit_is_not_even_sent() -> None:
    nobody = f"tcp://127.0.0.1:{free_port()}"
    assert scan(nobody, bytes(2048), most=1024)[0] == NOT_SCANNED


def test_nobody_there_and_an_answer_that_breaks_off_are_no_verdict(clamd: ClamdProcess) -> None:
    with pytest.raises(Unreachable):
        scan(f"tcp://127.0.0.1:{free_port()}", b"x")
    with pytest.raises(Unreachable):
        scan("unix:///nowhere/clamd.ctl", b"x")
    with pytest.raises(Unreachable):
        scan(clamd.url, b"PLEASE-HANG-UP")


def test_while_the_scanner_works_somebody_is_told(clamd: ClamdProcess) -> None:
    calls: list[int] = []
    scanner = Scanner(clamd.url, most=MOST, waiting=lambda: calls.append(1))
    assert scanner.scan([b"PLEASE-BE-SLOW"], 14).state == CLEAN
    assert calls


@pytest.mark.parametrize(
    "answer", ["", "OK", "stream: ok", "stream: OK extra", "x\x1b[0m", "stream:  FOUND"]
)
def test_an_answer_that_is_not_understood_is_not_clean(answer: str) -> None:
    assert verdict_of(answer).state == NOT_SCANNED


@pytest.mark.parametrize("url", ["", "http://x", "tcp://", "unix://x/y", "clamd:3310", "tcp:///x"])
def test_an_address_is_written_in_one_of_two_ways(url: str) -> None:
    with pytest.raises(ValueError, match="clamd"):
        address_of(url)


def test_addresses() -> None:
    assert tuple(address_of("tcp://scanner")) == ("", "scanner", 3310)
    assert tuple(address_of("unix:///run/clamd.ctl")) == ("/run/clamd.ctl", "", 0)
