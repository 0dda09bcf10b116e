"""Rules of the rulebook that the oracle found kept otherwise, each with an example of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from grantcalc.awards import Award, BudgetPeriod, Organization, Subaward
from grantcalc.billing.caseload import (
    Absence,
    Caseload,
    Count,
    Enrollment,
    Household,
    Registration,
    SiteFigure,
    UnitsUsed,
)
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.lines import Line
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import NotInForce, Rejected
from grantcalc.known import Fact, Series
from grantcalc.money import Cents
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.provenance import Authority
from grantcalc.terms import load_terms, read_terms, rules_as_known

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
    """What these rows earn under a program of one service, to the end of the year."""
    given = read_terms(HEAD + terms, "own.toml")
    budget = Series("budget", [Fact(Cents(10**9), BEGIN, BEGIN, SAYS)])
    award = Award(
        fain="90ZV0101",
        recipient="US",
        agency="HHS",
        listing="93.598",
        awarded=BEGIN,
        period=YEAR,
        terms=given,
        budget_periods=(BudgetPeriod("Y1", YEAR, budget),),
    )
    subaward = Subaward(id="S-1", parent="90ZV0101", subrecipient="ORG", period=period, amount=Series("amount"))
    network = Network(
        report_date=BEGIN,
        organizations=(Organization(id="US", name="x"), Organization(id="ORG", name="y")),
        awards=(award,),
        subawards=(subaward,),
    )
    people = tuple(Registration(who) for who in (ONE, TWO))
    found: dict[str, Any] = {kind: tuple(values) for kind, values in rows.items()}
    return bill(Caseload(issuer="ORG", report_date=KNOWN, participants=people, **found), network, Month(2024, 12))


def lines(terms: str, **rows: Sequence[Any]) -> tuple[Line, ...]:
    return claim(terms, YEAR, **rows).lines


def days(first: str, last: str) -> Interval:
    """Days of 2024, written like 03-10."""
    return Interval(date.fromisoformat(f"2024-{first}"), date.fromisoformat(f"2024-{last}"))


def enrolled(first: str, last: str, who: Participant = ONE, published: date = BEGIN) -> Enrollment:
    return Enrollment(participant=who, subaward="S-1", days=days(first, last), published=published)


def away(kind: str, first: str, last: str, hours: int = 0) -> Absence:
    return Absence(participant=ONE, kind=kind, days=days(first, last), published=BEGIN, hours=hours)


def had(day: str, quantity: int, unit: str = "", rate_class: str = "") -> UnitsUsed:
    return UnitsUsed(
        participant=ONE,
        subaward="S-1",
        service="care",
        day=date.fromisoformat(f"2024-{day}"),
        quantity=quantity,
        published=BEGIN,
        unit=unit,
        rate_class=rate_class,
    )


DAY = "count = 'day'\n" + said("rates", "value = '10.00 USD'")


class TestAbsences:
    """Absences are paid to a limit, by stay or calendar year; `cut` pays the first, `cliff` all or
    none."""

    def paid(self, entries: Sequence[str], *absences: Absence) -> int:
        """How many days of May are paid."""
        found = lines(DAY + said("absence", *entries), enrollments=[enrolled("05-01", "05-31")], absences=absences)
        return sum(line.quantity for line in found)

    def test_a_cliff_by_calendar_year_is_of_all_its_days(self) -> None:
        entry = "kind = 'other', unit = 'day', per = 'calendar_year', beyond = 'cliff', value = 4"
        two, more = away("other", "05-06", "05-07"), away("other", "05-20", "05-22")
        assert self.paid([entry], two, away("other", "05-20", "05-21")) == 31
        assert self.paid([entry], two, more) == 31 - 5

    def test_any_kind_by_calendar_year_counts_the_days_in_their_order(self) -> None:
        """The first two days away are paid, whichever kind they are of; one day of both kinds is
        one day."""
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
        assert (
            self.paid(
                [entry], Absence(participant=ONE, kind="other", days=Interval(date(2024, 5, 20)), published=BEGIN)
            )
            == 24
        )

    def test_a_figure_is_asked_for_on_enrolled_days_alone(self) -> None:
        """The stay begins before the enrollment, when no occupancy was reported."""
        entry = (
            "kind = 'other', unit = 'day', per = 'stay', beyond = 'cut', when = 'occupancy', at_least = 0.9, value = 9"
        )
        occupancy = SiteFigure(
            subaward="S-1", name="occupancy", value=Decimal("0.95"), effective=date(2024, 5, 1), published=BEGIN
        )
        found = lines(
            DAY + said("absence", entry),
            enrollments=[enrolled("05-01", "05-31")],
            absences=[away("other", "04-29", "05-02")],
            figures=[occupancy],
        )
        assert [line.quantity for line in found] == [31]


class TestHoursAndUnits:
    """Hours of each day, at most the terms' daily cap; units, each day held to the terms' daily
    maxima; of allowed combinations, the best paid."""

    STAY = (enrolled("05-01", "05-31"),)

    def earned(self, terms: str, *units: UnitsUsed) -> list[tuple[str, int, int, str]]:
        """Category, quantity, cents and reason of each line."""
        found = lines(terms, enrollments=self.STAY, units=units)
        return [(line.category, line.quantity, line.amount, str(line.reason or "")) for line in found]

    def test_hours_have_the_rate_of_their_class_and_the_cap_takes_the_best_paid_first(self) -> None:
        terms = "count = 'hour'\n" + said("daily_cap", "value = 8")
        terms += said("rates", "value = '10.00 USD'", "class = 'nurse', value = '30.00 USD'")
        assert self.earned(terms, had("05-02", 6, "hour"), had("05-02", 5, "hour", "nurse")) == [
            ("hour, nurse", 5, 15000, ""),
            ("hour", 3, 3000, ""),
        ]

    def test_paid_months_are_counted_for_hours_and_units_too(self) -> None:
        """4.3: at most N paid months of a phase."""
        terms = "count = 'unit'\n" + said("rates", "value = '2.00 USD'") + said("months", "value = 1")
        found = lines(
            terms, enrollments=[enrolled("05-01", "06-30")], units=[had("05-02", 3, "meal"), had("06-02", 3, "meal")]
        )
        assert [(x.month.month, x.amount) for x in found] == [(5, 600), (6, 0)]
        assert str(found[1].reason or "") == "at most 1 months of phase enrolled are paid"

    MAXIMA = "count = 'unit'\n" + said(
        "rates", "unit = 'meal', value = '1.00 USD'", "unit = 'snack', value = '2.00 USD'", "value = '4.00 USD'"
    )

    def test_maxima_within_maxima(self) -> None:
        """At most two of meals and snacks, at most one snack: the best is a snack and a meal, not
        one snack alone."""
        terms = self.MAXIMA + said("units_a_day", "of = ['meal', 'snack'], value = 2", "of = ['snack'], value = 1")
        assert self.earned(terms, had("05-02", 3, "meal"), had("05-02", 3, "snack")) == [
            ("snack", 1, 200, ""),
            ("meal", 1, 100, ""),
        ]

    def test_maxima_across_maxima(self) -> None:
        """At most one of a and b, at most one of b and c: a and c at 4.00 each come to more than b
        at 5.00."""
        rates = said("rates", *(f"unit = '{u}', value = '{v}.00 USD'" for u, v in (("a", 4), ("b", 5), ("c", 4))))
        maxima = said("units_a_day", "of = ['a', 'b'], value = 1", "of = ['b', 'c'], value = 1")
        found = self.earned("count = 'unit'\n" + rates + maxima, *(had("05-02", 1, unit) for unit in "abc"))
        assert {unit: quantity for unit, quantity, _, _ in found} == {"a": 1, "b": 0, "c": 1}

    def test_what_no_day_allows_is_shown_with_its_reason(self) -> None:
        terms = self.MAXIMA + said("units_a_day", "of = ['snack'], value = 0")
        assert self.earned(terms, had("05-02", 3, "snack"), had("05-02", 0, "meal")) == [
            ("snack", 0, 0, "more than the terms pay of a day")
        ]

    def test_of_days_elsewhere_one_line_says_so(self) -> None:
        """Hours of two classes on two days before the enrollment; and none at all of days after the
        last day known."""
        terms = "count = 'hour'\n" + said("rates", "value = '10.00 USD'")
        units = [
            had("04-02", 6),
            had("04-03", 5, "hour", "nurse"),
            UnitsUsed(
                participant=ONE, subaward="S-1", service="care", day=date(2025, 1, 1), quantity=1, published=BEGIN
            ),
        ]
        assert self.earned(terms, *units[:2]) == [("", 0, 0, "not enrolled on the day")]
        found = lines(terms, units=units[:1])
        assert [str(line.reason or "") for line in found] == ["not enrolled on the day"]

    def test_a_refused_day_is_refused_once(self) -> None:
        """The gate's reason stands; that the participant was not enrolled would be wrong."""
        terms = "count = 'hour'\n" + said("rates", "value = '10.00 USD'") + said("look_back", "value = 3")
        stay = [enrolled("05-01", "05-31", published=date(2024, 5, 10))]
        found = lines(terms, enrollments=stay, units=[had("05-02", 6), had("05-12", 5)])
        assert sorted((x.day, x.quantity, str(x.reason or "")) for x in found if x.day) == [
            (date(2024, 5, 1), 0, "made known more than 3 days after the day of service"),
            (date(2024, 5, 12), 5, ""),
        ]


