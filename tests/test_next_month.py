"""The next month in one command: the same bytes as `bill`, `post` and `request`, or nothing at
all."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from grantcalc import Month
from grantcalc.io import Store, next_month, post_next_month, read_monthly_files, to_lines
from tests import sample_program
from tests.sample_program import AWARD, CASELOAD_A, CASELOAD_B, Rows
from tests.test_ledger_cli import LATE, dated, run

MONTHS = """
ledger = "ledger.db"
award = "award.xlsx"
caseloads = ["a.xlsx", "b.xlsx"]
detail = true
claim = "claim.xlsx"
request = "request.xlsx"
page = "forms.html"
"""
DECEMBER, JANUARY = "2011-12", "2012-01"


def without(rows: Rows, sheet: str, participant: str) -> Rows:
    return {**rows, sheet: [row for row in rows[sheet] if row.get("participant") != participant]}


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Two months of two subrecipients: in January a letter came late, and a row of a cost is
    gone."""
    folder = tmp_path / "office"
    for month in (DECEMBER, JANUARY):
        (folder / month).mkdir(parents=True)
    sample_program.write(folder, "award", AWARD)
    (folder / "months.toml").write_text(MONTHS, "utf-8")
    _write(folder, DECEMBER, dated(CASELOAD_A), dated(CASELOAD_B))
    later: dict[str, Any] = {**dated(LATE)}
    later["Costs"] = [row for row in later["Costs"] if row["reference"] != "V-5515"]
    _write(folder, JANUARY, later, dated(CASELOAD_B))
    return folder


def _write(folder: Path, month: str, a: Rows, b: Rows) -> None:
    for name, rows in (("a.xlsx", a), ("b.xlsx", b)):
        sample_program.write(folder / month, "caseload", rows, name)


def everything(folder: Path) -> dict[str, bytes]:
    """Each file of a folder but the ledger, and the ledger as its lines."""
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    files.pop("ledger.db", None)
    ledger = to_lines(Store(folder / "ledger.db", create=True).load()).encode()
    return {**files, "ledger": ledger}


class TestOneCommand:
    """`next --yes` leaves what `bill`, `post` and `request` leave, to the byte; without it nothing
    is written."""

    @pytest.mark.slow
    def test_two_months_by_one_command_and_by_three(self, office: Path, tmp_path: Path) -> None:
        by_hand = tmp_path / "by hand"
        by_hand.mkdir()
        for path in office.rglob("*"):
            target = by_hand / path.relative_to(office)
            target.mkdir() if path.is_dir() else target.write_bytes(path.read_bytes())
        for month, previous in ((DECEMBER, ()), (JANUARY, (DECEMBER,))):
            run("next", office, "--month", month, "--yes")
            here = by_hand / month
            workbooks = (by_hand / "award.xlsx", here / "a.xlsx", here / "b.xlsx", "--through", month)
            earlier = [x for m in previous for n in ("a.xlsx", "b.xlsx") for x in ("--previous", by_hand / m / n)]
            run("bill", *workbooks, *earlier, "--detail", "--out", here / "claim.xlsx")
            run("post", by_hand / "ledger.db", *workbooks, *earlier, "--detail")
            run("request", by_hand / "award.xlsx", "--ledger", by_hand / "ledger.db", "--out", here / "request.xlsx",
                "--page", here / "forms.html")  # fmt: skip
        assert everything(office) == everything(by_hand)
        again = everything(office)
        run("next", office, "--month", JANUARY, "--yes")  # the same month again is the same month
        assert everything(office) == again

    def test_what_would_be_posted_is_shown_with_its_reasons(self, office: Path) -> None:
        run("next", office, "--month", DECEMBER, "--yes")
        before = everything(office)
        shown = run("next", office, "--month", JANUARY)
        assert everything(office) == before
        assert "compared with 2011-12/a.xlsx" in shown.stdout
        assert "SUB-A, because of letters: 353.27 added" in shown.stdout
        assert "SUB-B, because" not in shown.stdout
        assert "V-5515" not in shown.output
        assert "Costs!5: this row of the previous caseload is not in the new one" in shown.stderr
        assert shown.stdout.endswith("nothing was written. Add --yes to write and post.\n")
        told = json.loads(run("next", office, "--month", JANUARY, "--json").stdout)
        done = run("next", office, "--month", JANUARY, "--yes")
        assert [json.loads(e.line) for e in Store(office / "ledger.db").load().entries][-len(told["entries"]) :] == (
            told["entries"]
        )
        assert done.stdout.splitlines()[:-1] == shown.stdout.splitlines()[:-1]
        assert "2012-01/claim.xlsx written; 2012-01/request.xlsx written; 2012-01/forms.html written; " in done.stdout

    def test_the_function_behind_it(self, office: Path) -> None:
        made = next_month(office, Month(2011, 12))
        assert made.ledger.total.amount == sum(c.total.amount for c in made.claims)
        assert sum(r.amount.amount for r in made.requests) == made.ledger.total.amount
        assert post_next_month(office, Month(2011, 12)).ledger == made.ledger == Store(office / "ledger.db").load()

    def test_claims_are_posted_as_they_came(self, office: Path) -> None:
        for name in ("a", "b"):
            path = office / DECEMBER / f"{name}.xlsx"
            run(
                "bill", office / "award.xlsx", path, "--through", DECEMBER, "--out", office / DECEMBER / f"c{name}.xlsx"
            )
        claims = 'ledger = "ledger.db"\naward = "award.xlsx"\nclaims = ["ca.xlsx", "cb.xlsx"]\n'
        (office / "months.toml").write_text(claims, "utf-8")
        shown = run("next", office, "--month", DECEMBER, "--yes").stdout.splitlines()
        assert [line.partition(" through ")[0] for line in shown if " through " in line] == ["SUB-A", "SUB-B"]
        by_hand = office.parent / "other.db"
        run("post", by_hand, office / DECEMBER / "ca.xlsx", office / DECEMBER / "cb.xlsx")
        assert Store(by_hand).load() == Store(office / "ledger.db").load()


