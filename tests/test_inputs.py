"""One path from files to facts: what a workbook is, by which layout it is read, and what `check`
and `bill` say."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.cli import main
from grantcalc.errors import Rejected, WorkbookRejected
from grantcalc.io.input_kinds import INPUT_KINDS, KindName, kinds_of
from grantcalc.io.inputs import (
    read_award,
    read_caseload,
    read_claim,
    read_directory,
    read_inputs,
    read_letters,
    read_outreach,
    read_workbooks,
)
from grantcalc.io.intake.cells import WorkbookRead, open_book
from grantcalc.io.intake.templates import BookKind, write_input, write_template
from tests import sample_program
from tests.test_house import SOURCES, imports

READERS: dict[str, Callable[[Path], object]] = {
    "award": read_award,
    "caseload": read_caseload,
    "letters": read_letters,
    "outreach": read_outreach,
    "directory": read_directory,
    "claim": read_claim,
}
TEMPLATES: tuple[BookKind, ...] = ("award", "caseload", "letters", "outreach", "directory")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A workbook of each kind."""
    folder = tmp_path_factory.mktemp("kinds")
    found: dict[str, Path] = {kind: folder / f"{kind}.xlsx" for kind in TEMPLATES}
    for kind in TEMPLATES:
        write_template(kind, found[kind])
    world = sample_program.world(tmp_path_factory)
    filled = {"award": world.inputs / "award.xlsx", "caseload": world.inputs / "caseload-a.xlsx"}
    return {**found, **filled, **{kind: world.documents[kind] for kind in ("claim", "request")}}


class TestKinds:
    """There is one table of what a workbook may be, and a workbook of another kind is refused by
    what it is."""

    def test_each_kind_is_recognized(self, books: dict[str, Path]) -> None:
        assert set(books) == set(INPUT_KINDS) == set(get_args(KindName))
        for kind, path in books.items():
            assert kinds_of(open_book(path)) == (kind,)

    @pytest.mark.parametrize("wanted", READERS)
    def test_each_reader_refuses_every_other_kind(self, books: dict[str, Path], wanted: KindName) -> None:
        for kind, path in books.items():
            if kind != wanted:
                with pytest.raises(WorkbookRejected) as refused:
                    READERS[wanted](path)
                told = [(f.problem, f.expected) for f in refused.value.findings]
                assert told == [(f"this is {INPUT_KINDS[kind].title}", INPUT_KINDS[wanted].title)]  # type: ignore[index]

    @pytest.mark.parametrize(
        ("command", "wrong", "wanted"),
        [
            (("bill", "award", "directory", "--through", "2011-12", "--out", "OUT"), "directory", "letter log"),
            (("check", "claim"), "claim", "award workbook, a caseload workbook or a letter log"),
            (("request", "award", "caseload", "--out", "OUT"), "caseload", "claim"),
            (("request", "letters", "claim", "--out", "OUT"), "letters", "award workbook"),
            (("letters", "award"), "award", "letter log or a caseload workbook"),
            (("performance", "award", "letters"), "letters", "outreach workbook"),
            (("coalitions", "directory"), "directory", "outreach workbook"),
            (("grantee-report", "award", "--period", "2012"), "award", "caseload workbook"),
            (("directory", "outreach", "bed"), "outreach", "directory workbook"),
            (("check-award", "caseload"), "caseload", "award workbook"),
        ],
    )
    def test_each_command(
        self, books: dict[str, Path], tmp_path: Path, command: tuple[str, ...], wrong: KindName, wanted: str
    ) -> None:
        named = {**books, "OUT": tmp_path / "out.xlsx"}
        result = run(command[0], *(named.get(word, word) for word in command[1:]))
        assert (result.exit_code, (tmp_path / "out.xlsx").exists()) == (1 if command[0] == "check" else 2, False)
        assert f"this is {INPUT_KINDS[wrong].title}, expected" in result.output
        assert f"{wanted}\n" in result.output

    def test_what_is_of_no_kind_is_told_what_it_lacks(self, tmp_path: Path) -> None:
        write_input("caseload", {"Document": sample_program.CASELOAD_A["Document"]}, path := tmp_path / "caseload.xlsx")
        book = open_book(path)
        bare = WorkbookRead(book.file, book.digest, {"Document": book.sheets["Document"]})
        assert kinds_of(bare) == ()
        (tmp_path / "Notes.csv").write_text("a,b\n1,2\n", "utf-8")
        with pytest.raises(Rejected, match="none of the sheets that identify its kind"):
            read_workbooks([tmp_path / "Notes.csv"])
        with pytest.raises(Rejected, match="there is no sheet Awards"):
            read_award(tmp_path / "Notes.csv")

    def test_a_workbook_with_a_sheet_of_lines_is_no_claim(self, tmp_path: Path) -> None:
        book = open_book(sample_program.write(tmp_path, "caseload", sample_program.CASELOAD_B))
        assert kinds_of(WorkbookRead(book.file, "", {**book.sheets, "Lines": (), "SF-270": ()})) == ("caseload",)


