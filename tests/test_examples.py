"""The examples: what is committed is what generate.py writes, and it comes to the cents that
README.md states."""

from __future__ import annotations

import runpy
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from grantcalc.awards import Award
from grantcalc.billing.caseload import Caseload, Enrollment
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.lines import Line
from grantcalc.cli import main
from grantcalc.eligibility import Participant
from grantcalc.errors import NotInForce, WorkbookRejected
from grantcalc.io.inputs import read_award, read_caseload
from grantcalc.ledger.requests import assemble, requests
from grantcalc.money import dollars
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Authority
from grantcalc.regions import REGIONS
from grantcalc.terms import Filling, Terms, fill_terms, load_terms, rules_as_known
from tests.oracle import OracleLine, oracle

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TVAP, GRANT, BAD = EXAMPLES / "tvap-fy2012", EXAMPLES / "matching-grant-2007", EXAMPLES / "bad-caseload.xlsx"
REPORT = date(2012, 10, 15)
AWARDS = USCRI, HEARTLAND, TAPESTRI = "90ZV-ILL-1", "90ZV-ILL-2", "90ZV-ILL-3"


@cache
def network(folder: Path) -> Network:
    return read_award(folder / "award.xlsx")


@cache
def caseloads(folder: Path) -> tuple[Caseload, ...]:
    return tuple(read_caseload(path) for path in sorted(folder.glob("*.xlsx")) if path.name != "award.xlsx")


@cache
def claim(folder: Path) -> Claim:
    return bill(caseloads(folder), network(folder), Month(2012, 9) if folder == TVAP else Month(2007, 12))


def by_award(found: Claim) -> dict[str, Decimal]:
    """What stands of each award, in dollars."""
    sums: Counter[str] = Counter()
    for line in found.lines:
        sums[line.award] += line.amount
    for limit in found.reductions:
        sums[limit.line.award] += limit.amount
    return {fain: dollars(amount) for fain, amount in sorted(sums.items())}


