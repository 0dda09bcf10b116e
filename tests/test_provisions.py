"""Rules of the rulebook that the oracle found kept otherwise, each with an example of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from grantcalc.awards import Award, BudgetPeriod, Organization, Subaward
from grantcalc.billing.caseload import (
    Absence,
    Caseload,
    Enrollment,
    Figure,
    Registration,
    Units,
)
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.lines import Line
from grantcalc.eligibility import Participant
from grantcalc.known import Fact, Series
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.provenance import Authority
from grantcalc.terms import read_terms

SAYS = Authority("a test")
BEGIN, KNOWN = date(2024, 1, 1), date(2025, 6, 1)
YEAR = Interval(BEGIN, date(2024, 12, 31))
ONE, TWO = Participant("ORG", "P1"), Participant("ORG", "P2")
HEAD = f"""
format = 1
id = "own"
title = "of the test"
status = "illustrative"
effective = {BEGIN}
published = {BEGIN}
[cite]
c = "a test"
[services.care]
title = "care"
pool = "administration"
cite = "c"
"""


def said(key: str, *entries: str) -> str:
    """A list of dated values, each entry without its dates and citation."""
    dated = (e if "effective" in e else f"{e}, effective = {BEGIN}" for e in entries)
    return f"{key} = [" + ", ".join(f"{{ {e}, published = {BEGIN}, cite = 'c' }}" for e in dated) + "]\n"


def claim(terms: str, period: Interval = YEAR, **rows: Sequence[Any]) -> Claim:
    """What these rows earn under a programme of one service, to the end of the year."""
    given = read_terms(HEAD + terms, "own.toml")
    budget = Series("budget", [Fact(10**9, BEGIN, BEGIN, SAYS)])
    award = Award("90ZV0101", "US", "HHS", "93.598", BEGIN, YEAR, given, (BudgetPeriod("Y1", YEAR, budget),))
    subaward = Subaward("S-1", "90ZV0101", "ORG", period, Series("amount"))
    network = Network(BEGIN, (Organization("US", "x"), Organization("ORG", "y")), (award,), (subaward,))
    people = tuple(Registration(who) for who in (ONE, TWO))
    found: dict[str, Any] = {kind: tuple(values) for kind, values in rows.items()}
    return bill(Caseload("ORG", KNOWN, people, **found), network, Month(2024, 12))


def lines(terms: str, **rows: Sequence[Any]) -> tuple[Line, ...]:
    return claim(terms, **rows).lines


def days(first: str, last: str) -> Interval:
    """Days of 2024, written like 03-10."""
    return Interval(date.fromisoformat(f"2024-{first}"), date.fromisoformat(f"2024-{last}"))


def enrolled(first: str, last: str, who: Participant = ONE, published: date = BEGIN) -> Enrollment:
    return Enrollment(who, "S-1", days(first, last), published)


def away(kind: str, first: str, last: str, hours: int = 0) -> Absence:
    return Absence(ONE, kind, days(first, last), BEGIN, hours)


def had(day: str, quantity: int, unit: str = "", klass: str = "") -> Units:
    return Units(ONE, "S-1", "care", date.fromisoformat(f"2024-{day}"), quantity, BEGIN, unit, klass)


DAY = "count = 'day'\n" + said("rates", "value = '10.00 USD'")


class TestAbsences:
    """Absences are paid to a limit, by stay or calendar year; `cut` pays the first, `cliff` all or none."""

    def paid(self, entries: Sequence[str], *absences: Absence) -> int:
        """How many days of May are paid."""
        found = lines(DAY + said("absence", *entries), enrollments=[enrolled("05-01", "05-31")], absences=absences)
        return sum(line.days for line in found)

    def test_a_cliff_by_calendar_year_is_of_all_its_days(self) -> None:
        entry = "kind = 'other', unit = 'day', per = 'calendar_year', beyond = 'cliff', value = 4"
        two, more = away("other", "05-06", "05-07"), away("other", "05-20", "05-22")
        assert self.paid([entry], two, away("other", "05-20", "05-21")) == 31
        assert self.paid([entry], two, more) == 31 - 5

    def test_any_kind_by_calendar_year_counts_the_days_in_their_order(self) -> None:
        """The first two days away are paid, whichever kind they are of; one day of both kinds is one day."""
        entry = "kind = 'any', unit = 'day', per = 'calendar_year', beyond = 'cut', value = 2"
        gated = [entry, "kind = 'hospital', unit = 'day', per = 'stay', beyond = 'cut', value = 0"]
        other, hospital = away("other", "05-06", "05-07"), away("hospital", "05-20", "05-21")
        assert self.paid([entry], other, hospital) == 29
        assert self.paid(gated, other, hospital) == 29
        assert self.paid([entry], away("other", "05-06", "05-06"), away("hospital", "05-06", "05-07")) == 31

    def test_a_provision_that_is_not_there_yet_refuses_nothing(self) -> None:
        here = "kind = 'other', unit = 'day', per = 'stay', beyond = 'cut', value = 5"
        later = f"kind = 'any', unit = 'day', per = 'stay', beyond = 'cut', value = 0, effective = {date(2024, 6, 1)}"
        assert self.paid([here, later], away("other", "05-06", "05-07")) == 31

    def test_an_absence_without_an_end_goes_on(self) -> None:
        """It is known to the last day billed, and no further."""
        entry = "kind = 'other', unit = 'day', per = 'stay', beyond = 'cut', value = 5"
        assert self.paid([entry], Absence(ONE, "other", Interval(date(2024, 5, 20)), BEGIN)) == 24

    def test_a_figure_is_asked_for_on_enrolled_days_alone(self) -> None:
        """The stay begins before the enrollment, when no occupancy was reported."""
        entry = (
            "kind = 'other', unit = 'day', per = 'stay', beyond = 'cut', when = 'occupancy', at_least = 0.9, value = 9"
        )
        occupancy = Figure("S-1", "occupancy", Decimal("0.95"), date(2024, 5, 1), BEGIN)
        found = lines(
            DAY + said("absence", entry),
            enrollments=[enrolled("05-01", "05-31")],
            absences=[away("other", "04-29", "05-02")],
            figures=[occupancy],
        )
        assert [line.days for line in found] == [31]
