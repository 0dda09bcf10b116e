"""Real parts that a machine may lack, such as LibreOffice: asked for by name, never with a
stand-in."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

PROGRAMS = {"libreoffice": ("soffice", "libreoffice"), "ssh-keygen": ("ssh-keygen",)}


def require(name: str) -> str:
    """The path of a part's program; without it the test skips, or fails if GRANTCALC_REQUIRE names
    it."""
    for program in PROGRAMS[name]:
        if path := shutil.which(program):
            return path
    return _missing(name, f"{name} is not at hand (looked for {' and '.join(PROGRAMS[name])} on the PATH)")


def required(name: str) -> str:
    """The address of a server, from GRANTCALC_POSTGRESQL for postgresql; without it as above."""
    variable = f"GRANTCALC_{name.upper()}"
    return os.environ.get(variable) or _missing(name, f"{variable} gives no URL of a server")


def _missing(name: str, reason: str) -> NoReturn:
    if name in os.environ.get("GRANTCALC_REQUIRE", "").split(","):
        pytest.fail(f"{reason}, and GRANTCALC_REQUIRE names it")
    pytest.skip(reason)
