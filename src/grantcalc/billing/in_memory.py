"""What the workbook reader refuses, refused of values made in memory too, with the same causes and
words.

A value that was read has passed all of this cell by cell; here it is said of its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from grantcalc.awards import FINANCIALS, FORM_ENTRIES, SHAPES, Award, wrong_entry
from grantcalc.billing.caseload import ROWS, Caseload
from grantcalc.eligibility import PSEUDONYM, looks_like
from grantcalc.errors import Finding
from grantcalc.keys import KEYS, repeated
from grantcalc.money import dollars
from grantcalc.network import Network
from grantcalc.periods import Interval
from grantcalc.provenance import NOWHERE
from grantcalc.terms.vocabulary import LETTERS, POOLS, one_of

COUNT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "households": ("family", "minors"),
    "counts": ("quantity",),
    "units": ("quantity",),
    "absences": ("hours",),
    "openings": ("months",),
}
WORD_FIELDS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "letters": ("kind", "letter", LETTERS),
    "absences": ("kind", "kind", ("hospital", "other")),
    "openings": ("pool", "pool", ("", *POOLS)),
}
"""By kind of row: the fields that are counts, and the field whose words are closed, with its
header."""


def check_rows(caseload: Caseload) -> Iterator[Finding]:
    """Pseudonyms, counts, closed words, credits and the issuer of a caseload."""
    if not caseload.issuer or "," in caseload.issuer:
        problem = (
            "an issuer must not contain a comma, because claims list issuers with commas"
            if caseload.issuer
            else "Issuer must not be empty"
        )
        cause = "issuer" if caseload.issuer else "empty"
        yield caseload.source.finding(cause, problem, "a short id without a comma", column="issuer")
    for name in ROWS:
        for row in getattr(caseload, name):
            yield from _check_row(name, row)
    for row in caseload.participants:
        if what := looks_like(row.participant.pseudonym):
            problem, code = f"a pseudonym must not look like {what}", row.participant.pseudonym
            yield row.source.finding("pseudonym", problem, PSEUDONYM, code, column="participant")
    for cost in caseload.costs:
        if cost.amount < 0 and not cost.months:
            problem = "a credit must name the service month of what it corrects"
            yield cost.source.finding("credit", problem, "a month like 2012-09", column="months")


def _check_row(name: str, row: Any) -> Iterator[Finding]:
    for key in COUNT_FIELDS.get(name, ()):
        if getattr(row, key) < 0:
            problem, expected = "a count of persons cannot be negative", "a whole number, 0 or more"
            yield row.source.finding("count", problem, expected, getattr(row, key), column=key)
    if name in WORD_FIELDS:
        key, header, words = WORD_FIELDS[name]
        if getattr(row, key) not in words:
            problem, expected = f"this is not a known {header}", "one of " + ", ".join(filter(None, words))
            yield row.source.finding("word", problem, expected, getattr(row, key), column=key)


def check_network_rows(network: Network) -> Iterator[Finding]:
    """The rows of an award workbook: each is listed once, refers to another that is there, and has
    its shape."""
    for rows, sheet in (
        (network.organizations, "Organizations"),
        (network.awards, "Awards"),
        (network.subawards, "Subawards"),
    ):
        yield from repeated(rows, KEYS[sheet])
    yield from _check_references(network)
    yield from _check_entries(network)
    yield from _check_shapes(network)
    for award in network.awards:
        yield from check_budget_periods(award)
    yield from _check_subawards(network)
    yield from _check_disallowances(network)


def _check_references(network: Network) -> Iterator[Finding]:
    organizations = {o.id for o in network.organizations}
    holders = {*(a.fain for a in network.awards), *(s.id for s in network.subawards)}
    listed, wanted = "no such organization is listed", "one of the Organizations sheet"
    for award in network.awards:
        if award.recipient not in organizations:
            yield award.source.finding("reference", listed, wanted, column="recipient")
    for subaward in network.subawards:
        if subaward.subrecipient not in organizations:
            yield subaward.source.finding("reference", listed, wanted, column="subrecipient")
    problem, expected = "no such award or subaward is listed", "a FAIN or a subaward number"
    rows: list[tuple[Any, str]] = [*((a, "of") for a in network.amendments), *((a, "holder") for a in network.areas)]
    for row, key in (*rows, *((d, "subaward") for d in network.disallowances)):
        if getattr(row, key) not in holders:
            yield row.source.finding("reference", problem, expected, column=key)
    periods = {a.fain: {p.label for p in a.budget_periods} for a in network.awards}
    for amendment in network.amendments:
        whole = amendment.amount is None and not amendment.budget_period  # a later end of the award
        if amendment.of in holders and not whole and amendment.budget_period not in periods.get(amendment.of, {""}):
            problem, expected = "there is no such budget period", "one of the award's own"
            yield amendment.source.finding("reference", problem, expected, column="label")
        yield from _check_obligated([amendment.amount or 0], amendment.source)
    for said in network.financials:
        if said.award not in periods:
            yield NOWHERE.finding("reference", "no such award is listed", "a FAIN of the Awards sheet")
        elif said.budget_period not in periods[said.award]:
            yield NOWHERE.finding("reference", "there is no such budget period", "one of the award's own")
        if said.name not in FINANCIALS:
            yield NOWHERE.finding("word", "this is not a known figure", "one of " + ", ".join(FINANCIALS), said.name)


def _check_entries(network: Network) -> Iterator[Finding]:
    """Form entries of an award that is listed, each under a known name."""
    awards = {a.fain for a in network.awards}
    for entry in network.form_entries:
        if entry.award not in awards:
            yield NOWHERE.finding("reference", "no such award is listed", "a FAIN of the Awards sheet")
        if entry.entry not in FORM_ENTRIES:
            yield NOWHERE.finding("word", "this is not a known entry", "one of " + ", ".join(FORM_ENTRIES), entry.entry)
        elif wrong := wrong_entry(entry.entry, entry.value):
            yield NOWHERE.finding("entry", *wrong, entry.value)


def _check_shapes(network: Network) -> Iterator[Finding]:
    for award in network.awards:
        yield from _shape("FAIN", award.fain, award.source, "fain")
        yield from _shape("Assistance Listing", award.listing, award.source, "listing")
    for subaward in network.subawards:
        yield from _shape("subaward number", subaward.id, subaward.source, "id")


def _shape(kind: str, text: str, source: Any, column: str) -> Iterator[Finding]:
    pattern, expected = SHAPES[kind]
    if not pattern.fullmatch(text):
        article = "an" if kind.startswith("Assistance") else "a"
        problem = f"this is not in the format of {article} {kind}"
        yield source.finding("shape", problem, expected, text, column=column)


def _check_obligated(amounts: Iterable[int], source: Any) -> Iterator[Finding]:
    for amount in amounts:
        if amount < 0:
            problem, expected = "an obligated amount cannot be negative", "0.00 or more"
            yield source.finding("below_zero", problem, expected, dollars(amount), column="amount")


def check_budget_periods(award: Award) -> Iterator[Finding]:
    """Budget periods follow one another through the whole period of performance."""
    if not award.budget_periods:
        problem, expected = "this award has no budget period", "one on the Budget periods sheet"
        yield award.source.finding("budget_period", problem, expected, column="fain")
        return
    begins: date | None = award.period.start
    labels = set[str]()
    for period in award.budget_periods:
        if period.days.start != begins:
            problem = "budget periods must follow one another without a gap"
            yield period.source.finding("budget_period", problem, str(begins), period.days.start, column="start")
        if period.label in labels:
            problem = "this award has another budget period of this name"
            yield period.source.finding("twice", problem, "a unique name", column="label")
        labels.add(period.label)
        end = period.days.end
        begins = end + timedelta(days=1) if end and end < date.max else None
        yield from _check_obligated((fact.value for fact in period.amount.facts), period.source)
    last = award.budget_periods[-1]
    if not _inside(last.days, award.period):
        problem = "a budget period must not end after the award"
        yield last.source.finding(
            "budget_period", problem, f"{award.period.end} or before", last.days.end, column="end"
        )


def _check_subawards(network: Network) -> Iterator[Finding]:
    """Each subaward is made under an award, through however many others, and inside its period."""
    awards: dict[str, Interval] = {a.fain: a.period for a in network.awards}
    parents = {s.id: s.parent for s in network.subawards}
    for subaward in network.subawards:
        yield from _check_obligated((fact.value for fact in subaward.amount.facts), subaward.source)
        if subaward.id in awards:
            problem, expected = "this number is the FAIN of an award too", "a unique number"
            yield subaward.source.finding("twice", problem, expected, column="id")
            continue
        above, seen = subaward.parent, {subaward.id}
        while above in parents and above not in awards and above not in seen:
            seen.add(above)
            above = parents[above]
        if above not in awards:
            problem, expected = "this subaward is not under any award", "a FAIN, or a subaward under one"
            yield subaward.source.finding("reference", problem, expected, column="parent")
        elif not _inside(subaward.period, awards[above]):
            key = "start" if subaward.period.start < awards[above].start else "end"
            problem, day = "the subaward's period must lie inside the award's", getattr(subaward.period, key)
            yield subaward.source.finding("outside_award", problem, str(awards[above]), day, column=key)


def _inside(days: Interval, whole: Interval) -> bool:
    """Whether days lie inside others; an open end is inside, which no workbook has."""
    return whole.start <= days.start and (days.end is None or whole.end is None or days.end <= whole.end)


def _check_disallowances(network: Network) -> Iterator[Finding]:
    """Their services. What takes back more than was disallowed is told when it is billed (8.4)."""
    services = {s.id for a in network.awards for s in a.terms.services}
    for row in network.disallowances:
        if row.service not in services:
            yield row.source.finding("service", "no terms have this service", one_of(services), column="service")
