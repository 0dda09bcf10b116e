"""The closed vocabularies of terms: what a policy, a window or a letter may be called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Pool = Literal["direct", "administration"]
POOLS: tuple[Pool, ...] = ("direct", "administration")

WHOLE_MONTH = ("any_day", "first_day", "following_month", "from_start", "mid_month", "anniversary", "once")
PROPORTIONAL = ("actual_days", "thirty_days")
ACTUAL_COST = "actual_cost"
POLICIES = (*WHOLE_MONTH, *PROPORTIONAL, ACTUAL_COST)
WINDOWS = ("budget_period", "federal_fiscal_year", "calendar_year", "enrolment_year", "award")
LETTERS = ("certification_letter", "eligibility_letter", "interim_assistance_letter")
TIERS = ("alone", "with_family")

CHOICES: Mapping[str, tuple[str, ...]] = {
    "count": POLICIES,
    "payee": ("first", "last"),
    "phase_of_month": ("first", "last", "better_paid"),
    "rate_by": ("service_day", "enrolment_day", "eligibility_day"),
    "window": WINDOWS,
    "family": ("on_any_day", "on_service_date"),
    "base": ("authorized", "claimed"),
    "pool": POOLS,
}
"""The closed vocabularies of terms."""


def one_of(words: Iterable[str]) -> str:
    """The words as a finding offers them."""
    words = sorted(words)
    return "one of " + ", ".join(words) if words else "none"


def rate_name(service: str, phase: str) -> str:
    """A rate as a refusal names it."""
    return f"rate of {service}" + (f" in phase {phase}" if phase else "")
