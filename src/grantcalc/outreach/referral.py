"""Who serves a person in a place, on a day: the award's own network first, then the directory.

The award workbook knows who serves which region or State, and not what is offered there in which
language. That is added where a directory row names the organization; otherwise the answer says that
it is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from grantcalc.awards import Organization
from grantcalc.display import Displayed
from grantcalc.network import Network
from grantcalc.outreach.directory import Directory, DirectoryEntry, folded_text
from grantcalc.outreach.search import MOST_HITS, Answer, Where, named_place, search
from grantcalc.periods import as_date
from grantcalc.regions import jurisdiction


@frozen
class Server:
    """A subrecipient or recipient of the network that serves a place, under which awards or
    subawards, and why here."""

    holders: tuple[str, ...]
    organization: Organization
    why: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.organization.name} ({', '.join(self.holders)}): {'; '.join(self.why)}"


@frozen
class Referral(Displayed):
    """Whom to call, nearest first: the network's servers, then the directory's answer. `served` is
    False where nobody of the network serves the place; `hint` says what was not understood of
    it."""

    where: Where
    day: date
    servers: tuple[Server, ...]
    directory: Answer
    hint: str = ""

    @property
    def served(self) -> bool:
        return bool(self.servers)

    @property
    def says(self) -> str:
        """In a sentence, what a list does not tell: that nobody of the network serves the place, or
        that being in a region is not enough there."""
        if self.hint:
            return self.hint
        if not self.served:
            return f"No award or subaward serves {self.where} on {self.day}."
        if self.where.state is not None and not self.where.state.grant_eligible:
            return f"{self.where.state.name} is in an HHS region, which alone makes no grant there eligible."
        return ""

    def __str__(self) -> str:
        lines = [self.says] if self.says else []
        lines += [f"{number}. {server}" for number, server in enumerate(self.servers, 1)]
        return "\n".join(lines if self.hint else [*lines, "Directory:", str(self.directory)])


def refer(
    network: Network,
    directory: Directory,
    place: str,
    *,
    need: str = "",
    language: str = "",
    day: date,
    known: date | None = None,
    most: int = MOST_HITS,
) -> Referral:
    """Who serves a person in a place who needs something and speaks a language, on a day, as known
    on a day.

    `known` is the later report date of the two documents unless it is given. First the
    subrecipients whose subaward serves the place, then those of its State and of its region under
    an award that does, then the recipient; then the directory. A place that is not understood gives
    nothing and a hint.
    """
    day = as_date(day)
    known = known or max(network.report_date, directory.report_date)
    where = named_place(directory, place)
    if isinstance(where, str):
        return Referral(Where(), day, (), Answer((), 0, where), where)
    servers = () if where.wide is None else tuple(_servers(network, directory, where, day, known, need, language))
    answer = search(directory, place=where, need=need, language=language, day=day, most=most)
    return Referral(where, day, servers, answer)


def _servers(
    network: Network, directory: Directory, where: Where, day: date, known: date, need: str, language: str
) -> Iterator[Server]:
    """The servers of the network, nearest first; an organization with several subawards stands
    once, where it is nearest."""
    near: dict[str, tuple[int, str]] = {}
    holders: dict[str, list[str]] = {}
    for distance, holder, id, why in sorted(_reasons(network, where, day, known)):
        near.setdefault(id, (distance, why))
        if near[id][0] == distance:
            holders.setdefault(id, []).append(holder)
    names = {id: network.organization(id) for id in near}
    for id in sorted(near, key=lambda id: (near[id][0], names[id].name)):
        offered = _offered(directory, names[id], day, need, language)
        yield Server(tuple(holders[id]), names[id], (near[id][1], *offered))


def _reasons(network: Network, where: Where, day: date, known: date) -> Iterator[tuple[int, str, str, str]]:
    """How near, by which award or subaward, which organization, and why: 0 serves the place by its
    own subaward, 1 is of its State, 2 of its region, 3 is the recipient."""
    assert where.wide is not None
    serving = set(network.who_serves(where.state or where.wide, day, known))
    name = where.state.name if where.state else str(where)
    for subaward in network.subawards:
        id, award = subaward.subrecipient, network.award_of(subaward.id)
        code = network.organization(id).state
        state = jurisdiction(code) if code else None
        if day not in subaward.period:
            continue
        if subaward.id in serving:
            yield 0, subaward.id, id, f"its subaward serves {name}"
        elif award.fain in serving and state is not None and state == where.state:
            yield 1, subaward.id, id, f"works in {name}, under an award that serves it"
        elif award.fain in serving and state is not None and state.region == where.wide.number:
            yield 2, subaward.id, id, f"works in {state.name}, in the same HHS region"
    for award in network.awards:
        if award.fain in serving and day in award.period:
            yield 3, award.fain, award.recipient, f"recipient of the award that serves {name}"


def _offered(directory: Directory, organization: Organization, day: date, need: str, language: str) -> Iterator[str]:
    """What the directory knows of an organization of the network."""
    entry = _entry_of(directory, organization, day)
    if entry is None:
        if need or language:
            yield "what it offers is not in the directory: ask"
        return
    if need:
        word = folded_text(need).replace(" ", "_")
        yield f"{'offers' if word in entry.services else 'does not list'} {word.replace('_', ' ')}"
    if language:
        spoken = folded_text(language) in map(folded_text, entry.languages)
        yield f"{'speaks' if spoken else 'does not list'} {language}"


def _entry_of(directory: Directory, organization: Organization, day: date) -> DirectoryEntry | None:
    rows = (
        e for at, e in enumerate(directory.entries) if e.organization == organization.id and directory.holds(at, day)
    )
    return next(rows, None)
