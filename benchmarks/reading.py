"""Reading a WhatsApp export whole, beside the readers that others use.

    python -m benchmarks.reading [--entries 1000000] [--runs 3] [--peers] [--write]

Generates one Android and one iOS export with a fixed seed (about 2 % notices, 5 % messages of several lines), then
reads each in a process of its own: our reader with dates, kinds, byte offsets and SHA-256; with `--peers` whatstk
(pip) and whatsapp-chat-parser (npm), installed under build/. Prints wall and processor seconds, the ratios, and the
peak memory over an empty process; `--write` puts the table into docs/benchmarks.md. Only the ratios of one run mean
anything, and on a machine that is shared, those of the processor seconds.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.table import table, write_section

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build" / "reading"
STYLES = ("android", "ios")
_WORDS = """
the draft went to legal and they want two changes before noon please call me when you land can we move it to thursday
sure no problem sending the list now who has the keys see you at gate four thanks a lot ok on my way the meeting is in
room two budget numbers look fine caf\u00e9 r\u00e9sum\u00e9 train delayed again budget
""".split()  # noqa: SIM905
_PEOPLE = ("Ana Torres", "Ben Okafor", "+1 555 010 0199", "Chen Li", "Dora Novak")
_EMOJI = (
    "\U0001f600",
    "\U0001f44d\U0001f3fd",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u2705",
)
_NOTICES = (
    "{a} added {b}",
    "{a} turned on disappearing messages. New messages will disappear from this chat 7 days after they're sent.",
    "{a} turned off disappearing messages.",
    "{a} left",
    "Your security code with {a} changed.",
    "{a} changed this group's icon",
)
_OWN = ("This message was deleted", "You deleted this message", "Missed voice call")


def messages(entries: int) -> Iterator[tuple[datetime, str | None, str, bool]]:
    """Time, sender, text, and whether the application wrote the text."""
    chance = random.Random(20_211_026)
    moment = datetime(2019, 1, 1, 7, 0)
    for _ in range(entries):
        moment += timedelta(seconds=chance.randint(1, 180))
        sender = chance.choice(_PEOPLE)
        draw = chance.random()
        if draw < 0.02:
            notice = chance.choice(_NOTICES).format(a=sender, b=chance.choice(_PEOPLE))
            yield moment, None, notice, True
        elif draw < 0.05:
            yield moment, sender, chance.choice(_OWN), True
        elif draw < 0.08:
            yield moment, sender, "image omitted", True
        else:
            words = chance.choices(_WORDS, k=chance.randint(1, 34))
            if chance.random() < 0.08:
                words.append(chance.choice(_EMOJI))
            text = " ".join(words)
            if draw < 0.13:
                text = text.replace(" ", "\n", chance.randint(1, 6))
            yield moment, sender, text, False


def write_export(path: Path, style: str, entries: int) -> None:
    """One export in that style."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for moment, sender, text, own in messages(entries):
            if style == "android":
                body = "<Media omitted>" if text == "image omitted" else text
                name = "" if sender is None else f"{sender}: "
                file.write(f"{moment:%d/%m/%Y, %H:%M} - {name}{body}\n")
            else:
                stamp = f"{moment.month}/{moment.day}/{moment:%y, %H:%M:%S}"
                mark = "\u200e" if own and text == "image omitted" else ""
                dot = "." if text in _OWN[:2] else ""
                body = f"\u200e{text}{dot}" if own else text
                file.write(f"{mark}[{stamp}] {sender or 'Travel group'}: {body}\r\n")


# Each program prints: wall seconds, processor seconds, entries, bytes owned (0: the reader does not say), peak KiB.
_PEAK = "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss"
_SPENT = "time.perf_counter() - start, time.process_time() - spent"
_OURS = f"""
import resource, sys, time
from collections import Counter
sys.path.insert(0, {str(ROOT)!r})
from records.formats.base import Entry
from records.formats.source import open_source
from records.formats.whatsapp import WhatsApp
start, spent = time.perf_counter(), time.process_time()
whatsapp = WhatsApp()
with open_source(sys.argv[1]) as source:
    survey = whatsapp.survey(source, {{}})
    count = Counter(map(type, whatsapp.read(source, survey)))[Entry]
    source.digest()
    spent, peak = [{_SPENT}], {_PEAK}
    owned = sum(item.length for item in whatsapp.read(source, survey) if type(item) is Entry)
print(*spent, count, owned, peak)
"""
_WHATSTK = f"""
import resource, sys, time, warnings
warnings.simplefilter("ignore")
from whatstk import WhatsAppChat
start, spent = time.perf_counter(), time.process_time()
chat = WhatsAppChat.from_source(sys.argv[1], hformat=sys.argv[2], max_size=None)
print({_SPENT}, len(chat.df), 0, {_PEAK})
"""
_PARSER = """
const fs = require("fs");
const { parseString } = require("whatsapp-chat-parser");
const start = process.hrtime.bigint(), spent = process.cpuUsage();
const messages = parseString(fs.readFileSync(process.argv[2], "utf8"));
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const usage = process.cpuUsage(spent);
console.log(seconds, (usage.user + usage.system) / 1e6, messages.length, 0, process.resourceUsage().maxRSS);
"""
_HFORMAT = {"android": "%d/%m/%Y, %H:%M - %name:", "ios": "[%m/%d/%y, %H:%M:%S] %name:"}


