"""From a caseload to a claim, line by line (Rulebook 2 to 5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from grantcalc import (
    Absence,
    Area,
    Authority,
    Award,
    BudgetPeriod,
    Caseload,
    Claim,
    Cost,
    Count,
    Enrollment,
    Fact,
    Filling,
    Household,
    Interval,
    Letter,
    Month,
    Network,
    NotInForce,
    Opening,
    Organization,
    Participant,
    Party,
    Registration,
    Rejected,
    Series,
    Source,
    Subaward,
    Terms,
    Units,
    Unknown,
    bill,
    compare,
    fill_terms,
    what_if,
)
from grantcalc.awards import Disallowance
from grantcalc.billing.caseload import Figure
from grantcalc.billing.cases import worked_cases
from grantcalc.billing.comparison import Changed
from grantcalc.billing.facts import _gaps
from grantcalc.errors import Place
from grantcalc.provenance import Input, Origin
from grantcalc.regions import REGIONS
from tests.worked import CARE, COSTS, KNOWN, billed, case, lines, terms

RATE = 'rates = [{ value = "310.00 USD", @ }]\n'
SPRING = 'enrollments = [{ participant = "P-1", start = 2024-03-10, end = 2024-05-20 }]\n'
TWO = 'subawards = [{ id = "S-1" }, { id = "S-2" }]\n'


def care(count: str, more: str = "", rate: str = RATE) -> str:
    return f'{CARE}count = "{count}"\n{rate}{more}'


class TestPolicies:
    """3: the worked table at 310.00 a month."""

    @pytest.mark.parametrize(
        ("policy", "found"),
        [
            ("any_day", [("2024-03", "1", 31000), ("2024-04", "1", 31000), ("2024-05", "1", 31000)]),
            ("first_day", [("2024-04", "1", 31000), ("2024-05", "1", 31000)]),
            ("actual_days", [("2024-03", "22/31", 22000), ("2024-04", "30/30", 31000), ("2024-05", "20/31", 20000)]),
            ("thirty_days", [("2024-03", "22/30", 22733), ("2024-04", "30/30", 31000), ("2024-05", "20/30", 20667)]),
            ("once", [("2024-03", "1", 31000)]),
            ("day", [("2024-03", "22", 682000), ("2024-04", "30", 930000), ("2024-05", "20", 620000)]),
        ],
    )
    def test_lines(self, policy: str, found: list[tuple[str, str, int]]) -> None:
        assert lines(billed(care(policy), SPRING)) == found

    def test_what_a_line_keeps(self) -> None:
        (line,) = billed(care("once"), SPRING).lines
        assert (line.issuer, line.participant, line.award) == ("SITE", Participant("SITE", "P-1"), "CASE-1")
        assert (line.subaward, line.service, line.pool, line.phase) == ("S-1", "care", "administration", "enrolled")
        assert (line.budget_period, line.n, line.day) == ("budget period", 1, date(2024, 3, 10))
        assert (line.category, line.reference, line.reason) == ("", "", "")
        assert line.rate is not None
        assert line.rate.authority == Authority("ILLUSTRATIVE: Manual")

    @pytest.mark.parametrize("policy", ["any_day", "actual_days", "day"])
    def test_pool_and_category_of_a_line(self, policy: str) -> None:
        lines = billed(care(policy), SPRING).lines
        assert {(x.pool, x.category, x.reference, x.reason) for x in lines} == {("administration", "", "", "")}

    def test_only_a_restored_enrollment_of_terms_that_say_so_counts_from_its_start(self) -> None:
        rows = 'enrollments = [{ participant = "P-1", start = 2024-05-16, end = 2024-05-31, restored = true }]\n'
        assert lines(billed(care("following_month"), rows)) == []
        assert lines(billed(care("following_month", 'restored = "from_start"\n'), rows)) == [
            ("2024-05", "16/31", 16000)
        ]

    def test_once_is_of_the_first_enrollment(self) -> None:
        again = SPRING.replace("]", ', { participant = "P-1", start = 2024-08-01 }]')
        assert lines(billed(care("once"), again)) == [("2024-03", "1", 31000)]

    def test_absences_are_nothing_to_a_policy_by_the_month(self) -> None:
        away = 'absences = [{ participant = "P-1", kind = "other", start = 2024-03-15, end = 2024-03-20 }]\n'
        assert lines(billed(care("actual_days"), SPRING + away)) == lines(billed(care("actual_days"), SPRING))

    @pytest.mark.parametrize("policy", ["any_day", "actual_days", "day"])
    def test_to_the_month_asked_for(self, policy: str) -> None:
        assert [m for m, _, _ in lines(billed(care(policy), SPRING + 'through = "2024-04"'))] == ["2024-03", "2024-04"]

    @pytest.mark.parametrize(("policy", "last"), [("any_day", "1"), ("actual_days", "10/30"), ("day", "10")])
    def test_days_after_known_are_not_billed(self, policy: str, last: str) -> None:
        """2.1."""
        claim = billed(care(policy), SPRING + "known = 2024-04-10")
        assert [(m, q) for m, q, _ in lines(claim)][1:] == [("2024-04", last)]

    def test_an_open_end_is_open(self) -> None:
        rows = 'enrollments = [{ participant = "P-1", start = 2024-11-30 }]\n'
        assert [(m, q) for m, q, _ in lines(billed(care("day"), rows))] == [("2024-11", "1"), ("2024-12", "31")]

    def test_days_outside_the_period_are_not_enrolled_days(self) -> None:
        rows = (
            "award = { awarded = 2023-12-01, start = 2024-04-10, end = 2024-05-05 }\n"
            'enrollments = [{ participant = "P-1", start = 2024-03-10 }]\n'
        )
        assert [(m, q) for m, q, _ in lines(billed(care("day"), rows))] == [("2024-04", "21"), ("2024-05", "5")]
        assert lines(billed(care("day"), rows.replace("start = 2024-03-10", "start = 2024-05-06"))) == []

    def test_overlapping_rows_count_each_day_once(self) -> None:
        rows = (
            'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-03-10 }, '
            '{ participant = "P-1", start = 2024-03-05, end = 2024-03-20 }, '
            '{ participant = "P-1", start = 2024-03-02, end = 2024-03-03 }, '
            '{ participant = "P-1", start = 2024-03-25, end = 2024-03-31 }, '
            '{ participant = "P-1", start = 2024-03-19, end = 2024-03-26 }]\n'
        )
        assert [(m, q) for m, q, _ in lines(billed(care("day"), rows))] == [("2024-03", "31")]

    def test_two_rows_that_overlap(self) -> None:
        rows = (
            'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-03-10 }, '
            '{ participant = "P-1", start = 2024-03-05, end = 2024-03-20 }]\n'
        )
        assert [(m, q) for m, q, _ in lines(billed(care("day"), rows))] == [("2024-03", "20")]

    def test_the_middle_was_told_first(self) -> None:
        """3 to 6 March were told on 6 March, 1 to 9 March on 31 March; three days to look back."""
        text = care("day", "look_back = [{ value = 3, @ }]\n")
        rows = (
            'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-03-09, published = 2024-03-31 }, '
            '{ participant = "P-1", start = 2024-03-03, end = 2024-03-06, published = 2024-03-06 }]\n'
        )
        claim = billed(text, rows)
        assert [(x.days, x.day) for x in claim.lines] == [(4, date(2024, 3, 3)), (0, date(2024, 3, 1))]

    def test_a_day_that_several_rows_tell_was_told_by_the_one_published_first(self) -> None:
        """3.2: with three days to look back, 1 to 4 March were told in time, 5 to 9 March only on 31 March."""
        text = care("day", "look_back = [{ value = 3, @ }]\n")
        rows = (
            'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-03-09, published = 2024-03-31 }, '
            '{ participant = "P-1", start = 2024-03-01, end = 2024-03-04, published = 2024-03-04 }]\n'
        )
        claim = billed(text, rows)
        assert [(m, q) for m, q, _ in lines(claim)] == [("2024-03", "4"), ("2024-03", "0")]
        assert claim.lines[1].reason == "made known more than 3 days after the day of service"


CHANGE = (
    'rates = [{ value = "310.00 USD", @ }, '
    '{ value = "620.00 USD", effective = 2024-03-21, published = 2024-03-01, cite = "m" }]\n'
)


class TestRates:
    """2.5: the day of service of a whole-month count is its first enrolled day; else each day takes its own rate."""

    def test_a_rate_that_changes_in_the_month(self) -> None:
        """10 to 20 March are 11 days at 310.00, 21 to 31 March 11 at 620.00."""
        march = SPRING + 'through = "2024-03"'
        assert lines(billed(care("any_day", rate=CHANGE), march)) == [("2024-03", "1", 31000)]
        assert lines(billed(care("actual_days", rate=CHANGE), march)) == [
            ("2024-03", "11/31", 11000),
            ("2024-03", "11/31", 22000),
        ]

    def test_by_the_day_of_enrollment_or_arrival(self) -> None:
        text = care("actual_days", 'rate_by = "enrolment_day"\n', CHANGE)
        assert [a for _, _, a in lines(billed(text, SPRING))] == [22000, 31000, 20000]
        arrived = SPRING + 'participants = [{ id = "P-1", arrived = 2024-03-21, eligible = 2024-03-20 }]\n'
        by = text.replace("enrolment_day", "arrival_day")
        assert [a for _, _, a in lines(billed(by, arrived))] == [44000, 62000, 40000]
        by = text.replace("enrolment_day", "eligibility_day")
        assert [a for _, _, a in lines(billed(by, arrived))] == [22000, 31000, 20000]
        with pytest.raises(NotInForce, match="no day on which a participant eligible is in force on 2024-03-10"):
            billed(by, SPRING)

    def test_where_no_rate_holds(self) -> None:
        """2.4: a refusal which names what was asked for, on which day and as known when."""
        later = RATE.replace("@", 'effective = 2024-03-11, published = 2024-03-11, cite = "m"')
        with pytest.raises(NotInForce) as refused:
            billed(care("any_day", rate=later), SPRING)
        assert refused.value == NotInForce("rate of care in phase enrolled", date(2024, 3, 10), KNOWN)


PHASES = "[phases]\ncertified = ['certification_letter']\nwaiting = []\n"
PHASED = 'rates = [{ phase = "certified", value = "310.00 USD", @ }, { phase = "waiting", value = "620.00 USD", @ }]\n'
LETTER = 'letters = [{ participant = "P-1", kind = "certification_letter", start = 2024-03-21, end = 2024-04-15 }]\n'


def phased(count: str, more: str = "") -> str:
    return PHASES + care(count, more, PHASED)


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
        assert [(x.phase, x.days) for x in billed(phased("actual_days"), rows + LETTER).lines] == [
            ("certified", 7),
            ("certified", 10),
        ]

    def test_a_phase_that_begins_on_the_last_day(self) -> None:
        rows = 'enrollments = [{ participant = "P-1", start = 2024-03-20, end = 2024-03-21 }]\n'
        assert [(x.phase, x.days) for x in billed(phased("actual_days"), rows + LETTER).lines] == [
            ("waiting", 1),
            ("certified", 1),
        ]

    def test_a_restored_enrollment_that_begins_with_its_phase(self) -> None:
        rows = 'enrollments = [{ participant = "P-1", start = 2024-03-21, end = 2024-03-31, restored = true }]\n'
        claim = billed(phased("following_month", 'restored = "from_start"\n'), rows + LETTER)
        assert [(x.phase, x.days, x.of) for x in claim.lines] == [("certified", 11, 31)]

    def test_the_last_of_three_phases(self) -> None:
        short = LETTER.replace("2024-03-21, end = 2024-04-15", "2024-03-15, end = 2024-03-20")
        claim = billed(phased("any_day", 'phase_of_month = "last"\n'), SPRING + short)
        assert claim.lines[0].phase == "waiting"

    def test_the_better_paid_of_what_pays_next_to_nothing(self) -> None:
        """Waiting is at its limit in April and pays nothing: a cent is more, and of equals the earlier stands."""
        text = phased("any_day", 'phase_of_month = "better_paid"\n' + self.MONTHS)
        late = LETTER.replace("2024-03-21, end = 2024-04-15", "2024-04-15")
        for rate, phase in (("0.01", "certified"), ("0.00", "waiting")):
            claim = billed(text.replace("310.00", rate), SPRING + late)
            assert [x.phase for x in claim.lines[:2]] == ["waiting", phase]

    MONTHS = 'months = [{ phase = "waiting", value = 1, @ }]\n'

    def test_at_most_so_many_paid_months_of_a_phase(self) -> None:
        """4.3: month N+1 yields a line of quantity 0 with the reason; a month of two phases counts for both."""
        claim = billed(phased("actual_days", self.MONTHS), SPRING + LETTER)
        assert told(claim)[3:] == [("2024-04", "0/30", 0, "waiting"), ("2024-05", "0/31", 0, "waiting")]
        assert [bool(x.reason) for x in claim.lines] == [False, False, False, True, True]
        assert claim.lines[3].reason == "at most 1 months of phase waiting are paid"

    def test_the_better_paid_is_judged_after_that(self) -> None:
        claim = billed(phased("any_day", 'phase_of_month = "better_paid"\n' + self.MONTHS), SPRING + LETTER)
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
        claim = billed(phased("any_day", self.MONTHS), SPRING + used)
        assert [q for _, q, _ in lines(claim)] == ["0", "0", "0"]
        three = self.MONTHS.replace("value = 1", "value = 3")
        twice = used.replace("]", ', { participant = "P-1", phase = "waiting", months = 1 }]')
        assert [q for _, q, _ in lines(billed(phased("any_day", three), SPRING + twice))] == ["1", "0", "0"]
        other = used.replace("waiting", "certified")
        assert [q for _, q, _ in lines(billed(phased("any_day", self.MONTHS), SPRING + other))] == ["1", "0", "0"]

    def test_each_service_counts_its_own_months(self) -> None:
        second = care("any_day", self.MONTHS, PHASED).replace("services.care", "services.more")
        claim = billed(phased("any_day", self.MONTHS) + second, SPRING)
        assert [(x.service, x.days) for x in claim.lines] == [(s, d) for s in ("care", "more") for d in (1, 0, 0)]

    def test_a_limit_that_is_not_there_yet(self) -> None:
        later = self.MONTHS.replace("@", 'effective = 2024-05-01, published = 2024-05-01, cite = "m"')
        assert [q for _, q, _ in lines(billed(phased("any_day", later), SPRING))] == ["1", "1", "0"]


MOVED = TWO + (
    'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-03-10 }, '
    '{ participant = "P-1", subaward = "S-2", start = 2024-03-11, end = 2024-03-31 }]\n'
)


class TestTwoSubawards:
    """3.1: the month is counted once over all the participant's days; then there is one payee, or each its own days."""

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
        assert [(x.subaward, x.days, x.amount) for x in claim.lines] == [("S-1", 10, 10000), ("S-2", 21, 21000)]
        thirty = billed(care("thirty_days"), MOVED)
        assert [(x.days, x.of) for x in thirty.lines] == [(10, 31), (21, 31)]

    def test_there_and_back_is_one_line_each(self) -> None:
        back = MOVED.replace("2024-03-31 }]", '2024-03-20 }, { participant = "P-1", start = 2024-03-21 }]')
        claim = billed(care("actual_days"), back + 'through = "2024-03"')
        assert [(x.subaward, x.days) for x in claim.lines] == [("S-1", 21), ("S-2", 10)]
        assert [x.day for x in claim.lines] == [date(2024, 3, 1), date(2024, 3, 11)]

    def test_there_and_back_over_months(self) -> None:
        rows = TWO + (
            'enrollments = [{ participant = "P-1", start = 2024-05-01, end = 2024-05-10 }, '
            '{ participant = "P-1", start = 2024-03-01, end = 2024-03-10 }, '
            '{ participant = "P-1", subaward = "S-2", start = 2024-04-01, end = 2024-04-30 }]\n'
        )
        claim = billed(care("day"), rows)
        assert [(x.subaward, str(x.month), x.days) for x in claim.lines] == [
            ("S-1", "2024-03", 10),
            ("S-2", "2024-04", 30),
            ("S-1", "2024-05", 10),
        ]

    def test_on_one_day_it_is_refused(self) -> None:
        with pytest.raises(Rejected) as refused:
            billed(care("any_day"), MOVED.replace("2024-03-11", "2024-03-10"))
        assert [f.cause for f in refused.value.findings] == ["two_subawards"]


