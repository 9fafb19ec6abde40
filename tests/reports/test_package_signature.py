"""The verifier's own Ed25519 against RFC 8032, against the `cryptography` library and OpenSSL, and the key's file."""

from __future__ import annotations

import base64
import json
import random
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal import keys
from reports.verifier import verify_package as verifier
from tests.reports import samples

# RFC 8032, section 7.1: TEST 1, 2, 3 and SHA(abc), as public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
            "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
            "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b5890"
            "9351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_rfc_8032_hold(public: str, message: str, signature: str) -> None:
    key, text, signed = (bytes.fromhex(value) for value in (public, message, signature))
    assert verifier.signature_holds(key, text, signed)
    assert not verifier.signature_holds(key, text + b"x", signed)
    for position in range(64):
        changed = bytearray(signed)
        changed[position] ^= 1
        assert not verifier.signature_holds(key, text, bytes(changed))


def test_both_implementations_agree_on_random_signatures() -> None:
    dice = random.Random(8032)
    for size in range(0, 200, 5):
        private = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        public, message = private.public_key().public_bytes_raw(), dice.randbytes(size)
        signed = private.sign(message)
        assert verifier.signature_holds(public, message, signed)
        assert not verifier.signature_holds(public, message + b"!", signed)


def test_a_signature_with_a_large_s_is_refused() -> None:
    public, message, signed = (bytes.fromhex(value) for value in VECTORS[0])
    s = int.from_bytes(signed[32:], "little") + verifier.L
    assert not verifier.signature_holds(public, message, signed[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "encoded",
    [
        verifier.P.to_bytes(32, "little"),
        (verifier.P + 1).to_bytes(32, "little"),
        b"\xff" * 32,
        (1 | 1 << 255).to_bytes(32, "little"),
        (2).to_bytes(32, "little"),
    ],
    ids=["y is p", "y is p+1", "y is 2^255-1", "minus zero", "not on the curve"],
)
def test_points_in_another_form_are_refused(encoded: bytes) -> None:
    assert verifier.recover(encoded) is None


def test_a_key_of_small_order_signs_nothing() -> None:
    neutral = verifier.encode(verifier.NEUTRAL)
    assert verifier.recover(neutral) is not None
    assert not verifier.signature_holds(neutral, b"anything", neutral + bytes(32))


def test_openssl_accepts_signature_and_fingerprint(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    for path, content in samples.unpacked(samples.package_bytes()).items():
        if path.count("/") == 1:
            (tmp_path / Path(path).name).write_bytes(content)
    fields = json.loads((tmp_path / "signature.json").read_bytes())
    (tmp_path / "sig").write_bytes(base64.b64decode(fields["signature"]))
    command = f"{openssl} pkeyutl -verify -pubin -inkey public-key.pem -rawin"
    checked = subprocess.run(
        [*command.split(), "-in", "tagmanifest-sha256.txt", "-sigfile", "sig"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert checked.returncode == 0
    der = subprocess.run(
        [*f"{openssl} pkey -pubin -in public-key.pem -outform DER".split()],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    ).stdout
    assert samples.sha256(der) == fields["fingerprint"] == samples.key().fingerprint


def test_the_signing_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = keys.signing_key(tmp_path / "keys")
    assert keys.signing_key(tmp_path / "keys").fingerprint == first.fingerprint
    private, public = tmp_path / "keys" / keys.PRIVATE_NAME, tmp_path / "keys" / keys.PUBLIC_NAME
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert public.read_bytes() == first.public_pem
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [
        keys.PRIVATE_NAME,
        keys.PUBLIC_NAME,
    ]
    assert first.public_pem.decode() not in repr(first)
    assert "private" not in repr(first)


def test_first_uses_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: keys.signing_key(tmp_path / "keys"), range(16)))
    assert len({key.fingerprint for key in made}) == 1


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keys.signing_key(tmp_path)
    (tmp_path / keys.PRIVATE_NAME).chmod(0o644)
    with pytest.raises(keys.KeyFileError, match="signing-key-exposed"):
        keys.signing_key(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a key", samples.key().public_pem])
def test_a_damaged_key_is_refused_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / keys.PRIVATE_NAME
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(keys.KeyFileError, match="signing-key-unreadable"):
        keys.signing_key(tmp_path)
    assert path.read_bytes() == content


def test_the_digest_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = keys.keyed_digest(tmp_path / "keys", b"078-05-1120")
    assert keys.keyed_digest(tmp_path / "keys", b"078-05-1120") == first
    assert keys.keyed_digest(tmp_path / "keys", b"078-05-1121") != first
    assert keys.keyed_digest(tmp_path / "other", b"078-05-1120") != first
    (path,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(keys.KeyFileError, match="digest-key-exposed"):
        keys.keyed_digest(tmp_path / "keys", b"")


def test_a_damaged_digest_key_is_refused_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / keys.DIGEST_NAME
    path.write_bytes(b"")
    path.chmod(0o600)
    with pytest.raises(keys.KeyFileError, match="digest-key-damaged"):
        keys.keyed_digest(tmp_path, b"")
    assert path.read_bytes() == b""
