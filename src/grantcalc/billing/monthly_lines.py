"""Lines of whole months: one payee and one phase a month (Rulebook 3.1, 4.2)."""

from __future__ import annotations

from collections.abc import Iterator

from grantcalc.billing.counting import PERIODS, EnrollmentSpell, MonthCount, months, whole_months
from grantcalc.billing.elsewhere import ELSEWHERE
from grantcalc.billing.lines import Line
from grantcalc.billing.service_earnings import ServiceEarnings


def monthly_lines(earnings: ServiceEarnings, spells: list[EnrollmentSpell]) -> Iterator[Line]:
    """One payee a month, `first` or `last`; one phase: of the first enrolled day, of the last, or
    the better paid (3.1, 4.2)."""
    rules = earnings.rules
    restored = rules.count == "following_month" and rules.restored == "from_start"
    anchored = rules.count == "anniversary"
    views = months(spells, earnings.person.first_ever, "month" if anchored else rules.period)
    policy, each = f"{rules.count}_or_restored" if restored else rules.count, PERIODS[rules.period][0]
    for view, count in whole_months(policy, views, each):
        if view.number > earnings.person.through:
            return
        day, spells = count.pieces[0][0], [s for _, _, s in count.pieces]
        payee = spells[0] if rules.payee == "first" else spells[-1]
        if payee.subaward == ELSEWHERE:
            continue  # the other caseload is paid for this month
        if rules.phase_of_month == "first":
            phase = spells[0].phase
        elif rules.phase_of_month == "last":
            phase = spells[-1].phase
        else:
            phase = _better_paid(earnings, spells, payee, day, count)
        if phase != payee.phase:
            payee = payee._replace(phase=phase)
        reason = earnings.limit_reached(phase, day)
        lines = [*earnings.lines((day, day, payee), count.quantity, count.of, reason, fresh=view.fresh)]
        earnings.take_month(lines)
        yield from lines


def _better_paid(
    earnings: ServiceEarnings, spells: list[EnrollmentSpell], payee: EnrollmentSpell, day: int, count: MonthCount
) -> str:
    """The phase that pays more, judged after the limit of paid months; of equals the earlier in the
    month."""

    def pays(phase: str) -> int:
        if earnings.limit_reached(phase, day):
            return 0
        price = earnings.price(payee._replace(phase=phase), day)
        return earnings.pricer.amount(price, count.quantity, count.of)

    return max(dict.fromkeys(s.phase for s in spells), key=pays)
