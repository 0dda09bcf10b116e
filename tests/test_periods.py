"""Months, intervals of days, and years of several kinds, day by day (Rulebook 2.1 and 7.3)."""

from __future__ import annotations

from datetime import date, datetime

import pendulum
import pytest

from grantcalc.errors import Inexact
from grantcalc.periods import (
    Interval,
    Month,
    add_months,
    anniversary_index,
    as_date,
    date_of,
    federal_fiscal_year,
    month_number,
    month_of,
    month_span,
    parse_date,
    union,
)


def day(text: str) -> date:
    return date.fromisoformat(text)


class TestDays:
    """2.1: dates are calendar dates."""

    def test_a_date_is_one_and_pendulum_has_another(self) -> None:
        assert as_date(day("2012-10-15")) == day("2012-10-15")
        plain = as_date(pendulum.date(2012, 10, 15))
        assert (type(plain), plain) == (date, day("2012-10-15"))

    @pytest.mark.parametrize("value", [datetime(2012, 10, 15), pendulum.datetime(2012, 10, 15), "2012-10-15", None])
    def test_anything_else_is_none(self, value: object) -> None:
        with pytest.raises(TypeError, match=r"a day must be a datetime\.date"):
            as_date(value)  # type: ignore[arg-type]

    def test_in_text(self) -> None:
        assert parse_date("2012-10-15") == day("2012-10-15")

    @pytest.mark.parametrize("text", ["2012-W42-1", "20121015", "2012-10-32", "2012-13-01", "15 October", ""])
    def test_other_text(self, text: str) -> None:
        with pytest.raises(Inexact, match="a date must be written like 2012-10-15"):
            parse_date(text)

    @pytest.mark.parametrize(
        ("anchor", "months", "moved"),
        [
            ("2024-01-31", 1, "2024-02-29"),  # clamped to the month's end
            ("2024-01-31", 2, "2024-03-31"),  # reckoned from the anchor, never step by step
            ("2023-01-31", 13, "2024-02-29"),
            ("2024-03-10", -1, "2024-02-10"),
            ("2024-03-10", 0, "2024-03-10"),
        ],
    )
    def test_months_later(self, anchor: str, months: int, moved: str) -> None:
        found = add_months(day(anchor), months)
        assert (type(found), found) == (date, day(moved))

    def test_by_its_ordinal(self) -> None:
        assert date_of(day("2012-10-15").toordinal()) == day("2012-10-15")


class TestMonth:
    """A month is a number inside: 12 × year + month − 1."""

    @pytest.mark.parametrize("text", ["2012-01", "2012-09", "2012-12", "0001-01", "9998-12"])
    def test_text_number_and_day(self, text: str) -> None:
        year, month = int(text[:4]), int(text[5:])
        found = Month.parse(text)
        assert (found, str(found)) == (Month(year, month), text)
        assert found.number == 12 * year + month - 1
        assert month_of(found.number) == found
        assert Month.of(date(year, month, 17)) == found
        assert month_number(date(year, month, 17).toordinal()) == found.number

    @pytest.mark.parametrize(
        ("text", "first", "last", "days"),
        [
            ("2024-02", "2024-02-01", "2024-02-29", 29),
            ("2023-02", "2023-02-01", "2023-02-28", 28),
            ("2023-12", "2023-12-01", "2023-12-31", 31),
            ("2023-01", "2023-01-01", "2023-01-31", 31),
        ],
    )
    def test_its_days(self, text: str, first: str, last: str, days: int) -> None:
        month = Month.parse(text)
        assert (month.first, month.last, month.days) == (day(first), day(last), days)
        assert month_span(month.number) == (day(first).toordinal(), day(last).toordinal())

    def test_its_number_is_not_given(self) -> None:
        with pytest.raises(TypeError):
            Month(2012, 9, 5)  # type: ignore[call-arg]

    def test_months_after(self) -> None:
        assert Month(2012, 11).plus(2) == Month(2013, 1)
        assert Month(2012, 1).plus(-1) == Month(2011, 12)

    def test_order_is_by_year_and_month(self) -> None:
        months = [Month(2012, 2), Month(2011, 12), Month(2012, 1)]
        assert sorted(months) == [Month(2011, 12), Month(2012, 1), Month(2012, 2)]

    @pytest.mark.parametrize(("year", "month"), [(2012, 0), (2012, 13), (0, 5), (9999, 1)])
    def test_out_of_range(self, year: int, month: int) -> None:
        with pytest.raises(ValueError, match="a month is 1 to 12, in a year from 1 to 9998"):
            Month(year, month)

    @pytest.mark.parametrize(
        "text", ["2012-9", "2012/09", "2012-13", "2012-00", "12-09", "201 -09", "2012-+9", "201-009", "2012-091"]
    )
    def test_other_text(self, text: str) -> None:
        with pytest.raises(Inexact, match="a month must be written like 2012-09"):
            Month.parse(text)


