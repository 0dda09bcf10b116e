"""Phases and paid months, and a participant at two subawards (Rulebook 3.1 and 4)."""

from __future__ import annotations

from datetime import date

import pytest

from grantcalc import Claim, Rejected
from tests.worked import (
    LETTER,
    MONTHS,
    MOVED,
    PHASED,
    SPRING,
    TWO,
    billed,
    care,
    lines,
    phased,
)


def told(claim: Claim) -> list[tuple[str, str, int, str]]:
    return [(m, q, a, x.phase) for (m, q, a), x in zip(lines(claim), claim.lines, strict=True)]


class TestPhases:
    """4.1 and 4.2: each enrolled day has one phase; a month under a whole-month policy has one."""

    def test_each_phase_has_its_own_days(self) -> None:
        assert told(billed(phased("actual_days"), SPRING + LETTER)) == [
            ("2024-03", "11/31", 22000, "waiting"),
            ("2024-03", "11/31", 11000, "certified"),
            ("2024-04", "15/30", 15500, "certified"),
            ("2024-04", "15/30", 31000, "waiting"),
            ("2024-05", "20/31", 40000, "waiting"),
        ]

    @pytest.mark.parametrize(
        ("phase_of_month", "march", "april"),
        [("first", "waiting", "certified"), ("last", "certified", "waiting"), ("better_paid", "waiting", "waiting")],
    )
    def test_the_phase_of_a_month(self, phase_of_month: str, march: str, april: str) -> None:
        claim = billed(phased("any_day", f'phase_of_month = "{phase_of_month}"\n'), SPRING + LETTER)
        assert [x.phase for x in claim.lines] == [march, april, "waiting"]
        assert [x.amount for x in claim.lines] == [{"waiting": 62000, "certified": 31000}[x.phase] for x in claim.lines]

    def test_an_enrollment_inside_one_phase(self) -> None:
        rows = 'enrollments = [{ participant = "P-1", start = 2024-03-25, end = 2024-04-10 }]\n'
        assert {(x.phase, x.amount) for x in billed(phased("any_day"), rows + LETTER).lines} == {("certified", 31000)}
        assert [(x.phase, x.quantity) for x in billed(phased("actual_days"), rows + LETTER).lines] == [
            ("certified", 7),
            ("certified", 10),
        ]

    def test_a_phase_that_begins_on_the_last_day(self) -> None:
        rows = 'enrollments = [{ participant = "P-1", start = 2024-03-20, end = 2024-03-21 }]\n'
        assert [(x.phase, x.quantity) for x in billed(phased("actual_days"), rows + LETTER).lines] == [
            ("waiting", 1),
            ("certified", 1),
        ]

    def test_a_restored_enrollment_that_begins_with_its_phase(self) -> None:
        rows = 'enrollments = [{ participant = "P-1", start = 2024-03-21, end = 2024-03-31, restored = true }]\n'
        claim = billed(phased("following_month", 'restored = "from_start"\n'), rows + LETTER)
        assert [(x.phase, x.quantity, x.divisor) for x in claim.lines] == [("certified", 11, 31)]

    def test_the_last_of_three_phases(self) -> None:
        short = LETTER.replace("2024-03-21, end = 2024-04-15", "2024-03-15, end = 2024-03-20")
        claim = billed(phased("any_day", 'phase_of_month = "last"\n'), SPRING + short)
        assert claim.lines[0].phase == "waiting"

    def test_the_better_paid_of_what_pays_next_to_nothing(self) -> None:
        """Waiting is at its limit in April and pays nothing: a cent is more, and of equals the
        earlier stands."""
        text = phased("any_day", 'phase_of_month = "better_paid"\n' + MONTHS)
        late = LETTER.replace("2024-03-21, end = 2024-04-15", "2024-04-15")
        for rate, phase in (("0.01", "certified"), ("0.00", "waiting")):
            claim = billed(text.replace("310.00", rate), SPRING + late)
            assert [x.phase for x in claim.lines[:2]] == ["waiting", phase]

    def test_at_most_so_many_paid_months_of_a_phase(self) -> None:
        """4.3: month N+1 yields a line of quantity 0 with the reason; a month of two phases counts
        for both."""
        claim = billed(phased("actual_days", MONTHS), SPRING + LETTER)
        assert told(claim)[3:] == [("2024-04", "0/30", 0, "waiting"), ("2024-05", "0/31", 0, "waiting")]
        assert [bool(x.reason) for x in claim.lines] == [False, False, False, True, True]
        assert str(claim.lines[3].reason or "") == "at most 1 months of phase waiting are paid"

    def test_the_better_paid_is_judged_after_that(self) -> None:
        claim = billed(phased("any_day", 'phase_of_month = "better_paid"\n' + MONTHS), SPRING + LETTER)
        assert told(claim) == [
            ("2024-03", "1", 62000, "waiting"),
            ("2024-04", "1", 31000, "certified"),
            ("2024-05", "0", 0, "waiting"),
        ]

    def test_of_equals_the_earlier(self) -> None:
        text = phased("any_day", 'phase_of_month = "better_paid"\n').replace("620.00", "310.00")
        assert [x.phase for x in billed(text, SPRING + LETTER).lines] == ["waiting", "certified", "waiting"]

    def test_months_used_before_in_a_caseload_kept_apart(self) -> None:
        """7.8: months used count for every service that limits the phase."""
        used = 'openings = [{ participant = "P-1", phase = "waiting", months = 1 }]\n'
        claim = billed(phased("any_day", MONTHS), SPRING + used)
        assert [q for _, q, _ in lines(claim)] == ["0", "0", "0"]
        three = MONTHS.replace("value = 1", "value = 3")
        twice = used.replace("]", ', { participant = "P-1", from = "B", phase = "waiting", months = 1 }]')
        assert [q for _, q, _ in lines(billed(phased("any_day", three), SPRING + twice))] == ["1", "0", "0"]
        other = used.replace("waiting", "certified")
        assert [q for _, q, _ in lines(billed(phased("any_day", MONTHS), SPRING + other))] == ["1", "0", "0"]

    def test_each_service_counts_its_own_months(self) -> None:
        second = care("any_day", MONTHS, PHASED).replace("services.care", "services.more")
        claim = billed(phased("any_day", MONTHS) + second, SPRING)
        assert [(x.service, x.quantity) for x in claim.lines] == [(s, d) for s in ("care", "more") for d in (1, 0, 0)]

    def test_a_limit_that_is_not_there_yet(self) -> None:
        later = MONTHS.replace("@", 'effective = 2024-05-01, published = 2024-05-01, cite = "m"')
        assert [q for _, q, _ in lines(billed(phased("any_day", later), SPRING))] == ["1", "1", "0"]


