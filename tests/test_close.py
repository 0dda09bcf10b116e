"""A month's close: journal entries that balance, the drawdown, the SEFA row, PDF, and the packet
with its index."""

from __future__ import annotations

import csv
import re
import shutil
import stat
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import assume, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from grantcalc import Ledger, Request, bill, read_caseload, requests, verify
from grantcalc.accounts import AccountPair, ChartOfAccounts, JournalLine, journal_of, read_chart
from grantcalc.awards import BooksFigure
from grantcalc.cli import main
from grantcalc.closing import drawdown, sefa
from grantcalc.errors import NotInForce, Rejected
from grantcalc.files import file_digest
from grantcalc.io import Packet, Store, Unwritable, to_lines, write_close, write_packet, write_pdf
from grantcalc.io.exchange.journal import as_ledger_input
from grantcalc.io.inputs import read_record
from grantcalc.ledger import ask
from grantcalc.ledger.entries import line_of
from grantcalc.money import Cents, cents
from tests import sample_program as small
from tests.requirements import require
from tests.sample_program import World, world
from tests.strategies import Scenario, scenarios
from tests.test_requests import known_on

CHART = (Path(__file__).parent.parent / "examples" / "chart-illustrative.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory)


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> ChartOfAccounts:
    path = tmp_path_factory.mktemp("chart") / "chart.toml"
    path.write_text(CHART, "utf-8")
    return read_chart(path)


PAIR = AccountPair("a", "b")
PLAIN = ChartOfAccounts("x", {"posted": PAIR, "requested": AccountPair("c", "d"), "received": AccountPair("e", "c")})


def balances(lines: tuple[JournalLine, ...]) -> Counter[str]:
    """Debits less credits of each account, in cents."""
    found: Counter[str] = Counter()
    for line in lines:
        found[line.account] += line.debit - line.credit
    return found


class TestJournal:
    """Journal entries balance, entry by entry, and sum to what the ledger holds."""

    @given(scenarios(), st.integers(-5_000, 5_000), st.booleans())
    def test_they_balance_and_sum_to_the_ledger(self, scenario: Scenario, paid: int, void: bool) -> None:
        try:
            claim = bill(scenario.caseloads, scenario.network, scenario.through, known_on(scenario)).counted()
            assume(claim.lines)
            ledger = ask(Ledger().post(claim), scenario.network).ledger
        except NotInForce:
            assume(False)
        award, period = claim.lines[0].award, claim.lines[0].budget_period
        if paid and (award, period) in ledger.requested_periods:
            ledger = ledger.with_payment(ledger.known, award, period, Cents(paid), ledger.known, "EFT 1")
            ledger = ledger.void(ledger.entries[-1].no, "a wrong amount", ledger.known) if void else ledger
        lines = journal_of(ledger, PLAIN)
        for number in {line.number for line in lines}:
            mine = [line for line in lines if line.number == number]
            assert sum(line.debit for line in mine) == sum(line.credit for line in mine) > 0
            assert all(min(line.debit, line.credit) == 0 for line in mine)
        told = balances(lines)
        assert (told["a"], told["b"]) == (cents(ledger.total), -cents(ledger.total))
        asked = sum(ledger.requested(*period) for period in ledger.requested_periods)
        received = sum(p.amount for p in ledger.payments)
        assert (-told["d"], told["e"], told["c"]) == (asked, received, asked - received)

    def test_by_the_chart(self, made: World, chart: ChartOfAccounts) -> None:
        """Each cost pool has its accounts; a request and a payment have theirs; a refund changes
        sides."""
        ledger = Ledger().post(small.claim(made.inputs).counted())
        pools: Counter[str] = Counter()
        for item, (_, amount) in ledger.allowed().items():
            pools[line_of(item).pool] += amount
        ledger = ledger.with_request(small.REPORT, small.FAIN, "Year 1", Cents(10_000))
        ledger = ledger.with_request(small.REPORT, small.FAIN, "Year 1", Cents(-2_500))
        told = balances(journal_of(ledger, chart))
        assert told["5200 Subawards"] == pools["direct"]
        assert told["5210 Subawards, administration"] == pools["administration"]
        assert told["1300 Grants receivable"] == -told["4100 Grant revenue"] == 7_500

    def test_only_what_was_posted_after_a_day(self, made: World, chart: ChartOfAccounts) -> None:
        ledger = Ledger().post(small.claim(made.inputs).counted())
        later = date(2012, 3, 1)
        ledger = ledger.with_request(later, small.FAIN, "Year 1", Cents(10_000))
        assert {x.booked for x in journal_of(ledger, chart, small.REPORT)} == {later}
        assert not journal_of(ledger, chart, later)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[posted]\ndebit = 1\ncredit = 'b'", "an event debits one account and credits another"),
            ("[posted]\ndebit = 'a'\ncredit = 'a'", "both sides are one account"),
            ("[bought]\ndebit = 'a'\ncredit = 'b'", "this is no event that is booked"),
            ("[posted.pool]\ndebit = 'a'\ncredit = 'b'", "this is no cost pool"),
            ("[posted]\ndebit = 'a'\ncredit = 'b'", "no accounts for what is requested"),
        ],
    )
    def test_a_chart_that_is_wrong_is_refused(self, tmp_path: Path, text: str, problem: str) -> None:
        (path := tmp_path / "chart.toml").write_text(text, "utf-8")
        with pytest.raises(Rejected, match=problem):
            read_chart(path)

    def test_an_event_without_accounts_is_refused(self, made: World) -> None:
        ledger = Ledger().post(small.claim(made.inputs).counted())
        some = ChartOfAccounts("some", {"posted.direct": PAIR, "requested": PAIR, "received": PAIR})
        with pytest.raises(Rejected, match="what is posted in the pool administration"):
            journal_of(ledger, some)

    def test_the_command(self, made: World, tmp_path: Path) -> None:
        store = Store(str(tmp_path / "ledger.db"), create=True)
        store.append(Ledger().post(small.claim(made.inputs).counted()).entries, "0" * 64)
        (tmp_path / "chart.toml").write_text(CHART, "utf-8")
        out = tmp_path / "journal.csv"
        run = CliRunner().invoke(
            main, ["journal", store.where, "--chart", str(tmp_path / "chart.toml"), "--out", str(out)]
        )
        assert run.exit_code == 0, run.output
        with out.open(newline="") as file:
            rows = [*csv.DictReader(file)]
        debit, credit = (sum(Decimal(row[side] or 0) for row in rows) for side in ("Debit", "Credit"))
        assert debit == credit
        assert f"debits {debit:,.2f}" in run.output