@pytest.mark.parametrize(
    ("told", "gaps"),
    [
        ([], [(10, 20)]),
        ([(1, 9)], [(10, 20)]),
        ([(1, 10)], [(11, 20)]),
        ([(10, 12)], [(13, 20)]),
        ([(12, 14)], [(10, 11), (15, 20)]),
        ([(12, 12), (15, 20)], [(10, 11), (13, 14)]),
        ([(20, 30)], [(10, 19)]),
        ([(21, 30)], [(10, 20)]),
        ([(5, 25)], []),
    ],
)
def test_days_that_are_not_told_yet(told: list[tuple[int, int]], gaps: list[tuple[int, int]]) -> None:
    """3: overlapping enrollments count each day once."""
    assert list(_gaps(told, 10, 20)) == gaps


class TestNamedServices:
    """An enrollment may name its service; where one does, one that names none goes for every service."""

    def test_each_service_its_own_days(self) -> None:
        text = care("day") + care("day").replace("services.care", "services.more")
        rows = (
            'enrollments = [{ participant = "P-1", service = "care", start = 2024-03-01, end = 2024-03-10 }, '
            '{ participant = "P-1", start = 2024-03-21, end = 2024-03-31 }]\n'
        )
        claim = billed(text, rows)
        assert [(x.service, x.days) for x in claim.lines] == [("care", 21), ("more", 11)]


