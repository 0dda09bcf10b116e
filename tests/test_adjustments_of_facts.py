"""Adjustments: which facts were the old ones, and how what they come to is told (Rulebook 8.1, and
its choices)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from attrs import evolve

from grantcalc import Caseload, Interval, Ledger, Month, Network, Participant, adjust, bill
from grantcalc.awards import Disallowance
from grantcalc.billing import Cost, Count, Enrollment, OpeningBalance, Registration
from grantcalc.eligibility import Letter
from grantcalc.ledger import Adjustments
from grantcalc.ledger.entries import Change, line_of
from grantcalc.money import Cents
from grantcalc.terms import read_terms
from tests.test_adjustments import (
    BOTH,
    DECEMBER,
    FAIN,
    FEBRUARY,
    FIRST,
    LATER,
    NEW_RATE,
    ONE,
    TERMS,
    TWO,
    caseload,
    network,
    reasons,
)

JANUARY, BETWEEN = Month(2012, 1), date(2012, 2, 5)
THREE = Participant("SUB-A", "P-3")
AT = 'effective = 2011-10-01, published = 2011-09-30, cite = "manual"'


def three(*more: object, on: date = FIRST) -> Caseload:
    """The two participants of a caseload with further rows, and a third who is only registered."""
    return evolve(caseload(*more, on=on), participants=tuple(Registration(p) for p in (ONE, TWO, THREE)))


def again(
    *rows: object, late: Sequence[object] = (), through: Month = DECEMBER, of: tuple[Network, ...] = (network(""),)
) -> dict[str, tuple[int, int]]:
    """The reasons, where rows were billed on 10 January, and are billed on 10 March with late ones,
    to one month."""
    ledger = Ledger().post(bill(three(*rows), of[0], through, FIRST))
    found = adjust(ledger, three(*rows, *late, on=LATER), of[-1], through, LATER)
    assert ledger.post(found.claim, found.changes).total == found.claim.total
    return reasons(found)


def with_terms(changed: dict[str, str], rate: str = "") -> Network:
    """The network with a text of its terms replaced."""
    text = TERMS.replace("RATE", rate)
    for old, new in changed.items():
        assert old in text
        text = text.replace(old, new)
    return evolve(network(), awards=(evolve(network().awards[0], terms=read_terms(text, "case.toml")),))


class TestAsKnownThen:
    """Without the old workbooks the old facts are the new ones as known on the day of the last
    post."""

    def test_what_was_known_then_changes_nothing(self) -> None:
        stay = Interval(date(2011, 10, 5), date(2011, 10, 6))
        assert again(Enrollment(participant=THREE, subaward="S-1", days=stay, published=FIRST)) == {}
        assert (
            again(Enrollment(participant=THREE, subaward="S-1", days=Interval(FIRST), published=FIRST), through=JANUARY)
            == {}
        )
        long = Cost(
            participant=ONE,
            subaward="S-1",
            service="expenses",
            category="food",
            amount=Cents(9_000),
            paid=date(2011, 12, 20),
            months=(DECEMBER, FEBRUARY),
            reference="V-7",
            published=FIRST,
        )
        assert again(long) == {}

    def test_counts_of_that_day_were_known(self) -> None:
        """Two of December and, as was told on 10 January, one of January and one of February, which
        is news by then."""
        counts = tuple(
            Count(subaward="S-1", service="care", phase="waiting", month=Month(*m), quantity=n, published=FIRST)
            for *m, n in ((2011, 12, 2), (2012, 1, 1))
        )
        ahead = Count(subaward="S-1", service="care", phase="waiting", month=FEBRUARY, quantity=1, published=FIRST)
        then, now = (Caseload(issuer="SUB-A", report_date=day, counts=(*counts, ahead)) for day in (FIRST, LATER))
        ledger = Ledger().post(bill(then, network(""), FEBRUARY, FIRST))
        assert ledger.total.amount == 240
        assert reasons(adjust(ledger, now, network(""), FEBRUARY, LATER)) == {"enrollment": (8_000, 0)}

    def test_days_after_known_were_not_served_yet(self) -> None:
        """Enrolled from 15 January, as was told on the 10th: January's 80.00 are earned later, and
        no correction."""
        ahead = Enrollment(participant=THREE, subaward="S-1", days=Interval(date(2012, 1, 15)), published=FIRST)
        assert again(ahead, through=JANUARY) == {"enrollment": (8_000, 0)}

    def test_a_rate_published_on_that_day_was_known(self) -> None:
        assert again(of=(network(NEW_RATE.replace("2012-02-01", "2012-01-10")),)) == {}
        assert again(of=(network(NEW_RATE.replace("2012-02-01", "2012-01-11")),)) == {"rate": (2_000, 0)}

    def test_a_disallowance_published_on_that_day_was_known(self) -> None:
        no = Disallowance(
            subaward="S-1", service="care", month=DECEMBER, amount=Cents(5_000), reference="D-1", published=FIRST
        )
        assert again(of=(evolve(network(""), disallowances=(no,)),)) == {}

    def test_a_disallowance_makes_room_under_a_ceiling(self) -> None:
        """430.00 of 480.00 stood; 50.00 of what was beyond are not allowed, and nothing is beyond
        any more."""
        small = network("", amount=43_000)
        no = Disallowance(
            subaward="S-1", service="care", month=DECEMBER, amount=Cents(5_000), reference="D-1", published=LATER
        )
        assert again(of=(small, evolve(small, disallowances=(no,)))) == {
            "ceiling": (5_000, 0),
            "disallowance": (0, -5_000),
        }

    def test_an_amount_that_was_changed_without_a_date_is_a_correction(self) -> None:
        """The ceiling was 350.00 and is now written as 250.00: of 320.00 70.00 go back."""
        assert again(of=(network(""), with_terms({"350.00": "250.00"}))) == {"correction": (0, -7_000)}

    def test_months_used_before_are_opening_figures(self) -> None:
        """One waiting month is paid: November. It turns out that it was paid elsewhere."""
        limit = f'months = [{{ phase = "waiting", value = 1, {AT} }}]\n'
        of = with_terms({"[services.expenses]": f"{limit}[services.expenses]"})
        ledger = Ledger().post(bill(caseload(), of, DECEMBER, FIRST))
        used = evolve(
            caseload(on=LATER),
            openings=(OpeningBalance(participant=TWO, award=FAIN, published=LATER, phase="waiting", months=1),),
        )
        assert reasons(adjust(ledger, used, of, DECEMBER, LATER)) == {"ceiling": (0, -8_000)}

    def test_other_terms_than_rates_come_with_the_rates(self) -> None:
        """The old terms, as given, made the certified of certification letters; the new ones do
        not."""
        of = with_terms({'"certification_letter"': '"eligibility_letter"'})
        ledger = Ledger().post(bill(caseload(), network(""), DECEMBER, FIRST))
        found = adjust(ledger, caseload(on=LATER), of, DECEMBER, LATER, before=([caseload()], network("")))
        assert reasons(found) == {"rate": (0, -4_000)}


class TestNewMonths:
    """New months have no reason; what they displace in months that were billed is reason
    ceiling."""

    def test_a_share_goes_by_what_stands_to_the_last_month(self) -> None:
        """Administration is held to two thirds of direct: 80.00 of the first participant's 200.00,
        beside 120.00 of food. 300.00 of food in January make that 280.00: November and December
        stand whole, and 80.00 of January."""
        share = (
            '[shares.admin]\ntitle = "Share"\ncite = "manual"\npool = "administration"\nof = "person"\n'
            f'base = "claimed"\nat_most = [{{ value = 0.40, {AT} }}]\n'
        )
        of = with_terms({"350.00": "3500.00", "[ceilings.person]": f"{share}[ceilings.person]"})
        ledger = Ledger().post(bill(caseload(), of, DECEMBER, FIRST))
        assert ledger.total.amount == 200
        food = Cost(
            participant=ONE,
            subaward="S-1",
            service="expenses",
            category="food",
            amount=Cents(30_000),
            paid=date(2012, 1, 20),
            months=(),
            reference="V-8",
            published=LATER,
        )
        found = adjust(ledger, caseload(food, on=LATER), of, FEBRUARY, LATER)
        assert reasons(found) == {"": (38_000, 0), "ceiling": (12_000, 0)}
        assert ledger.post(found.claim, found.changes).total.amount == 700


class TestTwoIssuers:
    """Each issuer's months are those that were posted of it; of the network it is the latest of
    their days."""

    def other(self, *more: object, on: date) -> Caseload:
        """SUB-B, with a certified participant at the same subaward from 15 November on."""
        person, stay = Participant("SUB-B", "Q-1"), Interval(date(2011, 11, 15))
        return Caseload(
            issuer="SUB-B",
            report_date=on,
            participants=(Registration(person),),
            letters=(Letter(participant=person, kind="certification_letter", days=stay, published=FIRST),),
            enrollments=(Enrollment(participant=person, subaward="S-1", days=stay, published=FIRST),),
        )

    def waiting(self, on: date) -> Caseload:
        """SUB-A, where nobody has a letter and no rate changes."""
        return evolve(caseload(on=on), letters=())

    def ledger(self) -> Ledger:
        """SUB-A to December on 10 January, SUB-B to January on 5 February, when the new rate was
        known."""
        first = Ledger().post(bill(self.waiting(FIRST), network(reporters=BOTH), DECEMBER, FIRST))
        return first.post(bill(self.other(on=BETWEEN), network(reporters=BOTH), JANUARY, BETWEEN))

    def test_both_together(self) -> None:
        """Nothing of SUB-B changes; SUB-A has a new month of 80.00, and of 70.00 under a ceiling of
        350.00."""
        loads = [self.waiting(LATER), self.other(on=LATER)]
        found = adjust(self.ledger(), loads, network(reporters=BOTH), JANUARY, LATER)
        assert reasons(found) == {"": (15_000, 0)}
        assert {line_of(c).issuer for c in found.changes} == {"SUB-A"}
        assert found.since == BETWEEN

    def test_one_of_them(self) -> None:
        """SUB-A was posted on 10 January, whatever was posted of SUB-B since: the new rate is
        news."""
        ledger = Ledger().post(bill(caseload(), network(reporters=BOTH), DECEMBER, FIRST))
        ledger = ledger.post(bill(self.other(on=BETWEEN), network(reporters=BOTH), JANUARY, BETWEEN))
        found = adjust(ledger, caseload(on=LATER), network(reporters=BOTH), DECEMBER, LATER)
        assert (reasons(found), found.since) == ({"rate": (2_000, 0)}, FIRST)


class TestTold:
    """By reason, what was added and what recovered; in sentences without participants."""

    CLAIM = bill(caseload(), network(reporters=BOTH), DECEMBER, LATER)

    def told(self, *cents: int, reason: str = "rate") -> Adjustments:
        """So many cents more, or less, for each of some lines."""
        items = self.CLAIM.lines
        changes = [Change(x, 0, c, reason) for x, c in zip(items, cents, strict=False)]  # type: ignore[arg-type]
        return Adjustments(self.CLAIM, FIRST, tuple(changes))

    def test_both_stand_since_a_net_of_zero_may_have_moving_parts(self) -> None:
        assert self.told(1, -1, 0).by_reason() == {"rate": (3, 1, -1)}

    @pytest.mark.parametrize(
        ("cents", "first", "second"),
        [
            ((1,), "is owed 0.01 USD more", "0.01 added (1 item)"),
            ((-1,), "owes back 0.01 USD", "0.01 recovered (1 item)"),
            ((1, -1), "is owed 0.00 USD more", "0.01 added and 0.01 recovered (2 items)"),
            ((0,), "is owed 0.00 USD more", "no net change (1 item)"),
            ((5, 5, -700), "owes back 6.90 USD", "0.10 added and 7.00 recovered (3 items)"),
        ],
    )
    def test_in_sentences(self, cents: tuple[int, ...], first: str, second: str) -> None:
        assert self.told(*cents).sentences() == (
            f"As known on 2012-03-10, SUB-A {first} for months billed as known on 2012-01-10.",
            f"Because of a rate or another term: {second}.",
        )

    def test_new_months_are_not_among_what_is_owed_for_old_ones(self) -> None:
        new = self.told(500, reason="")
        both = evolve(new, changes=(*new.changes, *self.told(7).changes))
        assert both.sentences()[:2] == (
            "As known on 2012-03-10, SUB-A is owed 0.07 USD more for months billed as known on 2012-01-10.",
            "New months through 2011-12: 5.00 USD (1 item).",
        )
