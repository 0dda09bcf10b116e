"""Who is served: statuses of participants, what the terms say of them, and what a claim notes
(Rulebook 4.5)."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from attrs import evolve

from grantcalc.billing.caseload import PersonStatus
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.issuers import with_letters
from grantcalc.billing.reasons import Reason
from grantcalc.billing.statuses import status_spans
from grantcalc.cases import _case
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Rejected, TermsRejected
from grantcalc.io.inputs import read_caseload
from grantcalc.io.intake.templates import write_input
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.letters import LetterEvent, Log, PersonServed, may_participate
from grantcalc.periods import Interval, Month
from grantcalc.terms import load_terms, read_terms
from grantcalc.terms.vocabulary import STATUSES
from grantcalc.xlsx.reader import open_book
from tests.worked import DEFAULTS, KNOWN, case

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

WHO = Participant("SITE", "P-1")
NEVER = (
    'served_days = [{ status = "us_citizen", value = 0, @ }, { status = "lawful_permanent_resident", value = 0, @ }, '
)
SIX_WEEKS = '{ status = "unscreened", value = 42, @ }, { status = "in_custody", value = 0, @ }, '
SERVED = NEVER + SIX_WEEKS + '{ status = "foster_care", value = 0, @ }]'
TERMS = f"""
[services.care]
title = "Case management"
pool = "administration"
cite = "m"
count = "any_day"
rates = [{{ value = "400.00 USD", @ }}]
{SERVED}
[services.rent]
title = "Rent"
pool = "direct"
cite = "m"
count = "actual_cost"
{SERVED}
"""
PAID = "".join(
    f'{{ participant = "P-1", service = "rent", amount = "100.00 USD", paid = 2024-0{m}-10, month = "2024-0{m}" }},\n'
    for m in range(1, 9)
)
BASE = f"""
participants = [{{ id = "P-1" }}]
enrollments = [{{ participant = "P-1", start = 2024-01-01, end = 2024-08-31 }}]
costs = [{PAID}]
"""


def of(status: str, effective: str = "2024-01-01", **more: str) -> str:
    said = "".join(f", {key} = {value}" for key, value in more.items())
    return f'{{ participant = "P-1", status = "{status}", effective = {effective}{said} }}'


def billed(*statuses: str, terms: str = TERMS, rows: str = BASE, known: date = KNOWN) -> Claim:
    world = case(terms, rows + (f"statuses = [{', '.join(statuses)}]\n" if statuses else ""))
    return bill(world.caseload, world.network, Month(2024, 12), known)


def paid(claim: Claim, service: str) -> dict[int, int]:
    """Cents by month."""
    found: dict[int, int] = {}
    for line in claim.lines:
        if line.service == service:
            found[line.month.month] = found.get(line.month.month, 0) + line.amount
    return found


def dollars_of(claim: Claim) -> int:
    return int(claim.total.amount)


def causes(claim: Claim) -> list[str]:
    return [note.cause for note in claim.notes]


class TestStatus:
    """4.5: what falls on a day that is not served stands at quantity 0 with its reason; the claim
    notes it."""

    @pytest.mark.parametrize("status", ["us_citizen", "lawful_permanent_resident", "in_custody", "foster_care"])
    def test_a_citizen_earns_nothing_and_nothing_disappears(self, status: str) -> None:
        """0.00 of 4,000.00: every line and cost stands at 0, with the reason."""
        claim = billed(of(status))
        assert (dollars_of(claim), len(claim.lines)) == (0, 16)
        assert {(x.quantity, x.amount, x.reason) for x in claim.lines} == {(0, 0, Reason("not_served", (status,)))}
        assert causes(claim) == ["not_served"]
        assert {note.severity for note in claim.notes} == {"warning"}

    @pytest.mark.parametrize("status", ["other", "refugee"])
    def test_another_status_is_served(self, status: str) -> None:
        claim = billed(of(status))
        assert (dollars_of(claim), claim.notes) == (4000, ())

    def test_who_becomes_a_resident_in_june_keeps_january_to_may(self) -> None:
        claim = billed(of("other"), of("lawful_permanent_resident", "2024-06-01"))
        assert dollars_of(claim) == 2500
        assert paid(claim, "care") == {m: 40000 if m < 6 else 0 for m in range(1, 9)}
        assert paid(claim, "rent") == {m: 10000 if m < 6 else 0 for m in range(1, 9)}

    def test_each_status_holds_to_the_day_before_the_next(self) -> None:
        """Whatever the order of the rows; a row that repeats the status begins none."""
        days = {8: "other", 1: "other", 6: "lawful_permanent_resident", 7: "lawful_permanent_resident"}
        rows = (
            PersonStatus(participant=WHO, status=status, effective=date(2024, month, 1), published=KNOWN)
            for month, status in days.items()
        )
        assert [(date.fromordinal(x.first), date.fromordinal(x.last), x.status) for x in status_spans(rows)] == [
            (date(2024, 1, 1), date(2024, 5, 31), "other"),
            (date(2024, 6, 1), date(2024, 7, 31), "lawful_permanent_resident"),
            (date(2024, 8, 1), date.max, "other"),
        ]

    def test_the_day_decides_inside_a_month(self) -> None:
        """A resident from 10 June: the days before count June; a cost of 10 June does not stand."""
        claim = billed(of("other"), of("lawful_permanent_resident", "2024-06-10"))
        assert (paid(claim, "care")[6], paid(claim, "rent")[6]) == (40000, 0)
        later = billed(of("other"), of("lawful_permanent_resident", "2024-06-11"))
        assert paid(later, "rent")[6] == 10000

    def test_who_leaves_a_status_is_served_again(self) -> None:
        claim = billed(of("in_custody"), of("other", "2024-08-01"))
        assert (paid(claim, "care")[8], paid(claim, "care")[7], dollars_of(claim)) == (40000, 0, 500)

    def test_status_not_known_is_billed_and_noted(self) -> None:
        for claim in (billed(), billed(of("other", "2024-01-02")), billed(of("other", published="2999-01-01"))):
            assert (dollars_of(claim), causes(claim)) == (4000, ["later"] * (len(causes(claim)) - 1) + ["no_status"])

    def test_six_weeks_of_screening(self) -> None:
        """42 days from 1 January are to 11 February: 800.00 of months and 200.00 of costs."""
        claim = billed(of("unscreened", "2023-06-01"))
        assert dollars_of(claim) == 1000
        assert paid(claim, "rent")[2] == 10000
        assert {x.reason for x in claim.lines if not x.amount} == {Reason("served_days", (42, "unscreened"))}
        assert paid(billed(of("unscreened"), of("unscreened", "2024-02-01")), "care")[3] == 0, "one status goes on"
        assert dollars_of(billed(of("unscreened"), of("other", "2024-02-05"))) == 4000
        assert paid(billed(of("other"), of("unscreened", "2024-03-01")), "care")[4] == 40000

    def test_the_provision_holds_from_its_day(self) -> None:
        later = TERMS.replace(SERVED, SERVED.replace("@", 'effective = 2024-05-01, published = 2024-04-01, cite = "m"'))
        assert dollars_of(billed(of("us_citizen"), terms=later)) == 2000

    def test_programs_without_the_provision_bill_on(self) -> None:
        claim = billed(of("us_citizen"), terms=TERMS.replace(SERVED, ""))
        assert (dollars_of(claim), claim.notes) == (4000, ())
        assert billed(terms=TERMS.replace(SERVED, "")).notes == ()

    def test_what_was_not_known_is_not_seen(self) -> None:
        told = of("us_citizen", published="2024-09-01")
        rows = BASE.replace("end = 2024-08-31", "end = 2024-08-31, published = 2024-08-31")
        rows = rows.replace("month =", "published = 2024-08-31, month =")
        assert dollars_of(billed(told, rows=rows, known=date(2024, 8, 31))) == 4000
        assert dollars_of(billed(told, rows=rows, known=date(2024, 9, 1))) == 0

    def test_it_is_restated_and_taken_back(self) -> None:
        """2.6: of two rows with one key the one published last holds; void takes it back."""
        first = of("us_citizen", published="2024-09-01")
        assert dollars_of(billed(first, of("other", published="2024-09-02"))) == 4000
        world = case(TERMS, BASE)
        row = PersonStatus(participant=WHO, status="us_citizen", effective=date(2024, 1, 1), published=date(2024, 9, 1))
        void = evolve(row, published=date(2024, 9, 2), void=True)
        load = evolve(world.caseload, statuses=(row, void))
        assert causes(bill(load, world.network, Month(2024, 12), KNOWN)) == ["no_status"]
        with pytest.raises(Rejected, match="participant and effective day has the same Published"):
            billed(first, of("other", published="2024-09-01"))

    def test_a_status_of_nobody(self) -> None:
        with pytest.raises(Rejected, match="no such participant is registered"):
            billed(of("other").replace("P-1", "P-2"))

    def test_terms_know_the_words(self) -> None:
        with pytest.raises(TermsRejected, match="this is not a known word for status"):
            billed(terms=TERMS.replace("foster_care", "adopted"))


class TestCredits:
    """4.5: a credit stands unless every cost of the participant, service, subaward and month is
    refused."""

    JUNE = """