class TestProvisions:
    """What stands beside the rates: each once through the whole of billing."""

    def test_a_carve_parts_the_line(self) -> None:
        text = care("any_day", 'carve = [{ pool = "direct", value = "110.00 USD", @ }]\n')
        claim = billed(text, SPRING + 'through = "2024-03"')
        assert [(x.pool, x.days, x.amount) for x in claim.lines] == [("direct", 1, 11000), ("administration", 1, 20000)]

    def test_under_a_floor_nothing_is_carved(self) -> None:
        floor = 'floor = [{ only = "every_month", value = "10.00 USD", @ }]\n'
        more = f'carve = [{{ pool = "direct", value = "4.00 USD", @ }}]\n{floor}'
        claim = billed(care("any_day", more).replace("310.00", "9.99"), SPRING + 'through = "2024-03"')
        assert [(x.pool, x.days, x.reason) for x in claim.lines] == [
            ("administration", 0, "9.99 is under the least amount paid, 10.00")
        ]

    def test_another_carve_is_another_line(self) -> None:
        carve = (
            'carve = [{ pool = "direct", value = "100.00 USD", @ }, '
            '{ pool = "direct", value = "200.00 USD", effective = 2024-03-21, published = 2024-03-01, cite = "m" }]\n'
        )
        claim = billed(care("actual_days", carve), SPRING + 'through = "2024-03"')
        assert [(x.pool, x.days, x.amount) for x in claim.lines] == [
            ("direct", 11, 3548),
            ("administration", 11, 7452),
            ("direct", 11, 7097),
            ("administration", 11, 3903),
        ]

    def test_a_floor_of_first_months(self) -> None:
        """20/31 of 14.00 are 9.03: in May paid, in the first month not. 22/31 are 9.94."""
        text = care("actual_days", 'floor = [{ only = "first_month", value = "10.00 USD", @ }]\n').replace("310", "14")
        claim = billed(text, SPRING)
        assert lines(claim) == [("2024-03", "0/31", 0), ("2024-04", "30/30", 1400), ("2024-05", "20/31", 903)]
        assert claim.lines[0].reason == "9.94 is under the least amount paid, 10.00"
        every = billed(text.replace("first_month", "every_month"), SPRING)
        assert [a for _, _, a in lines(every)] == [0, 1400, 0]

    def test_a_floor_under_a_whole_month_policy(self) -> None:
        text = care("from_start", 'floor = [{ only = "first_month", value = "10.00 USD", @ }]\n').replace("310", "14")
        assert [a for _, _, a in lines(billed(text, SPRING))] == [0, 1400, 1400]

    def test_the_uplift_of_a_household_that_changes(self) -> None:
        text = care("actual_days", 'uplift = [{ per = "family", value = 0.50, @ }]\n')
        home = 'households = [{ participant = "P-1", start = 2024-03-20, end = 2024-03-25, family = 2 }]\n'
        claim = billed(text, SPRING + home + 'through = "2024-03"')
        assert [(x.days, x.amount) for x in claim.lines] == [(16, 16000), (6, 12000)]

    def test_what_a_gate_refuses_stands_at_quantity_0(self) -> None:
        text = care("actual_days", 'eligible_months = [{ since = "arrived", by = "actual_date", value = 1, @ }]\n')
        rows = SPRING + 'participants = [{ id = "P-1", arrived = 2024-03-16 }]\n'
        claim = billed(text, rows)
        beyond = "beyond 1 months of eligibility from 2024-03-16"
        assert [(str(x.month), x.days, x.amount, x.reason) for x in claim.lines] == [
            ("2024-03", 16, 16000, ""),
            ("2024-04", 15, 15500, ""),
            ("2024-03", 0, 0, "before the day of arrival"),
            ("2024-04", 0, 0, beyond),
            ("2024-05", 0, 0, beyond),
        ]
        assert [x.day for x in claim.lines][2:4] == [date(2024, 3, 10), date(2024, 4, 16)]
        assert all(x.rate is None and x.of == 1 for x in claim.lines[2:])
        assert len(billed(text, rows + 'through = "2024-04"').lines) == 4

    def test_what_is_refused_twice_in_a_month_is_one_line(self) -> None:
        text = care("actual_days", 'eligible_months = [{ since = "arrived", by = "actual_date", value = 1, @ }]\n')
        rows = (
            'participants = [{ id = "P-1", arrived = 2024-03-21 }]\n'
            'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-03-05 }, '
            '{ participant = "P-1", start = 2024-03-11, end = 2024-03-25 }]\n'
        )
        assert [(x.days, x.reason) for x in billed(text, rows).lines] == [(5, ""), (0, "before the day of arrival")]

    def test_once_is_refused_once(self) -> None:
        text = care("once", 'enrol_within = [{ of = "arrived", value = 31, @ }]\n')
        again = SPRING.replace("]", ', { participant = "P-1", start = 2024-08-01 }]')
        claim = billed(text, again + 'participants = [{ id = "P-1", arrived = 2024-01-16 }]\n')
        assert [(str(x.month), x.days, x.reason) for x in claim.lines] == [
            ("2024-03", 0, "enrolled 54 days after arrival, at most 31 are allowed")
        ]

    @pytest.mark.parametrize("first", ["2024-03-01", "2024-03-31"])
    def test_once_is_refused_in_its_month(self, first: str) -> None:
        text = care("once", 'enrol_within = [{ of = "arrived", value = 31, @ }]\n')
        rows = (
            'participants = [{ id = "P-1", arrived = 2024-01-01 }]\n'
            f'enrollments = [{{ participant = "P-1", start = {first}, end = 2024-04-20 }}]\n'
        )
        assert [(str(x.month), x.days) for x in billed(text, rows).lines] == [("2024-03", 0)]

    def test_what_two_gates_refuse_in_order(self) -> None:
        gates = (
            'eligible_months = [{ since = "arrived", by = "actual_date", value = 1, @ }]\n'
            "look_back = [{ value = 25, @ }]\n"
        )
        rows = (
            'participants = [{ id = "P-1", arrived = 2024-03-01 }]\n'
            'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-04-05, published = 2024-04-01 }]\n'
        )
        assert [(x.day, x.days) for x in billed(care("day", gates), rows).lines] == [
            (date(2024, 3, 7), 25),
            (date(2024, 3, 1), 0),
            (date(2024, 4, 1), 0),
        ]

    ABSENT = 'absence = [{ kind = "other", unit = "day", per = "stay", beyond = "cut", value = 3, @ }]\n'

    def away(self, start: str, end: str) -> str:
        return f'absences = [{{ participant = "P-1", kind = "other", start = 2024-{start}, end = 2024-{end} }}]\n'

    def test_days_of_absence_are_noted_on_the_line(self) -> None:
        text = care("day", self.ABSENT)
        claim = billed(text, SPRING + self.away("03-28", "04-01"))
        assert [(x.days, x.reason) for x in claim.lines] == [
            (21, "1 day of absence not paid"),
            (29, "1 day of absence not paid"),
            (20, ""),
        ]
        claim = billed(text, SPRING + self.away("03-11", "03-15"))
        assert [(x.days, x.reason) for x in claim.lines] == [(20, "2 days of absence not paid"), (30, ""), (20, "")]

    def test_a_month_away_has_a_line_of_quantity_0(self) -> None:
        claim = billed(care("day", self.ABSENT), SPRING + self.away("03-25", "05-31"))
        assert [(str(x.month), x.days, x.of, x.reason, x.day) for x in claim.lines] == [
            ("2024-03", 18, 1, "4 days of absence not paid", date(2024, 3, 10)),
            ("2024-04", 0, 1, "30 days of absence not paid", date(2024, 4, 1)),
            ("2024-05", 0, 1, "20 days of absence not paid", date(2024, 5, 1)),
        ]
        rows = SPRING + self.away("03-25", "05-31") + 'through = "2024-04"'
        assert len(billed(care("day", self.ABSENT), rows).lines) == 2

    def test_a_month_away_at_two_subawards(self) -> None:
        claim = billed(care("day", self.ABSENT), MOVED + self.away("02-20", "03-31"))
        assert [(x.subaward, x.days, x.day, x.reason) for x in claim.lines] == [
            ("S-1", 0, date(2024, 3, 1), "31 days of absence not paid")
        ]

    def test_the_note_stands_on_the_first_line_of_the_month_only(self) -> None:
        claim = billed(care("day", self.ABSENT, CHANGE), SPRING + self.away("03-11", "03-15") + 'through = "2024-03"')
        assert [(x.days, x.amount, x.reason) for x in claim.lines] == [
            (9, 279000, "2 days of absence not paid"),
            (11, 682000, ""),
        ]

    def test_the_site_on_the_day_of_absence(self) -> None:
        """Occupancy is asked of the subaward at which the participant then was."""
        gated = self.ABSENT.replace("@", 'when = "full", at_least = 0.90, @')
        figures = (
            'figures = [{ subaward = "S-1", figure = "full", value = 1.00, effective = 2024-01-01 }, '
            '{ subaward = "S-2", figure = "full", value = 0.50, effective = 2024-01-01 }]\n'
        )
        claim = billed(care("day", gated), MOVED + figures + self.away("03-10", "03-11"))
        assert [(x.subaward, x.days) for x in claim.lines] == [("S-1", 10), ("S-2", 20)]
        claim = billed(care("day", gated), MOVED + figures + self.away("03-31", "03-31"))
        assert [(x.subaward, x.days) for x in claim.lines] == [("S-1", 10), ("S-2", 20)]
        assert len(billed(care("day", gated), MOVED + self.away("02-28", "02-28")).lines) == 2
        with pytest.raises(NotInForce, match="no figure full of subaward S-1 is in force on 2024-03-01"):
            billed(care("day", gated), MOVED + self.away("02-28", "03-10"))