def parts(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def written(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*.xlsx")}


def in_short(line: Line | OracleLine) -> tuple[object, ...]:
    """Who, where, what for, when and how much."""
    what = (line.service, line.phase, line.month, line.day, line.amount, line.reference)
    return (line.issuer, line.participant, line.subaward, *what)


def rows_by_person(rows: Iterable[Enrollment]) -> dict[Participant, list[Enrollment]]:
    found: dict[Participant, list[Enrollment]] = defaultdict(list)
    for row in rows:
        found[row.participant].append(row)
    return found


class TestGenerator:
    """The same files each time."""

    @pytest.mark.slow
    def test_what_is_committed_is_what_it_writes(self, tmp_path: Path) -> None:
        runpy.run_path(str(EXAMPLES / "generate.py"))["write_all"](tmp_path)
        assert written(EXAMPLES) == written(tmp_path)
        for name in sorted(written(tmp_path)):
            assert parts(EXAMPLES / name) == parts(tmp_path / name), name

    @pytest.mark.slow
    def test_every_workbook_that_is_read_says_what_it_is(self) -> None:
        illustrative = {network(TVAP).label, *(load.label for load in caseloads(TVAP))}
        assert illustrative == {"ILLUSTRATIVE: invented figures and pseudonyms, no real person"} == {claim(TVAP).label}
        derived = {network(GRANT).label, *(load.label for load in caseloads(GRANT))}
        assert derived == {"Award amounts of 2007 as published; counts derived from them (amount ÷ 2,200)"}

    @pytest.mark.parametrize("folder", [TVAP, GRANT], ids=lambda folder: folder.name)
    def test_the_readme_states_the_total(self, folder: Path) -> None:
        readme = (EXAMPLES / "README.md").read_text("utf-8").splitlines()
        row = next(line for line in readme if line.startswith(f"| `{folder.name}/`"))
        assert row.endswith(f"| {claim(folder).total.amount:,.2f} |")


class TestTvap:
    """The page's network over the ten regions, in fiscal year 2012, under terms of its own labeled
    illustrative."""

    def test_totals_to_the_cent(self) -> None:
        found = claim(TVAP)
        assert (found.known, found.earned.amount, found.held_back.amount, found.total.amount) == (
            REPORT,
            Decimal("1968384.57"),
            Decimal("-212392.21"),
            Decimal("1755992.36"),
        )
        assert by_award(found) == {
            USCRI: Decimal("1060764.02"),
            HEARTLAND: Decimal("552842.83"),
            TAPESTRI: Decimal("142385.51"),
        }

    @pytest.mark.slow
    def test_the_rulebook_day_by_day_comes_to_the_same(self) -> None:
        """A subaward whose amount binds, an issuer's two subawards, and the award with other
        rules."""
        loads = [load for load in caseloads(TVAP) if load.issuer in ("SUB-D", "SUB-L", "SUB-M", "SUB-N")]
        found, expected = bill(loads, network(TVAP), Month(2012, 9)), oracle(loads, network(TVAP), Month(2012, 9))
        assert sorted(map(in_short, found.lines)) == sorted(map(in_short, expected.lines))
        assert sorted((x.name, -x.amount, in_short(x.line)) for x in found.reductions) == sorted(
            (x.ceiling, x.amount, in_short(x.line)) for x in expected.holds
        )
        ours = [line for line in claim(TVAP).lines if line.issuer in ("SUB-D", "SUB-L", "SUB-M", "SUB-N")]
        assert sorted(map(in_short, ours)) == sorted(map(in_short, found.lines))

    def test_three_recipients_partition_the_ten_regions(self) -> None:
        found: dict[str, list[int]] = defaultdict(list)
        for region in REGIONS:
            (holder,) = network(TVAP).who_serves(region, date(2012, 9, 30), REPORT)
            found[holder].append(region.number)
        assert found == {USCRI: [3, 6, 7, 8, 9, 10], HEARTLAND: [1, 2, 5], TAPESTRI: [4]}
        assert network(TVAP).coverage(date(2012, 9, 30), REPORT) == ()
        assert [note.cause for note in claim(TVAP).notes] == ["issuers"]

    def test_a_subrecipient_works_in_each_region_under_the_award_that_serves_it(self) -> None:
        found: dict[str, set[int]] = defaultdict(set)
        for party in claim(TVAP).parties:
            assert party.region is not None
            found[party.award].add(party.region)
        assert found == {USCRI: {3, 6, 7, 8, 9, 10}, HEARTLAND: {1, 2, 5}, TAPESTRI: {4}}

    def test_its_size(self) -> None:
        people = [r.participant for load in caseloads(TVAP) for r in load.participants]
        assert (len(caseloads(TVAP)), len(network(TVAP).subawards), len(people)) == (14, 17, 600)

    def test_ceilings_bind(self) -> None:
        held = {(limit.name, limit.line.award) for limit in claim(TVAP).reductions}
        assert held == {*product(["per_capita", "administration"], AWARDS), ("subaward S-D", USCRI)}
        rooms = {limit.room for limit in claim(TVAP).reductions if limit.name == "per_capita"}
        assert rooms == {600_000, 750_000}

    def test_each_letter_and_phase_occurs_on_time_and_late_ending_and_open(self) -> None:
        letters = [letter for load in caseloads(TVAP) for letter in load.letters]
        kinds = {"certification_letter", "eligibility_letter", "interim_assistance_letter"}
        assert {x.kind for x in letters} == kinds
        assert {x.kind for x in letters if (x.published - x.days.start).days > 30} == kinds
        assert {x.kind for x in letters if x.days.end is None} == {"certification_letter", "eligibility_letter"}
        assert {x.kind for x in letters if x.days.end} == {"certification_letter", "interim_assistance_letter"}
        phases = ["certified", "interim", "pre_certification"]
        assert {(line.award, line.phase) for line in claim(TVAP).lines} == set(product(AWARDS, phases))

    def test_enrollments_open_closed_with_gaps_and_moved_in_mid_month(self) -> None:
        rows = [row for load in caseloads(TVAP) for row in load.enrollments]
        assert {row.days.end is None for row in rows} == {True, False}
        assert any(row.days.start < date(2011, 10, 1) for row in rows)
        moved, gaps = set(), 0
        for own in rows_by_person(rows).values():
            for before, after in pairwise(own):
                assert before.days.end is not None
                if before.subaward != after.subaward and after.days.start.day > 1:
                    moved.add(before.participant.issuer)
                gaps += (after.days.start - before.days.end).days > 1
        assert moved == {"SUB-B", "SUB-F", "SUB-L"}
        assert gaps > 10

    def test_costs_of_every_category_over_months_credited_and_paid_later(self) -> None:
        costs = [cost for load in caseloads(TVAP) for cost in load.costs]
        service = next(s for s in network(TVAP).awards[0].terms.services if s.id == "participant_expenses")
        assert {cost.category for cost in costs} == set(service.categories)
        assert any(len(cost.months) > 1 for cost in costs)
        assert any(cost.amount < 0 for cost in costs)
        assert any(cost.months and Month.of(cost.paid) not in cost.months for cost in costs)

    def test_family_joins_and_leaves_in_mid_year(self) -> None:
        rows = [row for load in caseloads(TVAP) for row in load.households]
        assert any(row.days.end for row in rows)
        enrolled = rows_by_person(row for load in caseloads(TVAP) for row in load.enrollments)
        assert {row.days.start > enrolled[row.participant][0].days.start for row in rows} == {True, False}

    def test_the_amendment_of_april_lets_the_first_award_pay(self) -> None:
        award = network(TVAP).award(USCRI)
        amounts = award.budget_periods[0].amount
        assert amounts.at(date(2012, 9, 30), date(2012, 4, 12)).value == 100_000_000
        assert amounts.at(date(2012, 9, 30), date(2012, 4, 13)).value == 115_000_000
        found = requests(assemble([claim(TVAP)]), network(TVAP))
        assert {r.award: r.amount.amount for r in found} == by_award(claim(TVAP))
        assert 100_000_000 < by_award(claim(TVAP))[USCRI] * 100 < 115_000_000

    def test_the_rate_amended_in_mid_year_is_used_for_service_before_it_was_published(self) -> None:
        lines = [line for line in claim(TVAP).lines if line.award == USCRI and line.phase == "certified"]
        rates = {(line.month, line.rate.value.value) for line in lines if line.rate}
        assert {rate for month, rate in rates if month < Month(2012, 4)} == {Decimal(250)}
        assert {rate for month, rate in rates if month >= Month(2012, 4)} == {Decimal(265)}


class TestTermsOf2012:
    """The real TVAP 2018 terms are refused as known in 2012; the illustrative ones are their
    numbers, dated back."""

    def test_the_same_numbers_and_structure(self) -> None:
        real, ours = load_terms("tvap-2018"), network(TVAP).awards[0].terms
        assert (real.status, ours.status) == ("published", "illustrative")
        assert (ours.effective, ours.published) == (date(2011, 10, 1), date(2011, 9, 30))
        assert real.phases == ours.phases
        assert numbers(real) == numbers(ours)
        assert all(a.citation.startswith("ILLUSTRATIVE") for a in authorities(ours))

    def test_the_real_terms_are_refused_as_known_in_2012(self) -> None:
        filled = fill_terms(load_terms("tvap-2018"), fillings(network(TVAP).award(USCRI)))
        with pytest.raises(NotInForce) as refused:
            rules_as_known(filled, REPORT)
        assert str(refused.value) == "no terms tvap-2018 is in force on 2018-09-30 as known on 2012-10-15"
        assert rules_as_known(filled, date(2018, 10, 1)).terms == filled

    def test_the_illustrative_terms_are_refused_before_they_were_published(self) -> None:
        with pytest.raises(NotInForce):
            rules_as_known(network(TVAP).awards[0].terms, date(2011, 9, 29))


def numbers(terms: Terms) -> object:
    """Ceilings, shares, pools and categories, without their dates and citations."""
    return (
        [(s.id, s.title, s.pool, s.categories) for s in terms.services],
        [(c.id, {tier: [f.value for f in series.facts] for tier, series in c.amounts.items()}) for c in terms.ceilings],
        [(s.id, s.pool, s.of, [f.value for f in s.at_most.facts]) for s in terms.shares],
    )


def authorities(terms: Terms) -> list[Authority]:
    """What the ceilings and shares rest on."""
    amounts = [f.authority for c in terms.ceilings for series in c.amounts.values() for f in series.facts]
    return [*amounts, *(f.authority for s in terms.shares for f in s.at_most.facts)]


def fillings(award: Award) -> list[Filling]:
    """What an award fills in, as its terms hold it now, for other terms that leave the same to the
    award."""
    service = next(s for s in award.terms.services if s.id == "case_management")
    ceiling, share = award.terms.ceilings[0], award.terms.shares[0]
    rates = [(f"rate.{phase}", fact) for phase, series in service.rates.items() for fact in series.facts]
    held = {"count": service.choices, "window": ceiling.choices, "family": ceiling.choices, "base": share.choices}
    choices = [(term, held[term][term]) for term in held]
    return [
        *(
            Filling(term=term, value=f.value.value, effective=f.effective, published=f.published, authority=f.authority)
            for term, f in rates
        ),
        *(
            Filling(term=term, value=f.value, effective=f.effective, published=f.published, authority=f.authority)
            for term, f in choices
        ),
    ]


class TestMatchingGrant:
    """Nine real awards as counts at $2,200 give 59,998,400.00 to the cent."""

    def test_each_award_earns_its_published_amount(self) -> None:
        amounts = "12623600 16981800 3799400 3350600 7513000 1755600 4411000 8245600 1317800".split()
        published = {f"MG-2007-{n}": Decimal(f"{amount}.00") for n, amount in enumerate(amounts, 1)}
        assert by_award(claim(GRANT)) == published
        assert claim(GRANT).total.amount == claim(GRANT).earned.amount == Decimal("59998400.00")
        assert sum(line.quantity for line in claim(GRANT).lines) == 27_272

    def test_each_award_pays_for_it_whole(self) -> None:
        found = requests(assemble([claim(GRANT)]), network(GRANT))
        assert {r.award: r.amount.amount for r in found} == by_award(claim(GRANT))
        assert all(r.held_back.amount == 0 and r.amount.amount * 100 == r.authorized for r in found)

    def test_nothing_to_note(self) -> None:
        assert claim(GRANT).notes == ()


def test_the_findings_of_a_workbook_full_of_mistakes() -> None:
    with pytest.raises(WorkbookRejected) as refused:
        read_caseload(BAD)
    assert str(refused.value).splitlines() == FINDINGS.strip().splitlines()


FINDINGS = """
Participants!A3: a pseudonym must not look like a Social Security number, expected a code of your own like P-0417; found text of 11 characters
Participants!A4: Participant must not be empty, expected your own code with a digit in it, meaningless elsewhere
Participants!B5: this is not a known age group, expected one of adult, child; found text of 8 characters
Participants!A6: this participant is listed twice, expected one row each
Letters!B2: this is not a known letter, expected one of certification_letter, eligibility_letter, interim_assistance_letter; found text of 11 characters
Households!D2: a count of persons cannot be negative, expected a whole number, 0 or more; found -2
Enrollment!D2: these days end before they start, expected 2012-05-07 or later; found 2012-04-07
Enrollment!C3: this is not a date, expected a date like 2012-10-15; found text of 10 characters
Costs!D1: this column is not known, expected one of Participant, Subaward, Service, Category, Amount, Paid on, Service month, Reference, Published; found text of 8 characters; did you mean Category?
Costs!E2: this amount hides a fraction of a cent, expected dollars and cents as a number, like 1234.50; found 84.155
Costs!E3: this is not an amount of money, expected dollars and cents as a number, like 1234.50; found text of 8 characters
Costs!G4: a credit must name the service month of what it corrects, expected a month like 2012-09
"""  # noqa: E501


@pytest.mark.slow
def test_the_demo_is_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each caseload billed, both requests written, and one cell explained; with Python alone."""
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(main, ["demo"], catch_exceptions=False)
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.count("claim-SUB-") == 15  # of 14 claims, and again of the one that is explained
    assert "matches its inputs" in shown.stdout
    assert "Lines!Q7 says 161.29." in shown.stdout
    documents = sorted(path.name for path in (tmp_path / "out").rglob("*.xlsx"))
    assert documents == [
        "award.xlsx",
        *(f"claim-SUB-{c}.xlsx" for c in "ABCDEFGHIJKLMN"),
        "claim.xlsx",
        *["request.xlsx"] * 2,
    ]