class Result:
    """One reader on one style: the best of its runs."""

    def __init__(self, reader: str, style: str, runs: list[list[float]], empty: float) -> None:
        self.reader, self.style = reader, style
        self.wall, self.processor = min(run[0] for run in runs), min(run[1] for run in runs)
        self.entries, self.owned = int(runs[0][2]), int(runs[0][3])
        self.rate = self.entries / self.wall
        self.peak = (max(run[4] for run in runs) - empty) / 1024


def run(command: list[str]) -> list[float]:
    """The five numbers that a program prints."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=BUILD)
    return [float(number) for number in done.stdout.split()]


def our_command() -> list[str]:
    return [sys.executable, "-c", _OURS]


def peer_commands() -> dict[str, list[str]]:
    """The peers that can be installed here, each in a folder of its own under build/."""
    commands: dict[str, list[str]] = {}
    place = BUILD / "whatstk"
    python = place / "bin" / "python"
    try:
        if not python.exists():
            venv.create(place, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "-q", "whatstk==0.9.1"], check=True)
        commands["whatstk 0.9.1"] = [str(python), "-c", _WHATSTK]
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"whatstk is not available: {error}", file=sys.stderr)
    node, npm = shutil.which("node"), shutil.which("npm")
    place = BUILD / "parser"
    if node is None:
        print("whatsapp-chat-parser is not available: no node", file=sys.stderr)
        return commands
    try:
        place.mkdir(exist_ok=True)
        if not (place / "node_modules").exists() and npm is not None:
            subprocess.run(
                [npm, "install", "--silent", "--no-audit", "--prefix", place, "whatsapp-chat-parser@4.0.2"],
                check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        (place / "read.cjs").write_text(_PARSER)
        commands["whatsapp-chat-parser 4.0.2"] = [node, str(place / "read.cjs")]
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"whatsapp-chat-parser is not available: {error}", file=sys.stderr)
    return commands


def empty_process(command: list[str]) -> float:
    """Peak KiB of the same interpreter doing nothing."""
    if command[1] == "-c":
        return run([command[0], "-c", f"import resource; print({_PEAK})"])[0]
    return run([command[0], "-e", "console.log(process.resourceUsage().maxRSS)"])[0]


def measure(entries: int, runs: int, *, peers: bool) -> list[Result]:
    """Every reader on both styles, taking turns so that noise hits all alike."""
    BUILD.mkdir(parents=True, exist_ok=True)
    readers = {"Custos": our_command()} | (peer_commands() if peers else {})
    empty = {reader: empty_process(command) for reader, command in readers.items()}
    results = []
    for style in STYLES:
        path = BUILD / f"{style}-{entries}.txt"
        if not path.exists():
            write_export(path, style, entries)
        taken: dict[str, list[list[float]]] = {reader: [] for reader in readers}
        for turn in range(runs):
            for reader, command in readers.items():
                if turn and reader.startswith("whatstk"):
                    continue  # half a minute a run
                taken[reader].append(run([*command, str(path), _HFORMAT[style]]))
        results += [Result(reader, style, taken[reader], empty[reader]) for reader in readers]
        ours = results[-len(readers)]
        assert ours.entries == entries, f"{ours.entries} of {entries} entries"
        assert ours.owned == path.stat().st_size, "not every byte has an owner"
    return results


def report(results: list[Result], entries: int) -> str:
    """The table, with each peer's rate as a fraction of ours."""
    ours = {result.style: result for result in results if result.reader == "Custos"}
    rows = []
    for result in results:
        own = ours[result.style]
        rows.append(
            [
                result.reader, result.style, f"{result.wall:.2f}", f"{result.processor:.2f}", f"{result.rate:,.0f}",
                f"{result.wall / own.wall:.1f}", f"{result.processor / own.processor:.1f}",
                f"{result.peak:,.0f}", f"{result.entries:,}",
            ]
        )  # fmt: skip
    heads = [
        "reader", "style", "wall s", "processor s", "entries/s (wall)", "times our wall", "times our processor",
        "peak MiB over empty", "returned",
    ]  # fmt: skip
    return (
        f"{entries:,} entries, both passes, with dates, kinds, byte offsets and SHA-256 (ours only); best of the runs. "
        f"`python -m benchmarks.reading --peers --write`\n\n{table(heads, rows)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--peers", action="store_true", help="also whatstk and whatsapp-chat-parser"
    )
    parser.add_argument(
        "--write", action="store_true", help="put the table into docs/benchmarks.md"
    )
    options = parser.parse_args()
    text = report(measure(options.entries, options.runs, peers=options.peers), options.entries)
    print(text)
    if options.write:
        write_section("Reading", text)


if __name__ == "__main__":
    main()
