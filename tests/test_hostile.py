"""Hostile and odd packages are refused by name or read rightly, and each check is guarded by a
fixture of its own."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType

import pytest
from hypothesis import settings

from grantcalc.errors import WorkbookRejected
from grantcalc.xlsx import cell_values, formats, grammar, parts, reader, scan, worksheets
from grantcalc.xlsx.cell_values import CellValue, Doubt
from grantcalc.xlsx.reader import WorkbookRead, book_of_bytes
from grantcalc.xlsx.scan import Limits, Report
from tests import fuzz
from tests.hostile import FIXTURES, Fixture

MODULES: tuple[ModuleType, ...] = (scan, grammar, parts, formats, cell_values, worksheets, reader)
OWN = [fixture for fixture in FIXTURES if not fixture.also]


@cache
def made(fixture: Fixture) -> bytes:
    return fixture.make()


def outcome(data: bytes, limits: Limits) -> str:
    """What comes of a package, as `hostile` writes it."""
    try:
        return told(book_of_bytes(data, "hostile.xlsx", limits))
    except WorkbookRejected as refused:
        found = refused.findings[0]
        return f"refused: {found.cause}" + (f" {found.place.sheet}!{found.place.cell}" if found.place.sheet else "")


def told(book: WorkbookRead) -> str:
    cells = [cell_told(cell) for rows in book.sheets.values() for _, cells in rows for cell in cells]
    notes = [f"! {n.cause} " + (f"{n.place.sheet}!{n.place.cell}" if n.place.sheet else "") for n in book.notes]
    return " | ".join(cells + notes)


def cell_told(cell: CellValue) -> str:
    value = f"? {cell.value.cause}" if isinstance(cell.value, Doubt) else repr(cell.value)
    return f"{cell.ref} {value} {cell.formula}".rstrip()


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda f: f.name)
def test_it_is_refused_by_name_or_read_rightly(fixture: Fixture) -> None:
    assert outcome(made(fixture), fixture.limits) == fixture.expected


def test_there_are_enough_of_them() -> None:
    assert len(OWN) >= 60
    assert len({fixture.name for fixture in FIXTURES}) == len(FIXTURES)


# --- each check has a fixture that fails without it, and no other does ---


def causes(module: ModuleType) -> Iterator[str]:
    """The cause of each refusal, error, warning and doubt that a module's source can give."""
    places = {"refuse": 0, "Doubt": 0, "note": 2, "_add": 1, "add": 0}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            at = places.get(name)
            if at is not None and len(node.args) > at and isinstance(argument := node.args[at], ast.Constant):
                yield str(argument.value)


CHECKS = sorted({cause for module in MODULES for cause in causes(module)})


def guards(fixture: Fixture, cause: str) -> bool:
    """Whether a fixture expects this cause."""
    return any(cause == word for word in fixture.expected.replace("|", " ").split())


@pytest.mark.parametrize("cause", CHECKS)
def test_without_its_check_this_fixture_alone_comes_out_otherwise(cause: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tellers = [fixture for fixture in OWN if cause in tells(fixture)]  # to all others nothing is changed
    listen(monkeypatch, lambda told: told != cause)
    otherwise = [fixture.name for fixture in tellers if not allowed(fixture)]
    assert otherwise == [fixture.name for fixture in OWN if guards(fixture, cause)]
    assert otherwise


@cache
def tells(fixture: Fixture) -> frozenset[str]:
    """The causes that are told while a package is read, whatever comes of them."""
    found = set[str]()

    def keep(cause: str) -> bool:
        found.add(cause)
        return True

    with pytest.MonkeyPatch.context() as patch:
        listen(patch, keep)
        assert allowed(fixture)
    return frozenset(found)


def listen(patch: pytest.MonkeyPatch, keep: Callable[[str], bool]) -> None:
    """Have each check ask whether it may tell of its cause."""

    def asking(tell: Callable[..., object], at: int) -> Callable[..., object]:
        return lambda *facts, **more: tell(*facts, **more) if keep(facts[at]) else "let through"

    for name, at in (("refuse", 1), ("add", 3), ("note", 3)):
        patch.setattr(Report, name, asking(getattr(Report, name), at))
    for module in (cell_values, worksheets):
        patch.setattr(module, "Doubt", asking(Doubt, 0))


def allowed(fixture: Fixture) -> bool:
    """Whether what comes of a package is what must; without one of its checks anything may."""
    try:
        return outcome(made(fixture), fixture.limits) == fixture.expected
    except Exception:  # noqa: BLE001 (this is why there is a check)
        return False


# --- damaged at random ---


@pytest.mark.slow
def test_whatever_is_damaged_is_read_or_refused() -> None:
    """A few hundred of the mutants of `make fuzz`."""
    assert list(fuzz.faults(2012, range(settings().max_examples * 12))) == []
