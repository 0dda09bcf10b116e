"""Worked cases, and what if: one claim beside another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

from grantcalc import Caseload, Interval, Month, Unknown, bill
from grantcalc.billing import (
    Absence,
    Cost,
    Count,
    Enrollment,
    Household,
    OpeningBalance,
    Registration,
    UnitsUsed,
    compare,
    what_if,
)
from grantcalc.billing.caseload import SiteFigure
from grantcalc.billing.comparison import Changed
from grantcalc.cases import worked_cases
from grantcalc.eligibility import Letter
from grantcalc.money import Cents
from grantcalc.terms import Filling, fill_terms
from tests.test_billing_claims import CAPPED, MANY, NETWORK, PERSON, SAYS, YEAR, award, load
from tests.worked import (
    COSTS,
    KNOWN,
    SPRING,
    billed,
    care,
    case,
    terms,
)


class TestComparison:
    """What if: the same caseload under changed terms, as a difference by line and in total, by the
    same code path."""

    def test_a_changed_rate(self) -> None:
        filled = [
            Filling(
                term="rate.care", value=Decimal("310.00"), effective=YEAR.start, published=YEAR.start, authority=SAYS
            )
        ]
        of = terms(care("any_day", rate='rates = [{ open = "rate.care", cite = "m" }]\n'))
        network = evolve(NETWORK, awards=(award("A-1", fill_terms(of, filled)), award("B-2", terms(care("any_day")))))
        loads = [load("TWO", "S-2"), load("ONE")]
        found = what_if(loads, network, Month(2024, 12), {"rate.care": Decimal("300.00")})
        assert found.changed == tuple(
            Changed(
                subaward="S-1",
                service="care",
                pool="administration",
                phase="enrolled",
                month=Month(2024, month),
                before=31000,
                after=30000,
            )
            for month in (6, 7)
        )
        assert [c.difference for c in found.changed] == [-1000, -1000]
        assert found.difference.amount == Decimal("-20.00")
        assert (found.before.total.amount, found.after.total.amount) == (Decimal(1240), Decimal(1220))
        early = what_if(load("ONE"), network, Month(2024, 12), {"rate.care": Decimal("300.00")}, date(2024, 8, 1))
        assert early.after.known == early.before.known == date(2024, 8, 1)
        with pytest.raises(Unknown) as refused:
            what_if(loads, network, Month(2024, 12), {"rate.of.nothing": Decimal(1)})
        assert (refused.value.kind, refused.value.length) == ("term", 15)

    def test_other_facts(self) -> None:
        """A caseload in place of that of its issuer: the lines differ as if it had been
        reported."""
        network = evolve(NETWORK, awards=(award("A-1", terms(care("any_day"))), award("B-2", terms(care("any_day")))))
        one, two = load("ONE"), load("TWO", "S-2")
        (stay,) = one.enrollments
        longer = evolve(one, enrollments=(evolve(stay, days=Interval(stay.days.start, YEAR.end)),))
        made = what_if([one, two], network, Month(2024, 12), {}, instead=longer)
        assert made.before == bill([one, two], network, Month(2024, 12))
        assert made.after == bill([longer, two], network, Month(2024, 12), made.before.known)
        assert {(c.subaward, c.before, c.after) for c in made.changed} == {("S-1", 0, 31_000)}
        with pytest.raises(Unknown, match="not a known issuer"):
            what_if([one], network, Month(2024, 12), {}, instead=evolve(two, issuer="NOBODY"))

    def test_a_term_that_was_left_open(self) -> None:
        of = terms(care("any_day", rate='rates = [{ open = "rate.more", optional = true, cite = "m" }]\n') + COSTS)
        network = evolve(NETWORK, awards=(award("A-1", of), award("B-2", terms(care("any_day")))))
        made = what_if([load("ONE")], network, Month(2024, 12), {"rate.more": Decimal("5.00")})
        assert made.difference.amount == Decimal(5 * len(made.changed))
        assert made.changed

    def test_what_stands_is_compared(self) -> None:
        one, other = billed(COSTS + CAPPED, MANY), billed(COSTS, MANY)
        assert [(c.before, c.after) for c in compare(one, other).changed] == [(10000, 13000)]
        assert [(c.before, c.after) for c in compare(evolve(one, lines=(), reductions=()), other).changed] == [
            (0, 13000)
        ]
        assert [(c.before, c.after) for c in compare(other, evolve(one, lines=(), reductions=())).changed] == [
            (13000, 0)
        ]
        assert compare(one, one).changed == ()

    def test_what_is_only_in_one_of_both(self) -> None:
        empty = billed(COSTS, "")
        for cents in ("0.01", "-0.01", "0.00"):
            rows = f'costs = [{{ service = "costs", month = "2024-03", amount = "{cents} USD" }}]'
            amounts = [] if cents == "0.00" else [int(Decimal(cents) * 100)]
            only = billed(COSTS, rows)
            assert [c.difference for c in compare(empty, only).changed] == amounts
            assert [c.difference for c in compare(only, empty).changed] == [-a for a in amounts]

    def test_in_order(self) -> None:
        claim = bill([load("TWO", "S-2"), load("ONE")], NETWORK, Month(2024, 12))
        found = compare(evolve(claim, lines=()), evolve(claim, lines=claim.lines[::-1])).changed
        assert [(c.subaward, str(c.month)) for c in found] == [
            (s, m) for s in ("S-1", "S-2") for m in ("2024-06", "2024-07")
        ]


class TestCases:
    """A worked case says where what came out is not what it expects."""

    ROWS = SPRING + 'through = "2024-03"\nexpect = {expect}\n'

    def differences(self, expect: str) -> list[str]:
        return case(care("any_day"), self.ROWS.replace("{expect}", f"{{ {expect} }}")).differences()

    def test_nothing_where_all_is_to_the_cent(self) -> None:
        line = '{ month = "2024-03", amount = "310.00", quantity = "1", reason = "", phase = "enrolled" }'
        expect = f'earned = "310.00", held_back = "0.00", total = "310.00", requested = "310.00", lines = [{line}]'
        assert self.differences(expect) == []

    def test_what_may_be_said_of_a_line(self) -> None:
        said = 'service = "care", subaward = "S-1", pool = "administration", category = ""'
        assert self.differences(f"lines = [{{ {said} }}]") == []

    @pytest.mark.parametrize("name", ["earned", "held_back", "total", "requested"])
    def test_a_cent(self, name: str) -> None:
        (said,) = self.differences(f'{name} = "310.01"')
        assert said == f"a test: {name} is {'0.00' if name == 'held_back' else '310.00'}, should be 310.01"

    def test_lines_that_are_not_so(self) -> None:
        (said,) = self.differences('lines = [{ month = "2024-04" }]')
        assert said.startswith("a test: lines are [{'month': '2024-03', 'amount': '310.00', 'quantity': '1'}]")
        assert len(self.differences('lines = [{ month = "2024-03" }, { month = "2024-03" }]')) == 1
        assert len(self.differences("lines = []")) == 1

    def test_a_key_that_nobody_knows(self) -> None:
        with pytest.raises(Unknown) as refused:
            case(care("any_day"), "colour = 1")
        assert (refused.value.nearest, refused.value.length) == ("colour", 6)
        with pytest.raises(Unknown) as refused:
            case(care("any_day"), "zeal = 1\nyear = 1\ncolour = 1\nhue = 1")
        assert (refused.value.nearest, refused.value.length) == ("colour", 6)
        with pytest.raises(Unknown):
            case(care("any_day"), SPRING.replace("end", "until"))

    def test_a_programme_without_cases(self) -> None:
        with pytest.raises(Unknown) as refused:
            worked_cases("nothing")
        assert (refused.value.kind, refused.value.length) == ("worked case", 7)

    def test_rows_with_all_that_they_may_say(self) -> None:
        rows = """
        participants = [{ id = "P-1", age_group = "child", arrived = 2024-02-01, eligible = 2024-02-02 }]
        letters = [{ participant = "P-1", kind = "eligibility_letter", start = 2024-03-01, end = 2024-03-31 }]
        households = [{ participant = "P-1", start = 2024-03-01, family = 3, minors = 2, published = 2024-12-01 }]
        enrollments = [{ participant = "P-1", subaward = "S-2", service = "care", start = 2024-03-01, restored = true }]
        costs = [{ service = "costs", category = "food", amount = "1.00 USD", month = "2024-03", paid = 2024-04-02 }]
        counts = [{ service = "care", phase = "p", month = "2024-03", quantity = 4, unit = "meal", class = "b" }]
        units = [{ participant = "P-1", service = "care", day = 2024-03-01, quantity = 5, unit = "meal", class = "b" }]
        absences = [{ participant = "P-1", kind = "other", start = 2024-03-01, end = 2024-03-02, hours = 30 }]
        figures = [{ figure = "cost", value = 1.50, effective = 2024-01-01 }]
        openings = [{ participant = "P-1", window = "2024", pool = "direct", amount = "2.00 USD" }]
        """
        march = Interval(date(2024, 3, 1), date(2024, 3, 31))
        assert case(care("any_day"), rows).caseload == Caseload(
            issuer="SITE",
            report_date=KNOWN,
            participants=(Registration(PERSON, "child", date(2024, 2, 1), date(2024, 2, 2)),),
            letters=(Letter(participant=PERSON, kind="eligibility_letter", days=march, published=KNOWN),),
            households=(
                Household(
                    participant=PERSON, days=Interval(march.start), family=3, published=date(2024, 12, 1), minors=2
                ),
            ),
            enrollments=(
                Enrollment(
                    participant=PERSON,
                    subaward="S-2",
                    days=Interval(march.start),
                    published=KNOWN,
                    restored=True,
                    service="care",
                ),
            ),
            costs=(
                Cost(
                    participant=None,
                    subaward="S-1",
                    service="costs",
                    category="food",
                    amount=Cents(100),
                    paid=date(2024, 4, 2),
                    months=(Month(2024, 3),),
                    reference="0",
                    published=KNOWN,
                ),
            ),
            counts=(
                Count(
                    subaward="S-1",
                    service="care",
                    phase="p",
                    month=Month(2024, 3),
                    quantity=4,
                    published=KNOWN,
                    unit="meal",
                    rate_class="b",
                ),
            ),
            units=(
                UnitsUsed(
                    participant=PERSON,
                    subaward="S-1",
                    service="care",
                    day=march.start,
                    quantity=5,
                    published=KNOWN,
                    unit="meal",
                    rate_class="b",
                ),
            ),
            absences=(
                Absence(
                    participant=PERSON,
                    kind="other",
                    days=Interval(march.start, date(2024, 3, 2)),
                    published=KNOWN,
                    hours=30,
                ),
            ),
            figures=(
                SiteFigure(
                    subaward="S-1", name="cost", value=Decimal("1.50"), effective=date(2024, 1, 1), published=KNOWN
                ),
            ),
            openings=(
                OpeningBalance(
                    participant=PERSON, award="CASE-1", published=KNOWN, window="2024", pool="direct", amount=Cents(200)
                ),
            ),
        )

    def test_rows_with_the_least_that_they_may_say(self) -> None:
        rows = """
        households = [{ participant = "P-1", start = 2024-03-01, family = 3 }]
        enrollments = [{ participant = "P-1", start = 2024-03-01 }]
        costs = [{ participant = "P-1", service = "costs", amount = "1.00 USD", month = "2024-03" }]
        counts = [{ service = "care", month = "2024-03", quantity = 4 }]
        units = [{ participant = "P-1", service = "care", day = 2024-03-01, quantity = 5 }]
        absences = [{ participant = "P-1", kind = "other", start = 2024-03-01 }]
        openings = [{ participant = "P-1", phase = "p", months = 2 }]
        """
        march = Interval(date(2024, 3, 1))
        assert case(care("any_day"), rows).caseload == Caseload(
            issuer="SITE",
            report_date=KNOWN,
            participants=(Registration(PERSON),),
            letters=(),
            households=(Household(participant=PERSON, days=march, family=3, published=KNOWN),),
            enrollments=(Enrollment(participant=PERSON, subaward="S-1", days=march, published=KNOWN),),
            costs=(
                Cost(
                    participant=PERSON,
                    subaward="S-1",
                    service="costs",
                    category="",
                    amount=Cents(100),
                    paid=march.start,
                    months=(Month(2024, 3),),
                    reference="0",
                    published=KNOWN,
                ),
            ),
            counts=(
                Count(subaward="S-1", service="care", phase="", month=Month(2024, 3), quantity=4, published=KNOWN),
            ),
            units=(
                UnitsUsed(
                    participant=PERSON, subaward="S-1", service="care", day=march.start, quantity=5, published=KNOWN
                ),
            ),
            absences=(Absence(participant=PERSON, kind="other", days=march, published=KNOWN),),
            figures=(),
            openings=(OpeningBalance(participant=PERSON, award="CASE-1", published=KNOWN, phase="p", months=2),),
        )

    def test_what_the_award_fills_in_is_known_with_the_award(self) -> None:
        """And holds as long as the terms do, which were published on 1 December 2023."""
        of = care("any_day", rate='rates = [{ open = "rate.care", cite = "m" }]\n')
        award = "{ awarded = 2024-02-01, start = 2024-01-01, end = 2025-12-31 }"
        for awarded, effective, published in (
            (award, date(2024, 1, 1), date(2024, 2, 1)),
            (award.replace("2024-02-01", "2023-11-01"), date(2023, 12, 1), date(2023, 12, 1)),
        ):
            found = case(of, f'award = {awarded}\nfill = {{ "rate.care" = "5.00 USD" }}\n')
            ((fact,),) = (series.facts for series in found.terms.services[0].rates.values())
            assert (str(fact.value), fact.effective, fact.published) == ("5.00", effective, published)

    def test_its_subawards_and_its_award(self) -> None:
        found = case(care("any_day"), 'subawards = [{ id = "S-7", amount = "9.00 USD" }, { id = "S-8" }]\n').network
        assert [(s.id, s.parent, [f.value for f in s.amount.facts]) for s in found.subawards] == [
            ("S-7", "CASE-1", [900]),
            ("S-8", "CASE-1", []),
        ]
        (one,) = found.awards
        (period,) = one.budget_periods
        (fact,) = period.amount.facts
        assert (fact.value, fact.effective, fact.published) == (99999999900, date(2024, 1, 1), date(2023, 12, 1))
        assert period.amount.what == "amount"

    def test_the_award_of_a_case_may_be_small(self) -> None:
        rows = self.ROWS.replace("{expect}", '{ total = "310.00", requested = "100.00" }')
        small = 'award = { awarded = 2023-12-01, start = 2024-01-01, end = 2025-12-31, amount = "100.00 USD" }\n'
        assert case(care("any_day"), rows + small).differences() == []

    def test_an_advance_is_requested_before(self) -> None:
        rows = self.ROWS.replace("{expect}", '{ requested = "210.00" }') + 'advanced = "100.00 USD"\n'
        assert case(care("any_day"), rows).differences() == []
