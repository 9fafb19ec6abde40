"""Whether a file runs from new to old: pages turn such a conversation round, entries keep the order of the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise


def newest_first(heads: Iterable[Sequence[int | None]]) -> bool:
    """What the moments of neighbours say, over the heads of all files of an export."""
    falls = rises = 0
    for moments in heads:
        known = [moment for moment in moments if moment is not None]
        falls += sum(later < earlier for earlier, later in pairwise(known))
        rises += sum(later > earlier for earlier, later in pairwise(known))
    return falls > rises