HOUR = "daily_cap = [{ value = 8, @ }]\nhours_of_day = [{ value = 8, @ }]\n"


def had(*found: str) -> str:
    return "units = [" + ", ".join(f'{{ participant = "P-1", service = "care", {f} }}' for f in found) + "]\n"


class TestHoursAndUnits:
    """3: hours and units of each day on which the participant was enrolled at the subaward."""

    def test_hours(self) -> None:
        """8 of 9 hours and 3, of 8 each, at 80.00: 11 ÷ 8 × 80.00."""
        rows = had("day = 2024-03-12, quantity = 9", "day = 2024-03-20, quantity = 3")
        claim = billed(care("hour", HOUR).replace("310", "80"), SPRING + rows)
        assert lines(claim) == [("2024-03", "11/8", 11000)]
        assert claim.lines[0].day == date(2024, 3, 12)

    def test_a_day_without_enrollment_is_refused_by_name(self) -> None:
        rows = had("day = 2024-03-09, quantity = 2", "day = 2024-03-10, quantity = 2", "day = 2024-05-21, quantity = 2")
        claim = billed(care("hour", HOUR), SPRING + rows)
        assert [(str(x.month), x.days, x.reason, x.rate is None) for x in claim.lines] == [
            ("2024-03", 2, "", False),
            ("2024-03", 0, "not enrolled on the day", True),
            ("2024-05", 0, "not enrolled on the day", True),
        ]
        assert [(x.category, x.of, x.day) for x in claim.lines] == [
            ("", 8, date(2024, 3, 10)),
            ("", 1, date(2024, 3, 9)),
            ("", 1, date(2024, 5, 21)),
        ]

    def test_on_the_last_day_it_is_enrolled(self) -> None:
        assert [x.days for x in billed(care("hour", HOUR), SPRING + had("day = 2024-05-20, quantity = 2")).lines] == [2]

    def test_days_after_known_are_not_billed(self) -> None:
        rows = had("day = 2024-03-20, quantity = 2, published = 2024-03-01") + "known = 2024-03-19"
        spring = SPRING.replace("}]", ", published = 2024-03-01 }]")
        assert billed(care("hour", HOUR), spring + rows).lines == ()
        assert len(billed(care("hour", HOUR), spring + rows.replace("03-19", "03-20")).lines) == 1

    def test_in_order_whatever_that_of_the_rows(self) -> None:
        rows = had("day = 2024-04-12, quantity = 2", "day = 2024-03-12, quantity = 1")
        assert [x.days for x in billed(care("hour", HOUR), SPRING + rows).lines] == [1, 2]

    def test_units_without_an_enrollment(self) -> None:
        rows = had("day = 2024-03-20, quantity = 2, published = 2024-04-01") + "known = 2024-04-01"
        assert [x.reason for x in billed(care("hour", HOUR), rows).lines] == ["not enrolled on the day"]

    def test_what_a_gate_refuses_is_not_called_elsewhere(self) -> None:
        text = care("hour", HOUR + "look_back = [{ value = 3, @ }]\n")
        claim = billed(text, SPRING + had("day = 2024-03-20, quantity = 2"))
        assert {x.reason for x in claim.lines} == {"made known more than 3 days after the day of service"}

    def test_paid_months_of_hours(self) -> None:
        """4.3 over hours: of two months with hours one is paid; one without any is none."""
        months = 'months = [{ phase = "waiting", value = 1, @ }]\n'
        rows = had("day = 2024-03-12, quantity = 0", "day = 2024-04-12, quantity = 2", "day = 2024-05-12, quantity = 3")
        claim = billed(phased("hour", HOUR + months), SPRING + rows)
        assert [(str(x.month), x.days) for x in claim.lines] == [("2024-04", 2), ("2024-05", 0)]
        assert claim.lines[1].reason == "at most 1 months of phase waiting are paid"

    def test_a_floor_of_first_months_under_hours(self) -> None:
        """2 of 8 hours at 30.00 are 7.50: in March, a first month, not paid; in April paid."""
        floor = HOUR + 'floor = [{ only = "first_month", value = "10.00 USD", @ }]\n'
        rows = had("day = 2024-03-12, quantity = 2", "day = 2024-04-12, quantity = 2")
        assert [x.amount for x in billed(care("hour", floor).replace("310", "30"), SPRING + rows).lines] == [0, 750]

    def test_at_another_subaward_it_is_not_enrolled(self) -> None:
        rows = had('day = 2024-03-05, subaward = "S-2", quantity = 2', "day = 2024-03-05, quantity = 3")
        claim = billed(care("hour", HOUR), MOVED + rows)
        assert [(x.subaward, x.days) for x in claim.lines] == [("S-1", 3), ("S-2", 0)]

    def test_to_the_month_and_the_service(self) -> None:
        rows = had("day = 2024-03-31, quantity = 2", "day = 2024-04-01, quantity = 2")
        text = care("hour", HOUR) + care("hour", HOUR).replace("services.care", "services.more")
        assert len(billed(text, SPRING + rows).lines) == 2
        assert len(billed(text, SPRING + rows + 'through = "2024-03"').lines) == 1

    UNITS = (
        'rates = [{ unit = "meal", class = "a", value = "3.15 USD", @ }, { unit = "meal", class = "b", '
        'value = "1.90 USD", @ }, { unit = "snack", value = "0.93 USD", @ }]\n'
    )

    def test_units_by_name_and_class(self) -> None:
        rows = had(
            'day = 2024-03-12, unit = "meal", class = "a", quantity = 2',
            'day = 2024-03-12, unit = "meal", class = "a", quantity = 1',
            'day = 2024-03-13, unit = "meal", class = "b", quantity = 1',
            'day = 2024-03-14, unit = "snack", quantity = 4',
        )
        claim = billed(care("unit", 'units_a_day = [{ of = ["snack"], value = 3, @ }]\n', self.UNITS), SPRING + rows)
        assert [(x.category, x.days, x.amount) for x in claim.lines] == [
            ("meal, a", 3, 945),
            ("meal, b", 1, 190),
            ("snack", 3, 279),
        ]

    def test_units_of_which_nothing_is_allowed(self) -> None:
        rows = had('day = 2024-03-14, unit = "snack", quantity = 4')
        claim = billed(care("unit", 'units_a_day = [{ of = ["snack"], value = 0, @ }]\n', self.UNITS), SPRING + rows)
        assert [(x.category, x.days, x.amount) for x in claim.lines] == [("snack", 0, 0)]
        assert claim.lines[0].reason == "more than the terms pay of a day"

    def test_what_no_day_allows_is_no_paid_month(self) -> None:
        """In March no snack is allowed, from April on three: the one paid month is April."""
        later = '{ of = ["snack"], value = 3, effective = 2024-04-01, published = 2024-03-01, cite = "m" }'
        more = f'units_a_day = [{{ of = ["snack"], value = 0, @ }}, {later}]\n{TestPhases.MONTHS}'
        rows = had(*(f'day = 2024-0{m}-12, unit = "snack", quantity = 2' for m in (3, 4, 5)))
        claim = billed(PHASES + care("unit", more, self.UNITS), SPRING + rows)
        assert [(str(x.month), x.days) for x in claim.lines] == [("2024-03", 0), ("2024-04", 2), ("2024-05", 0)]


