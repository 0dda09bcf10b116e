"""What may be published of each report: of a grantee, of regional partners, of letters, coalitions
and calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, pairwise

from grantcalc.disclosure.linked import suppress_linked
from grantcalc.disclosure.publication import CountKey, Withholding, overlapping
from grantcalc.disclosure.releases import suppress_again
from grantcalc.disclosure.suppression import THRESHOLD, check_threshold, suppress
from grantcalc.disclosure.tables import TOTAL, Release, Table
from grantcalc.known import Series
from grantcalc.letter_years import YearOfLetters
from grantcalc.outreach.assistance import AT_END, IN_QUARTER, PAGE_SERVICES, UNNAMED, GranteeReport, ReportRow
from grantcalc.outreach.coalitions import Registry
from grantcalc.outreach.figures import FIGURE_KINDS, Figures, Restated
from grantcalc.outreach.objectives import MEASURES, Performance

IN_ALL = "In all"
Covers = Iterator[tuple[CountKey, Sequence[CountKey]]]
Published = Mapping[CountKey, int | None]
"""What was published before: None where it was withheld."""
_COLUMNS = ("adults", "children", "persons", "number")
_IDENTIFIED, _REFERRED = "identified", "referred"
_KINDS_OF_CALLS = [kind for kind in FIGURE_KINDS if kind not in ("all_calls", "cases", "reported")]


def _row(r: ReportRow) -> CountKey:
    return (r.section, r.item)


# --- a grantee's report ---


def publish_grantee_report(
    report: GranteeReport, threshold: int = THRESHOLD, earlier: Sequence[GranteeReport] = ()
) -> Withholding:
    """What may be published of a grantee's report. `earlier` are reports of the same period that
    were published before.

    Ages are shown in all rows or in none. Numbers of costs are not published, since they bound how
    many persons had one.
    """
    check_threshold(threshold)
    past, hidden = list[Published](), frozenset[CountKey]()
    for one in (*earlier, report):
        hidden = _grantee(one, threshold, past)
        every = {(*_row(r), c): getattr(r, c) for r in one.rows for c in _COLUMNS if getattr(r, c) is not None}
        past.append({key: None if key in hidden else n for key, n in every.items()})
    return Withholding(threshold=threshold, hidden=hidden)


def _grantee(report: GranteeReport, threshold: int, past: Sequence[Published]) -> frozenset[CountKey]:
    def hide(column: str) -> frozenset[CountKey]:
        counts = {_row(r): getattr(r, column) for r in report.rows if r.persons is not None}
        before = [{key[:2]: n for key, n in known.items() if key[2] == column} for known in past]
        return overlapping(counts, _covers(report), threshold, before)

    few = hide("persons")
    hidden = {(*row, "persons") for row in few}
    if few or hide("adults") or hide("children"):
        hidden |= {(*_row(r), c) for r in report.rows if r.persons for c in ("adults", "children")}
    hidden |= {(*_row(r), "number") for r in report.rows if r.persons is not None and r.number is not None}
    return frozenset(hidden | _outreach(report, threshold, past))


def _outreach(report: GranteeReport, threshold: int, past: Sequence[Published]) -> set[CountKey]:
    """Persons whom regional partners identified and referred; activities are no persons, and are
    shown."""
    titles = [MEASURES[measure][1] for measure in (_IDENTIFIED, _REFERRED)]
    numbers = {r.item: r.number for r in report.rows if r.section == "Outreach" and r.number is not None}
    counts = {title: numbers[title] for title in titles if title in numbers}
    before = [{key[1]: n for key, n in known.items() if key[0] == "Outreach"} for known in past]
    return {("Outreach", title, "number") for title in overlapping(counts, _among(counts, titles), threshold, before)}


def _among(counts: Mapping[str, int], titles: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Whoever was referred is taken to be among the identified, as far as the counts allow it."""
    first, second = titles
    if counts.get(second, 0) <= counts.get(first, -1):
        yield second, [first]


def _covers(report: GranteeReport) -> Covers:
    """Each row of persons, and the rows of which at least one has each of them."""
    rows: dict[str, list[CountKey]] = {}
    for r in report.rows:
        if r.persons is not None:
            rows.setdefault(r.section, []).append(_row(r))
    enrolled = [row for row in rows.get("Subrecipient enrollment", []) if row[1].endswith(IN_QUARTER)]
    for row in rows.get("Subrecipient enrollment", []):
        if row[1].endswith(AT_END):
            yield row, [(row[0], row[1].removesuffix(AT_END) + IN_QUARTER)]
    for row in (*rows.get("Program entry", []), *rows.get("Case closure", [])):
        yield row, enrolled
    yield from _yearly_covers(rows)


