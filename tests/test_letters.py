"""Letters: kinds and their days, what is known of them when, who may be a participant, and the
report by year."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.audit.run import run_of
from grantcalc.billing.claims import bill
from grantcalc.billing.lines import Reduction
from grantcalc.cli import main
from grantcalc.eligibility import Participant, phase_starts
from grantcalc.errors import Unknown, WorkbookRejected
from grantcalc.io.inputs import read_award, read_caseload, read_letters, read_workbooks
from grantcalc.io.intake.cells import open_book
from grantcalc.io.intake.templates import write_input
from grantcalc.io.issued.letter_report import letter_book, write_letters
from grantcalc.known import Fact
from grantcalc.ledger.adjustments import adjust
from grantcalc.ledger.ledger import Ledger
from grantcalc.letter_checks import check_log
from grantcalc.letter_years import letters_by_year, published_letters
from grantcalc.letters import (
    LetterEvent,
    Log,
    PersonServed,
    days_of,
    family_is_served,
    interim_days,
    letters_of,
    log_of,
    may_participate,
    statuses,
)
from grantcalc.periods import Interval
from grantcalc.provenance import Authority
from grantcalc.terms.vocabulary import STATUSES
from grantcalc.xlsx.writer import book_bytes
from tests import sample_program

WHO = Participant("SUB-A", "P-1")
DAY = timedelta(days=1)
ON = date(2012, 2, 14)
LATE = date(2030, 1, 1)
PHASES: Mapping[str, tuple[str, ...]] = {
    "certified": ("certification_letter", "eligibility_letter"),
    "interim": ("interim_assistance_letter",),
    "pre_certification": (),
}


def issued(kind: str, day: date = ON, number: str = "L-1", **other: Any) -> LetterEvent:
    return LetterEvent(
        number=number, event="issued", **{"day": day, "published": day, "participant": WHO, "kind": kind, **other}
    )


def then(event: str, day: date, number: str = "L-1", published: date | None = None) -> LetterEvent:
    return LetterEvent(number=number, event=event, day=day, published=published or day)


def log(*events: LetterEvent, people: tuple[PersonServed, ...] = ()) -> Log:
    return Log(report_date=LATE, events=events, people=people)


def phase(found: Log, day: date, known: date = LATE) -> str:
    """The phase of a day, as billing makes it of the log."""
    starts = phase_starts(letters_of(found, known), PHASES, known)
    return [name for start, name in starts if start <= day.toordinal()][-1]


class TestDays:
    """Interim assistance: 90 days, extendable by 30. A certification that rests on continued
    presence ends with it."""

    @pytest.mark.parametrize(("extended", "last"), [(False, 89), (True, 119)])
    def test_the_last_day_of_an_interim_letter_and_the_day_after(self, extended: bool, last: int) -> None:
        assert interim_days(extended) == last + 1
        found = log(issued("interim_assistance"), *([then("extended", ON + 80 * DAY)] if extended else []))
        assert [phase(found, ON + n * DAY) for n in (-1, 0, last, last + 1)] == [
            "pre_certification",
            "interim",
            "interim",
            "pre_certification",
        ]

    def test_an_eligibility_letter_ends_the_interim_phase(self) -> None:
        found = log(issued("interim_assistance"), issued("eligibility", ON + 50 * DAY, "L-2"))
        assert [phase(found, ON + n * DAY) for n in (49, 50, 200)] == ["interim", "certified", "certified"]

    def test_continued_presence(self) -> None:
        found = log(issued("certification", basis="continued_presence"), then("ended", ON + 60 * DAY))
        assert [phase(found, ON + n * DAY) for n in (60, 61)] == ["certified", "pre_certification"]
        assert phase(log(issued("certification", basis="t_visa")), LATE) == "certified"

    def test_withdrawn(self) -> None:
        found = log(issued("certification"), then("withdrawn", ON + 5 * DAY))
        assert [phase(found, ON + n * DAY) for n in (4, 5)] == ["certified", "pre_certification"]
        assert letters_of(log(issued("certification"), then("withdrawn", ON))) == ()

    @given(st.integers(0, 400), st.integers(0, 400), st.booleans())
    def test_no_event_makes_a_letter_longer_but_an_extension(self, ended: int, withdrawn: int, extended: bool) -> None:
        letter = issued("interim_assistance")
        more = [then("extended", ON)] if extended else []
        whole = days_of(letter, more)
        cut = days_of(letter, [*more, then("ended", ON + ended * DAY), then("withdrawn", ON + withdrawn * DAY)])
        assert whole
        assert whole.end
        assert (cut is None) == (withdrawn == 0)
        assert cut is None or (cut.end and cut.end <= whole.end)


class TestKnown:
    """A late letter, and a late withdrawal, are seen from the day on which they were known."""

    def test_a_late_letter(self) -> None:
        found = log(evolve(issued("certification"), published=ON + 90 * DAY))
        assert [phase(found, ON, ON + n * DAY) for n in (89, 90)] == ["pre_certification", "certified"]

    def test_a_late_withdrawal(self) -> None:
        found = log(issued("certification"), then("withdrawn", ON + 10 * DAY, published=ON + 100 * DAY))
        day = ON + 50 * DAY
        assert [phase(found, day, ON + n * DAY) for n in (99, 100)] == ["certified", "pre_certification"]


class TestPlace:
    """Citizens and permanent residents need no letter and are no participants; parolees, refugees
    and asylees are excluded under announcements from fiscal year 2021."""

    @pytest.mark.parametrize("status", ["us_citizen", "lawful_permanent_resident"])
    def test_never(self, status: str) -> None:
        for day in (date(2001, 1, 1), LATE):
            place = may_participate(status, day, LATE)
            assert (place.served, place.needs_letter) == (False, False)
            assert place.authority == Authority("22 USC 7105(b)(1)(F)")

    @pytest.mark.parametrize("status", ["parolee", "refugee", "asylee"])
    def test_the_day_before_and_the_day_of_the_change(self, status: str) -> None:
        change = date(2020, 10, 1)
        assert [may_participate(status, day, LATE).served for day in (change - DAY, change)] == [True, False]
        assert may_participate(status, change, LATE).authority.citation == "HHS-2021-ACF-IOAS-OTIP-ZV-1948"
        known = date(2021, 9, 30)
        assert [may_participate(status, change, k).served for k in (known - DAY, known)] == [True, False]

    @pytest.mark.parametrize("status", ["refugee", "asylee"])
    def test_eligible_in_their_own_right(self, status: str) -> None:
        """They need no letter, before the announcement of fiscal year 2021 as after it."""
        for day in (date(2019, 1, 1), LATE):
            place = may_participate(status, day, LATE)
            assert not place.needs_letter
            assert place.no_letter == Authority("45 CFR 400.43(a)(2) and (3)", "eligible in their own right")
        assert may_participate("parolee", LATE, LATE).needs_letter
        assert may_participate("other", LATE, LATE).no_letter is None

    def test_others_and_families(self) -> None:
        assert may_participate("other", LATE, LATE).served
        assert [family_is_served(c) for c in ("T-2", "T-5", "T-6", "T-7", "")] == [True] * 3 + [None] * 2
        with pytest.raises(Unknown):
            may_participate("citizen", LATE, LATE)
        assert statuses() == STATUSES


class TestFindings:
    """What is wrong in a log is told; each finding has a log that has nothing else wrong."""

    @pytest.mark.parametrize(
        ("events", "causes"),
        [
            ([issued("certification")], []),
            ([issued("certification"), issued("certification")], ["twice"]),
            ([then("withdrawn", ON)], ["letter"]),
            ([issued("certification"), then("withdrawn", ON - DAY)], ["order"]),
            ([issued("eligibility"), then("extended", ON)], ["kind"]),
            ([issued("eligibility", basis="t_visa")], ["basis"]),
            ([issued("certification", basis="t_visa"), then("ended", ON)], ["basis"]),
        ],
    )
    def test_events(self, events: list[LetterEvent], causes: list[str]) -> None:
        assert [f.cause for f in check_log(log(*events), ON)] == causes

    @pytest.mark.parametrize(
        ("person", "causes"),
        [
            (PersonServed(WHO), []),
            (PersonServed(WHO, "us_citizen"), ["no_letter", "no_participant"]),
            (PersonServed(WHO, "refugee"), ["no_letter", "no_participant"]),
            (PersonServed(WHO, "asylee"), ["no_letter", "no_participant"]),
            (PersonServed(WHO, "parolee"), ["no_participant"]),
            (PersonServed(WHO, family_of=Participant("SUB-A", "P-2")), ["family"]),
            (PersonServed(WHO, family_of=WHO, derivative="T-6"), []),
            (PersonServed(WHO, family_of=WHO, derivative="T-7"), ["derivative"]),
            (PersonServed(WHO, family_of=WHO, derivative="T-2"), []),
        ],
    )
    def test_people(self, person: PersonServed, causes: list[str]) -> None:
        found = check_log(log(issued("certification"), people=(person,)), LATE)
        assert [f.cause for f in found] == causes


class TestReport:
    """Letters by federal fiscal year, adult or child, with the published totals beside them."""

    def test_years_begin_in_october(self) -> None:
        border = date(2012, 10, 1)
        found = log(
            issued("certification", border - DAY),
            issued("eligibility", border, "L-2"),
            issued("interim_assistance", border, "L-3"),
            then("withdrawn", LATE, "L-2"),
            evolve(issued("certification", border, "L-4"), published=border + 31 * DAY),
            people=(PersonServed(WHO, family_of=Participant("SUB-A", "P-2")),),
        )
        first, second = letters_by_year(found)
        assert (first.year, first.adults, first.children, first.all, first.late) == (2012, 1, 0, 1, 0)
        assert (second.year, second.adults, second.children, second.all, second.interim) == (2013, 1, 1, 2, 1)
        assert (second.family, second.withdrawn, second.late, second.latest) == (3, 1, 1, 31)
        assert letters_by_year(found, border)[1].adults == 0

    def test_the_published_totals(self) -> None:
        """FY2001 195 adults; FY2007 303 in all; FY2013 406, 114; FY2014 530, 219; FY2017 446
        adults."""
        found = {key: [f.value for f in series.facts] for key, series in published_letters().items()}
        assert found == {
            (2001, "adults"): [195],
            (2007, "all"): [303],
            (2013, "adults"): [406],
            (2013, "children"): [114],
            (2014, "adults"): [530],
            (2014, "children"): [219],
            (2017, "adults"): [446],
        }
        assert all(f.authority.citation for series in published_letters().values() for f in series.facts)

    def test_a_restatement_is_shown_and_nothing_is_overwritten(self) -> None:
        """ILLUSTRATIVE: another publication gives 407 for 406."""
        fact = Fact(407, date(2012, 10, 1), date(2015, 1, 1), Authority("ILLUSTRATIVE: a later publication"))
        restated = published_letters([(2013, "adults", fact)])
        series = restated[2013, "adults"]
        assert [series.at(date(2013, 1, 1), known).value for known in (date(2014, 12, 31), date(2015, 1, 1))] == [
            406,
            407,
        ]
        stated = letter_book(log(), restated).sheets[1].blocks[0]
        rows = [tuple(row)[:5] for row in stated.rows if tuple(row)[:2] == ("2013", "adults")]
        assert [(row[2], row[4]) for row in rows] == [(406, "restated since"), (407, "stands")]


KNOWN = date(2011, 10, 14)
ROWS: sample_program.Rows = {
    "Document": [{"issuer": "SUB-A", "report_date": sample_program.REPORT, "label": "ILLUSTRATIVE"}],
    "Letter log": [
        {"number": "L-1", "event": "issued", "day": date(2011, 10, 12), "published": KNOWN, "participant": "P-7731",
         "kind": "certification", "basis": "continued_presence"},
        {"number": "L-2", "event": "issued", "day": date(2011, 10, 12), "published": KNOWN, "participant": "P-7732",
         "kind": "eligibility"},
        {"number": "L-1", "event": "ended", "day": date(2011, 11, 30), "published": date(2011, 12, 20)},
    ],
    "People": [
        {"participant": "P-7731", "status": "other"},
        {"participant": "P-7732", "status": "other", "family_of": "P-7731", "derivative": "T-2"},
    ],
}  # fmt: skip


class TestFromWorkbookToReport:
    """The log's letters are the phases of billing, and come out as a report."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        write_input("letters", ROWS, tmp_path / "letters.xlsx")
        return tmp_path / "letters.xlsx"

    def test_it_feeds_the_phases_of_billing(self, path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        """The caseload of `small` says the same of both letters, but not that continued presence
        ended."""
        folder = sample_program.world(tmp_path_factory).inputs
        network, caseload = read_award(folder / "award.xlsx"), read_caseload(folder / "caseload-a.xlsx")
        found, notes = read_letters(path, sample_program.FIRST)
        assert notes == ()
        before = evolve(caseload, letters=letters_of(found, date(2011, 12, 19)))
        assert {(x.participant, x.kind, x.days) for x in before.letters} == {
            (x.participant, x.kind, x.days) for x in caseload.letters
        }
        after = evolve(caseload, letters=letters_of(found))
        counts = []
        for load in (before, after):
            lines = bill([load], network, sample_program.THROUGH).lines
            who = Participant("SUB-A", "P-7731")
            counts.append({str(x.month): x.phase for x in lines if x.participant == who and x.service == "care"})
        assert counts[0] == dict.fromkeys(("2011-10", "2011-11", "2011-12"), "certified")
        assert counts[1] == {**counts[0], "2011-12": "waiting"}

    def test_a_letter_whose_end_is_known_later_is_two(self) -> None:
        """Billed as known before the end was, the letter holds on; `letters_of` says from when it
        does not."""
        found = log(issued("certification"), then("ended", ON + 60 * DAY, published=ON + 90 * DAY))
        first, second = letters_of(found)
        assert (first.days, first.published, first.replaced) == (Interval(ON), ON, ON + 90 * DAY)
        assert (second.days, second.published, second.replaced) == (
            Interval(ON, ON + 60 * DAY),
            ON + 90 * DAY,
            None,
        )
        for known, name in ((89, "certified"), (90, "pre_certification")):
            starts = phase_starts((first, second), PHASES, ON + known * DAY)
            assert [said for start, said in starts if start <= (ON + 61 * DAY).toordinal()][-1] == name

    def test_an_announcement_after_the_report_date(self, path: Path) -> None:
        """Who is a participant goes by the day of the announcement, as known on the day that is
        asked for."""
        people = [{"participant": "P-7731", "status": "parolee"}, {"participant": "P-7732", "status": "other"}]
        write_input("letters", {**ROWS, "People": people}, path)
        announced, known = date(2021, 6, 1), date(2022, 1, 1)
        assert read_letters(path, announced)[1] == ()
        (note,) = read_letters(path, announced, known)[1]
        assert (note.cause, str(note.place)) == ("no_participant", "People!B2")
        words = ["letters", str(path), "--announced", str(announced), "--known", str(known)]
        assert "warning: People!B2: " in CliRunner().invoke(main, words, catch_exceptions=False).stderr

    def test_a_log_of_the_letters_sheet(self) -> None:
        letters = letters_of(
            log(issued("interim_assistance"), then("extended", ON), issued("certification", ON, "L-2"))
        )
        again = letters_of(log_of(letters, LATE))
        assert [(x.kind, x.days) for x in again] == [(x.kind, x.days) for x in letters]
        assert again[0].days == Interval(ON, ON + 119 * DAY)

    def test_the_command(self, path: Path) -> None:
        out = path.parent / "report.xlsx"
        run = CliRunner().invoke(main, ["letters", str(path), "--out", str(out)], catch_exceptions=False)
        assert "\nFFY 2012: adults 1, children 1, all 2; interim 0, withdrawn 0, known late 2" in run.output
        machine = CliRunner().invoke(main, ["letters", str(path), "--json"], catch_exceptions=False)
        assert json.loads(machine.stdout)[0]["all"] == 2
        sheets = open_book(out).sheets
        assert [cell.value for cell in sheets["Letters"][4][1][:4]] == ["2012", 1, 1, 2]
        again = path.parent / "again.xlsx"
        assert write_letters(read_letters(path, ON)[0], again) and again.read_bytes() == out.read_bytes()
        assert book_bytes(letter_book(read_letters(path, ON)[0], published_letters())) == out.read_bytes()
        texts = [c.value for rows in sheets.values() for _, cells in rows for c in cells if isinstance(c.value, str)]
        assert not [text for text in texts if "P-77" in text]

    def test_the_command_takes_a_caseload(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        folder = sample_program.world(tmp_path_factory).inputs
        run = CliRunner().invoke(main, ["letters", str(folder / "caseload-a.xlsx")], catch_exceptions=False)
        assert "\nFFY 2012: adults 1, children 1, all 2" in run.output

    def test_the_command_says_so_where_there_is_nothing(self, path: Path) -> None:
        none = CliRunner().invoke(main, ["letters", str(path), "--known", "2001-01-01"], catch_exceptions=False)
        assert none.output == "no letter is known by 2001-01-01\n"
        write_input("outreach", {"Document": ROWS["Document"]}, path)
        other = CliRunner().invoke(main, ["letters", str(path)], catch_exceptions=False)
        assert (
            other.exit_code,
            "this is an outreach workbook, expected a letter log or a caseload workbook" in other.output,
        ) == (2, True)

    def test_a_row_that_issues_says_for_whom_and_which(self, path: Path) -> None:
        rows: sample_program.Rows = {**ROWS, "Letter log": [{"number": "L-1", "event": "issued", "day": ON}]}
        write_input("letters", rows, path)
        with pytest.raises(WorkbookRejected) as refused:
            read_letters(path, ON)
        assert [f.place.cell for f in refused.value.findings] == ["D2"]


KNOWN_LATE = date(2012, 2, 1)
LATER: sample_program.Rows = {
    **ROWS,
    "Document": [{"issuer": "SUB-A", "report_date": KNOWN_LATE}],
    "Letter log": [*ROWS["Letter log"][:-1], {**ROWS["Letter log"][-1], "published": KNOWN_LATE}],
}  # the end of continued presence is known after the report date of the caseload
INPUTS = ("award.xlsx", "caseload.xlsx", "letters.xlsx")
WITHOUT: sample_program.Rows = {sheet: rows for sheet, rows in sample_program.CASELOAD_A.items() if sheet != "Letters"}


class TestBilledFromTheLog:
    """`grantcalc bill` takes a letter log beside the caseload; the claim names it, and is verified
    with it."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        sample_program.write(tmp_path, "award", sample_program.AWARD)
        sample_program.write(tmp_path, "caseload", WITHOUT)
        write_input("letters", ROWS, tmp_path / "letters.xlsx")
        return tmp_path

    def run(self, *words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)

    def bill(self, folder: Path, *more: object, letters: str = "letters.xlsx") -> Result:
        files = [folder / name for name in ("award.xlsx", letters, "caseload.xlsx")]
        return self.run("bill", *files, "--through", "2011-12", "--out", folder / "claim.xlsx", *more)

    def phases(self, folder: Path, known: date | None = None) -> dict[str, str]:
        network, loads = read_workbooks([folder / name for name in INPUTS])
        lines = bill(loads, network, sample_program.THROUGH, known).lines
        return {
            str(x.month): x.phase
            for x in lines
            if x.participant == Participant("SUB-A", "P-7731") and x.service == "care"
        }

    def test_from_workbooks_to_a_verified_claim(self, folder: Path) -> None:
        assert self.bill(folder).exit_code == 0
        claim = folder / "claim.xlsx"
        roles = {i.role: i.file for i in run_of(open_book(claim)).inputs}
        assert roles == {
            "award": "award.xlsx", "caseload": "caseload.xlsx", "letters": "letters.xlsx", "terms": "small.toml",
        }  # fmt: skip
        assert self.run("verify", claim, "--inputs", folder).output == ""
        assert self.run("regenerate", claim, "--inputs", folder, "-o", folder / "again.xlsx").exit_code == 0
        assert (folder / "again.xlsx").read_bytes() == claim.read_bytes()
        (folder / "letters.xlsx").rename(folder / "renamed.xlsx")
        assert self.run("verify", claim, "--inputs", folder).exit_code == 0
        (folder / "renamed.xlsx").unlink()
        lost = self.run("verify", claim, "--inputs", folder)
        assert (lost.exit_code, "1 input of role letters could not be found by digest" in lost.output) == (2, True)

    def test_another_log_is_another_claim(self, folder: Path) -> None:
        """The log that was billed is found by its digest, and a later one beside it changes
        nothing."""
        assert self.bill(folder).exit_code == 0
        write_input("letters", LATER, folder / "letters-later.xlsx")
        assert self.run("verify", folder / "claim.xlsx", "--inputs", folder).exit_code == 0

    def test_it_says_what_the_letters_sheet_says(self, folder: Path) -> None:
        """Before the end of continued presence was known, the log and the sheet of `small` are the
        same letters."""
        before = KNOWN_LATE - DAY
        write_input("letters", LATER, folder / "letters.xlsx")
        sample_program.write(folder, "caseload", sample_program.CASELOAD_A, "sheet.xlsx")
        sheet = read_caseload(folder / "sheet.xlsx")
        network, (load,) = read_workbooks([folder / name for name in INPUTS])
        listed = evolve(load, letters=sheet.letters, logs=())
        claims = [bill(each, network, sample_program.THROUGH, before) for each in (load, listed)]
        assert claims[0].lines == claims[1].lines
        assert claims[0].reductions == claims[1].reductions

    def test_continued_presence_that_ended_is_seen_from_the_day_it_was_known(self, folder: Path) -> None:
        write_input("letters", LATER, folder / "letters.xlsx")
        whole = dict.fromkeys(("2011-10", "2011-11", "2011-12"), "certified")
        assert self.phases(folder, KNOWN_LATE - DAY) == whole
        assert self.phases(folder, KNOWN_LATE) == {**whole, "2011-12": "waiting"}

    def test_what_a_late_end_takes_back_has_the_reason_letter(self, folder: Path) -> None:
        write_input("letters", LATER, folder / "letters.xlsx")
        network, loads = read_workbooks([folder / name for name in INPUTS])
        posted = Ledger().post(bill(loads, network, sample_program.THROUGH, KNOWN_LATE - DAY))
        found = adjust(posted, loads, network, sample_program.THROUGH, KNOWN_LATE)
        assert {c.reason for c in found.changes} <= {"letter", "ceiling"}
        lines = [c for c in found.changes if not isinstance(c.item, Reduction)]
        assert {c.reason for c in lines} == {"letter"}
        assert sum(c.amount for c in lines) == 20_000 - 33_333  # December at the rate without a letter
        assert posted.post(found.claim, found.changes).difference(found.claim) == ()

    def test_the_report_date_of_the_log_is_one_of_the_inputs(self, folder: Path) -> None:
        write_input("letters", LATER, folder / "letters.xlsx")
        network, loads = read_workbooks([folder / name for name in INPUTS])
        assert bill(loads, network, sample_program.THROUGH).known == KNOWN_LATE

    def test_check_reads_all_three(self, folder: Path) -> None:
        files = [folder / name for name in INPUTS]
        assert self.run("check", *files).exit_code == 0
        rows = {**ROWS, "Letter log": [{**ROWS["Letter log"][0], "participant": "P-9"}]}
        write_input("letters", rows, folder / "letters.xlsx")
        said = self.run("check", *files)
        assert (said.exit_code, said.output.splitlines()[-1].split(":")[0]) == (1, "Letter log!D2")

    @pytest.mark.parametrize(
        ("rows", "place", "cause"),
        [
            ({"Document": [{"issuer": "SUB-B", "report_date": sample_program.REPORT}]}, "Document", "issuer"),
            ({"Letter log": [{**ROWS["Letter log"][0], "participant": "P-9999"}]}, "Letter log!D2", "participant"),
            ({"Letter log": [{**ROWS["Letter log"][0], "event": "extended"}]}, "Letter log!A2", "letter"),
            ({"Letter log": [{**ROWS["Letter log"][0], "day": "Maria Lopez"}]}, "Letter log!C2", "date"),
        ],
    )
    def test_a_log_that_is_refused(self, rows: sample_program.Rows, place: str, cause: str, folder: Path) -> None:
        write_input("letters", {**ROWS, **rows}, folder / "letters.xlsx")
        said = self.bill(folder)
        assert (said.exit_code, (folder / "claim.xlsx").exists()) == (2, False)
        assert said.output.startswith(f"{place}: ") or f"\n{place}: " in said.output
        assert not any(secret in said.output for secret in ("Maria", "P-9999"))
        told = self.bill(folder, "--json").stdout
        assert {f["cause"] for f in json.loads(told)["findings"]} == {cause}

    def test_letters_stand_in_one_place(self, folder: Path) -> None:
        sample_program.write(folder, "caseload", sample_program.CASELOAD_A)
        said = self.bill(folder)
        assert (said.exit_code, "on its Letters sheet" in said.output) == (2, True)

    def test_an_issuer_has_one_log(self, folder: Path) -> None:
        write_input("letters", {**ROWS, "People": []}, folder / "more-letters.xlsx")
        said = self.bill(folder, folder / "more-letters.xlsx")
        assert (said.exit_code, "two letter logs have the same issuer" in said.output) == (2, True)

    def test_a_citizen_is_told(self, folder: Path) -> None:
        rows = {**ROWS, "People": [{"participant": "P-7731", "status": "us_citizen"}]}
        write_input("letters", rows, folder / "letters.xlsx")
        said = self.bill(folder)
        assert (said.exit_code, said.output.count("this person does not need a letter")) == (0, 1)
