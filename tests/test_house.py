"""The house: which module stands where, and what may not enter which room. Read from the source
alone."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from grantcalc import notebook

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "grantcalc"

# The reading order. Each module imports only what stands above it; a package closes its own
# modules.
HOUSE = """
    progress display errors declared files effects toml signatures
    xlsx.package xlsx.sheets xlsx.rows xlsx.charts xlsx.styles xlsx.writer
    xlsx.scan xlsx.grammar xlsx.parts xlsx.formats xlsx.formulas
    xlsx.package_contents xlsx.elements xlsx.cell_values xlsx.worksheets xlsx.reader
    xlsx.part_edits xlsx.marked_styles xlsx.marks xlsx
    money periods provenance file_names lookalikes known keys regions
    terms.vocabulary terms.values terms.rules terms.parsing terms.rate_tables
    terms.numbers terms.dimensions terms.combinations terms.sections terms.reading terms.changing terms.ends terms
    awards amendments network eligibility letters letter_checks letter_years
    billing.elsewhere billing.caseload billing.issuers billing.in_memory billing.counting billing.windows
    billing.characteristics billing.checks
    billing.plausibility
    billing.reasons billing.deadlines billing.lines billing.fields billing.pricing
    billing.rate_days billing.reductions billing.ceilings
    billing.disallowances billing.statuses billing.screening billing.days billing.facts billing.enrolled_person
    billing.actuals
    billing.service_earnings billing.monthly_lines billing.daily_lines billing.unit_lines billing.earning
    billing.ended_terms
    billing.billed_award billing.parties
    billing.claims billing.roster billing.records billing.format_1 billing.comparison
    billing.projection billing.moves billing
    ledger.entries ledger.chain ledger.merkle ledger.differences ledger.voiding ledger.log ledger.posted ledger.ledger
    ledger.earlier_facts ledger.adjustments ledger.federal ledger.holds ledger.parent_ceilings ledger.posted_lines
    ledger.request_notes ledger.filing ledger.requests ledger.asking ledger.rollup
    ledger.statements ledger.since ledger.forecast ledger
    form_boxes forms accounts closing cases
    compliance.regimes compliance.record compliance.results compliance.of_subawards compliance.of_award
    compliance.of_terms
    compliance.dues compliance.check compliance
    outreach.coalitions outreach.objectives outreach.assistance outreach.index outreach.directory
    outreach.search outreach.referral outreach.figures outreach
    disclosure.tables disclosure.bounds disclosure.audits disclosure.suppression disclosure.releases disclosure.linked
    disclosure.publication disclosure.reports disclosure.identifiers disclosure.small_figures disclosure.exports
    disclosure
    io.schemas.columns io.schemas.award io.schemas.caseload io.schemas.record io.schemas.letters
    io.schemas.outreach io.schemas.directory io.schemas io.intake.cells io.intake.worth
    io.intake.csv_record io.intake.csvbook
    io.intake.unread io.intake.tables
    io.intake.patterns io.intake.layout_parts io.intake.layout_file io.intake.layout_heads io.intake.layout_rows
    io.intake.layout
    io.intake.document io.intake.defaults io.intake.money io.intake.award_terms io.intake.award
    io.intake.caseload io.intake.letters
    io.intake.directory io.intake.likely_patterns io.intake.likely_columns io.intake.likely_joins io.intake.guess
    io.intake.templates io.intake.record io.intake.outreach
    io.intake.annotate io.intake io.issued.calendar io.issued.compliance_report io.issued.letter_report
    io.issued.forecastbook io.issued.movebook
    io.issued.outreachbook io.issued.summary io.issued.linesheet io.issued.linefile io.issued.this_month
    io.issued.claimbook
    io.issued.claim_cells io.issued.claim_check io.issued.read_claim io.issued.forms io.issued.requestbook
    io.issued.statementbook io.issued.rosterbook io.issued.closebook io.issued.pdf
    io.issued.terms_page io.issued io.input_kinds io.gathered
    io.inputs io.written_inputs io.packet
    io.exchange.records io.exchange.schema io.exchange.contradictions io.exchange.documents io.exchange.journal
    io.exchange.database io.exchange.stored_rows io.exchange.store
    io.exchange.store_audit
    io.exchange.frames io.exchange io.monthly_files io.next_month io
    audit.run audit.input_files audit.reproduce audit.regenerate audit.cell_styles audit.part_facts
    audit.sheet_looks audit.book_looks audit.appearance audit.cell_comparison audit.dependencies
    audit.row_shifts
    audit.verify audit.ledger_entries audit.signed audit.amount_tree audit.added_cells audit.input_rows
    audit.input_figures audit.trace audit.explain audit.sampling audit.sample_book audit
    html notebook
    grantcalc
    cli.statuses cli.streams cli.output cli.group cli.options cli.billing cli.ledger cli.posting cli.recorded cli.proofs
    cli.request cli.next_month cli.forecast cli.move cli.statements cli.closing
    cli.award
    cli.outreach cli.figures cli.directory cli.audit cli.sampling cli.demo cli cli.console __main__
