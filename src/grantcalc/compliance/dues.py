"""What is due when: the last reports of an award and of its subawards, and how long records are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from grantcalc.compliance.of_subawards import NO_ROW, subject_of
from grantcalc.compliance.record import AwardRecord, SubawardRecord
from grantcalc.compliance.regimes import RegimeValue
from grantcalc.compliance.results import AwardUnderTest, CheckResult, found, judged, not_tested, passed
from grantcalc.known import Fact
from grantcalc.periods import Interval, add_months

REPORTED = "the day of the final financial report is not given"


def closeout_due(x: AwardUnderTest) -> Iterator[CheckResult]:
    """All reports are in 120 days after the award's end, a subrecipient's 90 days after the subaward's (2 CFR
    200.344(b))."""
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
    due = period.end + wait
    if own is not None and own.final_report is not None:
        says = f"the final financial report was submitted on {own.final_report}, due by {due}"
        return judged(own.final_report <= due, "closeout", subject, says, rule.authority, own.source)
    if x.known <= due:
        says = f"{rule.value} days after {period.end}, all reports are due"
        return passed("closeout", subject, says, rule.authority, due)
    if own is None:
        says = f"{REPORTED}, and {due} has passed"
        return not_tested("closeout", subject, says, rule.authority, due)
    return found("closeout", subject, f"no final financial report by {x.known}", rule.authority, due, own.source)


def kept_until(final_report: date, years: int) -> date:
    """The day to which records are kept."""
    return add_months(final_report, 12 * years)


def retention(x: AwardUnderTest) -> Iterator[CheckResult]:
    """Records are kept three years from the final financial report (2 CFR 200.334), longer where there is a claim or an
    audit finding, of which a workbook says nothing."""
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
