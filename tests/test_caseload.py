"""A caseload beside an award workbook: what is wrong between them, row by row, and what has
vanished."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from moneyed import EUR

from grantcalc import Caseload, Interval, Money, Month, Network, Participant
from grantcalc.awards import Amendment, Award, Disallowance, Organization, Subaward
from grantcalc.billing import Absence, Cost, Count, Enrollment, Household, OpeningBalance, Registration, UnitsUsed
from grantcalc.billing.caseload import SiteFigure
from grantcalc.billing.checks import check_caseloads
from grantcalc.eligibility import Letter
from grantcalc.errors import Inexact
from grantcalc.known import Series
from grantcalc.money import USD, Cents
from grantcalc.provenance import NOWHERE, Source, facts_digest
from tests.worked import CARE, COSTS, KNOWN, terms

ONE, OTHER = Participant("SITE", "P-1"), Participant("SITE", "P-2")
YEAR = Interval(date(2024, 1, 1), date(2024, 12, 31))
TERMS = terms(
    "[phases]\ncertified = ['certification_letter']\nwaiting = []\n"
    + CARE
    + 'count = "any_day"\nrates = [{ value = "1.00 USD", @ }]\n'
    + '[services.lessons]\ntitle = "t"\npool = "direct"\ncite = "m"\ncount = "unit"\n'
    + 'rates = [{ phase = "certified", value = "2.00 USD", @ }]\n'
    + COSTS
    + 'categories = ["food", "rent"]\n'
    + '[ceilings.most]\ntitle = "t"\ncite = "m"\nwindow = "award"\n'
    + 'amounts = [{ tier = "alone", value = "9.00 USD", @ }]\n'
    + '[services.unfilled]\ntitle = "t"\npool = "direct"\ncite = "m"\ncount = "any_day"\n'
    + 'rates = [{ open = "rate.unfilled", optional = true, cite = "m" }]\n'
)
BOTH, MONTHS = ("SITE", "OTHER"), Interval(date(2024, 2, 1), date(2024, 11, 30))
NETWORK = Network(
    report_date=KNOWN,
    organizations=tuple(Organization(id=id, name=id) for id in ("PRIME", "SITE", "OTHER")),
    awards=(
        Award(
            fain="90ZV0101",
            recipient="PRIME",
            agency="HHS",
            listing="93.598",
            awarded=YEAR.start,
            period=YEAR,
            terms=TERMS,
            budget_periods=(),
        ),
    ),
    subawards=(
        Subaward(
            id="S-1",
            parent="90ZV0101",
            subrecipient="PRIME",
            period=MONTHS,
            amount=Series("amount"),
            source=NOWHERE,
            reported_by=BOTH,
        ),
        Subaward(
            id="S-2",
            parent="90ZV0101",
            subrecipient="PRIME",
            period=YEAR,
            amount=Series("amount"),
            source=NOWHERE,
            reported_by=BOTH,
        ),
    ),
)


NAMES = ("participant", "subaward", "service", "category", "phase", "day", "month", "months", "paid", "start", "value")
COLUMNS = dict(zip((*NAMES, "award", "window", "pool"), "ABCDEFGHIJKLMN", strict=True))


def at(row: int, sheet: str = "Costs") -> Source:
    return Source("caseload.xlsx", sheet, row, COLUMNS)


def days(start: str, end: str = "") -> Interval:
    return Interval(date.fromisoformat(f"2024-{start}"), date.fromisoformat(f"2024-{end}") if end else None)


def caseload(**rows: Iterable[Any]) -> Caseload:
    given: dict[str, Any] = {kind: tuple(found) for kind, found in rows.items()}
    given.setdefault("participants", (Registration(ONE),))
    return Caseload(issuer="SITE", report_date=KNOWN, source=at(2, "Document"), **given)


def found(*loads: Caseload, known: date = KNOWN) -> list[tuple[str, str, str]]:
    """Cause, place and what was found of each finding."""
    return [(f.cause, str(f.place), f.found) for f in check_caseloads(loads, NETWORK, known)]


def cost(row: int = 3, **changes: Any) -> Cost:
    facts: dict[str, Any] = {
        "participant": ONE,
        "subaward": "S-1",
        "service": "costs",
        "category": "food",
        "amount": Cents(100),
        "paid": date(2024, 3, 5),
        "source": at(row),
    }
    return Cost(**{**facts, **changes})


def enrollment(row: int = 3, **changes: Any) -> Enrollment:
    facts: dict[str, Any] = {
        "participant": ONE,
        "subaward": "S-1",
        "days": days("03-01", "03-31"),
        "published": KNOWN,
        "source": at(row, "Enrollment"),
    }
    return Enrollment(**{**facts, **changes})


def count(**changes: Any) -> Count:
    facts: dict[str, Any] = {
        "subaward": "S-1",
        "service": "care",
        "phase": "",
        "month": Month(2024, 3),
        "quantity": 5,
        "published": KNOWN,
        "source": at(4, "Counts"),
    }
    return Count(**{**facts, **changes})


def units(**changes: Any) -> UnitsUsed:
    facts: dict[str, Any] = {
        "participant": ONE,
        "subaward": "S-1",
        "service": "lessons",
        "day": date(2024, 3, 1),
        "quantity": 5,
        "published": KNOWN,
        "source": at(4, "Units"),
    }
    return UnitsUsed(**{**facts, **changes})


class TestChecks:
    """A bad row is a finding at its place, and all come at once."""

    def test_nothing_where_billing_may_begin(self) -> None:
        rows = caseload(enrollments=[enrollment()], costs=[cost()], counts=[count()], units=[units()])
        assert found(rows) == []

    def test_two_caseloads_of_one_issuer(self) -> None:
        assert found(caseload(), caseload()) == [("issuer", "Document!2", "")]
        assert found(caseload(), evolve(caseload(), issuer="OTHER")) == []

    @pytest.mark.parametrize(
        ("kind", "row"),
        [
            (
                "letters",
                Letter(participant=OTHER, kind="certification_letter", days=YEAR, published=KNOWN, source=at(3)),
            ),
            ("households", Household(participant=OTHER, days=YEAR, family=1, published=KNOWN, source=at(3))),
            ("enrollments", enrollment(participant=OTHER, source=at(3))),
            ("costs", cost(participant=OTHER)),
            ("units", units(participant=OTHER, source=at(3))),
            ("absences", Absence(participant=OTHER, kind="other", days=YEAR, published=KNOWN, source=at(3))),
            ("openings", OpeningBalance(participant=OTHER, award="90ZV0101", published=KNOWN, source=at(3))),
        ],
    )
    def test_a_participant_whom_nobody_registered(self, kind: str, row: object) -> None:
        assert found(caseload(**{kind: [row]})) == [("participant", "Costs!A3", "")]

    def test_another_caseload_registers_nobody_here(self) -> None:
        two = evolve(caseload(participants=[Registration(OTHER)]), issuer="OTHER")
        assert found(two, caseload(costs=[cost(participant=OTHER)])) == [("participant", "Costs!A3", "")]

    def test_a_cost_without_a_participant(self) -> None:
        assert found(caseload(costs=[cost(participant=None)])) == []

    @pytest.mark.parametrize(
        ("kind", "row"),
        [
            ("enrollments", enrollment(subaward="S-9")),
            ("costs", cost(subaward="S-9")),
            ("counts", count(subaward="S-9")),
            ("units", units(subaward="S-9")),
        ],
    )
    def test_a_subaward_that_is_not_listed(self, kind: str, row: Any) -> None:
        assert found(caseload(**{kind: [row]}, participants=[Registration(ONE)])) == [
            ("subaward", str(row.source.place("subaward")), "")
        ]

    def test_after_a_wrong_row_the_next_is_read(self) -> None:
        rows = [cost(3, subaward="S-9"), cost(4, service="care"), cost(5, category="toys")]
        assert found(caseload(costs=rows)) == [
            ("subaward", "Costs!B3", ""),
            ("service", "Costs!C4", ""),
            ("category", "Costs!D5", ""),
        ]

    @pytest.mark.parametrize(
        ("kind", "row", "kind_of_service", "expected"),
        [
            ("costs", cost(service="care"), "a service paid at actual cost", "one of costs"),
            ("counts", count(service="costs"), "a service paid by count", "one of care, lessons"),
            ("units", units(service="nothing"), "a service counted by hours or units", "one of lessons"),
            ("units", units(service="care"), "a service counted by hours or units", "one of lessons"),
            ("units", units(service="unfilled"), "a service counted by hours or units", "one of lessons"),
        ],
    )
    def test_a_service_of_another_kind(self, kind: str, row: Any, kind_of_service: str, expected: str) -> None:
        (finding,) = check_caseloads([caseload(**{kind: [row]})], NETWORK, KNOWN)
        assert finding == row.source.place("service").finding(
            "service",
            f"the terms have no such service, or it is not {kind_of_service}",
            expected,
        )

    def test_the_service_that_an_enrollment_names(self) -> None:
        assert found(caseload(enrollments=[enrollment(service="care")])) == []
        for service in ("costs", "unfilled", "nothing"):
            assert found(caseload(enrollments=[enrollment(service=service)])) == [("service", "Enrollment!C3", "")]

    def test_phases_of_counts(self) -> None:
        for phase in ("", "certified", "waiting"):
            assert found(caseload(counts=[count(phase=phase)])) == []
        assert found(caseload(counts=[count(service="lessons", phase="certified")])) == []
        assert found(caseload(counts=[count(service="lessons")])) == [("phase", "Counts!E4", "")]  # of which phase?
        assert found(caseload(counts=[count(phase="interim")])) == [("phase", "Counts!E4", "")]

    @pytest.mark.parametrize("month", ["2024-01", "2024-12"])
    def test_months_outside_the_period(self, month: str) -> None:
        """5.3: a cost whose service month lies outside the subaward's period is a finding."""
        m = Month.parse(month)
        assert found(caseload(costs=[cost(months=(Month(2024, 3), m))])) == [("outside_period", "Costs!H3", month)]
        assert found(caseload(costs=[cost(paid=m.first)])) == [("outside_period", "Costs!I3", month)]
        assert found(caseload(counts=[count(month=m)])) == [("outside_period", "Counts!G4", month)]
        assert found(caseload(units=[units(day=m.first)])) == [("outside_period", "Units!F4", f"{month}-01")]

    def test_days_outside_the_period(self) -> None:
        told = [found(caseload(units=[units(day=date(2024, *d))])) for d in ((1, 31), (2, 1), (11, 30), (12, 1))]
        assert [len(t) for t in told] == [1, 0, 0, 1]

    def test_two_figures_with_the_same_two_dates(self) -> None:
        """A site has one figure of a name from a day on, whoever reports it."""
        one = SiteFigure(
            subaward="S-1",
            name="cost",
            value=Decimal(1),
            effective=YEAR.start,
            published=KNOWN,
            source=at(3, "Figures"),
        )
        other = evolve(one, value=Decimal(2), source=at(4, "Figures"))
        assert found(caseload(figures=[one, other])) == [("same_dates", "Figures!K4", "")]
        assert found(caseload(figures=[one, other]), known=KNOWN - timedelta(1)) == [], "as known"
        two = evolve(caseload(figures=[other]), issuer="OTHER")
        assert found(caseload(figures=[one]), two) == [("same_dates", "Figures!K4", "")]
        assert found(caseload(figures=[one, evolve(one, source=at(4))])) == [("repeated", "Costs!K4", "")]
        for change in ({"subaward": "S-2"}, {"name": "seats"}, {"effective": KNOWN}, {"published": YEAR.start}):
            assert found(caseload(figures=[one, evolve(other, **change)])) == []

    def test_a_figure_of_a_subaward_that_is_not_listed(self) -> None:
        figure = SiteFigure(
            subaward="S-9",
            name="cost",
            value=Decimal(1),
            effective=YEAR.start,
            published=KNOWN,
            source=at(3, "Figures"),
        )
        assert found(caseload(figures=[figure])) == [("subaward", "Figures!B3", "")]

    def test_what_was_used_before(self) -> None:
        """7.8: an opening figure counts by pool, window and months used; one that counts against
        nothing is told of."""

        def told(**changes: Any) -> list[tuple[str, str, str]]:
            facts = {"window": "award", "pool": "direct", "amount": Cents(100), "source": at(3, "Openings"), **changes}
            return found(
                caseload(openings=[OpeningBalance(participant=ONE, award="90ZV0101", published=KNOWN, **facts)])
            )

        assert told() == told(amount=Cents(0), window="", pool="", phase="certified", months=2) == []
        assert told(pool="") == [("pool", "Openings!N3", "")]
        assert told(months=2) == [("phase", "Openings!E3", "")]
        assert [
            f.severity
            for f in check_caseloads(
                [
                    caseload(
                        openings=[
                            OpeningBalance(
                                participant=ONE,
                                award="90ZV0101",
                                published=KNOWN,
                                window="FY24",
                                pool="direct",
                                amount=Cents(1),
                            )
                        ]
                    )
                ],
                NETWORK,
                KNOWN,
            )
        ] == ["warning"]
        assert told(window="2024") == [("window", "Openings!M3", "")]
        assert found(
            caseload(
                openings=[OpeningBalance(participant=ONE, award="90ZV9999", published=KNOWN, source=at(3, "Openings"))]
            )
        ) == [("award", "Openings!L3", "")]

    @pytest.mark.parametrize(("code", "same"), [("42", True), ("0042", True), ("00042", False), ("P-42", False)])
    def test_codes_that_differ_in_zeros_alone(self, code: str, same: bool) -> None:
        """00042 and 42 are one person, of whom a spreadsheet took the zeros away."""
        people = [
            Registration(Participant("SITE", c), source=at(n, "Participants")) for n, c in ((2, "00042"), (3, code))
        ]
        causes = [cause for cause, _, _ in found(caseload(participants=people)) if cause != "twice"]
        assert causes == ["zeros"] * same

    def test_equal_costs(self) -> None:
        """5.3: equal rows without distinct references are a finding."""
        assert found(caseload(costs=[cost(3), cost(4)])) == [("equal_costs", "Costs!4", "")]
        assert found(caseload(costs=[cost(3, reference="V-1"), cost(4, reference="V-2")])) == []
        assert len(found(caseload(costs=[cost(3), cost(4), cost(5)]))) == 2
        later = [cost(3, published=KNOWN), cost(4, published=KNOWN)]
        assert [len(found(caseload(costs=later), known=day)) for day in (KNOWN - timedelta(1), KNOWN)] == [0, 1]