class TestCosts:
    """5.3: actual costs are lines of quantity 1 at the reported amount."""

    def cost(self, facts: str, more: str = "") -> Claim:
        text = care("any_day", rate='rates = [{ value = "1.00 USD", @ }]\n') + COSTS
        return billed(text, f'costs = [{{ participant = "P-1", service = "costs", {facts} }}]\n{more}')

    def test_what_a_cost_keeps(self) -> None:
        claim = self.cost('month = "2024-03", paid = 2024-03-17, amount = "12.34 USD", category = "food"')
        (line,) = claim.lines
        assert (line.days, line.of, line.rate, line.amount, line.n) == (1, 1, None, 1234, 1)
        assert (line.day, line.category, line.reference, line.reason) == (date(2024, 3, 17), "food", "0", "")
        assert (line.pool, line.service, line.budget_period) == ("direct", "costs", "budget period")

    @pytest.mark.parametrize(
        ("month", "paid", "day"),
        [
            ("2024-03", "2024-03-02", "2024-03-02"),  # the day paid, in the month
            ("2024-03", "2024-04-02", "2024-03-10"),  # else the first enrolled day
            ("2024-04", "2024-03-02", "2024-04-01"),
            ("2024-05", "2024-06-02", "2024-05-01"),
            ("2024-06", "2024-07-02", "2024-06-01"),  # else the first
            ("2024-01", "2024-03-02", "2024-01-31"),
            ("2024-02", "2024-03-02", "2024-02-01"),
        ],
    )
    def test_its_day_of_service(self, month: str, paid: str, day: str) -> None:
        rows = SPRING.replace("[", '[{ participant = "P-1", start = 2024-01-31, end = 2024-01-31 }, ')
        claim = self.cost(f'month = "{month}", paid = {paid}, amount = "1.00 USD"', rows)
        assert [str(x.day) for x in claim.lines if x.service == "costs"] == [day]

    def test_never_outside_the_period(self) -> None:
        award = "award = { awarded = 2023-12-01, start = 2024-02-10, end = 2024-06-20 }\n"
        claim = self.cost('month = "2024-02", paid = 2024-02-02, amount = "1.00 USD"', award)
        assert claim.lines[0].day == date(2024, 2, 10)
        claim = self.cost('month = "2024-06", paid = 2024-06-29, amount = "1.00 USD"', award)
        assert claim.lines[0].day == date(2024, 6, 20)

    def test_months_and_days_that_are_not_billed(self) -> None:
        facts = 'month = "2024-05", paid = 2024-05-20, amount = "1.00 USD"'
        assert len(self.cost(facts, 'through = "2024-05"').lines) == 1
        assert len(self.cost(facts, 'through = "2024-04"').lines) == 0
        assert len(self.cost(facts, "known = 2024-05-20").lines) == 1
        assert len(self.cost(facts + ", published = 2024-05-01", "known = 2024-05-19").lines) == 0
        assert len(self.cost(facts + ", published = 2024-05-21", "known = 2024-05-20").lines) == 0
        nobody = 'costs = [{ service = "costs", month = "2024-05", paid = 2024-05-20, amount = "1.00 USD" }]\n'
        assert [x.participant for x in billed(COSTS, nobody).lines] == [None]
        assert billed(COSTS, nobody + 'through = "2024-04"').lines == ()

    def test_costs_in_order_whatever_that_of_their_rows(self) -> None:
        facts = (("2024-05", "3.00"), ("2024-03", "2.00"), ("2024-03", "1.00"))
        for who in ('participant = "P-1", ', ""):
            rows = ", ".join(f'{{ {who}service = "costs", month = "{m}", amount = "{a} USD" }}' for m, a in facts)
            assert [x.amount for x in billed(COSTS, f"costs = [{rows}]").lines] == [100, 200, 300]

    def test_its_phase_is_that_of_its_day(self) -> None:
        text = phased("any_day") + COSTS
        facts = 'month = "2024-03", paid = 2024-03-22, amount = "1.00 USD"'
        rows = f'costs = [{{ participant = "P-1", service = "costs", {facts} }}]\n'
        claim = billed(text, SPRING + LETTER + rows)
        assert [x.phase for x in claim.lines if x.service == "costs"] == ["certified"]
        nobody = billed(text, rows.replace('participant = "P-1", ', ""))
        assert [x.phase for x in nobody.lines] == [""]


class TestCounts:
    """5.1: one unit count that a site reports; 154 meals × 0.2375 = 36.58."""

    TEXT = care("any_day", rate='rates = [{ value = "0.2375 USD", @ }]\n')

    def count(self, facts: str = "quantity = 154", text: str = TEXT, more: str = "") -> Claim:
        return billed(text, f'counts = [{{ service = "care", month = "2024-05", {facts} }}]\n{more}')

    def test_what_a_count_keeps(self) -> None:
        (line,) = self.count().lines
        assert (line.issuer, line.participant, line.days, line.of, line.n) == ("SITE", None, 154, 1, 1)
        assert (line.amount, line.day, line.phase, line.category) == (3658, date(2024, 5, 1), "enrolled", "")
        assert (line.budget_period, line.reason, line.reference) == ("budget period", "", "")

    def test_its_day_is_the_first_inside_the_period(self) -> None:
        award = "award = { awarded = 2023-12-01, start = 2024-05-12, end = 2024-06-20 }\n"
        assert self.count(more=award).lines[0].day == date(2024, 5, 12)

    def test_months_and_days_that_are_not_billed(self) -> None:
        assert len(self.count(more='through = "2024-05"').lines) == 1
        assert len(self.count(more='through = "2024-04"').lines) == 0
        assert len(self.count(more="known = 2024-05-01").lines) == 1
        assert len(self.count(more="known = 2024-04-30").lines) == 0

    def test_counts_in_order_whatever_that_of_their_rows(self) -> None:
        rows = ", ".join(f'{{ service = "care", month = "2024-0{m}", quantity = {m} }}' for m in (5, 3, 4))
        assert [x.days for x in billed(self.TEXT, f"counts = [{rows}]").lines] == [3, 4, 5]

    def test_hours_of_a_day_and_the_pools_of_a_price(self) -> None:
        hours = self.count("quantity = 12", care("hour", HOUR))
        assert [(x.days, x.of, x.amount) for x in hours.lines] == [(12, 8, 46500)]
        carved = self.count("quantity = 2", care("any_day", 'carve = [{ pool = "direct", value = "110.00 USD", @ }]\n'))
        assert [(x.pool, x.amount) for x in carved.lines] == [("direct", 22000), ("administration", 40000)]

    def test_its_unit_class_and_phase(self) -> None:
        claim = self.count('unit = "meal", class = "b", quantity = 2', care("unit", rate=TestHoursAndUnits.UNITS))
        assert [(x.category, x.amount) for x in claim.lines] == [("meal, b", 380)]
        assert [x.phase for x in self.count('phase = "waiting", quantity = 1', phased("any_day")).lines] == ["waiting"]
        one = "[phases]\ncertified = ['certification_letter']\n"
        assert [x.phase for x in self.count("quantity = 1", one + self.TEXT).lines] == ["certified"]
        with pytest.raises(NotInForce):
            self.count("quantity = 1", phased("any_day"))
        assert [x.phase for x in self.count("quantity = 1", PHASES + self.TEXT).lines] == [""]


# ---- a claim ----------------------------------------------------------------------------------------------------

YEAR = Interval(date(2024, 1, 1), date(2024, 12, 31))
HALVES = (Interval(YEAR.start, date(2024, 6, 30)), Interval(date(2024, 7, 1), date(2024, 12, 31)))
SAYS = Authority("a test")
PERSON = Participant("SITE", "P-1")


def award(fain: str, of: Terms) -> Award:
    periods = tuple(
        BudgetPeriod(f"Half {n}", days, Series("amount", [Fact(10**7, days.start, days.start, SAYS)]))
        for n, days in enumerate(HALVES, 1)
    )
    return Award(fain, "PRIME", "HHS", "93.598", YEAR.start, YEAR, of, periods)


NETWORK = Network(
    date(2024, 12, 1),
    (Organization("PRIME", "Prime"), Organization("SUB", "Sub", state="TX"), Organization("OTHER", "Other")),
    (award("B-2", terms(care("any_day"))), award("A-1", terms(care("any_day")))),
    (
        Subaward("S-1", "A-1", "SUB", YEAR, Series("amount of S-1")),
        Subaward("S-2", "B-2", "OTHER", YEAR, Series("amount of S-2")),
    ),
    label="ILLUSTRATIVE",
    origin=Origin("award.xlsx", "digest of the award", "facts of the award"),
)


def load(issuer: str, subaward: str = "S-1", report: date = date(2025, 1, 10), label: str = "") -> Caseload:
    person = Participant(issuer, "P-1")
    stay = Enrollment(person, subaward, Interval(date(2024, 6, 10), date(2024, 7, 20)), date(2024, 8, 1))
    return Caseload(
        issuer,
        report,
        (Registration(person),),
        enrollments=(stay,),
        label=label,
        source=Source(f"{issuer}.xlsx", "Document", 2),
        origin=Origin(f"{issuer}.xlsx", f"digest of {issuer}", f"facts of {issuer}"),
    )


