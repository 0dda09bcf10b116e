"""Every published program: its terms are read, and its worked cases come out to the cent."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from grantcalc.cases import Case, worked_cases
from grantcalc.errors import NotInForce, TermsRejected
from grantcalc.provenance import Authority
from grantcalc.terms import Filling, RateKey, award_terms, fill_terms, load_terms, published_terms

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


LATER = Authority("notice of the award (illustrative)")


def filling(term: str, effective: date, published: date, value: str = "4.75") -> Filling:
    return Filling(term=term, value=Decimal(value), effective=effective, published=published, authority=LATER)


class TestAfterItsEnd:
    """After its end a series is an open term: the award fills it in with dates and source; unfilled it is refused."""

    TERM, KEY = "rate.free_lunch.contiguous", RateKey("", "free_lunch", "contiguous")
    LAST, FIRST, NOTICE = date(2026, 6, 30), date(2026, 7, 1), date(2025, 7, 24)

    def rate(self, day: date, known: date, *said: Filling) -> str:
        """The rate of a free lunch, with its citation; or that it is refused."""
        terms = fill_terms(load_terms("school-meals"), said)
        try:
            fact = terms.services[0].rates[self.KEY].at(day, known)
        except NotInForce as refused:
            return f"refused: {refused}"
        return f"{fact.value}, {fact.authority}"

    def test_the_last_day_and_the_next(self) -> None:
        late = date(2026, 11, 30)
        assert self.rate(self.LAST, late).startswith("4.60, FR Doc. 2025-13879")
        assert self.rate(self.FIRST, late).startswith("refused: no rate of lunches in phase free_lunch")
        said = filling(self.TERM, self.FIRST, date(2026, 7, 20))
        assert self.rate(self.LAST, late, said).startswith("4.60")
        assert self.rate(self.FIRST, late, said) == f"4.75, {LATER}"
        assert self.rate(self.FIRST, date(2026, 7, 19), said).startswith("refused")

    def test_a_later_first_day_leaves_a_gap(self) -> None:
        said = filling(self.TERM, date(2026, 9, 1), date(2026, 7, 20))
        assert self.rate(date(2026, 8, 31), date(2026, 11, 30), said).startswith("refused")
        assert self.rate(date(2026, 9, 1), date(2026, 11, 30), said).startswith("4.75")

    def test_the_award_does_not_replace_what_is_published(self) -> None:
        with pytest.raises(TermsRejected, match=r"published value holds.*2026-07-01 or later"):
            fill_terms(load_terms("school-meals"), [filling(self.TERM, self.LAST, date(2026, 7, 20))])

    @pytest.mark.parametrize("published", [NOTICE, NOTICE - timedelta(days=1)])
    def test_what_was_known_no_later_than_the_end_takes_its_place(self, published: date) -> None:
        assert self.rate(self.FIRST, self.NOTICE, filling(self.TERM, self.FIRST, published)).startswith("4.75")

    def test_each_year_ends_with_its_publication(self) -> None:
        """Before the notice of 24 July 2025 no rate is known for July; from then on it holds from the 1st."""
        day = date(2025, 7, 1)
        assert self.rate(day, self.NOTICE - timedelta(days=1)).startswith("refused")
        assert self.rate(day, self.NOTICE).startswith("4.60")
