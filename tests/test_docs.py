"""What a reader sees is run: the examples of README and docs, and the tables of
docs/workbooks.md."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grantcalc.cli import main
from grantcalc.io import schemas
from grantcalc.io.intake.layout import layout_of_bytes
from grantcalc.io.issued import claimbook
from grantcalc.terms import published_terms, read_terms

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[Path, str]]:
    return [(page, text) for page in PAGES for kind, text in BLOCK.findall(page.read_text("utf-8")) if kind == language]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the examples and what the demo makes of one caseload."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "out" / "tvap-fy2012").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    run(
        "grantcalc bill examples/tvap-fy2012/award.xlsx examples/tvap-fy2012/caseload-SUB-A.xlsx --through 2012-09 "
        "--known 2012-10-15 --out out/tvap-fy2012/claim-SUB-A.xlsx"
    )
    return tmp_path


def run(command: str) -> str:
    _, *words = shlex.split(command)
    return CliRunner().invoke(main, words, catch_exceptions=False).output


@pytest.mark.slow
@pytest.mark.parametrize(("page", "text"), blocks("python"))
def test_python_of_the_pages_runs(page: Path, text: str, elsewhere: Path) -> None:
    """Names that a page does not make are those of the README."""
    names: dict[str, object] = {}
    for source in dict.fromkeys((blocks("python")[0][1], text)):
        exec(compile(source, str(page), "exec"), names)


@pytest.mark.parametrize(("page", "text"), blocks("console"))
def test_commands_of_the_pages_print_what_stands_there(page: Path, text: str, elsewhere: Path) -> None:
    command, *expected = text.rstrip("\n").split("\n")
    printed = run(command.removeprefix("$ ")).splitlines()
    if "…" not in expected:
        assert printed == expected
    wanted = [line for line in expected if line != "…"]
    assert [line for line in printed if line in wanted] == wanted


@pytest.mark.parametrize(("page", "text"), blocks("toml"))
def test_terms_of_the_pages_are_terms(page: Path, text: str) -> None:
    """And a layout is a layout."""
    if page.name in ("workbooks.md", "own-files.md"):
        assert layout_of_bytes(text.encode(), page.name).tables
    else:
        assert read_terms(text, page.name).services


def test_every_sheet_and_column_is_described() -> None:
    page = (ROOT / "docs" / "workbooks.md").read_text("utf-8")
    for layout in (*schemas.AWARD_SHEETS, *schemas.CASELOAD_SHEETS, *schemas.DIRECTORY_SHEETS):
        _, _, rest = page.partition(f"### {layout.sheet}\n")
        section = rest.partition("\n### ")[0]
        assert layout.note in section, layout.sheet
        for column in layout.columns:
            row = next((r for r in section.splitlines() if r.startswith(f"| {column.header} |")), "")
            assert row.endswith(f"| {'no' if column.required else 'yes'} | {column.note} |"), (
                f"{layout.sheet}: {column.header}"
            )
    for shown in (*claimbook.LINE_COLUMNS, *claimbook.DETAIL_COLUMNS, *claimbook.HELD_COLUMNS):
        assert f"| {shown.header} |" in page


def test_every_synonym_is_described() -> None:
    """In its one row, with every sheet on which it is understood; and no other header stands
    there."""
    section = (
        (ROOT / "docs" / "workbooks.md").read_text("utf-8").partition("## Other headers\n")[2].partition("\n## ")[0]
    )
    told = {
        (sheet, header, name)
        for header, names, sheets in re.findall(r"(?m)^\| (\w[^|]*) \| ([^|]+) \| ([^|]+) \|$", section)[1:]
        for name in names.split(", ")
        for sheet in sheets.split(", ")
    }
    assert told == {
        (layout.sheet, column.header, name)
        for layout in (*schemas.AWARD_SHEETS, *schemas.CASELOAD_SHEETS)
        for column in layout.columns
        for name in column.synonyms
        if schemas.header_key(name) != schemas.header_key(column.header)
    }


def test_every_shipped_programme_is_listed() -> None:
    page = (ROOT / "docs" / "terms.md").read_text("utf-8")
    assert all(f"`{id}`" in page for id in published_terms())


def test_every_module_is_in_the_design() -> None:
    """The modules of docs/design.md are those of the source: each is named there, and no other."""
    page = (ROOT / "docs" / "design.md").read_text("utf-8")
    tree = page.partition("```\nsrc/grantcalc/\n")[2].partition("\n```")[0]
    modules = {p.stem for p in (ROOT / "src" / "grantcalc").rglob("*.py") if not p.stem.startswith("__")}
    packages = {p.parent.name for p in (ROOT / "src" / "grantcalc").glob("**/__init__.py")} - {"grantcalc"}
    words = set(re.findall(r"\w+", tree))
    assert modules | packages - {"schema"} <= words
    named = re.findall(r"(?m)\b(\w+)(?=/| ·)|(?<=· )(\w+)", tree)
    assert {one or other for one, other in named} <= modules | packages


class TestRulebook:
    """Each choice of the rulebook is numbered and is one sentence or two; each rule that the code
    names is there."""

    PAGE = (ROOT / "docs" / "rulebook.md").read_text("utf-8")
    NUMBERS = re.findall(r"(?m)^(\d+(?:\.\d+)+) ", PAGE)

    def test_each_number_is_given_once(self) -> None:
        assert len(set(self.NUMBERS)) == len(self.NUMBERS)

    def test_the_numbers_are_in_order(self) -> None:
        numbers = [tuple(map(int, number.split("."))) for number in self.NUMBERS]
        assert numbers == sorted(numbers)

    def test_each_choice_is_numbered_and_short(self) -> None:
        choices = [text for text in self.PAGE.split("\n\n")[1:] if "*Choice.*" in text]
        assert choices
        for text in choices:
            assert re.match(r"\d+(\.\d+){2} \*Choice\.\* ", text), text
            worked = re.search(r"(?m)^Worked", text)
            assert len(text[: worked.start() if worked else None].strip().split("\n")) <= 2, text

    def test_each_rule_that_is_named_is_there(self) -> None:
        sections = re.findall(r"(?m)^## (\d+)\. ", self.PAGE)
        named = {
            number
            for path in (ROOT / "src").rglob("*.py")
            for number in re.findall(r"[Rr]ulebook (\d+(?:\.\d+)*)", path.read_text("utf-8"))
        }
        assert not named - {*self.NUMBERS, *sections}
