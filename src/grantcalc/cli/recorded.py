"""What is recorded in a ledger beside claims: entries that are voided, and money that was received."""

from __future__ import annotations

from datetime import date

import click

from grantcalc.cli.ledger import CONFIRM, DRY, LEDGER, ON, changing, say_entries
from grantcalc.cli.ledger import ledger as group
from grantcalc.cli.output import AS_JSON, Amounts, Days
from grantcalc.ledger.ledger import Ledger, describe


@group.command()
@LEDGER
@click.argument("entry", type=int)
@click.option("--why", required=True, help="Why it is voided.")
@click.option("--never-submitted", is_flag=True, help="Of a request: it was never submitted.")
@ON
@CONFIRM
@DRY
@AS_JSON
def void(
    ledger: str,
    entry: int,
    why: str,
    never_submitted: bool,
    on: date | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Void an entry, by its number in the log.

    The entry stays visible, and counts no more."""
    entries = changing(
        ledger,
        lambda b: b.void(entry, why, on or b.known, never_submitted=never_submitted),
        dry_run=dry_run,
        yes=yes,
    )
    say_entries(as_json, entries, (describe(e.act) for e in entries))


@group.command()
@LEDGER
@click.argument("award")
@click.argument("budget_period")
@click.argument("amount", type=Amounts())
@click.option("--received", required=True, type=Days(), help="The day on which it was received.")
@click.option("--reference", required=True, help="The reference of the payment.")
@ON
@CONFIRM
@DRY
@AS_JSON
def paid(
    ledger: str,
    award: str,
    budget_period: str,
    amount: int,
    received: date,
    reference: str,
    on: date | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Record money received for a budget period.

    A negative AMOUNT (after --) is money returned."""

    def recorded(before: Ledger) -> Ledger:
        day = on or max(before.known, received)
        return before.with_payment(day, award, budget_period, amount, received, reference)

    entries = changing(ledger, recorded, dry_run=dry_run, yes=yes)
    say_entries(as_json, entries, (describe(e.act) for e in entries))
