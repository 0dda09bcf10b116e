"""The commands of the one path: template, bill, request, verify; what if; and the published
programs."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from grantcalc.audit.ledger_entries import against_ledger
from grantcalc.audit.signed import against_signers
from grantcalc.audit.verify import verify
from grantcalc.billing.claims import bill
from grantcalc.billing.comparison import what_if
from grantcalc.cases import worked_cases
from grantcalc.cli.group import main
from grantcalc.cli.options import BillingOptions, ClaimFiles, gathered
from grantcalc.cli.output import (
    AS_JSON,
    FILE,
    FOLDER,
    INPUT,
    LAYOUT,
    LINES_OPTION,
    OUT,
    PREVIOUS,
    Days,
    Months,
    name_of,
    not_an_input,
    outgoing,
    print_findings,
    print_verdict,
    say,
    several,
    total_of,
)
from grantcalc.cli.statuses import Status
from grantcalc.io.exchange.documents import to_json
from grantcalc.io.exchange.store import Store
from grantcalc.io.inputs import read_claims, read_inputs, read_previous, read_workbooks
from grantcalc.io.intake.csvbook import ENCODINGS
from grantcalc.io.intake.guess import guess_layout
from grantcalc.io.intake.templates import TEMPLATES, write_template
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.io.issued.terms_page import lines_of, terms_page
from grantcalc.ledger.since import since_last
from grantcalc.money import dollars, plain
from grantcalc.periods import Month
from grantcalc.progress import busy
from grantcalc.terms import load_terms, published_terms
from grantcalc.terms.ends import billed_until, newest_publication

NEXT = {"award": "bill", "caseload": "bill", "letters": "letters", "outreach": "performance", "directory": "directory"}


@main.command()
@click.argument("path", type=OUT, metavar="award.xlsx|caseload.xlsx|…")
@click.option("--program", default="", help="Ask for what these published terms leave to an award.")
@AS_JSON
def template(path: Path, program: str, as_json: bool) -> None:
    """Write a workbook to fill in.

    Its name says which: an award, caseload, letters, outreach or directory workbook."""
    kind = next((kind for kind in TEMPLATES if kind in path.stem.lower()), None)
    if kind is None:
        raise click.UsageError(f"name the workbook for its kind: {' or '.join(f'{k}.xlsx' for k in TEMPLATES)}")
    not_an_input(path, ())
    if path.exists():
        raise click.UsageError(f"{path} is there already; it was left as it is")
    digest = write_template(kind, path, program)
    say(as_json, {"written": str(path), "parts": digest}, f"{path}: fill it in, then run grantcalc {NEXT[kind]}.")


@main.command(name="bill")
@click.argument("workbooks", nargs=-1, required=True, type=INPUT, metavar="AWARD.xlsx [CASELOAD.xlsx]...")
@click.option("--through", required=True, type=Months(), help="Last service month, like 2012-09.")
@click.option("--known", type=Days(), help="As known on this day; by default the latest report date of the inputs.")
@click.option("--out", required=True, type=OUT, help="The claim workbook to write.")
@click.option(
    "--detail", is_flag=True, help="Name participants by pseudonym. Such a claim stays with the subrecipient."
)
@click.option(
    "--since", type=FILE, metavar="CLAIM.xlsx", help="The last claim: a page tells what is new since, and why."
)
@PREVIOUS
@LINES_OPTION
@LAYOUT
@AS_JSON
@gathered(billing=BillingOptions, files=ClaimFiles)
def bill_command(
    workbooks: tuple[Path, ...],
    through: Month,
    detail: bool,
    as_json: bool,
    billing: BillingOptions,
    files: ClaimFiles,
) -> None:
    """Bill caseloads under their awards and write a claim. One workbook may hold both sets of
    sheets; a CSV file, or a folder of them, is a workbook too. A workbook given twice counts once.
    With --lines the detail that --detail asks for goes to that file alone, and the workbook holds
    counts."""
    target = outgoing(files.out, as_json)
    last = [files.since] if files.since else []
    not_an_input(target, (*workbooks, *billing.previous, *billing.layouts, *last), files.lines)
    network, caseloads = read_workbooks(workbooks, billing.layouts, billing.known)
    earlier = read_previous(billing.previous, (), billing.layouts)  # what vanished is among the claim's notes
    with busy("Billing", sum(len(c.participants) + len(c.counts) for c in caseloads), least=1000):
        claim = bill(caseloads, network, through, billing.known, previous=earlier)
    print_findings(claim.notes, as_json=False, err=True)
    since = None
    if last:
        since = since_last(read_claims(last)[0], caseloads, network, through, billing.known, previous=earlier)
    digest = write_claim(claim, target, detail=detail, lines=files.lines, since=since)
    shown = claim if detail else claim.counted()
    if as_json:
        click.echo(to_json(shown))
    else:
        count = several(sum(x.count for x in claim.lines), "line")
        click.echo(
            f"{name_of(files.out)}: {count}, earned {plain(total_of(claim.lines))}, held back "
            f"{plain(-total_of(claim.reductions))}, claimed {claim.total.amount:,.2f} USD"
        )
        if since:
            click.echo(f"  new since {since.through}: {since.total.amount:,.2f} USD")
            for adjusted in since.adjustments:
                click.echo(f"  {adjusted.sentence}")
        click.echo(f"parts sha256 {digest}")


@main.command(name="verify")
@click.argument("document", type=FILE, metavar="OUT.xlsx")
@click.option("--inputs", required=True, type=FOLDER, help="A folder that holds the inputs, whatever their names.")
@click.option("--values-only", is_flag=True, help="Compare values and formulas, and not the file and its looks.")
@click.option("--ledger", metavar="LEDGER", help="The ledger of a request: it must record the request.")
@click.option("--signers", type=FILE, help="Allowed signers, as for ssh-keygen: one must have signed the document.")
@AS_JSON
def verify_command(
    document: Path, inputs: Path, values_only: bool, ledger: str | None, signers: Path | None, as_json: bool
) -> None:
    """Compute an issued workbook again and compare it.

    The whole file is compared. Nothing is printed if it is as issued. A file that was saved again
    and shows the same has a note. Otherwise each place that differs is printed, with status 1. A
    document of another version of grantcalc is not checked (status 1), unless --values-only."""
    verdict = verify(document, inputs, values_only=values_only)
    if ledger:
        store = Store(ledger)
        verdict = against_ledger(verdict, document, store.load(), store.name)
    if signers:
        verdict = against_signers(verdict, document, signers)
    if as_json:
        click.echo(json.dumps(verdict.as_json(), indent=2))
    else:
        print_verdict(verdict)
    if not verdict:
        raise SystemExit(Status.UNTRUE)


@main.command(name="what-if")
@click.argument("workbooks", nargs=-1, required=True, type=INPUT, metavar="AWARD.xlsx [CASELOAD.xlsx]...")
@click.option("--through", required=True, type=Months(), help="Last service month, like 2012-09.")
@click.option("--known", type=Days(), help="As known on this day; by default the latest report date of the inputs.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="As rate.certified=550.00")
@click.option("--instead", multiple=True, type=INPUT, help="A caseload with other facts, in place of its issuer's.")
@PREVIOUS
@LAYOUT
@AS_JSON
@gathered(billing=BillingOptions)
def what_if_command(
    workbooks: tuple[Path, ...],
    through: Month,
    changes: tuple[str, ...],
    instead: tuple[Path, ...],
    as_json: bool,
    billing: BillingOptions,
) -> None:
    """Show the difference that changed terms or facts would make.

    The caseloads are billed twice, as they are and with what is changed; the difference is shown by
    line and in total. Nothing is written."""
    if not (changes or instead):
        raise click.UsageError("name what is changed: --set KEY=VALUE, or --instead CASELOAD.xlsx")
    network, caseloads = read_workbooks(workbooks, billing.layouts, billing.known)
    read_previous(billing.previous, caseloads, billing.layouts)
    pairs = dict(change.partition("=")[::2] for change in changes)
    terms = {key: _number_or_word(value) for key, value in pairs.items()}
    others = read_inputs(((path, "caseload") for path in instead), billing.layouts, all_used=False)
    comparison = what_if(caseloads, network, through, terms, billing.known, instead=others)
    if as_json:
        rows = [
            {**{n: str(getattr(c, n)) for n in ("subaward", "service", "pool", "phase", "month")},
             "before": str(dollars(c.before)), "after": str(dollars(c.after))}
            for c in comparison.changed
        ]  # fmt: skip
        click.echo(
            json.dumps(
                {"grantcalc": "what-if", "difference": str(comparison.difference.amount), "changed": rows}, indent=2
            )
        )
        return
    for c in comparison.changed:
        what = f"{c.subaward} {c.month} {c.service} {c.phase}"
        click.echo(f"{what}: {plain(c.before)} -> {plain(c.after)} ({plain(c.difference)})")
    click.echo(
        f"claimed {comparison.before.total.amount:,.2f} -> {comparison.after.total.amount:,.2f}, "
        f"difference {comparison.difference.amount:+,.2f} USD"
    )


@main.group(invoke_without_command=True)
@AS_JSON
@click.pass_context
def programs(ctx: click.Context, as_json: bool) -> None:
    """List the published programs that ship as data.

    `show NAME` prints one with its citations."""
    if ctx.invoked_subcommand is not None:
        return
    rows = []
    for id in published_terms():
        terms, worked = load_terms(id), worked_cases(id)
        left = sum(1 for o in terms.opens if not o.optional)
        figures = "illustrative figures in the case" if worked.illustrative else "published figures only"
        rows.append(
            {
                "id": id,
                "title": terms.title,
                "status": terms.status,
                "open": left,
                "billed_until": str(billed_until(terms) or ""),
                "newest": str(newest_publication(terms)),
                "cases": len(worked.cases),
                "figures": figures,
            }
        )
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['id']}: {row['title']}")
        open_terms = f"{row['open']} {'term' if row['open'] == 1 else 'terms'} left to the award"
        cases = f"{row['cases']} worked {'case' if row['cases'] == 1 else 'cases'}"
        click.echo(f"    {row['status']}; {open_terms}; {cases}, {row['figures']}")
        last = row["billed_until"]
        until = f"billed to {last}, later at the award's rates" if last else "without an end"
        click.echo(f"    {until}; newest publication {row['newest']}")


@programs.command(name="show")
@click.argument("name")
@AS_JSON
def show_command(name: str, as_json: bool) -> None:
    """Print the terms of a program.

    Each value is printed with its dates and its citation."""
    page = terms_page(name)
    click.echo(json.dumps(page, indent=2, ensure_ascii=False) if as_json else "\n".join(lines_of(page)))


@main.group(name="layout")
def layout_group() -> None:
    """Draft layout files for your own workbooks.

    A layout file says which sheets and columns of a workbook hold what grantcalc reads."""


@layout_group.command(name="guess")
@click.argument("workbook", type=INPUT, metavar="FILE")
@click.option("--encoding", type=click.Choice(ENCODINGS), help="Of CSV that is not UTF-8.")
@AS_JSON
def guess(workbook: Path, encoding: str | None, as_json: bool) -> None:
    """Print a draft of the layout of a workbook or CSV file.

    FILE may be a folder of CSV files.

    What is certain by its name stands; the rest stands as comments with the reason, for a person to
    decide.
    """
    draft = guess_layout(workbook, encoding or "")
    say(as_json, {"grantcalc": "layout", "draft": draft}, draft.removesuffix("\n"))


def _number_or_word(text: str) -> str | Decimal:
    """A bare number is dollars, months or a share, as in the award workbook; anything else is a
    word."""
    try:
        return Decimal(text.removesuffix(" USD"))
    except InvalidOperation:
        return text
