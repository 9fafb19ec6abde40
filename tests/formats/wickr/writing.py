"""Writes messages as the bots do: keys in alphabetical order, ids that carry their own time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

START = 1_691_176_258_901_277  # 2023-08-04 19:10:58.901277 UTC, microseconds
SECOND = 1_000_000
DAY = 86_400 * SECOND
ROOM = "S58a15186365d2125a9b417e71b99bcb29e3770078e157e953cfbe28443eb750"
GROUP = "G7a15186365d2125a9b417e71b99bcb29e3770078e157e953cfbe28443eb7511"
DIRECT = "7ad65d17b945d7672190ecab6902fdd06eff162b91adfcda23df3b2ff95875e8"
ANN, BEN = "ann@agency.example", "ben@agency.example"


def uuid1(sent: int, node: int = 0x1D7E_1BB1_0178) -> str:
    """A version 1 UUID without dashes that was made at a moment."""
    ticks = (sent + 12_219_292_800 * SECOND) * 10
    low, middle, high = ticks & 0xFFFFFFFF, (ticks >> 32) & 0xFFFF, (ticks >> 48) & 0x0FFF
    return f"{low:08x}{middle:04x}1{high:03x}9a74{node:012x}"


def us_date(moment: int) -> str:
    at = datetime.fromtimestamp(moment // SECOND, UTC)
    return f"{at.month}/{at.day}/{at:%y} {at.hour % 12 or 12}:{at:%M} {'PM' if at.hour >= 12 else 'AM'}"


def message(sent: int, number: int | None = 1000, /, **more: Any) -> dict[str, Any]:
    """One message; keyword arguments add keys or, as None, take them away."""
    at = datetime.fromtimestamp(sent // SECOND, UTC)
    value: dict[str, Any] = {
        "message_id": uuid1(sent),
        "msg_ts": f"{sent // SECOND}.{sent % SECOND:06d}",
        "msgtype": number,
        "sender": ANN,
        "sender_type": "normal",
        "time": us_date(sent),
        "time_iso": f"{at:%Y-%m-%d %H:%M:%S}.{sent % SECOND // 1000:03d}",
        "vgroupid": ROOM,
    }
    value |= more
    return {key: value[key] for key in sorted(value) if value[key] is not None}


def log(*messages: dict[str, Any]) -> bytes:
    """Messages as the log holds them: one a line."""
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in messages).encode()
