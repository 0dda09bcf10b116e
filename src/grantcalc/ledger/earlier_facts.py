"""The facts as they were known on an earlier day, to be billed at the new day of knowledge
(Rulebook 8.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias, TypeVar

from attrs import evolve

from grantcalc.awards import Award, Subaward
from grantcalc.billing.caseload import ROWS, Caseload, Cost, Count, Enrollment, UnitsUsed
from grantcalc.eligibility import Letter
from grantcalc.known import Series
from grantcalc.ledger.entries import CHANGE_REASONS, ChangeReason
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.terms import Terms
from grantcalc.terms.values import Ceiling, Service, ShareOfPool

T = TypeVar("T")
BilledFacts: TypeAlias = tuple[Mapping[str, Caseload], Network]
"""The caseloads by issuer, and the network: what a claim is billed from."""

# Which rows of a caseload each reason replaces; rates and ceilings are the network's. What is left,
# and what cannot be told from dates, is a correction. (Rulebook 8.1, choice.)
FACTS_BY_REASON: Mapping[ChangeReason, tuple[str, ...]] = {
    "enrollment": ("participants", "statuses", "enrollments", "counts", "units", "absences", "elsewhere"),
    "letter": ("letters",),
    "household": ("households",),
    "cost": ("costs", "figures", "characteristics"),
    "disallowance": ("disallowed",),
    "ceiling": ("openings",),
}


def steps_of_facts(old: BilledFacts, new: BilledFacts) -> list[tuple[ChangeReason, BilledFacts]]:
    """The facts after each replacement, in the order of Rulebook 8.1; the last are the new ones
    whole."""
    loads, network = dict(old[0]), old[1]
    steps: list[tuple[ChangeReason, BilledFacts]] = []
    for reason in CHANGE_REASONS[1:-1]:
        if reason == "rate":
            network = _with_terms(network, new[1])
        if reason == "disallowance":
            network = evolve(network, disallowances=new[1].disallowances)
        rows = FACTS_BY_REASON.get(reason, ())
        loads = {id: evolve(load, **{kind: getattr(new[0][id], kind) for kind in rows}) for id, load in loads.items()}
        steps.append((reason, (loads, network)))
    return [*steps, ("correction", new)]


def rows_as_known(load: Caseload, known: date, last: Month) -> dict[str, Any]:
    """The rows of a caseload as it was known on a day: what was published later unseen, and, where
    the months that were billed were not over by then, days after it not yet served (2.1)."""
    served = known if known < last.last else date.max
    return {
        rows: tuple(
            _then(row, known, served)
            for row in getattr(load, rows)
            if getattr(row, "published", date.min) <= known and _first_day(row) <= served
        )
        for rows in ROWS
    }


def _then(row: Any, known: date, served: date) -> Any:
    """A row to a day of service, and a letter as it was known."""
    if isinstance(row, Enrollment) and row.days.last > served:
        return evolve(row, days=Interval(row.days.start, served))
    if isinstance(row, Letter) and row.replaced and row.replaced > known:
        return evolve(row, replaced=None)
    return row


def _first_day(row: Any) -> date:
    """The first day of service that a row speaks of, if it speaks of service."""
    if isinstance(row, Enrollment):
        return row.days.start
    if isinstance(row, Cost):
        return row.months[0].first if row.months else row.paid
    if isinstance(row, Count):
        return row.month.first
    return row.day if isinstance(row, UnitsUsed) else date.min


def network_as_known(new: Network, old: Network, known: date) -> Network:
    """The new network with the values that the old one had as known on a day; what is new in it
    stays."""
    subawards = {s.id: s for s in old.subawards}
    awards = {a.fain: a for a in old.awards}

    def subaward(s: Subaward) -> Subaward:
        return evolve(s, amount=_seen(subawards[s.id].amount, known)) if s.id in subawards else s

    def award(a: Award) -> Award:
        return evolve(a, terms=_terms_as_known(awards[a.fain].terms, known)) if a.fain in awards else a

    return evolve(
        new,
        awards=tuple(award(a) for a in new.awards),
        subawards=tuple(subaward(s) for s in new.subawards),
        disallowances=tuple(d for d in old.disallowances if d.published <= known),
    )


def _with_terms(network: Network, new: Network) -> Network:
    """The network with the terms of another, but for ceilings and shares."""
    theirs = {a.fain: a.terms for a in new.awards}

    def award(a: Award) -> Award:
        return evolve(a, terms=evolve(theirs[a.fain], ceilings=a.terms.ceilings, shares=a.terms.shares))

    return evolve(network, awards=tuple(award(a) for a in network.awards))


def _terms_as_known(terms: Terms, known: date) -> Terms:
    def service(s: Service) -> Service:
        return evolve(
            s,
            rates={key: _seen(series, known) for key, series in s.rates.items()},
            months={phase: _seen(series, known) for phase, series in s.months.items()},
            provisions=tuple(evolve(p, values=_seen(p.values, known)) for p in s.provisions),
        )

    def ceiling(c: Ceiling) -> Ceiling:
        return evolve(c, amounts={tier: _seen(series, known) for tier, series in c.amounts.items()})

    def share(s: ShareOfPool) -> ShareOfPool:
        return evolve(s, at_most=_seen(s.at_most, known))

    return evolve(
        terms,
        services=tuple(service(s) for s in terms.services),
        ceilings=tuple(ceiling(c) for c in terms.ceilings),
        shares=tuple(share(s) for s in terms.shares),
    )


def _seen(series: Series[T], known: date) -> Series[T]:
    return Series(series.what, tuple(f for f in series.facts if f.published <= known))