participants = [{ id = "P-1" }]
enrollments = [{ participant = "P-1", start = 2024-06-01, end = 2024-06-30 }]
costs = [{ participant = "P-1", service = "rent", amount = "100.00 USD", paid = 2024-06-05, month = "2024-06" },
    { participant = "P-1", service = "rent", amount = "-30.00 USD", paid = 2024-06-25, month = "2024-06" }]
"""
    ONLY = JUNE.replace(
        '{ participant = "P-1", service = "rent", amount = "100.00 USD", paid = 2024-06-05, month = "2024-06" },', ""
    )

    @pytest.mark.parametrize(
        ("since", "rows", "allowed"),
        [("06-20", JUNE, 7000), ("06-01", JUNE, 0), ("06-26", ONLY, -3000), ("06-20", ONLY, 0)],
    )
    def test_credits(self, since: str, rows: str, allowed: int) -> None:
        claim = billed(of("other", "2024-01-01"), of("us_citizen", f"2024-{since}"), rows=rows)
        assert paid(claim, "rent")[6] == allowed

    def test_one_cost_that_stands_is_enough(self) -> None:
        """A cost of 5 June is refused and one of 22 June stands; so does the credit of 25 June:
        70.00."""
        more = self.JUNE.replace(
            "costs = [", "costs = [" + PAID.split(",\n")[5].replace("2024-06-10", "2024-06-22") + ", "
        )
        assert paid(billed(of("in_custody"), of("other", "2024-06-20"), rows=more), "rent")[6] == 7000


class TestNotes:
    """Everything that `bill` warned of stands on the Notes sheet, and a counted claim says it of
    nobody."""

    def test_the_sheet(self, tmp_path: Path) -> None:
        claim = billed(of("us_citizen"))
        write_claim(claim, tmp_path / "claim.xlsx", detail=False)
        cells = str(open_book(tmp_path / "claim.xlsx").sheets["Notes"])
        assert "the terms do not serve this participant on some days" in cells
        assert "There is nothing to note" not in cells
        assert all(not note.place.cell for note in claim.counted().notes)

    def test_what_a_letter_log_tells(self) -> None:
        """A citizen of the log is one in the bill; what is found of letters is a note."""
        world = case(TERMS, BASE)
        when = date(2024, 1, 1)
        log = Log(
            report_date=KNOWN,
            events=(
                LetterEvent(
                    number="L-1", event="issued", day=when, published=when, participant=WHO, kind="certification"
                ),
            ),
            people=(PersonServed(WHO, "us_citizen", family_of=WHO, derivative="T-2"),),
            issuer=WHO.issuer,
        )
        (load,) = with_letters([world.caseload], [log])
        claim = bill(load, world.network, Month(2024, 12), KNOWN)
        assert dollars_of(claim) == 0
        assert causes(claim) == ["family_letter", "no_letter", "no_participant", "not_served"]
        own = evolve(
            world.caseload, statuses=(PersonStatus(participant=WHO, status="other", effective=when, published=when),)
        )
        (load,) = with_letters([own], [log])
        assert dollars_of(bill(load, world.network, Month(2024, 12), KNOWN)) == 4000, "what the caseload tells holds"

    @pytest.mark.parametrize(
        ("age", "kind", "told"),
        [
            ("adult", "certification_letter", False),
            ("child", "certification_letter", True),
            ("adult", "eligibility_letter", True),
            ("adult", "interim_assistance_letter", True),
            ("child", "eligibility_letter", False),
            ("child", "interim_assistance_letter", False),
        ],
    )
    def test_a_letter_of_another_age(self, age: Literal["adult", "child"], kind: str, told: bool) -> None:
        """4.5.1: a child with an adult's letter, and the reverse, is a warning."""
        world = case(TERMS.replace(SERVED, ""), BASE)
        people = tuple(evolve(row, age_group=age) for row in world.caseload.participants)
        letter = Letter(participant=WHO, kind=kind, days=Interval(date(2024, 1, 1)), published=date(2024, 1, 1))
        load = evolve(world.caseload, participants=people, letters=(letter,))
        assert causes(bill(load, world.network, Month(2024, 12), KNOWN)) == ["age_group"] * told