def _yearly_covers(rows: Mapping[str, Sequence[CountKey]]) -> Covers:
    everybody = [row for row in rows.get("Service use", []) if row[1] == "enrolled"]
    services = [row for row in rows.get("Service use", []) if row[1] != "enrolled"]
    groups, categories = rows.get("Groups of assistance", ()), rows.get("Categories of assistance", ())
    group_of = {title: ("Groups of assistance", group) for title, group in PAGE_SERVICES.values()}
    ungrouped = [row for row in categories if row[1] == UNNAMED or group_of[row[1]] not in groups]
    for row in (*services, *groups, *categories):
        yield row, everybody
    for row in (*groups, *categories):
        yield row, services
    for row in services:
        yield row, categories
        yield row, [*groups, *ungrouped]
    for row in categories:
        if row not in ungrouped:
            yield row, [group_of[row[1]]]
    for group in groups:
        yield group, [row for row in categories if row not in ungrouped and group_of[row[1]] == group]


# --- regional partners ---


def publish_performance(
    reports: Sequence[Performance], threshold: int = THRESHOLD, earlier: Sequence[Sequence[Performance]] = ()
) -> Withholding:
    """What may be published of the persons whom partners identified and referred, by quarter.

    `earlier` are the reports that were published before, the first of them first. `Rejected` where
    what was published before cannot be brought into line.
    """
    hidden = set[CountKey]()
    for report in reports:
        past = [r for some in earlier for r in some if r.award.fain == report.award.fain and r.quarters]
        series = [_identified(r, _nested([*past, report])) for r in (*past, report)] if report.quarters else []
        for tables in zip(*series, strict=True):
            hidden.update(_of_partner(report, _series(tables, threshold)))
    return Withholding(threshold=threshold, hidden=frozenset(hidden))


def _nested(reports: Sequence[Performance]) -> bool:
    """Whether whoever was referred can be among the identified in every quarter."""
    return all((r.counts[_REFERRED, q] or 0) <= (r.counts[_IDENTIFIED, q] or 0) for r in reports for q in r.quarters)


def _identified(r: Performance, nested: bool) -> list[Table]:
    """The persons identified by quarter, divided into those referred and the others; or each
    measure as a table."""

    def table(columns: Sequence[str], counts: Callable[[int, int], Sequence[int]]) -> Table:
        rows = [((str(q),), counts(*(r.counts[m, q] or 0 for m in (_IDENTIFIED, _REFERRED)))) for q in r.quarters]
        return Table.of(r.award.fain, columns, rows)

    if nested:
        return [table([_REFERRED, "other"], lambda identified, referred: (referred, identified - referred))]
    return [
        table([_IDENTIFIED], lambda identified, referred: [identified]),
        table([_REFERRED], lambda identified, referred: [referred]),
    ]


def _series(tables: Sequence[Table], threshold: int) -> Release:
    """The last release of a series of tables: cumulative unless a count went down."""
    release = suppress(tables[0], threshold)
    for before, now in pairwise(tables):
        place = now.shape.place
        grows = all(now.values[place[cell]] >= n for cell, n in zip(before.shape.cells, before.values, strict=True))
        release = suppress_again(now, release, threshold, cumulative=grows)
    return release


def _of_partner(report: Performance, release: Release) -> Iterator[CountKey]:
    columns = {_REFERRED: _REFERRED, TOTAL: _IDENTIFIED, _IDENTIFIED: _IDENTIFIED}
    if release.shape.columns == (_REFERRED,):
        columns[TOTAL] = _REFERRED
    for cell, n in zip(release.shape.cells, release.counts, strict=True):
        if n is None and cell.column in columns:
            yield report.award.fain, columns[cell.column], cell.path[0] if cell.path else IN_ALL


# --- letters ---


