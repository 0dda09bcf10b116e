"""The rows of one award, as known: of each participant, and of subawards as a whole."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define, field

from grantcalc.billing.caseload import (
    Absence,
    Caseload,
    Characteristic,
    Cost,
    Count,
    Enrollment,
    Household,
    OpeningBalance,
    PersonStatus,
    Registration,
    UnitsUsed,
)
from grantcalc.billing.deadlines import ToldRows
from grantcalc.billing.elsewhere import EnrolledElsewhere
from grantcalc.eligibility import Letter, Participant
from grantcalc.known import Fact, Series, Steps
from grantcalc.provenance import Authority

CaseRow = (
    Enrollment
    | PersonStatus
    | Letter
    | Household
    | Cost
    | UnitsUsed
    | Absence
    | Characteristic
    | OpeningBalance
    | EnrolledElsewhere
)
T = TypeVar("T", bound=CaseRow)


@define
class CaseFacts:
    """What is known of one participant under one award: rows by their kind, and of most kinds
    none."""

    rows: dict[type[Any], list[Any]] = field(factory=dict)

    def add(self, row: CaseRow) -> None:
        """One more row of its kind."""
        self.rows.setdefault(type(row), []).append(row)

    def of(self, kind: type[T]) -> list[T]:
        """The rows of one kind, in order."""
        return self.rows.get(kind, [])

    def used(self) -> dict[tuple[str, str], int]:
        """Cents used before, by window and pool (Rulebook 7.8)."""
        used: dict[tuple[str, str], int] = {}
        for x in self.of(OpeningBalance):
            if x.amount:
                used[x.window, x.pool] = used.get((x.window, x.pool), 0) + x.amount
        return used


@define
class AwardFacts:
    """What is known under one award: of each participant, and of subawards as a whole."""

    people: dict[Participant, CaseFacts] = field(factory=lambda: defaultdict(CaseFacts))
    registered: dict[Participant, Registration] = field(factory=dict)
    counts: list[tuple[str, Count]] = field(factory=list)
    costs: list[tuple[str, Cost]] = field(factory=list)
    figures: dict[tuple[str, str], Steps[Decimal]] = field(factory=dict)
    told: ToldRows = field(factory=dict)


def subawards_used(loads: tuple[Caseload, ...]) -> set[str]:
    """The subawards of which caseloads as known tell anything."""
    return {row.subaward for c in loads for rows in (c.enrollments, c.costs, c.counts, c.units) for row in rows}


def gather_facts(loads: tuple[Caseload, ...], fain: str, mine: set[str], known: date) -> AwardFacts:
    """The rows of one award, of caseloads as known: enrollments, costs and units say who is served
    under it, and the other rows follow."""
    facts = AwardFacts()
    for load in loads:
        _served(facts, load, mine)
        facts.registered.update((r.participant, r) for r in load.participants)
        for kind in ("statuses", "letters", "households", "absences", "characteristics", "openings", "elsewhere"):
            for row in getattr(load, kind):
                if getattr(row, "award", fain) == fain and row.participant in facts.people:
                    facts.people[row.participant].add(row)
        facts.counts += [(load.issuer, c) for c in load.counts if c.subaward in mine]
    facts.counts.sort(
        key=lambda x: (x[0], x[1].subaward, x[1].month, x[1].service, x[1].phase, x[1].unit, x[1].quantity)
    )
    facts.costs.sort(key=lambda x: (x[0], x[1].service, cost_order(x[1])))
    facts.figures = _figures(loads, mine, known)
    return facts


def _served(facts: AwardFacts, load: Caseload, mine: set[str]) -> None:
    for enrollment in load.enrollments:
        if enrollment.subaward in mine:
            facts.people[enrollment.participant].add(enrollment)
    for units in load.units:
        if units.subaward in mine:
            facts.people[units.participant].add(units)
    for cost in load.costs:
        if cost.subaward in mine:
            if cost.participant is None:
                facts.costs.append((load.issuer, cost))
            else:
                facts.people[cost.participant].add(cost)


def _figures(loads: tuple[Caseload, ...], mine: set[str], known: date) -> dict[tuple[str, str], Steps[Decimal]]:
    """The figures of each site, as known."""
    series: dict[tuple[str, str], list[Fact[Decimal]]] = defaultdict(list)
    for load in loads:
        for figure in load.figures:
            if figure.subaward in mine:
                stated = Authority(f"{figure.name} reported by {load.issuer}")
                fact = Fact(figure.value, figure.effective, figure.published, stated, figure.source)
                series[figure.subaward, figure.name].append(fact)
    return {
        (subaward, name): Series(f"figure {name} of subaward {subaward}", facts).as_known(known)
        for (subaward, name), facts in series.items()
    }


def cost_order(cost: Cost) -> tuple[object, ...]:
    """The order of costs, whatever the order of their rows."""
    return (cost.months, cost.paid, cost.category, cost.amount, cost.reference, cost.subaward, cost.published)
