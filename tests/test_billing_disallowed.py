"""What is disallowed of what was billed (Rulebook 8.4)."""

from __future__ import annotations

from datetime import date

from attrs import evolve

from grantcalc import Claim, Month, bill
from grantcalc.awards import Disallowance
from grantcalc.billing import Cost
from grantcalc.errors import Place
from grantcalc.money import Cents
from grantcalc.provenance import Authority, Source
from tests.test_billing_claims import NETWORK, award, load
from tests.worked import (
    COSTS,
    KNOWN,
    terms,
)


class TestDisallowances:
    """8.4: they take the lines of a subaward, service and month from the last in the order of
    filling."""

    OF = terms(COSTS)

    def claim(self, *found: Disallowance, known: date = KNOWN, months: tuple[int, ...] = (3,)) -> Claim:
        """A claim of 60.00 and 40.00 in each of some months, less what is disallowed."""
        passed = tuple(evolve(s, reported_by=("ONE",)) for s in NETWORK.subawards)
        awards = (award("A-1", self.OF), NETWORK.awards[0])
        network = evolve(NETWORK, awards=awards, subawards=passed, disallowances=found)
        costs = tuple(
            Cost(
                participant=None,
                subaward="S-1",
                service="costs",
                category="",
                amount=Cents(cents),
                paid=date(2024, m, 1),
                reference=ref,
                published=date(2024, 4, 1),
            )
            for m in months
            for ref, cents in (("V-1", 4000), ("V-2", 6000))
        )
        return bill(evolve(load("ONE"), enrollments=(), costs=costs), network, Month(2024, 12), known)

    def row(self, cents: int, reference: str = "D-1", month: int = 3, published: date = KNOWN) -> Disallowance:
        read = Source("award.xlsx", "Disallowances", 2)
        return Disallowance(
            subaward="S-1",
            service="costs",
            month=Month(2024, month),
            amount=Cents(cents),
            reference=reference,
            published=published,
            source=read,
        )

    def test_the_last_in_the_order_of_filling_first(self) -> None:
        claim = self.claim(self.row(7000))
        assert [(x.name, x.window, x.room, x.line.reference, x.amount) for x in claim.reductions] == [
            ("disallowance D-1", "2024-03", 0, "V-2", -6000),
            ("disallowance D-1", "2024-03", 0, "V-1", -1000),
        ]
        assert claim.reductions[0].authority == Authority("disallowance D-1", "published 2025-01-31")
        assert claim.notes == ()
        assert [x.amount for x in self.claim(self.row(1)).reductions] == [-1]
        assert self.claim(self.row(10000)).notes == ()

    def test_a_reversal_takes_back_at_most_what_was_disallowed(self) -> None:
        whole = [self.row(7000), self.row(-7000)]
        assert (self.claim(*whole).reductions, self.claim(*whole).notes) == ((), ())
        claim = self.claim(*whole, self.row(-1))
        assert claim.reductions == ()
        (note,) = claim.notes
        assert str(note.place) == "Disallowances!2"
        assert note.problem == "0.01 of this reversal was never disallowed"

    def test_another_award_has_nothing_to_do_with_it(self) -> None:
        passed = tuple(evolve(s, reported_by=(by,)) for s, by in zip(NETWORK.subawards, ("ONE", "TWO"), strict=True))
        no = evolve(self.row(7000, month=6), service="care")
        network = evolve(NETWORK, subawards=passed, disallowances=(no,))
        claim = bill([load("ONE"), load("TWO", "S-2")], network, Month(2024, 12), KNOWN)
        assert ([x.amount for x in claim.reductions], [n.cause for n in claim.notes]) == ([-7000], ["issuers"])

    def test_what_finds_no_line_is_a_warning(self) -> None:
        claim = self.claim(self.row(10001))
        (note,) = claim.notes
        assert note.problem == "0.01 of this disallowance has no billed cost to reduce"
        assert (note.cause, note.severity, note.found) == ("disallowance", "warning", "2024-03")
        assert note.place == Place("award.xlsx", "Disallowances", "2")
        assert [len(self.claim(self.row(1, month=m)).notes) for m in (2, 3, 4)] == [1, 0, 1]

    def test_a_reversal_takes_back(self) -> None:
        claim = self.claim(self.row(-3000, published=date(2025, 1, 30)), self.row(7000, published=date(2025, 1, 20)))
        assert [x.amount for x in claim.reductions] == [-4000]
        assert claim.reductions[0].authority.note == "published 2025-01-20"
        assert self.claim(self.row(7000), self.row(-7000)).reductions == ()

    def test_one_that_is_not_known_yet(self) -> None:
        assert self.claim(self.row(7000), known=date(2025, 1, 30)).reductions == ()

    def test_each_month_and_reference_by_itself(self) -> None:
        claim = self.claim(self.row(5000), self.row(2000, "D-2"), self.row(100, month=5), months=(3, 5))
        assert [(x.name, str(x.line.month), x.line.reference, x.amount) for x in claim.reductions] == [
            ("disallowance D-1", "2024-03", "V-2", -5000),
            ("disallowance D-1", "2024-05", "V-2", -100),
            ("disallowance D-2", "2024-03", "V-2", -1000),
            ("disallowance D-2", "2024-03", "V-1", -1000),
        ]
