"""What a request refuses or notes of its claims, its ledger and its cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from grantcalc.billing.checks import NO_REPORTER, REPORTERS, check_issuers
from grantcalc.billing.claims import Claim
from grantcalc.errors import Finding, Place
from grantcalc.ledger.federal import FederalShare
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.posted_lines import counted_lines
from grantcalc.money import plain
from grantcalc.network import Network
from grantcalc.provenance import NOWHERE, Word


def superseded(claims: Iterable[Claim]) -> Iterator[Finding]:
    """Each claim that a newer one of the same issuer under the same award replaces (Rulebook
    9.1)."""
    newest: dict[tuple[str, str], Claim] = {}
    for claim in sorted(claims, key=lambda c: (c.known, c.through), reverse=True):
        parts = [(issuer, party.award) for issuer in claim.issuers for party in claim.parties]
        newer = next((newest[part] for part in parts if part in newest), claim)
        if evolve(newer, inputs=()) != evolve(claim, inputs=()):
            problem = f"a claim of the same issuer is given as known on {newer.known}; this one is of {claim.known}"
            expected = "one claim of each issuer: leave this one out, and bill again any issuer that only it has"
            file = claim.inputs[0].file if claim.inputs else ""
            yield Place(file).finding("superseded", problem, expected)
        for part in parts:
            newest.setdefault(part, claim)


def wrong_reporters(ledger: Ledger, network: Network) -> Iterator[Finding]:
    """What an issuer claims that does not report for the subaward, or looks like another one
    (Rulebook 5.5)."""
    claimed = sorted({(line.issuer, line.subaward) for line, _, _ in counted_lines(ledger.allowed())})
    yield from check_issuers(((issuer, NOWHERE) for issuer in sorted({issuer for issuer, _ in claimed})), network)
    for issuer, subaward in claimed:
        if network.knows_subaward(subaward) and issuer not in network.reporters(subaward):
            yield NOWHERE.finding("reporter", NO_REPORTER, REPORTERS, Word(f"a claim for {subaward}"))


def held_in_vain(ledger: Ledger, network: Network) -> Iterator[Finding]:
    """A hold on a subaward that is not there holds nothing, and whoever mistyped its number must
    hear of it."""
    for id in ledger.holds:
        if not network.knows_subaward(id):
            problem, wanted = "a hold names a subaward that the award workbook does not list", "one that it lists"
            yield NOWHERE.finding("hold", problem, wanted, id, severity="warning")


def not_obligated(cost: FederalShare, obligated: int) -> Iterator[Finding]:
    """What is cut of indirect cost and of estimated outlays, since no more is obligated (Rulebook
    9.2.1)."""
    for what, cents in (("indirect cost", cost.indirect_cut), ("estimated outlays", cost.estimated_cut)):
        if cents:
            problem = f"{plain(cents)} of {what} is not requested, because the federal share reaches what is obligated"
            expected = f"a federal share of at most {plain(obligated)}"
            yield NOWHERE.finding("obligated", problem, expected, severity="warning")
