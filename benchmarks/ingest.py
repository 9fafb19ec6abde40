"""From a sealed file to searchable rows with findings, beside the database's own bulk path for the same rows.

    python -m benchmarks.ingest [--entries 300000] [--trials 3] [--engine postgresql] [--large] [--write]

Each trial reads a generated WhatsApp export into an empty database, takes the rows out again, empties the tables, and
loads the very same rows plainly: one COPY for each table on PostgreSQL, `executemany` (full-text table included) on
SQLite, into the same tables with the same indexes. The ratio is the rate of the whole way (hashing, two passes over
the text, rules, digest, batches, audit) over the rate of the plain load. A process of its own reads, so that its peak
memory is the worker's; `--large` adds 5,000,000 entries.

PostgreSQL is reached by CUSTOS_BENCHMARK_DATABASE (default postgres://postgres@127.0.0.1/custos_benchmark); that
database is dropped and made again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.reading import write_export
from benchmarks.table import table, write_section

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build" / "ingest"
URL = os.environ.get("CUSTOS_BENCHMARK_DATABASE", "postgres://postgres@127.0.0.1/custos_benchmark")
ENGINES = ("postgresql", "sqlite")
TABLES = (
    *("records_participant", "records_message", "records_conversationday", "records_attachment"),
    *("records_problem", "records_findingentry"),
)
TEXT = "records_message_text"


def prepare() -> None:
    """Django in this process, on the database of the environment."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    import django

    django.setup()


def read(path: Path) -> dict[str, Any]:
    """Hand a file in and read it, as the worker's task does; answers seconds, entries and peak KiB."""
    prepare()
    import resource

    from portal.jobs import queue
    from records import ingest
    from records.lifecycles import latest_job
    from records.models import MessageExport
    from records.services import exports
    from tests.records.exports import Desk

    desk = Desk()
    with path.open("rb") as file:
        blocks = iter(lambda: file.read(1 << 20), b"")
        export = exports.receive(
            blocks,
            path.name,
            office=desk.office,
            custodian=desk.custodian,
            tool=desk.tool,
            account="official",
            time_zone="America/Chicago",
            actor=desk.liaison,
        ).export
    job = latest_job(export)
    assert job is not None
    start, busy = time.perf_counter(), time.process_time()
    queue.run(str(job.pk), ingest.run)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    export = MessageExport.objects.get(pk=export.pk)
    assert export.state == "ready", export.rejection_words
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": seconds,
        "busy": busy,
        "entries": export.entries,
        "peak": peak,
        "findings": export.finding_count,
    }


def load(folder: Path) -> dict[str, Any]:
    """Take the rows out, empty the tables, and time the plain load of the same rows."""
    prepare()
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return _load_postgresql(connection, cursor, folder)
        return _load_sqlite(cursor)


def _load_postgresql(connection: Any, cursor: Any, folder: Path) -> dict[str, Any]:
    for name in TABLES:
        with (folder / name).open("wb") as file:
            cursor.copy_expert(f"COPY (SELECT * FROM {name} ORDER BY id) TO STDOUT", file)
    cursor.execute(f"TRUNCATE {', '.join(TABLES)}")
    cursor.execute("CHECKPOINT")
    start = time.perf_counter()
    cursor.execute("BEGIN")
    for name in TABLES:
        with (folder / name).open("rb") as file:
            cursor.copy_expert(f"COPY {name} FROM STDIN", file, 1 << 20)
    cursor.execute("COMMIT")
    return {"seconds": time.perf_counter() - start}


def _load_sqlite(cursor: Any) -> dict[str, Any]:
    raw = cursor.connection
    rows = {name: raw.execute(f"SELECT * FROM {name} ORDER BY id").fetchall() for name in TABLES}
    texts = raw.execute("SELECT id, body FROM records_message ORDER BY id").fetchall()
    raw.execute("BEGIN IMMEDIATE")
    raw.execute(f"INSERT INTO {TEXT} ({TEXT}) VALUES ('delete-all')")
    for name in reversed(TABLES):
        raw.execute(f"DELETE FROM {name}")
    raw.execute("COMMIT")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    start, busy = time.perf_counter(), time.process_time()
    raw.execute("BEGIN IMMEDIATE")
    for name, found in rows.items():
        if found:
            marks = ", ".join("?" * len(found[0]))
            raw.executemany(f"INSERT INTO {name} VALUES ({marks})", found)
    raw.executemany(f"INSERT INTO {TEXT} (rowid, body) VALUES (?, ?)", texts)
    raw.execute("COMMIT")
    return {"seconds": time.perf_counter() - start, "busy": time.process_time() - busy}


