"""The resource center: directory, search, referral and figures of calls (docs/outreach.md)."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.cli import main
from grantcalc.errors import Inexact, NotInForce, WorkbookRejected
from grantcalc.io.inputs import read_award, read_directory
from grantcalc.io.intake.templates import write_input, write_template
from grantcalc.outreach.directory import SERVICES, Directory, DirectoryEntry, Hours
from grantcalc.outreach.figures import FiguresRejected, figures_of, read_figures
from grantcalc.outreach.referral import refer
from grantcalc.outreach.search import look_up, search
from grantcalc.regions import jurisdiction

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
BOOK, CALLS = EXAMPLES / "hotline" / "directory.xlsx", EXAMPLES / "hotline" / "calls.toml"
AWARD = EXAMPLES / "tvap-fy2012" / "award.xlsx"
FRIDAY, SATURDAY = date(2012, 6, 15), date(2012, 6, 16)


@pytest.fixture(scope="module")
def directory() -> Directory:
    return read_directory(BOOK)


def names(directory: Directory, text: str = "", **wishes: Any) -> list[str]:
    found = search(directory, text, **{"day": FRIDAY, **wishes}).hits
    return [hit.entry.name.removesuffix(" (illustrative)") for hit in found]


def entry(id: str = "E", **facts: Any) -> DirectoryEntry:
    given: dict[str, Any] = {"name": f"Name {id}", "city": "Waco", "state": "TX", "services": ("shelter",), **facts}
    state = jurisdiction(given.pop("state"))
    verified = given.pop("verified", date(2012, 6, 1))
    return DirectoryEntry(
        id=id,
        name=given.pop("name"),
        kind="organization",
        city=given.pop("city"),
        state=state,
        services=given.pop("services"),
        verified=verified,
        **given,
    )


TWO = Directory(FRIDAY, (entry("A"), entry("B", services=("legal",), languages=("Spanish",))))


class TestSearch:
    """By place (same city, then State, then region), need and language, ranked, each rank
    explained."""

    def test_city_state_region(self, directory: Directory) -> None:
        found = search(directory, place="El Paso, TX", need="shelter", language="Spanish", day=FRIDAY)
        assert [str(hit).partition(" (illustrative), ")[2] for hit in found.hits] == [
            "El Paso, TX: in El Paso; offers shelter; speaks Spanish; open all day; verified 2012-05-14",
            "Houston, TX: works in Texas; offers shelter; speaks Spanish; open all day; verified 2012-04-03",
            "Las Cruces, NM: serves Texas; offers shelter; speaks Spanish; open all day; verified 2012-05-02",
            "San Antonio, TX: works in Texas; offers shelter; speaks Spanish; open 09:00-17:00; verified 2012-06-01",
            (
                "Dallas, TX: works in Texas; offers shelter; speaks Spanish; open 08:00-20:00; "
                "verified 2010-11-30, 563 days before"
            ),
            "New Orleans, LA: in HHS Region 6; offers shelter; speaks Spanish; open 09:00-17:00; verified 2012-02-11",
        ]
        assert found.count == 6

    def test_who_is_closed_that_day_comes_later(self, directory: Directory) -> None:
        wishes = {"place": "TX", "need": "shelter", "language": "Spanish"}
        friday, saturday = names(directory, **wishes), names(directory, day=SATURDAY, **wishes)
        assert friday.index("Subrecipient B") < friday.index("Shelter 6")
        assert saturday.index("Subrecipient B") > saturday.index("Shelter 6")

    def test_a_region_and_everywhere(self, directory: Directory) -> None:
        assert names(directory, place="Region 2") == ["Subrecipient J"]
        assert len(names(directory)) == 13
        assert names(directory, place="Arizona", day=date(2012, 8, 1)) == ["Hotline 10"]

    def test_a_city_alone(self, directory: Directory) -> None:
        assert names(directory, place="el paso") == names(directory, place="El Paso, Texas")
        assert search(directory, place="Columbus").hint == "several States have a Columbus: say which, of OH, GA"

    def test_words(self, directory: Directory) -> None:
        assert names(directory, "clin leg") == ["Legal clinic 2"]
        assert names(directory, "trainer_14") == ["Trainer 14"]
        assert names(directory, "shelter albuquerque") == []

    def test_at_most(self, directory: Directory) -> None:
        found = search(directory, most=3, day=FRIDAY)
        assert (len(found.hits), found.count) == (3, 13)
        assert str(found).splitlines()[-1] == "and 10 more"

    def test_a_row_holds_from_its_verification_until_the_next(self, directory: Directory) -> None:
        assert names(directory, "clinic", day=date(2012, 3, 1)) == []
        for day, services in ((date(2012, 9, 2), ("legal",)), (date(2012, 9, 3), ("legal", "interpretation"))):
            (hit,) = search(directory, "clinic", day=day).hits
            assert hit.entry.services == services

    def test_an_entry_that_ended(self) -> None:
        ended = Directory(FRIDAY, (entry(ends=date(2012, 6, 14)),))
        assert names(ended, day=date(2012, 6, 14)) == ["Name E"]
        assert names(ended) == []
        assert search(ended, day=FRIDAY).hint == "no entry was verified by that day"

    @pytest.mark.parametrize(
        ("wishes", "hint"),
        [
            ({"place": "El Pasoo"}, "this place is not known; did you mean El Paso, TX?"),
            (
                {"place": "6"},
                "this place is not known; say Region 6 or California, in words: a bare number may be either",
            ),
            (
                {"place": "10"},
                "this place is not known; say Region 10 or Delaware, in words: a bare number may be either",
            ),
            (
                {"place": "Los Angeles, 6"},
                "this place is not known; say Region 6 or California, in words: a bare number may be either",
            ),
            ({"place": "Texass"}, "this place is not known; did you mean Texas?"),
            ({"language": "Spanih"}, "no entry lists this language; did you mean spanish?"),
            ({"need": "sheltr"}, "this need is not known; did you mean shelter?"),
            ({"place": "TX", "need": "housing", "language": "French"}, "without the language there is 1"),
            ({"place": "Maine", "need": "shelter"}, "without the place there are 9"),
            ({"text": "zebra"}, "leave out the words, or try other words"),
            ({"text": "zebra", "place": "TX"}, "without the words there are 10"),
            ({"text": "?!"}, "leave out the words, or try other words"),
        ],
    )
    def test_nothing_and_a_hint(self, directory: Directory, wishes: Mapping[str, str], hint: str) -> None:
        found = search(directory, day=FRIDAY, **wishes)  # type: ignore[arg-type]
        assert (found.hits, found.count, found.hint) == ((), 0, hint)
        assert str(found) == f"nothing found: {hint}"
        assert hint.partition(";")[0] in found._repr_html_()

    @pytest.mark.slow
    @given(st.text(), st.text(), st.text(), st.text())
    def test_nonsense_is_never_an_error(self, text: str, place: str, need: str, language: str) -> None:
        """A search for nonsense answers with nothing and a hint, never with an error."""
        for wishes in ({}, {"place": place}, {"need": need}, {"language": language}):
            found = search(TWO, text, **wishes)  # type: ignore[arg-type]
            assert bool(found.hits) != bool(found.hint)
        assert look_up(TWO, text) == ()

    @pytest.mark.parametrize(
        "text", ['"', "a OR b", "NEAR(a b)", "words:a", "q* ^b", "-q", "(", "\0", "q\0b", "'; DROP"]
    )
    def test_syntax_of_the_index_is_only_text(self, directory: Directory, text: str) -> None:
        assert search(directory, text).hits == ()

    def test_the_library(self, directory: Directory) -> None:
        found = [r.title.removesuffix(" (illustrative)") for r in look_up(directory, "", day=FRIDAY)]
        assert found == ["How to screen", "Know the signs", "Your rights"]
        assert [r.id for r in look_up(directory, "rights", language="vietnamese")] == ["L-2"]
        assert [r.id for r in look_up(directory, "", day=date(2012, 1, 14))] == ["L-2"]

    def test_the_page(self, directory: Directory) -> None:
        page = search(directory, "clinic", day=FRIDAY)._repr_html_()
        assert "Legal clinic 2 (illustrative)" in page


class TestHours:
    @pytest.mark.parametrize(
        "text", ["24/7", "Mon-Fri 09:00-17:00", "Mon 08:00-12:00; Mon 13:00-17:00; Sat 10:00-11:00"]
    )
    def test_hours(self, text: str) -> None:
        hours = Hours.parse(text)
        assert hours.stated
        assert hours.on(date(2012, 6, 11)) != ()
        assert Hours.parse(" ") == Hours()

    @pytest.mark.parametrize(
        "text",
        [
            "always",
            "Fri-Mon 09:00-17:00",
            "Mon 17:00-09:00",
            "Mon 25:00-26:00",
            "Mon 9-17",
            "Mon-Fri",
            "Mun 09:00-10:00",
        ],
    )
    def test_what_is_no_hours(self, text: str) -> None:
        with pytest.raises(Inexact, match=f"found text of {len(text)} characters"):
            Hours.parse(text)


class TestWorkbook:
    """Bad rows of the directory are findings with their cell."""

    ROW: Mapping[str, Any] = {
        "id": "E-1",
        "name": "A",
        "kind": "organization",
        "city": "Waco",
        "state": "TX",
        "services": "shelter",
        "verified": date(2012, 6, 1),
    }

    def findings(
        self, folder: Path, *changes: Mapping[str, Any], library: Sequence[Mapping[str, Any]] = ()
    ) -> list[str]:
        document: list[Mapping[str, Any]] = [{"issuer": "D", "report_date": FRIDAY}]
        rows = [{**self.ROW, **change} for change in changes]
        write_input("directory", {"Document": document, "Directory": rows, "Library": library}, folder / "d.xlsx")
        with pytest.raises(WorkbookRejected) as refused:
            read_directory(folder / "d.xlsx")
        return [str(found) for found in refused.value.findings]

    def test_every_bad_cell_at_once(self, tmp_path: Path) -> None:
        found = self.findings(
            tmp_path,
            {"services": "shelter; sheltr"},
            {"id": "E-2", "hours": "nine to five"},
            {"id": "E-3", "state": "Region 6"},
            {"id": "E-4", "serves": "Texass; NM"},
            {"id": "E-5", "ends": date(2012, 5, 1)},
            {"id": "E-6", "name": None},
            {"id": "E-7", "kind": "club"},
            {"id": "E-8"},
            {"id": "E-8"},
            {"id": "E-9", "serves": "6; 9"},
            library=[
                {"id": "L", "title": "T", "kind": "poster", "topics": "fun", "published": FRIDAY},
                {"id": "L", "title": "T", "kind": "poster", "topics": "legal", "published": FRIDAY},
            ],
        )
        services = ", ".join(SERVICES)
        assert found == [
            f"Directory!G2: this is not a known service, expected one of {services}; found text of 6 characters",
            (
                "Directory!I3: these are no opening hours, expected 24/7, or like Mon-Fri 09:00-17:00; Sat 10:00-14:00"
                "; found text of 12 characters"
            ),
            "Directory!E4: this is a region, expected the State or territory of the city",
            (
                "Directory!F5: this is not a known place, expected a State or territory, or a region like Region 4; "
                "did you mean Texas?; found text of 6 characters"
            ),
            "Directory!L6: this entry ends before it was verified, expected 2012-06-01 or later; found 2012-05-01",
            "Directory!B7: Name must not be empty, expected as callers know it",
            (
                "Directory!C8: this is not a known kind, expected one of organization, individual; found text of 4 "
                "characters"
            ),
            (
                "Directory!10: this entry was verified twice on one day, expected different days: one row replaces the "
                "other"
            ),
            *(
                f"Directory!F11: this is not a known place, expected {meant}, in words: a bare number may be either; "
                "found text of 1 character"
                for meant in ("Region 6 or California", "Region 9 or Connecticut")
            ),
            f"Library!D2: this is not a known service, expected one of {services}; found text of 3 characters",
            "Library!A3: this resource is listed twice, expected one row each",
        ]

    def test_a_template_is_refused_until_it_says_something(self, tmp_path: Path) -> None:
        write_template("directory", tmp_path / "directory.xlsx")
        with pytest.raises(WorkbookRejected) as refused:
            read_directory(tmp_path / "directory.xlsx")
        assert [f.cause for f in refused.value.findings] == ["document"]

    def test_a_workbook_of_another_kind(self) -> None:
        with pytest.raises(WorkbookRejected, match="this is an award workbook, expected a directory workbook"):
            read_directory(AWARD)


def as_csv(workbook: Path, folder: Path) -> Path:
    """A workbook as a folder of CSV files, one for each sheet."""
    folder.mkdir()
    for sheet in openpyxl.load_workbook(workbook):
        with (folder / f"{sheet.title}.csv").open("w", encoding="utf-8", newline="") as file:
            for row in sheet.iter_rows(values_only=True):
                said = [value.date() if isinstance(value, datetime) else value for value in row]
                csv.writer(file).writerow(["" if value is None else value for value in said])
    return folder


class TestCsv:
    """The directory and the library come from a workbook or from CSV."""

    def test_the_same_directory(self, directory: Directory, tmp_path: Path) -> None:
        found = read_directory(as_csv(BOOK, tmp_path / "hotline"))
        assert found == directory
        assert found.library

    def test_a_bad_row_has_its_line(self, tmp_path: Path) -> None:
        folder = as_csv(BOOK, tmp_path / "hotline")
        path = folder / "Directory.csv"
        lines = path.read_text("utf-8").splitlines(keepends=True)
        assert "shelter" in lines[1]
        lines[1] = lines[1].replace("shelter", "Maria Lopez", 1)
        path.write_text("".join(lines), "utf-8", newline="")
        with pytest.raises(WorkbookRejected) as refused:
            read_directory(folder)
        (finding,) = refused.value.findings
        assert (str(finding.place), finding.cause) == ("Directory.csv!G2", "word")
        assert "Maria" not in str(finding)

    def test_the_commands(self, tmp_path: Path) -> None:
        folder, award = as_csv(BOOK, tmp_path / "hotline"), as_csv(AWARD, tmp_path / "award")
        for terms in AWARD.parent.glob("*.toml"):
            (award / terms.name).write_bytes(terms.read_bytes())
        wishes = ["--place", "El Paso, TX", "--need", "shelter", "--day", "2012-06-15"]
        for words in (["directory"], ["refer", AWARD]):
            csv_files = [award if word == AWARD else word for word in words]
            said = [
                CliRunner().invoke(main, [str(w) for w in (*some, place, *wishes)], catch_exceptions=False)
                for some, place in ((words, BOOK), (csv_files, folder))
            ]
            assert said[0].output == said[1].output
            assert said[0].exit_code == 0

    def test_the_other_workbooks_beside_the_money(self, tmp_path: Path) -> None:
        partner = EXAMPLES / "regional-partner-2026"
        folders = {name: as_csv(partner / f"{name}.xlsx", tmp_path / name) for name in ("award", "letters", "outreach")}
        for command, *names in (
            ("check-award", "award"),
            ("letters", "letters"),
            ("performance", "award", "outreach"),
            ("coalitions", "outreach"),
        ):
            said = [
                CliRunner().invoke(main, [command, *map(str, paths)], catch_exceptions=False)
                for paths in ([partner / f"{n}.xlsx" for n in names], [folders[n] for n in names])
            ]
            assert said[0].output == said[1].output
            assert said[0].exit_code == said[1].exit_code < 2


class TestReferral:
    """Subrecipients and grantee from the network first, then the directory; a place served by
    nobody says so."""

    def test_el_paso(self, directory: Directory) -> None:
        found = refer(read_award(AWARD), directory, "El Paso, TX", need="shelter", language="Spanish", day=FRIDAY)
        assert [str(server) for server in found.servers] == [
            (
                "Subrecipient B (illustrative) (S-B1, S-B2): works in Texas, under an award that serves it; "
                "offers shelter; speaks Spanish"
            ),
            (
                "Subrecipient C (illustrative) (S-C): works in Louisiana, in the same HHS region; "
                "what it offers is not in the directory: ask"
            ),
            (
                "U.S. Committee for Refugees and Immigrants (USCRI) (90ZV-ILL-1): recipient of the award that serves "
                "Texas; what it offers is not in the directory: ask"
            ),
        ]
        assert found.served
        assert found.says == ""
        assert found.directory.hits[0].entry.name == "Shelter 1 (illustrative)"
        assert "Shelter 1 (illustrative)" in found._repr_html_()

    def test_what_the_directory_does_not_list(self, directory: Directory) -> None:
        found = refer(read_award(AWARD), directory, "TX", need="medical", language="French", day=FRIDAY)
        assert found.servers[0].why[1:] == ("does not list medical", "does not list French")

    def test_served_by_nobody(self, directory: Directory) -> None:
        found = refer(read_award(AWARD), directory, "El Paso", day=date(2012, 12, 1))
        assert not found.served
        assert found.says == "No award or subaward serves El Paso, TX on 2012-12-01."
        assert found.directory.hits
        assert str(found).startswith(found.says)

    def test_before_it_was_known(self, directory: Directory) -> None:
        assert not refer(read_award(AWARD), directory, "TX", day=FRIDAY, known=date(2011, 9, 29)).served

    def test_a_subaward_that_serves_the_place_comes_first(self, directory: Directory) -> None:
        network = read_award(AWARD)
        own = evolve(network.areas[0], holder="S-C", place=jurisdiction("TX"))
        found = refer(evolve(network, areas=(*network.areas, own)), directory, "TX", day=FRIDAY)
        assert found.servers[0].why == ("its subaward serves Texas",)
        assert found.servers[0].holders == ("S-C",)

    def test_a_region_alone_makes_no_grant_in_palau_eligible(self, directory: Directory) -> None:
        found = refer(read_award(AWARD), directory, "Palau", day=FRIDAY)
        assert found.says == "Palau is in an HHS region, which alone makes no grant there eligible."

    def test_nowhere(self, directory: Directory) -> None:
        found = refer(read_award(AWARD), directory, "Atlantis", day=FRIDAY)
        assert str(found).startswith("this place is not known")
        assert not found.servers


class TestFigures:
    """As first published, as later published, the difference shown; a restatement never
    overwrites."""

    def test_the_published_series(self) -> None:
        found = read_figures(CALLS)
        assert [str(one) for one in found.restated()] == [
            "2008 all calls: 5,748 as first published, 5,746 as later published (-2)",
            "2009 all calls: 7,637",
            "2010 all calls: 11,874",
            "2011 all calls: 19,427",
            "2012 all calls: 20,650 as first published, 20,654 as later published (+4)",
            "2013 all calls: 31,945",
            "2012 cases: 3,420",
            "2013 cases: 5,214",
            "2015 cases: 5,973",
            "2016 cases: 8,042",
            "2022 cases: 10,013",
            "2022 cases reported to law enforcement: 2,153",
        ]
        assert found._repr_html_().count("<tr>") == 13

    def test_as_known_on_a_day(self) -> None:
        found, first, later = read_figures(CALLS), date(2014, 1, 1), date(2014, 1, 2)
        assert [found.at("all_calls", 2008, known).value for known in (first, later)] == [5748, 5746]
        assert [one.difference for one in found.restated(first)] == [0] * 6
        for kind, year, known in (("all_calls", 2008, date(2013, 12, 31)), ("tip", 2012, later)):
            with pytest.raises(NotInForce):
                found.at(kind, year, known)  # type: ignore[arg-type]

    def test_later_figures_with_their_days(self) -> None:
        found = read_figures(CALLS)
        for kind, year, day in (("cases", 2016, date(2017, 1, 1)), ("cases", 2022, date(2023, 12, 31))):
            assert found.at(kind, year, day).published == day  # type: ignore[arg-type]
            with pytest.raises(NotInForce):
                found.at(kind, year, day - timedelta(days=1))  # type: ignore[arg-type]

    def test_every_bad_key_at_once(self) -> None:
        text = """
            title = 1
            extra = 1
            [[publications]]
            id = "a"
            citation = "A"
            published = "2014"
            [[publications]]
            id = "b"
            published = 2014-01-01
            [[publications]]
            id = "b"
            citation = "B"
            published = 2014-01-01
            [[figures]]
            kind = "prank"
            year = "2012"
            value = -1
            publication = "a"
            [[figures]]
            kind = "tip"
            year = 2012
            value = 1
            publication = "b"
            [[figures]]
            kind = "tip"
            year = 2012
            value = 2
            publication = "b"
        """
        with pytest.raises(FiguresRejected) as refused:
            figures_of(text, "f.toml")
        assert [f.place.sheet for f in refused.value.findings] == [
            "publications 1.published",
            "publications 2.citation",
            "publications 3.id",
            "figures 1.kind",
            "figures 1.year",
            "figures 1.value",
            "figures 1.publication",
            "figures 3",
            "file",
            "title",
        ]

    @pytest.mark.parametrize("text", ["", "title = 'x'\nfigures = 1", "not toml"])
    def test_no_file_of_figures(self, text: str) -> None:
        with pytest.raises(FiguresRejected):
            figures_of(text, "f.toml")

    def test_a_file_that_is_no_text(self) -> None:
        with pytest.raises(FiguresRejected) as refused:
            read_figures(BOOK)
        assert [f.problem for f in refused.value.findings] == ["this is not UTF-8 text"]


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)
    return found.exit_code, found.stdout


class TestCommands:
    def test_directory(self) -> None:
        status, said = run("directory", BOOK, "--place", "El Paso, TX", "--need", "shelter", "--day", "2012-06-15")
        assert status == 0
        assert said.startswith("1. Shelter 1 (illustrative), El Paso, TX: in El Paso;")
        status, said = run("directory", BOOK, "shelter", "1", "--json", "--day", "2012-06-15")
        assert json.loads(said)["entries"][0]["id"] == "E-01"

    def test_library(self) -> None:
        assert run("directory", BOOK, "signs", "--library") == (
            0,
            "Know the signs (illustrative) (poster; English, Spanish)\n",
        )
        assert run("directory", BOOK, "zebra", "--library")[1].startswith("nothing found")

    def test_refer(self) -> None:
        words = ("refer", AWARD, BOOK, "--place", "El Paso, TX", "--need", "shelter", "--day", "2012-06-15")
        assert run(*words)[1].startswith("1. Subrecipient B (illustrative) (S-B1, S-B2)")
        assert [s["holders"] for s in json.loads(run(*words, "--json")[1])["network"]] == [
            ["S-B1", "S-B2"],
            ["S-C"],
            ["90ZV-ILL-1"],
        ]

    def test_calls(self) -> None:
        said = run("calls", CALLS)[1].splitlines()
        assert said[0] == "Do not publish. The counts are exact, and a small count may single out a person."
        assert said[1] == "2008 all calls: 5,748 as first published, 5,746 as later published (-2)"
        assert sum(line.startswith("source: ") for line in said) == 4
        assert json.loads(run("calls", CALLS, "--json", "--known", "2014-01-01")[1])[0]["difference"] == 0
        assert run("calls", CALLS, "--known", "2008-01-01")[1] == "No figure was published by 2008-01-01.\n"

    def test_a_template(self, tmp_path: Path) -> None:
        assert run("template", tmp_path / "directory.xlsx")[0] == 0
        assert run("directory", tmp_path / "directory.xlsx")[0] == 2
