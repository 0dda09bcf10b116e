"""Commands of figures by year: letters, and calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from attrs import evolve

from grantcalc.cli.group import main
from grantcalc.cli.options import Publishing, publishing_options
from grantcalc.cli.output import AS_JSON, FILE, INPUT, LAYOUT, OUT, Days, print_findings, report_of
from grantcalc.disclosure.publication import DO_NOT_PUBLISH, WITHHELD, Withholding
from grantcalc.disclosure.reports import publish_figures, publish_letters
from grantcalc.errors import Finding
from grantcalc.io.inputs import read_one_of
from grantcalc.io.issued.letter_report import write_letters
from grantcalc.letter_checks import check_log
from grantcalc.letter_years import YearOfLetters, letters_by_year
from grantcalc.letters import log_of
from grantcalc.outreach.figures import FIGURE_KINDS, Restated, read_figures

ENDS = ("first", "last")


@main.command(name="letters")
@click.argument("workbook", type=INPUT, metavar="LETTERS.xlsx|CASELOAD.xlsx")
@click.option("--announced", type=Days(), help="Day of the announcement that says who may be a participant.")
@click.option("--known", type=Days(), help="As known on this day; by default the report date.")
@click.option("--out", type=OUT, help="Write the report as a workbook too.")
@LAYOUT
@AS_JSON
@publishing_options
def letters_command(
    workbook: Path,
    announced: date | None,
    known: date | None,
    out: Path | None,
    layouts: tuple[Path, ...],
    as_json: bool,
    publishing: Publishing,
) -> None:
    """Count letters by federal fiscal year, adult or child.

    They come from a letter log, or from the Letters sheet of a caseload."""
    out = report_of(out, as_json, workbook)
    kind, value = read_one_of(workbook, ("letters", "caseload"), layouts)
    notes: tuple[Finding, ...] = ()
    if kind == "letters":
        log = value
        notes = check_log(log, announced, known)
    else:
        log = evolve(log_of(value.letters, value.report_date), label=value.label)
    print_findings(notes, as_json=False, err=True)
    years, withholding = letters_by_year(log, known), DO_NOT_PUBLISH
    if publishing.publish:
        withholding = publish_letters(years, earlier=[letters_by_year(log, day) for day in publishing.published])
    if out is not None:
        write_letters(log, out, known, withholding)
    if years:
        click.echo(withholding.says, err=as_json)
    _print_letters(years, withholding, as_json)
    if not years and not as_json:
        click.echo(f"no letter is known by {known or log.report_date}")


def _print_letters(years: Sequence[YearOfLetters], withholding: Withholding, as_json: bool) -> None:
    columns = ("adults", "children", "interim", "family", "withdrawn", "late", "latest", "all")
    rows = [{"year": y.year, **{c: withholding.shown((str(y.year), c), getattr(y, c)) for c in columns}} for y in years]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(
            "FFY {year}: adults {adults}, children {children}, all {all}; interim {interim}, "
            "withdrawn {withdrawn}, known late {late}".format(**row)
        )


@main.command(name="calls")
@click.argument("file", type=FILE, metavar="FIGURES.toml")
@click.option("--known", type=Days(), help="As published by this day; by default all of them.")
@click.option("--publish", is_flag=True, help="Withhold small counts, and those from which they could be computed.")
@AS_JSON
def calls_command(file: Path, known: date | None, publish: bool, as_json: bool) -> None:
    """Show figures of calls as first and as last published.

    The difference is shown too."""
    figures = read_figures(file)
    restated = figures.restated(known)
    withholding = publish_figures(figures, known=known) if publish else DO_NOT_PUBLISH
    if restated:
        click.echo(withholding.says, err=as_json)
    if as_json:
        click.echo(json.dumps([_figure(one, withholding) for one in restated], indent=2))
        return
    if not restated:
        click.echo(f"No figure was published by {known}." if known else "This file has no figures.")
    for one in restated:
        click.echo(_said(one, withholding))
    for authority in dict.fromkeys(str(fact.authority) for one in restated for fact in (one.first, one.last)):
        click.echo(f"source: {authority}")


def _figure(one: Restated, withholding: Withholding) -> dict[str, object]:
    first, last = (withholding.shown((one.kind, str(one.year), when), getattr(one, when).value) for when in ENDS)
    difference = WITHHELD if WITHHELD in (first, last) else one.difference
    return {"kind": one.kind, "year": one.year, "first": first, "last": last, "difference": difference}


def _said(one: Restated, withholding: Withholding) -> str:
    first, last = ((one.kind, str(one.year), when) in withholding.hidden for when in ENDS)
    if not last:
        return str(one)
    if first:
        return f"{one.year} {FIGURE_KINDS[one.kind]}: withheld"
    return f"{evolve(one, last=one.first)} as first published, later figures withheld"
