"""Every published program: its terms are read, and its worked cases come out to the cent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grantcalc.cases import Case, worked_cases
from grantcalc.terms import award_terms, load_terms, published_terms

SOURCES = sorted((Path(__file__).resolve().parent.parent / "src" / "grantcalc").rglob("*.py"))
NAMES_OF = {
    "tvap-2018": ("tvap",),
    "cacfp-homes": ("cacfp",),
    "snap-first-month": ("snap-",),
    "va-grant-per-diem": ("per-diem",),
}
"""Shorter names, which a branch might use instead of the id."""

CASES = [pytest.param(case, id=f"{id}: {case.title}") for id in published_terms() for case in worked_cases(id).cases]


@pytest.mark.parametrize("case", CASES)
def test_worked_case_comes_out_to_the_cent(case: Case) -> None:
    assert case.differences() == []


@pytest.mark.parametrize("id", published_terms())
def test_every_value_says_what_it_rests_on(id: str) -> None:
    terms = load_terms(id)
    assert terms.id == id
    for service in terms.services:
        facts = [f for s in service.rates.values() for f in s.facts]
        facts += [f for p in service.provisions for f in p.values.facts]
        limits = [f for s in service.months.values() for f in s.facts]
        assert all(f.authority.citation for f in facts)
        assert all(f.authority.citation for f in limits)


def test_no_module_knows_a_programme_by_name() -> None:
    """A program is data: a new one is a new file, never a branch in code."""
    ids = {*published_terms(), *award_terms()} | {word for id in published_terms() for word in NAMES_OF.get(id, ())}
    for path in SOURCES:
        text = path.read_text("utf-8").lower()
        if "compliance" in path.parts or path.name == "record.py":
            text = re.sub(r"(?<![a-z])mtdc(?![a-z])", "", text)  # a definition of the federal rules too
        assert not [id for id in ids if re.search(rf"(?<![a-z]){re.escape(id)}(?![a-z])", text)], path.name


@pytest.mark.parametrize("id", ["tvap-2018", "state-homes", "cacfp-homes"])
def test_cases_are_read_again_to_the_same(id: str) -> None:
    """Read while the test runs, and not before: a fault in reading fails here."""
    worked = worked_cases(id)
    assert worked.says == worked.says.strip() != ""
    assert worked.illustrative
    assert [c.title for c in worked.cases] == [c.title for c in worked_cases(id).cases]
    assert [c.differences() for c in worked.cases] == [[] for _ in worked.cases]


def test_thirteen_rules_ship() -> None:
    assert len(published_terms()) == 13
