"""Checkpoints of the audit chain, signed and kept outside the database.

A bare chain does not show that its end was cut off or that it was rewritten as a whole; a checkpoint kept elsewhere
does, up to the moment it was written.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.utils import timezone

from portal.audit.log import Break, canonical, stamp
from portal.audit.models import AuditEvent, AuditHead
from portal.keys import signing_key


def write() -> bool:
    """Append a signed checkpoint when the chain has grown since the last one."""
    head = AuditHead.objects.filter(id=1).first()
    if head is None or head.sequence == 0:
        return False
    path = Path(settings.CHECKPOINTS_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    last = read()[-1:] if path.exists() else []
    if last and last[0]["sequence"] >= head.sequence:
        return False
    body: dict[str, Any] = {
        "sequence": head.sequence,
        "hash": head.hash,
        "at": stamp(timezone.now()),
    }
    body["signature"] = base64.b64encode(
        signing_key(settings.KEYS_DIR).sign(canonical(body))
    ).decode()
    torn = path.exists() and path.read_bytes()[-1:] not in (b"", b"\n")
    with path.open("ab") as file:
        file.write((b"\n" if torn else b"") + canonical(body) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def read() -> list[dict[str, Any]]:
    path = Path(settings.CHECKPOINTS_FILE)
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [body for line in lines if (body := _parsed(line)) is not None]


def _parsed(line: bytes) -> dict[str, Any] | None:
    """A checkpoint; None for a line that a crash cut off, which must not stop the next one."""
    try:
        body = json.loads(line)
    except ValueError:
        return None
    return body if isinstance(body, dict) and {"sequence", "hash", "at"} <= set(body) else None


def breaks() -> list[Break]:
    """Checkpoints that are not ours, or that the log in the database no longer agrees with."""
    found = []
    key = signing_key(settings.KEYS_DIR).private.public_key()
    for body in read():
        signature = base64.b64decode(body.pop("signature", ""))
        try:
            key.verify(signature, canonical(body))
        except InvalidSignature:
            found.append(
                Break(body["sequence"], "A-CHECKPOINT", "A checkpoint's signature is not valid.")
            )
            continue
        event = AuditEvent.objects.filter(sequence=body["sequence"]).first()
        if event is None or event.hash != body["hash"]:
            found.append(
                Break(
                    body["sequence"],
                    "A-REWRITTEN",
                    f"The log was cut or rewritten at or before event {body['sequence']}, "
                    f"which was checkpointed at {body['at']}.",
                )
            )
    return found
