"""A claim: whose rows, of which award, as known when, and in which order (Rulebook 2.2 and 7)."""

from __future__ import annotations

import logging
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from grantcalc import Caseload, Claim, Interval, Month, Network, Participant, Rejected, bill
from grantcalc.awards import Award, BudgetPeriod, Organization, Subaward
from grantcalc.billing import Cost, Count, Enrollment, OpeningBalance, Party, Registration, UnitsUsed
from grantcalc.errors import Place
from grantcalc.known import Fact, Series
from grantcalc.money import Cents
from grantcalc.network import Area
from grantcalc.provenance import NOWHERE, Authority, Input, Origin, Source
from grantcalc.regions import REGIONS
from grantcalc.terms import Terms
from tests.worked import (
    ABSENT,
    COSTS,
    KNOWN,
    MONTHS,
    PHASED,
    PHASES,
    RATE,
    SPRING,
    billed,
    care,
    lines,
    phased,
    terms,
)

YEAR = Interval(date(2024, 1, 1), date(2024, 12, 31))
HALVES = (Interval(YEAR.start, date(2024, 6, 30)), Interval(date(2024, 7, 1), date(2024, 12, 31)))
SAYS = Authority("a test")
PERSON = Participant("SITE", "P-1")
ISSUERS = ("NIL", "ONE", "TWO", "SITE")


def award(fain: str, of: Terms) -> Award:
    periods = tuple(
        BudgetPeriod(f"Half {n}", days, Series("amount", [Fact(Cents(10**7), days.start, days.start, SAYS)]))
        for n, days in enumerate(HALVES, 1)
    )
    return Award(
        fain=fain,
        recipient="PRIME",
        agency="HHS",
        listing="93.598",
        awarded=YEAR.start,
        period=YEAR,
        terms=of,
        budget_periods=periods,
    )


NETWORK = Network(
    report_date=date(2024, 12, 1),
    organizations=(
        Organization(id="PRIME", name="Prime"),
        Organization(id="SUB", name="Sub", state="TX"),
        Organization(id="OTHER", name="Other"),
        *(Organization(id=id, name=id) for id in ISSUERS),
    ),
    awards=(award("B-2", terms(care("any_day"))), award("A-1", terms(care("any_day")))),
    subawards=(
        Subaward(
            id="S-1",
            parent="A-1",
            subrecipient="SUB",
            period=YEAR,
            amount=Series("amount of S-1"),
            source=NOWHERE,
            reported_by=ISSUERS,
        ),
        Subaward(
            id="S-2",
            parent="B-2",
            subrecipient="OTHER",
            period=YEAR,
            amount=Series("amount of S-2"),
            source=NOWHERE,
            reported_by=ISSUERS,
        ),
    ),
    label="ILLUSTRATIVE",
    origin=Origin(file="award.xlsx", digest="digest of the award", facts="facts of the award"),
)


def load(issuer: str, subaward: str = "S-1", report: date = date(2025, 1, 10), label: str = "") -> Caseload:
    person = Participant(issuer, "P-1")
    stay = Enrollment(
        participant=person,
        subaward=subaward,
        days=Interval(date(2024, 6, 10), date(2024, 7, 20)),
        published=date(2024, 8, 1),
    )
    return Caseload(
        issuer=issuer,
        report_date=report,
        participants=(Registration(person),),
        enrollments=(stay,),
        label=label,
        source=Source(f"{issuer}.xlsx", "Document", 2),
        origin=Origin(file=f"{issuer}.xlsx", digest=f"digest of {issuer}", facts=f"facts of {issuer}"),
    )


