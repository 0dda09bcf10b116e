"""Known later: the difference to what was posted, line by line, with its reasons (Rulebook 8.1 to
8.4)."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve

from grantcalc import Caseload, Interval, Month, Network, Participant, Unpostable, adjust, bill
from grantcalc.amendments import with_amendments
from grantcalc.awards import Amendment, Award, BudgetPeriod, Disallowance, Organization, Subaward
from grantcalc.billing import Cost, Enrollment, Household, Registration
from grantcalc.billing.lines import Reduction
from grantcalc.eligibility import Letter
from grantcalc.known import Fact, Series
from grantcalc.ledger import Adjustments
from grantcalc.ledger.differences import Tally
from grantcalc.ledger.entries import Change, bare, line_of
from grantcalc.ledger.ledger import Ledger
from grantcalc.money import Cents
from grantcalc.provenance import Authority
from grantcalc.terms import read_terms

FAIN, YEAR = "90ZV0101", Interval(date(2011, 10, 1), date(2012, 9, 30))
FIRST, LATER = date(2012, 1, 10), date(2012, 3, 10)
DECEMBER, JANUARY, FEBRUARY = Month(2011, 12), Month(2012, 1), Month(2012, 2)
ONE, TWO = Participant("SUB-A", "P-1"), Participant("SUB-A", "P-2")
SAYS = Authority("a test")

TERMS = """
format = 1
id = "case"
title = "ILLUSTRATIVE: a program of a test"
status = "illustrative"
effective = 2011-10-01
published = 2011-09-30
[cite]
manual = "ILLUSTRATIVE: Manual, section 4"
[phases]
certified = ["certification_letter"]
waiting = []
[services.care]
title = "Care"
pool = "administration"
cite = "manual"
count = "any_day"
phase_of_month = "first"
rates = [
    { phase = "certified", value = "100.00 USD", effective = 2011-10-01, published = 2011-09-30, cite = "manual" },
    { phase = "waiting", value = "80.00 USD", effective = 2011-10-01, published = 2011-09-30, cite = "manual" },
    RATE
]
[services.expenses]
title = "Expenses"
pool = "direct"
cite = "manual"
count = "actual_cost"
categories = ["food"]
[ceilings.person]
title = "Ceiling of a participant"
cite = "manual"
window = "budget_period"
family = "on_any_day"
amounts = [
    { tier = "alone", value = "350.00 USD", effective = 2011-10-01, published = 2011-09-30, cite = "manual" },
    { tier = "with_family", value = "450.00 USD", effective = 2011-10-01, published = 2011-09-30, cite = "manual" },
]
"""
NEW_RATE = (
    '{ phase = "certified", value = "110.00 USD", effective = 2011-11-01, published = 2012-02-01, cite = "manual" },'
)


BOTH = ("SUB-A", "SUB-B")


def network(rate: str = NEW_RATE, amount: int = 100_000, reporters: tuple[str, ...] = BOTH[:1]) -> Network:
    """An award and one subaward of so many cents; a rate that was published later is in it from the
    first."""
    terms = read_terms(TERMS.replace("RATE", rate), "case.toml")
    obligated = Series("amount", [Fact(Cents(10_000_000), YEAR.start, date(2011, 9, 30), SAYS)])
    award = Award(
        fain=FAIN,
        recipient="PRIME",
        agency="HHS/ACF",
        listing="93.598",
        awarded=date(2011, 9, 30),
        period=YEAR,
        terms=terms,
        budget_periods=(BudgetPeriod("Y1", YEAR, obligated),),
    )
    of = Series("subaward", [Fact(Cents(amount), YEAR.start, date(2011, 9, 30), SAYS)])
    organizations = (
        Organization(id="PRIME", name="Prime"),
        Organization(id="SUB-A", name="Sub"),
        Organization(id="SUB-B", name="Other"),
    )
    subaward = Subaward(id="S-1", parent=FAIN, subrecipient="SUB-A", period=YEAR, amount=of, reported_by=reporters)
    return Network(report_date=date(2011, 9, 30), organizations=organizations, awards=(award,), subawards=(subaward,))


def caseload(*more: object, on: date = FIRST, who: tuple[Participant, ...] = (ONE, TWO)) -> Caseload:
    """Two participants, enrolled from 15 November; the first with a letter of that day. And further
    rows."""
    start = date(2011, 11, 15)
    rows = [Enrollment(participant=p, subaward="S-1", days=Interval(start), published=FIRST) for p in who]
    return Caseload(
        issuer="SUB-A",
        report_date=on,
        participants=tuple(Registration(p) for p in who),
        letters=(
            Letter(participant=ONE, kind="certification_letter", days=Interval(start), published=FIRST),
            *(x for x in more if isinstance(x, Letter)),
        ),
        households=tuple(x for x in more if isinstance(x, Household)),
        enrollments=(*rows, *(x for x in more if isinstance(x, Enrollment))),
        costs=(*COSTS, *(x for x in more if isinstance(x, Cost))),
    )


COSTS = (
    Cost(
        participant=ONE,
        subaward="S-1",
        service="expenses",
        category="food",
        amount=Cents(12_000),
        paid=date(2011, 12, 20),
        months=(),
        reference="V-2",
        published=FIRST,
    ),
)


CLAIM = bill(caseload(), network(""), DECEMBER, FIRST)


def adjusted(*more: object, rate: str = "", since: Network | None = None, **how: object) -> Adjustments:
    """What is posted through December as known on 10 January; then what those months come to on 10
    March."""
    before = network(rate)
    ledger = Ledger().post(bill(caseload(), before, DECEMBER, FIRST))
    found = adjust(ledger, caseload(*more, on=LATER), since or before, DECEMBER, LATER)
    after = ledger.post(found.claim, found.changes)
    assert after.total == found.claim.total  # posted + adjustments = billed afresh
    assert after.post(found.claim) == after
    return found


def reasons(found: Adjustments) -> dict[str, tuple[int, int]]:
    return {reason: (more, less) for reason, (_, more, less) in found.by_reason().items()}


def test_the_first_claim_has_no_reasons() -> None:
    """2 × 80 and 100 twice: 100 + 100 + 80 + 80 of care, and 120 of food."""
    found = adjust(Ledger(), caseload(), network(), DECEMBER, FIRST)
    assert found.claim.total.amount == 480
    assert found.since is None
    assert reasons(found) == {"": (48_000, 0)}
    assert found.sentences() == ("First claim of SUB-A through 2011-12: 480.00 USD.",)


def test_nothing_new_changes_nothing() -> None:
    assert adjusted().changes == ()


def test_a_rate_amended_backwards() -> None:
    """110 instead of 100 for November and December of the certified: 20 more; 350 still hold the
    330 that result."""
    found = adjusted(rate=NEW_RATE)
    assert reasons(found) == {"rate": (2_000, 0)}
    assert found.sentences() == (
        "As known on 2012-03-10, SUB-A is owed 20.00 USD more for months billed as known on 2012-01-10.",
        "Because of a rate or another term: 20.00 added (2 items).",
    )


def test_a_letter_that_came_late() -> None:
    """The second participant was certified from 1 December: 100 instead of 80."""
    late = Letter(participant=TWO, kind="certification_letter", days=Interval(date(2011, 12, 1)), published=LATER)
    assert reasons(adjusted(late)) == {"letter": (2_000, 0)}


def test_an_enrollment_that_came_late() -> None:
    """October counts too: 80 more for the second participant."""
    late = Enrollment(
        participant=TWO, subaward="S-1", days=Interval(date(2011, 10, 5), date(2011, 10, 6)), published=LATER
    )
    assert reasons(adjusted(late)) == {"enrollment": (8_000, 0)}


def test_what_a_late_line_displaces_is_recovered_reason_ceiling() -> None:
    """130 of food in November fill the first participant's 350 before December: 100 + 130 + 120
    stand, and the 100 of December's care are held back."""
    late = Cost(
        participant=ONE,
        subaward="S-1",
        service="expenses",
        category="food",
        amount=Cents(13_000),
        paid=date(2011, 11, 20),
        months=(),
        reference="V-1",
        published=LATER,
    )
    assert reasons(adjusted(late)) == {"cost": (13_000, 0), "ceiling": (0, -10_000)}


