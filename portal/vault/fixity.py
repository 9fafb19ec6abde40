"""Fixity of the sealed store: each file is read again and compared with its seal (36 CFR 1236.14).

Files on disk that no row knows are told, never swept: they may be what is left of an upload that was cut off, or
evidence whose row somebody removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from portal.vault import store
from portal.vault.models import FixityCheck, StoredFile


def check(stored_file: StoredFile) -> FixityCheck:
    """Read one sealed file again and keep the outcome."""
    intact, words = store.intact(stored_file)
    return FixityCheck.objects.create(stored_file=stored_file, intact=intact, words=words)


def orphans() -> Iterator[Path]:
    """Files in the store that no row knows: strays, and what is left of uploads that were cut off."""
    root = Path(settings.VAULT_DIR)
    for path in sorted(root.rglob("*")):
        if path.is_file() and not _known(path):
            yield path.relative_to(root)


def _known(path: Path) -> bool:
    try:
        at_home = path == store.path_of(path.name)
    except ValueError:
        return False
    return at_home and StoredFile.objects.filter(sha256=path.name).exists()