class TestClaim:
    """`bill`: everything that caseloads earn under their awards to a month, as known on a day."""

    def test_the_latest_report_date_is_known_by_default(self) -> None:
        """2.2: by default the latest report date of its inputs."""
        assert bill(load("ONE"), NETWORK, Month(2024, 12)).known == date(2025, 1, 10)
        assert bill(load("ONE", report=date(2024, 11, 1)), NETWORK, Month(2024, 10)).known == date(2024, 12, 1)
        assert bill(load("ONE"), NETWORK, Month(2024, 12), date(2025, 3, 1)).known == date(2025, 3, 1)

    def test_awards_and_issuers_in_order(self) -> None:
        claim = bill([load("TWO", "S-2"), load("ONE"), load("NIL", "S-2")], NETWORK, Month(2024, 12))
        assert [(x.award, x.issuer, str(x.month)) for x in claim.lines] == [
            ("A-1", "ONE", "2024-06"),
            ("A-1", "ONE", "2024-07"),
            ("B-2", "NIL", "2024-06"),
            ("B-2", "NIL", "2024-07"),
            ("B-2", "TWO", "2024-06"),
            ("B-2", "TWO", "2024-07"),
        ]
        assert claim.issuers == ("NIL", "ONE", "TWO")
        assert [x.budget_period for x in claim.lines[:2]] == ["Half 1", "Half 2"]
        assert [n.cause for n in claim.notes] == ["issuers"]
        assert claim.notes[0].severity == "warning"
        assert claim.notes[0].place == Place("NIL.xlsx", "Participants")

    def test_many_subawards_in_order(self) -> None:
        ids = [f"S-{n}" for n in range(1, 9)]
        network = evolve(NETWORK, subawards=tuple(Subaward(s, "A-1", "SUB", YEAR, Series(s)) for s in ids))
        loads = [load(f"ISSUER-{9 - n}", s) for n, s in enumerate(ids)]
        assert [p.subaward for p in bill(loads, network, Month(2024, 12)).parties] == ids

    def test_participants_in_order(self) -> None:
        rows = (
            'participants = [{ id = "P-2" }, { id = "P-1" }]\n'
            'enrollments = [{ participant = "P-2", start = 2024-03-10 }, { participant = "P-1", start = 2024-03-11 }]\n'
        )
        claim = billed(care("once"), rows)
        assert [x.participant.pseudonym for x in claim.lines if x.participant] == ["P-1", "P-2"]

    def test_a_caseload_given_twice_counts_once(self) -> None:
        claim = bill([load("ONE"), load("ONE")], NETWORK, Month(2024, 12))
        assert (len(claim.lines), claim.issuers) == (2, ("ONE",))
        with pytest.raises(Rejected) as refused:
            bill([load("ONE"), load("ONE", label="another")], NETWORK, Month(2024, 12))
        assert [f.cause for f in refused.value.findings] == ["issuer"]

    def test_each_service_begins_again_with_the_budget_period(self) -> None:
        two = terms(care("any_day") + care("any_day").replace("services.care", "services.more"))
        network = evolve(NETWORK, awards=(award("A-1", two), NETWORK.awards[0]))
        claim = bill(load("ONE"), network, Month(2024, 12))
        assert [(x.service, x.budget_period) for x in claim.lines] == [
            (s, f"Half {n}") for s in ("care", "more") for n in (1, 2)
        ]

    def test_the_amount_of_a_subaward_is_that_of_the_last_day_of_its_period(self) -> None:
        """7.4: 100.00 from the start; what is obligated for days after the period changes nothing."""
        early = date(2024, 1, 1)
        facts = [Fact(10000, YEAR.start, early, SAYS), Fact(90000, date(2025, 1, 1), early, SAYS)]
        small = evolve(NETWORK.subawards[0], amount=Series("amount of S-1", facts))
        network = evolve(NETWORK, subawards=(small, NETWORK.subawards[1]))
        claim = bill(load("ONE"), network, Month(2024, 12))
        assert [(x.ceiling, x.amount) for x in claim.limits] == [("subaward S-1", -21000), ("subaward S-1", -31000)]

    def test_rows_that_nobody_knows_yet_ask_for_no_terms(self) -> None:
        """Terms that were published later refuse nothing as long as there is nothing to bill by them."""
        person, known = Participant("ONE", "P-1"), date(2023, 6, 1)
        for kind, row in (
            ("enrollments", Enrollment(person, "S-1", YEAR, date(2024, 8, 1))),
            ("costs", Cost(None, "S-1", "costs", "", 1, date(2024, 3, 1), published=date(2024, 8, 1))),
            ("counts", Count("S-1", "care", "", Month(2024, 3), 1, date(2024, 8, 1))),
            ("units", Units(person, "S-1", "care", date(2024, 3, 1), 1, date(2024, 8, 1))),
        ):
            of = terms(care("any_day") + COSTS)
            network = evolve(NETWORK, awards=(award("A-1", of), NETWORK.awards[0]))
            changes: dict[str, Any] = {"enrollments": (), kind: (row,)}
            assert bill(evolve(load("ONE"), **changes), network, Month(2024, 12), known).lines == ()

    def test_what_is_published_later_is_unseen(self) -> None:
        """2.1 and 2.2, for rows of every kind."""
        text = care("day", TestProvisions.ABSENT + 'uplift = [{ per = "family", value = 1.00, @ }]\n')
        late = ", published = 2024-12-02 }]\n"
        rows = {
            "household": 'households = [{ participant = "P-1", start = 2024-01-01, family = 1',
            "absence": 'absences = [{ participant = "P-1", kind = "other", start = 2024-03-10, end = 2024-03-31',
        }
        spring = SPRING.replace("}]", ", published = 2024-04-01 }]")
        march = spring + 'through = "2024-03"\n'
        plain = lines(billed(text, march))
        for row in rows.values():
            assert lines(billed(text, f"{march}{row}{late}known = 2024-12-01\n")) == plain
            assert lines(billed(text, f"{march}{row}{late}known = 2024-12-02\n")) != plain
        opening = 'openings = [{ participant = "P-1", phase = "waiting", months = 1' + late
        phased_text = phased("any_day", TestPhases.MONTHS)
        assert billed(phased_text, march + opening + "known = 2024-12-01").lines[0].days == 1
        assert billed(phased_text, march + opening + "known = 2024-12-02").lines[0].days == 0

    def test_openings_and_units_of_another_award_are_not_of_this(self) -> None:
        person = Participant("ONE", "P-1")
        of = terms(
            PHASES + care("any_day", TestPhases.MONTHS, PHASED) + care("hour", "", RATE).replace("care", "hours")
        )
        network = evolve(NETWORK, awards=(award("A-1", of), award("B-2", of)))
        published = date(2024, 8, 1)
        both = evolve(
            load("ONE"),
            enrollments=(
                Enrollment(person, "S-1", Interval(date(2024, 3, 1), date(2024, 3, 31)), published),
                Enrollment(person, "S-2", Interval(date(2024, 4, 1), date(2024, 4, 30)), published),
            ),
            openings=(Opening(person, "B-2", published, phase="waiting", months=1),),
            units=(Units(person, "S-2", "hours", date(2024, 4, 2), 3, published),),
        )
        claim = bill(both, network, Month(2024, 12))
        assert [(x.award, x.service, x.days) for x in claim.lines] == [
            ("A-1", "care", 1),
            ("B-2", "care", 0),
            ("B-2", "hours", 3),
        ]

    def test_costs_of_another_award_are_not_of_this(self) -> None:
        of = terms(care("any_day") + COSTS)
        network = evolve(NETWORK, awards=(award("A-1", of), award("B-2", of)))
        costs = tuple(
            Cost(who, s, "costs", "", 1, date(2024, 6, 1), reference=s, published=date(2024, 8, 1))
            for who in (None, Participant("ONE", "P-1"))
            for s in ("S-1", "S-2")
        )
        claim = bill(evolve(load("ONE"), enrollments=(), costs=costs), network, Month(2024, 12))
        assert [(x.award, x.subaward) for x in claim.lines] == [("A-1", "S-1")] * 2 + [("B-2", "S-2")] * 2

    def test_who_stands_behind_a_subaward(self) -> None:
        claim = bill([load("TWO", "S-2"), load("ONE")], NETWORK, Month(2024, 12))
        assert claim.parties == (Party("S-1", "A-1", "Prime", "Sub", 6), Party("S-2", "B-2", "Prime", "Other", None))

    def test_terms_are_told_of_only_where_something_was_earned(self) -> None:
        claim = bill(load("ONE"), NETWORK, Month(2024, 12))
        assert {t.award for t in claim.terms} == {"A-1"}
        assert bill(load("ONE"), NETWORK, Month(2024, 5)).terms == ()
        assert bill(load("ONE"), NETWORK, Month(2024, 5), date(2024, 7, 31)).lines == ()

    def test_its_inputs(self) -> None:
        filed = evolve(NETWORK.awards[0].terms, origin="digest of the terms", file="worked.toml")
        network = evolve(NETWORK, awards=(evolve(NETWORK.awards[0], terms=filed), NETWORK.awards[1]))
        claim = bill(load("ONE"), network, Month(2024, 12))
        assert claim.inputs == (
            Input("award", "award.xlsx", "digest of the award", "facts of the award", date(2024, 12, 1)),
            Input("caseload", "ONE.xlsx", "digest of ONE", "facts of ONE", date(2025, 1, 10)),
            Input("terms", "worked.toml", "digest of the terms", filed.digest, filed.published),
        )

    def test_its_label_and_notes(self) -> None:
        claim = bill([load("ONE", label="drill"), load("TWO", label="ILLUSTRATIVE")], NETWORK, Month(2024, 12))
        assert claim.label == "ILLUSTRATIVE; drill"
        assert bill(load("ONE"), NETWORK, Month(2024, 12)).label == "ILLUSTRATIVE"
        assert bill(load("ONE"), NETWORK, Month(2024, 12)).notes == ()
        assert Claim(Month(2024, 12), KNOWN, (), (), (), ()).label == ""

    def test_a_region_that_nobody_serves_is_a_note(self) -> None:
        """10: judged on the last day of the month, or on the day of knowledge where that is earlier."""
        areas = tuple(
            Area("A-1", r, r.number != 3, YEAR.start, YEAR.start, Source("award.xlsx", "Areas", 2)) for r in REGIONS
        )
        network = evolve(NETWORK, areas=areas)
        (note,) = bill(load("ONE"), network, Month(2024, 12)).notes
        assert note.problem == "Region 3 is served by nobody on 2024-12-31"
        (note,) = bill(load("ONE"), network, Month(2025, 12)).notes
        assert note.problem == "Region 3 is served by nobody on 2025-01-10"

    def test_rows_that_are_not_known_yet(self) -> None:
        assert bill(load("ONE"), NETWORK, Month(2024, 12), date(2024, 7, 31)).lines == ()
        assert len(bill(load("ONE"), NETWORK, Month(2024, 12), date(2024, 8, 1)).lines) == 2

    def test_rows_that_cannot_be_billed(self) -> None:
        with pytest.raises(Rejected) as refused:
            bill(load("ONE", "S-9"), NETWORK, Month(2024, 12))
        assert [f.cause for f in refused.value.findings] == ["subaward"]

    def test_sums(self) -> None:
        claim = billed(COSTS + CAPPED, MANY)
        assert [x.amount for x in (claim.earned, claim.held_back, claim.total)] == [
            Decimal("130.00"),
            Decimal("-30.00"),
            Decimal("100.00"),
        ]

    def test_a_counted_claim_has_no_participants(self) -> None:
        claim = bill([load("ONE"), load("TWO", "S-2")], NETWORK, Month(2024, 12))
        noted = evolve(claim, notes=tuple(evolve(n, place=evolve(n.place, cell="A7")) for n in claim.notes * 2))
        counted = noted.counted()
        assert (claim.detailed, counted.detailed) == (True, False)
        assert [n.place.cell for n in counted.notes] == [""]
        assert counted.total == claim.total
        assert evolve(claim, lines=(evolve(claim.lines[0], participant=None),)).detailed  # a day of service
        assert evolve(claim, lines=(evolve(claim.lines[0], day=None),)).detailed
        assert evolve(claim, lines=(counted.lines[0], claim.lines[0])).detailed

    def test_equal_lines_and_limits_are_counted_together(self) -> None:
        claim = billed(COSTS + CAPPED, MANY)
        counted = claim.counted()
        assert [(x.n, x.amount, x.reason) for x in counted.lines] == [(3, 14000, ""), (1, -1000, "credit")]
        assert [(x.n, x.amount, x.line.n, x.line.amount) for x in counted.limits] == [(1, -3000, 3, 14000)]
        again = counted.counted()
        assert (again.lines, again.limits) == (counted.lines, counted.limits)

    def test_limits_of_counted_claims_are_in_order(self) -> None:
        claim = billed(COSTS + CAPPED, MANY.replace("70.00", "170.00").replace("-10.00", "150.00"))
        counted = claim.counted()
        assert [x.amount for x in counted.limits] == [-39000]
        two = MANY.replace('"2024-03", amount = "70.00', '"2024-04", amount = "170.00', 1).replace("70.00", "170.00")
        claim = billed(COSTS + CAPPED, two.replace("1170.00", "170.00"))
        counted = claim.counted()
        assert [(str(x.line.month), x.amount) for x in counted.limits] == [("2024-03", -6000), ("2024-04", -17000)]
        shuffled = evolve(claim, lines=claim.lines[::-1], limits=claim.limits[::-1]).counted()
        assert (shuffled.lines, shuffled.limits) == (counted.lines, counted.limits)


