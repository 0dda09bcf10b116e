"""Disallowances: dated facts that billing reads, which reduce their lines before ceilings (Rulebook 8.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from grantcalc.awards import Disallowance
from grantcalc.billing.reductions import Standing, filling_order
from grantcalc.errors import Finding
from grantcalc.money import plain
from grantcalc.periods import Month
from grantcalc.provenance import Authority, Word


def disallow(standing: Standing, rows: Iterable[Disallowance], known: date) -> list[Finding]:
    """Take what is disallowed off the lines of its subaward, service and month, the last in the order of filling first
    (Rulebook 8.4, choice). What finds no line to reduce is a warning, and reduces nothing."""
    sums: dict[tuple[str, str, Month, str], list[Disallowance]] = defaultdict(list)
    for row in sorted(rows, key=lambda d: (d.published, d.reference)):
        if row.published <= known:
            sums[row.subaward, row.service, row.month, row.reference].append(row)
    findings: list[Finding] = []
    for (subaward, service, month, reference), found in sums.items():
        left = sum(row.amount for row in found)
        authority = Authority(f"disallowance {reference}", f"published {found[0].published}")
        inside = [
            i for i, x in enumerate(standing.lines) if (x.subaward, x.service, x.month) == (subaward, service, month)
        ]
        for index in reversed(filling_order(standing, inside)):
            amount = min(standing.stands[index], left)
            if amount > 0:
                standing.hold(index, amount, ("disallowance", reference), str(month), 0, authority)
                left -= amount
        if left:
            problem, expected = (
                f"{plain(left)} of this disallowance finds nothing billed that it could reduce",
                "billed",
            )
            if left < 0:
                problem, expected = f"{plain(-left)} of this reversal was never disallowed", "disallowed"
            findings.append(
                found[0].source.finding(
                    "disallowance",
                    problem,
                    f"at most what is {expected}",
                    Word(str(month)),
                    column="amount",
                    severity="warning",
                )
            )
    return findings
