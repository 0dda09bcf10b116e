"""What importing grantcalc loads, and that the public names are the same to Python as to a type
checker."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import grantcalc

SRC = Path(__file__).resolve().parent.parent / "src"
ASKED_FOR = {"cattrs", "click", "rich", "sqlalchemy", "openpyxl"}


def loaded(code: str) -> set[str]:
    """The modules in a fresh interpreter that has run some code."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


class TestLoaded:
    """A library that only some of the work needs is loaded by that work, and not by an import."""

    @pytest.mark.parametrize(
        "code", ["import grantcalc", "from grantcalc import Caseload, Month, bill", "import grantcalc.billing"]
    )
    def test_neither_by_the_package_nor_by_billing(self, code: str) -> None:
        found = loaded(code)
        assert "grantcalc" in found
        assert not ASKED_FOR & found

    def test_no_html_until_a_value_is_shown(self) -> None:
        claim = "from grantcalc import *\nvalue = Ledger()"
        assert not {"grantcalc.html", "grantcalc.notebook"} & loaded(claim)
        assert {"grantcalc.html", "grantcalc.notebook"} <= loaded(f"{claim}\nvalue._repr_html_()")

    def test_by_all_names_only_what_makes_records(self) -> None:
        assert ASKED_FOR & loaded("from grantcalc import *") == {"cattrs"}

    def test_by_the_package_alone_no_module_of_its_own(self) -> None:
        assert {name for name in loaded("import grantcalc") if name.startswith("grantcalc")} == {"grantcalc"}


class TestNames:
    """Each public name is there when it is asked for, and the stub says the same as the module."""

    def test_the_stub_says_where_each_name_stands(self) -> None:
        stub = ast.parse((SRC / "grantcalc" / "__init__.pyi").read_text("utf-8"))
        homes = {
            alias.name: node.module for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names
        }
        exported = next(node.value for node in stub.body if isinstance(node, ast.Assign))
        assert sorted(ast.literal_eval(exported)) == grantcalc.__all__ == sorted(homes)
        for name, module in homes.items():
            assert getattr(grantcalc, name) is getattr(sys.modules[str(module)], name), name

    def test_a_star_import_gives_them_all(self) -> None:
        names: dict[str, object] = {}
        exec("from grantcalc import *", names)
        assert {*names} - {"__builtins__"} == {*grantcalc.__all__}

    def test_they_are_listed(self) -> None:
        assert {*grantcalc.__all__, "__version__"} <= {*dir(grantcalc)}

    def test_the_version(self) -> None:
        assert grantcalc.__version__[0].isdigit()

    def test_no_other_name(self) -> None:
        with pytest.raises(AttributeError, match="module 'grantcalc' has no attribute 'nobody'"):
            grantcalc.nobody  # type: ignore[attr-defined]  # noqa: B018
