"""Tests of what the terms of an award limit (Rulebook 10): shares of a pool, ceilings, and what an
agency may set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from grantcalc.billing.lines import Reduction
from grantcalc.compliance.results import RULEBOOK, AwardUnderTest, CheckResult, failed, judged, not_tested, passed
from grantcalc.known import Series
from grantcalc.ledger.requests import assemble, requests
from grantcalc.money import Rate, plain
from grantcalc.provenance import Authority
from grantcalc.terms import Bound
from grantcalc.terms.rules import percent

NO_CASELOAD = "no caseload of this award was given"


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
    """A rate that the award fills in is at most what the agency may set (38 USC 2012(a)(2)(B));
    says nothing where the terms bound no rate."""
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
            return failed("ceilings", subject, says, limit.authority, source=rate.source)
        if rate.value.value > top and wider:
            says += f"; up to {wider.value} × needs a waiver, which is not given"
            above = above or not_tested("ceilings", subject, says, wider.authority, source=rate.source)
    says = "each rate is at most what the agency may set" if tested else "the award fills in no rate"
    return above or (passed if tested else not_tested)("ceilings", subject, says, bound.authority)


def ceilings(x: AwardUnderTest) -> Iterator[CheckResult]:
    """No rate is above its bound; no month and no amount is above a ceiling; what is, is named and
    not paid (Rulebook 4.3, 7)."""
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
        yield failed("ceilings", x.subject, f"{ceiling}: {plain(-amount)} is above it and held back", authority)
    for what, n in sorted(months.items()):
        says = f"{what}: {n} month{'' if n == 1 else 's'} above it, not allowed"
        yield failed("ceilings", x.subject, says, Authority("Rulebook 4.3"))
    if not held and not months:
        yield passed(
            "ceilings", x.subject, "no month and no amount of the caseloads given is above a ceiling", RULEBOOK
        )
