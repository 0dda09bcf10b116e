"""Commands of the programs beside the money: regional partners, coalitions, and reports of
grantees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
from attrs import asdict

from grantcalc.cli.group import main
from grantcalc.cli.options import Publishing, publishing_options
from grantcalc.cli.output import AS_JSON, INPUT, LAYOUT, OUT, Days, print_findings, report_of, several
from grantcalc.disclosure.publication import DO_NOT_PUBLISH, WITHHELD, Withholding
from grantcalc.disclosure.reports import (
    IN_ALL,
    publish_coalitions,
    publish_grantee_report,
    publish_performance,
)
from grantcalc.errors import Inexact
from grantcalc.io.input_kinds import KindName
from grantcalc.io.inputs import read_inputs
from grantcalc.io.issued.outreachbook import write_coalitions, write_grantee_report, write_performance
from grantcalc.outreach.assistance import GranteeReport, ReportRow, quarterly, yearly
from grantcalc.outreach.coalitions import PLACE_KINDS, Registry, RegistryEntry, register
from grantcalc.outreach.objectives import MEASURES, Performance, Quarter, performance

KNOWN = click.option("--known", type=Days(), help="As known on this day; by default the report date of the inputs.")
REPORT = click.option("--out", type=OUT, help="Write the report as a workbook too.")


class PeriodType(click.ParamType[Quarter | int]):
    """A quarter like 2009-Q1, or a federal fiscal year like 2012."""

    name = "period"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Quarter | int:
        text = str(value)
        if len(text) == 4 and text.isdecimal() and int(text) > 1:
            return int(text)
        try:
            return Quarter.parse(text)
        except Inexact as wrong:
            self.fail(f"{wrong}, or a federal fiscal year like 2012", param, ctx)


@main.command(name="performance")
@click.argument("award", type=INPUT, metavar="AWARD.xlsx")
@click.argument("outreach", type=INPUT, metavar="OUTREACH.xlsx")
@KNOWN
@REPORT
@LAYOUT
@AS_JSON
@publishing_options
def performance_command(
    award: Path,
    outreach: Path,
    known: date | None,
    out: Path | None,
    layouts: tuple[Path, ...],
    as_json: bool,
    publishing: Publishing,
) -> None:
    """Report the objectives of regional partners by quarter.

    The report also says what they pass on."""
    out = report_of(out, as_json, award, outreach)
    network, outreach_read = read_inputs([(award, "award"), (outreach, "outreach")], layouts)

    def as_known(day: date | None) -> tuple[Performance, ...]:
        return performance(network, outreach_read.reported, outreach_read.network, day)

    reports, withholding = as_known(known), DO_NOT_PUBLISH
    if not reports:
        raise click.UsageError("no award of this workbook passes on a share under its terms")
    if publishing.publish:
        withholding = publish_performance(reports, earlier=[as_known(day) for day in publishing.published])
    if out is not None:
        write_performance(reports, out, outreach_read.label or network.label, withholding)
    _print_performance(reports, withholding, as_json)


def _print_performance(reports: Sequence[Performance], withholding: Withholding, as_json: bool) -> None:
    def count(r: Performance, measure: str, quarter: Quarter | None = None) -> int | str | None:
        if quarter is None:
            return withholding.shown((r.award.fain, measure, IN_ALL), r.total(measure))
        return withholding.shown((r.award.fain, measure, str(quarter)), r.counts[measure, quarter])

    click.echo(withholding.says, err=as_json)
    if as_json:
        rows = [
            {"award": r.award.fain, "recipient": r.recipient, "totals": {m: count(r, m) for m in MEASURES},
             "quarters": {str(q): {m: count(r, m, q) for m in MEASURES} for q in r.quarters},
             "members": len(r.members), "passed_on": [str(o) for o in r.pass_through]}
            for r in reports
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for r in reports:
        size = f"{several(len(r.quarters), 'quarter')}, {several(len(r.members), 'member')}"
        click.echo(f"{r.award.fain} {r.recipient}: {size}")
        for measure, (_, title) in MEASURES.items():
            click.echo(f"    {title}: {count(r, measure)}")
        if r.missing:
            click.echo(f"    not reported: {len(r.missing)} of {len(r.counts)} figures")
        for outcome in r.pass_through:
            click.echo(f"    {outcome}")


@main.command(name="coalitions")
@click.argument("outreach", type=INPUT, metavar="OUTREACH.xlsx")
@click.option("--award", type=INPUT, help="An award workbook: who serves which State.")
@click.option("--on", "day", type=Days(), help="On this day; by default the report date.")
@REPORT
@LAYOUT
@AS_JSON
@publishing_options
def coalitions_command(
    outreach: Path,
    award: Path | None,
    day: date | None,
    out: Path | None,
    layouts: tuple[Path, ...],
    as_json: bool,
    publishing: Publishing,
) -> None:
    """Test Rescue & Restore coalitions against HHS's standards."""
    out = report_of(out, as_json, outreach, *([award] if award else []))
    wanted: list[tuple[Path, KindName]] = [(award, "award")] if award else []
    read, *networks = read_inputs([(outreach, "outreach"), *wanted], layouts)
    network = networks[0] if networks else None

    def on(day: date) -> Registry:
        return register(read.coalitions, read.members, network, day, read.label)

    registry, withholding = on(day or read.report_date), DO_NOT_PUBLISH
    if publishing.publish:
        withholding = publish_coalitions(registry, earlier=[on(before) for before in publishing.published])
    print_findings(registry.findings, as_json=False, err=True)
    if out is not None:
        write_coalitions(registry, out, withholding)
    click.echo(withholding.says, err=as_json)
    if as_json:
        rows = [_coalition(e, withholding) for e in registry.entries]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for e in registry.entries:
        _print_coalition(e, withholding)
    without = len(registry.without_partner)
    click.echo(f"{len(registry.entries)} of {PLACE_KINDS} places registered, {without} without a regional partner")


