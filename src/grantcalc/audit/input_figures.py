"""The rows of the inputs behind the figures of a request that no formula computes: what is
authorized, on hold and requested before, and what the recipient's books say (Rulebook 9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias

from attrs import evolve

from grantcalc.audit.amount_tree import AmountTree, sum_of
from grantcalc.audit.input_rows import InputRows
from grantcalc.billing.lines import Reduction
from grantcalc.errors import NotInForce
from grantcalc.known import Fact, Series
from grantcalc.ledger.entries import Received, Requested
from grantcalc.ledger.federal import Books
from grantcalc.ledger.holds import asked_of_subawards
from grantcalc.ledger.requests import Request
from grantcalc.money import dollars, plain

BooksLines: TypeAlias = Mapping[tuple[str, str], tuple[str, ...]]

_BOOKS: BooksLines = {
    ("SF-270", "11b"): ("program_income_deducted",),
    ("SF-270", "11d"): ("outlays_estimated",),
    ("SF-270", "12a"): ("outlays_estimated",),
    ("SF-270", "12b"): ("cash_receipts", "cash_disbursements"),
    ("SF-270", "11f"): ("federal_share", "recipient_share"),
    ("SF-425", "10a"): ("cash_receipts",),
    ("SF-425", "10b"): ("cash_disbursements",),
    ("SF-425", "10e"): ("federal_share", "recipient_share", "program_income_deducted"),
    ("SF-425", "10f"): ("unliquidated_obligations",),
    ("SF-425", "10i"): ("match", "federal_share"),
    ("SF-425", "10j"): ("recipient_share", "federal_share"),
    ("SF-425", "10l"): ("program_income",),
    ("SF-425", "10m"): ("program_income_deducted",),
    ("SF-425", "10n"): ("program_income_added",),
    ("SF-425", "11d"): ("indirect_base",),
    ("SF-425", "11e"): ("indirect_rate", "indirect_base"),
    ("SF-425", "11f"): ("indirect_rate", "indirect_base", "federal_share"),
}
"""The figures of the books that each line of a form goes by, where no formula of the form gives
it."""


def with_figure(tree: AmountTree, rows: InputRows, form: str, line: str, request: Request) -> AmountTree:
    """A figure that no formula computes, with the rows that give it: a line of a form by its
    letter, or, where `form` is empty, a column of the table of requests by its header."""
    step = _step(form, line, request)
    given = tuple(_rows(rows, form, line, request))
    if not step and given and sum_of(given) == tree.amount:
        return evolve(tree, parts=given)
    named = (f"It goes by {f.source}: {f.name} {f.value}." for f in request.books if f.name in _names(form, line))
    return evolve(tree, step=step, says=(*tree.says, *named))


def with_room(tree: AmountTree, rows: InputRows, held: Reduction) -> AmountTree:
    """What a ceiling allows, with the row of its amount, where it is the amount of one; else it is
    computed in billing, as where something was used before."""
    network, known, line = rows.again.network, rows.again.run.known, held.line
    award = network.award(line.award)
    series: Iterable[Series[int]] = ()
    if held.kind == "subaward":
        series = (network.subaward(held.id).amount,)
    elif held.kind == "award":
        series = (period.amount for period in award.budget_periods if period.label == line.budget_period)
    elif held.kind == "ceiling":
        series = (amounts for c in award.terms.ceilings if c.id == held.id for amounts in c.amounts.values())
    for fact in (fact for one in series for fact in one.as_known(known).facts):
        if fact.value == held.room and not fact.is_end:
            return evolve(tree, parts=(_row(fact),))
    left = "It is what the ceiling leaves here, after what was used before or by its share (Rulebook 7)."
    return evolve(tree, says=(*tree.says, left))


def _row(fact: Fact[int]) -> AmountTree:
    """A dated amount of an input as a row; of terms that ship, what says so."""
    return AmountTree(place=str(fact.source) or "the terms", name=str(fact.authority), amount=dollars(fact.value))


def _names(form: str, line: str) -> tuple[str, ...]:
    return _BOOKS.get((form, line), ())


def _rows(rows: InputRows, form: str, line: str, r: Request) -> Iterator[AmountTree]:
    if not form:
        ways = {"Authorized": _authorized, "Requested before": _before, "On hold": _on_hold}
        yield from ways[line](rows, r) if line in ways else ()
    elif (form, line) == ("SF-425", "10a") and r.received is not None:
        yield from _entries(rows, r, Received, "received")
    else:
        for figure in r.books:
            if figure.name in _names(form, line) and isinstance(figure.value, Decimal):
                yield AmountTree(place=str(figure.source), name=figure.name, amount=figure.value)


def _authorized(rows: InputRows, r: Request) -> Iterator[AmountTree]:
    award = rows.again.network.award(r.award)
    for period in award.budget_periods:
        if period.label == r.budget_period:
            try:
                fact = period.obligated(r.known)
            except NotInForce:
                return
            yield _row(fact)


def _before(rows: InputRows, r: Request) -> Iterator[AmountTree]:
    yield from _entries(rows, r, Requested, "requested")


def _entries(rows: InputRows, r: Request, kind: type[Requested | Received], name: str) -> Iterator[AmountTree]:
    for entry in rows.again.ledger.in_effect if rows.again.ledger else ():
        act = entry.act
        if isinstance(act, kind) and (act.award, act.budget_period) == (r.award, r.budget_period):
            yield rows.entry(entry.no, f"{name} {entry.posted}", act.amount)


def _on_hold(rows: InputRows, r: Request) -> Iterator[AmountTree]:
    """What is on hold of each subaward, by the entry of its hold."""
    if rows.again.ledger is None:
        return
    allowed = Counter[str]()
    for line in r.lines:
        allowed[line.subaward] += line.amount
    for held in r.reductions:
        allowed[held.line.subaward] += held.amount
    share, period = Books(r.books).ratio("federal_share"), (r.award, r.budget_period)
    for part in asked_of_subawards(rows.again.ledger, rows.again.network, *period, allowed, share):
        if part.on_hold:
            place = rows.hold_of(part.subaward)
            yield AmountTree(place=place, name=f"hold on {part.subaward}", amount=dollars(part.on_hold))


def _step(form: str, line: str, r: Request) -> str:
    """The computation of a line of a form from the books, as the rulebook has it (9.2)."""
    books, cost = Books(r.books), r.cost
    share, match, income = cost.share, books.ratio("match"), cost.income
    spent = evolve(cost, estimated=0)
    own, of_all = (f"{plain(c)} - ROUNDDOWN({share} × {plain(c)}, 2)" for c in (spent.net, cost.whole))
    estimated = plain(cost.estimated + cost.estimated_cut)
    charged = f"ROUND({books.ratio('indirect_rate')} × {plain(books.cents('indirect_base') or 0)}, 2)"
    charged += f" - {plain(cost.indirect_cut)}" if cost.indirect_cut else ""
    receipts, paid = books.cents("cash_receipts"), books.cents("cash_disbursements")
    steps = {
        ("SF-270", "12b"): f"{plain(receipts or 0)} - {plain(paid or 0)}",
        ("SF-270", "11d"): f"{estimated} - {plain(cost.estimated_cut)}" if cost.estimated_cut else "",
        ("SF-270", "11f"): "" if share is None else of_all,
        ("SF-425", "10e"): (
            f"{plain(cost.outlays)} - {plain(income)} - {plain(cost.recipient)}"
            if share is None
            else f"ROUNDDOWN({share} × {plain(spent.net)}, 2)"
        ),
        ("SF-425", "10i"): own if share is not None else f"ROUND({match} × {plain(cost.spent)}, 2)" if match else "",
        ("SF-425", "10j"): "" if share is None else own,
        ("SF-425", "11e"): charged,
        ("SF-425", "11f"): charged if share is None else f"ROUNDDOWN({share} × {plain(cost.indirect)}, 2)",
    }
    return steps.get((form, line), "")
