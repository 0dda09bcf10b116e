"""What a recipient tells each subrecipient: allowed month by month, held back, adjusted, requested,
on hold, and left.

A statement is of one subaward's own service, from the ledger and the award workbook as known.
Amounts are cents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from attrs import field, frozen

from grantcalc.awards import Award
from grantcalc.billing.lines import Line, Reduction, how_many
from grantcalc.declared import checked
from grantcalc.errors import Unknown, shown_key
from grantcalc.ledger.adjustments import REASON_WORDS, item_place
from grantcalc.ledger.entries import CHANGE_REASONS, Change, ChangeReason, Part, Requested, RequestKind, line_of
from grantcalc.ledger.holds import requested_before
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import Request, by_subaward, requests
from grantcalc.money import Money, money, plain
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.provenance import Input


@frozen(kw_only=True)
class StatementMonth:
    """A service month in a budget period: earned; held back and disallowed, each 0 or less."""

    month: Month
    budget_period: str
    earned: int
    held_back: int
    disallowed: int

    @property
    def allowed(self) -> int:
        """What is allowed of the month, in cents."""
        return self.earned + self.held_back + self.disallowed


@frozen(kw_only=True)
class HeldSum:
    """What one ceiling holds back of a subaward in one window, or one decision disallows: 0 or
    less."""

    name: str
    window: str
    citation: str
    disallowed: bool
    amount: int


@frozen(kw_only=True)
class AdjustmentSum:
    """What one posting day changed for one reason: cents added, and cents recovered (0 or less)."""

    posted: date
    reason: ChangeReason
    items: int
    added: int
    recovered: int

    @property
    def sentence(self) -> str:
        """The reason as a sentence for the subrecipient."""
        what = f"{self.items} item{'s' if self.items != 1 else ''}"
        if not self.reason:
            return f"New months ({what})."
        parts = [f"{plain(self.added)} added"] * (self.added > 0)
        parts += [f"{plain(-self.recovered)} recovered"] * (self.recovered < 0)
        return f"Because of {REASON_WORDS[self.reason]}: {' and '.join(parts) or 'no net change'} ({what})."


@frozen(kw_only=True)
class AskedPart:
    """What one request asked for a subaward, in cost; `posted` is None for what earlier requests
    asked that did not say for which subaward."""

    posted: date | None
    budget_period: str
    kind: RequestKind
    amount: int


@frozen(kw_only=True)
class Statement:
    """What a recipient tells a subrecipient of one subaward, to `through` and as known on `known`.
    Amounts are cents.

    `obligated` is None for a subaward without an amount of its own. `below` is what is allowed of
    the subawards made under it, which its amount pays for too. `next_request` is what the next
    request would ask for it.
    """

    subaward: str
    subrecipient: str
    award: str
    recipient: str
    contact: str
    period: Interval
    through: Month
    known: date
    obligated: int | None
    months: tuple[StatementMonth, ...] = field(repr=how_many)
    held: tuple[HeldSum, ...]
    adjustments: tuple[AdjustmentSum, ...]
    asked: tuple[AskedPart, ...]
    on_hold: int
    hold_reason: str
    next_request: int
    below: int
    inputs: tuple[Input, ...] = ()
    label: str = ""

    @property
    def allowed(self) -> Money:
        """What is allowed to date."""
        return money(sum(m.allowed for m in self.months))

    @property
    def requested(self) -> Money:
        """What was requested to date, in cost."""
        return money(sum(a.amount for a in self.asked))

    @property
    def balance(self) -> Money | None:
        """What is left of the subaward: obligated, less what is allowed of it and of the subawards
        below it."""
        return None if self.obligated is None else money(self.obligated - self.below) - self.allowed


@checked
def statements(
    ledger: Ledger, network: Network, known: date | None = None, source: Input | None = None
) -> tuple[Statement, ...]:
    """A statement of every subaward of which the ledger holds anything, in order of their numbers.

    `known` and `source` are as for `requests`, and so is what is refused.
    """
    asked = requests(ledger, network, known, source)
    posted = {line_of(item).subaward for item in ledger.allowed()}
    told = {party for request in asked for party in _parties(request)} | posted
    parts = {(r.award, r.budget_period): by_subaward(r, ledger, network) for r in asked}
    allowed = Counter[str]()
    for request in asked:
        changes: tuple[Line | Reduction, ...] = (*request.lines, *request.reductions)
        for x in changes:
            allowed[line_of(x).subaward] += x.amount
    return tuple(_statement(ledger, network, id, asked, parts, allowed) for id in sorted(told))


@checked
def statement_of(
    ledger: Ledger, network: Network, subaward: str, known: date | None = None, source: Input | None = None
) -> Statement:
    """The statement of one subaward; `Unknown` where the ledger holds nothing of it. Refused like
    `statements`."""
    each = {s.subaward: s for s in statements(ledger, network, known, source)}
    if subaward not in each:
        raise Unknown("subaward", "one of which the ledger holds anything", found=shown_key(subaward))
    return each[subaward]


def _parties(request: Request) -> set[str]:
    return {line.subaward for line in request.lines}


def _statement(
    ledger: Ledger,
    network: Network,
    id: str,
    asked: Sequence[Request],
    parts: dict[tuple[str, str], tuple[Part, ...]],
    allowed: Counter[str],
) -> Statement:
    subaward, award = network.subaward(id), network.award_of(id)
    mine = [r for r in asked if r.award == award.fain]
    known, organization = mine[0].known, network.organization(subaward.subrecipient)
    own = [p for r in mine for p in parts[r.award, r.budget_period] if p.subaward == id]
    below = [s.id for s in network.subawards if id in network.ancestors(s.id)] if id != award.fain else []
    obligated = subaward.obligated(known)
    above = [hold for hold in (id, *network.ancestors(id)) if hold in ledger.holds]
    return Statement(
        subaward=id,
        subrecipient=organization.name,
        award=award.fain,
        recipient=network.organization(award.recipient).name,
        contact=organization.contact,
        period=subaward.period,
        through=mine[0].through,
        known=known,
        obligated=obligated.value if obligated else None,
        months=_months(id, mine),
        held=_held((x for r in mine for x in r.reductions if x.line.subaward == id), award),
        adjustments=_adjustments(ledger, id),
        asked=_asked(ledger, network, id, mine),
        on_hold=sum(p.on_hold for p in own),
        hold_reason="; ".join(ledger.holds[hold] for hold in above),
        next_request=sum(p.amount for p in own),
        below=sum(allowed[s] for s in below),
        inputs=mine[0].inputs,
        label=mine[0].label,
    )


def _months(id: str, mine: Iterable[Request]) -> tuple[StatementMonth, ...]:
    """Each service month with what is earned, held back and disallowed of it."""
    sums: dict[tuple[Month, str], Counter[str]] = defaultdict(Counter)
    for request in mine:
        items: list[Line | Reduction] = [*request.lines, *request.reductions]
        for item in (x for x in items if line_of(x).subaward == id):
            kind = "earned" if isinstance(item, Line) else _kind(item)
            sums[line_of(item).month, request.budget_period][kind] += item.amount
    return tuple(
        StatementMonth(
            month=month,
            budget_period=period,
            earned=of["earned"],
            held_back=of["held_back"],
            disallowed=of["disallowed"],
        )
        for (month, period), of in sorted(sums.items())
    )


def _kind(reduction: Reduction) -> str:
    return "disallowed" if reduction.kind == "disallowance" else "held_back"


def _held(reductions: Iterable[Reduction], award: Award) -> tuple[HeldSum, ...]:
    """What each ceiling holds back in each window, and what each decision disallows; a ceiling or
    share of the terms by its title."""
    titles = {("ceiling", c.id): c.title for c in award.terms.ceilings}
    titles |= {("share", s.id): s.title for s in award.terms.shares}
    sums: Counter[tuple[str, str, str, bool]] = Counter()
    for x in reductions:
        name = titles.get((x.kind, x.id), x.name)
        sums[name, x.window, str(x.authority), x.kind == "disallowance"] += x.amount
    return tuple(
        HeldSum(name=name, window=window, citation=citation, disallowed=disallowed, amount=amount)
        for (name, window, citation, disallowed), amount in sorted(sums.items())
    )


def _adjustments(ledger: Ledger, id: str) -> tuple[AdjustmentSum, ...]:
    """What was posted of a subaward on each day, for each reason; what was refused is left out."""
    moved: dict[tuple[date, int], Counter[tuple[object, ...]]] = defaultdict(Counter)
    for entry in ledger.in_effect:
        act = entry.act
        if isinstance(act, Change) and not act.refused and line_of(act).subaward == id:
            moved[entry.posted, CHANGE_REASONS.index(act.reason)][item_place(act.item)] += act.amount
    return tuple(
        AdjustmentSum(
            posted=posted,
            reason=CHANGE_REASONS[reason],
            items=len(items),
            added=sum(x for x in items.values() if x > 0),
            recovered=sum(x for x in items.values() if x < 0),
        )
        for (posted, reason), items in sorted(moved.items())
    )


def _asked(ledger: Ledger, network: Network, id: str, mine: Iterable[Request]) -> tuple[AskedPart, ...]:
    """What each request asked for a subaward; of requests that did not say, what is taken to be its
    part (9.4.1)."""
    asked = []
    for entry in ledger.in_effect:
        act = entry.act
        if isinstance(act, Requested):
            for part in (p for p in act.by_subaward if p.subaward == id and p.amount):
                asked.append(
                    AskedPart(posted=entry.posted, budget_period=act.budget_period, kind=act.kind, amount=part.amount)
                )
    for request in mine:
        in_all = requested_before(ledger, network, request.award, request.budget_period).of[id]
        said = sum(a.amount for a in asked if a.budget_period == request.budget_period)
        if in_all != said:
            rest = in_all - said
            period = request.budget_period
            asked.append(AskedPart(posted=None, budget_period=period, kind="reimbursement", amount=rest))
    return tuple(asked)
