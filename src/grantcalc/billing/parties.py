"""Who claims: the parties of each subaward, and their names on the first page of a claim."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from grantcalc.declared import declared
from grantcalc.network import Network


@frozen(order=True, field_transformer=declared)
class Party:
    """The parties of a subaward in a claim: the award, both organizations by name, and the HHS
    region."""

    subaward: str
    award: str
    recipient: str
    subrecipient: str
    region: int | None


def awards_of(parties: Iterable[Party]) -> tuple[str, ...]:
    """The awards of these parties, in order."""
    return tuple(sorted({p.award for p in parties}))


def party(network: Network, subaward: str) -> Party:
    """The names behind a subaward."""
    award = network.award_of(subaward)
    region = network.region_of(subaward)
    return Party(
        subaward,
        award.fain,
        network.organization(award.recipient).name,
        network.organization(network.subaward(subaward).subrecipient).name,
        region.number if region else None,
    )


MOST_NAMED = 3
"""So many subawards at most are named on the first page; more are in the tables below it."""


def named_parties(network: Network, used: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The legal names, numbers, periods and contacts of the subawards of a claim, and the days of
    their awards."""
    subawards = [network.subaward(id) for id in used]
    awards = [network.award_of(s.id) for s in subawards]
    who = [network.organization(s.subrecipient) for s in subawards]
    told: list[tuple[str, list[str]]] = [
        ("Award", [a.fain for a in awards]),
        ("Awarded", [f"{a.awarded}" for a in awards]),
        ("Recipient", [network.organization(a.recipient).name for a in awards]),
    ]
    if len(subawards) <= MOST_NAMED:
        told += [
            ("Subrecipient", [o.name for o in who]),
            ("Contact", [o.contact for o in who]),
            ("Subawards", [s.id for s in subawards]),
            ("Period", [f"{s.period}" for s in subawards]),
        ]
    return tuple((label, "; ".join(dict.fromkeys(filter(None, each)))) for label, each in told if any(each))