MARCH = Interval(day("2024-03-01"), day("2024-03-31"))


class TestInterval:
    """2.1: intervals include both their days; an open end is open."""

    def test_both_ends_are_in(self) -> None:
        assert [day(d) in MARCH for d in ("2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01")] == [
            False,
            True,
            True,
            False,
        ]
        assert day("9999-12-31") in Interval(day("2024-03-01"))
        assert "2024-03-10" not in MARCH

    def test_one_day(self) -> None:
        one = Interval(day("2024-03-10"), day("2024-03-10"))
        assert day("2024-03-10") in one

    def test_it_does_not_end_before_it_starts(self) -> None:
        with pytest.raises(ValueError, match="an interval must not end before it starts"):
            Interval(day("2024-03-10"), day("2024-03-09"))

    @pytest.mark.parametrize(
        ("start", "end", "common"),
        [
            ("2024-03-31", "2024-04-30", ("2024-03-31", "2024-03-31")),
            ("2024-02-01", "2024-03-01", ("2024-03-01", "2024-03-01")),
            ("2024-02-01", None, ("2024-03-01", "2024-03-31")),
            ("2024-03-10", "2024-03-20", ("2024-03-10", "2024-03-20")),
            ("2024-04-01", None, None),
            ("2024-02-01", "2024-02-29", None),
        ],
    )
    def test_common_days(self, start: str, end: str | None, common: tuple[str, str] | None) -> None:
        other = Interval(day(start), day(end) if end else None)
        wanted = Interval(*map(day, common)) if common else None
        assert MARCH.clip(other) == other.clip(MARCH) == wanted

    def test_open_and_open_is_open(self) -> None:
        assert Interval(day("2024-03-01")).clip(Interval(day("2024-01-01"))) == Interval(day("2024-03-01"))

    def test_in_words(self) -> None:
        assert str(MARCH) == "2024-03-01 to 2024-03-31"
        assert str(Interval(day("2024-03-01"))) == "2024-03-01 to open"

    def test_order(self) -> None:
        later = Interval(day("2024-03-02"), day("2024-03-05"))
        assert sorted([later, MARCH]) == [MARCH, later]


@pytest.mark.parametrize(
    ("spans", "merged"),
    [
        ([], []),
        ([(5, 6), (1, 2)], [(1, 2), (5, 6)]),
        ([(1, 2), (3, 4)], [(1, 4)]),  # they touch
        ([(1, 2), (4, 5)], [(1, 2), (4, 5)]),  # a day between them
        ([(1, 5), (2, 3)], [(1, 5)]),
        ([(1, 3), (3, 5), (9, 9)], [(1, 5), (9, 9)]),
        ([(1, 2), (5, 6), (6, 8)], [(1, 2), (5, 8)]),
        ([(1, 2), (5, 9), (6, 8)], [(1, 2), (5, 9)]),
    ],
)
def test_each_day_stands_once(spans: list[tuple[int, int]], merged: list[tuple[int, int]]) -> None:
    """3: equal or overlapping enrollments count each day once."""
    assert union(spans) == merged


@pytest.mark.parametrize(("text", "year"), [("2012-09-30", 2012), ("2012-10-01", 2013), ("2012-12-31", 2013)])
def test_the_federal_fiscal_year_is_named_for_its_end(text: str, year: int) -> None:
    """7.3: from 1 October."""
    assert federal_fiscal_year(day(text)) == year


@pytest.mark.parametrize(
    ("anchor", "on", "index"),
    [
        ("2024-01-31", "2024-01-31", 0),
        ("2024-01-31", "2024-02-28", 0),
        ("2024-01-31", "2024-02-29", 1),  # clamped
        ("2024-01-31", "2024-03-30", 1),
        ("2024-01-31", "2024-03-31", 2),
        ("2024-01-15", "2025-01-14", 11),
        ("2024-01-15", "2025-01-15", 12),
        ("2024-11-15", "2025-02-20", 3),
        ("2024-01-15", "2026-03-01", 25),
    ],
)
def test_whole_months_since_a_day(anchor: str, on: str, index: int) -> None:
    """3: the k-th month begins k − 1 months after the first day, clamped to the month's end."""
    assert anniversary_index(day(anchor), day(on)) == index
