"""Every public value pickles and deep-copies; issuers billed in processes or threads give what one
thread gives."""

from __future__ import annotations

import copy
import inspect
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date
from decimal import Decimal, getcontext
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from attrs import fields, has

from grantcalc import (
    Caseload,
    Claim,
    GrantcalcError,
    Inexact,
    Ledger,
    Money,
    Month,
    Network,
    NotInForce,
    Participant,
    Place,
    Rejected,
    TermsRejected,
    Unknown,
    Unpostable,
    WorkbookRejected,
    adjust,
    bill,
    read_award,
    read_caseload,
    requests,
    to_json,
    verify,
    write_claim,
)
from grantcalc.accounts import AccountPair, ChartOfAccounts, journal_of
from grantcalc.audit import (
    AmountChange,
    Difference,
    SampleProjection,
    Uncheckable,
    Unrecorded,
    Unsigned,
    draw_sample,
    explanation_of,
    regenerate,
)
from grantcalc.awards import BooksFigure, Disallowance, FormEntry
from grantcalc.billing import (
    Characteristic,
    DisallowedCost,
    EnrolledElsewhere,
    Inflow,
    LetterEnding,
    MonthsUsed,
    OpeningBalance,
    OpeningSum,
    ParticipantMove,
    PersonStatus,
    roster,
    what_if,
)
from grantcalc.cases import worked_cases
from grantcalc.closing import drawdown, sefa
from grantcalc.compliance import ComplianceRecord, check_awards, load_regimes
from grantcalc.disclosure import NotATable, Table, Withholding, infer, suppress
from grantcalc.forms import sf270, sf425
from grantcalc.io import (
    CalendarEvent,
    MonthlyFiles,
    NextMonth,
    Packet,
    PacketFile,
    StaleHead,
    Store,
    Turn,
    Unstored,
    Unwritable,
    mark,
    read_directory,
    read_letters,
    read_outreach,
    read_record,
)
from grantcalc.ledger import (
    Approved,
    AskedPart,
    ClosedOut,
    Received,
    Released,
    Voided,
    ask,
    forecast,
    roll_up,
    since_last,
    statements,
)
from grantcalc.letter_years import letters_by_year
from grantcalc.letters import may_participate
from grantcalc.money import Cents
from grantcalc.outreach import (
    FiguresRejected,
    Index,
    Quarter,
    performance,
    quarterly,
    read_figures,
    refer,
    register,
)
from grantcalc.periods import Interval
from grantcalc.provenance import Authority, Source
from grantcalc.regions import JURISDICTIONS, OFFICES, REGIONS
from grantcalc.terms import Dimension, RateKey, load_terms, published_terms, rules_as_known
from tests import sample_program
from tests.test_api import exported

ROOT = Path(__file__).resolve().parent.parent / "examples"
TVAP, GRANT, PARTNER = ROOT / "tvap-fy2012", ROOT / "matching-grant-2007", ROOT / "regional-partner-2026"
THROUGH, KNOWN, REPORT = Month(2012, 9), date(2012, 10, 15), date(2026, 9, 30)
FINDING = Place("a.xlsx", "Costs", "B2").finding("cause", "problem", "expected", "5", "warning")


@cache
def network() -> Network:
    return read_award(TVAP / "award.xlsx")


PAIR = AccountPair("5200", "2100")
CHART = ChartOfAccounts("a chart", {"posted": PAIR, "requested": PAIR, "received": PAIR})


ELSEWHERE = EnrolledElsewhere(
    participant=Participant("SUB-A", "P-1"), award="90ZV0101", days=Interval(REPORT), published=KNOWN
)


@cache
def caseloads() -> tuple[Caseload, ...]:
    return tuple(read_caseload(path) for path in caseload_files())


def caseload_files() -> list[Path]:
    return sorted(TVAP.glob("caseload-*.xlsx"))[:4]


