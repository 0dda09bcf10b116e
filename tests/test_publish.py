"""Reports for publication: what is withheld of them, and what a reader can compute from the
rest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain, combinations, product
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from grantcalc.cli import main
from grantcalc.disclosure import (
    DO_NOT_PUBLISH,
    WITHHELD,
    Withholding,
    overlapping,
    publish_figures,
    publish_grantee_report,
    publish_letters,
    publish_performance,
)
from grantcalc.errors import Rejected
from grantcalc.io import read_award
from grantcalc.letter_years import YearOfLetters
from grantcalc.outreach import Quarter, Reported, performance
from grantcalc.outreach.assistance import AT_END, IN_QUARTER, PAGE_SERVICES, UNNAMED, GranteeReport, ReportRow
from grantcalc.outreach.figures import figures_of
from grantcalc.outreach.objectives import MEASURES, Performance
from tests import attacker

EXAMPLES = Path(__file__).parent.parent / "examples"
PARTNER = EXAMPLES / "regional-partner-2026"
FEW = 11
MANY = st.one_of(st.just(0), st.just(0), st.integers(1, 10), st.integers(11, 60))
Row = tuple[str, str]
Kinds = dict[frozenset[Row], int]
"""How many persons are in exactly these rows."""


def subsets(items: Sequence[str]) -> list[frozenset[str]]:
    every = chain.from_iterable(combinations(items, k) for k in range(len(items) + 1))
    return [frozenset(some) for some in every]


def of_a_quarter() -> list[frozenset[Row]]:
    """Every way in which one person can be in the rows of a quarter, at two subawards."""
    ways = list[frozenset[Row]]()
    stays = [(), (IN_QUARTER,), (IN_QUARTER, AT_END)]
    for first, second, entered, closed in product(stays, stays, (False, True), (False, True)):
        rows = [("Subrecipient enrollment", f"S-1{end}") for end in first]
        rows += [("Subrecipient enrollment", f"S-2{end}") for end in second]
        rows += [("Program entry", "entered")] * entered + [("Case closure", "closed")] * closed
        if first or second:
            ways.append(frozenset(rows))
    return ways


def of_a_year() -> list[frozenset[Row]]:
    """Every way in which one person can be in the rows of a year: two services, and four categories
    of two groups."""
    titles = {PAGE_SERVICES[word][0]: PAGE_SERVICES[word][1] for word in ("food", "shelter", "legal")}
    ways = [frozenset({("Service use", "enrolled")})]
    for services, categories in product(subsets(("s1", "s2")), subsets((*titles, UNNAMED))):
        if services and categories:
            groups = {("Groups of assistance", titles[title]) for title in categories if title in titles}
            used = {("Service use", "enrolled"), *(("Service use", service) for service in services)}
            ways.append(frozenset({*used, *groups, *(("Categories of assistance", title) for title in categories)}))
    return ways


WAYS = {"quarter": of_a_quarter(), "year": of_a_year()}


@st.composite
def persons(draw: st.DrawFn, ways: Sequence[frozenset[Row]]) -> tuple[Kinds, Kinds]:
    """Adults and children by the rows that they are in."""
    chosen = draw(st.lists(st.sampled_from(ways), min_size=1, max_size=5, unique=True))
    adults = {way: draw(MANY) for way in chosen}
    return adults, {way: draw(MANY) if draw(st.booleans()) else 0 for way in chosen}


def counted(kinds: Kinds, row: Row) -> int:
    return sum(n for way, n in kinds.items() if row in way)


def report_of(ways: Sequence[frozenset[Row]], adults: Kinds, children: Kinds) -> GranteeReport:
    rows = []
    for row in sorted({row for way in ways for row in way}):
        old, young = counted(adults, row), counted(children, row)
        rows.append(
            ReportRow(
                section=row[0], item=row[1], adults=old, children=young, persons=old + young, number=2 * (old + young)
            )
        )
    return GranteeReport("2012 Q1", date(2012, 4, 15), tuple(rows), ("SUB-A",))


def told(
    ways: Sequence[frozenset[Row]], shown: Mapping[Row, int], aims: Sequence[Iterable[tuple[Row, int]]]
) -> list[attacker.Range]:
    """What a reader can say of sums of rows, who knows which rows a person can be in."""
    equations = [{at: 1 for at, way in enumerate(ways) if row in way} | {len(ways): -n} for row, n in shown.items()]
    bounds: list[attacker.Range] = [*[(0, None)] * len(ways), (1, 1)]
    wanted = []
    for aim in aims:
        factors = [sum(f for row, f in aim if row in way) for way in ways]
        wanted.append({at: f for at, f in enumerate(factors) if f} or {0: 0})
    return attacker.program(equations, bounds, wanted)


class TestGranteeReports:
    """Of a published report of a grantee, a reader cannot say that a small count is small, or that
    it is not zero."""

    @pytest.mark.slow
    @pytest.mark.parametrize("period", ["quarter", "year"])
    @given(st.data())
    def test_no_small_count(self, period: str, data: st.DataObject) -> None:
        ways = WAYS[period]
        adults, children = data.draw(persons(ways))
        report = report_of(ways, adults, children)
        hidden = publish_grantee_report(report).hidden
        every = {way: adults[way] + children[way] for way in adults}
        for column, kinds in (("adults", adults), ("children", children), ("persons", every)):
            ages = column != "persons"
            shown = {(r.section, r.item): counted(kinds, (r.section, r.item)) for r in report.rows}
            shown = {row: n for row, n in shown.items() if (*row, column) not in hidden}
            assert all(n == 0 or n >= FEW for n in shown.values())
            small = [row for row in counted_few(report, kinds) if (*row, column) in hidden]
            if ages and small:  # then of a row that is not empty, the reader knows the persons of all ages at most
                known = {row: n for row, n in totals(report, every).items() if (*row, "persons") not in hidden}
                assert not any(n for row, n in shown.items() if known.get(row, 1)), "ages in all rows or in none"
                shown = known
            for least, most in told(ways, shown, [[(row, 1)] for row in small]):
                assert ages or least == 0
                assert most is None or most >= FEW
        assert {(r.section, r.item, "number") for r in report.rows} <= hidden

    @pytest.mark.slow
    @pytest.mark.parametrize("period", ["quarter", "year"])
    @given(st.data())
    def test_no_small_difference_of_a_row_and_one_that_holds_it(self, period: str, data: st.DataObject) -> None:
        ways = WAYS[period]
        adults, children = data.draw(persons(ways))
        report = report_of(ways, adults, children)
        hidden = publish_grantee_report(report).hidden
        every = {way: adults[way] + children[way] for way in adults}
        known = {row: n for row, n in totals(report, every).items() if (*row, "persons") not in hidden}
        rows = [(r.section, r.item) for r in report.rows]
        for inner, outer in product(rows, rows):
            if inner != outer and all(outer in way for way in ways if inner in way):
                difference = counted(every, outer) - counted(every, inner)
                ((least, most),) = told(ways, known, [[(outer, 1), (inner, -1)]])
                if 0 < difference < FEW:
                    assert least == 0
                    assert most is None or most >= FEW

    def test_published_again(self) -> None:
        """A row that grew by three is withheld, and one that was withheld stays so."""
        ways = [frozenset({("Program entry", "entered")}), frozenset({("Case closure", "closed")})]
        before = report_of(ways, {ways[0]: 30, ways[1]: 5}, {})
        after = report_of(ways, {ways[0]: 33, ways[1]: 50}, {})
        assert ("Program entry", "entered", "persons") not in publish_grantee_report(after).hidden
        hidden = publish_grantee_report(after, earlier=[before]).hidden
        assert {("Program entry", "entered", "persons"), ("Case closure", "closed", "persons")} <= hidden

    def test_what_partners_identified(self) -> None:
        """24 identified and 20 referred differ by four; activities are no persons."""

        def report(identified: int, referred: int) -> GranteeReport:
            numbers = zip((title for _, title in MEASURES.values()), (identified, referred, 3, 4, 5), strict=True)
            rows = tuple(ReportRow(section="Outreach", item=title, number=n) for title, n in numbers)
            return GranteeReport("2012 Q1", date(2012, 4, 15), rows, ("SUB-A",))

        titles = [title for _, title in MEASURES.values()]
        assert publish_grantee_report(report(24, 20)).hidden == {("Outreach", titles[1], "number")}
        assert publish_grantee_report(report(40, 20)).hidden == set()
        again = publish_grantee_report(report(43, 20), earlier=[report(40, 20)]).hidden
        assert ("Outreach", titles[0], "number") in again


def totals(report: GranteeReport, kinds: Kinds) -> dict[Row, int]:
    return {(r.section, r.item): counted(kinds, (r.section, r.item)) for r in report.rows}


def counted_few(report: GranteeReport, kinds: Kinds) -> list[Row]:
    return [row for row, n in totals(report, kinds).items() if 0 < n < FEW]


class TestOverlapping:
    def test_a_count_that_differs_by_few_from_what_holds_it(self) -> None:
        """Of 25 enrolled, 22 received food: whoever reads both knows of three who did not."""
        assert overlapping({"enrolled": 25, "food": 22}, [("food", ["enrolled"])]) == {"food"}
        assert overlapping({"enrolled": 25, "food": 14}, [("food", ["enrolled"])]) == set()
        assert overlapping({"enrolled": 25, "food": 25}, [("food", ["enrolled"])]) == set()

    def test_a_union_that_would_show_that_a_withheld_count_is_not_zero(self) -> None:
        """35 received food or shelter, 30 of them food: shelter is 5 at least."""
        counts = {"either": 35, "food": 30, "shelter": 6}
        assert overlapping(counts, [("either", ["food", "shelter"])]) == {"shelter", "either"}


def partner(counts: Sequence[tuple[int, int]]) -> tuple[Performance, ...]:
    """A partner that identified and referred so many in each quarter."""
    network, quarter, rows = read_award(PARTNER / "award.xlsx"), Quarter(2025, 4), list[Reported]()
    award = next(a.fain for a in network.awards if a.terms.pass_through)
    for identified, referred in counts:
        for measure, n in (("identified", identified), ("referred", referred)):
            rows.append(Reported(award=award, measure=measure, quarter=quarter, count=n, published=quarter.days.last))
        quarter = quarter.next()
    return performance(network, rows, (), quarter.days.start)


class TestPerformance:
    """Of a published performance report, a reader cannot say that a small count is small."""

    @given(st.lists(st.tuples(MANY, MANY), min_size=1, max_size=4))
    def test_no_small_count(self, counts: list[tuple[int, int]]) -> None:
        reports = partner(counts)
        (report,) = reports
        hidden = publish_performance(reports).hidden
        nested = all(referred <= identified for identified, referred in counts)
        names = [(m, str(q)) for m in ("identified", "referred") for q in report.quarters]
        names += [("identified", "In all"), ("referred", "In all")]
        true = {(m, str(q)): report.counts[m, q] or 0 for m in ("identified", "referred") for q in report.quarters}
        true |= {(m, "In all"): report.total(m) for m in ("identified", "referred")}
        place = {name: at for at, name in enumerate(names)}
        bounds: list[attacker.Range] = [
            (0, None) if (report.award.fain, *name) in hidden else (true[name], true[name]) for name in names
        ]
        sums = [
            {place[m, "In all"]: 1, **{place[m, str(q)]: -1 for q in report.quarters}}
            for m in ("identified", "referred")
        ]
        less = [{place["referred", k]: 1, place["identified", k]: -1} for _, k in names[: len(report.quarters)]]
        small = [name for name in names if 0 < true[name] < FEW]
        assert all((report.award.fain, *name) in hidden for name in small)
        for least, most in attacker.program(sums, bounds, [{place[name]: 1} for name in small], less if nested else ()):
            assert least == 0
            assert most is None or most >= FEW

    def test_published_again(self) -> None:
        """A new quarter of three persons is withheld, and so is what would tell it."""
        first, second = partner([(40, 20), (50, 30)]), partner([(40, 20), (50, 30), (3, 0)])
        assert publish_performance(first).hidden == set()
        hidden = publish_performance(second, earlier=[first]).hidden
        fain = second[0].award.fain
        assert {(fain, "identified", "2026 Q2"), (fain, "identified", "In all")} <= hidden

    def test_a_count_that_cannot_be_withdrawn(self) -> None:
        with pytest.raises(Rejected):
            publish_performance(partner([(37, 20), (50, 30)]), earlier=[partner([(40, 20), (50, 30)])])


class TestLetters:
    """Of published letters, a reader of all breakdowns cannot say that a small count is small."""

    @given(st.data())
    def test_no_small_count(self, data: st.DataObject) -> None:
        years = list[YearOfLetters]()
        for year in range(2010, 2010 + data.draw(st.integers(1, 3))):
            adults, children, interim = (data.draw(MANY) for _ in range(3))
            part = st.one_of(st.just(0), st.integers(0, adults + children + interim))
            family, withdrawn, late = (data.draw(part) for _ in range(3))
            years.append(
                YearOfLetters(
                    year=year, adults=adults, children=children, interim=interim,
                    family=family, withdrawn=withdrawn, late=late, latest=late,
                )
            )  # fmt: skip
        hidden = publish_letters(years).hidden
        for y in years:
            names = ("adults", "children", "interim", "all", "family", "withdrawn", "late", "letters")
            rows = [{3: 1, 0: -1, 1: -1}, {7: 1, 2: -1, 3: -1}]
            bounds: list[attacker.Range] = [(0, None) for _ in names]
            for at, name in enumerate(names[:7]):
                n = getattr(y, name)
                if (str(y.year), name) not in hidden:
                    assert n == 0 or n >= FEW
                    bounds[at] = (n, n)
            small = [at for at, name in enumerate(names[:7]) if 0 < getattr(y, name) < FEW]
            less = [{at: 1, 7: -1} for at in (4, 5, 6)]
            for least, most in attacker.program(rows, bounds, [{at: 1} for at in small], less):
                assert least == 0
                assert most is None or most >= FEW
            assert not y.late or (str(y.year), "latest") in hidden

    def test_published_again(self) -> None:
        """Three more adults: the growth is withheld, and the other breakdowns are no longer
        published."""
        before = [YearOfLetters(year=2011, adults=40, children=30, interim=20, family=20, withdrawn=0, late=30)]
        after = [YearOfLetters(year=2011, adults=43, children=30, interim=20, family=20, withdrawn=0, late=30)]
        assert publish_letters(before).hidden == set()
        hidden = publish_letters(after, earlier=[before]).hidden
        assert {("2011", c) for c in ("adults", "all", "family", "withdrawn", "late")} <= hidden


CALLS = """title = "Calls (illustrative)"
[[publications]]
id = "1"
citation = "First"
published = 2013-01-01
[[publications]]
id = "2"
citation = "Second"
published = 2014-01-01
"""


def calls(*figures: tuple[str, int, int, str]) -> Withholding:
    rows = "".join(
        f'[[figures]]\nkind = "{kind}"\nyear = {year}\nvalue = {value}\npublication = "{said}"\n'
        for kind, year, value, said in figures
    )
    return publish_figures(figures_of(CALLS + rows, "calls.toml"))


class TestCalls:
    def test_a_small_kind_withholds_the_kinds_of_its_year(self) -> None:
        hidden = calls(("all_calls", 2012, 100, "1"), ("crisis", 2012, 3, "1"), ("tip", 2012, 97, "1")).hidden
        assert hidden == {(kind, "2012", when) for kind in ("crisis", "tip") for when in ("first", "last")}

    def test_few_calls_beside_the_kinds(self) -> None:
        assert calls(("all_calls", 2012, 100, "1"), ("crisis", 2012, 96, "1")).hidden
        assert not calls(("all_calls", 2012, 100, "1"), ("crisis", 2012, 80, "1")).hidden

    def test_a_restatement_by_few(self) -> None:
        """30, then 33: the first is shown, the later is not; nor are the others of that year that
        were restated."""
        hidden = calls(
            ("all_calls", 2012, 30, "1"), ("all_calls", 2012, 33, "2"), ("all_calls", 2013, 30, "1"),
            ("cases", 2012, 30, "1"), ("cases", 2012, 60, "2"), ("reported", 2012, 25, "1"),
        ).hidden  # fmt: skip
        assert ("all_calls", "2012", "last") in hidden
        assert ("cases", "2012", "last") in hidden
        assert ("reported", "2012", "first") in hidden
        assert ("all_calls", "2013", "first") not in hidden


COMMANDS = {
    "letters": ("letters", PARTNER / "letters.xlsx"),
    "performance": ("performance", PARTNER / "award.xlsx", PARTNER / "outreach.xlsx"),
    "coalitions": ("coalitions", PARTNER / "outreach.xlsx"),
    "quarter": ("grantee-report", EXAMPLES / "tvap-fy2012" / "caseload-SUB-B.xlsx", "--period", "2012-Q1"),
    "calls": ("calls", EXAMPLES / "hotline" / "calls.toml"),
}


def run(*words: object) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


class TestCommands:
    """Every report says whether it may be published: on the page, in the workbook, and beside
    JSON."""

    @pytest.mark.parametrize("name", COMMANDS)
    def test_the_page_and_the_workbook_say_so(self, name: str, tmp_path: Path) -> None:
        words, out = COMMANDS[name], tmp_path / "report.xlsx"
        to_file = () if name == "calls" else ("--out", out)
        assert run(*words, *to_file).startswith(DO_NOT_PUBLISH.says)
        if to_file:
            assert DO_NOT_PUBLISH.says in texts(out)
        page = run(*words, "--publish", *to_file)
        assert "(threshold 11)" in page.splitlines()[0]
        if to_file:
            assert page.splitlines()[0] in texts(out)
        assert json.loads(run(*words, "--publish", "--json"))

    @pytest.mark.parametrize("name", ["letters", "quarter"])
    def test_no_small_count_is_left(self, name: str, tmp_path: Path) -> None:
        out = tmp_path / "report.xlsx"
        run(*COMMANDS[name], "--publish", "--out", out)
        sheet = load_workbook(out).worksheets[0]
        cells = [cell.value for row in sheet.iter_rows() for cell in row]
        assert WITHHELD in cells
        assert not [n for n in cells if isinstance(n, int) and 0 < n < FEW]

    def test_a_coalition_of_few(self, tmp_path: Path) -> None:
        """Its sectors and the standards that it meets would bound the count."""
        out = tmp_path / "coalitions.xlsx"
        run(*COMMANDS["coalitions"], "--publish", "--out", out)
        assert "coalition C-2" in texts(tmp_path / "coalitions.xlsx") or WITHHELD in texts(out)
        facts = {row["id"]: row for row in json.loads(run(*COMMANDS["coalitions"], "--publish", "--json"))}
        assert [facts["C-2"][key] for key in ("members", "sectors", "recognized", "standards")] == [WITHHELD] * 4
        assert facts["C-1"]["members"] == 12

    def test_published_before(self) -> None:
        words = (*COMMANDS["letters"], "--published", "2026-01-31")
        assert "withheld" in run(*words, "--publish")
        refused = CliRunner().invoke(main, [str(word) for word in words])
        assert refused.exit_code == 2
        assert "--published is for reports with --publish" in refused.output


def texts(path: Path) -> set[object]:
    return {cell.value for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row}
