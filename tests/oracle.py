"""The rulebook, computed day by day: slow, obvious, and written without sight of the
implementation.

It imports value types only (what a caseload, an award or a rate *is*), never code that counts,
prices, fills or limits; `test_oracle.py` reads the imports below and holds that. Each function is
one rule of the rulebook, in its order. Days are dates in plain loops, quantities are fractions,
amounts are whole cents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from math import floor
from typing import Any

from attrs import define, evolve, frozen

from grantcalc.awards import Award, Subaward
from grantcalc.billing.caseload import Caseload, Cost, Count, Enrollment, Household, OpeningBalance, UnitsUsed
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import NotInForce
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.terms import Ceiling, Service, ShareOfPool, Terms
from tests.oracle_provisions import (
    ONE_DAY,
    Price,
    Provided,
    calendar_days,
    each_day,
    holds_on,
    in_force,
    month_length,
    months_after,
    must_hold,
    to_the_cent,
)

PROPORTIONAL = ("actual_days", "thirty_days")


@frozen
class OracleLine:
    """One line of a claim (Rulebook 5.1); `unpaid` marks one of quantity 0, shown with its reason
    (3.2, 4.3).

    `since` are the two dates of a rate that is the price as it stands.
    """

    issuer: str
    participant: Participant | None
    award: str
    subaward: str
    service: str
    pool: str
    phase: str
    month: Month
    budget_period: str
    day: date
    quantity: Fraction
    price: Fraction | None
    since: tuple[date, date] | None
    amount: int
    reference: str = ""
    unpaid: bool = False


@frozen
class OracleHold:
    """What one ceiling holds back of one line, in cents, above zero (Rulebook 7.1)."""

    ceiling: str
    window: str
    line: OracleLine
    amount: int


@define
class Bill:
    """What the oracle finds: lines, and what ceilings hold back of them."""

    lines: list[OracleLine]
    holds: list[OracleHold]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines) - sum(hold.amount for hold in self.holds)


def oracle(caseloads: Iterable[Caseload], network: Network, through: Month, known: date | None = None) -> Bill:
    """The bill of these caseloads, for every service month to `through`, as known on `known`."""
    loads = list(caseloads)
    if known is None:
        known = max([network.report_date, *(load.report_date for load in loads)])  # 2.2
    whole, loads = loads, [told_last(load, known) for load in loads]
    bill = Bill([], [])
    for award in network.awards:
        under = _Award(award, network, through, known)
        lines: list[OracleLine] = []
        under.loads, under.whole = loads, whole
        for load in loads:
            for registration in load.participants:
                lines += under.lines_of_participant(load, registration.participant)
            lines += under.lines_of_the_site(load)
        bill.lines += lines
        bill.holds += under.holds(lines, loads)
    return bill


# ---- 2. Facts that were told again --------------------------------------------------------------------

SAME: Mapping[str, Callable[[Any], tuple[object, ...]]] = {
    "statuses": lambda r: (r.participant, r.effective),
    "letters": lambda r: (r.participant, r.kind, r.days.start),
    "households": lambda r: (r.participant, r.days.start),
    "enrollments": lambda r: (r.participant, r.subaward, r.service, r.days.start),
    "counts": lambda r: (r.subaward, r.service, r.phase, r.month, r.unit, r.rate_class),
    "units": lambda r: (r.participant, r.subaward, r.service, r.day, r.unit, r.rate_class),
    "absences": lambda r: (r.participant, r.kind, r.days.start),
    "figures": lambda r: (r.subaward, r.name, r.effective),
    "characteristics": lambda r: (r.participant, r.subaward, r.characteristic, r.effective),
    "openings": lambda r: (r.participant, r.award, r.given_by, r.window, r.pool, r.phase),
}


def told_last(load: Caseload, known: date) -> Caseload:
    """Of the rows about the same thing, the one published last (2.6); 0 and void say that there is
    nothing."""
    held: dict[str, list[Any]] = {}
    for kind, same in SAME.items():
        held[kind] = []
        for thing in dict.fromkeys(same(row) for row in getattr(load, kind)):
            told = [r for r in getattr(load, kind) if same(r) == thing and r.published <= known]
            told.sort(key=lambda row: row.published)
            if not told or told[-1].void or nothing(told[-1]):
                continue
            held[kind].append(told[-1])
            if kind == "enrollments":  # a day was made known by the first row that told it (3.2)
                while any(row.void for row in told):
                    told.pop(0)
                for row in told[:-1]:
                    last = min(row.days.last, told[-1].days.last)
                    days = Interval(row.days.start, None if last == date.max else last)
                    held[kind].append(evolve(row, days=days, restored=told[-1].restored))
    rows: dict[str, Any] = {kind: tuple(found) for kind, found in held.items()}
    return evolve(load, **rows)


def nothing(row: Any) -> bool:
    """Whether a row reports 0 of what it counts."""
    if isinstance(row, Household):
        return row.family == 0
    if isinstance(row, OpeningBalance):
        return row.amount == row.months == 0
    return isinstance(row, Count | UnitsUsed) and row.quantity == 0


# ---- 3. Counting a month ------------------------------------------------------------------------------


def calendar_months(days: Iterable[date]) -> dict[Month, list[date]]:
    """The enrolled days of each calendar month that has any, in order."""
    months: dict[tuple[int, int], list[date]] = {}
    for day in sorted(days):
        months.setdefault((day.year, day.month), []).append(day)
    return {Month(*month): own for month, own in months.items()}


PERIODS: Mapping[str, Callable[[date], tuple[int, int]]] = {
    "month": lambda day: (day.year, day.month),
    "quarter": lambda day: (day.year, (day.month - 1) // 3),
    "year": lambda day: (day.year, 0),
    "federal_fiscal_year": lambda day: (day.year + (day.month >= 10), 0),
}
"""What the days of one period have in common (3.5)."""


def whole_periods(policy: str, days: Mapping[date, object], period: str) -> list[tuple[Month, Fraction, list[date]]]:
    """The same for quarters and years: each belongs to the month of its first enrolled day
    (3.5)."""
    found: list[tuple[Month, Fraction, list[date]]] = []
    same = PERIODS[period]
    for which in sorted({same(day) for day in days}):
        own = sorted(day for day in days if same(day) == which)
        first, following = own[0], own[0]
        while same(first - ONE_DAY) == which:
            first -= ONE_DAY
        while same(following) == which:
            following += ONE_DAY
        quantity = Fraction(1)
        if policy == "first_day":
            quantity = Fraction(1 if first in days else 0)
        elif policy == "from_start":
            quantity = Fraction((following - own[0]).days, (following - first).days)
        if quantity:
            found.append((Month(own[0].year, own[0].month), quantity, own))
    return found


def whole_months(
    policy: str, days: Mapping[date, object], restored: set[date], first: date, period: str = "month"
) -> list[tuple[Month, Fraction, list[date]]]:
    """Month, its quantity and its enrolled days, in order of service, for the policies that pay a
    month as one (3).

    A month that counts nothing gives no line and stands not in the list. `first` is the first day
    ever enrolled.
    """
    found: list[tuple[Month, Fraction, list[date]]] = []
    if policy == "anniversary":
        for own in anniversary_months(sorted(days), first, {"month": 1, "quarter": 3, "year": 12}[period]):
            found.append((Month(own[0].year, own[0].month), Fraction(1), own))
        return found
    if period != "month":
        return whole_periods(policy, days, period)
    for month, own in calendar_months(days).items():
        quantity = whole_month(policy, month, own, days, restored, first)
        if quantity > 0:
            found.append((month, quantity, own))
    return found


def whole_month(
    policy: str, month: Month, own: list[date], days: Mapping[date, object], restored: set[date], first: date
) -> Fraction:
    """What one calendar month with enrolled days `own` counts; `days` are all days ever enrolled
    under the award."""
    first_of_month = date(month.year, month.month, 1)
    length = month_length(month)
    if policy == "any_day":
        return Fraction(1)
    if policy == "first_day":
        return Fraction(1 if first_of_month in days else 0)
    if policy == "following_month":
        if first_of_month in days and first_of_month - ONE_DAY in days:
            return Fraction(1)
        if own[0] in restored:
            return Fraction(length - own[0].day + 1, length)
        return Fraction(0)
    if policy == "from_start":
        return Fraction(length - own[0].day + 1, length)
    if policy == "from_start_thirty":
        return Fraction(1) if own[0].day == 1 else Fraction(31 - min(own[0].day, 30), 30)
    if policy == "mid_month":
        both = date(month.year, month.month, 15) in days and date(month.year, month.month, 16) in days
        return Fraction(1 if both else 0)
    if policy == "once":
        return Fraction(1 if (month.year, month.month) == (first.year, first.month) else 0)
    raise AssertionError(policy)


def anniversary_months(days: Sequence[date], first: date, each: int = 1) -> list[list[date]]:
    """The enrolled days of each month, or so many months, that runs from the first day ever
    enrolled, where there are any."""
    months: list[list[date]] = []
    k = 0
    while days and months_after(first, k) <= days[-1]:
        start, following = months_after(first, k), months_after(first, k + each)
        touched = [day for day in days if start <= day < following]
        if touched:
            months.append(touched)
        k += each
    return months


def part_of_month(policy: str, own: int, d: int, length: int) -> Fraction:
    """Count × own days ÷ d (3.1), under a proportional policy."""
    if policy == "actual_days" or d == length:
        count = Fraction(d, length)
    else:
        count = Fraction(min(d, 30), 30)
    return count * own / d


# ---- 4. Phases ----------------------------------------------------------------------------------------


def phase_on(day: date, letters: Iterable[Letter], terms: Terms, known: date) -> str:
    """The first phase for which a letter of its kinds holds on that day, else the phase without
    letters (4.1)."""
    for phase, kinds in terms.phases.items():
        for letter in letters:
            if letter.published <= known and letter.kind in kinds and holds_on(day, letter.days):
                return phase
    for phase, kinds in terms.phases.items():
        if not kinds:
            return phase
    raise AssertionError("a program has a phase without letters")


# ---- 5. A line ----------------------------------------------------------------------------------------


def split_evenly(amount: int, parts: int) -> list[int]:
    """Exact shares cut to whole cents, what is left over to the earlier; a negative amount is the
    negated split (6)."""
    shares = [abs(amount) // parts] * parts
    for index in range(abs(amount) - sum(shares)):
        shares[index] += 1
    return shares if amount >= 0 else [-share for share in shares]


@frozen
class Day:
    """What counts on one day: how much of what, and where; `length` is the hours that a day of the
    rate has."""

    day: date
    place: str
    quantity: Fraction
    unit: str = ""
    rate_class: str = ""
    length: Fraction = Fraction(1)


@frozen
class _Stay:
    """One participant and one service: the enrolled days, those of them that count, and those that
    gates refuse."""

    provided: Provided
    who: Participant
    first: date
    enrolled: dict[date, str]
    days: dict[date, str]
    refused: dict[date, str]
    phase: Callable[[date], str]
    rate_by: str
    months_used: Counter[str]

    def rate_day(self, day: date) -> date:
        """A rate goes by the day of service, of enrollment, of arrival or of eligibility (2.5)."""
        if self.rate_by == "service_day":
            return day
        if self.rate_by == "enrollment_day":
            return self.first
        return self.provided.stated(self.who, "arrived" if self.rate_by == "arrival_day" else "eligible")

    def price(self, place: str, phase: str, day: date, unit: str = "", rate_class: str = "") -> Price:
        return self.provided.price(self.who, place, phase, day, self.rate_day(day), unit, rate_class)

    def first_month(self, month: Month) -> bool:
        """Whether a month is that of application or follows a break (5.2); an absence is no
        break."""
        return calendar_months(self.days)[month][0] - ONE_DAY not in self.days


class _Award:
    """The rules of one award, as known on one day."""

    def __init__(self, award: Award, network: Network, through: Month, known: date) -> None:
        self.award, self.terms, self.through, self.known = award, award.terms, through, known
        self.loads: list[Caseload] = []
        self.whole: list[Caseload] = []
        self.shared = {s.id for s in network.subawards if len(s.reported_by) > 1}
        """Subawards of several reporters: what limits them is judged in the request (7.1.6)."""
        self.disallowances = [row for row in network.disallowances if row.subaward not in self.shared]
        self.subawards: dict[str, Subaward] = {award.fain: network.subaward(award.fain)}
        for subaward in network.subawards:
            if self._is_mine(subaward, network):
                self.subawards[subaward.id] = subaward
        states = {organization.id: organization.state for organization in network.organizations}
        self.states = {id: states.get(each.subrecipient, "") for id, each in self.subawards.items()}
        self.by_enrollment_year = any(self.policy(c, "window") == "enrollment_year" for c in self.terms.ceilings)

    def _is_mine(self, subaward: Subaward, network: Network) -> bool:
        parent = subaward.parent
        while parent not in {award.fain for award in network.awards}:
            parent = next(s for s in network.subawards if s.id == parent).parent
        return parent == self.award.fain

    def policy(self, of: Service | Ceiling | ShareOfPool, name: str) -> str:
        """A choice of the terms."""
        return must_hold(name, [of.choices[name]], date.max, self.known).value

    # ---- facts of one participant, as known ----

    def enrolled(self, rows: Iterable[Enrollment], who: Participant) -> dict[date, str]:
        """Each enrolled day and the subaward of that day; days after `known` are not billed (2.1,
        3)."""
        days: dict[date, str] = {}
        for row in rows:
            if row.participant == who and row.published <= self.known and row.subaward in self.subawards:
                period = self.subawards[row.subaward].period
                for day in each_day(row.days, _end(period)):
                    if day <= self.known and holds_on(day, period):
                        days[day] = row.subaward
        return days

    def restored(self, rows: Iterable[Enrollment], who: Participant) -> set[date]:
        """The days of restored enrollments."""
        return set(self.enrolled([row for row in rows if row.restored], who))

    def stay(self, load: Caseload, service: Service, who: Participant) -> _Stay:
        """The days for one service: those of enrollments that name it, or name none; and which of
        them gates refuse."""
        everywhere = [row for row in load.enrollments if row.participant == who]
        rows = [row for row in everywhere if row.service in ("", service.id)]
        days = self.enrolled(rows, who)
        letters = [letter for letter in load.letters if letter.participant == who]
        published: dict[date, date] = {}
        for row in sorted(rows, key=lambda row: row.published, reverse=True):
            published |= dict.fromkeys(self.enrolled([row], who), row.published)  # the row published first says when
        provided = self.provided(service, load)
        first = min(self.enrolled(everywhere, who), default=date.max)
        refused = {
            day: provided.not_served(who, day, first) or provided.refusal(who, day, min(days), published[day])
            for day in days
        }
        months = Counter[str]()
        for opening in load.openings:
            if (opening.participant, opening.award) == (who, self.award.fain) and opening.published <= self.known:
                months[opening.phase] += opening.months
        return _Stay(
            provided=provided,
            who=who,
            first=first,
            enrolled=days,
            days={day: place for day, place in days.items() if not refused[day]},
            refused={day: reason for day, reason in refused.items() if reason},
            phase=cache(lambda day: phase_on(day, letters, self.terms, self.known)),
            rate_by=self.policy(service, "rate_by"),
            months_used=months,
        )

    def provided(self, service: Service, load: Caseload) -> Provided:
        """A service with the rows that it goes by: one issuer's, and every issuer's figures of
        sites."""
        figures = [row for each in self.loads for row in each.figures]
        sites = [row for each in self.loads for row in each.characteristics if row.participant is None]
        return Provided(service, load, figures, self.known, sites, self.terms.dimensions, self.states)

    # ---- lines ----

    def lines_of_participant(self, load: Caseload, who: Participant) -> list[OracleLine]:
        lines: list[OracleLine] = []
        for service in self.terms.services:
            policy = self.policy(service, "count")
            if policy == "actual_cost":
                lines += self.of_people_served(service, load, who, list(self.cost_lines(service, load, who)))
                continue
            stay = self.stay(load, service, who)
            lines += self.refusals(stay, policy, stay.refused)
            if policy in ("hour", "unit"):
                lines += self.by_the_day(stay, policy, self.reported_days(stay, policy))
                lines += self.refusals(stay, policy, self.reported_elsewhere(stay))
                for (month, place, phase), day in (*self.late(stay).items(), *self.too_few(stay, policy).items()):
                    lines.append(self.nothing(stay, place, phase, month, day))
            elif policy in (*PROPORTIONAL, "day"):
                away = stay.provided.unpaid_absences(who, stay.enrolled, stay.days) if policy == "day" else set()
                each = [Day(day, place, Fraction(1)) for day, place in sorted(stay.days.items()) if day not in away]
                lines += self.by_the_day(stay, policy, each)
                lines += self.wholly_absent(stay, each)
            else:
                given = self.policy(service, "restored") == "from_start"
                rows = [row for row in load.enrollments if row.service in ("", service.id)]
                restored = self.restored(rows, who) if given else set()
                lines += self.whole_month_lines(
                    stay, whole_months(policy, stay.days, restored, stay.first, self.policy(service, "period"))
                )
        return [line for line in lines if line.month <= self.through and line.day <= self.known]

    def refusals(self, stay: _Stay, policy: str, refused: Mapping[date, str]) -> Iterator[OracleLine]:
        """What is refused stands at quantity 0, a line for each month, subaward, phase and reason
        (3.2).

        Of what is paid once, only in the month in which it would have been.
        """
        seen = set()
        for day, reason in sorted(refused.items()):
            month = Month(day.year, day.month)
            place = reason.removeprefix("elsewhere ") if reason.startswith("elsewhere ") else stay.enrolled[day]
            key = (month, place, stay.phase(day), reason)
            if key not in seen and (policy != "once" or month == Month(stay.first.year, stay.first.month)):
                seen.add(key)
                yield self.nothing(stay, place, stay.phase(day), month, day)

    def nothing(self, stay: _Stay, place: str, phase: str, month: Month, day: date) -> OracleLine:
        """Quantity 0 with its reason: it never disappears (3.2)."""
        who = stay.who
        line = self.line(stay.provided.service, who.issuer, who, place, phase, month, day, Fraction(0), None)
        return evolve(line, unpaid=True)

    def wholly_absent(self, stay: _Stay, paid: list[Day]) -> Iterator[OracleLine]:
        """A month of which every day is an absence that is not paid is shown (3.2)."""
        months = calendar_months({day.day for day in paid})
        for month, own in calendar_months(stay.days).items():
            if month not in months:
                yield self.nothing(stay, stay.days[own[0]], stay.phase(own[0]), month, own[0])

    def reported(self, stay: _Stay) -> list[UnitsUsed]:
        return [
            row
            for row in stay.provided.load.units
            if (row.participant, row.service) == (stay.who, stay.provided.service.id)
            and row.published <= self.known
            and row.subaward in self.subawards
            and Month(row.day.year, row.day.month) <= self.through
        ]

    def in_time(self, issuer: str, kind: str, row: Any, day: date, provided: Provided) -> int:
        """What is paid of a row: no more than was told by the deadline after its month (3.3)."""
        for _, days in provided.provided("claim_within", day):
            end = [*calendar_days(Month(day.year, day.month))][-1]
            load = next(load for load in self.whole if load.issuer == issuer)
            then = getattr(told_last(load, min(self.known, end + int(days) * ONE_DAY)), kind)
            told = [each.quantity for each in then if SAME[kind](each) == SAME[kind](row)]
            return int(min([row.quantity, *told])) if told else 0
        return int(row.quantity)

    def late(self, stay: _Stay) -> dict[tuple[Month, str, str], date]:
        """The first day of each month, subaward and phase of which more was claimed than in
        time."""
        found: dict[tuple[Month, str, str], date] = {}
        for row in sorted(self.reported(stay), key=lambda row: row.day):
            paid = self.in_time(stay.who.issuer, "units", row, row.day, stay.provided)
            if stay.days.get(row.day) == row.subaward and paid < row.quantity:
                key = (Month(row.day.year, row.day.month), row.subaward, stay.phase(row.day))
                found.setdefault(key, row.day)
        return found

    def too_few(self, stay: _Stay, policy: str) -> dict[tuple[Month, str, str], date]:
        """The first day of each month, subaward and phase with hours that reach no band (3.4)."""
        found: dict[tuple[Month, str, str], date] = {}
        for day in sorted({row.day for row in self.reported(stay)}) if policy == "hour" else ():
            hours = Counter[str]()
            for row in self.reported(stay):
                if row.day == day and stay.days.get(day) == row.subaward:
                    hours[row.rate_class] += self.in_time(stay.who.issuer, "units", row, day, stay.provided)
            bands = [least for _, least in stay.provided.provided("bands", day)]
            if bands and any(0 < n < min(bands) for n in hours.values()):
                found.setdefault((Month(day.year, day.month), stay.days[day], stay.phase(day)), day)
        return found

    def reported_elsewhere(self, stay: _Stay) -> dict[date, str]:
        """Hours and units of days on which the participant was not enrolled at that subaward are
        refused (3.2)."""
        return {
            row.day: f"elsewhere {row.subaward}"
            for row in self.reported(stay)
            if stay.enrolled.get(row.day) != row.subaward
        }

    def reported_days(self, stay: _Stay, policy: str) -> list[Day]:
        """The hours or units of each enrolled day, held to its daily maxima (3)."""
        provided, found = stay.provided, list[Day]()
        rows = [row for row in self.reported(stay) if stay.days.get(row.day) == row.subaward]
        for day in sorted({row.day for row in rows}):
            place = stay.days[day]
            reported = Counter[tuple[str, str]]()
            for row in rows:
                if row.day == day:
                    paid = self.in_time(stay.who.issuer, "units", row, day, provided)
                    reported[row.unit, row.rate_class] += paid
            counted = {key: n for key, n in reported.items() if n}
            counted = provided.banded(counted, day) if policy == "hour" else counted
            parts = {key: provided.parts_of(key[0], day) if policy == "unit" else Fraction(1) for key in counted}
            prices = {key: stay.price(place, stay.phase(day), day, *key).value / parts[key] for key in counted}
            best = provided.best_hours if policy == "hour" else provided.best_units
            length = provided.hours_of_day(day) if policy == "hour" else Fraction(1)
            for key, n in best(counted, prices, day).items():
                if counted[key]:
                    found.append(Day(day, place, Fraction(n), *key, length * parts[key]))
        return found

    def months_left(self, service: Service, phase: str, paid: int, day: date) -> bool:
        """At most N paid months of a phase (4.3)."""
        series = service.months.get(phase)
        limit = in_force(series.facts, day, self.known) if series else None
        return limit is None or paid < limit.value

    def whole_month_lines(self, stay: _Stay, months: list[tuple[Month, Fraction, list[date]]]) -> Iterator[OracleLine]:
        """One payee (3.1), one phase (4.2), the rate of the first enrolled day (2.5)."""
        paid = stay.months_used.copy()
        service = stay.provided.service
        for month, quantity, own in months:
            if month > self.through:
                continue
            day = own[0]
            payee = stay.days[own[0] if self.policy(service, "payee") == "first" else own[-1]]
            rule = self.policy(service, "phase_of_month")
            phase = stay.phase(own[-1] if rule == "last" else own[0])
            if rule == "better_paid":
                most = -1
                for candidate in dict.fromkeys(stay.phase(d) for d in own):
                    pays = 0
                    if self.months_left(service, candidate, paid[candidate], day):
                        pays = to_the_cent(100 * quantity * stay.price(payee, candidate, day).value)
                    if pays > most:
                        phase, most = candidate, pays
            left = self.months_left(service, phase, paid[phase], day)
            lines = list(self.priced(stay, payee, phase, month, day, quantity if left else Fraction(0)))
            lines = [part for line in lines for part in self.instalments(stay, line)]
            paid.update({line.phase for line in lines if line.quantity > 0})  # a month with a quantity above 0 (4.3)
            yield from lines

    def instalments(self, stay: _Stay, line: OracleLine) -> Iterator[OracleLine]:
        """An amount in parts, the first with the cents left over; each from its due day on, and
        none after the award (5.7)."""
        for provision, many in stay.provided.in_force("instalments", stay.rate_day(line.day)):
            if line.unpaid:
                break
            each, rest = divmod(line.amount, int(many.value.value))
            due = line.day
            for k in range(int(many.value.value)):
                if k:
                    step = {"month": 1, "quarter": 3}[provision.word("every")]
                    due = months_after(line.day.replace(day=1), k * step)
                    due = due.replace(day=int(provision.word("due") or 1))
                due = min(due, max(line.day, _end(self.award.period)))
                amount = each if k else each + rest
                yield evolve(
                    line,
                    day=due,
                    month=Month(due.year, due.month),
                    budget_period=self.budget_period(due),
                    quantity=Fraction(1),
                    price=Fraction(amount, 100),
                    since=None,
                    amount=amount,
                )
            return
        yield line

    def by_the_day(self, stay: _Stay, policy: str, each: list[Day]) -> Iterator[OracleLine]:
        """Each day has its own payee, phase, price and windows; equal ones of a month stand
        together (3.1, 4.2, 7.3).

        Hours and units are told apart by unit and class."""
        paid = stay.months_used.copy()
        service = stay.provided.service
        for month, counted in calendar_months({day.day for day in each}).items():
            if month > self.through:
                continue
            here = [d for d in each if d.day in counted]
            left = {}
            for phase in dict.fromkeys(stay.phase(d.day) for d in here if d.quantity):
                first = min(d.day for d in here if d.quantity and stay.phase(d.day) == phase)
                left[phase] = self.months_left(service, phase, paid[phase], first)
            parts: dict[tuple[object, ...], list[Day]] = {}
            for d in here:
                year = enrollment_year(stay.first, d.day) if self.by_enrollment_year else 0
                price = stay.price(d.place, stay.phase(d.day), d.day, d.unit, d.rate_class)
                carved = tuple(stay.provided.parts(price, stay.rate_day(d.day)))
                key = (
                    d.place,
                    stay.phase(d.day),
                    carved,
                    d.unit,
                    d.rate_class,
                    d.length,
                    self.budget_period(d.day),
                    year,
                )
                parts.setdefault(key, []).append(d)
            lines: list[OracleLine] = []
            for part in parts.values():
                quantity = sum((d.quantity for d in part), Fraction(0)) / part[0].length
                if policy in PROPORTIONAL:
                    quantity = part_of_month(policy, len(part), len(counted), month_length(month))
                phase = stay.phase(part[0].day)
                if not left.get(phase):
                    quantity = Fraction(0)
                lines += self.priced(
                    stay, part[0].place, phase, month, part[0].day, quantity, part[0].unit, part[0].rate_class
                )
            paid.update({line.phase for line in lines if line.quantity > 0})
            yield from lines

    def priced(
        self,
        stay: _Stay,
        payee: str,
        phase: str,
        month: Month,
        day: date,
        quantity: Fraction,
        unit: str = "",
        rate_class: str = "",
    ) -> Iterator[OracleLine]:
        """quantity × price, rounded once, and held to the floor; or what is carved out of it apart
        (5.2)."""
        price = stay.price(payee, phase, day, unit, rate_class)
        provided, on, first = stay.provided, stay.rate_day(day), stay.first_month(month)
        quantity = provided.share(quantity, on)
        exact = quantity * price.value
        price, quantity = provided.rounded(price, quantity, on, first)
        amount = to_the_cent(100 * quantity * price.value)
        small = provided.below_floor(amount, exact, on, first)
        if small or not quantity:
            yield self.nothing(stay, payee, phase, month, day)
            return
        for pool, part in stay.provided.parts(price, stay.rate_day(day)):
            line = self.line(stay.provided.service, stay.who.issuer, stay.who, payee, phase, month, day, quantity, part)
            yield evolve(line, pool=pool)

    def cost_lines(self, service: Service, load: Caseload, who: Participant | None) -> Iterator[OracleLine]:
        """Actual costs are lines of quantity 1 at the reported amount; several months split evenly
        (5.3)."""
        days = self.enrolled(load.enrollments, who) if who else {}
        letters = [letter for letter in load.letters if letter.participant == who]
        for cost in load.costs:
            if (cost.participant, cost.service) != (who, service.id):
                continue
            if cost.published > self.known or cost.subaward not in self.subawards:
                continue
            months = sorted(cost.months) or [Month(cost.paid.year, cost.paid.month)]
            for month, amount in zip(months, split_evenly(cost.amount, len(months)), strict=True):
                day = self.day_of_cost(cost, month, days)
                phase = phase_on(day, letters, self.terms, self.known) if who else ""  # a site is in no phase
                line = self.line(service, load.issuer, who, cost.subaward, phase, month, day, Fraction(1), None)
                yield evolve(line, amount=amount, reference=cost.reference)

    def of_people_served(
        self, service: Service, load: Caseload, who: Participant, lines: list[OracleLine]
    ) -> Iterator[OracleLine]:
        """Costs of days not served stand at quantity 0; a credit stands unless every cost of its
        subaward and month is refused, and where there is none its own day decides (4.5). Only what
        is billed counts."""
        lines = [line for line in lines if line.month <= self.through and line.day <= self.known]
        rows = [row for row in load.enrollments if row.participant == who]
        first = min(self.enrolled(rows, who), default=None)
        provided = self.provided(service, load)
        for line in lines:
            costs = [c for c in lines if c.amount >= 0 and (c.subaward, c.month) == (line.subaward, line.month)]
            deciding = costs if line.amount < 0 and costs else [line]
            refused = all(provided.not_served(who, each.day, first) for each in deciding)
            yield evolve(line, quantity=Fraction(0), amount=0, unpaid=True) if refused else line

    def day_of_cost(self, cost: Cost, month: Month, days: Iterable[date]) -> date:
        """The day paid if in the service month, else the first enrolled day, else the first; inside
        the subaward."""
        of_month = list(calendar_days(month))
        day = of_month[0]
        if cost.paid in of_month:
            day = cost.paid
        elif enrolled := [d for d in sorted(days) if d in of_month]:
            day = enrolled[0]
        inside = [d for d in of_month if holds_on(d, self.subawards[cost.subaward].period)]
        return min(max(day, inside[0]), inside[-1])

    def lines_of_the_site(self, load: Caseload) -> Iterator[OracleLine]:
        """Costs without a participant; and unit counts that a site reports, each on the first day
        of its month inside the subaward (5.1, 5.3)."""
        for service in self.terms.services:
            if self.policy(service, "count") == "actual_cost":
                lines = self.cost_lines(service, load, None)
                yield from (line for line in lines if line.month <= self.through and line.day <= self.known)
        for count in load.counts:
            if count.published > self.known or count.month > self.through or count.subaward not in self.subawards:
                continue
            period = self.subawards[count.subaward].period
            day = next(d for d in calendar_days(count.month) if holds_on(d, period))
            if day <= self.known:
                service, phase = self.terms.service(count.service), count.phase
                provided = self.provided(service, load)
                quantity = Fraction(self.in_time(load.issuer, "counts", count, day, provided))
                if self.policy(service, "count") == "hour":
                    quantity /= provided.hours_of_day(day)
                elif self.policy(service, "count") == "unit":
                    quantity /= provided.parts_of(count.unit, day)
                price = provided.price(None, count.subaward, phase, day, day, count.unit, count.rate_class)
                price, quantity = provided.rounded(price, quantity, day, first_month=False)
                for pool, part in provided.parts(price, day):
                    paid = part if quantity else None
                    line = self.line(
                        service, load.issuer, None, count.subaward, phase, count.month, day, quantity, paid
                    )
                    yield evolve(line, pool=pool, unpaid=not quantity)

    def line(
        self,
        service: Service,
        issuer: str,
        who: Participant | None,
        subaward: str,
        phase: str,
        month: Month,
        day: date,
        quantity: Fraction,
        price: Price | None,
    ) -> OracleLine:
        """amount = quantity × price, exact, rounded once (5.1)."""
        fain, pool, period = self.award.fain, service.pool, self.budget_period(day)
        amount = to_the_cent(100 * quantity * price.value) if price else 0
        value = price.value if price else None
        since = (price.rate.effective, price.rate.published) if price and not price.made_of else None
        return OracleLine(
            issuer, who, fain, subaward, service.id, pool, phase, month, period, day, quantity, value, since, amount
        )

    def budget_period(self, day: date) -> str:
        return next(p.label for p in self.award.budget_periods if holds_on(day, p.days))

    # ---- 7. Ceilings ----

    def holds(self, lines: list[OracleLine], loads: list[Caseload]) -> list[OracleHold]:
        """What is disallowed; beyond capacity; share on authorized; participant and window; share
        on claimed; subaward; claimed again (7.1, 8.4)."""
        purse = _Purse(lines)
        self.disallow(purse, lines)
        for service in self.terms.services:
            self.recoup(purse, service, lines, loads)
        self.stage(purse, "participant", lines, loads)
        self.stage(purse, "subaward", lines, loads)
        for id, subaward in self.subawards.items():
            own = [line for line in lines if line.subaward == id]
            seen = [fact for fact in subaward.amount.facts if fact.published <= self.known]
            if id in self.shared or id in {each.parent for each in self.subawards.values()}:
                continue  # over its own service and all below it, it is judged in the request (7.1.1)
            if own and seen:  # without any, it has no ceiling of its own
                amount = must_hold(f"amount of {id}", seen, _end(subaward.period), self.known).value
                purse.fill(f"subaward {id}", "subaward period", own, [amount] * len(own))
        self.stage(purse, "participant", lines, loads, again=True)
        self.stage(purse, "subaward", lines, loads, again=True)
        return purse.holds

    def stage(
        self, purse: _Purse, scope: str, lines: list[OracleLine], loads: list[Caseload], *, again: bool = False
    ) -> None:
        """The ceilings of participants, or those of subawards: shares on authorized, ceilings,
        shares on claimed."""
        ceilings = {c.id: c for c in self.terms.ceilings if self.policy(c, "scope") == scope}
        shares = [share for share in self.terms.shares if share.of in ceilings]
        claimed = [share for share in shares if self.policy(share, "base") == "claimed"]
        for share in shares:
            if share not in claimed and not again:
                for window in self.windows(ceilings[share.of], lines, loads):
                    at_most = self.at_most(share, window)
                    pool = [line for line in window.lines if line.pool == share.pool]
                    most = [floor(at_most * window.authorized(line)) for line in pool]
                    purse.fill(share.id, window.name, pool, most, window.used(share.pool))
        for ceiling in ceilings.values():
            if not again:
                for window in self.windows(ceiling, lines, loads):
                    room = [window.authorized(line) for line in window.lines]
                    purse.fill(ceiling.id, window.name, window.lines, room, window.used())
        for share in claimed:
            self.hold_to_claimed(purse, share, self.windows(ceilings[share.of], lines, loads))

    def disallow(self, purse: _Purse, lines: list[OracleLine]) -> None:
        """What is disallowed of a subaward, service and month reduces its lines, the last in the
        order of 7.2 first; by reference, in the order published, less what was taken back (8.4)."""
        known = [row for row in self.disallowances if row.published <= self.known]
        sums: dict[tuple[str, str, Month, str], int] = {}
        for row in sorted(known, key=lambda row: (row.published, row.reference)):
            key = (row.subaward, row.service, row.month, row.reference)
            sums[key] = sums.get(key, 0) + row.amount
        for (subaward, service, month, reference), amount in sums.items():
            own = [x for x in lines if (x.subaward, x.service, x.month) == (subaward, service, month)]
            own.sort(key=filling_order)
            left = amount
            for line in own[::-1]:
                taken = max(0, min(left, purse.stands(line)))
                purse.hold(f"disallowance {reference}", str(month), line, taken)
                left -= taken

    def recoup(self, purse: _Purse, service: Service, lines: list[OracleLine], loads: list[Caseload]) -> None:
        """Persons of a subaward and month beyond the capacity are recouped, the last in the order
        of 7.2 first.

        A bare count is of persons, unless the service is counted by the day, hour or unit: then it
        is out of reach.
        """
        own = [x for x in lines if x.service == service.id and x.quantity > 0]
        if self.policy(service, "count") in ("day", "hour", "unit"):
            own = [x for x in own if x.participant]
        for id, month in dict.fromkeys((x.subaward, x.month) for x in own):
            here = sorted((x for x in own if (x.subaward, x.month) == (id, month)), key=filling_order)
            period = self.subawards[id].period  # the payee of an anniversary's month may begin only after it
            day = next((day for day in calendar_days(month) if holds_on(day, period)), period.start)
            provided = self.provided(service, loads[0])
            for provision, share in provided.provided("capacity", day):
                seats = floor(share * provided.figure(id, provision.word("figure"), day))
                room = Fraction(seats)
                seated: list[Participant] = []
                counted: dict[tuple[str, str], Fraction] = {}  # the parts of one price are of the same persons
                for x in here:
                    if x.participant in seated:
                        continue
                    if x.participant is None:
                        if (x.issuer, x.phase) not in counted:
                            counted[x.issuer, x.phase] = min(x.quantity, room)
                            room -= counted[x.issuer, x.phase]
                        stands = to_the_cent(100 * counted[x.issuer, x.phase] * (x.price or 0))
                        purse.hold(f"capacity of {seats}", str(month), x, max(0, purse.stands(x) - stands))
                    elif room >= 1:
                        room -= 1
                        seated.append(x.participant)
                    else:
                        purse.hold(f"capacity of {seats}", str(month), x, max(0, purse.stands(x)))

    def hold_to_claimed(self, purse: _Purse, share: ShareOfPool, windows: list[_Window]) -> None:
        """administration ≤ share ÷ (1 − share) × direct, on what stands in the window, cut to whole
        cents (7.5)."""
        for window in windows:
            at_most = self.at_most(share, window)
            other = sum(purse.stands(line) for line in window.lines if line.pool != share.pool)
            other += window.used() - window.used(share.pool)
            pool = [line for line in window.lines if line.pool == share.pool]
            most = floor(at_most / (1 - at_most) * other)
            purse.fill(share.id, window.name, pool, [most] * len(pool), window.used(share.pool))

    def at_most(self, share: ShareOfPool, window: _Window) -> Fraction:
        return must_hold(f"share {share.id}", share.at_most.facts, window.last, self.known).value

    def windows(self, ceiling: Ceiling, lines: list[OracleLine], loads: list[Caseload]) -> list[_Window]:
        """The lines of each participant, or of each subaward, and window of a ceiling (7.3); what
        is reported without a participant is in none of a participant's."""
        by_subaward = self.policy(ceiling, "scope") == "subaward"
        on_award_date = self.policy(ceiling, "amount_on") == "award_date"
        on_any_day = self.policy(ceiling, "family") == "on_any_day"
        found: dict[tuple[Participant | str, str], _Window] = {}
        for line in lines:
            of = line.subaward if by_subaward else line.participant
            if of is None or (by_subaward and of in self.shared):
                continue
            name, first, last = self.window(self.policy(ceiling, "window"), line, loads)
            households = [h for load in loads for h in load.households if h.participant == of]
            openings = [
                opening
                for load in loads
                for opening in load.openings
                if (opening.participant, opening.award, opening.window) == (of, self.award.fain, name)
                and opening.published <= self.known
            ]
            day = self.award.awarded if on_award_date else last
            empty = _Window(of, name, first, last, day, ceiling, self.known, households, openings, on_any_day, [])
            found.setdefault((of, name), empty).lines.append(line)
        return list(found.values())

    def window(self, kind: str, line: OracleLine, loads: list[Caseload]) -> tuple[str, date, date]:
        """The window of a line's day of service: its name, first day and last day (7.3)."""
        day = line.day
        if kind == "budget_period":
            period = next(p for p in self.award.budget_periods if holds_on(day, p.days))
            return period.label, period.days.start, _end(period.days)
        if kind == "federal_fiscal_year":
            year = day.year + 1 if day.month >= 10 else day.year
            return f"FFY {year}", date(year - 1, 10, 1), date(year, 9, 30)
        if kind == "calendar_year":
            return f"{day.year}", date(day.year, 1, 1), date(day.year, 12, 31)
        if kind == "award":
            return "award", self.award.period.start, _end(self.award.period)
        assert kind == "enrollment_year" and line.participant is not None
        enrolled = self.enrolled([row for load in loads for row in load.enrollments], line.participant)
        if not enrolled or day < min(enrolled):
            raise NotInForce("enrollment year", day, self.known)
        first = min(enrolled)
        year = enrollment_year(first, day)
        start, following = months_after(first, 12 * (year - 1)), months_after(first, 12 * year)
        return f"enrollment year {year}", start, following - ONE_DAY


