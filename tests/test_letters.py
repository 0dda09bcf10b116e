"""Letters: kinds and their days, what is known of them when, who may be a participant, and the report by year."""

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

from grantcalc.billing.adjustments import adjust
from grantcalc.billing.claims import bill
from grantcalc.billing.ledger import Ledger
from grantcalc.billing.lines import Limit
from grantcalc.cli import main
from grantcalc.eligibility import Participant, phase_starts
from grantcalc.errors import Unknown, WorkbookRejected
from grantcalc.io.awardread import read_award
from grantcalc.io.caseloadread import read_caseload
from grantcalc.io.cells import open_book
from grantcalc.io.inputs import read_workbooks
from grantcalc.io.letterbook import letter_book, write_letters
from grantcalc.io.letterread import read_letters
from grantcalc.io.press import book_bytes
from grantcalc.io.reproduce import run_of
from grantcalc.io.templates import write_input
from grantcalc.known import Fact
from grantcalc.letters import (
    Event,
    Log,
    Person,
    check_log,
    days_of,
    family_is_served,
    interim_days,
    letters_by_year,
    letters_of,
    log_of,
    may_participate,
    published_letters,
    statuses,
)
from grantcalc.periods import Interval
from grantcalc.provenance import Authority
from tests import small

WHO = Participant("SUB-A", "P-1")
DAY = timedelta(days=1)
ON = date(2012, 2, 14)
LATE = date(2030, 1, 1)
PHASES: Mapping[str, tuple[str, ...]] = {
    "certified": ("certification_letter", "eligibility_letter"),
    "interim": ("interim_assistance_letter",),
    "pre_certification": (),
}


def issued(kind: str, day: date = ON, number: str = "L-1", **other: Any) -> Event:
    return Event(number, "issued", **{"day": day, "published": day, "participant": WHO, "kind": kind, **other})


def then(event: str, day: date, number: str = "L-1", published: date | None = None) -> Event:
    return Event(number, event, day, published or day)


def log(*events: Event, people: tuple[Person, ...] = ()) -> Log:
    return Log(LATE, events, people)


def phase(found: Log, day: date, known: date = LATE) -> str:
    """The phase of a day, as billing makes it of the log."""
    starts = phase_starts(letters_of(found, known), PHASES, known)
    return [name for start, name in starts if start <= day.toordinal()][-1]


class TestDays:
    """Interim assistance: 90 days, extendable by 30. A certification that rests on continued presence ends with it."""

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
    """Citizens and permanent residents need no letter and are no participants; parolees, refugees and asylees are
    excluded under announcements from fiscal year 2021."""

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

    def test_others_and_families(self) -> None:
        assert may_participate("other", LATE, LATE).served
        assert [family_is_served(c) for c in ("T-2", "T-3", "T-4", "T-5", "T-6", "")] == [True] * 4 + [None] * 2
        with pytest.raises(Unknown):
            may_participate("citizen", LATE, LATE)
        assert len(statuses()) == 6


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
    def test_events(self, events: list[Event], causes: list[str]) -> None:
        assert [f.cause for f in check_log(log(*events), ON)] == causes

    @pytest.mark.parametrize(
        ("person", "causes"),
        [
            (Person(WHO), []),
            (Person(WHO, "us_citizen"), ["no_letter", "no_participant"]),
            (Person(WHO, "refugee"), ["no_participant"]),
            (Person(WHO, family_of=Participant("SUB-A", "P-2")), ["family"]),
            (Person(WHO, family_of=WHO, derivative="T-6"), ["derivative"]),
            (Person(WHO, family_of=WHO, derivative="T-2"), []),
        ],
    )
    def test_people(self, person: Person, causes: list[str]) -> None:
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
            people=(Person(WHO, family_of=Participant("SUB-A", "P-2")),),
        )
        first, second = letters_by_year(found)
        assert (first.year, first.adults, first.children, first.all, first.late) == (2012, 1, 0, 1, 0)
        assert (second.year, second.adults, second.children, second.all, second.interim) == (2013, 1, 1, 2, 1)
        assert (second.family, second.withdrawn, second.late, second.latest) == (3, 1, 1, 31)
        assert letters_by_year(found, border)[1].adults == 0

    def test_the_published_totals(self) -> None:
        """FY2001 195 adults; FY2007 303 in all; FY2013 406, 114; FY2014 530, 219; FY2017 446 adults."""
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
ROWS: small.Rows = {
    "Document": [{"issuer": "SUB-A", "report_date": small.REPORT, "label": "ILLUSTRATIVE"}],
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
        """The caseload of `small` says the same of both letters, but not that continued presence ended."""
        folder = small.world(tmp_path_factory).inputs
        network, caseload = read_award(folder / "award.xlsx"), read_caseload(folder / "caseload-a.xlsx")
        found, notes = read_letters(path, small.FIRST)
        assert notes == ()
        before = evolve(caseload, letters=letters_of(found, date(2011, 12, 19)))
        assert {(x.participant, x.kind, x.days) for x in before.letters} == {
            (x.participant, x.kind, x.days) for x in caseload.letters
        }
        after = evolve(caseload, letters=letters_of(found))
        counts = []
        for load in (before, after):
            lines = bill([load], network, small.THROUGH).lines
            who = Participant("SUB-A", "P-7731")
            counts.append({str(x.month): x.phase for x in lines if x.participant == who and x.service == "care"})
        assert counts[0] == dict.fromkeys(("2011-10", "2011-11", "2011-12"), "certified")
        assert counts[1] == {**counts[0], "2011-12": "waiting"}

    def test_an_announcement_after_the_report_date(self, path: Path) -> None:
        """Who is a participant goes by the day of the announcement, as known on the day that is asked for."""
        people = [{"participant": "P-7731", "status": "parolee"}, {"participant": "P-7732", "status": "other"}]
        write_input("letters", {**ROWS, "People": people}, path)
        announced, known = date(2021, 6, 1), date(2022, 1, 1)
        assert read_letters(path, announced)[1] == ()
        (note,) = read_letters(path, announced, known)[1]
        assert (note.cause, str(note.place)) == ("no_participant", "People!B2")
        words = ["letters", str(path), "--announced", str(announced), "--known", str(known)]
        assert "warning: People!B2: " in CliRunner().invoke(main, words, catch_exceptions=False).stderr
