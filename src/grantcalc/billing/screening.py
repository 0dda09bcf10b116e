"""What is refused by name (Rulebook 3.2, 4.4, 4.5): it is kept at quantity 0 with its reason, and
never disappears."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from grantcalc.billing.caseload import Registration
from grantcalc.billing.counting import EnrollmentSpell, cut
from grantcalc.billing.deadlines import month_end
from grantcalc.billing.rate_days import day_of
from grantcalc.billing.reasons import Reason
from grantcalc.billing.statuses import DaysNotServed
from grantcalc.errors import NotInForce
from grantcalc.periods import Month, add_months
from grantcalc.terms import ServiceRules
from grantcalc.terms.rules import ProvisionRules

ELIGIBILITY_RULES = ("enroll_within", "eligible_months", "look_back", "claim_within")


class Ineligible(NamedTuple):
    """Days that are not paid, and why."""

    spell: EnrollmentSpell
    reason: Reason


def screen(
    rules: ServiceRules,
    spells: list[EnrollmentSpell],
    registration: Registration | None,
    known: date,
    not_served: Sequence[DaysNotServed] = (),
) -> tuple[list[EnrollmentSpell], list[Ineligible]]:
    """The enrolled days that a service may pay for, and those that it refuses: by status, then gate
    after gate."""
    if not spells:
        return [], []
    admitted, refused = _by_status(spells, not_served)
    for gate in ELIGIBILITY_RULES:
        for rule in rules.provisions.get(gate, ()):
            kept: list[EnrollmentSpell] = []
            for spell in cut(admitted, rule.values.starts) if gate in ("look_back", "claim_within") else admitted:
                for part, reason in _GATES[gate](rule, spell, spells[0].start, registration, known):
                    if reason:
                        refused.append(Ineligible(part, reason))
                    else:
                        kept.append(part)
            admitted = kept
    return admitted, refused


def _by_status(
    spells: list[EnrollmentSpell], not_served: Sequence[DaysNotServed]
) -> tuple[list[EnrollmentSpell], list[Ineligible]]:
    """The days on which the terms serve the participant, and those on which they do not (Rulebook
    4.5)."""
    admitted, refused = list[EnrollmentSpell](), list[Ineligible]()
    for spell in cut(spells, (day for days in not_served for day in (days.first, days.last + 1))):
        reason = next((days.reason for days in not_served if days.first <= spell.start <= days.last), None)
        if reason:
            refused.append(Ineligible(spell, reason))
        else:
            admitted.append(spell)
    return admitted, refused


def _enroll_within(
    rule: ProvisionRules, spell: EnrollmentSpell, first_ever: int, registration: Registration | None, known: date
) -> Iterator[tuple[EnrollmentSpell, Reason | None]]:
    """Enrollment within N days of arrival (or of eligibility)."""
    since = day_of(registration, rule.word("of"), first_ever, known)
    within = rule.at(first_ever)
    late = within is not None and first_ever - since > within.value.value
    word = "arrival" if rule.word("of") == "arrived" else "eligibility"
    at_most = int(within.value.value) if within else 0
    yield spell, Reason("enrolled_late", (first_ever - since, word, at_most)) if late else None


def _eligible_months(
    rule: ProvisionRules, spell: EnrollmentSpell, first_ever: int, registration: Registration | None, known: date
) -> Iterator[tuple[EnrollmentSpell, Reason | None]]:
    """N months from arrival or eligibility, paid or not, N by cohort; by calendar months (that of
    arrival is the first) or from the actual date (45 CFR 400.220)."""
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
    yield from _parted(spell, begin, Reason("before_start", (word,)), None)
    if spell.end >= begin:
        inside = spell._replace(start=max(spell.start, begin))
        yield from _parted(inside, after, None, Reason("months_used", (count, str(anchor))))


def _look_back(
    rule: ProvisionRules, spell: EnrollmentSpell, *_: object
) -> Iterator[tuple[EnrollmentSpell, Reason | None]]:
    """A day of service that was made known more than N days later is not paid: lateness is
    published minus day of service."""
    days = rule.at(spell.start)
    if days is None or not spell.published:
        yield spell, None
        return
    count = int(days.value.value)
    yield from _parted(spell, spell.published - count, Reason("made_known_late", (count,)), None)
    if spell.end >= spell.published - count:
        yield spell._replace(start=max(spell.start, spell.published - count)), None


def _claim_within(
    rule: ProvisionRules, spell: EnrollmentSpell, *_: object
) -> Iterator[tuple[EnrollmentSpell, Reason | None]]:
    """Days of a month that were made known more than N days after its end are not paid."""
    days = rule.at(spell.start)
    if days is None or not spell.published:
        yield spell, None
        return
    count, border = int(days.value.value), spell.start
    while border <= spell.end and month_end(border) + count < spell.published:
        border = month_end(border) + 1
    yield from _parted(spell, border, Reason("claimed_late", (count,)), None)
    if spell.end >= border:
        yield spell._replace(start=border), None


def _parted(
    spell: EnrollmentSpell, border: int, before: Reason | None, after: Reason | None
) -> Iterator[tuple[EnrollmentSpell, Reason | None]]:
    """The part of a spell before a border, and the part from it on; only those parts that are
    spoken of."""
    if spell.start < border and (before or after):
        yield spell._replace(end=min(spell.end, border - 1)), before
    if spell.end >= border and after:
        yield spell._replace(start=max(spell.start, border)), after


EligibilityRule = Callable[
    [ProvisionRules, EnrollmentSpell, int, Registration | None, date], Iterator[tuple[EnrollmentSpell, Reason | None]]
]
_GATES: dict[str, EligibilityRule] = {
    "enroll_within": _enroll_within,
    "eligible_months": _eligible_months,
    "look_back": _look_back,
    "claim_within": _claim_within,
}
