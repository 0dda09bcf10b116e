"""The tree of an amount: from any amount cell of any document, the leaves' sum by the printed steps
is the amount."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grantcalc.audit.amount_tree import AmountTree, shown_amount
from grantcalc.audit.explain import Explained, explanation_of, lines_in
from grantcalc.audit.input_rows import InputRows
from grantcalc.audit.reproduce import Reproduced
from grantcalc.audit.run import Run
from grantcalc.audit.trace import AmountTracer
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.roster import roster
from grantcalc.cli import main
from grantcalc.errors import NotInForce
from grantcalc.io.inputs import read_award, read_caseload
from grantcalc.io.intake.cells import book_of_bytes, open_book
from grantcalc.io.issued.claimbook import claim_book, write_claim
from grantcalc.io.issued.read_claim import claim_of_book
from grantcalc.io.issued.requestbook import request_book
from grantcalc.io.issued.rosterbook import roster_book
from grantcalc.io.issued.statementbook import statement_book
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import requests
from grantcalc.ledger.statements import statement_of
from grantcalc.money import Cents
from grantcalc.periods import Month
from grantcalc.xlsx.sheets import Formula, WorkbookDraft, row_positions
from grantcalc.xlsx.writer import book_bytes
from tests import sample_program
from tests.strategies import Scenario, scenarios
from tests.test_oracle_requests import FIGURES, with_books

LESS = settings(max_examples=settings().max_examples // 5)
"""Each example prints and reads a workbook."""
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def amount_cells(draft: WorkbookDraft) -> Iterator[tuple[str, Decimal]]:
    """Every amount of a document, with its cell: the columns of money, by what was written
    there."""
    for sheet in draft.sheets:
        for block, span in zip(sheet.blocks, row_positions(sheet), strict=True):
            rows = [*enumerate(block.rows, span.first), *([(span.total, block.total)] if block.total else [])]
            for at, column in enumerate(block.columns):
                for row, values in rows if column.kind == "money" else ():
                    cell = values[at]
                    value = cell.value if isinstance(cell, Formula) else cell
                    if isinstance(value, Decimal):
                        yield f"{sheet.title}!{span.letter(at + 1)}{row}", value


def computed(step: str) -> Fraction:
    """What a printed computation comes to: sums, differences, products, quotients, and rounding."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", step).replace("×", "*")
    tokens = re.findall(r"ROUNDDOWN|ROUND|\d+(?:\.\d+)?|[-+*/(),]", text)
    assert "".join(tokens) == text.replace(" ", ""), step
    value, rest = _sum(tokens)
    assert not rest, step
    return value