class TestOneTable:
    """No other module decides what a workbook is, or reads one."""

    WHOSE = ("award_of_book", "caseload_of_book", "log_of_book", "outreach_of_book", "directory_of_book")

    def test_one_table_and_the_one_path_take_the_readers(self) -> None:
        """A claim's cells are read by the audit too: it compares what two documents say, claims or
        requests."""
        takers = {
            name
            for name, source in SOURCES.items()
            for _, names in imports(source)
            if {*names} & {*self.WHOSE, "record_of_book", "claim_of_book"} and not name.startswith("audit.")
        }
        assert takers == {"io.input_kinds", "io.inputs"}

    def test_only_one_module_recognizes(self) -> None:
        asked = {
            name
            for name, source in SOURCES.items()
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Attribute) and node.attr == "recognizes"
        }
        assert asked == {"io.input_kinds"}
        sheets = {
            name
            for name, source in SOURCES.items()
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Attribute) and node.attr == "has" and ast.unparse(node.value) in ("tables", "self")
        }
        assert sheets <= {"io.intake.tables"}


FAULTS: dict[str, tuple[tuple[str, str, Any], ...]] = {
    "award": (
        ("Document", "report_date", date(2012, 3, 1)),
        ("Document", "report_date", date(2011, 12, 31)),
        ("Subawards", "reported_by", "SUB-B"),
        ("Subawards", "reported_by", "NOBODY"),
        ("Subawards", "end", date(2011, 11, 10)),
        ("Subawards", "parent", "S-NONE"),
        ("Organizations", "id", "sub-b"),
        ("Terms", "term", "rate.unheard"),
    ),
    "caseload": (
        ("Document", "issuer", "sub-a"),
        ("Document", "issuer", "SUB-A\u200b"),
        ("Document", "issuer", "SUB-B"),
        ("Participants", "participant", "p-7732"),
        ("Enrollment", "subaward", "S-B"),
        ("Enrollment", "subaward", "S-NONE"),
        ("Enrollment", "participant", "P-7731"),
        ("Enrollment", "participant", "P-9"),
        ("Enrollment", "published", date(2012, 2, 1)),
        ("Enrollment", "service", "meals"),
        ("Enrollment", "service", "rent"),
        ("Enrollment", "end", date(2011, 10, 1)),
        ("Costs", "service", "care"),
        ("Costs", "category", "travel"),
        ("Costs", "paid", date(2013, 1, 1)),
        ("Counts", "month", "2010-01"),
        ("Counts", "service", "expenses"),
        ("Letters", "participant", "P-9"),
    ),
}
edits = st.lists(
    st.sampled_from([(kind, *fault) for kind, faults in FAULTS.items() for fault in faults]).flatmap(
        lambda fault: st.tuples(st.just(fault), st.integers(0, 3))
    ),
    max_size=4,
)


def edited(
    kind: str, rows: sample_program.Rows, faults: Iterable[tuple[tuple[str, str, str, Any], int]]
) -> sample_program.Rows:
    """The rows of a workbook with some cells changed."""
    found = {sheet: [dict(row) for row in table] for sheet, table in rows.items()}
    for (of, sheet, key, value), at in faults:
        if of == kind:
            found[sheet][at % len(found[sheet])][key] = value
    return found


def told(result: Result) -> set[tuple[str, ...]]:
    """The errors that a command prints as JSON: where, and what."""
    findings = json.loads(result.stdout)["findings"]
    return {
        (*(f["place"].get(part, "") for part in ("file", "sheet", "cell")), f["problem"])
        for f in findings
        if f.get("severity", "error") == "error"
    }


