"""What amendments change: later totals, later last days as known on a day, and carry-over between
budget periods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from attrs import evolve

from grantcalc.awards import Amendment, Award, Subaward
from grantcalc.errors import Finding
from grantcalc.known import Fact, Series
from grantcalc.money import Cents, dollars
from grantcalc.periods import Interval
from grantcalc.provenance import Authority

LastDays = Mapping[tuple[str, str], date]
"""Later last days, by award or subaward and by budget period, which is empty for the whole of
it."""


def with_amendments(amount: Series[int], amendments: Iterable[Amendment]) -> Series[int]:
    """An amount with the later totals that amendments give it; those that it holds already are not
    added again."""
    facts = (
        Fact[int](Cents(a.amount), a.effective, a.published, Authority(f"Amendment {a.reference} of {a.of}"), a.source)
        for a in amendments
        if a.amount is not None
    )
    return amount.with_facts(fact for fact in facts if fact not in amount.facts)


def last_days(amendments: Iterable[Amendment], known: date) -> LastDays:
    """The last days that extensions give, as known on a day: of two, the one published last."""
    rows = sorted((a for a in amendments if a.published <= known), key=lambda a: (a.published, a.effective))
    return {(a.of, a.budget_period): a.end for a in rows if a.end is not None}


def extended_award(award: Award, ends: LastDays) -> Award:
    """An award and its budget periods with later last days."""
    periods = (evolve(p, days=_extended(p.days, ends, award.fain, p.label)) for p in award.budget_periods)
    return evolve(award, period=_extended(award.period, ends, award.fain), budget_periods=tuple(periods))


def extended_subaward(subaward: Subaward, ends: LastDays) -> Subaward:
    """A subaward with a later last day."""
    return evolve(subaward, period=_extended(subaward.period, ends, subaward.id))


def _extended(days: Interval, ends: LastDays, of: str, label: str = "") -> Interval:
    return Interval(days.start, ends.get((of, label), days.end))


def check_carry_over(awards: Iterable[Award], amendments: Sequence[Amendment]) -> Iterator[Finding]:
    """A finding for each carry-over that changes the sum of an award's budget periods: what one
    gains, another loses; and for one that holds only after the last day of its budget period, on
    which what is obligated is read (9.2)."""
    periods = {(a.fain, p.label): p for a in awards for p in a.budget_periods}
    changes: dict[tuple[str, str], int] = {}
    for a in amendments:
        period = periods.get((a.of, a.budget_period))
        if a.kind != "carry_over" or a.amount is None or period is None:
            continue
        eve = date.fromordinal(max(a.published.toordinal() - 1, 1))
        before = period.amount.find(period.days.last, eve)
        changes[a.of, a.reference] = changes.get((a.of, a.reference), 0) + a.amount - (before.value if before else 0)
        if a.effective > period.days.last:
            problem = "this carry-over holds only after the last day of the budget period"
            expected = f"{period.days.last} or before"
            yield a.source.finding("carry_over", problem, expected, a.effective, column="effective")
    for a in amendments:
        if changed := changes.pop((a.of, a.reference), 0):
            problem = f"this carry-over changes the sum of the budget periods by {dollars(changed):,.2f}"
            expected = "rows that take from one budget period what another gains"
            yield a.source.finding("carry_over", problem, expected, column="amount")
