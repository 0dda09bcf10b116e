"""How the properties are searched: `ci` and `few` try the same cases every time, `make deep` many
new ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Nothing here looks at the clock: a slow machine must not fail a property.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("ci", CALM, derandomize=True, max_examples=25)
settings.register_profile("few", CALM, derandomize=True, max_examples=6)
settings.register_profile("deep", CALM, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("GRANTCALC_PROFILE", "ci"))


class Resumed:
    """A deep run that was stopped goes on where it was: each property that held is noted, and not
    tried again."""

    def __init__(self, notes: Path, *, part: bool) -> None:
        """`part`: in a process that runs a part of the tests; the one that asked for it keeps the
        notes."""
        self.notes, self.part = notes, part

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        held = set(self.notes.read_text("utf-8").splitlines()) if self.notes.exists() else set()
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in held])
        items[:] = [item for item in items if item.nodeid not in held]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed and not self.part:
            with self.notes.open("a", encoding="utf-8") as file:
                file.write(f"{report.nodeid}\n")


def pytest_configure(config: pytest.Config) -> None:
    if notes := os.environ.get("GRANTCALC_HELD"):
        config.pluginmanager.register(Resumed(Path(notes), part=hasattr(config, "workerinput")))