def test_a_household_turns_out_larger() -> None:
    """With family 450 stand: of 100 + 130 + 120 + 100, all. The household gives back what the cost
    displaced."""
    cost = Cost(
        participant=ONE,
        subaward="S-1",
        service="expenses",
        category="food",
        amount=Cents(13_000),
        paid=date(2011, 11, 20),
        months=(),
        reference="V-1",
        published=LATER,
    )
    family = Household(participant=ONE, days=Interval(date(2011, 11, 15)), family=2, published=LATER)
    found = adjusted(cost, family)
    assert reasons(found) == {"cost": (13_000, 0)}  # the household comes first, so nothing is displaced
    assert reasons(adjusted(family)) == {}
    before = network("")
    ledger = Ledger().post(bill(caseload(evolve(cost, published=FIRST)), before, DECEMBER, FIRST))
    now = adjust(ledger, caseload(evolve(cost, published=FIRST), family, on=LATER), before, DECEMBER, LATER)
    assert reasons(now) == {"household": (10_000, 0)}


def test_a_lower_ceiling_takes_back() -> None:
    """An amendment leaves the subaward 400.00 of the 480.00."""
    before = network("")
    less = Amendment(
        of="S-1", budget_period="", reference="1", amount=Cents(40_000), effective=YEAR.start, published=LATER
    )
    lowered = tuple(evolve(s, amount=with_amendments(s.amount, [less])) for s in before.subawards)
    assert reasons(adjusted(since=evolve(before, subawards=lowered))) == {"ceiling": (0, -8_000)}


