"""The agency's keys, made on first use and kept outside the database: one that signs, one for keyed digests.

The signing key is Ed25519 (RFC 8032, FIPS 186-5). What it signs can be checked by anybody who holds the public key. The
fingerprint is what an agency publishes (on paper, on its web site, in a letter to NARA): SHA-256 over the key's
SubjectPublicKeyInfo, in lower-case hexadecimal, the value that
`openssl pkey -pubin -in public-key.pem -outform DER | openssl dgst -sha256` prints.

The digest key (HMAC, FIPS 198-1) is for digests of what is short enough to be guessed, such as a Social Security
number: without the key nobody can try values against them.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
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
DIGEST_NAME: Final = "digest-key"
_DIGEST_KEY_BYTES: Final = 32


class KeyFileError(Exception):
    """A key cannot be used as it lies on the disk: code, plain sentence, place, what to do."""

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
        _create(path, _new_signing_key())
    key = _load(path)
    public = directory / PUBLIC_NAME
    if not public.exists():
        _write(public, key.public_pem, 0o644)
    return key


def keyed_digest(directory: Path, message: bytes) -> str:
    """HMAC-SHA-256 of `message` in hexadecimal, under the digest key kept in `directory`."""
    path = directory / DIGEST_NAME
    if not path.exists():
        _create(path, secrets.token_bytes(_DIGEST_KEY_BYTES))
    key = _private(path)
    if len(key) != _DIGEST_KEY_BYTES:
        raise KeyFileError(
            "digest-key-damaged",
            "The key for digests is damaged.",
            path,
            "Restore it from the backup; without it, warnings that stand with a reason are asked again.",
        )
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _new_signing_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def _create(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, content, 0o600)


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


def _private(path: Path) -> bytes:
    """The content of a file that only its owner may read."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileError(
            f"{path.stem}-exposed",
            "Others than the owner may read this key.",
            path,
            "Make a new key if it may have been read; else set its mode to 0600.",
        )
    return path.read_bytes()


def _load(path: Path) -> SigningKey:
    content = _private(path)
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFileError(
            "signing-key-unreadable",
            "The signing key is damaged.",
            path,
            "Restore it from the backup; a new key needs a newly published fingerprint.",
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(
            "signing-key-kind",
            "The signing key is not an Ed25519 key.",
            path,
            "Put the agency's Ed25519 key there.",
        )
    return SigningKey(key)