""".split()

# What `grantcalc demo` reads, which the package holds.
DEMO = [path for name in ("tvap-fy2012", "matching-grant-2007") for path in (ROOT / "examples" / name).iterdir()]

# The one room that each of these libraries may enter.
KEEPERS = {"moneyed": "money", "pendulum": "periods", "openpyxl": "xlsx io", "cryptography": "signatures"}

EXACT = ("money", "terms", "billing")

# The limits of a module's lines, of a function's lines and of its parameters.
MOST_LINES, MOST_FUNCTION_LINES, MOST_PARAMETERS = 300, 60, 8

# What may exceed a limit, each with its reason: at most five for each limit.
LONG_MODULES = {
    "billing.checks": "it holds every check between caseloads and the award workbook, one after the other",
    "billing.caseload": "it declares the rows of a caseload, one value for each sheet",
    "regions": "half of it is the table of the 59 jurisdictions",
    "io.schemas.award": "it declares the columns of the award workbook, sheet by sheet, and has no logic",
    "io.schemas.caseload": "it declares the columns of the caseload workbook, sheet by sheet, and has no logic",
}
LONG_FUNCTIONS: dict[str, str] = {}
MANY_PARAMETERS: dict[str, str] = {}

# Names that several modules may define, each with the reason why it means one thing.
SAME_MEANING = {"T": "it is any type, in the signature beside it"}


def room(module: str, rooms: tuple[str, ...]) -> bool:
    """Whether a module is one of the rooms, or in a package that is."""
    return module.split(".", maxsplit=1)[0] in rooms


def name_of(path: Path) -> str:
    """`billing/lines.py` is billing.lines, `billing/__init__.py` is billing, `__init__.py` is
    grantcalc."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "grantcalc"


SOURCES = {name_of(path): path.read_text(encoding="utf-8") for path in sorted(SRC.rglob("*.py"))}


