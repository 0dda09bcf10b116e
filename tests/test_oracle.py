"""The oracle itself: what it may import, and the worked figures of the rulebook."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from attrs import evolve

from grantcalc.awards import Award, BudgetPeriod, Organization, Subaward
from grantcalc.billing.caseload import Caseload, Cost, Count, Enrollment, Household, Registration
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import NotInForce
from grantcalc.known import Fact, Series
from grantcalc.money import Cents
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.provenance import Authority
from grantcalc.terms import Filling, Terms, fill_terms, load_terms
from tests.oracle import Bill, oracle, split_evenly, whole_months
from tests.oracle_provisions import to_the_cent

RECORD = Authority("a record of the test")
BEGIN, KNOWN = date(2018, 10, 1), date(2026, 1, 1)
SPAN = Interval(BEGIN, date(2025, 9, 30))
WHO = Participant("ORG", "P1")


def parsed(file: str) -> list[ast.ImportFrom | ast.Import | ast.Attribute]:
    """What a half of the oracle imports, and the attributes that it uses."""
    tree = ast.parse(Path(__file__).with_name(file).read_text(encoding="utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom | ast.Import | ast.Attribute)]


@pytest.mark.parametrize("file", ["oracle.py", "oracle_provisions.py", "oracle_requests.py"])
class TestImports:
    """The oracle imports value types only: of billing, the rows of a caseload and nothing else;
    that of requests starts from claims and their lines."""

    VALUES = frozenset(
        "awards billing.caseload eligibility errors known money network periods terms terms.values".split()
    )
    CLAIMS = frozenset(("billing.claims", "billing.lines", "provenance"))

    def test_modules(self, file: str) -> None:
        found = {n.module or "" for n in parsed(file) if isinstance(n, ast.ImportFrom)}
        found |= {alias.name for n in parsed(file) if isinstance(n, ast.Import) for alias in n.names}
        ours = {name.removeprefix("grantcalc.") for name in found if name.startswith("grantcalc")}
        assert ours <= self.VALUES | (self.CLAIMS if file == "oracle_requests.py" else frozenset())
        other_half = set() if file == "oracle_provisions.py" else {"tests.oracle_provisions"}
        assert {name for name in found if name.startswith(("tests", "pendulum", "moneyed"))} <= other_half

    def test_names(self, file: str) -> None:
        """Of those modules it takes types, and nothing that counts, rounds or looks up."""
        names = {
            alias.name
            for node in parsed(file)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("grantcalc")
            for alias in node.names
        }
        assert all(name[0].isupper() for name in names), names
        attributes = (node for node in parsed(file) if isinstance(node, ast.Attribute))
        used = {node.attr for node in attributes if ast.unparse(node.value) != "row"}  # a row's own fields are facts
        assert not used & {"extend", "as_known", "find", "at", "clip", "plus", "number", "award_of", "ancestors"}


def fillings(**choices: str | Decimal | int) -> list[Filling]:
    """What an award says where TVAP 2018 leaves it open."""
    said: dict[str, str | Decimal | int] = {
        "rate.certified": Decimal("500.00"),
        "rate.interim": Decimal("550.00"),
        "rate.pre_certification": Decimal("600.00"),
        "count": "any_day",
        "window": "federal_fiscal_year",
        "family": "on_any_day",
        "base": "authorized",
        **choices,
    }
    return [
        Filling(term=key, value=value, effective=BEGIN, published=BEGIN, authority=RECORD)
        for key, value in said.items()
    ]


def terms(count: str = "any_day", **choices: str) -> Terms:
    """TVAP 2018 filled; and administration reported at actual cost, so that a worked case can have
    any cent of it."""
    given = fill_terms(load_terms("tvap-2018"), fillings(count=count, **choices))
    expenses = given.service("participant_expenses")
    return evolve(given, services=(*given.services, evolve(expenses, id="filing", pool="administration")))


def network(given: Terms, amount: int | None = None) -> Network:
    plenty = Series("budget", [Fact(Cents(10**9), BEGIN, BEGIN, RECORD)])
    award = Award(
        fain="90ZV0101",
        recipient="US",
        agency="HHS",
        listing="93.598",
        awarded=BEGIN,
        period=SPAN,
        terms=given,
        budget_periods=(BudgetPeriod("ALL", SPAN, plenty),),
    )
    facts = [] if amount is None else [Fact(Cents(amount), BEGIN, BEGIN, RECORD)]
    subawards = tuple(
        Subaward(id=id, parent="90ZV0101", subrecipient="ORG", period=SPAN, amount=Series("amount", facts))
        for id in ("S-1", "S-2")
    )
    return Network(
        report_date=BEGIN,
        organizations=(Organization(id="US", name="Prime"), Organization(id="ORG", name="Sub")),
        awards=(award,),
        subawards=subawards,
    )


def enrolled(*spans: tuple[str, str], at: Sequence[str] = ()) -> tuple[Enrollment, ...]:
    """Days of 2024, written like 03-10."""
    places = [*at, *["S-1"] * len(spans)]
    return tuple(
        Enrollment(
            participant=WHO,
            subaward=place,
            days=Interval(date.fromisoformat(f"2024-{a}"), date.fromisoformat(f"2024-{b}")),
            published=BEGIN,
        )
        for place, (a, b) in zip(places, spans, strict=False)
    )


def case(
    enrollments: Sequence[Enrollment] = (),
    costs: Sequence[Cost] = (),
    letters: Sequence[Letter] = (),
    households: Sequence[Household] = (),
    counts: Sequence[Count] = (),
) -> Caseload:
    return Caseload(
        issuer="ORG",
        report_date=KNOWN,
        participants=(Registration(WHO),),
        letters=tuple(letters),
        households=tuple(households),
        enrollments=tuple(enrollments),
        costs=tuple(costs),
        counts=tuple(counts),
    )


def billed(given: Terms, load: Caseload, amount: int | None = None) -> Bill:
    return oracle([load], network(given, amount), Month(2025, 9))


def cost(amount: int, month: Month, service: str = "participant_expenses") -> Cost:
    return Cost(
        participant=WHO,
        subaward="S-1",
        service=service,
        category="food",
        amount=Cents(amount),
        paid=month.first,
        months=(month,),
        reference=f"{amount} {month}",
        published=BEGIN,
    )


class TestCounting:
    """Rulebook 3, the worked table of 2024."""

    @pytest.mark.parametrize(
        ("policies", "spans", "counted"),
        [
            ("any_day anniversary", [("03-10", "05-20")], {3: "1", 4: "1", 5: "1"}),
            ("first_day following_month", [("03-10", "05-20")], {4: "1", 5: "1"}),
            ("mid_month", [("03-10", "05-20")], {3: "1", 4: "1", 5: "1"}),
            ("actual_days", [("03-10", "05-20")], {3: "22/31", 4: "1", 5: "20/31"}),
            ("thirty_days", [("03-10", "05-20")], {3: "22/30", 4: "1", 5: "20/30"}),
            ("mid_month", [("03-16", "05-15")], {4: "1"}),
            ("anniversary", [("01-31", "04-30")], {1: "1", 2: "1", 3: "1", 4: "1"}),
            ("following_month", [("03-01", "03-31")], {}),
            ("from_start", [("03-10", "03-20")], {3: "22/31"}),
            ("actual_days", [("03-10", "03-20")], {3: "11/31"}),
            ("any_day anniversary", [("03-01", "03-09"), ("03-25", "03-31")], {3: "1"}),
            ("actual_days", [("03-01", "03-09"), ("03-25", "03-31")], {3: "16/31"}),
            ("once", [("03-10", "05-20")], {3: "1"}),
        ],
    )
    def test_table(self, policies: str, spans: list[tuple[str, str]], counted: dict[int, str]) -> None:
        for policy in policies.split():
            bill = billed(terms(policy), case(enrolled(*spans)))
            assert {line.month.month: line.quantity for line in bill.lines} == {
                month: Fraction(count) for month, count in counted.items()
            }

    def test_a_calendar_month_may_hold_two(self) -> None:
        """Months that run from 10 January; of the second, the first enrolled day is 1 March."""
        days = {date(2024, 1, 10): "", date(2024, 3, 1): "", date(2024, 3, 10): ""}
        months = [month for month, _, _ in whole_months("anniversary", days, set(), min(days))]
        assert months == [Month(2024, 1), Month(2024, 3), Month(2024, 3)]

    def test_two_subawards(self) -> None:
        """A whole-month policy picks one payee; a proportional policy gives each part count × own
        days ÷ d (3.1)."""
        rows = enrolled(("03-01", "03-10"), ("03-11", "03-31"), at=("S-1", "S-2"))
        assert [line.subaward for line in billed(terms("any_day"), case(rows)).lines] == ["S-1"]
        assert [line.subaward for line in billed(terms("any_day", payee="last"), case(rows)).lines] == ["S-2"]
        parts = {line.subaward: line.quantity for line in billed(terms("actual_days"), case(rows)).lines}
        assert parts == {"S-1": Fraction(10, 31), "S-2": Fraction(21, 31)}


class TestPhases:
    """Rulebook 4: the phase of a day, of a month, and the paid months of a phase."""

    LETTER = Letter(participant=WHO, kind="certification_letter", days=Interval(date(2024, 4, 15)), published=BEGIN)

    def test_each_enrolled_day_has_one(self) -> None:
        bill = billed(terms("actual_days"), case(enrolled(("04-01", "04-30")), letters=[self.LETTER]))
        assert {line.phase: (line.quantity, line.amount) for line in bill.lines} == {
            "pre_certification": (Fraction(14, 30), 28000),
            "certified": (Fraction(16, 30), 26667),
        }

    @pytest.mark.parametrize(("rule", "amount"), [("first", 60000), ("last", 50000), ("better_paid", 60000)])
    def test_of_a_month(self, rule: str, amount: int) -> None:
        given = terms("any_day", phase_of_month=rule)
        bill = billed(given, case(enrolled(("04-01", "04-30")), letters=[self.LETTER]))
        assert [line.amount for line in bill.lines] == [amount]

    def test_paid_months(self) -> None:
        """Month N+1 yields a line of quantity 0 with the reason (4.3); breaks do not begin the
        count anew."""
        given = fill_terms(load_terms("tvap-2018"), fillings(**{"months.pre_certification": 2}))
        bill = billed(given, case(enrolled(("01-05", "01-20"), ("03-01", "04-30"))))
        assert [(line.month.month, int(line.quantity), line.unpaid) for line in bill.lines] == [
            (1, 1, False),
            (3, 1, False),
            (4, 0, True),
        ]


class TestLine:
    """Rulebook 5 and 6: rounded once, half away from zero; split to the cent."""

    @pytest.mark.parametrize(
        ("quantity", "rate", "amount"),
        [("20/31", "600", 38710), ("22/31", "600.00", 42581), ("5", "8.94125", 4471), ("154", "0.2375", 3658)],
    )
    def test_extension(self, quantity: str, rate: str, amount: int) -> None:
        assert to_the_cent(100 * Fraction(quantity) * Fraction(rate)) == amount

    def test_half_away_from_zero(self) -> None:
        assert [to_the_cent(Fraction(n, 2)) for n in (-3, -1, 1, 3)] == [-2, -1, 1, 2]

    def test_three_times_twenty_days(self) -> None:
        """3 × 20/31 × 600 is 1,161.30, not 1,161.29."""
        assert 3 * to_the_cent(100 * Fraction(20, 31) * 600) == 116130

    def test_split(self) -> None:
        assert split_evenly(10000, 3) == [3334, 3333, 3333]
        assert split_evenly(-10000, 3) == [-3334, -3333, -3333]

    def test_rates_have_two_dates(self) -> None:
        """An amendment of April, published in September, yields from July to a rate published in
        June (2.3)."""
        rates = [(Decimal(600), 1, 1), (Decimal(700), 7, 6), (Decimal(650), 4, 9)]
        dated = [
            Filling(
                term="rate.pre_certification",
                value=rate,
                effective=date(2024, effective, 1),
                published=date(2024, published, 1),
                authority=RECORD,
            )
            for rate, effective, published in rates
        ]
        others = [f for f in fillings() if f.term != "rate.pre_certification"]
        given = fill_terms(load_terms("tvap-2018"), [*others, *dated])
        load = case(enrolled(("03-01", "08-31")))
        for known, amounts in ((date(2024, 8, 31), [600] * 4 + [700] * 2), (KNOWN, [600] + [650] * 3 + [700] * 2)):
            bill = oracle([load], network(given), Month(2024, 8), known)
            assert [line.amount for line in bill.lines] == [100 * amount for amount in amounts]

    def test_never_zero(self) -> None:
        """Where none holds, that is a refusal (2.4)."""
        others = [f for f in fillings() if f.term != "rate.pre_certification"]
        late = Filling(
            term="rate.pre_certification",
            value=Decimal(600),
            effective=date(2024, 4, 1),
            published=BEGIN,
            authority=RECORD,
        )
        given = fill_terms(load_terms("tvap-2018"), [*others, late])
        with pytest.raises(NotInForce) as refusal:
            billed(given, case(enrolled(("03-10", "05-20"))))
        assert refusal.value.day == date(2024, 3, 10)

    def test_bare_counts(self) -> None:
        count = Count(
            subaward="S-1",
            service="case_management",
            phase="interim",
            month=Month(2024, 3),
            quantity=7,
            published=BEGIN,
        )
        bill = billed(terms(), case(counts=[count]))
        assert [(int(line.quantity), line.amount, line.participant) for line in bill.lines] == [(7, 385000, None)]


JAN, FEB = Month(2024, 1), Month(2024, 2)


class TestCeilings:
    """Rulebook 7: the worked cases of 7.6, and what each rule adds to them."""

    @pytest.mark.parametrize(
        ("family", "base", "administration", "direct", "held"),
        [
            (False, "authorized", (240000, JAN), (360000, JAN), {}),
            (False, "authorized", (240001, JAN), (359999, JAN), {"administration": 1}),
            (False, "authorized", (0, JAN), (600001, JAN), {"direct": 1}),
            (False, "authorized", (250000, JAN), (400000, FEB), {"administration": 10000, "direct": 40000}),
            (True, "authorized", (300000, JAN), (300000, JAN), {}),
            (True, "claimed", (300000, JAN), (300000, JAN), {"administration": 100000}),
            (False, "claimed", (500000, JAN), (200000, JAN), {"administration": 366667}),
        ],
    )
    def test_worked(
        self,
        family: bool,
        base: str,
        administration: tuple[int, Month],
        direct: tuple[int, Month],
        held: dict[str, int],
    ) -> None:
        costs = [cost(administration[0], administration[1], "filing"), cost(direct[0], direct[1])]
        households = (
            [Household(participant=WHO, days=Interval(date(2024, 1, 1)), family=1, published=BEGIN)] if family else []
        )
        bill = billed(terms(base=base), case(costs=[c for c in costs if c.amount], households=households))
        found: dict[str, int] = {}
        for hold in bill.holds:
            found[hold.line.pool] = found.get(hold.line.pool, 0) + hold.amount
        assert found == held

    def test_credits_first_and_subaward(self) -> None:
        """Credits first, never limited; the line that crosses is limited in part (7.2)."""
        load = case(costs=[cost(5000, JAN), cost(9000, FEB), cost(-1000, FEB)])
        bill = billed(terms("any_day"), load, amount=10000)
        assert [(hold.ceiling, hold.window, hold.line.month, hold.amount) for hold in bill.holds] == [
            ("subaward S-1", "subaward period", FEB, 3000)
        ]
        assert bill.total == 10000

    def test_tested_again_after_every_wider_ceiling(self) -> None:
        """Base claimed is tested again on what then stands, and room so left is not filled again
        (7.5)."""
        load = case(costs=[cost(6000, FEB), cost(4000, JAN, "filing"), cost(2000, Month(2024, 3), "filing")])
        bill = billed(terms(base="claimed"), load, amount=7000)
        allowed = {line.month: line.amount for line in bill.lines}
        for hold in bill.holds:
            allowed[hold.line.month] -= hold.amount
        assert allowed == {JAN: 2000, FEB: 3000, Month(2024, 3): 0}
