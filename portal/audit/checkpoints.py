"""Checkpoints of the audit chain, signed and kept outside the database.

A bare chain does not show that its end was cut off or that it was rewritten as a whole; a checkpoint kept elsewhere
does, up to the moment it was written.
"""

from __future__ import annotations

import base64
import json
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
    with path.open("ab") as file:
        file.write(canonical(body) + b"\n")
        file.flush()
    return True


def read() -> list[dict[str, Any]]:
    path = Path(settings.CHECKPOINTS_FILE)
    return (
        [json.loads(line) for line in path.read_bytes().splitlines() if line]
        if path.exists()
        else []
    )


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
