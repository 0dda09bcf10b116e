"""Tests of each subaward (Rulebook 10): its period, its data elements, the UEI, reporting, a fixed
amount."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from grantcalc.awards import SHAPES, Subaward
from grantcalc.compliance.record import AwardRecord, SubawardRecord
from grantcalc.compliance.results import RULEBOOK, AwardUnderTest, CheckResult, failed, judged, not_tested, passed
from grantcalc.money import plain
from grantcalc.periods import Month
from grantcalc.provenance import Authority

NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv")
NO_ROW = "there is no row for it on the Subaward record sheet"


def subject_of(subaward: Subaward) -> str:
    """How a subaward is named in an outcome."""
    return f"subaward {subaward.id}"


def period(x: AwardUnderTest) -> Iterator[CheckResult]:
    """The period of a subaward lies inside the award's, and inside that of a subaward above it."""
    for s in x.subawards:
        above = x.award.period if s.parent == x.award.fain else x.network.subaward(s.parent).period
        inside = above.clip(s.period) == s.period
        says = f"{s.period} {'lies inside' if inside else 'does not lie inside'} {above}"
        yield judged(inside, "period", subject_of(s), says, RULEBOOK, s.source)


def elements_missing(
    x: AwardUnderTest, s: Subaward, award: AwardRecord, own: SubawardRecord, count: int = 14
) -> tuple[str, ...]:
    """Which of the 14 data elements of 2 CFR 200.332(b)(1), or of the 13 of 45 CFR 75.352(a)(1),
    are not given, by their numbers. The 13 have no budget period of the subaward."""
    who = x.network.organization(s.subrecipient)
    given: dict[str, object] = {
        "name": who.name,
        "uei": who.uei or (own.made and x.rule("uei", own.made) is None),  # a DUNS number then, which is not kept
        "fain": x.award.fain,
        "award date": x.award.awarded,
        "period": s.period.end,
        "budget period": own.budget_start and own.budget_end,
        "obligated": x.obligated(s) is not None,
        "obligated in all": own.obligated_in_all is not None,
        "committed": own.committed is not None,
        "description": award.description,
        "agency": x.award.agency and award.contact and x.network.organization(x.award.recipient).name,
        "listing": x.award.listing and award.listing_title,
        "research": award.research is not None,
        "indirect": own.indirect,
    }
    asked = [value for what, value in given.items() if count == len(given) or what != "budget period"]
    return tuple(f"({number})" for number, value in zip(NUMERALS, asked, strict=False) if not value)


def elements(x: AwardUnderTest) -> Iterator[CheckResult]:
    """Every subaward includes its data elements: 14 (2 CFR 200.332(b)(1)), or 13 (45 CFR
    75.352(a)(1))."""
    rule = x.rule("data_elements")
    if rule is None:
        yield x.no_rule("elements", "data_elements")
        return
    for s in x.subawards:
        own = x.record.of_subaward(s.id)
        if own is None:
            yield not_tested("elements", subject_of(s), NO_ROW, rule.authority)
        else:
            missing = elements_missing(x, s, x.own or AwardRecord(fain=x.award.fain), own, int(rule.value))
            says = f"not given: {', '.join(missing)}" if missing else f"all {rule.value} are given"
            yield judged(not missing, "elements", subject_of(s), says, rule.authority, own.source)


def uei_shape(x: AwardUnderTest) -> Iterator[CheckResult]:
    """A UEI has the shape of one; its checksum is not published and not tested."""
    pattern, expected = SHAPES["UEI"]
    for id in dict.fromkeys((x.award.recipient, *(s.subrecipient for s in x.subawards))):
        who = x.network.organization(id)
        if not who.uei:
            yield not_tested("uei_shape", f"organization {id}", "no UEI is given", RULEBOOK, source=who.source)
        else:
            good = bool(pattern.fullmatch(who.uei))
            says = "it has the format of a UEI" if good else f"it is not {expected}"
            yield judged(good, "uei_shape", f"organization {id}", says, RULEBOOK, who.source)


def uei(x: AwardUnderTest) -> Iterator[CheckResult]:
    """No first-tier subaward made since 4 April 2022 before the subrecipient has given its UEI (2
    CFR 25.300)."""
    made = {s.id: own.made for s in x.direct if (own := x.record.of_subaward(s.id)) and own.made}
    rules = {s.id: x.rule("uei", made.get(s.id)) for s in x.direct}
    if not any(rules.values()) and (rules or x.rule("uei") is None):
        yield x.no_rule("uei", "uei")
        return
    for s in x.direct:
        subject, own, rule = subject_of(s), x.record.of_subaward(s.id), rules[s.id]
        if rule is None:
            on = made.get(s.id, x.award.awarded)
            says = f"for a subaward made on {on} the DUNS number was given, which is not kept"
            yield not_tested("uei", subject, says, Authority(x.regimes.titles["uei"]), source=s.source)
        elif not x.network.organization(s.subrecipient).uei:
            yield failed("uei", subject, "the subrecipient has given no UEI", rule.authority, source=s.source)
        elif own is None:
            yield not_tested("uei", subject, NO_ROW, rule.authority)
        elif own.uei_on is None or own.made is None:
            says = "the day of the UEI or of the subaward is not given"
            yield not_tested("uei", subject, says, rule.authority, source=own.source)
        else:
            says = f"UEI given on {own.uei_on}, subaward made on {own.made}"
            yield judged(own.uei_on <= own.made, "uei", subject, says, rule.authority, own.source)


def reporting_due(made: date) -> date:
    """The end of the month after the month in which a subaward was made."""
    return Month.of(made).plus(1).last


