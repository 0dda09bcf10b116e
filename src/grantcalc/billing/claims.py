"""A claim: everything that caseloads earn under their awards to a month, as known on a day (Rulebook 5 to 7).

`bill` judges each participant's ceilings and each subaward's. What stands above a subaward (its parents and the award)
is judged where the claims of all children are together: in the request.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter

from attrs import evolve, field, frozen

from grantcalc.awards import Award
from grantcalc.billing.actuals import cost_lines, cost_order, count_day, count_lines
from grantcalc.billing.caseload import Caseload, Cost, each_once
from grantcalc.billing.caseload import Household as HouseholdRow
from grantcalc.billing.ceilings import (
    FamilyDays,
    Standing,
    Used,
    by_window,
    limit_by_terms,
    limit_by_terms_again,
    limit_capacity,
    limit_claimed,
    limit_participant,
    limit_subawards,
)
from grantcalc.billing.checks import check_caseloads, default_known
from grantcalc.billing.counting import EnrollmentSpell
from grantcalc.billing.disallowances import disallow, named_costs
from grantcalc.billing.earning import EnrolledPerson, earn
from grantcalc.billing.facts import AwardFacts, CaseFacts, gather_facts, person_of, subawards_used
from grantcalc.billing.fields import UNCOUNTED
from grantcalc.billing.in_memory import check_network_rows
from grantcalc.billing.lines import Line, Reduction, how_many, statement_html
from grantcalc.billing.plausibility import implausible
from grantcalc.billing.pricing import Pricer
from grantcalc.billing.reasons import CREDIT
from grantcalc.billing.windows import Calendar
from grantcalc.declared import checked, declared
from grantcalc.errors import Finding, Rejected, refuse
from grantcalc.money import Money, money
from grantcalc.network import Network
from grantcalc.periods import Month, union
from grantcalc.provenance import Authority, Input, Source
from grantcalc.terms import Rules, TermUsed, rules_as_known, statement
from grantcalc.terms.vocabulary import ACTUAL_COST

_LOG = logging.getLogger(__name__)


@frozen(order=True, field_transformer=declared)
class Party:
    """Who stands behind a subaward number in a claim: the award, both organizations by name, and the HHS region."""

    subaward: str
    award: str
    recipient: str
    subrecipient: str
    region: int | None


def awards_of(parties: Iterable[Party]) -> tuple[str, ...]:
    """The awards of these parties, in order."""
    return tuple(sorted({p.award for p in parties}))


@frozen(order=True, field_transformer=declared)
class OpeningSum:
    """Opening figures of an issuer's participants at a subaward, summed by window and pool, in cents: what a request
    must know of them, and no participant (Rulebook 7.8.1)."""

    issuer: str
    subaward: str
    window: str
    pool: str
    amount: int


@frozen(field_transformer=declared)
class Claim:
    """What is owed for everything to the end of `through`, as known on `known`: lines, and what ceilings hold back.

    With detail each line has its participant; `counted()` gives the claim that goes up. Amounts are cents.
    """

    through: Month
    known: date
    lines: tuple[Line, ...] = field(repr=how_many)
    reductions: tuple[Reduction, ...] = field(repr=how_many)
    parties: tuple[Party, ...]
    issuers: tuple[str, ...]
    terms: tuple[TermUsed, ...] = ()
    inputs: tuple[Input, ...] = ()
    notes: tuple[Finding, ...] = ()
    label: str = ""
    openings: tuple[OpeningSum, ...] = ()
    awards: tuple[str, ...] = field(default=(), eq=False)
    """The awards of the network from which it was billed; empty where that is not told, as in a claim workbook."""

    @property
    def earned(self) -> Money:
        """Σ lines, before ceilings."""
        return money(sum(line.amount for line in self.lines))

    @property
    def held_back(self) -> Money:
        """Σ of what ceilings hold back; zero or negative."""
        return money(sum(reduction.amount for reduction in self.reductions))

    @property
    def total(self) -> Money:
        """What stands: earned, less what is held back."""
        return money(sum(x.amount for x in self.lines) + sum(x.amount for x in self.reductions))

    @property
    def detailed(self) -> bool:
        """Whether any line stands by itself: names a participant or a day of service. A counted claim has neither."""
        return any(line.participant or line.day for line in self.lines)

    def _repr_html_(self) -> str:
        title = f"Claim through {self.through}, as known on {self.known}"
        return statement_html(title, self.label, self.lines, self.reductions, self.parties, self.notes)

    def counted(self) -> Claim:
        """The claim without participants or row addresses: equal lines counted together (Rulebook 5.1)."""
        lines: dict[Line, tuple[int, int]] = {}
        for line in self.lines:
            key = counted_key(line)
            count, amount = lines.get(key, (0, 0))
            lines[key] = (count + line.count, amount + line.amount)
        finished = {key: evolve(key, count=count, amount=amount) for key, (count, amount) in lines.items()}
        reductions: dict[Reduction, tuple[int, int]] = {}
        for reduction in self.reductions:
            held = evolve(reduction, line=finished[counted_key(reduction.line)], count=0, amount=0)
            count, amount = reductions.get(held, (0, 0))
            reductions[held] = (count + reduction.count, amount + reduction.amount)
        return evolve(
            self,
            lines=tuple(sorted(finished.values(), key=reading_order)),
            reductions=tuple(
                sorted(
                    (evolve(held, count=count, amount=amount) for held, (count, amount) in reductions.items()),
                    key=lambda x: (reading_order(x.line), x.name, x.window, x.room),
                )
            ),
            notes=tuple(dict.fromkeys(evolve(f, place=evolve(f.place, cell="")) for f in self.notes)),
        )


def counted_key(line: Line) -> Line:
    """What equal lines have in common; credits are never counted together with costs (Rulebook 7.2)."""
    source = Source(line.source.file, line.source.sheet)
    reason = line.reason or (CREDIT if line.amount < 0 else None)
    return evolve(line, **UNCOUNTED, count=0, amount=0, reason=reason, source=source)


def reading_order(line: Line) -> tuple[object, ...]:
    """The order in which a person reads lines: award, subaward, month, service, phase."""
    rate = line.rate
    return (
        line.award,
        line.subaward,
        line.issuer,
        line.month.number,
        line.budget_period,
        line.service,
        line.phase,
        line.category,
        line.divisor,
        -line.quantity,
        (rate.value.value, rate.effective, rate.published, rate.authority.citation) if rate else (),
        (line.reason.code, line.reason.figures) if line.reason else (),
        (line.participant.pseudonym, line.day or date.min, line.reference, line.amount) if line.participant else (),
    )


@checked
def bill(
    caseloads: Caseload | Iterable[Caseload], network: Network, through: Month, known: date | None = None
) -> Claim:
    """Bill caseloads under their awards, for every month to the end of `through`, as known on `known`.

    `known` is by default the latest report date of the inputs; the clock is never read. A caseload given twice counts
    once; two of one issuer that differ are refused. Refused with `Rejected`: every
    row that cannot be billed, all at once; with `NotInForce`: a rate, a ceiling or terms that did not hold, or were not
    yet published.
    """
    loads = each_once(caseloads)
    known = known or default_known(network, loads)
    refuse(check_network_rows(network))
    told = (*check_caseloads(loads, network, known), *implausible(loads, network, through, known))
    refuse(told, Rejected)
    lines: list[Line] = []
    reductions: list[Reduction] = []
    terms: list[TermUsed] = []
    notes: list[Finding] = [*network.coverage(min(known, through.last), known), *told]
    carried: list[OpeningSum] = []
    current = tuple(load.as_known(known) for load in loads)
    for award in sorted(network.awards, key=lambda a: a.fain):
        billed, held, used_terms, noted, opened = _bill_award(award, current, network, through, known)
        notes += noted
        carried += opened
        lines += billed
        reductions += held
        terms += used_terms
    if sum(bool(load.participants) for load in loads) > 1:
        where = Source(loads[0].source.file, "Participants")
        notes.append(
            where.finding("issuers", "participants of different issuers were not compared", severity="warning")
        )
    used = sorted({line.subaward for line in lines})
    what = "billed through %s as known on %s (caseloads: %d, lines: %d, reductions: %d)"
    _LOG.debug(what, through, known, len(loads), len(lines), len(reductions))
    labels = dict.fromkeys(x for x in (network.label, *(c.label for c in loads)) if x)
    return Claim(
        through,
        known,
        tuple(lines),
        tuple(reductions),
        tuple(party(network, s) for s in used),
        tuple(c.issuer for c in loads),
        tuple(terms),
        tuple(sorted({*network_inputs(network), *caseload_inputs(loads)})),
        tuple(notes),
        "; ".join(labels),
        tuple(sorted(carried)),
        tuple(sorted(a.fain for a in network.awards)),
    )


def caseload_inputs(loads: Iterable[Caseload]) -> Iterator[Input]:
    """The caseload workbooks that a claim was made from, the layouts that they were read by, and the letter logs."""
    for load in loads:
        yield from load.origin.inputs("caseload", load.report_date)
        for log in load.logs:
            yield from log.origin.inputs("letters", log.report_date)


def network_inputs(network: Network) -> Iterator[Input]:
    """The award workbook, the layout that it was read by, and the terms, whether they stand beside it or ship with the
    library: the digest of such a file, and of what it says, is that of its bytes."""
    yield from network.origin.inputs("award", network.report_date)
    for award in network.awards:
        terms = award.terms
        yield Input("terms", terms.file, terms.digest, terms.digest, terms.published)


def party(network: Network, subaward: str) -> Party:
    """The names behind a subaward."""
    award = network.award_of(subaward)
    region = network.region_of(subaward)
    return Party(
        subaward,
        award.fain,
        network.organization(award.recipient).name,
        network.organization(network.subaward(subaward).subrecipient).name,
        region.number if region else None,
    )


def _bill_award(
    award: Award, loads: tuple[Caseload, ...], network: Network, through: Month, known: date
) -> tuple[list[Line], list[Reduction], tuple[TermUsed, ...], list[Finding], Iterable[OpeningSum]]:
    mine = {s for s in subawards_used(loads) if network.award_of(s).fain == award.fain}
    if not mine:
        return [], [], (), [], ()
    rules = rules_as_known(award.terms, known)
    facts = gather_facts(loads, award.fain, mine, known)
    calendar, pricer = Calendar(award), Pricer(known, facts.figures)
    lines: list[Line] = []
    budget_periods = calendar.windows("budget_period")
    tested: list[tuple[Sequence[int], int | None, Used]] = []
    last_day = known.toordinal()
    for participant in sorted(facts.people, key=attrgetter("issuer", "pseudonym")):
        found = facts.people[participant]
        person, stretches = person_of(
            participant,
            found,
            facts.registered.get(participant),
            network,
            rules,
            calendar,
            through.number,
            last_day,
            pricer,
        )
        begin = len(lines)
        _earn_all(person, stretches, found, network, rules, lines)
        indexes = range(begin, len(lines))
        if indexes and rules.ceilings:
            tested.append((indexes, person.first_ever, found.used()))
    services = {s.service.id: s for s in rules.services}
    for issuer, count in facts.counts:
        day = count_day(network, count)
        if count.month.number <= through.number and day.toordinal() <= last_day:
            lines += count_lines(issuer, award, services[count.service], count, day, budget_periods, pricer)
    for issuer, cost in facts.costs:
        period = network.subaward(cost.subaward).period
        parts = cost_lines(
            issuer, award, services[cost.service], cost, period, budget_periods, known, lambda day: "", []
        )
        lines.extend(x for x in parts if _billed(x, through.number, last_day))
    standing = Standing(lines)
    judged = {s for s in mine if network.has_one_reporter(s)}  # else the request does (Rulebook 7.1.2)
    named = named_costs(loads)
    disallowed = (
        d for d in network.disallowances if d.subaward in judged or (d.subaward in mine and d.reference in named)
    )
    told = disallow(standing, disallowed, known, named)
    _limit(standing, tested, facts, network, calendar, rules, pricer)
    used = statement(award.fain, rules) if lines else ()
    return lines, standing.reductions, used, told, _carried(lines, tested, rules)


def _carried(
    lines: list[Line], tested: list[tuple[Sequence[int], int | None, Used]], rules: Rules
) -> Iterator[OpeningSum]:
    """The opening figures that a share on base claimed goes by, each at the subaward of the participant's first month
    (Rulebook 7.8.1)."""
    sums: dict[tuple[str, str, str, str], int] = {}
    for indexes, _, used in tested if any(share.base == "claimed" for share in rules.shares) else ():
        first = min((lines[i] for i in indexes), key=attrgetter("month.number", "subaward"))
        for (window, pool), cents in used.items():
            key = (first.issuer, first.subaward, window, pool)
            sums[key] = sums.get(key, 0) + cents
    return (OpeningSum(*key, cents) for key, cents in sums.items())


def _earn_all(
    person: EnrolledPerson,
    stretches: list[EnrollmentSpell],
    found: CaseFacts,
    network: Network,
    rules: Rules,
    lines: list[Line],
) -> None:
    """All lines of one participant, service by service in the order of the terms."""
    for service in rules.services:
        if service.count == ACTUAL_COST:
            for cost in sorted((c for c in found.of(Cost) if c.service == service.service.id), key=cost_order):
                period = network.subaward(cost.subaward).period
                parts = cost_lines(
                    person.participant.issuer,
                    person.award,
                    service,
                    cost,
                    period,
                    person.budget_periods,
                    person.known,
                    person.phase_at,
                    stretches,
                )
                lines.extend(x for x in parts if _billed(x, person.through, person.last_day))
        else:
            lines.extend(earn(person, service, stretches))


def _billed(line: Line, through: int, last_day: int) -> bool:
    """Whether a reported line belongs to the months billed; days after `known` are not billed (Rulebook 2.1)."""
    return line.month.number <= through and (line.day or date.min).toordinal() <= last_day


def _limit(
    standing: Standing,
    tested: list[tuple[Sequence[int], int | None, Used]],
    facts: AwardFacts,
    network: Network,
    calendar: Calendar,
    rules: Rules,
    pricer: Pricer,
) -> None:
    """Every ceiling that this hand judges, in the order of Rulebook 7.1."""
    used_here = {line.subaward for line in standing.lines}
    limit_capacity(standing, rules, pricer, {s: network.subaward(s).period.start.toordinal() for s in used_here})
    for indexes, first_ever, used in tested:
        participant = standing.lines[indexes[0]].participant
        rows = facts.people[participant].of(HouseholdRow) if participant else []
        household = FamilyDays(
            union((h.days.start.toordinal(), (h.days.end or date.max).toordinal()) for h in rows if h.family)
        )
        limit_participant(standing, indexes, calendar, rules, household, first_ever, used)
    judged = {s for s in used_here if network.has_one_reporter(s)}
    touched = limit_by_terms(standing, calendar, rules, judged)
    touched |= limit_subawards(standing, _subaward_amounts(network, judged, rules.known))
    if touched and any(s.base == "claimed" for s in rules.shares):
        _limit_claimed_again(standing, touched, tested, calendar, rules)
        limit_by_terms_again(standing, calendar, rules, judged)


def _subaward_amounts(network: Network, used: set[str], known: date) -> dict[str, tuple[int, Authority]]:
    """What is obligated for each subaward, on the last day of its period, as known (Rulebook 7.4).

    Not for one with subawards below it: what they earn, or a credit of theirs, is known in the request (7.1.1).
    """
    amounts = {}
    for id in used - {s.parent for s in network.subawards}:
        subaward = network.subaward(id)
        obligated = subaward.amount.as_known(known)
        if obligated.facts:  # an amount published later is no ceiling yet
            fact = obligated.at((subaward.period.end or date.max).toordinal())
            amounts[id] = (fact.value, fact.authority)
    return amounts


def _limit_claimed_again(
    standing: Standing,
    touched: set[int],
    tested: list[tuple[Sequence[int], int | None, Used]],
    calendar: Calendar,
    rules: Rules,
) -> None:
    """Shares on base claimed, again, of the participants whom a wider ceiling touched (Rulebook 7.5)."""
    for indexes, first_ever, used in tested:
        if touched.intersection(indexes):
            for ceiling in (c for c in rules.ceilings if c.scope == "participant"):
                for window, inside in by_window(standing, indexes, ceiling, calendar, rules.known, first_ever):
                    limit_claimed(standing, inside, ceiling, rules, window, used)
