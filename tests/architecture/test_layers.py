"""The direction of imports, no writes outside services, nothing dangerous, no module too long."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import ROOT

PACKAGES = ["portal", "records", "reports", "scripts", "deploy", "benchmarks"]
VIEW_FOLDERS = [
    "portal/web",
    "records/web",
    "records/api",
    "reports/web",
    "reports/api",
]
WRITES = {
    "save",
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
# What has such a method and is no row: dictionaries and sets, sessions, caches, hashes.
NOT_ROWS = {
    "session",
    "cache",
    "context",
    "attrs",
    "kwargs",
    "params",
    "data",
    "initial",
    "digest",
    "hasher",
    "headers",
    "super",
    "services",
}
FORBIDDEN_NAMES = {"mark_safe", "extractall", "SafeString"}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill"}
MAX_LINES = 400
# People verify a package with this one file and nothing else, so it cannot be split.
SINGLE_FILE = "reports/verifier/verify_package.py"


def _modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def _place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def _receiver(node: ast.Attribute) -> str:
    """The last name before the method: `self.session.update` -> session."""
    value = node.value
    if isinstance(value, ast.Call):
        value = value.func
    return getattr(value, "attr", getattr(value, "id", ""))


def writes(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls that look like a write of rows. A form's `self.save(form)` is a view's own method, not a row's."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        own = isinstance(node.func.value, ast.Name) and node.func.value.id in ("self", "cls")
        harmless = own or _receiver(node.func) in NOT_ROWS
        if node.func.attr in WRITES and not harmless:
            yield node


def forbidden(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {(node.module or "").partition(".")[0], *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Attribute):
            names = {node.attr} & FORBIDDEN_NAMES
        else:
            continue
        if names & (FORBIDDEN_NAMES | FORBIDDEN_MODULES):
            yield node


def test_imports_point_one_way() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_views_and_api_write_no_rows() -> None:
    found = [
        _place(path, node)
        for path in _modules(*VIEW_FOLDERS)
        for node in writes(ast.parse(path.read_text()))
    ]
    assert not found, f"These write rows without a service: {found}"


@pytest.mark.parametrize(
    "line",
    [
        "Report.objects.create(title='x')",
        "report.save()",
        "Report.objects.filter(pk=1).update(title='x')",
        "self.object.delete()",
        "form.save()",
    ],
)
def test_the_search_for_writes_finds_one(line: str) -> None:
    assert list(writes(ast.parse(line)))


@pytest.mark.parametrize(
    "line", ["request.session.update(a=1)", "services.update(report)", "super().save(form)"]
)
def test_the_search_for_writes_leaves_others_alone(line: str) -> None:
    assert not list(writes(ast.parse(line)))


def test_nothing_dangerous_is_imported_or_called() -> None:
    found = [
        _place(path, node)
        for path in _modules(*PACKAGES)
        for node in forbidden(ast.parse(path.read_text()))
    ]
    assert not found, f"Never pickle, mark_safe or extractall: {found}"


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from django.utils.safestring import mark_safe",
        "archive.extractall(folder)",
    ],
)
def test_the_search_for_danger_finds_it(line: str) -> None:
    assert list(forbidden(ast.parse(line)))


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _modules(*PACKAGES)
        if path != ROOT / SINGLE_FILE
        if (lines := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert not long, f"Split these by noun: {long}"


def test_no_module_listens_to_model_signals() -> None:
    model_signals = {
        "pre_save",
        "post_save",
        "pre_delete",
        "post_delete",
        "m2m_changed",
        "pre_init",
        "post_init",
    }
    found = [
        _place(path, node)
        for path in _modules("portal", "records", "reports")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} & model_signals
    ]
    assert not found, f"Effects belong into services: {found}"


def test_no_markup_is_marked_safe_in_templates() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if "|safe" in path.read_text() or "autoescape off" in path.read_text()
    ]
    assert not found
