"""A forecast as a workbook: the funds, the months and their picture, on a sheet for each forecast;
counts only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grantcalc.ledger.forecast import Forecast
from grantcalc.money import dollars
from grantcalc.xlsx.sheets import Block, Chart, Formula, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book

NOT_POSTED = "This is a projection, computed from facts that nobody reported. It is never posted or requested."
ONLY_THESE = "Only the caseloads given count: what others use of the same award is not in it."


def write_forecast(forecasts: Mapping[str, Forecast], path: str | Path) -> str:
    """Write forecasts, each on a sheet of the name that it is given, and give the digest of the
    parts."""
    return write_book(forecast_book(forecasts), Path(path))


def forecast_book(forecasts: Mapping[str, Forecast]) -> WorkbookDraft:
    """The workbook of some forecasts. ValueError for none."""
    if not forecasts:
        raise ValueError("there is no forecast to write")
    sheets = tuple(_sheet(name, one) for name, one in forecasts.items())
    return WorkbookDraft("Projection: will the money last?", sheets, max(one.known for one in forecasts.values()))


def _sheet(name: str, one: Forecast) -> Sheet:
    title = f"Projection to {one.until}: {name}"
    text = [NOT_POSTED, ONLY_THESE, f"Reported through {one.through}; later months are projected.", *_inflow(one)]
    months = _months(one)
    chart = Chart(
        "Projection: allowed, against what is obligated",
        "Bars: what is allowed of each service month. Lines: what is allowed to date, and what is obligated. "
        "The figures stand in the table above.",
        ("Allowed",),
        ("Allowed to date", "Obligated"),
        "Service month",
        "US dollars",
    )
    blocks = (Block(heading=title, text=tuple(text) + ((one.label,) if one.label else ())), _funds(one), months)
    return Sheet(name, blocks, landscape=True, chart=chart if one.months else None)


def _inflow(one: Forecast) -> list[str]:
    return [
        f"Expected at {i.subaward}: {i.persons} more each month"
        + (f", with {i.letter.replace('_', ' ')}" if i.letter else "")
        + (f", {dollars(i.cost):,.2f} a month of {i.service.replace('_', ' ')} each" if i.cost else "")
        for i in one.inflow
    ]


def _funds(one: Forecast) -> Block:
    columns = (
        TableColumn("Funds", width=22),
        TableColumn("Budget period", width=16),
        TableColumn("Obligated", "money", width=18),
        TableColumn("Allowed", "money", width=18),
        TableColumn("Left", "money", width=18),
        TableColumn("Runs out", "month", width=16),
    )
    rows: list[tuple[WrittenValue, ...]] = [
        (
            f.id,
            f.budget_period,
            dollars(f.obligated),
            dollars(f.allowed),
            Formula("{Obligated}-{Allowed}", dollars(f.obligated - f.allowed)),
            str(f.runs_out or "lasts"),
        )
        for f in one.funds
    ]
    first = one.participants_run_out
    rows.append(("Participants' ceilings", None, None, None, None, str(first or "last")))
    return Block(columns, rows, heading="Will the money last?")


def _months(one: Forecast) -> Block:
    figures = (
        "Earned",
        "Participant ceilings",
        "Subaward ceilings",
        "Award ceiling",
        "Allowed",
        "Allowed to date",
        "Obligated",
    )
    columns = (
        TableColumn("Month", "month", width=12),
        *(TableColumn(figure, "money", _NOTES.get(figure, ""), width=18) for figure in figures),
        TableColumn("At a ceiling", "count", "Participants who have reached a ceiling by then.", width=14),
        TableColumn("Told by", width=12),
    )
    obligated = _obligated(one)
    rows: list[tuple[WrittenValue, ...]] = []
    to_date = 0
    for m in one.months:
        to_date += m.allowed
        rows.append(
            (
                str(m.month),
                dollars(m.earned),
                dollars(m.by_participants),
                dollars(m.by_subawards),
                dollars(m.by_award),
                Formula("{Earned}+{Participant ceilings}+{Subaward ceilings}+{Award ceiling}", dollars(m.allowed)),
                Formula("SUM({Allowed$}:{Allowed})", dollars(to_date)),
                dollars(obligated),
                m.participants_at_ceiling,
                "projection" if m.is_projected else "report",
            )
        )
    total: list[WrittenValue] = ["Total"]
    for figure in figures[:5]:
        attribute = _FIGURES[figure]
        total.append(Formula(f"SUM({{{figure}:}})", dollars(sum(getattr(m, attribute) for m in one.months))))
    return Block(columns, rows, heading="By service month", total=[*total, None, None, None, None])


def _obligated(one: Forecast) -> int:
    """What is obligated, in cents: of the awards, or of the subawards where these hold all of it,
    and less."""
    awards = [f for f in one.funds if f.budget_period]
    subawards = [f for f in one.funds if not f.budget_period]
    whole = sum(f.obligated for f in awards)
    apart = sum(f.allowed for f in subawards) == sum(f.allowed for f in awards)
    return min(whole, sum(f.obligated for f in subawards)) if subawards and apart else whole


_FIGURES = {
    "Earned": "earned",
    "Participant ceilings": "by_participants",
    "Subaward ceilings": "by_subawards",
    "Award ceiling": "by_award",
    "Allowed": "allowed",
}
_NOTES = {
    "Participant ceilings": "Held back by ceilings of participants, with shares and disallowances.",
    "Subaward ceilings": "Held back because a subaward ran out.",
    "Award ceiling": "Held back because the award ran out.",
}
