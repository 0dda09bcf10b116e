"""What is released is what is declared: the floors are those that are tested, and each file names
the one version."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
DECLARED = [
    *map(Requirement, PROJECT["dependencies"]),
    *(Requirement(text) for extra in PROJECT["optional-dependencies"].values() for text in extra),
    *map(Requirement, PYPROJECT["build-system"]["requires"]),
]


@pytest.mark.parametrize("declared", DECLARED, ids=lambda declared: declared.name)
def test_make_lowest_tests_the_floor_that_is_declared(declared: Requirement) -> None:
    (floor,) = declared.specifier
    assert floor.operator == ">="
    pins = (ROOT / "requirements" / "lowest.txt").read_text("utf-8")
    name = re.escape(canonicalize_name(declared.name))
    pinned = re.search(rf"^{name}(?:\[\w+\])?==([^ ;]+)", pins, re.MULTILINE)
    assert pinned
    assert Version(pinned[1]) == Version(floor.version)


def test_what_builds_a_release_is_what_builds_a_wheel_elsewhere() -> None:
    """requirements/run.in and the build system of pyproject.toml ask for the same hatchling."""
    asked = (ROOT / "requirements" / "run.in").read_text("utf-8").splitlines()
    assert [line for line in asked if not line.startswith("#")] == PYPROJECT["build-system"]["requires"]


def test_the_citation_names_the_version_and_the_license() -> None:
    citation = (ROOT / "CITATION.cff").read_text("utf-8").splitlines()
    assert f"version: {PROJECT['version']}" in citation
    assert f"license: {PROJECT['license']}" in citation


def test_hooks_are_local_and_fetch_nothing() -> None:
    config = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert set(re.findall(r"repo: (\S+)", config)) == {"local"}
    assert set(re.findall(r"language: (\S+)", config)) == {"system"}


@pytest.mark.parametrize("name", ["SECURITY.md", "CITATION.cff", "docs/versions.md"])
def test_no_page_gives_an_address_that_nobody_reads(name: str) -> None:
    """No mail, and no web address but the one that defines the version numbers."""
    text = (ROOT / name).read_text("utf-8").replace("https://semver.org", "")
    assert not re.search(r"\S@\S|://", text)
