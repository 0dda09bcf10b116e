"""What is reported as it stands: hours and units, costs, and bare counts (Rulebook 3 and 5)."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve

from grantcalc import Claim, NotInForce, Rejected, bill
from grantcalc.provenance import Source
from tests.worked import (
    COSTS,
    HOUR,
    LETTER,
    MONTHS,
    MOVED,
    PHASES,
    SPRING,
    UNITS,
    billed,
    care,
    case,
    lines,
    phased,
)


def had(*found: str) -> str:
    return "units = [" + ", ".join(f'{{ participant = "P-1", service = "care", {f} }}' for f in found) + "]\n"


class TestHoursAndUnits:
    """3: hours and units of each day on which the participant was enrolled at the subaward."""

    def test_hours(self) -> None:
        """8 of 9 hours and 3, of 8 each, at 80.00: 11 ÷ 8 × 80.00."""
        rows = had("day = 2024-03-12, quantity = 9", "day = 2024-03-20, quantity = 3")
        claim = billed(care("hour", HOUR).replace("310", "80"), SPRING + rows)
        assert lines(claim) == [("2024-03", "11/8", 11000)]
        assert claim.lines[0].day == date(2024, 3, 12)

    def test_what_costs_nothing_is_paid_too(self) -> None:
        rows = had("day = 2024-03-12, quantity = 3")
        assert lines(billed(care("hour", HOUR).replace("310", "0"), SPRING + rows)) == [("2024-03", "3/8", 0)]

    def test_a_line_names_the_first_row_of_its_first_day(self) -> None:
        """5.4: its source, whether it is paid or refused by name."""
        found = case(
            care("hour", HOUR), SPRING + had(*(f"day = 2024-03-{d}, quantity = 1" for d in ("11", "10", "09", "08")))
        )
        rows = tuple(evolve(x, source=Source("a.xlsx", "Units", n)) for n, x in enumerate(found.caseload.units, 2))
        claim = bill(evolve(found.caseload, units=rows), found.network, found.through, found.known)
        assert [(x.quantity, x.source.row) for x in claim.lines] == [(2, 3), (0, 5)]

    def test_a_day_without_enrollment_is_refused_by_name(self) -> None:
        rows = had("day = 2024-03-09, quantity = 2", "day = 2024-03-10, quantity = 2", "day = 2024-05-21, quantity = 2")
        claim = billed(care("hour", HOUR), SPRING + rows)
        assert [(str(x.month), x.quantity, str(x.reason or ""), x.rate is None) for x in claim.lines] == [
            ("2024-03", 2, "", False),
            ("2024-03", 0, "not enrolled on the day", True),
            ("2024-05", 0, "not enrolled on the day", True),
        ]
        assert [(x.category, x.divisor, x.day) for x in claim.lines] == [
            ("", 8, date(2024, 3, 10)),
            ("", 1, date(2024, 3, 9)),
            ("", 1, date(2024, 5, 21)),
        ]

    def test_on_the_last_day_it_is_enrolled(self) -> None:
        assert [
            x.quantity for x in billed(care("hour", HOUR), SPRING + had("day = 2024-05-20, quantity = 2")).lines
        ] == [2]

    def test_days_after_known_are_not_billed(self) -> None:
        rows = had("day = 2024-03-20, quantity = 2, published = 2024-03-01") + "known = 2024-03-19"
        spring = SPRING.replace("}]", ", published = 2024-03-01 }]")
        assert billed(care("hour", HOUR), spring + rows).lines == ()
        assert len(billed(care("hour", HOUR), spring + rows.replace("03-19", "03-20")).lines) == 1

    def test_in_order_whatever_that_of_the_rows(self) -> None:
        rows = had("day = 2024-04-12, quantity = 2", "day = 2024-03-12, quantity = 1")
        assert [x.quantity for x in billed(care("hour", HOUR), SPRING + rows).lines] == [1, 2]

    def test_units_without_an_enrollment(self) -> None:
        rows = had("day = 2024-03-20, quantity = 2, published = 2024-04-01") + "known = 2024-04-01"
        assert [str(x.reason or "") for x in billed(care("hour", HOUR), rows).lines] == ["not enrolled on the day"]

    def test_what_a_gate_refuses_is_not_called_elsewhere(self) -> None:
        text = care("hour", HOUR + "look_back = [{ value = 3, @ }]\n")
        claim = billed(text, SPRING + had("day = 2024-03-20, quantity = 2"))
        assert {str(x.reason or "") for x in claim.lines} == {"made known more than 3 days after the day of service"}

    def test_paid_months_of_hours(self) -> None:
        """4.3 over hours: of two months with hours one is paid; one without any is none."""
        months = 'months = [{ phase = "waiting", value = 1, @ }]\n'
        rows = had("day = 2024-03-12, quantity = 0", "day = 2024-04-12, quantity = 2", "day = 2024-05-12, quantity = 3")
        claim = billed(phased("hour", HOUR + months), SPRING + rows)
        assert [(str(x.month), x.quantity) for x in claim.lines] == [("2024-04", 2), ("2024-05", 0)]
        assert str(claim.lines[1].reason or "") == "at most 1 months of phase waiting are paid"

    def test_a_floor_of_first_months_under_hours(self) -> None:
        """2 of 8 hours at 30.00 are 7.50: in March, a first month, not paid; in April paid."""
        floor = HOUR + 'floor = [{ only = "first_month", value = "10.00 USD", @ }]\n'
        rows = had("day = 2024-03-12, quantity = 2", "day = 2024-04-12, quantity = 2")
        assert [x.amount for x in billed(care("hour", floor).replace("310", "30"), SPRING + rows).lines] == [0, 750]

    def test_at_another_subaward_it_is_not_enrolled(self) -> None:
        rows = had('day = 2024-03-05, subaward = "S-2", quantity = 2', "day = 2024-03-05, quantity = 3")
        claim = billed(care("hour", HOUR), MOVED + rows)
        assert [(x.subaward, x.quantity) for x in claim.lines] == [("S-1", 3), ("S-2", 0)]

    def test_to_the_month_and_the_service(self) -> None:
        rows = had("day = 2024-03-31, quantity = 2", "day = 2024-04-01, quantity = 2")
        text = care("hour", HOUR) + care("hour", HOUR).replace("services.care", "services.more")
        assert len(billed(text, SPRING + rows).lines) == 2
        assert len(billed(text, SPRING + rows + 'through = "2024-03"').lines) == 1

    def test_units_by_name_and_class(self) -> None:
        rows = had(
            'day = 2024-03-12, unit = "meal", class = "a", quantity = 2',
            'day = 2024-03-13, unit = "meal", class = "a", quantity = 1',
            'day = 2024-03-13, unit = "meal", class = "b", quantity = 1',
            'day = 2024-03-14, unit = "snack", quantity = 4',
        )
        claim = billed(care("unit", 'units_a_day = [{ of = ["snack"], value = 3, @ }]\n', UNITS), SPRING + rows)
        assert [(x.category, x.quantity, x.amount) for x in claim.lines] == [
            ("meal, a", 3, 945),
            ("meal, b", 1, 190),
            ("snack", 3, 279),
        ]

    def test_units_of_which_nothing_is_allowed(self) -> None:
        rows = had('day = 2024-03-14, unit = "snack", quantity = 4')
        claim = billed(care("unit", 'units_a_day = [{ of = ["snack"], value = 0, @ }]\n', UNITS), SPRING + rows)
        assert [(x.category, x.quantity, x.amount) for x in claim.lines] == [("snack", 0, 0)]
        assert str(claim.lines[0].reason or "") == "more than the terms pay of a day"

    def test_what_no_day_allows_is_no_paid_month(self) -> None:
        """In March no snack is allowed, from April on three: the one paid month is April."""
        later = '{ of = ["snack"], value = 3, effective = 2024-04-01, published = 2024-03-01, cite = "m" }'
        more = f'units_a_day = [{{ of = ["snack"], value = 0, @ }}, {later}]\n{MONTHS}'
        rows = had(*(f'day = 2024-0{m}-12, unit = "snack", quantity = 2' for m in (3, 4, 5)))
        claim = billed(PHASES + care("unit", more, UNITS), SPRING + rows)
        assert [(str(x.month), x.quantity) for x in claim.lines] == [("2024-03", 0), ("2024-04", 2), ("2024-05", 0)]


class TestCosts:
    """5.3: actual costs are lines of quantity 1 at the reported amount."""

    def cost(self, facts: str, more: str = "") -> Claim:
        text = care("any_day", rate='rates = [{ value = "1.00 USD", @ }]\n') + COSTS
        return billed(text, f'costs = [{{ participant = "P-1", service = "costs", {facts} }}]\n{more}')

    def test_what_a_cost_keeps(self) -> None:
        claim = self.cost('month = "2024-03", paid = 2024-03-17, amount = "12.34 USD", category = "food"')
        (line,) = claim.lines
        assert (line.quantity, line.divisor, line.rate, line.amount, line.count) == (1, 1, None, 1234, 1)
        assert (line.day, line.category, line.reference, line.reason) == (date(2024, 3, 17), "food", "0", None)
        assert (line.pool, line.service, line.budget_period) == ("direct", "costs", "budget period")

    @pytest.mark.parametrize(
        ("month", "paid", "day"),
        [
            ("2024-03", "2024-03-02", "2024-03-02"),  # the day paid, in the month
            ("2024-03", "2024-04-02", "2024-03-10"),  # else the first enrolled day
            ("2024-04", "2024-03-02", "2024-04-01"),
            ("2024-05", "2024-06-02", "2024-05-01"),
            ("2024-06", "2024-07-02", "2024-06-01"),  # else the first
            ("2024-01", "2024-03-02", "2024-01-31"),
            ("2024-02", "2024-03-02", "2024-02-01"),
        ],
    )
    def test_its_day_of_service(self, month: str, paid: str, day: str) -> None:
        rows = SPRING.replace("[", '[{ participant = "P-1", start = 2024-01-31, end = 2024-01-31 }, ')
        claim = self.cost(f'month = "{month}", paid = {paid}, amount = "1.00 USD"', rows)
        assert [str(x.day) for x in claim.lines if x.service == "costs"] == [day]

    def test_enrolled_on_the_first_day_of_the_month_and_again_later(self) -> None:
        rows = SPRING.replace("2024-05-20 }", '2024-04-01 }, { participant = "P-1", start = 2024-04-20 }')
        claim = self.cost('month = "2024-04", paid = 2024-06-02, amount = "1.00 USD"', rows)
        assert [x.day for x in claim.lines if x.service == "costs"] == [date(2024, 4, 1)]

    def test_never_outside_the_period(self) -> None:
        award = "award = { awarded = 2023-12-01, start = 2024-02-10, end = 2024-06-20 }\n"
        claim = self.cost('month = "2024-02", paid = 2024-02-02, amount = "1.00 USD"', award)
        assert claim.lines[0].day == date(2024, 2, 10)
        claim = self.cost('month = "2024-06", paid = 2024-06-29, amount = "1.00 USD"', award)
        assert claim.lines[0].day == date(2024, 6, 20)

    def test_months_and_days_that_are_not_billed(self) -> None:
        facts = 'month = "2024-05", paid = 2024-05-20, amount = "1.00 USD"'
        assert len(self.cost(facts, 'through = "2024-05"').lines) == 1
        assert len(self.cost(facts, 'through = "2024-04"').lines) == 0
        assert len(self.cost(facts, "known = 2024-05-20").lines) == 1
        assert len(self.cost(facts + ", published = 2024-05-01", "known = 2024-05-19").lines) == 0
        assert len(self.cost(facts + ", published = 2024-05-21", "known = 2024-05-20").lines) == 0
        nobody = 'costs = [{ service = "costs", month = "2024-05", paid = 2024-05-20, amount = "1.00 USD" }]\n'
        assert [x.participant for x in billed(COSTS, nobody).lines] == [None]
        assert billed(COSTS, nobody + 'through = "2024-04"').lines == ()

    def test_costs_in_order_whatever_that_of_their_rows(self) -> None:
        facts = (("2024-05", "3.00"), ("2024-03", "2.00"), ("2024-03", "1.00"))
        for who in ('participant = "P-1", ', ""):
            rows = ", ".join(f'{{ {who}service = "costs", month = "{m}", amount = "{a} USD" }}' for m, a in facts)
            assert [x.amount for x in billed(COSTS, f"costs = [{rows}]").lines] == [100, 200, 300]

    def test_its_phase_is_that_of_its_day(self) -> None:
        text = phased("any_day") + COSTS
        facts = 'month = "2024-03", paid = 2024-03-22, amount = "1.00 USD"'
        rows = f'costs = [{{ participant = "P-1", service = "costs", {facts} }}]\n'
        claim = billed(text, SPRING + LETTER + rows)
        assert [x.phase for x in claim.lines if x.service == "costs"] == ["certified"]
        nobody = billed(text, rows.replace('participant = "P-1", ', ""))
        assert [x.phase for x in nobody.lines] == [""]


class TestCounts:
    """5.1: one unit count that a site reports; 154 meals × 0.2375 = 36.58."""

    TEXT = care("any_day", rate='rates = [{ value = "0.2375 USD", @ }]\n')

    def count(self, facts: str = "quantity = 154", text: str = TEXT, more: str = "") -> Claim:
        return billed(text, f'counts = [{{ service = "care", month = "2024-05", {facts} }}]\n{more}')

    def test_what_a_count_keeps(self) -> None:
        (line,) = self.count().lines
        assert (line.issuer, line.participant, line.quantity, line.divisor, line.count) == ("SITE", None, 154, 1, 1)
        assert (line.amount, line.day, line.phase, line.category) == (3658, date(2024, 5, 1), "enrolled", "")
        assert (line.budget_period, line.reason, line.reference) == ("budget period", None, "")

    def test_its_day_is_the_first_inside_the_period(self) -> None:
        award = "award = { awarded = 2023-12-01, start = 2024-05-12, end = 2024-06-20 }\n"
        assert self.count(more=award).lines[0].day == date(2024, 5, 12)

    def test_months_and_days_that_are_not_billed(self) -> None:
        assert len(self.count(more='through = "2024-05"').lines) == 1
        assert len(self.count(more='through = "2024-04"').lines) == 0
        assert len(self.count(more="known = 2024-05-01").lines) == 1
        assert len(self.count(more="known = 2024-04-30").lines) == 0

    def test_counts_in_order_whatever_that_of_their_rows(self) -> None:
        rows = ", ".join(f'{{ service = "care", month = "2024-0{m}", quantity = {m} }}' for m in (5, 3, 4))
        assert [x.quantity for x in billed(self.TEXT, f"counts = [{rows}]").lines] == [3, 4, 5]

    def test_hours_of_a_day_and_the_pools_of_a_price(self) -> None:
        hours = self.count("quantity = 12", care("hour", HOUR))
        assert [(x.quantity, x.divisor, x.amount) for x in hours.lines] == [(12, 8, 46500)]
        carved = self.count("quantity = 2", care("any_day", 'carve = [{ pool = "direct", value = "110.00 USD", @ }]\n'))
        assert [(x.pool, x.amount) for x in carved.lines] == [("direct", 22000), ("administration", 40000)]

    def test_its_unit_class_and_phase(self) -> None:
        claim = self.count('unit = "meal", class = "b", quantity = 2', care("unit", rate=UNITS))
        assert [(x.category, x.amount) for x in claim.lines] == [("meal, b", 380)]
        assert [x.phase for x in self.count('phase = "waiting", quantity = 1', phased("any_day")).lines] == ["waiting"]
        one = "[phases]\ncertified = ['certification_letter']\n"
        assert [x.phase for x in self.count("quantity = 1", one + self.TEXT).lines] == ["certified"]
        with pytest.raises(Rejected, match="the rates of this service depend on the phase"):
            self.count("quantity = 1", phased("any_day"))
        with pytest.raises(NotInForce) as refused:
            self.count('unit = "meal", class = "z", quantity = 2', care("unit", rate=UNITS))
        assert refused.value.what == "rate of care in phase enrolled, meal, z"
        assert [x.phase for x in self.count("quantity = 1", PHASES + self.TEXT).lines] == [""]
