"""What the terms provide beside rates, day by day (docs/terms.md): the oracle's lower half, as slow
and as plain.

Written like `oracle.py` from the rulebook and the terms' document, without sight of the
implementation, and held by the same test. Time and look-ups stand here, since both halves use them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import floor
from typing import Any, TypeVar

from attrs import frozen

from grantcalc.billing.caseload import Absence, Caseload, Characteristic, Household, SiteFigure
from grantcalc.eligibility import Participant
from grantcalc.errors import NotInForce
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.periods import Interval, Month
from grantcalc.terms import Dimension, Service
from grantcalc.terms.values import Provision

T = TypeVar("T")
ONE_DAY = timedelta(days=1)


# ---- 2. Time ------------------------------------------------------------------------------------------


def holds_on(day: date, days: Interval) -> bool:
    """Intervals include both their days; an open end is open (2.1)."""
    return days.start <= day and (days.end is None or day <= days.end)


def in_force(facts: Iterable[Fact[T]], day: date, known: date) -> Fact[T] | None:
    """Published on or before `known`, the latest effective on or before the day; then the later
    published (2.3).

    A fact that ends what was there has no value, and then nothing holds.
    """
    best: Fact[T] | None = None
    for fact in facts:
        if fact.published > known or fact.effective > day:
            continue
        if best is None or (fact.effective, fact.published) > (best.effective, best.published):
            best = fact
    return None if best is None or best.value is None else best


def must_hold(what: str, facts: Iterable[Fact[T]], day: date, known: date) -> Fact[T]:
    """Where none holds, that is a refusal. Never zero (2.4)."""
    fact = in_force(facts, day, known)
    if fact is None:
        raise NotInForce(what, day, known)
    return fact


def month_length(month: Month) -> int:
    """L: the days of a calendar month."""
    return len(list(calendar_days(month)))


def calendar_days(month: Month) -> Iterator[date]:
    day = date(month.year, month.month, 1)
    while day.month == month.month:
        yield day
        day += ONE_DAY


def months_after(anchor: date, months: int) -> date:
    """So many months after a day, clamped to the month's end."""
    year, month = anchor.year, anchor.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return [day for day in calendar_days(Month(year, month)) if day.day <= anchor.day][-1]


def each_day(days: Interval, until: date) -> Iterator[date]:
    """The days of an interval, an open end as far as `until`."""
    day = days.start
    while day <= (days.end or until):
        yield day
        day += ONE_DAY


