"""Who passes what to whom, and who serves which region or state on a day, as known on a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import TypeVar

from attrs import define, evolve, field, frozen

from grantcalc.amendments import check_carry_over, extended_award, extended_subaward, last_days, with_amendments
from grantcalc.awards import (
    FINANCIALS,
    FORM_ENTRIES,
    Amendment,
    Award,
    BooksFigure,
    Disallowance,
    FormEntry,
    Organization,
    Subaward,
)
from grantcalc.declared import declared
from grantcalc.errors import Finding, Unknown, shown_key
from grantcalc.known import Fact, Series
from grantcalc.lookalikes import look_alike
from grantcalc.provenance import ADDED_LATER, NOWHERE, Authority, Origin, Source
from grantcalc.regions import REGIONS, Jurisdiction, Region, jurisdiction

__all__ = ["Area", "Network"]

T = TypeVar("T", Award, Subaward, Organization)


@frozen(kw_only=True, field_transformer=declared)
class Area:
    """From `effective` on, the holder of an award or subaward serves a region or a jurisdiction, or
    no longer does."""

    holder: str
    place: Region | Jurisdiction
    serves: bool
    effective: date
    published: date
    source: Source = field(default=NOWHERE, eq=False)


@define(kw_only=True, frozen=True, slots=False, field_transformer=declared)
class Network:
    """The recipient's side of the books: organizations, awards with their terms, amendments,
    subawards and areas.

    What `read_award` gives. `report_date` is the date of the document that states it. Amounts of
    budget periods and subawards hold what the amendments say of them.
    """

    report_date: date
    organizations: tuple[Organization, ...]
    awards: tuple[Award, ...]
    subawards: tuple[Subaward, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    areas: tuple[Area, ...] = ()
    disallowances: tuple[Disallowance, ...] = ()
    financials: tuple[BooksFigure, ...] = ()
    form_entries: tuple[FormEntry, ...] = field(default=(), metadata=ADDED_LATER)
    label: str = ""
    origin: Origin = field(default=Origin(), eq=False)

    def __attrs_post_init__(self) -> None:
        amended = {a.of for a in self.amendments}
        if amended:
            awards = tuple(self._amended_award(a) if a.fain in amended else a for a in self.awards)
            subawards = tuple(
                evolve(s, amount=self._amended(s.amount, s.id, "")) if s.id in amended else s for s in self.subawards
            )
            object.__setattr__(self, "awards", awards)
            object.__setattr__(self, "subawards", subawards)

    def _amended_award(self, award: Award) -> Award:
        periods = (evolve(p, amount=self._amended(p.amount, award.fain, p.label)) for p in award.budget_periods)
        return evolve(award, budget_periods=tuple(periods))

    def _amended(self, amount: Series[int], of: str, label: str) -> Series[int]:
        return with_amendments(amount, (a for a in self.amendments if (a.of, a.budget_period) == (of, label)))

    def as_known(self, known: date) -> Network:
        """The network with the last days of awards, budget periods and subawards as known on a day:
        those that the extensions published by then give."""
        if not (ends := last_days(self.amendments, known)):
            return self
        awards = tuple(extended_award(award, ends) for award in self.awards)
        subawards = tuple(extended_subaward(subaward, ends) for subaward in self.subawards)
        return evolve(self, awards=awards, subawards=subawards)

    @cached_property
    def _organizations(self) -> dict[str, Organization]:
        return {o.id: o for o in self.organizations}

    @cached_property
    def _awards(self) -> dict[str, Award]:
        return {a.fain: a for a in self.awards}

    @cached_property
    def _subawards(self) -> dict[str, Subaward]:
        return {s.id: s for s in self.subawards}

    def organization(self, id: str) -> Organization:
        """The organization with this id; `Unknown` when there is none."""
        return _look_up(self._organizations, id, "organization")

    def award(self, fain: str) -> Award:
        """The award with this FAIN; `Unknown` when there is none."""
        return _look_up(self._awards, fain, "award")

    def subaward(self, id: str) -> Subaward:
        """The subaward with this number. A FAIN stands for the recipient's own service under its
        award."""
        if id in self._awards:
            award = self._awards[id]
            return Subaward(
                id=id,
                parent=id,
                subrecipient=award.recipient,
                period=award.period,
                amount=Series(f"amount of {id}"),
                source=award.source,
            )
        return _look_up(self._subawards, id, "subaward")

    def knows_subaward(self, id: str) -> bool:
        return id in self._awards or id in self._subawards

    def ancestors(self, id: str) -> tuple[str, ...]:
        """The chain upward from a subaward: its parent, its parent's parent, …, the FAIN last.
        `Unknown` for a broken chain."""
        chain: list[str] = []
        while id not in self._awards:
            id = self.subaward(id).parent
            if id in chain:
                raise Unknown("award", "a chain of subawards that ends in an award", length=len(id))
            chain.append(id)
        return tuple(chain) or (id,)

    def reporters(self, subaward: str) -> tuple[str, ...]:
        """The organizations whose caseloads may report for a subaward: those that it names, or else
        its subrecipient; of an award's own service the recipient (Rulebook 5.5)."""
        subaward_read = self.subaward(subaward)
        return subaward_read.reported_by or (subaward_read.subrecipient,)

    def has_one_reporter(self, subaward: str) -> bool:
        """Whether one caseload holds all that is reported for a subaward: then `bill` judges what
        limits it (Rulebook 7.1.2)."""
        return len(self.reporters(subaward)) == 1

    def award_of(self, subaward: str) -> Award:
        """The federal award from which a subaward is made, through however many tiers."""
        return self._awards[self.ancestors(subaward)[-1]]

    def books(self, award: str, budget_period: str, day: date, known: date) -> tuple[BooksFigure, ...]:
        """The figures of the recipient's books for a budget period, to a day as known on a day; one
        of each name."""
        figures: dict[str, BooksFigure] = {}
        for f in sorted(self.financials, key=lambda f: (f.effective, f.published)):
            if (f.award, f.budget_period) == (award, budget_period) and f.effective <= day and f.published <= known:
                figures[f.name] = f
        return tuple(figures[name] for name in FINANCIALS if name in figures)

    def entries(self, award: str, known: date) -> dict[str, str]:
        """What the recipient enters into the boxes of forms of an award, as known on a day, by
        name."""
        told: dict[str, str] = {}
        for e in sorted(self.form_entries, key=lambda e: e.published):
            if e.award == award and e.published <= known:
                told[e.entry] = e.value
        return {name: told[name] for name in FORM_ENTRIES if name in told}

    def region_of(self, subaward: str) -> Region | None:
        """The HHS region in which the subrecipient works, or None where its state is not given."""
        state = self.organization(self.subaward(subaward).subrecipient).state
        return REGIONS[jurisdiction(state).region - 1] if state else None

    def who_serves(self, place: Region | Jurisdiction, day: date, known: date) -> tuple[str, ...]:
        """The awards and subawards that serve a place on a day as known on a day, in code-point
        order.

        A jurisdiction is served by whoever serves it, or its region unless it is itself left out.
        """
        holders = sorted({a.holder for a in self.areas})
        return tuple(h for h in holders if self._serves(h, place, day, known))

    def _serves(self, holder: str, place: Region | Jurisdiction, day: date, known: date) -> bool:
        wider = (REGIONS[place.region - 1],) if isinstance(place, Jurisdiction) else ()
        for where in (place, *wider):
            facts = [
                Fact(a.serves, a.effective, a.published, Authority(""), a.source)
                for a in self.areas
                if a.holder == holder and a.place == where
            ]
            fact = Series[bool]("area", tuple(facts)).find(day, known)
            if fact is not None:
                return fact.value
        return False

    def coverage(self, day: date, known: date) -> tuple[Finding, ...]:
        """One finding of the regions served by nobody, or by two recipients, of a network whose
        awards say that they cover the country (Rulebook 10); nothing is said of any other."""
        source = next((a.source for a in self.awards if a.nationwide), None)
        if source is None:
            return ()
        counts = {r.number: sum(h in self._awards for h in self.who_serves(r, day, known)) for r in REGIONS}
        none = [f"{number}" for number, count in counts.items() if not count]
        several = [f"{number}" for number, count in counts.items() if count > 1]
        said = [f"{_regions(none)} served by nobody"] if none else []
        said += [f"{_regions(several)} served by more than one recipient"] if several else []
        place, problem = Source(source.file, source.sheet), f"on {day} {' and '.join(said)}"
        wanted = "one recipient for each region"
        return (place.finding("coverage", problem, wanted, severity="warning"),) if said else ()


def _regions(numbers: Sequence[str]) -> str:
    *others, last = numbers
    return f"Regions {', '.join(others)} and {last} are" if others else f"Region {last} is"


def _look_up(values: dict[str, T], id: str, kind: str) -> T:
    if id not in values:
        raise Unknown(kind, "one that the award workbook lists", length=len(id), found=shown_key(id))
    return values[id]


def check_network(network: Network) -> Iterator[Finding]:
    """What is wrong between the rows of an award workbook: identifiers that look alike, and
    reporters that are not listed (Rulebook 5.5)."""
    yield from check_carry_over(network.awards, network.amendments)
    yield from look_alike(((o.id, o.source, "id") for o in network.organizations), "organization")
    numbers = [(a.fain, a.source, "fain") for a in network.awards]
    yield from look_alike([*numbers, *((s.id, s.source, "id") for s in network.subawards)], "number")
    listed = {o.id for o in network.organizations}
    for subaward in network.subawards:
        if not listed.issuperset(subaward.reported_by):
            problem, expected = "no such organization is listed", "organizations of the Organizations sheet"
            yield subaward.source.finding("reference", problem, expected, column="reported_by")
