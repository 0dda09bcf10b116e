"""The commands that close a month: journal entries, PDF of a document, and the whole packet."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from grantcalc.accounts import journal_of, read_chart
from grantcalc.cli.group import main
from grantcalc.cli.options import PacketOptions, gathered
from grantcalc.cli.output import AS_JSON, FILE, INPUT, LAYOUT, OUT, Days, Months, not_an_input, say, several
from grantcalc.cli.statements import FOLDER_OUT
from grantcalc.io.exchange.journal import as_ledger_input
from grantcalc.io.exchange.store import Store
from grantcalc.io.inputs import read_record, read_workbooks
from grantcalc.io.issued.closebook import write_journal
from grantcalc.io.issued.pdf import write_pdf
from grantcalc.io.packet import Packet, write_packet
from grantcalc.money import plain
from grantcalc.periods import Month


@main.command(name="journal")
@click.argument("ledger", metavar="LEDGER")
@click.option("--chart", required=True, type=FILE, metavar="CHART.toml", help="The accounts of each event.")
@click.option("--since", type=Days(), help="Only what was posted after this day.")
@click.option("--out", required=True, type=OUT, metavar="FILE.csv", help="The journal entries to write.")
@AS_JSON
def journal_command(ledger: str, chart: Path, since: date | None, out: Path, as_json: bool) -> None:
    """Write the journal entries of a ledger as CSV.

    The chart of accounts is a TOML file of your own: which account each event debits and
    credits."""
    not_an_input(out, (chart, *([Path(ledger)] if Path(ledger).exists() else [])))
    lines = journal_of(Store(ledger).load(), read_chart(chart), since)
    write_journal(lines, out)
    count, debit = len({x.number for x in lines}), sum(x.debit for x in lines)
    facts = {
        "written": str(out),
        "entries": count,
        "debit": plain(debit),
        "credit": plain(sum(x.credit for x in lines)),
    }
    entries = f"{count:,} journal entr{'y' if count == 1 else 'ies'}"
    say(as_json, facts, f"{out}: {entries}, debits {plain(debit)}, credits {plain(debit)}")


@main.command(name="pdf")
@click.argument("document", type=FILE, metavar="DOCUMENT.xlsx")
@click.option("--out", type=OUT, metavar="FILE.pdf", help="By default the document's name with .pdf.")
@AS_JSON
def pdf_command(document: Path, out: Path | None, as_json: bool) -> None:
    """Write a document as PDF, as it prints.

    LibreOffice does it, and must be installed. A PDF is as private as its document: of one that its
    owner alone may read it can be read by nobody else."""
    target = out or document.with_suffix(".pdf")
    not_an_input(target, (document,))
    write_pdf(document, target, private=not document.stat().st_mode & 0o044)
    say(as_json, {"written": str(target)}, f"{target}: written from {document.name}")


@main.command(name="packet")
@click.argument("award", type=INPUT, metavar="AWARD.xlsx")
@click.argument("caseloads", nargs=-1, type=INPUT, metavar="[CASELOAD.xlsx]...")
@click.option("--ledger", metavar="LEDGER", required=True, help="The ledger that records the request.")
@click.option("--through", required=True, type=Months(), help="Last service month of the caseloads, like 2012-09.")
@click.option("--out", required=True, type=FOLDER_OUT, metavar="FOLDER", help="The folder for the packet.")
@click.option("--chart", type=FILE, metavar="CHART.toml", help="Write journal entries by these accounts too.")
@click.option("--since", type=Days(), help="Journal entries of what was posted after this day alone.")
@click.option("--year-start", type=Days(), help="First day of the fiscal year of the SEFA rows.")
@click.option("--pdf", is_flag=True, help="Write a PDF of each document too.")
@LAYOUT
@AS_JSON
@gathered(options=PacketOptions)
def packet_command(
    award: Path,
    caseloads: tuple[Path, ...],
    ledger: str,
    through: Month,
    out: Path,
    as_json: bool,
    options: PacketOptions,
) -> None:
    """Write every document of a month's close.

    Claims and rosters of the caseloads, the request as the ledger records it with its forms, a
    statement for each subaward, drawdown and SEFA, the tests of the award, journal entries, and the
    head of the ledger."""
    network, loads = read_workbooks((award, *caseloads), options.layouts)
    packet = Packet(
        network=network,
        record=read_record(award, network, options.layouts),
        ledger=Store(ledger).load(),
        caseloads=tuple(loads),
        through=through,
        source_of=lambda at: as_ledger_input(at, ledger),
        chart=read_chart(options.chart) if options.chart else None,
        booked=options.since,
        year=options.year_start,
        pdf=options.pdf,
    )
    made = write_packet(packet, out)
    if as_json:
        rows = [{"file": f.name, "what": f.what, "sha256": f.digest, "private": f.private} for f in made]
        click.echo(json.dumps(rows, indent=2))
        return
    for f in made:
        click.echo(f"{f.name}: {f.what}" + ("; it names participants" if f.private else ""))
    click.echo(f"{out}: {several(len(made), 'file')}; index.html lists them")