def environment(engine: str, folder: Path) -> dict[str, str]:
    """A data folder of its own, and the database in question."""
    values = {
        **os.environ,
        "CUSTOS_DATA": str(folder),
        "CUSTOS_LOG_LEVEL": "ERROR",
        "REDIS_URL": "",
    }
    values["DATABASE_URL"] = URL if engine == "postgresql" else f"sqlite:///{folder}/custos.sqlite3"
    return values


def fresh(engine: str) -> dict[str, str]:
    """An empty, migrated database."""
    folder = BUILD / engine
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if engine == "postgresql":
        import psycopg2

        server, _, name = URL.rpartition("/")
        link = psycopg2.connect(f"{server}/postgres")
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}"')
        link.close()
    values = environment(engine, folder)
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
    subprocess.run(command, cwd=ROOT, env=values, check=True)
    return values


def child(task: str, path: Path, values: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.ingest", "--child", task, str(path)]
    done = subprocess.run(
        command, cwd=ROOT, env=values, check=True, stdout=subprocess.PIPE, text=True
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def export_of(entries: int) -> Path:
    path = BUILD / f"android-{entries}.txt"
    if not path.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        write_export(path, "android", entries)
    return path


def trial(engine: str, entries: int, *, plain: bool = True) -> dict[str, Any]:
    """One reading, and the plain load of what it wrote."""
    values = fresh(engine)
    answer = child("read", export_of(entries), values)
    if plain:
        folder = BUILD / "rows"
        folder.mkdir(exist_ok=True)
        plain = child("load", folder, values)
        answer["plain"] = plain["seconds"]
        if "busy" in plain:
            answer["busy_ratio"] = plain["busy"] / answer["busy"]
        answer["ratio"] = answer["plain"] / answer["seconds"]
    print(engine, json.dumps(answer), flush=True)
    return answer


def report(results: dict[tuple[str, int], list[dict[str, Any]]]) -> str:
    rows = []
    for (engine, entries), trials in results.items():
        rate = statistics.median(entries / item["seconds"] for item in trials)
        peak = max(item["peak"] for item in trials) / 1024
        row = [engine, f"{entries:,}", f"{rate:,.0f}"]
        if "ratio" in trials[0]:
            plain = statistics.median(entries / item["plain"] for item in trials)
            row += [f"{plain:,.0f}", f"{statistics.median(item['ratio'] for item in trials):.0%}"]
        else:
            row += ["-", "-"]
        rows.append([*row, f"{peak:,.0f}"])
    heads = [
        "engine",
        "entries",
        "file to searchable rows, entries/s",
        "plain bulk load, rows/s",
        "ratio",
        "peak MiB",
    ]
    return (
        "A generated WhatsApp export from the sealed file to searchable rows with findings, beside one COPY for each "
        "table (PostgreSQL) or `executemany` (SQLite) of the very same rows into the same tables with the same "
        "indexes, text index included. Median of the trials; the peak is that of the whole reading process.\n"
        f"`python -m benchmarks.ingest --large --write`\n\n{table(heads, rows)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=300_000)
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--engine", choices=ENGINES)
    parser.add_argument(
        "--large", action="store_true", help="also the peak memory at 5,000,000 entries"
    )
    parser.add_argument(
        "--write", action="store_true", help="put the table into docs/benchmarks.md"
    )
    parser.add_argument("--child", nargs=2, metavar=("TASK", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        task, path = options.child
        print(json.dumps({"read": read, "load": load}[task](Path(path))))
        return
    engines = [options.engine] if options.engine else list(ENGINES)
    results: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for engine in engines:
        results[engine, 100_000] = [trial(engine, 100_000, plain=False)]
        results[engine, options.entries] = [
            trial(engine, options.entries) for _ in range(options.trials)
        ]
        if options.large:
            results[engine, 5_000_000] = [trial(engine, 5_000_000, plain=False)]
    text = report(results)
    print(text)
    if options.write:
        write_section("Ingest", text)


if __name__ == "__main__":
    main()
