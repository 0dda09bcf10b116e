"""Tests of the award as a whole (Rulebook 10): what is passed on, obligated, charged as indirect
cost, and moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from grantcalc.awards import BudgetPeriod
from grantcalc.compliance.results import RULEBOOK, AwardUnderTest, CheckResult, failed, judged, not_tested, passed
from grantcalc.money import plain, round_half_away, share_up
from grantcalc.provenance import Authority
from grantcalc.terms.rules import percent

_NEW = date(2024, 10, 1)  # the definitions of 2 CFR 300.1


def regime(x: AwardUnderTest) -> Iterator[CheckResult]:
    """Which rules hold, by agency and day of award."""
    rule = x.rule("regime")
    if rule is None:
        yield x.no_rule("regime", "regime")
    else:
        says = f"{rule.value}, for an award made on {x.award.awarded}"
        added = x.rule("added_funds") if added_in(x) else None
        says += f"; of the funds added from {_NEW}, {added.value} ({added.authority.citation})" if added else ""
        yield passed("regime", x.subject, says, rule.authority, source=x.award.source)


def pass_through(x: AwardUnderTest) -> Iterator[CheckResult]:
    """The share of the award that the terms require the recipient to pass on is obligated in
    subawards."""
    rule = x.award.terms.pass_through.find(x.award.awarded, x.known)
    if rule is None:
        says = "the terms of this award require no share to be passed on"
        yield not_tested("pass_through", x.subject, says, RULEBOOK, source=x.award.source)
        return
    amounts = [x.obligated(s) for s in x.direct]
    if None in amounts:
        says = "the amount of a subaward is not given"
        yield not_tested("pass_through", x.subject, says, rule.authority, source=x.award.source)
        return
    on, least = sum(a for a in amounts if a is not None), share_up(rule.value, x.total)
    says = f"{plain(on)} of {plain(x.total)} is passed on, at least {plain(least)} must be"
    yield judged(on >= least, "pass_through", x.subject, says, rule.authority, x.award.source)


def obligated(x: AwardUnderTest) -> Iterator[CheckResult]:
    """What is obligated in subawards is at most what the award, or the subaward above them,
    obligates."""
    for parent in (x.award.fain, *dict.fromkeys(s.parent for s in x.subawards if s.parent != x.award.fain)):
        is_award = parent == x.award.fain
        subject = x.subject if is_award else f"subaward {parent}"
        room = x.total if is_award else x.obligated(x.network.subaward(parent))
        below = [x.obligated(s) for s in x.subawards if s.parent == parent]
        given = sum(a for a in below if a is not None)
        if room is not None and given > room:
            says = f"{plain(given)} is obligated in subawards, of {plain(room)}"
            yield failed("obligated", subject, says, RULEBOOK, source=x.award.source)
        elif room is None or None in below:
            says = "the amount of a subaward is not given"
            yield not_tested("obligated", subject, says, RULEBOOK, source=x.award.source)
        else:
            says = f"{plain(given)} is obligated in subawards, of {plain(room)}"
            yield passed("obligated", subject, says, RULEBOOK, source=x.award.source)


def mtdc_of_subawards(amounts: Iterable[int], first: int) -> int:
    """What subawards count in modified total direct cost: of each, the first so many cents."""
    return sum(min(amount, first) for amount in amounts)


def added_in(x: AwardUnderTest) -> tuple[BudgetPeriod, ...]:
    """The budget periods of an award made before 1 October 2024 that were funded, or amended
    upward, since then."""

    def added(period: BudgetPeriod) -> bool:
        seen = sorted((f for f in period.amount.facts if f.published <= x.known), key=lambda f: f.published)
        raised = (later for before, later in pairwise(seen) if later.value > before.value)
        return any(fact.published >= _NEW for fact in (*seen[:1], *raised))

    return tuple(p for p in x.award.budget_periods if added(p)) if x.award.awarded < _NEW else ()


def mtdc_across(old: int, total: int, first: int, first_new: int) -> int:
    """What a subaward counts whose funds were in part obligated under the old definition: of the
    old dollars the first $25,000, and of the new ones those among the first $50,000 of the
    subaward, in cents."""
    return min(old, first) + min(total, first_new) - min(old, first_new)


def _mtdc(x: AwardUnderTest) -> int | str:
    """The base of indirect cost in cents; or why it cannot be computed."""
    rule, newer = x.rule("mtdc_of_subaward"), x.rule("mtdc_of_subaward", _NEW)
    assert rule is not None
    amounts = [x.obligated(s) for s in x.direct]
    lines = [b for b in x.record.budget if b.fain == x.award.fain]
    if None in amounts:
        return "the amount of a subaward is not given"
    ours = mtdc_of_subawards((a for a in amounts if a is not None), int(rule.value))
    if added := added_in(x):
        says = x.rule("added_funds")
        if newer is None or says is None or says.value != "by budget period":
            return f"funds were added from {_NEW}, and which definitions hold for them the agency's notice says"
        eve = min(p.days.start for p in added) - timedelta(days=1)
        old = [s.amount.find(eve, x.known) for s in x.direct]
        ours = sum(
            mtdc_across(before.value if before else 0, total or 0, int(rule.value), int(newer.value))
            for before, total in zip(old, amounts, strict=True)
        )
    if not lines:
        return f"subawards count {plain(ours)}; the budget by category is not given"
    return ours + sum(b.amount for b in lines if b.in_mtdc and b.category != "indirect")


def mtdc(x: AwardUnderTest) -> Iterator[CheckResult]:
    """The base counts no more of a subaward than its first dollars (2 CFR 200.1)."""
    rule = x.rule("mtdc_of_subaward")
    if rule is None:
        yield x.no_rule("mtdc", "mtdc_of_subaward")
        return
    base = _mtdc(x)
    if isinstance(base, str):
        yield not_tested("mtdc", x.subject, base, rule.authority, source=x.award.source)
    else:
        says = f"the base is {plain(base)}, with at most {plain(int(rule.value))} of each subaward"
        says += f" before the funds added from {_NEW}" if added_in(x) else ""
        yield passed("mtdc", x.subject, says, rule.authority, source=x.award.source)


def indirect(x: AwardUnderTest) -> Iterator[CheckResult]:
    """A de minimis rate is at most what holds for the award, and the indirect cost budgeted is at
    most rate × base; the same of a subaward's rate."""
    rule = x.rule("de_minimis")
    if rule is None:
        yield x.no_rule("indirect", "de_minimis")
        return
    rates = [(x.subject, x.own.indirect if x.own else "", x.own.indirect_rate if x.own else None)]
    for s in x.subawards:
        own = x.record.of_subaward(s.id)
        rates.append((f"subaward {s.id}", own.indirect if own else "", own.indirect_rate if own else None))
    charged = [f for f in x.network.financials if (f.award, f.name) == (x.award.fain, "indirect_rate")]
    rates += [
        (f"{x.subject}, books of {f.budget_period}", "de_minimis", Fraction(f.value))
        for f in charged
        if x.own and x.own.indirect == "de_minimis" and f.published <= x.known
    ]
    for subject, kind, rate in rates:
        if not kind:
            yield not_tested("indirect", subject, "how indirect cost is charged is not given", rule.authority)
        elif kind == "negotiated":
            says = "the base of a negotiated rate is in its agreement"
            yield not_tested("indirect", subject, says, rule.authority)
        elif kind == "none":
            yield passed("indirect", subject, "none is charged", rule.authority)
        elif rate is None:
            yield not_tested("indirect", subject, "the rate is not given", rule.authority)
        else:
            yield _de_minimis(x, subject, rate, Fraction(rule.value), rule.authority)