def imports(source: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each module that a source imports, anywhere in it, and the names that it takes from there."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or "", tuple(alias.name for alias in node.names)


def neighbors(source: str, modules: Mapping[str, str]) -> Iterator[str]:
    """The modules of the house that a source imports; a package only if more than its modules is
    taken."""
    for module, names in imports(source):
        if module.split(".")[0] != "grantcalc":
            continue
        package = module.removeprefix("grantcalc").removeprefix(".")
        inner = {name: f"{package}.{name}".removeprefix(".") for name in names}
        yield from (path for path in inner.values() if path in modules)
        if not names or any(path not in modules for path in inner.values()):
            yield package or "grantcalc"


def out_of_order(modules: Mapping[str, str]) -> list[str]:
    """Each import of something that does not stand above, and each module without a place."""
    place = {name: i for i, name in enumerate(HOUSE)}
    wrong = [f"{name} has no place in HOUSE" for name in modules if name not in place]
    for name, source in modules.items():
        for other in neighbors(source, modules):
            if place.get(other, len(HOUSE)) >= place.get(name, len(HOUSE)):
                wrong.append(f"{name} imports {other}, which does not stand above it")
    return wrong


def strangers(modules: Mapping[str, str]) -> list[str]:
    """Each import of a library outside the one room that it may enter."""
    return [
        f"{name} imports {module}, which only {KEEPERS[library]} may"
        for name, source in modules.items()
        for module, _ in imports(source)
        if (library := module.split(".")[0]) in KEEPERS and not room(name, tuple(KEEPERS[library].split()))
    ]


def floats(source: str) -> list[int]:
    """The lines with a float literal or a call of float."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
    ]


def clocks(source: str) -> list[str]:
    """Each look at the clock: the module time, and whatever answers now or today."""
    found = [module for module, _ in imports(source) if module == "time"]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}:
            found.append(f"{ast.unparse(node)} on line {node.lineno}")
    return found


def functions(source: str) -> Iterator[ast.FunctionDef]:
    """Every function of a source, methods and inner functions too."""
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))


def lines_of(function: ast.FunctionDef) -> int:
    """The lines of a function, its decorators among them."""
    first = min([function.lineno, *(node.lineno for node in function.decorator_list)])
    return (function.end_lineno or first) - first + 1


def parameters_of(function: ast.FunctionDef) -> int:
    """How many parameters a function has, `self` and those that gather the rest among them."""
    given = function.args
    return len([*given.posonlyargs, *given.args, *given.kwonlyargs]) + bool(given.vararg) + bool(given.kwarg)


def oversized(modules: Mapping[str, str]) -> tuple[set[str], set[str], set[str]]:
    """The modules and functions with too many lines, and the functions with too many parameters."""
    made = [(f"{name}.{function.name}", function) for name, source in modules.items() for function in functions(source)]
    return (
        {name for name, source in modules.items() if len(source.splitlines()) > MOST_LINES},
        {name for name, function in made if lines_of(function) > MOST_FUNCTION_LINES},
        {name for name, function in made if parameters_of(function) > MOST_PARAMETERS},
    )


class TestLimits:
    """No module over 300 lines, no function over 60, none with more than 8 parameters, but for
    those listed."""

    def test_what_exceeds_a_limit_is_listed(self) -> None:
        modules, long, wide = oversized(SOURCES)
        assert modules == {*LONG_MODULES}
        assert long == {*LONG_FUNCTIONS}
        assert wide == {*MANY_PARAMETERS}

    @pytest.mark.parametrize("exceptions", [LONG_MODULES, LONG_FUNCTIONS, MANY_PARAMETERS])
    def test_at_most_five_exceptions_each_with_a_reason(self, exceptions: dict[str, str]) -> None:
        assert len(exceptions) <= 5
        assert all(exceptions.values())

    def test_the_limits_themselves_are_kept(self) -> None:
        at_most = "def f(a, /, b, c, *d, e, f, g, **h):\n" + "    a\n" * 59
        assert oversized({"m": at_most + "x\n" * 240}) == (set(), set(), set())

    def test_one_more_is_seen(self) -> None:
        longer = "@d\ndef f():\n" + "    a\n" * 59
        assert oversized({"m": longer}) == (set(), {"m.f"}, set())
        assert oversized({"m": "class C:\n    def f(self, a, b, c, d, *, e, f, g, h): ..."}) == (set(), set(), {"m.f"})
        assert oversized({"m": "x\n" * 301}) == ({"m"}, set(), set())


def named(source: str) -> Iterator[str]:
    """Each name that a module defines at its top: classes, functions, constants and types. An
    underscore in front is not another name for a class or a type."""
    for node in ast.parse(source).body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            targets = [ast.Name(node.name)]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        flat = [each for one in targets for each in (one.elts if isinstance(one, ast.Tuple) else [one])]
        for name in (each.id for each in flat if isinstance(each, ast.Name)):
            bare = name.lstrip("_")
            of_class = bare[:1].isupper() and not bare.isupper()
            if bare and not name.startswith("__") and (of_class or not name.startswith("_")):
                yield bare if of_class else name


def ambiguous(modules: Mapping[str, str]) -> dict[str, list[str]]:
    """Each name that more than one module defines, and where."""
    places: dict[str, list[str]] = {}
    for module, source in modules.items():
        for name in dict.fromkeys(named(source)):
            places.setdefault(name, []).append(module)
    return {name: places[name] for name in places if len(places[name]) > 1}


class TestNames:
    """No name means two things: one module defines it, and the others import it from there."""

    def test_each_name_is_defined_once(self) -> None:
        assert {*ambiguous(SOURCES)} == {*SAME_MEANING}

    def test_exceptions_are_few_and_have_reasons(self) -> None:
        assert len(SAME_MEANING) <= 5
        assert all(SAME_MEANING.values())

    @pytest.mark.parametrize(
        "line", ["class Cost: ...", "class _Cost: ...", "Cost = int", "Cost: TypeAlias = int", "Other, Cost = 1, 2"]
    )
    def test_a_second_meaning_is_seen(self, line: str) -> None:
        assert ambiguous({"one": "class Cost: ...", "two": line}) == {"Cost": ["one", "two"]}

    @pytest.mark.parametrize("line", ["from one import Cost", "def _cost(): ...", "x = [Cost]", "__all__ = ['Cost']"])
    def test_a_use_is_no_second_meaning(self, line: str) -> None:
        assert ambiguous({"one": "class Cost: ...\ndef _cost(): ...\n__all__ = ['Cost']", "two": line}) == {}


class TestReadingOrder:
    """Each module imports only what stands above it."""

    def test_the_house_is_in_order(self) -> None:
        wrong = out_of_order(SOURCES)
        assert not wrong, "\n".join(wrong)

    def test_each_place_is_given_once(self) -> None:
        assert len(set(HOUSE)) == len(HOUSE)

    def test_billing_never_imports_io(self) -> None:
        billing = {name: source for name, source in SOURCES.items() if room(name, ("billing",))}
        assert billing
        for name, source in billing.items():
            assert not [other for other in neighbors(source, SOURCES) if room(other, ("io",))], name

    @pytest.mark.parametrize(
        "line",
        [
            "from grantcalc.known import Fact",
            "import grantcalc.known",
            "from grantcalc import known",
            "from grantcalc import bill",
            "def later():\n    from grantcalc.known import Fact",
            "if TYPE_CHECKING:\n    from grantcalc.known import Fact",
        ],
    )
    def test_a_look_downwards_is_seen(self, line: str) -> None:
        assert len(out_of_order({"money": line, "known": ""})) == 1

    def test_a_module_without_a_place_is_seen(self) -> None:
        assert out_of_order({"utils": ""}) == ["utils has no place in HOUSE"]

    def test_a_package_may_be_taken_apart_within_itself(self) -> None:
        line = "from grantcalc.terms import vocabulary"
        assert out_of_order({"terms.values": line, "terms.vocabulary": ""}) == []


class TestRooms:
    """Only money.py imports moneyed, only periods.py pendulum, only grantcalc/io a workbook
    library."""

    def test_libraries_keep_to_their_rooms(self) -> None:
        assert strangers(SOURCES) == []

    def test_a_stranger_is_seen(self) -> None:
        assert len(strangers({"lines": "from moneyed import Money\nfrom openpyxl.cell import Cell"})) == 2
        assert strangers({"xlsx.writer": "import openpyxl", "money": "import moneyed"}) == []

    def test_no_room_for_everything_and_nothing(self) -> None:
        vague = {"utils", "helpers", "models", "managers", "common"}
        assert [name for name in SOURCES if vague & set(name.split("."))] == []


class TestNotebook:
    """Only notebook.py makes HTML of a value; what it shows says `Displayed`, and no more of it."""

    def test_nothing_but_the_notebook_knows_of_html(self) -> None:
        assert [name for name, source in SOURCES.items() if "html" in neighbors(source, SOURCES)] == ["notebook"]

    def test_the_notebook_shows_every_displayed_value(self) -> None:
        displayed = {
            node.name
            for source in SOURCES.values()
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.ClassDef) and "Displayed" in map(ast.unparse, node.bases)
        }
        shown = [kind for kind in notebook.show.registry if kind is not object]
        assert displayed - {"PostedEntries"} | {"Ledger"} == {kind.__name__ for kind in shown}  # a ledger is of these
        assert len(displayed) == len(shown)

    def test_of_anything_else_it_says_so(self) -> None:
        with pytest.raises(TypeError, match="a notebook shows no int as HTML"):
            notebook.show(1)


class TestExactness:
    """No float meets money, and nothing looks at the clock."""

    @pytest.mark.parametrize("name", [name for name in SOURCES if room(name, EXACT)])
    def test_no_float_near_money(self, name: str) -> None:
        assert floats(SOURCES[name]) == []

    @pytest.mark.parametrize("name", SOURCES)
    def test_no_look_at_the_clock(self, name: str) -> None:
        assert clocks(SOURCES[name]) == []

    def test_a_float_is_seen_and_a_refusal_of_floats_is_not(self) -> None:
        assert floats("rate = 0.5\nrate = float(cents)\nassert isinstance(rate, float)") == [1, 2]

    def test_a_clock_is_seen(self) -> None:
        assert len(clocks("import time\nfrom time import time")) == 2
        assert len(clocks("datetime.now()\ndate.today()\nwhen = date.today")) == 3


class TestPackage:
    """What is installed is what stands here; what is promised is what is tested; pins name no
    address."""

    def test_the_wheel_holds_every_file_of_the_package(self, tmp_path: Path) -> None:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        (wheel,) = tmp_path.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            packed = {name for name in archive.namelist() if name.startswith("grantcalc/")}
        here = {path for path in SRC.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
        shown = {f"grantcalc/{path.relative_to(ROOT).as_posix()}" for path in DEMO if path.is_file()}
        assert packed == {path.relative_to(SRC.parent).as_posix() for path in here} | shown
        assert {"grantcalc/py.typed", "grantcalc/programs/tvap-2018.toml"} <= packed

    def test_the_classifiers_are_the_versions_that_make_test_runs(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        promised = [c.rpartition(" ")[2] for c in project["classifiers"] if "Python :: 3" in c]
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        tested = re.search(r"^VERSIONS = (.+)$", makefile, re.MULTILINE)
        assert tested
        assert promised == tested[1].split()

    @pytest.mark.parametrize("name", ["run", "test"])
    def test_pins_are_hashed_and_name_no_address(self, name: str) -> None:
        pins = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [line for line in pins.splitlines() if not line.startswith("#")]
        assert lines
        assert all("==" in line and "--hash=sha256:" in line for line in lines)
        assert "://" not in pins
