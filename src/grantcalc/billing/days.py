"""Counting by the day: days of absence, hours, and units (Rulebook 3, policies `day`, `hour` and
`unit`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from grantcalc.billing.caseload import Absence
from grantcalc.billing.counting import EnrollmentSpell, cut
from grantcalc.billing.pricing import UnitKind
from grantcalc.periods import federal_fiscal_year, month_number, month_span, union
from grantcalc.terms import ServiceRules
from grantcalc.terms.rules import ProvisionRules

FigureOn = Callable[[str, int], Fraction]
"""A figure of the site by its name, on a day."""


class Away(NamedTuple):
    """One continuous absence: its days, and its hours."""

    kind: str
    start: int
    end: int
    hours: int


def absences(rows: Iterable[Absence], enrolled: list[EnrollmentSpell], known: int) -> list[Away]:
    """The absences that touch an enrolled day, in order, with all their days to `known` (Rulebook
    3.2.1); those of one kind that are not a whole day apart are one continuous absence (38 CFR
    51.40(c))."""
    merged: list[Away] = []
    for row in sorted(rows, key=lambda r: (r.kind, r.days.start)):
        start = row.days.start.toordinal()
        end = min(row.days.end.toordinal(), known) if row.days.end else known
        if start > end:
            continue
        hours = row.hours or 24 * (end - start + 1)
        last = merged[-1] if merged else None
        if last and last.kind == row.kind and start <= last.end + 1:
            merged[-1] = Away(row.kind, last.start, max(last.end, end), last.hours + hours)
        else:
            merged.append(Away(row.kind, start, end, hours))
    return [a for a in merged if any(s.start <= a.end and a.start <= s.end for s in enrolled)]


def unpaid_days(
    rules: ServiceRules, every: list[Away], spells: list[EnrollmentSpell], figure: FigureOn
) -> list[tuple[int, int]]:
    """Enrolled days of absence that the terms do not pay, as merged spans.

    A day is paid when every provision for its kind lets it be; without one in force it is not. The
    days of a stay or of a calendar year are counted whether or not they were paid; a cliff pays all
    of them or none.
    """
    unpaid: list[tuple[int, int]] = []
    for away in every:
        mine = [r for r in rules.provisions.get("absence", ()) if r.word("kind") in (away.kind, "any")]
        for day in range(max(away.start, spells[0].start), min(away.end, spells[-1].end) + 1):
            if any(s.start <= day <= s.end for s in spells):
                limits = [(rule, limit) for rule in mine if (limit := rule.at(day))]
                paid = [
                    _pays(rule, int(limit.value.value), (away, every), day, spells, figure) for rule, limit in limits
                ]
                if not (paid and all(paid)):
                    unpaid.append((day, day))
    return union(unpaid)


def _pays(
    rule: ProvisionRules,
    most: int,
    absent: tuple[Away, list[Away]],
    day: int,
    spells: list[EnrollmentSpell],
    figure: FigureOn,
) -> bool:
    """Whether one provision pays a day away: the how manieth it is, and how long the whole is, of a
    stay, a month or a year. A percentage is of the enrolled days of the month, and counts those
    alone."""
    away, every = absent
    nth, length, hours = day - away.start + 1, away.end - away.start + 1, away.hours
    if rule.word("per") != "stay":
        first, last = _period(rule.word("per"), day)
        days = _between([a for a in every if rule.word("kind") in (a.kind, "any")], first, last)
        if rule.word("unit") == "percent":
            enrolled = [d for s in spells for d in range(max(s.start, first), min(s.end, last) + 1)]
            days = [d for d in days if d in enrolled]
            most = most * len(enrolled) // 100
        nth, length, hours = days.index(day) + 1, len(days), 24 * len(days)
    if rule.word("unit") == "hour":
        nth, length = 24 * nth, hours
    within = (length if rule.word("beyond") == "cliff" else nth) <= most
    if within and rule.word("when"):
        return figure(rule.word("when"), day) >= Fraction(rule.word("at_least") or "0")
    return within


def _period(per: str, day: int) -> tuple[int, int]:
    """The first and the last day of the month, or of the year, of a day."""
    if per == "month":
        return month_span(month_number(day))
    on = date.fromordinal(day)
    if per == "calendar_year":
        return date(on.year, 1, 1).toordinal(), date(on.year, 12, 31).toordinal()
    year = federal_fiscal_year(on)
    return date(year - 1, 10, 1).toordinal(), date(year, 9, 30).toordinal()


def _between(every: list[Away], first: int, last: int) -> list[int]:
    """The days of absences in a period, in order, each once."""
    return sorted({day for a in every for day in range(max(a.start, first), min(a.end, last) + 1)})


def without(spells: list[EnrollmentSpell], spans: list[tuple[int, int]]) -> list[EnrollmentSpell]:
    """The spells less some spans of days."""
    borders = [day for start, end in spans for day in (start, end + 1)]
    return [s for s in cut(spells, borders) if not any(a <= s.start <= b for a, b in spans)]


Had = Mapping[UnitKind, int]
"""Hours or units of one participant-day."""
Price = Callable[[str, str], Fraction]
Rank = tuple[Fraction, tuple[int, ...]]
"""What a combination pays, and how many of each price it has, the best paid first."""
Maximum = tuple[tuple[str, ...] | None, int]
"""At most so many of these units together; of all of them where none are named."""


def parts_of(rules: ServiceRules, unit: str, day: int) -> int:
    """How many reported parts make one of a unit: 4 quarter hours an hour. 1 where the terms do not
    say."""
    for rule in rules.provisions.get("parts", ()):
        if rule.word("of") == unit and (parts := rule.at(day)):
            return int(parts.value.value)
    return 1


def banded(rules: ServiceRules, had: Had, day: int) -> dict[UnitKind, int]:
    """The hours of one day as the units of the highest band that they reach: one of its unit, and
    of what `then` names each hour beyond. Hours of each class are a day of their own; hours that
    reach no band become nothing."""
    bands = [(int(least.value.value), rule) for rule in rules.provisions.get("bands", ()) if (least := rule.at(day))]
    if not bands:
        return {**had}
    by_class: dict[str, int] = defaultdict(int)
    for (_, rate_class), hours in had.items():
        by_class[rate_class] += hours
    units: dict[UnitKind, int] = {}
    for rate_class, hours in by_class.items():
        reached = [band for band in bands if band[0] <= hours]
        if reached:
            begins, band = max(reached, key=lambda band: band[0])
            units[band.word("unit"), rate_class] = 1
            if band.word("then") and hours > begins:
                units[band.word("then"), rate_class] = hours - begins
    return units


def hours_of_day(rules: ServiceRules, day: int) -> int:
    """The hours that the rate's day is made of; 1 where the terms do not say: the rate is then that
    of an hour."""
    for rule in rules.provisions.get("hours_of_day", ()):
        if whole := rule.at(day):
            return int(whole.value.value)
    return 1


def hours_paid(rules: ServiceRules, had: Had, price: Price, day: int) -> dict[UnitKind, int]:
    """Hours of one day, at most the daily cap, the best paid first."""
    caps = [(None, int(cap.value.value)) for rule in rules.provisions.get("daily_cap", ()) if (cap := rule.at(day))]
    return _best(had, [[*caps]], price)


def units_paid(rules: ServiceRules, had: Had, price: Price, day: int) -> dict[UnitKind, int]:
    """Units of one day, held to the daily maxima; of the allowed combinations (options), the best
    paid. A maximum without an option holds under each."""
    options: dict[str, list[Maximum]] = defaultdict(list)
    for rule in rules.provisions.get("units_a_day", ()):
        if most := rule.at(day):
            options[rule.word("option")].append((rule.names("of"), int(most.value.value)))
    always = options.pop("", [])
    return _best(had, [[*always, *options[name]] for name in sorted(options)] or [always], price)


def _best(had: Had, options: list[list[Maximum]], price: Price) -> dict[UnitKind, int]:
    """What is paid best of all that some option allows; of combinations that pay the same, the one
    with the most of the best paid, whichever option allows it; of those the first (Rulebook 5.2.3).

    Kind after kind, the best paid first, from the most down; what cannot become better than the
    best is not tried.
    """
    prices = {kind: price(*kind) for kind in had}
    kinds = sorted(had, key=lambda kind: (-prices[kind], kind))
    best: tuple[int, ...] = ()
    best_rank: Rank | None = None

    def rank(counts: tuple[int, ...]) -> Rank:
        of_price: dict[Fraction, int] = {}
        for kind, n in zip(kinds, counts, strict=True):
            of_price[prices[kind]] = of_price.get(prices[kind], 0) + n
        return sum((each * n for each, n in of_price.items()), Fraction()), (*of_price.values(),)

    def search(kept: tuple[int, ...], room: list[int], maxima: list[Maximum]) -> None:
        nonlocal best, best_rank
        if len(kept) == len(kinds):
            best, best_rank = kept, rank(kept)
            return
        kind, *rest = kinds[len(kept) :]
        held = [n for n, (of, _) in enumerate(maxima) if of is None or kind[0] in of]
        for n in range(min([had[kind], *(room[h] for h in held)]), -1, -1):
            at_most = rank((*kept, n, *(had[k] for k in rest)))
            if best_rank is not None and at_most <= best_rank:
                return
            search((*kept, n), [r - n if h in held else r for h, r in enumerate(room)], maxima)

    for maxima in options:
        search((), [most for _, most in maxima], maxima)
    return dict(zip(kinds, best, strict=True))
