"""What one service earns for one participant: prices, paid months, and the lines (Rulebook 4.3,
5.1)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from attrs import define

from grantcalc.billing.counting import EnrollmentSpell, MonthSpan
from grantcalc.billing.enrolled_person import EnrolledPerson
from grantcalc.billing.lines import Draft, Line
from grantcalc.billing.pricing import NO_KIND, Pricer, UnitKind
from grantcalc.billing.reasons import Reason
from grantcalc.billing.windows import Window
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.periods import date_of, month_number, month_of, month_span
from grantcalc.terms import ServiceRules


class LineKey(NamedTuple):
    """What the days or units of one line have in common in a month (Rulebook 5.1); prices are known
    by identity."""

    subaward: str
    phase: str
    window: int
    prices: tuple[int, ...]


@define
class ServiceEarnings:
    """A participant and a service; a counter of paid months by phase, and the budget period that
    was found last."""

    person: EnrolledPerson
    rules: ServiceRules
    pricer: Pricer
    paid_months: dict[str, int]
    last_period: Window | None = None

    @classmethod
    def of(cls, person: EnrolledPerson, rules: ServiceRules, pricer: Pricer) -> ServiceEarnings:
        """Before the first line: what was paid in a caseload kept apart counts (Rulebook 7.8)."""
        return cls(person, rules, pricer, {**person.months_used})

    def budget_period(self, day: int) -> str:
        """The budget period of a day of service; `NotInForce` outside every one."""
        last = self.last_period
        if last is None or not last.first <= day <= last.last:
            person = self.person
            last = self.last_period = person.budget_periods.at(day, person.known, f"of award {person.award.fain}")
        return last.name

    def rate_day(self, day: int) -> int:
        """The day by which the rate of a day of service goes (Rulebook 2.5)."""
        return self.person.rate_day(self.rules, day)

    def price(self, spell: EnrollmentSpell, day: int, kind: UnitKind = NO_KIND) -> Fact[Rate]:
        """The price of one unit on a day: the rate, where the terms provide nothing beside it."""
        rules = self.rules
        plain = not (rules.provisions or rules.sized or rules.dimensions or kind is not NO_KIND)
        if rules.rate_by == "service_day" and plain:
            return rules.rate_at(day, spell.phase)
        history = self.person.history
        return self.pricer.price(rules, self.rate_day(day), day, history, spell.subaward, spell.phase, kind)

    def key(self, spell: EnrollmentSpell, day: int, price: Fact[Rate]) -> LineKey:
        """What tells apart the days or units of different lines: also whether something else is
        carved out of the price."""
        carved: list[int] = []
        if "carve" in self.rules.provisions:
            on = self.rate_day(day)
            carved = [id(rule.at(on)) for rule in self.rules.provisions["carve"]]
        return LineKey(spell.subaward, spell.phase, bisect_right(self.person.borders, day), (id(price), *carved))

    def limit_reached(self, phase: str, day: int) -> Reason | None:
        """Why a further month of this phase is not paid, or None (Rulebook 4.3)."""
        limit = self.rules.month_limit(phase, day) if self.rules.months else None
        if limit is None or self.paid_months.get(phase, 0) < limit.value:
            return None
        return Reason("month_limit", (limit.value, phase))

    def take_month(self, lines: Iterable[Line]) -> None:
        """One more paid month of each phase in which a month has a quantity above 0 (Rulebook
        4.3)."""
        if self.rules.months:
            for phase in {line.phase for line in lines if line.quantity}:
                self.paid_months[phase] = self.paid_months.get(phase, 0) + 1

    def line(
        self,
        span: MonthSpan,
        quantity: int,
        of: int,
        reason: Reason | None,
        rate: Fact[Rate] | None,
        kind: UnitKind = NO_KIND,
        pool: str = "",
    ) -> Line:
        """The line of quantity ÷ of at a rate; without a rate it pays nothing, for a reason. The
        span gives its day of service, and with that its month; the spell says whom it pays, and in
        which phase."""
        day, _, spell = span
        person, service = self.person, self.rules.service
        participant = person.participant
        return Draft(
            participant.issuer,
            participant,
            person.award.fain,
            spell.subaward,
            service.id,
            pool or service.pool,
            spell.phase,
            month_of(month_number(day)),
            self.budget_period(day),
            quantity,
            of,
            rate,
            self.pricer.amount(rate, quantity, of) if rate else 0,
            1,
            date_of(day),
            "" if kind is NO_KIND else ", ".join(word for word in kind if word),
            "",
            reason,
            spell.source,
        ).frozen()

    def lines(
        self,
        span: MonthSpan,
        quantity: int,
        of: int,
        reason: Reason | None,
        *,
        kind: UnitKind = NO_KIND,
        fresh: bool = False,
        note: Reason | None = None,
    ) -> Iterator[Line]:
        """The line of a quantity, or one for each pool between which its price is parted; 0 for a
        reason, or under a floor. `fresh` is a month of application or after a break; `note` says
        what of the month is not paid."""
        if reason and self.rules.provisions:
            yield self.line(span, 0, of, reason, None, kind)
            return
        day, _, spell = span
        price = self.price(spell, day, kind)
        if self.rules.provisions:
            on = self.rate_day(day)
            quantity, of = self.pricer.share(self.rules, quantity, of, on)
            exact = Fraction(price.value.value) * quantity / of
            price, quantity, of = self.pricer.rounded(self.rules, price, quantity, of, on, first_month=fresh)
            total = self.pricer.amount(price, quantity, of)
            reason = self.pricer.under_floor(self.rules, total, exact, on, first_month=fresh)
            reason = reason if quantity else Reason("rounded_to_nothing")
            if not reason and self.rules.provided("carve"):
                for pool, part in self.pricer.carved(self.rules, price, on):
                    yield self.line(span, quantity, of, note, part, kind, pool)
                return
            if not reason and self.rules.provided("instalments"):
                yield from self.instalments(span, price, quantity, of)
                return
        yield self.line(span, 0 if reason else quantity, of, reason or note, price, kind)

    def instalments(self, span: MonthSpan, price: Fact[Rate], quantity: int, of: int) -> Iterator[Line]:
        """The lines of an amount in instalments, as far as they are due: the first on the day of
        the count, with the cents left over; each later one on its due day, and none after the award
        (Rulebook 5.7)."""
        day, _, spell = span
        person, total = self.person, self.pricer.amount(price, quantity, of)
        for rule in self.rules.provisions["instalments"]:
            if many := rule.at(self.rate_day(day)):
                count, step = int(many.value.value), 1 if rule.word("every") == "month" else 3
                for k in range(count):
                    due = month_span(month_number(day) + k * step)[0] + int(rule.word("due") or 1) - 1 if k else day
                    due = min(due, max(day, person.award.period.last.toordinal()))
                    if month_number(due) <= person.through and due <= person.last_day:
                        part = self.pricer.instalment(price, many, total, k)
                        yield self.line((due, due, spell), 1, 1, None, part)
                return
        yield self.line(span, quantity, of, None, price)
