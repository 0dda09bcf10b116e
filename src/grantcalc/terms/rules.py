"""Rules: terms as they were known on one day, ready to bill by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import frozen

from grantcalc.errors import NotInForce
from grantcalc.known import Fact, Steps
from grantcalc.money import Rate, plain
from grantcalc.terms.values import Ceiling, Service, ShareOfPool, Terms
from grantcalc.terms.vocabulary import ACTUAL_COST, rate_name


@frozen
class ServiceRules:
    """A service as known on a day: plain policies, and rates and month limits as steps."""

    service: Service
    known: date
    count: str
    payee: str
    phase_of_month: str
    rate_by: str
    rates: Mapping[str, Steps[Rate]]
    months: Mapping[str, Steps[int]]

    def rate_steps(self, phase: str) -> Steps[Rate]:
        """The rates of a phase; those without a phase hold for every phase."""
        return self.rates.get(phase) or self.rates.get("") or Steps(rate_name(self.service.id, phase), self.known, ())

    def month_limit(self, phase: str, ordinal: int) -> Fact[int] | None:
        """At most N paid months of this phase (Rulebook 4.3), or None where the terms set no limit."""
        steps = self.months.get(phase)
        return steps.find(ordinal) if steps else None


@frozen
class CeilingRules:
    """A participant's ceiling as known on a day."""

    ceiling: Ceiling
    window: str
    family: str
    amounts: Mapping[str, Steps[int]]

    def at(self, tier: str, ordinal: int) -> Fact[int]:
        """The amount in force for a tier; a ceiling without tiers is `alone` for all."""
        return (self.amounts.get(tier) or self.amounts["alone"]).at(ordinal)


@frozen
class ShareRules:
    """A share of pool as known on a day."""

    share: ShareOfPool
    base: str
    at_most: Steps[Fraction]


@frozen
class Rules:
    """A programme's rules as known on one day, ready to bill by."""

    terms: Terms
    known: date
    services: tuple[ServiceRules, ...]
    ceilings: tuple[CeilingRules, ...]
    shares: tuple[ShareRules, ...]

    def ceiling(self, id: str) -> CeilingRules:
        return next(c for c in self.ceilings if c.ceiling.id == id)


def rules_as_known(terms: Terms, known: date) -> Rules:
    """The rules as known on a day. `NotInForce` when the terms, or a choice, were published later (2.4)."""
    if terms.published > known:
        raise NotInForce(f"terms {terms.id}", terms.effective, known)
    for needed in terms.opens:
        if not needed.optional:
            raise NotInForce(f"term {needed.key} of {terms.id}, which is left to the award", terms.effective, known)
    return Rules(
        terms,
        known,
        tuple(
            ServiceRules(
                s,
                known,
                **_choose(s.choices, known),
                rates={phase: series.as_known(known) for phase, series in s.rates.items()},
                months={phase: series.as_known(known) for phase, series in s.months.items()},
            )
            for s in terms.services
        ),
        tuple(
            CeilingRules(c, **_choose(c.choices, known), amounts={t: a.as_known(known) for t, a in c.amounts.items()})
            for c in terms.ceilings
        ),
        tuple(ShareRules(s, **_choose(s.choices, known), at_most=s.at_most.as_known(known)) for s in terms.shares),
    )


@frozen(order=True)
class TermUsed:
    """One value of the terms as it was used: what, how much, from when, since when known, and who says so."""

    award: str
    term: str
    value: str
    effective: date
    published: date
    citation: str


def statement(award: str, rules: Rules) -> tuple[TermUsed, ...]:
    """The rules as a person reads them: every choice, rate, limit, ceiling and share, as known, in the order of the
    file."""
    used: list[TermUsed] = []

    def add(term: str, fact: Fact[Any], value: str) -> None:
        used.append(TermUsed(award, term, value, fact.effective, fact.published, str(fact.authority)))

    for s in rules.services:
        choices = {"count": s.service.choices["count"]} if s.count == ACTUAL_COST else s.service.choices
        for name, choice in choices.items():
            add(f"{s.service.id}, {name}", choice, choice.value)
        for phase, rates in s.rates.items():
            for rate in rates.facts:
                add(f"{s.service.id}, rate" + (f", {phase}" if phase else ""), rate, f"{rate.value} USD")
        for phase, limits in s.months.items():
            for limit in limits.facts:
                add(f"{s.service.id}, paid months, {phase}", limit, f"at most {limit.value}")
    for c in rules.ceilings:
        for name, choice in c.ceiling.choices.items():
            add(f"{c.ceiling.id}, {name}", choice, choice.value)
        for tier, amounts in c.amounts.items():
            for amount in amounts.facts:
                add(f"{c.ceiling.id}, {tier}", amount, f"{plain(amount.value)} USD")
    for share in rules.shares:
        for name, choice in share.share.choices.items():
            add(f"{share.share.id}, {name}", choice, choice.value)
        for at_most in share.at_most.facts:
            add(f"{share.share.id}, at most", at_most, f"{percent(at_most.value)} of {share.share.of}")
    return tuple(used)


def percent(share: Fraction) -> str:
    """A share as a person reads it: 40 %, or 1/3 where no whole per mille says it."""
    mille = share * 1000
    return f"{Decimal(int(mille)) / 10:f} %".replace(".0 %", " %") if mille.denominator == 1 else str(share)


def _choose(choices: Mapping[str, Fact[str]], known: date) -> dict[str, Any]:
    for name, fact in choices.items():
        if fact.published > known:
            raise NotInForce(name, fact.effective, known)
    return {name: fact.value for name, fact in choices.items()}
