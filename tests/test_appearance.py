"""What an issued workbook was made to hide or to show otherwise, without a change to any figure:
each is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.audit.appearance import changed_looks
from grantcalc.audit.verify import verify
from grantcalc.io.intake.cells import open_book
from tests import sample_program
from tests.sample_program import World
from tests.tampering import DOCUMENTS, part_of, read_once, rewritten, styled

pytestmark = pytest.mark.slow  # together more than half a minute, and the same on each Python


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with read_once():
        yield sample_program.world(tmp_path_factory)


def changed(path: Path, out: Path, part: str, change: Callable[[str], str]) -> Path:
    return rewritten(path, out, lambda name, text: change(text) if re.fullmatch(part, name) else text)


@cache
def values(path: Path) -> dict[str, object]:
    return {f"{s}!{c.ref}": c.value for s, rows in open_book(path).sheets.items() for _, row in rows for c in row}


def lies(world: World, path: Path) -> list[tuple[str, str]]:
    verdict = verify(path, world.inputs)
    assert verdict.consequences == verdict.notes == ()
    assert verdict.answer == "altered"
    return [(d.cell, d.says) for d in verdict.differences]


class TestLaw8:
    """Change any one figure of an issued workbook: verification names that cell; figures that
    follow from it are listed as its consequences, and no other. A figure that is hidden is changed
    for who reads it."""

    @pytest.mark.slow
    @given(st.sampled_from(DOCUMENTS), st.integers(0, 10**6), st.booleans())
    def test_any_cell_hidden(
        self, world: World, tmp_path_factory: pytest.TempPathFactory, name: str, index: int, white: bool
    ) -> None:
        """Without the detour over reading and billing, which the tests below make."""
        path, out = world.documents[name], tmp_path_factory.mktemp("lie") / "lie.xlsx"
        same = {ref: value for ref, value in values(path).items() if value not in (None, "")}
        sheet, _, cell = sorted(same)[index % len(same)].rpartition("!")
        styled(path, out, sheet, cell, "" if white else ";;;", white)
        told = list(changed_looks(out.read_bytes(), path.read_bytes(), {}))
        assert [where for where, _, _ in told] == [f"{sheet}!{cell}"]
        assert ("color FFFFFF" if white else "number format ;;;") in told[0][1]
        assert not list(changed_looks(path.read_bytes(), path.read_bytes(), {}))

    @pytest.mark.parametrize(
        ("code", "says"),
        [
            ("0", "0"),
            ("0.00,", "0.00,"),
            ("-#,##0.00", "-#,##0.00"),
            ("[White]#,##0.00", "[White]#,##0.00"),
            ("0.00&quot; million&quot;", '0.00"…"'),
            ("&quot;l&quot;#,##0.00", '"…"#,##0.00'),
            ("#,##0.00", "#,##0.00"),
            ("0.00 K", "text of 6 characters"),
        ],
    )
    def test_another_number_format(self, world: World, tmp_path: Path, code: str, says: str) -> None:
        """Each is named, also one that shows the same of this figure. The text in it is not
        repeated."""
        out = styled(world.documents["claim"], tmp_path / "lie.xlsx", "Lines", "Q3", code)
        assert lies(world, out) == [("Lines!Q3", f"number format {says}")]

    @pytest.mark.parametrize("how", ['hidden="1"', 'hidden="on"', 'ht="0" customHeight="1"', 'ht="0.75"'])
    @pytest.mark.parametrize("number", [' r="9"', ""])
    def test_a_hidden_row(self, world: World, tmp_path: Path, how: str, number: str) -> None:
        """Also without its number, by which a row stands after the one before it."""
        path, part = world.documents["claim"], re.escape(part_of(world.documents["claim"], "Lines"))
        row = re.compile(r'<row r="9"[^>]*>')
        out = changed(path, tmp_path / "lie.xlsx", part, lambda text: row.sub(f"<row{number} {how}>", text))
        assert lies(world, out) == [("Lines, row 9", "hidden")]

    @pytest.mark.parametrize(
        ("how", "says"), [('hidden="1"', "hidden"), ('width="0.1"', "hidden"), ('width="0.6"', "width 0.6")]
    )
    def test_a_hidden_column(self, world: World, tmp_path: Path, how: str, says: str) -> None:
        path, part = world.documents["claim"], re.escape(part_of(world.documents["claim"], "Lines"))
        column = re.compile(r'<col [^>]*min="17"[^>]*>')
        new = f'<col min="17" max="17" width="14.7" {how}>' if "width" not in how else f'<col min="17" max="17" {how}>'
        out = changed(path, tmp_path / "lie.xlsx", part, lambda text: column.sub(new, text))
        assert lies(world, out) == [("Lines, column Q", says)]

    def test_a_conditional_format(self, world: World, tmp_path: Path) -> None:
        path, part = world.documents["claim"], re.escape(part_of(world.documents["claim"], "Lines"))
        rule = '</sheetData><conditionalFormatting sqref="Q3:Q9"></conditionalFormatting>'
        out = changed(path, tmp_path / "lie.xlsx", part, lambda text: text.replace("</sheetData>", rule))
        assert lies(world, out) == [("Lines", "a format that goes by a condition")]

    def test_a_name(self, world: World, tmp_path: Path) -> None:
        def add(text: str) -> str:
            name = '<definedName name="Total">Lines!$Q$3</definedName>'
            return text.replace("</definedNames>", f"{name}</definedNames>")

        out = changed(world.documents["claim"], tmp_path / "lie.xlsx", r"xl/workbook\.xml", add)
        assert lies(world, out) == [("the name text of 5 characters", "it means something else")]
        told = list(changed_looks(world.documents["claim"].read_bytes(), out.read_bytes(), {}))
        assert told == [("the name Total", "nothing", "it means Lines!Q3")]

    def test_the_digest_in_the_manifest(self, world: World, tmp_path: Path) -> None:
        out = changed(
            world.documents["claim"],
            tmp_path / "lie.xlsx",
            r"docProps/custom\.xml",
            lambda text: re.sub(">[0-9a-f]{64}<", f">{'0' * 64}<", text),
        )
        assert lies(world, out) == [("the property grantcalc.parts", "0" * 64)]

    def test_macros_and_pictures(self, world: World, tmp_path: Path) -> None:
        path = changed(world.documents["claim"], tmp_path / "lie.xlsx", "none", lambda text: text)
        with ZipFile(path, "a") as package:
            package.writestr("xl/vbaProject.bin", b"macro")
            package.writestr("xl/media/image1.png", b"picture")
        assert lies(world, path) == [("the workbook", "it holds a part that nothing names")]

    def test_swapped_rows(self, world: World, tmp_path: Path) -> None:
        """Every cell that says something else, and no cell of another row but for what follows."""
        path, part = world.documents["claim"], re.escape(part_of(world.documents["claim"], "Lines"))

        def swap(text: str) -> str:
            rows = {n: re.search(rf'<row r="{n}"[^>]*>.*?</row>', text, re.DOTALL) for n in (4, 9)}
            four, nine = (match[0] for match in rows.values() if match)
            moved = [re.sub(rf'(r="[A-Z]*){a}"', rf'\g<1>{b}"', x) for x, a, b in ((four, 4, 9), (nine, 9, 4))]
            moved = [re.sub(rf"\b([A-Z]){a}\b", rf"\g<1>{b}", x) for x, a, b in zip(moved, (4, 9), (9, 4), strict=True)]
            return text.replace(four, "@").replace(nine, moved[0]).replace("@", moved[1])

        verdict = verify(changed(path, tmp_path / "lie.xlsx", part, swap), world.inputs)
        assert verdict.differences
        places = {re.sub(r"(!|, row )[A-Z]*(\d+)$", r" \2", d.cell) for d in verdict.differences}
        assert places == {"Lines 4", "Lines 9"}
