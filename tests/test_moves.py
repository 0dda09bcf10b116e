"""A participant who moves: a month is paid on exactly one side, as one caseload would pay it
(Rulebook 7.9)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner

from grantcalc import Caseload, Month, bill
from grantcalc.billing import EnrolledElsewhere, move
from grantcalc.cli import main
from grantcalc.errors import Rejected
from grantcalc.io.intake.cells import open_book
from grantcalc.periods import Interval
from grantcalc.terms.vocabulary import PROPORTIONAL, WHOLE_MONTH
from tests import sample_program, worlds
from tests.sample_program import AWARD, CASELOAD_A, FAIN
from tests.worked import care, terms

LIMIT = """
[ceilings.person]
title = "Ceiling"
cite = "m"
window = "budget_period"
amounts = [{ tier = "alone", value = "1000.00 USD", @ }, { tier = "with_family", value = "1000.00 USD", @ }]
"""
MONTHS_LIMIT = "[phases]\ncertified = ['certification_letter']\nwaiting = []\n"
REPORT = date(2025, 12, 31)
SUBS = (worlds.Sub("S-A", reporters=("A",)), worlds.Sub("S-B", reporters=("B",)), worlds.Sub("S-1"))
A, B, ONE = worlds.who("P-1", "A"), worlds.who("Q-7", "B"), worlds.who("R-1")
BOTH = (worlds.Sub("S-A", reporters=("A", "SITE")), worlds.Sub("S-B", reporters=("B", "SITE")))


def apart(of: Any, start: str, last: str, first_day: str, end: str | None) -> tuple[Caseload, Caseload]:
    """The caseloads of both sides, with what the move passes on."""
    sending = worlds.caseload((A,), "A", REPORT, enrollments=(worlds.enrolled(A, start, last, "S-A"),))
    receiving = worlds.caseload((B,), "B", REPORT, enrollments=(worlds.enrolled(B, first_day, end, "S-B"),))
    moved = move(sending, of, A, worlds.day(first_day))
    return moved.sent(sending), moved.received(receiving, B)


def by_subaward_and_month(*claims: Any) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for claim in claims:
        for line, amount in (*((x, x.amount) for x in claim.lines), *((x.line, x.amount) for x in claim.reductions)):
            key = line.subaward, str(line.month)
            sums[key] = sums.get(key, 0) + amount
    return {key: cents for key, cents in sums.items() if cents}


class TestNeverTwiceNeverNone:
    """Kept apart, a participant who moves is paid month by month what one caseload of both would be
    paid."""

    @pytest.mark.parametrize("payee", ["first", "last"])
    @pytest.mark.parametrize("count", [*WHOLE_MONTH, *PROPORTIONAL])
    def test_every_policy(self, count: str, payee: str) -> None:
        program = terms(care(count, f'payee = "{payee}"\n') + LIMIT)
        of, together = worlds.network(program, SUBS), worlds.network(program, BOTH)
        for last, first_day in (
            ("2024-03-10", "2024-03-11"), ("2024-03-15", "2024-03-16"), ("2024-03-31", "2024-04-01"),
            ("2024-03-01", "2024-03-31"), ("2024-03-10", "2024-04-12"), ("2024-03-10", "2024-06-01"),
        ):  # fmt: skip
            sent, received = apart(of, "2024-01-10", last, first_day, "2024-07-20")
            stays = (
                worlds.enrolled(ONE, "2024-01-10", last, "S-A"),
                worlds.enrolled(ONE, first_day, "2024-07-20", "S-B"),
            )
            one = worlds.caseload((ONE,), "SITE", REPORT, enrollments=stays)
            expected = by_subaward_and_month(bill(one, together, Month(2024, 12)))
            found = by_subaward_and_month(*(bill(load, of, Month(2024, 12)) for load in (sent, received)))
            assert found == expected, (count, payee, last, first_day)
            assert expected

    def test_what_went_wrong_before(self) -> None:
        """An any-day month was paid twice; with the months used as an opening alone it was paid on
        neither side."""
        of = worlds.network(terms(care("any_day")), SUBS)
        sent, received = apart(of, "2024-01-10", "2024-03-10", "2024-03-11", None)
        without = [bill(evolve(load, elsewhere=()), of, Month(2024, 3)) for load in (sent, received)]
        assert by_subaward_and_month(*without)["S-B", "2024-03"] == 31_000
        paid = by_subaward_and_month(*(bill(load, of, Month(2024, 3)) for load in (sent, received)))
        assert paid == {("S-A", "2024-01"): 31_000, ("S-A", "2024-02"): 31_000, ("S-A", "2024-03"): 31_000}

    @pytest.mark.parametrize(("payee", "here", "there"), [("first", 62_000, 0), ("last", 31_000, 31_000)])
    def test_the_worked_case_of_the_rulebook(self, payee: str, here: int, there: int) -> None:
        of = worlds.network(terms(care("any_day", f'payee = "{payee}"\n')), SUBS)
        sent, received = apart(of, "2024-11-01", "2024-12-10", "2024-12-11", "2024-12-31")
        assert [bill(load, of, Month(2024, 12)).total.amount * 100 for load in (sent, received)] == [here, there]
        of = worlds.network(terms(care("actual_days")), SUBS)
        sent, received = apart(of, "2024-11-01", "2024-12-10", "2024-12-11", "2024-12-31")
        assert [bill(load, of, Month(2024, 12)).total.amount * 100 for load in (sent, received)] == [41_000, 21_000]

    def test_paid_months_are_counted_once(self) -> None:
        """Three paid months: two on one side leave one on the other, although a month is shared."""
        program = MONTHS_LIMIT + care(
            "any_day",
            'months = [{ phase = "waiting", value = 3, @ }]\n',
            'rates = [{ phase = "certified", value = "1.00 USD", @ }, {phase = "waiting", value = "310.00 USD", @ }]\n',
        )
        of = worlds.network(terms(program), SUBS)
        sent, received = apart(of, "2024-02-10", "2024-03-10", "2024-03-11", "2024-06-30")
        assert [row.months for row in received.openings if row.months] == [2]
        paid = by_subaward_and_month(*(bill(load, of, Month(2024, 12)) for load in (sent, received)))
        assert paid == {("S-A", "2024-02"): 31_000, ("S-A", "2024-03"): 31_000, ("S-B", "2024-04"): 31_000}


class TestWhatIsPassedOn:
    """Months, dollars and days, without a code; and where the month of the move is paid."""

    def test_sentences(self) -> None:
        first = worlds.network(terms(care("any_day")), SUBS)
        last = worlds.network(terms(care("any_day", 'payee = "last"\n')), SUBS)
        days = worlds.network(terms(care("actual_days")), SUBS)
        load = worlds.caseload((A,), "A", REPORT, enrollments=(worlds.enrolled(A, "2024-01-10", "2024-03-10", "S-A"),))
        said = [move(load, of, A, date(2024, 3, 11)).sentences[0] for of in (first, last, days)]
        assert said[0] == "care of 2024-03 is paid here, and not at the receiving side."
        assert said[1].startswith("care of 2024-03 is not paid here; the receiving side")
        assert said[2] == "care of 2024-03: each side is paid for its own days."

    def test_the_row_published_last_applies(self) -> None:
        of = worlds.network(terms(care("any_day")), SUBS)
        _, load = apart(of, "2024-01-10", "2024-03-10", "2024-03-11", None)
        (row,) = load.elsewhere
        ended = evolve(row, days=Interval(row.days.start, date(2024, 2, 29)), published=date(2025, 6, 1))
        march = bill(evolve(load, elsewhere=(row, ended)), of, Month(2024, 3))
        assert march.total == bill(load, of, Month(2024, 3)).total  # published before the row that it would restate
        later = evolve(load, elsewhere=(evolve(row, published=date(2025, 1, 1)), ended))
        assert bill(later, of, Month(2024, 3)).total.amount == 310
        gone = evolve(load, elsewhere=(evolve(row, published=date(2025, 1, 1)), evolve(row, void=True)))
        assert bill(gone, of, Month(2024, 3)).total.amount == 310

    def test_a_second_move_passes_on_the_first(self) -> None:
        of = worlds.network(terms(care("once") + LIMIT), SUBS)
        _, received = apart(of, "2024-01-10", "2024-03-10", "2024-03-11", "2024-05-05")
        again = move(received, of, B, date(2024, 5, 6))
        assert [(row.given_by, int(row.amount)) for row in again.openings] == [("A", 31_000)]
        assert [row.given_by for row in again.elsewhere] == ["A", "B"]

    def test_refused(self) -> None:
        of = worlds.network(terms(care("any_day")), SUBS)
        load = worlds.caseload((A,), "A", REPORT, enrollments=(worlds.enrolled(A, "2024-01-10", None, "S-A"),))
        with pytest.raises(Rejected, match="this enrollment is not ended by 2024-03-11"):
            move(load, of, A, date(2024, 3, 11))
        with pytest.raises(Rejected, match="was not enrolled here before"):
            move(load, of, A, date(2024, 1, 1))
        there = EnrolledElsewhere(participant=A, award=worlds.FAIN, days=Interval(date(2024, 2, 1)), published=REPORT)
        with pytest.raises(Rejected, match="enrolled here on one of these days"):
            bill(evolve(load, elsewhere=(there,)), of, Month(2024, 3))
        with pytest.raises(Rejected, match="the award workbook lists no such award"):
            bill(evolve(load, elsewhere=(evolve(there, award="90ZV9999"),)), of, Month(2024, 3))

    def test_the_command_and_back(self, tmp_path: Path) -> None:
        award = sample_program.write(tmp_path, "award", AWARD)
        sending = sample_program.write(tmp_path, "caseload", CASELOAD_A, "a.xlsx")
        out = tmp_path / "move.xlsx"
        command = ["move", award, sending, "--participant", "P-7733", "--first-day", "2011-12-10", "--out", out]
        answer = CliRunner().invoke(main, [str(word) for word in command], catch_exceptions=False)
        assert answer.exit_code == 0, answer.output
        assert "care of 2011-12: each side is paid for its own days." in answer.stdout
        assert "P-7733" not in answer.stdout
        sheets = open_book(out).sheets
        assert list(sheets) == ["Move", "Openings", "Elsewhere"]
        cells = [cell.value for rows in sheets.values() for _, row in rows for cell in row]
        assert not [value for value in cells if "P-7733" in str(value)]
        told = json.loads(CliRunner().invoke(main, [*map(str, command), "--json"]).stdout)
        assert told["elsewhere"] == [{"award": FAIN, "start": "2011-10-20", "end": "2011-12-07", "kept_by": "SUB-A"}]
        assert [o["months"] for o in told["openings"] if o["months"]] == [1]
        rows: dict[str, Any] = {
            "Document": [{"issuer": "SUB-B", "report_date": date(2012, 1, 10)}],
            "Participants": [{"participant": "Q-1", "age_group": "adult"}],
            "Enrollment": [{"participant": "Q-1", "subaward": "S-B", "start": date(2011, 12, 10)}],
            "Elsewhere": [{"participant": "Q-1", "award": FAIN, "start": date(2011, 10, 20), "end": date(2011, 12, 7)}],
        }
        receiving = sample_program.write(tmp_path, "caseload", rows, "b.xlsx")
        billed = CliRunner().invoke(
            main, ["bill", str(award), str(receiving), "--through", "2011-12", "--out", str(tmp_path / "c.xlsx")]
        )
        assert billed.exit_code == 0, billed.output
