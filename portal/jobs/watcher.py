"""Ends the portal's processes when their supervisor is gone, even if it was killed with SIGKILL.

The supervisor holds the other end of this process's standard input and writes one line for each process group: `+ID`
when it starts and `-ID` when it has ended. The end of that stream means that the supervisor is gone. Run as a script
with the standard library only, so that it costs a few megabytes and cannot fail with the portal.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_SECONDS = 5.0


def follow(lines: Iterable[str]) -> set[int]:
    """The process groups that are still running when the stream ends."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        groups.add(group) if line.startswith("+") else groups.discard(group)
    return groups


def end(groups: set[int]) -> None:
    """Ask every process of the groups to end, then make it."""
    _signal(groups, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(map(_lives, groups)):
        time.sleep(0.1)
    _signal(groups, signal.SIGKILL)


def _signal(groups: set[int], number: signal.Signals) -> None:
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    end(follow(sys.stdin))
