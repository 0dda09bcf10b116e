"""The request, computed line by line: slow, obvious, and written from the rulebook without sight of
the ledger.

It starts from claims, whose figures `oracle.py` proves, and applies what the request alone can
apply: what is disallowed and limited at a subaward of several reporters, amounts of subawards from
the lowest level up, what is obligated for a budget period, shares on base claimed once more, holds,
and the lines of the SF-270. Amounts are whole cents; each function is one rule of the rulebook.
`test_oracle.py` reads the imports below: they are value types only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import ceil, floor

from attrs import define, field, frozen

from grantcalc.awards import Award, BudgetPeriod, Subaward
from grantcalc.billing.claims import Claim
from grantcalc.billing.lines import Line
from grantcalc.known import Fact
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Authority
from grantcalc.terms import Ceiling, Service, ShareOfPool
from tests.oracle_provisions import in_force, must_hold, to_the_cent

BOOKS = Authority("the recipient's books")
Key = tuple[str, str]
"""An award and one of its budget periods."""


@define(eq=False)
class CountedLine:
    """Equal lines of one issuer counted together (5.1): what they earned, what of it is allowed so
    far, and whether a ceiling or disallowance of the request reduced it; a share on base claimed
    does not count (7.5.1)."""

    line: Line
    earned: int = 0
    allowed: int = 0
    reduced: bool = False

    def limit(self, most: int, *, claimed: bool = False) -> None:
        if most < self.allowed:
            self.allowed, self.reduced = most, self.reduced or not claimed


@frozen
class Asked:
    """What the oracle finds for one award and budget period: what is allowed by issuer, subaward,
    service, pool and month; what is on hold by subaward; the lines of the SF-270; and line 10e of
    the SF-425."""

    allowed: Mapping[tuple[str, str, str, str, Month], int]
    on_hold: Mapping[str, int]
    form: Mapping[str, int]
    spent: int
    to_be_returned: int

    @property
    def by_subaward(self) -> Counter[str]:
        """What is allowed of each subaward's own service."""
        found: Counter[str] = Counter()
        for (_, subaward, *_rest), cents in self.allowed.items():
            found[subaward] += cents
        return found


@define
class Memory:
    """What was asked before: federal cents by award and budget period, those of them that were an
    advance, and of each subaward the cost asked so far.

    `held` are the numbers of subawards (or awards) on which a hold rests; `closed_out` are budget
    periods.
    """

    before: Counter[Key] = field(factory=Counter)
    advanced: Counter[Key] = field(factory=Counter)
    cost: Counter[tuple[str, str, str]] = field(factory=Counter)
    held: set[str] = field(factory=set)
    closed_out: set[Key] = field(factory=set)

    def remember(self, asked: Mapping[Key, Asked]) -> None:
        """A request records what it asked for each subaward, in cost before indirect cost and a
        federal share (9.4.1); of a budget period that was closed out it asks nothing, and returns
        what is due (9.5)."""
        for (award, label), found in asked.items():
            self.before[award, label] += found.form["11i"]
            self.advanced[award, label] = 0  # settled
            for subaward, allowed in found.by_subaward.items():
                self.cost[award, label, subaward] = allowed - found.on_hold.get(subaward, 0)


def oracle_requests(
    claims: Sequence[Claim],
    network: Network,
    known: date,
    memory: Memory | None = None,
    afresh: Sequence[Claim] | None = None,
) -> dict[Key, Asked]:
    """What is asked of each award and budget period of which something was posted or requested
    (9.1).

    `afresh` are the claims as they would stand without a closeout: a change in a budget period that
    was closed out is refused (8.3), and `claims` have what stood before.
    """
    found: dict[Key, Asked] = {}
    for award in network.awards:
        under, would = (
            _Request(award, network, known, told, memory or Memory()) for told in (claims, afresh or claims)
        )
        for period in award.budget_periods:
            own = [x for x in under.lines if x.line.budget_period == period.label]
            if own or under.memory.before[award.fain, period.label]:
                found[award.fain, period.label] = under.asked(period, would.stands(period))
    return found


# ---- 5. Lines -----------------------------------------------------------------------------------------


