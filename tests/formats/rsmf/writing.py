"""RSMF files for tests: manifests, archives and mails of any content, right or wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.formats.archive_maker import Part, build

SAMPLES = Path(__file__).parents[1] / "samples" / "rsmf"
MANIFEST_2 = (SAMPLES / "manifest_2_0.json").read_bytes()
MANIFEST_1 = (SAMPLES / "manifest_1_0.json").read_bytes()
FILES = {"A1.pdf": b"plan", "A2.jpg": b"gate", "dana.png": b"face"}
HEADERS = {
    "X-RSMF-Version": "2.0.0",
    "X-RSMF-EventCount": "8",
    "X-RSMF-AttachmentCount": "2",
    "X-RSMF-BeginDate": "2024-03-04T13:00:00Z",
    "X-RSMF-EndDate": "2024-03-04T13:06:00Z",
}


def manifest(*events: Mapping[str, Any], version: str = "2.0.0", **more: Any) -> bytes:
    """A manifest of two people and one conversation."""
    return json.dumps(
        {
            "version": version,
            "participants": [{"id": "a", "display": "Ann"}, {"id": "b", "display": "Ben"}],
            "conversations": [
                {
                    "id": "c",
                    "display": "Both",
                    "platform": "sms",
                    "type": "direct",
                    "participants": ["a", "b"],
                }
            ],
            "events": list(events),
            **more,
        }
    ).encode()


def message(body: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "conversation": "c",
        "participant": "a",
        "timestamp": "2024-03-04T13:00:00Z",
        "body": body,
    } | fields


def archive(content: bytes, files: Mapping[str, bytes] = FILES) -> bytes:
    """rsmf.zip."""
    members = [Part(name.encode(), data) for name, data in files.items()]
    return build(*members, Part(b"rsmf_manifest.json", content))


def mail(
    packed: bytes,
    headers: Mapping[str, str] = HEADERS,
    *,
    others: Mapping[str, bytes] | None = None,
    end: bytes = b"\n",
    name: str = "rsmf.zip",
) -> bytes:
    """A mail with rsmf.zip, as vendors write it; `others` are further attachments before it."""
    lines = [b"From: maker@vendor.example", b"MIME-Version: 1.0"]
    lines += [f"{key}: {value}".encode() for key, value in headers.items()]
    lines += [b'Content-Type: multipart/mixed; boundary="=_RSMF"', b"", b"--=_RSMF"]
    lines += [b"Content-Type: text/plain; charset=utf-8", b"", b"Ann and Ben", b""]
    for key, content in [*(others or {}).items(), (name, packed)]:
        coded = base64.encodebytes(content).splitlines()
        lines += [
            b"--=_RSMF",
            b"Content-Type: application/octet-stream",
            f'Content-Disposition: attachment; filename="{key}"'.encode(),
            b"Content-Transfer-Encoding: base64",
            b"",
            *coded,
            b"",
        ]
    return end.join([*lines, b"--=_RSMF--", b""])
