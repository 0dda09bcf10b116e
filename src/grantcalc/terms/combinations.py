"""What the keys of a service cannot say together: refused by name when the terms are read, never ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grantcalc.terms.vocabulary import ACTUAL_COST, POLICIES, one_of

Problem = tuple[str, str, str, str]
"""A key of the service, the cause, what is wrong there, and what was expected."""

OF_POLICIES: Mapping[str, tuple[str, ...]] = {
    "daily_cap": ("hour",),
    "hours_of_day": ("hour",),
    "units_a_day": ("unit",),
    "absence": ("day",),
    "share_decimals": ("actual_days", "thirty_days", "from_start", "from_start_thirty"),
}
"""Provisions that only some counting policies use."""
NOT_OF_COSTS = ("claim_within",)
"""Provisions that actual costs do not use."""


def combinations(t: Mapping[str, Any]) -> Iterator[Problem]:
    """What a service could never use, or says in two ways: a count without rates, a provision of another policy, a unit
    without a rate."""
    count = t.get("count")
    count = count.get("value") if isinstance(count, dict) else count
    policy = count if isinstance(count, str) and count in POLICIES else ""
    if count != ACTUAL_COST and not t.get("rates"):
        yield "", "rates", "a service that is counted must have rates, or leave them to the award", "rates"
    for kind, policies in OF_POLICIES.items():
        if kind in t and policy and policy not in policies:
            expected = f"count = {policies[0]}" if len(policies) == 1 else f"count = {one_of(policies)}"
            yield kind, "word", "this is never used under the service's policy", expected
    for kind in NOT_OF_COSTS:
        if kind in t and policy == ACTUAL_COST:
            yield kind, "word", "this is never used of actual costs", "a service that is counted"
    if policy == "unit":
        yield from _units(t)
    yield from _rounding(t)


def entries(t: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The entries of a list that are tables; what else stands there is refused elsewhere."""
    listed = t.get(key, [])
    return [e for e in (listed if isinstance(listed, list) else [listed]) if isinstance(e, dict)]


def _units(t: Mapping[str, Any]) -> Iterator[Problem]:
    units = {e.get("unit") for e in entries(t, "rates")}
    for n, entry in enumerate(entries(t, "units_a_day")):
        of = entry.get("of")
        missing = [u for u in of if u not in units] if isinstance(of, list) and None not in units else []
        if missing:
            yield f"units_a_day[{n}].of", "of", "a maximum names a unit that has no rate", one_of(map(str, units))


def _rounding(t: Mapping[str, Any]) -> Iterator[Problem]:
    """A price is of no month, and of a rounded amount no part of each unit can be carved out."""
    for n, entry in enumerate(entries(t, "rounding")):
        if entry.get("of") == "price":
            if entry.get("only") == "first_month":
                problem = "a price is rounded in every month; only an amount has a first month"
                yield f"rounding[{n}].only", "word", problem, "only = every_month, or of = amount"
        elif "carve" in t:
            problem = "an amount that is rounded as a whole cannot be divided between pools"
            yield f"rounding[{n}].of", "word", problem, "of = price, or no carve"