def amounts_by_day(x: AwardUnderTest, s: Subaward, made: date) -> Iterator[tuple[date, int]]:
    """What was obligated in a subaward when it was made, and from each later day on which another
    total was known."""
    days = sorted({fact.published for fact in s.amount.facts if fact.published <= x.known})
    for day in (made, *(day for day in days if day > made)):
        amount = s.amount.find(s.period.last, day if day > made else max(made, days[0]))
        if amount is not None:
            yield day, amount.value


def reportable_since(amounts: Iterable[tuple[date, int]], least: int) -> tuple[date | None, bool]:
    """From which day a subaward is reportable, None where it is not; and whether an amendment
    brought it below the threshold before its report was due. One brought below after that day stays
    reportable."""
    since, lowered = None, False
    for day, amount in amounts:
        if since is None and amount >= least:
            since, lowered = day, False
        elif since is not None and amount < least and day <= reporting_due(since):
            since, lowered = None, True
    return since, lowered


def reporting(x: AwardUnderTest) -> Iterator[CheckResult]:
    """First-tier subawards of $30,000 or more ($25,000 before 12 November 2020) are reported by the
    end of the month after that in which they were made, or were brought there (2 CFR 170); not by a
    recipient with little income."""
    rule, exempt = x.rule("reporting"), x.rule("reporting_exempt")
    if rule is None:
        yield x.no_rule("reporting", "reporting")
        return
    income = x.own.gross_income if x.own else None
    for s in x.direct:
        subject, own, amount = subject_of(s), x.record.of_subaward(s.id), x.obligated(s)
        seen = [fact.value for fact in s.amount.facts if fact.published <= x.known]
        if amount is None:
            yield not_tested("reporting", subject, "its amount is not given", rule.authority, source=s.source)
        elif exempt and income is not None and income < int(exempt.value):
            says = f"the recipient's gross income of {plain(income)} is under {plain(int(exempt.value))}"
            yield passed("reporting", subject, says, exempt.authority, source=s.source)
        elif max(seen) < int(rule.value):
            yield passed("reporting", subject, f"{plain(amount)} need not be reported", rule.authority, source=s.source)
        elif own is None or own.made is None:
            says = NO_ROW if own is None else "the day on which it was made is not given"
            yield not_tested("reporting", subject, says, rule.authority, source=s.source)
        else:
            since, lowered = reportable_since(amounts_by_day(x, s, own.made), int(rule.value))
            yield _reported(x, subject, own, since, lowered, rule.authority)


def _reported(
    x: AwardUnderTest, subject: str, own: SubawardRecord, since: date | None, lowered: bool, authority: Authority
) -> CheckResult:
    if since is None:
        if lowered:
            says = "brought below the threshold before its report was due, of which the rule says nothing"
            return not_tested("reporting", subject, says, authority, source=own.source)
        return passed("reporting", subject, "it never reached the threshold", authority, source=own.source)
    due = reporting_due(since)
    if own.reported is not None:
        says = f"reported on {own.reported}, due by {due}"
        return judged(own.reported <= due, "reporting", subject, says, authority, own.source)
    if x.known > due:
        return failed("reporting", subject, f"not reported by {x.known}", authority, due, own.source)
    return passed("reporting", subject, "to be reported", authority, due, own.source)


def fixed_amount(x: AwardUnderTest) -> Iterator[CheckResult]:
    """A fixed amount subaward is at most $500,000, or the threshold of 45 CFR 75.353, with prior
    approval (2 CFR 200.333), and there is none where cost sharing is required (2 CFR
    200.201(b)(2))."""
    limit = x.rule("fixed_amount")
    if limit is None:
        yield x.no_rule("fixed_amount", "fixed_amount")
        return
    for s in x.subawards:
        subject, own = subject_of(s), x.record.of_subaward(s.id)
        if own is None or not own.agreement:
            says = NO_ROW if own is None else "the kind of agreement is not given"
            yield not_tested("fixed_amount", subject, says, limit.authority, source=s.source)
        elif own.agreement == "cost_reimbursement":
            yield passed("fixed_amount", subject, "no part of it is a fixed amount", limit.authority, source=own.source)
        else:
            yield _fixed(x, s, own, int(limit.value), limit.authority)
            yield _sharing(x, subject, own)


def _fixed(x: AwardUnderTest, s: Subaward, own: SubawardRecord, limit: int, authority: Authority) -> CheckResult:
    subject = subject_of(s)
    amount = own.fixed if own.fixed is not None or own.agreement == "both" else x.obligated(s)
    if amount is None:
        says = "the part that is a fixed amount is not given"
        return not_tested("fixed_amount", subject, says, authority, source=own.source)
    if amount > limit:
        says = f"{plain(amount)} is more than {plain(limit)}"
        return failed("fixed_amount", subject, says, authority, source=own.source)
    if own.approved is None:
        says = f"{plain(amount)} has no prior approval of the federal agency"
        return failed("fixed_amount", subject, says, authority, source=own.source)
    if own.made is None:
        says = "the day on which it was made is not given"
        return not_tested("fixed_amount", subject, says, authority, source=own.source)
    says = f"{plain(amount)} of at most {plain(limit)}, approved on {own.approved}, made on {own.made}"
    return judged(own.approved <= own.made, "fixed_amount", subject, says, authority, own.source)


def _sharing(x: AwardUnderTest, subject: str, own: SubawardRecord) -> CheckResult:
    rule = x.rule("fixed_amount_sharing")
    if rule is None:
        return x.no_rule("fixed_amount", "fixed_amount_sharing", subject)
    required = x.own.cost_sharing if x.own else None
    if required is None:
        says = "whether cost sharing is required is not given"
        return not_tested("fixed_amount", subject, says, rule.authority, source=own.source)
    says = "cost sharing is required" if required else "no cost sharing is required"
    return judged(not required, "fixed_amount", subject, says, rule.authority, own.source)