class TestClaim:
    """`bill`: everything that caseloads earn under their awards to a month, as known on a day."""

    def test_the_latest_report_date_is_known_by_default(self) -> None:
        """2.2: by default the latest report date of its inputs."""
        assert bill(load("ONE"), NETWORK, Month(2024, 12)).known == date(2025, 1, 10)
        assert bill(load("ONE", report=date(2024, 11, 1)), NETWORK, Month(2024, 10)).known == date(2024, 12, 1)
        assert bill(load("ONE"), NETWORK, Month(2024, 12), date(2025, 3, 1)).known == date(2025, 3, 1)

    def test_awards_and_issuers_in_order(self) -> None:
        claim = bill([load("TWO", "S-2"), load("ONE"), load("NIL", "S-2")], NETWORK, Month(2024, 12))
        assert [(x.award, x.issuer, str(x.month)) for x in claim.lines] == [
            ("A-1", "ONE", "2024-06"),
            ("A-1", "ONE", "2024-07"),
            ("B-2", "NIL", "2024-06"),
            ("B-2", "NIL", "2024-07"),
            ("B-2", "TWO", "2024-06"),
            ("B-2", "TWO", "2024-07"),
        ]
        assert claim.issuers == ("NIL", "ONE", "TWO")
        assert [x.budget_period for x in claim.lines[:2]] == ["Half 1", "Half 2"]
        assert [n.cause for n in claim.notes] == ["issuers"]
        assert claim.notes[0].severity == "warning"
        assert claim.notes[0].place == Place("NIL.xlsx", "Participants")

    def test_many_subawards_in_order(self) -> None:
        ids = [f"S-{n}" for n in range(1, 9)]
        issuers = [f"ISSUER-{9 - n}" for n, _ in enumerate(ids)]
        subawards = (
            Subaward(id=s, parent="A-1", subrecipient=of, period=YEAR, amount=Series(s))
            for s, of in zip(ids, issuers, strict=True)
        )
        organizations = *NETWORK.organizations, *(Organization(id=id, name=id) for id in issuers)
        network = evolve(NETWORK, organizations=organizations, subawards=tuple(subawards))
        loads = [load(issuer, s) for s, issuer in zip(ids, issuers, strict=True)]
        assert [p.subaward for p in bill(loads, network, Month(2024, 12)).parties] == ids

    def test_participants_in_order(self) -> None:
        rows = (
            'participants = [{ id = "P-2" }, { id = "P-1" }]\n'
            'enrollments = [{ participant = "P-2", start = 2024-03-10 }, { participant = "P-1", start = 2024-03-11 }]\n'
        )
        claim = billed(care("once"), rows)
        assert [x.participant.pseudonym for x in claim.lines if x.participant] == ["P-1", "P-2"]

    def test_a_caseload_given_twice_counts_once(self) -> None:
        claim = bill([load("ONE"), load("ONE")], NETWORK, Month(2024, 12))
        assert (len(claim.lines), claim.issuers) == (2, ("ONE",))
        with pytest.raises(Rejected) as refused:
            bill([load("ONE"), load("ONE", label="another")], NETWORK, Month(2024, 12))
        assert [f.cause for f in refused.value.findings] == ["issuer"]

    def test_the_log_says_what_was_billed_and_names_nobody(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG, "grantcalc"):
            bill(load("ONE"), NETWORK, Month(2024, 12))
        said = "billed through 2024-12 as known on 2025-01-10 (caseloads: 1, lines: 2, reductions: 0)"
        assert caplog.record_tuples == [("grantcalc.billing.claims", logging.DEBUG, said)]

    def test_each_service_begins_again_with_the_budget_period(self) -> None:
        two = terms(care("any_day") + care("any_day").replace("services.care", "services.more"))
        network = evolve(NETWORK, awards=(award("A-1", two), NETWORK.awards[0]))
        claim = bill(load("ONE"), network, Month(2024, 12))
        assert [(x.service, x.budget_period) for x in claim.lines] == [
            (s, f"Half {n}") for s in ("care", "more") for n in (1, 2)
        ]

    def test_the_amount_of_a_subaward_is_that_of_the_last_day_of_its_period(self) -> None:
        """7.4: 100.00 from the start; what is obligated for days after the period changes
        nothing."""
        early = date(2024, 1, 1)
        facts = [Fact(Cents(10000), YEAR.start, early, SAYS), Fact(Cents(90000), date(2025, 1, 1), early, SAYS)]
        small = evolve(NETWORK.subawards[0], amount=Series("amount of S-1", facts), reported_by=("ONE",))
        network = evolve(NETWORK, subawards=(small, NETWORK.subawards[1]))
        claim = bill(load("ONE"), network, Month(2024, 12))
        assert [(x.name, x.amount) for x in claim.reductions] == [("subaward S-1", -21000), ("subaward S-1", -31000)]

    def test_rows_that_nobody_knows_yet_ask_for_no_terms(self) -> None:
        """Terms that were published later refuse nothing as long as there is nothing to bill by
        them."""
        person, known = Participant("ONE", "P-1"), date(2023, 6, 1)
        for kind, row in (
            ("enrollments", Enrollment(participant=person, subaward="S-1", days=YEAR, published=date(2024, 8, 1))),
            (
                "costs",
                Cost(
                    participant=None,
                    subaward="S-1",
                    service="costs",
                    category="",
                    amount=Cents(1),
                    paid=date(2024, 3, 1),
                    published=date(2024, 8, 1),
                ),
            ),
            (
                "counts",
                Count(
                    subaward="S-1",
                    service="care",
                    phase="",
                    month=Month(2024, 3),
                    quantity=1,
                    published=date(2024, 8, 1),
                ),
            ),
            (
                "units",
                UnitsUsed(
                    participant=person,
                    subaward="S-1",
                    service="care",
                    day=date(2024, 3, 1),
                    quantity=1,
                    published=date(2024, 8, 1),
                ),
            ),
        ):
            of = terms(care("unit" if kind == "units" else "any_day") + COSTS)
            network = evolve(NETWORK, awards=(award("A-1", of), NETWORK.awards[0]))
            changes: dict[str, Any] = {"enrollments": (), kind: (row,)}
            assert bill(evolve(load("ONE"), **changes), network, Month(2024, 12), known).lines == ()

    def test_what_is_published_later_is_unseen(self) -> None:
        """2.1 and 2.2, for rows of every kind."""
        text = care("day", ABSENT + 'uplift = [{ per = "family", value = 1.00, @ }]\n')
        late = ", published = 2024-12-02 }]\n"
        rows = {
            "household": 'households = [{ participant = "P-1", start = 2024-01-01, family = 1',
            "absence": 'absences = [{ participant = "P-1", kind = "other", start = 2024-03-10, end = 2024-03-31',
        }
        spring = SPRING.replace("}]", ", published = 2024-04-01 }]")
        march = spring + 'through = "2024-03"\n'
        plain = lines(billed(text, march))
        for row in rows.values():
            assert lines(billed(text, f"{march}{row}{late}known = 2024-12-01\n")) == plain
            assert lines(billed(text, f"{march}{row}{late}known = 2024-12-02\n")) != plain
        opening = 'openings = [{ participant = "P-1", phase = "waiting", months = 1' + late
        phased_text = phased("any_day", MONTHS)
        assert billed(phased_text, march + opening + "known = 2024-12-01").lines[0].quantity == 1
        assert billed(phased_text, march + opening + "known = 2024-12-02").lines[0].quantity == 0

    def test_openings_and_units_of_another_award_are_not_of_this(self) -> None:
        person = Participant("ONE", "P-1")
        of = terms(PHASES + care("any_day", MONTHS, PHASED) + care("hour", "", RATE).replace("care", "hours"))
        network = evolve(NETWORK, awards=(award("A-1", of), award("B-2", of)))
        published = date(2024, 8, 1)
        both = evolve(
            load("ONE"),
            enrollments=(
                Enrollment(
                    participant=person,
                    subaward="S-1",
                    days=Interval(date(2024, 3, 1), date(2024, 3, 31)),
                    published=published,
                ),
                Enrollment(
                    participant=person,
                    subaward="S-2",
                    days=Interval(date(2024, 4, 1), date(2024, 4, 30)),
                    published=published,
                ),
            ),
            openings=(OpeningBalance(participant=person, award="B-2", published=published, phase="waiting", months=1),),
            units=(
                UnitsUsed(
                    participant=person,
                    subaward="S-2",
                    service="hours",
                    day=date(2024, 4, 2),
                    quantity=3,
                    published=published,
                ),
            ),
        )
        claim = bill(both, network, Month(2024, 12))
        assert [(x.award, x.service, x.quantity) for x in claim.lines] == [
            ("A-1", "care", 1),
            ("B-2", "care", 0),
            ("B-2", "hours", 3),
        ]

    def test_costs_of_another_award_are_not_of_this(self) -> None:
        of = terms(care("any_day") + COSTS)
        network = evolve(NETWORK, awards=(award("A-1", of), award("B-2", of)))
        costs = tuple(
            Cost(
                participant=who,
                subaward=s,
                service="costs",
                category="",
                amount=Cents(1),
                paid=date(2024, 6, 1),
                reference=s,
                published=date(2024, 8, 1),
            )
            for who in (None, Participant("ONE", "P-1"))
            for s in ("S-1", "S-2")
        )
        claim = bill(evolve(load("ONE"), enrollments=(), costs=costs), network, Month(2024, 12))
        assert [(x.award, x.subaward) for x in claim.lines] == [("A-1", "S-1")] * 2 + [("B-2", "S-2")] * 2

    def test_who_stands_behind_a_subaward(self) -> None:
        claim = bill([load("TWO", "S-2"), load("ONE")], NETWORK, Month(2024, 12))
        assert claim.parties == (Party("S-1", "A-1", "Prime", "Sub", 6), Party("S-2", "B-2", "Prime", "Other", None))

    def test_terms_are_told_of_only_where_something_was_earned(self) -> None:
        claim = bill(load("ONE"), NETWORK, Month(2024, 12))
        assert {t.award for t in claim.terms} == {"A-1"}
        assert bill(load("ONE"), NETWORK, Month(2024, 5)).terms == ()
        assert bill(load("ONE"), NETWORK, Month(2024, 5), date(2024, 7, 31)).lines == ()

    def test_its_inputs(self) -> None:
        filed = evolve(NETWORK.awards[0].terms, file="worked.toml")
        network = evolve(NETWORK, awards=(evolve(NETWORK.awards[0], terms=filed), NETWORK.awards[1]))
        claim = bill(load("ONE"), network, Month(2024, 12))
        assert claim.inputs == (
            Input("award", "award.xlsx", "digest of the award", "facts of the award", date(2024, 12, 1)),
            Input("caseload", "ONE.xlsx", "digest of ONE", "facts of ONE", date(2025, 1, 10)),
            Input("terms", "worked.toml", filed.digest, filed.digest, filed.published),
        )

    def test_its_label_and_notes(self) -> None:
        claim = bill([load("ONE", label="drill"), load("TWO", label="ILLUSTRATIVE")], NETWORK, Month(2024, 12))
        assert claim.label == "ILLUSTRATIVE; drill"
        assert bill(load("ONE"), NETWORK, Month(2024, 12)).label == "ILLUSTRATIVE"
        assert bill(load("ONE"), NETWORK, Month(2024, 12)).notes == ()
        assert Claim(through=Month(2024, 12), known=KNOWN, lines=(), reductions=(), parties=(), issuers=()).label == ""

    def test_a_region_that_nobody_serves_is_a_note(self) -> None:
        """10: judged on the last day of the month, or on the day of knowledge where that is
        earlier."""
        areas = tuple(
            Area(
                holder="A-1",
                place=r,
                serves=r.number != 3,
                effective=YEAR.start,
                published=YEAR.start,
                source=Source("award.xlsx", "Areas", 2),
            )
            for r in REGIONS
        )
        country = tuple(evolve(a, nationwide=True, source=Source("award.xlsx", "Awards", 2)) for a in NETWORK.awards)
        network = evolve(NETWORK, awards=country, areas=areas)
        (note,) = bill(load("ONE"), network, Month(2024, 12)).notes
        assert note.problem == "on 2024-12-31 Region 3 is served by nobody"
        note, beyond = bill(load("ONE"), network, Month(2025, 12)).notes
        assert beyond.cause == "through"
        assert note.problem == "on 2025-01-10 Region 3 is served by nobody"

    def test_rows_that_are_not_known_yet(self) -> None:
        assert bill(load("ONE"), NETWORK, Month(2024, 12), date(2024, 7, 31)).lines == ()
        assert len(bill(load("ONE"), NETWORK, Month(2024, 12), date(2024, 8, 1)).lines) == 2

    def test_rows_that_cannot_be_billed(self) -> None:
        with pytest.raises(Rejected) as refused:
            bill(load("ONE", "S-9"), NETWORK, Month(2024, 12))
        assert [f.cause for f in refused.value.findings] == ["subaward"]

    def test_sums(self) -> None:
        claim = billed(COSTS + CAPPED, MANY)
        assert [x.amount for x in (claim.earned, claim.held_back, claim.total)] == [
            Decimal("130.00"),
            Decimal("-30.00"),
            Decimal("100.00"),
        ]

    def test_a_counted_claim_has_no_participants(self) -> None:
        claim = bill([load("ONE"), load("TWO", "S-2")], NETWORK, Month(2024, 12))
        noted = evolve(claim, notes=tuple(evolve(n, place=evolve(n.place, cell="A7")) for n in claim.notes * 2))
        counted = noted.counted()
        assert (claim.detailed, counted.detailed) == (True, False)
        assert [n.place.cell for n in counted.notes] == [""]
        assert counted.total == claim.total
        assert evolve(claim, lines=(evolve(claim.lines[0], participant=None),)).detailed  # a day of service
        assert evolve(claim, lines=(evolve(claim.lines[0], day=None),)).detailed
        assert evolve(claim, lines=(counted.lines[0], claim.lines[0])).detailed

    def test_equal_lines_and_limits_are_counted_together(self) -> None:
        claim = billed(COSTS + CAPPED, MANY)
        counted = claim.counted()
        assert [(x.count, x.amount, str(x.reason or "")) for x in counted.lines] == [
            (3, 14000, ""),
            (1, -1000, "credit"),
        ]
        assert [(x.count, x.amount, x.line.count, x.line.amount) for x in counted.reductions] == [(1, -3000, 3, 14000)]
        again = counted.counted()
        assert (again.lines, again.reductions) == (counted.lines, counted.reductions)

    def test_limits_of_counted_claims_are_in_order(self) -> None:
        claim = billed(COSTS + CAPPED, MANY.replace("70.00", "170.00").replace("-10.00", "150.00"))
        counted = claim.counted()
        assert [x.amount for x in counted.reductions] == [-39000]
        two = MANY.replace('"2024-03", amount = "70.00', '"2024-04", amount = "170.00', 1).replace("70.00", "170.00")
        claim = billed(COSTS + CAPPED, two.replace("1170.00", "170.00"))
        counted = claim.counted()
        assert [(str(x.line.month), x.amount) for x in counted.reductions] == [("2024-03", -6000), ("2024-04", -17000)]
        shuffled = evolve(claim, lines=claim.lines[::-1], reductions=claim.reductions[::-1]).counted()
        assert (shuffled.lines, shuffled.reductions) == (counted.lines, counted.reductions)


def test_a_count_of_another_award_is_not_of_this() -> None:
    two = evolve(
        load("ONE"),
        counts=(
            Count(
                subaward="S-2", service="care", phase="", month=Month(2024, 6), quantity=2, published=date(2024, 8, 1)
            ),
        ),
    )
    claim = bill(two, NETWORK, Month(2024, 12))
    assert [(x.award, x.quantity) for x in claim.lines] == [("A-1", 1), ("A-1", 1), ("B-2", 2)]


CAPPED = (
    '[ceilings.cap]\ntitle = "Cap"\ncite = "m"\nwindow = "award"\n'
    'amounts = [{ tier = "alone", value = "100.00 USD", @ }]\n'
)
MANY = (
    'participants = [{ id = "P-1" }, { id = "P-2" }]\ncosts = ['
    + ", ".join(
        f'{{ participant = "P-{p}", service = "costs", month = "2024-03", amount = "{a} USD" }}'
        for p, a in ((1, "70.00"), (1, "70.00"), (1, "-10.00"), (2, "0.00"))
    )
    + "]\n"
)