@cache
def claim() -> Claim:
    return bill(caseloads()[:2], network(), THROUGH, KNOWN)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the demo makes, and what else the public functions give."""
    folder = tmp_path_factory.mktemp("values")
    written, store = folder / "claim.xlsx", Store(folder / "ledger.sqlite", create=True)
    write_claim(bill(caseloads()[0], network(), THROUGH, KNOWN), written)
    ledger = Ledger().post(claim())
    asked = requests(ledger, network())
    ledger = ledger.with_request(KNOWN, asked[0].award, asked[0].budget_period, Cents(500))
    ledger = ledger.hold("S-A", "a late report", KNOWN).close(Month(2011, 12), KNOWN)
    store.append(ledger.entries, Ledger().head)  # the store has an engine by now, the ledger what it worked out
    partner = read_award(PARTNER / "award.xlsx")
    letters, outreach = read_letters(PARTNER / "letters.xlsx"), read_outreach(PARTNER / "outreach.xlsx")
    directory = read_directory(ROOT / "hotline" / "directory.xlsx")
    table = Table.of("Persons", ["adult", "child"], [(("A",), (30, 3)), (("B",), (20, 14)), (("C",), (12, 0))])
    release = suppress(table)
    return {
        "network": network(),
        "caseloads": caseloads(),
        "claim": claim(),
        "counted": claim().counted(),
        "ledger": ledger,
        "store": store,
        "requests": asked,
        "federal share": asked[0].cost,
        "asked": ask(ledger, network()),
        "forms": (sf270(asked[0]), sf425(asked[0])),
        "total": roll_up(ledger, network()),
        "statements": statements(ledger, network()),
        "asked parts": AskedPart(posted=KNOWN, budget_period="FY2012", kind="reimbursement", amount=5),
        "roster": roster(caseloads()[:1], network(), THROUGH, KNOWN),
        "since": since_last(claim().counted(), caseloads()[:2], network(), THROUGH, KNOWN, previous=caseloads()[:2]),
        "close": (CHART, journal_of(ledger, CHART), drawdown(asked), sefa(asked, network(), date(2011, 10, 1))),
        "packet": Packet(
            network=network(), record=ComplianceRecord(), ledger=ledger, caseloads=caseloads()[:1], through=THROUGH
        ),
        "packet file": PacketFile("claim.xlsx", "The claim", "0" * 64),
        "entry": FormEntry(award="90ZV0101", entry="basis", value="cash", published=KNOWN),
        "since's parts": (
            MonthsUsed(service="care", phase="certified", used=1, limit=2),
            LetterEnding(kind="certification_letter", last=KNOWN),
        ),
        "adjustments": adjust(Ledger(), caseloads()[:1], network(), THROUGH, KNOWN),
        "comparison": what_if(caseloads()[:1], network(), THROUGH, {"rate.certified": Decimal("260.00")}, KNOWN),
        "verdict": verify(written, TVAP),
        "regenerated": regenerate(written, TVAP, folder / "again.xlsx"),
        "explained": explanation_of(written, "Claimed"),
        "sample": SampleProjection(sample=draw_sample(written, 3, 7), deviations=1, known=500, over=900),
        "withholding": Withholding(threshold=11),
        "marked": mark([FINDING], TVAP / "award.xlsx", folder / "marked.xlsx"),
        "worked": [worked_cases(program) for program in published_terms()],
        "forecast": forecast(caseloads()[:1], network(), THROUGH, [Inflow(subaward="S-A", persons=1)]),
        "move": ParticipantMove(
            first_day=KNOWN, openings=(), elsewhere=(ELSEWHERE,), here=ELSEWHERE, sentences=("care is paid here.",)
        ),
        "next month": NextMonth(
            files=MonthlyFiles(folder=folder, ledger="ledger.db", award="award.xlsx"),
            month=THROUGH,
            inputs=(written,),
            previous=(),
            claims=(claim(),),
            sentences=("nothing new",),
            requests=asked,
            entries=ledger.entries[:1],
            ledger=ledger,
        ),
        "approved": Approved("reviewed", "Controller", "claim.xlsx", "0" * 64),
        "order": check_awards(network(), claim=claim()),
        "record": read_record(PARTNER / "award.xlsx", partner),
        "letters": letters,
        "letters by year": letters_by_year(letters[0]),
        "participation": may_participate("refugee", REPORT, REPORT),
        "outreach": outreach,
        "performance": performance(partner, outreach.reported, outreach.network),
        "registry": register(outreach.coalitions, outreach.members, partner, partner.report_date),
        "quarter": quarterly(caseloads()[:1], Quarter(2012, 4)),
        "directory": directory,
        "referral": refer(network(), directory, "El Paso, TX", need="shelter", day=date(2012, 6, 15)),
        "figures": read_figures(ROOT / "hotline" / "calls.toml"),
        "restated": read_figures(ROOT / "hotline" / "calls.toml").restated(),
        "table": (table, release, release.withheld, infer(release), table.shape.cells),
        "rules": [rules_as_known(a.terms, REPORT) for a in (*network().awards, *partner.awards)],
        "more rules": rules_as_known(load_terms("cacfp-homes"), REPORT),
        "regimes": load_regimes(),
        "regions": (REGIONS, JURISDICTIONS, OFFICES),
        "turn": Turn(ledger, ledger.entries[:1]),
        "others": (
            Unrecorded("90ZV0101", "FY2012", 5),
            Difference("Lines!B2", "5", "6"),
            AmountChange("S-1 2012-09 care", 5, 6, ("a rate",)),
            CalendarEvent("report@S-1", KNOWN, "A report is due"),
            OpeningSum("S-1", "S-1", "FY2012", "care", 5),
            (Received("90ZV0101", "FY2012", 5, KNOWN, "ACH 1"), ClosedOut("90ZV0101", "FY2012")),
            (Released("S-A"), Voided(3, "a mistake")),
            RateKey("certified"),
            Characteristic(characteristic="age", word="infant", effective=KNOWN, published=KNOWN),
            Dimension(id="age", of="site", words=("infant",), states={}, other="", authority=Authority("a notice")),
            PersonStatus(
                participant=Participant("SUB-A", "P-1"), status="us_citizen", effective=KNOWN, published=KNOWN
            ),
            DisallowedCost(
                number="letter 4", published=KNOWN, participant=Participant("SUB-A", "P-1"), reference="V-1"
            ),
            Disallowance(
                subaward="S-1", service="care", month=THROUGH, amount=Cents(5), reference="letter 4", published=KNOWN
            ),
            BooksFigure(
                award="90ZV0101",
                budget_period="FY2012",
                name="match",
                value=Decimal("0.5"),
                effective=KNOWN,
                published=KNOWN,
            ),
            OpeningBalance(
                participant=Participant("SUB-A", "P-1"), award="90ZV0101", published=KNOWN, amount=Money("12.34", "USD")
            ),
        ),
        "money": Money("1234.50", "USD"),
    }


def reached(value: Any, seen: set[int]) -> Iterator[Any]:
    """A value, and each value of ours that it holds."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Mapping):
        value = (*value.keys(), *value.values())
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from reached(item, seen)
    if type(value).__module__.startswith("grantcalc"):
        yield value
        for attribute in fields(type(value)) if has(type(value)) else ():
            yield from reached(getattr(value, attribute.name), seen)


