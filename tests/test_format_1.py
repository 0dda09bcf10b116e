"""A ledger and documents that grantcalc 0.1.0 wrote are read and verified for good."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from grantcalc import Claim, Request, from_json, from_lines, read_claim, to_lines
from grantcalc.billing.acts import REASONS, Change, Closed, ClosedOut, Held, Posting, Released, Requested
from grantcalc.cli import main
from grantcalc.compliance.outcomes import Order
from grantcalc.errors import Finding
from grantcalc.io.exchange.store import Store

OLD = Path(__file__).parent / "data" / "0.1.0"
HEAD = "6738bdf540f625457a23d09cc39332b5ca1515761cb9d6bd3faa486aaa37847f"


def text(name: str) -> str:
    return (OLD / name).read_text("utf-8")


class TestLedger:
    """Each entry keeps the bytes in which it was stored: the chain of heads runs over these."""

    def test_an_export_is_read_and_leaves_as_it_came(self) -> None:
        ledger = from_lines((OLD / "ledger.jsonl").read_bytes(), head=HEAD)
        assert ledger.head == HEAD
        assert to_lines(ledger).encode() == (OLD / "ledger.jsonl").read_bytes()

    def test_a_store_is_read_and_leaves_as_it_came(self) -> None:
        ledger = Store(OLD / "ledger.db").load()
        assert to_lines(ledger) == text("ledger.jsonl")
        assert ledger == from_lines((OLD / "ledger.jsonl").read_bytes())

    def test_it_has_entries_of_every_kind_and_reason(self) -> None:
        ledger = Store(OLD / "ledger.db").load()
        kinds = {type(e.act) for e in ledger.entries}
        assert kinds == {Posting, Change, Requested, Closed, ClosedOut, Held, Released}
        reasons = {e.act.reason for e in ledger.entries if isinstance(e.act, Change)}
        assert reasons == {*REASONS} - {"enrollment"}
        assert len(ledger.refused) == 2
        assert ledger.total.amount == read_later().total.amount

    def test_it_is_verified_on_the_command_line(self) -> None:
        run = CliRunner().invoke(main, ["ledger", "verify", str(OLD / "ledger.db"), "--head", HEAD])
        assert (run.exit_code, run.output) == (0, f"64 entries follow from one another; head {HEAD}\n")


def read_later() -> Claim:
    claim = from_json(text("later-claim.json"))
    assert isinstance(claim, Claim)
    return claim


class TestDocuments:
    @pytest.mark.parametrize(("name", "detailed"), [("claim", False), ("detailed", True)])
    def test_a_claim_workbook_says_what_its_json_says(self, name: str, detailed: bool) -> None:
        book, claim = read_claim(OLD / f"{name}.xlsx"), from_json(text(f"{name}.json"))
        assert isinstance(claim, Claim)
        assert book.detailed is claim.detailed is detailed
        assert [evolve(x, rate=None, source=y.source) for x, y in zip(book.lines, claim.lines, strict=True)] == [
            evolve(x, rate=None) for x in claim.lines
        ]
        assert [str(x.total.amount) for x in (book, claim)] == ["1815.20", "1815.20"]

    def test_a_request_in_json(self) -> None:
        request = from_json(text("request.json"))
        assert isinstance(request, Request)
        figures = request.to_date, request.held_back, request.amount
        assert [str(x.amount) for x in figures] == ["2100.48", "-202.34", "1866.55"]

    def test_findings_and_the_tests_of_an_award(self) -> None:
        found = from_json(text("findings.json"))
        assert isinstance(found, tuple)
        assert all(isinstance(f, Finding) for f in found)
        assert isinstance(from_json(text("order.json")), Order)

    def test_a_claim_that_was_posted_in_format_1_says_nothing_new(self) -> None:
        """Reductions and reasons have the same kind and code, whether they are read or billed today."""
        ledger = Store(OLD / "ledger.db").load().as_of(read_later().known)
        assert ledger.difference(read_later()) == ()
