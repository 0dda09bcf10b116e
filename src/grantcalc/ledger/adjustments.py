"""Adjustments: the same months billed again as known later, less what was posted, and the reason of each difference.

Rulebook 8.1: the old facts are replaced by the new one kind at a time, each step is billed, and each step's difference
is that reason's. So every cent of a difference has one reason, and the reasons sum to the difference.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias, TypeVar

from attrs import evolve, field, frozen

from grantcalc.awards import Award, Subaward
from grantcalc.billing.caseload import ROWS, Caseload, Cost, Count, Enrollment, UnitsUsed
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.lines import Reduction, how_many
from grantcalc.declared import checked
from grantcalc.eligibility import Letter
from grantcalc.errors import Finding, NotInForce, Rejected
from grantcalc.known import Series
from grantcalc.ledger.differences import Tally, summed
from grantcalc.ledger.entries import CHANGE_REASONS, Change, ChangeReason, Item, line_of
from grantcalc.ledger.ledger import Ledger
from grantcalc.money import Money, money, plain
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.terms import Terms
from grantcalc.terms.values import Ceiling, Service, ShareOfPool

T = TypeVar("T")
BilledFacts: TypeAlias = tuple[Mapping[str, Caseload], Network]
"""The caseloads by issuer, and the network: what a claim is billed from."""

# Which rows of a caseload each reason replaces; rates and ceilings are the network's. What is left, and what cannot be
# told from dates, is a correction. (Rulebook 8.1, choice.)
FACTS_BY_REASON: Mapping[ChangeReason, tuple[str, ...]] = {
    "enrollment": ("participants", "enrollments", "counts", "units", "absences"),
    "letter": ("letters",),
    "household": ("households",),
    "cost": ("costs", "figures"),
    "disallowance": ("disallowed",),
    "ceiling": ("openings",),
}


@frozen
class Adjustments:
    """What later knowledge changes in months that were billed before, and what it adds in later ones.

    `claim` is everything billed afresh; posting it with `changes` gives the ledger in which exactly that stands.
    `since` is the day as known on which the same issuers were posted last; None before the first time.
    """

    claim: Claim
    since: date | None
    changes: tuple[Change, ...] = field(repr=how_many)

    @property
    def total(self) -> Money:
        """Σ changes: what the subrecipients are owed more, or less when negative."""
        return money(sum(c.amount for c in self.changes))

    def by_reason(self) -> dict[ChangeReason, tuple[int, int, int]]:
        """Of each reason, in the order of the rulebook: how many items changed, cents added, and cents recovered (0 or
        less). Both stand, since a net of zero may have moving parts."""
        found: dict[ChangeReason, tuple[int, int, int]] = {}
        for reason in CHANGE_REASONS:
            mine: Counter[tuple[object, ...]] = Counter()
            for change in self.changes:
                if change.reason == reason:
                    mine[item_place(change.item)] += change.amount
            if mine:
                more, less = (sum(x for x in mine.values() if x > 0), sum(x for x in mine.values() if x < 0))
                found[reason] = len(mine), more, less
        return found

    def sentences(self) -> tuple[str, ...]:
        """What a person can send to a subrecipient: no participant is in it."""
        whose = ", ".join(self.claim.issuers)
        if self.since is None:
            return (f"First claim of {whose} through {self.claim.through}: {plain(_cents(self.changes))} USD.",)
        net = sum(c.amount for c in self.changes if c.reason)
        more = "owes back" if net < 0 else "is owed"
        first = (
            f"As known on {self.claim.known}, {whose} {more} {plain(abs(net))} USD "
            f"{'' if net < 0 else 'more '}for months billed as known on {self.since}."
        )
        said = [first]
        for reason, (count, added, recovered) in self.by_reason().items():
            parts = [f"{plain(added)} added"] * (added > 0) + [f"{plain(-recovered)} recovered"] * (recovered < 0)
            what = f"{count} item{'s' if count != 1 else ''}"
            if reason:
                said.append(f"Because of {_BECAUSE[reason]}: {' and '.join(parts) or 'no net change'} ({what}).")
            else:
                said.append(f"New months through {self.claim.through}: {plain(added + recovered)} USD ({what}).")
        return tuple(said)


_BECAUSE: Mapping[ChangeReason, str] = {
    "rate": "a rate or another term",
    "enrollment": "enrollments and counts",
    "letter": "letters",
    "household": "households",
    "cost": "costs and credits",
    "disallowance": "disallowances, and what takes them back",
    "ceiling": "ceilings, and what they displace",
    "correction": "corrections of what was reported",
}


@checked
def adjust(
    ledger: Ledger,
    caseloads: Caseload | Iterable[Caseload],
    network: Network,
    through: Month,
    known: date | None = None,
    *,
    before: tuple[Iterable[Caseload], Network] | None = None,
    detail: bool = True,
) -> Adjustments:
    """Bill caseloads as known on `known`, and tell how and why that differs from what stands posted of their issuers.

    The old facts are `before` (the workbooks of that time), else what the new ones say as known when the issuers were
    posted last; what those do not explain is a correction. A step that cannot be billed by itself (a letter's phase
    has no rate yet, say) is taken together with the next. Without `detail` changes are counted, as for a recipient.
    Refused like `bill`.
    """
    loads = (caseloads,) if isinstance(caseloads, Caseload) else tuple(caseloads)
    claim = bill(loads, network, through, known)
    ledger.check_reach(claim)
    due = ledger.difference(claim if detail else claim.counted())
    since: dict[date, dict[str, Month]] = defaultdict(dict)
    for issuer in claim.issuers:
        if last := ledger.last(issuer, claim.awards):
            since[last[0]][issuer] = last[1].through
    if not since:
        return Adjustments(claim, None, due)
    first = ({c.issuer: c for c in before[0]}, before[1]) if before else None
    changes: list[Change] = []
    for day in sorted(since):
        new: BilledFacts = {c.issuer: c for c in loads if c.issuer in since[day]}, network
        changes += _explained(ledger, claim, new, first or new, (day, since[day]), detail=detail)
    months = {issuer: month for posted in since.values() for issuer, month in posted.items()}
    left = Tally.of(due).minus(Tally.of(summed(changes)))  # new months, and what they displace before
    changes += [evolve(c, reason="ceiling" if _in(c, months) else "") for c in left]
    return Adjustments(claim, max(since), tuple(changes))


def _explained(
    ledger: Ledger,
    claim: Claim,
    new: BilledFacts,
    first: BilledFacts,
    since: tuple[date, Mapping[str, Month]],
    *,
    detail: bool,
) -> list[Change]:
    """What changed in the months that were billed before, with its reasons, of the issuers that were posted last as
    known on one day: each issuer's reasons go by the latest facts that were posted of it."""
    day, months = since
    last = max(months.values())

    def billed(facts: BilledFacts) -> Claim:
        """The months that were billed before, of these facts."""
        whole = facts == new and last == claim.through and set(new[0]) == set(claim.issuers)
        made = claim if whole else bill(facts[0].values(), facts[1], last, claim.known)
        return made if detail else made.counted()

    rows = {id: _rows_as_known(first[0].get(id, load), day, last) for id, load in new[0].items()}
    old: BilledFacts = {id: evolve(load, **rows[id]) for id, load in new[0].items()}, _as_known(new[1], first[1], day)
    changes: list[Change] = []
    facts, made = old, _try(lambda: billed(old))
    # What the old facts, as told by their dates, do not explain.
    unexplained = [c for c in ledger.difference(made) if _in(c, months)] if made else []
    stood = made and Tally.of((*made.lines, *made.reductions))
    for reason, then in _steps(old, new):
        if then != facts and (made := _try(lambda then=then: billed(then))):  # type: ignore[misc]  # called at once
            now = Tally.of((*made.lines, *made.reductions))
            found = now.minus(stood) if stood else ledger.difference(made)
            changes += _because(reason, [c for c in found if _in(c, months)])
            stood, facts = now, then
    return [*changes, *(evolve(c, reason="correction") for c in unexplained)]


