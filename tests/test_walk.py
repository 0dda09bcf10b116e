"""docs/walk.md: each function that it names is called on the way, and its figures are right."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import CodeType, FrameType

import openpyxl
import pytest
from attrs import frozen

import grantcalc
from grantcalc import Caseload, Claim, Ledger, Month, bill, read_award, read_caseload, requests, write_request

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "walk.md").read_text("utf-8")
ROW = re.compile(r"(?m)^\| (\d+) \| `grantcalc\.([\w.]+)` \| (.+?) \|")
STATIONS, LEFT_OUT = (ROW.findall(part) for part in PAGE.split("## What ten stations leave out"))
NAMED = [(module, name) for _, module, names in (*STATIONS, *LEFT_OUT) for name in re.findall(r"`([\w.]+)`", names)]
CELLS = re.findall(r"(?m)^\| `([\w-]+)!(\w+)` \| ([\d,.]+) \|", PAGE)


@frozen
class Walk:
    """The page's example: its caseload, its claim, the cells of its request, and each function
    called on the way."""

    caseload: Caseload
    claim: Claim
    cells: Mapping[tuple[str, str], object]
    called: frozenset[tuple[str, str]]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    source, codes = Path(grantcalc.__file__).parent, set[CodeType]()
    written = tmp_path_factory.mktemp("walk") / "request.xlsx"

    def note(frame: FrameType, *_: object) -> None:
        codes.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        folder = ROOT / "examples" / "tvap-fy2012"
        award, caseload = read_award(folder / "award.xlsx"), read_caseload(folder / "caseload-SUB-A.xlsx")
        claim = bill(caseload, award, through=Month(2012, 9), known=date(2012, 10, 15))
        write_request(requests(Ledger().post(claim), award), written)
    finally:
        sys.setprofile(before)
    files = ((Path(code.co_filename), code.co_qualname) for code in codes)
    called = frozenset(
        (".".join(file.relative_to(source).with_suffix("").parts), function)
        for file, function in files
        if source in file.parents
    )
    book = openpyxl.load_workbook(written, data_only=True)
    return Walk(caseload, claim, {(sheet, cell): book[sheet][cell].value for sheet, cell, _ in CELLS}, called)


class TestTheWalk:
    """One amount from the caseload's cell to the request's cell, in at most ten stations of one
    module each."""

    def test_it_has_at_most_ten_stations(self) -> None:
        assert [int(number) for number, _, _ in STATIONS] == list(range(1, len(STATIONS) + 1))
        assert 1 < len(STATIONS) <= 10

    def test_each_module_is_named_once(self) -> None:
        modules = [module for _, module, _ in (*STATIONS, *LEFT_OUT)]
        assert len(set(modules)) == len(modules)

    def test_every_row_of_the_page_is_read(self) -> None:
        assert len(STATIONS) + len(LEFT_OUT) == PAGE.count("| `grantcalc.")
        assert len(CELLS) == 3

    @pytest.mark.parametrize(("module", "function"), NAMED)
    def test_what_it_names_is_called(self, module: str, function: str, walk: Walk) -> None:
        assert (module, function) in walk.called

    @pytest.mark.parametrize(("sheet", "cell", "figure"), CELLS)
    def test_the_cells_hold_its_figures(self, sheet: str, cell: str, figure: str, walk: Walk) -> None:
        assert f"{walk.cells[sheet, cell]:,.2f}" == figure

    def test_it_begins_where_it_says(self, walk: Walk) -> None:
        """Enrollment!C2 of the caseload is 4 December 2011; 28/31 × 300.00 is 270.97."""
        first, line = walk.caseload.enrollments[0], walk.claim.lines[0]
        assert (first.participant.pseudonym, first.days.start, first.source.row) == ("P-0001", date(2011, 12, 4), 2)
        assert (line.quantity, line.divisor, str(line.month), line.amount) == (28, 31, "2011-12", 27097)
        assert "28/31 × 300.00 is 270.97" in PAGE
