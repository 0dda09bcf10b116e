"""Which status a participant has on which day, and on which days the terms do not serve people of
it (Rulebook 4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from attrs import evolve

from grantcalc.billing.caseload import PersonStatus, Registration
from grantcalc.billing.lines import Line
from grantcalc.billing.reasons import Reason
from grantcalc.errors import Finding
from grantcalc.terms import Rules, ServiceRules

NOT_SERVED = ("not_served", "served_days")
"""The codes of reasons that a status gives."""


class StatusSpan(NamedTuple):
    """Days with one status: the first and the last, as ordinals."""

    first: int
    last: int
    status: str


class DaysNotServed(NamedTuple):
    """Days on which a service is not paid for a participant, and why: the first and the last, as
    ordinals."""

    first: int
    last: int
    reason: Reason


def status_spans(rows: Iterable[PersonStatus]) -> list[StatusSpan]:
    """The statuses of one participant in order. Each holds to the day before the next."""
    spans: list[StatusSpan] = []
    for row in sorted(rows, key=attrgetter("effective")):
        first = row.effective.toordinal()
        if spans and spans[-1].status == row.status:
            continue
        if spans:
            spans[-1] = spans[-1]._replace(last=first - 1)
        spans.append(StatusSpan(first, date.max.toordinal(), row.status))
    return spans


def days_not_served(
    rules: ServiceRules, spans: Sequence[StatusSpan], first_enrolled: int | None
) -> list[DaysNotServed]:
    """The days on which the terms do not serve a participant: from N days after the status begins,
    or after the first enrolled day where that is later; N = 0 is never."""
    refused: list[DaysNotServed] = []
    for span in spans:
        for rule in rules.served_days:
            if rule.word("status") != span.status:
                continue
            starts = [span.first, *(day for day in rule.values.starts if span.first < day <= span.last)]
            for start, following in zip(starts, [*starts[1:], span.last + 1], strict=True):
                fact = rule.at(start)
                if fact is None:
                    continue
                days = int(fact.value.value)
                since = max(span.first, first_enrolled or span.first) + days if days else start
                reason = Reason("served_days", (days, span.status)) if days else Reason("not_served", (span.status,))
                if max(start, since) < following:
                    refused.append(DaysNotServed(max(start, since), following - 1, reason))
    return refused


def refuse_costs(lines: Sequence[Line], days: Sequence[DaysNotServed]) -> Iterator[Line]:
    """The cost lines of one participant and service. What falls on days not served is 0 with the
    reason.

    A credit is allowed unless every cost of its subaward and month is refused; where there is no
    cost, its own day decides.
    """

    def reason_of(line: Line) -> Reason | None:
        on = line.day.toordinal() if line.day else 0
        return next((d.reason for d in days if d.first <= on <= d.last), None)

    of_costs: dict[object, list[Reason | None]] = {}
    for line in lines:
        if line.amount >= 0:
            of_costs.setdefault((line.subaward, line.month), []).append(reason_of(line))
    for line in lines:
        reason = reason_of(line)
        if line.amount < 0 and (others := of_costs.get((line.subaward, line.month))):
            reason = None if None in others else others[0]
        yield evolve(line, quantity=0, amount=0, reason=reason) if reason else line


def status_notes(
    rules: Rules, spans: Sequence[StatusSpan], lines: Iterable[Line], registration: Registration
) -> Iterator[Finding]:
    """What a reader of a claim must know of one participant: that the terms do not serve the person
    on some days, or that the status is not known for a day that is billed."""
    lines = [*lines]
    if any(line.reason and line.reason.code in NOT_SERVED for line in lines):
        problem = "the terms do not serve this participant on some days; lines and costs of those days are 0"
        yield registration.source.finding("not_served", problem, severity="warning", column="participant")
    known_from = spans[0].first if spans else date.max.toordinal() + 1
    asked = {s.service.id: s.served_days for s in rules.services}
    for line in lines:
        on = line.day.toordinal() if line.day else 0
        if line.quantity and on < known_from and any(rule.at(on) for rule in asked.get(line.service, ())):
            problem = "the status of this participant is not known for every day that is billed"
            expected = "a row of the Statuses sheet from the first day of service on"
            yield registration.source.finding("no_status", problem, expected, severity="warning", column="participant")
            return
