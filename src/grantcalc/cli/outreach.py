"""Commands of the programs beside the money: letters, regional partners, coalitions, and reports of grantees."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click
from attrs import asdict, evolve

from grantcalc.cli.group import main
from grantcalc.cli.output import AS_JSON, INPUT, LAYOUT, OUT, Days, not_an_input, outgoing, print_findings, several
from grantcalc.errors import Finding, Inexact
from grantcalc.io.input_kinds import KindName
from grantcalc.io.inputs import read_inputs, read_one_of
from grantcalc.io.issued.letter_report import write_letters
from grantcalc.io.issued.outreachbook import write_coalitions, write_grantee_report, write_performance
from grantcalc.letter_checks import check_log
from grantcalc.letter_years import letters_by_year
from grantcalc.letters import log_of
from grantcalc.outreach.assistance import GranteeReport, quarterly, yearly
from grantcalc.outreach.coalitions import PLACE_KINDS, register
from grantcalc.outreach.objectives import MEASURES, Quarter, performance

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
def performance_command(
    award: Path, outreach: Path, known: date | None, out: Path | None, layouts: tuple[Path, ...], as_json: bool
) -> None:
    """Report the objectives of regional partners by quarter.

    The report also says what they pass on."""
    out = _report_of(out, as_json, award, outreach)
    network, outreach_read = read_inputs([(award, "award"), (outreach, "outreach")], layouts)
    reports = performance(network, outreach_read.reported, outreach_read.network, known)
    if not reports:
        raise click.UsageError("no award of this workbook passes on a share under its terms")
    if out is not None:
        write_performance(reports, out, outreach_read.label or network.label)
    if as_json:
        rows = [
            {"award": r.award.fain, "recipient": r.recipient, "totals": {m: r.total(m) for m in MEASURES},
             "quarters": {str(q): {m: r.counts[m, q] for m in MEASURES} for q in r.quarters},
             "members": len(r.members), "passed_on": [str(o) for o in r.pass_through]}
            for r in reports
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for r in reports:
        size = f"{several(len(r.quarters), 'quarter')}, {several(len(r.members), 'member')}"
        click.echo(f"{r.award.fain} {r.recipient}: {size}")
        for measure, (_, title) in MEASURES.items():
            click.echo(f"    {title}: {r.total(measure)}")
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
def coalitions_command(
    outreach: Path,
    award: Path | None,
    day: date | None,
    out: Path | None,
    layouts: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Test Rescue & Restore coalitions against HHS's standards."""
    out = _report_of(out, as_json, outreach, *([award] if award else []))
    wanted: list[tuple[Path, KindName]] = [(award, "award")] if award else []
    read, *networks = read_inputs([(outreach, "outreach"), *wanted], layouts)
    network = networks[0] if networks else None
    registry = register(read.coalitions, read.members, network, day or read.report_date, read.label)
    print_findings(registry.findings, as_json=False, err=True)
    if out is not None:
        write_coalitions(registry, out)
    if as_json:
        rows = [
            {"id": e.coalition.id, "place": e.coalition.place, "kind": e.coalition.kind, "state": e.coalition.state,
             "partner": e.coalition.partner, "members": e.members, "sectors": e.sectors, "served_by": e.served_by,
             "recognized": e.recognized, "standards": [str(o) for o in e.standards]}
            for e in registry.entries
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for e in registry.entries:
        served = ", ".join(e.served_by) or "nobody known"
        partner = e.coalition.partner or "none"
        place = f"{e.coalition.id} {e.coalition.place}: {several(e.members, 'member')}"
        click.echo(f"{place}, partner {partner}, served by {served}")
        for outcome in e.standards:
            if outcome.result != "pass":
                click.echo(f"    {outcome}")
    without = len(registry.without_partner)
    click.echo(f"{len(registry.entries)} of {PLACE_KINDS} places registered, {without} without a regional partner")


@main.command(name="grantee-report")
@click.argument("caseloads", nargs=-1, required=True, type=INPUT, metavar="CASELOAD.xlsx...")
@click.option("--period", required=True, type=PeriodType(), help="A quarter like 2012-Q1, or a fiscal year like 2012.")
@click.option("--outreach", type=INPUT, help="An outreach workbook: what was done to reach the public, by quarter.")
@KNOWN
@REPORT
@LAYOUT
@AS_JSON
def grantee_report_command(
    caseloads: tuple[Path, ...],
    period: Quarter | int,
    outreach: Path | None,
    known: date | None,
    out: Path | None,
    layouts: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Report the counts of a quarter or a fiscal year.

    It is a grantee's report from its caseloads, and names nobody."""
    out = _report_of(out, as_json, *caseloads, *([outreach] if outreach else []))
    wanted: list[tuple[Path, KindName]] = [(path, "caseload") for path in caseloads]
    wanted += [(outreach, "outreach")] if outreach else []
    loads = read_inputs(wanted, layouts)
    measures = loads.pop().reported if outreach else ()
    report = quarterly(loads, period, measures, known) if isinstance(period, Quarter) else yearly(loads, period, known)
    if out is not None:
        write_grantee_report(report, out)
    _print_report(report, as_json)


def _print_report(report: GranteeReport, as_json: bool) -> None:
    if as_json:
        document = {"grantcalc": "grantee-report", "period": report.period, "known": str(report.known),
                 "label": report.label, "rows": [asdict(r) for r in report.rows]}  # fmt: skip
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for r in report.rows:
        counts = [] if r.persons is None else [_persons(r.adults or 0, r.children or 0)]
        counts += [] if r.number is None else [f"{r.number} in number"]
        what = f"{r.section}, {r.item}" if r.item else r.section
        click.echo(f"{what}: {'; '.join(counts) or r.note}")


def _persons(adults: int, children: int) -> str:
    return f"{several(adults, 'adult')}, {children:,} child{'' if children == 1 else 'ren'}"


def _report_of(out: Path | None, as_json: bool, *inputs: Path) -> Path | None:
    """The file to write the report to, if one is asked for."""
    if out is None:
        return None
    target = outgoing(out, as_json)
    not_an_input(target, inputs)
    return target


@main.command(name="letters")
@click.argument("workbook", type=INPUT, metavar="LETTERS.xlsx|CASELOAD.xlsx")
@click.option("--announced", type=Days(), help="Day of the announcement that says who may be a participant.")
@click.option("--known", type=Days(), help="As known on this day; by default the report date.")
@click.option("--out", type=OUT, help="Write the report as a workbook too.")
@LAYOUT
@AS_JSON
def letters_command(
    workbook: Path,
    announced: date | None,
    known: date | None,
    out: Path | None,
    layouts: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Count letters by federal fiscal year, adult or child.

    They come from a letter log, or from the Letters sheet of a caseload."""
    out = _report_of(out, as_json, workbook)
    kind, value = read_one_of(workbook, ("letters", "caseload"), layouts)
    notes: tuple[Finding, ...] = ()
    if kind == "letters":
        log = value
        notes = check_log(log, announced, known)
    else:
        log = evolve(log_of(value.letters, value.report_date), label=value.label)
    print_findings(notes, as_json=False, err=True)
    if out is not None:
        write_letters(log, out, known)
    years = letters_by_year(log, known)
    if as_json:
        click.echo(json.dumps([{**asdict(y), "all": y.all} for y in years], indent=2))
        return
    if not years:
        click.echo(f"no letter is known by {known or log.report_date}")
    for y in years:
        click.echo(
            f"FFY {y.year}: adults {y.adults}, children {y.children}, all {y.all}; interim {y.interim}, "
            f"withdrawn {y.withdrawn}, known late {y.late}"
        )
