"""Will the money last? A projection, beside the commands that bill what was reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from attrs import asdict

from grantcalc.billing.projection import Inflow
from grantcalc.cli.group import main
from grantcalc.cli.output import AS_JSON, INPUT, LAYOUT, OUT, Months, not_an_input, outgoing
from grantcalc.errors import Inexact
from grantcalc.io.inputs import read_workbooks
from grantcalc.io.issued.forecastbook import NOT_POSTED, ONLY_THESE, write_forecast
from grantcalc.ledger.forecast import Forecast, forecast
from grantcalc.money import Cents, dollars, parse_amount, plain, whole_cents
from grantcalc.periods import Month

AS_IT_IS, WITH_INFLOW = "As it is", "With inflow"


class Inflows(click.ParamType[Inflow]):
    """New participants a month, like subaward=S-A,persons=2,letter=certification_letter."""

    name = "inflow"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Inflow:
        if isinstance(value, Inflow):
            return value
        given = dict(part.partition("=")[::2] for part in str(value).split(","))
        if (
            not {"subaward", "persons"}
            <= given.keys()
            <= {"subaward", "persons", "letter", "service", "category", "cost"}
        ):
            expected = "subaward=… and persons=…, and perhaps letter=, service=, category= and cost="
            self.fail(f"an inflow is written as {expected}, with commas between", param, ctx)
        if not given["persons"].isdecimal() or len(given["persons"]) > 6:
            self.fail("persons is a whole number of new participants a month", param, ctx)
        try:
            cost = Cents(whole_cents(parse_amount(f"{given.pop('cost', '0')} USD")))
        except Inexact as wrong:
            self.fail(str(wrong), param, ctx)
        return Inflow(persons=int(given.pop("persons")), cost=cost, **given)


@main.command(name="forecast")
@click.argument("workbooks", nargs=-1, required=True, type=INPUT, metavar="AWARD.xlsx [CASELOAD.xlsx]...")
@click.option("--through", required=True, type=Months(), help="Last month that is reported, like 2012-03.")
@click.option("--until", type=Months(), help="Last month projected; by default the end of the budget period.")
@click.option(
    "--inflow", multiple=True, type=Inflows(), metavar="subaward=S-A,persons=2,…", help="New participants each month."
)
@click.option("--out", type=OUT, help="Write the forecast as a workbook with a picture.")
@LAYOUT
@AS_JSON
def forecast_command(
    workbooks: tuple[Path, ...],
    through: Month,
    until: Month | None,
    inflow: tuple[Inflow, ...],
    out: Path | None,
    layouts: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Project when the money runs out.

    The caseloads are continued to the end of the budget period, as they are and with the --inflow
    that you state, and billed by the same rules. It is a projection: nothing is posted."""
    target = outgoing(out, as_json) if out else None
    if target:
        not_an_input(target, (*workbooks, *layouts))
    network, caseloads = read_workbooks(workbooks, layouts)
    made = {AS_IT_IS: forecast(caseloads, network, through, (), until)}
    if inflow:
        made[WITH_INFLOW] = forecast(caseloads, network, through, inflow, until)
    if target:
        write_forecast(made, target)
    if as_json:
        click.echo(
            json.dumps({"grantcalc": "forecast", "forecasts": {n: _as_json(f) for n, f in made.items()}}, indent=2)
        )
        return
    click.echo(f"{NOT_POSTED} {ONLY_THESE}")
    for name, one in made.items():
        _print(name, one)


def _print(name: str, one: Forecast) -> None:
    click.echo(f"{name}, reported through {one.through}, projected to {one.until}:")
    for m in one.months:
        mark = " (projected)" if m.is_projected else ""
        held = m.allowed - m.earned
        click.echo(
            f"  {m.month}{mark}: earned {plain(m.earned)}, held back {plain(-held)}, allowed {plain(m.allowed)}, "
            f"participants at a ceiling {m.participants_at_ceiling}"
        )
    for f in one.funds:
        what = f"{f.id} {f.budget_period}".rstrip()
        ends = f"runs out in {f.runs_out}" if f.runs_out else f"lasts, {plain(f.obligated - f.allowed)} left"
        click.echo(f"  {what}: obligated {plain(f.obligated)}, allowed {plain(f.allowed)}: {ends}")
    first = one.participants_run_out
    click.echo(f"  participants' ceilings: {f'the first is reached in {first}' if first else 'none is reached'}")


def _as_json(one: Forecast) -> dict[str, object]:
    money = ("earned", "by_participants", "by_subawards", "by_award")
    return {
        "through": str(one.through),
        "until": str(one.until),
        "months": [
            {"month": str(m.month), "projected": m.is_projected, **{k: str(dollars(getattr(m, k))) for k in money},
             "allowed": str(dollars(m.allowed)), "participants_at_ceiling": m.participants_at_ceiling}
            for m in one.months
        ],
        "funds": [
            {**asdict(f), "obligated": str(dollars(f.obligated)), "allowed": str(dollars(f.allowed)),
             "runs_out": str(f.runs_out or "")}
            for f in one.funds
        ],
    }  # fmt: skip
