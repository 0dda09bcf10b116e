"""Sums by name, of names that spreadsheet programs confuse; the cover's signature; months against
the award."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import ironcalc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.io.issued.summary import signature, sum_where, tells_apart
from grantcalc.money import dollars
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WorkbookDraft
from grantcalc.xlsx.writer import book_bytes

# Subaward numbers are whatever a recipient calls them.
NAMES = [
    "S-1",
    "s-1",
    "S-10",
    "S*",
    "S?1",
    "~S",
    "12",
    "0012",
    "12.0",
    "1e1",
    "=5",
    "5",
    ">0",
    "<>",
    "1/2",
    "TRUE",
    "x",
]
DAY = date(2012, 10, 15)


def summed(rows: list[tuple[str, int]], folder: Path) -> dict[str, Decimal]:
    """What another program comes to, for each name."""
    keys, names = [name for name, _ in rows], sorted({name for name, _ in rows})
    columns = (TableColumn("Name"), TableColumn("Amount", "money"))
    lines = Sheet("Lines", (Block(columns, [(name, dollars(cents)) for name, cents in rows], name="Lines"),))
    sums = [(name, Formula(sum_where("Lines", "Amount", "Name", name, keys, names), dollars(0))) for name in names]
    book = WorkbookDraft("t", (lines, Sheet("Sums", (Block(columns, sums),))), DAY)
    (path := folder / "book.xlsx").write_bytes(book_bytes(book))
    model = ironcalc.load_from_xlsx(str(path))
    model.evaluate()
    found = (model.get_cell_value(1, row, 2) for row in range(2, len(names) + 2))
    return {name: Decimal(str(value)).quantize(Decimal("0.01")) for name, value in zip(names, found, strict=True)}


class TestSums:
    """A sum by name holds the rows of that name, and no others, whatever a program takes a name
    for."""

    @pytest.mark.slow
    @given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(-(10**6), 10**6)), min_size=1, max_size=12))
    def test_any_names(self, tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]]) -> None:
        expected: Counter[str] = Counter()
        for name, cents in rows:
            expected[name] += cents
        folder = tmp_path_factory.getbasetemp()
        assert summed(rows, folder) == {name: dollars(cents) for name, cents in expected.items()}

    def test_usual_names_are_told_apart(self) -> None:
        usual = ["90ZV0101", "S-1", "S-10", "Year 1", "per_capita", "subaward S-1", "101", "102"]
        assert all(tells_apart(name, usual) for name in usual)

    @pytest.mark.parametrize(
        ("name", "other"),
        [
            ("S-1", "s-1"),
            ("12", "012"),
            ("12", "12.0"),
            ("12.0", "12"),
            ("S*", "S1"),
            ("=5", "5"),
            ("x" * 256, "y"),
            ("true", "y"),
        ],
    )
    def test_others_are_not(self, name: str, other: str) -> None:
        assert not tells_apart(name, [name, other])


class TestSignature:
    """Each request carries the certification of its regime for signature (Rulebook 9.3)."""

    @pytest.mark.parametrize(("document", "paragraph"), [("request", "200.415(a)"), ("claim", "200.415(b)")])
    def test_once_an_award_may_stand_under_2_cfr_200(self, document: str, paragraph: str) -> None:
        assert paragraph in signature(document, date(2025, 10, 1)).text[1]
        before = signature(document, date(2025, 9, 30)).text
        assert (len(before), "75.415(a)" in before[1]) == (2, True)

    @pytest.mark.parametrize("document", ["request", "claim"])
    @pytest.mark.parametrize(("known", "words"), [(date(2014, 12, 25), 0), (date(2014, 12, 26), 1), (date(2014, 12, 27), 1)])  # fmt: skip # noqa: E501
    def test_75_415_a_on_requests_and_claims_alike(self, document: str, known: date, words: int) -> None:
        said = signature(document, known).text[1:]
        assert len(said) == words
        assert all("section 75.415(a)" in text and "By signing this report" in text for text in said)

    def test_lines_to_sign_on(self) -> None:
        assert [row[0] for row in signature("claim", DAY).rows] == ["Signature", "Name and title", "Date signed"]