CAPPED = (
    '[ceilings.cap]\ntitle = "Cap"\ncite = "m"\nwindow = "award"\n'
    'amounts = [{ tier = "alone", value = "100.00 USD", @ }]\n'
)
MANY = (
    'participants = [{ id = "P-1" }, { id = "P-2" }]\ncosts = ['
    + ", ".join(
        f'{{ participant = "P-{p}", service = "costs", month = "2024-03", amount = "{a} USD" }}'
        for p, a in ((1, "70.00"), (1, "70.00"), (1, "-10.00"), (2, "0.00"))
    )
    + "]\n"
)


class TestComparison:
    """What if: the same caseload under changed terms, as a difference by line and in total, by the same code path."""

    def test_a_changed_rate(self) -> None:
        filled = [Filling("rate.care", Decimal("310.00"), YEAR.start, YEAR.start, SAYS)]
        of = terms(care("any_day", rate='rates = [{ open = "rate.care", cite = "m" }]\n'))
        network = evolve(NETWORK, awards=(award("A-1", fill_terms(of, filled)), award("B-2", terms(care("any_day")))))
        loads = [load("TWO", "S-2"), load("ONE")]
        found = what_if(loads, network, Month(2024, 12), {"rate.care": Decimal("300.00")})
        changed = ("S-1", "care", "administration", "enrolled")
        assert found.changed == (
            Changed(*changed, Month(2024, 6), 31000, 30000),
            Changed(*changed, Month(2024, 7), 31000, 30000),
        )
        assert [c.difference for c in found.changed] == [-1000, -1000]
        assert found.difference.amount == Decimal("-20.00")
        assert (found.before.total.amount, found.after.total.amount) == (Decimal(1240), Decimal(1220))
        early = what_if(load("ONE"), network, Month(2024, 12), {"rate.care": Decimal("300.00")}, date(2024, 8, 1))
        assert early.after.known == early.before.known == date(2024, 8, 1)
        with pytest.raises(Unknown) as refused:
            what_if(loads, network, Month(2024, 12), {"rate.of.nothing": Decimal(1)})
        assert (refused.value.kind, refused.value.length) == ("term", 15)

    def test_what_stands_is_compared(self) -> None:
        one, other = billed(COSTS + CAPPED, MANY), billed(COSTS, MANY)
        assert [(c.before, c.after) for c in compare(one, other).changed] == [(10000, 13000)]
        assert [(c.before, c.after) for c in compare(evolve(one, lines=(), limits=()), other).changed] == [(0, 13000)]
        assert [(c.before, c.after) for c in compare(other, evolve(one, lines=(), limits=())).changed] == [(13000, 0)]
        assert compare(one, one).changed == ()

    def test_what_is_only_in_one_of_both(self) -> None:
        empty = billed(COSTS, "")
        for cents in ("0.01", "-0.01", "0.00"):
            rows = f'costs = [{{ service = "costs", month = "2024-03", amount = "{cents} USD" }}]'
            amounts = [] if cents == "0.00" else [int(Decimal(cents) * 100)]
            only = billed(COSTS, rows)
            assert [c.difference for c in compare(empty, only).changed] == amounts
            assert [c.difference for c in compare(only, empty).changed] == [-a for a in amounts]

    def test_in_order(self) -> None:
        claim = bill([load("TWO", "S-2"), load("ONE")], NETWORK, Month(2024, 12))
        found = compare(evolve(claim, lines=()), evolve(claim, lines=claim.lines[::-1])).changed
        assert [(c.subaward, str(c.month)) for c in found] == [
            (s, m) for s in ("S-1", "S-2") for m in ("2024-06", "2024-07")
        ]