def copies(value: Any) -> Iterator[Any]:
    """The value after each way of copying it."""
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.loads(pickle.dumps(value, protocol))
    yield copy.deepcopy(value)
    yield copy.copy(value)


class TestValues:
    """A public value pickles under every protocol from 2 on, and copies, to an equal value with the
    same sources."""

    def test_each_value_as_a_whole(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            for other in copies(value):
                assert type(other) is type(value), name
                assert other == value, name

    def test_the_first_values_of_each_class(self, values: dict[str, Any]) -> None:
        found: dict[type, list[Any]] = {}
        for value in reached(values, set()):
            found.setdefault(type(value), []).append(value)
        for kind, several in found.items():
            for value in several[:2]:
                for other in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):
                    assert other == value, kind
                    assert getattr(other, "source", None) == getattr(value, "source", None), kind
        public = (value for names in exported().values() for value in names.values())
        classes = {value for value in public if inspect.isclass(value) and value.__module__.startswith("grantcalc")}
        classes.discard(Index)  # made anew from a directory, wherever that is
        missing = {kind for kind in classes - {*found} if not issubclass(kind, GrantcalcError)}
        assert not missing, f"no value of these classes was tried: {sorted(kind.__name__ for kind in missing)}"

    def test_a_source_still_names_the_cell(self) -> None:
        source = Source("a.xlsx", "Costs", 2, {"amount": "D"})
        for other in copies(source):
            assert other.place("amount") == source.place("amount") == Place("a.xlsx", "Costs", "D2")
        assert [other.columns for other in copies(Source())] == [{}] * 6

    def test_a_copied_store_opens_the_same_ledger(self, values: dict[str, Any]) -> None:
        for other in copies(values["store"]):
            assert other.load() == values["ledger"]