def _sum(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, tokens = _product(tokens)
    while tokens and tokens[0] in "+-":
        more, after = _product(tokens[1:])
        value, tokens = (value + more if tokens[0] == "+" else value - more), after
    return value, tokens


def _product(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, tokens = _factor(tokens)
    while tokens and tokens[0] in "*/":
        more, after = _factor(tokens[1:])
        value, tokens = (value * more if tokens[0] == "*" else value / more), after
    return value, tokens


def _factor(tokens: list[str]) -> tuple[Fraction, list[str]]:
    first, *rest = tokens
    if first == "-":
        value, rest = _factor(rest)
        return -value, rest
    if not first.startswith("ROUND"):
        return Fraction(first), rest
    value, rest = _sum(rest[1:])
    assert rest[:3] == [",", "2", ")"]
    size = abs(value) * 100
    cents = floor(size) if first == "ROUNDDOWN" else floor(size + Fraction(1, 2))
    return Fraction(cents if value >= 0 else -cents, 100), rest[3:]


def of_leaves(tree: AmountTree) -> Fraction:
    """The sum of the leaves, each by its printed step where it has one; each printed computation on
    the way holds."""
    step = tree.computation
    if step and not step.startswith("the sum of"):
        assert computed(step) == Fraction(tree.amount), (tree.place, step)
    if not tree.parts:
        return computed(step) if step else Fraction(tree.amount)
    value = sum((of_leaves(part) * (-1 if part.subtracted else 1) for part in tree.parts), Fraction())
    assert value == Fraction(tree.amount), (tree.place, tree.amount)
    return value


def ends_in_inputs(tree: AmountTree, sheets: Mapping[str, object]) -> bool:
    """Whether each leaf is a row of an input, computed from the books, zero, or what a ceiling
    leaves or takes here."""
    return all(
        "Lines" not in sheets
        or leaf.place.rpartition("!")[0] not in sheets
        or bool(leaf.step)
        or not leaf.amount
        or any("The request itself" in text or "what was used before" in text for text in leaf.says)
        for leaf in tree.leaves()
    )


def every_amount_is_reached(draft: WorkbookDraft, rows: InputRows | None = None) -> int:
    """Each amount of a document has a tree whose leaves come to it; with the inputs, they are rows
    of these."""
    book = book_of_bytes(book_bytes(draft), "document.xlsx")
    tracer, count = AmountTracer(book, lines_in(book), rows), 0
    cells = {
        f"{sheet}!{c.ref}": (sheet, at, c) for sheet, several in book.sheets.items() for at, r in several for c in r
    }
    for place, amount in amount_cells(draft):
        tree = tracer.tree(*cells[place])
        assert tree is not None, place
        assert of_leaves(tree) == Fraction(amount), place
        assert tree.holds, (place, [*tree.printed()])
        assert rows is None or ends_in_inputs(tree, book.sheets), (place, [*tree.printed()])
        count += 1
    return count


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> sample_program.World:
    return sample_program.world(tmp_path_factory)


class TestEveryAmountOfADocument:
    """From any amount cell of any document the leaves' sum, by the printed steps, is the amount."""

    @pytest.mark.parametrize(("name", "count"), [("claim", 80), ("detailed", 80), ("request", 110), ("ledger", 110)])
    @pytest.mark.parametrize("given", [False, True])
    def test_of_the_small_program(self, world: sample_program.World, name: str, count: int, given: bool) -> None:
        book = open_book(world.documents[name])
        rows = InputRows.of(book, world.inputs)
        assert book_bytes(rows.again.draft) == world.documents[name].read_bytes()
        assert every_amount_is_reached(rows.again.draft, rows if given else None) >= count

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("folder", "names", "through"),
        [
            ("tvap-fy2012", ("caseload-SUB-A",), "2012-09"),
            ("matching-grant-2007", ("counts-MG-1", "counts-MG-2"), "2007-12"),
        ],
    )
    def test_of_the_examples(self, folder: str, names: tuple[str, ...], through: str, tmp_path: Path) -> None:
        network = read_award(EXAMPLES / folder / "award.xlsx")
        claims = [
            bill(read_caseload(EXAMPLES / folder / f"{name}.xlsx"), network, Month.parse(through)) for name in names
        ]
        write_claim(claims[0], path := tmp_path / "claim.xlsx")
        rows = InputRows.of(open_book(path), EXAMPLES / folder)
        assert every_amount_is_reached(rows.again.draft, rows) > 30
        ledger = Ledger()
        for claim in sorted(claims, key=lambda c: c.known):
            ledger = ledger.post(claim.counted())
        assert every_amount_is_reached(request_book(requests(ledger, network))) > 60

    def test_of_a_statement_and_a_roster(self, world: sample_program.World) -> None:
        """Figures of theirs that no formula computes are those that the inputs give."""
        network = sample_program.network(world.inputs)
        loads = [read_caseload(world.inputs / f"caseload-{name}.xlsx") for name in "ab"]
        ledger = Ledger().post(sample_program.claim(world.inputs).counted())
        statement = statement_of(ledger, network, "S-A", None, None)
        run = Run("statement", statement.through, statement.known, False, {})
        again = Reproduced(run=run, draft=statement_book(statement), network=network, ledger=ledger)
        assert every_amount_is_reached(again.draft, InputRows(again, Path())) > 20
        of_persons = roster(loads, network, sample_program.THROUGH, None)
        run = Run("roster", of_persons.through, of_persons.known, True, {})
        again = Reproduced(run=run, draft=roster_book(of_persons), network=network, caseloads=tuple(loads))
        assert every_amount_is_reached(again.draft, InputRows(again, Path(), True)) > 5

    @pytest.mark.slow
    @LESS
    @given(scenarios(), st.booleans())
    def test_of_any_claim(self, scenario: Scenario, detailed: bool) -> None:
        claim = claim_of(scenario)
        assume(claim is not None and claim.lines)
        assert claim is not None
        shown = claim if detailed else claim.counted()
        run = Run("bill", claim.through, claim.known, shown.detailed, {})
        again = Reproduced(
            run=run,
            draft=claim_book(shown),
            network=scenario.network,
            caseloads=scenario.caseloads,
            claims=(claim,),
        )
        every_amount_is_reached(again.draft, InputRows(again, Path(), shown.detailed))

    @pytest.mark.slow
    @LESS
    @given(
        scenarios(disallowing=True),
        st.sampled_from(FIGURES),
        st.sampled_from([10**8, 5_000, 60_000]),
        st.integers(0, 9),
    )
    def test_of_any_request(self, scenario: Scenario, said: dict[str, str], obligated: int, before: int) -> None:
        """Of a ledger in which something was requested before, and a subaward is held."""
        network = with_books(scenario.network, said, Cents(obligated))
        claim = claim_of(evolve(scenario, network=network))
        assume(claim is not None and claim.lines)
        assert claim is not None
        ledger = Ledger().post(claim.counted())
        line = claim.lines[0]
        if before:
            ledger = ledger.with_request(ledger.known, line.award, line.budget_period, Cents(before * 1234))
            ledger = ledger.hold(line.subaward, "a visit", ledger.known)
        asked = requests(ledger, network)
        run = Run("request", asked[0].through, asked[0].known, False, {})
        again = Reproduced(run=run, draft=request_book(asked), network=network, ledger=ledger, requests=asked)
        every_amount_is_reached(again.draft, InputRows(again, Path()))


def claim_of(scenario: Scenario) -> Claim | None:
    try:
        return bill(scenario.caseloads, scenario.network, scenario.through, scenario.known)
    except NotInForce:
        return None


class TestPrinted:
    """The whole tree with its amounts, as text and as data."""

    TREE = (
        "Months!D5, Claimed of 2011-12: 511.21 = 796.80 - 285.59",
        "  Months!B5, Earned of 2011-12: 796.80 = the sum of 9 amounts",
    )

    def test_as_text(self, world: sample_program.World) -> None:
        run = CliRunner().invoke(main, ["explain", str(world.documents["claim"]), "Months!D5", "--tree"])
        lines = run.output.splitlines()
        assert (run.exit_code, tuple(lines[:2])) == (0, self.TREE)
        assert lines[2].startswith("    Lines!Q14, line 12, care of 2011-12: 666.66 = 2 × ROUND(31/31 × 333.33, 2)")
        assert lines[-1].startswith("    Held back!L4, held back by person, Year 1: -")

    def test_with_the_rows_of_the_inputs(self, world: sample_program.World) -> None:
        arguments = ["explain", str(world.documents["claim"]), "Lines!Q3", "--tree", "--inputs", str(world.inputs)]
        assert CliRunner().invoke(main, arguments).output.splitlines() == [
            "Lines!Q3, line 1, care of 2011-10: 400.64 = 2 × ROUND(20/31 × 310.50, 2)",
            "  caseload-a.xlsx Enrollment!2: 200.32",
            "  caseload-a.xlsx Enrollment!3: 200.32",
        ]

    def test_as_data(self, world: sample_program.World) -> None:
        arguments = ["explain", str(world.documents["claim"]), "Lines!Q3", "--inputs", str(world.inputs), "--json"]
        told = json.loads(CliRunner().invoke(main, arguments).stdout)
        assert (told["cell"], told["supported"]) == ("Lines!Q3", True)
        assert told["tree"]["parts"] == [
            {"place": f"caseload-a.xlsx Enrollment!{row}", "name": "", "amount": "200.32"} for row in (2, 3)
        ]
        assert told["tree"]["step"] == "2 × ROUND(20/31 × 310.50, 2)"

    def test_a_cell_that_is_no_amount_has_none(self, world: sample_program.World) -> None:
        arguments = ["explain", str(world.documents["claim"]), "Summary!A1"]
        assert json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout)["tree"] is None
        run = CliRunner().invoke(main, [*arguments, "--tree"])
        assert (run.exit_code, run.stdout) == (0, "Summary!A1 is no amount, and has no tree.\n")

    @pytest.mark.parametrize(
        ("document", "name", "cell"),
        [
            ("claim", "Claimed", "Summary!B16"),
            ("claim", " heldback ", "Summary!B15"),
            ("request", "Requested", "Summary!K15"),
            ("request", "Federal  share", "Summary!I15"),
            ("request", "SF-270 11g", "SF-270!C26"),
        ],
    )
    def test_names_lead_to_their_cells(self, world: sample_program.World, document: str, name: str, cell: str) -> None:
        assert explanation_of(world.documents[document], name).cell == cell

    def test_what_is_no_name(self, world: sample_program.World) -> None:
        run = CliRunner().invoke(main, ["explain", str(world.documents["claim"]), "Requested"])
        assert (run.exit_code, "not a known address" in run.output) == (2, True)


