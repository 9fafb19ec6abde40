"""Counts and short-lived values that hold for the whole installation: one table, one statement for each decision.

Limits of sign-in and API, and one-time codes that were used, must be the same for every process and machine. A table
is the simplest sound place. The portal does not work without its database anyway, so no limit is ever off because
Redis is away (there it is only the queue's doorbell); SQLite and PostgreSQL decide a race in a single statement; and
JSON is kept where Django's own database and file caches keep pickles, which run code when they are read.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from typing import Any, NamedTuple

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

from portal.kit.models import SharedValue

_TABLE = SharedValue._meta.db_table
_INSERT = f"INSERT INTO {_TABLE} AS held (digest, value, expires_at) VALUES (%s, %s, %s)"
_ADD = (
    f"{_INSERT} ON CONFLICT (digest) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at "
    "WHERE held.expires_at <= %s RETURNING digest"
)
_COUNT = (
    f"{_INSERT} ON CONFLICT (digest) DO UPDATE SET "
    "value = CASE WHEN held.expires_at <= %s THEN excluded.value "
    "ELSE CAST(CAST(held.value AS bigint) + 1 AS text) END, "
    "expires_at = CASE WHEN held.expires_at <= %s THEN excluded.expires_at ELSE held.expires_at END "
    "RETURNING value, expires_at"
)


class Count(NamedTuple):
    """How often since the span began, and when it ends (seconds since 1970)."""

    number: int
    ends_at: float


def count(key: str, seconds: float) -> Count:
    """Count once more. A span of `seconds` begins with the first count after the last span has ended."""
    now = time.time()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_digest(key), "1", now + seconds, now, now])
        number, ends_at = cursor.fetchone()
    return Count(int(number), float(ends_at))


def forget_expired() -> int:
    """Drop what has ended: names that were tried only once would stay for ever."""
    return SharedValue.objects.filter(expires_at__lte=time.time()).delete()[0]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class SharedCache(BaseCache):
    """Django's cache over the table, for django-allauth: `add` is one statement, and its locks rest on that."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        rows = self._rows(key, version).filter(expires_at__gt=time.time())
        value = rows.values_list("value", flat=True).first()
        return default if value is None else json.loads(value)

    def set(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        row = SharedValue(
            digest=self._digest(key, version),
            value=json.dumps(value),
            expires_at=self._end(timeout),
        )
        SharedValue.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["digest"],
            update_fields=["value", "expires_at"],
        )

    def add(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        row = (self._digest(key, version), json.dumps(value), self._end(timeout))
        with connection.cursor() as cursor:
            cursor.execute(_ADD, (*row, time.time()))
            return cursor.fetchone() is not None

    def touch(
        self,
        key: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        rows = self._rows(key, version).filter(expires_at__gt=time.time())
        return rows.update(expires_at=self._end(timeout)) == 1

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._rows(key, version).delete()[0] == 1

    def clear(self) -> None:
        SharedValue.objects.all().delete()

    def _rows(self, key: Any, version: int | None) -> Any:
        return SharedValue.objects.filter(digest=self._digest(key, version))

    def _digest(self, key: Any, version: int | None) -> str:
        return _digest(self.make_key(key, version))

    def _end(self, timeout: float | None) -> float:
        end = self.get_backend_timeout(timeout)
        return math.inf if end is None else end
