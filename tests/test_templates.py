"""Templates that fit: what one program leaves open, marked on the sheet, and what an empty cell
then means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from grantcalc.cli import main
from grantcalc.errors import WorkbookRejected
from grantcalc.io.inputs import read_award
from grantcalc.io.intake.templates import TEMPLATES, write_input, write_template
from grantcalc.io.schemas import header_key
from grantcalc.terms import load_terms
from grantcalc.xlsx.sheets import letters
from tests.sample_program import Rows

FIRST, LAST = date(2018, 10, 1), date(2019, 9, 30)
NOTICE = "Notice of award (illustrative)"
TERMS: Mapping[str, str | Decimal] = {
    "count": "Actual days",
    "rate.certified": Decimal("310.5"),
    "rate.interim": Decimal(200),
    "rate.pre_certification": Decimal(200),
    "window": "budget_period",
    "family": "On any day",
    "base": "authorized",
}
TYPED: Mapping[str, Sequence[Mapping[str, object]]] = {
    "Document": [{"issuer": "PRIME", "report_date": date(2019, 1, 15)}],
    "Organizations": [{"id": id, "name": f"{id} (illustrative)"} for id in ("PRIME", "SUB-A", "SUB-B")],
    "Awards": [
        {"fain": "90ZV0101", "agency": "HHS/ACF", "listing": "93.598", "start": FIRST, "end": LAST}
        | {"terms_source": NOTICE}
    ],
    "Budget periods": [{"amount": 500_000}],
    "Subawards": [{"id": "S-A", "subrecipient": "SUB-A"}, {"id": "S-B", "subrecipient": "SUB-B"}],
    "Terms": [{"value": value} for value in TERMS.values()],
}
"""What is typed for one award with two subrecipients."""


def fill(path: Path, typed: Mapping[str, Sequence[Mapping[str, object]]]) -> int:
    """Type cells into a template, by their columns; gives how many."""
    workbook, count = openpyxl.load_workbook(path), 0
    for layout in TEMPLATES["award"]:
        for number, row in enumerate(typed.get(layout.sheet, ()), 2):
            heads = {header_key(str(cell.value)): cell.column for cell in workbook[layout.sheet][1]}
            for key, value in row.items():
                header = next(c.header for c in layout.columns if c.key == key)
                workbook[layout.sheet].cell(number, heads[header_key(header)] or 0).value = value  # type: ignore[assignment]
                count += 1
    workbook.save(path)
    return count


def whole_rows() -> Rows:
    """The same award workbook with nothing left empty that has a default."""
    fain = {"fain": "90ZV0101"}
    days = {"start": FIRST, "end": LAST}
    said = {"effective": FIRST, "published": FIRST, "source": NOTICE}
    values = {"count": "actual_days", "family": "on_any_day"}
    award = {"recipient": "PRIME", "agency": "HHS/ACF", "listing": "93.598", "awarded": FIRST, "terms": "tvap-2018"}
    return {
        "Document": [*TYPED["Document"]],
        "Organizations": [*TYPED["Organizations"]],
        "Awards": [{**fain, **days, **award}],
        "Budget periods": [{**fain, "label": "Year 1", **days, "amount": Decimal(500_000)}],
        "Subawards": [{**row, "parent": "90ZV0101", **days} for row in TYPED["Subawards"]],
        "Terms": [{**fain, "term": term, "value": values.get(term, value), **said} for term, value in TERMS.items()],
    }


class TestOfAProgram:
    """`grantcalc template award.xlsx --program tvap-2018` asks only for what that program leaves
    open."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        result = CliRunner().invoke(main, ["template", str(tmp_path / "award.xlsx"), "--program", "tvap-2018"])
        assert result.exit_code == 0
        return tmp_path / "award.xlsx"

    def test_at_most_32_cells_are_typed(self, path: Path) -> None:
        """For one award with two subrecipients; the defaults take the rest, and give what a full
        workbook gives."""
        assert fill(path, TYPED) == 26
        network = read_award(path)
        write_input("award", whole_rows(), whole := path.with_name("whole.xlsx"))
        assert network == read_award(whole)
        assert network.awards[0].terms.service("case_management").choices["count"].authority.citation == NOTICE

    @pytest.mark.slow
    def test_each_of_them_is_needed(self, path: Path) -> None:
        """Without one of them the workbook is refused, at that cell or at what refers to it."""
        blank = path.read_bytes()
        for sheet, rows in TYPED.items():
            key = [*rows[-1]][-1]
            path.write_bytes(blank)
            fill(path, {**TYPED, sheet: [*rows[:-1], {k: v for k, v in rows[-1].items() if k != key}]})
            with pytest.raises(WorkbookRejected):
                read_award(path)

    def test_a_term_is_a_row(self, path: Path) -> None:
        column = [cell.value for cell in openpyxl.load_workbook(path)["Terms"]["B"]]
        left = [o.key for o in load_terms("tvap-2018").opens if not o.optional]
        assert [value for value in column[1:] if value] == left == [*TERMS]

    def test_check_shows_what_is_missing(self, path: Path) -> None:
        """At once, in the findings and in the marked copy."""
        marked = path.with_name("marked.xlsx")
        result = CliRunner().invoke(main, ["check", str(path), "--marked", str(marked)])
        for said in ("Terms!C2; Terms!C3", "Awards!A2: FAIN must not be empty", "Budget periods!E2"):
            assert said in result.output
        assert marked.is_file()

    def test_another_program_or_kind_is_refused(self, tmp_path: Path) -> None:
        for name, program in (("award.xlsx", "tvap-1999"), ("caseload.xlsx", "tvap-2018")):
            result = CliRunner().invoke(main, ["template", str(tmp_path / name), "--program", program])
            assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])