def undated(ledger: Ledger, caseloads: Iterable[Caseload]) -> Iterator[Finding]:
    """Caseloads whose dates do not tell what was known when their issuer was posted last, since Published is empty.

    Each row counts as published on the report date then. Posting such a caseload by itself takes back all that was
    posted and posts it again, with wrong reasons (Rulebook 8.1).
    """
    since = {issuer: day for day, p in ledger.bases for issuer in p.issuers}
    posted = {(line_of(item).issuer, line_of(item).service) for item in ledger.standing()}
    for load in (load for load in caseloads if load.issuer in since):
        day = since[load.issuer]
        by_cost = {row.service for row in load.costs}
        reported: list[Cost | Count | UnitsUsed] = [*load.costs, *load.counts, *load.units]
        told = {row.service for row in reported if row.published <= day}
        if any(row.published <= day for row in load.enrollments):
            told |= {service for _, service in posted} - by_cost
        if any(issuer == load.issuer and service not in told for issuer, service in posted):
            problem = f"rows that were posted as known on {day} do not say that they were published by then"
            expected = "the caseload posted then, with --previous, or the day of each row under Published"
            yield load.source.finding("undated", problem, expected)


def _steps(old: BilledFacts, new: BilledFacts) -> list[tuple[ChangeReason, BilledFacts]]:
    """The facts after each replacement, in the order of Rulebook 8.1; the last are the new ones whole."""
    loads, network = dict(old[0]), old[1]
    found: list[tuple[ChangeReason, BilledFacts]] = []
    for reason in CHANGE_REASONS[1:-1]:
        if reason == "rate":
            network = _with_terms(network, new[1])
        if reason == "disallowance":
            network = evolve(network, disallowances=new[1].disallowances)
        rows = FACTS_BY_REASON.get(reason, ())
        loads = {id: evolve(load, **{kind: getattr(new[0][id], kind) for kind in rows}) for id, load in loads.items()}
        found.append((reason, (loads, network)))
    return [*found, ("correction", new)]


