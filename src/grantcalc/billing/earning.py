"""From days to lines: payees, phases, paid months and prices (Rulebook 2.5, 3.1, 4.2, 4.3, 5.1)."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import groupby

from attrs import define, field

from grantcalc.awards import Award
from grantcalc.billing.caseload import Absence, Registration, UnitsUsed
from grantcalc.billing.counting import EnrollmentSpell, MonthSpan, cut, months, proportional_of, whole_months
from grantcalc.billing.days import (
    SiteFigure,
    UnitKind,
    absences,
    hours_of_day,
    hours_paid,
    units_paid,
    unpaid_days,
    without,
)
from grantcalc.billing.lines import Draft, Line
from grantcalc.billing.pricing import HouseholdHistory, Pricer, borders, rate_day
from grantcalc.billing.reasons import Reason
from grantcalc.billing.screening import ELIGIBILITY_RULES, Ineligible, screen
from grantcalc.billing.statuses import StatusSpan, days_not_served
from grantcalc.billing.windows import Window, Windows
from grantcalc.eligibility import Participant
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.periods import date_of, month_number, month_of
from grantcalc.terms import ServiceRules
from grantcalc.terms.vocabulary import PROPORTIONAL


@define
class EnrolledPerson:
    """One participant under one award, as known: what earning lines needs to know beyond the days."""

    participant: Participant
    award: Award
    known: date
    through: int
    last_day: int
    registration: Registration | None
    budget_periods: Windows
    borders: list[int]
    first_ever: int | None
    phases: list[tuple[int, str]]
    pricer: Pricer
    statuses: list[StatusSpan]
    home: HouseholdHistory
    units: list[UnitsUsed]
    absences: list[Absence]
    by_service: Mapping[str, list[EnrollmentSpell]]
    paid_months: dict[tuple[str, str], int] = field(factory=dict)
    last_period: Window | None = None

    def budget_period(self, day: int) -> str:
        """The budget period of a day of service; `NotInForce` outside every one."""
        last = self.last_period
        if last is None or not last.first <= day <= last.last:
            last = self.last_period = self.budget_periods.at(day, self.known, f"of award {self.award.fain}")
        return last.name

    def phase_at(self, day: int) -> str:
        """The phase of a day (Rulebook 4.1)."""
        return self.phases[bisect_right(self.phases, day, key=lambda start: start[0]) - 1][1]

    def price(
        self, rules: ServiceRules, stretch: EnrollmentSpell, phase: str, day: int, unit: str = "", rate_class: str = ""
    ) -> Fact[Rate]:
        """The price of one unit on a day: the rate, where the terms provide nothing beside it."""
        if rules.rate_by == "service_day" and not (rules.provisions or rules.sized or unit or rate_class):
            return rules.rate_at(day, phase)
        on = rate_day(rules, self.registration, self.first_ever, day, self.known)
        return self.pricer.price(rules, on, day, self.home, stretch.subaward, phase, unit, rate_class)

    def carving(self, rules: ServiceRules, day: int) -> tuple[int, ...]:
        """What tells apart days on which something else is carved out of the price."""
        if "carve" not in rules.provisions:
            return ()
        on = rate_day(rules, self.registration, self.first_ever, day, self.known)
        return tuple(id(rule.at(on)) for rule in rules.provisions["carve"])

    def limit_reached(self, rules: ServiceRules, phase: str, day: int) -> Reason | None:
        """Why a further month of this phase is not paid, or None (Rulebook 4.3)."""
        limit = rules.month_limit(phase, day) if rules.months else None
        if limit is None or self.paid_months.get((rules.service.id, phase), 0) < limit.value:
            return None
        return Reason("month_limit", (limit.value, phase))

    def take_month(self, rules: ServiceRules, lines: Iterable[Line]) -> None:
        """One more paid month of each phase in which a month has a quantity above 0 (Rulebook 4.3)."""
        if rules.months:
            for phase in {line.phase for line in lines if line.quantity}:
                key = (rules.service.id, phase)
                self.paid_months[key] = self.paid_months.get(key, 0) + 1

    def line(
        self,
        rules: ServiceRules,
        month: int,
        stretch: EnrollmentSpell,
        phase: str,
        day: int,
        days: int,
        of: int,
        reason: Reason | None,
        rate: Fact[Rate] | None,
        pool: str = "",
        category: str = "",
    ) -> Line:
        """The line of so many days (months, hours, units); of quantity 0 where there is a reason not to pay."""
        participant = self.participant
        amount = self.pricer.amount(rate, days, of) if rate else 0
        return Draft(
            participant.issuer,
            participant,
            self.award.fain,
            stretch.subaward,
            rules.service.id,
            pool or rules.service.pool,
            phase,
            month_of(month),
            self.budget_period(day),
            days,
            of,
            rate,
            amount,
            1,
            date_of(day),
            category,
            "",
            reason,
            stretch.source,
        ).frozen()


def earn(person: EnrolledPerson, rules: ServiceRules, stretches: list[EnrollmentSpell]) -> Iterator[Line]:
    """The lines of one service for one participant, month by month, in order."""
    refused: list[Ineligible] = []
    note: dict[int, tuple[EnrollmentSpell, Reason | None]] = {}
    stretches = enrolled = person.by_service.get(rules.service.id, stretches)
    if rules.served_days or rules.provided(*ELIGIBILITY_RULES):
        not_served = days_not_served(rules, person.statuses, person.first_ever)
        stretches, refused = screen(rules, stretches, person.registration, person.known, not_served)
    fresh = {view.number for view in months(stretches) if view.fresh} if rules.provided("floor") else set()
    if rules.count == "day" and stretches:
        every = absences(person.absences, enrolled, person.last_day)
        away = unpaid_days(rules, every, stretches, _site(person, stretches))
        stretches, note = without(stretches, away), _unpaid(stretches, away)
    if rules.count in PROPORTIONAL or rules.count == "day":
        yield from _by_days(person, rules, stretches, note, fresh)
    elif rules.count in ("hour", "unit"):
        yield from _by_units(person, rules, stretches, enrolled, fresh)
    else:
        yield from _by_whole_months(person, rules, stretches)
    yield from _refused(person, rules, refused)


def _by_whole_months(person: EnrolledPerson, rules: ServiceRules, stretches: list[EnrollmentSpell]) -> Iterator[Line]:
    """One payee a month, `first` or `last`; one phase: of the first enrolled day, of the last, or the better paid
    (3.1, 4.2)."""
    restored = rules.count == "following_month" and rules.restored == "from_start"
    views = months(stretches, person.first_ever)
    for view, count in whole_months(f"{rules.count}_or_restored" if restored else rules.count, views):
        if view.number > person.through:
            return
        day, stretches = count.pieces[0][0], [s for _, _, s in count.pieces]
        payee = stretches[0] if rules.payee == "first" else stretches[-1]
        if rules.phase_of_month == "first":
            phase = stretches[0].phase
        elif rules.phase_of_month == "last":
            phase = stretches[-1].phase
        else:
            phase = _better_paid(person, rules, stretches, payee, day, count.quantity, count.of)
        reason = person.limit_reached(rules, phase, day)
        quantity, of = count.quantity, count.of
        lines = [*_priced(person, rules, view.number, payee, phase, day, quantity, of, reason, fresh=view.fresh)]
        person.take_month(rules, lines)
        yield from lines


def _better_paid(
    person: EnrolledPerson,
    rules: ServiceRules,
    stretches: list[EnrollmentSpell],
    payee: EnrollmentSpell,
    day: int,
    quantity: int,
    of: int,
) -> str:
    """The phase that pays more, judged after the limit of paid months; of equals the earlier in the month."""

    def pays(phase: str) -> int:
        if person.limit_reached(rules, phase, day):
            return 0
        return person.pricer.amount(person.price(rules, payee, phase, day), quantity, of)

    return max(dict.fromkeys(s.phase for s in stretches), key=pays)


def _by_days(
    person: EnrolledPerson,
    rules: ServiceRules,
    stretches: list[EnrollmentSpell],
    note: dict[int, tuple[EnrollmentSpell, Reason | None]],
    fresh: set[int],
) -> Iterator[Line]:
    """Each subaward, phase, rate and window has its own days; the month is counted once over all of them (3.1, 4.2,
    2.5, 7.3). `note` says of a month which days were not paid, on its first line or on one of quantity 0; `fresh` are
    months of application or after a break, which an absence is not."""
    note = dict(note)
    priced, price = None, None
    for view in months(cut(stretches, _edges(rules, person)), person.first_ever):
        if view.number > person.through:
            break
        of = 1 if rules.count == "day" else proportional_of(rules.count, view)
        if len(view.pieces) == 1 and not rules.provisions:  # what follows says the same of one piece, at more cost
            ((start, end, s),) = view.pieces
            if s is not priced:  # one price holds to the next edge
                priced, price = s, person.price(rules, s, s.phase, start)
            reason = person.limit_reached(rules, s.phase, start)
            days = 0 if reason else end - start + 1
            said = note.pop(view.number, (s, None))[1]
            line = person.line(rules, view.number, s, s.phase, start, days, of, reason or said, price)
            person.take_month(rules, (line,))
            yield line
            continue
        groups: dict[tuple[str, str, int, tuple[int, ...]], list[MonthSpan]] = {}
        for piece in view.pieces:
            start, _, s = piece
            rate = person.price(rules, s, s.phase, start)
            price_of = (id(rate), *person.carving(rules, start))
            key = (s.subaward, s.phase, bisect_right(person.borders, start), price_of)
            groups.setdefault(key, []).append(piece)
        first_days = {s.phase: start for start, _, s in reversed(view.pieces)}
        reasons = {phase: person.limit_reached(rules, phase, day) for phase, day in first_days.items()}
        lines: list[Line] = []
        for (_, phase, _, _), parts in groups.items():
            days = sum(end - start + 1 for start, end, _ in parts)
            why, (first, _, s) = reasons[phase], parts[0]
            lines += _priced(
                person, rules, view.number, s, phase, first, days, of, why, fresh=view.number in fresh,
                note=note.pop(view.number, (s, None))[1],
            )  # fmt: skip
        person.take_month(rules, lines)
        yield from lines
    for number, (stretch, said) in note.items():
        if number <= person.through:
            yield person.line(rules, number, stretch, stretch.phase, stretch.start, 0, 1, said, None)


def _by_units(
    person: EnrolledPerson,
    rules: ServiceRules,
    stretches: list[EnrollmentSpell],
    enrolled: list[EnrollmentSpell],
    fresh: set[int],
) -> Iterator[Line]:
    """Hours and units of each day on which the participant was enrolled at the subaward; other days are refused by
    name, and what a gate refuses stands there."""
    by_day: dict[tuple[int, str], list[UnitsUsed]] = defaultdict(list)
    for row in person.units:
        if row.service == rules.service.id and row.day.toordinal() <= person.last_day:
            by_day[row.day.toordinal(), row.subaward].append(row)
    elsewhere: dict[tuple[int, str, str], EnrollmentSpell] = {}
    groups: dict[tuple[int, str, str, int, str, str, tuple[int, ...], int], list[tuple[int, int, EnrollmentSpell]]]
    groups = defaultdict(list)
    for (day, subaward), rows in sorted(by_day.items()):
        month = month_number(day)
        if month > person.through:
            break
        at = _at(stretches, day, subaward)
        if at is None:
            if not _at(enrolled, day, subaward):
                here = EnrollmentSpell(day, day, subaward, person.phase_at(day), source=rows[0].source)
                elsewhere.setdefault((month, subaward, here.phase), here)
            continue
        at = at._replace(source=rows[0].source)
        had: dict[UnitKind, int] = defaultdict(int)
        for row in rows:
            had[row.unit, row.rate_class] += row.quantity
        had = {kind: quantity for kind, quantity in had.items() if quantity}

        def price(unit: str, rate_class: str, at: EnrollmentSpell = at, day: int = day) -> Fact[Rate]:
            return person.price(rules, at, at.phase, day, unit, rate_class)

        def worth(unit: str, rate_class: str, price: Callable[[str, str], Fact[Rate]] = price) -> Fraction:
            return Fraction(price(unit, rate_class).value.value)

        paid, of = units_paid, 1
        if rules.count == "hour":
            paid, of = hours_paid, hours_of_day(rules, day)
        for (unit, rate_class), quantity in paid(rules, had, worth, day).items():
            key = (
                month,
                subaward,
                at.phase,
                bisect_right(person.borders, day),
                unit,
                rate_class,
                (id(price(unit, rate_class)), *person.carving(rules, day)),
                of,
            )
            groups[key].append((quantity, day, at))
    for month, of_month in groupby(groups.items(), key=lambda group: group[0][0]):
        parts, lines = dict(of_month), list[Line]()
        first_days: dict[str, int] = {}
        for day, phase in sorted((day, key[2]) for key, found in parts.items() for q, day, _ in found if q):
            first_days.setdefault(phase, day)
        reasons = {phase: person.limit_reached(rules, phase, day) for phase, day in first_days.items()}
        for (_, _, phase, _, unit, rate_class, _, of), found in parts.items():
            quantity, (_, day, at) = sum(q for q, _, _ in found), found[0]
            reason = reasons[phase] if quantity else Reason("over_daily_most")
            lines += _priced(
                person,
                rules,
                month,
                at,
                phase,
                day,
                quantity,
                of,
                reason,
                unit=unit,
                rate_class=rate_class,
                fresh=month in fresh,
            )
        person.take_month(rules, lines)
        yield from lines
    for (month, _, phase), here in elsewhere.items():
        yield person.line(rules, month, here, phase, here.start, 0, 1, Reason("not_enrolled"), None)


def _at(stretches: list[EnrollmentSpell], day: int, subaward: str) -> EnrollmentSpell | None:
    return next((s for s in stretches if s.start <= day <= s.end and s.subaward == subaward), None)


def _priced(
    person: EnrolledPerson,
    rules: ServiceRules,
    month: int,
    stretch: EnrollmentSpell,
    phase: str,
    day: int,
    quantity: int,
    of: int,
    reason: Reason | None,
    *,
    unit: str = "",
    rate_class: str = "",
    fresh: bool = False,
    note: Reason | None = None,
) -> Iterator[Line]:
    """The line of a count, or one for each pool between which its price is parted; 0 for a reason, or under a floor."""
    category = ", ".join(word for word in (unit, rate_class) if word)
    if reason and rules.provisions:
        yield person.line(rules, month, stretch, phase, day, 0, of, reason, None, category=category)
        return
    price = person.price(rules, stretch, phase, day, unit, rate_class)
    if rules.provisions:
        on = rate_day(rules, person.registration, person.first_ever, day, person.known)
        total = person.pricer.amount(price, quantity, of)
        reason = person.pricer.under_floor(rules, total, on, first_month=fresh)
        if not reason and rules.provided("carve"):
            for pool, part in person.pricer.carved(rules, price, on):
                yield person.line(rules, month, stretch, phase, day, quantity, of, note, part, pool, category)
            return
    yield person.line(
        rules, month, stretch, phase, day, 0 if reason else quantity, of, reason or note, price, "", category
    )


def _refused(person: EnrolledPerson, rules: ServiceRules, refused: list[Ineligible]) -> Iterator[Line]:
    """What gates refuse stands at quantity 0, a line for each month, subaward, phase and reason (Rulebook 3.2)."""
    seen: set[tuple[int, str, str, Reason]] = set()
    for stretch, reason in sorted(refused):
        for view in months([stretch], person.first_ever):
            key = (view.number, stretch.subaward, stretch.phase, reason)
            if rules.count == "once" and not view.first <= view.first_ever <= view.last:
                continue  # paid or not, there is nothing to pay in another month
            if view.number <= person.through and key not in seen:
                seen.add(key)
                yield person.line(rules, view.number, stretch, stretch.phase, view.start, 0, 1, reason, None)


def _edges(rules: ServiceRules, person: EnrolledPerson) -> set[int]:
    """Days inside the span of billing on which a window begins, or another price comes into force."""
    rates: list[int] = []
    if rules.rate_by == "service_day":
        rates += [start for steps in rules.rates.values() for start in steps.starts]
        rates += [start for found in rules.provisions.values() for rule in found for start in rule.values.starts]
    if rules.provisions or rules.sized:
        rates += borders(rules, person.pricer, person.home)
    return {*person.borders, *rates}


def _site(person: EnrolledPerson, stretches: list[EnrollmentSpell]) -> SiteFigure:
    """Figures of the site at which the participant is on a day."""

    def figure(name: str, day: int) -> Fraction:
        at = next(s.subaward for s in stretches if s.start <= day <= s.end)
        return Fraction(person.pricer.figure(at, name, day).value)

    return figure


def _unpaid(
    stretches: list[EnrollmentSpell], away: list[tuple[int, int]]
) -> dict[int, tuple[EnrollmentSpell, Reason | None]]:
    """By month, where it was and how many enrolled days of absence are not paid."""
    lost: dict[int, tuple[EnrollmentSpell, Reason | None]] = {}
    for view in months(stretches):
        days = sum(max(0, min(end, b) - max(start, a) + 1) for start, end, _ in view.pieces for a, b in away)
        if days:
            at = view.pieces[0][2]._replace(start=view.start)
            lost[view.number] = (at, Reason("absent", (days,)))
    return lost
