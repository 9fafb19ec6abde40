"""The sealed store: content-addressed, flushed, read-only, never a path from a user's name."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from portal.errors import UserError
from portal.vault import store
from portal.vault.models import StoredFile


@pytest.fixture
def vault(settings, tmp_path: Path) -> Path:
    settings.VAULT_DIR = tmp_path / "vault"
    return settings.VAULT_DIR


@pytest.mark.django_db
def test_bytes_are_sealed_under_their_sha256_and_read_back(vault):
    sealed = store.seal([b"one ", b"two"])
    assert sealed.stored_file.sha256 == hashlib.sha256(b"one two").hexdigest()
    assert sealed.stored_file.size == 7
    assert not sealed.already_held
    with store.open_sealed(sealed.stored_file) as file:
        assert file.read() == b"one two"
    assert store.path_of(sealed.stored_file.sha256).stat().st_mode & 0o777 == 0o440


@pytest.mark.django_db
def test_bytes_and_name_are_on_the_disk_before_there_is_a_row(vault, monkeypatch):
    done: list[str] = []

    def noting(function):
        def call(target, *rest):
            # What a descriptor stands for at that moment: the file on its way, or a folder of the store.
            path = (
                Path(os.readlink(f"/proc/self/fd/{target}")) if isinstance(target, int) else target
            )
            words = "rows" if StoredFile.objects.exists() else "no row"
            done.append(f"{function.__name__} {path.name[:8]}, {words}")
            return function(target, *rest)

        return call

    for name in ("fsync", "link"):
        monkeypatch.setattr(os, name, noting(getattr(os, name)))
    sha256 = store.seal([b"one ", b"two"]).stored_file.sha256
    assert done == [
        "fsync incoming, no row",
        "link incoming, no row",
        f"fsync {sha256[2:4]}, no row",
        f"fsync {sha256[:2]}, no row",
        "fsync vault, no row",
    ]


@pytest.mark.django_db
def test_after_the_last_byte_only_the_tail_is_still_to_be_flushed(vault, monkeypatch):
    flushed: list[int] = []
    monkeypatch.setattr(store, "FLUSH", 1000)
    monkeypatch.setattr(
        store, "_flush_bytes", lambda descriptor: flushed.append(os.fstat(descriptor).st_size)
    )
    store.seal([b"x" * 300] * 11)
    assert flushed == [1200, 2400], "all that has come by then, before more is taken"


@pytest.mark.django_db
def test_the_same_bytes_again_are_one_file(vault):
    first, second = store.seal([b"same"]), store.seal([b"sa", b"me"])
    assert second.already_held
    assert first.stored_file == second.stored_file
    assert StoredFile.objects.count() == 1


@pytest.mark.django_db
def test_an_empty_file_and_a_too_large_one_are_refused_and_leave_nothing(vault):
    with pytest.raises(UserError) as empty:
        store.seal([])
    assert empty.value.code == "V-EMPTY"
    with pytest.raises(UserError) as large:
        store.seal([b"x" * 100] * 100, limit=5000)
    assert large.value.code == "V-TOO-LARGE"
    assert [path for path in vault.rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_a_stream_that_breaks_off_leaves_nothing(vault):
    def broken():
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.seal(broken())
    assert [path for path in vault.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "ab", "A" * 64, "0" * 63 + "\n", ""])
def test_only_a_sha256_is_a_path(name):
    with pytest.raises(ValueError, match="SHA-256"):
        store.path_of(name)


@pytest.mark.django_db
def test_a_changed_and_a_missing_file_are_found(vault):
    stored = store.seal([b"evidence"]).stored_file
    assert store.intact(stored) == (True, "")
    path = store.path_of(stored.sha256)
    os.chmod(path, 0o640)
    path.write_bytes(b"Evidence")
    assert "not the ones" in store.intact(stored)[1]
    path.write_bytes(b"evidenc")
    assert "7 bytes instead of 8" in store.intact(stored)[1]
    path.unlink()
    assert "missing" in store.intact(stored)[1]


@pytest.mark.django_db
def test_handing_in_the_same_bytes_again_mends_a_damaged_file(vault):
    stored = store.seal([b"evidence"]).stored_file
    path = store.path_of(stored.sha256)
    os.chmod(path, 0o640)
    path.write_bytes(b"damaged!")
    assert store.seal([b"evidence"]).already_held
    assert store.intact(stored) == (True, "")
