"""A ledger and documents that grantcalc 0.1.0 wrote are read and verified for good."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from grantcalc import Claim, Rejected, Request, from_json, read_claim, to_json, verify
from grantcalc.audit.regenerate import regenerate
from grantcalc.billing import format_1
from grantcalc.billing.reasons import Reason
from grantcalc.cli import main
from grantcalc.compliance.results import ComplianceReport
from grantcalc.errors import Finding
from grantcalc.io import from_lines, to_lines
from grantcalc.io.exchange.store import Store
from grantcalc.ledger.entries import CHANGE_REASONS, Change, Closed, ClosedOut, Held, Posting, Released, Requested
from tests.tampering import with_cell
from tests.test_fields import SAID

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
        assert reasons == {*CHANGE_REASONS} - {"enrollment", "disallowance"}
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
        assert isinstance(from_json(text("order.json")), ComplianceReport)

    def test_a_claim_that_was_posted_in_format_1_says_nothing_new(self) -> None:
        """Reductions and reasons have the same kind and code, whether they are read or billed
        today."""
        ledger = Store(OLD / "ledger.db").load().as_of(read_later().known)
        assert ledger.difference(read_later()) == ()


class TestWords:
    """0.1.0 told a reason and named a reduction in words only; `format_1` alone reads them."""

    # What 0.1.0 could not say, no document of it says.
    @pytest.mark.parametrize("reason", [r for r in SAID.values() if r.code in format_1.SENTENCES], ids=str)
    def test_each_reason(self, reason: Reason) -> None:
        assert format_1.reason(str(reason)) == reason

    def test_amounts_had_commas_and_no_words_are_no_reason(self) -> None:
        said = "1,009.94 is under the least amount paid, 1010.00"
        assert format_1.reason(said) == Reason("under_least", ("1009.94", "1010.00"))
        assert format_1.reason("") is None

    @pytest.mark.parametrize(
        ("ceiling", "window", "cited", "reducer"),
        [
            ("per_capita", "Year 1", "FOA", ("ceiling", "per_capita")),
            ("subaward S-1", "subaward period", "Amendment 2", ("subaward", "S-1")),
            ("subaward S-1", "Year 1", "FOA", ("ceiling", "subaward S-1")),
            ("award A-1", "Year 1", "Award", ("award", "A-1")),
            ("capacity of 12", "2012-01", "Manual", ("capacity", "12")),
            ("capacity of some", "2012-01", "Manual", ("ceiling", "capacity of some")),
            ("disallowance D-1", "2012-01", "disallowance D-1", ("disallowance", "D-1")),
            ("disallowance of the State", "2012-01", "Manual", ("ceiling", "disallowance of the State")),
            ("disallowance D-1", "Year 1", "disallowance D-1", ("ceiling", "disallowance D-1")),
        ],
    )
    def test_each_kind_of_reduction(self, ceiling: str, window: str, cited: str, reducer: tuple[str, str]) -> None:
        assert format_1.reducer(ceiling, window, cited, "2012-01", "Year 1") == reducer

    def test_what_contradicts_itself_is_named_at_its_own_path(self) -> None:
        found = json.loads(text("claim.json"))
        found["limits"][0]["line"] = 99
        found["lines"][0]["n"] = 7
        with pytest.raises(Rejected) as refused:
            from_json(json.dumps(found))
        assert [f.place.sheet for f in refused.value.findings] == ["$.lines[0].amount", "$.limits[0].line"]
        del found["lines"][1]["days"]
        with pytest.raises(Rejected) as refused:
            from_json(json.dumps(found))
        assert [f.place.sheet for f in refused.value.findings] == ["$.lines[1].days"]

    def test_what_is_written_again_is_of_format_2(self) -> None:
        for name in ("claim", "detailed", "later-claim", "request"):
            document = from_json(text(f"{name}.json"))
            again = to_json(document)
            assert json.loads(again)["format"] == 2
            assert from_json(again) == document


class TestVerified:
    """A workbook of format 1 had other headers: what its lines come to is compared."""

    @pytest.mark.parametrize(
        ("name", "inputs"), [("claim", "inputs"), ("detailed", "inputs"), ("request", "request-inputs")]
    )
    def test_a_true_one(self, name: str, inputs: str, tmp_path: Path) -> None:
        verdict = verify(OLD / f"{name}.xlsx", OLD / inputs)
        assert (verdict.answer, bool(verdict)) == ("not checked here", False)
        assert verdict.notes[0].startswith("made by grantcalc 0.1.0 in format 1, and this is ")
        verdict = verify(OLD / f"{name}.xlsx", OLD / inputs, values_only=True)
        assert (verdict.differences, verdict.answer) == ((), "values agree")
        assert verdict.notes[0].startswith("this workbook is of format 1: the amounts of its lines were compared")
        assert regenerate(OLD / f"{name}.xlsx", OLD / inputs, tmp_path / "again.xlsx").changes == ()

    def test_one_that_was_changed(self, tmp_path: Path) -> None:
        lie = "<is><t>Maria</t></is>"
        path = with_cell(OLD / "claim.xlsx", tmp_path / "lie.xlsx", "Lines", "H3", lie, ' t="inlineStr"')
        verdict = verify(path, OLD / "inputs", values_only=True)
        assert [d.cell for d in verdict.differences] == [
            "a line that is not billed",
            "S-A 2011-10 care administration certified SUB-A Year 1",
        ]
        assert "Maria" not in str(verdict)