def test_a_disallowance_and_its_reversal() -> None:
    before = network("")
    no = Disallowance(
        subaward="S-1", service="care", month=DECEMBER, amount=Cents(5_000), reference="D-1", published=LATER
    )
    found = adjusted(since=evolve(before, disallowances=(no,)))
    assert reasons(found) == {"disallowance": (0, -5_000)}
    (limit,) = found.claim.reductions
    assert limit.explain() == "50.00 of 2011-12 disallowed: disallowance D-1 (published 2012-03-10) (Rulebook 8.4)"
    back = evolve(no, amount=Cents(-5_000))
    assert reasons(adjusted(since=evolve(before, disallowances=(no, back)))) == {}


def test_a_disallowance_of_more_than_was_billed_says_so() -> None:
    no = Disallowance(
        subaward="S-1", service="care", month=Month(2011, 10), amount=Cents(5_000), reference="D-1", published=FIRST
    )
    claim = bill(caseload(), evolve(network(""), disallowances=(no,)), DECEMBER, FIRST)
    (note,) = [n for n in claim.notes if n.cause == "disallowance"]
    assert note.problem == "50.00 of this disallowance has no billed cost to reduce"
    assert claim.total.amount == 480


def test_a_row_that_vanished_is_a_correction() -> None:
    """The new caseload has no second participant, and no date says why: 160 back."""
    before = network("")
    ledger = Ledger().post(bill(caseload(), before, DECEMBER, FIRST))
    gone = caseload(on=LATER, who=(ONE,))
    assert reasons(adjust(ledger, gone, before, DECEMBER, LATER)) == {"correction": (0, -16_000)}
    told = adjust(ledger, gone, before, DECEMBER, LATER, before=([caseload()], before))
    assert reasons(told) == {"enrollment": (0, -16_000)}


def test_new_months_are_not_adjustments() -> None:
    before = network("")
    ledger = Ledger().post(bill(caseload(), before, DECEMBER, FIRST))
    late = Letter(participant=TWO, kind="certification_letter", days=Interval(date(2011, 12, 1)), published=LATER)
    found = adjust(ledger, caseload(late, on=LATER), before, FEBRUARY, LATER)
    assert reasons(found) == {"": (20_000, 0), "letter": (2_000, 0)}  # 350 each: 30 and 0; 100 and 70
    assert found.sentences()[-2:] == (
        "New months through 2012-02: 200.00 USD (4 items).",
        "Because of letters: 20.00 added (1 item).",
    )


def test_several_reasons_sum_to_the_difference() -> None:
    late = (
        Letter(participant=TWO, kind="certification_letter", days=Interval(date(2011, 12, 1)), published=LATER),
        Enrollment(
            participant=TWO, subaward="S-1", days=Interval(date(2011, 10, 5), date(2011, 10, 6)), published=LATER
        ),
        Cost(
            participant=ONE,
            subaward="S-1",
            service="expenses",
            category="food",
            amount=Cents(13_000),
            paid=date(2011, 11, 20),
            months=(),
            reference="V-1",
            published=LATER,
        ),
    )
    found = adjusted(*late, rate=NEW_RATE)
    # after the rate 110 + 110 + 120 stand; of 110 + 130 + 120 + 110 the ceiling lets 350 stand
    assert reasons(found) == {
        "rate": (2_000, 0),
        "enrollment": (8_000, 0),
        "letter": (3_000, 0),
        "cost": (13_000, 0),
        "ceiling": (0, -12_000),
    }
    assert found.total.amount == 140


def test_changes_that_are_not_the_difference_are_not_posted() -> None:
    claim = bill(caseload(), network(), DECEMBER, FIRST)
    with pytest.raises(Unpostable, match="not the difference"):
        Ledger().post(claim, [Change(claim.lines[0], 1, 1, "rate")])


