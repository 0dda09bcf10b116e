"""The commands that tell subrecipients what became of their claims, and case managers what is used
and left."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from grantcalc.billing.roster import roster
from grantcalc.cli.group import main
from grantcalc.cli.options import BillingOptions, gathered
from grantcalc.cli.output import (
    AS_JSON,
    INPUT,
    LAYOUT,
    OUT,
    PREVIOUS,
    Days,
    Months,
    name_of,
    not_an_input,
    outgoing,
    say,
    several,
)
from grantcalc.io.exchange.journal import as_ledger_input
from grantcalc.io.exchange.store import Store
from grantcalc.io.inputs import read_inputs, read_previous, read_workbooks
from grantcalc.io.issued.rosterbook import write_roster
from grantcalc.io.issued.statementbook import write_statement
from grantcalc.ledger.statements import Statement, statements
from grantcalc.money import dollars, plain
from grantcalc.periods import Month
from grantcalc.xlsx.package import together

FOLDER_OUT = click.Path(file_okay=False, path_type=Path)


@main.command(name="statement")
@click.argument("award", type=INPUT, metavar="AWARD.xlsx")
@click.option("--ledger", metavar="LEDGER", required=True, help="The ledger in which the claims are posted.")
@click.option("--known", type=Days(), help="As known on this day; by default the latest day of what it rests on.")
@click.option("--out", required=True, type=FOLDER_OUT, metavar="FOLDER", help="The folder for the statements.")
@LAYOUT
@AS_JSON
def statement_command(
    award: Path, ledger: str, known: date | None, out: Path, layouts: tuple[Path, ...], as_json: bool
) -> None:
    """Write a statement of each subaward.

    It is sent back to the subrecipient. It says what is allowed of each month, what is held back
    and by what, what was adjusted and why, what was requested and is on hold, and the balance of
    the subaward. It names no participant."""
    (network,) = read_inputs([(award, "award")], layouts)
    loaded = Store(ledger).load()
    made = statements(loaded, network, known, as_ledger_input(loaded, ledger))
    out.mkdir(exist_ok=True)
    paths = [out / f"{statement_name(s)}.xlsx" for s in made]
    with together():
        for s, path in zip(made, paths, strict=True):
            not_an_input(path, (award, *layouts))
            write_statement(s, path)
    if as_json:
        click.echo(json.dumps([_figures(s, path) for s, path in zip(made, paths, strict=True)], indent=2))
        return
    for s, path in zip(made, paths, strict=True):
        hold = f"on hold {plain(s.on_hold)}, " if s.on_hold else ""
        balance = "no amount of its own" if s.balance is None else f"balance {s.balance.amount:,.2f}"
        amounts = f"allowed {s.allowed.amount:,.2f}, requested {s.requested.amount:,.2f}"
        click.echo(f"{path}: {s.subaward} of {s.subrecipient}, {amounts}, {hold}{balance}")
    click.echo(f"{several(len(made), 'statement')} in {out}")


def statement_name(s: Statement) -> str:
    """The name of the file of a statement: a number may have slashes."""
    return f"statement-{s.subaward.replace('/', '_')}"


def _figures(s: Statement, path: Path) -> dict[str, str]:
    amounts = {"allowed": s.allowed.amount, "requested": s.requested.amount, "on_hold": dollars(s.on_hold)}
    balance = {} if s.balance is None else {"balance": s.balance.amount}
    named = {"written": str(path), "subaward": s.subaward}
    return named | {name: f"{amount:.2f}" for name, amount in {**amounts, **balance}.items()}


@main.command(name="roster")
@click.argument("workbooks", nargs=-1, required=True, type=INPUT, metavar="AWARD.xlsx [CASELOAD.xlsx]...")
@click.option("--through", required=True, type=Months(), help="Last service month, like 2012-09.")
@click.option("--known", type=Days(), help="As known on this day; by default the latest report date of the inputs.")
@click.option("--out", required=True, type=OUT, help="The roster workbook to write.")
@PREVIOUS
@LAYOUT
@AS_JSON
@gathered(billing=BillingOptions)
def roster_command(
    workbooks: tuple[Path, ...], through: Month, out: Path, as_json: bool, billing: BillingOptions
) -> None:
    """Write the roster of caseloads.

    It stays with the subrecipient. For each participant it says the paid months used and left by
    phase, what is used and left of each ceiling, which letters end within 60 days, and who nears a
    limit."""
    target = outgoing(out, as_json)
    not_an_input(target, (*workbooks, *billing.previous, *billing.layouts))
    network, caseloads = read_workbooks(workbooks, billing.layouts, billing.known)
    read_previous(billing.previous, caseloads, billing.layouts)
    made = roster(caseloads, network, through, billing.known)
    digest = write_roster(made, target)
    looked_at = sum(bool(row.attention) for row in made.rows)
    facts = {"written": str(out), "participants": len(made.rows), "attention": looked_at, "parts": digest}
    who = several(len(made.rows), "participant")
    say(as_json, facts, f"{name_of(out)}: {who}, {looked_at} to look at; it names participants, so keep it here.")