class TestTwoSubawards:
    """3.1: one day at two subawards is a finding, never two payments."""

    def here(self, *spans: tuple[str, str, str], known: date = KNOWN) -> list[tuple[str, str, str]]:
        rows = [enrollment(n, subaward=s, days=days(a, b)) for n, (s, a, b) in enumerate(spans, 3)]
        return found(caseload(enrollments=rows), known=known)

    def test_one_day(self) -> None:
        assert self.here(("S-1", "03-01", "03-10"), ("S-2", "03-10", "03-20")) == [
            ("two_subawards", "Enrollment!J4", "2024-03-10")
        ]
        assert self.here(("S-1", "03-01", "03-10"), ("S-2", "03-11", "03-20")) == []

    def test_the_later_row_is_told_of(self) -> None:
        assert self.here(("S-2", "03-10", "03-20"), ("S-1", "03-01", "")) == [
            ("two_subawards", "Enrollment!J3", "2024-03-10")
        ]

    def test_one_subaward_twice(self) -> None:
        assert self.here(("S-1", "03-01", "03-10"), ("S-1", "03-05", "03-20")) == []
        assert self.here(("S-1", "03-01", "03-10"), ("S-1", "03-05", "03-20"), ("S-2", "03-21", "")) == []

    def test_each_row_is_told_of_once(self) -> None:
        assert self.here(("S-1", "03-01", "03-31"), ("S-1", "03-02", "03-30"), ("S-2", "03-05", "03-06")) == [
            ("two_subawards", "Enrollment!J5", "2024-03-05")
        ]

    def test_days_outside_a_period_are_no_enrolled_days(self) -> None:
        assert self.here(("S-1", "01-01", "02-05"), ("S-2", "01-01", "01-31")) == []
        assert self.here(("S-1", "11-01", ""), ("S-2", "12-01", "")) == []
        assert self.here(("S-1", "01-01", "01-31"), ("S-2", "01-01", "")) == []

    def test_of_rows_that_begin_together_the_longer_is_told_of(self) -> None:
        assert self.here(("S-1", "03-01", "03-20"), ("S-2", "03-01", "03-10")) == [
            ("two_subawards", "Enrollment!J3", "2024-03-01")
        ]

    def test_participants_are_told_of_in_order(self) -> None:
        rows = [
            enrollment(n, participant=who, subaward=s)
            for n, (who, s) in enumerate([(OTHER, "S-1"), (OTHER, "S-2"), (ONE, "S-1"), (ONE, "S-2")], 3)
        ]
        told = found(caseload(enrollments=rows, participants=[Registration(ONE), Registration(OTHER)]))
        assert [place for _, place, _ in told] == ["Enrollment!J6", "Enrollment!J4"]

    def test_rows_of_two_participants(self) -> None:
        rows = [enrollment(3), enrollment(4, participant=OTHER, subaward="S-2")]
        assert found(caseload(enrollments=rows, participants=[Registration(ONE), Registration(OTHER)])) == []

    def test_rows_that_are_not_known_yet(self) -> None:
        assert self.here(("S-1", "03-01", "03-10"), ("S-2", "03-10", "03-20"), known=date(2025, 1, 30)) == []


