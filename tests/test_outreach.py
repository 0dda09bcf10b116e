"""Regional partners, coalitions, and reports of grantees: from workbook to report, and each rule
both ways."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.billing.caseload import Caseload, Cost, Enrollment, Registration
from grantcalc.cli import main
from grantcalc.eligibility import Participant
from grantcalc.errors import Inexact, Rejected, WorkbookRejected
from grantcalc.io.inputs import read_award, read_caseload, read_outreach
from grantcalc.io.intake.cells import open_book
from grantcalc.io.intake.outreach import Outreach
from grantcalc.io.intake.templates import write_input
from grantcalc.io.issued.outreachbook import (
    coalitions_book,
    grantee_book,
    performance_book,
    write_coalitions,
    write_grantee_report,
    write_performance,
)
from grantcalc.money import Cents
from grantcalc.outreach.assistance import PAGE_SERVICES, UNNAMED, quarterly, yearly
from grantcalc.outreach.coalitions import LEAST_MEMBERS, PLACE_KINDS, SECTORS, Coalition, Member, register, standards
from grantcalc.outreach.objectives import MEASURES, OBJECTIVES, Quarter, Reported, performance, quarters_of
from grantcalc.periods import Interval, Month
from grantcalc.terms import award_terms, load_terms, published_terms
from grantcalc.xlsx.writer import book_bytes
from tests import sample_program

FIRST, LAST = date(2008, 2, 15), date(2011, 2, 14)
REPORT = date(2009, 5, 4)
FAINS = "90ZV0001", "90ZV0002"
TOTALS = Decimal("756000.00"), Decimal("825000.00")
DAY = timedelta(days=1)

AWARD: sample_program.Rows = {
    "Document": [{"issuer": "HHS", "report_date": REPORT, "label": "Amounts as published; the rest ILLUSTRATIVE"}],
    "Organizations": [
        {"id": "LOUISVILLE", "name": "Catholic Charities of Louisville", "state": "KY"},
        {"id": "COLORADO", "name": "Colorado Legal Services", "state": "CO"},
        {"id": "LOCAL-1", "name": "Local organization 1 (illustrative)", "state": "KY"},
        {"id": "LOCAL-2", "name": "Local organization 2 (illustrative)", "state": "CO"},
    ],
    "Awards": [
        {"fain": fain, "recipient": who, "agency": "HHS/ACF/ORR", "listing": "93.598", "awarded": FIRST,
         "start": FIRST, "end": LAST, "terms": "rescue-and-restore-regional"}
        for fain, who in zip(FAINS, ("LOUISVILLE", "COLORADO"), strict=True)
    ],
    "Budget periods": [
        {"fain": fain, "label": "2008-2011", "start": FIRST, "end": LAST, "amount": amount}
        for fain, amount in zip(FAINS, TOTALS, strict=True)
    ],
    "Subawards": [
        {"id": "S-1", "parent": FAINS[0], "subrecipient": "LOCAL-1", "start": FIRST, "end": LAST,
         "amount": Decimal("453600.00")},
        {"id": "S-2", "parent": FAINS[1], "subrecipient": "LOCAL-2", "start": FIRST, "end": LAST,
         "amount": Decimal("494999.99")},
    ],
    "Areas": [{"holder": FAINS[0], "place": "KY", "serves": "yes", "effective": FIRST}],
}  # fmt: skip
OUTREACH: sample_program.Rows = {
    "Document": [{"issuer": "HHS", "report_date": REPORT, "label": "ILLUSTRATIVE"}],
    "Measures": [
        {"award": FAINS[0], "quarter": "2008-04", "measure": "identified", "count": 3, "published": date(2008, 7, 10)},
        {"award": FAINS[0], "quarter": "2008-06", "measure": "identified", "count": 2, "member": "LOCAL-1"},
        {"award": FAINS[0], "quarter": "2008-05", "measure": "identified", "count": 4, "published": date(2009, 1, 5)},
        {"award": FAINS[0], "quarter": "2009-01", "measure": "organizations_trained", "count": 0},
        {"award": FAINS[1], "quarter": "2008-10", "measure": "outreach_activities", "count": 12},
    ],
    "Local network": [
        {"award": FAINS[0], "id": "LOCAL-1", "sector": "legal_assistance", "start": FIRST},
        {"award": FAINS[0], "id": "LOCAL-3", "sector": "faith_based", "start": FIRST, "end": date(2008, 12, 31)},
    ],
    "Coalitions": [
        {"id": "C-1", "place": "Illustrative City", "kind": "city", "state": "KY", "partner": FAINS[0], "sex": "yes",
         "labor": "yes", "helps_identify": "yes", "raises_numbers": "yes"},
        {"id": "C-2", "place": "Illustrative State", "kind": "state", "state": "CO", "sex": "yes"},
    ],
    "Coalition members": [
        *({"coalition": "C-1", "id": f"M-{n}", "sector": SECTORS[n % 4], "start": FIRST} for n in range(10)),
        {"coalition": "C-2", "id": "M-1", "sector": "labor", "start": FIRST},
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_input("award", AWARD, tmp_path / "award.xlsx")
    write_input("outreach", OUTREACH, tmp_path / "outreach.xlsx")
    return tmp_path


def run(*words: object) -> str:
    return CliRunner().invoke(main, [str(w) for w in words], catch_exceptions=False).stdout


class TestTerms:
    """The 60 % stands in terms."""

    def test_the_terms_of_the_regional_program(self) -> None:
        assert award_terms() == ("rescue-and-restore-regional",)
        assert "rescue-and-restore-regional" not in published_terms()
        (fact,) = load_terms("rescue-and-restore-regional").pass_through.facts
        assert (str(fact.value), fact.authority.citation) == ("3/5", "HHS-2008-ACF-ORR-ZV-0048")


class TestQuarters:
    """Each measure is reported by quarter."""

    @given(st.dates(date(1990, 1, 1), date(2050, 12, 31)))
    def test_each_day_has_one_quarter(self, day: date) -> None:
        quarter = Quarter.of(Month.of(day))
        assert day in quarter.days
        assert day not in quarter.next().days
        assert quarter.next().days.start == (quarter.days.end or day) + DAY
        assert Quarter.parse(str(quarter)) == quarter

    @pytest.mark.parametrize("text", ["2009", "2009 Q5", "2009-Q0", "Q1", "209 Q1", "2009 Q11", "2009Q1"])
    def test_no_quarter(self, text: str) -> None:
        with pytest.raises(Inexact):
            Quarter.parse(text)
        with pytest.raises(ValueError, match="1 to 4"):
            Quarter(2009, 5)

    def test_the_quarters_of_an_award_that_have_ended(self) -> None:
        period = Interval(FIRST, LAST)
        assert quarters_of(period, date(2008, 3, 30)) == ()
        assert quarters_of(period, date(2008, 3, 31)) == (Quarter(2008, 1),)
        assert quarters_of(period, LAST - DAY)[-1] == Quarter(2010, 4)
        assert quarters_of(period, LAST)[-1] == quarters_of(period, date(2020, 1, 1))[-1] == Quarter(2011, 1)
        assert len(quarters_of(Interval(FIRST), date(2009, 12, 31))) == 8


class TestPerformance:
    """Four objectives, each with measures that a partner reports by quarter; a later row restates
    an earlier one."""

    def test_each_objective_has_a_measure(self) -> None:
        assert {objective for objective, _ in MEASURES.values()} == {*OBJECTIVES}
        assert len(OBJECTIVES) == 4

    def test_from_workbook_to_report(self, folder: Path) -> None:
        network, found = read_award(folder / "award.xlsx"), read_outreach(folder / "outreach.xlsx")
        louisville, colorado = performance(network, found.reported, found.network)
        assert louisville.quarters == tuple(Quarter(*q) for q in [(2008, n) for n in (1, 2, 3, 4)] + [(2009, 1)])
        assert louisville.counts["identified", Quarter(2008, 2)] == 4 + 2
        assert louisville.counts["organizations_trained", Quarter(2009, 1)] == 0
        assert louisville.counts["identified", Quarter(2008, 3)] is None
        assert (louisville.total("identified"), colorado.total("outreach_activities")) == (6, 12)
        assert len(louisville.missing) == 5 * 5 - 2
        assert [m.id for m in louisville.members] == ["LOCAL-1"]
        assert [o.result for r in (louisville, colorado) for o in r.pass_through] == ["pass", "finding"]
        earlier = performance(network, found.reported, found.network, date(2008, 12, 31))[0]
        assert earlier.counts["identified", Quarter(2008, 2)] == 3
        assert [m.id for m in earlier.members] == ["LOCAL-1", "LOCAL-3"]

    def test_the_workbook(self, folder: Path) -> None:
        out = folder / "performance.xlsx"
        printed = run("performance", folder / "award.xlsx", folder / "outreach.xlsx", "--out", out)
        assert "90ZV0001 Catholic Charities of Louisville: 5 quarters, 1 member\n" in printed
        assert "453,600.00 of 756,000.00 is passed on, at least 453,600.00 must be" in printed
        assert "494,999.99 of 825,000.00 is passed on, at least 495,000.00 must be" in printed
        rows = open_book(out).sheets["Performance"]
        identified = next(cells for _, cells in rows if any(c.value == "Foreign victims identified" for c in cells))
        assert [c.value for c in identified[1:]] == ["Foreign victims identified", 6, 6]
        assert identified[-1].formula
        network, found = read_award(folder / "award.xlsx"), read_outreach(folder / "outreach.xlsx")
        reports = performance(network, found.reported, found.network)
        assert book_bytes(performance_book(reports, "ILLUSTRATIVE")) == out.read_bytes()
        assert write_performance(reports, out, "ILLUSTRATIVE")
        machine = json.loads(run("performance", folder / "award.xlsx", folder / "outreach.xlsx", "--json"))
        assert machine[0]["quarters"]["2008 Q3"]["identified"] is None

    def test_an_award_that_passes_nothing_on_has_no_performance(self, folder: Path) -> None:
        sample_program.write(folder, "award", sample_program.AWARD, "other.xlsx")
        result = CliRunner().invoke(main, ["performance", str(folder / "other.xlsx"), str(folder / "outreach.xlsx")])
        assert result.exit_code == 2


def coalition(**facts: bool | None) -> Coalition:
    return evolve(
        Coalition(
            id="C",
            place="Illustrative City",
            kind="city",
            state="TX",
            partner="",
            sex=True,
            labor=True,
            helps_identify=True,
            raises_numbers=True,
        ),
        **facts,  # type: ignore[arg-type]
    )


def member(n: int, sector: str, party: str = "") -> Member:
    return Member(coalition="C", id=f"M-{n}", sector=sector, days=Interval(FIRST), party=party)


TEN = tuple(member(n, SECTORS[n % 3]) for n in range(LEAST_MEMBERS))


TWO_SECTORS = tuple(member(n, SECTORS[n % 2]) for n in range(9))


class TestCoalitions:
    """An alliance of distinct parties; at least 10 members from several sectors; raising awareness
    of sex and labor trafficking and helping identify victims; working to raise the number
    identified and assisted."""

    @pytest.mark.parametrize(
        ("facts", "members", "results"),
        [
            ({}, TEN, "pass pass pass pass pass pass"),
            ({}, TEN[:-1], "pass finding pass pass pass pass"),
            ({}, (*TEN[:-1], member(11, "labor", "M-0")), "pass finding pass pass pass pass"),
            ({}, TEN[:1], "finding finding finding pass pass pass"),
            ({}, tuple(member(n, SECTORS[n % 2]) for n in range(10)), "pass pass finding pass pass pass"),
            ({}, (*TWO_SECTORS, member(9, "other")), "pass pass finding pass pass pass"),
            ({"labor": False}, TEN, "pass pass pass finding pass pass"),
            ({"sex": None, "labor": False}, TEN, "pass pass pass finding pass pass"),
            ({"sex": None}, TEN, "pass pass pass not-tested pass pass"),
            ({"helps_identify": False}, TEN, "pass pass pass pass finding pass"),
            ({"raises_numbers": None}, TEN, "pass pass pass pass pass not-tested"),
        ],
    )  # fmt: skip
    def test_each_standard_both_ways(
        self, facts: dict[str, bool | None], members: tuple[Member, ...], results: str
    ) -> None:
        found = standards(coalition(**facts), members, FIRST)
        assert [o.result.replace(" ", "-") for o in found] == results.split()
        entry = register([coalition(**facts)], members, None, FIRST).entries[0]
        assert entry.recognized == (results == "pass pass pass pass pass pass")

    def test_members_of_other_coalitions_and_of_other_days_do_not_count(self) -> None:
        left = tuple(evolve(m, days=Interval(FIRST, FIRST)) for m in TEN)
        assert [o.result for o in standards(coalition(), left, FIRST + DAY)][:3] == ["finding"] * 3
        assert [o.result for o in standards(evolve(coalition(), id="D"), TEN, FIRST)][:3] == ["finding"] * 3

    def test_from_workbook_to_report(self, folder: Path) -> None:
        out = folder / "coalitions.xlsx"
        printed = run("coalitions", folder / "outreach.xlsx", "--award", folder / "award.xlsx", "--out", out)
        assert "C-1 Illustrative City: 10 members, partner 90ZV0001, served by 90ZV0001\n" in printed
        assert "C-2 Illustrative State: 1 member, partner none, served by nobody known\n" in printed
        assert printed.endswith("2 of 24 places registered, 1 without a regional partner\n")
        network, found = read_award(folder / "award.xlsx"), read_outreach(folder / "outreach.xlsx")
        registry = register(found.coalitions, found.members, network, REPORT, found.label)
        assert [e.recognized for e in registry.entries] == [True, False]
        assert (registry.unregistered, registry.of_kind("city"), registry.of_kind("region")) == (PLACE_KINDS - 2, 1, 0)
        assert [c.id for c in registry.without_partner] == ["C-2"]
        assert book_bytes(coalitions_book(registry)) == out.read_bytes()
        assert write_coalitions(registry, out)
        machine = json.loads(run("coalitions", folder / "outreach.xlsx", "--json"))
        assert [row["recognized"] for row in machine] == [True, False]

    def test_an_empty_registry_names_nobody(self) -> None:
        registry = register([], [], None, REPORT)
        assert (registry.entries, registry.unregistered) == ((), 24)

    def test_findings(self, folder: Path) -> None:
        network = read_award(folder / "award.xlsx")
        many = [evolve(coalition(), id=f"C-{n}") for n in range(PLACE_KINDS + 1)]
        found = register(many, (*TEN, TEN[0]), network, REPORT).findings
        assert [f.cause for f in found] == ["places", "twice"]
        assert register(many[1:], TEN, network, REPORT).findings == ()
        unknown = [evolve(coalition(), partner="90ZV9999")]
        assert [f.cause for f in register(unknown, (), network, REPORT).findings] == ["partner"]

    @pytest.mark.parametrize(
        ("sheet", "row", "cell"),
        [
            ("Coalition members", {"coalition": "C-9", "id": "M-1", "sector": "labor", "start": FIRST}, "A2"),
            ("Coalitions", {"id": "C-1", "place": "x", "kind": "city", "state": "Region 4"}, "D2"),
            ("Measures", {"award": "90ZV0001", "quarter": "2009-01", "measure": "rescued", "count": 1}, "C2"),
        ],
    )
    def test_a_bad_row_is_told_at_its_cell(self, folder: Path, sheet: str, row: dict[str, object], cell: str) -> None:
        document: sample_program.Rows = {
            "Document": OUTREACH["Document"],
            "Coalitions": OUTREACH["Coalitions"],
            sheet: [row],
        }
        write_input("outreach", document, folder / "bad.xlsx")
        with pytest.raises(WorkbookRejected) as refused:
            read_outreach(folder / "bad.xlsx")
        assert [(f.place.sheet, f.place.cell) for f in refused.value.findings] == [(sheet, cell)]

    def test_two_rows_that_restate_one_another_need_different_days(self, folder: Path) -> None:
        row = OUTREACH["Measures"][0]
        write_input(
            "outreach", {"Document": OUTREACH["Document"], "Measures": [row, {**row, "count": 9}]}, folder / "bad.xlsx"
        )
        with pytest.raises(WorkbookRejected):
            read_outreach(folder / "bad.xlsx")


def who(n: int) -> Participant:
    return Participant("SUB", f"P-{n}")


def stay(
    n: int, start: date, end: date | None = None, subaward: str = "S", published: date | None = None
) -> Enrollment:
    return Enrollment(participant=who(n), subaward=subaward, days=Interval(start, end), published=published or start)


def cost(n: int | None, category: str, months: str = "2012-01", amount: int = 100) -> Cost:
    month = Month.parse(months)
    return Cost(
        participant=who(n) if n else None,
        subaward="S",
        service="expenses",
        category=category,
        amount=Cents(amount),
        paid=month.first,
        months=(month,),
        published=month.first,
    )


class TestGranteeReports:
    """Quarterly program entry, case closure, barriers, outreach, subrecipient enrollment; yearly
    service use, categories of assistance."""

    KNOWN = date(2012, 12, 31)
    Q1 = Quarter(2012, 1)

    def load(self, *rows: Enrollment | Cost) -> Caseload:
        people = (Registration(who(1)), Registration(who(2), "child"), Registration(who(3)))
        stays = tuple(r for r in rows if isinstance(r, Enrollment))
        costs = tuple(r for r in rows if isinstance(r, Cost))
        return Caseload(issuer="SUB", report_date=self.KNOWN, participants=people, enrollments=stays, costs=costs)

    def counts(self, load: Caseload, section: str, item: str = "", known: date | None = None) -> tuple[object, ...]:
        row = quarterly([load], self.Q1, known=known).row(section, item)
        return row.adults, row.children, row.persons

    def test_entry_is_the_first_day_ever_enrolled(self) -> None:
        load = self.load(
            stay(1, date(2011, 12, 31), date(2011, 12, 31)), stay(1, date(2012, 2, 1)),
            stay(2, date(2012, 3, 31)), stay(3, date(2012, 4, 1)),
        )  # fmt: skip
        assert self.counts(load, "Program entry") == (0, 1, 1)
        late = self.load(stay(1, date(2012, 1, 1), published=date(2012, 6, 1)))
        assert self.counts(late, "Program entry", known=date(2012, 5, 31)) == (0, 0, 0)
        assert self.counts(late, "Program entry", known=date(2012, 6, 1)) == (1, 0, 1)

    def test_a_case_closes_with_its_last_day_when_none_is_open(self) -> None:
        load = self.load(
            stay(1, date(2011, 5, 1), date(2012, 3, 31)),
            stay(2, date(2011, 5, 1), date(2012, 2, 1)), stay(2, date(2012, 1, 1), subaward="T"),
            stay(3, date(2011, 5, 1), date(2012, 4, 1)),
        )  # fmt: skip
        assert self.counts(load, "Case closure") == (1, 0, 1)
        assert self.counts(load, "Case closure", known=date(2012, 3, 30)) == (0, 0, 0)

    def test_enrollment_at_each_subrecipient(self) -> None:
        load = self.load(
            stay(1, date(2012, 1, 1), date(2012, 3, 30)), stay(2, date(2012, 3, 31)), stay(1, FIRST, None, "T")
        )
        assert self.counts(load, "Subrecipient enrollment", "S, in the quarter") == (1, 1, 2)
        assert self.counts(load, "Subrecipient enrollment", "S, at its end") == (0, 1, 1)
        assert self.counts(load, "Subrecipient enrollment", "T, at its end") == (1, 0, 1)

    def test_what_no_workbook_holds_is_not_zero(self) -> None:
        report = quarterly([self.load()], self.Q1)
        assert report.row("Barriers").persons is None
        assert report.row("Barriers").note
        outreach = MEASURES["outreach_activities"][1]
        assert report.row("Outreach", outreach).number is None
        rows = [
            Reported(award="A", measure="outreach_activities", quarter=self.Q1, count=5, published=date(2012, 4, 2)),
            Reported(award="A", measure="outreach_activities", quarter=self.Q1, count=7, published=date(2012, 5, 2)),
            Reported(award="B", measure="outreach_activities", quarter=self.Q1, count=1, published=date(2012, 4, 2)),
            Reported(
                award="B", measure="outreach_activities", quarter=self.Q1.next(), count=9, published=date(2012, 8, 2)
            ),
        ]
        assert quarterly([self.load()], self.Q1, rows).row("Outreach", outreach).number == 8
        assert quarterly([self.load()], self.Q1, rows, date(2012, 5, 1)).row("Outreach", outreach).number == 6

    def test_categories_of_assistance(self) -> None:
        load = self.load(
            cost(1, "food"), cost(1, "food"), cost(2, "shelter"), cost(None, "legal"), cost(3, "gym"),
            cost(3, "food", "2012-10"), cost(3, "food", "2011-09"), cost(3, "medical", amount=-100),
        )  # fmt: skip
        report = yearly([load], 2012)
        found = {r.item: (r.persons, r.number) for r in report.rows if r.section == "Categories of assistance"}
        assert found == {
            **{title: (0, 0) for title, _ in PAGE_SERVICES.values()},
            "Case management": (None, None),
            "Referrals": (None, None),
            "Food": (1, 2),
            "Shelter": (1, 1),
            "Some legal services": (0, 1),
            UNNAMED: (1, 1),
        }
        emergency = report.row("Groups of assistance", "emergency assistance")
        assert (emergency.adults, emergency.children, emergency.number) == (1, 1, 3)
        assert report.row("Service use", "expenses").persons == 3

    def test_two_issuers_never_match(self) -> None:
        load = self.load(stay(1, date(2012, 1, 1)))
        other = Caseload(
            issuer="OTHER", report_date=self.KNOWN, participants=(Registration(Participant("OTHER", "P-1")),),
            enrollments=(evolve(stay(1, date(2012, 1, 1)), participant=Participant("OTHER", "P-1")),),
        )  # fmt: skip
        assert quarterly([load, other], self.Q1).row("Program entry").persons == 2

    def test_a_caseload_given_twice_counts_once(self) -> None:
        load = self.load(stay(1, date(2012, 1, 1)), cost(1, "food"))
        assert yearly([load, load], 2012) == yearly([load], 2012)
        assert yearly([load, load], 2012).row("Categories of assistance", "Food").number == 1
        with pytest.raises(Rejected) as refused:
            yearly([load, evolve(load, costs=())], 2012)
        assert [f.cause for f in refused.value.findings] == ["issuer"]

    def test_the_words_are_those_of_the_costs(self) -> None:
        """The categories of the published terms of the program are words of this vocabulary, or
        `other`."""
        categories = load_terms("tvap-2018").service("participant_expenses").categories
        assert {*categories} - {*PAGE_SERVICES} == {"other"}

    def test_from_workbook_to_report(self, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        folder = sample_program.world(tmp_path_factory).inputs
        loads = [folder / f"caseload-{name}.xlsx" for name in "ab"]
        out = tmp_path / "report.xlsx"
        printed = run("grantee-report", *loads, "--period", "2011-Q4", "--out", out)
        assert "Program entry, entered: 3 adults, 1 child\n" in printed
        assert "Case closure, closed: 1 adult, 0 children\n" in printed
        assert "Barriers: not kept in a caseload workbook\n" in printed
        report = quarterly([read_caseload(path) for path in loads], Quarter(2011, 4))
        assert book_bytes(grantee_book(report)) == out.read_bytes()
        assert write_grantee_report(report, out)
        texts = [c.value for rows in open_book(out).sheets.values() for _, cells in rows for c in cells]
        assert not [text for text in texts if any(p in str(text) for p in sample_program.PSEUDONYMS)]
        machine = json.loads(run("grantee-report", *loads, "--period", "2012", "--json"))
        assert {row["item"]: row["number"] for row in machine["rows"] if row["section"] == "Service use"} == {
            "enrolled": None,
            "expenses": 3,
        }
        assert CliRunner().invoke(main, ["grantee-report", str(loads[0]), "--period", "soon"]).exit_code == 2


def test_a_template_of_each_kind_is_read_once_it_says_whose_it_is(tmp_path: Path) -> None:
    for kind in ("letters", "outreach"):
        assert CliRunner().invoke(main, ["template", str(tmp_path / f"{kind}.xlsx")]).exit_code == 0
        assert CliRunner().invoke(main, ["template", str(tmp_path / f"{kind}.xlsx")]).exit_code == 2
    write_input("outreach", {"Document": OUTREACH["Document"]}, tmp_path / "empty.xlsx")
    assert read_outreach(tmp_path / "empty.xlsx") == Outreach(report_date=REPORT, label="ILLUSTRATIVE")


@pytest.mark.parametrize(
    "command",
    ["performance AWARD AWARD", "coalitions AWARD", "letters AWARD", "grantee-report AWARD --period 2009-Q1",
     "grantee-report CASELOAD --period 2009-Q1 --outreach AWARD"],
)  # fmt: skip
def test_a_wrong_workbook_is_refused_by_what_it_is(tmp_path: Path, command: str) -> None:
    paths = {
        "AWARD": sample_program.write(tmp_path, "award", sample_program.AWARD),
        "CASELOAD": sample_program.write(tmp_path, "caseload", sample_program.CASELOAD_A),
    }
    answer = CliRunner().invoke(main, [str(paths.get(word, word)) for word in command.split()])
    assert answer.exit_code == 2
    assert "award.xlsx: this is an award workbook, expected " in answer.stdout
