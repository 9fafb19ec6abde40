"""The agency's signing key: Ed25519 (RFC 8032, FIPS 186-5), made on first use and kept outside the database.

What it signs can be checked by anybody who holds the public key. The fingerprint is what an agency publishes (on paper,
on its web site, in a letter to NARA): SHA-256 over the key's SubjectPublicKeyInfo, in lower-case hexadecimal, the value
that `openssl pkey -pubin -in public-key.pem -outform DER | openssl dgst -sha256` prints.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

PRIVATE_NAME: Final = "signing-key.pem"
PUBLIC_NAME: Final = "signing-key.pub.pem"


class SigningKeyError(Exception):
    """The signing key cannot be used as it lies on the disk: code, plain sentence, place, what to do."""

    def __init__(self, code: str, words: str, path: Path, remedy: str) -> None:
        self.code = code
        self.path = path
        super().__init__(f"{code}: {words} ({path}) {remedy}")


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key that can sign; its text form never shows the private part."""

    private: Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature over `message`."""
        return self.private.sign(message)

    @property
    def public_pem(self) -> bytes:
        """The public key as it is handed out."""
        return public_pem(self.private.public_key())

    @property
    def fingerprint(self) -> str:
        """What the agency publishes and a reader compares."""
        return fingerprint(self.private.public_key())


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key in PEM form (SubjectPublicKeyInfo, RFC 8410)."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 over the key's SubjectPublicKeyInfo in DER form."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def signing_key(directory: Path) -> SigningKey:
    """The signing key kept in `directory`; made there on first use, readable by its owner only."""
    path = directory / PRIVATE_NAME
    if not path.exists():
        _create(directory, path)
    key = _load(path)
    public = directory / PUBLIC_NAME
    if not public.exists():
        _write(public, key.public_pem, 0o644)
    return key


def _create(directory: Path, path: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    _write(path, pem, 0o600)


def _write(path: Path, content: bytes, mode: int) -> None:
    # A link publishes the whole file or nothing, so two processes at first start agree on one key.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()


def _load(path: Path) -> SigningKey:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SigningKeyError(
            "signing-key-exposed",
            "Others than the owner may read the signing key.",
            path,
            "Make a new key if it may have been read; else set its mode to 0600.",
        )
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningKeyError(
            "signing-key-unreadable",
            "The signing key is damaged.",
            path,
            "Restore it from the backup; a new key needs a newly published fingerprint.",
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError(
            "signing-key-kind",
            "The signing key is not an Ed25519 key.",
            path,
            "Put the agency's Ed25519 key there.",
        )
    return SigningKey(key)