def equal(line: Line) -> tuple[object, ...]:
    """What equal lines have in common (5.1). Credits are never counted together with costs
    (7.2)."""
    return (
        *(line.issuer, line.award, line.subaward, line.service, line.pool, line.phase, line.category, line.month),
        *(line.budget_period, line.quantity, line.divisor, line.rate, line.reason, line.amount < 0),
    )


def counted(claims: Iterable[Claim]) -> list[CountedLine]:
    """The counted lines of claims, and what the claims leave allowed of them."""
    found: dict[tuple[object, ...], CountedLine] = {}
    for claim in claims:
        for line in claim.lines:
            one = found.setdefault(equal(line), CountedLine(line))
            one.earned += line.amount
            one.allowed += line.amount
        for reduction in claim.reductions:
            found[equal(reduction.line)].allowed += reduction.amount
    return list(found.values())


def taken_by_claims(claims: Iterable[Claim]) -> Counter[tuple[str, str, Month, str]]:
    """What claims took of disallowances for costs that they name: by subaward, service, month and
    reference (8.4.4)."""
    found: Counter[tuple[str, str, Month, str]] = Counter()
    for claim in claims:
        for r in claim.reductions:
            if r.kind == "disallowance":
                found[r.line.subaward, r.line.service, r.line.month, r.id] -= r.amount
    return found


def filling_order(counted: CountedLine) -> tuple[object, ...]:
    """Service month; direct before administration; the issuer in the place of the participant
    (7.1.4); service, subaward, amount (7.2)."""
    line = counted.line
    pool = 0 if line.pool == "direct" else 1
    return line.month, pool, line.issuer, line.service, line.subaward, counted.earned


def fill(lines: Iterable[CountedLine], room: int, used: int = 0, *, claimed: bool = False) -> None:
    """Credits first, never limited; then in the order of 7.2, the line that crosses in part. A
    ceiling is never below zero."""
    ordered = sorted(lines, key=filling_order)
    used += sum(x.allowed for x in ordered if x.earned < 0)
    for x in ordered:
        if x.earned >= 0:
            x.limit(max(0, max(0, room) - used), claimed=claimed)
            used += x.allowed


def cut(exact: Fraction) -> int:
    """Cut to whole cents; a negative amount is the negated cut (6, 9.2)."""
    return floor(exact) if exact >= 0 else -floor(-exact)


