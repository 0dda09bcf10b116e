"""What if: the same caseloads under changed terms, as a difference by line and in total, by the same code path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeAlias

from attrs import evolve, frozen

from grantcalc.billing.caseload import Caseload
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.lines import Line
from grantcalc.declared import checked
from grantcalc.errors import Unknown, shown_key
from grantcalc.money import Money, money
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.terms.changing import TermValue, change_terms, changeable
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
) -> Comparison:
    """Bill twice: by the terms as they are, and with some of their values changed under every award that has them.

    `Unknown` for a key that no award's terms have; `TermsRejected` for a value that does not fit.
    """
    loads = (caseloads,) if isinstance(caseloads, Caseload) else tuple(caseloads)
    keys = {key for award in network.awards for key in changeable(award.terms)}
    for key in changes:
        if key not in keys:
            raise Unknown("term", one_of(keys), length=len(key), found=shown_key(key))
    awards = tuple(
        evolve(a, terms=change_terms(a.terms, {k: v for k, v in changes.items() if k in changeable(a.terms)}))
        for a in network.awards
    )
    return compare(bill(loads, network, through, known), bill(loads, evolve(network, awards=awards), through, known))


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
