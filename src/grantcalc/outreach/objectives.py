"""The Rescue & Restore Regional Program: its four objectives, what partners report of each by
quarter, and what they pass on.

A quarter for which nothing was reported is not a quarter of zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Self

from attrs import field, frozen

from grantcalc.awards import Award
from grantcalc.compliance.check import CHECKS
from grantcalc.compliance.record import ComplianceRecord
from grantcalc.compliance.regimes import load_regimes
from grantcalc.compliance.results import AwardUnderTest, CheckResult
from grantcalc.errors import Inexact, shown
from grantcalc.known import Fact, Series
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.provenance import NOWHERE, Authority, Source

OBJECTIVES: Mapping[str, str] = {
    "identify": "To identify foreign victims of trafficking and refer them to service delivery systems",
    "coalition": "To lead or actively participate in a community-led effort (coalition) to bring together and leverage "
    "local resources to address human trafficking in a region",
    "capacity": "To build local capacity by providing training and technical assistance on human trafficking to local "
    "organizations that are not involved in the coalition",
    "educate": "To educate the public about the dangers of human trafficking, possible indicators of sex and labor "
    "trafficking, and the protections available to victims",
}
"""The four objectives, in the words of HHS's page."""

MEASURES: Mapping[str, tuple[str, str]] = {
    "identified": ("identify", "Foreign victims identified"),
    "referred": ("identify", "Foreign victims referred to services"),
    "coalition_activities": ("coalition", "Activities of the coalition"),
    "organizations_trained": ("capacity", "Organizations outside the coalition trained or assisted"),
    "outreach_activities": ("educate", "Outreach activities to the public"),
}
"""What is reported of each objective: its objective, and its title. HHS publishes no measures;
these are ours."""


@frozen(order=True)
class Quarter:
    """A quarter of a calendar year; federal fiscal years begin with the fourth. Its text is `2009
    Q1`."""

    year: int
    number: int = field()

    @number.validator
    def _in_range(self, attribute: object, value: int) -> None:
        if not 1 <= value <= 4:
            raise ValueError("a quarter is 1 to 4")

    @classmethod
    def of(cls, month: Month) -> Self:
        """The quarter that holds a month."""
        return cls(month.year, (month.month + 2) // 3)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The quarter of `2009 Q1` or `2009-Q1`; anything else is `Inexact`."""
        year, _, number = text.replace("-", " ").partition(" Q")
        if len(year) == 4 and year.isdecimal() and number in ("1", "2", "3", "4"):
            return cls(int(year), int(number))
        raise Inexact("a quarter must be written like 2009-Q1", shown(text))

    @property
    def days(self) -> Interval:
        return Interval(Month(self.year, 3 * self.number - 2).first, Month(self.year, 3 * self.number).last)

    def next(self) -> Self:
        """The quarter after."""
        return type(self)(self.year + self.number // 4, self.number % 4 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d} Q{self.number}"


@frozen(kw_only=True)
class Reported:
    """What a partner reports of a measure for a quarter; `member` is the local organization that
    did it, empty for the partner itself.

    A later row for the same quarter restates it, from the day on which it was published.
    """

    award: str
    measure: str
    quarter: Quarter
    count: int
    published: date
    member: str = ""
    source: Source = field(default=NOWHERE, eq=False)


@frozen
class NetworkMember:
    """An organization of the local network that a partner leads: its sector, and the days."""

    award: str
    id: str
    sector: str
    days: Interval
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True)
class Performance:
    """What one regional partner did, by measure and quarter, with whom, and what it passes on.

    Of `counts`, None is a quarter that has ended and for which nothing was reported.
    """

    award: Award
    recipient: str
    known: date
    quarters: tuple[Quarter, ...]
    counts: Mapping[tuple[str, Quarter], int | None]
    members: tuple[NetworkMember, ...]
    pass_through: tuple[CheckResult, ...]

    def total(self, measure: str) -> int:
        """The sum of what was reported of a measure."""
        return sum(self.counts[measure, q] or 0 for q in self.quarters)

    @property
    def missing(self) -> tuple[tuple[str, Quarter], ...]:
        """Measures and quarters for which nothing was reported."""
        return tuple(key for key, count in self.counts.items() if count is None)


def quarters_of(period: Interval, known: date) -> tuple[Quarter, ...]:
    """The quarters of an award that have ended on a day; its last one ends with it."""
    quarters = []
    quarter = Quarter.of(Month.of(period.start))
    while (ours := quarter.days.clip(period)) and ours.end and ours.end <= known:
        quarters.append(quarter)
        quarter = quarter.next()
    return tuple(quarters)


def performance(
    network: Network, reported: Iterable[Reported], members: Iterable[NetworkMember], known: date | None = None
) -> tuple[Performance, ...]:
    """The performance of every award whose terms say how much is passed on, in the order of the
    workbook."""
    known = known or network.report_date
    series: dict[tuple[str, str, Quarter, str], list[Fact[int]]] = {}
    for row in reported:
        first = row.quarter.days.start
        fact = Fact(row.count, first, row.published, Authority(f"Report of {row.award}"), row.source)
        series.setdefault((row.award, row.measure, row.quarter, row.member), []).append(fact)
    counts: dict[tuple[str, str, Quarter], int] = {}
    for (award, measure, quarter, _), facts in series.items():
        latest = Series("measure", facts).find(quarter.days.start, known)
        if latest is not None:
            counts[award, measure, quarter] = counts.get((award, measure, quarter), 0) + latest.value
    joined = tuple(members)
    partners = [a for a in network.awards if a.terms.pass_through]
    return tuple(_performance(network, a, counts, joined, known) for a in partners)


def _performance(
    network: Network,
    award: Award,
    counts: Mapping[tuple[str, str, Quarter], int],
    members: tuple[NetworkMember, ...],
    known: date,
) -> Performance:
    quarters = quarters_of(award.period, known)
    examined = AwardUnderTest(award, network, ComplianceRecord(), load_regimes(), known)
    day = min(known, award.period.last)
    return Performance(
        award=award,
        recipient=network.organization(award.recipient).name,
        known=known,
        quarters=quarters,
        counts={(m, q): counts.get((award.fain, m, q)) for m in MEASURES for q in quarters},
        members=tuple(m for m in members if m.award == award.fain and day in m.days),
        pass_through=tuple(CHECKS["pass_through"](examined)),
    )
