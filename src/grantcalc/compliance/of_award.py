"""Tests of the award as a whole (Rulebook 10): what is passed on, obligated, charged as indirect cost, moved, and above
a ceiling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from grantcalc.billing.lines import Reduction
from grantcalc.compliance.results import RULEBOOK, AwardUnderTest, CheckResult, found, judged, not_tested, passed
from grantcalc.known import Series
from grantcalc.ledger.requests import assemble, requests
from grantcalc.money import Rate, plain, round_half_away, share_up
from grantcalc.provenance import Authority
from grantcalc.regions import Region
from grantcalc.terms import Bound
from grantcalc.terms.rules import percent

NO_CASELOAD = "no caseload of this award was given"


def regime(x: AwardUnderTest) -> Iterator[CheckResult]:
    """Which rules hold, by agency and day of award."""
    rule = x.rule("regime")
    if rule is None:
        yield x.no_rule("regime", "regime")
    else:
        says = f"{rule.value}, for an award made on {x.award.awarded}"
        yield passed("regime", x.subject, says, rule.authority, source=x.award.source)


def pass_through(x: AwardUnderTest) -> Iterator[CheckResult]:
    """The share of the award that the terms require the recipient to pass on is obligated in subawards."""
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
    """What is obligated in subawards is at most what the award, or the subaward above them, obligates."""
    for parent in (x.award.fain, *dict.fromkeys(s.parent for s in x.subawards if s.parent != x.award.fain)):
        is_award = parent == x.award.fain
        subject = x.subject if is_award else f"subaward {parent}"
        room = x.total if is_award else x.obligated(x.network.subaward(parent))
        below = [x.obligated(s) for s in x.subawards if s.parent == parent]
        given = sum(a for a in below if a is not None)
        if room is not None and given > room:
            says = f"{plain(given)} is obligated in subawards, of {plain(room)}"
            yield found("obligated", subject, says, RULEBOOK, source=x.award.source)
        elif room is None or None in below:
            says = "the amount of a subaward is not given"
            yield not_tested("obligated", subject, says, RULEBOOK, source=x.award.source)
        else:
            says = f"{plain(given)} is obligated in subawards, of {plain(room)}"
            yield passed("obligated", subject, says, RULEBOOK, source=x.award.source)


def mtdc_of_subawards(amounts: Iterable[int], first: int) -> int:
    """What subawards count in modified total direct cost: of each, the first so many cents."""
    return sum(min(amount, first) for amount in amounts)


def _mtdc(x: AwardUnderTest) -> int | str:
    """The base of indirect cost in cents; or why it cannot be reckoned."""
    rule = x.rule("mtdc_of_subaward")
    assert rule is not None
    amounts = [x.obligated(s) for s in x.direct]
    lines = [b for b in x.record.budget if b.fain == x.award.fain]
    if None in amounts:
        return "the amount of a subaward is not given"
    ours = mtdc_of_subawards((a for a in amounts if a is not None), int(rule.value))
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
        yield passed("mtdc", x.subject, says, rule.authority, source=x.award.source)


def indirect(x: AwardUnderTest) -> Iterator[CheckResult]:
    """A de minimis rate is at most what holds for the award, and the indirect cost budgeted is at most rate × base; the
    same of a subaward's rate."""
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
    if rate > limit:
        says = f"the de minimis rate of {percent(rate)} is above {percent(limit)}"
        return found("indirect", subject, says, authority)
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
    """Where the agency restricts them, transfers among direct cost categories above a tenth of the budget need
    approval (2 CFR 200.308(i))."""
    rule, own = x.rule("transfers"), x.own
    if rule is None:
        yield x.no_rule("transfers", "transfers")
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


def single_audit(x: AwardUnderTest) -> Iterator[CheckResult]:
    """An organization that expends so much of federal awards in a fiscal year is audited (2 CFR 200.501)."""
    for id in dict.fromkeys((x.award.recipient, *(s.subrecipient for s in x.subawards))):
        years = [y for y in x.record.fiscal_years if y.organization == id]
        if not years:
            says = "what it expends in a fiscal year is not given"
            yield not_tested("audit", f"organization {id}", says, Authority(x.regimes.titles["audit"]))
        for y in years:
            subject, rule = f"organization {id}, year from {y.start}", x.rule("audit", y.start)
            if rule is None:
                yield x.no_rule("audit", "audit", subject)
                continue
            says = f"{plain(y.expended)} expended, audited from {plain(int(rule.value))} on"
            if y.expended >= int(rule.value):
                says += f", audited on {y.audited}" if y.audited else ", no audit is given"
            good = y.expended < int(rule.value) or y.audited is not None
            yield judged(good, "audit", subject, says, rule.authority, y.source)


def _reductions(x: AwardUnderTest) -> tuple[Reduction, ...]:
    """What ceilings hold back of the award, those of parents and of the award itself included."""
    assert x.claim is not None
    asked = requests(assemble([x.claim]), x.network, x.known)
    return tuple(reduction for r in asked if r.award == x.award.fain for reduction in r.reductions)


