"""What is recorded in a ledger beside claims: entries that are voided, money that was received, and
approvals."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

import click

from grantcalc.cli.ledger import LEDGER, ON, changing, say_entries
from grantcalc.cli.ledger import ledger as group
from grantcalc.cli.options import RunOptions, run_options
from grantcalc.cli.output import FILE, Amounts, Days
from grantcalc.files import file_digest
from grantcalc.io.intake.cells import open_book
from grantcalc.ledger.entries import ApprovalStep
from grantcalc.ledger.ledger import Ledger, describe
from grantcalc.money import Cents
from grantcalc.xlsx.package import DIGEST
from grantcalc.xlsx.scan import ISSUED


@group.command()
@LEDGER
@click.argument("entry", type=int)
@click.option("--why", required=True, help="Why it is voided.")
@click.option("--never-submitted", is_flag=True, help="Of a request: it was never submitted.")
@ON
@run_options
def void(
    ledger: str,
    entry: int,
    why: str,
    never_submitted: bool,
    on: date | None,
    run: RunOptions,
) -> None:
    """Void an entry, by its number in the log.

    The entry stays visible, and counts no more."""
    entries = changing(
        ledger,
        lambda b: b.void(entry, why, on or b.known, never_submitted=never_submitted),
        run,
    )
    say_entries(run.as_json, entries, (describe(e.act) for e in entries))


@group.command()
@LEDGER
@click.argument("award")
@click.argument("budget_period")
@click.argument("amount", type=Amounts())
@click.option("--received", required=True, type=Days(), help="The day on which it was received.")
@click.option("--reference", required=True, help="The reference of the payment.")
@ON
@run_options
def paid(
    ledger: str,
    award: str,
    budget_period: str,
    amount: int,
    received: date,
    reference: str,
    on: date | None,
    run: RunOptions,
) -> None:
    """Record money received for a budget period.

    A negative AMOUNT (after --) is money returned."""

    def recorded(before: Ledger) -> Ledger:
        day = on or max(before.known, received)
        return before.with_payment(day, award, budget_period, Cents(amount), received, reference)

    entries = changing(ledger, recorded, run)
    say_entries(run.as_json, entries, (describe(e.act) for e in entries))


@group.command()
@LEDGER
@click.argument("document", type=FILE)
@click.option("--step", required=True, type=click.Choice(get_args(ApprovalStep)), help="What was done with it.")
@click.option("--by", required=True, help="Who did it, as your office names them, like 'Controller'.")
@ON
@run_options
def approve(ledger: str, document: Path, step: ApprovalStep, by: str, on: date | None, run: RunOptions) -> None:
    """Record who prepared, reviewed or approved a document.

    The entry names the document by its digest. The document stays as it is."""
    digest = _digest_of(document)
    entries = changing(ledger, lambda b: b.approve(document.name, digest, step, by, on or b.known), run)
    say_entries(run.as_json, entries, (describe(e.act) for e in entries))


def _digest_of(document: Path) -> str:
    """What a workbook states of its parts, or the SHA-256 of any other file."""
    if document.suffix.lower() == ".xlsx" and (stated := open_book(document, ISSUED).properties.get(DIGEST)):
        return stated
    return file_digest(document)
