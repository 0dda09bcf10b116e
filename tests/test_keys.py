"""Rulebook 2.6: what a second row with the same key means, sheet by sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.awards import (
    Amendment,
    Award,
    BooksFigure,
    BudgetPeriod,
    Disallowance,
    FormEntry,
    Organization,
    Subaward,
)
from grantcalc.billing.caseload import (
    ROWS,
    Absence,
    Caseload,
    Characteristic,
    Cost,
    Count,
    DisallowedCost,
    Enrollment,
    Household,
    OpeningBalance,
    PersonStatus,
    Registration,
    SiteFigure,
    UnitsUsed,
)
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.elsewhere import EnrolledElsewhere
from grantcalc.compliance.record import AwardRecord, BudgetLine, ComplianceRecord, FiscalYear, SubawardRecord, Transfer
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Rejected, WorkbookRejected
from grantcalc.io.inputs import read_award, read_caseload, read_record
from grantcalc.keys import KEYS, repeated
from grantcalc.ledger.adjustments import adjust
from grantcalc.ledger.ledger import Ledger
from grantcalc.money import Cents
from grantcalc.network import Area, Network
from grantcalc.outreach.objectives import Reported
from grantcalc.periods import Interval, Month
from grantcalc.provenance import facts_digest
from grantcalc.regions import REGIONS
from grantcalc.terms import Filling
from grantcalc.xlsx.reader import collect_warnings
from tests import sample_program
from tests.sample_program import FAIN
from tests.worked import COSTS, KNOWN, case

ROOT = Path(__file__).parent.parent
WHO = Participant("SITE", "P-1")
MARCH, FIRST, DAY = Month(2024, 3), date(2024, 3, 1), timedelta(days=1)
TOLD = date(2024, 6, 1)
"""The first day on which rows of these tests may be published."""
TERMS = """
[phases]
certified = ["certification_letter"]
waiting = []
[services.bed]
title = "Bed day, the lesser of 40.00 and the daily cost, half more for each family member"
pool = "direct"
cite = "m"
count = "day"
rates = [{ value = "40.00 USD", @ }]
lesser_of = [{ figure = "daily_cost", value = 1.00, @ }]
deduct = [{ figure = "share", whose = "participant", value = 1.00, @ }]
uplift = [{ per = "family", value = 0.50, @ }]
absence = [{ kind = "other", unit = "day", per = "stay", beyond = "cut", value = 0, @ }]
[services.meal]
title = "Meals"
pool = "direct"
cite = "m"
count = "unit"
rates = [{ unit = "lunch", value = "3.00 USD", @ }]
[services.month]
title = "Month"
pool = "administration"
cite = "m"
count = "any_day"
rates = [{ phase = "certified", value = "100.00 USD", @ }, { phase = "waiting", value = "50.00 USD", @ }]
[services.rent]
title = "Rent"
pool = "direct"
cite = "m"
count = "actual_cost"
served_days = [{ status = "us_citizen", value = 0, @ }]
[ceilings.person]
title = "Ceiling"
cite = "m"
window = "award"
amounts = [{ tier = "alone", value = "1000.00 USD", @ }]
"""
BASE = """
participants = [{ id = "P-1" }]
statuses = [{ participant = "P-1", status = "other", effective = 2020-01-01, published = 2020-01-01 }]
enrollments = [{ participant = "P-1", service = "bed", start = 2024-03-01, end = 2024-03-10, published = 2024-05-01 },
    { participant = "P-1", service = "meal", start = 2024-03-01, end = 2024-03-31, published = 2024-05-01 },
    { participant = "P-1", service = "month", start = 2024-03-20, end = 2024-03-31, published = 2024-05-01 }]
