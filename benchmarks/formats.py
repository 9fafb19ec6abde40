"""Reading structured exports whole, beside a plain walk of the same file.

    python -m benchmarks.formats [--messages 200000] [--runs 3] [--write]

Generates an export of each kind with a fixed seed, then reads it in a process of its own (survey and reading, with
times, kinds, byte offsets), and in another one walks it plainly: `ijson.items` over a JSON list, `json.loads` of each
line, `iterparse` of defusedxml. Prints rates, the ratio, and the peak memory over an empty process at the full size and
at a tenth of it: it must not grow with the file. Only the ratios of one run mean anything.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from benchmarks.table import table, write_section

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build" / "formats"
START = 1_635_251_696  # seconds since 1970
_WORDS = "the draft went to legal and they want two changes before noon please call".split()  # noqa: SIM905
_PEOPLE = ("Ana Torres", "Ben Okafor", "Chen Li", "Dora Novak")


def messages(count: int) -> Iterator[tuple[int, int, str]]:
    """Second, person and text of each message."""
    chance, moment = random.Random(20_211_026), START
    for _ in range(count):
        moment += chance.randint(1, 180)
        yield moment, chance.randrange(4), " ".join(chance.choices(_WORDS, k=chance.randint(3, 24)))


def telegram(count: int) -> Iterator[str]:
    yield '{"name": "Travel group", "type": "private_group", "id": 7, "messages": [\n'
    for number, (moment, person, text) in enumerate(messages(count)):
        yield (",\n" if number else "") + json.dumps(
            {
                "id": number + 1, "type": "message", "date": "2021-10-26T12:34:56", "date_unixtime": str(moment),
                "from": _PEOPLE[person], "from_id": f"user{person}", "text": text,
                "text_entities": [{"type": "plain", "text": text}],
            },
            indent=1,
        )  # fmt: skip
    yield "\n]}\n"


def discord(count: int) -> Iterator[str]:
    yield '{"guild": {"id": "1", "name": "Team"}, "channel": {"id": "2", "type": "GuildTextChat", "name": "general"}, '
    yield '"dateRange": {"after": null, "before": null}, "messages": [\n'
    for number, (_, person, text) in enumerate(messages(count)):
        yield (",\n" if number else "") + json.dumps(
            {
                "id": str(number + 10**17), "type": "Default", "timestamp": "2021-10-26T12:34:56.789+00:00",
                "timestampEdited": None, "callEndedTimestamp": None, "isPinned": False, "content": text,
                "author": {"id": str(person), "name": _PEOPLE[person], "discriminator": "0000", "isBot": False},
                "attachments": [], "embeds": [], "stickers": [], "reactions": [], "mentions": [],
            }
        )  # fmt: skip
    yield f'\n], "messageCount": {count}}}\n'


def wickr(count: int) -> Iterator[str]:
    for number, (moment, person, text) in enumerate(messages(count)):
        yield json.dumps(
            {
                "message": text, "message_id": f"{number:032x}", "msg_ts": f"{moment}.901277", "msgtype": 1000,
                "receiver": "", "sender": f"user{person}@agency.example", "sender_type": "normal",
                "time": "10/26/21 12:34 PM", "time_iso": "2021-10-26 12:34:56.901", "vgroupid": "S" + "1" * 63,
            }
        ) + "\n"  # fmt: skip


def sms(count: int) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<smses count="{count}" backup_set="1" backup_date="{START}000">\n'
    for moment, person, text in messages(count):
        yield (
            f'<sms protocol="0" address="+1202555010{person}" date="{moment}000" type="{person % 2 + 1}" '
            f'subject="null" body={quoteattr(text)} toa="null" sc_toa="null" service_center="null" read="1" '
            f'status="-1" locked="0" date_sent="0" sub_id="1" readable_date="Oct 26, 2021 12:34:56 PM" '
            f"contact_name={quoteattr(_PEOPLE[person])} />\n"
        )
    yield "</smses>\n"


_OURS = f"""
import resource, sys, time
from collections import deque
sys.path.insert(0, {str(ROOT)!r})
from records import formats
from records.formats.base import Entry, Problem
from records.formats.source import open_source
start = time.process_time()
with open_source(sys.argv[1]) as source:
    reader = formats.pick(source)
    survey = reader.survey(source, {{"time_zone": "America/New_York"}})
    count = owned = 0
    for item in reader.read(source, survey):
        if type(item) is Entry:
            count += 1
        owned += item.length if not isinstance(item, Problem) or item.unread else 0
    assert owned == source.size, (owned, source.size)
