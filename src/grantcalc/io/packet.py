"""The close packet: every document of a month's close in one folder, with an index of what each
is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from html import escape
from pathlib import Path

from attrs import frozen

from grantcalc.accounts import ChartOfAccounts, journal_of
from grantcalc.billing.caseload import Caseload
from grantcalc.billing.claims import bill
from grantcalc.billing.roster import roster
from grantcalc.closing import SefaRow, drawdown, sefa
from grantcalc.compliance.check import check_awards
from grantcalc.compliance.record import ComplianceRecord
from grantcalc.declared import checked
from grantcalc.errors import Place, Rejected
from grantcalc.files import file_digest
from grantcalc.forms import sf270, sf425
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.io.issued.closebook import write_close, write_journal
from grantcalc.io.issued.compliance_report import write_order
from grantcalc.io.issued.forms import forms_page, write_forms
from grantcalc.io.issued.pdf import write_pdf
from grantcalc.io.issued.requestbook import write_request
from grantcalc.io.issued.rosterbook import write_roster
from grantcalc.io.issued.statementbook import write_statement
from grantcalc.ledger.asking import ask
from grantcalc.ledger.entries import Requested
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.merkle import tree_head
from grantcalc.ledger.requests import Request
from grantcalc.ledger.statements import statements
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Input
from grantcalc.xlsx.package import save, together


@frozen(kw_only=True)
class Packet:
    """What a month is closed with: the award workbook and its record sheets, the ledger and how it
    is named as an input, and the caseloads to the end of `through`.

    With a `chart` there are journal entries, those after `booked` alone where it is given; with
    `year`, the first day of the recipient's fiscal year, there are SEFA rows. `pdf` gives a PDF
    beside each document.
    """

    network: Network
    record: ComplianceRecord
    ledger: Ledger
    caseloads: tuple[Caseload, ...]
    through: Month
    source_of: Callable[[Ledger], Input | None] | None = None
    chart: ChartOfAccounts | None = None
    booked: date | None = None
    year: date | None = None
    pdf: bool = False


@frozen
class PacketFile:
    """A file of a packet: its name, what it is, the SHA-256 of its bytes, and whether it names
    participants and stays with the subrecipient."""

    name: str
    what: str
    digest: str
    private: bool = False


@checked
def write_packet(packet: Packet, folder: str | Path) -> tuple[PacketFile, ...]:
    """Write all documents of a month's close into a folder, which may be new, and an index of them;
    all or none.

    The request and its forms are those that the ledger records: `Rejected` where something is due
    that was not requested yet. Refused also like each of the documents.
    """
    folder = Path(folder)
    asked = _recorded(packet)
    folder.mkdir(exist_ok=True)
    with together():
        made = [
            PacketFile(name, what, file_digest(folder / name), private)
            for name, what, private in _write(packet, asked, folder)
        ]
        index = _index(packet, made)
        save(folder / "index.html", lambda file: f"{file.write(index.encode())}")
    return tuple(made)


def _recorded(packet: Packet) -> tuple[Request, ...]:
    """The requests that the ledger records last, or those of which nothing is due."""
    kinds = [act.kind for act in packet.ledger.acts if isinstance(act, Requested)]
    found = ask(
        packet.ledger,
        packet.network,
        kind=kinds[-1] if kinds else "reimbursement",
        source_of=packet.source_of or (lambda _: None),
    )
    if found.ledger != packet.ledger:
        problem, expected = "something is due that was not requested yet", "a request of this ledger before its packet"
        raise Rejected([Place().finding("not_requested", problem, expected)])
    return found.requests


def _write(packet: Packet, asked: tuple[Request, ...], folder: Path) -> Iterator[tuple[str, str, bool]]:
    """Each document written: its name, what it is, and whether it names participants."""
    for name, what, private in _documents(packet, asked, folder):
        yield name, what, private
        if packet.pdf and name.endswith(".xlsx"):
            printed = f"{name.rpartition('.')[0]}.pdf"
            write_pdf(folder / name, folder / printed, private=private)
            yield printed, f"{what}, as PDF", private


def _documents(packet: Packet, asked: tuple[Request, ...], folder: Path) -> Iterator[tuple[str, str, bool]]:
    network, ledger = packet.network, packet.ledger
    if asked:
        write_request(asked, folder / "request.xlsx")
        yield "request.xlsx", "The request as recorded, with the SF-270 and the SF-425", False
        by_award: dict[str, list[Request]] = {}
        for r in asked:
            by_award.setdefault(r.award, []).append(r)
        forms = [*map(sf270, asked), *map(sf425, by_award.values())]
        page = forms_page(forms)
        save(folder / "forms.html", lambda file: f"{file.write(page.encode())}")
        yield "forms.html", "The SF-270 and the SF-425 as a page to print and sign", False
        write_forms(forms, folder / "forms.xlsx")
        yield "forms.xlsx", "The same forms as a workbook", False
        write_close(drawdown(asked), _sefa(packet, asked), asked[0].known, folder / "drawdown-sefa.xlsx")
        yield "drawdown-sefa.xlsx", "The drawdown by subaccount, and the SEFA rows", False
    for s in (
        statements(ledger, network, source=packet.source_of(ledger) if packet.source_of else None)
        if ledger.bases
        else ()
    ):
        name = f"statement-{_named(s.subaward)}.xlsx"
        write_statement(s, folder / name)
        yield name, f"Statement to the subrecipient of {s.subaward}", False
    for load in packet.caseloads:
        issuer = _named(load.issuer)
        write_claim(bill(load, network, packet.through), folder / f"claim-{issuer}.xlsx")
        yield f"claim-{issuer}.xlsx", f"The claim of {load.issuer}", False
        write_roster(roster(load, network, packet.through), folder / f"roster-{issuer}.xlsx")
        yield f"roster-{issuer}.xlsx", f"The roster of {load.issuer}", True
    write_order(check_awards(network, packet.record), folder / "award-check.xlsx")
    yield "award-check.xlsx", "Whether the award is in order, test by test", False
    if packet.chart:
        write_journal(journal_of(ledger, packet.chart, packet.booked), folder / "journal.csv")
        yield "journal.csv", f"Journal entries by the chart of accounts {packet.chart.id}", False
    tree = tree_head([bytes.fromhex(entry.head) for entry in ledger.entries])
    head = f"grantcalc ledger head\nentries {tree.entries}\nchain {ledger.head}\nroot {tree.root}\n"
    save(folder / "ledger-head.txt", lambda file: f"{file.write(head.encode())}")
    yield "ledger-head.txt", "The head of the ledger, to publish or to sign", False


def _sefa(packet: Packet, asked: tuple[Request, ...]) -> tuple[SefaRow, ...]:
    titles = {a.fain: a.listing_title for a in packet.record.awards if a.listing_title}
    return sefa(asked, packet.network, packet.year, titles) if packet.year else ()


def _named(text: str) -> str:
    """A number or id as a part of the name of a file."""
    return re.sub(r"[^\w.-]", "_", text, flags=re.ASCII)


_STYLE = (
    "body { font: 10pt sans-serif; margin: 2em } code { font-size: 7pt } "
    "td, th { text-align: left; padding: 3pt 8pt; border-bottom: 1px solid #999 }"
)


def _index(packet: Packet, made: list[PacketFile]) -> str:
    """The index as one page: each file, what it is, who may have it, and its digest."""
    label = f": {packet.network.label}" if packet.network.label else ""
    title = escape(f"Close packet through {packet.through}{label}")
    rows = "".join(
        f'<tr><td><a href="{escape(f.name)}">{escape(f.name)}</a></td><td>{escape(f.what)}</td>'
        f"<td>{'names participants: stays with the subrecipient' if f.private else 'counts only'}</td>"
        f"<td><code>{f.digest}</code></td></tr>\n"
        for f in made
    )
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><h1>{title}</h1>\n'
        f"<table><tr><th>File</th><th>What it is</th><th>Detail</th><th>SHA-256</th></tr>\n"
        f"{rows}</table></body></html>\n"
    )
