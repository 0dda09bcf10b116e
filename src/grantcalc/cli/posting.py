"""Posting: what claims or caseloads add to a ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click

from grantcalc.billing.claims import Claim
from grantcalc.cli.group import main
from grantcalc.cli.ledger import LEDGER, changing, say_entries
from grantcalc.cli.options import BillingOptions, RunOptions, gathered, run_options
from grantcalc.cli.output import INPUT, LAYOUT, PREVIOUS, Days, Months, print_findings
from grantcalc.errors import Place, Rejected, refuse
from grantcalc.io.input_kinds import kinds_of
from grantcalc.io.inputs import read_claims, read_inputs, read_previous, read_workbooks
from grantcalc.io.intake.layout import opened
from grantcalc.io.issued.claim_check import unknown_rates
from grantcalc.ledger.adjustments import Adjustments, adjust_to_previous
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.log import describe_posting, describe_refused
from grantcalc.periods import Month


@main.command()
@LEDGER
@click.argument("workbooks", nargs=-1, required=True, type=INPUT, metavar="CLAIM.xlsx... | AWARD.xlsx CASELOAD.xlsx...")
@click.option("--award", type=INPUT, help="For claims: the award workbook, of which their rates must be.")
@click.option("--through", type=Months(), help="Last service month, for caseloads.")
@click.option("--known", type=Days(), help="As known on this day; by default the latest report date of the inputs.")
@LAYOUT
@PREVIOUS
@click.option("--detail", is_flag=True, help="Keep participants. Such a ledger stays with the subrecipient.")
@click.option("--on", type=Days(), help="The day posted; by default the ledger's latest, or the claim's own if later.")
@run_options
@gathered(billing=BillingOptions)
def post(
    ledger: str,
    workbooks: tuple[Path, ...],
    award: Path | None,
    through: Month | None,
    detail: bool,
    on: date | None,
    run: RunOptions,
    billing: BillingOptions,
) -> None:
    """Post claims or caseloads to a ledger.

    What is posted is the difference to what was posted before, and nothing when nothing changed.

    LEDGER is a file, made when it is not there, or the URL of a PostgreSQL database. Claims are
    posted as they are, with --award only if the award has their rates; caseloads are billed under
    their award first, and each difference has its reason.
    """
    claims, sentences = _claims(workbooks), list[str]()
    if award and not claims:
        raise click.UsageError("--award is for claims: name it among the workbooks, where caseloads are posted")
    if award:
        (network,) = read_inputs([(award, "award")], billing.layouts)
        refuse(unknown_rates(claims, network))

    def posted(before: Ledger) -> Ledger:
        if claims:
            for claim in claims:
                after = before.post(claim if detail else claim.counted(), on=on)
                sentences.extend(describe_posting(claim, after.entries[len(before.entries) :]))
                before = after
            return before
        if through is None:
            raise click.UsageError("--through names the last service month of caseloads")
        changes = _adjusted(before, workbooks, through, billing, detail)
        print_findings(changes.claim.notes, as_json=False, err=True)
        after = before.post(changes.claim if detail else changes.claim.counted(), changes.changes, on)
        sentences.extend(changes.sentences() if changes.changes else describe_posting(changes.claim, ()))
        sentences.extend(describe_refused(after.entries[len(before.entries) :]))
        return after

    entries = changing(ledger, posted, run, create=True)
    say_entries(run.as_json, entries, sentences)


def _claims(workbooks: Iterable[Path]) -> list[Claim]:
    """The claims, where all workbooks are claims; nothing where none is."""
    books = {path: "claim" in kinds_of(opened(path)) for path in workbooks}
    if not any(books.values()):
        return []
    if not all(books.values()):
        odd = [Place(path.name) for path, is_claim in books.items() if not is_claim]
        raise Rejected(place.finding("kind", "post either claims or inputs, not both") for place in odd)
    return sorted(read_claims(books), key=lambda c: (c.known, c.issuers))


def _adjusted(
    before: Ledger,
    workbooks: tuple[Path, ...],
    through: Month,
    billing: BillingOptions,
    detail: bool,
) -> Adjustments:
    """What the caseloads change in a ledger, each difference with its reason."""
    network, caseloads = read_workbooks(workbooks, billing.layouts, billing.known)
    earlier = read_previous(billing.previous, caseloads, billing.layouts)
    return adjust_to_previous(before, caseloads, network, through, billing.known, previous=earlier, detail=detail)
