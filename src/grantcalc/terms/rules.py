"""Rules: terms as they were known on one day, ready to bill by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import evolve, field, frozen

from grantcalc.errors import NotInForce
from grantcalc.known import Fact, Steps
from grantcalc.money import Rate, plain
from grantcalc.provenance import Authority
from grantcalc.terms.values import Ceiling, Dimension, Provision, RateKey, Service, ShareOfPool, Terms
from grantcalc.terms.vocabulary import ACTUAL_COST, PROVISIONS, rate_name


@frozen
class ProvisionRules:
    """A provision as known on a day."""

    provision: Provision
    values: Steps[Rate]

    def word(self, name: str) -> str:
        return self.provision.word(name)

    def names(self, name: str) -> tuple[str, ...]:
        """A word that lists names."""
        names = self.provision.words.get(name, ())
        return names if isinstance(names, tuple) else (names,)

    def at(self, ordinal: int) -> Fact[Rate] | None:
        """The value in force on a day, or None before the first: the provision is then not there
        yet."""
        return self.values.find(ordinal)


@frozen(kw_only=True)
class ServiceRules:
    """A service as known on a day: plain policies, and rates and month limits as steps."""

    service: Service
    known: date
    count: str
    payee: str
    phase_of_month: str
    rate_by: str
    restored: str
    period: str
    rates: Mapping[RateKey, Steps[Rate]]
    months: Mapping[str, Steps[int]]
    provisions: Mapping[str, tuple[ProvisionRules, ...]]
    served_days: tuple[ProvisionRules, ...]
    """Apart from the other provisions, since they say who is paid for and not how a price is
    made."""
    dimensions: tuple[Dimension | None, ...] = ()
    """The declared dimensions in their order; None for one that no price of the service goes by."""
    sized: bool = field(init=False, eq=False, repr=False)
    _found: dict[RateKey, list[Steps[Rate]]] = field(init=False, factory=dict, eq=False, repr=False)

    @sized.default
    def _goes_by_size(self) -> bool:
        """Whether a price goes by the size of the household."""
        return "slope" in self.provisions or any(key.size for key in self.rates)

    def rate_at(
        self,
        ordinal: int,
        phase: str,
        unit: str = "",
        rate_class: str = "",
        size: str = "",
        words: tuple[str, ...] = (),
    ) -> Fact[Rate]:
        """The rate for these facts on a day: of the keys that hold and have one in force, the one
        that says most.

        `NotInForce` where there is none (Rulebook 2.4).
        """
        wanted = RateKey(phase, unit, rate_class, size, words or ("",) * len(self.dimensions))
        candidates = self._found.get(wanted)
        if candidates is None:
            holding = [k for k in self.rates if k.holds_for(wanted)]
            holding.sort(key=lambda k: (k.names(), k), reverse=True)
            candidates = self._found[wanted] = [self.rates[k] for k in holding]
        for steps in candidates:
            fact = steps.find(ordinal)
            if fact is not None:
                return fact
        raise NotInForce(rate_name(self.service.id, str(wanted)), date.fromordinal(ordinal), self.known)

    def provided(self, *kinds: str) -> bool:
        """Whether the service has any provision of these kinds."""
        return not self.provisions.keys().isdisjoint(kinds)

    def month_limit(self, phase: str, ordinal: int) -> Fact[int] | None:
        """At most N paid months of this phase (Rulebook 4.3), or None where the terms set no
        limit."""
        steps = self.months.get(phase)
        return steps.find(ordinal) if steps else None


@frozen(kw_only=True)
class CeilingRules:
    """A ceiling as known on a day."""

    ceiling: Ceiling
    scope: str
    window: str
    family: str
    amount_on: str
    amounts: Mapping[str, Steps[int]]

    def at(self, tier: str, ordinal: int) -> Fact[int]:
        """The amount in force for a tier; where the tier has none of its own, that of `alone`."""
        own = self.amounts[tier].find(ordinal) if tier in self.amounts else None
        return own or self.amounts["alone"].at(ordinal)


@frozen
class ShareRules:
    """A share of pool as known on a day."""

    share: ShareOfPool
    base: str
    at_most: Steps[Fraction]


@frozen
class Rules:
    """A program's rules as known on one day, ready to bill by."""

    terms: Terms
    known: date
    services: tuple[ServiceRules, ...]
    ceilings: tuple[CeilingRules, ...]
    shares: tuple[ShareRules, ...]

    def ceiling(self, id: str) -> CeilingRules:
        return next(c for c in self.ceilings if c.ceiling.id == id)


def rules_as_known(terms: Terms, known: date) -> Rules:
    """The rules as known on a day. `NotInForce` when the terms, or a choice, were published later
    (2.4), and where the award fills in no rate of any service."""
    if terms.published > known:
        raise NotInForce(f"terms {terms.id}", terms.effective, known)
    for needed in terms.opens:
        if not needed.optional:
            raise NotInForce(f"term {needed.key} of {terms.id}, which is left to the award", terms.effective, known)
    rules = dated_rules(terms, known)
    offered = tuple(s for s in rules.services if s.service.offered)
    if terms.services and not offered:
        raise NotInForce(f"rate of {terms.id}, all of which are left to the award", terms.effective, known)
    return evolve(rules, services=offered)