REFUSALS = [
    Rejected([FINDING]),
    WorkbookRejected([FINDING]),
    TermsRejected([FINDING]),
    FiguresRejected([FINDING]),
    NotInForce("rate", KNOWN, KNOWN),
    Unknown("program", "one of a, b", "a", 4),
    Inexact("an amount must be finite", "NaN"),
    Unpostable("nothing is posted"),
    StaleHead("0" * 64, "1" * 64),
    Unstored("there is no ledger x"),
    Unwritable(Place("a.xlsx"), "something other than a file is there", "5"),
    NotATable("a count is missing"),
    Unsigned("this signature is damaged"),
    Uncheckable(),
]


def kinds_of(kind: type[GrantcalcError]) -> Iterator[type[GrantcalcError]]:
    for below in kind.__subclasses__():
        yield below
        yield from kinds_of(below)


class TestRefusals:
    """A refusal comes out of a process pool as it was raised."""

    @pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
    def test_each_refusal(self, refusal: GrantcalcError) -> None:
        for other in copies(refusal):
            assert type(other) is type(refusal)
            assert other == refusal
            assert str(other) == str(refusal)

    def test_none_is_missing(self) -> None:
        assert {kind for kind in kinds_of(GrantcalcError) if kind.__module__.startswith("grantcalc")} == {
            type(refusal) for refusal in REFUSALS
        }


class TestPools:
    """Issuers billed in other processes, or in threads, give the claims that one thread gives."""

    def test_processes(self) -> None:
        """In a process of its own: a pool that starts from one in which tests have run may wait for
        ever."""
        script = "from tests.test_pickling import in_processes; in_processes()"
        env = {**os.environ, "PYTHONPATH": f"src{os.pathsep}."}
        subprocess.run([sys.executable, "-c", script], cwd=ROOT.parent, env=env, check=True)

    def test_threads(self, tmp_path: Path) -> None:
        """With another decimal context in each, and a switch between them as often as can be."""
        usual = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        shared = read_award(TVAP / "award.xlsx")  # nothing of it is worked out yet

        def work(number: int) -> Claim:
            getcontext().prec = 1 + number % 5
            made = bill(read_caseload(caseload_files()[number]), shared, THROUGH, KNOWN)
            write_claim(made, tmp_path / f"{number}.xlsx")
            return made

        try:
            with ThreadPoolExecutor(8) as pool:
                same([*pool.map(work, range(len(caseloads())))])
        finally:
            sys.setswitchinterval(usual)
        for number, load in enumerate(caseloads()):
            write_claim(bill(load, network(), THROUGH, KNOWN), tmp_path / "alone.xlsx")
            assert (tmp_path / f"{number}.xlsx").read_bytes() == (tmp_path / "alone.xlsx").read_bytes()

    def test_threads_that_mark_leave_the_filters_of_warnings_as_they_were(self, tmp_path: Path) -> None:
        source, before = sample_program.write(tmp_path, "award", sample_program.AWARD), [*warnings.filters]
        with ThreadPoolExecutor(8) as pool:
            [*pool.map(lambda number: mark([FINDING], source, tmp_path / f"{number}.xlsx"), range(16))]
        assert [*warnings.filters] == before


def in_processes() -> None:
    """Bill issuers in a pool of processes, and compare."""
    other = read_award(GRANT / "award.xlsx")  # of other awards, so that no row can be billed
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(bill, load, network(), THROUGH, KNOWN) for load in caseloads()]
        refused = pool.submit(bill, caseloads()[0], other, THROUGH, KNOWN)
        same([job.result() for job in jobs])
        with pytest.raises(GrantcalcError) as there:
            refused.result()
    with pytest.raises(GrantcalcError) as here:
        bill(caseloads()[0], other, THROUGH, KNOWN)
    assert there.value == here.value


def same(claims: list[Claim]) -> None:
    """The claims are those of one thread, with the same sources and the same document."""
    for load, found in zip(caseloads(), claims, strict=True):
        alone = bill(load, network(), THROUGH, KNOWN)
        assert found == alone
        assert [x.source for x in found.lines] == [x.source for x in alone.lines]
        assert to_json(found) == to_json(alone)
