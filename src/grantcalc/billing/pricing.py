"""How a rate becomes a price (Rulebook 2.5, 5.2): the rate table with its slope, lesser-of, uplift, floor, carve-out.

A price is a fact like the rate that it comes from: its authority names every step, and its value keeps every decimal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

from attrs import define, field

from grantcalc.billing.caseload import Household, Registration
from grantcalc.billing.reasons import Reason
from grantcalc.errors import NotInForce
from grantcalc.known import Fact, Steps
from grantcalc.money import EXACT, Rate, dollars
from grantcalc.provenance import Authority
from grantcalc.terms import ServiceRules

PRICES = ("lesser_of", "slope", "uplift")

UnitKind = tuple[str, str]
"""A unit and a class; empty words where the terms tell none apart."""
NO_KIND: UnitKind = ("", "")


@define
class HouseholdHistory:
    """A participant's household, day by day: eligible family members, and minor dependents among them."""

    spans: list[tuple[int, int, int, int]]

    @classmethod
    def of(cls, rows: list[Household]) -> HouseholdHistory:
        return cls([(h.days.start.toordinal(), h.days.last.toordinal(), h.family, h.minors) for h in rows])

    def heads(self, per: str, day: int) -> int:
        """How many heads an uplift counts on a day: minors, family members, or 1 for a household with any."""
        family = sum(f for s, e, f, _ in self.spans if s <= day <= e)
        minors = sum(m for s, e, _, m in self.spans if s <= day <= e)
        return {"minor": minors, "family": family, "household": min(family, 1)}[per]

    def borders(self) -> list[int]:
        """Days on which the household changes."""
        return [day for s, e, _, _ in self.spans for day in (s, min(e, date.max.toordinal() - 1) + 1)]


