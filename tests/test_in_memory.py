"""Values made in memory: what the workbook reader refuses is refused of them too, and a wrong type
is a TypeError (Rulebook 2.7)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve, fields

import grantcalc
from grantcalc import Caseload, Claim, GrantcalcError, Ledger, Month, Network, Rejected, bill, requests
from grantcalc.awards import Amendment
from grantcalc.billing import Absence, Count, OpeningBalance, Registration, UnitsUsed
from grantcalc.eligibility import Letter
from grantcalc.io import read_workbooks
from grantcalc.known import Fact, Series
from grantcalc.money import Cents, cents
from grantcalc.periods import Interval
from grantcalc.provenance import Authority
from tests.worked import COSTS, terms
from tests.worlds import (
    FAIN,
    LONG_AGO,
    Sub,
    absent,
    asked,
    billed,
    caseload,
    cost,
    day,
    days,
    disallowed,
    enrolled,
    network,
    obligated,
    who,
)

P = who("P-1")
CHANGE: Any = evolve  # what type checkers refuse is given on purpose
MODULES = ("", ".awards", ".billing", ".eligibility", ".io", ".ledger", ".network", ".periods", ".provenance")
MADE: Any = SimpleNamespace(
    **{
        name: getattr(module, name)
        for module in (import_module(f"grantcalc{name}") for name in MODULES)
        for name in module.__all__
    }
)
OF = network(terms(COSTS))
LOAD = caseload([P], costs=[cost(P, 40000, "2024-03")])
SERVICE = '[services.care]\ntitle = "Care"\npool = "direct"\ncite = "m"\ncount = "any_day"\n'
CARE = network(terms(SERVICE + 'rates = [{ value = "500.00 USD", @ }]\n'))


def causes(load: Any = LOAD, of: Network = OF) -> set[tuple[str, str]]:
    """Why billing is refused: causes, and what is wrong."""
    with pytest.raises(Rejected) as refused:
        billed(load, of, "2024-03")
    return {(f.cause, f.problem) for f in refused.value.findings if f.severity == "error"}


class TestCaseload:
    """What the reader refuses in a cell, `bill` refuses of a row made in memory, with the same
    cause and words."""

    @pytest.mark.parametrize(
        ("rows", "cause", "problem"),
        [
            (
                {
                    "letters": [
                        Letter(participant=P, kind="certificate", days=days("2024-01-01", None), published=LONG_AGO)
                    ]
                },
                "word",
                "this is not a known letter",
            ),
            ({"absences": [absent(P, "2024-03-01", kind="away")]}, "word", "this is not a known kind"),
            (
                {
                    "openings": [
                        OpeningBalance(
                            participant=P,
                            award=FAIN,
                            published=LONG_AGO,
                            window="BP",
                            pool="indirect",
                            amount=Cents(100),
                        )
                    ]
                },
                "word",
                "this is not a known pool",
            ),
            (
                {
                    "absences": [
                        Absence(
                            participant=P, kind="other", days=days("2024-03-01", None), published=LONG_AGO, hours=-1
                        )
                    ]
                },
                "count",
                "a count of persons cannot be negative",
            ),
            (
                {
                    "units": [
                        UnitsUsed(
                            participant=P,
                            subaward="S-1",
                            service="care",
                            day=day("2024-03-01"),
                            quantity=-3,
                            published=LONG_AGO,
                        )
                    ]
                },
                "count",
                "a count of persons cannot be negative",
            ),
            (
                {"costs": [evolve(cost(P, -100, "2024-03"), months=())]},
                "credit",
                "a credit must name the service month of what it corrects",
            ),
        ],
    )
    def test_refused(self, rows: dict[str, Any], cause: str, problem: str) -> None:
        assert (cause, problem) in causes(caseload([P], **rows))

    def test_a_count_below_zero(self) -> None:
        """A count of -3 at 500.00 would bill -1,500.00."""
        counts = [
            Count(subaward="S-1", service="care", phase="", month=Month(2024, 3), quantity=-3, published=LONG_AGO)
        ]
        assert causes(caseload([], counts=counts), CARE) == {("count", "a count of persons cannot be negative")}

    @pytest.mark.parametrize("code", ["123-45-6789", "A123456789", "jane@example.org", "1990-05-04", "Jane Doe"])
    def test_a_code_that_identifies(self, code: str) -> None:
        with pytest.raises(Rejected) as refused:
            billed(caseload([who(code)]), OF, "2024-03")
        assert [f.cause for f in refused.value.findings] == ["pseudonym"]
        assert code not in str(refused.value)

    @pytest.mark.parametrize("issuer", ["", "A, B"])
    def test_an_issuer_that_no_claim_can_list(self, issuer: str) -> None:
        assert causes(Caseload(issuer=issuer, report_date=LONG_AGO)) <= {
            ("empty", "Issuer must not be empty"),
            ("issuer", "an issuer must not contain a comma, because claims list issuers with commas"),
        }


class TestNetwork:
    """What the reader refuses of an award workbook, `bill` refuses of a network made in memory."""

    def test_one_award_twice(self) -> None:
        """It would pay 800.00 for 400.00."""
        assert causes(of=evolve(OF, awards=OF.awards * 2)) == {("twice", "this award is listed twice")}

    @pytest.mark.parametrize("rows", ["organizations", "subawards"])
    def test_listed_twice(self, rows: str) -> None:
        assert {cause for cause, _ in causes(of=evolve(OF, **{rows: getattr(OF, rows) * 2}))} == {"twice"}

    @pytest.mark.parametrize(
        ("change", "cause"),
        [
            ({"organizations": ()}, "reference"),
            ({"subawards": (evolve(OF.subawards[0], parent="S-9"),)}, "reference"),
            ({"subawards": (evolve(OF.subawards[0], parent="S-1"),)}, "reference"),
            ({"subawards": (evolve(OF.subawards[0], id=FAIN),)}, "twice"),
            ({"subawards": (evolve(OF.subawards[0], period=days("2020-01-01", "2024-03-01")),)}, "outside_award"),
            ({"subawards": (evolve(OF.subawards[0], amount=obligated(-1)),)}, "below_zero"),
            (
                {
                    "amendments": (
                        Amendment(
                            of="S-9",
                            budget_period="",
                            reference="M-1",
                            amount=Cents(100),
                            effective=LONG_AGO,
                            published=LONG_AGO,
                        ),
                    )
                },
                "reference",
            ),
            (
                {
                    "amendments": (
                        Amendment(
                            of=FAIN,
                            budget_period="BP9",
                            reference="M-1",
                            amount=Cents(100),
                            effective=LONG_AGO,
                            published=LONG_AGO,
                        ),
                    )
                },
                "reference",
            ),
            (
                {
                    "amendments": (
                        Amendment(
                            of="S-1",
                            budget_period="",
                            reference="M-1",
                            amount=Cents(-1),
                            effective=LONG_AGO,
                            published=LONG_AGO,
                        ),
                    )
                },
                "below_zero",
            ),
            ({"disallowances": (disallowed(100, "2024-03", "care"),)}, "service"),
            ({"awards": (evolve(OF.awards[0], fain="an award"),)}, "shape"),
            ({"awards": (evolve(OF.awards[0], budget_periods=()),)}, "budget_period"),
            ({"awards": (evolve(OF.awards[0], budget_periods=OF.awards[0].budget_periods * 2),)}, "twice"),
            ({"awards": (evolve(OF.awards[0], period=days("2024-01-01", "2024-06-30")),)}, "budget_period"),
        ],
    )
    def test_refused(self, change: dict[str, Any], cause: str) -> None:
        assert cause in {cause for cause, _ in causes(of=evolve(OF, **change))}

    def test_amendments_count(self) -> None:
        """300.00 are obligated for S-1, and 250.00 by an amendment; of the award 200.00 by
        another."""
        of = network(terms(COSTS), (Sub("S-1", 30000),))
        of = evolve(
            of,
            amendments=(
                Amendment(
                    of="S-1",
                    budget_period="",
                    reference="M-1",
                    amount=Cents(25000),
                    effective=day("2024-02-01"),
                    published=LONG_AGO,
                ),
            ),
        )
        assert cents(billed(LOAD, of, "2024-03").total) == 25000
        of = evolve(
            of,
            amendments=(
                *of.amendments,
                Amendment(
                    of=FAIN,
                    budget_period="BP",
                    reference="M-2",
                    amount=Cents(20000),
                    effective=day("2024-02-01"),
                    published=LONG_AGO,
                ),
            ),
        )
        assert cents(asked(billed(LOAD, of, "2024-03"), of).amount) == 20000

    def test_amendments_count_once(self) -> None:
        of = evolve(
            OF,
            amendments=(
                Amendment(
                    of="S-1",
                    budget_period="",
                    reference="M-1",
                    amount=Cents(25000),
                    effective=day("2024-02-01"),
                    published=LONG_AGO,
                ),
            ),
        )
        assert evolve(of, label="again").subawards == of.subawards
        assert len(of.subawards[0].amount.facts) == 1


class TestRows:
    """Rows may come in any iterable, and become a tuple."""

    def test_a_generator(self) -> None:
        """It would bill 0.00."""
        stays = (enrolled(P, "2024-03-01", "2024-03-31") for _ in range(1))
        load = Caseload(issuer="SITE", report_date=LONG_AGO, participants=[Registration(P)], enrollments=stays)  # type: ignore[arg-type]
        assert isinstance(load.enrollments, tuple)
        for _ in range(2):
            assert cents(bill((load for _ in range(1)), CARE, Month(2024, 3), day("2024-04-01")).total) == 50000

    @pytest.mark.parametrize(
        "made",
        [
            lambda: Network(
                report_date=LONG_AGO,
                organizations=[*OF.organizations],  # type: ignore[arg-type]
                awards=[*OF.awards],  # type: ignore[arg-type]
                subawards=[*OF.subawards],  # type: ignore[arg-type]
            ),
            lambda: CHANGE(OF, awards=(CHANGE(a, budget_periods=iter(a.budget_periods)) for a in OF.awards)),
            lambda: CHANGE(OF, subawards=[CHANGE(s, reported_by=[*s.reported_by]) for s in OF.subawards]),
        ],
    )
    def test_a_network(self, made: Callable[[], Network]) -> None:
        assert made() == OF

    def test_a_claim(self) -> None:
        claim = billed(LOAD, OF, "2024-03")
        values = {f.name: getattr(claim, f.name) for f in fields(Claim)}
        again = MADE.Claim(**{name: [*value] if isinstance(value, tuple) else value for name, value in values.items()})
        assert again == claim
        hash(again)


class TestTypes:
    """A value of a wrong type raises TypeError, or a refusal of ours, and never AttributeError."""

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: MADE.Registration("P-1"), "participant of Registration must be Participant, not str"),
            (
                lambda: MADE.Caseload(issuer="A", report_date="2024-01-01"),
                "report_date of Caseload must be date, not str",
            ),
            (
                lambda: MADE.Caseload(issuer="A", report_date=datetime(2024, 1, 1)),
                "report_date of Caseload must be date, not datetime",
            ),
            (
                lambda: MADE.Caseload(issuer="A", report_date=LONG_AGO, costs="costs"),
                r"costs of Caseload must be tuple\[Cost, ...\], not str",
            ),
            (
                lambda: MADE.Caseload(issuer="A", report_date=LONG_AGO, costs=[1]),
                r"costs of Caseload must be tuple\[Cost, ...\], not tuple",
            ),
            (
                lambda: MADE.Count(
                    subaward="S", service="s", phase="", month=Month(2024, 1), quantity=True, published=LONG_AGO
                ),
                "quantity of Count must be int, not bool",
            ),
            (lambda: MADE.Registration(P, "adolescent"), "age_group of Registration must be Literal"),
            (lambda: MADE.BudgetPeriod("BP", Interval(LONG_AGO), 100), "amount of BudgetPeriod must be Series"),
            (
                lambda: MADE.BudgetPeriod(
                    "BP", Interval(LONG_AGO), Series("amount", [Fact(100, LONG_AGO, LONG_AGO, Authority("x"))])
                ),
                "an amount must be Money, or Cents",
            ),
            (lambda: MADE.bill("A", OF, Month(2024, 3)), "caseloads of bill must be"),
            (lambda: MADE.bill(LOAD, OF, "2024-03"), "through of bill must be Month, not str"),
            (lambda: read_workbooks("award.xlsx"), "workbooks of read_workbooks must be"),
        ],
    )
    def test_what_is_said(self, make: Callable[[], object], message: str) -> None:
        with pytest.raises(TypeError, match=message):
            make()

    @pytest.mark.parametrize("name", [n for n in grantcalc.__all__ if callable(getattr(grantcalc, n))])
    @pytest.mark.parametrize("wrong", [object(), 7, "text", None, ()], ids=lambda wrong: type(wrong).__name__)
    def test_every_public_callable(self, name: str, wrong: object) -> None:
        """All its parameters, then each by itself beside fitting ones."""
        call = getattr(grantcalc, name)
        if isinstance(call, type) and issubclass(call, GrantcalcError):
            return
        parameters = [
            p for p in inspect.signature(call).parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        ]
        needed = [p.name for p in parameters if p.default is p.empty]
        tries = [dict.fromkeys(needed, wrong)]
        for p in parameters:
            fitting = {key: FITTING[key] for key in needed if key in FITTING}
            if p.name not in ("path", "target", "source_of") and len(fitting) == len(needed):
                tries.append({**fitting, p.name: wrong})
        for given in tries:
            try:
                call(**given)
            except (TypeError, ValueError, OSError, GrantcalcError):
                continue


CLAIM: Claim = billed(LOAD, OF, "2024-03")
LEDGER = Ledger().post(CLAIM)
FITTING: dict[str, Any] = {
    "caseloads": LOAD,
    "network": OF,
    "through": Month(2024, 3),
    "ledger": LEDGER,
    "claim": CLAIM,
    "claims": [CLAIM],
    "before": CLAIM,
    "after": CLAIM,
    "award": FAIN,
    "budget_period": "BP",
    "request": requests(LEDGER, OF)[0],
    "changes": {},
    "document": CLAIM,
    "terms": OF.awards[0].terms,
    "fillings": (),
}
