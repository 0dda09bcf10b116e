"""The pins are complete: each package that a pinned one needs, on each Python and system they are
for, is pinned too.

`make` installs the pins as they stand and lets no resolver add anything. A package that the pins
lack is missing on the user's machine, and `pip check` does not see it when only an extra asks for
it (`psycopg[binary]`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements"
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    "macOS": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
}
MACHINES = {
    f"{system} {python}": {
        **{name: str(value) for name, value in default_environment().items()},
        **facts,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for python in PYTHONS
    for system, facts in SYSTEMS.items()
}
Pins = Mapping[str, Requirement]


def requirements(lines: Iterable[str]) -> Iterator[Requirement]:
    """The requirements of a requirements file, hashes and comments left out."""
    for line in lines:
        if text := re.split(r"(?:^|\s)(?:#|--hash)|\\$", line)[0].strip():
            yield Requirement(text)


def pins(file: str) -> Pins:
    return {canonicalize_name(r.name): r for r in requirements((REQUIREMENTS / file).read_text("utf-8").splitlines())}


def asked(*files: str) -> list[Requirement]:
    """What the project asks for: its own dependencies (the tests: its extras too), and those of
    requirements/*.in."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values() if "test.in" in files else ()
    own = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    beside = [r for file in files for r in requirements((REQUIREMENTS / file).read_text("utf-8").splitlines())]
    return [*map(Requirement, own), *beside]


def needs(pinned: Pins, machine: Mapping[str, str]) -> Iterator[tuple[str, Requirement]]:
    """What each package that is installed on a machine needs there, by the package that needs
    it."""
    for name, pin in pinned.items():
        if pin.marker and not pin.marker.evaluate(machine):
            continue
        try:
            stated = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            # Not installed here, since it is for another system: what it needs cannot be read on
            # this one.
            assert pin.marker and not pin.marker.evaluate(), f"{name} is pinned, and is not installed"
            continue
        for text in stated:
            needed = Requirement(text)
            extras = pin.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({**machine, "extra": e}) for e in extras):
                yield name, needed


def missing(asked_for: Iterable[Requirement], pinned: Pins, machine: Mapping[str, str]) -> list[str]:
    """Each requirement that the pins do not meet on a machine."""
    found = []
    for by, needed in [*(("grantcalc", r) for r in asked_for), *needs(pinned, machine)]:
        pin = pinned.get(canonicalize_name(needed.name))
        if pin is None or (pin.marker and not pin.marker.evaluate(machine)):
            found.append(f"{by} needs {needed.name}")
        elif lacking := needed.extras - pin.extras:
            found.append(f"{by} needs {needed.name}[{','.join(sorted(lacking))}]")
        elif not needed.specifier.contains(str(pin.specifier).removeprefix("=="), prereleases=True):
            found.append(f"{by} needs {needed}, pinned is {pin.specifier}")
    return found


FILES = {"run.txt": ("run.in",), "test.txt": ("run.in", "test.in")}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("machine", MACHINES)
def test_nothing_is_missing(file: str, machine: str) -> None:
    assert missing(asked(*FILES[file]), pins(file), MACHINES[machine]) == []


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_each_line_is_needed_and_missed(file: str) -> None:
    """A line taken out of the pins, or an extra taken off one, is noticed on the machines that it
    is for."""
    pinned, roots = pins(file), asked(*FILES[file])
    here = [n for n, r in pinned.items() if not r.marker or any(map(r.marker.evaluate, MACHINES.values()))]
    assert set(pinned) - set(here) <= {"cffi", "colorama", "pycparser"}  # for PyPy and Windows alone
    for name in here:
        without = {n: r for n, r in pinned.items() if n != name}
        assert any(missing(roots, without, machine) for machine in MACHINES.values()), name
    for name, pin in pinned.items():
        if pin.extras:
            bare = Requirement(str(pin).replace(f"[{','.join(sorted(pin.extras))}]", ""))
            assert any(missing(roots, {**pinned, name: bare}, machine) for machine in MACHINES.values()), name


def test_every_pin_has_a_hash_and_names_no_address() -> None:
    files = sorted(REQUIREMENTS.glob("*.txt"))
    assert {file.name for file in files} >= {*FILES, "lowest.txt", "release.txt"}
    for file in files:
        text = file.read_text("utf-8")
        blocks = re.split(r"\n(?=[a-z])", text.split("\n", 2)[2])
        assert all(" --hash=sha256:" in block for block in blocks if block.strip())
        assert "://" not in text
