"""Four kinds of foreign files, awkward on purpose, give the claim that our own workbooks give
(examples/foreign.py)."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from attrs import evolve

from grantcalc.audit.verify import verify
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.lines import Line
from grantcalc.io.inputs import read_award, read_caseload, read_claim
from grantcalc.io.intake.guess import guess_layout
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.money import dollars
from grantcalc.periods import Month

SCRIPT = Path(__file__).resolve().parent.parent / "examples" / "foreign.py"
THROUGH = Month(2018, 12)
PAIRS = (("north", "SUB-A"), ("south", "SUB-B"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("foreign")
    runpy.run_path(str(SCRIPT))["write_all"](made)
    return made


def claims(folder: Path) -> tuple[Claim, Claim]:
    """The claim of the foreign files, and that of our own workbooks."""
    network = read_award(folder / "award.xlsx")
    foreign = [read_caseload(folder / name) for name, _ in PAIRS]
    ours = [read_caseload(folder / "ours" / f"caseload-{issuer}.xlsx") for _, issuer in PAIRS]
    return bill(foreign, network, THROUGH), bill(ours, network, THROUGH)


class TestForeignFiles:
    """A general ledger, a pair of HMIS files, a case-management export and a bank's CSV are read by
    layouts."""

    @pytest.mark.parametrize(("name", "issuer"), PAIRS)
    def test_they_say_what_our_workbooks_say(self, folder: Path, name: str, issuer: str) -> None:
        foreign, ours = read_caseload(folder / name), read_caseload(folder / "ours" / f"caseload-{issuer}.xlsx")
        assert evolve(foreign, source=ours.source) == evolve(ours, source=ours.source)
        assert foreign.origin.facts == ours.origin.facts

    def test_the_claim_is_equal(self, folder: Path) -> None:
        foreign, ours = claims(folder)

        def plain(line: Line) -> Line:
            return evolve(line, source=ours.lines[0].source)

        assert [*map(plain, foreign.lines)] == [*map(plain, ours.lines)]
        assert foreign.total == ours.total
        # by pencil: 1,084.15 - 4.15 + 900.00 + 85.40, and 1,200.00 + 75.50 - 75.50 + 64.10
        costs = sum(line.amount for line in foreign.lines if line.service == "participant_expenses")
        assert f"{dollars(costs):,.2f}" == "3,329.50"

    def test_it_is_verified_from_the_foreign_files(self, folder: Path, tmp_path: Path) -> None:
        """The layouts are inputs, and the Sources sheet says what was converted."""
        write_claim(claims(folder)[0], out := tmp_path / "claim.xlsx")
        assert verify(out, folder)
        roles = sorted(i.role for i in read_claim(out).inputs if i.role.startswith("layout"))
        assert roles[0].startswith("layout, converted: amounts in parentheses: 1; dates as MM/DD/YYYY: 8")
        assert "rows left out: 6" in roles[1]

    @pytest.mark.parametrize(
        ("name", "lines"),
        [
            ("north/GL detail.csv", ['amount = { less = ["Debit", "Credit"] }', 'amount = ["1,234.56", "$"]']),
            ("north/Cases.csv", ['participant = "Client ID"', 'start = "MM/DD/YYYY"']),
            ("south", ['join = { sheet = "Exit.csv", key = "EnrollmentID", columns = { end = "ExitDate" } }']),
            ("south/Bank.csv", ['amount = ["1,234.56", "(1.00)", "reversed"]', 'paid_on = "MM/DD/YYYY"']),
        ],
    )
    def test_the_draft_has_what_the_layout_says(self, folder: Path, name: str, lines: list[str]) -> None:
        """So that the first claim from own files takes two tries: a draft, and what only a person
        knows."""
        drafted = guess_layout(folder / name, "cp1252" if name.startswith("south") else "")
        said = [line.removeprefix("# ").partition("  #")[0] for line in drafted.splitlines()]
        assert {*lines} <= {*said}, drafted
