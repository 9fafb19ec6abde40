"""The frame of Custos: agency, vault, jobs, audit and the kit that pages and API are made of."""

from __future__ import annotations

from portal.celery import app as celery_app

__all__ = ["celery_app"]
