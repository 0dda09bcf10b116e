"""Odd and hostile files: each reader refuses them where it reads them, with a finding, and at no
great cost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from grantcalc import GrantcalcError, Ledger, Rejected, TermsRejected, read_award, read_caseload, read_claim
from grantcalc.cli import main
from grantcalc.disclosure import check_export
from grantcalc.files import read_file
from grantcalc.io import Store, from_lines, mark, read_directory, read_letters, read_outreach, read_workbooks
from grantcalc.io.intake.csvbook import csv_digest, open_csv
from grantcalc.io.intake.layout import open_layout
from grantcalc.ledger.chain import NOTHING, entry_text, head_of
from grantcalc.ledger.entries import Entry, Held
from grantcalc.outreach.figures import read_figures
from grantcalc.terms import read_terms
from grantcalc.toml import BYTES, parse_toml
from grantcalc.xlsx.package import Unwritable, save
from grantcalc.xlsx.scan import Limits
from tests import sample_program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes, links and limits of a process")


def findings(read: Callable[[], object]) -> list[str]:
    with pytest.raises(Rejected) as refused:
        read()
    return [str(f) for f in refused.value.findings]


DEEP = "brackets are nested too deeply, expected at most 8 levels"
HOSTILE = {
    "digits": (
        "\nx = " + "9" * 5000,
        ":2: this number or key is too long, expected at most 100 characters; found 5,000",
    ),
    "hexadecimal": (
        "x = 0x" + "f" * 5000,
        ":1: this number or key is too long, expected at most 100 characters; found 5,002",
    ),
    "an exponent": (
        "x = 1e99999",
        ":1: this number is too large or too small, expected an exponent of at most three digits",
    ),
    "brackets": ("x = " + "[" * 3000, f":1: {DEEP}"),
    "inline tables": ("x = " + "{a = " * 3000, f":1: {DEEP}"),
    "dots": ("a" + ".a" * 20_000 + " = 1", ":1: this key has too many dots, expected at most 8"),
    "dots between quotes": ('"a"' + ' . "a"' * 20_000 + " = 1", ":1: this key has too many dots, expected at most 8"),
    "keys": (
        "".join(f"k{i} = 1\n" for i in range(3000)),
        ":2001: this file has too many keys and brackets, expected at most 2,000",
    ),
    "tables": (
        "".join(f"[k{i}]\n" for i in range(3000)),
        ":2001: this file has too many keys and brackets, expected at most 2,000",
    ),
    "bytes": ("#" * (BYTES + 1), ": this file is too large, expected at most 262,144 bytes; found 262,145"),
    "a mark": ("\ufeffx = 1", ":1: this text begins with a byte order mark, expected UTF-8 text without a mark"),
    "behind a string": ('x = """a"""""\ny = ' + "[" * 3000, f":2: {DEEP}"),
    "behind quotes": ("x = '''a'' ''''\ny = '#' # ' \"\nz = " + "[" * 3000, f":3: {DEEP}"),
    "cut off": ('x = """', ":1: this is not TOML, expected TOML 1.0"),
}


class TestToml:
    """TOML that costs more than its kind needs is refused at its line, whoever reads it."""

    @pytest.mark.parametrize(("text", "line"), HOSTILE.values(), ids=[*HOSTILE])
    def test_hostile_toml(self, tmp_path: Path, text: str, line: str) -> None:
        path = tmp_path / "x.toml"
        path.write_text(text, "utf-8")
        assert findings(lambda: read_terms(text, "x.toml")) == [f"x.toml{line}"]
        assert findings(lambda: open_layout(path)) == [f"x.toml{line}"]
        assert findings(lambda: read_figures(path)) == [f"x.toml{line}"]

    @pytest.mark.parametrize(
        "text",
        [
            "x = '[[[[[[[[[[[[[[['",
            'x = """\n[[[[[[[[[[[[\n\\"""[[[[["""',
            "# [[[[[[[[[[[[[[[",
            "x = '" + "9" * 5000 + "'",
        ],
    )
    def test_strings_and_comments_hold_anything(self, text: str) -> None:
        assert isinstance(parse_toml(text, "x.toml", Rejected), dict)

    def test_terms_beside_a_workbook(self, tmp_path: Path) -> None:
        """The finding names the file of terms, not the workbook."""
        sample_program.inputs(tmp_path)
        terms = next(tmp_path.glob("*.toml"))
        terms.write_text("x = " + "[" * 3000)
        assert findings(lambda: read_award(tmp_path / "award.xlsx")) == [f"{terms.name}:1: {DEEP}"]

    def test_half_of_a_pair_and_no_text(self) -> None:
        assert findings(lambda: read_terms('x = 1\ny = "\ud800"', "x")) == [
            "x:2: this text is not valid Unicode, expected UTF-8 text"
        ]
        with pytest.raises(TypeError, match="must be str, not bytes"):
            read_terms(b"x = 1", "x")  # type: ignore[arg-type]

    def test_of_many_wrong_keys_the_first_hundred(self) -> None:
        with pytest.raises(TermsRejected) as refused:
            read_terms("".join(f"k{i} = 1\n" for i in range(1000)), "x.toml")
        assert len(refused.value.findings) == 101
        assert (
            str(refused.value.findings[-1])
            == "x.toml: more keys of this file are wrong, expected the first 100 corrected"
        )

    def test_nothing_unprintable_is_echoed(self) -> None:
        """A key may hold an escape sequence, which a terminal would obey."""
        told = "\n".join(findings(lambda: read_terms('"\\u001b[2J" = 1', "x.toml")))
        assert "\x1b" not in told
        assert "x.toml:1 ?[2J: there is no such key in terms" in told


