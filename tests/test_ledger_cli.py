"""The commands of the ledger, from workbooks to requests: a letter that came late; dry runs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grantcalc import from_json
from grantcalc.cli import main
from grantcalc.io import Store, from_lines, to_lines
from tests import sample_program
from tests.sample_program import AWARD, CASELOAD_A, FAIN, Rows


def run(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception  # a traceback is never an answer
    assert result.exit_code == status, result.output
    return result


LATE: Rows = {
    **CASELOAD_A,
    "Document": [{"issuer": "SUB-A", "report_date": date(2012, 3, 10), "label": "ILLUSTRATIVE"}],
    "Letters": [
        *({**row, "published": date(2012, 1, 15)} for row in CASELOAD_A["Letters"]),
        {
            "participant": "P-7733",
            "kind": "certification_letter",
            "start": date(2011, 10, 20),
            "published": date(2012, 3, 1),
        },
    ],
}


@pytest.fixture
def books(tmp_path: Path) -> tuple[Path, Path, Path]:
    """The award, a caseload, and the same one in March with a letter that came late."""
    award = sample_program.write(tmp_path, "award", AWARD)
    first = sample_program.write(tmp_path, "caseload", dated(CASELOAD_A), "caseload.xlsx")
    return award, first, sample_program.write(tmp_path, "caseload", dated(LATE), "later.xlsx")


def dated(rows: Rows) -> Rows:
    """The same rows, each with the day on which it could first be known, so that the later file
    tells the earlier."""
    known = date(2012, 1, 15)
    return {
        sheet: [
            row if sheet in ("Document", "Participants") or "published" in row else {**row, "published": known}
            for row in found
        ]
        for sheet, found in rows.items()
    }


@pytest.mark.slow
def test_a_letter_that_came_late(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    award, first, later = books
    ledger, out = tmp_path / "ledger.db", tmp_path / "request.xlsx"
    posted = run("post", ledger, award, first, "--through", "2011-12").stdout
    assert posted == "First claim of SUB-A through 2011-12: 1,714.72 USD.\n"
    asked = run("request", award, "--ledger", ledger, "--out", out).stdout.splitlines()
    before, written = Store(ledger).load(), out.read_bytes()
    assert asked[0].startswith(f"{FAIN} Year 1: authorized")
    again = run("request", award, "--ledger", ledger, "--out", out).stdout.splitlines()
    assert again == asked  # made twice it is the same request
    assert (Store(ledger).load(), out.read_bytes()) == (before, written)
    assert run("post", ledger, award, first, "--through", "2011-12").stdout.endswith("nothing new, nothing posted\n")
    told = run("post", ledger, award, later, "--through", "2011-12").stdout.splitlines()
    assert told[0].startswith("As known on 2012-03-10, SUB-A is owed ")
    assert any(line.startswith("Because of letters: ") for line in told[1:])
    more = run("request", award, "--ledger", ledger, "--out", out, "--json").stdout
    (request,) = json.loads(more)
    assert request["requested_before"] == "1714.72"
    assert from_json(json.dumps(request)).amount.amount > 0  # type: ignore[union-attr]
    # an auditor verifies it from the award workbook and an export of the ledger, taken then or
    # later
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    for name in ("award.xlsx", "small.toml"):
        (inputs / name).write_bytes((tmp_path / name).read_bytes())
    assert "1 input of role ledger could not be found" in run("verify", out, "--inputs", inputs, status=2).output
    (inputs / "mine.db").write_bytes(ledger.read_bytes())
    said = "an export of the ledger: grantcalc ledger export mine.db ledger.jsonl"
    assert said in run("verify", out, "--inputs", inputs, status=2).output
    (inputs / "mine.db").unlink()
    run("ledger", "hold", ledger, "S-A", "--why", "a visit", "--on", "2012-04-01", "--yes")
    run("ledger", "export", ledger, inputs / "ledger.jsonl")
    assert run("verify", out, "--inputs", inputs).output == ""
    assert run("ledger", "verify", ledger).stdout.startswith(f"{len(Store(ledger).load().entries)} entries follow")


@pytest.mark.slow
def test_a_dry_run_says_what_the_run_says(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """A dry run of each prints what the run would do, from the same code, to the byte."""
    award, first, _ = books
    ledger, out = tmp_path / "ledger.db", tmp_path / "request.xlsx"
    for command in (
        ("post", ledger, award, first, "--through", "2011-12"),
        ("request", award, "--ledger", ledger, "--out", out),
        ("ledger", "hold", ledger, "S-A", "--why", "a visit", "--on", "2012-02-01", "--yes"),
        ("ledger", "release", ledger, "S-A", "--on", "2012-02-01", "--yes"),
        ("close", ledger, "2012-01", "--on", "2012-02-01", "--yes"),
        ("ledger", "closeout", ledger, FAIN, "Year 1", "--on", "2012-02-02", "--yes"),
    ):
        was = Store(ledger, create=True).load()
        for as_json in ((), ("--json",)):
            dry = run(*command, "--dry-run", *as_json)
            assert dry.stderr.endswith("dry run: nothing was written\n") or "dry run" in dry.stderr
            assert Store(ledger, create=True).load() == was
            assert not out.exists()
        said = run(*command, "--dry-run").stdout
        assert run(*command).stdout == said
        out.unlink(missing_ok=True)


def test_the_forms_as_a_page(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    award, first, _ = books
    ledger, out, page = tmp_path / "ledger.db", tmp_path / "request.xlsx", tmp_path / "forms.html"
    run("post", ledger, award, first, "--through", "2011-12")
    ask = ("request", award, "--ledger", ledger, "--out", out, "--page")
    assert "--out and --page name the same file" in run(*ask, out, status=2).stderr
    assert "--page names one of the inputs" in run(*ask, award, status=2).stderr
    run(*ask, page, "--dry-run")
    assert not page.exists()
    assert not out.exists()
    run(*ask, page)
    text = page.read_text("utf-8")
    assert text.count("<section>") == 2
    assert '<td class="amount">1,714.72</td>' in text
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix in (".html", ".draft") or p.is_dir()) == ["forms.html"]


def test_counted_claims_are_posted_as_they_came(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    award, first, later = books
    ledger, claim, more = tmp_path / "recipient.db", tmp_path / "claim.xlsx", tmp_path / "more.xlsx"
    run("bill", award, first, "--through", "2011-12", "--out", claim)
    run("bill", award, later, "--through", "2011-12", "--out", more)
    both = run("post", ledger, claim, more).stdout.splitlines()
    assert [line.split(":")[0] for line in both] == [
        "SUB-A through 2011-12, known 2012-01-15",
        "SUB-A through 2011-12, known 2012-03-10",
    ]
    assert run("post", ledger, more).stdout.endswith("nothing new, nothing posted\n")
    refused = run("post", ledger, claim, status=2)
    assert "SUB-A was posted as known on 2012-03-10; found 2012-01-15" in refused.stderr
    text = run("ledger", "log", ledger, "--json").stdout
    assert "P-77" not in text
    assert to_lines(Store(ledger).load()) == text
    mixed = run("post", ledger, more, award, status=2)
    assert "post either claims or inputs, not both" in mixed.output


def test_export_and_import(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    award, first, later = books
    one, other, file = tmp_path / "one.db", tmp_path / "other.db", tmp_path / "ledger.jsonl"
    run("post", one, award, first, "--through", "2011-11")
    run("ledger", "export", one, file)
    run("ledger", "import", other, file)
    run("ledger", "import", other, file)
    assert Store(other).load() == Store(one).load() == from_lines(file.read_bytes())
    run("post", one, award, later, "--through", "2011-12")
    run("ledger", "export", one, file)
    run("ledger", "import", other, file)
    assert Store(other).load() == Store(one).load()
    head = json.loads(run("ledger", "verify", one, "--json").stdout)["head"]
    assert run("ledger", "verify", other, "--head", head).exit_code == 0
    assert "does not hold the entry" in run("ledger", "verify", other, "--head", "0123", status=1).output
    strange = tmp_path / "strange.db"
    run("ledger", "hold", strange, "S-A", "--why", "x", "--on", "2012-02-01", status=2)  # it is not there
    run("post", strange, award, first, "--through", "2011-12")
    assert "this is a different ledger" in run("ledger", "import", strange, file, status=2).output


def test_nothing_is_written_over_the_ledger(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    award, first, _ = books
    ledger = tmp_path / "ledger.db"
    run("post", ledger, award, first, "--through", "2011-12")
    before = ledger.read_bytes()
    assert "FILE is the ledger itself" in run("ledger", "export", ledger, ledger, status=2).stderr
    for options in (["--out", ledger], ["--out", tmp_path / "r.xlsx", "--page", ledger]):
        refused = run("request", award, "--ledger", ledger, *options, status=2)
        assert f"{options[-2]} names one of the inputs" in refused.stderr
    assert ledger.read_bytes() == before


def test_the_roll_up(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    award, first, _ = books
    ledger = tmp_path / "ledger.db"
    run("post", ledger, award, first, "--through", "2011-12")
    run("ledger", "hold", ledger, "S-A", "--why", "a visit")
    refused = run("ledger", "hold", ledger, "S-a", "--why", "x", "--dry-run", status=2)
    assert "nothing was posted at a subaward of this number" in refused.stderr
    lines = run("ledger", "roll-up", ledger, award).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["all", "agency", "recipient", "award", "subaward"]
    assert {line.split(": ")[1] for line in lines} == {lines[0].split(": ")[1]}
    assert "on hold 1,714.72" in lines[0]
    found = json.loads(run("ledger", "roll-up", ledger, award, "--by", "region", "--json").stdout)
    assert found["children"][0]["id"] == "6"


def test_refusals(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    award, first, _ = books
    ledger = tmp_path / "ledger.db"
    assert "there is no ledger ledger.db" in run("ledger", "log", ledger, status=2).stderr
    assert "--through names" in run("post", ledger, award, first, status=2).stderr
    assert not ledger.exists()
    assert "name claims, or a --ledger" in run("request", award, "--out", tmp_path / "r.xlsx", status=2).stderr
    run("post", ledger, award, first, "--through", "2011-12")
    typo = run("ledger", "closeout", ledger, FAIN, "Year l", "--on", "2012-01-20", status=2)
    assert "nothing was posted for this budget period" in typo.stderr
    early = run("close", ledger, "2012-01", "--on", "2012-01-20", status=2)
    assert "a posting period is closed after its last day, 2012-01-31; found 2012-01-20" in early.stderr


def test_a_day_later_than_every_document(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """A mistyped year would keep every true day out of the ledger for good: it needs --yes."""
    award, first, _ = books
    ledger = tmp_path / "ledger.db"
    late = run("post", ledger, award, first, "--through", "2011-12", "--known", "2102-01-15", status=2)
    assert "2102-01-15 is later than the newest document, of 2012-01-15; if this is intended, add --yes" in late.stderr
    run("post", ledger, award, first, "--through", "2011-12")
    before = Store(ledger).load()
    for command in (
        ("ledger", "hold", ledger, "S-A", "--why", "a visit", "--on", "9999-12-31"),
        ("close", ledger, "2012-01", "--on", "9999-12-31"),
        ("request", award, "--ledger", ledger, "--known", "9999-12-31", "--out", tmp_path / "r.xlsx"),
    ):
        assert "9999-12-31 is later than the newest document" in run(*command, status=2).stderr
    typo = run("ledger", "hold", ledger, "S-TYPO", "--why", "a visit", "--award", award, status=2)
    assert "nothing was posted at a subaward of this number" in typo.stderr
    assert Store(ledger).load() == before
    run("ledger", "hold", ledger, "S-A", "--why", "a visit", "--on", "2012-01-20", "--yes")
    assert Store(ledger).load().known == date(2012, 1, 20)


def test_void_and_paid(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """An entry is voided by its number in the log. What was received stands with the request, and
    on line 10a."""
    award, first, _ = books
    ledger, out, page = tmp_path / "ledger.db", tmp_path / "request.xlsx", tmp_path / "forms.html"
    run("post", ledger, award, first, "--through", "2011-12")
    run("ledger", "hold", ledger, FAIN, "--why", "a visit")
    no = Store(ledger).load().entries[-1].no
    assert run("ledger", "void", ledger, no, "--why", "another award").stdout == f"voided entry {no}: another award\n"
    run("request", award, "--ledger", ledger, "--out", out)
    paid = run(
        "ledger", "paid", ledger, FAIN, "Year 1", "1000.00", "--received", "2012-02-01", "--reference", "7", "--yes"
    )
    assert paid.stdout == f"received 1,000.00 of {FAIN}, Year 1, on 2012-02-01\n"
    said = run("request", award, "--ledger", ledger, "--out", out, "--page", page).stdout
    assert "received 1,000.00, not yet received 714.72" in said
    assert '<td class="amount">1,000.00</td>' in page.read_text("utf-8")
    log = run("ledger", "log", ledger).stdout
    assert f"voided entry {no}" in log
    assert f"held subaward {FAIN}" in log
    assert (
        "nothing was requested for this"
        in run(
            "ledger", "paid", ledger, FAIN, "Year 2", "1", "--received", "2012-02-01", "--reference", "8", status=2
        ).stderr
    )
    request = next(e.no for e in Store(ledger).load().entries if "requested" in e.text)
    refused = run("ledger", "void", ledger, request, "--why", "x", "--never-submitted", status=2)
    assert f"depends on entry {request}: void it first" in refused.stderr


def test_the_same_request_from_another_award_workbook(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """Of the same amounts it says that the request exists, and leaves the first workbook as it
    was."""
    award, first, _ = books
    ledger, out = tmp_path / "ledger.db", tmp_path / "request.xlsx"
    run("post", ledger, award, first, "--through", "2011-12")
    run("request", award, "--ledger", ledger, "--out", out)
    before, written = Store(ledger).load(), out.read_bytes()
    changed: Rows = {**AWARD, "Document": [{**AWARD["Document"][0], "label": "ANOTHER"}]}
    other = sample_program.write(tmp_path, "award", changed, "other.xlsx")
    refused = run("request", other, "--ledger", ledger, "--out", out, status=2)
    assert "this request exists: entry" in refused.stderr
    assert (Store(ledger).load(), out.read_bytes()) == (before, written)


@pytest.mark.slow
def test_approvals_name_a_document_and_change_none(books: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """Who prepared, reviewed and approved a request is in the log; the request, made again, keeps
    its bytes."""
    award, first, _ = books
    ledger, out = tmp_path / "ledger.db", tmp_path / "request.xlsx"
    run("post", ledger, award, first, "--through", "2011-12")
    ask = ("request", award, "--ledger", ledger, "--out", out)
    parts = run(*ask).stdout.splitlines()[-1].removeprefix("parts sha256 ")
    issued = out.read_bytes()
    for step, by in (("prepared", "Accountant"), ("reviewed", "Controller"), ("approved", "Director")):
        run("ledger", "approve", ledger, out, "--step", step, "--by", by)
    assert out.read_bytes() == issued
    log = run("ledger", "log", ledger).stdout
    assert f"reviewed by Controller: request.xlsx, sha256 {parts}" in log
    approvals = Store(ledger).load().approvals
    assert [(a.step, a.by, a.digest) for a in approvals] == [
        ("prepared", "Accountant", parts), ("reviewed", "Controller", parts), ("approved", "Director", parts),
    ]  # fmt: skip
    run(*ask)  # the same request, to the byte
    assert out.read_bytes() == issued
    stored = Store(ledger).load()
    assert len(stored.approvals) == 3
    assert from_lines(to_lines(stored).encode()) == stored
    twice = run("ledger", "approve", ledger, out, "--step", "approved", "--by", "Director", status=2)
    assert "recorded as approved by the same person already" in twice.stderr
    assert (
        "names who gave it" in run("ledger", "approve", ledger, out, "--step", "approved", "--by", " ", status=2).stderr
    )
    no = stored.entries[-1].no
    run("ledger", "void", ledger, no, "--why", "the wrong file")
    assert [a.step for a in Store(ledger).load().approvals] == ["prepared", "reviewed"]
