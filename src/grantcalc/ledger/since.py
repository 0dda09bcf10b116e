"""What a claim has that the claim before it had not: new months, and adjustments of earlier ones
with their reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from attrs import frozen

from grantcalc.billing.caseload import Caseload
from grantcalc.billing.claims import Claim
from grantcalc.declared import checked
from grantcalc.errors import refuse
from grantcalc.ledger.adjustments import Adjustments, adjust, undated
from grantcalc.ledger.entries import line_of
from grantcalc.ledger.requests import assemble
from grantcalc.ledger.statements import AdjustmentSum
from grantcalc.money import Money, cents, money
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Input


@frozen(kw_only=True)
class SinceLast:
    """What is new in a claim since the last one: `before` is what that claimed, to `through` and as
    known on `known`; then what each new month adds, and what each reason changes in earlier months.
    Amounts are cents."""

    before: int
    through: Month
    known: date
    new_months: tuple[tuple[Month, int], ...]
    adjustments: tuple[AdjustmentSum, ...]
    inputs: tuple[Input, ...] = ()

    @property
    def total(self) -> Money:
        """What is new: the claim, less what was claimed before."""
        adjusted = sum(a.added + a.recovered for a in self.adjustments)
        return money(sum(amount for _, amount in self.new_months) + adjusted)


@checked
def since_last(
    last: Claim,
    caseloads: Caseload | Iterable[Caseload],
    network: Network,
    through: Month,
    known: date | None = None,
    *,
    previous: Iterable[Caseload] = (),
) -> SinceLast:
    """What a claim of these caseloads has that `last` had not, with the reason of each adjustment
    (Rulebook 8.1).

    The old facts are those of the `previous` caseloads, else what the new ones say as known when
    the last claim was made. `Rejected` for rows that do not say when they were known, where no
    previous caseload is given; `Unpostable` for a last claim that reaches further. Refused like
    `bill`.
    """
    loads = (caseloads,) if isinstance(caseloads, Caseload) else tuple(caseloads)
    earlier, ledger = tuple(previous), assemble([last])
    if not earlier:
        refuse(undated(ledger, loads))
    before = (earlier, network) if earlier else None
    changed = adjust(ledger, loads, network, through, known, before=before, detail=False)
    return SinceLast(
        before=cents(last.total),
        through=last.through,
        known=last.known,
        new_months=_new_months(changed),
        adjustments=_by_reason(changed),
        inputs=tuple(i for i in last.inputs if i.role == "claim"),
    )


def _new_months(changed: Adjustments) -> tuple[tuple[Month, int], ...]:
    sums: Counter[Month] = Counter()
    for change in changed.changes:
        if not change.reason:
            sums[line_of(change).month] += change.amount
    return tuple(sorted(sums.items()))


def _by_reason(changed: Adjustments) -> tuple[AdjustmentSum, ...]:
    day = changed.claim.known
    return tuple(
        AdjustmentSum(posted=day, reason=reason, items=items, added=added, recovered=recovered)
        for reason, (items, added, recovered) in changed.by_reason().items()
        if reason
    )
