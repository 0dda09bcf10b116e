"""Lines of whole months: one payee and one phase a month (Rulebook 3.1, 4.2)."""

from __future__ import annotations

from collections.abc import Iterator

from grantcalc.billing.counting import EnrollmentSpell, months, whole_months
from grantcalc.billing.lines import Line
from grantcalc.billing.person_earnings import EarnedQuantity, PersonEarnings
from grantcalc.terms import ServiceRules


def monthly_lines(earnings: PersonEarnings, rules: ServiceRules, stretches: list[EnrollmentSpell]) -> Iterator[Line]:
    """One payee a month, `first` or `last`; one phase: of the first enrolled day, of the last, or the better paid
    (3.1, 4.2)."""
    restored = rules.count == "following_month" and rules.restored == "from_start"
    views = months(stretches, earnings.person.first_ever)
    for view, count in whole_months(f"{rules.count}_or_restored" if restored else rules.count, views):
        if view.number > earnings.person.through:
            return
        day, stretches = count.pieces[0][0], [s for _, _, s in count.pieces]
        payee = stretches[0] if rules.payee == "first" else stretches[-1]
        earned = EarnedQuantity(view.number, day, payee, count.quantity, count.of)
        if rules.phase_of_month == "first":
            phase = stretches[0].phase
        elif rules.phase_of_month == "last":
            phase = stretches[-1].phase
        else:
            phase = _better_paid(earnings, rules, stretches, earned)
        if phase != payee.phase:
            earned = earned._replace(spell=payee._replace(phase=phase))
        reason = earnings.limit_reached(rules, phase, day)
        lines = [*earnings.lines(rules, earned, reason, fresh=view.fresh)]
        earnings.take_month(rules, lines)
        yield from lines


def _better_paid(
    earnings: PersonEarnings, rules: ServiceRules, stretches: list[EnrollmentSpell], earned: EarnedQuantity
) -> str:
    """The phase that pays more, judged after the limit of paid months; of equals the earlier in the month."""

    def pays(phase: str) -> int:
        if earnings.limit_reached(rules, phase, earned.day):
            return 0
        price = earnings.price(rules, earned.spell._replace(phase=phase), earned.day)
        return earnings.pricer.amount(price, earned.quantity, earned.of)

    return max(dict.fromkeys(s.phase for s in stretches), key=pays)
