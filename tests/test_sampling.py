"""The auditor's sample: which lines are drawn, what the workbook holds, and what is projected of
what was found."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from grantcalc import WorkbookRejected, read_claim
from grantcalc.audit import draw_sample, project_sample, write_sample
from grantcalc.audit.sampling import Sample, SampledLine, SampleMethod, drawn_lines, project
from grantcalc.billing.lines import Line
from grantcalc.cli import main
from grantcalc.errors import Rejected, Unknown
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.xlsx.package import parts_digest
from tests import sample_program

PARTS = "0" * 64
AMOUNTS = st.lists(st.integers(-500, 5_000), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> sample_program.World:
    return sample_program.world(tmp_path_factory)


@pytest.fixture(scope="module")
def some_line(world: sample_program.World) -> Line:
    return read_claim(world.documents["claim"]).lines[0]


def lines_of(some_line: Line, amounts: list[int]) -> list[Line]:
    return [evolve(some_line, amount=amount) for amount in amounts]


class TestByMonetaryUnit:
    """The population in cents is cut into equal intervals; the line of the selected cent of each is
    drawn."""

    @given(AMOUNTS, st.integers(1, 12), st.integers())
    def test_one_cent_of_each_interval(self, some_line: Line, amounts: list[int], items: int, seed: int) -> None:
        """Against a list of all cents, each with its line."""
        cents = [number for number, amount in enumerate(amounts, 1) for _ in range(amount)]
        start = int(sha256(f"grantcalc sample\n{PARTS}\n{seed}".encode()).hexdigest(), 16)
        chosen: dict[int, int] = {}
        for k in range(items if cents else 0):
            number = cents[(start % len(cents) + k * len(cents)) // items]
            chosen[number] = chosen.get(number, 0) + 1
        assert dict(drawn_lines(lines_of(some_line, amounts), PARTS, items, seed, "monetary unit")) == chosen

    def test_a_line_of_the_interval_or_more_is_always_drawn(self, some_line: Line) -> None:
        lines = lines_of(some_line, [10, 30, 10, 50])
        for seed in range(40):
            assert {2, 4} <= dict(drawn_lines(lines, PARTS, 4, seed, "monetary unit")).keys()

    def test_nothing_and_credits_never_are(self, some_line: Line) -> None:
        lines = lines_of(some_line, [0, 30, -10, 0])
        assert dict(drawn_lines(lines, PARTS, 3, 1, "monetary unit")) == {2: 3}
        assert dict(drawn_lines(lines_of(some_line, [0, -4]), PARTS, 3, 1, "monetary unit")) == {}


class TestByAttribute:
    """Lines are ordered by the digest of the document, the seed and their number, and the first are
    drawn."""

    @given(st.integers(1, 60), st.integers(1, 20), st.integers())
    def test_the_first_by_their_digests(self, some_line: Line, many: int, items: int, seed: int) -> None:
        texts = {n: f"grantcalc sample\n{PARTS}\n{seed}\n{n}".encode() for n in range(1, many + 1)}
        first = sorted(texts, key=lambda n: sha256(texts[n]).digest())[:items]
        found = drawn_lines(lines_of(some_line, [1] * many), PARTS, items, seed, "attribute")
        assert [*found] == [(n, 1) for n in sorted(first)]

    def test_another_seed_or_document_draws_others(self, some_line: Line) -> None:
        lines = lines_of(some_line, [1] * 1000)
        ways = ((PARTS, 1), (PARTS, 2), ("1" * 64, 1))
        assert len({tuple(drawn_lines(lines, parts, 10, seed, "attribute")) for parts, seed in ways}) == 3


def sample_of(
    some_line: Line, amounts: list[int], drawn: Mapping[int, int], items: int, method: SampleMethod
) -> Sample:
    lines = lines_of(some_line, amounts)
    return Sample(
        document="claim.xlsx",
        parts=PARTS,
        method=method,
        items=items,
        seed=1,
        lines=len(lines),
        amount=sum(amounts),
        outside=(0, 0),
        drawn=tuple(SampledLine(number=n, place="", line=lines[n - 1], hits=h) for n, h in drawn.items()),
    )


class TestProjected:
    """A deviation below the interval is projected by its taint; that of a line that is always drawn
    is its own."""

    def test_taint_and_interval_by_figures(self, some_line: Line) -> None:
        """Population 1,000.00, 4 items: interval 250.00. Of 100.00 half is supported: 0.5 × 250.00
        = 125.00. Of 400.00, above the interval, 30.00 is not supported: 30.00. Of 50.00, 60.00 is:
        −0.2 × 250.00 = −50.00."""
        sample = sample_of(some_line, [10_000, 40_000, 5_000, 45_000], {1: 1, 2: 1, 3: 1, 4: 2}, 4, "monetary unit")
        found = project(sample, {1: 5_000, 2: 37_000, 3: 6_000, 4: 45_000}, {})
        assert (found.over, found.under, found.net, found.known) == (15_500, 5_000, 10_500, 7_000)
        said = found.sentences()
        assert said[0] == "3 of 4 lines deviate; by them 70.00 too much was claimed."
        assert said[1] == (
            "Projected: 155.00 too much and 50.00 too little, net 105.00 (10.5%) of the population of 1,000.00."
        )
        assert "fixed interval of 250.00" in said[2]
        assert "no upper limit and no level of confidence" in said[-1]

    @given(AMOUNTS, st.integers(1, 12), st.integers(), st.integers(0, 100))
    def test_an_even_deviation_is_projected_exactly(
        self, some_line: Line, amounts: list[int], items: int, seed: int, share: int
    ) -> None:
        """Where no line reaches the interval and each has the same taint, the projection is that
        share of it all."""
        amounts = [abs(amount) * 100 for amount in amounts if amount]
        if not amounts or max(amounts) * items >= sum(amounts):
            return
        drawn = dict(drawn_lines(lines_of(some_line, amounts), PARTS, items, seed, "monetary unit"))
        sample = sample_of(some_line, amounts, drawn, items, "monetary unit")
        found = project(sample, {n: amounts[n - 1] * share // 100 for n in drawn}, {})
        assert found.over == sum(amounts) * (100 - share) // 100
        assert sample.interval == Fraction(sum(amounts), items)

    def test_a_rate_by_figures(self, some_line: Line) -> None:
        sample = sample_of(some_line, [100] * 30, {1: 1, 2: 1, 3: 1, 4: 1}, 4, "attribute")
        found = project(sample, {2: 40}, {2: True, 3: False})
        assert (found.deviations, found.known, found.over, found.net) == (1, 60, 0, 0)
        assert found.sentences()[1] == "Rate of deviation: 25.0%; at that rate 8 of the 30 lines deviate."
        assert "none is projected" in found.sentences()[2]


Fill = Callable[[Mapping[str, Any]], None]


def filled(path: Path, answer: Fill) -> None:
    """Fill in each row of a sample, by its cells under their headers."""
    book = openpyxl.load_workbook(path)
    sheet = book["Sample"]
    at = next(row for row in range(1, 40) if sheet.cell(row, 1).value == "Line")
    headers = [str(cell.value) for cell in sheet[at]]
    for row in range(at + 1, sheet.max_row + 1):
        answer(dict(zip(headers, sheet[row], strict=True)))
    book.save(path)


class TestTheWorkbook:
    """Each line with its reason and its rows, and cells to fill in; filled in, it gives the
    projection."""

    def drawn(self, world: sample_program.World, path: Path, *more: str) -> str:
        document = str(world.documents["claim"])
        run = CliRunner().invoke(main, ["sample", document, "--items", "6", "--seed", "7", *more, "--out", str(path)])
        assert run.exit_code == 0, run.output
        return run.output

    def test_the_same_for_the_same_seed(self, world: sample_program.World, tmp_path: Path) -> None:
        paths = [tmp_path / f"{name}.xlsx" for name in "ab"]
        said = [self.drawn(world, path) for path in paths]
        many = len(draw_sample(world.documents["claim"], 6, 7).drawn)  # fewer where a line is drawn twice
        assert said[0].removeprefix(str(paths[0])) == f": {many} lines of 18, drawn by monetary unit, from 2,104.94\n"
        assert paths[0].read_bytes() == paths[1].read_bytes()

    def test_what_each_line_has(self, world: sample_program.World, tmp_path: Path) -> None:
        sample = draw_sample(world.documents["claim"], 6, 7, inputs=world.inputs)
        write_sample(sample, path := tmp_path / "sample.xlsx")
        rows: list[Mapping[str, object]] = []
        filled(path, lambda cells: rows.append({name: cell.value for name, cell in cells.items()}))
        assert [row["Line"] for row in rows] == [d.number for d in sample.drawn]
        assert all(str(row["Explanation"]) == d.line.explain() for row, d in zip(rows, sample.drawn, strict=True))
        assert all("caseload-a.xlsx" in str(row["Rows of the inputs"]) for row in rows)
        assert {row["Amount supported"] for row in rows} == {None}
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_filled_in_it_gives_the_projection(self, world: sample_program.World, tmp_path: Path) -> None:
        self.drawn(world, path := tmp_path / "sample.xlsx")
        sample = draw_sample(world.documents["claim"], 6, 7)
        lost = sample.drawn[0]

        def answer(cells: Mapping[str, Any]) -> None:
            amount = Decimal(str(cells["Amount"].value))
            cells["Amount supported"].value = amount - 1 if cells["Line"].value == lost.number else amount

        filled(path, answer)
        found = project_sample(world.documents["claim"], path)
        assert found == project(sample, {lost.number: lost.line.amount - 100}, {})
        run = CliRunner().invoke(main, ["project", str(world.documents["claim"]), str(path), "--json"])
        told = json.loads(run.stdout)
        assert (run.exit_code, told["deviations"]) == (0, 1)
        assert told["says"] == [*found.sentences()]
        assert Decimal(told["over"]) * 100 == found.over > 0

    def test_by_attribute(self, world: sample_program.World, tmp_path: Path) -> None:
        self.drawn(world, path := tmp_path / "sample.xlsx", "--by", "attribute")

        def answer(cells: Mapping[str, Any]) -> None:
            cells["Deviates"].value = "yes" if cells["Line"].value == first else "No"

        first = draw_sample(world.documents["claim"], 6, 7, "attribute").drawn[0].number
        filled(path, answer)
        found = project_sample(world.documents["claim"], path)
        assert (found.deviations, len(found.sample.drawn)) == (1, 6)

    def test_every_missing_answer_is_told(self, world: sample_program.World, tmp_path: Path) -> None:
        self.drawn(world, path := tmp_path / "sample.xlsx")
        with pytest.raises(WorkbookRejected) as refused:
            project_sample(world.documents["claim"], path)
        assert len(refused.value.findings) == len(draw_sample(world.documents["claim"], 6, 7).drawn)

    @pytest.mark.parametrize(("header", "value"), [("Line", 99), ("Amount", 1.5)])
    def test_other_lines_are_refused(
        self, world: sample_program.World, tmp_path: Path, header: str, value: float
    ) -> None:
        self.drawn(world, path := tmp_path / "sample.xlsx")

        def answer(cells: Mapping[str, Any]) -> None:
            cells["Amount supported"].value = cells["Amount"].value
            if cells["Line"].value == number:
                cells[header].value = value

        number = draw_sample(world.documents["claim"], 6, 7).drawn[0].number
        filled(path, answer)
        with pytest.raises(WorkbookRejected, match="was drawn, and its row is missing or has another amount"):
            project_sample(world.documents["claim"], path)

    def test_another_document_is_refused(self, world: sample_program.World, tmp_path: Path) -> None:
        self.drawn(world, path := tmp_path / "sample.xlsx")
        with pytest.raises(Rejected, match="drawn from another document"):
            project_sample(world.documents["request"], path)
        with pytest.raises(Rejected, match="this is no sample of grantcalc"):
            project_sample(world.documents["claim"], world.documents["request"])

    def test_a_changed_claim_is_not_drawn_from(self, world: sample_program.World, tmp_path: Path) -> None:
        book = openpyxl.load_workbook(world.documents["claim"])
        book["Lines"]["L3"] = 40
        book.save(path := tmp_path / "claim.xlsx")
        with pytest.raises(WorkbookRejected):
            draw_sample(path, 6, 7)

    def test_what_cannot_be_drawn(self, world: sample_program.World, tmp_path: Path) -> None:
        with pytest.raises(Unknown):
            draw_sample(world.documents["claim"], 0, 7)
        claim = read_claim(world.documents["claim"])
        write_claim(evolve(claim, lines=(), reductions=()), path := tmp_path / "claim.xlsx")
        with pytest.raises(Rejected, match="there is no line that could be drawn"):
            draw_sample(path, 6, 7)

    def test_the_digest_is_that_of_the_document(self, world: sample_program.World) -> None:
        sample = draw_sample(world.documents["claim"], 6, 7)
        assert len(sample.parts) == len(parts_digest(world.documents["claim"])) == 64