@define
class Pricer:
    """Prices of one award, as known; shared by all its participants, so that equal prices are one fact.

    A fact is known by its identity here: the terms and the figures outlive the pricer, and it keeps what it makes.
    """

    known: date
    figures: Mapping[tuple[str, str], Steps[Decimal]]
    _made: dict[tuple[object, ...], Fact[Rate]] = field(factory=dict)
    _amounts: dict[tuple[int, int, int], int] = field(factory=dict)

    def amount(self, rate: Fact[Rate], quantity: int, of: int) -> int:
        """quantity ÷ of × rate, rounded once; each distinct extension is computed once."""
        key = (id(rate), quantity, of)
        cents = self._amounts.get(key)
        if cents is None:
            cents = self._amounts[key] = rate.value.extend(quantity, of)
        return cents

    def figure(self, subaward: str, name: str, day: int) -> Fact[Decimal]:
        """A figure of the site on a day; `NotInForce` where none was reported."""
        steps = self.figures.get((subaward, name))
        if steps is None:
            raise NotInForce(f"figure {name} of subaward {subaward}", date.fromordinal(day), self.known)
        return steps.at(day)

    def price(
        self,
        rules: ServiceRules,
        rate_day: int,
        day: int,
        home: HouseholdHistory | None,
        subaward: str,
        phase: str,
        kind: UnitKind,
    ) -> Fact[Rate]:
        """The price of one unit of a service on a day (Rulebook 5.2): table with slope, then lesser-of, then uplift.
        Without a home, for a bare count, no size and no heads are known."""
        size = 1 + home.heads("family", day) if home and rules.sized else 0
        fact = self._sized(rules, rate_day, size, phase, kind)
        uplifts: list[tuple[str, Fact[Rate], Decimal, str]] = []
        for rule in rules.provisions.get("uplift", ()):
            heads = home.heads(rule.word("per"), day) if home else 0
            if heads and (share := rule.at(rate_day)):
                how = f"+ {share.value.value} × {heads} by {rule.word('per')}"
                uplifts.append((rule.word("on"), share, EXACT.add(1, EXACT.multiply(share.value.value, heads)), how))
        for rule in rules.provisions.get("lesser_of", ()):
            if share := rule.at(rate_day):
                cost = self.figure(subaward, rule.word("figure"), day)
                less = [self.figure(subaward, name, day) for name in rule.names("less")]
                rest = reduce(EXACT.subtract, (each.value for each in less), cost.value)
                own = max(EXACT.multiply(share.value.value, rest), Decimal(0))
                how, facts = rule.word("figure"), list[Fact[Any]]([cost, *less])
                for on, by, times, said in uplifts:
                    if on == "cost":
                        own, how, facts = (
                            EXACT.multiply(own, times),
                            f"{how} {said} ({by.authority.citation})",
                            [*facts, by],
                        )
                if own < fact.value.value:
                    fact = self._derived(fact, own, share, f"lesser of this and {own:f} from {how}", *facts)
        for on, by, times, how in uplifts:
            if on != "cost":
                fact = self._derived(fact, EXACT.multiply(fact.value.value, times), by, how)
        return fact

    def _sized(self, rules: ServiceRules, day: int, size: int, phase: str, kind: UnitKind) -> Fact[Rate]:
        for rule in rules.provisions.get("slope", ()):
            above = int(rule.word("above"))
            if size > above and (step := rule.at(day)):
                fact = rules.rate_at(day, phase, *kind, str(above))
                value = EXACT.add(fact.value.value, EXACT.multiply(step.value.value, size - above))
                return self._derived(fact, value, step, f"+ {step.value} × {size - above} above size {above}")
        return rules.rate_at(day, phase, *kind, str(size) if size else "")

    def _derived(self, fact: Fact[Rate], value: Decimal, by: Fact[Rate], how: str, *others: Fact[Any]) -> Fact[Rate]:
        """A price made from another, by a provision and other facts: of others it is another price."""
        key = (id(fact), id(by), value, how, *map(id, others))
        if key not in self._made:
            says = Authority(f"{fact.authority.citation}; {how}: {by.authority.citation}", fact.authority.note)
            starts = max(fact.effective, by.effective, *(other.effective for other in others))
            published = max(fact.published, by.published, *(other.published for other in others))
            self._made[key] = Fact(Rate(value), starts, published, says, fact.source)
        return self._made[key]

    def carved(self, rules: ServiceRules, price: Fact[Rate], day: int) -> Iterator[tuple[str, Fact[Rate]]]:
        """The pools to which a price belongs: what is carved out for another, and the rest in the service's own."""
        rest = price
        for rule in rules.provisions.get("carve", ()):
            if part := rule.at(day):
                cut = min(part.value.value, rest.value.value)
                yield rule.word("pool"), self._derived(price, cut, part, f"of which {cut:f} {rule.word('pool')}")
                rest = self._derived(
                    rest, EXACT.subtract(rest.value.value, cut), part, f"less {cut:f} {rule.word('pool')}"
                )
        yield rules.service.pool, rest

    def rounded_down(
        self, rules: ServiceRules, price: Fact[Rate], quantity: int, of: int, day: int, *, first_month: bool
    ) -> tuple[Fact[Rate], int, int]:
        """Quantity ÷ of at a price, where the terms round it down: then once at the lower price (Rulebook 5.2.16).

        The exact amount is rounded, never one that was rounded to the cent before: 9.9966… is 9.00 in whole dollars.
        """
        for rule in rules.provisions.get("round_down", ()):
            unit = rule.at(day)
            if unit and unit.value.value and (first_month or rule.word("only") == "every_month"):
                exact, step = Fraction(price.value.value) * quantity / of, Fraction(unit.value.value)
                lower = EXACT.multiply(unit.value.value, exact // step)
                if lower != exact:
                    how = f"{quantity}/{of} of {price.value}, down to a multiple of {unit.value}"
                    return self._derived(price, lower, unit, how), 1, 1
        return price, quantity, of

    def under_floor(self, rules: ServiceRules, amount: int, day: int, *, first_month: bool) -> Reason | None:
        """Why a rounded amount is not paid for being too small, or None (Rulebook 5.2)."""
        for rule in rules.provisions.get("floor", ()):
            least = rule.at(day)
            if least and (first_month or rule.word("only") == "every_month") and amount < least.value.extend(1):
                return Reason("under_least", (f"{dollars(amount)}", f"{least.value}"))
        return None


def borders(rules: ServiceRules, pricer: Pricer, home: HouseholdHistory) -> list[int]:
    """Days on which a price may change for another reason than its rate."""
    days: list[int] = []
    if rules.provided(*PRICES):
        days = [start for steps in pricer.figures.values() for start in steps.starts]
    if rules.sized or rules.provided("uplift"):
        days += home.borders()
    return days


def rate_day(
    rules: ServiceRules, registration: Registration | None, first_ever: int | None, day: int, known: date
) -> int:
    """A rate goes by the day of service, of enrollment, of arrival or of eligibility, as the terms say (Rulebook
    2.5)."""
    by = rules.rate_by
    if by == "service_day":
        return day
    if by == "enrollment_day":
        return first_ever or day
    what = "arrived" if by == "arrival_day" else "eligible"
    return day_of(registration, what, day, known)


def day_of(registration: Registration | None, what: str, day: int, known: date) -> int:
    """A participant's day of arrival or of eligibility; `NotInForce` where it was not registered."""
    since = getattr(registration, what) if registration else None
    if since is None:
        raise NotInForce(f"day on which a participant {what}", date.fromordinal(day), known)
    return int(since.toordinal())
