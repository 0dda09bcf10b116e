"""What caseloads earn under one award, and what a bill takes off it (Rulebook 5 to 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter

from attrs import evolve, field, frozen

from grantcalc.awards import Award
from grantcalc.billing.actuals import cost_lines, count_day, count_lines
from grantcalc.billing.caseload import Caseload, Cost, Household
from grantcalc.billing.ceilings import (
    FamilyDays,
    Used,
    by_window,
    limit_by_terms,
    limit_by_terms_again,
    limit_capacity,
    limit_claimed,
    limit_participant,
    limit_subawards,
)
from grantcalc.billing.characteristics import of_sites
from grantcalc.billing.deadlines import in_time, told_of
from grantcalc.billing.disallowances import disallow, named_costs
from grantcalc.billing.earning import earn
from grantcalc.billing.ended_terms import notes_on_terms
from grantcalc.billing.enrolled_person import EnrolledPerson, person_of
from grantcalc.billing.facts import AwardFacts, CaseFacts, cost_order, gather_facts, subawards_used
from grantcalc.billing.lines import Line, Reduction
from grantcalc.billing.pricing import Pricer
from grantcalc.billing.reductions import ReducedLines
from grantcalc.billing.service_earnings import ServiceEarnings
from grantcalc.billing.statuses import days_not_served, refuse_costs, status_notes
from grantcalc.billing.windows import Calendar
from grantcalc.errors import Finding, NotInForce, all_not_in_force
from grantcalc.network import Network
from grantcalc.periods import Month, union
from grantcalc.provenance import Authority, Source, Word
from grantcalc.terms import Rules, ServiceRules, TermUsed, rules_as_known, statement
from grantcalc.terms.vocabulary import ACTUAL_COST

Tested = tuple[Sequence[int], int | None, Used]
"""What a participant's ceilings are tested by: the places of the lines, the first day enrolled, and
what was used before."""


@frozen
class BilledAward:
    """The lines of one award, and what reduces them; empty where caseloads tell nothing of it.

    `openings` are cents used before, by issuer, subaward, window and pool (Rulebook 7.8.1).
    """

    lines: list[Line] = field(factory=list)
    reductions: list[Reduction] = field(factory=list)
    terms: tuple[TermUsed, ...] = ()
    findings: list[Finding] = field(factory=list)
    openings: Mapping[tuple[str, str, str, str], int] = field(factory=dict)


def bill_award(
    award: Award,
    whole: tuple[Caseload, ...],
    loads: tuple[Caseload, ...],
    network: Network,
    through: Month,
    known: date,
) -> BilledAward:
    """What caseloads as known earn under one award to the end of `through`, and what reduces it;
    what was known when, the whole caseloads say."""
    mine = {s for s in subawards_used(loads) if network.award_of(s).fain == award.fain}
    if not mine:
        return BilledAward()
    rules = rules_as_known(award.terms, known)
    facts = gather_facts(loads, award.fain, mine, known)
    facts.told = told_of(whole, rules)
    words = of_sites(loads, mine, network, award.terms, known)
    calendar, pricer = Calendar(award), Pricer(known, facts.figures, words)
    lines: list[Line] = []
    notes: list[Finding] = []
    budget_periods = calendar.windows("budget_period")
    tested: list[Tested] = []
    missing: list[NotInForce] = []
    for participant in sorted(facts.people, key=attrgetter("issuer", "pseudonym")):
        case = facts.people[participant]
        person = person_of(participant, facts, network, rules, calendar, through.number)
        begin = len(lines)
        for service in rules.services:
            try:
                lines += _earned(person, service, case, network, pricer)
            except NotInForce as lacking:
                missing.append(lacking)
        indexes = range(begin, len(lines))
        if participant in facts.registered:
            notes += status_notes(rules, person.statuses, lines[begin:], facts.registered[participant])
        if indexes and rules.ceilings:
            tested.append((indexes, person.first_ever, case.used()))
    services = {s.service.id: s for s in rules.services}
    for issuer, count in facts.counts:
        day, of = count_day(network, count), services[count.service]
        if count.month.number <= through.number and day <= known:
            paid, late = in_time(count, issuer, day.toordinal(), of, facts.told)
            counted = evolve(count, quantity=paid)
            try:
                lines += count_lines(issuer, award, of, counted, day, budget_periods, pricer, late)
            except NotInForce as lacking:
                missing.append(lacking)
    for issuer, cost in facts.costs:
        period = network.subaward(cost.subaward).period
        parts = cost_lines(issuer, award, services[cost.service], cost, period, budget_periods, known, None)
        lines.extend(x for x in parts if _billed(x, through.number, known.toordinal()))
    if missing:
        raise all_not_in_force(missing)
    reduced = ReducedLines(lines)
    told = _disallow(reduced, mine, loads, network, known)
    _limit(reduced, tested, facts, network, calendar, rules, pricer)
    used = statement(award.fain, rules) if lines else ()
    in_part = _capacity_in_part(lines, rules, network, {load.issuer for load in loads})
    notes += [*told, *notes_on_terms(rules, lines), *in_part]
    return BilledAward(lines, reduced.reductions, used, notes, _carried(lines, tested, rules))


def _disallow(
    reduced: ReducedLines, mine: set[str], loads: tuple[Caseload, ...], network: Network, known: date
) -> list[Finding]:
    """What is disallowed of subawards that this claim judges, or of costs that it names; else the
    request does (Rulebook 7.1.7)."""
    judged, named = {s for s in mine if network.has_one_reporter(s)}, named_costs(loads)
    disallowed = (
        d for d in network.disallowances if d.subaward in judged or (d.subaward in mine and d.reference in named)
    )
    return [*disallow(reduced, disallowed, known, named)]


def _capacity_in_part(lines: list[Line], rules: Rules, network: Network, issuers: set[str]) -> Iterator[Finding]:
    """A capacity was judged without the persons of other reporters: what goes up names no person
    (Rulebook 7.1.7)."""
    limited = {service.service.id for service in rules.services if service.provisions.get("capacity")}
    first = {line.subaward: line for line in reversed(lines) if line.service in limited and line.quantity}
    for subaward, line in sorted(first.items()):
        if not issuers.issuperset(network.reporters(subaward)):
            problem = "capacity counts the persons of this claim alone, and others report for this subaward too"
            expected = "the caseloads of all its reporters, billed together"
            where = Source(line.source.file, line.source.sheet)
            yield where.finding("capacity", problem, expected, Word(subaward), severity="warning")


def _carried(lines: list[Line], tested: list[Tested], rules: Rules) -> dict[tuple[str, str, str, str], int]:
    """The opening figures that a share on base claimed goes by, each at the subaward of the
    participant's first month (Rulebook 7.8.1)."""
    sums: dict[tuple[str, str, str, str], int] = {}
    for indexes, _, used in tested if any(share.base == "claimed" for share in rules.shares) else ():
        first = min((lines[i] for i in indexes), key=attrgetter("month.number", "subaward"))
        for (window, pool), cents in used.items():
            key = (first.issuer, first.subaward, window, pool)
            sums[key] = sums.get(key, 0) + cents
    return sums


