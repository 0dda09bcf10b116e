"""What commands have in common: arguments, how a refusal is told, and status 2 where nothing was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import click

from grantcalc.errors import Finding, GrantcalcError, Inexact, Rejected
from grantcalc.io.documents import to_json
from grantcalc.periods import Month, parse_date

P = ParamSpec("P")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


def refusing(command: Callable[P, None]) -> Callable[P, None]:
    """Print a refusal as findings, or as a sentence, and leave with status 2; nothing was written."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json"))
        try:
            command(*args, **kwargs)
        except Rejected as refused:
            print_findings(refused.findings, as_json)
            leave(f"{several(len(refused.findings), 'finding')}; nothing was written.")
        except GrantcalcError as refused:
            if as_json:
                click.echo(json.dumps({"grantcalc": "refusal", "refusal": str(refused)}))
            leave(f"{refused}; nothing was written.")

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


def not_an_input(out: Path, inputs: Iterable[Path]) -> None:
    """Refuse to write onto an input, or into a folder that is not there."""
    if out.exists() and any(out.samefile(p) for p in inputs):
        raise click.UsageError("--out names one of the inputs; it was left as it is")
    if not out.parent.is_dir():
        raise click.UsageError(f"there is no folder {out.parent}")


def print_findings(findings: Sequence[Finding], as_json: bool, err: bool = False) -> None:
    """Print findings, under the name of their file where there are several; or as JSON."""
    if as_json:
        click.echo(to_json(tuple(findings)))
        return
    files = {f.place.file for f in findings}
    told = None
    for finding in sorted(findings, key=lambda f: f.place.file) if len(files) > 1 else findings:
        if len(files) > 1 and finding.place.file != told:
            told = finding.place.file
            click.echo(f"{told}:", err=err)
        click.echo(("warning: " if finding.severity == "warning" else "") + str(finding), err=err)


def several(count: int, thing: str) -> str:
    """A number of things: 1 finding, 2 findings."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def say(as_json: bool, facts: dict[str, Any], sentence: str) -> None:
    """Print facts as JSON, or a sentence."""
    click.echo(json.dumps(facts, indent=2) if as_json else sentence)


def leave(sentence: str) -> NoReturn:
    """Print a sentence to the error stream and leave with status 2."""
    click.echo(sentence, err=True)
    raise SystemExit(2)