class TestTvap:
    """The terms of TVAP exclude whom the announcement excludes, and leave later announcements to
    the award."""

    def test_they_agree_with_the_announcement(self) -> None:
        terms, never = load_terms("tvap-2018"), set[str]()
        for service in terms.services:
            never = {p.word("status") for p in service.provisions if p.kind == "served_days" and p.values.facts}
            assert never == {s for s in STATUSES if not may_participate(s, terms.effective, KNOWN).served}
        later = {s for s in STATUSES if not may_participate(s, date(2020, 10, 1), KNOWN).served} - never
        assert {o.key for o in terms.opens if o.key.startswith("served")} == {f"served_days.{s}" for s in later}


class TestSheet:
    """The Statuses sheet is read; a caseload without it reads as before."""

    def test_it_is_read(self, tmp_path: Path) -> None:
        rows: dict[str, list[dict[str, Any]]] = {
            "Document": [{"issuer": "SITE", "report_date": date(2024, 9, 1)}],
            "Participants": [{"participant": "P-1", "age_group": "adult"}],
        }
        write_input("caseload", rows, tmp_path / "old.xlsx")
        assert read_caseload(tmp_path / "old.xlsx").statuses == ()
        rows["Statuses"] = [{"participant": "P-1", "status": "refugee", "effective": date(2024, 2, 1)}]
        write_input("caseload", rows, tmp_path / "new.xlsx")
        (row,) = read_caseload(tmp_path / "new.xlsx").statuses
        assert row == PersonStatus(
            participant=WHO, status="refugee", effective=date(2024, 2, 1), published=date(2024, 9, 1)
        )
        assert str(row.source).startswith("new.xlsx")