class TestGates:
    """3.2: what falls outside is refused by name and counted; it never disappears."""

    def test_lateness_goes_by_the_days_allowed_on_the_day_of_service(self) -> None:
        """From 6 May on ten days are allowed, before them three: 1 to 5 May are refused, 6 May is
        not."""
        terms = DAY + said("look_back", "value = 3", f"value = 10, effective = {date(2024, 5, 6)}")
        found = lines(terms, enrollments=[enrolled("05-01", "05-31", published=date(2024, 5, 12))])
        assert sorted((x.quantity, x.day) for x in found if x.day) == [(0, date(2024, 5, 1)), (26, date(2024, 5, 6))]

    def test_of_what_is_paid_once_no_later_month_is_refused(self) -> None:
        terms = "count = 'once'\n" + said("rates", "value = '10.00 USD'")
        terms += said("look_back", "value = 3", f"value = 0, effective = {date(2024, 6, 1)}")
        found = lines(
            terms, enrollments=[enrolled("05-01", "05-09"), enrolled("06-01", "06-30", ONE, date(2024, 6, 9))]
        )
        assert [(x.month.month, x.amount) for x in found] == [(5, 1000)]


class TestFloor:
    """5.2: a floor of the month of application, or after a break."""

    TERMS = said("rates", "value = '1.00 USD'") + said("floor", "only = 'first_month', value = '30.00 USD'")

    def test_an_absence_is_no_break(self) -> None:
        stay, gone = [enrolled("05-01", "06-30")], [away("other", "05-20", "06-02")]
        found = lines("count = 'day'\n" + self.TERMS, enrollments=stay, absences=gone)
        assert [(x.month.month, x.amount) for x in found] == [(5, 0), (6, 2800)]

    def test_of_units_too(self) -> None:
        units = [had("05-02", 20), had("06-02", 20)]
        found = lines("count = 'unit'\n" + self.TERMS, enrollments=[enrolled("05-01", "06-30")], units=units)
        assert [(x.month.month, x.amount) for x in found] == [(5, 0), (6, 2000)]


