"""Will the money last? A caseload continued to the end of the budget period and billed by the same
rules.

A forecast is a projection. It is computed from facts that nobody reported, and is never posted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from attrs import field, frozen

from grantcalc.billing.caseload import Caseload
from grantcalc.billing.checks import default_known
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.issuers import each_once
from grantcalc.billing.lines import Reduction, how_many
from grantcalc.billing.projection import Inflow, projected
from grantcalc.declared import checked, declared
from grantcalc.errors import Rejected
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import Request, requests
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import NOWHERE


@frozen(kw_only=True, field_transformer=declared)
class ForecastMonth:
    """A month of a forecast, in cents: earned; what is held back of it, each zero or less: by
    ceilings of participants (with shares and disallowances), of subawards, and of the award; and
    how many participants have reached a ceiling by then. `is_projected` is whether nobody reported
    it."""

    month: Month
    is_projected: bool
    earned: int
    by_participants: int
    by_subawards: int
    by_award: int
    participants_at_ceiling: int

    @property
    def allowed(self) -> int:
        """What is left of what is earned, in cents."""
        return self.earned + self.by_participants + self.by_subawards + self.by_award


@frozen(kw_only=True, field_transformer=declared)
class Funds:
    """What is obligated of an award's budget period, or of a subaward (then `budget_period` is
    empty), what is allowed of it in the end, both in cents, and the first month in which something
    is held back because it ran out; None where it lasts."""

    id: str
    budget_period: str
    obligated: int
    allowed: int
    runs_out: Month | None


@frozen(kw_only=True, field_transformer=declared)
class Forecast:
    """A caseload to the end of `until`, of which all after `through` is projected: the months, and
    the funds.

    `caseloads` are the facts that were billed: a `bill` of them as known on `known` earns what the
    months earn.
    """

    through: Month
    until: Month
    known: date
    inflow: tuple[Inflow, ...]
    months: tuple[ForecastMonth, ...]
    funds: tuple[Funds, ...]
    caseloads: tuple[Caseload, ...] = field(repr=how_many)
    label: str = ""

    @property
    def participants_run_out(self) -> Month | None:
        """The first month in which a participant's ceiling holds something back."""
        return next((m.month for m in self.months if m.participants_at_ceiling), None)


@checked
def forecast(
    caseloads: Caseload | Iterable[Caseload],
    network: Network,
    through: Month,
    inflow: Iterable[Inflow] = (),
    until: Month | None = None,
) -> Forecast:
    """Bill caseloads as they are to the end of `through`, continued to the end of `until`, by
    default the last month of the budget periods that hold `through`.

    What is continued, and what is left out, is that of `projected` (docs/months.md). Nothing is
    posted. Refused like `bill`; `Rejected` too where no budget period with an end holds `through`.
    """
    loads, more = each_once(caseloads), tuple(inflow)
    until = until or _end_of_budget(network, through)
    facts = projected(loads, network, through, until, more)
    known = max(until.last, default_known(network, facts))
    claim = bill(facts, network, until, known)
    asked = requests(Ledger().post(claim.counted()), network, known) if claim.lines else ()
    return Forecast(
        through=through,
        until=until,
        known=known,
        inflow=more,
        months=tuple(_months(claim, asked, through)),
        funds=tuple(_funds(tuple(asked), network, known)),
        caseloads=facts,
        label="; ".join(dict.fromkeys(x for x in (network.label, *(load.label for load in loads)) if x)),
    )


def _end_of_budget(network: Network, through: Month) -> Month:
    periods = [p.days for a in network.awards for p in a.budget_periods if through.last in p.days and p.days.end]
    if not periods:
        problem = f"no budget period with an end holds {through}"
        raise Rejected([NOWHERE.finding("until", problem, "the last month of the forecast, with until")])
    return max(Month.of(days.last) for days in periods)


def _months(claim: Claim, asked: Iterable[Request], through: Month) -> Iterator[ForecastMonth]:
    """Every month from the first in which something is earned."""
    requested = tuple(asked)
    earned = Counter[Month]()
    for line in claim.lines:
        earned[line.month] += line.amount
    held = {kind: Counter[Month]() for kind in ("participants", "subawards", "award")}
    for reduction in (x for r in requested for x in r.reductions):
        held[_level(reduction)][reduction.line.month] += reduction.amount
    reached: dict[object, Month] = {}
    for reduction in claim.reductions:
        if _level(reduction) == "participants" and (who := reduction.line.participant):
            reached[who] = min(reached.get(who, reduction.line.month), reduction.line.month)
    first = min(earned, default=claim.through)
    for month in (first.plus(n) for n in range(claim.through.number - first.number + 1)):
        yield ForecastMonth(
            month=month,
            is_projected=month > through,
            earned=earned[month],
            by_participants=held["participants"][month],
            by_subawards=held["subawards"][month],
            by_award=held["award"][month],
            participants_at_ceiling=sum(since <= month for since in reached.values()),
        )


def _level(reduction: Reduction) -> str:
    """Whose money a reduction is about: a participant's, for whatever is neither a subaward's nor
    the award's."""
    return {"subaward": "subawards", "award": "award"}.get(reduction.kind, "participants")


def _funds(asked: tuple[Request, ...], network: Network, known: date) -> Iterator[Funds]:
    """The budget period of each request, and the subawards of their lines, and above, that have an
    amount."""
    used = Counter[tuple[str, str]]()
    for r in asked:
        yield _run_out((r,), r.award, r.budget_period, r.authorized, sum(_amounts(r).values()))
        for subaward, amount in _amounts(r).items():
            for id in dict.fromkeys((subaward, *network.ancestors(subaward))):
                used[r.award, id] += amount
    for award, id in sorted(used):
        obligated = None if id == award else network.subaward(id).obligated(known)
        if obligated:
            yield _run_out((r for r in asked if r.award == award), id, "", obligated.value, used[award, id])


def _amounts(request: Request) -> Counter[str]:
    """What is allowed of each subaward's own service, in cents."""
    amounts = Counter[str]()
    for line in request.lines:
        amounts[line.subaward] += line.amount
    for reduction in request.reductions:
        amounts[reduction.line.subaward] += reduction.amount
    return amounts


def _run_out(asked: Iterable[Request], id: str, budget_period: str, obligated: int, allowed: int) -> Funds:
    held = (x for r in asked for x in r.reductions if x.kind in ("award", "subaward") and x.id == id and x.amount)
    first = min((x.line.month for x in held), default=None)
    return Funds(id=id, budget_period=budget_period, obligated=obligated, allowed=allowed, runs_out=first)


__all__ = ["Forecast", "ForecastMonth", "Funds", "forecast"]
