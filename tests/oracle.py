"""The rulebook, computed day by day: slow, obvious, and written without sight of the implementation.

It imports value types only (what a caseload, an award or a rate *is*), never code that counts, prices, fills or
limits; `test_oracle.py` reads the imports below and holds that. Each function is one rule of the rulebook, in its
order. Days are dates in plain loops, quantities are fractions, amounts are whole cents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import TypeVar

from attrs import define, evolve, frozen

from grantcalc.awards import Award, Subaward
from grantcalc.billing.caseload import Caseload, Cost, Enrollment, Household
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import NotInForce
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.terms import Ceiling, Service, ShareOfPool, Terms
from grantcalc.terms.values import Key

T = TypeVar("T")
ONE_DAY = timedelta(days=1)
PROPORTIONAL = ("actual_days", "thirty_days")


@frozen
class OracleLine:
    """One line of a claim (Rulebook 5.1); `unpaid` marks a month beyond the paid months (4.3)."""

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
    rate: Fact[Rate] | None
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
    bill = Bill([], [])
    for award in network.awards:
        under = _Award(award, network, through, known)
        lines: list[OracleLine] = []
        for load in loads:
            for registration in load.participants:
                lines += under.lines_of_participant(load, registration.participant)
            lines += under.lines_of_bare_counts(load)
        bill.lines += lines
        bill.holds += under.holds(lines, loads)
    return bill


# ---- 2. Time ------------------------------------------------------------------------------------------


def holds_on(day: date, days: Interval) -> bool:
    """Intervals include both their days; an open end is open (2.1)."""
    return days.start <= day and (days.end is None or day <= days.end)


def in_force(facts: Iterable[Fact[T]], day: date, known: date) -> Fact[T] | None:
    """Published on or before `known`, the latest effective on or before the day; then the later published (2.3)."""
    best: Fact[T] | None = None
    for fact in facts:
        if fact.published > known or fact.effective > day:
            continue
        if best is None or (fact.effective, fact.published) > (best.effective, best.published):
            best = fact
    return best


def must_hold(what: str, facts: Iterable[Fact[T]], day: date, known: date) -> Fact[T]:
    """Where none holds, that is a refusal. Never zero (2.4)."""
    fact = in_force(facts, day, known)
    if fact is None:
        raise NotInForce(what, day, known)
    return fact


def month_length(month: Month) -> int:
    """L: the days of a calendar month."""
    return len(list(_calendar(month.year, month.month)))


def _calendar(year: int, month: int) -> Iterator[date]:
    day = date(year, month, 1)
    while day.month == month:
        yield day
        day += ONE_DAY


def months_after(anchor: date, months: int) -> date:
    """So many months after a day, clamped to the month's end."""
    year, month = anchor.year, anchor.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return [day for day in _calendar(year, month) if day.day <= anchor.day][-1]


# ---- 3. Counting a month ------------------------------------------------------------------------------


def calendar_months(days: Iterable[date]) -> dict[Month, list[date]]:
    """The enrolled days of each calendar month that has any, in order."""
    months: dict[Month, list[date]] = {}
    for day in sorted(days):
        months.setdefault(Month(day.year, day.month), []).append(day)
    return months


def whole_months(
    policy: str, days: Mapping[date, object], restored: set[date]
) -> list[tuple[Month, Fraction, list[date]]]:
    """Month, its quantity and its enrolled days, in order of service, for the policies that pay a month as one (3).

    A month that counts nothing gives no line and stands not in the list.
    """
    found: list[tuple[Month, Fraction, list[date]]] = []
    if policy == "anniversary":
        for own in anniversary_months(sorted(days)):
            found.append((Month(own[0].year, own[0].month), Fraction(1), own))
        return found
    for month, own in calendar_months(days).items():
        quantity = whole_month(policy, month, own, days, restored)
        if quantity > 0:
            found.append((month, quantity, own))
    return found


def whole_month(
    policy: str, month: Month, own: list[date], days: Mapping[date, object], restored: set[date]
) -> Fraction:
    """What one calendar month with enrolled days `own` counts; `days` are all days ever enrolled under the award."""
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
    if policy == "mid_month":
        both = date(month.year, month.month, 15) in days and date(month.year, month.month, 16) in days
        return Fraction(1 if both else 0)
    if policy == "once":
        return Fraction(1 if own[0] == min(days) else 0)
    raise AssertionError(policy)


