"""The ceilings above a claim (Rulebook 7.1): those of parent subawards and of the award, judged in
the request."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from attrs import evolve

from grantcalc.awards import Award, BudgetPeriod
from grantcalc.billing.ceilings import limit_by_terms, limit_claimed
from grantcalc.billing.claims import OpeningSum, reading_order
from grantcalc.billing.disallowances import DisallowedKey, disallow
from grantcalc.billing.lines import Line, Reduction
from grantcalc.billing.reductions import ReducedLines, fill
from grantcalc.billing.windows import Calendar, Window
from grantcalc.errors import Finding
from grantcalc.ledger.federal import Books, room_for_lines
from grantcalc.network import Network
from grantcalc.terms import rules_as_known
from grantcalc.terms.vocabulary import BY_THE_DAY


def limit_above(
    lines: Iterable[Line],
    reductions: Iterable[Reduction],
    network: Network,
    award: Award,
    period: BudgetPeriod,
    known: date,
    openings: tuple[OpeningSum, ...],
) -> tuple[ReducedLines, list[int], list[Finding]]:
    """What every ceiling above the claims allows of the lines of an award, and which of them are of
    the budget period; and what is disallowed and finds no line to reduce."""
    reduced = _net_of_claims(lines, reductions)
    touched, told = _limit_shared(reduced, reductions, network, award, known)
    touched |= _limit_subawards(reduced, network, known)
    inside = [i for i, line in enumerate(reduced.lines) if line.budget_period == period.label]
    obligated = period.obligated(known)
    room = room_for_lines(obligated.value, Books(network.books(award.fain, period.label, known, known)))
    if room is not None:
        touched |= fill(reduced, inside, lambda line: room, ("award", award.fain), period.label, obligated.authority)
    if touched := touched.intersection(inside):
        window = Window(period.label, period.days.start.toordinal(), period.days.last.toordinal())
        _limit_claimed_again(reduced, touched, inside, award, window, known, openings)
    return reduced, inside, told


def _net_of_claims(lines: Iterable[Line], reductions: Iterable[Reduction]) -> ReducedLines:
    """Lines at what the claims allow of them: what the ceilings above may still cut."""
    held: dict[tuple[object, ...], int] = defaultdict(int)
    for reduction in reductions:
        held[reading_order(reduction.line)] += reduction.amount
    return ReducedLines([evolve(line, amount=line.amount + held[reading_order(line)]) for line in lines])


def _limit_shared(
    reduced: ReducedLines, reductions: Iterable[Reduction], network: Network, award: Award, known: date
) -> tuple[set[int], list[Finding]]:
    """What is disallowed, and ceilings by the terms, of subawards for which several organizations
    report: no claim holds all that they limit (Rulebook 7.1.6). Gives the lines touched, and what
    finds no line to reduce."""
    shared = {line.subaward for line in reduced.lines if not network.has_one_reporter(line.subaward)}
    before = [*reduced.allowed]
    taken = Counter[DisallowedKey]()  # of a cost that a caseload names, by the claim
    for x in (x for x in reductions if x.kind == "disallowance"):
        taken[x.line.subaward, x.line.service, x.line.month, x.id] -= x.amount
    told = disallow(reduced, (d for d in network.disallowances if d.subaward in shared), known, taken=taken)
    disallowed = {i for i, allowed in enumerate(reduced.allowed) if allowed != before[i]}
    touched = limit_by_terms(reduced, Calendar(award), rules_as_known(award.terms, known), shared)
    return disallowed | touched, told


def _limit_subawards(reduced: ReducedLines, network: Network, known: date) -> set[int]:
    """The subawards from a line's own up to the award, the nearest first: each holds its own lines
    and all below it (Rulebook 7.1)."""
    below: dict[str, list[int]] = defaultdict(list)
    depth: dict[str, int] = {}
    for index, line in enumerate(reduced.lines):
        chain = dict.fromkeys((line.subaward, *network.ancestors(line.subaward)))
        for level, id in enumerate(reversed(chain)):
            below[id].append(index)
            depth[id] = level
    touched: set[int] = set()
    for id in sorted(below, key=lambda s: (-depth[s], s)):
        if fact := network.subaward(id).obligated(known):
            touched |= fill(
                reduced,
                below[id],
                lambda line, room=fact.value: room,  # type: ignore[misc]  # bound in the loop on purpose
                ("subaward", id),
                "subaward period",
                fact.authority,
            )
    return touched


def _limit_claimed_again(
    reduced: ReducedLines,
    touched: set[int],
    inside: list[int],
    award: Award,
    window: Window,
    known: date,
    openings: tuple[OpeningSum, ...],
) -> None:
    """Shares on base claimed, again, for each subaward that a wider ceiling touched in a budget
    period, and for the lines that the share reaches there (Rulebook 7.5.1)."""
    rules = rules_as_known(award.terms, known)
    counted = {service.service.id: service.count for service in rules.services}
    by_subaward: dict[str, list[int]] = defaultdict(list)
    for index in inside:
        by_subaward[reduced.lines[index].subaward].append(index)
    for subaward, indexes in by_subaward.items():
        if touched.isdisjoint(indexes):
            continue
        for ceiling in rules.ceilings:
            if ceiling.scope == "subaward":
                limit_claimed(reduced, indexes, ceiling, rules, window)
                continue
            names = _windows_inside(award, ceiling.window, window)
            used: dict[tuple[str, str], int] = defaultdict(int)
            for x in openings:
                if x.subaward == subaward and (x.window in names or ceiling.window == "enrollment_year"):
                    used[window.name, x.pool] += x.amount
            own = [i for i in indexes if _of_participants(reduced.lines[i], counted)]
            limit_claimed(reduced, own, ceiling, rules, window, used)


def _windows_inside(award: Award, kind: str, period: Window) -> set[str]:
    """The names of the windows of one kind that have days in a budget period."""
    windows = Calendar(award).windows(kind, None).windows
    return {w.name for w in windows if w.first <= period.last and w.last >= period.first}


def _of_participants(line: Line, counted: Mapping[str, str]) -> bool:
    """Whether a counted line is one of participants, which their ceilings reach: a cost of the site
    has no phase, and a bare count of more than a month's worth is no participant's."""
    if line.rate is None:
        return bool(line.phase)
    return line.quantity <= line.divisor or counted[line.service] in BY_THE_DAY
