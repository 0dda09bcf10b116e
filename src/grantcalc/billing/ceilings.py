"""Ceilings and shares (Rulebook 7): what is allowed of each line. A ceiling adds a negative line
and changes none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from attrs import define, frozen

from grantcalc.awards import Award
from grantcalc.billing.lines import Line, Reducer
from grantcalc.billing.pricing import Pricer
from grantcalc.billing.reductions import ReducedLines, fill, filling_order
from grantcalc.billing.windows import Calendar, Window
from grantcalc.money import share_of
from grantcalc.provenance import Authority
from grantcalc.terms import CeilingRules, Rules, ShareRules
from grantcalc.terms.vocabulary import BY_THE_DAY

Used = Mapping[tuple[str, str], int]
"""Cents used before in a caseload kept apart, by window and pool (Rulebook 7.8)."""


@define
class FamilyDays:
    """The days on which eligible family lived in a participant's household, as ordinals, merged."""

    spans: list[tuple[int, int]]

    def tier(self, first: int, last: int) -> str:
        """`with_family` if family lived in the household on any of these days (Rulebook 7.4)."""
        return "with_family" if any(s <= last and e >= first for s, e in self.spans) else "alone"


def limit_participant(
    reduced: ReducedLines,
    indexes: Sequence[int],
    calendar: Calendar,
    rules: Rules,
    household: FamilyDays,
    first_enrolled: int | None,
    used: Used,
) -> None:
    """A participant's own ceilings, in order (Rulebook 7.1): every share on base authorized; then
    every ceiling; then every share on base claimed. What was used in a caseload kept apart fills
    first (7.8)."""
    ceilings: list[tuple[CeilingRules, Window, Sequence[int], Room]] = []
    for ceiling in rules.ceilings:
        if ceiling.scope == "participant":
            for window, inside in by_window(reduced, indexes, ceiling, calendar, rules.known, first_enrolled):
                room = Room.of(ceiling, window, household, ceiling_day(ceiling, window, calendar.award))
                ceilings.append((ceiling, window, inside, room))
    for ceiling, window, inside, room in ceilings:
        for share in rules.shares:
            if share.share.of == ceiling.ceiling.id and share.base == "authorized":
                before = used.get((window.name, share.share.pool), 0)
                if before + _positive(reduced, inside) > share_of(share.at_most.at(window.last).value, room.least):
                    _share_of_authorized(reduced, inside, share, window, room, before)
    for ceiling, window, inside, room in ceilings:
        before = sum(cents for (name, _), cents in used.items() if name == window.name)
        if before + _positive(reduced, inside) > room.least:
            fill(reduced, inside, room.on, ("ceiling", ceiling.ceiling.id), window.name, room.authority, before)
    for ceiling, window, inside, _ in ceilings:
        limit_claimed(reduced, inside, ceiling, rules, window, used)


def by_window(
    reduced: ReducedLines,
    indexes: Sequence[int],
    ceiling: CeilingRules,
    calendar: Calendar,
    known: date,
    first_enrolled: int | None,
) -> list[tuple[Window, Sequence[int]]]:
    """Lines of a participant by the window of their day of service (Rulebook 7.3)."""
    windows = calendar.windows(ceiling.window, first_enrolled)
    what = f"of ceiling {ceiling.ceiling.id}"
    lines = reduced.lines
    days = [lines[i].day or date.min for i in indexes]
    first = windows.at(min(days).toordinal(), known, what)
    if max(days).toordinal() <= first.last:
        return [(first, indexes)]
    groups: dict[str, tuple[Window, list[int]]] = {}
    for index, day in zip(indexes, days, strict=True):
        window = windows.at(day.toordinal(), known, what)
        groups.setdefault(window.name, (window, []))[1].append(index)
    return [*groups.values()]


