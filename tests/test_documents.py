"""Claims, requests, findings and ledger entries as JSON and back; the published schemas; lines as
data frames."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from attrs import evolve, fields
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from grantcalc.awards import FINANCIALS, Award, BooksFigure, BudgetPeriod, Organization, Subaward
from grantcalc.billing.caseload import Caseload, Cost, Count, Enrollment, Registration
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.lines import REDUCTION_KINDS, Line, Reduction
from grantcalc.billing.parties import Party
from grantcalc.billing.reasons import CODES, NUMBERS, Reason
from grantcalc.compliance.results import CheckResult, ComplianceReport
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Finding, NotInForce, Place, Rejected, Unknown
from grantcalc.io.exchange.documents import Document, from_json, to_json
from grantcalc.io.exchange.frames import FRAME_COLUMNS, to_frame
from grantcalc.io.exchange.schema import DOCUMENT_KINDS, FORMATS, breaches, schema
from grantcalc.known import Fact, Series
from grantcalc.ledger.chain import chain
from grantcalc.ledger.entries import (
    CHANGE_REASONS,
    Change,
    Closed,
    ClosedOut,
    Entry,
    Held,
    Posting,
    Released,
    Requested,
    bare,
)
from grantcalc.ledger.entries import EVENTS as ACTS
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import Request, assemble, requests
from grantcalc.money import Cents, Rate, cents, dollars, money
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.provenance import Authority, Input, Source
from grantcalc.terms import Filling, TermUsed, fill_terms, load_terms
from tests.strategies import Scenario, scenarios

ROOT = Path(__file__).resolve().parent.parent
RECORD = Authority("a record of the test", "it leaves nothing unsaid")

# --- a claim as it is billed: TVAP 2018, one participant who moves phases, costs, and a ceiling that holds back ---


def billed() -> tuple[Claim, Network]:
    """Two phases in April, an actual cost and a credit, a bare count; a ceiling of 6,000.00; rows
    of two sheets."""
    start, known = date(2018, 10, 1), date(2019, 10, 1)
    choices: dict[str, Decimal | str] = {
        "rate.certified": Decimal("500.00"),
        "rate.interim": Decimal("550.125"),
        "rate.pre_certification": Decimal("600.00"),
        "count": "actual_days",
        "window": "budget_period",
        "family": "on_any_day",
        "base": "authorized",
    }
    fillings = (
        Filling(
            term=key,
            value=value,
            effective=start,
            published=start,
            authority=RECORD,
            source=Source("award.xlsx", "Terms", row),
        )
        for row, (key, value) in enumerate(choices.items(), 5)
    )
    period = Interval(start, date(2019, 9, 30))
    amount = Series("amount", [Fact(Cents(10**9), start, start, RECORD)])
    budget = BudgetPeriod("FY2019", period, amount)
    terms = fill_terms(load_terms("tvap-2018"), list(fillings))
    award = Award(
        fain="90ZV0101",
        recipient="US",
        agency="HHS",
        listing="93.598",
        awarded=date(2018, 9, 30),
        period=period,
        terms=terms,
        budget_periods=(budget,),
    )
    network = Network(
        report_date=date(2019, 10, 15),
        organizations=(
            Organization(id="US", name="Recipient", state="VA"),
            Organization(id="S1", name="Sub “One” <é>", state="TX"),
        ),
        awards=(award,),
        subawards=(Subaward(id="S-1", parent="90ZV0101", subrecipient="S1", period=period, amount=amount),),
    )
    who = Participant("S1", "A1")
    days = Interval(date(2019, 3, 10), date(2019, 5, 20))
    paid = date(2019, 4, 3)

    def cost(amount: int, row: int) -> Cost:
        reference, source = f"INV-{row}", Source("caseload.xlsx", "Costs", row)
        return Cost(
            participant=who,
            subaward="S-1",
            service="participant_expenses",
            category="food",
            amount=Cents(amount),
            paid=paid,
            months=(Month.of(paid),),
            reference=reference,
            published=known,
            source=source,
        )

    caseload = Caseload(
        issuer="S1",
        report_date=known,
        participants=(Registration(who),),
        letters=(
            Letter(participant=who, kind="certification_letter", days=Interval(date(2019, 4, 15)), published=known),
        ),
        households=(),
        enrollments=(
            Enrollment(
                participant=who,
                subaward="S-1",
                days=days,
                published=known,
                source=Source("caseload.xlsx", "Enrollments", 7),
            ),
        ),
        costs=(cost(600_001, 3), cost(-250, 4)),
        counts=(
            Count(
                subaward="S-1",
                service="case_management",
                phase="interim",
                month=Month(2019, 6),
                quantity=3,
                published=known,
                source=Source("caseload.xlsx", "Counts", 2),
            ),
        ),
        label="ILLUSTRATIVE",
    )
    return bill(caseload, network, Month(2019, 9)), network


CLAIM, NETWORK = billed()
LEDGER = Ledger().post(CLAIM).with_request(date(2019, 10, 20), "90ZV0101", "FY2019", Cents(-5))
REQUEST = requests(LEDGER, NETWORK)[0]
FINDINGS = (
    Source("a.xlsx", "Enrollment", 3).finding("count", "a count cannot be negative", "0 or more", -1, column="B"),
    Place("terms.toml", "rate", line=7).finding("date", "no such day", severity="warning"),
)
CITED = Authority("2 CFR 200.334", "three years")
ORDER = ComplianceReport(
    date(2026, 6, 30),
    (
        CheckResult(
            test="uei",
            subject="subaward S-1",
            result="pass",
            says="it has the format of a UEI",
            authority=CITED,
            due=None,
            source=Source("award.xlsx", "Subawards", 2),
        ),
        CheckResult(
            test="records",
            subject="award 90ZV0101",
            result="finding",
            says="3 years",
            authority=CITED,
            due=date(2029, 6, 30),
        ),
        CheckResult(
            test="mtdc", subject="award 90ZV0101", result="not tested", says="", authority=Authority("2 CFR 200.1")
        ),
    ),
    "ILLUSTRATIVE",
)
DOCUMENTS: dict[str, Document] = {
    "claim with detail": CLAIM,
    "claim": CLAIM.counted(),
    "request": REQUEST,
    "findings": FINDINGS,
    "no findings": (),
    "entry: posting": LEDGER.entries[0],
    "entry: change with detail": LEDGER.entries[1],
    "entry: change": Ledger().post(CLAIM.counted()).entries[-1],
    "entry: requested": LEDGER.entries[-1],
    "order": ORDER,
}

each_document = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)


def sources(document: Document) -> list[Source]:
    """Every source of a document's lines, of the lines that limits and entries name, and of their
    rates."""
    if isinstance(document, tuple):
        return []
    if isinstance(document, Entry):
        return []
    if isinstance(document, ComplianceReport):
        return [outcome.source for outcome in document.outcomes]
    items: list[Line | Reduction] = [*document.lines, *document.reductions]
    lines = [item.line if isinstance(item, Reduction) else item for item in items]
    return [s for x in lines for s in (x.source, *((x.rate.source,) if x.rate else ()))]


def without_rows(found: list[Source]) -> list[Source]:
    return [evolve(s, row=0) for s in found]


def decimals(document: Document) -> list[str]:
    """The rates of a document as they are written: equality of decimals does not see 600 beside
    600.00."""
    if isinstance(document, Claim | Request):
        return [f"{x.rate.value.value:f}" for x in document.lines if x.rate]
    return []


# --- documents drawn from the whole space of values ---

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
dates = st.dates()
months = st.builds(Month, st.integers(1, 9998), st.integers(1, 12))
authorities = st.builds(Authority, texts, texts)
files = st.sampled_from(["", "a.xlsx", "b.xlsx"])
placed = st.builds(Source, files, st.sampled_from(["", "Counts"]), st.integers(0, 3))
facts = st.builds(
    Fact,
    st.decimals("-10000", "10000", places=5).map(Rate) | st.sampled_from(["600", "600.00", "0.2375"]).map(Rate.of),
    st.just(date(2012, 1, 1)) | dates,
    dates,
    authorities,
    placed,
)


figures = {
    **dict.fromkeys(NUMBERS, st.integers(0, 400)),
    **dict.fromkeys(("since", "phase", "status", "text"), texts),
    "start": dates.map(str),
    "amount": st.integers(-(10**9), 10**9).map(lambda cents: str(dollars(cents))),
    "least": st.sampled_from(["0.2375", "600.00"]),
}
reasons = st.none() | st.sampled_from([*CODES]).flatmap(
    lambda code: st.tuples(*(figures[name] for name in CODES[code])).map(lambda found: Reason(code, found))
)


@st.composite
def lines(draw: st.DrawFn, rates: list[Fact[Rate]], *, detail: bool) -> Line:
    """Any line that follows from its rate, or an actual cost."""
    rate = draw(st.none() | st.sampled_from(rates))
    days, of, n = draw(st.integers(0, 400)), draw(st.integers(1, 366)), draw(st.integers(-2, 400))
    amount = n * rate.value.extend(days, of) if rate else draw(st.integers(-(10**15), 10**15))
    line = Line(
        issuer=draw(texts),
        participant=None,
        award=draw(texts),
        subaward=draw(texts),
        service=draw(texts),
        pool=draw(st.sampled_from(["direct", "administration"])),
        phase=draw(texts),
        month=draw(months),
        budget_period=draw(texts),
        quantity=days,
        divisor=of,
        rate=rate,
        amount=amount,
        count=n,
        category=draw(texts),
        reason=draw(reasons),
        source=evolve(draw(placed), row=0),
    )
    if not detail:
        return line
    who = draw(st.none() | st.builds(Participant, texts, texts))
    return evolve(line, participant=who, day=draw(st.none() | dates), reference=draw(texts), source=draw(placed))


@st.composite
def lines_and_reductions(draw: st.DrawFn, *, detail: bool) -> tuple[tuple[Line, ...], tuple[Reduction, ...]]:
    rates = draw(st.lists(facts, min_size=1, max_size=3))
    if not detail:
        rates = [evolve(f, source=evolve(f.source, row=0)) for f in rates]
    found = draw(st.lists(lines(rates, detail=detail), max_size=4))
    some = st.integers(-(10**9), 10**9)
    kinds = st.sampled_from(REDUCTION_KINDS)
    holding = st.sampled_from(found) if found else st.nothing()
    held = st.lists(
        st.builds(
            Reduction,
            kind=kinds,
            id=texts,
            window=texts,
            room=some,
            authority=authorities,
            line=holding,
            amount=some,
            count=st.integers(0, 3),
        ),
        max_size=3,
    )
    return tuple(found), tuple(draw(held))


def findings(*, detail: bool) -> st.SearchStrategy[Finding]:
    cells = texts if detail else st.just("")
    place = st.builds(Place, texts, texts, cells, st.integers(0, 9))
    return st.builds(Place.finding, place, texts, texts, texts, texts, st.sampled_from(["error", "warning"]))


digests = st.sampled_from(["", hashlib.sha256(b"facts").hexdigest()])
parties = st.lists(st.builds(Party, texts, texts, texts, texts, st.none() | st.integers(1, 10)), max_size=2).map(tuple)
term_used = st.builds(TermUsed, award=texts, term=texts, value=texts, effective=dates, published=dates, citation=texts)
terms_used = st.lists(term_used, max_size=2).map(tuple)
inputs = st.lists(st.builds(Input, texts, texts, digests, digests, dates), max_size=2).map(tuple)


def several(one: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=3).map(tuple)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    detail = draw(st.booleans())
    found, held = draw(lines_and_reductions(detail=detail))
    notes = draw(several(findings(detail=detail)))
    through, known, issuers = draw(months), draw(dates), draw(several(texts))
    return Claim(
        through=through,
        known=known,
        lines=found,
        reductions=held,
        parties=draw(parties),
        issuers=issuers,
        terms=draw(terms_used),
        inputs=draw(inputs),
        notes=notes,
        label=draw(texts),
    )


@st.composite
def asked(draw: st.DrawFn) -> Request:
    found, held = draw(lines_and_reductions(detail=False))
    figures = st.integers(-(10**12), 10**12)
    return Request(
        award=draw(texts),
        recipient=draw(texts),
        budget_period=draw(texts),
        known=draw(dates),
        through=draw(months),
        lines=found,
        reductions=held,
        parties=draw(parties),
        authorized=draw(figures),
        requested_before=draw(figures),
        awarded=draw(dates),
        on_hold=draw(figures),
        books=draw(several(books)),
        terms=draw(terms_used),
        inputs=draw(inputs),
        notes=draw(several(findings(detail=False))),
        label=draw(texts),
    )


books = st.builds(
    BooksFigure,
    award=texts,
    budget_period=texts,
    name=st.sampled_from([*FINANCIALS]).filter(lambda name: "share" not in name and "rate" not in name),
    value=st.integers(0, 10**9).map(lambda n: Decimal(n).scaleb(-2)),
    effective=dates,
    published=dates,
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    found, held = draw(lines_and_reductions(detail=draw(st.booleans())))
    figures = st.integers(-(10**12), 10**12)
    items: list[Line | Reduction] = [*map(bare, found), *map(bare, held)]
    reasons = st.sampled_from(CHANGE_REASONS)
    acts: list[st.SearchStrategy[Any]] = [
        st.builds(
            Posting,
            issuers=several(texts),
            through=months,
            period=months,
            changes=st.integers(0, 9),
            parties=parties,
            inputs=inputs,
        ),
        st.builds(
            Requested,
            award=texts,
            budget_period=texts,
            amount=figures,
            kind=st.sampled_from(["reimbursement", "advance"]),
        ),
        st.builds(Closed, months),
        st.builds(ClosedOut, texts, texts),
        st.builds(Held, texts, texts),
        st.builds(Released, texts),
    ]
    if items:
        acts.append(st.builds(Change, st.sampled_from(items), figures, figures, reasons, texts))
    head, no, day, act = draw(st.tuples(texts, st.integers(1, 10**6), dates, st.one_of(acts)))
    return next(chain(head, no, day, [act]))


documents = st.one_of(claims(), asked(), entries(), several(findings(detail=True)))


# --- there and back ---


class TestThereAndBack:
    """Read what was written: the same values and sources. Write twice: the same bytes. (Rulebook
    11, law 7)"""

    @each_document
    def test_of_what_was_billed(self, document: Document) -> None:
        text = to_json(document)
        back = from_json(text)
        assert back == document
        assert to_json(back) == text
        detail = json.loads(text).get("detail", True)
        assert sources(back) == (sources(document) if detail else without_rows(sources(document)))
        assert decimals(back) == decimals(document)

    @given(documents)
    def test_of_any_document(self, document: Document) -> None:
        text = to_json(document)
        back = from_json(text)
        assert back == document
        assert type(back) is type(document)
        assert sources(back) == sources(document) or json.loads(text)["detail"] is False
        assert without_rows(sources(back)) == without_rows(sources(document))
        assert decimals(back) == decimals(document)
        assert to_json(back) == text

    @pytest.mark.slow
    @given(scenarios())
    def test_of_any_programme_and_caseload(self, scenario: Scenario) -> None:
        claim = attempt(scenario)
        ledger = assemble([claim])
        made: list[Document] = [claim, claim.counted(), *Ledger().post(claim).entries, *ledger.entries]
        for document in made:
            assert from_json(to_json(document)) == document
        for request in requests(ledger, scenario.network):
            assert from_json(to_json(request)) == request

    @pytest.mark.slow
    def test_it_is_the_same_under_any_hash_seed_and_in_any_time_zone(self) -> None:
        """Sets and dicts of strings stand in another order in each of these interpreters."""
        code = (
            "import hashlib; from tests.test_documents import DOCUMENTS;"
            "from grantcalc.io.exchange.documents import to_json;"
            "print(hashlib.sha256(''.join(map(to_json, DOCUMENTS.values())).encode()).hexdigest())"
        )
        here = "".join(map(to_json, DOCUMENTS.values())).encode()
        for seed, zone in (("1", "Pacific/Kiritimati"), ("2", "America/Anchorage")):
            env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": os.pathsep.join(["src", "."])}
            run = subprocess.run(
                [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
            )
            assert run.stdout.strip() == hashlib.sha256(here).hexdigest()


def attempt(scenario: Scenario) -> Claim:
    """The claim of a scenario that billing takes."""
    try:
        return bill(scenario.caseloads, scenario.network, scenario.through, scenario.known)
    except (NotInForce, Rejected):
        assume(False)
        raise


class TestTheText:
    """Money is text of dollars, rates are exact, no number has a fraction; rates and lines stand
    once."""

    def test_it_says_what_it_is(self) -> None:
        for name, document in DOCUMENTS.items():
            found = json.loads(to_json(document))
            assert list(found)[:2] == ["grantcalc", "format"]
            assert found["format"] == FORMATS[found["grantcalc"]]
            assert found["grantcalc"] in name

    @given(documents)
    def test_no_number_has_a_fraction(self, document: Document) -> None:
        def refused(text: str) -> None:
            raise AssertionError("a number with a fraction")

        json.loads(to_json(document), parse_float=refused, parse_constant=refused)

    def test_money_and_rates_are_exact_text(self) -> None:
        found = json.loads(to_json(CLAIM))
        assert [x["amount"] for x in found["lines"][:2]] == ["425.81", "280.00"]
        assert {"-2.50", "6000.01", "1650.38"} <= {x["amount"] for x in found["lines"]}
        assert [r["value"] for r in found["rates"].values()] == ["600.00", "500.00", "550.125"]
        assert found["through"] == "2019-09"
        assert found["known"] == "2019-10-15"

    def test_totals_are_those_of_the_value(self) -> None:
        totals = json.loads(to_json(CLAIM))["totals"]
        amounts = {"earned": CLAIM.earned, "held_back": CLAIM.held_back, "total": CLAIM.total}
        assert totals == {name: f"{amount.amount:.2f}" for name, amount in amounts.items()}
        totals = json.loads(to_json(REQUEST))["totals"]
        amounts = {"to_date": REQUEST.to_date, "held_back": REQUEST.held_back, "requested": REQUEST.amount}
        assert totals == {name: f"{amount.amount:.2f}" for name, amount in amounts.items()}

    def test_ten_thousand_lines_stay_small(self) -> None:
        """Rates, sources and lines that limits name are not said again: some 300 characters a line,
        200 a limit."""
        counted = CLAIM.counted()
        many = evolve(counted, lines=counted.lines * 1400, reductions=counted.reductions * 1400)
        assert len(to_json(many)) - len(to_json(counted)) < 300 * len(many.lines) + 200 * len(many.reductions)

    def test_rates_and_sources_are_numbered_as_they_first_appear(self) -> None:
        found = json.loads(to_json(CLAIM))
        assert list(found["rates"]) == ["R1", "R2", "R3"]
        assert next(iter(found["sources"].values())) == {"file": "award.xlsx", "sheet": "Terms"}
        assert found["lines"][0]["rate"] == "R1"

    def test_600_and_600_00_are_two_rates(self) -> None:
        line = next(x for x in CLAIM.lines if x.rate and x.rate.value == Rate.of("600.00"))
        assert line.rate
        other = evolve(line, rate=evolve(line.rate, value=Rate.of("600")))
        assert other == line
        found = json.loads(to_json(evolve(CLAIM, lines=(line, other), reductions=())))
        assert [r["value"] for r in found["rates"].values()] == ["600.00", "600"]

    def test_each_limit_stays_with_its_own_of_two_equal_lines(self) -> None:
        line = CLAIM.lines[0]
        twin = evolve(line, source=evolve(line.source, row=99))
        limit = Reduction(kind="ceiling", id="c", window="w", room=0, authority=RECORD, line=twin, amount=-1)
        back = from_json(to_json(evolve(CLAIM, lines=(line, twin), reductions=(limit,))))
        assert isinstance(back, Claim)
        assert back.reductions[0].line.source.row == 99


class TestDetail:
    """A counted document has no participant and no row; one with participants says so."""

    @given(claims())
    def test_without_detail_nothing_names_a_participant_or_a_row(self, claim: Claim) -> None:
        text = to_json(claim.counted())
        assert json.loads(text)["detail"] is False
        assert not set(keys(json.loads(text))) & {"participant", "pseudonym", "row", "cell", "day", "reference"}

    def test_with_detail_it_says_so(self) -> None:
        assert json.loads(to_json(CLAIM))["detail"] is True
        assert set(keys(json.loads(to_json(CLAIM)))) >= {"participant", "pseudonym", "row", "day", "reference"}

    def test_a_line_with_a_row_alone_is_detail(self) -> None:
        line = evolve(CLAIM.counted().lines[0], source=Source("a.xlsx", "Counts", 2))
        assert json.loads(to_json(evolve(CLAIM, lines=(line,), reductions=(), notes=())))["detail"] is True

    def test_a_note_with_a_cell_is_detail(self) -> None:
        claim = evolve(CLAIM.counted(), notes=FINDINGS[:1])
        assert json.loads(to_json(claim))["detail"] is True
        assert json.loads(to_json(claim.counted()))["detail"] is False

    def test_a_request_with_participants_is_not_written(self) -> None:
        with pytest.raises(Rejected) as refusal:
            to_json(evolve(REQUEST, lines=CLAIM.lines, reductions=CLAIM.reductions))
        assert [str(f.place) for f in refusal.value.findings] == ["$.detail"]
        assert "A1" not in str(refusal.value)

    def test_detail_that_is_denied_is_refused_where_it_stands(self) -> None:
        found = json.loads(to_json(CLAIM))
        found["detail"] = False
        places = refused(found)
        assert {"$.lines[0].participant", "$.lines[0].day", "$.lines[0].row", "$.rates.R1.row"} <= set(places)
        assert any(re.fullmatch(r"\$\.lines\[\d+\]\.reference", place) for place in places)


def keys(value: Any) -> Iterator[str]:
    """Every key of a JSON value, at any depth."""
    if isinstance(value, dict):
        yield from value
    for below in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(below)


def refused(found: Any, file: str = "claim.json") -> list[str]:
    """The JSON paths at which a document is refused."""
    text = found if isinstance(found, str) else json.dumps(found)
    with pytest.raises(Rejected) as refusal:
        from_json(text, file)
    for f in refusal.value.findings:
        assert f.place.file == file
        assert f.problem
        assert f.severity == "error"
    return [f.place.sheet for f in refusal.value.findings]


# --- what is refused ---


class TestRefusals:
    """A wrong document is refused with every finding at once, each at its JSON path."""

    @pytest.mark.parametrize(
        ("key", "value", "path"),
        [
            ("grantcalc", "invoice", "$.grantcalc"),
            ("grantcalc", ["claim"], "$.grantcalc"),
            ("format", 3, "$.format"),
            ("format", "1", "$.format"),
            ("format", True, "$.format"),
            ("format", 1.0, "$.format"),
            ("detail", 1, "$.detail"),
            ("through", "2012-13", "$.through"),
            ("through", "0000-01", "$.through"),
            ("known", "2012-02-30", "$.known"),
            ("known", "2012-W01-1", "$.known"),
            ("known", None, "$.known"),
            ("issuers", "S1", "$.issuers"),
            ("issuers", ["S1", 1], "$.issuers[1]"),
            ("label", 1, "$.label"),
            ("label", "half \ud800", "$.label"),
            ("lines", {}, "$.lines"),
            ("sources", [], "$.sources"),
            ("rates", {"X1": {}}, "$.rates"),
        ],
    )
    def test_a_wrong_value(self, key: str, value: object, path: str) -> None:
        assert refused({**json.loads(to_json(CLAIM.counted())), key: value}) == [path]

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("amount", 425.81),
            ("amount", "425.8"),
            ("amount", "425.810"),
            ("amount", "1,425.81"),
            ("amount", "NaN"),
            ("amount", "425.81\n"),
            ("amount", "٤٢٥.٨١"),
            ("amount", "1000000000000000.00"),
            ("quantity", 22.0),
            ("quantity", -1),
            ("quantity", True),
            ("quantity", "22"),
            ("quantity", 2**53),
            ("divisor", 0),
            ("count", None),
            ("pool", "overhead"),
            ("pool", []),
            ("month", "2019-3"),
            ("rate", 1),
            ("rate", "R0"),
            ("source", "../S1"),
        ],
    )
    def test_a_wrong_value_in_a_line(self, key: str, value: object) -> None:
        found = json.loads(to_json(CLAIM.counted()))
        found["lines"][0][key] = value
        assert refused(found) == [f"$.lines[0].{key}"]

    @pytest.mark.parametrize("kind", DOCUMENT_KINDS)
    def test_each_key_is_missed_and_each_other_key_is_seen(self, kind: str) -> None:
        text = next(t for t in map(to_json, DOCUMENTS.values()) if json.loads(t)["grantcalc"] == kind)
        for key in schema(kind)["required"]:
            found = json.loads(text)
            del found[key]
            assert refused(found) == [f"$.{key}"]
        assert refused({**json.loads(text), "total": "1.00"}) == ["$"]

    def test_all_at_once(self) -> None:
        found = json.loads(to_json(CLAIM))
        del found["lines"][1]["amount"]
        found["lines"][2]["quantity"] = "16"
        found["reductions"][0]["authority"] = {"note": 7}
        found["parties"][0]["region"] = 11
        found["rates"]["R2"]["value"] = "5E2"
        assert refused(found) == [
            "$.parties[0].region",
            "$.rates.R2.value",
            "$.lines[1].amount",
            "$.lines[2].quantity",
            "$.reductions[0].authority.citation",
            "$.reductions[0].authority.note",
        ]

    def test_what_leads_nowhere(self) -> None:
        found = json.loads(to_json(CLAIM))
        found["lines"][0]["source"] = found["rates"]["R3"]["source"] = "S9"
        found["lines"][1]["rate"] = "R9"
        found["reductions"][0]["line"] = len(found["lines"])
        assert refused(found) == ["$.rates.R3.source", "$.lines[0].source", "$.lines[1].rate", "$.reductions[0].line"]

    @pytest.mark.parametrize("document", [CLAIM, CLAIM.counted(), REQUEST], ids=["detail", "counted", "request"])
    def test_any_amount_that_was_changed_is_found(self, document: Document) -> None:
        """Each line's amount, each limit's, each total, each number of days, each rate."""
        text = to_json(document)
        whole = json.loads(text)
        totals = {f"$.totals.{name}" for name in whole["totals"]}
        for index, line in enumerate(whole["lines"]):
            found = json.loads(text)
            found["lines"][index]["amount"] = "12345.67"
            own = {f"$.lines[{index}].amount"} if "rate" in line else set()
            assert set(refused(found)) == own | totals - {"$.totals.held_back"}
            if "rate" in line:
                found = json.loads(text)
                found["lines"][index]["quantity"] += 1
                assert refused(found) == [f"$.lines[{index}].amount"]
        for index in range(len(whole["reductions"])):
            found = json.loads(text)
            found["reductions"][index]["amount"] = "-12345.67"
            assert set(refused(found)) == totals - {"$.totals.earned"}
        for path in totals:
            found = json.loads(text)
            found["totals"][path.removeprefix("$.totals.")] = "12345.67"
            assert refused(found) == [path]
        for id in whole["rates"]:
            found = json.loads(text)
            found["rates"][id]["value"] = "12.34"
            assert set(refused(found)) == {
                f"$.lines[{i}].amount" for i, line in enumerate(whole["lines"]) if line.get("rate") == id
            }

    @pytest.mark.parametrize(
        "text",
        [
            "", "{", "[]", "null", "1", '"claim"', "{}garbage", "\ufeff{}", "NaN", '{"grantcalc": NaN}',
            "[" * 100_000, '{"a":' * 100_000, "9" * 5000, '{"format": 1, "format": 1}', '"\\q"', "{'a': 1}",
        ],
        ids=str.strip,
    )  # fmt: skip
    def test_what_is_no_document_at_all(self, text: str) -> None:
        assert refused(text, "") in (["$"], ["$.grantcalc"])

    def test_a_secret_is_not_echoed(self) -> None:
        secret = "Maria Gonzalez"
        found = json.loads(to_json(CLAIM))
        found[secret] = secret
        found["lines"][0] = {**found["lines"][0], "amount": secret, "quantity": [secret], "pool": {secret: secret}}
        with pytest.raises(Rejected) as refusal:
            from_json(json.dumps(found))
        assert len(refusal.value.findings) == 4
        assert secret not in str(refusal.value)
        assert secret not in repr(refusal.value)
        assert "text of 14 characters" in str(refusal.value)

    def test_words_of_a_finding(self) -> None:
        found = json.loads(to_json(CLAIM.counted()))
        del found["known"]
        found["lines"][3]["amount"] = 12
        found["through"] = "September"
        with pytest.raises(Rejected) as refusal:
            from_json(json.dumps(found))
        month, amount = "a month, like 2012-09", "an amount of US dollars and cents, like 1234.50"
        assert str(refusal.value).splitlines() == [
            "$.known: this key is missing",
            f"$.through: this is not in the required format, expected {month}; found text of 9 characters",
            f"$.lines[3].amount: this has the wrong type, expected {amount}; found 12",
        ]

    def test_misuse(self) -> None:
        others: tuple[Any, ...] = (None, [], (1,), CLAIM.lines[0], "{}")
        for other in others:
            with pytest.raises(TypeError, match="a document is a claim"):
                to_json(other)
        with pytest.raises(TypeError, match="JSON must be text, not bytes"):
            from_json(b"{}")  # type: ignore[arg-type]

    def test_what_the_format_cannot_hold_is_not_written(self) -> None:
        line = evolve(CLAIM.lines[0], amount=1)
        cost = next(x for x in CLAIM.lines if x.rate is None)
        for claim, path in (
            (evolve(CLAIM, lines=(line,), reductions=()), "$.lines[0].amount"),
            (evolve(CLAIM, lines=(evolve(cost, amount=10**17),), reductions=()), "$.lines[0].amount"),
            (evolve(CLAIM, lines=()), "$.reductions[0].line"),
            (evolve(CLAIM, label="\udc80"), "$.label"),
        ):
            with pytest.raises(Rejected) as refusal:
                to_json(claim)
            assert path in [str(f.place) for f in refusal.value.findings]


words = st.sampled_from(
    ["", "claim", "error", "direct", "line", "reduction", "R1", "S2", "2019-04", "2019-02-30", "-0.50"]
)


def json_values(*, floats: bool) -> st.SearchStrategy[Any]:
    """Any JSON value, with words and keys of the format among its texts."""
    numbers = st.integers(-3, 40) | st.just(2**60)
    text = words | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4)
    leaf = st.none() | st.booleans() | numbers | text | (st.floats() if floats else st.nothing())
    key = text | st.sampled_from(["count", "row", "cell", "amount", "participant", "file", "rate", "R7"])
    return st.recursive(leaf, lambda x: st.lists(x, max_size=3) | st.dictionaries(key, x, max_size=3), max_leaves=5)


def slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a JSON value where another may be put: a list or object, and an index or key
    of it."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from slots(value[key])


@st.composite
def mutated(draw: st.DrawFn, *, floats: bool) -> Any:
    """A document in which up to three things were dropped, replaced, copied from elsewhere, or
    added."""
    found = json.loads(draw(st.sampled_from([to_json(d) for d in DOCUMENTS.values()])))
    for _ in range(draw(st.integers(1, 3))):
        places = list(slots(found))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        change = draw(st.sampled_from(["drop", "replace", "copy", "add"]))
        if change == "drop":
            del holder[key]
        elif change == "replace":
            holder[key] = draw(json_values(floats=floats))
        elif change == "copy":
            other, where = draw(st.sampled_from(places))
            holder[key] = copy.deepcopy(other[where])
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from(["count", "row", "cell", "day", "note", "rate", "S3", "R4", "x"]))] = draw(
                json_values(floats=floats)
            )
        else:
            holder.insert(key, draw(json_values(floats=floats)))
    return found


class TestAnyJson:
    """A document is read, or refused with findings; nothing else is ever raised."""

    @given(st.data())
    def test_mutated_documents(self, data: st.DataObject) -> None:
        found = data.draw(mutated(floats=True))
        read(json.dumps(found))

    @given(st.data())
    def test_mutated_text(self, data: st.DataObject) -> None:
        text = data.draw(st.sampled_from([to_json(d) for d in DOCUMENTS.values()]))
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 5)))
        middle = data.draw(
            st.sampled_from(['"', "}", "]", ",", "0", "-", "\\", "1e999", "\x00", "null"]) | st.text(max_size=3)
        )
        read(text[:start] + middle + text[end:])

    @given(st.text(max_size=20) | json_values(floats=True).map(json.dumps))
    def test_any_text(self, text: str) -> None:
        read(text)


def read(text: str) -> None:
    """Read it; what is read is written again and read as the same."""
    try:
        document = from_json(text, "x.json")
    except Rejected as refusal:
        assert refusal.findings
        assert all(f.place.sheet.startswith("$") and f.place.file == "x.json" for f in refusal.findings)
    else:
        again = to_json(document)
        assert from_json(again) == document


# --- the published schemas ---


def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(kind), format_checker=FormatChecker(["date"]))


VALIDATORS = {kind: validator(kind) for kind in DOCUMENT_KINDS}


def test_counts_that_are_not_how_many_there_are() -> None:
    found = json.loads(to_json(ORDER))
    found["counts"]["pass"] = 2
    assert refused(found) == ["$.counts.pass"]


class TestSchemas:
    """What is written keeps to the published schema, and the reader refuses what the schema
    refuses."""

    @pytest.mark.parametrize("kind", DOCUMENT_KINDS)
    def test_they_are_schemas_that_stand_alone(self, kind: str) -> None:
        found = schema(kind)
        Draft202012Validator.check_schema(found)
        assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert found["$id"] == f"urn:grantcalc:{kind}:{FORMATS[kind]}"
        assert found["properties"]["grantcalc"]["const"] == kind
        used = {node["$ref"].removeprefix("#/$defs/") for node in nodes(found) if "$ref" in node}
        assert used == set(found["$defs"])

    def test_another_kind_is_not_known(self) -> None:
        with pytest.raises(Unknown, match="one of claim, entry, findings, order, request"):
            schema("../claim")

    def test_what_has_one_name_is_one_thing(self) -> None:
        """The schemas stand alone, so they repeat what they share."""
        shared: dict[str, Any] = {}
        for kind in DOCUMENT_KINDS:
            for name, found in schema(kind)["$defs"].items():
                assert shared.setdefault(name, found) == found

    @pytest.mark.parametrize("kind", DOCUMENT_KINDS)
    def test_every_object_is_closed_and_every_key_is_described(self, kind: str) -> None:
        whole = schema(kind)
        for node in [whole, *whole["$defs"].values()]:
            if node["type"] == "object":
                assert node["title"]
                assert node["description"]
                assert node["additionalProperties"] is False
        for node in nodes(whole):
            if node.get("type") == "object" and "properties" in node:
                for key, below in node["properties"].items():
                    target = whole["$defs"].get(below.get("$ref", "").removeprefix("#/$defs/"), {})
                    assert below.get("description") or target.get("description"), key
            if "pattern" in node:
                assert node["pattern"].startswith("^")
                assert node["pattern"].endswith("$")
                assert node["title"]

    @pytest.mark.parametrize(
        ("kind", "name", "cls", "elsewhere"),
        [
            ("claim", "", Claim, {"detail", "sources", "rates", "totals"}),
            ("request", "", Request, {"detail", "sources", "rates", "totals"}),
            ("claim", "line", Line, {"row"}),
            ("claim", "reduction", Reduction, set()),
            ("claim", "rate", Fact, {"row"}),
            ("claim", "participant", Participant, set()),
            ("claim", "party", Party, set()),
            ("claim", "term", TermUsed, set()),
            ("claim", "input", Input, set()),
            ("request", "figure", BooksFigure, set()),
            ("claim", "finding", Finding, set()),
            ("claim", "place", Place, set()),
            ("claim", "authority", Authority, set()),
            ("order", "", ComplianceReport, {"counts"}),
            ("order", "outcome", CheckResult, set()),
            ("order", "award_row", Source, set()),
        ],
        ids=lambda x: x.__name__ if isinstance(x, type) else None,
    )
    def test_no_field_is_forgotten(self, kind: str, name: str, cls: Any, elsewhere: set[str]) -> None:
        """A field that a value gains later must reach the format, or it would be lost in
        silence."""
        whole = schema(kind)
        node = whole["$defs"][name] if name else whole
        unsaid = {"columns"}  # of a source: only for findings at its cells
        unsaid |= {"source"} if cls is BooksFigure else set()  # a request names its inputs, not their rows
        said = {a.name for a in fields(cls)} - unsaid
        assert set(node["properties"]) - {"grantcalc", "format"} == said | elsewhere

    def test_no_field_of_an_entry_is_forgotten(self) -> None:
        """Each kind of act may say its own keys and no others."""
        whole = schema("entry")
        assert whole["properties"]["act"]["enum"] == list(ACTS)
        for then in whole["allOf"]:
            kind = ACTS[then["if"]["properties"]["act"]["const"]]
            own = {a.name for a in fields(kind)} - {"item"} | ({"reduction", "line"} if kind is Change else set())
            forbidden = {key for key, below in then["then"]["properties"].items() if below is False}
            others = {"grantcalc", "format", "no", "posted", "act", "head"}
            assert set(whole["properties"]) - forbidden - others == own
            assert set(then["then"]["required"]) <= own

    @each_document
    def test_what_was_billed_keeps_to_them(self, document: Document) -> None:
        found = json.loads(to_json(document))
        VALIDATORS[found["grantcalc"]].validate(found)

    @given(documents)
    def test_any_document_keeps_to_them(self, document: Document) -> None:
        found = json.loads(to_json(document))
        VALIDATORS[found["grantcalc"]].validate(found)

    @pytest.mark.parametrize(
        "change",
        [
            lambda d: d.pop("known"),
            lambda d: d.update(format=3),
            lambda d: d.update(grantcalc="request"),
            lambda d: d.update(more=1),
            lambda d: d["lines"][0].update(amount=425.81),
            lambda d: d["lines"][0].update(amount="425.8"),
            lambda d: d["lines"][0].update(participant={"issuer": "S1", "pseudonym": "A1"}),
            lambda d: d["lines"][0].update(row=7),
            lambda d: d["rates"]["R1"].update(row=7),
            lambda d: d["lines"][0].update(month="2019-13"),
            lambda d: d["lines"][0].pop("pool"),
            lambda d: d["parties"][0].update(region=11),
            lambda d: d.update(known="2012-02-30"),
        ],
    )
    def test_they_refuse_what_is_wrong(self, change: Callable[[Any], object]) -> None:
        found = json.loads(to_json(CLAIM.counted()))
        change(found)
        assert not VALIDATORS["claim"].is_valid(found)
        assert breaches(found, "claim")

    @given(st.data())
    def test_our_reader_and_jsonschema_agree(self, data: st.DataObject) -> None:
        """Of whatever has no number with a fraction: jsonschema holds 1.0 for a whole number, we do
        not."""
        found = data.draw(mutated(floats=False))
        for kind in DOCUMENT_KINDS:
            assert bool(breaches(found, kind)) is not VALIDATORS[kind].is_valid(found)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a schema, at any depth."""
    if isinstance(value, dict):
        yield value
    for below in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(below)