figures = [{ figure = "daily_cost", value = "30.00", effective = 2024-01-01, published = 2024-05-01 }]
characteristics = [
    { participant = "P-1", characteristic = "share", number = 0, effective = 2024-01-01, published = 2024-01-01 },
]
costs = [{ participant = "P-1", service = "rent", amount = "300.00 USD", month = "2024-03", published = 2024-05-01 }]
"""


def some_days(value: int, start: date = FIRST) -> Interval:
    return Interval(start, start + value * DAY)


MAKE: Mapping[str, Callable[[int], Any]] = {
    "statuses": lambda n: PersonStatus(
        participant=WHO, status="us_citizen" if n % 4 == 1 and n < 5 else "other", effective=FIRST, published=TOLD
    ),
    "letters": lambda n: Letter(
        participant=WHO, kind="certification_letter", days=some_days(n, date(2024, 3, 18)), published=TOLD
    ),
    "households": lambda n: Household(participant=WHO, days=some_days(30), family=n, published=TOLD),
    "enrollments": lambda n: Enrollment(
        participant=WHO, subaward="S-1", days=some_days(n, date(2024, 3, 15)), published=TOLD, service="bed"
    ),
    "counts": lambda n: Count(
        subaward="S-1", service="meal", phase="waiting", month=MARCH, quantity=n, published=TOLD, unit="lunch"
    ),
    "units": lambda n: UnitsUsed(
        participant=WHO, subaward="S-1", service="meal", day=FIRST, quantity=n, published=TOLD, unit="lunch"
    ),
    "absences": lambda n: Absence(participant=WHO, kind="other", days=some_days(n), published=TOLD),
    "figures": lambda n: SiteFigure(
        subaward="S-1", name="daily_cost", value=Decimal(10 + n), effective=FIRST, published=TOLD
    ),
    "characteristics": lambda n: Characteristic(
        participant=WHO, characteristic="share", number=Decimal(n), effective=FIRST, published=TOLD
    ),
    "openings": lambda n: OpeningBalance(
        participant=WHO,
        award="CASE-1",
        published=TOLD,
        window="award",
        pool="direct",
        amount=Cents(60_000 + 1000 * n if n else 0),
    ),
}
"""A row of each sheet of facts, of one key, that says a number; each changes what is billed."""


WORLD = case(TERMS, BASE)


def billed(known: date, **rows: tuple[Any, ...]) -> Claim:
    held = {kind: (*getattr(WORLD.caseload, kind), *more) for kind, more in rows.items()}
    return bill(evolve(WORLD.caseload, **held), WORLD.network, MARCH, known)  # type: ignore[arg-type]  # by name


def amounts(claim: Claim) -> list[tuple[object, ...]]:
    lines = [(x.service, x.phase, x.category, x.day, x.quantity, x.amount) for x in claim.lines]
    return [*sorted(lines, key=str), *((x.name, x.amount) for x in claim.reductions)]


class TestFacts:
    """Of the rows with one key that were published by `known`, the one published last holds; a 0,
    or void, takes it back. The same row twice counts once. The order of rows changes nothing."""

    @given(
        st.sampled_from(sorted(MAKE)),
        st.dictionaries(st.integers(0, 4), st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=4),
        st.integers(-1, 5),
        st.randoms(use_true_random=False),
    )
    def test_what_the_table_says(self, kind: str, told: dict[int, tuple[int, bool]], known: int, order: Any) -> None:
        rows = [
            evolve(MAKE[kind](value), void=void, published=TOLD + day * DAY)
            for day, (value, void) in told.items()
            for _ in range(1 + order.randrange(2))
        ]
        order.shuffle(rows)
        seen = [day for day in told if day <= known]
        value, void = told[max(seen)] if seen else (0, True)
        alone = () if void else (MAKE[kind](value),)
        expected = billed(KNOWN, **{kind: alone})
        assert amounts(billed(TOLD + known * DAY, **{kind: tuple(rows)})) == amounts(expected)

    @pytest.mark.parametrize("kind", sorted(MAKE))
    def test_each_sheet_says_something(self, kind: str) -> None:
        """Or the property would prove nothing."""
        one, other = (amounts(billed(KNOWN, **{kind: (MAKE[kind](n),)})) for n in (1, 5))
        assert one != other

    @pytest.mark.parametrize("kind", sorted(MAKE))
    def test_two_that_differ_have_no_order(self, kind: str) -> None:
        """The same key and the same Published with another value is an error, in memory too."""
        with pytest.raises(Rejected) as refused:
            billed(KNOWN, **{kind: (MAKE[kind](1), MAKE[kind](2))})
        assert [f.cause for f in refused.value.findings] == ["same_dates"]
        later = evolve(MAKE[kind](2), published=KNOWN + DAY), evolve(MAKE[kind](1), published=KNOWN + DAY)
        assert billed(KNOWN, **{kind: later}).lines, "nobody knows of them yet"

    @pytest.mark.parametrize("kind", sorted(MAKE))
    def test_the_same_row_twice_is_told(self, kind: str) -> None:
        claim = billed(KNOWN, **{kind: (MAKE[kind](3), MAKE[kind](3))})
        assert [(f.cause, f.severity) for f in claim.notes] == [("repeated", "warning")]

    def test_a_count_that_was_restated(self) -> None:
        """10 known on 1 June, 12 known on 1 July: 10 as known in June, 12 as known in July, never
        22."""
        ten, twelve = MAKE["counts"](10), evolve(MAKE["counts"](12), published=date(2024, 7, 1))
        base = sum(x.amount for x in billed(KNOWN).lines)
        for known, count in ((date(2024, 5, 31), 0), (TOLD, 10), (date(2024, 6, 30), 10), (date(2024, 7, 1), 12)):
            claim = billed(known, counts=(ten, twelve))
            assert sum(x.amount for x in claim.lines) == base + count * 300

    def test_a_restated_count_is_adjusted(self) -> None:
        """8.1: the ledger gets the difference, because of enrollments and counts; then nothing
        more."""
        load = evolve(WORLD.caseload, openings=(), costs=(), counts=(MAKE["counts"](10),))
        ledger = Ledger().post(bill(load, WORLD.network, MARCH, TOLD))
        new = evolve(load, counts=(MAKE["counts"](10), evolve(MAKE["counts"](12), published=TOLD + DAY)))
        found = adjust(ledger, new, WORLD.network, MARCH, TOLD + DAY)
        assert {reason: a + b for reason, (_, a, b) in found.by_reason().items()} == {"enrollment": 600}
        ledger = ledger.post(found.claim, changes=found.changes)
        assert not adjust(ledger, new, WORLD.network, MARCH, TOLD + DAY).changes

    def test_openings_of_different_sources_add_up(self) -> None:
        used = [
            OpeningBalance(
                participant=WHO,
                award="CASE-1",
                published=TOLD,
                window="award",
                pool="direct",
                amount=Cents(50_000),
                given_by=site,
            )
            for site in ("B", "C", "B")
        ]
        held = [billed(KNOWN, openings=tuple(used[:n])).held_back.amount for n in (1, 2, 3)]
        assert held == [Decimal("-150.00"), Decimal("-650.00"), Decimal("-650.00")]

    @given(st.permutations([1, 2, 3]), st.integers(0, 3))
    def test_budget_rows(self, days: list[int], known: int) -> None:
        """The record of an award as known: the amount published last, and none after 0."""
        rows = [
            BudgetLine(fain="A", category="rent", amount=(3 - n) * 100, in_mtdc=True, published=TOLD + n * DAY)
            for n in days
        ]
        found = ComplianceRecord(budget=tuple(rows)).as_known(TOLD + known * DAY).budget
        assert [row.amount for row in found] == {0: [], 1: [200], 2: [100], 3: []}[known]


class TestDisallowedCosts:
    """The cost that a disallowance is named to be of: the row published last holds, and a void one
    names none."""

    WORLD = case(COSTS, 'participants = [{ id = "P-1" }]\n')

    @given(
        st.dictionaries(st.integers(0, 3), st.tuples(st.sampled_from("12"), st.booleans()), max_size=3),
        st.integers(-1, 4),
        st.randoms(use_true_random=False),
    )
    def test_what_the_table_says(self, told: dict[int, tuple[str, bool]], known: int, order: Any) -> None:
        rows = [
            DisallowedCost(number="D-1", reference=f"V-{cost}", void=void, published=TOLD + day * DAY)
            for day, (cost, void) in told.items()
            for _ in range(1 + order.randrange(2))
        ]
        order.shuffle(rows)
        taken = Disallowance(
            subaward="S-1", service="costs", month=MARCH, amount=Cents(400), reference="D-1", published=TOLD - DAY
        )
        of = evolve(self.WORLD.network, disallowances=(taken,))
        costs = tuple(evolve(COST, service="costs", reference=f"V-{n}", published=TOLD - DAY) for n in (1, 2, 3))
        load = evolve(self.WORLD.caseload, costs=costs, disallowed=tuple(rows))
        claim = bill(load, of, MARCH, TOLD + known * DAY)
        seen = [day for day in told if day <= known]
        cost, void = told[max(seen)] if seen else ("", True)
        reduced = "V-3" if void else f"V-{cost}"  # the last in the order of filling, where none is named
        assert [(x.line.reference, x.amount) for x in claim.reductions] == [(reduced, -400)]


def _rate(network: Network, known: date) -> object:
    (series,) = (s for key, s in network.awards[0].terms.service("care").rates.items() if key.phase == "certified")
    return series.at(date(2012, 2, 1), known).value


NEW_YEAR = date(2012, 1, 1)
OF_AWARD: Mapping[str, tuple[Callable[[int], dict[str, Any]], Callable[[Network, date], object]]] = {
    "Amendments": (
        lambda n: {"of": FAIN, "label": "Year 1", "reference": "9", "amount": Decimal(n), "effective": NEW_YEAR},
        lambda network, known: network.awards[0].budget_periods[0].obligated(known).value,
    ),
    "Areas": (
        lambda n: {"holder": FAIN, "place": "Region 7", "serves": ("no", "yes")[n % 2], "effective": NEW_YEAR},
        lambda network, known: network.who_serves(REGIONS[6], date(2012, 2, 1), known),
    ),
    "Terms": (
        lambda n: {"fain": FAIN, "term": "rate.certified", "value": Decimal(n), "effective": NEW_YEAR, "source": "L"},
        _rate,
    ),
    "Books": (
        lambda n: {
            "fain": FAIN,
            "label": "Year 1",
            "figure": "cash_receipts",
            "value": Decimal(n),
            "effective": NEW_YEAR,
        },
        lambda network, known: network.books(FAIN, "Year 1", date(2012, 2, 1), known),
    ),
    "Form entries": (
        lambda n: {"fain": FAIN, "entry": "account", "value": f"account {n}"},
        lambda network, known: network.entries(FAIN, known),
    ),
}
"""A row of each sheet of facts of the award workbook, of one key, that says a number; and what they
come to."""


class TestFactsOfAnAward:
    """The same of the award workbook, as it is read: the row published last holds, the same row
    twice counts once, and two that differ have no order."""

    def read(self, folder: Path, sheet: str, rows: list[tuple[int, date]]) -> Network:
        made = [{**OF_AWARD[sheet][0](value), "published": day} for value, day in rows]
        base = {**sample_program.AWARD, "Books": ()}
        return read_award(sample_program.write(folder, "award", {**base, sheet: [*base[sheet], *made]}))

    @pytest.mark.slow
    @given(
        st.sampled_from(sorted(OF_AWARD)),
        st.dictionaries(st.integers(0, 4), st.integers(1, 5), min_size=1, max_size=4),
        st.integers(-1, 5),
        st.randoms(use_true_random=False),
    )
    def test_what_the_table_says(
        self, tmp_path_factory: pytest.TempPathFactory, sheet: str, told: dict[int, int], known: int, order: Any
    ) -> None:
        folder = tmp_path_factory.mktemp("award")
        rows = [(value, TOLD + day * DAY) for day, value in told.items() for _ in range(1 + order.randrange(2))]
        order.shuffle(rows)
        seen = [day for day in told if day <= known]
        alone = [(told[max(seen)], TOLD + max(seen) * DAY)] if seen else []
        found, expected = (self.read(folder, sheet, each) for each in (rows, alone))
        result = OF_AWARD[sheet][1]
        assert result(found, TOLD + known * DAY) == result(expected, TOLD + known * DAY)

    @pytest.mark.parametrize("sheet", sorted(OF_AWARD))
    def test_each_sheet_says_something(self, sheet: str, tmp_path: Path) -> None:
        one, other = (self.read(tmp_path, sheet, [(n, TOLD)]) for n in (1, 2))
        assert OF_AWARD[sheet][1](one, TOLD) != OF_AWARD[sheet][1](other, TOLD)

    @pytest.mark.parametrize("sheet", sorted(OF_AWARD))
    def test_two_that_differ_have_no_order(self, sheet: str, tmp_path: Path) -> None:
        with pytest.raises(WorkbookRejected) as refused:
            self.read(tmp_path, sheet, [(1, TOLD), (2, TOLD)])
        assert [f.cause for f in refused.value.findings] == ["same_dates"]

    @pytest.mark.parametrize("sheet", sorted(OF_AWARD))
    def test_the_same_row_twice_is_told(self, sheet: str, tmp_path: Path) -> None:
        with collect_warnings() as told:
            self.read(tmp_path, sheet, [(1, TOLD), (1, TOLD)])
        assert [(f.cause, f.severity) for f in told] == [("repeated", "warning")]


class TestListed:
    """What is listed has one row: a second one is an error, whatever it says."""

    @pytest.mark.parametrize(
        ("kind", "sheet"),
        [
            ("award", "Organizations"),
            ("award", "Awards"),
            ("award", "Budget periods"),
            ("award", "Subawards"),
            ("caseload", "Participants"),
        ],
    )
    def test_a_second_row(self, kind: Literal["award", "caseload"], sheet: str, tmp_path: Path) -> None:
        base = {"award": sample_program.AWARD, "caseload": sample_program.CASELOAD_A}[kind]
        path = sample_program.write(tmp_path, kind, {**base, sheet: [*base[sheet], base[sheet][0]]})
        with pytest.raises(WorkbookRejected) as refused:
            (read_award if kind == "award" else read_caseload)(path)
        twice = [f for f in refused.value.findings if f.cause == "twice"]
        assert [(f.place.sheet, int(f.place.cell[1:])) for f in twice] == [(sheet, len(base[sheet]) + 2)]

    @pytest.mark.parametrize(
        ("sheet", "row"), [("Award record", {"fain": sample_program.FAIN}), ("Subaward record", {"subaward": "S-A"})]
    )
    def test_a_second_record(self, sheet: str, row: dict[str, Any], tmp_path: Path) -> None:
        path = sample_program.write(tmp_path, "award", {**sample_program.AWARD, sheet: [row, row]})
        with pytest.raises(WorkbookRejected, match="is listed twice"):
            read_record(path, read_award(path))


class TestEnrollment:
    """An enrollment whose end is restated pays to the new end; its days were made known by the row
    that told them first (3.2)."""

    LATE = TERMS.split("[services.bed]", 1)[0] + (
        '[services.care]\ntitle = "t"\npool = "direct"\ncite = "m"\ncount = "day"\n'
        'rates = [{ value = "1.00 USD", @ }]\nlook_back = [{ value = 5, @ }]\n'
    )

    def days(self, *rows: tuple[int, int, bool]) -> list[tuple[int, str]]:
        """Days paid and refused of rows from 1 March to a day, published on a day of March, void or
        not."""
        found = case(self.LATE, 'participants = [{ id = "P-1" }]\n')
        stays = tuple(
            Enrollment(
                participant=WHO,
                subaward="S-1",
                days=Interval(FIRST, date(2024, 3, end)),
                published=date(2024, 3, day),
                void=void,
            )
            for end, day, void in rows
        )
        claim = bill(evolve(found.caseload, enrollments=stays), found.network, MARCH, KNOWN)
        return [(x.quantity, str(x.reason or "")) for x in claim.lines]

    def test_a_shorter_stay(self) -> None:
        assert self.days((31, 1, False)) == [(31, "")]
        assert self.days((31, 1, False), (10, 30, False)) == [(10, "")]

    def test_what_is_new_was_made_known_later(self) -> None:
        paid, refused = self.days((10, 1, False), (31, 30, False))
        assert paid == (17, ""), "10 days told on the 1st, and the 25th to the 31st"
        assert refused[0] == 0

    def test_what_was_taken_back_tells_nothing(self) -> None:
        assert self.days((10, 1, False), (10, 2, True)) == []
        assert self.days((10, 1, False), (10, 2, True), (10, 12, False))[0] == (4, ""), "the 7th to the 10th"

    def test_two_places_on_a_day_are_judged_by_what_stands(self) -> None:
        """3.1: the first stay was restated to end before the second begins."""
        stays = [
            Enrollment(
                participant=WHO,
                subaward="S-1",
                days=Interval(FIRST, date(2024, 3, end)),
                published=TOLD + n * DAY,
                service="bed",
            )
            for n, end in enumerate((31, 10))
        ]
        other = Enrollment(
            participant=WHO,
            subaward="CASE-1",
            days=Interval(date(2024, 3, 11), date(2024, 3, 31)),
            published=TOLD,
            service="month",
        )
        load = evolve(WORLD.caseload, enrollments=(*stays, other))
        award = evolve(WORLD.network.awards[0], recipient=load.issuer)  # which reports for its own service
        found = evolve(WORLD.network, awards=(award,))
        assert bill(load, found, MARCH, KNOWN).lines
        with pytest.raises(Rejected, match="two subawards"):
            bill(load, found, MARCH, TOLD)


class TestHouseholds:
    """Two rows of a participant's household must not cover one day."""

    def test_an_overlap(self) -> None:
        one = Household(participant=WHO, days=Interval(FIRST, None), family=1, published=TOLD)
        two = Household(participant=WHO, days=Interval(FIRST + 9 * DAY, None), family=2, published=TOLD)
        with pytest.raises(Rejected) as refused:
            billed(KNOWN, households=(one, two))
        assert [(f.cause, f.found) for f in refused.value.findings] == [("overlap", "2024-03-10")]
        ended = evolve(one, days=Interval(FIRST, FIRST + 8 * DAY), published=TOLD + DAY)
        claim = billed(KNOWN, households=(one, two, ended))
        assert [x.amount for x in claim.lines if x.service == "bed"] == [9 * 4500, 6000]
        assert billed(KNOWN, households=(one, evolve(two, void=True))).lines


