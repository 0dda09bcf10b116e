"""Lines of days: each subaward, phase, rate and window has its own (Rulebook 2.5, 3.1, 4.2, 7.3),
less absences."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from grantcalc.billing.counting import (
    EnrolledMonth,
    EnrollmentSpell,
    MonthSpan,
    cut,
    months,
    proportional_of,
)
from grantcalc.billing.days import FigureOn, absences, unpaid_days, without
from grantcalc.billing.elsewhere import ELSEWHERE
from grantcalc.billing.lines import Line
from grantcalc.billing.rate_days import borders
from grantcalc.billing.reasons import Reason
from grantcalc.billing.service_earnings import LineKey, ServiceEarnings

Unpaid = dict[int, tuple[EnrollmentSpell, Reason]]
"""By month, where it was and how many enrolled days of absence are not paid."""


def daily_lines(
    earnings: ServiceEarnings,
    spells: list[EnrollmentSpell],
    enrolled: list[EnrollmentSpell],
    fresh: set[int],
) -> Iterator[Line]:
    """The lines of a service that counts days, or a share of a month. Policy `day` leaves out
    absences that the terms do not pay; `enrolled` are the days before screening, `fresh` the months
    of application or after a break, which an absence is not."""
    rules, note = earnings.rules, Unpaid()
    if rules.count == "day":
        spells = [s for s in spells if s.subaward != ELSEWHERE]
    if rules.count == "day" and spells:
        every = absences(earnings.person.absences, enrolled, earnings.person.last_day)
        away = unpaid_days(rules, every, spells, _site(earnings, spells))
        spells, note = without(spells, away), _unpaid(spells, away)
    return _by_days(earnings, spells, note, fresh)


def _by_days(earnings: ServiceEarnings, spells: list[EnrollmentSpell], note: Unpaid, fresh: set[int]) -> Iterator[Line]:
    """Each subaward, phase, rate and window has its own days; the month is counted once over all of
    them. `note` says of a month which days were not paid, on its first line or on one of quantity
    0."""
    person, rules = earnings.person, earnings.rules
    priced, price = None, None
    for view in months(cut(spells, _edges(earnings)), person.first_ever):
        if view.number > person.through:
            break
        of = 1 if rules.count == "day" else proportional_of(rules.count, view)
        if len(view.pieces) == 1 and not rules.provisions:  # what follows says the same of one piece, at more cost
            (span,) = view.pieces
            start, end, s = span
            if s.subaward == ELSEWHERE:
                continue
            if s is not priced:  # one price holds to the next edge
                priced, price = s, earnings.price(s, start)
            reason = earnings.limit_reached(s.phase, start)
            days = 0 if reason else end - start + 1
            said = note.pop(view.number, (s, None))[1]
            line = earnings.line(span, days, of, reason or said, price)
            earnings.take_month((line,))
            yield line
            continue
        lines = [*_of_month(earnings, view, of, note, fresh)]
        earnings.take_month(lines)
        yield from lines
    for number, (spell, said) in note.items():
        if number <= person.through:
            yield earnings.line((spell.start, spell.end, spell), 0, 1, said, None)


def _of_month(earnings: ServiceEarnings, view: EnrolledMonth, of: int, note: Unpaid, fresh: set[int]) -> Iterator[Line]:
    """The lines of one month that has several pieces, or whose service has provisions; takes its
    note."""
    groups: dict[LineKey, list[MonthSpan]] = {}
    own = [piece for piece in view.pieces if piece[2].subaward != ELSEWHERE]
    for piece in own:
        start, _, s = piece
        groups.setdefault(earnings.key(s, start, earnings.price(s, start)), []).append(piece)
    first_days = {s.phase: start for start, _, s in reversed(own)}
    reasons = {phase: earnings.limit_reached(phase, day) for phase, day in first_days.items()}
    for key, parts in groups.items():
        days = sum(end - start + 1 for start, end, _ in parts)
        said = note.pop(view.number, (parts[0][2], None))[1]
        yield from earnings.lines(parts[0], days, of, reasons[key.phase], fresh=view.number in fresh, note=said)


def _edges(earnings: ServiceEarnings) -> set[int]:
    """Days inside the span of billing on which a window begins, or another price comes into
    force."""
    rules, rates = earnings.rules, list[int]()
    if rules.rate_by == "service_day":
        rates += [start for steps in rules.rates.values() for start in steps.starts]
        rates += [start for provided in rules.provisions.values() for rule in provided for start in rule.values.starts]
    if rules.provisions or rules.sized or any(rules.dimensions):
        rates += borders(rules, earnings.pricer, earnings.person.history)
    return {*earnings.person.borders, *rates}


def _site(earnings: ServiceEarnings, spells: list[EnrollmentSpell]) -> FigureOn:
    """Figures of the site at which the participant is on a day."""

    def figure(name: str, day: int) -> Fraction:
        at = next(s.subaward for s in spells if s.start <= day <= s.end)
        return Fraction(earnings.pricer.figure(at, name, day).value)

    return figure


def _unpaid(spells: list[EnrollmentSpell], away: list[tuple[int, int]]) -> Unpaid:
    """By month, where it was and how many enrolled days of absence are not paid."""
    lost: Unpaid = {}
    for view in months(spells):
        days = sum(max(0, min(end, b) - max(start, a) + 1) for start, end, _ in view.pieces for a, b in away)
        if days:
            at = view.pieces[0][2]._replace(start=view.start)
            lost[view.number] = (at, Reason("absent", (days,)))
    return lost