class TestNothingHalfWritten:
    """Where anything fails there is no document, and nothing is posted."""

    def test_a_document_that_cannot_be_written(self, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run("next", office, "--month", DECEMBER, "--yes")
        before = everything(office)
        (office / JANUARY / "forms.html").mkdir()  # in the way of the last document
        refused = run("next", office, "--month", JANUARY, "--yes", status=2)
        assert refused.stderr.endswith("nothing was written.\n")
        (office / JANUARY / "forms.html").rmdir()
        assert everything(office) == before

    def test_a_bad_cell(self, office: Path) -> None:
        rows: dict[str, Any] = {**dated(CASELOAD_A)}
        rows["Enrollment"] = [{**row, "end": date(2000, 1, 1)} for row in rows["Enrollment"]]
        _write(office, DECEMBER, rows, dated(CASELOAD_B))
        before = everything(office)
        assert "these days end before they start" in run("next", office, "--month", DECEMBER, "--yes", status=2).output
        assert everything(office) == before


class TestRefusals:
    """What is missing or out of order is named, all at once."""

    def test_an_earlier_month_that_was_not_posted(self, office: Path) -> None:
        refused = run("next", office, "--month", JANUARY, status=2).stdout
        assert "2011-12 has a folder and was not posted, expected first --month 2011-12" in refused

    def test_a_month_that_was_posted_from_other_workbooks(self, office: Path) -> None:
        run("next", office, "--month", DECEMBER, "--yes")
        _write(office, DECEMBER, without(dated(CASELOAD_A), "Enrollment", "P-7733"), dated(CASELOAD_B))
        refused = run("next", office, "--month", DECEMBER, "--yes", status=2).stdout
        assert "2011-12 was posted from other workbooks" in refused

    def test_a_month_without_a_folder(self, office: Path) -> None:
        assert "there is no folder 2011-11" in run("next", office, "--month", "2011-11", status=2).stdout

    def test_files_that_are_not_there(self, office: Path) -> None:
        for name in ("a.xlsx", "b.xlsx"):
            (office / DECEMBER / name).unlink()
        refused = run("next", office, "--month", DECEMBER, status=2).stdout
        assert "there is no a.xlsx for 2011-12" in refused
        assert "there is no b.xlsx for 2011-12" in refused

    def test_a_folder_without_the_file(self, tmp_path: Path) -> None:
        assert "this folder has no months.toml" in run("next", tmp_path, "--month", DECEMBER, status=2).stdout

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('award = "a"\ncaseloads = ["c"]', "ledger must be text"),
            ('ledger = "l"\naward = "a"', "there must be either caseloads or claims"),
            ('ledger = "l"\naward = "a"\ncaseloads = ["c"]\nclaims = ["d"]', "either caseloads or claims"),
            ('ledger = "l"\naward = "a"\nclaims = ["d"]\nclaim = "e"', "claims are posted as they came"),
            ('ledger = "l"\naward = "a"\ncaseloads = "c"', "these must be names of files"),
            ('ledger = "l"\naward = "a"\ncaseloads = ["c"]\nclaim = "c"', "this file has two uses"),
            ('ledger = "l"\naward = "a"\ncaseloads = ["c"]\npage = "p"', "the page is that of a request"),
            ('ledger = "l"\naward = "a"\ncaseloads = ["c"]\ndetail = "no"', "whether participants are kept"),
            ('ledger = "l"\naward = "a"\ncaseloads = ["c"]\nsecret = "S-1"', "there is no such key"),
        ],
    )
    def test_a_wrong_key(self, tmp_path: Path, text: str, said: str) -> None:
        (tmp_path / "months.toml").write_text(text, "utf-8")
        refused = run("next", tmp_path, "--month", DECEMBER, status=2).output
        assert said in refused
        assert "S-1" not in refused

    def test_a_database_is_no_file_of_the_folder(self, tmp_path: Path) -> None:
        url = "postgresql+psycopg://host/db"
        (tmp_path / "months.toml").write_text(f'ledger = "{url}"\naward = "a"\ncaseloads = ["c"]', "utf-8")
        assert read_monthly_files(tmp_path).store == url


def test_other_facts_by_the_command(office: Path) -> None:
    """`what-if --instead` bills a caseload in place of its issuer's, and writes nothing."""
    before = everything(office)
    workbooks = (office / "award.xlsx", office / DECEMBER / "a.xlsx", office / DECEMBER / "b.xlsx")
    command = ("what-if", *workbooks, "--through", DECEMBER, "--known", "2012-03-10")
    shown = run(*command, "--instead", office / JANUARY / "a.xlsx").stdout
    assert "S-A 2011-10 care" in shown
    assert shown.splitlines()[-1].startswith("claimed 1,815.20 -> 2,100.48, difference +285.28")
    assert "name what is changed" in run(*command, status=2).stderr
    assert everything(office) == before
