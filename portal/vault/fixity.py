"""Fixity of the sealed store: each file is read again and compared with its seal (36 CFR 1236.14).

Files on disk that no row knows are told, never swept: they may be what is left of an upload that was cut off, or
evidence whose row somebody removed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from portal.vault import store
from portal.vault.models import FixityCheck, StoredFile

ON_ITS_WAY = timedelta(days=1)  # no upload takes longer without a byte


def check(stored_file: StoredFile) -> FixityCheck:
    """Read one sealed file again and keep the outcome."""
    intact, words = store.intact(stored_file)
    return FixityCheck.objects.create(stored_file=stored_file, intact=intact, words=words)


def orphans() -> Iterator[Path]:
    """Files in the store that no row knows. Uploads have a name of their own: see `cut_off`."""
    root = Path(settings.VAULT_DIR)
    for path in sorted(root.rglob("*")):
        uploading = path.parent == root and path.name.startswith(store.INCOMING)
        if path.is_file() and not uploading and not _known(path):
            yield path.relative_to(root)


def cut_off(now: datetime) -> Iterator[tuple[Path, datetime]]:
    """Uploads that nobody is sending any more, each with the time of its last byte; a process that was killed left
    them. Younger ones may still be on their way."""
    root = Path(settings.VAULT_DIR)
    for path in sorted(root.glob(f"{store.INCOMING}*")):
        with contextlib.suppress(FileNotFoundError):  # it was sealed in this moment
            last = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if now - last > ON_ITS_WAY:
                yield path.relative_to(root), last


def _known(path: Path) -> bool:
    try:
        at_home = path == store.path_of(path.name)
    except ValueError:
        return False
    return at_home and StoredFile.objects.filter(sha256=path.name).exists()
