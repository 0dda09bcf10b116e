"""A claim: everything that caseloads earn under their awards to a month, as known on a day
(Rulebook 5 to 7).

`bill` judges each participant's ceilings and each subaward's. What lies above a subaward (its
parents and the award) is judged where the claims of all children are together: in the request.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import date

from attrs import evolve, field, frozen

from grantcalc.billing.billed_award import BilledAward, bill_award
from grantcalc.billing.caseload import Caseload
from grantcalc.billing.checks import check_caseloads, default_known
from grantcalc.billing.fields import UNCOUNTED
from grantcalc.billing.in_memory import check_network_rows
from grantcalc.billing.issuers import each_once, vanished_rows
from grantcalc.billing.lines import Line, Reduction, how_many
from grantcalc.billing.parties import Party, named_parties, party
from grantcalc.billing.plausibility import implausible
from grantcalc.billing.reasons import CREDIT
from grantcalc.declared import checked, declared
from grantcalc.display import Displayed
from grantcalc.errors import Finding, NotInForce, Rejected, all_not_in_force, by_place, refuse
from grantcalc.file_names import neutral_names, renamed
from grantcalc.money import Money, money
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Input, Source
from grantcalc.terms import TermUsed

_LOG = logging.getLogger(__name__)


@frozen(order=True, field_transformer=declared)
class OpeningSum:
    """Opening figures of an issuer's participants at a subaward, summed by window and pool, in
    cents: what a request must know of them, and no participant (Rulebook 7.8.1)."""

    issuer: str
    subaward: str
    window: str
    pool: str
    amount: int


@frozen(kw_only=True, field_transformer=declared)
class Claim(Displayed):
    """What is owed for everything to the end of `through`, as known on `known`: lines, and what
    ceilings hold back.

    With detail each line has its participant; `counted()` gives the claim that goes up. Amounts are
    cents.
    """

    through: Month
    known: date
    lines: tuple[Line, ...] = field(repr=how_many)
    reductions: tuple[Reduction, ...] = field(repr=how_many)
    parties: tuple[Party, ...]
    issuers: tuple[str, ...]
    terms: tuple[TermUsed, ...] = ()
    inputs: tuple[Input, ...] = ()
    notes: tuple[Finding, ...] = ()
    label: str = ""
    openings: tuple[OpeningSum, ...] = ()
    awards: tuple[str, ...] = field(default=(), eq=False)
    """The awards of the network from which it was billed; empty where that is not told, as in a
    claim workbook."""
    named: tuple[tuple[str, str], ...] = field(default=(), eq=False)
    """Who claims, of which award, for which days and how to reach whom, for the first page; each by
    its label. Empty where that is not told, as in a claim workbook."""

    @property
    def earned(self) -> Money:
        """Σ lines, before ceilings."""
        return money(sum(line.amount for line in self.lines))

    @property
    def held_back(self) -> Money:
        """Σ of what ceilings hold back; zero or negative."""
        return money(sum(reduction.amount for reduction in self.reductions))

    @property
    def total(self) -> Money:
        """What is allowed: earned, less what is held back."""
        return money(sum(x.amount for x in self.lines) + sum(x.amount for x in self.reductions))

    @property
    def detailed(self) -> bool:
        """Whether any line names a participant or a day of service. A counted claim has neither."""
        return any(line.participant or line.day for line in self.lines)

    def counted(self) -> Claim:
        """The claim without participants or rows: equal lines counted together (5.1), files renamed
        (`file_names`)."""
        told = (text for p in self.parties for text in (p.subaward, p.subrecipient, p.recipient))
        names = neutral_names(self.inputs, (*self.issuers, *told))
        lines: dict[Line, tuple[int, int]] = {}
        for line in self.lines:
            key = counted_key(line)
            if key.source.file in names:
                key = evolve(key, source=Source(names[key.source.file], key.source.sheet))
            count, amount = lines.get(key, (0, 0))
            lines[key] = (count + line.count, amount + line.amount)
        finished = {key: evolve(key, count=count, amount=amount) for key, (count, amount) in lines.items()}
        reductions: dict[Reduction, tuple[int, int]] = {}
        for reduction in self.reductions:
            held = evolve(reduction, line=finished[counted_key(reduction.line)], count=0, amount=0)
            count, amount = reductions.get(held, (0, 0))
            reductions[held] = (count + reduction.count, amount + reduction.amount)
        return evolve(
            self,
            lines=tuple(sorted(finished.values(), key=reading_order)),
            reductions=tuple(
                sorted(
                    (evolve(held, count=count, amount=amount) for held, (count, amount) in reductions.items()),
                    key=lambda x: (reading_order(x.line), x.name, x.window, x.room),
                )
            ),
            inputs=renamed(self.inputs, names) if names else self.inputs,
            notes=tuple(
                dict.fromkeys(
                    evolve(f, place=evolve(f.place, file=names.get(f.place.file, f.place.file), cell=""))
                    for f in self.notes
                )
            ),
        )


def counted_key(line: Line) -> Line:
    """What equal lines have in common; credits are never counted together with costs (Rulebook
    7.2)."""
    source = Source(line.source.file, line.source.sheet)
    reason = line.reason or (CREDIT if line.amount < 0 else None)
    return evolve(line, **UNCOUNTED, count=0, amount=0, reason=reason, source=source)


def reading_order(line: Line) -> tuple[object, ...]:
    """The order in which a person reads lines: award, subaward, month, service, phase."""
    rate = line.rate
    return (
        line.award,
        line.subaward,
        line.issuer,
        line.month.number,
        line.budget_period,
        line.service,
        line.phase,
        line.category,
        line.divisor,
        -line.quantity,
        (rate.value.value, rate.effective, rate.published, rate.authority.citation) if rate else (),
        (line.reason.code, line.reason.figures) if line.reason else (),
        (line.participant.pseudonym, line.day or date.min, line.reference, line.amount) if line.participant else (),
    )


@checked
def bill(
    caseloads: Caseload | Iterable[Caseload],
    network: Network,
    through: Month,
    known: date | None = None,
    *,
    previous: Caseload | Iterable[Caseload] = (),
) -> Claim:
    """Bill caseloads under their awards, for every month to the end of `through`, as known on
    `known`.

    `known` is by default the latest report date of the inputs; the clock is never read. A caseload
    given twice counts once; two of one issuer that differ are refused. Each row of a `previous`
    caseload that the new one of its issuer no longer has is noted. Refused with `Rejected`: every
    row that cannot be billed, all at once; with `NotInForce`: every rate, ceiling or terms that did
    not hold, or were not yet published.
    """
    loads, earlier = each_once(caseloads), each_once(previous)
    known = known or default_known(network, loads)
    refuse(check_network_rows(network.as_known(date.max)))
    network = network.as_known(known)
    told = [*check_caseloads(loads, network, known), *implausible(loads, network, through, known)]
    told += vanished_rows(loads, earlier)
    refuse(told, Rejected)
    lines: list[Line] = []
    reductions: list[Reduction] = []
    terms: list[TermUsed] = []
    notes: list[Finding] = [*network.coverage(min(known, through.last), known), *sorted(told, key=by_place)]
    carried: list[OpeningSum] = []
    for billed in _bill_awards(loads, network, through, known):
        notes += (note for note in billed.findings if note not in notes)
        carried += (OpeningSum(*key, cents) for key, cents in billed.openings.items())
        lines += billed.lines
        reductions += billed.reductions
        terms += billed.terms
    if sum(bool(load.participants) for load in loads) > 1:
        where = Source(loads[0].source.file, "Participants")
        problem = "participants of different issuers were not compared"
        notes.append(where.finding("issuers", problem, severity="warning"))
    used, before = sorted({line.subaward for line in lines}), caseload_inputs(earlier, "previous")
    what = "billed through %s as known on %s (caseloads: %d, lines: %d, reductions: %d)"
    _LOG.debug(what, through, known, len(loads), len(lines), len(reductions))
    labels = dict.fromkeys(x for x in (network.label, *(c.label for c in loads)) if x)
    return Claim(
        through=through,
        known=known,
        lines=tuple(lines),
        reductions=tuple(reductions),
        parties=tuple(party(network, s) for s in used),
        issuers=tuple(c.issuer for c in loads),
        terms=tuple(terms),
        inputs=tuple(sorted({*network_inputs(network), *caseload_inputs(loads), *before})),
        notes=tuple(notes),
        label="; ".join(labels),
        openings=tuple(sorted(carried)),
        awards=tuple(sorted(a.fain for a in network.awards)),
        named=named_parties(network, used),
    )


def _bill_awards(loads: tuple[Caseload, ...], network: Network, through: Month, known: date) -> list[BilledAward]:
    """Every award, by its number; `NotInForce` with all that any of them lacks."""
    current = tuple(load.as_known(known) for load in loads)
    billed: list[BilledAward] = []
    missing: list[NotInForce] = []
    for award in sorted(network.awards, key=lambda a: a.fain):
        try:
            billed.append(bill_award(award, loads, current, network, through, known))
        except NotInForce as lacking:
            missing.append(lacking)
    if missing:
        raise all_not_in_force(missing)
    return billed


def caseload_inputs(loads: Iterable[Caseload], role: str = "caseload") -> Iterator[Input]:
    """The caseload workbooks that a claim was made from, the layouts that they were read by, and
    the letter logs."""
    for load in loads:
        yield from load.origin.inputs(role, load.report_date)
        for log in load.logs:
            yield from log.origin.inputs("letters", log.report_date)


def network_inputs(network: Network) -> Iterator[Input]:
    """The award workbook, the layout that it was read by, and the terms, whether they lie beside it
    or ship with the library: the digest of such a file, and of what it says, is that of its
    bytes."""
    yield from network.origin.inputs("award", network.report_date)
    for award in network.awards:
        terms = award.terms
        yield Input("terms", terms.file, terms.digest, terms.digest, terms.published)
