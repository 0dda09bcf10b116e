"""What the commands have in common: how they are asked, how they answer, and how they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
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


def print_findings(findings: Sequence[Finding], as_json: bool, err: bool = False) -> None:
    """Findings, file by file where there are several."""
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
    """A count and its thing, in the plural where there are several."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def say(as_json: bool, facts: dict[str, Any], sentence: str) -> None:
    """A sentence, or its facts as JSON."""
    click.echo(json.dumps(facts, indent=2) if as_json else sentence)


def leave(sentence: str) -> NoReturn:
    """Leave with status 2 and a sentence."""
    click.echo(sentence, err=True)
    raise SystemExit(2)