print(time.process_time() - start, count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
_ITEMS = """
import sys, time, ijson
start, count = time.process_time(), 0
with open(sys.argv[1], "rb") as file:
    for item in ijson.items(file, "messages.item"):
        count += 1
print(time.process_time() - start, count, 0)
"""
_LINES = """
import sys, time, json
start, count = time.process_time(), 0
with open(sys.argv[1], "rb") as file:
    for line in file:
        json.loads(line)
        count += 1
print(time.process_time() - start, count, 0)
"""
_ELEMENTS = """
import sys, time
from defusedxml.ElementTree import iterparse
start, count = time.process_time(), 0
for _, element in iterparse(sys.argv[1]):
    count += element.tag == "sms"
    element.clear()
print(time.process_time() - start, count, 0)
"""


class Kind(NamedTuple):
    """One kind of export, and the plain walk beside it."""

    name: str
    write: Callable[[int], Iterator[str]]
    ending: str
    walk: str
    walk_name: str


KINDS = (
    Kind("Telegram", telegram, "json", _ITEMS, "ijson.items"),
    Kind("Discord", discord, "json", _ITEMS, "ijson.items"),
    Kind("Wickr", wickr, "log", _LINES, "json.loads"),
    Kind("SMS Backup & Restore", sms, "xml", _ELEMENTS, "iterparse"),
)


def run(program: str, path: Path) -> list[float]:
    """The numbers that a program prints."""
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(number) for number in done.stdout.split()]


def export_of(kind: Kind, count: int) -> Path:
    """The generated file, made once."""
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / f"{kind.write.__name__}-{count}.{kind.ending}"
    if not path.exists():
        with path.open("w", encoding="utf-8") as file:
            file.writelines(kind.write(count))
    return path


def measure(count: int, runs: int) -> str:
    """The table: each kind, its walk, and the memory at two sizes."""
    empty = run("import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)", BUILD)
    rows = []
    for kind in KINDS:
        path, small = export_of(kind, count), export_of(kind, count // 10)
        ours, walks = [], []
        for _ in range(runs):
            ours.append(run(_OURS, path))
            walks.append(run(kind.walk, path))
        assert {int(each[1]) for each in (*ours, *walks)} == {count}, "every message is counted"
        best, walk = min(each[0] for each in ours), min(each[0] for each in walks)
        peaks = [(peak - empty[0]) / 1024 for peak in (run(_OURS, small)[2], ours[0][2])]
        rows.append(
            [
                kind.name, f"{path.stat().st_size / 1e6:,.0f}", f"{count / best:,.0f}",
                f"{kind.walk_name}: {count / walk:,.0f}", f"{walk / best:.0%}",
                f"{peaks[0]:,.0f} / {peaks[1]:,.0f}",
            ]
        )  # fmt: skip
    heads = [
        "export", "MB", "messages/s, one core", "plain walk, messages/s", "of the walk",
        "peak MiB over empty, tenth / whole",
    ]  # fmt: skip
    return (
        f"{count:,} messages of each kind, survey and reading with every byte owned; processor time, best of the "
        f"runs. `python -m benchmarks.formats --write`\n\n{table(heads, rows)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--write", action="store_true", help="put the table into docs/benchmarks.md"
    )
    options = parser.parse_args()
    text = measure(options.messages, options.runs)
    print(text)
    if options.write:
        write_section("Structured exports", text)


if __name__ == "__main__":
    main()