class TestSizes:
    """A rate table keyed by facts: an entry may name a size, persons of the household; the entry
    that says most, and says nothing wrong, holds."""

    SIZES = said("rates", "value = '9.00 USD'", "size = 1, value = '10.00 USD'", "size = 3, value = '30.00 USD'")

    @pytest.mark.parametrize("count", ["any_day", "actual_days", "from_start"])
    def test_without_any_provision(self, count: str) -> None:
        households = [Household(participant=ONE, days=days("06-01", "06-30"), family=2, published=BEGIN)]
        found = lines(
            f"count = '{count}'\n" + self.SIZES, enrollments=[enrolled("05-01", "06-30")], households=households
        )
        assert [(x.month.month, x.amount) for x in found] == [(5, 1000), (6, 3000)]

    def test_a_month_of_days_is_cut_where_the_household_changes(self) -> None:
        households = [Household(participant=ONE, days=days("06-16", "06-30"), family=2, published=BEGIN)]
        found = lines(
            "count = 'actual_days'\n" + self.SIZES, enrollments=[enrolled("06-01", "06-30")], households=households
        )
        assert [(x.quantity, x.amount) for x in found] == [(15, 500), (15, 1500)]

    def test_a_slope_upon_one_rate_for_all(self) -> None:
        """For each person above this size, added to the rate of this size, which may be that of
        every size."""
        terms = (
            "count = 'any_day'\n" + said("rates", "value = '9.00 USD'") + said("slope", "above = 2, value = '5.00 USD'")
        )
        households = [Household(participant=ONE, days=days("05-01", "05-31"), family=3, published=BEGIN)]
        (line,) = lines(terms, enrollments=[enrolled("05-01", "05-31")], households=households)
        assert line.amount == 900 + 2 * 500


