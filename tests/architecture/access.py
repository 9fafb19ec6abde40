"""Who gets which answer at which address: asked of the running code, compared with the reviewed `access.csv`.

`python -m tests.architecture.access --write` asks again and writes the file; read its difference before you commit it.

Answers: `yes` (the view did its work or refused the input), `sign in`, `no` (403), `hidden` (404), `method` (405).
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, URLResolver, get_resolver

if TYPE_CHECKING:
    from django.http import HttpResponse

    from tests.architecture.world import World

TABLE = Path(__file__).with_name("access.csv")
PAGE_METHODS = ("GET", "POST")
API_METHODS = ("GET", "POST", "PATCH", "DELETE")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

Answers = dict[tuple[str, str], str]


@dataclass(frozen=True)
class Route:
    """One named address of the URLconf."""

    name: str
    path: str
    module: str

    @property
    def is_api(self) -> bool:
        return self.path.startswith("api/")

    @property
    def methods(self) -> tuple[str, ...]:
        return API_METHODS if self.is_api else PAGE_METHODS

    def address(self, objects: Mapping[str, Any]) -> str:
        """The address of a real object. KeyError names what `world.py` does not know yet."""
        thing = self.path.removeprefix("api/v1/").partition("/")[0]
        replaced = re.sub(
            r"<(?:\w+:)?(\w+)>", lambda match: str(objects[f"{thing}.{match[1]}"]), self.path
        )
        return f"/{replaced}"


def routes() -> list[Route]:
    """Every address of ours. django-allauth's own pages about one's own account are its matter."""
    return [
        route
        for route in _walk(get_resolver().url_patterns, "")
        if not route.module.startswith("allauth.")
    ]


def _walk(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterator[Route]:
    for pattern in patterns:
        path = before + _plain(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield Route(
                pattern.name or path, path, str(getattr(pattern.callback, "__module__", ""))
            )


def _plain(pattern: str) -> str:
    """A router's regular expression in the form of a path: ^exports/(?P<number>...)/$ -> exports/<number>/."""
    return re.sub(
        r"\(\?P<(\w+)>[^)]*\)",
        r"<\1>",
        pattern.removeprefix("^").removesuffix("$").replace("\\", ""),
    )


def observe(world: World, person: str) -> Answers:
    """Ask every address with every method as one person. What a request changes is taken back."""
    from django.db import transaction
    from django.test import Client

    found: Answers = {}
    pages, api = Client(raise_request_exception=False), Client(raise_request_exception=False)
    if user := world.people.get(person):
        # Another agency system has tokens and never a session.
        if not user.is_system:
            pages.force_login(user)
        api.defaults["HTTP_AUTHORIZATION"] = f"Bearer {world.tokens[person]}"
    for route in routes():
        client, body = (api, b"{}") if route.is_api else (pages, b"")
        for method in route.methods:
            with transaction.atomic():
                response = client.generic(
                    method, route.address(world.objects), body, _content_type(route)
                )
                found[route.name, method] = _answer(response)
                transaction.set_rollback(True)
    return found


def _content_type(route: Route) -> str:
    return "application/json" if route.is_api else "application/x-www-form-urlencoded"


def _answer(response: HttpResponse) -> str:
    status = response.status_code
    if status == 401 or (
        status == 302 and "/accounts/login/" in response.headers.get("Location", "")
    ):
        return "sign in"
    # 503 is what the health address says when a part is missing, as Redis is here.
    worked = status < 500 or status == 503
    return {403: "no", 404: "hidden", 405: "method"}.get(
        status, "yes" if worked else f"error {status}"
    )


def read_table() -> dict[str, Answers]:
    """The reviewed answers, by person."""
    table: dict[str, Answers] = {}
    with TABLE.open(newline="") as file:
        for row in csv.DictReader(file):
            key = (row.pop("address"), row.pop("method"))
            for person, answer in row.items():
                table.setdefault(person, {})[key] = answer
    return table


def write_table(answers: Mapping[str, Answers]) -> None:
    with TABLE.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["address", "method", *answers])
        for key in sorted({key for column in answers.values() for key in column}):
            out.writerow([*key, *(column[key] for column in answers.values())])


def main() -> int:
    from tests import environment

    if sys.argv[1:] != ["--write"]:
        print("Use: python -m tests.architecture.access --write")
        return 2
    environment.prepare()
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection, transaction
    from django.test.utils import setup_test_environment

    from tests.architecture import world

    settings.WHITENOISE_AUTOREFRESH = True
    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    with transaction.atomic():
        built = world.build()
        write_table({person: observe(built, person) for person in world.PEOPLE})
        transaction.set_rollback(True)
    print(f"Wrote {TABLE}: read what changed before you commit it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
