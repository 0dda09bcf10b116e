"""Whether an award is in order, from the workbook to the list, its workbook and its calendar."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.cli import main
from grantcalc.compliance.check import check_awards
from grantcalc.compliance.record import ComplianceRecord
from grantcalc.compliance.results import ComplianceReport
from grantcalc.errors import WorkbookRejected
from grantcalc.io.exchange.documents import from_json
from grantcalc.io.inputs import read_award, read_record
from grantcalc.io.intake.cells import open_book
from grantcalc.io.intake.record import record_of_book
from grantcalc.io.intake.templates import write_template
from grantcalc.io.issued.calendar import CalendarEvent, calendar_bytes
from grantcalc.io.issued.compliance_report import write_due, write_order
from grantcalc.io.schemas.letters import LETTER_SHEETS
from grantcalc.io.schemas.outreach import OUTREACH_SHEETS
from grantcalc.io.schemas.record import RECORD_SHEETS
from tests import sample_program
from tests.test_examples import EXAMPLES

PARTNER = EXAMPLES / "regional-partner-2026"
DAY = timedelta(days=1)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words], catch_exceptions=False)


def order_of(path: Path, known: date | None = None) -> ComplianceReport:
    network = read_award(path)
    return check_awards(network, record_of_book(open_book(path), network), known=known)


@pytest.fixture(scope="module")
def order() -> ComplianceReport:
    return order_of(PARTNER / "award.xlsx")


class TestFromWorkbookToList:
    """One command prints the list, passes included, and a workbook sheet; a calendar of due
    dates."""

    def test_what_the_example_has_out_of_order(self, order: ComplianceReport) -> None:
        assert [(o.test, o.subject) for o in order.findings] == [
            ("pass_through", "award 90ZV-ILL-4"),
            ("elements", "subaward S-2"),
            ("uei", "subaward S-2"),
            ("fixed_amount", "subaward S-3"),
            ("indirect", "award 90ZV-ILL-4"),
            ("transfers", "award 90ZV-ILL-4"),
            ("audit", "organization PARTNER, year from 2024-09-30"),
        ]
        assert {o.test: o.source.sheet for o in order.findings}["fixed_amount"] == "Subaward record"

    def test_a_day_later_the_subaward_is_late(self) -> None:
        late = order_of(PARTNER / "award.xlsx", date(2026, 7, 1))
        assert ("reporting", "subaward S-3") in {(o.test, o.subject) for o in late.findings}

    def test_the_command(self, order: ComplianceReport, tmp_path: Path) -> None:
        out, calendar = tmp_path / "order.xlsx", tmp_path / "due.ics"
        result = run("check-award", PARTNER / "award.xlsx", "--out", out, "--calendar", calendar)
        assert result.exit_code == 1
        assert result.output.splitlines() == [
            *map(str, order.outcomes),
            "28 pass, 7 finding, 9 not tested, as known on 2026-06-30",
        ]
        rows = open_book(out).sheets["Tests"]
        assert len(rows) == 1 + len(order.outcomes)
        assert Counter(str(cells[0].value) for _, cells in rows[1:]) == Counter(o.result for o in order.outcomes)
        again = tmp_path / "again"
        assert write_order(order, again) and again.read_bytes() == out.read_bytes()
        write_due(order, again)
        assert again.read_bytes() == calendar.read_bytes()
        machine = json.loads(run("check-award", PARTNER / "award.xlsx", "--json").stdout)
        assert [(t["result"], t["says"]) for t in machine["outcomes"]] == [(o.result, o.says) for o in order.outcomes]
        assert from_json(json.dumps(machine)) == order
        assert machine["counts"] == {"pass": 28, "finding": 7, "not tested": 9}
        assert machine["label"].startswith("ILLUSTRATIVE")

    def test_with_caseloads_ceilings_are_tested_too(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        folder = sample_program.world(tmp_path_factory).inputs
        books = [folder / f"{name}.xlsx" for name in ("award", "caseload-a", "caseload-b")]
        result = run("check-award", *books, "--through", "2011-12")
        told = [line for line in result.output.splitlines() if line.startswith("finding: Months and amounts")]
        assert len(told) == 2
        assert "person: " in told[0]
        assert "care, at most 1 months of phase waiting are paid: " in told[1]
        assert result.exit_code == 1
        assert run("check-award", *books).exit_code == 2
        assert run("check-award", books[0], "--out", books[0]).exit_code == 2


class TestRecordSheets:
    """What tests ask beyond billing stands on sheets that may be left out; every bad cell is told
    at once."""

    def test_an_award_workbook_without_them(self, tmp_path: Path) -> None:
        sample_program.write(tmp_path, "award", sample_program.AWARD)
        book = open_book(tmp_path / "award.xlsx")
        assert not {layout.sheet for layout in RECORD_SHEETS} & {*book.sheets}
        assert record_of_book(book, read_award(tmp_path / "award.xlsx")) == ComplianceRecord()

    def test_a_template_has_them(self, tmp_path: Path) -> None:
        write_template("award", tmp_path / "award.xlsx")
        assert {layout.sheet for layout in RECORD_SHEETS} < {*open_book(tmp_path / "award.xlsx").sheets}

    @pytest.mark.parametrize(
        ("sheet", "row", "cell"),
        [
            ("Award record", {"fain": "90ZV9999"}, "A2"),
            ("Award record", {"fain": sample_program.FAIN, "indirect_rate": 15}, "G2"),
            ("Award record", {"fain": sample_program.FAIN, "final_report": sample_program.REPORT + DAY}, "K2"),
            ("Subaward record", {"subaward": "S-Z"}, "A2"),
            ("Subaward record", {"subaward": "S-A", "made": sample_program.REPORT + DAY}, "B2"),
            ("Budget", {"fain": sample_program.FAIN, "category": "rent", "amount": -1, "in_mtdc": "yes"}, "C2"),
            ("Transfers", {"fain": sample_program.FAIN, "on": sample_program.REPORT + DAY, "amount": 1}, "B2"),
            ("Fiscal years", {"organization": "ACME", "start": sample_program.FIRST, "expended": 1}, "A2"),
        ],
    )
    def test_a_bad_cell(self, tmp_path: Path, sheet: str, row: dict[str, Any], cell: str) -> None:
        row = {key: Decimal(value) if isinstance(value, int) else value for key, value in row.items()}
        sample_program.write(tmp_path, "award", {**sample_program.AWARD, sheet: [row]})
        network = read_award(tmp_path / "award.xlsx")
        with pytest.raises(WorkbookRejected) as refused:
            record_of_book(open_book(tmp_path / "award.xlsx"), network)
        assert [(f.place.sheet, f.place.cell) for f in refused.value.findings] == [(sheet, cell)]

    def test_a_day_may_be_the_report_date(self, tmp_path: Path) -> None:
        sample_program.write(
            tmp_path,
            "award",
            {**sample_program.AWARD, "Subaward record": [{"subaward": "S-A", "made": sample_program.REPORT}]},
        )
        network = read_award(tmp_path / "award.xlsx")
        assert read_record(tmp_path / "award.xlsx", network).subawards[0].made == sample_program.REPORT

    def test_the_same_network_with_and_without_them(self, tmp_path: Path) -> None:
        """What is not billed is no part of the digest of the facts: a claim issued before still
        verifies."""
        sample_program.write(tmp_path, "award", sample_program.AWARD)
        plain = read_award(tmp_path / "award.xlsx")
        sample_program.write(
            tmp_path,
            "award",
            {**sample_program.AWARD, "Award record": [{"fain": sample_program.FAIN, "cost_sharing": "no"}]},
        )
        more = read_award(tmp_path / "award.xlsx")
        assert (more, more.origin.facts) == (plain, plain.origin.facts)
        assert more.origin.digest != plain.origin.digest

    def test_every_sheet_and_column_is_described(self) -> None:
        page = (EXAMPLES.parent / "docs" / "workbooks.md").read_text("utf-8")
        for layout in (*RECORD_SHEETS, *LETTER_SHEETS[1:], *OUTREACH_SHEETS[1:]):
            section = page.partition(f"### {layout.sheet}\n")[2].partition("\n### ")[0]
            assert layout.note in section, layout.sheet
            for column in layout.columns:
                row = next((r for r in section.splitlines() if r.startswith(f"| {column.header} |")), "")
                assert row.endswith(f"| {'no' if column.required else 'yes'} | {column.note} |"), column.header


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=90)
EVENTS = st.lists(
    st.builds(
        CalendarEvent, st.text("0123456789abcdef", min_size=4), st.dates(date(1990, 1, 1), date(2090, 1, 1)), TEXT, TEXT
    ),
    max_size=6,
    unique_by=lambda e: e.uid,
)


class TestCalendar:
    """RFC 5545: lines of 75 octets at most, TEXT escaped, and nothing of the clock."""

    @given(EVENTS, st.dates(date(1990, 1, 1), date(2090, 1, 1)))
    def test_lines_are_short_and_whole(self, events: list[CalendarEvent], stamp: date) -> None:
        found = calendar_bytes(events, stamp)
        assert found == calendar_bytes(list(reversed(events)), stamp)
        assert found.endswith(b"END:VCALENDAR\r\n")
        lines = found.split(b"\r\n")[:-1]
        assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
        assert all(line.decode() for line in lines)
        assert found.count(b"BEGIN:VEVENT") == len(events)

    @pytest.mark.parametrize("letter", ["x", "é", "語", "\U0001f5d3"])
    def test_a_long_line_is_folded_at_75_octets_and_between_characters(self, letter: str) -> None:
        for size in range(60, 80):
            summary = letter * size
            lines = calendar_bytes([CalendarEvent("u", sample_program.FIRST, summary)], sample_program.FIRST).split(
                b"\r\n"
            )
            at = next(n for n, line in enumerate(lines) if line.startswith(b"SUMMARY:"))
            folded = lines[at : at + 1] + [line for line in lines[at + 1 :] if line.startswith(b" ")]
            assert all(75 - 3 <= len(line) <= 75 for line in folded[:-1])
            assert folded[0].decode() + "".join(line.decode()[1:] for line in folded[1:]) == f"SUMMARY:{summary}"
            assert len(folded[-1]) <= 75

    @given(EVENTS, st.dates(date(1990, 1, 1), date(2090, 1, 1)))
    def test_another_hand_reads_what_was_written(self, events: list[CalendarEvent], stamp: date) -> None:
        icalendar = pytest.importorskip("icalendar", reason="icalendar is not installed")
        read = icalendar.Calendar.from_ical(calendar_bytes(events, stamp)).walk("VEVENT")

        def plain(text: str) -> str:
            text = text.replace("\r\n", "\n")
            return "".join(" " if (c < " " and c != "\n") or c == "\x7f" else c for c in text)

        found = sorted((str(e["UID"]), e["DTSTART"].dt, str(e["SUMMARY"]), str(e.get("DESCRIPTION", ""))) for e in read)
        assert found == sorted((e.uid, e.day, plain(e.summary), plain(e.description)) for e in events)
        assert all(e["DTSTAMP"].dt.date() == stamp for e in read)

    def test_an_event_keeps_its_uid_whatever_the_day_of_knowledge(
        self, order: ComplianceReport, tmp_path: Path
    ) -> None:
        for known in (date(2026, 6, 29), date(2026, 6, 30)):
            write_due(order_of(PARTNER / "award.xlsx", known), tmp_path / f"{known}.ics")
        first, second = (
            {line for line in path.read_text("utf-8").splitlines() if line.startswith("UID")}
            for path in sorted(tmp_path.iterdir())
        )
        assert first == second
        assert len(first) == len(order.due) == 6


def test_terms_that_pay_no_rate_are_shown() -> None:
    page = run("programs", "show", "rescue-and-restore-regional").output
    assert "pass_through, at least: 60 % of the award" in page
    assert "HHS-2008-ACF-ORR-ZV-0048" in page


def test_rows_that_are_written_are_read() -> None:
    """Every record sheet of the example comes back with all its rows."""
    network = read_award(PARTNER / "award.xlsx")
    record = record_of_book(open_book(PARTNER / "award.xlsx"), network)
    sizes = len(record.awards), len(record.subawards), len(record.budget), len(record.transfers)
    assert (*sizes, len(record.fiscal_years)) == (1, 3, 3, 2, 2)
    assert record.budget[0].amount == 26_000_000
    assert str(record.awards[0].indirect_rate) == "3/20"
