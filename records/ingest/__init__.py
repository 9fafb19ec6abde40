"""From a sealed export to searchable rows and findings, exactly once (invariants I1-I4).

The file is the evidence and the rows are an index over it: they can be dropped and come out the same again, which a
digest over the canonical rows shows (36 CFR 1236.10: authenticity and integrity).
"""

from __future__ import annotations

from records.ingest.worker import ReadingFailed, finish, run

__all__ = ["ReadingFailed", "finish", "run"]
