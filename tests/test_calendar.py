"""A calendar: what each program that ships does with each day from 2007 to 2027, and the days on
which that changes.

The table is committed in docs/programs.md, so that a change of it is reviewed. To write it again
after a change of terms, run this file: `python -m tests.test_calendar`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from grantcalc.errors import NotInForce
from grantcalc.known import Steps
from grantcalc.periods import add_months
from grantcalc.terms import Rules, ServiceRules, Terms, load_terms, published_terms
from grantcalc.terms.ends import last_day, newest_publication, overdue, series_of, values_of
from grantcalc.terms.rules import dated_rules

PAGE = Path(__file__).resolve().parent.parent / "docs" / "programs.md"
FIRST, LAST = date(2007, 1, 1), date(2027, 12, 31)
DAY = timedelta(days=1)
HEAD = "| program | service | from | rates, and what else decides |\n| --- | --- | --- | --- |\n"


class Calendar:
    """One program, asked of each day as known on that day: what cannot have been known then is not
    seen."""

    def __init__(self, id: str) -> None:
        self.terms: Terms = load_terms(id)
        self.days = sorted({fact.published for fact in values_of(self.terms)} | {self.terms.published})
        self.known: dict[int, Rules] = {}
        self.steps: dict[tuple[str, date], list[int]] = {}
        self.asked: dict[tuple[str, date, int], str] = {}

    def rules(self, day: date) -> Rules | None:
        """The rules as known on a day: the same between two publications. None before the terms
        were published."""
        if self.terms.published > day:
            return None
        number = bisect_right(self.days, day)
        if number not in self.known:
            self.known[number] = dated_rules(self.terms, self.days[number - 1])
        return self.known[number]

    def says(self, service: str, day: date) -> str:
        """What a service does with a day: the rates in force, or a refusal; and what is told beside
        them."""
        rules = self.rules(day)
        if rules is None:
            return "refused: not published yet"
        of = next(s for s in rules.services if s.service.id == service)
        told = [self.rates(rules, of, day), *self.others(rules, of, day)]
        if overdue(self.terms, [of.service], day):
            told.append("told: the newest publication is old")
        return "; ".join(told)

    def rates(self, rules: Rules, of: ServiceRules, day: date) -> str:
        if of.count == "actual_cost":
            return "actual cost"
        if not of.service.rates:
            begins = min((o.since for o in rules.terms.opens if o.since), default=day)
            return "the award's rates" if begins <= day else "refused: the rule has not begun"
        step = (of.service.id, of.known, bisect_right(self.starts(of), day.toordinal()))
        if step not in self.asked:
            self.asked[step] = self.rates_asked(of, day)
        return self.asked[step]

    def starts(self, of: ServiceRules) -> list[int]:
        """The days on which any rate of a service begins or ends, as known: between two of them no
        rate changes."""
        if (place := (of.service.id, of.known)) not in self.steps:
            self.steps[place] = sorted({start for steps in of.rates.values() for start in steps.starts})
        return self.steps[place]

    @staticmethod
    def rates_asked(of: ServiceRules, day: date) -> str:
        """Every rate of a service on a day; a missing one is refused by name."""
        values, missing = [], 0
        for key in of.service.rates:
            try:
                values.append(str(of.rate_at(day.toordinal(), *key).value))
            except NotInForce as refused:
                assert refused.what.startswith(f"rate of {of.service.id}")
                missing += 1
        if not values:
            return "refused: no rate"
        return " · ".join(values) + (f" ({missing} refused)" if missing else "")

    def others(self, rules: Rules, of: ServiceRules, day: date) -> Iterator[str]:
        """Periods of eligibility, and ceilings."""
        for rule in of.provisions.get("eligible_months", ()):
            yield self.said(rule.values, day, "{} months", "no period")
        for ceiling in rules.ceilings:
            for tier, amounts in ceiling.amounts.items():
                yield self.said(amounts, day, f"ceiling {tier} {{}}", f"refused: no ceiling {tier}")

    @staticmethod
    def said(steps: Steps[Any], day: date, text: str, otherwise: str) -> str:
        fact = steps.find(day.toordinal())
        if fact is None:
            return otherwise
        return text.format(fact.value if isinstance(fact.value, int) and "ceiling" not in text else money(fact.value))


def money(value: Any) -> str:
    """Cents as dollars; a number of months as it is."""
    return f"{value // 100:,}.{value % 100:02}" if isinstance(value, int) else str(value.value)


def changes(id: str) -> Iterator[tuple[str, date, str]]:
    """The service, the day and what it does from that day on, for each day on which it does
    something else."""
    calendar = Calendar(id)
    for service in calendar.terms.services:
        day, before = FIRST, ""
        while day <= LAST:
            says = calendar.says(service.id, day)
            if says != before:
                yield service.id, day, says
            day, before = day + DAY, says


def table() -> str:
    """The table of docs/programs.md."""
    rows = (f"| `{id}` | {s} | {day} | {says} |\n" for id in published_terms() for s, day, says in changes(id))
    return HEAD + "".join(rows)


def committed() -> str:
    """The table as the page has it, at its end."""
    return HEAD + PAGE.read_text("utf-8").partition(HEAD)[2]


@pytest.mark.slow
def test_each_day_of_each_program_is_in_the_table() -> None:
    """Each day either prices, or refuses by name, or is told of; the days on which that changes are
    those committed."""
    assert table() == committed()


@pytest.mark.parametrize("id", published_terms())
def test_nothing_goes_stale_in_silence(id: str) -> None:
    """Once the newest publication is older than the usual rhythm, each service refuses, ends, or is
    told of."""
    terms = load_terms(id)
    if terms.renewed_every is None:
        assert not any(last_day(rate) for service in terms.services for rate in service.rates.values()) or id in ENDED
        return
    stale = add_months(newest_publication(terms), terms.renewed_every)
    for day in (stale + DAY, date(2027, 12, 31)):
        for service in terms.services:
            ended = [s for s in series_of(service) if (end := last_day(s)) is not None and end < day]
            told = overdue(terms, [service], day) is not None
            assert told or len(ended) == len([*series_of(service)])
        assert not any(overdue(terms, [service], stale) for service in terms.services)


ENDED = ("rca-ceilings", "reception-and-placement")
"""Programs without a rhythm whose rates ended all the same: what replaced them is not at hand."""


def test_every_program_is_described() -> None:
    page = PAGE.read_text("utf-8")
    for id in published_terms():
        terms = load_terms(id)
        section = re.search(rf"^\| `{id}` \| (.*)$", page, re.MULTILINE)
        assert section, id
        assert str(newest_publication(terms)) in section[1], id


if __name__ == "__main__":
    above = PAGE.read_text("utf-8").partition(HEAD)[0]
    PAGE.write_text(above + table(), "utf-8", newline="\n")
