"""Will the money last? A forecast is a bill of continued facts: the same rules, the same sums, and
never posted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import given

from grantcalc import Caseload, Ledger, Month, bill, requests
from grantcalc.billing import Count, Inflow, UnitsUsed, projected
from grantcalc.cli import main
from grantcalc.errors import GrantcalcError, Rejected, Unknown
from grantcalc.io import write_forecast
from grantcalc.io.intake.cells import open_book
from grantcalc.ledger import forecast
from grantcalc.money import Cents, cents
from tests import sample_program, strategies, worlds
from tests.sample_program import AWARD, CASELOAD_A, PSEUDONYMS
from tests.worked import terms

TERMS = terms(
    """
[services.care]
title = "Care"
pool = "administration"
cite = "m"
count = "any_day"
rates = [{ value = "100.00 USD", @ }]
[services.costs]
title = "Costs"
pool = "direct"
cite = "m"
count = "actual_cost"
[services.meals]
title = "Meals"
pool = "direct"
cite = "m"
count = "unit"
rates = [{ unit = "meal", value = "1.00 USD", @ }]
[services.start]
title = "Start"
pool = "direct"
cite = "m"
count = "once"
rates = [{ value = "10.00 USD", @ }]
[ceilings.person]
title = "Ceiling"
cite = "m"
window = "budget_period"
amounts = [{ tier = "alone", value = "500.00 USD", @ }, { tier = "with_family", value = "500.00 USD", @ }]
"""
)
APRIL, DECEMBER = Month(2024, 4), Month(2024, 12)
P1, P2 = worlds.who("P-1"), worlds.who("P-2")


def world(sub: int | None = None, award: int = 10**9) -> Any:
    return worlds.network(TERMS, (worlds.Sub(cents=sub),), (worlds.Period(cents=award),))


def load(**more: Any) -> Caseload:
    """P-1 stays, P-2 left in March; each costs 50.00 in April or in March."""
    rows: dict[str, Any] = {
        "enrollments": (worlds.enrolled(P1, "2024-03-10"), worlds.enrolled(P2, "2024-01-01", "2024-03-31")),
        "costs": (worlds.cost(P1, 5_000, "2024-04"), worlds.cost(P2, 7_000, "2024-03", reference="V-2")),
    }
    return worlds.caseload((P1, P2), report=worlds.day("2024-04-30"), **{**rows, **more})


def count_of(service: str, quantity: int, month: Month) -> Count:
    return Count(subaward="S-1", service=service, phase="", month=month, quantity=quantity, published=worlds.LONG_AGO)


class TestAsItIs:
    """Who is enrolled stays enrolled, and the last month's counts, units and costs are repeated."""

    def test_enrollments_and_costs(self) -> None:
        made = forecast(load(), world(), APRIL)
        care = [m.earned for m in made.months]
        # January and February of P-2 with the 10.00 of the first; March of both and 70.00; then
        # 100.00 and 50.00
        assert care == [11_000, 10_000, 28_000, *([15_000] * 9)]
        assert [m.is_projected for m in made.months] == [False] * 4 + [True] * 8
        assert (made.until, made.participants_run_out) == (DECEMBER, Month(2024, 6))
        assert [m.participants_at_ceiling for m in made.months] == [0] * 5 + [1] * 7
        # of P-1: 110.00, then 150.00 each month, under a ceiling of 500.00
        assert [m.allowed for m in made.months[3:7]] == [15_000, 15_000, 9_000, 0]

    def test_counts(self) -> None:
        counts = (count_of("meals", 7, APRIL), count_of("start", 3, APRIL), count_of("meals", 9, Month(2024, 5)))
        rows = {"enrollments": (), "costs": (), "counts": [evolve(c, unit="meal") if c.service == "meals" else c
                                                          for c in counts]}  # fmt: skip
        made = forecast(load(**rows), world(), APRIL)
        assert [m.earned for m in made.months] == [3_700, *([700] * 8)]  # what is paid once is not repeated
        more = [Inflow(subaward="S-1", persons=2, service="start"), Inflow(subaward="S-1", persons=1, service="meals")]
        made = forecast(load(**rows), world(), APRIL, more)
        assert [m.earned for m in made.months] == [3_700, *(2_000 + 700 + 100 * n for n in range(1, 9))]

    def test_units_on_days_that_the_month_has(self) -> None:
        def used(day: str) -> UnitsUsed:
            return UnitsUsed(participant=P1, subaward="S-1", service="meals", day=worlds.day(day), quantity=1,
                             unit="meal", published=worlds.LONG_AGO)  # fmt: skip

        march = Month(2024, 3)
        (facts,) = projected([load(costs=(), units=(used("2024-03-31"),))], world(), march, DECEMBER)
        assert [str(row.day) for row in facts.units] == [
            "2024-03-31", "2024-05-31", "2024-07-31", "2024-08-31", "2024-10-31", "2024-12-31",
        ]  # fmt: skip

    def test_a_cost_of_several_months_is_repeated_by_its_part_of_the_last(self) -> None:
        spread = evolve(worlds.cost(P1, 10_000, "2024-04"), months=(Month(2024, 2), Month(2024, 3), APRIL))
        (facts,) = projected([load(costs=(spread,))], world(), APRIL, Month(2024, 5))
        assert [int(row.amount) for row in facts.costs] == [10_000, 3_333]