class TestCheckAndBill:
    """`check` prints at least every finding with which `bill` refuses."""

    @given(edits)
    def test_on_random_faults(self, tmp_path_factory: pytest.TempPathFactory, faults: list[Any]) -> None:
        folder = tmp_path_factory.mktemp("faulty")
        award = sample_program.write(folder, "award", edited("award", sample_program.AWARD, faults))
        caseload = sample_program.write(folder, "caseload", edited("caseload", sample_program.CASELOAD_A, faults))
        checked = run("check", award, caseload, "--json")
        billed = run("bill", award, caseload, "--through", "2011-12", "--out", folder / "claim.xlsx", "--json")
        if (folder / "claim.xlsx").exists():
            assert checked.exit_code == 0
        elif "refusal" not in billed.stdout:  # a rate that is not in force is no finding of a workbook
            assert billed.exit_code == 2
            assert told(billed)
            assert told(billed) <= told(checked)
            assert checked.exit_code == 1

    def test_the_day_is_that_of_the_award_too(self, tmp_path: Path) -> None:
        """A row known only by the later report date of the award workbook is checked as it is
        billed."""
        document = [{**sample_program.AWARD["Document"][0], "report_date": date(2012, 3, 1)}]
        award = sample_program.write(tmp_path, "award", {**sample_program.AWARD, "Document": document})
        stays = [
            {
                "participant": "P-7731",
                "subaward": subaward,
                "start": date(2011, 11, 1),
                "end": date(2011, 11, 20),
                "published": date(2012, 2, 1),
            }
            for subaward in ("S-A", "S-B")
        ]
        caseload = sample_program.write(tmp_path, "caseload", {**sample_program.CASELOAD_A, "Enrollment": stays})
        for command in (("check",), ("bill", "--through", "2011-12", "--out", tmp_path / "claim.xlsx")):
            result = run(command[0], award, caseload, *command[1:])
            assert "this participant is enrolled at two subawards on one day" in result.output
            assert result.exit_code != 0
        early = run("check", award, caseload, "--known", "2012-01-20")
        assert "enrolled at two subawards" not in early.output

    def test_two_award_workbooks(self, tmp_path: Path) -> None:
        award = sample_program.write(tmp_path, "award", sample_program.AWARD)
        other = sample_program.write(tmp_path, "award", {**sample_program.AWARD, "Areas": ()}, "other.xlsx")
        caseload = sample_program.write(tmp_path, "caseload", sample_program.CASELOAD_A)
        assert run("check", award, other).exit_code == 0
        checked = run("check", award, other, caseload)
        assert (checked.exit_code, "there must be one award workbook" in checked.output) == (1, True)

    def test_rows_that_vanished(self, tmp_path: Path) -> None:
        award = sample_program.write(tmp_path, "award", sample_program.AWARD)
        before = sample_program.write(tmp_path, "caseload", sample_program.CASELOAD_A, "before.xlsx")
        caseload = sample_program.write(tmp_path, "caseload", {**sample_program.CASELOAD_A, "Counts": ()})
        for command in (
            ("check",),
            ("bill", "--through", "2011-12", "--out", tmp_path / "claim.xlsx"),
            ("what-if", "--through", "2011-12", "--set", "rate.certified=1.00"),
            ("post", "--through", "2011-12"),
        ):
            ledger = (tmp_path / "ledger.db",) if command[0] == "post" else ()
            result = run(command[0], *ledger, award, caseload, "--previous", before, *command[1:])
            assert "this row of the previous caseload is not in the new one" in result.output, result.output
            assert result.exit_code == 0


LAYOUT = """
[document]
sheet = "Cover"
[letter_log]
sheet = "Events"
columns = { letter_number = "No." }
"""


class TestSameKindsOfInput:
    """Every command takes a workbook, a CSV file or a folder of them, and a layout."""

    def test_a_letter_log_of_ones_own(self, tmp_path: Path) -> None:
        folder = tmp_path / "log"
        folder.mkdir()
        (folder / "Cover.csv").write_text("Issuer,Report date\nSUB-A,2012-01-15\n", "utf-8")
        header = "No.,Event,Day,Participant,Kind\n"
        (folder / "Events.csv").write_text(f"{header}L-1,issued,2011-11-01,P-1,certification\n", "utf-8")
        (tmp_path / "layout.toml").write_text(LAYOUT, "utf-8")
        result = run("letters", folder, "--layout", tmp_path / "layout.toml")
        assert "FFY 2012: adults 1, children 0, all 1;" in result.output, result.output
        refused = run("letters", folder)
        assert refused.exit_code == 2

    def test_a_layout_that_fits_one_of_two_files(self, tmp_path: Path) -> None:
        award = sample_program.write(tmp_path, "award", sample_program.AWARD)
        folder = tmp_path / "caseload"
        folder.mkdir()
        (folder / "Document.csv").write_text("Issuer,Report date\nSUB-B,2012-01-15\n", "utf-8")
        (folder / "Bed nights.csv").write_text("Subaward,Service,Month,Count\nS-B,meals,2011-11,154\n", "utf-8")
        (tmp_path / "layout.toml").write_text('[counts]\nsheet = "Bed nights"\n', "utf-8")
        layout = ("--layout", tmp_path / "layout.toml")
        network, load = read_inputs([(award, "award"), (folder, "caseload")], [tmp_path / "layout.toml"])
        assert (network.report_date, [c.quantity for c in load.counts]) == (sample_program.REPORT, [154])
        assert run("check", award, folder, *layout).exit_code == 0
        assert run("check-award", award, folder, "--through", "2011-12", *layout).exit_code in (0, 1)
        report = run("grantee-report", folder, "--period", "2012", *layout)
        assert report.exit_code == 0, report.output

    def test_every_command_that_reads_inputs_has_the_options(self) -> None:
        reads = ("check", "bill", "what-if", "post", "check-award")
        for name in (*reads, "request", "letters", "performance", "coalitions", "grantee-report", "directory", "refer"):
            names = {p.name for p in main.commands[name].params}
            assert "layouts" in names, name
            assert ("previous" in names) == (name in reads), name


def test_a_finding_is_told_once(tmp_path: Path) -> None:
    """A workbook with two sets of sheets tells of its Document once."""
    path = tmp_path / "both.xlsx"
    write_input("caseload", {**sample_program.CASELOAD_B, "Document": [{"issuer": "SUB-B"}]}, path)
    result = run("check", path)
    assert result.output.count("Report date must not be empty") == 1