def _coalition(e: RegistryEntry, withholding: Withholding) -> dict[str, object]:
    c = e.coalition
    return {
        "id": c.id, "place": c.place, "kind": c.kind, "state": c.state, "partner": c.partner,
        "members": withholding.shown((c.id, "members"), e.members),
        "sectors": withholding.shown((c.id, "sectors"), e.sectors), "served_by": e.served_by,
        "recognized": withholding.shown((c.id, "standards"), e.recognized),
        "standards": withholding.shown((c.id, "standards"), [str(o) for o in e.standards]),
    }  # fmt: skip


def _print_coalition(e: RegistryEntry, withholding: Withholding) -> None:
    c = e.coalition
    served, partner = ", ".join(e.served_by) or "nobody known", c.partner or "none"
    members = withholding.shown((c.id, "members"), several(e.members, "member"))
    members = "members withheld" if members == WITHHELD else members
    click.echo(f"{c.id} {c.place}: {members}, partner {partner}, served by {served}")
    if (c.id, "standards") not in withholding.hidden:
        for outcome in e.standards:
            if outcome.result != "pass":
                click.echo(f"    {outcome}")


@main.command(name="grantee-report")
@click.argument("caseloads", nargs=-1, required=True, type=INPUT, metavar="CASELOAD.xlsx...")
@click.option("--period", required=True, type=PeriodType(), help="A quarter like 2012-Q1, or a fiscal year like 2012.")
@click.option("--outreach", type=INPUT, help="An outreach workbook: what was done to reach the public, by quarter.")
@KNOWN
@REPORT
@LAYOUT
@AS_JSON
@publishing_options
def grantee_report_command(
    caseloads: tuple[Path, ...],
    period: Quarter | int,
    outreach: Path | None,
    known: date | None,
    out: Path | None,
    layouts: tuple[Path, ...],
    as_json: bool,
    publishing: Publishing,
) -> None:
    """Report the counts of a quarter or a fiscal year.

    It is a grantee's report from its caseloads, and names nobody."""
    out = report_of(out, as_json, *caseloads, *([outreach] if outreach else []))
    wanted: list[tuple[Path, KindName]] = [(path, "caseload") for path in caseloads]
    wanted += [(outreach, "outreach")] if outreach else []
    loads = read_inputs(wanted, layouts)
    measures = loads.pop().reported if outreach else ()

    def as_known(day: date | None) -> GranteeReport:
        return quarterly(loads, period, measures, day) if isinstance(period, Quarter) else yearly(loads, period, day)

    report, withholding = as_known(known), DO_NOT_PUBLISH
    if publishing.publish:
        withholding = publish_grantee_report(report, earlier=[as_known(day) for day in publishing.published])
    if out is not None:
        write_grantee_report(report, out, withholding)
    _print_report(report, withholding, as_json)


def _print_report(report: GranteeReport, withholding: Withholding, as_json: bool) -> None:
    def count(r: ReportRow, column: str) -> int | str | None:
        return withholding.shown((r.section, r.item, column), getattr(r, column))

    columns = ("adults", "children", "persons", "number")
    click.echo(withholding.says, err=as_json)
    if as_json:
        rows = [{**asdict(r), **{column: count(r, column) for column in columns}} for r in report.rows]
        facts = {"grantcalc": "grantee-report", "period": report.period, "known": str(report.known),
                 "label": report.label, "rows": rows}  # fmt: skip
        click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for r in report.rows:
        ages = WITHHELD in (count(r, "adults"), count(r, "children"))
        counts = [] if r.persons is None else [_persons(r.adults or 0, r.children or 0)]
        if ages:
            counts = [f"persons {count(r, 'persons')}"]
        counts += [] if r.number is None else [f"{count(r, 'number')} in number"]
        what = f"{r.section}, {r.item}" if r.item else r.section
        click.echo(f"{what}: {'; '.join(counts) or r.note}")


def _persons(adults: int, children: int) -> str:
    return f"{several(adults, 'adult')}, {children:,} child{'' if children == 1 else 'ren'}"