@frozen
class Room:
    """What a participant's ceiling allows in a window (Rulebook 7.4): one amount, or one for each
    line's own day.

    `least` is the smallest of them: what adds up to no more cannot be held back.
    """

    on: Callable[[Line], int]
    least: int
    authority: Authority

    @classmethod
    def of(cls, ceiling: CeilingRules, window: Window, household: FamilyDays, on: int) -> Room:
        """The ceiling's amount in force on a day; by the tier of any day of the window, or of each
        line's own day."""
        if ceiling.family == "on_any_day":
            fact = ceiling.at(household.tier(window.first, window.last), on)
            return cls(lambda line: fact.value, fact.value, fact.authority)
        tiers = {tier: ceiling.at(tier, on) for tier in ("alone", "with_family")}

        def of_its_day(line: Line) -> int:
            day = (line.day or date.min).toordinal()
            return tiers[household.tier(day, day)].value

        return cls(of_its_day, min(fact.value for fact in tiers.values()), tiers["alone"].authority)


def ceiling_day(ceiling: CeilingRules, window: Window, award: Award) -> int:
    """The day whose amount holds: the window's last (Rulebook 7.4), or that of the award where the
    terms say so."""
    return award.awarded.toordinal() if ceiling.amount_on == "award_date" else window.last


def _share_of_authorized(
    reduced: ReducedLines, inside: Sequence[int], share: ShareRules, window: Window, room: Room, used: int
) -> None:
    """pool ≤ share × the participant's ceiling for the window, cut to whole cents (Rulebook
    7.5)."""
    own = [i for i in inside if reduced.lines[i].pool == share.share.pool]
    at_most = share.at_most.at(window.last)

    def share_on(line: Line) -> int:
        return share_of(at_most.value, room.on(line))

    fill(reduced, own, share_on, ("share", share.share.id), window.name, at_most.authority, used)


def limit_claimed(
    reduced: ReducedLines,
    inside: Sequence[int],
    ceiling: CeilingRules,
    rules: Rules,
    window: Window,
    used: Used | None = None,
) -> None:
    """pool ≤ share ÷ (1 − share) × what is allowed of the other, cut to whole cents; tested again
    after wider ceilings (7.5)."""
    for share in rules.shares:
        if share.share.of == ceiling.ceiling.id and share.base == "claimed":
            own = [i for i in inside if reduced.lines[i].pool == share.share.pool]
            other = sum(reduced.allowed[i] for i in inside if reduced.lines[i].pool != share.share.pool)
            before = 0
            for (name, pool), cents in (used or {}).items():
                if name == window.name:
                    before, other = (before + cents, other) if pool == share.share.pool else (before, other + cents)
            at_most = share.at_most.at(window.last)
            if at_most.value == 1:  # of the whole claim it may be all
                continue
            room = share_of(at_most.value / (1 - at_most.value), other)
            if before + _positive(reduced, own) > room:
                fill(reduced, own, _always(room), ("share", share.share.id), window.name, at_most.authority, before)


def limit_by_terms(reduced: ReducedLines, calendar: Calendar, rules: Rules, judged: Container[str]) -> set[int]:
    """Ceilings that the terms set for each subaward in each window, and the shares of them, in the
    order of a participant's own (Rulebook 7.1, subaward), of the subawards that are `judged` here;
    gives the lines touched."""
    touched: set[int] = set()
    ceilings = list(_of_subawards(reduced, calendar, rules, judged))
    amounts = [c.at("alone", ceiling_day(c, window, calendar.award)) for c, window, _ in ceilings]
    for (ceiling, window, inside), fact in zip(ceilings, amounts, strict=True):
        for share in rules.shares:
            if share.share.of == ceiling.ceiling.id and share.base == "authorized":
                at_most = share.at_most.at(window.last)
                own = [i for i in inside if reduced.lines[i].pool == share.share.pool]
                room = _always(share_of(at_most.value, fact.value))
                touched |= fill(reduced, own, room, ("share", share.share.id), window.name, at_most.authority)
    for (ceiling, window, inside), fact in zip(ceilings, amounts, strict=True):
        by: Reducer = "ceiling", ceiling.ceiling.id
        touched |= fill(reduced, inside, _always(fact.value), by, window.name, fact.authority)
    for ceiling, window, inside in ceilings:
        limit_claimed(reduced, inside, ceiling, rules, window)
    return touched


def limit_by_terms_again(reduced: ReducedLines, calendar: Calendar, rules: Rules, judged: Container[str]) -> None:
    """Shares on base claimed of what a subaward's ceilings hold, again (Rulebook 7.5)."""
    for ceiling, window, inside in _of_subawards(reduced, calendar, rules, judged):
        limit_claimed(reduced, inside, ceiling, rules, window)