def test_items_that_are_equal_count_together() -> None:
    """Twice the same line is two lines; a difference names each item once, in order, and nothing
    that is alike."""
    one, other, _, cost, *_ = CLAIM.lines
    held = Reduction(kind="ceiling", id="cap", window="Y1", room=5_000, authority=SAYS, line=one, amount=-1_000)
    twice, once = Tally.of((one, one, other, held)), Tally.of((cost, one))
    assert twice.minus(once) == (
        Change(bare(one), 1, one.amount),
        Change(bare(other), 1, other.amount),
        Change(bare(held), 1, -1_000),
        Change(bare(cost), -1, -cost.amount),
    )
    assert twice.minus(Tally.of((held, other, one, one))) == ()
    halves = evolve(one, amount=one.amount - 1), evolve(one, amount=1)
    assert Tally.of(halves).minus(Tally.of([Change(bare(one), 2, one.amount, "rate")])) == ()


class TestTheLatestFactsOfEachIssuer:
    """8.1: each issuer's reasons go by the latest posting that tells of it."""

    @staticmethod
    def of(issuer: str, on: date, *costs: tuple[int, Month, date]) -> Caseload:
        """Costs of one participant of an issuer, each of so many cents for a month, published on a
        day."""
        who = Participant(issuer, "P-1")
        rows = [
            Cost(
                participant=who,
                subaward="S-1",
                service="expenses",
                category="food",
                amount=Cents(cents),
                paid=month.first,
                months=(month,),
                reference=f"{issuer}-{n}",
                published=published,
            )
            for n, (cents, month, published) in enumerate(costs)
        ]
        return Caseload(issuer=issuer, report_date=on, participants=(Registration(who),), costs=tuple(rows))

    def test_posted_together_and_one_of_them_alone_later(self) -> None:
        """A and B are posted together, then A alone with a late cost of 50.00 and the 70.00 of the
        next month. Nothing new changes nothing; then 9.00 of that month come late: a cost, since
        what A posted alone."""
        before, first, second, third = network("", reporters=BOTH), date(2012, 1, 5), date(2012, 2, 5), date(2012, 4, 5)
        one, late = (10_000, DECEMBER, first), (5_000, DECEMBER, date(2012, 1, 20))
        more, last = (7_000, JANUARY, second), (900, JANUARY, date(2012, 3, 10))
        together = bill(
            [self.of("SUB-A", first, one), self.of("SUB-B", first, (100, DECEMBER, first))], before, DECEMBER
        )
        ledger = Ledger().post(together)
        found = adjust(ledger, self.of("SUB-A", second, one, late, more), before, JANUARY)
        assert reasons(found) == {"": (7_000, 0), "cost": (5_000, 0)}
        ledger = ledger.post(found.claim, found.changes)
        again = adjust(ledger, self.of("SUB-A", second, one, late, more), before, JANUARY)
        assert (again.since, again.changes) == (second, ())
        found = adjust(ledger, self.of("SUB-A", third, one, late, more, last), before, JANUARY)
        assert found.since == second
        assert reasons(found) == {"cost": (900, 0)}

    def test_posted_alone_and_billed_together_later(self) -> None:
        """A was posted in January and B in February. A cost of each, published between, is news of
        A and none of B: the 20.00 of B were not in what was posted later, which no date explains,
        and are a correction."""
        before, first, second, third = network("", reporters=BOTH), date(2012, 1, 5), date(2012, 2, 5), date(2012, 4, 5)
        between, one = date(2012, 1, 20), (10_000, DECEMBER, first)
        ledger = Ledger().post(bill(self.of("SUB-A", first, one), before, DECEMBER))
        ledger = ledger.post(bill(self.of("SUB-B", second, one), before, DECEMBER))
        loads = [self.of(id, third, one, (2_000, DECEMBER, between)) for id in ("SUB-A", "SUB-B")]
        found = adjust(ledger, loads, before, DECEMBER)
        of = {(line_of(c).issuer, c.reason): c.amount for c in found.changes}
        assert of == {("SUB-A", "cost"): 2_000, ("SUB-B", "correction"): 2_000}

    def test_an_earlier_month_is_refused(self) -> None:
        ledger = Ledger().post(bill(caseload(), network(""), DECEMBER, FIRST))
        with pytest.raises(Unpostable, match="bill through 2011-12 or later; found 2011-11"):
            adjust(ledger, caseload(on=LATER), network(""), Month(2011, 11), LATER)
