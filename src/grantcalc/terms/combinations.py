"""What the keys of a service cannot say together: refused by name when the terms are read, never
ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grantcalc.terms.vocabulary import ACTUAL_COST, POLICIES, WHOLE_MONTH, one_of

Problem = tuple[str, str, str, str]
"""A key of the service, the cause, what is wrong there, and what was expected."""

OF_POLICIES: Mapping[str, tuple[str, ...]] = {
    "daily_cap": ("hour",),
    "hours_of_day": ("hour",),
    "bands": ("hour",),
    "instalments": WHOLE_MONTH,
    "units_a_day": ("unit",),
    "parts": ("unit",),
    "absence": ("day",),
    "share_decimals": ("actual_days", "thirty_days", "from_start", "from_start_thirty"),
}
"""Provisions that only some counting policies use."""
BY_PERIOD = ("any_day", "first_day", "from_start", "anniversary")
"""Policies that count quarters and years as they count months."""
NOT_OF_COSTS = ("claim_within",)
"""Provisions that actual costs do not use."""


def combinations(t: Mapping[str, Any]) -> Iterator[Problem]:
    """What a service could never use, or says in two ways: a count without rates, a provision of
    another policy, a unit without a rate."""
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
    if policy == "hour":
        yield from _bands(t)
    yield from _periods(t, policy)
    yield from _absences(t)
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
    for n, entry in enumerate(entries(t, "parts")):
        if entry.get("of") not in units:
            yield f"parts[{n}].of", "of", "parts are of a unit that has a rate", one_of(map(str, units))
        if entry.get("value") == 0:
            yield f"parts[{n}].value", "value", "a unit has at least one part", "1 or more"


def _bands(t: Mapping[str, Any]) -> Iterator[Problem]:
    """Hours are turned into units by bands, or paid as hours: not both."""
    units = {e.get("unit") for e in entries(t, "rates")}
    for n, entry in enumerate(entries(t, "bands")):
        for word in ("unit", "then"):
            if entry.get(word) is not None and entry.get(word) not in units and None not in units:
                yield f"bands[{n}].{word}", "of", "a band names a unit that has no rate", one_of(map(str, units))
        if entry.get("value") == 0:
            yield f"bands[{n}].value", "value", "a band begins with an hour or more", "1 or more"
    for kind in ("daily_cap", "hours_of_day"):
        if kind in t and "bands" in t:
            yield kind, "word", "hours that bands turn into units are not counted as hours too", f"bands or {kind}"


def _periods(t: Mapping[str, Any], policy: str) -> Iterator[Problem]:
    """A quarter or a year is counted by few policies, and what is limited by the month has no month
    of it; instalments lie in several months."""
    period = t.get("period", "month")
    if period != "month" and policy and policy not in BY_PERIOD:
        yield "period", "period", "this policy counts months alone", f"count = {one_of(BY_PERIOD)}"
    if (policy, period) == ("anniversary", "federal_fiscal_year"):
        problem = "a period that runs from the first day enrolled is no fiscal year"
        yield "period", "period", problem, "period = year"
    for key in ("months", "capacity"):
        if key in t and (period != "month" or "instalments" in t):
            yield key, "word", "a limit by the month needs a service that is paid by the month", "period = month"
    if "carve" in t and "instalments" in t:
        yield "carve", "word", "an amount in instalments cannot be divided between pools", "instalments or carve"
    for n, entry in enumerate(entries(t, "instalments")):
        if entry.get("value") == 0:
            yield f"instalments[{n}].value", "value", "an amount has at least one instalment", "1 or more"
        due = entry.get("due", 1)
        if not isinstance(due, int) or isinstance(due, bool) or not 1 <= due <= 28:
            yield f"instalments[{n}].due", "due", "the day of the month on which it is due", "1 to 28"


def _absences(t: Mapping[str, Any]) -> Iterator[Problem]:
    """A percentage is of the enrolled days of a month: a stay or a year has no such number before
    it is over."""
    for n, entry in enumerate(entries(t, "absence")):
        if entry.get("unit") == "percent" and entry.get("per") in ("stay", "calendar_year", "federal_fiscal_year"):
            yield f"absence[{n}].per", "word", "a percentage of days is of those of a month", "per = month"


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
