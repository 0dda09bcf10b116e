"""From enrolled days to lines, service by service: what is screened out, and what is counted how
(Rulebook 3)."""

from __future__ import annotations

from collections.abc import Iterator

from grantcalc.billing.counting import months
from grantcalc.billing.daily_lines import daily_lines
from grantcalc.billing.elsewhere import ELSEWHERE
from grantcalc.billing.lines import Line
from grantcalc.billing.monthly_lines import monthly_lines
from grantcalc.billing.reasons import Reason
from grantcalc.billing.screening import ELIGIBILITY_RULES, Ineligible, screen
from grantcalc.billing.service_earnings import ServiceEarnings
from grantcalc.billing.statuses import days_not_served
from grantcalc.billing.unit_lines import unit_lines
from grantcalc.terms.vocabulary import PROPORTIONAL


def earn(earnings: ServiceEarnings) -> Iterator[Line]:
    """The lines of one service for one participant, month by month, in order."""
    person, rules = earnings.person, earnings.rules
    refused: list[Ineligible] = []
    spells = enrolled = person.spells_of(rules)
    if rules.served_days or rules.provided(*ELIGIBILITY_RULES):
        not_served = days_not_served(rules, person.statuses, person.first_ever)
        spells, refused = screen(rules, spells, person.registration, person.known, not_served)
    told = rules.provided("floor", "rounding")
    fresh = {view.number for view in months(spells) if view.fresh} if told else set()
    if rules.count in PROPORTIONAL or rules.count == "day":
        yield from daily_lines(earnings, spells, enrolled, fresh)
    elif rules.count in ("hour", "unit"):
        yield from unit_lines(earnings, spells, enrolled, fresh)
    else:
        yield from monthly_lines(earnings, spells)
    yield from _refused(earnings, refused)


def _refused(earnings: ServiceEarnings, refused: list[Ineligible]) -> Iterator[Line]:
    """What is screened out is at quantity 0: a line for each month, subaward, phase and reason
    (Rulebook 3.2)."""
    seen: set[tuple[int, str, str, Reason]] = set()
    for spell, reason in sorted(one for one in refused if one.spell.subaward != ELSEWHERE):
        for view in months([spell], earnings.person.first_ever):
            key = (view.number, spell.subaward, spell.phase, reason)
            if earnings.rules.count == "once" and not view.first <= view.first_ever <= view.last:
                continue  # paid or not, there is nothing to pay in another month
            if view.number <= earnings.person.through and key not in seen:
                seen.add(key)
                yield earnings.line(view.pieces[0], 0, 1, reason, None)
