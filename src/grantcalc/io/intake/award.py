"""The award workbook in: organizations, awards with their terms, amendments, subawards and
areas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain

from grantcalc.awards import Amendment, Award, BudgetPeriod, Organization, Subaward
from grantcalc.io import schemas
from grantcalc.io.intake.award_terms import FilledRows, TermsFile, fillings_of, terms_of
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.intake.defaults import AwardRows, kept_by, of_the_only_award, whole_award, within_award
from grantcalc.io.intake.document import dated, document_of, unlike, with_origin
from grantcalc.io.intake.money import disallowances, financials, form_entries
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.known import Fact, Series
from grantcalc.money import dollars
from grantcalc.network import Area, Network, check_network
from grantcalc.periods import Interval
from grantcalc.provenance import Authority, Source
from grantcalc.regions import Region


def award_of_book(book: WorkbookRead, terms_file: TermsFile) -> Network:
    """The network of a workbook already opened."""
    tables = SheetTables(book)
    return tables.whole(network_of(tables, terms_file))


def network_of(tables: SheetTables, terms_file: TermsFile) -> Network:
    """The network that the rows say that could be read; what is wrong is gathered in `tables`. An
    organization, award or subaward with a bad cell is there where its identifiers and days are, so
    that others may refer to it."""
    book, document = tables.book, document_of(tables)
    reported = document.get("report_date", date.min)
    organizations = tuple(_organizations(tables))
    listed = kept_by(tables.distinct(schemas.AWARDS), document.get("issuer"))
    award_rows = tuple(dated(tables, listed, ("fain", "end", "terms")))
    made = [*of_the_only_award(tables, tables.distinct(schemas.SUBAWARDS), "parent")]
    needed = ("id", "parent", "subrecipient", "end")
    subaward_rows = tuple(dated(tables, within_award(made, award_rows), needed))
    if not tables.listed[schemas.AWARDS.sheet]:
        tables.findings.append(
            Source(book.file, schemas.AWARDS.sheet).finding("awards", "this sheet lists no award", "one row each")
        )
    for row, _ in (*award_rows, *subaward_rows):
        key = "recipient" if "recipient" in row.source.columns else "subrecipient"
        wanted = "one of the Organizations sheet"
        tables.refers(row, key, "no such organization is listed", wanted, schemas.ORGANIZATIONS)
    changes = [*tables.rows(schemas.AMENDMENTS)]
    ends = {(row.get("of"), row.get("label", "")): row.get("end") for row in changes if row.get("end")}
    longest = [(row, Interval(days.start, ends.get((row.get("fain"), ""), days.end))) for row, days in award_rows]
    _check_subawards(tables, {row.get("fain"): days for row, days in longest}, subaward_rows)
    periods, labels = _budget_periods(tables, longest, ends)
    for row, _ in chain(subaward_rows, *periods.values()):
        _check_obligated(tables, row)
    amendments = tuple(_amendments(tables, reported, labels, changes))
    fillings = fillings_of(tables, award_rows)
    awards = tuple(_awards(tables, terms_file, award_rows, periods, fillings))
    subawards = tuple(_subaward(row, days) for row, days in subaward_rows)
    areas = tuple(_areas(tables, reported))
    disallowed = tuple(disallowances(tables, reported, awards))
    books, entries = tuple(financials(tables, reported, labels)), tuple(form_entries(tables, reported))
    label = document.get("label", "")
    network = Network(
        report_date=reported,
        organizations=organizations,
        awards=awards,
        subawards=subawards,
        amendments=amendments,
        areas=areas,
        disallowances=disallowed,
        financials=books,
        form_entries=entries,
        label=label,
    )
    if None not in tables.listed[schemas.ORGANIZATIONS.sheet]:
        tables.findings.extend(check_network(network))
    return with_origin(network, book)


def _organizations(tables: SheetTables) -> Iterator[Organization]:
    for row in tables.distinct(schemas.ORGANIZATIONS):
        state = row.get("state")
        if isinstance(state, Region):
            problem = "an organization works in a State, not in a region"
            tables.add(row, "state", "state", problem, "a State or territory")
        elif row.get("id") is not None:
            said = {"name": row.get("name", ""), "state": state.code if state else ""}
            yield row.make(Organization, **said)


def _check_subawards(
    tables: SheetTables, awards: Mapping[str, Interval], rows: Iterable[tuple[TableRow, Interval]]
) -> None:
    """Each subaward stands under an award, through however many others, and inside its period."""
    parents = {row.get("id"): row.get("parent") for row, _ in rows}
    problem, expected = "this subaward is not under any award", "a FAIN, or a subaward under one"
    for row, days in rows:
        if row.get("id") in tables.listed[schemas.AWARDS.sheet]:
            tables.add(row, "id", "twice", "this number is the FAIN of an award too", "a unique number")
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
            row, "amount", "below_zero", "an obligated amount cannot be negative", "0.00 or more", dollars(amount)
        )


def _subaward(row: TableRow, days: Interval) -> Subaward:
    id = row.get("id")
    amount: Series[int] = Series(f"amount of subaward {id}")
    if row.get("amount") is not None:
        published = row.get("published", days.start)
        fact = Fact(row.get("amount"), days.start, published, Authority(f"Subaward {id}"), row.source)
        amount = amount.with_facts([fact])
    reporters = tuple(filter(None, map(str.strip, row.get("reported_by", "").split(";"))))
    return Subaward(
        id=id,
        parent=row.get("parent"),
        subrecipient=row.get("subrecipient"),
        period=days,
        amount=amount,
        source=row.source,
        reported_by=reporters,
    )


PeriodRows = Mapping[str, list[tuple[TableRow, Interval]]]
Labels = Mapping[str, set[str]]


def _budget_periods(
    tables: SheetTables, awards: AwardRows, ends: Mapping[tuple[str, str], date]
) -> tuple[PeriodRows, Labels]:
    """Budget periods by FAIN, in order: they follow one another through the whole period of
    performance. And their names, for each award of which no row may be missing: only of these is it
    said that one is."""
    periods: dict[str, list[tuple[TableRow, Interval]]] = defaultdict(list)
    labels: dict[str, set[str]] = {}
    rows = [*of_the_only_award(tables, tables.rows(schemas.BUDGET_PERIODS), "fain")]
    rows = [*whole_award(tables, rows, awards)]
    unread = {row.get("fain") for row in rows} | {None} & tables.listed[schemas.BUDGET_PERIODS.sheet]
    for row in rows:
        if not tables.refers(row, "fain", "no such award is listed", "a FAIN of the Awards sheet", schemas.AWARDS):
            unread.add(None)
    for row, days in dated(tables, rows):
        periods[row.get("fain")].append((row, days))
    for award, performance in awards:
        fain = award.get("fain")
        periods[fain].sort(key=lambda s: s[1])
        if None not in unread and len(periods[fain]) == sum(row.get("fain") == fain for row in rows):
            labels[fain] = {row.get("label") for row, _ in periods[fain]}
            _check_budget_periods(tables, award, performance, periods[fain], ends)
    return periods, labels


def _check_budget_periods(
    tables: SheetTables,
    award: TableRow,
    period: Interval,
    spans: list[tuple[TableRow, Interval]],
    ends: Mapping[tuple[str, str], date],
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
            tables.add(row, "label", "twice", "this award has another budget period of this name", "a unique name")
        labels.add(row.get("label"))
        end = ends.get((award.get("fain"), row.get("label")), row.get("end"))
        expected_start = end.toordinal() + 1
    last, days = spans[-1]
    if days.end is not None and period.end is not None and days.end > period.end:
        problem = "a budget period must not end after the award"
        tables.add(last, "end", "budget_period", problem, f"{period.end} or before", days.end)


def _amendments(tables: SheetTables, reported: date, labels: Labels, rows: Iterable[TableRow]) -> Iterator[Amendment]:
    seen: dict[object, object] = {}
    for row in rows:
        of, label, published = row.get("of"), row.get("label", ""), row.get("published", reported)
        problem, expected = "no such award or subaward is listed", "a FAIN or a subaward number"
        if tables.refers(row, "of", problem, expected, schemas.AWARDS, schemas.SUBAWARDS):
            own = labels.get(of, {label} if of in tables.listed[schemas.AWARDS.sheet] else {""})
            if label not in own and (label or row.get("amount") is not None):
                tables.add(row, "label", "reference", "there is no such budget period", "one of the award's own")
        _check_obligated(tables, row)
        if not row.bad and row.get("amount") is None and row.get("end") is None:
            tables.add(row, "amount", "empty", "an amendment changes a total or an end", "a new total, or a new end")
            tables.spoil(row)
        if not row.bad and unlike(
            tables, row, seen, schemas.AMENDMENTS.sheet, (of, label, row.get("effective"), published)
        ):
            amount = row.get("amount")
            yield row.make(Amendment, "label", budget_period=label, published=published, amount=amount)


def _areas(tables: SheetTables, reported: date) -> Iterator[Area]:
    seen: dict[object, object] = {}
    for row in tables.rows(schemas.AREAS):
        holder, place, effective = row.get("holder"), row.get("place"), row.get("effective")
        problem, expected = "no such award or subaward is listed", "a FAIN or a subaward number"
        tables.refers(row, "holder", problem, expected, schemas.AWARDS, schemas.SUBAWARDS)
        published = row.get("published", reported)
        if not row.bad and unlike(tables, row, seen, schemas.AREAS.sheet, (holder, place, effective, published)):
            yield row.make(Area, published=published)


def _awards(
    tables: SheetTables,
    terms_file: TermsFile,
    rows: Iterable[tuple[TableRow, Interval]],
    periods: PeriodRows,
    fillings: Mapping[str, FilledRows],
) -> Iterator[Award]:
    for row, days in rows:
        fain, awarded = row.get("fain"), row.get("awarded", days.start)
        terms = terms_of(tables, row, terms_file, fillings[fain])
        if terms is not None:
            budget = tuple(_budget_period(r, d, awarded) for r, d in periods[fain])
            said = {key: row.get(key, "") for key in ("recipient", "agency", "listing")}
            yield row.make(
                Award, "terms_source", **said, awarded=awarded, period=days, terms=terms, budget_periods=budget
            )


def _budget_period(row: TableRow, days: Interval, awarded: date) -> BudgetPeriod:
    fain, label = row.get("fain"), row.get("label")
    authority, published = Authority(f"Award {fain}, {label}"), row.get("published", awarded)
    obligated = Fact(row.get("amount"), days.start, published, authority, row.source)
    return BudgetPeriod(label, days, Series(f"amount of {fain}, {label}", (obligated,)), row.source)