def to_the_cent(exact: Fraction) -> int:
    """Rounded once, half away from zero (5.1)."""
    size = floor(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def multiple_of(step: Fraction, exact: Fraction, how: str) -> Fraction:
    """The multiple of a step below, above or nearest to what is not below zero, halves up."""
    below = exact - exact % step
    above = below if below == exact else below + step
    if how == "nearest":
        return above if above - exact <= exact - below else below
    return below if how == "down" else above


# ---- prices and provisions of one service -----------------------------------------------------------------


Reported = Mapping[tuple[str, str], int]
"""Hours or units of one day, by unit and class."""
Prices = Mapping[tuple[str, str], Fraction]
Maxima = list[tuple[Any, Fraction]]
"""At most so many of these units together; None: of all."""


@frozen
class Price:
    """What one unit comes to (5.2, the order of docs/terms.md): the rate, the price, and what else
    made it so.

    Another fact, or another entry of the rate table, makes another price, even where the numbers
    agree.
    """

    entry: str
    rate: Fact[Rate]
    value: Fraction
    made_of: tuple[Fact[Any], ...] = ()


@frozen
class Provided:
    """One service and one issuer's rows, as known on a day."""

    service: Service
    load: Caseload
    figures: list[SiteFigure]
    known: date
    sites: list[Characteristic]
    dimensions: tuple[Dimension, ...]
    states: Mapping[str, str]

    def in_force(self, kind: str, day: date) -> Iterator[tuple[Provision, Fact[Rate]]]:
        """The entries of one kind that are in force on a day; the others are not there yet."""
        for provision in self.service.provisions:
            fact = in_force(provision.values.facts, day, self.known) if provision.kind == kind else None
            if fact is not None:
                yield provision, fact

    def provided(self, kind: str, day: date) -> Iterator[tuple[Provision, Fraction]]:
        """The same, and their values."""
        for provision, fact in self.in_force(kind, day):
            yield provision, Fraction(fact.value.value)

    def site(self, subaward: str, name: str, day: date) -> Fact[Decimal]:
        """A figure of the site in force on a day; a refusal where there is none (2.4)."""
        rows = [row for row in self.figures if (row.subaward, row.name) == (subaward, name)]
        facts = [Fact(row.value, row.effective, row.published, self.service.authority) for row in rows]
        return must_hold(f"figure {name}", facts, day, self.known)

    def figure(self, subaward: str, name: str, day: date) -> Fraction:
        return Fraction(self.site(subaward, name, day).value)

    def households(self, who: Participant | None, day: date) -> list[Household]:
        rows = [row for row in self.load.households if row.participant == who and row.published <= self.known]
        return [row for row in rows if holds_on(day, row.days)]

    def said(self, rows: Iterable[Characteristic], name: str, day: date) -> Fact[Any]:
        """A word or a number in force on a day; a refusal where there is none (2.4, 5.6)."""
        mine = [row for row in rows if row.characteristic == name]
        facts = [
            Fact(row.word if row.number is None else row.number, row.effective, row.published, self.service.authority)
            for row in mine
        ]
        return must_hold(name, facts, day, self.known)

    def of_participant(self, who: Participant | None, name: str, day: date) -> Fact[Any]:
        return self.said([row for row in self.load.characteristics if who and row.participant == who], name, day)

    def words(self, who: Participant | None, subaward: str, day: date) -> dict[str, str]:
        """The word of each dimension that a price of the service goes by: the participant's, the
        site's, or that of the State of the subrecipient."""
        asked = {p.word("of") for p in self.service.provisions if p.kind == "multiplier"}
        for place, dimension in enumerate(self.dimensions):
            if any(key.words[place] for key in self.service.rates):
                asked.add(dimension.id)
        words: dict[str, str] = {}
        for dimension in self.dimensions:
            if dimension.id not in asked:
                continue
            if dimension.of == "participant":
                words[dimension.id] = self.of_participant(who, dimension.id, day).value
            elif dimension.of == "site":
                rows = [row for row in self.sites if row.subaward == subaward]
                words[dimension.id] = self.said(rows, dimension.id, day).value
            else:
                state = self.states.get(subaward, "")
                word = dimension.states.get(state, dimension.other) if state else ""
                if not word:
                    raise NotInForce(dimension.id, day, self.known)
                words[dimension.id] = word
        return words

    def own_figure(self, provision: Provision, who: Participant | None, subaward: str, day: date) -> list[Fact[Any]]:
        """A figure and what is taken off it, of the site or of the participant."""
        names = [provision.word("figure"), *provision.words.get("less", ())]
        if provision.word("whose") == "participant":
            return [self.of_participant(who, name, day) for name in names]
        return [self.site(subaward, name, day) for name in names]

    # ---- the price ----

    def rate(
        self,
        phase: str,
        day: date,
        unit: str = "",
        rate_class: str = "",
        size: str = "",
        words: Sequence[str] = (),
    ) -> tuple[str, Fact[Rate]]:
        """The entry that says most, and says nothing wrong, and has a rate in force; a phase says
        more than a unit, that more than a class, that more than a size, and that more than the
        words of dimensions, in their order."""
        found: list[tuple[int, tuple[bool, ...], str, Fact[Rate]]] = []
        for key, series in self.service.rates.items():
            parts = (key.phase, key.unit, key.rate_class, key.size, *key.words)
            truth = (phase, unit, rate_class, size, *words)
            right = all(said in ("", true) for said, true in zip(parts, truth, strict=True))
            fact = in_force(series.facts, day, self.known)
            if right and fact:
                says = tuple(bool(part) for part in parts)
                found.append((sum(says), says, str(key), fact))
        if not found:
            raise NotInForce(f"rate of {self.service.id}", day, self.known)
        return max(found, key=lambda entry: entry[:2])[2:]

    def price(
        self,
        who: Participant | None,
        subaward: str,
        phase: str,
        day: date,
        rate_day: date,
        unit: str = "",
        rate_class: str = "",
    ) -> Price:
        """Table with slope, multipliers, lesser-of, what is deducted, uplift, rounding; each step
        exact (5.2).

        The values of the terms are those of the rate's day; persons and figures those of the day of
        service.
        """
        family = sum(row.family for row in self.households(who, day))  # rows that overlap add up
        minors = sum(row.minors for row in self.households(who, day))
        heads = {"minor": minors, "family": family, "household": min(family, 1)}
        size = 0 if who is None else 1 + family  # of what a site counts, no size is known
        made_of: list[Fact[Any]] = []
        by_word = self.words(who, subaward, day)
        words = [by_word.get(dimension.id, "") for dimension in self.dimensions]
        said = {"unit": unit, "class": rate_class, **by_word}
        slopes = [
            (int(p.word("above")), fact)
            for p, fact in self.in_force("slope", rate_day)
            if not p.word("of") or said[p.word("of")] == p.word("is")
        ]
        entry, rate, price = "", None, Fraction(0)
        for above, slope in slopes:
            if size > above and rate is None:
                entry, rate = self.rate(phase, rate_day, unit, rate_class, str(above), words)
                price = Fraction(rate.value.value) + Fraction(slope.value.value) * (size - above)
                made_of += [slope] * (size - above)  # of another number of persons it is another price
        if rate is None:
            entry, rate = self.rate(phase, rate_day, unit, rate_class, str(size) if size else "", words)
            price = Fraction(rate.value.value)
        for provision, times in self.in_force("multiplier", rate_day):
            if said[provision.word("of")] == provision.word("is"):
                price *= Fraction(times.value.value)
                made_of.append(times)
        for provision, share in self.in_force("lesser_of", rate_day):
            cost, *less = self.own_figure(provision, who, subaward, day)
            own = Fraction(cost.value) - sum(Fraction(each.value) for each in less)
            own = max(Fraction(0), Fraction(share.value.value) * own)
            raised: list[Fact[Any]] = []
            for rule, uplift in self.in_force("uplift", rate_day):
                if rule.word("on") == "cost" and heads[rule.word("per")]:
                    own *= 1 + Fraction(uplift.value.value) * heads[rule.word("per")]
                    raised += [uplift] * heads[rule.word("per")]
            if own < price:
                price = own
                made_of += [share, cost, *less, *raised]
        for provision, share in self.in_force("deduct", rate_day):
            cost, *less = self.own_figure(provision, who, subaward, day)
            own = Fraction(share.value.value) * (Fraction(cost.value) - sum(Fraction(each.value) for each in less))
            if own > 0:
                price = max(Fraction(0), price - own)
                made_of += [share, cost, *less]
        for provision, share in self.in_force("uplift", rate_day):
            many = heads[provision.word("per")]
            if many and provision.word("on") != "cost":
                price *= 1 + Fraction(share.value.value) * many
                made_of += [share] * many
        for provision, step in self.in_force("rounding", rate_day):
            whole = multiple_of(Fraction(step.value.value), price, provision.word("how"))
            if provision.word("of") == "price" and whole != price:
                price = whole
                made_of.append(step)
        return Price(entry, rate, price, tuple(made_of))

    def parts(self, price: Price, rate_day: date) -> list[tuple[str, Price]]:
        """A carve-out parts the price: so much of it stands in its pool, the rest in the service's
        own (5.2)."""
        rest, found = price.value, list[tuple[str, Price]]()
        made_of = price.made_of
        for provision, carve in self.in_force("carve", rate_day):
            part = min(rest, Fraction(carve.value.value))
            rest, made_of = rest - part, (*made_of, carve)
            found.append((provision.word("pool"), Price(price.entry, price.rate, part, made_of)))
        return [*found, (self.service.pool, Price(price.entry, price.rate, rest, made_of))]

    def share(self, quantity: Fraction, day: date) -> Fraction:
        """A part of a month may be rounded to decimals (5.2.18)."""
        for provision, decimals in self.provided("share_decimals", day):
            return multiple_of(Fraction(1, 10 ** int(decimals)), quantity, provision.word("how"))
        return quantity

    def rounded(self, price: Price, quantity: Fraction, day: date, first_month: bool) -> tuple[Price, Fraction]:
        """What is rounded is one unit at the rounded price (5.2.16)."""
        for provision, unit in self.in_force("rounding", day):
            step, exact = Fraction(unit.value.value), price.value * quantity
            wanted = provision.word("of") != "price" and (first_month or provision.word("only") == "every_month")
            if wanted and exact % step:
                value = multiple_of(step, exact, provision.word("how"))
                price, quantity = Price(price.entry, price.rate, value, (*price.made_of, unit)), Fraction(1)
        return price, quantity

    def below_floor(self, amount: int, exact: Fraction, day: date, first_month: bool) -> bool:
        """An amount below the floor is not paid: every month, or in that of application or after a
        break. The rounded amount is tested, or the one before any rounding (5.2.17)."""
        return any(
            (exact if provision.word("on") == "exact" else Fraction(amount, 100)) < value
            and (first_month or provision.word("only") == "every_month")
            for provision, value in self.provided("floor", day)
        )

    # ---- what is refused by name (3.2, 4.4) ----

    def stated(self, who: Participant, of: str) -> date:
        """The day of arrival or of eligibility; a refusal where it is not stated."""
        row = next(row for row in self.load.participants if row.participant == who)
        day = row.arrived if of == "arrived" else row.eligible
        if day is None:
            raise NotInForce(of, date.min, self.known)
        return day

    def not_served(self, who: Participant, day: date, first_enrolled: date | None) -> str:
        """Why the terms do not serve a person of the day's status, if they do not (4.5)."""
        rows = [r for r in self.load.statuses if r.participant == who and r.published <= self.known]
        rows = sorted((r for r in rows if r.effective <= day), key=lambda r: r.effective)
        if not rows:
            return ""
        status, since = rows[-1].status, rows[-1].effective
        while rows and rows[-1].status == status:
            since = rows.pop().effective
        since = max(since, first_enrolled or since)
        for provision, days in self.provided("served_days", day):
            if provision.word("status") == status and (days == 0 or (day - since).days >= days):
                return f"{provision} {days}"
        return ""

    def refusal(self, who: Participant, day: date, first_enrolled: date, published: date) -> str:
        """Why a day of service is refused, if it is.

        Enrolled too late, outside the window of eligibility, or made known too late: the gates
        stand in this order.
        """
        for provision, days in self.provided("enroll_within", first_enrolled):
            if (first_enrolled - self.stated(who, provision.word("of"))).days > days:
                return f"{provision} {days}"
        for provision in self.service.provisions:
            if provision.kind == "eligible_months":
                if not any(fact.published <= self.known for fact in provision.values.facts):
                    continue
                since = self.stated(who, provision.word("since"))
                months = must_hold("months of eligibility", provision.values.facts, since, self.known)
                first, following = self._window(provision, since, int(months.value.value))
                if day < first or day >= following:
                    return f"{provision} {'before' if day < first else 'beyond'}"
        for provision, days in self.provided("look_back", day):
            if (published - day).days > days:
                return f"{provision} {days}"
        end = [*calendar_days(Month(day.year, day.month))][-1]
        for provision, days in self.provided("claim_within", day):
            if (published - end).days > days:
                return f"{provision} {days}"
        return ""

    def _window(self, provision: Provision, start: date, months: int) -> tuple[date, date]:
        """N months by calendar months (that of arrival is the first) or from the actual date (4.4):
        the first day, and the first after it."""
        if provision.word("by") == "calendar_months":
            start = start.replace(day=1)
        return start, months_after(start, months)

    # ---- absences ----

    def unpaid_absences(self, who: Participant, enrolled: Iterable[date], places: Mapping[date, str]) -> set[date]:
        """The days of absence that the terms do not pay; each absence must satisfy every provision
        for its kind. One with no enrolled day uses up nothing (3.2.1); `places` are the enrolled
        days that are left to be paid."""
        rows = [row for row in self.load.absences if row.participant == who and row.published <= self.known]
        stays = {kind: self._stays([row for row in rows if row.kind == kind]) for kind in {row.kind for row in rows}}
        touching = {kind: [stay for stay in found if {*stay.days} & {*enrolled}] for kind, found in stays.items()}
        return {
            day
            for kind, found in touching.items()
            for stay in found
            for day in stay.days
            if day in places and not self._paid(kind, day, stay, touching, places)
        }

    def _stays(self, rows: Sequence[Absence]) -> list[Stay]:
        """Absences of one kind with no whole day between them are one absence; of each, all its
        days to `known`."""
        stays: list[Stay] = []
        for row in sorted(rows, key=lambda row: row.days.start):
            days = [day for day in each_day(row.days, self.known) if day <= self.known]
            if not days:
                continue
            hours = row.hours or 24 * len(days)
            if stays and days[0] <= stays[-1].days[-1] + ONE_DAY:
                last = stays.pop()
                stays.append(Stay(sorted({*last.days, *days}), last.hours + hours))
            else:
                stays.append(Stay(days, hours))
        return stays

    def _paid(
        self, kind: str, day: date, stay: Stay, every: Mapping[str, list[Stay]], places: Mapping[date, str]
    ) -> bool:
        """Whether a day away is paid. Days count toward their limit whether or not they were paid
        (3.2)."""
        verdicts: list[bool] = []
        for provision, limit in self.provided("absence", day):
            if provision.word("kind") not in (kind, "any"):
                continue
            most = limit
            if provision.word("per") == "stay":
                days, hours = stay.days, stay.hours
            else:
                of_kind = [s for own, held in every.items() if provision.word("kind") in (own, "any") for s in held]
                per = provision.word("per")
                days = sorted({d for s in of_kind for d in s.days if _period(per, d) == _period(per, day)})
                hours = 24 * len(days)
                if provision.word("unit") == "percent":
                    enrolled = [d for d in places if _period(per, d) == _period(per, day)]
                    days = [d for d in days if d in enrolled]
                    most = limit * Fraction(len(enrolled), 100)
            nth = days.index(day) + 1
            if provision.word("unit") == "hour":
                cut, whole = 24 * nth <= most, hours <= most
            else:
                cut, whole = nth <= most, len(days) <= most
            paid = whole if provision.word("beyond") == "cliff" else cut
            figure = provision.word("when")
            if paid and figure:
                paid = self.figure(places[day], figure, day) >= Fraction(provision.word("at_least") or 0)
            verdicts.append(paid)
        return bool(verdicts) and all(verdicts)

    # ---- hours and units ----

    def parts_of(self, unit: str, day: date) -> Fraction:
        """How many reported parts one of a unit has (3.4)."""
        return next((n for provision, n in self.provided("parts", day) if provision.word("of") == unit), Fraction(1))

    def banded(self, reported: Reported, day: date) -> dict[tuple[str, str], int]:
        """Hours as units of the highest band that they reach, and each further hour (3.4)."""
        bands = list(self.provided("bands", day))
        if not bands:
            return dict(reported)
        units: dict[tuple[str, str], int] = {}
        for rate_class in {own for _, own in reported}:
            hours = sum(n for (_, own), n in reported.items() if own == rate_class)
            best, most = None, Fraction(0)
            for band, least in bands:
                if most < least <= hours:
                    best, most = band, least
            if best is not None:
                units[best.word("unit"), rate_class] = 1
                if best.word("then") and hours > most:
                    units[best.word("then"), rate_class] = hours - int(most)
        return units

    def hours_of_day(self, day: date) -> Fraction:
        """How many hours a day of the rate has; 1 where the terms do not say, and the rate is then
        that of an hour."""
        for _, length in self.provided("hours_of_day", day):
            return length
        return Fraction(1)

    def best_hours(self, reported: Reported, prices: Prices, day: date) -> dict[tuple[str, str], int]:
        """Hours of a day, at most the daily cap; the best paid first (3)."""
        caps = [cap for _, cap in self.provided("daily_cap", day)]
        return self._best(reported, prices, [[(None, cap) for cap in caps]])

    def best_units(self, reported: Reported, prices: Prices, day: date) -> dict[tuple[str, str], int]:
        """Of all that the daily maxima allow, what is paid best; an entry without option holds
        under each (3)."""
        entries = list(self.provided("units_a_day", day))
        options = sorted({p.word("option") for p, _ in entries} - {""}) or [""]
        maxima: list[Maxima] = [
            [(p.words["of"], value) for p, value in entries if p.word("option") in (option, "")] for option in options
        ]
        return self._best(reported, prices, maxima)

    def _best(self, reported: Reported, prices: Prices, options: list[Maxima]) -> dict[tuple[str, str], int]:
        """Every combination is tried; of those that pay the same, the one with the most of the best
        paid (5.2.3): of the highest price, then of the next; and where that is equal too, the first
        option, and in it the first unit."""
        kinds = sorted(reported, key=lambda kind: (-prices[kind], kind))
        levels = sorted(set(prices.values()), reverse=True)
        best, most = dict[tuple[str, str], int](), (Fraction(-1), list[int]())
        for maxima in options:
            for quantities in product(*(range(reported[kind], -1, -1) for kind in kinds)):
                kept = dict(zip(kinds, quantities, strict=True))
                sums = [(sum(n for kind, n in kept.items() if of is None or kind[0] in of), cap) for of, cap in maxima]
                pays = sum((prices[kind] * n for kind, n in kept.items()), Fraction(0))
                of_level = [sum(n for kind, n in kept.items() if prices[kind] == level) for level in levels]
                if (pays, of_level) > most and all(n <= cap for n, cap in sums):
                    best, most = kept, (pays, of_level)
        return best


def _period(per: str, day: date) -> tuple[int, ...]:
    """What days of one month, or of one year, have in common."""
    if per == "month":
        return day.year, day.month
    return (day.year + (day.month >= 10) if per == "federal_fiscal_year" else day.year,)


@frozen
class Stay:
    """One absence: its days in order, and its hours."""

    days: list[date]
    hours: int
