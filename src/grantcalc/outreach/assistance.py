"""The services of HHS's page as a vocabulary, and the quarterly and yearly reports of grantees,
counts only.

What the reports ask for is OMB 0970-0467: by quarter program entry, case closure, barriers,
outreach and subrecipient enrollment; by year service use and categories of assistance. What no
workbook holds is said to be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal

from attrs import frozen

from grantcalc.billing.caseload import Caseload, Cost, Enrollment
from grantcalc.billing.issuers import each_once, two_of_one_issuer
from grantcalc.eligibility import Participant
from grantcalc.errors import refuse
from grantcalc.outreach.objectives import MEASURES, Quarter, Reported
from grantcalc.periods import Interval, federal_fiscal_year

PAGE_SERVICES: Mapping[str, tuple[str, str]] = {
    "case_management": ("Case management", "case management"),
    "referral": ("Referrals", "referrals"),
    "food": ("Food", "emergency assistance"),
    "clothing": ("Clothing", "emergency assistance"),
    "shelter": ("Shelter", "emergency assistance"),
    "housing": ("Housing", "gain access"),
    "employability": ("Employability services", "gain access"),
    "mental_health": ("Mental health screening and therapy", "gain access"),
    "medical": ("Medical care", "gain access"),
    "legal": ("Some legal services", "gain access"),
}
"""The services that HHS's page names, as terms and costs call them: title, and the group that the
page puts it in."""

WITHOUT_COST = ("case_management", "referral")
"""Services that a caseload workbook may hold without any cost of their own."""
UNNAMED = "not a service of the page"
IN_QUARTER, AT_END = ", in the quarter", ", at its end"


@frozen(kw_only=True)
class ReportRow:
    """A row of a grantee's report: persons by age at registration, all of them, and how many cases
    or costs.

    None is what no workbook holds, which is not zero; `note` says so.
    """

    section: str
    item: str
    adults: int | None = None
    children: int | None = None
    persons: int | None = None
    number: int | None = None
    note: str = ""


@frozen
class GranteeReport:
    """A report of a grantee for a quarter or a federal fiscal year."""

    period: str
    known: date
    rows: tuple[ReportRow, ...]
    issuers: tuple[str, ...]
    label: str = ""

    def row(self, section: str, item: str = "") -> ReportRow:
        """A row by its section, and its item where there are several. KeyError for one that is not
        there."""
        for row in self.rows:
            if row.section == section and item in ("", row.item):
                return row
        raise KeyError(section)


class _Cases:
    """The participants of some caseloads, as known on a day."""

    def __init__(self, caseloads: Iterable[Caseload], known: date) -> None:
        self.caseloads, self.known = tuple(c.as_known(known) for c in caseloads), known
        self.ages: dict[Participant, str] = {}
        self.stays: dict[Participant, list[Enrollment]] = {}
        self.costs: list[Cost] = []
        for caseload in self.caseloads:
            self.ages |= {r.participant: r.age_group for r in caseload.participants}
            for stay in caseload.enrollments:
                if stay.days.start <= known:
                    self.stays.setdefault(stay.participant, []).append(stay)
            self.costs += [c for c in caseload.costs if c.amount > 0]

    def persons(
        self, section: str, item: str, who: Iterable[Participant], number: int | None = None, note: str = ""
    ) -> ReportRow:
        """A row that counts each person once."""
        ages: dict[Literal["adult", "child"], int] = {"adult": 0, "child": 0}
        for participant in set(who):
            ages["child" if self.ages.get(participant) == "child" else "adult"] += 1
        return ReportRow(
            section=section,
            item=item,
            adults=ages["adult"],
            children=ages["child"],
            persons=sum(ages.values()),
            number=number,
            note=note,
        )

    def report(self, period: str, rows: Iterable[ReportRow]) -> GranteeReport:
        label = next((c.label for c in self.caseloads if c.label), "")
        return GranteeReport(period, self.known, tuple(rows), tuple(sorted(c.issuer for c in self.caseloads)), label)

    def enrolled(self, days: Interval, subaward: str = "") -> list[Participant]:
        """Who was enrolled on any of these days, at one subaward or anywhere."""
        return [
            who
            for who, stays in self.stays.items()
            if any(s.days.clip(days) and subaward in ("", s.subaward) for s in stays)
        ]


def _cases(caseloads: Iterable[Caseload], known: date | None) -> _Cases:
    loads = each_once(caseloads)
    refuse(two_of_one_issuer(loads))
    return _Cases(loads, known or max(c.report_date for c in loads))


def quarterly(
    caseloads: Iterable[Caseload], quarter: Quarter, reported: Iterable[Reported] = (), known: date | None = None
) -> GranteeReport:
    """The report of a quarter. `reported` is what regional partners say of their outreach, where
    there are any.

    A person enters with the first day ever enrolled, and a case closes with the last one, when none
    is open. A caseload given twice counts once; two of one issuer that differ are `Rejected`.
    """
    cases = _cases(caseloads, known)
    return cases.report(str(quarter), _quarter(cases, quarter, tuple(reported)))


def _quarter(cases: _Cases, quarter: Quarter, reported: tuple[Reported, ...]) -> Iterator[ReportRow]:
    days = quarter.days
    entered = [who for who, stays in cases.stays.items() if min(s.days.start for s in stays) in days]
    yield cases.persons("Program entry", "entered", entered)
    closed = []
    for who, stays in cases.stays.items():
        last = max(s.days.last for s in stays)
        if last in days and last <= cases.known:
            closed.append(who)
    yield cases.persons("Case closure", "closed", closed)
    yield ReportRow(section="Barriers", item="", note="not kept in a caseload workbook")
    latest: dict[tuple[str, str, str], Reported] = {}
    for row in sorted(reported, key=lambda r: r.published):
        if row.quarter == quarter and row.published <= cases.known:
            latest[row.award, row.measure, row.member] = row
    for measure, (_, title) in MEASURES.items():
        counts = [row.count for (_, name, _), row in latest.items() if name == measure]
        note = "" if counts else "nothing was reported"
        yield ReportRow(section="Outreach", item=title, number=sum(counts) if counts else None, note=note)
    for subaward in sorted({s.subaward for stays in cases.stays.values() for s in stays}):
        yield cases.persons("Subrecipient enrollment", f"{subaward}{IN_QUARTER}", cases.enrolled(days, subaward))
        last_day = Interval(min(days.end or cases.known, cases.known), min(days.end or cases.known, cases.known))
        yield cases.persons("Subrecipient enrollment", f"{subaward}{AT_END}", cases.enrolled(last_day, subaward))


def yearly(caseloads: Iterable[Caseload], year: int, known: date | None = None) -> GranteeReport:
    """The report of a federal fiscal year: who used which service, and which categories of
    assistance were given.

    A caseload given twice counts once; two of one issuer that differ are `Rejected`.
    """
    cases = _cases(caseloads, known)
    return cases.report(f"FFY {year}", _year(cases, year))


def _year(cases: _Cases, year: int) -> Iterator[ReportRow]:
    days = Interval(date(year - 1, 10, 1), date(year, 9, 30))
    costs = [c for c in cases.costs if any(federal_fiscal_year(m.first) == year for m in c.service_months)]
    yield cases.persons("Service use", "enrolled", cases.enrolled(days))
    for service in sorted({c.service for c in costs}):
        ours = [c for c in costs if c.service == service]
        yield cases.persons("Service use", service, (c.participant for c in ours if c.participant), len(ours))
    for group in dict.fromkeys(group for word, (_, group) in PAGE_SERVICES.items() if word not in WITHOUT_COST):
        words = {word for word, (_, of) in PAGE_SERVICES.items() if of == group}
        ours = [c for c in costs if c.category in words]
        people = (c.participant for c in ours if c.participant)
        yield cases.persons("Groups of assistance", group, people, len(ours))
    for word, (title, _) in PAGE_SERVICES.items():
        ours = [c for c in costs if c.category == word]
        people = (c.participant for c in ours if c.participant)
        if word in WITHOUT_COST and not ours:
            yield ReportRow(section="Categories of assistance", item=title, note="no cost is kept of it")
        else:
            yield cases.persons("Categories of assistance", title, people, len(ours))
    ours = [c for c in costs if c.category not in PAGE_SERVICES]
    people = (c.participant for c in ours if c.participant)
    yield cases.persons("Categories of assistance", UNNAMED, people, len(ours))