READERS = [
    read_award,
    read_caseload,
    read_claim,
    read_directory,
    read_letters,
    read_outreach,
    check_export,
    read_figures,
]
NO_FILE = "this is a pipe or a device, expected a file"


class TestFiles:
    """What is no file, or has no name that can be told, is refused before anything of it is
    read."""

    @pytest.mark.parametrize("read", READERS)
    @pytest.mark.parametrize("name", ["x.xlsx", "x.csv"])
    def test_a_pipe(self, tmp_path: Path, read: Callable[[Path], object], name: str) -> None:
        os.mkfifo(tmp_path / name)
        assert findings(lambda: read(tmp_path / name)) == [f"{name}: {NO_FILE}"]

    def test_a_device(self) -> None:
        assert findings(lambda: read_claim("/dev/zero")) == [f"zero: {NO_FILE}"]

    @pytest.mark.parametrize("read", READERS)
    @pytest.mark.parametrize(
        "name", ["a\0.xlsx", "a\x1b[2J.csv", os.fsdecode(b"caf\xe9.csv"), os.fsdecode(b"caf\xe9.xlsx")]
    )
    def test_a_name(self, read: Callable[[str], object], name: str) -> None:
        told = "the name of this file has characters that cannot be printed, expected another name"
        assert findings(lambda: read(name)) == [told]

    def test_a_marked_copy_of_a_name(self, tmp_path: Path) -> None:
        (tmp_path / "copy.xlsx").touch()
        assert "cannot be printed" in findings(lambda: mark((), "a\0b.xlsx", tmp_path / "copy.xlsx"))[0]

    def test_a_folder_without_a_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The folder `.` is called by its name, and its layout is found."""
        folder = tmp_path / "caseload"
        folder.mkdir()
        (folder / "Costs.csv").write_text("a,b\n1,2\n")
        monkeypatch.chdir(folder)
        assert open_csv(Path()).file == "caseload"
        assert findings(lambda: read_caseload(""))
        (tmp_path / "caseload.layout.toml").write_text("x = ")
        assert findings(lambda: read_caseload(".")) == ["caseload.layout.toml:1: this is not TOML, expected TOML 1.0"]
        assert findings(lambda: read_workbooks(["/"])) == ["this folder holds no CSV file, expected one or more"]

    @pytest.mark.parametrize("read", READERS)
    @pytest.mark.parametrize("path", [None, 5, 1.5, b"x", []])
    def test_no_path(self, read: Callable[[object], object], path: object) -> None:
        with pytest.raises(TypeError):
            read(path)

    def test_a_growing_file_is_read_to_its_limit(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(bytes(1000))
        assert read_file(tmp_path / "x", 1000) == bytes(1000)
        assert findings(lambda: read_file(tmp_path / "x", 999)) == [
            "x: this file is too large, expected at most 999 bytes; found 1,000"
        ]

    def test_a_link_to_itself(self, tmp_path: Path) -> None:
        (tmp_path / "o.xlsx").symlink_to("o.xlsx")
        with pytest.raises(Unwritable, match="this link leads back to itself"):
            save(tmp_path / "o.xlsx", lambda file: "")
        assert [p.name for p in tmp_path.iterdir()] == ["o.xlsx"]

    def test_a_result_whose_name_cannot_be_printed(self, tmp_path: Path) -> None:
        with pytest.raises(Unwritable, match="characters that cannot be printed"):
            save(tmp_path / "a\x1b[2J.xlsx", lambda file: "")
        assert not [*tmp_path.iterdir()]


class TestLedger:
    """A ledger that is not one is refused at its line or entry."""

    ODD: Sequence[bytes] = (
        *(b"\xff\n", b"\0\n", b"\xef\xbb\xbf{}\n", b"[" * 5000 + b"\n", b'{"a":' * 5000 + b"\n"),
        *(b"9" * 5000 + b"\n", b"NaN\n", b'"\\ud800"\n', b'{"\\ud800": 1}\n'),
    )

    @pytest.mark.parametrize("data", ODD, ids=repr)
    def test_an_odd_line(self, data: bytes) -> None:
        with pytest.raises(Rejected) as refused:
            from_lines(data, "l.jsonl")
        assert {f.place.line for f in refused.value.findings} == {1}
        assert all(str(f).isprintable() for f in refused.value.findings)

    @pytest.mark.parametrize("data", [None, "x", 5])
    def test_no_bytes(self, data: object) -> None:
        with pytest.raises(TypeError, match="must be bytes"):
            from_lines(data)  # type: ignore[arg-type]

    def test_an_export_that_is_not_utf_8(self, tmp_path: Path) -> None:
        from click.testing import CliRunner

        (tmp_path / "l.jsonl").write_bytes(b"\xff\xfe\x1b[2J\n")
        done = CliRunner().invoke(main, ["ledger", "import", str(tmp_path / "l.db"), str(tmp_path / "l.jsonl")])
        assert (done.exit_code, done.stdout) == (
            2,
            "l.jsonl:1: this line is not UTF-8, expected a ledger entry\n",
        )

    @pytest.mark.parametrize(
        "text",
        ["nope", "[]", "1", "{}", "[" * 5000, "9" * 5000, '{"a":' + "9" * 5000 + "}", "", b"\xff", 5, "held", "spaced"],
    )
    def test_a_forged_entry_whose_head_follows(self, tmp_path: Path, text: object) -> None:
        """Who can write to the file can forge a head too; the text must still be an entry."""
        import sqlite3

        good = entry_text(1, date(2012, 10, 15), Held("S-1", "why"))
        forged = {"held": good.replace('"act":"held"', '"act":"nothing"'), "spaced": good.replace(",", ", ")}
        text = forged.get(text, text) if isinstance(text, str) else text
        store = Store(tmp_path / "l.db", create=True)
        entry = Entry(1, date(2012, 10, 15), Held("S-1", "why"), head_of(NOTHING, good), good)
        store.append([entry], NOTHING)
        assert store.load() == Ledger((entry,))
        with closing(sqlite3.connect(tmp_path / "l.db")) as database, database:
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                database.execute(f"DROP TRIGGER {name}")
            database.execute("UPDATE grantcalc_entries SET text = ?, head = ?", (text, head_of(NOTHING, str(text))))
        database.close()
        with pytest.raises(GrantcalcError):
            store.load()


class TestBudgetsOfCsv:
    """CSV has the budgets of a workbook, and is refused by the name of the one that it is past."""

    @pytest.mark.parametrize(
        ("text", "limits", "told"),
        [
            ("a,b\n1,2\n", Limits(packed=7), "x.csv: this file is too large, expected at most 7 bytes; found 8"),
            ("a\n\n\nb\n", Limits(rows=3), "x.csv:4 column 1: this file has too many rows, expected at most 3"),
            ("a,b\n1,2\n", Limits(columns=1), "x.csv:1 column 1: this row has too many fields, expected at most 1"),
            ('"a",b\n1,2\n', Limits(columns=1), "x.csv:1 column 1: this row has too many fields, expected at most 1"),
            ("a,b\n1,2\n", Limits(cells=3), "x.csv: this has too many cells, expected at most 3"),
            ("a,b\n1,2\n", Limits(characters=3), "x.csv: this has too much text, expected at most 3"),
            (
                "a\n12345678\n",
                Limits(token=8),
                "x.csv:2 column 1: this row is too long, expected at most 8 characters, and each quotation mark closed",
            ),
            (
                'a\n"1\n2\n3\n4',
                Limits(token=6),
                "x.csv:2 column 1: this row is too long, expected at most 6 characters, and each quotation mark closed",
            ),
            (
                "a\n12345678",
                Limits(token=7),
                "x.csv:2 column 1: this row is too long, expected at most 7 characters, and each quotation mark closed",
            ),
        ],
    )
    def test_a_budget(self, tmp_path: Path, text: str, limits: Limits, told: str) -> None:
        (tmp_path / "x.csv").write_text(text)
        assert findings(lambda: open_csv(tmp_path / "x.csv", limits=limits)) == [told]

    def test_a_folder_has_them_once(self, tmp_path: Path) -> None:
        for name in ("x", "y", "z"):
            (tmp_path / f"{name}.csv").write_text("a,b\n1,2\n")
        assert len(open_csv(tmp_path, limits=Limits(cells=12)).sheets) == 3
        told = [f"{tmp_path.name}: this has too many cells, expected at most 7"]
        assert findings(lambda: open_csv(tmp_path, limits=Limits(cells=7))) == told
        told = [f"{tmp_path.name}: this folder has too many CSV files, expected at most 2; found 3"]
        assert findings(lambda: open_csv(tmp_path, limits=Limits(entries=2))) == told

    def test_uneven_rows_are_told_a_hundred_times(self, tmp_path: Path) -> None:
        (tmp_path / "x.csv").write_text("a,b\n" + "1\n" * 150)
        told = findings(lambda: open_csv(tmp_path / "x.csv"))
        assert len(told) == 101
        assert told[-1].endswith("expected 2 fields; found 50 more such rows")

    def test_a_file_of_several_pieces(self, tmp_path: Path) -> None:
        """Text is read a megabyte at a time: what stands across two of them is whole, and its line
        right."""
        row = f'{"é" * 1000},"{"ü" * 100}\n"\r\n'
        (tmp_path / "x.csv").write_text("a,b\r\n" + row * 1500, newline="")
        book = open_csv(tmp_path / "x.csv")
        assert book.digest == csv_digest(tmp_path / "x.csv")
        rows = book.sheets["x"]
        assert [line for line, _ in rows] == [1, *range(2, 3002, 2)]
        assert {tuple(c.value for c in cells) for _, cells in rows[1:]} == {("é" * 1000, "ü" * 100 + "\n")}
        with (tmp_path / "x.csv").open("ab") as file:
            file.write(b"x,\xff\n")
        assert findings(lambda: open_csv(tmp_path / "x.csv"))[0].startswith(
            "x.csv:3002 column 3: this is not UTF-8 text"
        )


LIMITED = """
import resource, sys
from pathlib import Path
import grantcalc, grantcalc.io.intake.csvbook, grantcalc.audit.input_files as input_files
from grantcalc.io.inputs import read_claim
from grantcalc.cli import main
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**28, used + 2**28))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limit of a process's address space")
class TestMemory:
    """Reading takes the memory of what is read, not of its limit: each runs with 256 MiB of address
    space to itself."""

    def run(self, code: str, *arguments: Path) -> str:
        done = subprocess.run(
            [sys.executable, "-c", LIMITED + code, *map(str, arguments)], check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def test_a_small_workbook(self, tmp_path: Path) -> None:
        """`open_book` with the limit of an issued document, 2 GiB."""
        sample_program.inputs(tmp_path)
        code = "from grantcalc.xlsx.reader import open_book\nfrom grantcalc.xlsx.scan import ISSUED\n"
        assert "Awards" in self.run(
            f"{code}print(*open_book(Path(sys.argv[1]), ISSUED).sheets)", tmp_path / "award.xlsx"
        )

    def test_stray_files_beside_the_inputs(self, tmp_path: Path) -> None:
        """Files of half a gigabyte that are no inputs: they are hashed in pieces, or refused by
        their size."""
        for name in ("scan.bin", "scan.xlsx", "scan.csv", "scan.jsonl", "terms.toml"):
            with (tmp_path / name).open("wb") as file:
                file.write(b"{")
                file.truncate(2**29)
        code = """
run = input_files.Run("bill", grantcalc.Month(2012, 9), None, True, {})
inputs = input_files.InputFiles(Path(sys.argv[1]), run, True)
print(len(inputs.digests), dict(inputs._facts()), inputs._ledger(input_files.Input("ledger", "x", "", "", None)))
"""
        assert self.run(code, tmp_path) == "1 {} None\n"

    def test_a_large_csv_file(self, tmp_path: Path) -> None:
        """A file of 60 MB: past the most cells it is refused, and no more of it was held."""
        with (tmp_path / "x.csv").open("w") as file:
            file.writelines("0123456789,0123456789,0123456789,0123456789,0123456789\n" for _ in range(1_100_000))
        code = """
try:
    grantcalc.read_caseload(sys.argv[1])
except grantcalc.WorkbookRejected as refused:
    print(refused)
"""
        assert self.run(code, tmp_path / "x.csv") == "x.csv: this has too many cells, expected at most 1,250,000\n"
