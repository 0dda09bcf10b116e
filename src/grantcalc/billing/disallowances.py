"""Disallowances: dated facts that billing reads, which reduce their lines before ceilings (Rulebook
8.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from grantcalc.awards import Disallowance
from grantcalc.billing.caseload import Caseload, DisallowedCost
from grantcalc.billing.lines import Line
from grantcalc.billing.reductions import ReducedLines, filling_order
from grantcalc.errors import Finding
from grantcalc.money import plain
from grantcalc.periods import Month
from grantcalc.provenance import Authority, Word

NamedCosts = Mapping[str, tuple[str, DisallowedCost]]
"""By the number of a disallowance, the issuer that says whose or which cost it is, and what it
says."""
DisallowedKey = tuple[str, str, Month, str]
"""Subaward, service, month and number."""


def named_costs(loads: Iterable[Caseload]) -> NamedCosts:
    """What caseloads as known say of disallowances by their numbers."""
    return {row.number: (load.issuer, row) for load in loads for row in load.disallowed}


def disallow(
    reduced: ReducedLines,
    rows: Iterable[Disallowance],
    known: date,
    named: NamedCosts | None = None,
    taken: Mapping[DisallowedKey, int] | None = None,
) -> list[Finding]:
    """Take what is disallowed off the lines of its subaward, service and month: those of the cost
    that a caseload `named`, or else the last in the order of filling first (Rulebook 8.4, 8.4.4).
    What claims have `taken` already is not taken again. What finds no line to reduce is a warning,
    and reduces nothing."""
    named, taken = named or {}, taken or {}
    sums: dict[tuple[str, str, Month, str], list[Disallowance]] = defaultdict(list)
    for row in sorted(rows, key=lambda d: (d.published, d.reference)):
        if row.published <= known:
            sums[row.subaward, row.service, row.month, row.reference].append(row)
    findings: list[Finding] = []
    for key, cents in sorted(sums.items(), key=lambda said: said[0][3] not in named):  # else others may take its line
        (subaward, service, month, reference), left = key, sum(row.amount for row in cents) - taken.get(key, 0)
        authority = Authority(f"disallowance {reference}", f"published {cents[0].published}")
        inside = [
            i
            for i, x in enumerate(reduced.lines)
            if (x.subaward, x.service, x.month) == (subaward, service, month)
            and (reference not in named or _is_of(x, *named[reference]))
        ]
        for index in reversed(filling_order(reduced, inside)):
            amount = min(reduced.allowed[index], left)
            if amount > 0:
                reduced.reduce(index, amount, ("disallowance", reference), str(month), 0, authority)
                left -= amount
        if left:
            problem, expected = (
                f"{plain(left)} of this disallowance has no billed cost to reduce",
                "billed",
            )
            if left < 0:
                problem, expected = f"{plain(-left)} of this reversal was never disallowed", "disallowed"
            findings.append(
                cents[0].source.finding(
                    "disallowance",
                    problem,
                    f"at most what is {expected}",
                    Word(str(month)),
                    column="amount",
                    severity="warning",
                )
            )
    return findings


def _is_of(line: Line, issuer: str, cost: DisallowedCost) -> bool:
    """Whether a line is of the cost that an issuer names."""
    whose = cost.participant is None or line.participant == cost.participant
    return line.issuer == issuer and whose and cost.reference in ("", line.reference)
