"""What is due when: the last reports of an award and of its subawards, single audits, and how long
records are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from grantcalc.compliance.of_subawards import NO_ROW, subject_of
from grantcalc.compliance.record import AwardRecord, FiscalYear, SubawardRecord
from grantcalc.compliance.regimes import RegimeValue
from grantcalc.compliance.results import AwardUnderTest, CheckResult, failed, judged, not_tested, passed
from grantcalc.known import Fact
from grantcalc.money import plain
from grantcalc.periods import Interval, add_months
from grantcalc.provenance import Authority

REPORTED = "the day of the final financial report is not given"


def closeout_due(x: AwardUnderTest) -> Iterator[CheckResult]:
    """All reports are in 120 days after the award's end, a subrecipient's 90 days after the
    subaward's (2 CFR 200.344(b)); before, 90 days for both, or as many to 120 as the award gives
    (45 CFR 75.381(a))."""
    rule, below = x.rule("closeout_recipient"), x.rule("closeout_subrecipient")
    if rule is None or below is None:
        yield x.no_rule("closeout", "closeout_recipient")
        return
    yield _closed(x, x.subject, x.award.period, x.own, rule)
    for s in x.subawards:
        yield _closed(x, subject_of(s), s.period, x.record.of_subaward(s.id), below)


def _closed(
    x: AwardUnderTest, subject: str, period: Interval, own: AwardRecord | SubawardRecord | None, rule: Fact[RegimeValue]
) -> CheckResult:
    wait = timedelta(days=int(rule.value))
    if period.end is None or date.max - period.end < wait:
        return not_tested("closeout", subject, "its last day is not given", rule.authority)
    due, reported = period.end + wait, own.final_report if own else None
    longer = x.rule("closeout_longer")
    if longer and due < (reported or x.known) <= period.end + timedelta(days=int(longer.value)):
        says = f"the final report was submitted on {reported}" if reported else f"no final report by {x.known}"
        says += f", due by {due} or {longer.value} days after {period.end} at most: see the award"
        return not_tested("closeout", subject, says, longer.authority, due)
    if own is not None and reported is not None:
        says = f"the final financial report was submitted on {reported}, due by {due}"
        return judged(reported <= due, "closeout", subject, says, rule.authority, own.source)
    if x.known <= due:
        says = f"{rule.value} days after {period.end}, all reports are due"
        return passed("closeout", subject, says, rule.authority, due)
    if own is None:
        says = f"{REPORTED}, and {due} has passed"
        return not_tested("closeout", subject, says, rule.authority, due)
    return failed("closeout", subject, f"no final financial report by {x.known}", rule.authority, due, own.source)


def kept_until(final_report: date, years: int) -> date:
    """The day to which records are kept."""
    return add_months(final_report, 12 * years)


def retention(x: AwardUnderTest) -> Iterator[CheckResult]:
    """Records are kept three years from the final financial report (2 CFR 200.334), longer where
    there is a claim or an audit finding, of which a workbook says nothing."""
    rule = x.rule("records")
    if rule is None:
        yield x.no_rule("records", "records")
        return
    subjects: list[tuple[str, AwardRecord | SubawardRecord | None]] = [(x.subject, x.own)]
    subjects += [(subject_of(s), x.record.of_subaward(s.id)) for s in x.subawards]
    for subject, own in subjects:
        if own is None or own.final_report is None:
            says = NO_ROW if own is None and subject != x.subject else REPORTED
            yield not_tested("records", subject, says, rule.authority)
        else:
            until = kept_until(own.final_report, int(rule.value))
            says = f"{rule.value} years from {own.final_report}"
            yield passed("records", subject, says, rule.authority, until, own.source)


def audit_due(y: FiscalYear) -> date:
    """The earlier of nine months after the fiscal year and 30 days after the auditor's report (2
    CFR 200.512(a)(1)).

    Of a Saturday or Sunday it is the Monday after; federal holidays are not known here.
    """
    due = add_months(y.start, 12 + 9) - timedelta(days=1)
    if y.audited is not None:
        due = min(due, y.audited + timedelta(days=30))
    return due + timedelta(days=7 - due.weekday() if due.weekday() >= 5 else 0)


def single_audit(x: AwardUnderTest) -> Iterator[CheckResult]:
    """An organization that expends so much of federal awards in a fiscal year is audited (2 CFR
    200.501)."""
    for id in dict.fromkeys((x.award.recipient, *(s.subrecipient for s in x.subawards))):
        years = [y for y in x.record.fiscal_years if y.organization == id]
        if not years:
            says = "what it expends in a fiscal year is not given"
            yield not_tested("audit", f"organization {id}", says, Authority(x.regimes.titles["audit"]))
        for y in years:
            yield _audited(x, y, f"organization {id}, year from {y.start}")


def _audited(x: AwardUnderTest, y: FiscalYear, subject: str) -> CheckResult:
    rule, options = x.rule("audit", y.start), x.rule("audit_for_profit", y.start)
    if rule is None or options is None:
        return x.no_rule("audit", "audit", subject)
    authority, says = rule.authority, f"{plain(y.expended)} expended, audited from {plain(int(rule.value))} on"
    if y.for_profit and options.value == "outside":
        says = "a for-profit organization is outside the audit requirements; its subaward says what holds"
        return passed("audit", subject, says, options.authority, source=y.source)
    if y.for_profit:
        authority = options.authority
        says += ", by a financial related audit of its HHS awards or by a single audit"
    if y.expended < int(rule.value):
        return passed("audit", subject, says, authority, source=y.source)
    return _audit_in_time(x, y, subject, says, authority)


def _audit_in_time(x: AwardUnderTest, y: FiscalYear, subject: str, says: str, authority: Authority) -> CheckResult:
    due = audit_due(y)
    if y.submitted is not None:
        says += f", submitted on {y.submitted}, due by {due}"
        return judged(y.submitted <= due, "audit", subject, says, authority, y.source)
    says += f", audited on {y.audited}" if y.audited else ""
    if x.known <= due:
        return passed("audit", subject, says, authority, due, y.source)
    if y.audited:
        says += "; the day on which it was submitted is not given"
        return not_tested("audit", subject, says, authority, due, y.source)
    return failed("audit", subject, f"{says}, no audit is given by {x.known}", authority, due, y.source)
