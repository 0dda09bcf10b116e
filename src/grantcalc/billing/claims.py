"""A claim: everything that caseloads earn under their awards to a month, as known on a day (Rulebook 5 to 7).

`bill` judges each participant's ceilings and each subaward's. What stands above a subaward (its parents and the award)
is judged where the claims of all children are together: in the request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from attrs import evolve, field, frozen

from grantcalc.awards import Award
from grantcalc.billing.caseload import Caseload, Cost, Count, Enrollment, Registration, check
from grantcalc.billing.caseload import Household as HouseholdRow
from grantcalc.billing.ceilings import (
    Household,
    Standing,
    by_window,
    limit_participant,
    limit_subawards,
    test_claimed,
)
from grantcalc.billing.counting import MonthView, Stretch, months
from grantcalc.billing.earning import Person, Priced, cost_lines, count_line, earn
from grantcalc.billing.lines import Limit, Line, statement_html
from grantcalc.billing.windows import Calendar
from grantcalc.eligibility import Letter, Participant, phase_starts
from grantcalc.errors import Finding, Rejected, refuse
from grantcalc.money import Money, money
from grantcalc.network import Network
from grantcalc.periods import Interval, Month, union
from grantcalc.provenance import Authority, Input, Source
from grantcalc.terms import Rules, ServiceRules, TermUsed, rules_as_known, statement
from grantcalc.terms.vocabulary import ACTUAL_COST


@frozen(order=True)
class Party:
    """Who stands behind a subaward number in a claim: the award, both organizations by name, and the HHS region."""

    subaward: str
    award: str
    recipient: str
    subrecipient: str
    region: int | None


@frozen
class Claim:
    """What is owed for everything to the end of `through`, as known on `known`: lines, and what ceilings hold back.

    With detail each line has its participant; `counted()` gives the claim that goes up. Amounts are cents.
    """

    through: Month
    known: date
    lines: tuple[Line, ...]
    limits: tuple[Limit, ...]
    parties: tuple[Party, ...]
    issuers: tuple[str, ...]
    terms: tuple[TermUsed, ...] = ()
    inputs: tuple[Input, ...] = ()
    notes: tuple[Finding, ...] = ()
    label: str = ""

    @property
    def earned(self) -> Money:
        """Σ lines, before ceilings."""
        return money(sum(line.amount for line in self.lines))

    @property
    def held_back(self) -> Money:
        """Σ of what ceilings hold back; zero or negative."""
        return money(sum(limit.amount for limit in self.limits))

    @property
    def total(self) -> Money:
        """What stands: earned, less what is held back."""
        return money(sum(x.amount for x in self.lines) + sum(x.amount for x in self.limits))

    @property
    def detailed(self) -> bool:
        """Whether any line names a participant."""
        return any(line.participant for line in self.lines)

    def _repr_html_(self) -> str:
        title = f"Claim through {self.through}, as known on {self.known}"
        return statement_html(title, self.label, self.lines, self.limits, self.parties, self.notes)

    def counted(self) -> Claim:
        """The claim without participants or row addresses: equal lines counted together (Rulebook 5.1)."""
        lines: dict[Line, tuple[int, int]] = {}
        for line in self.lines:
            key = counted_key(line)
            n, amount = lines.get(key, (0, 0))
            lines[key] = (n + line.n, amount + line.amount)
        finished = {key: evolve(key, n=n, amount=amount) for key, (n, amount) in lines.items()}
        limits: dict[Limit, tuple[int, int]] = {}
        for limit in self.limits:
            held = evolve(limit, line=finished[counted_key(limit.line)], n=0, amount=0)
            n, amount = limits.get(held, (0, 0))
            limits[held] = (n + limit.n, amount + limit.amount)
        return evolve(
            self,
            lines=tuple(sorted(finished.values(), key=reading_order)),
            limits=tuple(
                sorted(
                    (evolve(held, n=n, amount=amount) for held, (n, amount) in limits.items()),
                    key=lambda x: (reading_order(x.line), x.ceiling, x.window, x.room),
                )
            ),
            notes=tuple(dict.fromkeys(evolve(f, place=evolve(f.place, cell="")) for f in self.notes)),
        )


def counted_key(line: Line) -> Line:
    """What equal lines have in common; credits are never counted together with costs (Rulebook 7.2)."""
    source = Source(line.source.file, line.source.sheet)
    reason = line.reason or ("credit" if line.amount < 0 else "")
    return evolve(line, participant=None, n=0, amount=0, day=None, reference="", reason=reason, source=source)


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
        line.of,
        -line.days,
        (rate.value.value, rate.effective, rate.published, rate.authority.citation) if rate else (),
        line.reason,
        (line.participant.pseudonym, line.day or date.min, line.reference, line.amount) if line.participant else (),
    )


def bill(
    caseloads: Caseload | Iterable[Caseload], network: Network, through: Month, known: date | None = None
) -> Claim:
    """Bill caseloads under their awards, for every month to the end of `through`, as known on `known`.

    `known` is by default the latest report date of the inputs; the clock is never read. Refused with `Rejected`: every
    row that cannot be billed, all at once; with `NotInForce`: a rate, a ceiling or terms that did not hold, or were not
    yet published.
    """
    loads = (caseloads,) if isinstance(caseloads, Caseload) else tuple(sorted(caseloads, key=lambda c: c.issuer))
    known = known or max([network.report_date, *(c.report_date for c in loads)])
    refuse(check(loads, network, known), Rejected)
    lines: list[Line] = []
    limits: list[Limit] = []
    notes: list[Finding] = list(network.coverage(min(known, through.last), known))
    for award in sorted(network.awards, key=lambda a: a.fain):
        billed, held, told = _bill_award(award, loads, network, through, known)
        lines += billed
        limits += held
        notes += told
    if len(loads) > 1:
        where = Source(loads[0].source.file, "Participants")
        notes.append(
            where.finding("issuers", "participants of different issuers were not compared", severity="warning")
        )
    used = sorted({line.subaward for line in lines})
    labels = dict.fromkeys(x for x in (network.label, *(c.label for c in loads)) if x)
    terms = (
        statement(a.fain, rules_as_known(a.terms, known))
        for a in network.awards
        if any(x.award == a.fain for x in lines)
    )
    return Claim(
        through,
        known,
        tuple(lines),
        tuple(limits),
        tuple(party(network, s) for s in used),
        tuple(c.issuer for c in loads),
        tuple(used_term for rows in terms for used_term in rows),
        tuple(sorted({*network_inputs(network), *caseload_inputs(loads)})),
        tuple(notes),
        "; ".join(labels),
    )


def caseload_inputs(loads: Iterable[Caseload]) -> Iterator[Input]:
    """The caseload workbooks that a claim was made from."""
    for load in loads:
        yield Input("caseload", load.origin.file, load.origin.digest, load.origin.facts, load.report_date)


def network_inputs(network: Network) -> Iterator[Input]:
    """The award workbook and the terms files beside it."""
    yield Input("award", network.origin.file, network.origin.digest, network.origin.facts, network.report_date)
    for award in network.awards:
        if award.terms.origin:
            yield Input("terms", award.terms.file, award.terms.origin, award.terms.digest, award.terms.published)


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


@frozen
class _Facts:
    """What is known of one participant under one award."""

    enrollments: list[Enrollment] = field(factory=list)
    letters: list[Letter] = field(factory=list)
    households: list[HouseholdRow] = field(factory=list)
    costs: list[Cost] = field(factory=list)


def _bill_award(
    award: Award, loads: tuple[Caseload, ...], network: Network, through: Month, known: date
) -> tuple[list[Line], list[Limit], list[Finding]]:
    mine = {s for s in _subawards_used(loads, known) if network.award_of(s).fain == award.fain}
    if not mine:
        return [], [], []
    rules = rules_as_known(award.terms, known)
    facts, registered, counts = _gather(loads, mine, known)
    calendar = Calendar(award)
    standing = Standing([])
    tested: list[tuple[list[int], Household, int | None]] = []
    notes: list[Finding] = []
    priced: Priced = {}
    last_day = min(through.last, known).toordinal()
    for participant in sorted(facts):
        found = facts[participant]
        person, views = _person(
            participant, found, registered.get(participant), award, network, rules, calendar, last_day, priced
        )
        person.through = through.number
        begin = len(standing.lines)
        for service in rules.services:
            if service.count == ACTUAL_COST:
                for cost in sorted((c for c in found.costs if c.service == service.service.id), key=_cost_order):
                    period = network.subaward(cost.subaward).period
                    standing.lines.extend(cost_lines(person, service, cost, period, views))
            else:
                standing.lines.extend(earn(person, service, views))
        indexes = list(range(begin, len(standing.lines)))
        household = Household(
            union(
                (h.days.start.toordinal(), (h.days.end or date.max).toordinal()) for h in found.households if h.family
            )
        )
        if indexes and rules.ceilings:
            limit_participant(standing, indexes, calendar, rules, household, person.first_ever)
            tested.append((indexes, household, person.first_ever))
    services = {s.service.id: s for s in rules.services}
    for issuer, count in counts:
        if count.month.number <= through.number and count.month.first.toordinal() <= last_day:
            standing.lines.append(_count(issuer, count, award, network, services[count.service], calendar, rules))
    touched = limit_subawards(standing, _subaward_amounts(network, {x.subaward for x in standing.lines}, known))
    if touched and any(s.base == "claimed" for s in rules.shares):
        _test_claimed_again(standing, touched, tested, calendar, rules)
    return standing.lines, standing.limits, notes


def _subawards_used(loads: tuple[Caseload, ...], known: date) -> set[str]:
    return {
        *(row.subaward for c in loads for row in c.enrollments if row.published <= known),
        *(row.subaward for c in loads for row in c.costs if row.published <= known),
        *(row.subaward for c in loads for row in c.counts if row.published <= known),
    }


def _gather(
    loads: tuple[Caseload, ...], mine: set[str], known: date
) -> tuple[dict[Participant, _Facts], dict[Participant, Registration], list[tuple[str, Count]]]:
    """The rows of one award, as known: by participant, and the bare counts in order."""
    facts: dict[Participant, _Facts] = defaultdict(_Facts)
    registered: dict[Participant, Registration] = {}
    counts: list[tuple[str, Count]] = []
    for load in loads:
        registered.update((r.participant, r) for r in load.participants)
        for enrollment in load.enrollments:
            if enrollment.subaward in mine and enrollment.published <= known:
                facts[enrollment.participant].enrollments.append(enrollment)
        for cost in load.costs:
            if cost.subaward in mine and cost.published <= known:
                facts[cost.participant].costs.append(cost)
        for letter in load.letters:
            if letter.participant in facts and letter.published <= known:
                facts[letter.participant].letters.append(letter)
        for household in load.households:
            if household.participant in facts and household.published <= known:
                facts[household.participant].households.append(household)
        counts += [(load.issuer, c) for c in load.counts if c.subaward in mine and c.published <= known]
    counts.sort(key=lambda x: (x[0], x[1].subaward, x[1].month, x[1].service, x[1].phase, x[1].quantity))
    return facts, registered, counts


def _person(
    participant: Participant,
    found: _Facts,
    registration: Registration | None,
    award: Award,
    network: Network,
    rules: Rules,
    calendar: Calendar,
    last_day: int,
    priced: Priced,
) -> tuple[Person, list[MonthView]]:
    phases = phase_starts(found.letters, award.terms.phases, rules.known)
    stretches = _stretches(found.enrollments, phases, network, last_day)
    first_ever = stretches[0].start if stretches else None
    budget = calendar.windows("budget_period")
    borders = {*budget.starts}.union(*(calendar.windows(c.window, first_ever).starts for c in rules.ceilings))
    person = Person(
        participant, award, rules.known, 0, registration, budget, sorted(borders), first_ever, phases, priced
    )
    return person, list(months(stretches))


def _stretches(
    enrollments: list[Enrollment], phases: list[tuple[int, str]], network: Network, last_day: int
) -> list[Stretch]:
    """Enrolled days, each once: inside the subaward's period, to the last day known, cut where the phase changes
    (2.1, 3)."""
    by_subaward: dict[str, list[tuple[int, int, Enrollment]]] = defaultdict(list)
    for row in enrollments:
        days, period = row.days, network.subaward(row.subaward).period
        start = max(days.start, period.start).toordinal()
        end = min((days.end or date.max).toordinal(), (period.end or date.max).toordinal(), last_day)
        if start <= end:
            by_subaward[row.subaward].append((start, end, row))
    stretches: list[Stretch] = []
    for subaward, spans in by_subaward.items():
        if len(spans) > 1:
            spans.sort(key=lambda s: (s[0], s[1], s[2].source))
        for start, end in union((s, e) for s, e, _ in spans):
            first = next(row for s, e, row in spans if s <= start <= e)
            stretches.extend(_by_phase(start, end, subaward, phases, first))
    return sorted(stretches)


def _by_phase(start: int, end: int, subaward: str, phases: list[tuple[int, str]], row: Enrollment) -> Iterator[Stretch]:
    for index, (begins, phase) in enumerate(phases):
        until = phases[index + 1][0] - 1 if index + 1 < len(phases) else end
        if begins <= end and until >= start:
            yield Stretch(
                max(start, begins), min(end, until), subaward, phase, row.restored and begins <= start, row.source
            )


def _cost_order(cost: Cost) -> tuple[object, ...]:
    return (cost.months, cost.paid, cost.category, cost.amount, cost.reference, cost.subaward, cost.published)


def _count(
    issuer: str, count: Count, award: Award, network: Network, service: ServiceRules, calendar: Calendar, rules: Rules
) -> Line:
    inside = network.subaward(count.subaward).period.clip(Interval(count.month.first, count.month.last))
    day = inside.start if inside else count.month.first
    window = calendar.windows("budget_period").at(day.toordinal(), rules.known, f"of award {award.fain}")
    phase = count.phase or (next(iter(award.terms.phases)) if len(award.terms.phases) == 1 else "")
    return count_line(issuer, award, service, count, day, window.name, phase)


def _subaward_amounts(network: Network, used: set[str], known: date) -> dict[str, tuple[int, Authority]]:
    """What is obligated for each subaward, on the last day of its period, as known (Rulebook 7.4)."""
    amounts = {}
    for id in sorted(used):
        subaward = network.subaward(id)
        if subaward.amount:
            fact = subaward.amount.at(subaward.period.end or date.max, known)
            amounts[id] = (fact.value, fact.authority)
    return amounts


def _test_claimed_again(
    standing: Standing,
    touched: set[int],
    tested: list[tuple[list[int], Household, int | None]],
    calendar: Calendar,
    rules: Rules,
) -> None:
    """Shares on base claimed, again, of the participants whom a wider ceiling touched (Rulebook 7.5)."""
    for indexes, _, first_ever in tested:
        if touched.intersection(indexes):
            for ceiling in rules.ceilings:
                for window, inside in by_window(standing, indexes, ceiling, calendar, rules.known, first_ever):
                    test_claimed(standing, inside, ceiling, rules, window)