def _end(days: Interval) -> date:
    assert days.end is not None
    return days.end


def enrollment_year(first: date, day: date) -> int:
    """12 months from first enrollment, and again: 1 for the first (7.3)."""
    year = 1
    while months_after(first, 12 * year) <= day:
        year += 1
    return year


@define
class _Window:
    """One participant's lines, or one subaward's, in one window of one ceiling."""

    of: Participant | str
    name: str
    first: date
    last: date
    amount_on: date
    ceiling: Ceiling
    known: date
    households: list[Household]
    openings: list[OpeningBalance]
    on_any_day: bool
    lines: list[OracleLine]

    def authorized(self, line: OracleLine) -> int:
        """The amount that holds on the window's last day, of the tier of the window or of the
        line's own day (7.4)."""
        days = [line.day]
        if self.on_any_day:
            days = [self.first + n * ONE_DAY for n in range((self.last - self.first).days + 1)]
        family = any(
            household.published <= self.known and household.family > 0 and holds_on(day, household.days)
            for household in self.households
            for day in days
        )
        amounts = self.ceiling.amounts
        tier = amounts["with_family"].facts if "with_family" in amounts else ()
        higher = in_force(tier, self.amount_on, self.known)
        if family and higher and not isinstance(self.of, str):
            return higher.value
        return must_hold(f"ceiling {self.ceiling.id}", amounts["alone"].facts, self.amount_on, self.known).value

    def used(self, pool: str = "") -> int:
        """What was used before, elsewhere, of a pool or of all (7.8)."""
        return sum(opening.amount for opening in self.openings if not pool or opening.pool == pool)


