"""Production refuses to start on an unsafe value: better no portal than one that looks safe."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

MIN_SECRET_CHARACTERS = 50


def refuse_unsafe(
    *, secret_key: str, engine: str, redis_url: str, hosts: Sequence[str], origins: Sequence[str]
) -> None:
    """Raise ImproperlyConfigured with one plain sentence for each unsafe value."""
    faults = []
    if len(secret_key) < MIN_SECRET_CHARACTERS:
        faults.append(f"SECRET_KEY needs at least {MIN_SECRET_CHARACTERS} random characters.")
    if engine.endswith("sqlite3"):
        faults.append(
            "DATABASE_URL must name a PostgreSQL database: several machines cannot share SQLite."
        )
    if not redis_url:
        faults.append("REDIS_URL must name a Redis server.")
    if not hosts or any("*" in host for host in hosts):
        faults.append("CUSTOS_HOSTS must name the portal's host names one by one.")
    if not all(origin.startswith("https://") for origin in origins):
        faults.append("CUSTOS_ORIGINS must name addresses that start with https://.")
    if faults:
        raise ImproperlyConfigured("Custos does not start in production: " + " ".join(faults))