class TestWhatRunsOut:
    """The month in which award, subaward and participants' ceilings run out."""

    def test_the_subaward(self) -> None:
        made = forecast(load(), world(sub=60_000), APRIL)
        award, subaward = made.funds
        assert (award.id, award.runs_out) == (worlds.FAIN, None)
        assert (subaward.id, subaward.obligated, subaward.allowed) == ("S-1", 60_000, 60_000)
        assert subaward.runs_out == Month(2024, 4)  # 110.00, 100.00, 280.00 and 110.00 of 150.00

    def test_the_award(self) -> None:
        made = forecast(load(), world(award=60_000), APRIL)
        assert [(f.id, f.runs_out, f.allowed) for f in made.funds] == [(worlds.FAIN, Month(2024, 4), 60_000)]
        assert sum(m.allowed for m in made.months) == 60_000

    def test_newcomers_bring_it_nearer(self) -> None:
        inflow = [Inflow(subaward="S-1", persons=2, service="costs", cost=Cents(2_500))]
        made = forecast(load(), world(sub=200_000), APRIL, inflow)
        alone = forecast(load(), world(sub=200_000), APRIL)
        more = [m.earned - n.earned for m, n in zip(made.months, alone.months, strict=True)]
        # two more each month, at 125.00 a month and 10.00 for the first
        assert more == [0, 0, 0, 0, *(2 * 1_000 + n * 2 * 12_500 for n in range(1, 9))]
        assert made.funds[1].runs_out == Month(2024, 7)
        assert alone.funds[1].runs_out is None

    def test_nothing_is_asked_of_the_impossible(self) -> None:
        with pytest.raises(Unknown):
            forecast(load(), world(), APRIL, [Inflow(subaward="S-1", persons=1, letter="a letter")])
        other = worlds.network(TERMS, (worlds.Sub(), worlds.Sub("S-2", reporters=("A",))))
        with pytest.raises(Unknown, match="one of which a caseload reports"):
            forecast(load(), other, APRIL, [Inflow(subaward="S-2", persons=1)])
        with pytest.raises(Rejected, match="no budget period with an end holds 2030-01"):
            forecast(load(), world(), Month(2030, 1))


class TestABillOfTheSameFacts:
    """The figures of a forecast sum to a bill, and to the request, of the facts that it gives."""

    @given(strategies.scenarios())
    def test_to_the_cent(self, scenario: strategies.Scenario) -> None:
        of, through = scenario.network, scenario.through
        until = through.plus(2)
        try:
            made = forecast(scenario.caseloads, of, through, (), until)
        except GrantcalcError:
            return
        claim = bill(made.caseloads, of, until, made.known)
        assert sum(m.earned for m in made.months) == sum(x.amount for x in claim.lines)
        asked = requests(Ledger().post(claim.counted()), of, made.known) if claim.lines else ()
        assert sum(m.allowed for m in made.months) == sum(cents(r.to_date) for r in asked)
        assert sum(f.allowed for f in made.funds if f.budget_period) == sum(m.allowed for m in made.months)


class TestTheCommand:
    """It says that it is a projection, writes counts only, and reads what `bill` reads."""

    def test_printed_and_written(self, tmp_path: Path) -> None:
        award = sample_program.write(tmp_path, "award", AWARD)
        first = sample_program.write(tmp_path, "caseload", CASELOAD_A, "a.xlsx")
        out = tmp_path / "forecast.xlsx"
        command = ["forecast", award, first, "--through", "2011-12", "--out", out]
        command += ["--inflow", "subaward=S-A,persons=2,letter=certification_letter"]
        answer = CliRunner().invoke(main, [str(word) for word in command], catch_exceptions=False)
        assert answer.exit_code == 0, answer.output
        assert answer.stdout.startswith("This is a projection")
        assert "S-A: obligated 2,000.00, allowed 2,000.00: runs out in 2012-01" in answer.stdout
        book = open_book(out)
        assert list(book.sheets) == ["As it is", "With inflow"]
        assert not [code for code in PSEUDONYMS if code.encode() in out.read_bytes()]
        told = json.loads(CliRunner().invoke(main, [*map(str, command), "--json"]).stdout)
        months = told["forecasts"]["As it is"]["months"]
        assert sum(float(m["earned"]) for m in months[:3]) == pytest.approx(2000.31)
        assert months[-1]["month"] == "2012-09"

    @pytest.mark.parametrize(
        "inflow", ["S-A=2", "subaward=S-A", "subaward=S-A,persons=-1", "subaward=S-A,persons=1,x=2"]
    )
    def test_a_wrong_inflow(self, tmp_path: Path, inflow: str) -> None:
        award = sample_program.write(tmp_path, "award", AWARD)
        answer = CliRunner().invoke(main, ["forecast", str(award), "--through", "2011-12", "--inflow", inflow])
        assert answer.exit_code == 2
        assert "Error: Invalid value for '--inflow'" in answer.stderr

    def test_the_same_forecast_gives_the_same_bytes(self, tmp_path: Path) -> None:
        for name in ("one.xlsx", "two.xlsx"):
            write_forecast({"As it is": forecast(load(), world(), APRIL)}, tmp_path / name)
        assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