class TestTwoSubawards:
    """3.1: the month is counted once over all the participant's days; then there is one payee, or
    each its own days."""

    def test_one_payee(self) -> None:
        for payee, subaward in (("first", "S-1"), ("last", "S-2")):
            claim = billed(care("any_day", f'payee = "{payee}"\n'), MOVED)
            assert [(x.subaward, x.amount) for x in claim.lines] == [(subaward, 31000)]
            assert [x.day for x in claim.lines] == [date(2024, 3, 1)]
            back = MOVED.replace("2024-03-31 }]", '2024-03-20 }, { participant = "P-1", start = 2024-03-21 }]')
            claim = billed(care("any_day", f'payee = "{payee}"\n'), back + 'through = "2024-03"')
            assert [x.subaward for x in claim.lines] == ["S-1"]

    def test_each_its_own_days(self) -> None:
        claim = billed(care("actual_days"), MOVED)
        assert [(x.subaward, x.quantity, x.amount) for x in claim.lines] == [("S-1", 10, 10000), ("S-2", 21, 21000)]
        thirty = billed(care("thirty_days"), MOVED)
        assert [(x.quantity, x.divisor) for x in thirty.lines] == [(10, 31), (21, 31)]

    def test_there_and_back_is_one_line_each(self) -> None:
        back = MOVED.replace("2024-03-31 }]", '2024-03-20 }, { participant = "P-1", start = 2024-03-21 }]')
        claim = billed(care("actual_days"), back + 'through = "2024-03"')
        assert [(x.subaward, x.quantity) for x in claim.lines] == [("S-1", 21), ("S-2", 10)]
        assert [x.day for x in claim.lines] == [date(2024, 3, 1), date(2024, 3, 11)]

    def test_there_and_back_over_months(self) -> None:
        rows = TWO + (
            'enrollments = [{ participant = "P-1", start = 2024-05-01, end = 2024-05-10 }, '
            '{ participant = "P-1", start = 2024-03-01, end = 2024-03-10 }, '
            '{ participant = "P-1", subaward = "S-2", start = 2024-04-01, end = 2024-04-30 }]\n'
        )
        claim = billed(care("day"), rows)
        assert [(x.subaward, str(x.month), x.quantity) for x in claim.lines] == [
            ("S-1", "2024-03", 10),
            ("S-2", "2024-04", 30),
            ("S-1", "2024-05", 10),
        ]

    def test_on_one_day_it_is_refused(self) -> None:
        with pytest.raises(Rejected) as refused:
            billed(care("any_day"), MOVED.replace("2024-03-11", "2024-03-10"))
        assert [f.cause for f in refused.value.findings] == ["two_subawards"]
