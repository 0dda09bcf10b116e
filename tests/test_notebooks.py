"""The notebooks run from the first cell to the last, and are committed without what they print."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from functools import cache
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from grantcalc import read_award
from grantcalc.billing.comparison import what_if
from grantcalc.cases import worked_cases
from grantcalc.compliance import check_awards
from grantcalc.eligibility import Participant
from grantcalc.io import read_record
from grantcalc.money import plain
from grantcalc.regions import JURISDICTIONS
from grantcalc.terms import published_terms
from tests.test_examples import TVAP, claim, network

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FIRST = ROOT / "notebooks" / "01-a-month-from-workbook-to-request.ipynb"
LETTER = ROOT / "notebooks" / "02-a-letter-that-came-late.ipynb"
THIRD = ROOT / "notebooks" / "03-is-this-award-in-order.ipynb"
EL_PASO = ROOT / "notebooks" / "04-who-serves-el-paso.ipynb"
EVERY_PROGRAM = ROOT / "notebooks" / "05-every-program-one-engine.ipynb"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def content(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def executed(path: Path) -> dict[str, list[dict[str, Any]]]:
    """What each code cell gave when the whole notebook ran in its folder, by the cell's id."""
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed: no notebook was run")
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed: no notebook was run")
    traitlets = pytest.importorskip("traitlets.config")
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    with TemporaryDirectory() as empty:  # sockets and not ports of the machine; no start-up file of the user's
        kernel = traitlets.Config({"KernelManager": {"transport": "ipc", "ip": f"{empty}/kernel"}})
        client = nbclient.NotebookClient(notebook, timeout=300, resources=where, config=kernel)
        client.execute(env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "IPYTHONDIR": empty})
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def text(outputs: list[dict[str, Any]]) -> str:
    """All that some outputs say, whatever the form."""
    return "\n".join(part for out in outputs for part in [out.get("text", ""), *map(str, out.get("data", {}).values())])


def printed(outputs: list[dict[str, Any]]) -> str:
    """What a cell printed: a kernel may send it in several parts."""
    return "".join(out.get("text", "") for out in outputs)


