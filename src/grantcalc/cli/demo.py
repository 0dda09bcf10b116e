"""The demo: the main job on both examples, by the commands that a user has."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import click

from grantcalc.cli.group import main
from grantcalc.cli.output import AS_JSON

_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (_PACKAGE / "examples", _PACKAGE.parent.parent / "examples")
"""Where the examples are: in an installed package, or in the sources of one that is installed for
development."""


@main.command(name="demo")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("out"), help="By default out.")
@AS_JSON
def demo(out: Path, as_json: bool) -> None:
    """Bill the examples into a folder.

    Each caseload is billed, the claims are assembled into a request, the request is verified, and
    one cell is explained."""
    with redirect_stdout(StringIO() if as_json else sys.stdout):
        written = _show(out)
    if as_json:
        click.echo(json.dumps({"grantcalc": "demo", "written": [str(path) for path in written]}, indent=2))


def _show(out: Path) -> list[Path]:
    """Run the demo, and give the documents that it wrote."""
    examples = next((place for place in _PLACES if place.is_dir()), None)
    if examples is None:
        raise click.UsageError("this installation has no examples")
    click.echo("== TVAP, FY2012 (illustrative): 14 subrecipients' caseloads, three recipients, ten regions")
    here, there = examples / "tvap-fy2012", out / "tvap-fy2012"
    there.mkdir(parents=True, exist_ok=True)
    award, through = here / "award.xlsx", ("--through", "2012-09", "--known", "2012-10-15")
    claims: list[Path] = []
    for caseload in sorted(here.glob("caseload-*.xlsx")):
        claims.append(there / caseload.name.replace("caseload-", "claim-"))
        _run("bill", award, caseload, *through, "--out", claims[-1], first_line=True)
    _run("request", award, *claims, "--out", there / "request.xlsx")
    for source in (award, *sorted(here.glob("*.toml"))):
        shutil.copyfile(source, there / source.name)
    _run("verify", there / "request.xlsx", "--inputs", there)
    click.echo(f"verified: {there / 'request.xlsx'} matches its inputs")

    click.echo("\n== ORR Matching Grant, 2007: nine published awards at 2,200 USD once for each person")
    here, there = examples / "matching-grant-2007", out / "matching-grant-2007"
    there.mkdir(parents=True, exist_ok=True)
    counts = sorted(here.glob("counts-*.xlsx"))
    claim = there / "claim.xlsx"
    _run("bill", here / "award.xlsx", *counts, "--through", "2007-12", "--out", claim, first_line=True)
    _run("request", here / "award.xlsx", claim, "--out", there / "request.xlsx")

    click.echo(f"\n== Why? grantcalc explain {claims[0]} 'Lines!Q7'")
    _run("explain", claims[0], "Lines!Q7")
    return [*claims, out / "tvap-fy2012" / "request.xlsx", claim, there / "request.xlsx"]


def _run(command: str, *arguments: object, first_line: bool = False) -> None:
    """Run a command as a user would; of what it prints only the first line, where that is
    enough."""
    said = StringIO()
    with redirect_stdout(said if first_line else sys.stdout):
        main.commands[command].main([str(each) for each in arguments], standalone_mode=False)
    if first_line:
        click.echo(said.getvalue().partition("\n")[0])