def publish_letters(
    years: Sequence[YearOfLetters], threshold: int = THRESHOLD, earlier: Sequence[Sequence[YearOfLetters]] = ()
) -> Withholding:
    """What may be published of letters by federal fiscal year: their kinds, and how many are of
    family, withdrawn or late. These are breakdowns of the same letters. How late the latest was
    tells of one letter, and is withheld.

    `earlier`: what was published before, the first of it first. After that only the kinds are
    published.
    """
    check_threshold(threshold)
    every = [some for some in (*earlier, years) if some]
    if not years:
        return Withholding(threshold=threshold)
    hidden = {(str(y.year), "latest") for y in years if y.latest}
    releases = suppress_linked(_breakdowns(every[0]), threshold)
    kinds = releases[0]
    for some in every[1:]:
        now = _breakdowns(some)[0]
        kinds = suppress_again(now, kinds, threshold, cumulative=_grows(kinds, now))
    shown = (kinds,) if len(every) > 1 else releases
    for release in shown:
        for cell, n in zip(release.shape.cells, release.counts, strict=True):
            if n is None and cell.path:
                hidden.add((cell.path[0], cell.column))
    for y in years:
        year = str(y.year)
        if len(every) > 1:
            hidden |= {(year, column) for column in ("family", "withdrawn", "late")}
        if hidden & {(year, "adults"), (year, "children")}:
            hidden.add((year, "all"))
    columns = ("adults", "children", "all", "interim", "family", "withdrawn", "late", "latest")
    return Withholding(threshold=threshold, hidden=frozenset(key for key in hidden if key[1] in columns))


def _grows(before: Release, now: Table) -> bool:
    """Whether no count went down of those that the earlier release had."""
    kept = {why.cell: why.count for why in before.withheld}
    then = {c: kept.get(c) if n is None else n for c, n in zip(before.shape.cells, before.counts, strict=True)}
    place = now.shape.place
    return all(cell in place and now.values[place[cell]] >= (n or 0) for cell, n in then.items())


def _breakdowns(years: Sequence[YearOfLetters]) -> list[Table]:
    def table(columns: Sequence[str], counts: Callable[[YearOfLetters], Sequence[int]]) -> Table:
        return Table.of("Letters", columns, [((str(y.year),), counts(y)) for y in years])

    def part(column: str) -> Table:
        return table([column, "other"], lambda y: (getattr(y, column), y.all + y.interim - getattr(y, column)))

    kinds = table(["adults", "children", "interim"], lambda y: (y.adults, y.children, y.interim))
    return [kinds, *map(part, ("family", "withdrawn", "late"))]


# --- coalitions and calls ---


def publish_coalitions(registry: Registry, threshold: int = THRESHOLD, earlier: Sequence[Registry] = ()) -> Withholding:
    """What may be published of the members of coalitions. Where a count is withheld, so are the
    sectors and whether the standards are met, which would bound it; and how many coalitions meet
    them all."""
    past = list[Published]()
    hidden = frozenset[CountKey]()
    for one in (*earlier, registry):
        counts: dict[CountKey, int] = {(e.coalition.id, "members"): e.members for e in one.entries}
        hidden = overlapping(counts, (), threshold, past)
        past.append({key: None if key in hidden else n for key, n in counts.items()})
    more = {(id, what) for id, _ in hidden for what in ("sectors", "standards")}
    return Withholding(threshold=threshold, hidden=hidden | more | ({("", "standards")} if hidden else set()))


def publish_figures(figures: Figures, threshold: int = THRESHOLD, known: date | None = None) -> Withholding:
    """What may be published of calls by kind and year, as published by a day (by default ever).
    Where a kind of a year is small, or all calls are few more than the kinds, all kinds of the year
    are withheld. Where any two publications of a year differ by few, its later figures are
    withheld."""
    check_threshold(threshold)
    hidden = set[CountKey]()
    restated = figures.restated(known)
    for year in sorted({one.year for one in restated}):
        ours = [one for one in restated if one.year == year]
        few = {kind for when in ("first", "last") for kind in _few_calls(ours, when, threshold)}
        hidden |= {(kind, str(year), when) for kind in few for when in ("first", "last")}
        if any(_differ_by_few(figures.series[one.kind, year], threshold, known) for one in ours):
            hidden |= {(one.kind, str(year), "last") for one in ours if one.first != one.last}
    return Withholding(threshold=threshold, hidden=frozenset(hidden))


def _few_calls(restated: Sequence[Restated], when: str, threshold: int) -> set[str]:
    counts: dict[str, int] = {one.kind: getattr(one, when).value for one in restated}
    kinds = [kind for kind in _KINDS_OF_CALLS if kind in counts]
    nested = 0 <= counts.get("reported", -1) <= counts.get("cases", -1)
    hidden = set(overlapping(counts, [("reported", ["cases"])] if nested else [], threshold))
    others = counts["all_calls"] - sum(counts[kind] for kind in kinds) if kinds and "all_calls" in counts else 0
    if hidden & set(kinds) or 0 < others < threshold:
        hidden |= {kind for kind in kinds if counts[kind]}
    return hidden


def _differ_by_few(series: Series[int], threshold: int, known: date | None) -> bool:
    values = [fact.value for fact in series.facts if known is None or fact.published <= known]
    return any(0 < abs(a - b) < threshold for a, b in combinations(values, 2))