def _earned(
    person: EnrolledPerson, service: ServiceRules, case: CaseFacts, network: Network, pricer: Pricer
) -> list[Line]:
    """The lines of one participant for one service."""
    if service.count != ACTUAL_COST:
        return list(earn(ServiceEarnings.of(person, service, pricer)))
    costs: list[Line] = []
    for cost in sorted((c for c in case.of(Cost) if c.service == service.service.id), key=cost_order):
        period = network.subaward(cost.subaward).period
        parts = cost_lines(
            person.participant.issuer,
            person.award,
            service,
            cost,
            period,
            person.budget_periods,
            person.known,
            person,
        )
        costs.extend(x for x in parts if _billed(x, person.through, person.last_day))
    return list(refuse_costs(costs, days_not_served(service, person.statuses, person.first_ever)))


def _billed(line: Line, through: int, last_day: int) -> bool:
    """Whether a reported line belongs to the months billed; days after `known` are not billed
    (Rulebook 2.1)."""
    return line.month.number <= through and (line.day or date.min).toordinal() <= last_day


def _limit(
    reduced: ReducedLines,
    tested: list[Tested],
    facts: AwardFacts,
    network: Network,
    calendar: Calendar,
    rules: Rules,
    pricer: Pricer,
) -> None:
    """Every ceiling that this hand judges, in the order of Rulebook 7.1."""
    used_here = {line.subaward for line in reduced.lines}
    limit_capacity(reduced, rules, pricer, {s: network.subaward(s).period.start.toordinal() for s in used_here})
    for indexes, first_ever, used in tested:
        participant = reduced.lines[indexes[0]].participant
        rows = facts.people[participant].of(Household) if participant else []
        household = FamilyDays(union((h.days.start.toordinal(), h.days.last.toordinal()) for h in rows if h.family))
        limit_participant(reduced, indexes, calendar, rules, household, first_ever, used)
    judged = {s for s in used_here if network.has_one_reporter(s)}
    touched = limit_by_terms(reduced, calendar, rules, judged)
    touched |= limit_subawards(reduced, _subaward_amounts(network, judged, rules.known))
    if touched and any(s.base == "claimed" for s in rules.shares):
        _limit_claimed_again(reduced, touched, tested, calendar, rules)
        limit_by_terms_again(reduced, calendar, rules, judged)


def _subaward_amounts(network: Network, used: set[str], known: date) -> dict[str, tuple[int, Authority]]:
    """What is obligated for each subaward, on the last day of its period, as known (Rulebook 7.4).

    Not for one with subawards below it: what they earn, or a credit of theirs, is known in the
    request (7.1.1).
    """
    amounts = {}
    for id in used - {s.parent for s in network.subawards}:
        subaward = network.subaward(id)
        obligated = subaward.amount.as_known(known)
        if obligated.facts:  # an amount published later is no ceiling yet
            fact = obligated.at(subaward.period.last.toordinal())
            amounts[id] = (fact.value, fact.authority)
    return amounts


def _limit_claimed_again(
    reduced: ReducedLines,
    touched: set[int],
    tested: list[Tested],
    calendar: Calendar,
    rules: Rules,
) -> None:
    """Shares on base claimed, again, of the participants whom a wider ceiling touched (Rulebook
    7.5)."""
    for indexes, first_ever, used in tested:
        if touched.intersection(indexes):
            for ceiling in (c for c in rules.ceilings if c.scope == "participant"):
                for window, inside in by_window(reduced, indexes, ceiling, calendar, rules.known, first_ever):
                    limit_claimed(reduced, inside, ceiling, rules, window, used)
