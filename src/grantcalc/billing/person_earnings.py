"""What one participant earns: prices, paid months, and the line of each quantity (Rulebook 4.3, 5.1)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from attrs import define

from grantcalc.billing.counting import EnrollmentSpell
from grantcalc.billing.enrolled_person import EnrolledPerson
from grantcalc.billing.lines import Draft, Line
from grantcalc.billing.pricing import NO_KIND, Pricer, UnitKind
from grantcalc.billing.reasons import Reason
from grantcalc.billing.windows import Window
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.periods import date_of, month_of
from grantcalc.terms import ServiceRules


class EarnedQuantity(NamedTuple):
    """What one line pays for: `quantity` ÷ `of` in a month, its day of service, and the spell that says whom and in
    which phase."""

    month: int
    day: int
    spell: EnrollmentSpell
    quantity: int
    of: int
    kind: UnitKind = NO_KIND


class LineKey(NamedTuple):
    """What the days or units of one line have in common in a month (Rulebook 5.1); prices are known by identity."""

    subaward: str
    phase: str
    window: int
    prices: tuple[int, ...]


@define
class PersonEarnings:
    """A participant's counter of paid months, by service and phase, and the budget period that was found last."""

    person: EnrolledPerson
    pricer: Pricer
    paid_months: dict[tuple[str, str], int]
    last_period: Window | None = None

    @classmethod
    def of(cls, person: EnrolledPerson, pricer: Pricer) -> PersonEarnings:
        """Before the first line: what was paid in a caseload kept apart counts (Rulebook 7.8)."""
        return cls(person, pricer, {**person.months_used})

    def budget_period(self, day: int) -> str:
        """The budget period of a day of service; `NotInForce` outside every one."""
        last = self.last_period
        if last is None or not last.first <= day <= last.last:
            person = self.person
            last = self.last_period = person.budget_periods.at(day, person.known, f"of award {person.award.fain}")
        return last.name

    def price(self, rules: ServiceRules, spell: EnrollmentSpell, day: int, kind: UnitKind = NO_KIND) -> Fact[Rate]:
        """The price of one unit on a day: the rate, where the terms provide nothing beside it."""
        if rules.rate_by == "service_day" and not (rules.provisions or rules.sized or any(kind)):
            return rules.rate_at(day, spell.phase)
        person = self.person
        on = person.rate_day(rules, day)
        return self.pricer.price(rules, on, day, person.household, spell.subaward, spell.phase, kind)

    def key(self, rules: ServiceRules, spell: EnrollmentSpell, day: int, price: Fact[Rate]) -> LineKey:
        """What tells apart the days or units of different lines: also whether something else is carved out of the
        price."""
        carved: list[int] = []
        if "carve" in rules.provisions:
            on = self.person.rate_day(rules, day)
            carved = [id(rule.at(on)) for rule in rules.provisions["carve"]]
        return LineKey(spell.subaward, spell.phase, bisect_right(self.person.borders, day), (id(price), *carved))

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
        earned: EarnedQuantity,
        reason: Reason | None,
        rate: Fact[Rate] | None,
        pool: str = "",
    ) -> Line:
        """The line of a quantity at a rate; without a rate it pays nothing, for a reason."""
        month, day, spell, quantity, of, kind = earned
        person = self.person
        participant = person.participant
        return Draft(
            participant.issuer,
            participant,
            person.award.fain,
            spell.subaward,
            rules.service.id,
            pool or rules.service.pool,
            spell.phase,
            month_of(month),
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
        rules: ServiceRules,
        earned: EarnedQuantity,
        reason: Reason | None,
        *,
        fresh: bool = False,
        note: Reason | None = None,
    ) -> Iterator[Line]:
        """The line of a quantity, or one for each pool between which its price is parted; 0 for a reason, or under a
        floor. `fresh` is a month of application or after a break; `note` says what of the month is not paid."""
        if reason and rules.provisions:
            yield self.line(rules, earned._replace(quantity=0), reason, None)
            return
        price = self.price(rules, earned.spell, earned.day, earned.kind)
        if rules.provisions:
            on = self.person.rate_day(rules, earned.day)
            total = self.pricer.amount(price, earned.quantity, earned.of)
            reason = self.pricer.under_floor(rules, total, on, first_month=fresh)
            if not reason and rules.provided("carve"):
                for pool, part in self.pricer.carved(rules, price, on):
                    yield self.line(rules, earned, note, part, pool)
                return
        yield self.line(rules, earned._replace(quantity=0) if reason else earned, reason or note, price)
