"""docker-compose.yml and Dockerfile: what no engine here can run is read and held to the rules it must keep."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
import yaml

from portal.jobs import processes
from tests.environment import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ["migrate", "web", "worker", "beat"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()

each_service = pytest.mark.parametrize("name", sorted(SERVICES))
each_of_ours = pytest.mark.parametrize("name", OURS)


def _as_in_a_container(command: list[str]) -> list[str]:
    return ["python" if part == sys.executable else part for part in command]


def test_all_six_services_are_there() -> None:
    assert set(SERVICES) == {"migrate", "web", "worker", "beat", "db", "redis"}


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("web", processes.web("0.0.0.0", 8000)),
        ("worker", processes.worker()),
        ("beat", processes.beat()),
    ],
)
def test_start_commands_are_the_ones_the_tests_start(name: str, command: list[str]) -> None:
    assert SERVICES[name]["command"] == _as_in_a_container(command)


def test_image_starts_the_web_process_by_default() -> None:
    found = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert [yaml.safe_load(line) for line in found] == [SERVICES["web"]["command"]]


@each_service
def test_service_runs_without_root_and_without_rights(name: str) -> None:
    service = SERVICES[name]
    user, group = str(service["user"]).split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & set(service)


@each_service
def test_service_has_limits_of_memory_and_processes(name: str) -> None:
    assert SERVICES[name]["mem_limit"]
    assert SERVICES[name]["pids_limit"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_service_that_stays_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@each_service
def test_what_must_survive_lies_on_a_volume(name: str) -> None:
    expected = {"db": "database:/var/lib/postgresql/data", "redis": "queue:/data"}.get(
        name, "files:/data"
    )
    assert SERVICES[name]["volumes"] == [expected]
    assert expected.split(":")[0] in COMPOSE["volumes"]


def test_only_the_web_is_reachable_and_only_from_this_machine() -> None:
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["web"]
    assert all(str(port).startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])


def test_database_and_queue_have_networks_without_a_way_out() -> None:
    inside = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    assert inside == {"data", "queue"}
    for name in set(SERVICES) - {"web"}:
        assert set(SERVICES[name]["networks"]) <= inside
    assert not set(SERVICES["db"]["networks"]) & set(SERVICES["redis"]["networks"])


@pytest.mark.parametrize("secret", ["SECRET_KEY", "DATABASE_PASSWORD", "REDIS_PASSWORD"])
def test_secret_has_no_default_and_is_asked_for(secret: str) -> None:
    uses = re.findall(rf"\$\{{{secret}(.*?)\}}", (ROOT / "docker-compose.yml").read_text())
    assert uses
    assert all(use.startswith(":?") for use in uses)


@each_of_ours
def test_our_containers_run_in_production_mode(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert environment["CUSTOS_PRODUCTION"] == "true"
    assert environment["DATABASE_URL"].startswith("postgres://")
    assert environment["REDIS_URL"].startswith("redis://")


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_starts_before_the_migration_has_ended(name: str) -> None:
    waits = SERVICES[name]["depends_on"]
    assert waits["migrate"] == {"condition": "service_completed_successfully"}
    assert waits["redis"] == {"condition": "service_healthy"}


def test_redis_keeps_what_it_holds() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly yes" in command
    assert "--requirepass" in command


def test_image_installs_by_hash_and_runs_without_root() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert "npm ci --ignore-scripts" in DOCKERFILE
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER custos$", last_stage, re.MULTILINE)
    assert last_stage.index("collectstatic") < last_stage.index("USER custos")
    for forbidden in ("ADD ", "curl", "wget", "apt-get", ":latest"):
        assert forbidden not in DOCKERFILE


def test_image_has_every_folder_the_portal_is_made_of() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {
        "tests",
        "scripts",
        "benchmarks",
    }
    assert packages | {"templates", "deploy"} == copied


def test_data_of_a_developer_never_enters_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "var", "node_modules"} <= set(ignored)