def asked(made: World, **books: str) -> Request:
    """The request of the small program, with figures of the books."""
    network = small.network(made.inputs)
    said = tuple(
        BooksFigure(
            award=small.FAIN,
            budget_period="Year 1",
            name=name,
            value=Fraction(value) if name == "federal_share" else Decimal(value),
            effective=small.REPORT,
            published=small.REPORT,
        )
        for name, value in books.items()
    )
    ledger = Ledger().post(small.claim(made.inputs).counted())
    (found,) = requests(ledger, evolve(network, financials=said))
    return found


class TestDrawdown:
    """The payment is what the request asks; a figure that nobody reported is a blank."""

    def test_what_is_expected_is_the_payment_and_the_cash_on_hand(self, made: World) -> None:
        request = asked(made, cash_receipts="150.00", cash_disbursements="100.00")
        (row,) = drawdown([evolve(request, boxes=(("subaccount", "SUB-1"),))])
        assert (row.subaccount, row.payment, row.on_hand) == ("SUB-1", cents(request.amount), 5_000)
        assert row.expected == cents(request.amount) + 5_000

    def test_a_blank(self, made: World) -> None:
        (row,) = drawdown([asked(made, cash_receipts="150.00")])
        assert (row.subaccount, row.on_hand, row.expected) == ("", None, None)


class TestSefa:
    """The rows of fiscal years sum to what is allowed; what the ledger cannot tell by year is a
    blank."""

    @given(scenarios())
    def test_fiscal_years_sum_to_the_requests(self, scenario: Scenario) -> None:
        try:
            claim = bill(scenario.caseloads, scenario.network, scenario.through, known_on(scenario)).counted()
            assume(claim.lines)
            asked = requests(Ledger().post(claim), scenario.network)
        except NotInForce:
            assume(False)
        years = {x.month.year for r in asked for x in r.lines}
        rows = [row for year in years for row in sefa(asked, scenario.network, date(year, 1, 1))]
        assert sum(row.expended or 0 for row in rows) == sum(cents(r.to_date) for r in asked)
        own = sum(x.amount for r in asked for x in r.lines if x.subaward == r.award)
        own += sum(x.amount for r in asked for x in r.reductions if x.line.subaward == r.award)
        assert sum(row.passed_through or 0 for row in rows) == sum(cents(r.to_date) for r in asked) - own

    def test_of_the_small_program(self, made: World, tmp_path: Path) -> None:
        network, request = small.network(made.inputs), asked(made)
        (row,) = sefa([request], network, small.FIRST, {small.FAIN: "A program"})
        assert (row.prefix, row.extension, row.program) == ("93", "598", "A program")
        assert row.expended == row.passed_through == cents(request.to_date)
        write_close(drawdown([request]), [row], small.REPORT, path := tmp_path / "close.xlsx")
        book = load_workbook(path, data_only=True)
        assert book["SEFA"]["E5"].value == row.expended / 100

    @pytest.mark.parametrize(
        "books",
        [
            {"federal_share": "0.75"},
            {"recipient_share": "1.00"},
            {"program_income_deducted": "1.00"},
            {"indirect_rate": "0.1", "indirect_base": "10.00"},
        ],
        ids=str,
    )
    def test_what_is_not_told_by_year_is_blank(self, made: World, books: dict[str, str]) -> None:
        (row,) = sefa([asked(made, **books)], small.network(made.inputs), small.FIRST)
        assert (row.expended, row.passed_through) == (None, None)


