"""A caseload continued into months to come: facts that nobody reported, to be billed by the rules
that bill those that somebody did. They are a projection, and are never posted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from attrs import evolve, field, frozen

from grantcalc.billing.caseload import Caseload, Cost, Count, Enrollment, Registration, UnitsUsed
from grantcalc.declared import declared
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Unknown
from grantcalc.money import Cents, as_cents, split
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.provenance import Origin
from grantcalc.terms.vocabulary import LETTERS, one_of

PROJECTION = "PROJECTION"


@frozen(kw_only=True, field_transformer=declared)
class Inflow:
    """New participants that a user expects: so many persons a month at a subaward, from the month
    after the last reported one on.

    They are enrolled from the first day of their month and stay. `letter` is the kind of letter
    that each has from that day, empty for none. With a `service` of actual cost, each costs `cost`
    a month in a `category`, given as Money or Cents. Where the subaward reports bare counts of a
    `service`, the persons are added to its count.
    """

    subaward: str
    persons: int
    letter: str = ""
    service: str = ""
    category: str = ""
    cost: Cents = field(default=Cents(0), converter=as_cents)


def projected(
    caseloads: Iterable[Caseload], network: Network, through: Month, until: Month, inflow: Iterable[Inflow] = ()
) -> tuple[Caseload, ...]:
    """The caseloads as they are to the end of `through`, continued to the end of `until`.

    Enrollments without an end go on, and so do letters and households. The counts of `through` are
    repeated in each later month, but for a service that is paid once for each person; and so are
    the units and costs of those who are still enrolled. What is reported of later months already is
    left out. `Unknown` for an inflow at a subaward of which no caseload reports, or with a letter
    of an unknown kind.
    """
    loads, more = tuple(caseloads), tuple(inflow)
    months = [through.plus(n) for n in range(1, until.number - through.number + 1)]
    by_issuer: dict[str, list[Inflow]] = {load.issuer: [] for load in loads}
    for one in more:
        if one.letter not in ("", *LETTERS):
            raise Unknown("letter", one_of(LETTERS), length=len(one.letter), found="")
        issuer = next((i for i in network.reporters(one.subaward) if i in by_issuer), None)
        if issuer is None:
            raise Unknown("subaward", "one of which a caseload reports", length=len(one.subaward), found="")
        by_issuer[issuer].append(one)
    return tuple(_continued(load, network, through, months, by_issuer[load.issuer]) for load in loads)


def _continued(load: Caseload, network: Network, through: Month, months: list[Month], inflow: list[Inflow]) -> Caseload:
    """One caseload, continued."""
    now = load.as_known(load.latest)
    counts, persons = _split_by_kind(now, inflow)
    people = [(one, month, n) for month in months for one in persons for n in range(one.persons)]
    new = [_Newcomer.of(load.issuer, no, one, month, months) for no, (one, month, _) in enumerate(people, 1)]
    kept_counts = tuple(row for row in now.counts if row.month <= through)
    kept_costs = tuple(row for row in now.costs if max(row.service_months) <= through)
    kept_units = tuple(row for row in now.units if Month.of(row.day) <= through)
    return evolve(
        now,
        report_date=max([load.latest, *(month.last for month in months)]),
        label="; ".join(text for text in (PROJECTION, load.label) if text),
        participants=(*now.participants, *(one.registered for one in new)),
        letters=(*now.letters, *(letter for one in new for letter in one.letters)),
        enrollments=(*now.enrollments, *(one.enrolled for one in new)),
        counts=(*kept_counts, *_counts(kept_counts, counts, network, through, months)),
        costs=(*kept_costs, *_costs(now, through, months), *(cost for one in new for cost in one.costs)),
        units=(*kept_units, *_units(now, through, months)),
        origin=Origin(),
        logs=(),
    )


def _split_by_kind(load: Caseload, inflow: Iterable[Inflow]) -> tuple[list[Inflow], list[Inflow]]:
    """Where bare counts are reported of a subaward and service, and where persons are."""
    counted = {(row.subaward, row.service) for row in load.counts}
    given = tuple(inflow)
    return (
        [one for one in given if (one.subaward, one.service) in counted],
        [one for one in given if (one.subaward, one.service) not in counted],
    )


@frozen
class _Newcomer:
    """A person who is expected: registered, with or without a letter, enrolled from a day on, and
    their costs."""

    registered: Registration
    enrolled: Enrollment
    letters: tuple[Letter, ...]
    costs: tuple[Cost, ...]

    @classmethod
    def of(cls, issuer: str, no: int, one: Inflow, month: Month, months: Iterable[Month]) -> _Newcomer:
        who, days = Participant(issuer, f"{PROJECTION}-{no}"), Interval(month.first)
        kinds = [one.letter] if one.letter else []
        costs = (_cost(who, one, m) for m in months if m >= month and one.cost)
        return cls(
            Registration(who, "child" if one.letter == "eligibility_letter" else "adult"),
            Enrollment(participant=who, subaward=one.subaward, days=days, published=month.first),
            tuple(Letter(participant=who, kind=kind, days=days, published=month.first) for kind in kinds),
            tuple(costs),
        )


def _cost(who: Participant, one: Inflow, month: Month) -> Cost:
    return Cost(
        participant=who,
        subaward=one.subaward,
        service=one.service,
        category=one.category,
        amount=one.cost,
        paid=month.last,
        months=(month,),
        published=month.last,
    )


def _counts(
    told: Iterable[Count], inflow: Iterable[Inflow], network: Network, through: Month, months: Iterable[Month]
) -> Iterator[Count]:
    """The counts of the last month again, and with the persons who are expected: of a service that
    is paid once for each person, those of the month alone."""
    more = {(one.subaward, one.service): one.persons for one in inflow}
    for row in (row for row in told if row.month == through):
        once = network.award_of(row.subaward).terms.service(row.service).choices["count"].value == "once"
        added = more.pop((row.subaward, row.service), 0)  # to the first of several phases, units or classes
        for n, month in enumerate(months, 1):
            quantity = added if once else row.quantity + n * added
            if quantity:
                yield evolve(row, month=month, quantity=quantity, published=month.last)


def _costs(load: Caseload, through: Month, months: Iterable[Month]) -> Iterator[Cost]:
    """What the last month cost, again in each month at whose beginning the participant is still
    enrolled."""
    for row in load.costs:
        if through not in row.service_months or max(row.service_months) > through:
            continue
        parts = split(row.amount, {str(month): 1 for month in row.service_months})
        for month in months:
            if row.participant is None or _enrolled_on(load, row.participant, month.first):
                amount = Cents(parts[str(through)])
                yield evolve(row, amount=amount, months=(month,), paid=month.last, published=month.last)


def _units(load: Caseload, through: Month, months: Iterable[Month]) -> Iterator[UnitsUsed]:
    """The units of the last month, on the same days of each month on which the participant is still
    enrolled."""
    for row in (row for row in load.units if Month.of(row.day) == through):
        for month in (month for month in months if row.day.day <= month.days):
            day = date(month.year, month.month, row.day.day)
            if _enrolled_on(load, row.participant, day):
                yield evolve(row, day=day, published=day)


def _enrolled_on(load: Caseload, who: Participant, day: date) -> bool:
    return any(row.participant == who and day in row.days for row in load.enrollments)