class TestOneSubrecipientsRule:
    """Six weeks of screening, custody and foster care are one subrecipient's rule: provisions of
    illustrative terms, labelled so."""

    TERMS = read_terms((EXAMPLES / "screening-illustrative.toml").read_text("utf-8"), "screening-illustrative.toml")

    def billed(self, *statuses: str) -> int:
        rows = BASE.replace('service = "rent"', 'service = "participant_expenses"') + "statuses = ["
        rows += ", ".join(statuses) + "]\n"
        given = tomllib.loads(rows, parse_float=Decimal)
        return dollars_of(_case({**tomllib.loads(DEFAULTS), **given}, self.TERMS).claim())

    def test_they_are_labelled(self) -> None:
        assert (self.TERMS.status, self.TERMS.title.split(":")[0]) == ("illustrative", "ILLUSTRATIVE")
        provisions = [p for service in self.TERMS.services for p in service.provisions]
        assert {p.word("status") for p in provisions} == {"unscreened", "in_custody", "foster_care"}
        cited = {fact.authority.citation for p in provisions for fact in p.values.facts}
        assert {c.partition(" (")[0] for c in cited} == {"ILLUSTRATIVE: one subrecipient's published rule"}

    @pytest.mark.parametrize(
        ("statuses", "dollars"),
        [
            (["other"], 4000),
            (["unscreened"], 1000),  # 1 January to 11 February: two months, and two costs
            (["in_custody"], 0),
            (["foster_care"], 0),
            (["us_citizen"], 4000),  # that rule says nothing of them
        ],
        ids=str,
    )
    def test_who_is_served(self, statuses: list[str], dollars: int) -> None:
        assert self.billed(*map(of, statuses)) == dollars

    def test_screened_in_time(self) -> None:
        """Screened on 5 February, within the six weeks: everything is billed."""
        assert self.billed(of("unscreened"), of("other", "2024-02-05")) == 4000