def _because(reason: ChangeReason, found: Sequence[Change]) -> list[Change]:
    """A step's difference is that reason's; but what a ceiling gives or takes at lines that did not change in the step
    is displaced, reason ceiling. A household changes the ceilings themselves. (8.1, and a choice.)"""
    moved = {item_place(c.item) for c in found if not isinstance(c.item, Reduction)}

    def displaced(item: Item) -> bool:
        ceiling = isinstance(item, Reduction) and item.kind != "disallowance"
        return ceiling and reason != "household" and item_place(item) not in moved

    return [evolve(c, reason="ceiling" if displaced(c.item) else reason) for c in found]


def item_place(item: Item) -> tuple[object, ...]:
    """What a line is about, whatever its days and rate."""
    x = line_of(item)
    who = x.participant, x.issuer, x.award, x.subaward, x.budget_period
    return *who, x.service, x.pool, x.month, x.category, x.reference


def _in(change: Change, months: Mapping[str, Month]) -> bool:
    line = line_of(change)
    return line.issuer in months and line.month <= months[line.issuer]


def _cents(changes: Iterable[Change]) -> int:
    return sum(c.amount for c in changes)


def _try(make: Callable[[], T]) -> T | None:
    """A step, or None where its mixture of old and new facts cannot be billed."""
    try:
        return make()
    except (NotInForce, Rejected):
        return None


# --- the old facts, to be billed at the new day of knowledge ---


def _rows_as_known(load: Caseload, known: date, last: Month) -> dict[str, Any]:
    """The rows of a caseload as it was known on a day: what was published later unseen, and, where the months that were
    billed were not over by then, days after it not yet served (2.1)."""
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
    if isinstance(row, Enrollment) and (row.days.end or date.max) > served:
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


def _as_known(new: Network, old: Network, known: date) -> Network:
    """The new network with the values that the old one had as known on a day; what is new in it stays."""
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
