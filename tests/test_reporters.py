"""Who reports for whom, and identifiers that look alike (Rulebook 5.5); and what is told before
anything is posted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner, Result

from grantcalc.awards import Organization
from grantcalc.billing.caseload import Caseload, Registration
from grantcalc.billing.checks import check_caseloads
from grantcalc.billing.claims import bill
from grantcalc.cli import main
from grantcalc.eligibility import Participant
from grantcalc.errors import Rejected, WorkbookRejected
from grantcalc.io.exchange.store import Store
from grantcalc.io.inputs import read_award
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.request_notes import superseded
from grantcalc.ledger.requests import assemble, requests
from grantcalc.lookalikes import likeness, unseen_marks
from grantcalc.network import check_network
from grantcalc.periods import Month
from tests import sample_program
from tests.test_requests_worked import REPORT, award, claim, cost, network, subaward

ALIKE = (
    "sub-g",
    "\u0405UB-G",
    "SUB-G\u200b",
    "ＳＵＢ－Ｇ",
    "SUB\u2011G",
    "\u03f9UB-G".replace("\u03f9", "S"),
    " SUB-G",
)
CLOSE = ("SUB-C", "SUB-6", "SUBG", "SUB-GG", "SUB_G", "SÜB-G")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def told(findings: Any) -> list[str]:
    return [f.cause for f in findings if f.severity == "error"]


class TestLikeness:
    """Capitals, letters of another script with the same shape, kinds of hyphen and unseen marks
    make no difference."""

    @pytest.mark.parametrize("text", ALIKE)
    def test_alike(self, text: str) -> None:
        assert likeness(text) == likeness("SUB-G")

    @pytest.mark.parametrize("text", CLOSE)
    def test_not_alike(self, text: str) -> None:
        assert likeness(text) != likeness("SUB-G")

    @pytest.mark.parametrize("text", ["\u0391\u0392", "\u0410\u0412", "\u0430\u0432", "ab", "\u2066AB"])
    def test_greek_and_cyrillic(self, text: str) -> None:
        assert likeness(text) == likeness("AB")

    @pytest.mark.parametrize(
        "mark", ["\u200b", "\u200d", "\u00ad", "\ufe0f", "\u3164", "\u034f", "\u2800", "\U000e0101", "\t"]
    )
    def test_what_cannot_be_seen(self, mark: str) -> None:
        assert unseen_marks(f"SUB{mark}-G")
        assert likeness(f"SUB{mark}-G") == likeness("SUB-G")

    @pytest.mark.parametrize("text", ["SUB-G", "Ünï 42", "SUB G"])
    def test_what_can(self, text: str) -> None:
        assert not unseen_marks(text)


class TestReporters:
    """A caseload reports for the subawards that name its issuer, or its own; the recipient for its
    own service."""

    def test_the_subrecipient_by_default(self) -> None:
        of = network(evolve(subaward("S-1"), reported_by=()))
        assert of.reporters("S-1") == ("SUB",)
        assert claim(cost(3, "5.00"), of=of, issuer="SUB").total.amount == 5
        with pytest.raises(Rejected) as refused:
            claim(cost(3, "5.00"), of=of)
        assert told(refused.value.findings) == ["reporter"]

    def test_whom_the_sheet_names(self) -> None:
        assert claim(cost(3, "5.00"), issuer="TWO").total.amount == 5
        with pytest.raises(Rejected, match="the issuer does not report for this subaward"):
            claim(cost(3, "5.00"), issuer="SUB")

    def test_of_its_own_service_the_recipient(self) -> None:
        assert claim(cost(3, "5.00", "A-1")).total.amount == 5
        with pytest.raises(Rejected, match="the issuer does not report"):
            claim(cost(3, "5.00", "A-1"), issuer="TWO")

    def test_each_subaward_is_told_once(self) -> None:
        of = network(evolve(subaward("S-1"), reported_by=()), subaward("S-2"))
        with pytest.raises(Rejected) as refused:
            claim(cost(3, "5.00"), cost(4, "6.00"), cost(3, "7.00", "S-2"), of=of)
        assert told(refused.value.findings) == ["reporter"]

    @pytest.mark.parametrize("issuer", ["sub", "\u0405UB", "SUB\u200b"])
    def test_an_issuer_that_looks_like_an_organization(self, issuer: str) -> None:
        with pytest.raises(Rejected) as refused:
            claim(cost(3, "5.00"), issuer=issuer)
        assert {"look_alike", "unseen"} & {*told(refused.value.findings)}

    def test_two_issuers_that_look_alike(self) -> None:
        loads = [Caseload(issuer="NEW", report_date=REPORT), Caseload(issuer="new", report_date=REPORT)]
        assert told(check_caseloads(loads, network())) == ["look_alike"]

    def test_two_participants_that_look_alike(self) -> None:
        people = tuple(Registration(Participant("ONE", code)) for code in ("P-a", "P-A", "P-b"))
        assert told(check_caseloads([Caseload(issuer="ONE", report_date=REPORT, participants=people)], network())) == [
            "look_alike"
        ]

    def test_the_request_refuses_it_too(self) -> None:
        """A claim was billed under another copy of the award workbook."""
        theirs = evolve(
            network(), organizations=(Organization(id="one", name="Prime"), Organization(id="SUB", name="Sub"))
        )
        theirs = evolve(theirs, subawards=(evolve(subaward("S-1"), reported_by=("one",)),))
        theirs = evolve(theirs, awards=tuple(evolve(a, recipient="one") for a in theirs.awards))
        twice = [claim(cost(3, "5.00")), claim(cost(3, "5.00"), of=theirs, issuer="one")]
        with pytest.raises(Rejected) as refused:
            requests(assemble(twice), network())
        assert told(refused.value.findings) == ["look_alike", "look_alike", "reporter"]
        assert "a claim for S-1" in str(refused.value)


class TestNetwork:
    """What the workbook reader checks of the network, `bill` checks of one made in memory."""

    def test_a_reporter_that_is_not_listed(self) -> None:
        of = network(evolve(subaward("S-1"), reported_by=("ONE", "THREE")))
        assert told(check_network(of)) == ["reference"]
        with pytest.raises(Rejected, match="no such organization is listed"):
            claim(cost(3, "5.00"), of=of)

    @pytest.mark.parametrize("id", ["two", "TWO\u200b", "\u0422WO"])
    def test_organizations_that_look_alike(self, id: str) -> None:
        of = network()
        of = evolve(of, organizations=(*of.organizations, Organization(id=id, name="x")))
        assert len(told(check_network(of))) == 1
        with pytest.raises(Rejected):
            bill(Caseload(issuer="ONE", report_date=REPORT), of, Month(2024, 12))

    def test_a_subaward_that_looks_like_an_award(self) -> None:
        assert told(check_network(network(subaward("S-1"), subaward("a-1")))) == ["look_alike"]

    def test_in_a_workbook(self, tmp_path: Path) -> None:
        def rows(reporter: str) -> sample_program.Rows:
            first, *others = sample_program.AWARD["Subawards"]
            return {**sample_program.AWARD, "Subawards": [{**first, "reported_by": reporter}, *others]}

        sample_program.write(tmp_path, "award", rows("SUB-B; PRIME"))
        assert read_award(tmp_path / "award.xlsx").reporters("S-A") == ("SUB-B", "PRIME")
        assert read_award(tmp_path / "award.xlsx").reporters("S-B") == ("SUB-B",)
        sample_program.write(tmp_path, "award", rows("NOBODY"))
        with pytest.raises(WorkbookRejected) as refused:
            read_award(tmp_path / "award.xlsx")
        assert [(f.place.cell, f.cause) for f in refused.value.findings] == [("H2", "reference")]
        sample_program.write(
            tmp_path,
            "award",
            {
                **sample_program.AWARD,
                "Organizations": [*sample_program.AWARD["Organizations"], {"id": "sub-a", "name": "x"}],
            },
        )
        with pytest.raises(WorkbookRejected) as refused:
            read_award(tmp_path / "award.xlsx")
        assert [(f.place.cell, f.cause) for f in refused.value.findings] == [("A5", "look_alike")]


@pytest.mark.slow
@pytest.mark.parametrize("issuer", ["sub-a", "\u0405UB-A", "SUB-A\u200b", "SUB-B", "Somebody Else Inc"])
def test_the_same_caseload_under_another_issuer(tmp_path: Path, issuer: str) -> None:
    """Nothing is written, whoever issues a caseload of a subaward that is not its own."""
    folder = sample_program.inputs(tmp_path / "inputs")
    document = [{**sample_program.CASELOAD_A["Document"][0], "issuer": issuer}]
    other = sample_program.write(folder, "caseload", {**sample_program.CASELOAD_A, "Document": document}, "other.xlsx")
    result = run("bill", folder / "award.xlsx", other, "--through", "2011-12", "--out", tmp_path / "claim.xlsx")
    assert (result.exit_code, (tmp_path / "claim.xlsx").exists()) == (2, False)


class TestSuperseded:
    """A request of claims takes one claim of each issuer; an older one beside a newer is refused by
    name."""

    def write(self, folder: Path, name: str, rows: sample_program.Rows, known: str) -> Path:
        caseload = sample_program.write(folder, "caseload", rows, f"caseload-{name}.xlsx")
        out = folder / f"claim-{name}.xlsx"
        options = ("--through", "2011-12", "--known", known, "--out", out)
        assert run("bill", folder / "award.xlsx", caseload, *options).exit_code == 0
        return out

    def test_by_its_file(self, tmp_path: Path) -> None:
        award = sample_program.write(tmp_path, "award", sample_program.AWARD)
        old = self.write(tmp_path, "old", sample_program.CASELOAD_A, "2012-01-15")
        new = self.write(tmp_path, "new", sample_program.CASELOAD_A, "2012-02-15")
        other = self.write(tmp_path, "other", sample_program.CASELOAD_B, "2012-01-15")
        out = tmp_path / "request.xlsx"
        result = run("request", award, new, old, other, "--out", out)
        assert (result.exit_code, out.exists()) == (2, False)
        assert result.stdout.startswith(
            "claim-old.xlsx: a claim of the same issuer is given as known on 2012-02-15; this one is of 2012-01-15, "
            "expected one claim of each issuer: leave this one out"
        )
        assert run("request", award, new, other, "--out", out).exit_code == 0

    def test_a_claim_given_twice_counts_once(self) -> None:
        one = claim(cost(3, "5.00"))
        assert not [*superseded([one, evolve(one, inputs=())])]

    def test_two_claims_of_one_day(self) -> None:
        found = [*superseded([claim(cost(3, "5.00")), claim(cost(3, "6.00"))])]
        assert [f.cause for f in found] == ["superseded"]

    def test_claims_under_two_awards(self) -> None:
        of = network(subaward("S-1"), subaward("S-2", "B-1"), of=(award(), award("B-1")))
        both = [claim(cost(3, "5.00"), of=of), claim(cost(3, "5.00", "S-2"), of=of)]
        assert not [*superseded(both)]

    def test_a_ledger_takes_one_after_the_other(self) -> None:
        old = evolve(claim(cost(3, "5.00")), known=date(2025, 1, 9))
        assert Ledger().post(old).post(claim(cost(3, "6.00"))).total.amount == 6


LATER = date(2012, 2, 15)


class TestUndated:
    """A caseload without days of publication is not posted by itself where its issuer is posted
    already."""

    def rows(self, *costs: Any, report: date = sample_program.REPORT, **published: Any) -> sample_program.Rows:
        document = [{**sample_program.CASELOAD_A["Document"][0], "report_date": report}]
        found: dict[str, Any] = {
            **sample_program.CASELOAD_A,
            "Document": document,
            "Costs": [*sample_program.CASELOAD_A["Costs"], *costs],
        }
        for sheet in found.keys() - {"Document", "Participants"}:
            found[sheet] = [{**row, **published} for row in found[sheet]]
        return found

    def post(self, folder: Path, name: str, *options: object) -> Result:
        paths = folder / "ledger.db", folder / "award.xlsx", folder / f"{name}.xlsx"
        return run("post", *paths, "--through", "2011-12", *options)

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        credit = {
            **sample_program.CASELOAD_A["Costs"][2],
            "amount": Decimal("-40.00"),
            "reference": "V-9",
            "months": "2011-12",
        }
        sample_program.write(tmp_path, "award", sample_program.AWARD)
        sample_program.write(tmp_path, "caseload", self.rows(), "before.xlsx")
        sample_program.write(tmp_path, "caseload", self.rows(credit, report=LATER), "undated.xlsx")
        dated = self.rows(report=LATER, published=sample_program.REPORT)
        dated = {**dated, "Costs": [*dated["Costs"], {**credit, "published": LATER}]}
        sample_program.write(tmp_path, "caseload", dated, "dated.xlsx")
        costs = [{**row, "published": None} for row in dated["Costs"]]
        sample_program.write(tmp_path, "caseload", {**dated, "Costs": costs}, "halfway.xlsx")
        return tmp_path

    @pytest.mark.parametrize("name", ["undated", "halfway"])
    def test_it_is_refused_with_what_to_do(self, folder: Path, name: str) -> None:
        assert self.post(folder, "before").exit_code == 0
        head = Store(str(folder / "ledger.db")).load().head
        for options in ((), ("--dry-run",)):
            result = self.post(folder, name, *options)
            assert (result.exit_code, Store(str(folder / "ledger.db")).load().head) == (2, head)
            assert (
                "expected the caseload posted then, with --previous, or the day of each row under Published"
                in result.stdout
            )

    @pytest.mark.parametrize(("name", "options"), [("undated", ("--previous", "before.xlsx")), ("dated", ())])
    def test_what_is_to_be_done_posts_the_credit(self, folder: Path, name: str, options: tuple[str, ...]) -> None:
        assert self.post(folder, "before").exit_code == 0
        count = len(Store(str(folder / "ledger.db")).load().entries)
        result = self.post(folder, name, *(folder / o if o.endswith("xlsx") else o for o in options))
        assert result.exit_code == 0, result.output
        assert "Because of costs and credits: 40.00 recovered (1 item)." in result.output
        assert len(Store(str(folder / "ledger.db")).load().entries) <= count + 3

    def test_the_first_post_needs_no_dates(self, folder: Path) -> None:
        assert self.post(folder, "undated").exit_code == 0
        assert self.post(folder, "undated").exit_code == 0
