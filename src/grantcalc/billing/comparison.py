"""What if: the same caseloads under changed terms, as a difference by line and in total, by the
same code path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeAlias

from attrs import evolve, frozen

from grantcalc.awards import Award
from grantcalc.billing.caseload import Caseload
from grantcalc.billing.checks import default_known
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.lines import Line
from grantcalc.declared import checked
from grantcalc.errors import Unknown, shown_key
from grantcalc.money import Money, money
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Authority
from grantcalc.terms.changing import TermValue, change_terms, changeable
from grantcalc.terms.reading import fill_terms
from grantcalc.terms.values import Filling
from grantcalc.terms.vocabulary import one_of

_Key: TypeAlias = tuple[str, str, str, str, Month]


@frozen(kw_only=True, order=True)
class Changed:
    """What is allowed of one subaward, service, pool, phase and month, before and after; cents."""

    subaward: str
    service: str
    pool: str
    phase: str
    month: Month
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@frozen
class Comparison:
    """Two claims over the same caseloads, and where they differ."""

    before: Claim
    after: Claim
    changed: tuple[Changed, ...]

    @property
    def difference(self) -> Money:
        """How much more (or less) is owed after the change."""
        return money(sum(c.difference for c in self.changed))


@checked
def what_if(
    caseloads: Caseload | Iterable[Caseload],
    network: Network,
    through: Month,
    changes: Mapping[str, TermValue],
    known: date | None = None,
    *,
    instead: Caseload | Iterable[Caseload] = (),
) -> Comparison:
    """Bill twice: as it is, and with some values of the terms changed under every award that has
    them, and with the caseloads `instead` in place of those of their issuers: with a letter of
    another day, or another household.

    A term that an award left open is filled in from the first day on which it may be. `Unknown` for
    a key that no award's terms have, and for an issuer without a caseload; `TermsRejected` for a
    value that does not fit.
    """
    loads = (caseloads,) if isinstance(caseloads, Caseload) else tuple(caseloads)
    keys = {key for award in network.awards for key in (*changeable(award.terms), *_left_open(award))}
    for key in changes:
        if key not in keys:
            raise Unknown("term", one_of(keys), length=len(key), found=shown_key(key))
    known = known or default_known(network, loads)
    others = {load.issuer: load for load in ((instead,) if isinstance(instead, Caseload) else instead)}
    for issuer in others:
        if issuer not in {load.issuer for load in loads}:
            raise Unknown("issuer", "the issuer of one of the caseloads", length=len(issuer))
    after = evolve(network, awards=tuple(_changed_award(award, changes) for award in network.awards))
    new = tuple(others.get(load.issuer, load) for load in loads)
    return compare(bill(loads, network, through, known), bill(new, after, through, known))


def _left_open(award: Award) -> tuple[str, ...]:
    """The keys of the terms that an award left open."""
    return tuple(each.key for each in award.terms.opens)


def _changed_award(award: Award, changes: Mapping[str, TermValue]) -> Award:
    """An award with other values of its terms, of which some were left open."""
    fillings = [
        Filling(
            term=each.key,
            value=changes[each.key],
            effective=max(each.since or award.period.start, award.period.start),
            published=award.awarded,
            authority=Authority("what if"),
        )
        for each in award.terms.opens
        if each.key in changes
    ]
    terms = fill_terms(award.terms, fillings) if fillings else award.terms
    filled = {each.term for each in fillings}
    others = {key: value for key, value in changes.items() if key in changeable(terms) and key not in filled}
    return evolve(award, terms=change_terms(terms, others))


@checked
def compare(before: Claim, after: Claim) -> Comparison:
    """Where two claims differ in what is allowed; what is the same is not spoken of."""
    a, b = _allowed(before), _allowed(after)
    changed = (_changed(key, a.get(key, 0), b.get(key, 0)) for key in sorted({**a, **b}))
    return Comparison(before, after, tuple(one for one in changed if one.difference))


def _changed(key: _Key, before: int, after: int) -> Changed:
    subaward, service, pool, phase, month = key
    return Changed(subaward=subaward, service=service, pool=pool, phase=phase, month=month, before=before, after=after)


def _allowed(claim: Claim) -> dict[_Key, int]:
    sums: dict[_Key, int] = {}
    for line, amount in (*((x, x.amount) for x in claim.lines), *((x.line, x.amount) for x in claim.reductions)):
        key = _key(line)
        sums[key] = sums.get(key, 0) + amount
    return sums


def _key(line: Line) -> _Key:
    return line.subaward, line.service, line.pool, line.phase, line.month