class TestOnTheSheet:
    """Needed columns are marked, headers never break inside a word, and examples are of one
    year."""

    @pytest.mark.parametrize("kind", ["award", "caseload"])
    def test_needed_columns_are_marked(self, tmp_path: Path, kind: str) -> None:
        write_template("award" if kind == "award" else "caseload", path := tmp_path / "x.xlsx")
        workbook = openpyxl.load_workbook(path)
        for layout in TEMPLATES["award" if kind == "award" else "caseload"]:
            sheet = workbook[layout.sheet]
            for number, column in enumerate(layout.columns, 1):
                assert str(sheet.cell(1, number).value).endswith("*") == column.required
                longest = max(map(len, column.header.split()))
                assert sheet.column_dimensions[letters(number)].width >= 1.25 * longest + 3

    @pytest.mark.parametrize("kind", TEMPLATES)
    def test_examples_are_of_one_fiscal_year(self, kind: str) -> None:
        texts = [str(c.example) for layout in TEMPLATES[kind] for c in layout.columns if c.kind == "date" and c.example]  # type: ignore[index]
        days = [date.fromisoformat(text) for text in texts]
        first = min(days)
        assert (max(days) - first).days < 400


@pytest.mark.parametrize(
    ("sheet", "row", "line"),
    [
        ("Budget periods", {"label": "Year 2", "amount": 5}, "Budget periods!C2: this may be empty only where"),
        ("Terms", {"term": "payee", "value": "first", "source": None}, "Terms!F9: nothing says what this rests on"),
    ],
)  # fmt: skip
def test_where_a_default_says_nothing(tmp_path: Path, sheet: str, row: dict[str, object], line: str) -> None:
    """A default is used only where it can mean one thing."""
    write_template("award", path := tmp_path / "award.xlsx", "tvap-2018")
    typed = {**TYPED, sheet: [*TYPED[sheet], row]}
    if sheet == "Terms":
        typed["Awards"] = [{k: v for k, v in TYPED["Awards"][0].items() if k != "terms_source"}]
    fill(path, typed)
    with pytest.raises(WorkbookRejected) as refused:
        read_award(path)
    assert any(str(finding).startswith(line) for finding in refused.value.findings), refused.value