class TestPrices:
    """5.2: rate table with slope, then the lesser of it and the site's figure, then the uplift; a
    carve-out parts the price."""

    def test_what_comes_into_force_in_mid_month_parts_the_month(self) -> None:
        """From 16 June on half the daily cost of 10.00 is the lesser; from 21 June on 2.00 stand in
        the other pool."""
        terms = "count = 'day'\n" + said("rates", "value = '8.00 USD'")
        terms += said("lesser_of", f"figure = 'daily_cost', value = 0.50, effective = {date(2024, 6, 16)}")
        terms += said("carve", f"pool = 'direct', value = '2.00 USD', effective = {date(2024, 6, 21)}")
        cost = SiteFigure(subaward="S-1", name="daily_cost", value=Decimal("10.00"), effective=BEGIN, published=BEGIN)
        found = lines(terms, enrollments=[enrolled("06-01", "06-30")], figures=[cost])
        assert [(x.pool, x.quantity, x.amount) for x in found] == [
            ("administration", 15, 12000),
            ("administration", 5, 2500),
            ("direct", 10, 2000),
            ("administration", 10, 3000),
        ]

    def test_a_bare_count_has_the_price_too(self) -> None:
        """Ten bed days at the lesser of 8.00 and half of 10.00, 2.00 of it direct; 16 hours are 2
        days of 8."""
        cost = [SiteFigure(subaward="S-1", name="daily_cost", value=Decimal("10.00"), effective=BEGIN, published=BEGIN)]
        terms = said("rates", "value = '8.00 USD'") + said("lesser_of", "figure = 'daily_cost', value = 0.50")
        terms += said("carve", "pool = 'direct', value = '2.00 USD'")
        counts = [Count(subaward="S-1", service="care", phase="", month=Month(2024, 6), quantity=10, published=BEGIN)]
        found = lines("count = 'day'\n" + terms, counts=counts, figures=cost)
        assert [(x.pool, x.quantity, x.amount) for x in found] == [("direct", 10, 2000), ("administration", 10, 3000)]
        hours = [
            Count(
                subaward="S-1",
                service="care",
                phase="",
                month=Month(2024, 6),
                quantity=16,
                published=BEGIN,
                unit="hour",
            )
        ]
        found = lines("count = 'hour'\n" + said("hours_of_day", "value = 8") + terms, counts=hours, figures=cost)
        assert [(x.quantity, x.divisor, x.amount) for x in found] == [(16, 8, 400), (16, 8, 600)]


class TestCapacity:
    """Persons of a subaward and month beyond this share of a site figure are recouped whole, the
    last in the order of 7.2 first."""

    SEATS = said("capacity", "figure = 'maximum_enrollment', value = 1.00")

    def recouped(self, terms: str, seats: str, period: Interval = YEAR, **rows: Sequence[Any]) -> list[tuple[str, int]]:
        figure = SiteFigure(
            subaward="S-1", name="maximum_enrollment", value=Decimal(seats), effective=period.start, published=BEGIN
        )
        found = claim(terms + self.SEATS, period, figures=[figure], **rows).reductions
        return [(x.line.participant.pseudonym if x.line.participant else "", -x.amount) for x in found]

    @pytest.mark.parametrize(("count", "amount"), [("any_day", 1000), ("actual_days", 1000), ("day", 30000)])
    def test_a_person_is_one_whatever_is_counted(self, count: str, amount: int) -> None:
        terms = f"count = '{count}'\n" + said("rates", "value = '10.00 USD'")
        stays = [enrolled("06-01", "06-30", who) for who in (ONE, TWO)]
        assert self.recouped(terms, "2", enrollments=stays) == []
        assert self.recouped(terms, "1", enrollments=stays) == [("P2", amount)]

    def test_both_parts_of_a_price_are_one_person(self) -> None:
        terms = (
            "count = 'any_day'\n"
            + said("rates", "value = '10.00 USD'")
            + said("carve", "pool = 'direct', value = '4.00 USD'")
        )
        stays = [enrolled("06-01", "06-30", who) for who in (ONE, TWO)]
        assert self.recouped(terms, "2", enrollments=stays) == []
        assert self.recouped(terms, "1", enrollments=stays) == [("P2", 400), ("P2", 600)]

    def test_the_capacity_of_a_month_in_which_the_subaward_begins(self) -> None:
        terms = "count = 'any_day'\n" + said("rates", "value = '10.00 USD'")
        stays = [enrolled("06-12", "06-30", who) for who in (ONE, TWO)]
        assert self.recouped(terms, "1", days("06-10", "12-31"), enrollments=stays) == [("P2", 1000)]

    def test_nothing_is_recouped_of_nothing(self) -> None:
        """A bare count at a rate of 0.00 beyond the capacity has no cent to give back."""
        terms = "count = 'any_day'\n" + said("rates", "value = '0.00 USD'")
        assert (
            self.recouped(
                terms,
                "1",
                counts=[
                    Count(subaward="S-1", service="care", phase="", month=Month(2024, 6), quantity=10, published=BEGIN)
                ],
            )
            == []
        )


