"""What the commands have in common: their types and options, where they write, and how they
print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import date
from pathlib import Path
from typing import Any

import click

from grantcalc.audit.verify import Verdict
from grantcalc.effects import drafts
from grantcalc.errors import Finding, Inexact, by_cause
from grantcalc.io.exchange.documents import to_json
from grantcalc.money import parse_amount, whole_cents
from grantcalc.periods import Month, parse_date

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
DASH = Path("-")  # standard output
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
INPUT = click.Path(exists=True, path_type=Path)  # a workbook, a CSV file, or a folder of them
LAYOUT = click.option(
    "--layout",
    "layouts",
    multiple=True,
    type=FILE,
    help="A layout.toml for the workbook that has its sheets; by default WORKBOOK.layout.toml beside each workbook.",
)
PREVIOUS = click.option(
    "--previous",
    multiple=True,
    type=INPUT,
    help="An earlier caseload: its rows that are missing from the new one are reported.",
)
LINES_OPTION = click.option("--lines", type=OUT, metavar="FILE.csv", help="Write the lines as CSV too.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


class Months(click.ParamType[Month]):
    """A month like 2012-09."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        try:
            return Month.parse(str(value))
        except Inexact as wrong:
            self.fail(str(wrong), param, ctx)


class Days(click.ParamType[date]):
    """A day like 2012-10-15."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return parse_date(str(value))
        except Inexact as wrong:
            self.fail(str(wrong), param, ctx)


def outgoing(out: Path, as_json: bool, ledger: str | None = None) -> Path:
    """The file to write: `out`, or for `-` a draft, which goes to standard output when the command
    is done; until then what is printed goes to the error output."""
    if out != DASH:
        return out
    if as_json:
        raise click.UsageError("--out - and --json both use standard output: name a file")
    if ledger:
        raise click.UsageError("--out - is refused with --ledger, which records the request: name a file to keep")
    if sys.stdout is None or sys.stdout.isatty():  # None after `>&-`
        raise click.UsageError("--out - writes a workbook to standard output: redirect it to a file or a pipe")
    return click.get_current_context().with_resource(_standard_output())


@contextmanager
def _standard_output() -> Iterator[Path]:
    with drafts() as folder:
        draft, ended = folder / "workbook.xlsx", None
        with redirect_stdout(sys.stderr):
            try:
                yield draft
            except SystemExit as status:  # a check with findings writes its workbook too
                ended = status
        if draft.exists():
            click.echo(draft.read_bytes(), nl=False)
        if ended is not None:
            raise ended


def name_of(out: Path) -> str:
    """What a sentence calls the file that was written."""
    return "standard output" if out == DASH else str(out)


class Amounts(click.ParamType[int]):
    """An amount of US dollars like 1714.72, in cents."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return whole_cents(parse_amount(f"{value} USD"))
        except Inexact as wrong:
            self.fail(str(wrong), param, ctx)


def not_an_input(out: Path, inputs: Iterable[Path], lines: Path | None = None, page: Path | None = None) -> None:
    """Refuse to write over an input, into a folder that is not there, or two results into one
    file."""
    inputs = tuple(inputs)
    given = {option: path for option, path in (("--out", out), ("--lines", lines), ("--page", page)) if path}
    taken: dict[str, str] = {}
    for option, path in given.items():
        if path.exists() and any(path.samefile(p) for p in inputs):
            raise click.UsageError(f"{option} names one of the inputs; it was left as it is")
        if not path.parent.is_dir():
            raise click.UsageError(f"there is no folder {path.parent}")
        if (first := taken.setdefault(os.path.realpath(path), option)) != option:
            raise click.UsageError(f"{first} and {option} name the same file")


def report_of(out: Path | None, as_json: bool, *inputs: Path) -> Path | None:
    """The file to write the report to, if one is asked for."""
    if out is None:
        return None
    target = outgoing(out, as_json)
    not_an_input(target, inputs)
    return target


def print_findings(findings: Sequence[Finding], as_json: bool, err: bool = False, *, named: bool = False) -> None:
    """One message a cause, the worst first, file by file; as JSON all of them. Of one file only the
    name is left out, unless it is to be `named`."""
    if as_json:
        click.echo(to_json(tuple(f for cause in by_cause(findings) for f in cause.findings)))
        return
    files = sorted({f.place.file for f in findings})
    for file in files:
        if named or len(files) > 1:
            click.echo(f"{file}:", err=err)
        for cause in by_cause(f for f in findings if f.place.file == file):
            mark = "warning: " if cause.findings[0].severity == "warning" else ""
            click.echo(f"{mark}{cause}", err=err)


def several(count: int, thing: str) -> str:
    """1 line, 1,200 lines, 2 entries."""
    many = f"{thing[:-1]}ies" if thing.endswith("ry") else f"{thing}s"
    return f"{count:,} {thing if count == 1 else many}"


def total_of(items: Iterable[Any]) -> int:
    """Σ amounts, in cents."""
    return sum(x.amount for x in items)


def say(as_json: bool, facts: dict[str, Any], sentence: str) -> None:
    """A sentence for a person, or facts for a program."""
    click.echo(json.dumps(facts, indent=2) if as_json else sentence)


def print_verdict(verdict: Verdict, most: int = 20) -> None:
    """The notes of a verdict on the error output, and its differences, so many at most."""
    for note in verdict.notes:
        click.echo(f"note: {note}", err=True)
    for difference in verdict.differences[:most]:
        click.echo(str(difference))
    if (more := len(verdict.differences) - most) > 0:
        click.echo(f"and {more:,} more")
    if verdict.consequences:
        more = len(verdict.consequences) - most
        rest = f" and {more:,} more" if more > 0 else ""
        click.echo(f"consequences of these: {', '.join(verdict.consequences[:most])}{rest}")
