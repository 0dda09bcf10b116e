"""Ceilings and shares (Rulebook 7): what stands of each line. A ceiling adds a negative line and changes none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction

from attrs import define, field, frozen

from grantcalc.billing.lines import Limit, Line
from grantcalc.billing.windows import Calendar, Window
from grantcalc.provenance import Authority
from grantcalc.terms import CeilingRules, Rules, ShareRules


@define
class Standing:
    """Lines and what is held back of each; the only state of the ceilings, and local to one bill."""

    lines: list[Line]
    held: dict[int, int] = field(factory=dict)
    limits: list[Limit] = field(factory=list)

    def of(self, index: int) -> int:
        """What stands of a line, in cents."""
        return self.lines[index].amount - self.held.get(index, 0)

    def hold(self, index: int, amount: int, ceiling: str, window: str, room: int, authority: Authority) -> None:
        self.held[index] = self.held.get(index, 0) + amount
        self.limits.append(Limit(ceiling, window, room, authority, self.lines[index], -amount))


def filling_order(standing: Standing, indexes: Iterable[int]) -> list[int]:
    """Credits first; then service month; then pool, direct before administration; then participant, service, service
    day,
    subaward, amount, document reference, in code-point order (Rulebook 7.2)."""
    lines = standing.lines

    def key(index: int) -> tuple[object, ...]:
        line = lines[index]
        person = (line.participant.issuer, line.participant.pseudonym) if line.participant else (line.issuer, "")
        return (
            line.amount >= 0,
            line.month.number,
            line.pool != "direct",
            person,
            line.service,
            line.day or date.min,
            line.subaward,
            line.amount,
            line.reference,
            line.phase,
            index,
        )

    return sorted(indexes, key=key)


def fill(
    standing: Standing,
    indexes: Iterable[int],
    room_of: Callable[[Line], int],
    ceiling: str,
    window: str,
    authority: Authority,
) -> set[int]:
    """Fill a ceiling in order; what crosses it is held back, the line that crosses in part. Gives the lines it
    touched."""
    used = 0
    touched: set[int] = set()
    for index in filling_order(standing, indexes):
        amount = standing.of(index)
        if amount > 0:
            room = max(room_of(standing.lines[index]), 0)  # a ceiling is never below zero
            kept = min(amount, max(room - used, 0))
            if kept < amount:
                standing.hold(index, amount - kept, ceiling, window, room, authority)
                touched.add(index)
            used += kept
        else:
            used += amount
    return touched


@define
class Household:
    """The days on which eligible family lived in a participant's household, as ordinals, merged."""

    spans: list[tuple[int, int]]

    def tier(self, first: int, last: int) -> str:
        """`with_family` if family lived in the household on any of these days (Rulebook 7.4)."""
        return "with_family" if any(s <= last and e >= first for s, e in self.spans) else "alone"


def limit_participant(
    standing: Standing,
    indexes: list[int],
    calendar: Calendar,
    rules: Rules,
    household: Household,
    first_enrolled: int | None,
) -> None:
    """A participant's own ceilings, in order (Rulebook 7.1): share on base authorized; the ceiling; share on base
    claimed."""
    for ceiling in rules.ceilings:
        for window, inside in by_window(standing, indexes, ceiling, calendar, rules.known, first_enrolled):
            room = Room.of(ceiling, window, household)
            for share in rules.shares:
                if share.share.of == ceiling.ceiling.id and share.base == "authorized":
                    _share_of_authorized(standing, inside, share, window, room)
            if _positive(standing, inside) > room.least:
                fill(standing, inside, room.on, ceiling.ceiling.id, window.name, room.authority)
            test_claimed(standing, inside, ceiling, rules, window)


