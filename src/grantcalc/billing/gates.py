"""What is refused by name (Rulebook 3.2, 4.4): it stands at quantity 0 with its reason, and never disappears."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from grantcalc.billing.caseload import Registration
from grantcalc.billing.counting import Stretch, cut
from grantcalc.billing.pricing import day_of
from grantcalc.errors import NotInForce
from grantcalc.periods import Month, add_months
from grantcalc.terms import ServiceRules
from grantcalc.terms.rules import ProvisionRules

GATES = ("enrol_within", "eligible_months", "look_back")


class Refused(NamedTuple):
    """Days that are not paid, and why."""

    stretch: Stretch
    reason: str


def admit(
    rules: ServiceRules, stretches: list[Stretch], registration: Registration | None, known: date
) -> tuple[list[Stretch], list[Refused]]:
    """The enrolled days that a service may pay for, and those that it refuses, gate after gate."""
    admitted, refused = stretches, list[Refused]()
    if not stretches:
        return [], []
    for gate in GATES:
        for rule in rules.provisions.get(gate, ()):
            kept: list[Stretch] = []
            for stretch in cut(admitted, rule.values.starts) if gate == "look_back" else admitted:
                for part, reason in _GATES[gate](rule, stretch, stretches[0].start, registration, known):
                    if reason:
                        refused.append(Refused(part, reason))
                    else:
                        kept.append(part)
            admitted = kept
    return admitted, refused


def _enrol_within(
    rule: ProvisionRules, stretch: Stretch, first_ever: int, registration: Registration | None, known: date
) -> Iterator[tuple[Stretch, str]]:
    """Enrollment within N days of arrival (or of eligibility)."""
    since = day_of(registration, rule.word("of"), first_ever, known)
    within = rule.at(first_ever)
    late = within is not None and first_ever - since > within.value.value
    word = "arrival" if rule.word("of") == "arrived" else "eligibility"
    yield (
        stretch,
        f"enrolled {first_ever - since} days after {word}, at most {within.value.value} are allowed"
        if late and within
        else "",
    )


def _eligible_months(
    rule: ProvisionRules, stretch: Stretch, first_ever: int, registration: Registration | None, known: date
) -> Iterator[tuple[Stretch, str]]:
    """N months from arrival or eligibility, paid or not, N by cohort; by calendar months (that of arrival is the
    first) or
    from the actual date (45 CFR 400.220)."""
    since = day_of(registration, rule.word("since"), first_ever, known)
    months = rule.at(since)
    if months is None:
        raise NotInForce("number of months of eligibility", date.fromordinal(since), known)
    count = int(months.value.value)
    anchor = date.fromordinal(since)
    if rule.word("by") == "calendar_months":
        begin, after = Month.of(anchor).first.toordinal(), Month.of(anchor).plus(count).first.toordinal()
    else:
        begin, after = since, add_months(anchor, count).toordinal()
    word = "arrival" if rule.word("since") == "arrived" else "eligibility"
    yield from _parted(stretch, begin, f"before the day of {word}", "")
    if stretch.end >= begin:
        inside = stretch._replace(start=max(stretch.start, begin))
        yield from _parted(inside, after, "", f"beyond {count} months of eligibility from {anchor}")


def _look_back(rule: ProvisionRules, stretch: Stretch, *_: object) -> Iterator[tuple[Stretch, str]]:
    """A day of service that was made known more than N days later is not paid: lateness is published minus day of
    service."""
    days = rule.at(stretch.start)
    if days is None or not stretch.published:
        yield stretch, ""
        return
    count = int(days.value.value)
    yield from _parted(
        stretch, stretch.published - count, f"made known more than {count} days after the day of service", ""
    )
    if stretch.end >= stretch.published - count:
        yield stretch._replace(start=max(stretch.start, stretch.published - count)), ""


def _parted(stretch: Stretch, border: int, before: str, after: str) -> Iterator[tuple[Stretch, str]]:
    """The part of a stretch before a border, and the part from it on; only those parts that are spoken of."""
    if stretch.start < border and (before or after):
        yield stretch._replace(end=min(stretch.end, border - 1)), before
    if stretch.end >= border and after:
        yield stretch._replace(start=max(stretch.start, border)), after


Gate = Callable[[ProvisionRules, Stretch, int, Registration | None, date], Iterator[tuple[Stretch, str]]]
_GATES: dict[str, Gate] = {"enrol_within": _enrol_within, "eligible_months": _eligible_months, "look_back": _look_back}
