"""The roster that stays with a subrecipient: of each participant what is used and left, and what
ends soon.

It counts as billing counts: paid months of each phase (Rulebook 4.3), what is allowed under each
ceiling of a participant in the window of the last day billed (7.3), and what was used before in a
caseload kept apart (7.8).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from attrs import field, frozen

from grantcalc.billing.caseload import Caseload, Household
from grantcalc.billing.ceilings import FamilyDays, Room, ceiling_day
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.enrolled_person import EnrolledPerson, person_of
from grantcalc.billing.facts import AwardFacts, gather_facts, subawards_used
from grantcalc.billing.issuers import each_once
from grantcalc.billing.lines import Line, how_many
from grantcalc.billing.windows import Calendar
from grantcalc.declared import checked
from grantcalc.eligibility import Letter, Participant
from grantcalc.network import Network
from grantcalc.periods import Month, union
from grantcalc.provenance import Input
from grantcalc.terms import Rules, rules_as_known

SOON = 60
"""Days within which the end of a letter is told. Our own choice, of no source."""
NEARLY = (9, 10)
"""The part of a ceiling from which on it is told that little is left. Our own choice, of no
source."""


@frozen(kw_only=True)
class MonthsUsed:
    """Paid months of a service in a phase, those before a caseload kept apart included, and the
    most there may be."""

    service: str
    phase: str
    used: int
    limit: int

    @property
    def left(self) -> int:
        """How many more months may be paid."""
        return max(0, self.limit - self.used)


@frozen(kw_only=True)
class CeilingUsed:
    """Cents used of a ceiling in a window, those used before included, and the most that it
    allows."""

    ceiling: str
    window: str
    used: int
    limit: int

    @property
    def left(self) -> int:
        """How much more may be allowed, in cents."""
        return max(0, self.limit - self.used)


@frozen(kw_only=True)
class LetterEnding:
    """A letter in force on the day of the roster that ends within 60 days after it."""

    kind: str
    last: date


@frozen(kw_only=True)
class RosterRow:
    """One participant under one award: where enrolled last and until when (None for an open end),
    the phase of the last day billed, what is allowed to date in cents, and what is used and
    left."""

    participant: Participant
    award: str
    subaward: str
    enrolled_to: date | None
    phase: str
    allowed: int
    months: tuple[MonthsUsed, ...]
    ceilings: tuple[CeilingUsed, ...]
    letters: tuple[LetterEnding, ...]

    @property
    def attention(self) -> tuple[str, ...]:
        """What a case manager should look at, in sentences."""
        return tuple(_attention(self))


@frozen(kw_only=True)
class Roster:
    """Every participant of some caseloads, as billed through `through` and as known on `known`. It
    names participants by pseudonym and stays with the subrecipient. `without_participant` is what
    is allowed of nobody in particular."""

    through: Month
    known: date
    rows: tuple[RosterRow, ...] = field(repr=how_many)
    without_participant: int
    issuers: tuple[str, ...]
    inputs: tuple[Input, ...] = ()
    label: str = ""


@checked
def roster(
    caseloads: Caseload | Iterable[Caseload], network: Network, through: Month, known: date | None = None
) -> Roster:
    """The roster of caseloads, from the same facts as the claim that `bill` gives; refused as that
    is.

    What the rows allow, with `without_participant`, sums to the total of the claim.
    """
    loads = each_once(caseloads)
    claim = bill(loads, network, through, known)
    current = tuple(load.as_known(claim.known) for load in loads)
    allowed: dict[tuple[str, Participant | None], int] = defaultdict(int)
    for line in claim.lines:
        allowed[line.award, line.participant] += line.amount
    for reduction in claim.reductions:
        allowed[reduction.line.award, reduction.line.participant] += reduction.amount
    rows = [row for award in network.awards for row in _rows(award.fain, current, network, claim, allowed)]
    return Roster(
        through=through,
        known=claim.known,
        rows=tuple(sorted(rows, key=lambda r: (r.participant.issuer, r.participant.pseudonym, r.award))),
        without_participant=sum(cents for (_, who), cents in allowed.items() if who is None),
        issuers=claim.issuers,
        inputs=claim.inputs,
        label=claim.label,
    )


def _rows(
    fain: str,
    loads: tuple[Caseload, ...],
    network: Network,
    claim: Claim,
    allowed: dict[tuple[str, Participant | None], int],
) -> Iterator[RosterRow]:
    award = network.award(fain)
    mine = {s for s in subawards_used(loads) if network.award_of(s).fain == fain}
    if not mine:
        return
    rules, calendar = rules_as_known(award.terms, claim.known), Calendar(award)
    facts = gather_facts(loads, fain, mine, claim.known)
    lines: dict[Participant | None, list[Line]] = defaultdict(list)
    for line in claim.lines:
        if line.award == fain:
            lines[line.participant].append(line)
    taken: dict[int, int] = defaultdict(int)
    for reduction in claim.reductions:
        taken[id(reduction.line)] += reduction.amount
    day = min(claim.through.last, claim.known)
    for who in facts.people:
        person = person_of(who, facts, network, rules, calendar, claim.through.number)
        last = max(person.spells, key=lambda s: (s.end, s.start), default=None)
        letters = [x for x in facts.people[who].of(Letter) if x.in_force(claim.known)]
        yield RosterRow(
            participant=who,
            award=fain,
            subaward=last.subaward if last else next((x.subaward for x in lines[who]), ""),
            enrolled_to=date.fromordinal(last.end) if last and last.end < person.last_day else None,
            phase=person.phase_at(day.toordinal()),
            allowed=allowed[fain, who],
            months=tuple(_months(person, rules, lines[who], day)),
            ceilings=tuple(_ceilings(person, facts, calendar, rules, [(x, taken[id(x)]) for x in lines[who]], day)),
            letters=tuple(_ending(letters, claim.known)),
        )


def _months(person: EnrolledPerson, rules: Rules, lines: Sequence[Line], day: date) -> Iterator[MonthsUsed]:
    """Paid months of each service and phase that has a limit and in which any was paid, or is."""
    for service in rules.services:
        paid: dict[str, set[int]] = defaultdict(set)
        for line in lines:
            if line.service == service.service.id and line.quantity:
                paid[line.phase].add(line.month.number)
        for phase in service.months:
            limit = service.month_limit(phase, day.toordinal())
            used = len(paid[phase]) + person.months_used.get(phase, 0)
            if limit and used:
                yield MonthsUsed(service=service.service.title, phase=phase, used=used, limit=limit.value)


def _ceilings(
    person: EnrolledPerson,
    facts: AwardFacts,
    calendar: Calendar,
    rules: Rules,
    lines: Sequence[tuple[Line, int]],
    day: date,
) -> Iterator[CeilingUsed]:
    """What is used of each ceiling of a participant in the window of the last day billed, where
    anything is."""
    case = facts.people[person.participant]
    days = ((h.days.start.toordinal(), h.days.last.toordinal()) for h in case.of(Household) if h.family)
    household = FamilyDays(union(days))
    for ceiling in (c for c in rules.ceilings if c.scope == "participant"):
        windows = calendar.windows(ceiling.window, person.first_ever).windows
        for window in (w for w in windows if w.first <= day.toordinal() <= w.last):
            inside = [
                (x, taken) for x, taken in lines if window.first <= (x.day or x.month.first).toordinal() <= window.last
            ]
            if not inside:
                continue
            room = Room.of(ceiling, window, household, ceiling_day(ceiling, window, calendar.award))
            before = sum(cents for (name, _), cents in case.used().items() if name == window.name)
            yield CeilingUsed(
                ceiling=ceiling.ceiling.title,
                window=window.name,
                used=before + sum(x.amount + taken for x, taken in inside),
                limit=room.on(max(inside, key=lambda each: each[0].day or date.min)[0]),
            )


def _ending(letters: Iterable[Letter], known: date) -> Iterator[LetterEnding]:
    """The letters that end in the days after a day, the first to end first."""
    until = known + timedelta(days=SOON)
    for letter in sorted(letters, key=lambda x: (x.days.last, x.kind)):
        if letter.days.start <= until and known <= letter.days.last <= until:
            yield LetterEnding(kind=letter.kind, last=letter.days.last)


def _attention(row: RosterRow) -> Iterator[str]:
    for months in row.months:
        if months.left <= 1:
            left = "no paid month is left" if not months.left else "one paid month is left"
            yield f"{months.service}, {months.phase.replace('_', ' ')}: {left}."
    for ceiling in row.ceilings:
        if ceiling.used * NEARLY[1] >= ceiling.limit * NEARLY[0]:
            left = "it is used up" if not ceiling.left else "less than a tenth is left"
            yield f"{ceiling.ceiling}, {ceiling.window}: {left}."
    for letter in row.letters:
        yield f"The {letter.kind.replace('_', ' ')} ends on {letter.last}."
