"""Adjustments: the same months billed again as known later, less what was posted, and the reason of
each difference.

Rulebook 8.1: the old facts are replaced by the new one kind at a time, each step is billed, and
each step's difference is that reason's. So every cent of a difference has one reason, and the
reasons sum to the difference.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from attrs import evolve, field, frozen

from grantcalc.billing.caseload import Caseload, Cost, Count, UnitsUsed
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.issuers import with_letters
from grantcalc.billing.lines import Reduction, how_many
from grantcalc.declared import checked
from grantcalc.errors import Finding, NotInForce, Rejected, refuse
from grantcalc.ledger.differences import Tally, summed
from grantcalc.ledger.earlier_facts import BilledFacts, network_as_known, rows_as_known, steps_of_facts
from grantcalc.ledger.entries import CHANGE_REASONS, Change, ChangeReason, Item, line_of
from grantcalc.ledger.ledger import Ledger
from grantcalc.money import Money, money, plain
from grantcalc.network import Network
from grantcalc.periods import Month

T = TypeVar("T")


@frozen
class Adjustments:
    """What later knowledge changes in months that were billed before, and what it adds in later
    ones.

    `claim` is everything billed afresh; posting it with `changes` gives the ledger in which exactly
    that is allowed. `since` is the day as known on which the same issuers were posted last; None
    before the first time.
    """

    claim: Claim
    since: date | None
    changes: tuple[Change, ...] = field(repr=how_many)

    @property
    def total(self) -> Money:
        """Σ changes: what the subrecipients are owed more, or less when negative."""
        return money(sum(c.amount for c in self.changes))

    def by_reason(self) -> dict[ChangeReason, tuple[int, int, int]]:
        """Of each reason, in the order of the rulebook: how many items changed, cents added, and
        cents recovered (0 or less). Both are kept, since a net of zero may have moving parts."""
        return _by_reason(self.changes)

    def sentences(self) -> tuple[str, ...]:
        """What a person can send to a subrecipient: no participant is in it. Of several issuers
        each is told by itself, and only those of whom something changed."""
        if self.since is None:
            whose = ", ".join(self.claim.issuers)
            return (f"First claim of {whose} through {self.claim.through}: {plain(_cents(self.changes))} USD.",)
        by_issuer: dict[str, list[Change]] = {}
        for change in self.changes:
            by_issuer.setdefault(line_of(change).issuer, []).append(change)
        told = [s for issuer in sorted(by_issuer) for s in self._of_issuer(issuer, by_issuer[issuer])]
        whose = ", ".join(self.claim.issuers)
        return tuple(told) or (f"As known on {self.claim.known}, nothing changes for {whose}.",)

    def _of_issuer(self, issuer: str, changes: Sequence[Change]) -> Iterator[str]:
        """What changed of an issuer, and why; of several each sentence names its own."""
        one = len(self.claim.issuers) == 1
        if any(c.reason for c in changes):
            net = sum(c.amount for c in changes if c.reason)
            more, extent = ("owes back", "") if net < 0 else ("is owed", "more ")
            yield (
                f"As known on {self.claim.known}, {issuer} {more} {plain(abs(net))} USD {extent}"
                f"for months billed as known on {self.since}."
            )
        for reason, (count, added, recovered) in _by_reason(changes).items():
            what = f"{count} item{'s' if count != 1 else ''}"
            if reason:
                parts = [f"{plain(added)} added"] * (added > 0) + [f"{plain(-recovered)} recovered"] * (recovered < 0)
                why = f"Because of {REASON_WORDS[reason]}" if one else f"{issuer}, because of {REASON_WORDS[reason]}"
                yield f"{why}: {' and '.join(parts) or 'no net change'} ({what})."
            else:
                months = "New months" if one else f"New months of {issuer}"
                yield f"{months} through {self.claim.through}: {plain(added + recovered)} USD ({what})."


def _by_reason(changes: Iterable[Change]) -> dict[ChangeReason, tuple[int, int, int]]:
    given = tuple(changes)
    figures: dict[ChangeReason, tuple[int, int, int]] = {}
    for reason in CHANGE_REASONS:
        mine: Counter[tuple[object, ...]] = Counter()
        for change in given:
            if change.reason == reason:
                mine[item_place(change.item)] += change.amount
        if mine:
            more, less = (sum(x for x in mine.values() if x > 0), sum(x for x in mine.values() if x < 0))
            figures[reason] = len(mine), more, less
    return figures


REASON_WORDS: Mapping[ChangeReason, str] = {
    "rate": "a rate or another term",
    "enrollment": "enrollments and counts",
    "letter": "letters",
    "household": "households",
    "cost": "costs and credits",
    "disallowance": "disallowances and their reversals",
    "ceiling": "ceilings, and the costs that they displace",
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
    """Bill caseloads as known on `known`, and tell how and why that differs from what is posted of
    their issuers.

    The old facts are `before` (the workbooks of that time), else what the new ones say as known
    when the issuers were posted last; what those do not explain is a correction. A step that cannot
    be billed by itself (a letter's phase has no rate yet, say) is taken together with the next.
    Without `detail` changes are counted, as for a recipient. Refused like `bill`.
    """
    loads = (caseloads,) if isinstance(caseloads, Caseload) else tuple(caseloads)
    claim = bill(loads, network, through, known)
    ledger.check_reach(claim)
    due = ledger.difference(claim if detail else claim.counted())
    since: dict[date, dict[str, Month]] = defaultdict(dict)
    for issuer in claim.issuers:
        if last := ledger.last(issuer, claim.awards):
            since[last[0]][issuer] = last[1].through
    if not since or not due:  # nothing was posted before, or nothing differs from it
        return Adjustments(claim, max(since, default=None), due)
    first = ({c.issuer: c for c in before[0]}, before[1]) if before else None
    changes: list[Change] = []
    for day in sorted(since):
        new: BilledFacts = {c.issuer: c for c in loads if c.issuer in since[day]}, network
        changes += _explained(ledger, claim, new, first or new, (day, since[day]), detail=detail)
    months = {issuer: month for posted in since.values() for issuer, month in posted.items()}
    left = Tally.of(due).minus(Tally.of(summed(changes)))  # new months, and what they displace before
    changes += [evolve(c, reason="ceiling" if _in(c, months) else "") for c in left]
    return Adjustments(claim, max(since), tuple(changes))


def adjust_to_previous(
    ledger: Ledger,
    caseloads: Iterable[Caseload],
    network: Network,
    through: Month,
    known: date | None = None,
    *,
    previous: Iterable[Caseload],
    detail: bool,
) -> Adjustments:
    """The same where the old facts are the `previous` caseloads, as far as there are any.

    `Rejected` where the dates of a caseload without one do not tell what was known when its issuer
    was posted last.
    """
    loads, earlier = tuple(caseloads), tuple(previous)
    bare = {load.issuer for load in earlier if not load.letters}  # a letter log is cumulative: it tells of then too
    earlier = with_letters(earlier, (log for load in loads for log in load.logs if load.issuer in bare))
    known_then = {load.issuer for load in earlier}
    refuse(undated(ledger, (load for load in loads if load.issuer not in known_then)))
    old = (earlier, network) if earlier else None
    return adjust(ledger, loads, network, through, known, before=old, detail=detail)


def _explained(
    ledger: Ledger,
    claim: Claim,
    new: BilledFacts,
    first: BilledFacts,
    since: tuple[date, Mapping[str, Month]],
    *,
    detail: bool,
) -> list[Change]:
    """What changed in the months that were billed before, with its reasons, of the issuers that
    were posted last as known on one day: each issuer's reasons go by the latest facts that were
    posted of it."""
    day, months = since
    last = max(months.values())

    def billed(facts: BilledFacts) -> Claim:
        """The months that were billed before, of these facts."""
        whole = facts == new and last == claim.through and set(new[0]) == set(claim.issuers)
        made = claim if whole else bill(facts[0].values(), facts[1], last, claim.known)
        return made if detail else made.counted()

    rows = {id: rows_as_known(first[0].get(id, load), day, last) for id, load in new[0].items()}
    old: BilledFacts = (
        {id: evolve(load, **rows[id]) for id, load in new[0].items()},
        network_as_known(new[1], first[1], day),
    )
    changes: list[Change] = []
    facts, made = old, _try(lambda: billed(old))
    # What the old facts, as told by their dates, do not explain.
    unexplained = [c for c in ledger.difference(made) if _in(c, months)] if made else []
    stood = made and Tally.of((*made.lines, *made.reductions))
    for reason, then in steps_of_facts(old, new):
        if then != facts and (made := _try(lambda then=then: billed(then))):  # type: ignore[misc]  # called at once
            now = Tally.of((*made.lines, *made.reductions))
            changed = now.minus(stood) if stood else ledger.difference(made)
            changes += _because(reason, [c for c in changed if _in(c, months)])
            stood, facts = now, then
    return [*changes, *(evolve(c, reason="correction") for c in unexplained)]


def undated(ledger: Ledger, caseloads: Iterable[Caseload]) -> Iterator[Finding]:
    """Caseloads whose dates do not tell what was known when their issuer was posted last, since
    Published is empty.

    Each row counts as published on the report date then. Posting such a caseload by itself takes
    back all that was posted and posts it again, with wrong reasons (Rulebook 8.1).
    """
    since = {issuer: day for day, p in ledger.bases for issuer in p.issuers}
    posted = {(line_of(item).issuer, line_of(item).service) for item in ledger.allowed()}
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


def _because(reason: ChangeReason, changes: Sequence[Change]) -> list[Change]:
    """A step's difference is that reason's; but what a ceiling gives or takes at lines that did not
    change in the step is displaced, reason ceiling. A household changes the ceilings themselves.
    (8.1, and a choice.)"""
    moved = {item_place(c.item) for c in changes if not isinstance(c.item, Reduction)}

    def displaced(item: Item) -> bool:
        ceiling = isinstance(item, Reduction) and item.kind != "disallowance"
        return ceiling and reason != "household" and item_place(item) not in moved

    return [evolve(c, reason="ceiling" if displaced(c.item) else reason) for c in changes]


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
