"""Every published program: its terms are read, and its worked cases come out to the cent."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from operator import add, sub, truediv
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner

from grantcalc.awards import BooksFigure
from grantcalc.cases import Case, worked_cases
from grantcalc.cli import main
from grantcalc.compliance import load_regimes
from grantcalc.errors import NotInForce, TermsRejected
from grantcalc.forms import sf425
from grantcalc.io.issued.claimbook import claim_book
from grantcalc.io.issued.requestbook import request_book
from grantcalc.known import Fact
from grantcalc.ledger import Ledger
from grantcalc.ledger.requests import request
from grantcalc.letter_years import published_letters
from grantcalc.provenance import Authority
from grantcalc.regions import OFFICES
from grantcalc.terms import Filling, RateKey, award_terms, fill_terms, load_terms, published_terms
from grantcalc.terms.ends import billed_until, newest_publication, values_of

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


LOOKED_UP = re.compile(
    r"(\d+ FR \d+|\d+ (CFR|USC) [\d.]+|FR Doc\. \d|FOA HHS-|HHS-20\d\d-|Pub\. L\. \d|Assistance Listing \d|NOT-OD-"
    r"|fact sheet of \d|notice of \d|1 (January|July|October) 20\d\d)"
)
"""What a reader can look a citation up by: a document's number, a section, or the day of a notice
or table."""


def arithmetic(text: str) -> tuple[Fraction, Fraction]:
    """Both sides of `1.66 + 0.04 = 1.70`, exactly."""
    left, right = text.split(" = ")
    first, *rest = left.split()
    total = Fraction(first)
    for sign, number in zip(rest[::2], rest[1::2], strict=True):
        total = CALCULATE[sign](total, Fraction(number))
    return total, Fraction(right)


CALCULATE: dict[str, Callable[[Fraction, Fraction], Fraction]] = {"+": add, "-": sub, "/": truediv}


@pytest.mark.parametrize("id", [*published_terms(), *award_terms()])
def test_every_value_says_what_it_rests_on(id: str) -> None:
    """A citation that a reader can look up, both dates, seen or derived with its arithmetic."""
    terms = load_terms(id)
    assert terms.id == id
    values = [*values_of(terms)]
    assert values or terms.opens
    for fact in values:
        assert date(1980, 1, 1) < fact.effective < date(2030, 1, 1)
        assert date(1980, 1, 1) < fact.published <= date(2026, 11, 30)
        assert "published totals" not in fact.authority.citation
        if terms.status == "published" and fact.value is not None:
            assert LOOKED_UP.search(fact.authority.citation), fact.authority.citation
        if fact.authority.note:
            assert fact.authority.note.startswith("derived: ")
            computed, said = arithmetic(fact.authority.note.removeprefix("derived: "))
            assert computed == said == Fraction(fact.value.value)
    assert all(o.authority.citation for o in terms.opens)


def test_what_ships_beside_terms_says_what_it_rests_on() -> None:
    """Rules of compliance, letters and offices: each with a citation that has a number in it, and
    both dates."""
    facts: list[Fact[Any]] = [f for by in load_regimes().rules.values() for s in by.values() for f in s.facts]
    facts += [f for series in published_letters().values() for f in series.facts]
    facts += [Fact(o.city, o.effective, o.published, o.authority) for o in OFFICES]
    for fact in facts:
        said = f"{fact.authority}"
        assert "published totals" not in said
        assert re.search(r"\d", said) or "HHS, certification and eligibility letters" in said, said
        assert fact.published <= date(2026, 11, 30)


def test_an_end_has_a_value_before_it() -> None:
    for id in published_terms():
        for service in load_terms(id).services:
            for series in service.rates.values():
                assert series.facts[0].value is not None


@pytest.mark.parametrize(
    ("id", "until", "newest"),
    [
        ("cacfp-centers", date(2026, 6, 30), date(2025, 7, 24)),
        ("cacfp-homes", date(2026, 6, 30), date(2025, 7, 24)),
        ("ihs-visits", date(2016, 12, 31), date(2016, 3, 9)),
        ("matching-grant", date(2017, 9, 30), date(2007, 12, 31)),
        ("medicaid-capitation", None, date(2016, 5, 6)),
        ("mtdc", None, date(2024, 10, 2)),
        ("rca-ceilings", date(2021, 9, 30), date(2000, 3, 22)),
        ("reception-and-placement", date(2010, 9, 30), date(2010, 1, 25)),
        ("refugee-cash-assistance", None, date(2025, 3, 21)),
        ("school-meals", date(2026, 6, 30), date(2025, 7, 24)),
        ("snap-allotments", date(2026, 9, 30), date(2025, 10, 1)),
        ("snap-first-month", None, date(2008, 6, 18)),
        ("ssi", date(2026, 12, 31), date(2026, 1, 1)),
        ("state-homes", None, date(2018, 11, 28)),
        ("summer-meals", date(2026, 12, 31), date(2026, 2, 28)),
        ("tvap-2018", None, date(2018, 9, 30)),
        ("va-grant-per-diem", None, date(2025, 1, 31)),
    ],
)
def test_until_when_a_program_can_be_billed(id: str, until: date | None, newest: date) -> None:
    terms = load_terms(id)
    assert (billed_until(terms), newest_publication(terms)) == (until, newest)
    printed = CliRunner().invoke(main, ["programs"]).output
    says = f"billed to {until}, later at the award's rates" if until else "without an end"
    listed = printed.partition(f"{id}: ")[2].partition("worked cases")[2]
    assert f"\n    {says}; newest publication {newest}\n" in listed


def test_programs_show_says_seen_or_derived() -> None:
    shown = CliRunner().invoke(main, ["programs", "show", "cacfp-homes"]).output
    assert "snack, tier_1: 0.93 USD\n      for service from 2024-07-01, published 2024-07-01, seen: " in shown
    assert "published 2025-07-24, derived: CACFP" in shown
    assert "(derived: 0.93 + 0.03 = 0.96)" in shown
    assert "  rate.snack.tier_1 (rate, from 2026-07-01)" in shown


def test_no_module_knows_a_programme_by_name() -> None:
    """A program is data: a new one is a new file, never a branch in code."""
    ids = {*published_terms(), *award_terms()} | {word for id in published_terms() for word in NAMES_OF.get(id, ())}
    for path in SOURCES:
        text = path.read_text("utf-8").lower()
        if "compliance" in path.parts or path.name == "record.py":
            text = re.sub(r"(?<![a-z])mtdc(?![a-z])", "", text)  # a definition of the federal rules too
        if path.name == "demo.py":
            text = text.replace("tvap", "").replace("matching-grant-2007", "")  # folders of examples
        assert not [id for id in ids if re.search(rf"(?<![a-z]){re.escape(id)}(?![a-z])", text)], path.name


@pytest.mark.parametrize("id", ["tvap-2018", "state-homes", "cacfp-homes"])
def test_cases_are_read_again_to_the_same(id: str) -> None:
    """Read while the test runs, and not before: a fault in reading fails here."""
    worked = worked_cases(id)
    assert worked.says == worked.says.strip() != ""
    assert worked.illustrative
    assert [c.title for c in worked.cases] == [c.title for c in worked_cases(id).cases]
    assert [c.differences() for c in worked.cases] == [[] for _ in worked.cases]


def test_the_readme_says_how_many_programs_ship() -> None:
    statuses = [load_terms(id).status for id in published_terms()]
    published, illustrative = statuses.count("published"), statuses.count("illustrative")
    says = (
        f"terms of {len(statuses)} programs are included, {published} of them published and {illustrative} illustrative"
    )
    assert says in (Path(__file__).resolve().parent.parent / "README.md").read_text("utf-8")


def test_one_term_is_one_term() -> None:
    printed = CliRunner().invoke(main, ["programs"]).output
    assert "; 1 term left to the award; " in printed
    assert "; 0 terms left to the award; " in printed
    assert "1 terms" not in printed


@pytest.mark.parametrize(("match", "each"), [(Fraction(10, 22), 100_000), (Fraction(1, 2), 110_000)])
def test_the_match_of_a_matching_grant_client_is_exact(match: Fraction, each: int) -> None:
    """2.20 to 1.00 is 1,000.00 for each client of 2007; 2 to 1, from fiscal year 2010 on, is
    1,100.00."""
    case = worked_cases("matching-grant").cases[1]
    book = BooksFigure(
        award="CASE-1",
        budget_period="budget period",
        name="match",
        value=match,
        effective=case.known,
        published=case.known,
    )
    ledger = Ledger().post(case.claim())
    asked = request(ledger, evolve(case.network, financials=(book,)), "CASE-1", "budget period", case.known)
    assert sf425(asked).line("10i").amount == 27_272 * each


class TestNotesOnTerms:
    """What went stale is told on screen, in Notes and on page 1; what the award filled in after an
    end, in Notes."""

    @staticmethod
    def noted(id: str, known: date, title: str = "") -> list[tuple[str, str]]:
        """The notes on the terms of the worked case with this title, as known on a day."""
        case = next(c for c in worked_cases(id).cases if title in c.title)
        claim = evolve(case, known=known).claim()
        book = claim_book(claim)
        cover = [str(value) for block in book.sheets[0].blocks[:1] for row in block.rows for value in row]
        told = [(note.cause, note.problem) for note in claim.notes if note.cause in ("old_terms", "ended_terms")]
        for cause, problem in told:
            assert any(problem in value for value in cover) == (cause == "old_terms")
        assert len(told) == len(set(told))
        return told

    @pytest.mark.parametrize(("known", "old"), [(date(2019, 9, 30), False), (date(2021, 9, 30), False), (date(2021, 10, 1), True)])  # fmt: skip # noqa: E501
    def test_a_series_without_an_end(self, known: date, old: bool) -> None:
        """36 months after 2018-09-30 the ceilings of the announcement of 2018 are told of."""
        said = ("old_terms", "the newest rate that this file knows was published on 2018-09-30")
        assert self.noted("tvap-2018", known) == [said] * old

    def test_what_an_award_filled_in_is_newer_and_does_not_hide_it(self) -> None:
        told = self.noted("cacfp-homes", date(2026, 8, 15), "The award fills in the rate of a snack")
        ended = "the published rates of meals end on 2026-06-30; from 2026-07-01 those of the award are used"
        old = "the newest rate that this file knows was published on 2025-07-24"
        assert told == [("ended_terms", f"{ended}: worked case, illustrative"), ("old_terms", old)]

    def test_what_an_award_filled_in_between_two_values_names_its_own_end(self) -> None:
        ended = "the published rates of meals end on 2024-12-31; from 2025-01-01 those of the award are used"
        told = self.noted("summer-meals", date(2026, 3, 15), "A year between two tables")
        assert told == [("ended_terms", f"{ended}: worked case, illustrative")]

    def test_nothing_is_told_of_terms_that_are_current(self) -> None:
        assert self.noted("cacfp-homes", date(2025, 8, 15), "The same 154") == []
        assert self.noted("cacfp-homes", date(2026, 7, 24), "The same 154") == []
        assert self.noted("cacfp-homes", date(2026, 7, 25), "The same 154") != []

    def test_a_request_tells_it_too(self) -> None:
        case = evolve(worked_cases("tvap-2018").cases[0], known=date(2026, 11, 30))
        asked = request(Ledger().post(case.claim()), case.network, "CASE-1", "budget period", case.known)
        said = "the newest rate that this file knows was published on 2018-09-30"
        assert said in [note.problem for note in asked.notes]
        (cover, *_) = request_book([asked]).sheets[0].blocks
        assert ("Note", f"tvap-2018.toml: {said}") in cover.rows

    def test_a_rule_without_a_rhythm(self) -> None:
        assert self.noted("ssi", date(2026, 11, 30)) == []


LATER = Authority("notice of the award (illustrative)")


def filling(term: str, effective: date, published: date, value: str = "4.75") -> Filling:
    return Filling(term=term, value=Decimal(value), effective=effective, published=published, authority=LATER)


class TestAfterItsEnd:
    """After its end a series is an open term: the award fills it in with dates and source; unfilled
    it is refused."""

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

    @pytest.mark.parametrize(
        ("id", "term", "begins"),
        [
            ("state-homes", "rate.nursing_home", date(2018, 12, 28)),
            ("state-homes", "rate.domiciliary", date(2018, 12, 28)),
            ("va-grant-per-diem", "rate.supportive_housing", date(2021, 7, 26)),
            ("va-grant-per-diem", "rate.service_center", date(2021, 7, 26)),
        ],
    )
    def test_no_rate_before_its_rule_begins(self, id: str, term: str, begins: date) -> None:
        """Else a day before would be paid at the rate without the lesser-of that came with the
        rule."""
        with pytest.raises(TermsRejected, match=f"{begins} or later"):
            fill_terms(load_terms(id), [filling(term, begins - timedelta(days=1), begins)])
        assert fill_terms(load_terms(id), [filling(term, begins, begins)]).services

    def test_a_value_that_is_not_at_hand_is_refused(self) -> None:
        """Five persons in urban Alaska, January to September 2021: not paid at the allotment
        before."""
        rates = load_terms("snap-allotments").service("allotment").rates[RateKey(size="5", words=("alaska_urban",))]
        late = date(2026, 11, 30)
        assert str(rates.at(date(2020, 12, 31), late).value) == "995.00"
        for day in (date(2021, 1, 1), date(2021, 9, 30)):
            with pytest.raises(NotInForce):
                rates.at(day, late)
        assert str(rates.at(date(2021, 10, 1), late).value) == "1276.00"

    def test_a_later_first_day_leaves_a_gap(self) -> None:
        said = filling(self.TERM, date(2026, 9, 1), date(2026, 7, 20))
        assert self.rate(date(2026, 8, 31), date(2026, 11, 30), said).startswith("refused")
        assert self.rate(date(2026, 9, 1), date(2026, 11, 30), said).startswith("4.75")

    def test_the_award_does_not_replace_what_is_published(self) -> None:
        with pytest.raises(TermsRejected, match=r"published value has ended.*2026-07-01 or later"):
            fill_terms(load_terms("school-meals"), [filling(self.TERM, self.LAST, date(2026, 7, 20))])

    @pytest.mark.parametrize("published", [NOTICE, NOTICE - timedelta(days=1)])
    def test_what_was_known_no_later_than_the_end_takes_its_place(self, published: date) -> None:
        assert self.rate(self.FIRST, self.NOTICE, filling(self.TERM, self.FIRST, published)).startswith("4.75")

    @pytest.mark.parametrize("year", range(2015, 2026))
    @pytest.mark.parametrize("place", ["contiguous", "alaska", "hawaii"])
    def test_a_free_lunch_is_40_cents_more_than_one_at_a_reduced_price(self, year: int, place: str) -> None:
        """On each day of each school year, from the first to the last."""
        rates = load_terms("school-meals").services[0].rates
        for day in (date(year, 7, 1), date(year + 1, 6, 30)):
            free, reduced = (
                rates[RateKey("", unit, place)].at(day, date(2026, 11, 30)).value.value
                for unit in ("free_lunch", "reduced_price_lunch")
            )
            assert free - reduced == Decimal("0.40")

    def test_each_year_ends_with_its_publication(self) -> None:
        """Before the notice of 24 July 2025 no rate is known for July; from then on it holds from
        the 1st."""
        day = date(2025, 7, 1)
        assert self.rate(day, self.NOTICE - timedelta(days=1)).startswith("refused")
        assert self.rate(day, self.NOTICE).startswith("4.60")
