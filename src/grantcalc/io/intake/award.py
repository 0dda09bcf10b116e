"""The award workbook in: organizations, awards with their terms, amendments, subawards and areas."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path

from attrs import evolve

from grantcalc.awards import Amendment, Award, BudgetPeriod, Organization, Subaward
from grantcalc.errors import TermsRejected
from grantcalc.files import read_file
from grantcalc.io import schemas
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.intake.document import dated, document_of, unlike
from grantcalc.io.intake.money import disallowances, financials
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.known import Fact, Series
from grantcalc.money import dollars
from grantcalc.network import Area, Network, check_network
from grantcalc.periods import Interval
from grantcalc.provenance import Authority, Origin, Source, facts_digest
from grantcalc.regions import Region
from grantcalc.terms import Filling, Terms, award_terms, fill_terms, load_terms, published_terms, read_terms
from grantcalc.toml import BYTES, decode_text

_TERMS_FILE = re.compile(r"[\w.-]+\.toml")

TermsFile = Callable[[str], bytes | None]
"""Gives the bytes of a terms file by its name, or None."""


def terms_beside(workbook: Path) -> TermsFile:
    """Terms files in the folder of a workbook, or of CSV files; a name with any path in it is none."""
    folder = workbook if workbook.is_dir() else workbook.parent

    def read(name: str) -> bytes | None:
        path = folder / name
        if not _TERMS_FILE.fullmatch(name) or not path.is_file():
            return None
        return read_file(path, BYTES, TermsRejected)

    return read


def award_of_book(book: WorkbookRead, terms_file: TermsFile) -> Network:
    """The network of a workbook already opened."""
    tables = SheetTables(book)
    document = document_of(tables)
    reported = document.get("report_date", date.min)
    organizations = tuple(_organizations(tables))
    award_rows = tuple(dated(tables, tables.distinct(schemas.AWARDS)))
    subaward_rows = tuple(dated(tables, tables.distinct(schemas.SUBAWARDS)))
    if not tables.listed[schemas.AWARDS.sheet]:
        tables.findings.append(
            Source(book.file, schemas.AWARDS.sheet).finding("awards", "this sheet lists no award", "one row each")
        )
    for row, _ in (*award_rows, *subaward_rows):
        key = "recipient" if "recipient" in row.source.columns else "subrecipient"
        wanted = "one of the Organizations sheet"
        tables.refers(row, key, "no such organization is listed", wanted, schemas.ORGANIZATIONS)
    _check_subawards(tables, {row.get("fain"): days for row, days in award_rows}, subaward_rows)
    periods = _budget_periods(tables, award_rows)
    for row, _ in chain(subaward_rows, *(periods or {}).values()):
        _check_obligated(tables, row)
    amendments = tuple(_amendments(tables, reported, periods))
    fillings = _fillings(tables)
    awards = tuple(_awards(tables, terms_file, award_rows, periods, fillings))
    subawards = tuple(_subaward(row, days) for row, days in subaward_rows)
    areas = tuple(_areas(tables, reported))
    labels = {fain: {r.get("label") for r, _ in found} for fain, found in (periods or {}).items()}
    disallowed = tuple(disallowances(tables, reported, awards))
    books = tuple(financials(tables, reported, labels))
    label = document.get("label", "")
    network = Network(reported, organizations, awards, subawards, amendments, areas, disallowed, books, label)
    if None not in tables.listed[schemas.ORGANIZATIONS.sheet]:
        tables.findings.extend(check_network(network))
    tables.refuse()
    return evolve(network, origin=Origin(book.file, book.digest, facts_digest(network), book.layout))


def _organizations(tables: SheetTables) -> Iterator[Organization]:
    for row in tables.distinct(schemas.ORGANIZATIONS):
        state = row.get("state")
        if isinstance(state, Region):
            problem = "an organization works in a State, not in a region"
            tables.add(row, "state", "state", problem, "a State or territory")
        elif not row.bad:
            names = row.get("id"), row.get("name"), row.get("uei", ""), row.get("ein", "")
            yield Organization(*names, state.code if state else "", row.source)


def _check_subawards(
    tables: SheetTables, awards: Mapping[str, Interval], rows: Iterable[tuple[TableRow, Interval]]
) -> None:
    """Each subaward stands under an award, through however many others, and inside its period."""
    parents = {row.get("id"): row.get("parent") for row, _ in rows}
    problem, expected = "this subaward stands under no award", "a FAIN, or a subaward under one"
    for row, days in rows:
        if row.get("id") in tables.listed[schemas.AWARDS.sheet]:
            tables.add(row, "id", "twice", "this number is the FAIN of an award too", "a number of its own")
        elif tables.refers(row, "parent", problem, expected, schemas.AWARDS, schemas.SUBAWARDS):
            above, seen = row.get("parent"), set()
            while above in parents and above not in awards and above not in seen:
                seen.add(above)
                above = parents[above]
            if above in seen:
                tables.add(row, "parent", "reference", problem, expected)
            elif above in awards and awards[above].clip(days) != days:
                key = "start" if days.start < awards[above].start else "end"
                inside = "the subaward's period must lie inside the award's"
                tables.add(row, key, "outside_award", inside, str(awards[above]), row.get(key))


def _check_obligated(tables: SheetTables, row: TableRow) -> None:
    amount = row.get("amount", 0)
    if amount < 0:
        tables.add(
            row, "amount", "below_zero", "no less than nothing can be obligated", "0.00 or more", dollars(amount)
        )


def _subaward(row: TableRow, days: Interval) -> Subaward:
    id = row.get("id")
    amount: Series[int] = Series(f"amount of subaward {id}")
    if row.get("amount") is not None:
        published = row.get("published", days.start)
        fact = Fact(row.get("amount"), days.start, published, Authority(f"Subaward {id}"), row.source)
        amount = amount.with_facts([fact])
    reporters = tuple(filter(None, map(str.strip, row.get("reported_by", "").split(";"))))
    return Subaward(id, row.get("parent"), row.get("subrecipient"), days, amount, row.source, reporters)


PeriodRows = Mapping[str, list[tuple[TableRow, Interval]]]


def _budget_periods(tables: SheetTables, awards: Iterable[tuple[TableRow, Interval]]) -> PeriodRows | None:
    """Budget periods by FAIN, in order: they follow one another through the whole period of performance. None if a row
    could not be read, so that nothing is said of what would be missing."""
    found: dict[str, list[tuple[TableRow, Interval]]] = defaultdict(list)
    count = len(tables.findings)
    for row, days in dated(tables, tables.rows(schemas.BUDGET_PERIODS)):
        if tables.refers(row, "fain", "no such award is listed", "a FAIN of the Awards sheet", schemas.AWARDS):
            found[row.get("fain")].append((row, days))
    if len(tables.findings) > count:
        return None
    for award, performance in awards:
        spans = found[award.get("fain")]
        spans.sort(key=lambda s: s[1])
        _check_budget_periods(tables, award, performance, spans)
    return found


def _check_budget_periods(
    tables: SheetTables, award: TableRow, period: Interval, spans: list[tuple[TableRow, Interval]]
) -> None:
    if not spans:
        expected = "one on the Budget periods sheet"
        tables.add(award, "fain", "budget_period", "this award has no budget period", expected)
        return
    expected_start, labels = period.start.toordinal(), set[str]()
    for row, days in spans:
        if days.start.toordinal() != expected_start:
            problem = "budget periods must follow one another without a gap"
            wanted = date.fromordinal(min(expected_start, date.max.toordinal()))
            tables.add(row, "start", "budget_period", problem, str(wanted), days.start)
        if row.get("label") in labels:
            tables.add(row, "label", "twice", "this award has another budget period of this name", "a name of its own")
        labels.add(row.get("label"))
        expected_start = row.get("end").toordinal() + 1
    last, days = spans[-1]
    if days.end != period.end:
        problem = "the last budget period must end with the award"
        tables.add(last, "end", "budget_period", problem, str(period.end), days.end)


def _amendments(tables: SheetTables, reported: date, periods: PeriodRows | None) -> Iterator[Amendment]:
    seen: dict[object, object] = {}
    for row in tables.rows(schemas.AMENDMENTS):
        of, label, published = row.get("of"), row.get("label", ""), row.get("published", reported)
        problem, expected = "no such award or subaward is listed", "a FAIN or a subaward number"
        if tables.refers(row, "of", problem, expected, schemas.AWARDS, schemas.SUBAWARDS) and periods is not None:
            labels = {r.get("label") for r, _ in periods.get(of, ())} or {""}
            if label not in labels:
                tables.add(row, "label", "reference", "there is no such budget period", "one of the award's own")
        _check_obligated(tables, row)
        if not row.bad and unlike(
            tables, row, seen, schemas.AMENDMENTS.sheet, (of, label, row.get("effective"), published)
        ):
            amount, effective = row.get("amount"), row.get("effective")
            yield Amendment(of, label, row.get("reference"), amount, effective, published, row.source)


def _areas(tables: SheetTables, reported: date) -> Iterator[Area]:
    seen: dict[object, object] = {}
    for row in tables.rows(schemas.AREAS):
        holder, place, effective = row.get("holder"), row.get("place"), row.get("effective")
        problem, expected = "no such award or subaward is listed", "a FAIN or a subaward number"
        tables.refers(row, "holder", problem, expected, schemas.AWARDS, schemas.SUBAWARDS)
        published = row.get("published", reported)
        if not row.bad and unlike(tables, row, seen, schemas.AREAS.sheet, (holder, place, effective, published)):
            yield Area(holder, place, row.get("serves"), effective, published, row.source)


Fillings = Mapping[str, list[tuple[TableRow, Filling]]]


def _fillings(tables: SheetTables) -> Fillings | None:
    """What the Terms sheet says, by FAIN. None if a row could not be read, as with budget periods."""
    found: dict[str, list[tuple[TableRow, Filling]]] = defaultdict(list)
    count, seen = len(tables.findings), dict[object, object]()
    for row in tables.rows(schemas.TERMS):
        tables.refers(row, "fain", "no such award is listed", "a FAIN of the Awards sheet", schemas.AWARDS)
        dates = row.get("effective"), row.get("published")
        if not row.bad and unlike(tables, row, seen, schemas.TERMS.sheet, (row.get("fain"), row.get("term"), *dates)):
            filling = Filling(row.get("term"), row.get("value"), *dates, Authority(row.get("source")), row.source)
            found[row.get("fain")].append((row, filling))
    return found if len(tables.findings) == count else None


def _awards(
    tables: SheetTables,
    terms_file: TermsFile,
    rows: Iterable[tuple[TableRow, Interval]],
    periods: PeriodRows | None,
    fillings: Fillings | None,
) -> Iterator[Award]:
    for row, days in rows:
        fain = row.get("fain")
        terms = _terms(tables, row, terms_file, fillings.get(fain, []) if fillings is not None else None)
        if terms is not None and periods is not None:
            budget = tuple(_budget_period(r, d, row.get("awarded")) for r, d in periods[fain])
            names = row.get("recipient"), row.get("agency"), row.get("listing")
            yield Award(fain, *names, row.get("awarded"), days, terms, budget, row.source)


def _budget_period(row: TableRow, days: Interval, awarded: date) -> BudgetPeriod:
    fain, label = row.get("fain"), row.get("label")
    authority, published = Authority(f"Award {fain}, {label}"), row.get("published", awarded)
    obligated = Fact(row.get("amount"), days.start, published, authority, row.source)
    return BudgetPeriod(label, days, Series(f"amount of {fain}, {label}", (obligated,)), row.source)


def _terms(
    tables: SheetTables, row: TableRow, terms_file: TermsFile, fillings: Iterable[tuple[TableRow, Filling]] | None
) -> Terms | None:
    """The terms that an award names, filled by its rows of the Terms sheet; None, and findings, where they fail."""
    name = row.get("terms")
    try:
        ships = name in (*published_terms(), *award_terms())
        if (content := terms_file(name)) is not None:  # of terms that ship, those of an earlier version
            file = f"{name}.toml" if ships else name
            terms = read_terms(decode_text(content, file, TermsRejected), file)
        elif ships:
            terms = load_terms(name)
        else:
            shipped = ", ".join((*published_terms(), *award_terms()))
            wanted = f"one of {shipped}, or a .toml file beside this workbook"
            tables.add(row, "terms", "terms", "there are no such terms", wanted)
            return None
        if fillings is None:
            return terms
        choices, seen = {o.key for o in terms.opens if o.kind == "choice"}, set[str]()
        for filling, said in fillings:
            if said.term in seen & choices:
                tables.add(filling, "term", "twice", "this term holds for the whole award", "one row with it")
            seen.add(said.term)
        filled = fill_terms(terms, (said for _, said in fillings))
    except TermsRejected as wrong:
        tables.findings.extend(wrong.findings)
        return None
    for needed in filled.opens:
        if not needed.optional:
            problem, wanted = f"these terms leave {needed.key} to the award", f"a row {needed.key} on the Terms sheet"
            tables.add(row, "terms", "open_term", problem, wanted)
    return filled