class TestVanished:
    """Caseloads are cumulative; a newer one replaces the older, and rows that vanished are
    named."""

    def test_nothing_vanished(self) -> None:
        old, new = caseload(costs=[cost()]), caseload(costs=[cost(9), cost(reference="V-2")])
        assert new.vanished(old) == ()

    def test_a_row_is_missing_once_for_each_time(self) -> None:
        old, new = caseload(costs=[cost(3), cost(4)]), caseload(costs=[cost(9)])
        (finding,) = new.vanished(old)
        assert (finding.cause, str(finding.place), finding.severity) == ("vanished", "Costs!4", "warning")

    @pytest.mark.parametrize(
        ("kind", "row"),
        [
            ("participants", Registration(OTHER)),
            ("letters", Letter(participant=ONE, kind="certification_letter", days=YEAR, published=KNOWN)),
            ("households", Household(participant=ONE, days=YEAR, family=1, published=KNOWN)),
            ("enrollments", enrollment()),
            ("costs", cost()),
            ("counts", count()),
            ("units", units()),
            ("absences", Absence(participant=ONE, kind="other", days=YEAR, published=KNOWN)),
            (
                "figures",
                SiteFigure(subaward="S-1", name="cost", value=Decimal(1), effective=YEAR.start, published=KNOWN),
            ),
            ("openings", OpeningBalance(participant=ONE, award="90ZV0101", published=KNOWN)),
        ],
    )
    def test_rows_of_every_kind(self, kind: str, row: object) -> None:
        empty = caseload(participants=[])
        changes: dict[str, Any] = {kind: (row,)}
        old = evolve(empty, **changes)
        assert [f.cause for f in empty.vanished(old)] == ["vanished"]
        assert old.vanished(old) == ()