def table(outputs: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The one table that a cell gave: what stands right of the name of each row, by that name."""
    (found,) = [out["data"]["text/html"] for out in outputs if "text/html" in out.get("data", {})]
    body = found.partition("<tbody>")[2]
    rows = [[unescape(cell) for cell in re.findall(r"<t[hd]>(.*?)</t[hd]>", row)] for row in body.split("<tr>")[1:]]
    assert len({name for name, *_ in rows}) == len(rows)
    return {name: rest for name, *rest in rows}


def everything(path: Path) -> str:
    return "\n".join(map(text, executed(path).values()))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestEveryNotebook:
    def test_nothing_that_it_printed_is_committed(self, path: Path) -> None:
        code = [cell for cell in content(path)["cells"] if cell["cell_type"] == "code"]
        assert code
        assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)

    def test_the_same_ids_metadata_and_layout_whoever_saved_it(self, path: Path) -> None:
        found = content(path)
        assert (found["nbformat"], found["nbformat_minor"], found["metadata"]) == (4, 5, METADATA)
        assert all(cell["metadata"] == {} for cell in found["cells"])
        ids = [cell["id"] for cell in found["cells"]]
        assert len({*ids}) == len(ids)
        assert all(re.fullmatch(r"[a-z-]+", id) for id in ids), "an id is words, not chance"
        laid_out = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        assert path.read_text(encoding="utf-8") == laid_out

    def test_it_runs_without_a_complaint(self, path: Path) -> None:
        kinds = Counter(out.get("name", out["output_type"]) for outs in executed(path).values() for out in outs)
        assert kinds.total()
        assert not kinds.keys() & {"stderr", "error"}


class TestFirst:
    """A month from workbook to request."""

    def test_it_says_first_what_its_figures_are(self) -> None:
        cells = iter(content(FIRST)["cells"])
        assert "The figures are made up" in "".join(next(cells)["source"])
        assert text(executed(FIRST)[next(cells)["id"]]) == f"{network(TVAP).label}\n"

    def test_it_comes_to_what_the_library_says(self) -> None:
        found, outputs = claim(TVAP), executed(FIRST)
        total = f"{found.total.amount:,.2f}"
        assert text(outputs["total"]) == f"in all {total}\n"
        assert total in text(outputs["bill"])
        assert total in text(outputs["post"])

    def test_by_recipient_and_by_region(self) -> None:
        recipients: Counter[str] = Counter()
        regions: Counter[str] = Counter()
        parties = {party.subaward: party for party in claim(TVAP).parties}
        lines = [(line.subaward, line.amount) for line in claim(TVAP).lines]
        for subaward, amount in [*lines, *((x.line.subaward, x.amount) for x in claim(TVAP).reductions)]:
            recipients[parties[subaward].recipient] += amount
            regions[str(parties[subaward].region)] += amount
        for cell, sums in (("by-recipient", recipients), ("by-region", regions)):
            (table,) = executed(FIRST)[cell]
            body = table["data"]["text/html"].partition("<tbody>")[2]
            rows = [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in body.split("<tr>")[1:]]
            assert {row[0]: row[3] for row in rows} == {name: plain(sums[name]) for name in sums}

    def test_each_line_of_the_participant_and_all_that_is_held_back(self) -> None:
        ours = [x for x in claim(TVAP).lines if x.participant == Participant("SUB-M", "P-0036")]
        held = [x for x in claim(TVAP).reductions if x.line in ours]
        assert ours
        assert held
        assert all(line.explain() in text(executed(FIRST)["participant"]) for line in ours)
        assert all(limit.explain() in text(executed(FIRST)["held"]) for limit in held)

    def test_the_request_a_picture_and_a_verdict(self) -> None:
        outputs = executed(FIRST)
        assert "Request of 90ZV-ILL-3, FY2012" in text(outputs["request"])
        assert [sorted(out["data"]) for out in outputs["picture"]] == [["image/png", "text/plain"]]
        assert "The workbook matches its inputs." in text(outputs["write"])
        assert "Households!D2" in text(outputs["bad"])

    def test_no_participant_is_in_what_it_prints_and_nothing_is_long(self) -> None:
        """A notebook saves the plain form of a value beside the page."""
        assert {*re.findall(r"P-\d{4}", everything(FIRST))} <= {"P-0417"}, "the example in a finding's wording"
        plains = [out["data"]["text/plain"] for outs in executed(FIRST).values() for out in outs if "data" in out]
        assert max(map(len, plains)) < 50_000


class TestLetter:
    """A letter that came late."""

    def test_every_cent_of_the_difference_has_a_reason(self) -> None:
        outputs = executed(LETTER)
        told = text(outputs["late"])
        assert told.startswith("As known on 2012-10-15, SUB-A is owed 5,752.87 USD more")
        added = sum(cents(x) for x in re.findall(r"([\d,.]+) added", told))
        recovered = sum(cents(x) for x in re.findall(r"([\d,.]+) recovered", told))
        assert added - recovered == 575_287
        assert "Because of letters: 378.09 recovered" in told

    def test_the_request_before_and_after(self) -> None:
        lines = dict(re.findall(r"^(11\w) .*? {2,}([\d,.-]+)  ", text(executed(LETTER)["after"]), re.MULTILINE))
        assert cents(lines["11i"]) == cents(lines["11g"]) - cents(lines["11h"]) == 575_287

    def test_no_participant_is_in_it(self) -> None:
        assert not re.findall(r"P-\d{4}", everything(LETTER))


def cents(shown: str) -> int:
    return int(shown.replace(",", "").replace(".", ""))


class TestThird:
    """Is this award in order?"""

    def test_it_says_first_what_its_figures_are(self) -> None:
        first = "".join(content(THIRD)["cells"][0]["source"])
        assert "are made up; the rules are real" in first
        assert printed(executed(THIRD)["award"]).startswith("ILLUSTRATIVE")

    def test_every_outcome_of_the_library_and_each_finding_with_its_place(self) -> None:
        path = ROOT / "examples" / "regional-partner-2026" / "award.xlsx"
        award = read_award(path)
        order = check_awards(award, read_record(path, award))
        page = unescape(text(executed(THIRD)["order"]))
        assert all(o.says in page for o in order.outcomes)
        findings = printed(executed(THIRD)["findings"])
        assert findings.count("row ") == len(order.findings) == 7
        assert printed(executed(THIRD)["untested"]).count("\n") == order.count()["not tested"]
        assert printed(executed(THIRD)["due"]).count("\n") == len(order.due)

    def test_mended_late_and_known(self) -> None:
        outputs = executed(THIRD)
        mended = "Data elements of a subaward, subaward S-2: finding, then pass (all 14 are given)\n"
        assert printed(outputs["mend"]) == mended
        assert "not reported by 2026-07-01" in text(outputs["late"])
        assert "as known on 2026-05-19: certification_letter holds 2025-11-12 to open" in printed(outputs["letters"])
        assert "as known on 2026-05-20: certification_letter holds 2025-11-12 to 2026-04-30" in printed(
            outputs["letters"]
        )

    def test_three_subawards_of_a_hundred_thousand(self) -> None:
        told = printed(executed(THIRD)["mtdc"])
        assert "2024-09-30 75,000.00" in told
        assert "2024-10-01 150,000.00" in told

    def test_what_the_partner_did(self) -> None:
        assert "2 of 24 places registered, 1 without a regional partner" in printed(executed(THIRD)["coalitions"])
        (out,) = executed(THIRD)["outreach"]
        assert "<td>17</td>" in out["data"]["text/html"]
        assert "None" in out["data"]["text/html"]


class TestElPaso:
    """Who serves El Paso?"""

    def test_it_says_first_what_is_made_up(self) -> None:
        cells = iter(content(EL_PASO)["cells"])
        said = " ".join("".join(next(cells)["source"]).split())
        assert "The subrecipients, the directory's entries and the participants are made up" in said
        assert "ILLUSTRATIVE: invented entries" in text(executed(EL_PASO)[next(cells)["id"]])

    def test_the_network_first_then_the_directory(self) -> None:
        (out,) = executed(EL_PASO)["refer"]
        page = out["data"]["text/html"]
        order = [page.index(name) for name in ("Subrecipient B (illustrative)", "(USCRI)", "Shelter 1 (illustrative)")]
        assert order == sorted(order)
        nobody = text(executed(EL_PASO)["nobody"])
        assert nobody.startswith("No award or subaward serves El Paso, TX on 2012-12-03.")
        assert text(executed(EL_PASO)["nonsense"]).count("nothing found: ") == 3

    def test_a_map_of_the_59_jurisdictions(self) -> None:
        source = "".join(next(c for c in content(EL_PASO)["cells"] if c["id"] == "map")["source"])
        tiles = re.findall(r"\b[A-Z]{2}\b", source.split('"""')[1])
        assert sorted(tiles) == sorted(j.code for j in JURISDICTIONS)
        assert [sorted(out["data"]) for out in executed(EL_PASO)["map"]] == [["image/png", "text/plain"]]

    def test_what_is_published_withholds_the_small_counts(self) -> None:
        page = executed(EL_PASO)["withhold"][0]["data"]["text/html"]
        shown = [int(cell.replace(",", "")) for cell in re.findall(r">([\d,]+)</td>", page)]
        assert shown
        assert not [n for n in shown if 0 < n < 11]
        assert "small" not in page
        found = [re.findall(r"from (\d+) to", line) for line in text(executed(EL_PASO)["attack"]).splitlines()]
        assert ["0"] in found

    def test_it_prints_nothing_that_stays_with_the_publisher(self) -> None:
        """No reason of a withheld cell, no small count, and no difference that the releases would
        tell."""
        outputs = executed(EL_PASO)
        said = "\n".join(text(outputs[id]) for id in ("reasons", "later"))
        lines = [line for line in said.splitlines() if line]
        assert [re.sub(r"\d+", "N", line) for line in lines] == [
            "N of N cells withheld",
            "alone, the later table would tell of N small differences",
            "withheld now: N cells",
        ]

    def test_both_publications_of_the_calls(self) -> None:
        page = executed(EL_PASO)["calls"][0]["data"]["text/html"]
        assert all(figure in page for figure in ("5,748", "5,746", "20,650", "20,654"))

    def test_no_participant_is_in_what_it_prints(self) -> None:
        assert not re.findall(r"P-\d{4}", everything(EL_PASO))


class TestEveryProgram:
    """Every program, one engine."""

    def test_it_says_first_which_figures_are_not_published(self) -> None:
        first = content(EVERY_PROGRAM)["cells"][0]
        assert "the case uses an **illustrative** one, and says so" in " ".join("".join(first["source"]).split())
        told = everything(EVERY_PROGRAM)
        assert all(figure in told for id in published_terms() for figure in worked_cases(id).illustrative)

    def test_every_program_and_all_worked_cases_come_out(self) -> None:
        found = table(executed(EVERY_PROGRAM)["all"])
        assert tuple(found) == published_terms()
        cases = {id: str(len(worked_cases(id).cases)) for id in found}
        assert {id: row[2:] for id, row in found.items()} == {id: [cases[id], "True"] for id in found}

    def test_each_has_a_section_with_its_figures_and_every_case_to_the_cent(self) -> None:
        outputs = executed(EVERY_PROGRAM)
        sections = [id.removesuffix("-work") for id in outputs if id.endswith("-work")]
        titles: list[str] = []
        for name in sections:
            figures = outputs[f"{name}-figures"][-1]["data"]["text/html"].partition("<tbody>")[2]
            assert re.findall(r"<td>(\d{4}-\d\d-\d\d)</td>", figures), "a value and its dates"
            assert "worked case, illustrative" not in figures
            rows = table(outputs[f"{name}-work"])
            assert all(row[2:] == [row[2], row[2], "True"] for row in rows.values())
            titles += rows
        assert titles == [case.title for id in published_terms() for case in worked_cases(id).cases]

    def test_what_was_advanced_and_not_earned_goes_back(self) -> None:
        assert "-11,899,800.00" in text(executed(EVERY_PROGRAM)["back"])

    def test_what_if_by_line_and_in_total(self) -> None:
        case = worked_cases("tvap-2018").cases[3]
        raised = {"ceilings.per_capita.amounts.alone": "6500.00 USD"}
        answer = what_if(case.caseload, case.network, case.through, raised, case.known)
        lines = {str(c.month): [c.service, *map(plain, (c.before, c.after, c.difference))] for c in answer.changed}
        assert lines
        assert table(executed(EVERY_PROGRAM)["ceiling"]) == {**lines, "all": ["", "6,000.00", "6,500.00", "500.00"]}
        in_all = [row[-1] for row in table(executed(EVERY_PROGRAM)["in-all"]).values()]
        assert in_all == ["500.00", "-200.00", "-166.67", "0.00"]
        by_line = table(executed(EVERY_PROGRAM)["share"])
        assert [row[-1] for row in by_line.values()] == ["-600.00", "400.00", "-200.00"]

    def test_at_most_three_pictures(self) -> None:
        drawn = [
            id for id, outs in executed(EVERY_PROGRAM).items() for out in outs if "image/png" in out.get("data", {})
        ]
        assert drawn == ["rca-picture", "stay", "sweep"]
