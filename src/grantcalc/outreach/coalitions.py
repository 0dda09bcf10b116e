"""The coalitions of the Rescue & Restore campaign: a registry of places, each tested against HHS's
standards.

The list of the 24 places was not found, so that the registry ships empty and is filled from a
workbook. A standard that rests on a fact that is not given was not tested, and no coalition passes
by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from attrs import field, frozen

from grantcalc.compliance.results import CheckResult, judged, not_tested
from grantcalc.errors import Finding
from grantcalc.network import Network
from grantcalc.periods import Interval
from grantcalc.provenance import NOWHERE, Authority, Source
from grantcalc.regions import jurisdiction

PLACE_KINDS = 24
"""The places of coalitions that HHS's page on its anti-trafficking programs names."""
STANDARDS = Authority("HHS's general standards for a coalition that it recognizes")
LEAST_MEMBERS = 10
LEAST_SECTORS = 3
"""*Choice.* "Several sectors" are three or more."""

MEMBER_KINDS = ("city", "region", "state")
SECTORS = (
    "law_enforcement", "local_government", "civic", "faith_based", "ethnic_and_immigrant", "women", "labor",
    "immigration", "community_health", "legal_assistance", "social_services", "academic", "student", "other",
)  # fmt: skip
"""The sectors that HHS's pages name, and any other, which is none of the several that a coalition
needs."""


@frozen(kw_only=True)
class Coalition:
    """A coalition of a city, a region or a State; `partner` is the award of its regional partner,
    empty where it has none.

    The purposes are None where they are not given: to raise awareness of sex and of labor
    trafficking, to help identify victims, and to work to raise the number identified and assisted.
    """

    id: str
    place: str
    kind: str
    state: str
    partner: str = ""
    sex: bool | None = None
    labor: bool | None = None
    helps_identify: bool | None = None
    raises_numbers: bool | None = None
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True)
class Member:
    """A member of a coalition: its sector, the days, and the party that it is of, where it does not
    stand alone."""

    coalition: str
    id: str
    sector: str
    days: Interval
    party: str = ""
    source: Source = field(default=NOWHERE, eq=False)


def standards(coalition: Coalition, members: Iterable[Member], day: date) -> tuple[CheckResult, ...]:
    """HHS's standards for a coalition, each met, not met, or not tested, on a day."""
    ours = [m for m in members if m.coalition == coalition.id and day in m.days]
    parties = {m.party or m.id for m in ours}
    sectors = {m.sector for m in ours} - {"other"}
    subject, source = f"coalition {coalition.id}", coalition.source

    def test(good: bool, what: str, says: str) -> CheckResult:
        return judged(good, what, subject, says, STANDARDS, source)

    def purpose(what: str, *facts: bool | None) -> CheckResult:
        if None in facts and False not in facts:
            return not_tested(what, subject, "this is not given", STANDARDS, source=source)
        return test(all(facts), what, "it is one of its purposes" if all(facts) else "it is none of its purposes")

    return (
        test(len(parties) >= 2, "An alliance of distinct parties", f"{len(parties)} distinct parties"),
        test(len(parties) >= LEAST_MEMBERS, f"At least {LEAST_MEMBERS} members", f"{len(parties)} distinct members"),
        test(len(sectors) >= LEAST_SECTORS, "Members from several sectors", f"{len(sectors)} sectors"),
        purpose("Raising awareness of sex and labor trafficking", coalition.sex, coalition.labor),
        purpose("Helping to identify victims", coalition.helps_identify),
        purpose("Raising the number identified and assisted", coalition.raises_numbers),
    )


@frozen
class RegistryEntry:
    """A place of the registry: the coalition, its members, the standards, and who serves its State
    on a day."""

    coalition: Coalition
    members: int
    sectors: tuple[str, ...]
    standards: tuple[CheckResult, ...]
    served_by: tuple[str, ...]

    @property
    def recognized(self) -> bool:
        """Whether it meets every standard; one that was not tested is not met."""
        return all(o.result == "pass" for o in self.standards)


@frozen
class Registry:
    """The coalitions registered, on a day, as known."""

    day: date
    entries: tuple[RegistryEntry, ...]
    findings: tuple[Finding, ...] = ()
    label: str = ""

    @property
    def without_partner(self) -> tuple[Coalition, ...]:
        """Coalitions that no regional partner leads."""
        return tuple(e.coalition for e in self.entries if not e.coalition.partner)

    @property
    def unregistered(self) -> int:
        """How many of the 24 places are not registered."""
        return max(PLACE_KINDS - len(self.entries), 0)

    def of_kind(self, kind: str) -> int:
        """How many of the places are cities, regions or States."""
        return sum(1 for e in self.entries if e.coalition.kind == kind)


def register(
    coalitions: Iterable[Coalition], members: Iterable[Member], network: Network | None, day: date, label: str = ""
) -> Registry:
    """The registry on a day. `network` says who serves which State, and which awards a partner can
    have."""
    several, joined = tuple(coalitions), tuple(members)

    def entry(c: Coalition) -> RegistryEntry:
        ours = [m for m in joined if m.coalition == c.id and day in m.days]
        served = network.who_serves(jurisdiction(c.state), day, network.report_date) if network and c.state else ()
        sectors = tuple(s for s in SECTORS if any(m.sector == s for m in ours))
        return RegistryEntry(c, len({m.party or m.id for m in ours}), sectors, standards(c, joined, day), served)

    return Registry(day, tuple(map(entry, several)), tuple(_findings(several, joined, network)), label)


def _findings(
    coalitions: tuple[Coalition, ...], members: tuple[Member, ...], network: Network | None
) -> Iterator[Finding]:
    if len(coalitions) > PLACE_KINDS:
        problem, wanted = "more places are registered than HHS's page names", f"{PLACE_KINDS} at most"
        yield coalitions[PLACE_KINDS].source.finding("places", problem, wanted, len(coalitions), severity="warning")
    awards = {a.fain for a in network.awards} if network else set()
    for c in coalitions:
        if network and c.partner and c.partner not in awards:
            problem = "the award workbook lists no such award"
            yield c.source.finding("partner", problem, "a FAIN", column="partner", severity="warning")
    seen: set[tuple[str, str, date]] = set()
    for m in members:
        if (m.coalition, m.id, m.days.start) in seen:
            problem = "this member is listed twice"
            yield m.source.finding("twice", problem, "one row each", column="member", severity="warning")
        seen.add((m.coalition, m.id, m.days.start))
