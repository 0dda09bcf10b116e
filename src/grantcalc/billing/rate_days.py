"""By which day a rate goes, and the days on which a price may change besides (Rulebook 2.5)."""

from __future__ import annotations

from datetime import date

from grantcalc.billing.caseload import Registration
from grantcalc.billing.pricing import PRICES, PersonHistory, Pricer
from grantcalc.errors import NotInForce
from grantcalc.terms import ServiceRules


def borders(rules: ServiceRules, pricer: Pricer, home: PersonHistory) -> list[int]:
    """Days on which a price may change for another reason than its rate."""
    days: list[int] = []
    if rules.provided(*PRICES) or any(rules.dimensions):
        days = [start for steps in pricer.figures.values() for start in steps.starts]
        days += [start for words in pricer.words.values() for start in words.starts]
        days += [start for said in home.characteristics.values() for start in said.starts]
    if rules.sized or rules.provided("uplift"):
        days += home.borders()
    return days


def rate_day(
    rules: ServiceRules, registration: Registration | None, first_ever: int | None, day: int, known: date
) -> int:
    """A rate goes by the day of service, of enrollment, of arrival or of eligibility, as the terms
    say (Rulebook 2.5)."""
    by = rules.rate_by
    if by == "service_day":
        return day
    if by == "enrollment_day":
        return first_ever or day
    what = "arrived" if by == "arrival_day" else "eligible"
    return day_of(registration, what, day, known)


def day_of(registration: Registration | None, what: str, day: int, known: date) -> int:
    """A participant's day of arrival or of eligibility; `NotInForce` where it was not
    registered."""
    since = getattr(registration, what) if registration else None
    if since is None:
        raise NotInForce(f"day on which a participant {what}", date.fromordinal(day), known)
    return int(since.toordinal())