# --- data frames ---

LIBRARIES: tuple[Literal["pandas", "polars"], ...] = ("pandas", "polars")


def rows(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame of either library; what is missing is None."""
    if hasattr(frame, "to_dicts"):
        found: list[dict[str, Any]] = frame.to_dicts()
        return found
    return [
        {key: value if isinstance(value, str | int | Decimal | date) else None for key, value in row.items()}
        for row in frame.to_dict("records")
    ]


class TestFrames:
    """Lines as a data frame of pandas or polars: exact decimals, dates, and the sums of the
    document."""

    @pytest.mark.parametrize("library", LIBRARIES)
    @pytest.mark.parametrize("document", [CLAIM, CLAIM.counted(), REQUEST], ids=["detail", "counted", "request"])
    def test_each_line_is_a_row(self, document: Claim | Request, library: Literal["pandas", "polars"]) -> None:
        found = rows(to_frame(document, library))
        assert [list(row) for row in found] == [list(FRAME_COLUMNS)] * len(document.lines)
        for row, line in zip(found, document.lines, strict=True):
            assert row["participant"] == (line.participant.pseudonym if line.participant else None)
            assert (row["issuer"], row["subaward"], row["month"]) == (line.issuer, line.subaward, str(line.month))
            assert (row["quantity"], row["divisor"], row["count"], row["day"]) == (
                line.quantity,
                line.divisor,
                line.count,
                line.day,
            )
            assert (row["recipient"], row["subrecipient"], row["region"]) == ("Recipient", "Sub “One” <é>", 6)
            assert type(row["amount"]) is Decimal
            assert cents(money(0) + type(line.money)(row["amount"], "USD")) == line.amount
            assert row["rate"] == (line.rate.value.value if line.rate else None)
            assert row["rate_effective"] == (line.rate.effective if line.rate else None)
            assert row["citation"] == (str(RECORD) if line.rate else None)
            assert (row["category"], row["reference"]) == (line.category or None, line.reference or None)
            assert row["amount"] + row["held_back"] == row["allowed"]
        allowed = document.total if isinstance(document, Claim) else document.to_date
        assert sum(row["allowed"] for row in found) == allowed.amount
        assert sum(row["held_back"] for row in found) == document.held_back.amount != 0

    @pytest.mark.slow
    @given(claims() | asked())
    def test_both_libraries_say_the_same_of_any_document(self, document: Claim | Request) -> None:
        assert rows(to_frame(document, "pandas")) == rows(to_frame(document, "polars"))

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_no_lines_are_no_rows(self, library: Literal["pandas", "polars"]) -> None:
        frame = to_frame(evolve(CLAIM, lines=(), reductions=()), library)
        assert list(frame.columns) == list(FRAME_COLUMNS)
        assert rows(frame) == []

    def test_pandas_is_taken_first_and_polars_where_it_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert type(to_frame(CLAIM)).__module__.startswith("pandas")
        monkeypatch.setitem(sys.modules, "pandas", None)
        assert type(to_frame(CLAIM)).__module__.startswith("polars")

    def test_without_either_a_sentence_names_both(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "polars", None)
        with pytest.raises(ImportError, match=r"^a data frame needs pandas or polars, and polars is not installed$"):
            to_frame(CLAIM, "polars")
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(ImportError, match=r"^a data frame needs pandas or polars, and neither is installed$"):
            to_frame(CLAIM)

    def test_misuse(self) -> None:
        with pytest.raises(TypeError, match="not of a Ledger"):
            to_frame(LEDGER)  # type: ignore[arg-type]
        with pytest.raises(Unknown, match="one of pandas, polars"):
            to_frame(CLAIM, "dask")  # type: ignore[arg-type]
        with pytest.raises(Rejected, match="line that the document does not have"):
            to_frame(evolve(CLAIM, lines=()))


# --- docs/json.md ---


class TestPage:
    """What docs/json.md shows is what is written, and its code runs."""

    PAGE = ROOT / "docs" / "json.md"

    def blocks(self, language: str) -> list[str]:
        return re.findall(rf"```{language}\n(.*?)```", self.PAGE.read_text(encoding="utf-8"), re.DOTALL)

    def test_its_example_is_read_and_written_the_same(self) -> None:
        example, entry = self.blocks("json")
        assert to_json(from_json(entry)) == entry
        claim = from_json(example)
        assert isinstance(claim, Claim)
        assert to_json(claim) == example
        assert claim.lines[0].explain().startswith("3 × ROUND(20/31 × 600.00, 2) = 3 × 387.10 = 1,161.30")

    def test_its_code_runs(self) -> None:
        names: dict[str, Any] = {"claim": CLAIM, "asked": [REQUEST]}
        for code in self.blocks("python"):
            exec(compile(code, str(self.PAGE), "exec"), names)
        assert names["again"] == CLAIM

    def test_it_names_every_key(self) -> None:
        page = self.PAGE.read_text(encoding="utf-8")
        for kind in DOCUMENT_KINDS:
            whole = schema(kind)
            for node in [whole, *whole["$defs"].values()]:
                for key in node.get("properties", {}):
                    assert f"`{key}`" in page, key
