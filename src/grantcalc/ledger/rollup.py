"""The roll-up: subaward to recipient to agency, or to HHS region, each parent exactly the sum of
its children."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Literal

from attrs import frozen

from grantcalc.declared import checked, declared
from grantcalc.display import Displayed
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import Request, by_subaward, requests
from grantcalc.network import Network

Level = Literal["all", "agency", "recipient", "award", "region", "subaward", "own"]


@frozen(kw_only=True, field_transformer=declared)
class Total(Displayed):
    """A node of the roll-up: what was earned, is held back by ceilings (0 or less) and is on hold,
    in cents. With children it is their sum; a parent's own lines are one of its children (Rulebook
    9.2)."""

    level: Level
    id: str
    name: str
    earned: int
    held_back: int
    on_hold: int
    children: tuple[Total, ...] = ()

    @property
    def allowed(self) -> int:
        """Earned, less what is held back; what is on hold is allowed too."""
        return self.earned + self.held_back

    def find(self, id: str) -> Total | None:
        """The first node with this id, from here down."""
        if self.id == id:
            return self
        return next((node for child in self.children if (node := child.find(id))), None)


@checked
def roll_up(
    ledger: Ledger, network: Network, known: date | None = None, by: Literal["agency", "region"] = "agency"
) -> Total:
    """What is posted and allowed, as known: by agency, recipient, award and subaward, or by region
    and subaward.

    `known` is by default that of a request (`requests`); an earlier one gives the roll-up of that
    day.
    """
    known = known or max(ledger.known, network.report_date)
    then = ledger.as_of(known)
    own = _by_subaward(requests(then, network, known), then, network)
    if by == "region":
        regions: dict[int, list[Total]] = defaultdict(list)
        for id in sorted(own):
            region = network.region_of(id)
            regions[region.number if region else 0].append(_leaf("subaward", id, network, own))
        children = [
            _sum("region", str(n), f"Region {n}" if n else "no State given", regions[n]) for n in sorted(regions)
        ]
        return _sum("all", "", "All regions", children)
    agencies: dict[str, dict[str, list[Total]]] = defaultdict(lambda: defaultdict(list))
    for award in sorted(network.awards, key=lambda a: a.fain):
        node = _node("award", award.fain, award.fain, network, own)
        if node:
            agencies[award.agency][award.recipient].append(node)
    found_agencies = [
        _sum("agency", agency, agency, [_recipient(id, awards, network) for id, awards in sorted(recipients.items())])
        for agency, recipients in sorted(agencies.items())
    ]
    return _sum("all", "", "All agencies", found_agencies)


RollupFigures = dict[str, tuple[int, int, int]]


def _by_subaward(asked: Iterable[Request], ledger: Ledger, network: Network) -> RollupFigures:
    """Earned, held back and on hold of each subaward's own lines."""
    earned: dict[str, int] = defaultdict(int)
    held: dict[str, int] = defaultdict(int)
    on_hold: dict[str, int] = defaultdict(int)
    for r in asked:
        for line in r.lines:
            earned[line.subaward] += line.amount
        for reduction in r.reductions:
            held[reduction.line.subaward] += reduction.amount
        for part in by_subaward(r, ledger, network):
            on_hold[part.subaward] += part.on_hold
    return {id: (earned[id], held[id], on_hold[id]) for id in earned}


def _node(level: Level, id: str, name: str, network: Network, own: RollupFigures) -> Total | None:
    """An award or subaward with all below it; None where nothing was posted."""
    below = (
        _node("subaward", s.id, network.organization(s.subrecipient).name, network, own)
        for s in sorted(network.subawards, key=lambda s: s.id)
        if s.parent == id
    )
    children = [child for child in below if child]
    if not children:
        return _total(level, id, name, own[id]) if id in own else None
    if id in own:
        children.insert(0, _total("own", id, "its own service", own[id]))
    return _sum(level, id, name, children)


def _leaf(level: Level, id: str, network: Network, own: RollupFigures) -> Total:
    return _total(level, id, network.organization(network.subaward(id).subrecipient).name, own[id])


def _recipient(id: str, awards: list[Total], network: Network) -> Total:
    return _sum("recipient", id, network.organization(id).name, awards)


def _sum(level: Level, id: str, name: str, children: Iterable[Total]) -> Total:
    below = tuple(children)
    figures = sum(c.earned for c in below), sum(c.held_back for c in below), sum(c.on_hold for c in below)
    return _total(level, id, name, figures, below)


def _total(level: Level, id: str, name: str, figures: tuple[int, int, int], children: tuple[Total, ...] = ()) -> Total:
    earned, held_back, on_hold = figures
    return Total(level=level, id=id, name=name, earned=earned, held_back=held_back, on_hold=on_hold, children=children)