class TestShares:
    """Shares of pools go by ceilings over windows: of each participant, or of each subaward."""

    @pytest.mark.parametrize(("base", "reduced"), [("authorized", 4000), ("claimed", 0)])
    def test_of_a_subawards_ceiling(self, base: str, reduced: int) -> None:
        terms = "count = 'any_day'\n" + said("rates", "value = '100.00 USD'")
        terms += "[ceilings.site]\ntitle = 'x'\ncite = 'c'\nscope = 'subaward'\nwindow = 'award'\n"
        terms += said("amounts", "value = '100.00 USD'") + "[shares.part]\ntitle = 'x'\ncite = 'c'\nof = 'site'\n"
        terms += f"pool = 'administration'\nbase = '{base}'\n" + said("at_most", "value = 0.40")
        found = claim(terms, enrollments=[enrolled("06-01", "06-30")])
        assert (found.total.amount, [x.name for x in found.reductions]) == (Decimal(reduced) / 100, ["part"])


class TestAnniversaryMonths:
    """3.1: a whole-month policy picks one payee, the `first` or the `last` of the month."""

    def test_the_last_of_a_month_that_runs_into_the_next(self) -> None:
        """The month runs from 20 June to 19 July; the phase is that of its last day, whichever
        months are billed."""
        terms = "count = 'anniversary'\nphase_of_month = 'last'\n" + said("rates", "value = '10.00 USD'")
        letter = Letter(participant=ONE, kind="certification_letter", days=days("07-10", "07-31"), published=BEGIN)
        phases = "[phases]\ncertified = ['certification_letter']\nwaiting = []\n"
        found = lines(terms + phases, enrollments=[enrolled("06-20", "07-15")], letters=[letter])
        assert [(x.month.month, x.phase) for x in found] == [(6, "certified")]


class TestFindings:
    """What cannot be billed is a finding, never a guess."""

    def test_a_day_of_units_outside_the_subaward(self) -> None:
        terms = "count = 'unit'\n" + said("rates", "value = '2.00 USD'")
        with pytest.raises(Rejected, match=r"the day lies outside the subaward's period.*found 2024-06-09"):
            claim(terms, days("06-10", "12-31"), units=[had("06-09", 1)])

    def test_two_figures_with_the_same_dates(self) -> None:
        two = [
            SiteFigure(subaward="S-1", name="occupancy", value=Decimal(value), effective=BEGIN, published=BEGIN)
            for value in ("0.95", "0.90")
        ]
        with pytest.raises(Rejected, match="another row of the same subaward, figure and effective day"):
            claim(DAY, figures=two)
        assert claim(DAY, figures=[two[0], two[0]]).lines == ()


def test_rates_that_ended_are_refused() -> None:
    """2.4: the rates of tier I homes hold to 30 June 2026, of tier II to 2025; a day later none
    does, never zero."""
    known = date(2026, 8, 1)
    meals, increase = rules_as_known(load_terms("cacfp-homes"), known).services
    _, foods = rules_as_known(load_terms("cacfp-centers"), known).services
    for unit, tier, value, year in (("breakfast", "tier_1", "1.70", 2026), ("snack", "tier_2", "0.26", 2025)):
        assert str(meals.rate_at(date(year, 6, 30).toordinal(), "enrolled", unit, tier).value) == value
        with pytest.raises(NotInForce, match=f"on {year}-07-01 as known on 2026-08-01"):
            meals.rate_at(date(year, 7, 1).toordinal(), "enrolled", unit, tier)
    for service, unit, first in ((increase, "child_day", date(2026, 7, 1)), (foods, "lunch_supper", date(2016, 7, 1))):
        assert service.rate_at(first.toordinal() - 1, "enrolled", unit).value.value
        with pytest.raises(NotInForce, match=f"on {first}"):
            service.rate_at(first.toordinal(), "enrolled", unit)