COST = Cost(
    participant=WHO,
    subaward="S-1",
    service="rent",
    category="",
    amount=Cents(1000),
    paid=FIRST,
    months=(MARCH,),
    reference="V-1",
    published=TOLD,
)


class TestTransactions:
    """Transactions add up, and a credit corrects one; a second row with the same reference is a
    finding."""

    @given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from((100, 250, -40))), max_size=4), st.booleans())
    def test_costs(self, told: list[tuple[int, int]], later: bool) -> None:
        rows = [
            evolve(COST, reference=f"V-{n}", amount=Cents(amount), published=TOLD + later * i * DAY)
            for i, (n, amount) in enumerate(told)
        ]
        added = [n for n, amount in told if amount > 0]
        if len(set(added)) < len(added) or len(set(rows)) < len(rows):
            with pytest.raises(Rejected):
                billed(KNOWN, costs=tuple(rows))
        else:
            claim = billed(KNOWN, costs=tuple(rows))
            assert sum(x.amount for x in claim.lines if x.service == "rent") == 30_000 + sum(a for _, a in told)

    def test_one_document_shared_out_is_told(self) -> None:
        claim = billed(KNOWN, costs=(COST, evolve(COST, participant=None)))
        assert [(f.cause, f.severity) for f in claim.notes] == [("reference", "warning")]
        assert sum(x.amount for x in claim.lines if x.service == "rent") == 32_000

    @pytest.mark.parametrize(("second", "causes"), [(500, ["reference"]), (250, ["equal_costs"]), (-100, [])])
    def test_disallowances(self, second: int, causes: list[str]) -> None:
        one = Disallowance(
            subaward="S-1", service="rent", month=MARCH, amount=Cents(250), reference="D-1", published=TOLD
        )
        assert [f.cause for f in repeated((one, evolve(one, amount=Cents(second))), KEYS["Disallowances"])] == causes
        assert not list(repeated((one, evolve(one, amount=Cents(second), reference="D-2")), KEYS["Disallowances"]))

    @pytest.mark.parametrize(("second", "causes"), [("T-1", ["reference"]), ("T-2", []), ("", [])])
    def test_transfers(self, second: str, causes: list[str]) -> None:
        rows = (
            Transfer(fain="A", on=FIRST, amount=250, reference="T-1"),
            Transfer(fain="A", on=FIRST, amount=500, reference=second),
        )
        assert [f.cause for f in repeated(rows, KEYS["Transfers"])] == causes

    def test_equal_transfers_without_a_reference(self) -> None:
        rows = (Transfer(fain="A", on=FIRST, amount=250), Transfer(fain="A", on=FIRST, amount=250))
        assert [f.cause for f in repeated(rows, KEYS["Transfers"])] == ["equal_costs"]