class TestWhatDoesNotHold:
    """A sum that its cells do not give, and a circle, are told with status 1."""

    def changed(
        self, world: sample_program.World, cells: Mapping[str, tuple[str, float]], cell: str
    ) -> tuple[str, ...]:
        book = open_book(world.documents["claim"])
        sheets = {
            sheet: tuple(
                (
                    at,
                    tuple(
                        evolve(c, formula=cells[f"{sheet}!{c.ref}"][0], value=cells[f"{sheet}!{c.ref}"][1])
                        if f"{sheet}!{c.ref}" in cells
                        else c
                        for c in several
                    ),
                )
                for at, several in rows
            )
            for sheet, rows in book.sheets.items()
        }
        changed = evolve(book, sheets=sheets)
        explanation = Explained(changed, claim_of_book(changed), None).at(cell)
        assert not explanation.supported
        return explanation.sentences

    def test_a_stored_value_that_its_formula_does_not_give(self, world: sample_program.World) -> None:
        said = self.changed(world, {"Summary!B14": ("=SUM(Lines!$Q$3:$Q$24)", 9.0)}, "Summary!B14")
        assert said[-1] == "The cell holds 9.00, and its formula gives 2,100.79."

    def test_a_circle(self, world: sample_program.World) -> None:
        circle = {"Summary!B14": ("=B15+B15", 2.0), "Summary!B15": ("=B14+B14", 2.0)}
        said = self.changed(world, circle, "Summary!B14")
        assert "formulas refer to each other in a circle" in " ".join(said) or "its formula gives" in said[-1]


def test_amounts_are_shown_as_they_are() -> None:
    assert [shown_amount(Decimal(x)) for x in ("1234.5", "-0.10", "0.2375")] == ["1,234.50", "-0.10", "0.2375"]


def test_nothing_is_left_of_a_copy(world: sample_program.World, tmp_path: Path) -> None:
    """The same tree wherever the document is, whatever its name."""
    shutil.copy(world.documents["claim"], other := tmp_path / "other.xlsx")
    assert explanation_of(other, "Claimed").tree == explanation_of(world.documents["claim"], "Claimed").tree
