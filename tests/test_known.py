"""Facts with two dates, and their one look-up (Rulebook 2.2 to 2.4)."""

from __future__ import annotations

from datetime import date

import pytest

from grantcalc.errors import NotInForce
from grantcalc.known import Fact, Series, Steps
from grantcalc.provenance import NOWHERE, Authority, Source

SAYS = Authority("a test")


def fact(value: str | None, effective: str, published: str) -> Fact[str | None]:
    return Fact(value, date.fromisoformat(effective), date.fromisoformat(published), SAYS)


RATE = Series(
    "rate",
    [
        fact("second", "2012-07-01", "2012-06-01"),
        fact("corrected", "2012-07-01", "2012-08-01"),
        fact("first", "2011-10-01", "2011-09-01"),
        fact(None, "2013-01-01", "2012-12-01"),
    ],
)


@pytest.mark.parametrize(
    ("day", "known", "value"),
    [
        ("2011-10-01", "2011-09-01", "first"),  # on its first day, known on the day of its publication
        ("2012-06-30", "2013-06-01", "first"),
        ("2012-07-01", "2012-05-31", "first"),
        ("2012-07-01", "2012-06-01", "second"),
        ("2012-07-01", "2012-08-01", "corrected"),  # of two with the same effective date, the later published
        ("2012-12-31", "2013-06-01", "corrected"),
        ("2013-01-01", "2012-11-30", "corrected"),
    ],
)
def test_what_holds(day: str, known: str, value: str) -> None:
    """2.3: of the facts published on or before `known`, the one with the latest effective date on
    or before the day."""
    on, then = date.fromisoformat(day), date.fromisoformat(known)
    assert RATE.at(on, then).value == value
    assert RATE.find(on, then) == RATE.at(on, then)


@pytest.mark.parametrize(
    ("day", "known"), [("2011-09-30", "2013-06-01"), ("2011-10-01", "2011-08-31"), ("2013-01-01", "2012-12-01")]
)
def test_where_none_holds(day: str, known: str) -> None:
    """2.4: a refusal which names what was asked for, on which day and as known when. Never zero."""
    on, then = date.fromisoformat(day), date.fromisoformat(known)
    with pytest.raises(NotInForce) as refused:
        RATE.at(on, then)
    assert refused.value == NotInForce("rate", on, then)
    assert RATE.find(on, then) is None


def test_the_days_on_which_another_holds() -> None:
    days = [date(2011, 10, 1), date(2012, 7, 1), date(2013, 1, 1)]
    assert RATE.as_known(date(2013, 6, 1)).starts == [d.toordinal() for d in days]


def test_more_facts_make_another_series() -> None:
    more = RATE.with_facts([fact("third", "2014-01-01", "2013-12-01")])
    assert (more.what, len(more.facts), len(RATE.facts)) == ("rate", 5, 4)
    assert more.at(date(2014, 1, 1), date(2014, 1, 1)).value == "third"


def test_a_series_without_facts_is_none() -> None:
    assert not Series[int]("amount")
    assert RATE


def test_where_a_fact_was_read_is_no_part_of_it() -> None:
    there = Fact(1, date(2012, 1, 1), date(2012, 1, 1), SAYS, Source("award.xlsx", "Terms", 3))
    assert there == Fact(1, date(2012, 1, 1), date(2012, 1, 1), SAYS, NOWHERE)


def test_what_was_worked_out_is_no_part_of_equality() -> None:
    known = date(2013, 6, 1)
    assert RATE.as_known(known) == RATE.as_known(known)
    assert RATE.as_known(known) != RATE.as_known(date(2012, 6, 1))
    with pytest.raises(TypeError):
        Steps("rate", known, (), [1])  # type: ignore[call-arg]
