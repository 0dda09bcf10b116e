"""Days, months and amounts that can hardly be right are told at their cell; an error only where
nothing can be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve

from grantcalc.billing.caseload import Absence, Caseload, Cost, Count, Enrollment, Household, Registration, UnitsUsed
from grantcalc.billing.claims import bill
from grantcalc.billing.plausibility import LARGE, implausible
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Rejected
from grantcalc.money import Cents
from grantcalc.periods import Interval, Month
from tests.worked import CARE, COSTS, case

WHO = Participant("SITE", "P-1")
REPORT = date(2024, 6, 30)
FOUND = case(
    CARE + 'count = "hour"\ndaily_cap = [{ value = 8, @ }]\nhours_of_day = [{ value = 8, @ }]\n'
    'rates = [{ value = "1.00 USD", @ }]\n' + COSTS,
    "",
)
JUNE = Month(2024, 6)


def told(through: Month = JUNE, known: date = REPORT, **rows: Any) -> list[tuple[str, str]]:
    """Cause and severity of each doubt about a caseload with these rows."""
    held: dict[str, Any] = {"participants": (Registration(WHO),), **{kind: (row,) for kind, row in rows.items()}}
    load = Caseload(issuer="SITE", report_date=REPORT, **held)
    return [(f.cause, f.severity) for f in implausible((load,), FOUND.network, through, known)]


def on(day: date, published: date = REPORT) -> dict[str, Any]:
    """A row of each kind that tells a day."""
    days = Interval(day, None)
    return {
        "participants": Registration(WHO, arrived=day),
        "letters": Letter(participant=WHO, kind="certification_letter", days=days, published=published),
        "households": Household(participant=WHO, days=days, family=1, published=published),
        "enrollments": Enrollment(participant=WHO, subaward="S-1", days=days, published=published),
        "costs": Cost(
            participant=WHO,
            subaward="S-1",
            service="costs",
            category="",
            amount=Cents(100),
            paid=day,
            months=(JUNE,),
            reference="V",
            published=published,
        ),
        "counts": Count(subaward="S-1", service="care", phase="", month=Month.of(day), quantity=1, published=published),
        "units": UnitsUsed(participant=WHO, subaward="S-1", service="care", day=day, quantity=1, published=published),
        "absences": Absence(participant=WHO, kind="other", days=days, published=published),
    }


class TestDays:
    """No day that a caseload tells lies after its report date."""

    @pytest.mark.parametrize("kind", sorted(on(REPORT)))
    def test_after_the_report_date(self, kind: str) -> None:
        assert told(**{kind: on(date(2024, 6, 1))[kind]}) == []
        assert told(**{kind: on(date(2024, 7, 1))[kind]}) == [("later", "warning")]

    @pytest.mark.parametrize("kind", sorted(set(on(REPORT)) - {"participants"}))
    def test_published_after_the_report_date(self, kind: str) -> None:
        late = on(date(2024, 6, 1), REPORT + timedelta(days=1))[kind]
        assert ("later", "warning") in told(known=date(2025, 1, 1), **{kind: late})

    def test_an_enrollment_of_another_century(self) -> None:
        """From 2205, after the report date and after the subaward's period: nothing of it can be
        right."""
        row = on(date(2205, 3, 1))["enrollments"]
        assert told(enrollments=row) == [("later", "error")]
        load = evolve(FOUND.caseload, participants=(Registration(WHO),), enrollments=(row,))
        with pytest.raises(Rejected, match="begins after the report date and after the subaward's period"):
            bill(load, FOUND.network, JUNE)


class TestMonths:
    """A last month of service outside every award, and a day of knowledge before everything, are
    told."""

    def test_through(self) -> None:
        row = on(date(2024, 6, 1))["enrollments"]
        months = [Month(2023, 12), Month(2024, 1), Month(2025, 12), Month(2026, 1)]
        causes = [told(through=month, enrollments=row) for month in months]
        assert causes == [[("through", "warning")], [], [], [("through", "warning")]]

    def test_known(self) -> None:
        row = on(date(2024, 6, 1))["enrollments"]
        assert told(known=REPORT, enrollments=row) == []
        assert told(known=REPORT - timedelta(days=1), enrollments=row) == [("nothing_known", "warning")]
        assert told(known=date(2020, 1, 1)) == [], "nothing is claimed of an empty caseload"


class TestAmounts:
    """A cost of one participant above every ceiling, or above what any is likely to be; a day of 25
    hours."""

    CAPPED = case(
        COSTS + '[ceilings.most]\ntitle = "t"\ncite = "m"\nwindow = "award"\n'
        'amounts = [{ tier = "alone", value = "60.00 USD", @ }, { tier = "with_family", value = "90.00 USD", @ }]\n',
        "",
    )

    @pytest.mark.parametrize(("cents", "causes"), [(LARGE, []), (LARGE + 1, ["large_cost"]), (-12_000_000, [])])
    def test_without_a_ceiling(self, cents: int, causes: list[str]) -> None:
        row = evolve(on(date(2024, 6, 1))["costs"], amount=Cents(cents))
        assert [cause for cause, _ in told(costs=row)] == causes
        assert told(costs=evolve(row, participant=None)) == [], "a cost of the subaward as a whole"

    @pytest.mark.parametrize(("cents", "causes"), [(9000, []), (9001, ["large_cost"])])
    def test_with_a_ceiling(self, cents: int, causes: list[str]) -> None:
        row = evolve(on(date(2024, 6, 1))["costs"], amount=Cents(cents))
        load = evolve(self.CAPPED.caseload, participants=(Registration(WHO),), costs=(row,))
        claim = bill(load, self.CAPPED.network, JUNE)
        assert [f.cause for f in claim.notes] == causes
        assert all(f.found == "" for f in claim.notes), "a claim's notes go up"

    @pytest.mark.parametrize(("hours", "causes"), [(24, []), (25, [("hours", "error")])])
    def test_hours_of_a_day(self, hours: int, causes: list[tuple[str, str]]) -> None:
        assert told(units=evolve(on(date(2024, 6, 1))["units"], quantity=hours)) == causes
