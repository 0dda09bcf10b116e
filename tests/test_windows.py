"""Windows, gates and prices, day by day (Rulebook 2.5, 3.2, 4.4, 5.2 and 7.3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from grantcalc import Interval, NotInForce, Participant
from grantcalc.awards import Award, BudgetPeriod
from grantcalc.billing import Household, Registration
from grantcalc.billing.counting import EnrollmentSpell
from grantcalc.billing.pricing import NO_KIND, PersonHistory, Pricer
from grantcalc.billing.rate_days import borders, day_of, rate_day
from grantcalc.billing.screening import screen
from grantcalc.billing.windows import Calendar
from grantcalc.known import Fact, Series, Steps
from grantcalc.provenance import Authority
from grantcalc.terms import ServiceRules
from tests.worked import CARE, KNOWN, service, terms

PERSON = Participant("SITE", "P-1")
SAYS = Authority("a test")
TERMS = terms(CARE + 'count = "any_day"\nrates = [{ value = "1.00 USD", @ }]\n')


def day(text: str) -> date:
    return date.fromisoformat(text)


def number(text: str) -> int:
    return day(text).toordinal()


def calendar(start: str = "2024-03-15", end: str | None = "2026-02-10") -> Calendar:
    days = Interval(day(start), day(end) if end else None)
    one, other = Interval(day(start), day("2024-12-31")), Interval(day("2025-01-01"), days.end)
    periods = tuple(BudgetPeriod(f"Year {n}", d, Series("amount")) for n, d in enumerate((one, other), 1))
    return Calendar(
        Award(
            fain="90ZV0101",
            recipient="PRIME",
            agency="HHS",
            listing="93.598",
            awarded=day(start),
            period=days,
            terms=TERMS,
            budget_periods=periods,
        )
    )


def shown(found: Calendar, kind: str, first: str | None = None) -> list[tuple[str, str, str]]:
    windows = found.windows(kind, number(first) if first else None).windows
    return [(w.name, str(date.fromordinal(w.first)), str(date.fromordinal(w.last))) for w in windows]


class TestWindows:
    """7.3, each kind."""

    def test_award(self) -> None:
        """Its whole period of performance."""
        assert shown(calendar(), "award") == [("award", "2024-03-15", "2026-02-10")]
        assert shown(calendar(end=None), "award") == [("award", "2024-03-15", "9000-01-01")]

    def test_budget_period(self) -> None:
        assert shown(calendar(), "budget_period") == [
            ("Year 1", "2024-03-15", "2024-12-31"),
            ("Year 2", "2025-01-01", "2026-02-10"),
        ]
        assert shown(calendar(end=None), "budget_period")[1] == ("Year 2", "2025-01-01", "9000-01-01")

    def test_federal_fiscal_year(self) -> None:
        """From 1 October."""
        assert shown(calendar(), "federal_fiscal_year") == [
            ("FFY 2024", "2023-10-01", "2024-09-30"),
            ("FFY 2025", "2024-10-01", "2025-09-30"),
            ("FFY 2026", "2025-10-01", "2026-09-30"),
        ]

    def test_calendar_year(self) -> None:
        assert shown(calendar(), "calendar_year") == [(str(y), f"{y}-01-01", f"{y}-12-31") for y in (2024, 2025, 2026)]

    def test_enrollment_year(self) -> None:
        """12 months from first enrollment, and again, always reckoned from that first day."""
        assert shown(calendar(), "enrollment_year", "2024-03-31") == [
            ("enrollment year 1", "2024-03-31", "2025-03-30"),
            ("enrollment year 2", "2025-03-31", "2026-03-30"),
        ]
        assert shown(calendar("2024-02-29"), "enrollment_year", "2024-02-29") == [
            ("enrollment year 1", "2024-02-29", "2025-02-27"),
            ("enrollment year 2", "2025-02-28", "2026-02-27"),
        ]
        assert shown(calendar(end="2026-03-31"), "enrollment_year", "2024-03-31")[-1][0] == "enrollment year 3"
        assert shown(calendar(), "enrollment_year") == []

    def test_enrollment_years_of_an_open_award_come_to_an_end(self) -> None:
        assert len(shown(calendar(end=None), "enrollment_year", "2024-03-31")) == 59

    def test_the_window_of_a_day(self) -> None:
        windows = calendar().windows("budget_period")
        found = [windows.at(number(d), KNOWN).name for d in ("2024-03-15", "2024-12-31", "2025-01-01", "2026-02-10")]
        assert found == ["Year 1", "Year 1", "Year 2", "Year 2"]
        assert windows.starts == [number("2024-03-15"), number("2025-01-01")]

    @pytest.mark.parametrize("on", ["2024-03-14", "2026-02-11"])
    def test_a_day_in_none(self, on: str) -> None:
        """2.4: a refusal which names what was asked for, on which day and as known when."""
        windows = calendar().windows("budget_period")
        with pytest.raises(NotInForce) as refused:
            windows.at(number(on), KNOWN, "of award 90ZV0101")
        assert refused.value == NotInForce("budget_period of award 90ZV0101", day(on), KNOWN)
        with pytest.raises(NotInForce) as refused:
            windows.at(number(on), KNOWN)
        assert refused.value == NotInForce("budget_period", day(on), KNOWN)


def spell(start: str, end: str, published: str = "") -> EnrollmentSpell:
    return EnrollmentSpell(number(start), number(end), "S", "", published=number(published) if published else 0)


def gated(
    gate: str, *spells: EnrollmentSpell, arrived: str = "", eligible: str = ""
) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    """What is admitted, and what is refused with its reason."""
    rules = service(f'count = "actual_days"\nrates = [{{ value = "1.00 USD", @ }}]\n{gate}\n')
    registered = Registration(PERSON, "adult", day(arrived) if arrived else None, day(eligible) if eligible else None)
    admitted, refused = screen(rules, list(spells), registered, KNOWN)
    return (
        [(str(date.fromordinal(s.start)), str(date.fromordinal(s.end))) for s in admitted],
        [(str(date.fromordinal(s.start)), str(date.fromordinal(s.end)), str(reason)) for s, reason in refused],
    )


STAY = ("2024-03-01", "2024-06-30")
WITHIN = 'enroll_within = [{ of = "arrived", value = 31, @ }]'
MONTHS = 'eligible_months = [{ since = "arrived", by = "actual_date", value = 2, @ }]'


class TestGates:
    """3.2: what falls outside is refused by name and counted; it never disappears."""

    def test_within_31_days_of_arrival(self) -> None:
        """From 30 January to 1 March are 31 days, from 29 January 32."""
        assert gated(WITHIN, spell(*STAY), arrived="2024-01-30") == ([STAY], [])
        late = "enrolled 32 days after arrival, at most 31 are allowed"
        assert gated(WITHIN, spell(*STAY), arrived="2024-01-29") == ([], [(*STAY, late)])

    def test_within_days_of_eligibility(self) -> None:
        late = "enrolled 60 days after eligibility, at most 31 are allowed"
        gate = WITHIN.replace("arrived", "eligible")
        assert gated(gate, spell(*STAY), eligible="2024-01-01", arrived="2024-02-29") == ([], [(*STAY, late)])

    def test_the_first_enrollment_speaks_for_later_ones(self) -> None:
        later = ("2024-09-01", "2024-09-30")
        assert gated(WITHIN, spell(*STAY), spell(*later), arrived="2024-02-01") == ([STAY, later], [])

    def test_a_window_that_is_not_there_yet_refuses_nothing(self) -> None:
        gate = WITHIN.replace("@", 'effective = 2024-03-02, published = 2024-03-02, cite = "m"')
        assert gated(gate, spell(*STAY), arrived="2023-01-01") == ([STAY], [])

    def test_without_a_day_of_arrival(self) -> None:
        with pytest.raises(NotInForce) as refused:
            gated(WITHIN, spell(*STAY), eligible="2024-02-01")
        assert refused.value == NotInForce("day on which a participant arrived", day("2024-03-01"), KNOWN)

    def test_months_of_eligibility_from_the_actual_date(self) -> None:
        """Two months from 10 March: to 9 May."""
        assert gated(MONTHS, spell(*STAY), arrived="2024-03-10") == (
            [("2024-03-10", "2024-05-09")],
            [
                ("2024-03-01", "2024-03-09", "before the day of arrival"),
                ("2024-05-10", "2024-06-30", "beyond 2 months of eligibility from 2024-03-10"),
            ],
        )

    def test_months_of_eligibility_by_calendar_months(self) -> None:
        """That of arrival is the first: March and April."""
        gate = MONTHS.replace("actual_date", "calendar_months").replace("arrived", "eligible")
        assert gated(gate, spell("2024-02-20", "2024-06-30"), eligible="2024-03-10") == (
            [("2024-03-01", "2024-04-30")],
            [
                ("2024-02-20", "2024-02-29", "before the day of eligibility"),
                ("2024-05-01", "2024-06-30", "beyond 2 months of eligibility from 2024-03-10"),
            ],
        )

    @pytest.mark.parametrize(
        ("arrived", "admitted"),
        [
            ("2024-03-01", [("2024-03-01", "2024-04-30")]),
            ("2024-06-30", [("2024-06-30", "2024-06-30")]),
            ("2024-07-01", []),
            ("2024-01-01", []),
            ("2024-01-02", [("2024-03-01", "2024-03-01")]),
            ("2024-04-30", [("2024-04-30", "2024-06-29")]),
        ],
    )
    def test_borders_at_the_ends_of_a_stay(self, arrived: str, admitted: list[tuple[str, str]]) -> None:
        found, refused = gated(MONTHS, spell(*STAY), arrived=arrived)
        assert found == admitted
        days = sum((day(e) - day(s)).days + 1 for s, e in [*found, *((s, e) for s, e, _ in refused)])
        assert days == 122

    def test_months_by_cohort(self) -> None:
        """The number of months goes by the day of arrival; before the first there is none in
        force."""
        gate = MONTHS.replace("@", 'effective = 2024-03-10, published = 2024-03-10, cite = "m"')
        with pytest.raises(NotInForce) as refused:
            gated(gate, spell(*STAY), arrived="2024-03-09")
        assert refused.value == NotInForce("number of months of eligibility", day("2024-03-09"), KNOWN)

    def test_days_made_known_too_late(self) -> None:
        """Lateness is published minus day of service: on 10 March, 7 March is 3 days back."""
        gate = "look_back = [{ value = 3, @ }]"
        why = "made known more than 3 days after the day of service"
        assert gated(gate, spell("2024-03-01", "2024-03-31", "2024-03-10")) == (
            [("2024-03-07", "2024-03-31")],
            [("2024-03-01", "2024-03-06", why)],
        )
        assert gated(gate, spell("2024-03-01", "2024-03-06", "2024-03-10")) == (
            [],
            [("2024-03-01", "2024-03-06", why)],
        )
        assert gated(gate, spell("2024-03-01", "2024-03-07", "2024-03-10"))[0] == [("2024-03-07", "2024-03-07")]
        assert gated(gate, spell("2024-03-07", "2024-03-31", "2024-03-10"))[1] == []
        assert gated(gate, spell("2024-03-01", "2024-03-31")) == ([("2024-03-01", "2024-03-31")], [])
        later = gate.replace("@", 'effective = 2024-03-05, published = 2024-03-05, cite = "m"')
        assert gated(later, spell("2024-03-01", "2024-03-31", "2024-03-10")) == (
            [("2024-03-01", "2024-03-04"), ("2024-03-07", "2024-03-31")],
            [("2024-03-05", "2024-03-06", why)],
        )

    def test_gate_after_gate(self) -> None:
        found, refused = gated(f"{WITHIN}\n{MONTHS}", spell(*STAY), arrived="2023-01-01")
        assert (found, len(refused)) == ([], 1)
        assert gated(f"{WITHIN}\n{MONTHS}") == ([], [])


def priced(
    provisions: str,
    rates: str = '{ value = "100.00 USD", @ }',
    home: tuple[Household, ...] = (),
    on: str = "2024-03-10",
    **figures: str,
) -> tuple[str, Fact[object]]:
    """The price of a day and its fact, at a site with these figures."""
    rules = service(f'count = "day"\nrates = [{rates}]\n{provisions}\n')
    fact = Pricer(KNOWN, sites(**figures)).price(
        rules, number(on), number(on), PersonHistory.of(list(home)), "S", "", NO_KIND
    )
    return str(fact.value), fact  # type: ignore[return-value]


def sites(**figures: str) -> dict[tuple[str, str], Steps[Decimal]]:
    start, told = day("2024-01-15"), day("2024-01-20")
    return {
        ("S", name): Series(name, [Fact(Decimal(v), start, told, SAYS)]).as_known(KNOWN) for name, v in figures.items()
    }


def household(family: int, minors: int, start: str = "2024-03-01", end: str | None = "2024-03-31") -> Household:
    return Household(
        participant=PERSON,
        days=Interval(day(start), day(end) if end else None),
        family=family,
        published=KNOWN,
        minors=minors,
    )


HALF = 'lesser_of = [{ figure = "cost", value = 0.50, @ }]'
UPLIFT = 'uplift = [{ per = "minor", value = 0.50, @ }]'
SIZES = ", ".join(f'{{ size = {n}, value = "{n}00.00 USD", @ }}' for n in (1, 2))
SLOPE = 'slope = [{ above = 2, value = "70.00 USD", @ }]'


class TestPrice:
    """5.2: the rate table with slope, then the lesser of it and the site's figure, then the uplift;
    each step exact."""

    def test_the_lesser_of_rate_and_cost(self) -> None:
        assert priced(HALF, cost="180.25")[0] == "90.125"
        text, fact = priced(HALF, cost="200.00")
        assert (text, fact.authority.citation) == ("100.00", "ILLUSTRATIVE: Manual")
        assert priced(HALF, cost="240.00")[0] == "100.00"

    def test_less_what_others_pay_and_never_below_zero(self) -> None:
        rule = HALF.replace("value", 'less = ["others", "gifts"], value')
        assert priced(rule, cost="180.00", others="20.00", gifts="10.00")[0] == "75.00"
        assert priced(rule, cost="18.00", others="20.00", gifts="10.00")[0] == "0.00"

    def test_its_authority_names_every_step_and_its_dates_are_the_latest(self) -> None:
        _, fact = priced(f"{HALF}\n{UPLIFT}", home=(household(3, 2),), cost="180.00")
        manual = "ILLUSTRATIVE: Manual"
        assert fact.authority.citation == (
            f"{manual}; lesser of this and 90.0000 from cost: {manual}; + 0.50 × 2 by minor: {manual}"
        )
        assert (fact.effective, fact.published) == (day("2024-01-15"), day("2024-01-20"))

    def test_a_price_has_the_dates_of_the_rule_that_made_it(self) -> None:
        later = UPLIFT.replace("@", 'effective = 2024-03-05, published = 2024-03-06, cite = "m"')
        assert priced(later, home=(household(3, 2),), on="2024-03-04")[0] == "100.00"
        text, fact = priced(later, home=(household(3, 2),))
        assert (text, fact.effective, fact.published) == ("200.00", day("2024-03-05"), day("2024-03-06"))

    def test_a_figure_that_nobody_reported(self) -> None:
        with pytest.raises(NotInForce) as refused:
            priced(HALF)
        assert refused.value == NotInForce("figure cost of subaward S", day("2024-03-10"), KNOWN)
        with pytest.raises(NotInForce):
            priced(HALF, cost="180.00", on="2024-01-14")

    def test_a_rule_that_is_not_there_yet_changes_nothing(self) -> None:
        later = 'effective = 2024-03-11, published = 2024-03-11, cite = "m"'
        assert priced(HALF.replace("@", later), cost="18.00")[0] == "100.00"
        assert priced(SLOPE.replace("@", later), SIZES + ', { size = 3, value = "9.00 USD", @ }', (household(2, 0),))[
            0
        ] == ("9.00")

    @pytest.mark.parametrize(
        ("per", "family", "minors", "price"),
        [
            ("minor", 3, 2, "200.00"),
            ("family", 3, 2, "250.00"),
            ("household", 3, 2, "150.00"),
            ("household", 0, 0, "100.00"),
            ("minor", 1, 0, "100.00"),
        ],
    )
    def test_the_uplift_by_heads(self, per: str, family: int, minors: int, price: str) -> None:
        assert priced(UPLIFT.replace("minor", per), home=(household(family, minors),))[0] == price

    def test_heads_are_those_of_the_day(self) -> None:
        home = (household(2, 1, "2024-03-10", "2024-03-10"), household(1, 1, "2024-03-11", None))
        found = [priced(UPLIFT, home=home, on=f"2024-03-{d}")[0] for d in ("09", "10", "11", "20")]
        assert found == ["100.00", "150.00", "150.00", "150.00"]
        assert priced(UPLIFT.replace("minor", "family"), home=(*home, household(1, 0)), on="2024-03-10")[0] == "250.00"

    def test_the_table_by_size_and_its_slope(self) -> None:
        """Alone 1; with family of 1, 2; above 2, 70.00 for each further person: 200.00 + 2 ×
        70.00."""
        assert priced(SLOPE, SIZES)[0] == "100.00"
        assert priced(SLOPE, SIZES, (household(1, 0),))[0] == "200.00"
        assert priced(SLOPE, SIZES, (household(1, 0),))[1].authority.citation == "ILLUSTRATIVE: Manual"
        text, fact = priced(SLOPE, SIZES, (household(3, 0),))
        assert text == "340.00"
        assert "+ 70.00 × 2 above size 2" in fact.authority.citation

    def test_a_table_of_which_a_part_goes_by_size(self) -> None:
        part = '{ value = "50.00 USD", @ }, { size = 2, value = "200.00 USD", @ }'
        assert [priced("", part, home)[0] for home in ((), (household(1, 0),))] == ["50.00", "200.00"]

    def test_an_uplift_of_the_cost(self) -> None:
        """The site's cost is uplifted and then the lesser: 80.00 × (1 + 0.50 × 2) = 160.00 is not;
        40.00 × 2 is."""
        rules = HALF + "\n" + UPLIFT.replace("value", 'on = "cost", value')
        assert priced(rules, home=(household(3, 2),), cost="160.00")[0] == "100.00"
        text, fact = priced(rules, home=(household(3, 2),), cost="80.00")
        assert text == "80.00"
        assert "lesser of this and 80.000000 from cost + 0.50 × 2 by minor (ILLUSTRATIVE: Manual)" in (
            fact.authority.citation
        )

    def test_without_a_home_no_size_and_no_heads_are_known(self) -> None:
        rules = service(f'count = "day"\nrates = [{{ value = "50.00 USD", @ }}, {SIZES}]\n{UPLIFT}\n')
        fact = Pricer(KNOWN, {}).price(rules, number("2024-03-10"), number("2024-03-10"), None, "S", "", NO_KIND)
        assert str(fact.value) == "50.00"

    def test_days_on_which_a_price_may_change(self) -> None:
        pricer, home = (
            Pricer(KNOWN, sites(cost="1.00")),
            PersonHistory.of([household(1, 0), household(1, 0, "2024-04-05", None)]),
        )
        january, house = number("2024-01-15"), [number(f"2024-{d}") for d in ("03-01", "04-01", "04-05")]
        end = date.max.toordinal()
        rate = 'count = "day"\nrates = [{ value = "100.00 USD", @ }]\n'
        assert borders(service(rate), pricer, home) == []
        assert borders(service(rate + HALF), pricer, home) == [january]
        assert borders(service(rate + UPLIFT), pricer, home) == [january, *house, end]
        sized = f'count = "day"\nrates = [{SIZES}]\n'
        assert borders(service(sized), pricer, home) == [*house, end]
        assert borders(service(sized + SLOPE), pricer, home) == [january, *house, end]

    def test_equal_prices_are_one_fact(self) -> None:
        rules = service(f'count = "day"\nrates = [{{ value = "100.00 USD", @ }}]\n{HALF}\n')
        pricer, home = Pricer(KNOWN, sites(cost="180.00")), PersonHistory.of([])
        one, other = (
            pricer.price(rules, d, d, home, "S", "", NO_KIND) for d in (number("2024-03-10"), number("2024-03-11"))
        )
        assert one is other


FLOOR = 'floor = [{ only = "every_month", value = "10.00 USD", @ }]'


class TestFloorAndCarve:
    """5.2: a floor is tested on the rounded amount; a carve-out parts the price."""

    def under(self, provisions: str, amount: int, *, first: bool, on: str = "2024-03-10") -> str:
        rules = service(f'count = "day"\nrates = [{{ value = "100.00 USD", @ }}]\n{provisions}\n')
        return str(
            Pricer(KNOWN, {}).under_floor(rules, amount, Fraction(amount, 100), number(on), first_month=first) or ""
        )

    def test_both_sides_of_the_floor(self) -> None:
        assert self.under(FLOOR, 1000, first=False) == ""
        assert self.under(FLOOR, 999, first=False) == "9.99 is under the least amount paid, 10.00"

    def test_a_floor_of_first_months(self) -> None:
        first = FLOOR.replace("every", "first")
        assert self.under(first, 999, first=False) == ""
        assert self.under(first, 999, first=True) == "9.99 is under the least amount paid, 10.00"

    def test_a_floor_that_is_not_there_yet(self) -> None:
        assert self.under(FLOOR, 999, first=True, on="2023-12-31") == ""

    @pytest.mark.parametrize(
        ("rate", "parts"),
        [
            ("1800.00", [("direct", "1100.00"), ("administration", "700.00")]),
            ("900.00", [("direct", "900.00"), ("administration", "0.00")]),
        ],
    )
    def test_the_parts_of_a_price(self, rate: str, parts: list[tuple[str, str]]) -> None:
        """At least 1,100.00 of 1,800.00 is direct, and no more than the price."""
        rules = service(
            f'count = "once"\nrates = [{{ value = "{rate} USD", @ }}]\n'
            'carve = [{ pool = "direct", value = "1100.00 USD", @ }]\n'
        )
        pricer = Pricer(KNOWN, {})
        price = rules.rate_at(number("2024-03-10"), "")
        found = list(pricer.carved(rules, price, number("2024-03-10")))
        assert [(pool, str(fact.value)) for pool, fact in found] == parts
        assert "of which" in found[0][1].authority.citation
        assert [(p, str(f.value)) for p, f in pricer.carved(rules, price, number("2023-12-31"))] == [
            ("administration", rate)
        ]


def by(rate_by: str) -> ServiceRules:
    return service(f'count = "any_day"\nrate_by = "{rate_by}"\nrates = [{{ value = "1.00 USD", @ }}]\n')


class TestRateDay:
    """2.5: a rate goes by the day of service, the day of enrollment (arrival) or the day of
    eligibility."""

    def test_each_day(self) -> None:
        arrived, eligible, first, on = (number(f"2024-0{n}-10") for n in (1, 2, 3, 4))
        who = Registration(PERSON, "adult", day("2024-01-10"), day("2024-02-10"))
        found = [
            rate_day(by(word), who, first, on, KNOWN)
            for word in ("service_day", "enrollment_day", "arrival_day", "eligibility_day")
        ]
        assert found == [on, first, arrived, eligible]
        assert rate_day(by("enrollment_day"), who, None, on, KNOWN) == on

    @pytest.mark.parametrize("who", [None, Registration(PERSON)])
    def test_a_day_that_was_not_registered(self, who: Registration | None) -> None:
        with pytest.raises(NotInForce) as refused:
            day_of(who, "eligible", number("2024-04-10"), KNOWN)
        assert refused.value == NotInForce("day on which a participant eligible", day("2024-04-10"), KNOWN)
