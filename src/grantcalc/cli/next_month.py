"""The next month of a folder in one command: what `bill`, `post` and `request` do, one after the
other."""

from __future__ import annotations

import json
from pathlib import Path

import click

from grantcalc.cli.group import main
from grantcalc.cli.output import AS_JSON, FOLDER, Months, print_findings, several
from grantcalc.cli.request import request_lines
from grantcalc.io.next_month import NextMonth, next_month, post_next_month
from grantcalc.money import plain
from grantcalc.periods import Month


@main.command(name="next")
@click.argument("folder", type=FOLDER)
@click.option("--month", required=True, type=Months(), help="The month to bill: its workbooks are in its folder.")
@click.option("--yes", is_flag=True, help="Write the documents and post; otherwise nothing is written.")
@AS_JSON
def next_command(folder: Path, month: Month, yes: bool, as_json: bool) -> None:
    """Bill the next month of a folder and post it.

    The months.toml of FOLDER names the ledger, the award workbook and the caseloads
    (docs/months.md). Last month's caseloads are given as --previous. What would be posted is shown
    with its reasons; with --yes the documents are written and it is posted."""
    made = post_next_month(folder, month) if yes else next_month(folder, month)
    print_findings(made.notes, as_json=False, err=True)
    documents = made.files.documents(month).values()
    if as_json:
        click.echo(json.dumps(_as_json(made, documents=[str(path) for path in documents] if yes else []), indent=2))
        return
    for path in made.inputs:
        click.echo(f"reads {path.relative_to(folder)}")
    for path in made.previous:
        click.echo(f"compared with {path.relative_to(folder)}")
    for claim in made.claims:
        earned, held = sum(x.amount for x in claim.lines), sum(x.amount for x in claim.reductions)
        click.echo(
            f"{', '.join(claim.issuers)}: earned {plain(earned)}, held back {plain(-held)}, "
            f"claimed {plain(earned + held)}"
        )
    for sentence in (*made.sentences, *request_lines(made.requests)):
        click.echo(sentence)
    entries = several(len(made.entries), "entry")
    if yes:
        written = "".join(f"{path.relative_to(folder)} written; " for path in documents)
        click.echo(f"{written}{entries} posted; head {made.ledger.head}")
    else:
        click.echo(f"{entries} to post; nothing was written. Add --yes to write and post.")


def _as_json(made: NextMonth, documents: list[str]) -> dict[str, object]:
    return {
        "grantcalc": "next",
        "month": str(made.month),
        "inputs": [str(path) for path in made.inputs],
        "previous": [str(path) for path in made.previous],
        "written": documents,
        "sentences": [*made.sentences],
        "entries": [json.loads(e.line) for e in made.entries],
    }
