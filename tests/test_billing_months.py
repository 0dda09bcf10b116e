"""Days and months: every counting policy through all of billing, and the rate of each day (Rulebook
2.5 and 3)."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve

from grantcalc import NotInForce, Participant, bill
from grantcalc.billing.enrolled_person import _gaps
from grantcalc.provenance import Authority, Source
from tests.worked import (
    CHANGE,
    KNOWN,
    RATE,
    SPRING,
    billed,
    care,
    case,
    lines,
)


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
        assert (line.budget_period, line.count, line.day) == ("budget period", 1, date(2024, 3, 10))
        assert (line.category, line.reference, line.reason) == ("", "", None)
        assert line.rate is not None
        assert line.rate.authority == Authority("ILLUSTRATIVE: Manual")

    @pytest.mark.parametrize("policy", ["any_day", "actual_days", "day"])
    def test_pool_and_category_of_a_line(self, policy: str) -> None:
        lines = billed(care(policy), SPRING).lines
        assert {(x.pool, x.category, x.reference, str(x.reason or "")) for x in lines} == {
            ("administration", "", "", "")
        }

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

    WHO = (
        ("2024-03-01, end = 2024-04-30", "2024-04-01, end = 2024-04-10"),
        ("2024-03-01, end = 2024-03-31", "2024-03-01, end = 2024-03-31"),
    )

    @pytest.mark.parametrize(("days", "named"), [*zip(WHO, ((2, 2), (2,)), strict=True)])
    def test_which_row_a_line_names(self, days: tuple[str, str], named: tuple[int, ...]) -> None:
        """A day that two rows tell is told by the one published first; of equals by the one that
        starts earlier, that stands higher in the sheet."""
        rows = "enrollments = [" + ", ".join(f'{{ participant = "P-1", start = {d} }}' for d in days) + "]\n"
        found = case(care("any_day"), rows)
        for order in (1, -1):
            stays = [evolve(x, source=Source("a.xlsx", "E", n)) for n, x in enumerate(found.caseload.enrollments, 2)]
            load = evolve(found.caseload, enrollments=tuple(stays[::order]))
            claim = bill(load, found.network, found.through, found.known)
            assert tuple(x.source.row for x in claim.lines) == named

    def test_of_equal_rows_the_restored_one_tells(self) -> None:
        """Whatever the order of the rows: 16 of 31 days from the start of the restored
        enrollment."""
        one = '{ participant = "P-1", start = 2024-05-16, end = 2024-05-31, restored = true }'
        other = one.replace("true", 'false, service = "care"')
        for rows in (f"{one}, {other}", f"{other}, {one}"):
            claim = billed(care("following_month", 'restored = "from_start"\n'), f"enrollments = [{rows}]\n")
            assert lines(claim) == [("2024-05", "16/31", 16000)]

    def test_the_middle_was_told_first(self) -> None:
        """3 to 6 March were told on 6 March, 1 to 9 March on 31 March; three days to look back."""
        text = care("day", "look_back = [{ value = 3, @ }]\n")
        rows = (
            'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-03-09, published = 2024-03-31 }, '
            '{ participant = "P-1", start = 2024-03-03, end = 2024-03-06, published = 2024-03-06 }]\n'
        )
        claim = billed(text, rows)
        assert [(x.quantity, x.day) for x in claim.lines] == [(4, date(2024, 3, 3)), (0, date(2024, 3, 1))]

    def test_a_day_that_several_rows_tell_was_told_by_the_one_published_first(self) -> None:
        """3.2: with three days to look back, 1 to 4 March were told in time, 5 to 9 March only on
        31 March."""
        text = care("day", "look_back = [{ value = 3, @ }]\n")
        rows = (
            'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-03-09, published = 2024-03-31 }, '
            '{ participant = "P-1", start = 2024-03-01, end = 2024-03-04, published = 2024-03-04 }]\n'
        )
        claim = billed(text, rows)
        assert [(m, q) for m, q, _ in lines(claim)] == [("2024-03", "4"), ("2024-03", "0")]
        assert str(claim.lines[1].reason or "") == "made known more than 3 days after the day of service"


class TestBorders:
    """7.3: a line belongs to the window of its day of service; a proportional month is cut at the
    border."""

    def test_windows_of_every_kind(self) -> None:
        """The second year of enrollment begins on 10 March 2025; other windows begin with a
        month."""
        windows = ("calendar_year", "federal_fiscal_year", "enrollment_year", "award", "budget_period")
        ceilings = "".join(
            f'[ceilings.{w}]\ntitle = "Cap"\ncite = "m"\nwindow = "{w}"\n'
            'amounts = [{ tier = "alone", value = "99999.00 USD", @ }]\n'
            for w in windows
        )
        rows = 'through = "2025-12"\nknown = 2025-12-31\nenrollments = [{ participant = "P-1", start = 2024-03-10 }]\n'
        found = [(m, q) for m, q, _ in lines(billed(care("actual_days") + ceilings, rows))]
        assert found[11:15] == [("2025-02", "28/28"), ("2025-03", "9/31"), ("2025-03", "22/31"), ("2025-04", "30/30")]
        assert len(found) == 23


class TestRates:
    """2.5: the day of service of a whole-month count is its first enrolled day; else each day takes
    its own rate."""

    def test_a_rate_that_changes_in_the_month(self) -> None:
        """10 to 20 March are 11 days at 310.00, 21 to 31 March 11 at 620.00."""
        march = SPRING + 'through = "2024-03"'
        assert lines(billed(care("any_day", rate=CHANGE), march)) == [("2024-03", "1", 31000)]
        assert lines(billed(care("actual_days", rate=CHANGE), march)) == [
            ("2024-03", "11/31", 11000),
            ("2024-03", "11/31", 22000),
        ]

    def test_by_the_day_of_enrollment_or_arrival(self) -> None:
        text = care("actual_days", 'rate_by = "enrollment_day"\n', CHANGE)
        assert [a for _, _, a in lines(billed(text, SPRING))] == [22000, 31000, 20000]
        arrived = SPRING + 'participants = [{ id = "P-1", arrived = 2024-03-21, eligible = 2024-03-20 }]\n'
        by = text.replace("enrollment_day", "arrival_day")
        assert [a for _, _, a in lines(billed(by, arrived))] == [44000, 62000, 40000]
        by = text.replace("enrollment_day", "eligibility_day")
        assert [a for _, _, a in lines(billed(by, arrived))] == [22000, 31000, 20000]
        with pytest.raises(NotInForce, match="no day on which a participant eligible is in force on 2024-03-10"):
            billed(by, SPRING)

    def test_where_no_rate_holds(self) -> None:
        """2.4: a refusal which names what was asked for, on which day and as known when."""
        later = RATE.replace("@", 'effective = 2024-03-11, published = 2024-03-11, cite = "m"')
        with pytest.raises(NotInForce) as refused:
            billed(care("any_day", rate=later), SPRING)
        assert refused.value == NotInForce("rate of care in phase enrolled", date(2024, 3, 10), KNOWN)

    def test_all_that_is_missing_at_once(self) -> None:
        """2.4: each thing that is not in force once, on the first day that needs it, of whatever
        participant."""
        later = RATE.replace("@", 'effective = 2024-06-01, published = 2024-06-01, cite = "m"')
        both = care("any_day", rate=later) + care("any_day", rate=later).replace("care", "meals")
        rows = """participants = [{ id = "P-1" }, { id = "P-2" }]
        enrollments = [
          { participant = "P-1", start = 2024-04-10, end = 2024-05-20 },
          { participant = "P-2", start = 2024-03-12, end = 2024-05-20 },
        ]
        """
        with pytest.raises(NotInForce) as refused:
            billed(both, rows)
        first = [(x.what, x.day) for x in (refused.value, *refused.value.others)]
        day = date(2024, 3, 12)
        assert first == [("rate of care in phase enrolled", day), ("rate of meals in phase enrolled", day)]
        assert len(str(refused.value).splitlines()) == 2


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
    """An enrollment may name its service; where one does, one that names none goes for every
    service."""

    def test_each_service_its_own_days(self) -> None:
        text = care("day") + care("day").replace("services.care", "services.more")
        rows = (
            'enrollments = [{ participant = "P-1", service = "care", start = 2024-03-01, end = 2024-03-10 }, '
            '{ participant = "P-1", start = 2024-03-21, end = 2024-03-31 }]\n'
        )
        claim = billed(text, rows)
        assert [(x.service, x.quantity) for x in claim.lines] == [("care", 21), ("more", 11)]