class _Request:
    """The request of one award, as known on one day."""

    def __init__(self, award: Award, network: Network, known: date, claims: Sequence[Claim], memory: Memory) -> None:
        self.award, self.network, self.known, self.memory = award, network, known, memory
        self.lines = [x for x in counted(claims) if x.line.award == award.fain]
        self.openings = [opening for claim in claims for opening in claim.openings]
        self.taken = taken_by_claims(claims)
        self.subawards = {s.id: s for s in network.subawards if award.fain in self.above(s)}
        self.shared = {id for id, s in self.subawards.items() if len(s.reported_by) > 1}
        self.limit()

    def above(self, subaward: Subaward) -> list[str]:
        """The parents of a subaward, the nearest first."""
        parents = {s.id: s.parent for s in self.network.subawards}
        found = [subaward.parent]
        while found[-1] in parents:
            found.append(parents[found[-1]])
        return found

    def at_or_below(self, id: str) -> set[str]:
        return {s.id for s in self.subawards.values() if id in (s.id, *self.above(s))} | {id}

    def policy(self, of: Service | Ceiling | ShareOfPool, name: str) -> str:
        return must_hold(name, [of.choices[name]], date.max, self.known).value

    # ---- 7. Ceilings ----

    def limit(self) -> None:
        """First what is disallowed, then ceilings and shares by the terms, then amounts (7.1.6);
        the lowest subaward first (7.1.2), then what is obligated for each budget period; then
        shares on base claimed again (7.5.1)."""
        for shared in sorted(self.shared):
            here = [x for x in self.lines if x.line.subaward == shared]
            self.disallow(shared, here)
            self.by_the_terms(here)
        for subaward in sorted(self.subawards.values(), key=lambda s: -len(self.above(s))):
            published = [fact for fact in subaward.amount.facts if fact.published <= self.known]
            if published:  # without any, it has no amount of its own
                assert subaward.period.end is not None
                amount = must_hold(f"amount of {subaward.id}", published, subaward.period.end, self.known).value
                below = self.at_or_below(subaward.id)
                fill([x for x in self.lines if x.line.subaward in below], amount)
        for period in self.award.budget_periods:
            room = self.room(period)
            if room is not None:
                fill([x for x in self.lines if x.line.budget_period == period.label], room)
        reduced = {(x.line.subaward, x.line.budget_period) for x in self.lines if x.reduced}
        for scope in ("participant", "subaward"):
            for share in self.claimed_shares(scope):
                for place, label in sorted(reduced):
                    self.claimed_again(share, scope, place, label)

    def disallow(self, subaward: str, here: list[CountedLine]) -> None:
        """What is disallowed reduces its lines, the last in the order of 7.2 first; by reference,
        in the order published; less what was taken back, and what the claim of a named cost took
        (8.4, 8.4.4)."""
        rows = [r for r in self.network.disallowances if r.subaward == subaward and r.published <= self.known]
        sums: dict[tuple[str, Month, str], int] = {}
        for row in sorted(rows, key=lambda row: (row.published, row.reference)):
            key = (row.service, row.month, row.reference)
            sums[key] = sums.get(key, 0) + row.amount
        for (service, month, reference), cents in sums.items():
            left = cents - self.taken[subaward, service, month, reference]
            own = [x for x in here if (x.line.service, x.line.month) == (service, month)]
            for x in sorted(own, key=filling_order, reverse=True):
                taken = max(0, min(left, x.allowed))
                x.limit(x.allowed - taken)
                left -= taken

    def by_the_terms(self, here: list[CountedLine]) -> None:
        """Shares on authorized, ceilings, shares on claimed: those of the scope subaward, by window
        (7.1, 7.5.3)."""
        ceilings = {c.id: c for c in self.award.terms.ceilings if self.policy(c, "scope") == "subaward"}
        shares = [share for share in self.award.terms.shares if share.of in ceilings]
        for share in shares:
            if self.policy(share, "base") == "authorized":
                for last, lines in self.windows(ceilings[share.of], here):
                    room = floor(self.at_most(share, last) * self.authorized(ceilings[share.of], last))
                    fill([x for x in lines if x.line.pool == share.pool], room)
        for ceiling in ceilings.values():
            for last, lines in self.windows(ceiling, here):
                fill(lines, self.authorized(ceiling, last))
        for share in shares:
            if self.policy(share, "base") == "claimed":
                for last, lines in self.windows(ceilings[share.of], here):
                    self.hold_to_claimed(share, last, lines)

    def windows(self, ceiling: Ceiling, lines: list[CountedLine]) -> list[tuple[date, list[CountedLine]]]:
        """The lines of each window of a ceiling, and the window's last day (7.3)."""
        found: dict[date, list[CountedLine]] = {}
        for x in lines:
            found.setdefault(self.last_day(self.policy(ceiling, "window"), x.line), []).append(x)
        return list(found.items())

    def last_day(self, kind: str, line: Line) -> date:
        month = line.month
        if kind == "budget_period":
            end = self.period(line.budget_period).days.end
        elif kind == "federal_fiscal_year":
            end = date(month.year + (month.month >= 10), 9, 30)
        elif kind == "calendar_year":
            end = date(month.year, 12, 31)
        else:
            end = self.award.period.end
        assert end is not None
        return end

    def period(self, label: str) -> BudgetPeriod:
        return next(p for p in self.award.budget_periods if p.label == label)

    def authorized(self, ceiling: Ceiling, last: date) -> int:
        """The amount in force on the window's last day, or on the day of the award (7.4); a
        subaward has no family."""
        day = self.award.awarded if self.policy(ceiling, "amount_on") == "award_date" else last
        return must_hold(f"ceiling {ceiling.id}", ceiling.amounts["alone"].facts, day, self.known).value

    def at_most(self, share: ShareOfPool, last: date) -> Fraction:
        return must_hold(f"share {share.id}", share.at_most.facts, last, self.known).value

    def hold_to_claimed(
        self, share: ShareOfPool, last: date, lines: list[CountedLine], pool_used: int = 0, other_used: int = 0
    ) -> None:
        """administration ≤ share ÷ (1 − share) × direct, on what is then allowed, cut to whole
        cents (7.5)."""
        at_most = self.at_most(share, last)
        if at_most == 1:  # limits nothing (7.5.2)
            return
        other = other_used + sum(x.allowed for x in lines if x.line.pool != share.pool)
        room = floor(at_most / (1 - at_most) * other)
        fill([x for x in lines if x.line.pool == share.pool], room, pool_used, claimed=True)

    def claimed_shares(self, scope: str) -> list[ShareOfPool]:
        ceilings = {c.id for c in self.award.terms.ceilings if self.policy(c, "scope") == scope}
        return [s for s in self.award.terms.shares if s.of in ceilings and self.policy(s, "base") == "claimed"]

    def claimed_again(self, share: ShareOfPool, scope: str, subaward: str, label: str) -> None:
        """By subaward and budget period, only where something above reduced, and only on lines that
        the share covers: a participant's covers no cost without a participant and no bare count, as
        far as a counted line tells (7.5.1, 7.5.5, 7.5.6); with openings (7.8.1)."""
        ceiling = next(c for c in self.award.terms.ceilings if c.id == share.of)
        kind = self.policy(ceiling, "window")
        lines = [
            x
            for x in self.lines
            if (x.line.subaward, x.line.budget_period) == (subaward, label)
            and (scope == "subaward" or self.of_participants(x.line))
        ]
        last = self.period(label).days.end
        assert last is not None
        opened: Counter[bool] = Counter()
        if scope == "participant":
            names = self.window_names(kind, self.period(label))
            for x in self.openings:
                if x.subaward == subaward and (x.window in names or kind == "enrollment_year"):
                    opened[x.pool == share.pool] += x.amount
        self.hold_to_claimed(share, last, lines, opened[True], opened[False])

    def of_participants(self, line: Line) -> bool:
        """A cost without a phase has no participant; a bare count of more than 1 is told by its
        quantity, unless the service is counted by the day, hour or unit (7.5.6)."""
        if line.rate is None:
            return line.phase != ""
        service = next(s for s in self.award.terms.services if s.id == line.service)
        return line.quantity <= line.divisor or self.policy(service, "count") in ("day", "hour", "unit")

    # ---- 9. The request ----

    def books(self, label: str, name: str) -> Fraction | None:
        """A figure of the recipient's books, to date and as known; None where nobody reported it
        (9.2.3)."""
        key = (self.award.fain, label, name)
        rows = [r for r in self.network.financials if (r.award, r.budget_period, r.name) == key]
        facts = [Fact(Fraction(r.value), r.effective, r.published, BOOKS) for r in rows]
        fact = in_force(facts, self.known, self.known)
        return fact.value if fact else None

    def cents(self, label: str, name: str) -> int:
        return to_the_cent(100 * (self.books(label, name) or Fraction(0)))

    def indirect(self, label: str) -> int:
        """Rate × base, rounded once (9.2); a rate without a base is none."""
        rate, base = self.books(label, "indirect_rate"), self.books(label, "indirect_base")
        return 0 if rate is None or base is None else to_the_cent(100 * rate * base)

    def room(self, period: BudgetPeriod) -> int | None:
        """The most cost of which the federal share is within what is obligated; income that is
        deducted makes room (9.2.1). None where no share is federal: there is nothing to limit."""
        share = self.books(period.label, "federal_share")
        if share == 0:
            return None
        assert period.days.end is not None
        amount = must_hold(f"obligated {period.label}", period.amount.facts, period.days.end, self.known).value
        most = ceil((amount + 1) / (share or Fraction(1))) - 1
        return most + self.cents(period.label, "program_income_deducted")

    def ahead(self, period: BudgetPeriod, stands: int) -> tuple[int, int]:
        """Indirect cost and estimated outlays as far as the room goes beside the lines that are
        allowed in the end: estimated outlays are cut first (9.2.1, 9.2.4)."""
        indirect, estimated = self.indirect(period.label), self.cents(period.label, "outlays_estimated")
        room = self.room(period)
        if room is not None:
            room -= stands
            indirect = min(indirect, max(0, room))
            estimated = min(estimated, max(0, room - indirect))
        return indirect, estimated

    def on_hold(self, label: str, by_subaward: Counter[str]) -> Counter[str]:
        """max(0, allowed − requested before), of each subaward that is held or below one that is
        (9.4); an advance that no request has settled counts as requested (9.4.2). A budget period
        that was closed out asks nothing."""
        found: Counter[str] = Counter()
        if (self.award.fain, label) in self.memory.closed_out:
            return found
        before = {s: cents for (a, p, s), cents in self.memory.cost.items() if (a, p) == (self.award.fain, label)}
        for held in self.memory.held:
            for id in by_subaward:
                if held == self.award.fain or id in self.at_or_below(held):
                    found[id] = max(0, by_subaward[id] - before.get(id, 0))
        unused, share = self.memory.advanced[self.award.fain, label], self.books(label, "federal_share")
        if share:
            unused = ceil(unused / share)  # the cost of which it is the federal share
        for id in sorted(found):
            used = min(unused, found[id])
            found[id] -= used
            unused -= used
        return found

    def stands(self, period: BudgetPeriod) -> int:
        """What is allowed of a budget period."""
        return sum(x.allowed for x in self.lines if x.line.budget_period == period.label)

    def form(self, period: BudgetPeriod, stands: int, on_hold: int = 0) -> dict[str, int]:
        """Line 11 of the SF-270 to line g: c = a − b; e = c + d; g = e − f (9.1, 9.2)."""
        indirect, estimated = self.ahead(period, stands)
        share = self.books(period.label, "federal_share")
        recipient = self.cents(period.label, "recipient_share") if share is None else 0
        form = {"11a": stands - on_hold + indirect + recipient}
        form["11b"] = self.cents(period.label, "program_income_deducted")
        form["11c"] = form["11a"] - form["11b"]
        form["11d"] = estimated
        form["11e"] = form["11c"] + form["11d"]
        form["11f"] = recipient if share is None else form["11e"] - cut(share * form["11e"])
        form["11g"] = form["11e"] - form["11f"]
        form["10e"] = form["11c"] - recipient if share is None else cut(share * form["11c"])
        return form

    def asked(self, period: BudgetPeriod, would_stand: int) -> Asked:
        """i = g − h; of a budget period that was closed out nothing, and a refund is to be returned
        (9.1, 9.5): of what is allowed, and would be had no change been refused."""
        key = (self.award.fain, period.label)
        allowed: Counter[tuple[str, str, str, str, Month]] = Counter()
        by_subaward: Counter[str] = Counter()
        for x in self.lines:
            if x.line.budget_period == period.label:
                line = x.line
                allowed[line.issuer, line.subaward, line.service, line.pool, line.month] += x.allowed
                by_subaward[line.subaward] += x.allowed
        on_hold = self.on_hold(period.label, by_subaward)
        form = self.form(period, self.stands(period), sum(on_hold.values()))
        form["11h"] = self.memory.before[key]
        form["11i"] = form["11g"] - form["11h"]
        to_be_returned = 0
        if key in self.memory.closed_out:
            least = self.form(period, min(self.stands(period), would_stand))
            to_be_returned = max(0, form["11h"] - least["11g"])
            form["11i"] = -to_be_returned
        return Asked(allowed, on_hold, form, form.pop("10e"), to_be_returned)

    def window_names(self, kind: str, period: BudgetPeriod) -> set[str]:
        """The windows of one kind that have days in a budget period, by name (7.3)."""
        assert period.days.end is not None
        first, last = period.days.start, period.days.end
        if kind == "federal_fiscal_year":
            return {f"FFY {n}" for n in range(first.year + (first.month >= 10), last.year + (last.month >= 10) + 1)}
        if kind == "calendar_year":
            return {f"{n}" for n in range(first.year, last.year + 1)}
        return {period.label if kind == "budget_period" else "award"}