def dated_rules(terms: Terms, known: date) -> Rules:
    """The same, whatever is still left to the award: to show terms, not to bill by them."""
    return Rules(
        terms,
        known,
        tuple(
            ServiceRules(
                service=s,
                known=known,
                **_choose(s.choices, known),
                rates={phase: series.as_known(known) for phase, series in s.rates.items()},
                months={phase: series.as_known(known) for phase, series in s.months.items()},
                **_provisions(s, known),
                dimensions=_dimensions(s, terms),
            )
            for s in terms.services
        ),
        tuple(
            CeilingRules(
                ceiling=c, **_choose(c.choices, known), amounts={t: a.as_known(known) for t, a in c.amounts.items()}
            )
            for c in terms.ceilings
        ),
        tuple(ShareRules(s, **_choose(s.choices, known), at_most=s.at_most.as_known(known)) for s in terms.shares),
    )


@frozen(kw_only=True, order=True)
class TermUsed:
    """One value of the terms as it was used: what, how much, from when, since when known, and who
    says so."""

    award: str
    term: str
    value: str
    effective: date
    published: date
    citation: str


def statement(award: str, rules: Rules, without: Authority | None = None) -> tuple[TermUsed, ...]:
    """The rules as a person reads them: every choice, rate, limit, ceiling and share, as known, in
    the order of the file; without those of one authority, where it is given."""
    used: list[TermUsed] = []

    def add(term: str, fact: Fact[Any], value: str) -> None:
        if fact.authority != without:
            used.append(
                TermUsed(
                    award=award,
                    term=term,
                    value=value,
                    effective=fact.effective,
                    published=fact.published,
                    citation=str(fact.authority),
                )
            )

    for service in rules.services:
        _state_service(service, rules.known, add)
    for c in rules.ceilings:
        for name, choice in c.ceiling.choices.items():
            add(f"{c.ceiling.id}, {name}", choice, choice.value)
        for tier, amounts in c.amounts.items():
            for amount in amounts.facts:
                add(f"{c.ceiling.id}, {tier}", amount, "ends" if amount.is_end else f"{plain(amount.value)} USD")
    for share in rules.shares:
        for name, choice in share.share.choices.items():
            add(f"{share.share.id}, {name}", choice, choice.value)
        for at_most in share.at_most.facts:
            add(f"{share.share.id}, at most", at_most, f"{percent(at_most.value)} of {share.share.of}")
    for d in rules.terms.dimensions:
        if d.of == "state":
            words = [f"{word} in {', '.join(s for s, w in d.states.items() if w == word)}" for word in d.words]
            said = [word for word in words if not word.endswith(" in ")] + ([f"else {d.other}"] if d.other else [])
            dated = Fact(said, rules.terms.effective, rules.terms.published, d.authority)
            if said:
                add(f"{d.id}, by State", dated, "; ".join(said))
    for least in rules.terms.pass_through.facts:
        add("pass_through, at least", least, f"{percent(least.value)} of the award")
    return tuple(used)


def _state_service(s: ServiceRules, known: date, add: Callable[[str, Fact[Any], str], None]) -> None:
    choices = {"count": s.service.choices["count"]} if s.count == ACTUAL_COST else s.service.choices
    for name, choice in choices.items():
        if (name == "restored" and s.count != "following_month") or (name, choice.value) == ("period", "month"):
            continue
        add(f"{s.service.id}, {name}", choice, choice.value)
    for key, rates in s.rates.items():
        for rate in rates.facts:
            add(f"{s.service.id}, rate" + (f", {key}" if str(key) else ""), rate, _said(rate, " USD"))
    for phase, limits in s.months.items():
        for limit in limits.facts:
            said = "ends" if limit.is_end else f"at most {limit.value}"
            add(f"{s.service.id}, paid months, {phase}", limit, said)
    for provision in s.service.provisions:
        unit = " USD" if PROVISIONS[provision.kind][0] == "money" else ""
        for value in provision.values.as_known(known).facts:
            add(f"{s.service.id}, {provision}", value, _said(value, unit))


def _said(fact: Fact[Rate], unit: str) -> str:
    """A value with its unit; of an end, that nothing holds from its day on."""
    if fact.is_end:
        return "ends"
    return f"{fact.value}{unit}" if unit else f"{fact.value.value}"


def _dimensions(service: Service, terms: Terms) -> tuple[Dimension | None, ...]:
    asked = service.dimensions(terms.dimensions)
    return tuple(d if d.id in asked else None for d in terms.dimensions)


def _provisions(service: Service, known: date) -> dict[str, Any]:
    provisions: dict[str, list[ProvisionRules]] = {}
    for provision in service.provisions:
        steps = provision.values.as_known(known)
        if steps.facts:
            provisions.setdefault(provision.kind, []).append(ProvisionRules(provision, steps))
    served_days = tuple(provisions.pop("served_days", ()))
    return {"provisions": {kind: tuple(rules) for kind, rules in provisions.items()}, "served_days": served_days}


def percent(share: Fraction) -> str:
    """A share as a person reads it: 40 %, or 1/3 where no whole per mille says it."""
    mille = share * 1000
    whole, tenth = divmod(int(mille), 10)  # in whole numbers: a thread's decimal context may round
    return f"{whole}{f'.{tenth}' if tenth else ''} %" if mille.denominator == 1 else str(share)


def _choose(choices: Mapping[str, Fact[str]], known: date) -> dict[str, Any]:
    for name, fact in choices.items():
        if fact.published > known:
            raise NotInForce(name, fact.effective, known)
    return {name: fact.value for name, fact in choices.items()}
