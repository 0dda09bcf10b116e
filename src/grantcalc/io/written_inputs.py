"""Facts made in memory as input workbooks, so that what is billed from them can be verified and
explained."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

from grantcalc.awards import Amendment, Award, BooksFigure, BudgetPeriod, Disallowance, FormEntry, Subaward
from grantcalc.billing.caseload import ROWS, Caseload
from grantcalc.billing.issuers import each_once
from grantcalc.declared import checked
from grantcalc.eligibility import Participant
from grantcalc.errors import Finding, Place, refuse
from grantcalc.files import file_digest
from grantcalc.io import schemas
from grantcalc.io.inputs import read_workbooks
from grantcalc.io.intake.templates import write_input
from grantcalc.known import Fact
from grantcalc.money import dollars
from grantcalc.network import Area, Network
from grantcalc.periods import Interval, Month
from grantcalc.regions import Region
from grantcalc.terms import Filling, Terms, award_terms, load_terms, published_terms
from grantcalc.xlsx.sheets import WrittenValue

Rows = list[dict[str, WrittenValue]]
_SHEETS = {layout.sheet: layout for layout in schemas.CASELOAD_SHEETS}
_OLDEST = date(1900, 3, 1)
"""Before this day spreadsheets count days in different ways: such a day is written as text."""


@checked
def write_inputs(
    folder: str | Path, network: Network, caseloads: Caseload | Iterable[Caseload]
) -> tuple[Network, list[Caseload]]:
    """Write facts made in memory as an award workbook and a caseload workbook for each issuer, and
    read them again.

    Bill what this gives: it says the same, and a claim from it rests on these files, so that
    `verify` finds them. They are `award.xlsx` and `caseload-ISSUER.xlsx`. Terms that do not ship
    with grantcalc must stand in the folder, in a file of the name that they have. `Rejected`, and
    nothing is written, where such a file or a workbook is in the way, and where a workbook cannot
    say what a value says.
    """
    folder, loads = Path(folder), each_once(caseloads)
    paths = [
        folder / "award.xlsx",
        *(folder / f"caseload-{_name(load.issuer, n)}.xlsx" for n, load in enumerate(loads)),
    ]
    refuse(chain(_in_the_way(folder, paths), _without_terms(folder, network.awards)))
    try:
        write_input("award", _award_rows(network), paths[0])
        for path, load in zip(paths[1:], loads, strict=True):
            write_input("caseload", _caseload_rows(load), path)
        read, again = read_workbooks(paths)
        refuse(chain(_unlike_network(network, read), *map(_unlike_caseload, loads, each_once(again))))
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise
    return read, again


def _name(issuer: str, number: int) -> str:
    return issuer if re.fullmatch(r"[\w.-]{1,80}", issuer, re.ASCII) else str(number + 1)


def _in_the_way(folder: Path, paths: Iterable[Path]) -> Iterator[Finding]:
    if not folder.is_dir():
        yield Place(folder.name).finding("folder", "there is no such folder", "a folder")
    for path in paths:
        if path.exists():
            yield Place(path.name).finding("exists", "this file is there already", "a folder without it")


def _without_terms(folder: Path, awards: Iterable[Award]) -> Iterator[Finding]:
    own = dict.fromkeys((award.terms.file, award.terms.digest) for award in awards if not _shipped(award.terms))
    for file, digest in own:
        path = folder / file
        if not file or not path.is_file() or file_digest(path) != digest:
            problem, expected = "the terms file of an award is not in this folder", "the file that was read, unchanged"
            yield Place(Path(file).name or folder.name).finding("terms", problem, expected)


def _shipped(terms: Terms) -> bool:
    return terms.id in (*published_terms(), *award_terms()) and load_terms(terms.id).digest == terms.digest


# --- the award workbook ---


def _award_rows(network: Network) -> Mapping[str, Rows]:
    periods = [(award, period) for award in network.awards for period in award.budget_periods]
    known = {(a.of, a.budget_period, a.effective, a.published) for a in network.amendments}
    later = [(award.fain, period.label, fact) for award, period in periods for fact in period.amount.facts[1:]]
    later += [(subaward.id, "", fact) for subaward in network.subawards for fact in subaward.amount.facts[1:]]
    unsaid = [item for item in later if (*item[:2], item[2].effective, item[2].published) not in known]
    return {
        "Document": [_row(issuer=network.awards[0].recipient, report_date=network.report_date, label=network.label)],
        "Organizations": [
            _row(id=o.id, name=o.name, uei=o.uei, ein=o.ein, state=o.state, contact=o.contact)
            for o in network.organizations
        ],
        "Awards": [_of_award(award) for award in network.awards],
        "Budget periods": [_of_period(award, period) for award, period in periods],
        "Subawards": [_of_subaward(subaward) for subaward in network.subawards],
        "Amendments": [*map(_of_amendment, network.amendments), *_unsaid_amounts(unsaid)],
        "Areas": [*map(_of_area, network.areas)],
        "Terms": [
            _of_filling(award, said)
            for award in network.awards
            for said in dict.fromkeys(_fillings(award.terms.document))
        ],
        "Disallowances": [*map(_of_disallowance, network.disallowances)],
        "Books": [*map(_of_figure, network.financials)],
        "Form entries": [*map(_of_entry, network.form_entries)],
    }


def _of_award(award: Award) -> dict[str, WrittenValue]:
    terms = award.terms.id if _shipped(award.terms) else award.terms.file
    names = {key: getattr(award, key) for key in ("fain", "recipient", "agency", "listing", "awarded")}
    return _row(**names, start=award.period.start, end=award.period.end, terms=terms, nationwide=award.nationwide)


def _of_period(award: Award, period: BudgetPeriod) -> dict[str, WrittenValue]:
    (first, *_) = period.amount.facts or (None,)
    amount, published = (dollars(first.value), first.published) if first else (None, None)
    days = period.days
    return _row(fain=award.fain, label=period.label, start=days.start, end=days.end, amount=amount, published=published)


def _of_subaward(subaward: Subaward) -> dict[str, WrittenValue]:
    (first, *_) = subaward.amount.facts or (None,)
    return _row(
        id=subaward.id,
        parent=subaward.parent,
        subrecipient=subaward.subrecipient,
        start=subaward.period.start,
        end=subaward.period.end,
        amount=dollars(first.value) if first else None,
        published=first.published if first else None,
        reported_by="; ".join(subaward.reported_by),
    )


def _of_amendment(a: Amendment) -> dict[str, WrittenValue]:
    what = {"of": a.of, "label": a.budget_period, "reference": a.reference}
    amount, dates = dollars(a.amount) if a.amount is not None else None, (a.effective, a.published)
    return _row(**what, amount=amount, effective=dates[0], published=dates[1], end=a.end, kind=a.kind)


def _unsaid_amounts(unsaid: Iterable[tuple[str, str, Fact[int]]]) -> Iterator[dict[str, WrittenValue]]:
    """Later amounts of a budget period or subaward that no amendment of the network says."""
    for n, (of, label, fact) in enumerate(unsaid, 1):
        dates = {"effective": fact.effective, "published": fact.published}
        yield _row(of=of, label=label, reference=str(n), amount=dollars(fact.value), **dates)


def _of_area(a: Area) -> dict[str, WrittenValue]:
    place = f"Region {a.place.number}" if isinstance(a.place, Region) else a.place.code
    serves = "yes" if a.serves else "no"
    return _row(holder=a.holder, place=place, serves=serves, effective=a.effective, published=a.published)


def _of_disallowance(d: Disallowance) -> dict[str, WrittenValue]:
    what = {"subaward": d.subaward, "service": d.service, "month": d.month}
    return _row(**what, amount=dollars(d.amount), reference=d.reference, published=d.published)


def _of_figure(f: BooksFigure) -> dict[str, WrittenValue]:
    what = {"fain": f.award, "label": f.budget_period, "figure": f.name}
    return _row(**what, value=f.value, effective=f.effective, published=f.published)


def _of_entry(e: FormEntry) -> dict[str, WrittenValue]:
    return _row(fain=e.award, entry=e.entry, value=e.value, published=e.published)


def _of_filling(award: Award, said: Filling) -> dict[str, WrittenValue]:
    return _row(
        fain=award.fain,
        term=said.term,
        value=said.value,
        effective=said.effective,
        published=said.published,
        source=said.authority.citation,
    )


def _fillings(node: Any) -> Iterator[Filling]:
    """What an award filled in, wherever it stands in the document of its terms."""
    if isinstance(node, Mapping) and isinstance(node.get("filled"), Filling):
        yield node["filled"]
    elif isinstance(node, Mapping | list):
        for part in node.values() if isinstance(node, Mapping) else node:
            yield from _fillings(part)


def _unlike_network(given: Network, read: Network) -> Iterator[Finding]:
    """What a workbook does not say as the values did. Amounts are compared as they were known on
    each day."""
    pairs = (
        ("Organizations", given.organizations, read.organizations),
        ("Awards", *([(a.fain, a.terms.services, a.terms.ceilings) for a in x.awards] for x in (given, read))),
        ("Budget periods", *([_amounts(p) for a in x.awards for p in a.budget_periods] for x in (given, read))),
        ("Subawards", *([_amounts(s) for s in x.subawards] for x in (given, read))),
        ("Areas", given.areas, read.areas),
        ("Disallowances", given.disallowances, read.disallowances),
        ("Books", given.financials, read.financials),
        ("Form entries", given.form_entries, read.form_entries),
    )
    return (_unlike("award.xlsx", str(sheet)) for sheet, before, after in pairs if before != after)


def _amounts(holder: BudgetPeriod | Subaward) -> object:
    days: Interval = holder.days if isinstance(holder, BudgetPeriod) else holder.period
    facts = holder.amount.facts
    known = sorted({fact.published for fact in facts})
    return days, [(day, getattr(holder.amount.find(days.last, day), "value", None)) for day in known]


# --- the caseload workbook ---


def _caseload_rows(load: Caseload) -> Mapping[str, Rows]:
    document = _row(issuer=load.issuer, report_date=load.report_date, label=load.label)
    rows = {"Document": [document]}
    for name, sheet in ROWS.items():
        columns = _SHEETS[sheet].columns
        rows[sheet] = [
            _row(**{c.key: _said(row, c.key, money=c.kind == "money") for c in columns}) for row in getattr(load, name)
        ]
    return rows


def _said(row: Any, key: str, *, money: bool) -> object:
    """What a row says in a column: its field of that name; start and end are those of its days."""
    value = getattr(row.days if key in ("start", "end") else row, key)
    return dollars(value) if money else value


def _unlike_caseload(given: Caseload, read: Caseload) -> Iterator[Finding]:
    for name, sheet in ROWS.items():
        if getattr(given, name) != getattr(read, name):
            yield _unlike(read.origin.file, sheet)


def _unlike(file: str, sheet: str) -> Finding:
    problem = "a row of this sheet cannot say what the value says"
    return Place(file, sheet).finding("unlike", problem, "values as a workbook gives them")


# --- cells ---


def _row(**values: object) -> dict[str, WrittenValue]:
    return {key: _cell(value) for key, value in values.items()}


def _cell(value: object) -> WrittenValue:
    match value:
        case bool():
            said: object = "yes" if value else None
        case Participant():
            said = value.pseudonym
        case tuple():
            said = " to ".join(map(str, dict.fromkeys((value[0], value[-1])))) if value else None
        case Month():
            said = str(value)
        case Fraction():
            said = f"{value.numerator}/{value.denominator}"
        case date() if value < _OLDEST:
            said = value.isoformat()
        case _:
            said = None if value == "" else value
    return said  # type: ignore[return-value]  # text, a number or a day
