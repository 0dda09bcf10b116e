"""A participant who moves to a caseload kept apart: what is passed on, without a code (Rulebook
7.8, 7.9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from attrs import evolve, frozen

from grantcalc.awards import Award
from grantcalc.billing.caseload import Caseload, Enrollment, OpeningBalance
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.elsewhere import EnrolledElsewhere
from grantcalc.billing.windows import Calendar
from grantcalc.declared import checked, declared
from grantcalc.eligibility import Participant
from grantcalc.errors import Rejected, refuse
from grantcalc.money import Cents
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.terms.vocabulary import ACTUAL_COST, BY_THE_DAY, PROPORTIONAL


@frozen(kw_only=True, field_transformer=declared)
class ParticipantMove:
    """A move: the first day at the other side, and the rows for both sides.

    `openings` and `elsewhere` are for the receiving side, which enters them under its own code.
    `here` is for the sending side, which adds it to its own caseload. `sentences` say service by
    service where the month of the move is paid.
    """

    first_day: date
    openings: tuple[OpeningBalance, ...]
    elsewhere: tuple[EnrolledElsewhere, ...]
    here: EnrolledElsewhere
    sentences: tuple[str, ...]

    def received(self, caseload: Caseload, participant: Participant) -> Caseload:
        """The receiving caseload with these rows under its own code."""
        return evolve(
            caseload,
            openings=(*caseload.openings, *(evolve(row, participant=participant) for row in self.openings)),
            elsewhere=(*caseload.elsewhere, *(evolve(row, participant=participant) for row in self.elsewhere)),
        )

    def sent(self, caseload: Caseload) -> Caseload:
        """The sending caseload with the days at the other side."""
        return evolve(caseload, elsewhere=(*caseload.elsewhere, self.here))


@checked
def move(caseload: Caseload, network: Network, participant: Participant, first_day: date) -> ParticipantMove:
    """What a caseload passes on about a participant who is enrolled in another one from `first_day`
    on.

    `Rejected` where the participant was never enrolled here before that day, or still is on it.
    Refused like `bill`.
    """
    now = caseload.as_known(caseload.latest)
    stays = [row for row in now.enrollments if row.participant == participant and row.days.start < first_day]
    if not stays:
        problem = "this participant was not enrolled here before the day of the move"
        raise Rejected([caseload.source.finding("move", problem, "an enrollment that began earlier")])
    refuse(
        row.source.finding("move", f"this enrollment is not ended by {first_day}", "its last day, as End", column="end")
        for row in stays
        if row.days.last >= first_day
    )
    award = network.award_of(max(stays, key=lambda row: row.days.start).subaward)
    stays = [row for row in stays if network.award_of(row.subaward) == award]
    here = EnrolledElsewhere(
        participant=participant, award=award.fain, days=Interval(first_day), published=caseload.report_date
    )
    month, known = Month.of(first_day), max(caseload.latest, first_day)
    claim = bill(evolve(caseload, elsewhere=(*caseload.elsewhere, here)), network, month, known)
    earlier = [row for row in now.elsewhere if (row.participant, row.award) == (participant, award.fain)]
    first_ever = min(days.start for days in (*(row.days for row in stays), *(row.days for row in earlier)))
    told = [row for row in now.openings if (row.participant, row.award) == (participant, award.fain)]
    said: dict[str, Any] = {"participant": participant, "award": award.fain, "published": caseload.report_date}
    used = _used(claim, participant, award, first_ever)
    months = _months_paid(claim, participant, award)
    return ParticipantMove(
        first_day=first_day,
        openings=(
            *told,
            *(
                OpeningBalance(**said, window=window, pool=pool, amount=Cents(cents), given_by=caseload.issuer)
                for (window, pool), cents in sorted(used.items())
                if cents
            ),
            *(
                OpeningBalance(**said, phase=phase, months=count, given_by=caseload.issuer)
                for phase, count in sorted(months.items())
            ),
        ),
        elsewhere=(
            *earlier,
            *(EnrolledElsewhere(**said, days=days, given_by=caseload.issuer) for days in _days_of(stays)),
        ),
        here=here,
        sentences=tuple(_sentences(claim, participant, award, month)),
    )


def _days_of(stays: Iterable[Enrollment]) -> list[Interval]:
    """The days of some enrollments, those that touch together: at which subaward they were is not
    passed on."""
    merged: list[Interval] = []
    for days in sorted(row.days for row in stays):
        if merged and merged[-1].last + timedelta(days=1) >= days.start:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].last, days.last))
        else:
            merged.append(days)
    return merged


def _used(claim: Claim, who: Participant, award: Award, first_ever: date) -> Counter[tuple[str, str]]:
    """What is allowed under the participant's own ceilings, in cents, by window and pool."""
    kinds = {c.choices["window"].value for c in award.terms.ceilings}
    calendar, used = Calendar(award), Counter[tuple[str, str]]()
    lines = [(x, x.amount) for x in claim.lines]
    lines += [(x.line, x.amount) for x in claim.reductions if x.kind != "subaward"]
    for line, amount in lines:
        if line.participant == who and line.award == award.fain and line.day:
            for kind in kinds:
                windows = calendar.windows(kind, first_ever.toordinal())
                used[windows.at(line.day.toordinal(), claim.known).name, line.pool] += amount
    return used


def _months_paid(claim: Claim, who: Participant, award: Award) -> dict[str, int]:
    """The paid months of each phase that a service limits; of several services the most."""
    limited = {s.id: s.months for s in award.terms.services if s.months}
    paid: dict[tuple[str, str], set[Month]] = {}
    for line in claim.lines:
        of_this = line.participant == who and line.award == award.fain and line.quantity
        if of_this and line.phase in limited.get(line.service, {}):
            paid.setdefault((line.service, line.phase), set()).add(line.month)
    most: dict[str, int] = {}
    for (_, phase), months in paid.items():
        most[phase] = max(most.get(phase, 0), len(months))
    return most


def _sentences(claim: Claim, who: Participant, award: Award, month: Month) -> Iterator[str]:
    """Where the month of the move is paid, service by service."""
    here = {x.service for x in claim.lines if x.participant == who and x.month == month and x.quantity}
    for service in award.terms.services:
        count = service.choices["count"].value
        what = f"{service.id.replace('_', ' ')} of {month}"
        if not service.offered:
            continue
        if count == ACTUAL_COST:
            yield f"{what}: each side is paid for the costs that it reports."
        elif count in PROPORTIONAL or count in BY_THE_DAY:
            yield f"{what}: each side is paid for its own days."
        elif service.id in here:
            yield f"{what} is paid here, and not at the receiving side."
        else:
            yield f"{what} is not paid here; the receiving side counts it with the days enrolled here."
