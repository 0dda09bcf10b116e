"""The reimbursement request of an award for a budget period (Rulebook 9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from attrs import evolve, field, frozen

from grantcalc.awards import Award, BooksFigure, BudgetPeriod
from grantcalc.billing.claims import Claim, network_inputs, reading_order
from grantcalc.billing.ended_terms import notes_on_terms
from grantcalc.billing.in_memory import check_network_rows
from grantcalc.billing.lines import Line, Reduction, how_many
from grantcalc.billing.parties import Party
from grantcalc.declared import checked, declared
from grantcalc.display import Displayed
from grantcalc.errors import Finding, Unknown, refuse
from grantcalc.ledger.entries import Part, RequestKind, Unpostable
from grantcalc.ledger.federal import Books, FederalShare, cost_of
from grantcalc.ledger.filing import FormTexts, authorized_so_far, form_texts
from grantcalc.ledger.holds import asked_of_subawards
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.parent_ceilings import limit_above
from grantcalc.ledger.posted_lines import counted_lines, posted_lines
from grantcalc.ledger.request_notes import held_in_vain, not_obligated, wrong_reporters
from grantcalc.money import Money, money
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import NOWHERE, Input
from grantcalc.terms import TermUsed, rules_as_known, statement


@frozen(kw_only=True, field_transformer=declared)
class Request(Displayed):
    """What a recipient asks of a federal agency: earned to date, held back, requested before, and
    now. Cents.

    `lines` and `reductions` are counted: no participant is in them. `reductions` has those of the
    claims and then those of subawards with all below them and of the award itself. `through` is the
    latest month of the claims. `closed_out` is whether the budget period is closed out. `received`
    is what the ledger records as received, None where it records no payment. `refused` is by how
    much more or less would be allowed if no change had been refused since the budget period was
    closed out. `kind` is what the payment is for. `authorized_in_all` is authorized for all budget
    periods that began by then, None where that is not told. `boxes` are texts and days for the
    boxes of forms, by name.
    """

    award: str
    recipient: str
    budget_period: str
    known: date
    through: Month
    lines: tuple[Line, ...] = field(repr=how_many)
    reductions: tuple[Reduction, ...] = field(repr=how_many)
    parties: tuple[Party, ...]
    authorized: int
    requested_before: int
    terms: tuple[TermUsed, ...] = ()
    inputs: tuple[Input, ...] = ()
    notes: tuple[Finding, ...] = ()
    label: str = ""
    awarded: date = date.min
    on_hold: int = 0
    books: tuple[BooksFigure, ...] = ()
    closed_out: bool = False
    received: int | None = None
    refused: int = 0
    kind: RequestKind = "reimbursement"
    authorized_in_all: int | None = None
    boxes: FormTexts = ()

    @property
    def to_date(self) -> Money:
        """What is allowed to date: Σ lines less what ceilings hold back."""
        return money(self._to_date)

    @property
    def held_back(self) -> Money:
        return money(sum(x.amount for x in self.reductions))

    @property
    def amount(self) -> Money:
        """What is requested now: the federal share of what is allowed and not on hold, less what
        was requested before (Rulebook 9.1); negative for a refund due. Nothing of a budget period
        that was closed out (9.5)."""
        return money(0 if self.closed_out else self._due)

    @property
    def to_be_returned(self) -> Money:
        """The refund of a budget period that was closed out: part of no request (Rulebook 9.5). It
        includes what would no longer be allowed without the closeout."""
        after = cost_of(self._to_date + min(0, self.refused), self.on_hold, self.books, self.authorized)
        return money(max(0, self.requested_before - after.federal) if self.closed_out else 0)

    @property
    def not_yet_received(self) -> Money | None:
        """What was requested before, less what was received; None where the ledger records no
        payment."""
        return None if self.received is None else money(self.requested_before - self.received)

    @property
    def _due(self) -> int:
        return self.cost.federal - self.requested_before

    @property
    def cost(self) -> FederalShare:
        """What the budget period cost to date, line by line of the SF-270."""
        return cost_of(self._to_date, self.on_hold, self.books, self.authorized)

    @property
    def _to_date(self) -> int:
        return sum(x.amount for x in self.lines) + sum(x.amount for x in self.reductions)


@checked
def requests(
    ledger: Ledger,
    network: Network,
    known: date | None = None,
    source: Input | None = None,
    kind: RequestKind = "reimbursement",
) -> tuple[Request, ...]:
    """A request for every award and budget period of which the ledger holds anything, or was
    requested, in order.

    `source` is the ledger itself as an input, where it is kept; else the inputs of its claims are
    those of the request.
    """
    periods = {(x.award, x.budget_period) for x, _, _ in counted_lines(ledger.allowed())} | ledger.requested_periods
    return tuple(
        evolve(request(ledger, network, award, label, known, source), kind=kind) for award, label in sorted(periods)
    )


@checked
def request(
    ledger: Ledger,
    network: Network,
    award: str,
    budget_period: str,
    known: date | None = None,
    source: Input | None = None,
) -> Request:
    """The request of one award for one budget period, from the ledger and the award as known.

    `known` is by default the later of the ledger's last day and the award workbook's (Rulebook 2.2);
    of an earlier day ask `ledger.as_of` that day. `Unknown` for an award or budget period that is not
    listed; `Unpostable` for a ledger with nothing posted, or one that knows more than `known`.
    """
    refuse((*check_network_rows(network.as_known(date.max)), *wrong_reporters(ledger, network)))
    if budget_period not in {p.label for p in network.award(award).budget_periods}:
        raise Unknown("budget period", "one of the award's", length=len(budget_period))
    known = _known(ledger, network, known)
    network = network.as_known(known)
    award_asked = network.award(award)
    period = next(p for p in award_asked.budget_periods if p.label == budget_period)
    lines, reductions = posted_lines(ledger.allowed(), award)
    obligated = period.obligated(known).value
    books = network.books(award, budget_period, known, known)
    reduced, inside, told = limit_above(lines, reductions, network, award_asked, period, known, ledger.openings)
    ours = [x for x in lines if x.budget_period == budget_period]
    whole = {reading_order(x): x for x in ours}
    allowed = Counter[str]()
    for i in inside:
        allowed[reduced.lines[i].subaward] += reduced.allowed[i]
    share = Books(books).ratio("federal_share")
    on_hold = sum(p.on_hold for p in asked_of_subawards(ledger, network, award, budget_period, allowed, share))
    cost = cost_of(allowed.total(), on_hold, books, obligated)
    above = [evolve(x, line=whole[place]) for x in reduced.reductions if (place := reading_order(x.line)) in whole]
    notes = *network.coverage(min(period.days.last, known), known), *held_in_vain(ledger, network)
    rules = rules_as_known(award_asked.terms, known)
    made = Request(
        award=award,
        recipient=network.organization(award_asked.recipient).name,
        budget_period=budget_period,
        known=known,
        through=max(p.through for _, p in ledger.bases),
        lines=tuple(ours),
        reductions=tuple([x for x in reductions if x.line.budget_period == budget_period] + above),
        parties=tuple(p for p in ledger.parties if p.award == award),
        authorized=obligated,
        requested_before=ledger.requested(award, budget_period),
        terms=statement(award, rules),
        inputs=_inputs(ledger, network, source),
        notes=(*notes, *not_obligated(cost, obligated), *told, *notes_on_terms(rules, ours)),
        label=network.label,
        awarded=award_asked.awarded,
        on_hold=on_hold,
        books=books,
        closed_out=(award, budget_period) in ledger.closed_out,
        received=ledger.received(award, budget_period),
        refused=_refused(ledger, network, award_asked, period, known, allowed.total()),
    )
    return _filed(made, ledger, network, award_asked, period, source)


def _filed(
    made: Request, ledger: Ledger, network: Network, award: Award, period: BudgetPeriod, source: Input | None
) -> Request:
    """A request with its last note, and what its forms say besides its amounts."""
    return evolve(
        made,
        notes=(*made.notes, *_to_return(made)),
        authorized_in_all=authorized_so_far(award, made.through, made.known),
        boxes=form_texts(ledger, network, award, period, made.lines, made.known, source),
    )


def _known(ledger: Ledger, network: Network, known: date | None) -> date:
    """The day of knowledge, by default the later of the ledger's and the award workbook's; never
    before the ledger."""
    known = known or max(ledger.known, network.report_date)
    if not ledger.bases:
        raise Unpostable("nothing is posted that could be requested")
    if known < ledger.known:
        raise Unpostable(
            f"the known date cannot be earlier than the latest in the ledger, {ledger.known}; found {known}"
        )
    return known


def _inputs(ledger: Ledger, network: Network, source: Input | None) -> tuple[Input, ...]:
    """What a request rests on: the award workbook and terms; the ledger, or else what its claims
    were billed from."""
    rests_on = (source,) if source else tuple(i for _, p in ledger.bases for i in p.inputs)
    return tuple(sorted({*network_inputs(network), *rests_on}))


def _refused(ledger: Ledger, network: Network, award: Award, period: BudgetPeriod, known: date, allowed: int) -> int:
    """By how much more or less would be allowed if the closeout had refused no change (Rulebook
    9.5)."""
    if (award.fain, period.label) not in ledger.closed_out or not ledger.refused:
        return 0
    lines, reductions = posted_lines(ledger.told(), award.fain)
    reduced, inside, _ = limit_above(lines, reductions, network, award, period, known, ledger.openings)
    return sum(reduced.allowed[i] for i in inside) - allowed


def by_subaward(request: Request, ledger: Ledger, network: Network) -> tuple[Part, ...]:
    """What a request asks for each subaward, and what of it is on hold; the ledger is the one that
    it was made from."""
    allowed = Counter[str]()
    for line in request.lines:
        allowed[line.subaward] += line.amount
    for reduction in request.reductions:
        allowed[reduction.line.subaward] += reduction.amount
    return asked_of_subawards(ledger, network, request.award, request.budget_period, allowed, request.cost.share)


def _to_return(request: Request) -> Iterator[Finding]:
    """The refund of a budget period that was closed out: named, and part of no request (Rulebook
    9.5)."""
    if refund := request.to_be_returned.amount:
        problem = f"{refund:,.2f} of {request.award}, {request.budget_period}, is to be returned"
        wanted = "a refund beside any request: the budget period was closed out (45 CFR 75.386, 2 CFR 200.345)"
        yield NOWHERE.finding("to_be_returned", problem, wanted, severity="warning")


@checked
def assemble(claims: Iterable[Claim]) -> Ledger:
    """A ledger that holds these claims and nothing else, posted in the order of what they knew."""
    ledger = Ledger()
    for claim in sorted(claims, key=lambda c: (c.known, c.issuers)):
        ledger = ledger.post(claim.counted())
    return ledger


__all__ = ["Request", "assemble", "by_subaward", "request", "requests"]
