"""How a rate becomes a price (Rulebook 2.5, 5.2): the rate table with its slope, lesser-of, uplift,
floor, carve-out.

A price is a fact like the rate that it comes from: its authority names every step, and its value
keeps every decimal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

from attrs import define, field

from grantcalc.billing.caseload import Household
from grantcalc.billing.reasons import Reason
from grantcalc.errors import NotInForce
from grantcalc.known import Fact, Steps
from grantcalc.money import EXACT, Rate, dollars, to_multiple
from grantcalc.provenance import Authority
from grantcalc.terms import Dimension, ProvisionRules, RateKey, ServiceRules

PRICES = ("lesser_of", "slope", "uplift", "deduct", "multiplier")

UnitKind = tuple[str, str]
"""A unit and a class; empty words where the terms tell none apart."""
NO_KIND: UnitKind = ("", "")


@define
class PersonHistory:
    """A participant, day by day: eligible family members in the household, minor dependents among
    them; and the words and numbers that prices go by."""

    spans: list[tuple[int, int, int, int]]
    characteristics: Mapping[str, Steps[Any]] = field(factory=dict)

    @classmethod
    def of(cls, rows: list[Household], characteristics: Mapping[str, Steps[Any]] | None = None) -> PersonHistory:
        spans = [(h.days.start.toordinal(), h.days.last.toordinal(), h.family, h.minors) for h in rows]
        return cls(spans, characteristics or {})

    def heads(self, per: str, day: int) -> int:
        """How many heads an uplift counts on a day: minors, family members, or 1 for a household
        with any."""
        family = sum(f for s, e, f, _ in self.spans if s <= day <= e)
        minors = sum(m for s, e, _, m in self.spans if s <= day <= e)
        return {"minor": minors, "family": family, "household": min(family, 1)}[per]

    def borders(self) -> list[int]:
        """Days on which the household changes."""
        return [day for s, e, _, _ in self.spans for day in (s, min(e, date.max.toordinal() - 1) + 1)]


@define
class Pricer:
    """Prices of one award, as known; shared by all its participants, so that equal prices are one
    fact.

    A fact is known by its identity here: the terms and the figures outlive the pricer, and it keeps
    what it makes.
    """

    known: date
    figures: Mapping[tuple[str, str], Steps[Decimal]]
    words: Mapping[tuple[str, str], Steps[str]] = field(factory=dict)
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
        home: PersonHistory | None,
        subaward: str,
        phase: str,
        kind: UnitKind,
    ) -> Fact[Rate]:
        """The price of one unit of a service on a day (Rulebook 5.2): table with slope, multiplier,
        lesser-of, what is deducted, uplift, rounding. Without a home, for a bare count, no size and
        no heads are known."""
        fact = self._of_table(rules, rate_day, day, home, subaward, RateKey(phase, *kind))
        uplifts: list[tuple[str, Fact[Rate], Decimal, str]] = []
        for rule in rules.provisions.get("uplift", ()):
            heads = home.heads(rule.word("per"), day) if home else 0
            if heads and (share := rule.at(rate_day)):
                how = f"+ {share.value.value} × {heads} by {rule.word('per')}"
                uplifts.append((rule.word("on"), share, EXACT.add(1, EXACT.multiply(share.value.value, heads)), how))
        for rule, share in self._in_force(rules, "lesser_of", rate_day):
            own, facts = self._share_of_figure(rule, share, home, subaward, day)
            how = rule.word("figure")
            for on, by, times, raised in uplifts:
                if on == "cost":
                    own, how = EXACT.multiply(own, times), f"{how} {raised} ({by.authority.citation})"
                    facts.append(by)
            if own < fact.value.value:
                fact = self._derived(fact, own, share, f"lesser of this and {own:f} from {how}", *facts)
        for rule, share in self._in_force(rules, "deduct", rate_day):
            own, facts = self._share_of_figure(rule, share, home, subaward, day)
            rest = max(EXACT.subtract(fact.value.value, own), Decimal(0))
            if own:  # a citation goes up with a claim: it gives a number of the site, and none of a participant
                of_site = rule.word("whose") != "participant"
                how = f"less {own:f} from {rule.word('figure')}" if of_site else f"less {rule.word('figure')}"
                fact = self._derived(fact, rest, share, how, *facts)
        for on, by, times, how in uplifts:
            if on != "cost":
                fact = self._derived(fact, EXACT.multiply(fact.value.value, times), by, how)
        for rule, unit in self._in_force(rules, "rounding", rate_day):
            value = to_multiple(Fraction(fact.value.value), unit.value.value, rule.word("how"))
            if rule.word("of") == "price" and value != fact.value.value:
                fact = self._derived(fact, value, unit, _to_multiple(rule.word("how"), unit))
        return fact

    def _of_table(
        self, rules: ServiceRules, rate_day: int, day: int, home: PersonHistory | None, subaward: str, key: RateKey
    ) -> Fact[Rate]:
        """The rate of the table with slope, times its multipliers."""
        size = 1 + home.heads("family", day) if home and rules.sized else 0
        words = tuple(self._word(d, home, subaward, day) if d else "" for d in rules.dimensions)
        said = {"unit": key.unit, "class": key.rate_class}
        said |= {d.id: word for d, word in zip(rules.dimensions, words, strict=True) if d}
        fact = self._sized(rules, rate_day, size, key._replace(words=words), said)
        for rule, by in self._in_force(rules, "multiplier", rate_day):
            if said[rule.word("of")] == rule.word("is"):
                how = f"× {by.value.value} for {rule.word('of')} {rule.word('is')}"
                fact = self._derived(fact, EXACT.multiply(fact.value.value, by.value.value), by, how)
        return fact

    @staticmethod
    def _in_force(rules: ServiceRules, kind: str, day: int) -> Iterator[tuple[ProvisionRules, Fact[Rate]]]:
        """The provisions of one kind with the value that each has on a day; one that has none is
        not there yet."""
        for rule in rules.provisions.get(kind, ()):
            if fact := rule.at(day):
                yield rule, fact

    def _word(self, dimension: Dimension, home: PersonHistory | None, subaward: str, day: int) -> str:
        """The word of a dimension on a day; `NotInForce` where nothing says it."""
        if dimension.of == "participant":
            return str(self._of_participant(dimension.id, home, day).value)
        steps = self.words.get((subaward, dimension.id))
        if steps is None:
            raise NotInForce(f"{dimension.id} of subaward {subaward}", date.fromordinal(day), self.known)
        return steps.at(day).value

    def _of_participant(self, name: str, home: PersonHistory | None, day: int) -> Fact[Any]:
        steps = home.characteristics.get(name) if home else None
        if steps is None:
            raise NotInForce(f"{name} of the participant", date.fromordinal(day), self.known)
        return steps.at(day)

    def _share_of_figure(
        self, rule: ProvisionRules, share: Fact[Rate], home: PersonHistory | None, subaward: str, day: int
    ) -> tuple[Decimal, list[Fact[Any]]]:
        """share × (figure − the figures named in `less`), not below zero, and what it was made
        from: figures of the site, or of the participant."""
        names = [rule.word("figure"), *rule.names("less")]
        if rule.word("whose") == "participant":
            facts = [self._of_participant(name, home, day) for name in names]
        else:
            facts = [self.figure(subaward, name, day) for name in names]
        rest = reduce(EXACT.subtract, (fact.value for fact in facts))
        return max(EXACT.multiply(share.value.value, rest), Decimal(0)), facts

    def _sized(self, rules: ServiceRules, day: int, size: int, key: RateKey, said: Mapping[str, str]) -> Fact[Rate]:
        """The rate of the table for a size; above that of a slope, with the slope for each further
        person."""
        for rule in rules.provisions.get("slope", ()):
            if rule.word("of") and said[rule.word("of")] != rule.word("is"):
                continue
            above = int(rule.word("above"))
            if size > above and (step := rule.at(day)):
                fact = rules.rate_at(day, *key._replace(size=str(above)))
                value = EXACT.add(fact.value.value, EXACT.multiply(step.value.value, size - above))
                return self._derived(fact, value, step, f"+ {step.value} × {size - above} above size {above}")
        return rules.rate_at(day, *key._replace(size=str(size) if size else ""))

    def _derived(self, fact: Fact[Rate], value: Decimal, by: Fact[Rate], how: str, *others: Fact[Any]) -> Fact[Rate]:
        """A price made from another, by a provision and other facts: of others it is another
        price."""
        key = (id(fact), id(by), value, how, *map(id, others))
        if key not in self._made:
            says = Authority(f"{fact.authority.citation}; {how}: {by.authority.citation}", fact.authority.note)
            starts = max(fact.effective, by.effective, *(other.effective for other in others))
            published = max(fact.published, by.published, *(other.published for other in others))
            self._made[key] = Fact(Rate(value), starts, published, says, fact.source)
        return self._made[key]

    def carved(self, rules: ServiceRules, price: Fact[Rate], day: int) -> Iterator[tuple[str, Fact[Rate]]]:
        """The pools to which a price belongs: what is carved out for another, and the rest in the
        service's own."""
        rest = price
        for rule in rules.provisions.get("carve", ()):
            if part := rule.at(day):
                cut = min(part.value.value, rest.value.value)
                yield rule.word("pool"), self._derived(price, cut, part, f"of which {cut:f} {rule.word('pool')}")
                rest = self._derived(
                    rest, EXACT.subtract(rest.value.value, cut), part, f"less {cut:f} {rule.word('pool')}"
                )
        yield rules.service.pool, rest

    def rounded(
        self, rules: ServiceRules, price: Fact[Rate], quantity: int, of: int, day: int, *, first_month: bool
    ) -> tuple[Fact[Rate], int, int]:
        """Quantity ÷ of at a price, where the terms round the amount: then once at the rounded
        price (Rulebook 5.2.16).

        The exact amount is rounded, never one that was rounded to the cent before: 9.9966… is 9.00
        in whole dollars.
        """
        for rule in rules.provisions.get("rounding", ()):
            unit = rule.at(day)
            if rule.word("of") != "price" and unit and (first_month or rule.word("only") == "every_month"):
                exact = Fraction(price.value.value) * quantity / of
                value = to_multiple(exact, unit.value.value, rule.word("how"))
                if value != exact:
                    said = _to_multiple(rule.word("how"), unit)
                    how = f"{quantity}/{of} of {price.value}, {said}"
                    price, quantity, of = self._derived(price, value, unit, how), 1, 1
        return price, quantity, of

    def share(self, rules: ServiceRules, quantity: int, of: int, day: int) -> tuple[int, int]:
        """The share of a month, where the terms round it to decimals: 16/30, up to four, is
        5334/10000 (5.2.18)."""
        for rule in rules.provisions.get("share_decimals", ()):
            if (decimals := rule.at(day)) and quantity != of:
                parts = 10 ** int(decimals.value.value)
                return int(to_multiple(Fraction(quantity * parts, of), Decimal(1), rule.word("how"))), parts
        return quantity, of

    def instalment(self, price: Fact[Rate], many: Fact[Rate], total: int, k: int) -> Fact[Rate]:
        """The k-th part of an amount in so many instalments; the first has the cents left over
        (Rulebook 5.7)."""
        count = int(many.value.value)
        part = total // count + (0 if k else total % count)
        return self._derived(price, dollars(part), many, f"instalment {k + 1} of {count} of {dollars(total)}")

    def under_floor(
        self, rules: ServiceRules, amount: int, exact: Fraction, day: int, *, first_month: bool
    ) -> Reason | None:
        """Why an amount is not paid for being too small, or None: the rounded one, or the exact
        one, as the terms say (Rulebook 5.2, 5.2.17)."""
        for rule in rules.provisions.get("floor", ()):
            least, tested = rule.at(day), Fraction(amount, 100)
            if rule.word("on") == "exact":
                tested, amount = exact, (100 * exact).__floor__()
            if least and (first_month or rule.word("only") == "every_month") and tested < Fraction(least.value.value):
                return Reason("under_least", (f"{dollars(amount)}", f"{least.value}"))
        return None


def _to_multiple(how: str, step: Fact[Rate]) -> str:
    """How a value is rounded, as an explanation says it."""
    return f"{'to the nearest' if how == 'nearest' else f'{how} to a'} multiple of {step.value}"
