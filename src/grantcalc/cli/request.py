"""The command that asks for money: from claims, or from a ledger, which then remembers what was asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import BinaryIO

import click

from grantcalc.cli.group import main
from grantcalc.cli.ledger import changing
from grantcalc.cli.options import RequestFiles, RunOptions, gathered, run_options
from grantcalc.cli.output import (
    FILE,
    INPUT,
    LAYOUT,
    LINES_OPTION,
    OUT,
    Days,
    name_of,
    not_an_input,
    outgoing,
    print_findings,
    total_of,
)
from grantcalc.effects import drafts
from grantcalc.errors import Finding, Rejected, refuse
from grantcalc.forms import sf270, sf425
from grantcalc.io.exchange.documents import to_json
from grantcalc.io.exchange.journal import as_ledger_input
from grantcalc.io.input_kinds import whole
from grantcalc.io.inputs import read_claims, read_inputs
from grantcalc.io.issued.claim_check import unknown_rates
from grantcalc.io.issued.forms import forms_page
from grantcalc.io.issued.requestbook import write_request
from grantcalc.ledger.asking import RequestKind, ask
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import Request, assemble, requests, superseded
from grantcalc.money import plain
from grantcalc.network import Network
from grantcalc.xlsx.package import save


@main.command()
@click.argument("award", type=INPUT, metavar="AWARD.xlsx")
@click.argument("claims", nargs=-1, type=FILE, metavar="[CLAIM.xlsx]...")
@click.option("--ledger", metavar="LEDGER", help="Ask for what stands posted here; the ledger remembers the request.")
@click.option("--known", type=Days(), help="As known on this day; by default the latest day of what it rests on.")
@click.option("--advance", is_flag=True, help="The request is for an advance: what was planned, not yet earned.")
@click.option("--out", required=True, type=OUT, help="The request workbook to write.")
@click.option("--page", type=OUT, metavar="FILE.html", help="Write the SF-270 and SF-425 as a page to print and sign.")
@LINES_OPTION
@LAYOUT
@run_options
@gathered(files=RequestFiles)
def request(
    award: Path,
    claims: tuple[Path, ...],
    ledger: str | None,
    known: date | None,
    advance: bool,
    layouts: tuple[Path, ...],
    run: RunOptions,
    files: RequestFiles,
) -> None:
    """Request reimbursement of claims, or of a ledger.

    There is one request for each award and budget period. The ceilings of the award are judged here. With a ledger,
    what was requested before comes off, and a negative amount is a refund due.
    """
    target = outgoing(files.out, run.as_json, ledger)
    kept = [Path(ledger)] if ledger and Path(ledger).exists() else []
    not_an_input(target, (award, *claims, *layouts, *kept), files.lines, files.page)
    if bool(claims) == bool(ledger):
        raise click.UsageError("name claims, or a --ledger that holds them")
    (network,) = read_inputs([(award, "award")], layouts)
    with drafts(target.parent) as folder:
        draft, drafted = folder / target.name, folder / files.lines.name if files.lines else None
        if ledger:
            kind: RequestKind = "advance" if advance else "reimbursement"
            asked, digest = _of_ledger(ledger, network, known, kind, (draft, drafted), run)
        else:
            read = read_claims(claims)
            refuse((*superseded(read), *unknown_rates(read, network)))
            asked = _some(requests(assemble(read), network, known), claims)
            digest = write_request(asked, draft, lines=drafted)
        if not run.dry_run:
            for made, place in ((drafted, files.lines), (draft, target)):
                if made and place:
                    save(place, lambda file, made=made: _copy(made, file, digest))  # type: ignore[misc]  # called at once
            if files.page:
                text = forms_page(form for r in asked for form in (sf270(r), sf425(r)))
                save(files.page, lambda file: f"{file.write(text.encode())}")
    print_findings(tuple(dict.fromkeys(n for r in asked for n in r.notes)), as_json=False, err=True)
    _say(asked, files.out, digest, run.as_json)


def _of_ledger(
    ledger: str,
    network: Network,
    known: date | None,
    kind: RequestKind,
    to: tuple[Path, Path | None],
    run: RunOptions,
) -> tuple[tuple[Request, ...], str]:
    """The requests of a ledger, which remembers them; the workbook and its lines are written, `to`
    these drafts, before they are posted."""
    made: list[tuple[tuple[Request, ...], str]] = []
    draft, lines = to

    def asked_of(before: Ledger) -> Ledger:
        found = ask(before, network, known, kind, lambda at: as_ledger_input(at, ledger))
        asked = _some(found.requests, [Path(ledger)])
        made.append((asked, write_request(asked, draft, lines=lines)))
        return found.ledger

    changing(ledger, asked_of, run)
    return made[-1]


def _some(asked: tuple[Request, ...], where: Iterable[Path]) -> tuple[Request, ...]:
    if not asked:
        raise Rejected([Finding(whole(where), "no_lines", "there is no line to ask for", "at least one line")])
    return asked


def _copy(draft: Path, target: BinaryIO, digest: str) -> str:
    with draft.open("rb") as source:
        shutil.copyfileobj(source, target)
    return digest


def _say(asked: Iterable[Request], out: Path, digest: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([json.loads(to_json(r)) for r in asked], indent=2))
        return
    for r in asked:
        hold = f"on hold {plain(r.on_hold)}, " if r.on_hold else ""
        before = f"requested before {plain(r.requested_before)}, " if r.requested_before else ""
        click.echo(
            f"{r.award} {r.budget_period}: authorized {plain(r.authorized)}, earned {plain(total_of(r.lines))}, "
            f"held back {plain(-total_of(r.reductions))}, {hold}{before}requested {r.amount.amount:,.2f} USD"
        )
        if r.received is not None:
            click.echo(f"  received {plain(r.received)}, not yet received {plain(r.requested_before - r.received)}")
        if refund := r.to_be_returned.amount:
            click.echo(f"  to be returned {refund:,.2f}: the budget period was closed out")
    click.echo(f"{name_of(out)}: total requested {sum(r.amount.amount for r in asked):,.2f} USD")
    click.echo(f"parts sha256 {digest}")
