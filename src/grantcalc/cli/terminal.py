"""What every command does alike: its types, its refusals, and how it prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import click

from grantcalc.errors import Finding, GrantcalcError, Inexact, Rejected, by_cause
from grantcalc.io.exchange.documents import to_json
from grantcalc.io.workbook.books import remarks
from grantcalc.money import parse_amount, whole_cents
from grantcalc.periods import Month, parse_date

P = ParamSpec("P")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
INPUT = click.Path(exists=True, path_type=Path)  # a workbook, a CSV file, or a folder of them
LAYOUT = click.option(
    "--layout",
    "layouts",
    multiple=True,
    type=FILE,
    help="A layout.toml for the workbook that has its sheets; by default WORKBOOK.layout.toml beside each workbook.",
)
LINES = click.option("--lines", type=OUT, metavar="FILE.csv", help="Write the lines as CSV too.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="grantcalc")
def main() -> None:
    """Per-capita reimbursements of U.S. grant programmes, with the reason for every cent."""


def refusing(command: Callable[P, None]) -> Callable[P, None]:
    """Print a refusal as findings, or as a sentence, and leave with status 2; nothing was written. What a reader should
    know of the workbooks that were read stands on the error output, whatever comes of them."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json"))
        try:
            with remarks() as told:
                try:
                    command(*args, **kwargs)
                finally:
                    print_findings(told, as_json=False, err=True, named=True)
        except Rejected as refused:
            print_findings(refused.findings, as_json)
            count = sum(len(cause.findings) for cause in by_cause(refused.findings))
            leave(f"{several(count, 'finding')}; nothing was written.")
        except GrantcalcError as refused:
            if as_json:
                click.echo(json.dumps({"grantcalc": "refusal", "refusal": str(refused)}))
            leave(f"{refused}; nothing was written.")
        except OSError as failed:  # a full disk, a folder that may only be read: the disk is as it was
            leave(f"{failed.strerror or 'the system failed'}; nothing was written.")

    return run


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


class Amounts(click.ParamType[int]):
    """An amount of US dollars like 1714.72, in cents."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return whole_cents(parse_amount(f"{value} USD"))
        except Inexact as wrong:
            self.fail(str(wrong), param, ctx)


def not_an_input(out: Path, inputs: Iterable[Path], lines: Path | None = None, page: Path | None = None) -> None:
    """Refuse to write over an input, into a folder that is not there, or two results into one file."""
    inputs = tuple(inputs)
    given = {option: path for option, path in (("--out", out), ("--lines", lines), ("--page", page)) if path}
    taken: dict[Path, str] = {}
    for option, path in given.items():
        if path.exists() and any(path.samefile(p) for p in inputs):
            raise click.UsageError(f"{option} names one of the inputs; it was left as it is")
        if not path.parent.is_dir():
            raise click.UsageError(f"there is no folder {path.parent}")
        if (first := taken.setdefault(path.resolve(), option)) != option:
            raise click.UsageError(f"{first} and {option} name the same file")


def print_findings(findings: Sequence[Finding], as_json: bool, err: bool = False, *, named: bool = False) -> None:
    """One message a cause, the worst first, file by file; as JSON all of them. Of one file only the name is left
    out, unless it is to be `named`."""
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
    """1 line, 1,200 lines."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def total_of(items: Iterable[Any]) -> int:
    """Σ amounts, in cents."""
    return sum(x.amount for x in items)


def say(as_json: bool, facts: dict[str, Any], sentence: str) -> None:
    """A sentence for a person, or facts for a program."""
    click.echo(json.dumps(facts, indent=2) if as_json else sentence)


def leave(sentence: str) -> NoReturn:
    """Say why on the other channel, and leave with status 2."""
    click.echo(sentence, err=True)
    raise SystemExit(2)
