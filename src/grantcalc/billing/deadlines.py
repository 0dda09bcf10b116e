"""A deadline for claims: what was told of a month by then, and later only less (Rulebook 3.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from grantcalc.billing.caseload import ROWS, Caseload, Count, UnitsUsed
from grantcalc.billing.reasons import Reason
from grantcalc.keys import KEYS, in_force
from grantcalc.periods import month_number, month_span
from grantcalc.terms import Rules, ServiceRules

ToldRows = Mapping[object, list[Any]]
"""The rows of counts and units by issuer and key, with every row that restates one."""
_DEADLINE = "claim_within"


def month_end(day: int) -> int:
    """The last day of the month of a day."""
    return month_span(month_number(day))[1]


def told_of(loads: Iterable[Caseload], rules: Rules) -> ToldRows:
    """Every row of counts and units that caseloads told by `known`; nothing where the terms have no
    deadline."""
    told: dict[object, list[Any]] = defaultdict(list)
    if any(_DEADLINE in service.provisions for service in rules.services):
        for load in loads:
            for name in ("counts", "units"):
                for row in (row for row in getattr(load, name) if row.published <= rules.known):
                    told[load.issuer, KEYS[ROWS[name]].of(row)].append(row)
    return told


def in_time(
    row: Count | UnitsUsed, issuer: str, day: int, rules: ServiceRules, told: ToldRows
) -> tuple[int, Reason | None]:
    """How much of a row is paid: at most what was told by the deadline of its month; and why no
    more, where it is less."""
    for rule in rules.provisions.get(_DEADLINE, ()):
        if limit := rule.at(day):
            days = int(limit.value.value)
            key = KEYS["Units" if isinstance(row, UnitsUsed) else "Counts"]
            by_then = in_force(told[issuer, key.of(row)], key, date.fromordinal(month_end(day) + days))
            paid = min([row.quantity, *(then.quantity for then in by_then)]) if by_then else 0
            if paid < row.quantity:
                return paid, Reason("claimed_late", (days,))
    return row.quantity, None