def by_window(
    standing: Standing,
    indexes: list[int],
    ceiling: CeilingRules,
    calendar: Calendar,
    known: date,
    first_enrolled: int | None,
) -> list[tuple[Window, list[int]]]:
    """Lines of a participant by the window of their day of service (Rulebook 7.3)."""
    found = calendar.windows(ceiling.window, first_enrolled)
    what = f"of ceiling {ceiling.ceiling.id}"
    days = [standing.lines[i].day or date.min for i in indexes]
    first = found.at(min(days).toordinal(), known, what)
    if max(days).toordinal() <= first.last:
        return [(first, indexes)]
    groups: dict[str, tuple[Window, list[int]]] = {}
    for index, day in zip(indexes, days, strict=True):
        window = found.at(day.toordinal(), known, what)
        groups.setdefault(window.name, (window, []))[1].append(index)
    return list(groups.values())


@frozen
class Room:
    """What a participant's ceiling lets stand in a window (Rulebook 7.4): one amount, or one for each line's own day.

    `least` is the smallest of them: what adds up to no more cannot be held back.
    """

    on: Callable[[Line], int]
    least: int
    authority: Authority

    @classmethod
    def of(cls, ceiling: CeilingRules, window: Window, household: Household) -> Room:
        """The ceiling's amount on the window's last day; by the tier of any day of the window, or of each line's own
        day."""
        if ceiling.family == "on_any_day":
            fact = ceiling.at(household.tier(window.first, window.last), window.last)
            return cls(lambda line: fact.value, fact.value, fact.authority)
        tiers = {tier: ceiling.at(tier, window.last) for tier in ("alone", "with_family")}

        def of_its_day(line: Line) -> int:
            day = (line.day or date.min).toordinal()
            return tiers[household.tier(day, day)].value

        return cls(of_its_day, min(fact.value for fact in tiers.values()), tiers["alone"].authority)


def _share_of_authorized(standing: Standing, inside: list[int], share: ShareRules, window: Window, room: Room) -> None:
    """pool ≤ share × the participant's ceiling for the window, cut to whole cents (Rulebook 7.5)."""
    own = [i for i in inside if standing.lines[i].pool == share.share.pool]
    at_most = share.at_most.at(window.last)
    if _positive(standing, own) > _cut(at_most.value, room.least):

        def share_on(line: Line) -> int:
            return _cut(at_most.value, room.on(line))

        fill(standing, own, share_on, share.share.id, window.name, at_most.authority)


def test_claimed(standing: Standing, inside: list[int], ceiling: CeilingRules, rules: Rules, window: Window) -> None:
    """pool ≤ share ÷ (1 − share) × what stands of the other, cut to whole cents; tested again after wider ceilings
    (7.5)."""
    for share in rules.shares:
        if share.share.of == ceiling.ceiling.id and share.base == "claimed":
            own = [i for i in inside if standing.lines[i].pool == share.share.pool]
            other = sum(standing.of(i) for i in inside if standing.lines[i].pool != share.share.pool)
            at_most = share.at_most.at(window.last)
            room = _cut(at_most.value / (1 - at_most.value), max(other, 0))
            if _positive(standing, own) > room:
                fill(standing, own, lambda line, room=room: room, share.share.id, window.name, at_most.authority)  # type: ignore[misc]


def limit_subawards(
    standing: Standing, amounts: dict[str, tuple[int, Authority]], window: str = "subaward period"
) -> set[int]:
    """Each subaward's obligated amount over its whole period; gives the lines it touched, whose shares are tested
    again."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(standing.lines):
        if line.subaward in amounts:
            groups[line.subaward].append(index)
    touched: set[int] = set()
    for subaward, inside in sorted(groups.items()):
        room, authority = amounts[subaward]
        if _positive(standing, inside) > room:
            touched |= fill(standing, inside, lambda line, room=room: room, f"subaward {subaward}", window, authority)  # type: ignore[misc]
    return touched


def _positive(standing: Standing, indexes: Iterable[int]) -> int:
    """The most that could stand, credits aside: at or below the room, no line can be held back."""
    lines, held = standing.lines, standing.held
    return sum([amount for i in indexes if (amount := lines[i].amount - held.get(i, 0)) > 0])


def _cut(share: Fraction, amount: int) -> int:
    return amount * share.numerator // share.denominator