class TestCases:
    """A worked case says where what came out is not what it expects."""

    ROWS = SPRING + 'through = "2024-03"\nexpect = {expect}\n'

    def differences(self, expect: str) -> list[str]:
        return case(care("any_day"), self.ROWS.replace("{expect}", f"{{ {expect} }}")).differences()

    def test_nothing_where_all_is_to_the_cent(self) -> None:
        line = '{ month = "2024-03", amount = "310.00", quantity = "1", reason = "", phase = "enrolled" }'
        expect = f'earned = "310.00", held_back = "0.00", total = "310.00", requested = "310.00", lines = [{line}]'
        assert self.differences(expect) == []

    def test_what_may_be_said_of_a_line(self) -> None:
        said = 'service = "care", subaward = "S-1", pool = "administration", category = ""'
        assert self.differences(f"lines = [{{ {said} }}]") == []

    @pytest.mark.parametrize("name", ["earned", "held_back", "total", "requested"])
    def test_a_cent(self, name: str) -> None:
        (said,) = self.differences(f'{name} = "310.01"')
        assert said == f"a test: {name} is {'0.00' if name == 'held_back' else '310.00'}, should be 310.01"

    def test_lines_that_are_not_so(self) -> None:
        (said,) = self.differences('lines = [{ month = "2024-04" }]')
        assert said.startswith("a test: lines are [{'month': '2024-03', 'amount': '310.00', 'quantity': '1'}]")
        assert len(self.differences('lines = [{ month = "2024-03" }, { month = "2024-03" }]')) == 1
        assert len(self.differences("lines = []")) == 1

    def test_a_key_that_nobody_knows(self) -> None:
        with pytest.raises(Unknown) as refused:
            case(care("any_day"), "colour = 1")
        assert (refused.value.nearest, refused.value.length) == ("colour", 6)
        with pytest.raises(Unknown) as refused:
            case(care("any_day"), "zeal = 1\nyear = 1\ncolour = 1\nhue = 1")
        assert (refused.value.nearest, refused.value.length) == ("colour", 6)
        with pytest.raises(Unknown):
            case(care("any_day"), SPRING.replace("end", "until"))

    def test_a_programme_without_cases(self) -> None:
        with pytest.raises(Unknown) as refused:
            worked_cases("nothing")
        assert (refused.value.kind, refused.value.length) == ("worked case", 7)

    def test_rows_with_all_that_they_may_say(self) -> None:
        rows = """
        participants = [{ id = "P-1", age_group = "child", arrived = 2024-02-01, eligible = 2024-02-02 }]
        letters = [{ participant = "P-1", kind = "eligibility_letter", start = 2024-03-01, end = 2024-03-31 }]
        households = [{ participant = "P-1", start = 2024-03-01, family = 3, minors = 2, published = 2024-12-01 }]
        enrollments = [{ participant = "P-1", subaward = "S-2", service = "care", start = 2024-03-01, restored = true }]
        costs = [{ service = "costs", category = "food", amount = "1.00 USD", month = "2024-03", paid = 2024-04-02 }]
        counts = [{ service = "care", phase = "p", month = "2024-03", quantity = 4, unit = "meal", class = "b" }]
        units = [{ participant = "P-1", service = "care", day = 2024-03-01, quantity = 5, unit = "meal", class = "b" }]
        absences = [{ participant = "P-1", kind = "other", start = 2024-03-01, end = 2024-03-02, hours = 30 }]
        figures = [{ figure = "cost", value = 1.50, effective = 2024-01-01 }]
        openings = [{ participant = "P-1", window = "2024", pool = "direct", amount = "2.00 USD" }]
        """
        march = Interval(date(2024, 3, 1), date(2024, 3, 31))
        assert case(care("any_day"), rows).caseload == Caseload(
            "SITE",
            KNOWN,
            (Registration(PERSON, "child", date(2024, 2, 1), date(2024, 2, 2)),),
            (Letter(PERSON, "eligibility_letter", march, KNOWN),),
            (Household(PERSON, Interval(march.start), 3, date(2024, 12, 1), 2),),
            (Enrollment(PERSON, "S-2", Interval(march.start), KNOWN, True, "care"),),
            (Cost(None, "S-1", "costs", "food", 100, date(2024, 4, 2), (Month(2024, 3),), "0", KNOWN),),
            (Count("S-1", "care", "p", Month(2024, 3), 4, KNOWN, "meal", "b"),),
            (Units(PERSON, "S-1", "care", march.start, 5, KNOWN, "meal", "b"),),
            (Absence(PERSON, "other", Interval(march.start, date(2024, 3, 2)), KNOWN, 30),),
            (Figure("S-1", "cost", Decimal("1.50"), date(2024, 1, 1), KNOWN),),
            (Opening(PERSON, "CASE-1", KNOWN, "2024", "direct", 200),),
        )

    def test_rows_with_the_least_that_they_may_say(self) -> None:
        rows = """
        households = [{ participant = "P-1", start = 2024-03-01, family = 3 }]
        enrollments = [{ participant = "P-1", start = 2024-03-01 }]
        costs = [{ participant = "P-1", service = "costs", amount = "1.00 USD", month = "2024-03" }]
        counts = [{ service = "care", month = "2024-03", quantity = 4 }]
        units = [{ participant = "P-1", service = "care", day = 2024-03-01, quantity = 5 }]
        absences = [{ participant = "P-1", kind = "other", start = 2024-03-01 }]
        openings = [{ participant = "P-1", phase = "p", months = 2 }]
        """
        march = Interval(date(2024, 3, 1))
        assert case(care("any_day"), rows).caseload == Caseload(
            "SITE",
            KNOWN,
            (Registration(PERSON),),
            (),
            (Household(PERSON, march, 3, KNOWN),),
            (Enrollment(PERSON, "S-1", march, KNOWN),),
            (Cost(PERSON, "S-1", "costs", "", 100, march.start, (Month(2024, 3),), "0", KNOWN),),
            (Count("S-1", "care", "", Month(2024, 3), 4, KNOWN),),
            (Units(PERSON, "S-1", "care", march.start, 5, KNOWN),),
            (Absence(PERSON, "other", march, KNOWN),),
            (),
            (Opening(PERSON, "CASE-1", KNOWN, phase="p", months=2),),
        )

    def test_what_the_award_fills_in_is_known_with_the_award(self) -> None:
        """And holds as long as the terms do, which were published on 1 December 2023."""
        of = care("any_day", rate='rates = [{ open = "rate.care", cite = "m" }]\n')
        award = "{ awarded = 2024-02-01, start = 2024-01-01, end = 2025-12-31 }"
        for awarded, effective, published in (
            (award, date(2024, 1, 1), date(2024, 2, 1)),
            (award.replace("2024-02-01", "2023-11-01"), date(2023, 12, 1), date(2023, 12, 1)),
        ):
            found = case(of, f'award = {awarded}\nfill = {{ "rate.care" = "5.00 USD" }}\n')
            ((fact,),) = (series.facts for series in found.terms.services[0].rates.values())
            assert (str(fact.value), fact.effective, fact.published) == ("5.00", effective, published)

    def test_its_subawards_and_its_award(self) -> None:
        found = case(care("any_day"), 'subawards = [{ id = "S-7", amount = "9.00 USD" }, { id = "S-8" }]\n').network
        assert [(s.id, s.parent, [f.value for f in s.amount.facts]) for s in found.subawards] == [
            ("S-7", "CASE-1", [900]),
            ("S-8", "CASE-1", []),
        ]
        (one,) = found.awards
        (period,) = one.budget_periods
        (fact,) = period.amount.facts
        assert (fact.value, fact.effective, fact.published) == (99999999900, date(2024, 1, 1), date(2023, 12, 1))
        assert period.amount.what == "amount"

    def test_the_award_of_a_case_may_be_small(self) -> None:
        rows = self.ROWS.replace("{expect}", '{ total = "310.00", requested = "100.00" }')
        small = 'award = { awarded = 2023-12-01, start = 2024-01-01, end = 2025-12-31, amount = "100.00 USD" }\n'
        assert case(care("any_day"), rows + small).differences() == []

    def test_an_advance_is_requested_before(self) -> None:
        rows = self.ROWS.replace("{expect}", '{ requested = "210.00" }') + 'advanced = "100.00 USD"\n'
        assert case(care("any_day"), rows).differences() == []


def test_a_count_of_another_award_is_not_of_this() -> None:
    two = evolve(load("ONE"), counts=(Count("S-2", "care", "", Month(2024, 6), 2, date(2024, 8, 1)),))
    claim = bill(two, NETWORK, Month(2024, 12))
    assert [(x.award, x.days) for x in claim.lines] == [("A-1", 1), ("A-1", 1), ("B-2", 2)]


class TestDisallowances:
    """8.4: they take the lines of a subaward, service and month from the last in the order of filling."""

    OF = terms(COSTS)

    def claim(self, *found: Disallowance, known: date = KNOWN, months: tuple[int, ...] = (3,)) -> Claim:
        """A claim of 60.00 and 40.00 in each of some months, less what is disallowed."""
        network = evolve(NETWORK, awards=(award("A-1", self.OF), NETWORK.awards[0]), disallowances=found)
        costs = tuple(
            Cost(None, "S-1", "costs", "", cents, date(2024, m, 1), reference=ref, published=date(2024, 4, 1))
            for m in months
            for ref, cents in (("V-1", 4000), ("V-2", 6000))
        )
        return bill(evolve(load("ONE"), enrollments=(), costs=costs), network, Month(2024, 12), known)

    def row(self, cents: int, reference: str = "D-1", month: int = 3, published: date = KNOWN) -> Disallowance:
        read = Source("award.xlsx", "Disallowances", 2)
        return Disallowance("S-1", "costs", Month(2024, month), cents, reference, published, read)

    def test_the_last_in_the_order_of_filling_first(self) -> None:
        claim = self.claim(self.row(7000))
        assert [(x.ceiling, x.window, x.room, x.line.reference, x.amount) for x in claim.limits] == [
            ("disallowance D-1", "2024-03", 0, "V-2", -6000),
            ("disallowance D-1", "2024-03", 0, "V-1", -1000),
        ]
        assert claim.limits[0].authority == Authority("disallowance D-1", "published 2025-01-31")
        assert claim.notes == ()
        assert [x.amount for x in self.claim(self.row(1)).limits] == [-1]
        assert self.claim(self.row(10000)).notes == ()

    def test_another_award_has_nothing_to_do_with_it(self) -> None:
        network = evolve(NETWORK, disallowances=(evolve(self.row(7000, month=6), service="care"),))
        claim = bill([load("ONE"), load("TWO", "S-2")], network, Month(2024, 12), KNOWN)
        assert ([x.amount for x in claim.limits], [n.cause for n in claim.notes]) == ([-7000], ["issuers"])

    def test_what_finds_no_line_is_a_warning(self) -> None:
        claim = self.claim(self.row(10001))
        (note,) = claim.notes
        assert note.problem == "0.01 of this disallowance finds nothing billed that it could reduce"
        assert (note.cause, note.severity, note.found) == ("disallowance", "warning", "2024-03")
        assert note.place == Place("award.xlsx", "Disallowances", "2")
        assert [len(self.claim(self.row(1, month=m)).notes) for m in (2, 3, 4)] == [1, 0, 1]

    def test_a_reversal_takes_back(self) -> None:
        claim = self.claim(self.row(-3000, published=date(2025, 1, 30)), self.row(7000, published=date(2025, 1, 20)))
        assert [x.amount for x in claim.limits] == [-4000]
        assert claim.limits[0].authority.note == "published 2025-01-20"
        assert self.claim(self.row(7000), self.row(-7000)).limits == ()

    def test_one_that_is_not_known_yet(self) -> None:
        assert self.claim(self.row(7000), known=date(2025, 1, 30)).limits == ()

    def test_each_month_and_reference_by_itself(self) -> None:
        claim = self.claim(self.row(5000), self.row(2000, "D-2"), self.row(100, month=5), months=(3, 5))
        assert [(x.ceiling, str(x.line.month), x.line.reference, x.amount) for x in claim.limits] == [
            ("disallowance D-1", "2024-03", "V-2", -5000),
            ("disallowance D-1", "2024-05", "V-2", -100),
            ("disallowance D-2", "2024-03", "V-2", -1000),
            ("disallowance D-2", "2024-03", "V-1", -1000),
        ]