class _Purse:
    """What of each line still stands, and who held back the rest."""

    def __init__(self, lines: list[OracleLine]) -> None:
        self.holds: list[OracleHold] = []
        self._held = {id(line): 0 for line in lines}

    def stands(self, line: OracleLine) -> int:
        return line.amount - self._held[id(line)]

    def hold(self, ceiling: str, window: str, line: OracleLine, amount: int) -> None:
        if amount:
            self._held[id(line)] += amount
            self.holds.append(OracleHold(ceiling, window, line, amount))

    def fill(self, ceiling: str, window: str, lines: list[OracleLine], caps: list[int], used: int = 0) -> None:
        """Credits first, never limited; then in the order of 7.2; the line that crosses is limited
        in part.

        What was used before, elsewhere, fills first (7.8).

        A ceiling is never below zero.
        """
        used += sum(self.stands(line) for line in lines if line.amount < 0)
        ordered = sorted(zip(lines, caps, strict=True), key=lambda pair: filling_order(pair[0]))
        for line, cap in ordered:
            if line.amount < 0:
                continue
            stands = min(self.stands(line), max(0, max(0, cap) - used))
            held = self.stands(line) - stands
            used += stands
            self.hold(ceiling, window, line, held)


def filling_order(line: OracleLine) -> tuple[object, ...]:
    """Service month; pool, direct first; participant, service, service day, subaward, amount,
    reference (7.2)."""
    pseudonym = line.participant.pseudonym if line.participant else ""
    return (
        line.month,
        0 if line.pool == "direct" else 1,
        line.issuer,
        pseudonym,
        line.service,
        line.day,
        line.subaward,
        line.amount,
        line.reference,
    )
