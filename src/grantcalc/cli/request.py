"""The command that asks for money: from claims, or from a ledger, which then remembers what was
asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

import click

from grantcalc.audit.ledger_entries import unrecorded
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
from grantcalc.errors import Rejected, refuse
from grantcalc.forms import sf270, sf425
from grantcalc.io.exchange.documents import to_json
from grantcalc.io.exchange.journal import as_ledger_input
from grantcalc.io.input_kinds import whole
from grantcalc.io.inputs import read_claims, read_inputs
from grantcalc.io.issued.claim_check import unknown_rates
from grantcalc.io.issued.forms import forms_page
from grantcalc.io.issued.requestbook import write_request
from grantcalc.ledger.asking import ask
from grantcalc.ledger.entries import RequestKind
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.request_notes import superseded
from grantcalc.ledger.requests import Request, assemble, requests
from grantcalc.money import plain
from grantcalc.network import Network
from grantcalc.xlsx.package import save, together


@main.command(name="request")
@click.argument("award", type=INPUT, metavar="AWARD.xlsx")
@click.argument("claims", nargs=-1, type=FILE, metavar="[CLAIM.xlsx]...")
@click.option(
    "--ledger", metavar="LEDGER", help="Request what is posted in this ledger; the ledger records the request."
)
@click.option("--known", type=Days(), help="As known on this day; by default the latest day of what it rests on.")
@click.option("--advance", is_flag=True, help="The request is for an advance: what was planned, not yet earned.")
@click.option("--out", required=True, type=OUT, help="The request workbook to write.")
@click.option("--page", type=OUT, metavar="FILE.html", help="Write the SF-270 and SF-425 as a page to print and sign.")
@LINES_OPTION
@LAYOUT
@run_options
@gathered(files=RequestFiles)
def request_command(
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

    There is one request for each award and budget period. The ceilings of the award are judged
    here. With a ledger, what was requested before comes off, and a negative amount is a refund due.
    """
    target = outgoing(files.out, run.as_json, ledger)
    kept = [Path(ledger)] if ledger and Path(ledger).exists() else []
    not_an_input(target, (award, *claims, *layouts, *kept), files.lines, files.page)
    if bool(claims) == bool(ledger):
        raise click.UsageError("name claims, or a --ledger that holds them")
    (network,) = read_inputs([(award, "award")], layouts)
    digests: list[str] = []

    def write(asked: tuple[Request, ...]) -> None:
        digests.append(_write(asked, target, files, run))

    if ledger:
        kind: RequestKind = "advance" if advance else "reimbursement"
        asked = _of_ledger(ledger, network, known, kind, run, target, write)
    else:
        read = read_claims(claims)
        refuse((*superseded(read), *unknown_rates(read, network)))
        asked = _some(requests(assemble(read), network, known), claims)
        with together():
            write(asked)
    (digest,) = digests
    print_findings(tuple(dict.fromkeys(n for r in asked for n in r.notes)), as_json=False, err=True)
    _say(asked, files.out, digest, run.as_json)


def _of_ledger(
    ledger: str,
    network: Network,
    known: date | None,
    kind: RequestKind,
    run: RunOptions,
    out: Path,
    write: Callable[[tuple[Request, ...]], None],
) -> tuple[Request, ...]:
    """The requests of a ledger, which remembers them once their documents are written."""
    asked: list[Request] = []

    def asked_of(before: Ledger) -> Ledger:
        _tell_unrecorded(out, before)
        outcome = ask(before, network, known, kind, lambda at: as_ledger_input(at, ledger))
        asked.extend(_some(outcome.requests, [Path(ledger)]))
        return outcome.ledger

    changing(ledger, asked_of, run, write=lambda: write(tuple(asked)))
    return tuple(asked)


def _tell_unrecorded(out: Path, before: Ledger) -> None:
    """Say that the file to write over is a request that no entry records, as a run leaves it that
    was killed."""
    try:
        documents = unrecorded(out, before) if out.is_file() else ()
    except Rejected:  # no document of grantcalc's
        return
    for one in documents:
        click.echo(f"{out.name}: {one}; this run replaces the file", err=True)


def _write(asked: tuple[Request, ...], target: Path, files: RequestFiles, run: RunOptions) -> str:
    """Write the workbook of some requests, its lines and its page, and give its digest; of a dry
    run nothing stays."""
    if run.dry_run:
        with drafts() as folder:
            return write_request(asked, folder / target.name, lines=files.lines and folder / files.lines.name)
    digest = write_request(asked, target, lines=files.lines)
    if files.page:
        text = forms_page(form for r in asked for form in (sf270(r), sf425(r)))
        save(files.page, lambda file: f"{file.write(text.encode())}")
    return digest


def _some(asked: tuple[Request, ...], where: Iterable[Path]) -> tuple[Request, ...]:
    if not asked:
        raise Rejected([whole(where).finding("no_lines", "there is no line to request", "at least one line")])
    return asked


def _say(asked: Iterable[Request], out: Path, digest: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([json.loads(to_json(r)) for r in asked], indent=2))
        return
    for line in request_lines(asked):
        click.echo(line)
    click.echo(f"{name_of(out)}: total requested {sum(r.amount.amount for r in asked):,.2f} USD")
    click.echo(f"parts sha256 {digest}")


def request_lines(asked: Iterable[Request]) -> Iterator[str]:
    """What each request comes to, a line for each, with what is not yet received and what is to be
    returned."""
    for r in asked:
        hold = f"on hold {plain(r.on_hold)}, " if r.on_hold else ""
        before = f"requested before {plain(r.requested_before)}, " if r.requested_before else ""
        yield (
            f"{r.award} {r.budget_period}: authorized {plain(r.authorized)}, earned {plain(total_of(r.lines))}, "
            f"held back {plain(-total_of(r.reductions))}, {hold}{before}requested {r.amount.amount:,.2f} USD"
        )
        if r.received is not None:
            yield f"  received {plain(r.received)}, not yet received {plain(r.requested_before - r.received)}"
        if refund := r.to_be_returned.amount:
            yield f"  to be returned {refund:,.2f}: the budget period was closed out"