def packet(made: World, **changes: Any) -> Packet:
    """The packet of the small program, its request recorded."""
    network = small.network(made.inputs)

    def source(at: Ledger) -> Any:
        return as_ledger_input(at, "ledger.db")

    ledger = ask(Ledger().post(small.claim(made.inputs).counted()), network, source_of=source).ledger
    plain = Packet(
        network=network,
        record=read_record(made.inputs / "award.xlsx", network),
        ledger=ledger,
        caseloads=(read_caseload(made.inputs / "caseload-a.xlsx"),),
        through=small.THROUGH,
        source_of=source,
    )
    return evolve(plain, **changes)


class TestPacket:
    """One folder has every document of the close, with an index; the request is the one that the
    ledger records."""

    def test_everything_is_there_and_in_the_index(self, made: World, tmp_path: Path, chart: ChartOfAccounts) -> None:
        files = write_packet(packet(made, chart=chart, year=small.FIRST), folder := tmp_path / "packet")
        assert [f.name for f in files] == [
            "request.xlsx",
            "forms.html",
            "forms.xlsx",
            "drawdown-sefa.xlsx",
            "statement-S-A.xlsx",
            "statement-S-B.xlsx",
            "claim-SUB-A.xlsx",
            "roster-SUB-A.xlsx",
            "award-check.xlsx",
            "journal.csv",
            "ledger-head.txt",
        ]
        index = (folder / "index.html").read_text("utf-8")
        assert {p.name for p in folder.iterdir()} == {*(f.name for f in files), "index.html"}
        assert re.findall('href="(.*?)"', index) == [f.name for f in files]
        assert all(f.digest == file_digest(folder / f.name) and f.digest in index for f in files)
        private = [f.name for f in files if f.private]
        assert private == ["roster-SUB-A.xlsx"]
        assert stat.S_IMODE((folder / private[0]).stat().st_mode) == 0o600
        assert "names participants" in index

    def test_its_documents_verify(self, made: World, tmp_path: Path) -> None:
        given = packet(made)
        write_packet(given, folder := tmp_path / "packet")
        inputs = tmp_path / "inputs"
        shutil.copytree(made.inputs, inputs)
        (inputs / "ledger.jsonl").write_text(to_lines(given.ledger), "utf-8", newline="\n")
        for name in ("request", "statement-S-A", "claim-SUB-A", "roster-SUB-A"):
            assert verify(folder / f"{name}.xlsx", inputs).answer == "as issued", name

    def test_what_was_not_requested_is_refused(self, made: World, tmp_path: Path) -> None:
        ledger = Ledger().post(small.claim(made.inputs).counted())
        with pytest.raises(Rejected, match="something is due that was not requested yet"):
            write_packet(packet(made, ledger=ledger), tmp_path / "packet")
        assert not (tmp_path / "packet").exists()


class TestPdf:
    """A document as PDF, by LibreOffice; where that is not installed a sentence says so."""

    @pytest.mark.slow
    def test_a_workbook(self, made: World, tmp_path: Path) -> None:
        require("libreoffice")
        out = tmp_path / "detailed.pdf"
        made.documents["detailed"].chmod(0o600)
        run = CliRunner().invoke(main, ["pdf", str(made.documents["detailed"]), "--out", str(out)])
        assert run.exit_code == 0, run.output
        assert out.read_bytes().startswith(b"%PDF-")
        assert stat.S_IMODE(out.stat().st_mode) == 0o600

    def test_without_libreoffice(self, made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(Unwritable, match="PDF needs LibreOffice, which is not installed here"):
            write_pdf(made.documents["claim"], tmp_path / "claim.pdf")
        run = CliRunner().invoke(main, ["pdf", str(made.documents["claim"]), "--out", str(tmp_path / "claim.pdf")])
        assert (run.exit_code, "nothing was written" in run.output) == (2, True)

    def test_a_page_is_printed_from_the_browser(self, tmp_path: Path) -> None:
        (page := tmp_path / "forms.html").write_text("<p>", "utf-8")
        with pytest.raises(Unwritable, match="print a page from the browser"):
            write_pdf(page, tmp_path / "forms.pdf")