def shares(x: AwardUnderTest) -> Iterator[CheckResult]:
    """A pool is at most its share (Rulebook 7.5); what is above it is held back."""
    rules = x.award.terms.shares
    if not rules:
        says = "the terms of this award limit no pool"
        yield not_tested("shares", x.subject, says, RULEBOOK, source=x.award.source)
    for share in rules:
        at_most = share.at_most.find(x.award.period.end or x.known, x.known)
        authority = at_most.authority if at_most else share.authority
        if x.billed is None or at_most is None:
            yield not_tested("shares", x.subject, f"{share.id}: {NO_CASELOAD}", authority)
            continue
        over = [r for r in _reductions(x) if (r.kind, r.id) == ("share", share.id)]
        held = -sum(r.amount for r in over)
        what = f"{share.id}, at most {percent(at_most.value)} of {share.of}"
        says = f"{what}: {plain(held)} is above it and held back" if held else f"{what}: nothing is above it"
        yield judged(not held, "shares", x.subject, says, authority)


def _bounds(x: AwardUnderTest) -> Iterator[CheckResult]:
    """A rate that the award fills in is at most what the agency may set (38 USC 2012(a)(2)(B)); says nothing where the
    terms bound no rate."""
    for bound in x.award.terms.bounds:
        for service in (x.award.terms.service(id) for id in bound.services):
            for series in service.rates.values():
                yield _bounded(x, bound, service.id, series)


def _bounded(x: AwardUnderTest, bound: Bound, service: str, series: Series[Rate]) -> CheckResult:
    """The rate on each day so far from which it, its base or its bound is another."""
    rates, bases, most, waived = (s.as_known(x.known) for s in (series, bound.base, bound.at_most, bound.waived))
    subject, above = f"{x.subject}, {service}", None
    starts = sorted({start for steps in (rates, bases, most, waived) for start in steps.starts})
    last = min(x.known, x.award.period.last).toordinal()
    tested = [day for day in starts if day <= last and rates.find(day) and most.find(day)]
    for day in tested:
        rate, base, limit, wider = rates.at(day), bases.find(day), most.at(day), waived.find(day)
        if base is None:
            says = f"the base of the bound on {date.fromordinal(day)} is not given, {rate.value} is the rate"
            return not_tested("ceilings", subject, says, limit.authority, source=rate.source)
        top = limit.value.value * base.value.value
        says = f"{rate.value} on {date.fromordinal(day)}, at most {limit.value} × {base.value} = {Rate(top)}"
        if rate.value.value > max(top, wider.value.value * base.value.value if wider else top):
            return found("ceilings", subject, says, limit.authority, source=rate.source)
        if rate.value.value > top and wider:
            says += f"; up to {wider.value} × needs a waiver, which is not given"
            above = above or not_tested("ceilings", subject, says, wider.authority, source=rate.source)
    says = "each rate is at most what the agency may set" if tested else "the award fills in no rate"
    return above or (passed if tested else not_tested)("ceilings", subject, says, bound.authority)


def ceilings(x: AwardUnderTest) -> Iterator[CheckResult]:
    """No rate is above its bound; no month and no amount is above a ceiling; what is, is named and not paid (Rulebook
    4.3, 7)."""
    yield from _bounds(x)
    claim = x.billed
    if claim is None:
        yield not_tested("ceilings", x.subject, NO_CASELOAD, RULEBOOK)
        return
    held: dict[tuple[str, Authority], int] = defaultdict(int)
    for reduction in _reductions(x):
        if reduction.kind not in ("share", "disallowance"):
            held[reduction.name, reduction.authority] += reduction.amount
    months: dict[str, int] = defaultdict(int)
    for line in claim.lines:
        if line.award == x.award.fain and line.reason and line.reason.code == "month_limit":
            months[f"{line.service}, {line.reason}"] += line.count
    for (ceiling, authority), amount in sorted(held.items()):
        yield found("ceilings", x.subject, f"{ceiling}: {plain(-amount)} is above it and held back", authority)
    for what, n in sorted(months.items()):
        says = f"{what}: {n} month{'' if n == 1 else 's'} above it, not allowed"
        yield found("ceilings", x.subject, says, Authority("Rulebook 4.3"))
    if not held and not months:
        yield passed(
            "ceilings", x.subject, "no month and no amount of the caseloads given is above a ceiling", RULEBOOK
        )


def coverage(x: AwardUnderTest) -> Iterator[CheckResult]:
    """Each HHS region is served by one recipient of the workbook, neither by nobody nor by two."""
    fains = {a.fain for a in x.network.awards}
    if not any(a.holder in fains and isinstance(a.place, Region) for a in x.network.areas):
        yield not_tested("coverage", x.subject, "no HHS region that an award serves is given", RULEBOOK)
        return
    day = min(x.known, x.award.period.end or x.known)
    wrong = x.network.coverage(day, x.known)
    for finding in wrong:
        yield found("coverage", x.subject, f"{finding.problem}; found {finding.found}", RULEBOOK, source=x.award.source)
    if not wrong:
        yield passed("coverage", x.subject, f"each region is served by one recipient on {day}", RULEBOOK)
