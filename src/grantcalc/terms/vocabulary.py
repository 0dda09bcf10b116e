"""The closed vocabularies of terms: what a policy, a window or a letter may be called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Pool = Literal["direct", "administration"]
POOLS: tuple[Pool, ...] = ("direct", "administration")

WHOLE_MONTH = (
    "any_day",
    "first_day",
    "following_month",
    "from_start",
    "from_start_thirty",
    "mid_month",
    "anniversary",
    "once",
)
PROPORTIONAL = ("actual_days", "thirty_days")
BY_UNITS = ("hour", "unit")
BY_THE_DAY = ("day", *BY_UNITS)
ACTUAL_COST = "actual_cost"
POLICIES = (*WHOLE_MONTH, *PROPORTIONAL, *BY_THE_DAY, ACTUAL_COST)
WINDOWS = ("budget_period", "federal_fiscal_year", "calendar_year", "enrollment_year", "award")
LETTERS = ("certification_letter", "eligibility_letter", "interim_assistance_letter")
TIERS = ("alone", "with_family")
STATUSES = (
    "us_citizen",
    "lawful_permanent_resident",
    "parolee",
    "refugee",
    "asylee",
    "unscreened",
    "in_custody",
    "foster_care",
    "other",
)

CHOICES: Mapping[str, tuple[str, ...]] = {
    "count": POLICIES,
    "payee": ("first", "last"),
    "phase_of_month": ("first", "last", "better_paid"),
    "rate_by": ("service_day", "enrollment_day", "arrival_day", "eligibility_day"),
    "restored": ("following_month", "from_start"),
    "period": ("month", "quarter", "year", "federal_fiscal_year"),
    "window": WINDOWS,
    "family": ("on_any_day", "on_service_date"),
    "base": ("authorized", "claimed"),
    "pool": POOLS,
    "scope": ("participant", "subaward"),
    "amount_on": ("window_end", "award_date"),
}
"""The closed vocabularies of terms."""

WHOSE = ("site", "participant")
DIMENSIONS_OF = ("participant", "site", "state")
ROUNDINGS = ("down", "nearest", "up")

ProvisionKind = Literal["money", "share", "number", "multiple"]
Words = tuple[str, ...] | None

PROVISIONS: Mapping[str, tuple[ProvisionKind, Mapping[str, Words]]] = {
    # what of the days, hours and units counts (Rulebook 3)
    "daily_cap": ("number", {}),
    "hours_of_day": ("number", {}),
    "bands": ("number", {"unit": None, "then": None}),
    "units_a_day": ("number", {"of": None, "option": None}),
    "parts": ("number", {"of": None}),
    "absence": (
        "number",
        {
            "kind": ("hospital", "other", "any"),
            "unit": ("day", "hour", "percent"),
            "per": ("stay", "month", "calendar_year", "federal_fiscal_year"),
            "beyond": ("cut", "cliff"),
            "when": None,
            "at_least": None,
        },
    ),
    "instalments": ("number", {"every": ("month", "quarter"), "due": None}),
    # what is refused, by name (Rulebook 3.2, 4.4, 4.5)
    "served_days": ("number", {"status": STATUSES}),
    "eligible_months": ("number", {"since": ("arrived", "eligible"), "by": ("calendar_months", "actual_date")}),
    "enroll_within": ("number", {"of": ("arrived", "eligible")}),
    "look_back": ("number", {}),
    "claim_within": ("number", {}),
    "capacity": ("share", {"figure": None}),
    # how a rate becomes a price (Rulebook 5)
    "slope": ("money", {"above": None, "of": None, "is": None}),
    "multiplier": ("multiple", {"of": None, "is": None}),
    "lesser_of": ("share", {"figure": None, "less": None, "whose": WHOSE}),
    "deduct": ("share", {"figure": None, "less": None, "whose": WHOSE}),
    "uplift": ("share", {"per": ("minor", "family", "household"), "on": ("price", "cost")}),
    "share_decimals": ("number", {"how": ROUNDINGS}),
    "rounding": ("money", {"how": ROUNDINGS, "only": ("every_month", "first_month"), "of": ("price", "amount")}),
    "floor": ("money", {"only": ("every_month", "first_month"), "on": ("rounded", "exact")}),
    "carve": ("money", {"pool": POOLS}),
}
"""What a service may provide beside its rates: the kind of value, and the words that each entry
needs or, where `OPTIONAL_WORDS` of its kind has them, may have. None: any text, number or list of
names."""

OPTIONAL_WORDS: Mapping[str, tuple[str, ...]] = {
    "bands": ("then",),
    "instalments": ("due",),
    "units_a_day": ("option",),
    "slope": ("of", "is"),
    "absence": ("when", "at_least"),
    "lesser_of": ("less", "whose"),
    "deduct": ("less", "whose"),
    "uplift": ("on",),
    "rounding": ("of",),
    "floor": ("on",),
}


def one_of(words: Iterable[str]) -> str:
    """The words as a finding offers them."""
    words = sorted(words)
    return "one of " + ", ".join(words) if words else "none"


def rate_name(service: str, phase: str) -> str:
    """A rate as a refusal names it."""
    return f"rate of {service}" + (f" in phase {phase}" if phase else "")