class TestReaders:
    """What `bill` refuses of rows in memory, the readers refuse at the cell."""

    CHANGES: Mapping[str, Mapping[str, Any]] = {
        "Letters": {"end": date(2012, 9, 1)},
        "Households": {"family": 1},
        "Enrollment": {"end": date(2012, 1, 1)},
        "Costs": {"amount": Decimal("99.00")},
        "Counts": {"quantity": 9},
    }

    @pytest.mark.parametrize("sheet", sorted(CHANGES))
    def test_caseloads(self, sheet: str, tmp_path: Path) -> None:
        row = sample_program.CASELOAD_A[sheet][0]
        for change, refused in (({}, sheet == "Costs"), (self.CHANGES[sheet], True)):
            rows = {**sample_program.CASELOAD_A, sheet: [*sample_program.CASELOAD_A[sheet], {**row, **change}]}
            path = sample_program.write(tmp_path, "caseload", rows)
            if refused:
                with pytest.raises(WorkbookRejected) as found:
                    read_caseload(path)
                assert [(f.place.sheet, len(rows[sheet]) + 1) for f in found.value.findings] == [
                    (sheet, int(f.place.cell[1:])) for f in found.value.findings
                ]
            else:
                assert read_caseload(path).issuer == "SUB-A"

    @pytest.mark.parametrize(
        ("sheet", "row", "change"),
        [
            ("Budget", {"category": "rent", "amount": Decimal("5.00"), "in_mtdc": "yes"}, {"amount": Decimal("6.00")}),
            ("Transfers", {"on": FIRST, "amount": Decimal("5.00"), "reference": "T-1"}, {"amount": Decimal("6.00")}),
        ],
    )
    def test_records(self, sheet: str, row: dict[str, Any], change: dict[str, Any], tmp_path: Path) -> None:
        row = {"fain": sample_program.FAIN, **row, **({"on": sample_program.FIRST} if "on" in row else {})}
        path = sample_program.write(tmp_path, "award", {**sample_program.AWARD, sheet: [row, {**row, **change}]})
        with pytest.raises(WorkbookRejected):
            read_record(path, sample_program.network(tmp_path))
        if sheet == "Budget":
            sample_program.write(tmp_path, "award", {**sample_program.AWARD, sheet: [row, row]})
            with collect_warnings() as told:
                read_record(path, sample_program.network(tmp_path))
            assert [f.cause for f in told] == ["repeated"]