def anniversary_months(days: Sequence[date]) -> list[list[date]]:
    """The enrolled days of each month that runs from the first day ever enrolled, where there are any."""
    months: list[list[date]] = []
    k = 0
    while days and months_after(days[0], k) <= days[-1]:
        start, following = months_after(days[0], k), months_after(days[0], k + 1)
        touched = [day for day in days if start <= day < following]
        if touched:
            months.append(touched)
        k += 1
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
    """The first phase for which a letter of its kinds holds on that day, else the phase without letters (4.1)."""
    for phase, kinds in terms.phases.items():
        for letter in letters:
            if letter.published <= known and letter.kind in kinds and holds_on(day, letter.days):
                return phase
    for phase, kinds in terms.phases.items():
        if not kinds:
            return phase
    raise AssertionError("a programme has a phase without letters")


# ---- 5. A line ----------------------------------------------------------------------------------------


def to_the_cent(exact: Fraction) -> int:
    """Rounded once, half away from zero (5.1)."""
    size = floor(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def split_evenly(amount: int, parts: int) -> list[int]:
    """Exact shares cut to whole cents, what is left over to the earlier; a negative amount is the negated split (6)."""
    shares = [abs(amount) // parts] * parts
    for index in range(abs(amount) - sum(shares)):
        shares[index] += 1
    return shares if amount >= 0 else [-share for share in shares]


class _Award:
    """The rules of one award, as known on one day."""

    def __init__(self, award: Award, network: Network, through: Month, known: date) -> None:
        self.award, self.terms, self.through, self.known = award, award.terms, through, known
        self.subawards: dict[str, Subaward] = {award.fain: network.subaward(award.fain)}
        for subaward in network.subawards:
            if self._is_mine(subaward, network):
                self.subawards[subaward.id] = subaward
        self.by_enrolment_year = any(self.policy(c, "window") == "enrolment_year" for c in self.terms.ceilings)

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
        """Each enrolled day and the subaward of that day; days after `known` are not billed (2.1, 3)."""
        days: dict[date, str] = {}
        for row in rows:
            if row.participant != who or row.published > self.known or row.subaward not in self.subawards:
                continue
            period = self.subawards[row.subaward].period
            day = max(row.days.start, period.start)
            while day <= self.known and holds_on(day, row.days) and holds_on(day, period):
                days[day] = row.subaward
                day += ONE_DAY
        return days

    def restored(self, rows: Iterable[Enrollment], who: Participant) -> set[date]:
        """The days of restored enrollments."""
        return set(self.enrolled([row for row in rows if row.restored], who))

    # ---- lines ----

    def lines_of_participant(self, load: Caseload, who: Participant) -> list[OracleLine]:
        days = self.enrolled(load.enrollments, who)
        letters = [letter for letter in load.letters if letter.participant == who]
        phases = {day: phase_on(day, letters, self.terms, self.known) for day in days}
        lines: list[OracleLine] = []
        for service in self.terms.services:
            policy = self.policy(service, "count")
            if policy == "actual_cost":
                continue
            rate = self._rate_of(service, load, who, days)
            if policy in PROPORTIONAL:
                lines += self.proportional_lines(service, policy, who, days, phases, rate)
            else:
                given = self.policy(service, "restored") == "from_start"
                months = whole_months(policy, days, self.restored(load.enrollments, who) if given else set())
                lines += self.whole_month_lines(service, months, who, days, phases, rate)
        for cost in load.costs:
            if cost.participant == who and cost.published <= self.known and cost.subaward in self.subawards:
                lines += self.cost_lines(cost, who, days, letters)
        return [line for line in lines if line.month <= self.through and line.day <= self.known]

    def _rate_of(
        self, service: Service, load: Caseload, who: Participant, days: Mapping[date, str]
    ) -> Callable[[str, date], Fact[Rate]]:
        """The rate of a phase, by the day of service, of enrolment, of arrival or of eligibility (2.5)."""
        by = self.policy(service, "rate_by")
        registration = next(r for r in load.participants if r.participant == who)

        def rate(phase: str, day: date) -> Fact[Rate]:
            if by == "enrolment_day":
                day = min(days)
            elif by != "service_day":
                stated = registration.arrived if by == "arrival_day" else registration.eligible
                if stated is None:
                    raise NotInForce(by, day, self.known)
                day = stated
            return self.rate(service, phase, day)

        return rate

    def rate(self, service: Service, phase: str, day: date) -> Fact[Rate]:
        """The rate of a phase; where it has none in force of its own, that which the terms give for every phase."""
        own = service.rates.get(Key(phase)) if phase else None
        general = service.rates.get(Key())
        fact = in_force(own.facts, day, self.known) if own else None
        return fact or must_hold(f"rate of {service.id}", general.facts if general else (), day, self.known)

    def months_left(self, service: Service, phase: str, paid: int, day: date) -> bool:
        """At most N paid months of a phase (4.3)."""
        series = service.months.get(phase)
        limit = in_force(series.facts, day, self.known) if series else None
        return limit is None or paid < limit.value

    def whole_month_lines(
        self,
        service: Service,
        months: list[tuple[Month, Fraction, list[date]]],
        who: Participant,
        days: Mapping[date, str],
        phases: Mapping[date, str],
        rate: Callable[[str, date], Fact[Rate]],
    ) -> Iterator[OracleLine]:
        """One payee (3.1), one phase (4.2), the rate of the first enrolled day (2.5)."""
        paid: Counter[str] = Counter()
        for month, quantity, own in months:
            if month > self.through:
                continue
            day = own[0]
            payee = days[own[0] if self.policy(service, "payee") == "first" else own[-1]]
            rule = self.policy(service, "phase_of_month")
            if rule == "better_paid":
                phase, most = "", -1
                for candidate in dict.fromkeys(phases[d] for d in own):
                    pays = to_the_cent(100 * quantity * Fraction(rate(candidate, day).value.value))
                    if not self.months_left(service, candidate, paid[candidate], day):
                        pays = 0
                    if pays > most:
                        phase, most = candidate, pays
            else:
                phase = phases[own[0] if rule == "first" else own[-1]]
            left = self.months_left(service, phase, paid[phase], day)
            if left:
                paid[phase] += 1
            counted = quantity if left else Fraction(0)
            line = self.line(service, who.issuer, who, payee, phase, month, day, counted, rate(phase, day))
            yield evolve(line, unpaid=not left)

    def proportional_lines(
        self,
        service: Service,
        policy: str,
        who: Participant,
        days: Mapping[date, str],
        phases: Mapping[date, str],
        rate: Callable[[str, date], Fact[Rate]],
    ) -> Iterator[OracleLine]:
        """Each day has its own payee, phase, rate and windows; equal ones of a month stand together (3.1, 4.2, 7.3)."""
        paid: Counter[str] = Counter()
        for month, own in calendar_months(days).items():
            if month > self.through:
                continue
            left = {}
            for phase in dict.fromkeys(phases[day] for day in own):
                first = min(day for day in own if phases[day] == phase)
                left[phase] = self.months_left(service, phase, paid[phase], first)
                if left[phase]:
                    paid[phase] += 1
            parts: dict[tuple[str, str, Fact[Rate], str, int], list[date]] = {}
            for day in own:
                year = enrolment_year(min(days), day) if self.by_enrolment_year else 0
                price = rate(phases[day], day)
                parts.setdefault((days[day], phases[day], price, self.budget_period(day), year), []).append(day)
            for (payee, phase, price, _, _), part in parts.items():
                quantity = part_of_month(policy, len(part), len(own), month_length(month))
                quantity = quantity if left[phase] else Fraction(0)
                line = self.line(service, who.issuer, who, payee, phase, month, part[0], quantity, price)
                yield evolve(line, unpaid=not left[phase])

    def cost_lines(
        self, cost: Cost, who: Participant, days: Mapping[date, str], letters: list[Letter]
    ) -> Iterator[OracleLine]:
        """Actual costs are lines of quantity 1 at the reported amount; several months split evenly (5.3)."""
        service = self.terms.service(cost.service)
        months = sorted(cost.months) or [Month(cost.paid.year, cost.paid.month)]
        for month, amount in zip(months, split_evenly(cost.amount, len(months)), strict=True):
            day = self.day_of_cost(cost, month, days)
            phase = phase_on(day, letters, self.terms, self.known)
            line = self.line(service, who.issuer, who, cost.subaward, phase, month, day, Fraction(1), None)
            yield evolve(line, amount=amount, reference=cost.reference)

    def day_of_cost(self, cost: Cost, month: Month, days: Iterable[date]) -> date:
        """The day paid if in the service month, else the first enrolled day, else the first; inside the subaward."""
        of_month = list(_calendar(month.year, month.month))
        day = of_month[0]
        if cost.paid in of_month:
            day = cost.paid
        elif enrolled := [d for d in sorted(days) if d in of_month]:
            day = enrolled[0]
        inside = [d for d in of_month if holds_on(d, self.subawards[cost.subaward].period)]
        return min(max(day, inside[0]), inside[-1])

    def lines_of_bare_counts(self, load: Caseload) -> Iterator[OracleLine]:
        """One unit count that a site reports; its day is the first of its month inside the subaward (5.1, 5.3)."""
        for count in load.counts:
            if count.published > self.known or count.month > self.through or count.subaward not in self.subawards:
                continue
            period = self.subawards[count.subaward].period
            day = next(d for d in _calendar(count.month.year, count.month.month) if holds_on(d, period))
            if day <= self.known:
                service, phase, quantity = self.terms.service(count.service), count.phase, Fraction(count.quantity)
                rate = self.rate(service, phase, day)
                yield self.line(service, load.issuer, None, count.subaward, phase, count.month, day, quantity, rate)

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
        rate: Fact[Rate] | None,
    ) -> OracleLine:
        """amount = quantity × rate, exact, rounded once (5.1)."""
        fain, pool, period = self.award.fain, service.pool, self.budget_period(day)
        amount = to_the_cent(100 * quantity * Fraction(rate.value.value)) if rate else 0
        return OracleLine(
            issuer, who, fain, subaward, service.id, pool, phase, month, period, day, quantity, rate, amount
        )

    def budget_period(self, day: date) -> str:
        return next(p.label for p in self.award.budget_periods if holds_on(day, p.days))

    # ---- 7. Ceilings ----

    def holds(self, lines: list[OracleLine], loads: list[Caseload]) -> list[OracleHold]:
        """Share on authorized; participant and window; share on claimed; subaward; share on claimed again (7.1)."""
        purse = _Purse(lines)
        ceilings = {ceiling.id: ceiling for ceiling in self.terms.ceilings}
        claimed = [share for share in self.terms.shares if self.policy(share, "base") == "claimed"]
        for share in self.terms.shares:
            if share not in claimed:
                for window in self.windows(ceilings[share.of], lines, loads):
                    at_most = self.at_most(share, window)
                    pool = [line for line in window.lines if line.pool == share.pool]
                    purse.fill(
                        share.id,
                        window.name,
                        pool,
                        [floor(at_most * window.authorized(line)) for line in pool],
                    )
        for ceiling in self.terms.ceilings:
            for window in self.windows(ceiling, lines, loads):
                purse.fill(ceiling.id, window.name, window.lines, [window.authorized(line) for line in window.lines])
        for share in claimed:
            self.hold_to_claimed(purse, share, self.windows(ceilings[share.of], lines, loads))
        for id, subaward in self.subawards.items():
            own = [line for line in lines if line.subaward == id]
            seen = [fact for fact in subaward.amount.facts if fact.published <= self.known]
            if own and seen:  # without any, it has no ceiling of its own
                most = must_hold(f"amount of {id}", seen, _end(subaward.period), self.known).value
                purse.fill(f"subaward {id}", "subaward period", own, [most] * len(own))
        for share in claimed:
            self.hold_to_claimed(purse, share, self.windows(ceilings[share.of], lines, loads))
        return purse.holds

    def hold_to_claimed(self, purse: _Purse, share: ShareOfPool, windows: list[_Window]) -> None:
        """administration ≤ share ÷ (1 − share) × direct, on what stands in the window, cut to whole cents (7.5)."""
        for window in windows:
            at_most = self.at_most(share, window)
            other = sum(purse.stands(line) for line in window.lines if line.pool != share.pool)
            pool = [line for line in window.lines if line.pool == share.pool]
            purse.fill(share.id, window.name, pool, [floor(at_most / (1 - at_most) * other)] * len(pool))

    def at_most(self, share: ShareOfPool, window: _Window) -> Fraction:
        return must_hold(f"share {share.id}", share.at_most.facts, window.last, self.known).value

    def windows(self, ceiling: Ceiling, lines: list[OracleLine], loads: list[Caseload]) -> list[_Window]:
        """The lines of each participant and window of a ceiling (7.3); bare counts are in none."""
        found: dict[tuple[Participant, str], _Window] = {}
        for line in lines:
            if line.participant is None:
                continue
            name, first, last = self.window(self.policy(ceiling, "window"), line, loads)
            households = [h for load in loads for h in load.households if h.participant == line.participant]
            on_any_day = self.policy(ceiling, "family") == "on_any_day"
            empty = _Window(name, first, last, ceiling, self.known, households, on_any_day, [])
            found.setdefault((line.participant, name), empty).lines.append(line)
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
        assert kind == "enrolment_year" and line.participant is not None
        enrolled = self.enrolled([row for load in loads for row in load.enrollments], line.participant)
        if not enrolled or day < min(enrolled):
            raise NotInForce("enrolment year", day, self.known)
        first = min(enrolled)
        year = enrolment_year(first, day)
        start, following = months_after(first, 12 * (year - 1)), months_after(first, 12 * year)
        return f"enrolment year {year}", start, following - ONE_DAY


def _end(days: Interval) -> date:
    assert days.end is not None
    return days.end


def enrolment_year(first: date, day: date) -> int:
    """12 months from first enrolment, and again: 1 for the first (7.3)."""
    year = 1
    while months_after(first, 12 * year) <= day:
        year += 1
    return year


@define
class _Window:
    """One participant's lines in one window of one ceiling."""

    name: str
    first: date
    last: date
    ceiling: Ceiling
    known: date
    households: list[Household]
    on_any_day: bool
    lines: list[OracleLine]

    def authorized(self, line: OracleLine) -> int:
        """The amount that holds on the window's last day, of the tier of the window or of the line's own day (7.4)."""
        days = [line.day]
        if self.on_any_day:
            days = [self.first + n * ONE_DAY for n in range((self.last - self.first).days + 1)]
        family = any(
            household.published <= self.known and household.family > 0 and holds_on(day, household.days)
            for household in self.households
            for day in days
        )
        amounts = self.ceiling.amounts
        higher = in_force(amounts["with_family"].facts, self.last, self.known) if "with_family" in amounts else None
        if family and higher:
            return higher.value
        return must_hold(f"ceiling {self.ceiling.id}", amounts["alone"].facts, self.last, self.known).value


class _Purse:
    """What of each line still stands, and who held back the rest."""

    def __init__(self, lines: list[OracleLine]) -> None:
        self.holds: list[OracleHold] = []
        self._held = {id(line): 0 for line in lines}

    def stands(self, line: OracleLine) -> int:
        return line.amount - self._held[id(line)]

    def fill(self, ceiling: str, window: str, lines: list[OracleLine], caps: list[int]) -> None:
        """Credits first, never limited; then in the order of 7.2; the line that crosses is limited in part.

        A ceiling is never below zero.
        """
        used = sum(self.stands(line) for line in lines if line.amount < 0)
        ordered = sorted(zip(lines, caps, strict=True), key=lambda pair: filling_order(pair[0]))
        for line, cap in ordered:
            if line.amount < 0:
                continue
            stands = min(self.stands(line), max(0, max(0, cap) - used))
            held = self.stands(line) - stands
            used += stands
            if held:
                self._held[id(line)] += held
                self.holds.append(OracleHold(ceiling, window, line, held))


def filling_order(line: OracleLine) -> tuple[object, ...]:
    """Service month; pool, direct first; participant, service, service day, subaward, amount, reference (7.2)."""
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
