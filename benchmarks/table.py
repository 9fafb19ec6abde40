"""The sections of docs/benchmarks.md: each benchmark writes its own, between markers, and leaves the others alone."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
INTRODUCTION = """# Benchmarks

Each section is written by a command under `benchmarks/`. Machines differ and are noisy: only the ratios within one run
mean anything.
"""


def write_section(name: str, text: str, page: Path = PAGE) -> None:
    """Replaces the section of that name, or adds it at the end."""
    start, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    section = f"{start}\n## {name}\n\n{text.strip()}\n{end}"
    old = page.read_text(encoding="utf-8") if page.exists() else INTRODUCTION
    pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(old):
        old = f"{old.rstrip()}\n\n{section}\n"
    page.write_text(pattern.sub(lambda _: section, old), encoding="utf-8")


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