class TestVanished:
    """Caseloads are cumulative: a row is restated by another, not changed."""

    def test_a_changed_row(self) -> None:
        old = Caseload(issuer="SITE", report_date=TOLD, counts=(MAKE["counts"](10), MAKE["counts"](10)))
        later = evolve(MAKE["counts"](12), published=TOLD + DAY)
        assert not evolve(old, counts=(MAKE["counts"](10), later)).vanished(old), "told twice, counted once"
        (changed,) = evolve(old, counts=(later,)).vanished(old)
        assert changed.problem == "this row of the previous caseload was changed"
        (gone,) = evolve(old, counts=()).vanished(old)
        assert gone.problem == "this row of the previous caseload is not in the new one"

    def test_of_two_equal_costs_one(self) -> None:
        old = Caseload(issuer="SITE", report_date=TOLD, costs=(COST, COST))
        assert len(evolve(old, costs=(COST,)).vanished(old)) == 1


CLASSES: Mapping[str, type] = {
    "Elsewhere": EnrolledElsewhere,
    "Organizations": Organization,
    "Awards": Award,
    "Budget periods": BudgetPeriod,
    "Subawards": Subaward,
    "Amendments": Amendment,
    "Areas": Area,
    "Terms": Filling,
    "Books": BooksFigure,
    "Form entries": FormEntry,
    "Disallowances": Disallowance,
    "Award record": AwardRecord,
    "Subaward record": SubawardRecord,
    "Budget": BudgetLine,
    "Transfers": Transfer,
    "Fiscal years": FiscalYear,
    "Participants": Registration,
    "Statuses": PersonStatus,
    "Letters": Letter,
    "Households": Household,
    "Enrollment": Enrollment,
    "Costs": Cost,
    "Counts": Count,
    "Units": UnitsUsed,
    "Absences": Absence,
    "Figures": SiteFigure,
    "Characteristics": Characteristic,
    "Openings": OpeningBalance,
    "Disallowed costs": DisallowedCost,
    "Measures": Reported,
}


