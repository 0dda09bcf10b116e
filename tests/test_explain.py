"""Why a cell holds what it holds: from the workbook alone, and with the inputs down to the rows."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from grantcalc.audit import explain
from grantcalc.audit.explain import explain_cell, explanation_of
from grantcalc.cli import main
from grantcalc.errors import Rejected, Unknown, WorkbookRejected
from grantcalc.io.inputs import read_claim
from grantcalc.io.intake.cells import open_book
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.money import Rate
from tests import sample_program

WHERE = (
    "at subaward S-A (Subrecipient A (illustrative), under Prime & Daughters (illustrative)), award 90ZV0101, Year 1"
)
CERTIFIED = "rate 310.50 in force from 2011-10-01, published 2011-09-30: Award letter (illustrative)."
NO_ADDRESS = "not a known address, expected a cell like 'Lines!H14', a name like Claimed, or a line like 'SF-270 11g'"
MANUAL = "ILLUSTRATIVE: Manual, section 4 (Rulebook 7)."
COUNTED = [
    f"Line of care (administration) in 2011-10, phase certified, {WHERE}.",
    f"2 × ROUND(20/31 × 310.50, 2) = 2 × 200.32 = 400.64 (Rulebook 5.1); {CERTIFIED}",
    "2 equal lines are counted together; each was rounded before they were counted (Rulebook 5.1).",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_program.world(tmp_path_factory).inputs


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    return sample_program.world(tmp_path_factory).documents


class TestFromTheWorkbookAlone:
    """Derivation, rule numbers, rate and citation."""

    @pytest.mark.parametrize("name", ["claim", "request"])
    def test_a_line(self, files: Mapping[str, Path], name: str) -> None:
        assert explain_cell(files[name], "Lines!Q3") == ["Lines!Q3 says 400.64.", *COUNTED]

    @pytest.mark.parametrize("address", ["Lines!M3", "'Lines'!M3", "Lines!$M$3", " Lines!M3 "])
    def test_any_cell_of_a_line(self, files: Mapping[str, Path], address: str) -> None:
        assert explain_cell(files["claim"], address) == ["Lines!M3 says 20.", *COUNTED]

    def test_a_line_of_nothing(self, files: Mapping[str, Path]) -> None:
        said = explain_cell(files["claim"], "Lines!Q9")
        assert said[2] == (
            "0 of 1 × 200.00 = 0.00, because at most 1 months of phase waiting are paid; rate 200.00 in force from "
            "2011-10-01, published 2011-09-30: ILLUSTRATIVE: Manual, section 4."
        )

    def test_a_line_that_is_limited(self, files: Mapping[str, Path]) -> None:
        book = open_book(files["claim"])
        row = next(r for r, cells in book.sheets["Held back"] if r > 2)
        line = next(c.value for r, cells in book.sheets["Held back"] if r == row for c in cells if c.column == "A")
        held = explain_cell(files["claim"], f"Held back!L{row}")
        assert isinstance(line, int)
        of_line = explain_cell(files["claim"], f"Lines!Q{line + 2}")
        assert held[1] == f"224.87 held back by person, Year 1, which allows 700.00: {MANUAL}"
        assert held[2] == "The line that it reduces:"
        assert held[3:] == of_line[1:]
        assert of_line[-1] == "So 381.07 of 666.66 is allowed."

    def test_totals(self, files: Mapping[str, Path]) -> None:
        assert explain_cell(files["claim"], "Lines!Q25") == [
            "Lines!Q25 says 2,100.79.",
            "It is the formula =SUM($Q$3:$Q$24).",
            "It is the sum of 22 amounts: Lines!Q3:Q24, Amount, 22 cells.",
        ]
        assert explain_cell(files["claim"], "Summary!B16") == [
            "Summary!B16 says 1,815.20.",
            "It is the formula =SUM(Lines!$Q$3:$Q$24)+SUM('Held back'!$L$3:$L$4).",
            "It is 2,100.79 - 285.59.",
            "2,100.79 is Lines!Q3:Q24, Amount, 22 cells.",
            "-285.59 is Held back!L3:L4, Held back, 2 cells.",
        ]

    def test_a_sum_by_region(self, files: Mapping[str, Path]) -> None:
        cell = next(
            c.ref
            for _, cells in open_book(files["request"]).sheets["Summary"]
            for c in cells
            if c.column == "B" and "$D$3:$D$24" in c.formula
        )
        said = explain_cell(files["request"], f"Summary!{cell}")
        assert said == [
            f"Summary!{cell} says 100.48.",
            f"It is the formula =SUMIFS(Lines!$Q$3:$Q$24,Lines!$D$3:$D$24,A{cell[1:]}).",
            "It is 100.00 + 0.24 + 0.00 + 0.24: Lines!Q21:Q24, Amount where Region is 4, 4 cells.",
        ]

    def test_a_month_begins_with_its_text(self, files: Mapping[str, Path]) -> None:
        assert explain_cell(files["claim"], "Months!C5")[-1] == (
            "It is -224.87 - 60.72: Held back!L3:L4, Held back where Month is 2011-12, 2 cells."
        )

    def test_a_difference(self, files: Mapping[str, Path]) -> None:
        assert explain_cell(files["request"], "Summary!K14") == [
            "Summary!K14 says 1,815.20.",
            "It is the formula =I14-J14.",
            "It is 1,815.20 - 0.00.",
            "1,815.20 is Summary!I14, Federal share of 90ZV0101, Year 1.",
            "0.00 is Summary!J14, Requested before of 90ZV0101, Year 1.",
        ]

    def test_no_cell_of_a_form_is_explained_by_itself(self, files: Mapping[str, Path]) -> None:
        assert explain_cell(files["request"], "'SF-270'!C22") == [
            "SF-270!C22 says 1,815.20.",
            "It is the formula =$C$20-$C$21.",
            "It is 1,815.20 - 0.00.",
            "1,815.20 is SF-270!C20, line 11a, Total program outlays to date.",
            "0.00 is SF-270!C21, line 11b, Less: cumulative program income.",
        ]
        assert explain_cell(files["request"], "SF-270!C21")[1:] == [
            "It is a figure that no formula computes.",
            "What it sums: none on the Books sheet.",
        ]

    def test_a_sum_with_two_conditions(self, files: Mapping[str, Path]) -> None:
        where = "Amount where Award is 90ZV0101 and Budget period is Year 1"
        said = explain_cell(files["request"], "Summary!E14")
        assert said[2:] == [f"It is the sum of 22 amounts: Lines!Q3:Q24, {where}, 22 cells."]

    def test_a_rate_and_a_term(self, files: Mapping[str, Path]) -> None:
        said = explain_cell(files["claim"], "Rates!D2")
        assert said[0] == "Rates!D2 says 310.50."
        assert said[1].startswith(
            "It is a value of the terms: Rate no.: R1; Service: care; Phase: certified; Rate: 310.50; "
        )
        assert said[1].endswith("Effective: 2011-10-01; Published: 2011-09-30; Authority: Award letter (illustrative).")
        assert explain_cell(files["request"], "Terms!C2")[1].startswith("It is a value of the terms: Award: 90ZV0101; ")

    def test_what_stands_on_its_own(self, files: Mapping[str, Path]) -> None:
        own = "It is a text, a day or a count."
        assert explain_cell(files["claim"], "Summary!B9") == ["Summary!B9 says 2012-01-15.", own]
        assert explain_cell(files["claim"], "Lines!Q2") == ["Lines!Q2 says Amount.", own]


class TestWithTheInputs:
    """The source rows too."""

    def test_of_a_counted_line(self, files: Mapping[str, Path], folder: Path) -> None:
        said = explain_cell(files["claim"], "Lines!Q3", folder)
        assert said[1:] == [*COUNTED, "It depends on: caseload-a.xlsx Enrollment!2; caseload-a.xlsx Enrollment!3."]

    def test_of_one_participants_line(self, files: Mapping[str, Path], folder: Path) -> None:
        said = explain_cell(files["detailed"], "Lines!Q3", folder)
        assert said[-1] == "It depends on: caseload-a.xlsx Enrollment!2."

    def test_of_a_limit(self, files: Mapping[str, Path], folder: Path) -> None:
        said = explain_cell(files["detailed"], "Held back!L3", folder)
        assert said[-1].startswith("It depends on: caseload-a.xlsx Enrollment!")

    def test_of_a_request(self, files: Mapping[str, Path], folder: Path) -> None:
        said = explain_cell(files["request"], "Lines!Q3", folder)
        assert said[-1] == "It depends on: caseload-a.xlsx Enrollment!2; caseload-a.xlsx Enrollment!3."

    def test_of_a_request_whose_claims_rest_on_inputs_elsewhere(
        self, files: Mapping[str, Path], folder: Path, tmp_path: Path
    ) -> None:
        for name in ("award.xlsx", "small.toml", "claim-a.xlsx", "claim-b.xlsx"):
            shutil.copy(folder / name, tmp_path / name)
        said = explain_cell(files["request"], "Lines!Q3", tmp_path)
        assert said[-1] == "It depends on: claim-a.xlsx, line 1 of its Lines sheet."

    def test_of_a_request_of_a_ledger(self, files: Mapping[str, Path], folder: Path) -> None:
        said = explain_cell(files["ledger"], "Lines!Q3", folder)
        assert said[-1] == "It depends on: ledger.db, entry 2."
        assert explain_cell(files["ledger"], "Summary!J14", folder)[-1] == "It depends on: ledger.db, entry 26."
        assert explain_cell(files["ledger"], "Summary!H14", folder)[-1] == "It depends on: ledger.db, entry 27."

    def test_of_a_figure_of_the_award_workbook(self, files: Mapping[str, Path], folder: Path) -> None:
        assert explain_cell(files["request"], "Summary!D14", folder)[-1] == "It depends on: award.xlsx Amendments!2."

    @pytest.mark.parametrize(
        ("what", "cell", "said"),
        [
            ("count", "Lines!Q3", "The inputs support only 2 of these 40."),
            ("rate", "Lines!Q3", "The inputs support no such line: no row gives it with this rate."),
            ("rate", "", "Nothing in the inputs supports this rate."),
        ],
    )
    def test_that_do_not_support_it(
        self, files: Mapping[str, Path], folder: Path, tmp_path: Path, what: str, cell: str, said: str
    ) -> None:
        """A forger may print a claim of other figures, whose digest is right: the inputs tell, with
        status 1."""
        claim = read_claim(files["claim"])
        line = claim.lines[0]
        assert line.rate
        rate = evolve(line.rate, value=Rate(Decimal(999))) if what == "rate" else line.rate
        count = 40 if what == "count" else line.count
        amount = count * rate.value.extend(line.quantity, line.divisor)
        lie = evolve(claim, lines=(evolve(line, rate=rate, count=count, amount=amount), *claim.lines[1:]))
        write_claim(lie, path := tmp_path / "claim.xlsx")
        rates = {c.value: f"Rates!{c.ref}" for _, cells in open_book(path).sheets["Rates"] for c in cells}
        found = explanation_of(path, cell or rates[999], folder)
        assert (found.sentences[-1], found.supported) == (said, False)
        run = CliRunner().invoke(main, ["explain", str(path), cell or rates[999], "--inputs", str(folder)])
        assert (run.exit_code, said in run.output) == (1, True)
        assert explanation_of(path, rates[200], folder).supported

    def test_that_are_not_there(self, files: Mapping[str, Path], tmp_path: Path) -> None:
        with pytest.raises(Rejected, match="could not be found by digest"):
            explain_cell(files["claim"], "Lines!Q3", tmp_path)


@pytest.mark.parametrize("name", ["claim", "request"])
def test_nobody_is_named_where_lines_are_counted(
    files: Mapping[str, Path], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain, "open_book", cache(open_book))  # of one file, a hundred times
    secrets = (*sample_program.PSEUDONYMS, *sample_program.REFERENCES, "Q-1", "Enrollment!", "Costs!")
    for sheet, rows in open_book(files[name]).sheets.items():
        for _, cells in rows:
            said = " ".join(explain_cell(files[name], f"{sheet}!{cells[-1].ref}"))
            assert not [s for s in secrets if s in said], said


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "Q3",
            f"{NO_ADDRESS}; found text of 2 characters",
        ),
        (
            "Lines!3Q",
            f"{NO_ADDRESS}; found text of 8 characters",
        ),
        (
            "Lines!Z99",
            "not a known cell, expected a cell of the workbook that holds something; found Lines!Z99",
        ),
        (
            "Maria!A1",
            "not a known cell, expected a cell of the workbook that holds something; found text of 8 characters",
        ),
    ],
)
def test_no_such_cell(files: Mapping[str, Path], address: str, message: str) -> None:
    with pytest.raises(Unknown) as refused:
        explain_cell(files["claim"], address)
    assert str(refused.value) == message


def test_no_document(folder: Path) -> None:
    with pytest.raises(WorkbookRejected, match="this is not a claim workbook"):
        explain_cell(folder / "award.xlsx", "Awards!A1")