def _de_minimis(x: AwardUnderTest, subject: str, rate: Fraction, limit: Fraction, authority: Authority) -> CheckResult:
    newer = x.rule("de_minimis", _NEW) if added_in(x) else None
    if newer and limit < rate <= Fraction(newer.value):
        says = f"the de minimis rate of {percent(rate)} can hold only for the funds added from {_NEW}"
        return not_tested("indirect", subject, says, newer.authority)
    if rate > limit:
        says = f"the de minimis rate of {percent(rate)} is above {percent(limit)}"
        return failed("indirect", subject, says, authority)
    says = f"the de minimis rate of {percent(rate)} is at most {percent(limit)}"
    budgeted = [b.amount for b in x.record.budget if b.fain == x.award.fain and b.category == "indirect"]
    if subject != x.subject or not budgeted:
        return passed("indirect", subject, says, authority)
    if x.rule("mtdc_of_subaward") is None or isinstance(base := _mtdc(x), str):
        return not_tested("indirect", subject, "the base cannot be computed", authority)
    most = round_half_away(base * rate.numerator, rate.denominator)
    says += f"; {plain(sum(budgeted))} is budgeted, of at most {plain(most)} on {plain(base)}"
    return judged(sum(budgeted) <= most, "indirect", subject, says, authority)


def transfers(x: AwardUnderTest) -> Iterator[CheckResult]:
    """Where the agency restricts them and the federal share is above the simplified acquisition
    threshold, transfers among direct cost categories above a tenth of the budget need approval (2
    CFR 200.308(i), 45 CFR 75.308(e))."""
    rule, own, threshold = x.rule("transfers"), x.own, x.rule("threshold")
    if rule is None:
        yield x.no_rule("transfers", "transfers")
    elif threshold is None:
        yield x.no_rule("transfers", "threshold")
    elif x.total <= int(threshold.value):
        says = f"the federal share of {plain(x.total)} is not above the threshold of {plain(int(threshold.value))}"
        yield passed("transfers", x.subject, says, threshold.authority)
    elif own is None or own.transfers_restricted is None:
        says = "whether the agency restricts transfers is not given"
        yield not_tested("transfers", x.subject, says, rule.authority)
    elif not own.transfers_restricted:
        yield passed("transfers", x.subject, "the agency does not restrict transfers", rule.authority)
    elif own.total_budget is None:
        says = "the total budget as last approved is not given"
        yield not_tested("transfers", x.subject, says, rule.authority, source=own.source)
    else:
        moved = sum(t.amount for t in x.record.transfers if t.fain == x.award.fain and t.approved is None)
        most = int(own.total_budget * Fraction(rule.value))
        says = f"{plain(moved)} was moved without approval, at most {plain(most)} of {plain(own.total_budget)} may be"
        yield judged(moved <= most, "transfers", x.subject, says, rule.authority, own.source)


def coverage(x: AwardUnderTest) -> Iterator[CheckResult]:
    """Each HHS region is served by one recipient of the workbook, neither by nobody nor by two,
    where the awards say that they cover the country."""
    if not any(a.nationwide for a in x.network.awards):
        says = "the awards do not say that they cover the country"
        yield not_tested("coverage", x.subject, says, RULEBOOK)
        return
    day = min(x.known, x.award.period.end or x.known)
    wrong = x.network.coverage(day, x.known)
    yield from (failed("coverage", x.subject, f.problem, RULEBOOK, source=x.award.source) for f in wrong)
    if not wrong:
        yield passed("coverage", x.subject, f"each region is served by one recipient on {day}", RULEBOOK)