class TestTheTable:
    """One declaration serves readers, billing and the rulebook."""

    def test_the_rulebook_has_it(self) -> None:
        page = (ROOT / "docs" / "rulebook.md").read_text("utf-8")
        says = {"listed": "are listed once", "fact": "are restated", "transaction": "add up"}
        table = "".join(f"| {sheet} | {says[key.kind]} | {key.words} |\n" for sheet, key in KEYS.items())
        assert "| sheet | rows | key |\n| --- | --- | --- |\n" + table + "\n" in page

    def test_each_sheet_has_a_test_here(self) -> None:
        """Of facts a property, of transactions and lists what a second row is."""
        facts = {ROWS[kind] for kind in MAKE} | {
            *OF_AWARD,
            "Elsewhere",
            "Disallowed costs",
            "Budget",
            "Fiscal years",
            "Measures",
        }
        assert facts == {sheet for sheet, key in KEYS.items() if key.kind == "fact"}

    @pytest.mark.parametrize("sheet", KEYS)
    def test_its_fields_are_those_of_the_rows(self, sheet: str) -> None:
        outside = {("Budget periods", "fain"), ("Terms", "award")}  # what holds such a row says of which award it is
        for name in (*KEYS[sheet].fields, *KEYS[sheet].amounts):
            assert (sheet, name) in outside or hasattr(CLASSES[sheet], name.split(".")[0])

    def test_every_sheet_of_the_caseload_is_in_it(self) -> None:
        assert set(ROWS.values()) <= KEYS.keys()

    def test_a_digest_of_before_stays_true(self) -> None:
        """A row that is not void has the digest that it had when rows could not be."""
        count = Count(subaward="S-1", service="meal", phase="", month=MARCH, quantity=1, published=TOLD)
        assert facts_digest(count) == "b02768f3c5c607b66b0ae6d6cb609f85933f7cc437e650d6f5c2fa864b573fdb"
        assert facts_digest(evolve(count, void=True)) != facts_digest(count)


def test_a_network_is_checked_too() -> None:
    """Amendments that contradict one another are refused in memory as they are on the sheet."""
    one = Amendment(of="S-1", budget_period="", reference="1", amount=Cents(100), effective=FIRST, published=TOLD)
    given_twice: Network = evolve(WORLD.network, amendments=(one, evolve(one, amount=Cents(200))))
    with pytest.raises(Rejected, match="another row of the same award or subaward"):
        bill(WORLD.caseload, given_twice, MARCH, KNOWN)