def _of_subawards(
    reduced: ReducedLines, calendar: Calendar, rules: Rules, judged: Container[str]
) -> Iterator[tuple[CeilingRules, Window, Sequence[int]]]:
    """The lines of each subaward and window of a ceiling, by the window of their day of service; of
    a counted line by the first day of its month inside its budget period."""
    begins = {window.name: window.first for window in calendar.windows("budget_period").windows}
    for ceiling in rules.ceilings:
        if ceiling.scope == "subaward":
            groups: dict[tuple[str, str], tuple[Window, list[int]]] = {}
            for index, line in enumerate(reduced.lines):
                if line.subaward not in judged:
                    continue
                counted = max(line.month.first.toordinal(), begins.get(line.budget_period, 0))
                day = line.day.toordinal() if line.day else counted
                window = calendar.windows(ceiling.window).at(day, rules.known, f"of ceiling {ceiling.ceiling.id}")
                groups.setdefault((line.subaward, window.name), (window, []))[1].append(index)
            for _, (window, inside) in sorted(groups.items(), key=lambda group: group[0]):
                yield ceiling, window, inside


def limit_capacity(reduced: ReducedLines, rules: Rules, pricer: Pricer, begins: Mapping[str, int]) -> None:
    """Persons of a subaward and month beyond its capacity are recouped whole, in the order of
    filling (Rulebook 5.2).

    The capacity is that of the month's first day inside the subaward's period, which begins on a
    day of `begins`. A bare count is of persons, unless the service is counted by the day, hour or
    unit: it is then out of reach.
    """
    for service in rules.services:
        for rule in service.provisions.get("capacity", ()):
            groups: dict[tuple[str, int], list[int]] = defaultdict(list)
            for index, line in enumerate(reduced.lines):
                of_persons = line.participant is not None or service.count not in BY_THE_DAY
                if line.service == service.service.id and line.quantity and of_persons:
                    groups[line.subaward, line.month.number].append(index)
            for (subaward, _), inside in sorted(groups.items()):
                day = max(reduced.lines[inside[0]].month.first.toordinal(), begins[subaward])
                share = rule.at(day)
                if share is not None:
                    persons = pricer.figure(subaward, rule.word("figure"), day).value
                    seats = int(Fraction(share.value.value) * Fraction(persons))
                    _over_capacity(reduced, inside, seats, share.authority)


def _over_capacity(reduced: ReducedLines, inside: Sequence[int], seats: int, authority: Authority) -> None:
    room = seats
    seated: dict[object, int] = {}
    for index in filling_order(reduced, inside):
        line = reduced.lines[index]
        who = line.participant or (line.issuer, line.phase, line.category)  # the lines of one price have one seat
        persons = 1 if line.participant else line.quantity
        if who not in seated:
            seated[who] = min(persons, room)
            room -= seated[who]
        if line.rate is not None and seated[who] < persons:
            room_of_line = 0 if line.participant else line.rate.value.extend(seated[who])
            over = reduced.allowed[index] - room_of_line  # what a disallowance took is not recouped again
            if over > 0:
                by: Reducer = "capacity", str(seats)
                reduced.reduce(index, over, by, str(line.month), room_of_line, authority)


def _always(room: int) -> Callable[[Line], int]:
    return lambda line: room


def limit_subawards(
    reduced: ReducedLines, amounts: dict[str, tuple[int, Authority]], window: str = "subaward period"
) -> set[int]:
    """Each subaward's obligated amount over its whole period; gives the lines it touched, whose
    shares are tested again."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(reduced.lines):
        if line.subaward in amounts:
            groups[line.subaward].append(index)
    touched: set[int] = set()
    for subaward, inside in sorted(groups.items()):
        room, authority = amounts[subaward]
        if _positive(reduced, inside) > room:
            touched |= fill(reduced, inside, _always(room), ("subaward", subaward), window, authority)
    return touched


def _positive(reduced: ReducedLines, indexes: Iterable[int]) -> int:
    """The most that could be allowed, credits aside: at or below the room, no line can be held
    back."""
    allowed = reduced.allowed
    return sum([amount for i in indexes if (amount := allowed[i]) > 0])