class TestRows:
    """What a row has where nothing is said; where it was read is no part of it."""

    def test_defaults(self) -> None:
        assert Registration(ONE) == Registration(ONE, "adult", None, None)
        assert Household(participant=ONE, days=YEAR, family=1, published=KNOWN) == Household(
            participant=ONE, days=YEAR, family=1, published=KNOWN, minors=0
        )
        assert Enrollment(participant=ONE, subaward="S-1", days=YEAR, published=KNOWN) == Enrollment(
            participant=ONE, subaward="S-1", days=YEAR, published=KNOWN, restored=False, service=""
        )
        bare = Cost(
            participant=ONE, subaward="S-1", service="costs", category="food", amount=Cents(100), paid=date(2024, 3, 5)
        )
        assert bare == Cost(
            participant=ONE,
            subaward="S-1",
            service="costs",
            category="food",
            amount=Cents(100),
            paid=date(2024, 3, 5),
            months=(),
            reference="",
            published=date.min,
        )
        assert (count().unit, count().rate_class, units().unit, units().rate_class) == ("", "", "", "")
        assert Absence(participant=ONE, kind="other", days=YEAR, published=KNOWN).hours == 0
        assert OpeningBalance(participant=ONE, award="90ZV0101", published=KNOWN) == OpeningBalance(
            participant=ONE, award="90ZV0101", published=KNOWN, window="", pool="", amount=Cents(0), phase="", months=0
        )
        assert Caseload(issuer="SITE", report_date=KNOWN).label == ""

    @pytest.mark.parametrize(
        "row",
        [
            Registration(ONE),
            Household(participant=ONE, days=YEAR, family=1, published=KNOWN),
            enrollment(),
            cost(),
            count(),
            units(),
            Absence(participant=ONE, kind="other", days=YEAR, published=KNOWN),
            SiteFigure(subaward="S-1", name="cost", value=Decimal(1), effective=YEAR.start, published=KNOWN),
            OpeningBalance(participant=ONE, award="90ZV0101", published=KNOWN),
            caseload(),
        ],
        ids=lambda row: type(row).__name__,
    )
    def test_sources_are_no_part_of_equality(self, row: Any) -> None:
        assert evolve(row, source=at(99)) == row
        if isinstance(row, Caseload):
            assert evolve(row, origin=evolve(row.origin, file="x.xlsx")) == row

    @pytest.mark.parametrize("amount", [1234, True, Decimal("12.34"), 12.34, "12.34"], ids=str)
    def test_a_bare_number_is_no_amount(self, amount: Any) -> None:
        """It does not say whether it counts dollars or cents: Money, or Cents, does."""
        day, month = date(2024, 3, 1), Month(2024, 3)
        with pytest.raises(TypeError, match="must be"):
            cost(amount=amount)
        with pytest.raises(TypeError, match="must be"):
            OpeningBalance(participant=ONE, award="90ZV0101", published=KNOWN, amount=amount)
        with pytest.raises(TypeError, match="must be"):
            Disallowance(subaward="S-1", service="c", month=month, amount=amount, reference="D", published=day)
        with pytest.raises(TypeError, match="must be"):
            Amendment(of="S-1", budget_period="", reference="1", amount=amount, effective=day, published=day)

    def test_amounts_are_money_or_cents(self) -> None:
        assert cost(amount=Cents(1234)) == cost(amount=Money("12.34", USD))
        assert facts_digest(cost(amount=Cents(1234))) == facts_digest(cost(amount=Money("12.34", USD)))
        assert cost(amount=Money("12.34", USD)).amount == 1234
        assert (
            OpeningBalance(participant=ONE, award="90ZV0101", published=KNOWN, amount=Money("12.34", USD)).amount
            == 1234
        )
        with pytest.raises(Inexact):
            cost(amount=Money("12.34", EUR))
        with pytest.raises(TypeError):
            cost(amount=True)

    def test_service_months(self) -> None:
        """5.3: a cost belongs to the service month that its row names, else to that of the day
        paid."""
        assert cost().service_months == (Month(2024, 3),)
        assert cost(months=(Month(2024, 5), Month(2024, 6))).service_months == (Month(2024, 5), Month(2024, 6))
