"""Tests of the award (rulebook 10): each both ways, and each rule on the day before and the day of
its change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.awards import Award, BudgetPeriod, Disallowance, Organization, Subaward
from grantcalc.billing.caseload import Caseload, Cost, Enrollment, Registration
from grantcalc.billing.claims import bill
from grantcalc.compliance.check import CHECKS, check_awards
from grantcalc.compliance.dues import audit_due, kept_until
from grantcalc.compliance.of_award import mtdc_across, mtdc_of_subawards
from grantcalc.compliance.of_subawards import reporting_due
from grantcalc.compliance.record import AwardRecord, BudgetLine, ComplianceRecord, FiscalYear, SubawardRecord, Transfer
from grantcalc.compliance.regimes import load_regimes
from grantcalc.compliance.results import TESTS, CheckResult
from grantcalc.eligibility import Participant
from grantcalc.errors import Unknown
from grantcalc.known import Fact, Series
from grantcalc.money import Cents, share_up
from grantcalc.network import Area, Network
from grantcalc.periods import Interval, Month
from grantcalc.provenance import Authority
from grantcalc.regions import REGIONS
from grantcalc.terms import Filling, fill_terms, load_terms, read_terms

LATE = date(2026, 6, 30)
LETTER = Authority("Award letter (illustrative)")
MIXED, WHOLE, DIV = date(2024, 10, 1), date(2025, 10, 1), date(2014, 12, 26)
DAY = timedelta(days=1)
UEI = "YNDUZMUZF8H8"


def amount(cents: int | None, on: date = date(2007, 1, 1)) -> Series[int]:
    return Series("amount", () if cents is None else [Fact(Cents(cents), on, on, LETTER)])


def award_of(awarded: date = WHOLE, agency: str = "HHS/ACF", cents: int = 100_000_000, terms: str = "") -> Award:
    days = Interval(awarded, date(awarded.year + 1, awarded.month, 28))
    found = load_terms(terms or "rescue-and-restore-regional")
    budget = BudgetPeriod("Year 1", days, amount(cents))
    return Award(
        fain="90ZV0101",
        recipient="PRIME",
        agency=agency,
        listing="93.598",
        awarded=awarded,
        period=days,
        terms=found,
        budget_periods=(budget,),
    )


def subaward(id: str, award: Award, cents: int | None = 10_000_000, **other: Any) -> Subaward:
    return Subaward(id=id, **{"parent": award.fain, "subrecipient": "SUB", "period": award.period, **other}, amount=amount(cents))  # fmt: skip # noqa: E501


def network_of(award: Award, *subawards: Subaward, uei: str = UEI, **other: Any) -> Network:
    organizations = (
        Organization(id="PRIME", name="Prime", uei=UEI),
        Organization(id="SUB", name="Subrecipient", uei=uei),
    )
    return Network(report_date=LATE, organizations=organizations, awards=(award,), subawards=subawards, **other)


def outcomes(test: str, network: Network, record: ComplianceRecord | None = None, **more: Any) -> list[CheckResult]:
    """What one test comes to."""
    return [o for o in check_awards(network, record, **more).outcomes if o.test == test]


def results(test: str, network: Network, record: ComplianceRecord | None = None, **more: Any) -> list[str]:
    return [o.result for o in outcomes(test, network, record, **more)]


class TestRegimes:
    """Which rules hold goes by agency and award date, never by date alone."""

    @pytest.mark.parametrize(
        ("rule", "agency", "change", "before", "after"),
        [
            ("regime", "HHS", DIV, "45 CFR 74 and 92", "45 CFR 75"),
            ("regime", "HHS/ACF", MIXED, "45 CFR 75", "45 CFR 75 with provisions of 2 CFR 200"),
            ("regime", "HHS", WHOLE, "45 CFR 75 with provisions of 2 CFR 200", "2 CFR 200 with 2 CFR 300"),
            ("mtdc_of_subaward", "HHS", DIV, None, 2_500_000),
            ("mtdc_of_subaward", "HHS/ACF/ORR", MIXED, 2_500_000, 5_000_000),
            ("mtdc_of_subaward", "NIH", MIXED, 2_500_000, 5_000_000),
            ("mtdc_of_subaward", "HHS/NIH", date(2026, 4, 20), 5_000_000, 2_500_000),
            ("mtdc_of_subaward", "HHS/ACF", date(2026, 4, 20), 5_000_000, 5_000_000),
            ("de_minimis", "HHS", DIV, None, Fraction(1, 10)),
            ("de_minimis", "HHS", MIXED, Fraction(1, 10), Fraction(15, 100)),
            ("de_minimis", "National Institutes of Health", date(2026, 4, 20), Fraction(15, 100), Fraction(1, 10)),
            ("de_minimis", "HHS", date(2026, 4, 20), Fraction(15, 100), Fraction(15, 100)),
            ("audit", "HHS", DIV, None, 75_000_000),
            ("audit", "HHS", MIXED, 75_000_000, 100_000_000),
            ("audit_for_profit", "HHS", DIV, None, "two options"),
            ("audit_for_profit", "HHS", MIXED, "two options", "outside"),
            ("fixed_amount", "HHS", date(2018, 12, 31), None, 25_000_000),
            ("fixed_amount", "HHS", MIXED, 25_000_000, 50_000_000),
            ("threshold", "HHS", date(2018, 12, 31), None, 25_000_000),
            ("threshold", "HHS/ACF", WHOLE, 25_000_000, 35_000_000),
            ("added_funds", "HHS", DIV, None, "see the agency's notice"),
            ("added_funds", "HHS/AHRQ", DIV, None, "by budget period"),
            ("closeout_recipient", "HHS", DIV, None, 90),
            ("closeout_recipient", "HHS", MIXED, 90, 120),
            ("closeout_longer", "HHS", DIV, None, 120),
            ("closeout_longer", "HHS", MIXED, 120, None),
            ("closeout_subrecipient", "HHS", DIV, None, 90),
            ("closeout_subrecipient", "HHS", MIXED, 90, 90),
            ("fixed_amount_sharing", "HHS", DIV, None, "barred"),
            ("fixed_amount_sharing", "HHS", WHOLE, "barred", "barred"),
            ("data_elements", "HHS", DIV, None, 13),
            ("data_elements", "HHS", WHOLE, 13, 14),
            ("certification", "HHS", DIV, None, "signed"),
            ("certification", "HHS", WHOLE, "signed", "signed"),
            ("records", "HHS", DIV, None, 3),
            ("records", "HHS", WHOLE, 3, 3),
            ("transfers", "HHS", DIV, None, Fraction(1, 10)),
            ("transfers", "HHS", WHOLE, Fraction(1, 10), Fraction(1, 10)),
            ("uei", "HHS", date(2022, 4, 4), None, "obtained"),
            ("reporting", "HHS", DIV, None, 2_500_000),
            ("reporting", "HHS", date(2020, 11, 12), 2_500_000, 3_000_000),
            ("reporting_exempt", "HHS", DIV, None, 30_000_000),
        ],
    )
    def test_the_day_before_and_the_day_of_each_change(
        self, rule: str, agency: str, change: date, before: object, after: object
    ) -> None:
        found = [load_regimes().find(rule, agency, day, LATE) for day in (change - DAY, change, change + DAY)]
        assert [f and f.value for f in found] == [before, after, after]
        assert all(f.authority.citation for f in found if f)

    def test_every_rule_is_in_the_table_above(self) -> None:
        mark = next(m for m in self.test_the_day_before_and_the_day_of_each_change.pytestmark)  # type: ignore[attr-defined]
        assert {case[0] for case in mark.args[1]} == {*load_regimes().rules}
        changes = {(r, f.effective) for r, by in load_regimes().rules.items() for s in by.values() for f in s.facts}
        assert {(case[0], case[2]) for case in mark.args[1]} >= {c for c in changes if c[1] > date.min}

    def test_a_value_is_not_known_before_it_is_published(self) -> None:
        """2 CFR 300.1 was published a day after it took effect."""
        published = date(2024, 10, 2)
        found = [load_regimes().find("de_minimis", "HHS", MIXED, known) for known in (published - DAY, published)]
        assert [f and f.value for f in found] == [Fraction(1, 10), Fraction(15, 100)]

    @pytest.mark.parametrize("agency", ["DOJ/OVC", "ACF", "", "/", "HHSX", "Department of State"])
    def test_of_another_agency_nothing_is_said(self, agency: str) -> None:
        assert all(load_regimes().find(rule, agency, LATE, LATE) is None for rule in load_regimes().rules)
        assert results("mtdc", network_of(award_of(agency=agency))) == ["not tested"]

    @pytest.mark.parametrize(
        ("test", "change"),
        [
            *((test, date(2018, 12, 31)) for test in ("fixed_amount", "transfers")),
            ("uei", date(2022, 4, 4)),
            *((test, DIV) for test in ("mtdc", "indirect", "elements", "records", "reporting", "closeout")),
        ],
    )
    def test_without_a_text_it_says_so(self, test: str, change: date) -> None:
        """The day before, by agency too: not tested, because no text is at hand."""
        for day, agency, because in (
            (
                change - DAY,
                "HHS/ACF",
                f"no rules are available for an award made on {change - DAY}, as known on {LATE}",
            ),
            (change, "DOJ/OVC", "no rules of this federal agency are available"),
        ):
            award = award_of(day, agency)
            (found,) = outcomes(test, network_of(award, subaward("S", award)))
            assert (found.result, found.says) == ("not tested", because)
            assert found.authority.citation
        award = award_of(change)
        assert not any("no text" in o.says for o in outcomes(test, network_of(award, subaward("S", award))))

    def test_a_rule_that_is_none(self) -> None:
        with pytest.raises(Unknown):
            load_regimes().find("de_maximis", "HHS", LATE, LATE)


class TestPassThrough:
    """Rescue & Restore: at least 60 % sub-awarded, the share stands in terms."""

    @pytest.mark.parametrize(("total", "least"), [(75_600_000, 45_360_000), (82_500_000, 49_500_000)])
    def test_the_two_real_awards(self, total: int, least: int) -> None:
        """93.598: $756,000 and $825,000, so at least $453,600 and $495,000 go out."""
        award = award_of(date(2008, 2, 15), cents=total)
        assert share_up(Fraction(60, 100), total) == least
        for cents, result in ((least, "pass"), (least - 1, "finding")):
            (found,) = outcomes("pass_through", network_of(award, subaward("S", award, cents)))
            assert found.result == result
            assert found.authority == Authority("HHS-2008-ACF-ORR-ZV-0048")

    def test_of_several_subawards_only_those_of_the_recipient_count(self) -> None:
        award = award_of()
        below = subaward("T", award, 5_000_000, parent="S")
        network = network_of(award, subaward("S", award, 55_000_000), below, subaward("U", award, 4_999_999))
        assert results("pass_through", network) == ["finding"]

    def test_a_missing_amount_and_terms_without_a_share(self) -> None:
        award = award_of()
        assert results("pass_through", network_of(award, subaward("S", award, None))) == ["not tested"]
        assert results("pass_through", network_of(award_of(terms="matching-grant"))) == ["not tested"]

    @given(st.integers(0, 10**12), st.fractions(0, 1))
    def test_a_part_is_the_least_amount_in_whole_cents_that_is_enough(self, total: int, share: Fraction) -> None:
        part = share_up(share, total)
        assert part >= share * total > part - 1


class TestSubawards:
    """Subawards obligated ≤ award; the subaward's period inside the award's; UEI; data elements;
    reporting."""

    def test_obligated_within_the_award_and_within_the_subaward_above(self) -> None:
        award = award_of(cents=20_000_000)
        whole = subaward("S", award), subaward("T", award)
        assert results("obligated", network_of(award, *whole)) == ["pass"]
        assert results("obligated", network_of(award, *whole, subaward("U", award, 1))) == ["finding"]
        below = subaward("V", award, 10_000_001, parent="S")
        assert results("obligated", network_of(award, *whole, below)) == ["pass", "finding"]
        assert results("obligated", network_of(award, subaward("S", award, None))) == ["not tested"]
        over = subaward("S", award, None), subaward("T", award, 20_000_001)
        assert results("obligated", network_of(award, *over)) == ["finding"]

    @pytest.mark.parametrize(("shift", "result"), [(0, "pass"), (-1, "finding")])
    def test_period(self, shift: int, result: str) -> None:
        award = award_of()
        days = Interval(award.period.start + shift * DAY, award.period.end)
        assert results("period", network_of(award, subaward("S", award, period=days))) == [result]
        wider = subaward("S", award, period=Interval(award.period.start + DAY, award.period.end))
        inside = subaward("T", award, parent="S", period=Interval(award.period.start + DAY + shift * DAY))
        assert results("period", network_of(award, wider, inside))[1] == "finding"

    @pytest.mark.parametrize(
        ("uei", "result"),
        [("YNDUZMUZF8H8", "pass"), ("0NDUZMUZF8H8", "finding"), ("YNDUZMUZF8HO", "finding"), ("", "not tested")],
    )
    def test_shape_of_the_uei(self, uei: str, result: str) -> None:
        award = award_of()
        assert results("uei_shape", network_of(award, subaward("S", award), uei=uei)) == ["pass", result]

    @pytest.mark.parametrize(
        ("made", "given_on", "uei", "result"),
        [
            (WHOLE, WHOLE, UEI, "pass"),
            (WHOLE, WHOLE + DAY, UEI, "finding"),
            (WHOLE, WHOLE, "", "finding"),
            (None, WHOLE, UEI, "not tested"),
            (WHOLE, None, UEI, "not tested"),
        ],
    )
    def test_uei_before_the_subaward(self, made: date | None, given_on: date | None, uei: str, result: str) -> None:
        award = award_of()
        record = ComplianceRecord(subawards=(SubawardRecord(subaward="S", made=made, uei_on=given_on),))
        network = network_of(award, subaward("S", award), uei=uei)
        assert results("uei", network, record) == [result]

    def test_data_elements_all_and_each_left_out(self) -> None:
        """The 14 of 2 CFR 200.332(b)(1), for an award under 2 CFR 200; of earlier awards no text is
        at hand."""
        award = award_of()
        said: dict[str, Any] = {
            "made": WHOLE, "budget_start": WHOLE, "budget_end": LATE, "obligated_in_all": 1, "committed": 1,
            "indirect": "none",
        }  # fmt: skip
        own = AwardRecord(
            fain=award.fain,
            description="Services",
            listing_title="Victims of trafficking",
            research=False,
            contact="office",
        )
        network = network_of(award, subaward("S", award))
        record = ComplianceRecord((own,), (SubawardRecord(subaward="S", **said),))
        assert results("elements", network, record) == ["pass"]
        missing = {"budget_start": "vi", "obligated_in_all": "viii", "committed": "ix", "indirect": "xiv"}
        for key, number in missing.items():
            without = ComplianceRecord(
                (own,), (SubawardRecord(subaward="S", **{**said, key: "" if key == "indirect" else None}),)
            )
            (found,) = outcomes("elements", network, without)
            assert (found.result, found.says) == ("finding", f"not given: ({number})")
        for fact, number in (({"description": ""}, "x"), ({"listing_title": ""}, "xii"), ({"research": None}, "xiii")):
            (found,) = outcomes("elements", network, ComplianceRecord((evolve(own, **fact),), record.subawards))
            assert found.says == f"not given: ({number})"
        assert results("elements", network) == ["not tested"]

    def test_thirteen_data_elements_before(self) -> None:
        """45 CFR 75.352(a)(1)(i) to (xiii): no budget period of the subaward; then 14 from 1
        October 2025."""
        said: dict[str, Any] = {"made": MIXED, "obligated_in_all": 1, "committed": 1, "indirect": "none"}
        own = AwardRecord(
            fain="90ZV0101",
            description="Services",
            listing_title="Victims of trafficking",
            research=False,
            contact="office",
        )
        for day, says in (
            (WHOLE - DAY, "all 13 are given"),
            (WHOLE, "not given: (vi)"),
            (WHOLE + DAY, "not given: (vi)"),
        ):
            award = award_of(day)
            record = ComplianceRecord((own,), (SubawardRecord(subaward="S", **said),))
            (found,) = outcomes("elements", network_of(award, subaward("S", award)), record)
            assert found.says == says
        award = award_of(WHOLE - DAY)
        for key, number in (("obligated_in_all", "vii"), ("committed", "viii"), ("indirect", "xiii")):
            without = ComplianceRecord((own,), (SubawardRecord(subaward="S", **{**said, key: "" if key == "indirect" else None}),))  # fmt: skip # noqa: E501
            (found,) = outcomes("elements", network_of(award, subaward("S", award)), without)
            assert (found.result, found.says) == ("finding", f"not given: ({number})")
            assert found.authority.citation == "45 CFR 75.352(a)(1)(i) to (xiii)"

    @pytest.mark.parametrize(
        ("made", "result"),
        [(date(2022, 4, 3), "not tested"), (date(2022, 4, 4), "finding"), (date(2022, 4, 5), "finding")],
    )
    def test_uei_since_4_april_2022_by_the_day_of_the_subaward(self, made: date, result: str) -> None:
        """An older award's later subaward needs one; before, it was the DUNS number."""
        award = award_of(date(2021, 10, 1))
        other = SubawardRecord(subaward="T", made=date(2022, 6, 1), uei_on=date(2022, 6, 1))
        record = ComplianceRecord(subawards=(SubawardRecord(subaward="S", made=made), other))
        network = network_of(award, subaward("S", award), subaward("T", award), uei="")
        assert results("uei", network, record) == [result, "finding"]

    def test_uei_and_reporting_bind_the_first_tier_only(self) -> None:
        award = award_of()
        below = subaward("T", award, 5_000_000, parent="S")
        record = ComplianceRecord(
            subawards=(
                SubawardRecord(subaward="S", made=WHOLE, uei_on=WHOLE, reported=WHOLE),
                SubawardRecord(subaward="T", made=WHOLE),
            )
        )
        network = network_of(award, subaward("S", award), below)
        for test in ("uei", "reporting"):
            assert [(o.subject, o.result) for o in outcomes(test, network, record)] == [("subaward S", "pass")]

    @staticmethod
    def amended(*totals: tuple[int, date], awarded: date = WHOLE) -> Network:
        """A subaward made for 20,000, or as the first total says, and amended."""
        award = award_of(awarded)
        facts = [Fact(Cents(cents), award.period.start, day, LETTER) for cents, day in totals]
        return network_of(
            award,
            Subaward(
                id="S", parent=award.fain, subrecipient="SUB", period=award.period, amount=Series("amount", facts)
            ),
        )

    MADE, MARCH, DUE = date(2025, 11, 5), date(2026, 3, 10), date(2026, 4, 30)

    @pytest.mark.parametrize(
        ("reported", "known", "result"),
        [
            (date(2026, 4, 20), LATE, "pass"),
            (DUE, LATE, "pass"),
            (DUE + DAY, LATE, "finding"),
            (None, MARCH - DAY, "pass"),
            (None, MARCH, "pass"),
            (None, DUE, "pass"),
            (None, DUE + DAY, "finding"),
        ],
    )
    def test_brought_to_the_threshold_by_an_amendment(self, reported: date | None, known: date, result: str) -> None:
        """20,000 made in November, 35,000 by an amendment published on 10 March: due on 30 April,
        not 31 December."""
        network = self.amended((2_000_000, self.MADE), (3_500_000, self.MARCH))
        record = ComplianceRecord(subawards=(SubawardRecord(subaward="S", made=self.MADE, reported=reported),))
        (found,) = outcomes("reporting", network, record, known=known)
        assert found.result == result
        if reported is None and known >= self.MARCH:
            assert found.due == self.DUE

    @pytest.mark.parametrize(
        ("lowered", "result"),
        [(date(2025, 12, 30), "not tested"), (date(2025, 12, 31), "not tested"), (date(2026, 1, 1), "finding")],
    )
    def test_brought_below_the_threshold(self, lowered: date, result: str) -> None:
        """50,000 made in November, due on 31 December: brought to 25,000 after that day, the missed
        report stays."""
        network = self.amended((5_000_000, self.MADE), (2_500_000, lowered))
        record = ComplianceRecord(subawards=(SubawardRecord(subaward="S", made=self.MADE),))
        assert results("reporting", network, record) == [result]
        raised = self.amended((5_000_000, self.MADE), (2_500_000, lowered), (3_000_000, self.MARCH))
        assert results("reporting", raised, record) == ["finding"]

    @pytest.mark.parametrize(
        ("awarded", "cents", "result"),
        [
            (date(2020, 11, 11), 2_499_999, "pass"),
            (date(2020, 11, 11), 2_500_000, "finding"),
            (date(2020, 11, 12), 2_999_999, "pass"),
            (date(2020, 11, 12), 3_000_000, "finding"),
            (date(2020, 11, 13), 2_999_999, "pass"),
        ],
    )
    def test_the_threshold_of_reporting_by_the_day_of_the_award(self, awarded: date, cents: int, result: str) -> None:
        award = award_of(awarded)
        record = ComplianceRecord(subawards=(SubawardRecord(subaward="S", made=awarded),))
        assert results("reporting", network_of(award, subaward("S", award, cents)), record) == [result]

    @pytest.mark.parametrize(("income", "result"), [(29_999_999, "pass"), (30_000_000, "finding"), (None, "finding")])
    def test_recipients_under_300_000_are_exempt(self, income: int | None, result: str) -> None:
        award = award_of()
        record = ComplianceRecord(
            (AwardRecord(fain=award.fain, gross_income=income),), (SubawardRecord(subaward="S", made=WHOLE),)
        )
        assert results("reporting", network_of(award, subaward("S", award)), record) == [result]

    @pytest.mark.parametrize(
        ("made", "due"),
        [
            (date(2026, 1, 1), date(2026, 2, 28)),
            (date(2026, 1, 31), date(2026, 2, 28)),
            (date(2025, 12, 31), date(2026, 1, 31)),
        ],
    )
    def test_reported_by_the_end_of_the_month_after(self, made: date, due: date) -> None:
        assert reporting_due(made) == due
        award = award_of()
        for reported, result in ((due, "pass"), (due + DAY, "finding"), (None, "finding")):
            record = ComplianceRecord(subawards=(SubawardRecord(subaward="S", made=made, reported=reported),))
            assert results("reporting", network_of(award, subaward("S", award)), record) == [result]
        record = ComplianceRecord(subawards=(SubawardRecord(subaward="S", made=made),))
        (open_,) = outcomes("reporting", network_of(award, subaward("S", award)), record, known=due)
        assert (open_.result, open_.due) == ("pass", due)

    @pytest.mark.parametrize(("cents", "result"), [(2_999_999, "pass"), (3_000_000, "finding"), (None, "not tested")])
    def test_reported_from_thirty_thousand_on(self, cents: int | None, result: str) -> None:
        award = award_of()
        record = ComplianceRecord(subawards=(SubawardRecord(subaward="S", made=WHOLE),))
        assert results("reporting", network_of(award, subaward("S", award, cents)), record) == [result]

    @pytest.mark.parametrize(
        ("said", "result"),
        [
            ({"agreement": "cost_reimbursement"}, ["pass"]),
            ({}, ["not tested"]),
            ({"agreement": "fixed_amount", "approved": WHOLE, "made": WHOLE}, ["pass", "pass"]),
            ({"agreement": "fixed_amount", "approved": WHOLE + DAY, "made": WHOLE}, ["finding", "pass"]),
            ({"agreement": "fixed_amount", "made": WHOLE}, ["finding", "pass"]),
            ({"agreement": "both", "fixed": 50_000_000, "approved": WHOLE, "made": WHOLE}, ["pass", "pass"]),
            ({"agreement": "both", "fixed": 50_000_001, "approved": WHOLE, "made": WHOLE}, ["finding", "pass"]),
            ({"agreement": "both", "approved": WHOLE, "made": WHOLE}, ["not tested", "pass"]),
        ],
    )
    def test_fixed_amount(self, said: Mapping[str, Any], result: list[str]) -> None:
        """Up to $500,000 with prior approval (200.333); none where cost sharing is required
        (200.201(b)(2))."""
        award = award_of()
        own = AwardRecord(fain=award.fain, cost_sharing=False)
        network = network_of(award, subaward("S", award))
        assert (
            results("fixed_amount", network, ComplianceRecord((own,), (SubawardRecord(subaward="S", **said),)))
            == result
        )
        if len(result) == 2:
            shared = ComplianceRecord((evolve(own, cost_sharing=True),), (SubawardRecord(subaward="S", **said),))
            assert results("fixed_amount", network, shared) == [result[0], "finding"]
            assert results("fixed_amount", network, ComplianceRecord((), shared.subawards)) == [result[0], "not tested"]


class TestBounds:
    """38 USC 2012(a)(2)(B): VA may set 115 % of the State home rate, 133 % to 30 September 2027,
    200 % by waiver."""

    @staticmethod
    def bounded(rate: str, day: date, base: str = "62.20", known: date = date(2028, 6, 30)) -> list[CheckResult]:
        """The rate of supportive housing that an award fills in from a day, beside the State home
        rate."""
        said = [
            Filling(term="rate.supportive_housing", value=Decimal(rate), effective=day, published=day, authority=LETTER)
        ]
        said += (
            [
                Filling(
                    term="state_home.domiciliary", value=Decimal(base), effective=day, published=day, authority=LETTER
                )
            ]
            if base
            else []
        )
        award = award_of(day, "VA")
        award = evolve(award, terms=fill_terms(load_terms("va-grant-per-diem"), said), period=Interval(day, day))
        return [o for o in outcomes("ceilings", network_of(award), known=known) if "supportive_housing" in o.subject]

    @pytest.mark.parametrize(
        ("rate", "day", "result"),
        [
            ("71.53", date(2021, 7, 26), "pass"),  # 1.15 × 62.20 = 71.53
            ("71.54", date(2021, 7, 26), "finding"),
            ("71.54", date(2024, 9, 30), "finding"),
            ("71.54", date(2024, 10, 1), "not tested"),  # by waiver, in fiscal years 2025 to 2027
            ("82.72", date(2025, 1, 30), "not tested"),
            ("82.72", date(2025, 1, 31), "pass"),  # 1.33 × 62.20 = 82.726
            ("82.73", date(2025, 1, 31), "not tested"),
            ("124.40", date(2027, 9, 30), "not tested"),  # 2.00 × 62.20 = 124.40
            ("124.41", date(2027, 9, 30), "finding"),
            ("82.72", date(2027, 9, 30), "pass"),
            ("82.72", date(2027, 10, 1), "finding"),
            ("71.53", date(2027, 10, 1), "pass"),
        ],
    )
    def test_the_day_before_and_the_day_of_each_bound(self, rate: str, day: date, result: str) -> None:
        assert [x.result for x in self.bounded(rate, day)] == [result]

    def test_without_the_state_home_rate_it_is_not_tested(self) -> None:
        (found,) = self.bounded("71.53", date(2024, 10, 1), base="")
        assert found.result == "not tested"
        assert "not given" in found.says

    def test_a_bound_makes_no_price(self) -> None:
        """The same amounts with and without it: it is no part of the rules by which a bill is
        made."""
        assert not any("bound" in name for name in load_terms("va-grant-per-diem").document["services"])
        assert results("ceilings", network_of(award_of())) == ["not tested"]  # no caseload


class TestMoneyOfTheAward:
    """MTDC base and indirect cost; budget transfers; audit; shares and ceilings."""

    @pytest.mark.parametrize(("awarded", "base"), [(MIXED - DAY, 7_500_000), (MIXED, 15_000_000)])
    def test_three_subawards_of_a_hundred_thousand(self, awarded: date, base: int) -> None:
        """MTDC: base 75,000 before, 150,000 now."""
        rule = load_regimes().find("mtdc_of_subaward", "HHS", awarded, LATE)
        assert rule
        assert mtdc_of_subawards([10_000_000] * 3, int(rule.value)) == base
        award = award_of(awarded)
        budget = (
            BudgetLine(fain=award.fain, category="personnel", amount=1_000_000, in_mtdc=True),
            BudgetLine(fain=award.fain, category="rent", amount=9, in_mtdc=False),
        )
        network = network_of(award, *(subaward(f"S-{n}", award) for n in range(3)))
        (found,) = outcomes("mtdc", network, ComplianceRecord(budget=budget))
        assert found.result == "pass"
        assert f"{(base + 1_000_000) // 100:,}.00" in found.says
        assert results("mtdc", network) == ["not tested"]
        assert results("mtdc", network_of(award, subaward("S", award, None)), ComplianceRecord(budget=budget)) == [
            "not tested"
        ]

    @given(st.lists(st.integers(0, 10**9)), st.integers(0, 10**9))
    def test_no_subaward_counts_more_than_its_first_dollars(self, amounts: list[int], first: int) -> None:
        counted = mtdc_of_subawards(amounts, first)
        assert counted <= min(sum(amounts), first * len(amounts))
        assert counted == sum(mtdc_of_subawards([a], first) for a in amounts)
        assert (counted == sum(amounts)) == all(a <= first for a in amounts)

    @pytest.mark.parametrize(
        ("awarded", "agency", "rate", "result"),
        [
            (MIXED - DAY, "HHS", Fraction(10, 100), "pass"),
            (MIXED - DAY, "HHS", Fraction(101, 1000), "finding"),
            (MIXED, "HHS", Fraction(15, 100), "pass"),
            (MIXED, "HHS", Fraction(151, 1000), "finding"),
            (date(2026, 4, 19), "NIH", Fraction(15, 100), "pass"),
            (date(2026, 4, 20), "NIH", Fraction(15, 100), "finding"),
            (date(2026, 4, 20), "HHS/ACF", Fraction(15, 100), "pass"),
        ],
    )
    def test_de_minimis(self, awarded: date, agency: str, rate: Fraction, result: str) -> None:
        award = award_of(awarded, agency)
        own = AwardRecord(fain=award.fain, indirect="de_minimis", indirect_rate=rate)
        assert results("indirect", network_of(award), ComplianceRecord((own,))) == [result]
        below = ComplianceRecord(subawards=(SubawardRecord(subaward="S", indirect="de_minimis", indirect_rate=rate),))
        assert results("indirect", network_of(award, subaward("S", award)), below) == ["not tested", result]

    @pytest.mark.parametrize(("budgeted", "result"), [(900_000, "pass"), (900_001, "finding")])
    def test_indirect_cost_budgeted_is_at_most_rate_times_base(self, budgeted: int, result: str) -> None:
        """15 % of 10,000 of personnel and the first 50,000 of a subaward: 9,000.00."""
        award = award_of()
        own = AwardRecord(fain=award.fain, indirect="de_minimis", indirect_rate=Fraction(15, 100))
        budget = (
            BudgetLine(fain=award.fain, category="personnel", amount=1_000_000, in_mtdc=True),
            BudgetLine(fain=award.fain, category="indirect", amount=budgeted, in_mtdc=False),
        )
        network = network_of(award, subaward("S", award))
        assert results("indirect", network, ComplianceRecord((own,), budget=budget))[0] == result
        assert results(
            "indirect", network_of(award, subaward("S", award, None)), ComplianceRecord((own,), budget=budget)
        )[0] == ("not tested")

    @pytest.mark.parametrize(("kind", "result"), [("none", "pass"), ("negotiated", "not tested"), ("", "not tested")])
    def test_other_indirect_cost(self, kind: str, result: str) -> None:
        award = award_of()
        assert results(
            "indirect", network_of(award), ComplianceRecord((AwardRecord(fain=award.fain, indirect=kind),))
        ) == [result]
        unsaid = AwardRecord(fain=award.fain, indirect="de_minimis")
        assert results("indirect", network_of(award), ComplianceRecord((unsaid,))) == ["not tested"]

    @pytest.mark.parametrize(
        ("restricted", "budget", "moved", "approved", "result"),
        [
            (True, 10_000, 1_000, None, "pass"),
            (True, 10_000, 1_001, None, "finding"),
            (True, 10_000, 1_001, WHOLE, "pass"),
            (False, 10_000, 9_999, None, "pass"),
            (None, 10_000, 1, None, "not tested"),
            (True, None, 1, None, "not tested"),
        ],
    )
    def test_transfers(
        self, restricted: bool | None, budget: int | None, moved: int, approved: date | None, result: str
    ) -> None:
        award = award_of()
        own = AwardRecord(fain=award.fain, transfers_restricted=restricted, total_budget=budget)
        record = ComplianceRecord(
            (own,), transfers=(Transfer(fain=award.fain, on=WHOLE, amount=moved, approved=approved),)
        )
        assert results("transfers", network_of(award), record) == [result]
        earlier = award_of(WHOLE - DAY)
        assert results("transfers", network_of(earlier), record) == [result]  # 45 CFR 75.308(e)

    @pytest.mark.parametrize(
        ("awarded", "share", "result"),
        [
            (date(2018, 12, 30), 100_000_000, "not tested"),
            (date(2018, 12, 31), 25_000_000, "pass"),
            (date(2018, 12, 31), 25_000_001, "finding"),
            (WHOLE - DAY, 25_000_001, "finding"),
            (WHOLE, 25_000_001, "pass"),
            (WHOLE, 35_000_000, "pass"),
            (WHOLE, 35_000_001, "finding"),
            (WHOLE + DAY, 35_000_001, "finding"),
        ],
    )
    def test_transfers_above_the_simplified_acquisition_threshold_of_the_day(
        self, awarded: date, share: int, result: str
    ) -> None:
        award = award_of(awarded, cents=share)
        own = AwardRecord(fain=award.fain, transfers_restricted=True, total_budget=10_000)
        record = ComplianceRecord(
            (own,), transfers=(Transfer(fain=award.fain, on=awarded, amount=1_001, approved=None),)
        )
        assert results("transfers", network_of(award), record) == [result]

    @pytest.mark.parametrize(
        ("start", "expended", "audited", "result"),
        [
            (MIXED - DAY, 74_999_999, None, "pass"),
            (MIXED - DAY, 75_000_000, None, "finding"),
            (MIXED, 99_999_999, None, "pass"),
            (MIXED, 100_000_000, None, "pass"),  # due on 30 June 2026, which is LATE
            (MIXED, 100_000_000, LATE, "pass"),
            (DIV - DAY, 100_000_000, None, "not tested"),
        ],
    )
    def test_audit_follows_the_fiscal_year(self, start: date, expended: int, audited: date | None, result: str) -> None:
        record = ComplianceRecord(
            fiscal_years=(FiscalYear(organization="PRIME", start=start, expended=expended, audited=audited),)
        )
        assert results("audit", network_of(award_of(MIXED - DAY)), record) == [result]
        assert results("audit", network_of(award_of())) == ["not tested"]

    @pytest.mark.parametrize(
        ("audited", "submitted", "known", "result", "due"),
        [
            (None, None, date(2025, 10, 1), "pass", date(2026, 6, 30)),
            (None, None, date(2026, 6, 30), "pass", date(2026, 6, 30)),
            (None, None, date(2026, 7, 1), "finding", date(2026, 6, 30)),
            (date(2026, 3, 2), None, date(2026, 4, 1), "pass", date(2026, 4, 1)),
            (date(2026, 3, 2), None, date(2026, 4, 2), "not tested", date(2026, 4, 1)),
            (date(2026, 3, 2), date(2026, 4, 1), date(2026, 9, 1), "pass", None),
            (date(2026, 3, 2), date(2026, 4, 2), date(2026, 9, 1), "finding", None),
            (date(2026, 6, 20), date(2026, 6, 30), date(2026, 9, 1), "pass", None),
            (date(2026, 6, 20), date(2026, 7, 1), date(2026, 9, 1), "finding", None),
        ],
    )
    def test_audit_is_due_nine_months_after_the_year_or_30_days_after_the_report(
        self, audited: date | None, submitted: date | None, known: date, result: str, due: date | None
    ) -> None:
        """The earlier of the two; before that day it is a pass with the day, never a finding in the
        first weeks."""
        year = FiscalYear(organization="PRIME", start=MIXED, expended=100_000_000, audited=audited, submitted=submitted)
        (found,) = outcomes("audit", network_of(award_of(MIXED)), ComplianceRecord(fiscal_years=(year,)), known=known)
        assert (found.result, found.due) == (result, due)

    @pytest.mark.parametrize(
        ("start", "due"),
        [
            (date(2024, 7, 1), date(2026, 3, 31)),
            (date(2025, 2, 1), date(2026, 11, 2)),  # 31 October 2026 is a Saturday
            (date(2025, 3, 1), date(2026, 11, 30)),
        ],
    )
    def test_the_day_of_the_audit(self, start: date, due: date) -> None:
        assert audit_due(FiscalYear(organization="PRIME", start=start, expended=1)) == due

    @pytest.mark.parametrize(
        ("start", "expended", "result", "citation"),
        [
            (MIXED - DAY, 74_999_999, "pass", "45 CFR 75.501(i) and (j)"),
            (MIXED - DAY, 75_000_000, "finding", "45 CFR 75.501(i) and (j)"),
            (MIXED, 500_000_000, "pass", "2 CFR 200.501(i)"),
            (MIXED + DAY, 500_000_000, "pass", "2 CFR 200.501(i)"),
        ],
    )
    def test_for_profit_organizations(self, start: date, expended: int, result: str, citation: str) -> None:
        """Outside the audit under 200.501(i); with two options before, and exempt below
        $750,000."""
        year = FiscalYear(organization="PRIME", start=start, expended=expended, for_profit=True)
        (found,) = outcomes("audit", network_of(award_of()), ComplianceRecord(fiscal_years=(year,)))
        assert (found.result, found.authority.citation) == (result, citation)


class TestAddedFunds:
    """Funds added from 1 October 2024 to an older award: by the budget period that they pay, where
    a notice says so."""

    ADDED = Fact(Cents(60_000_000), date(2024, 10, 1), date(2024, 10, 1), LETTER)

    def across(self, agency: str, later: Fact[Cents] = ADDED) -> tuple[Network, ComplianceRecord]:
        """40,000.00 of a subaward from the first budget period, and 40,000.00 more from the
        second."""
        award = award_of(date(2023, 10, 1), agency)
        first, second = Interval(date(2023, 10, 1), date(2024, 9, 30)), Interval(date(2024, 10, 1), date(2025, 9, 30))
        start = Fact(Cents(10_000_000), second.start, award.awarded, LETTER)
        periods = BudgetPeriod("Year 1", first, amount(50_000_000)), BudgetPeriod("Year 2", second, Series("amount", [start, later]))  # fmt: skip # noqa: E501
        award = evolve(award, budget_periods=periods, period=Interval(first.start, second.end))
        facts = [
            Fact(Cents(4_000_000), first.start, first.start, LETTER),
            Fact(Cents(8_000_000), second.start, second.start, LETTER),
        ]
        below = Subaward(
            id="S", parent=award.fain, subrecipient="SUB", period=award.period, amount=Series("amount", facts)
        )
        budget = (BudgetLine(fain=award.fain, category="personnel", amount=1_000_000, in_mtdc=True),)
        return network_of(award, below), ComplianceRecord(budget=budget)

    def test_one_subaward_across_both(self) -> None:
        """25,000 of the first 40,000; of the next 40,000 the 10,000 that are among the first
        50,000: 35,000."""
        assert mtdc_across(4_000_000, 8_000_000, 2_500_000, 5_000_000) == 3_500_000
        assert mtdc_across(2_000_000, 6_000_000, 2_500_000, 5_000_000) == 5_000_000
        assert mtdc_across(6_000_000, 9_000_000, 2_500_000, 5_000_000) == 2_500_000
        assert mtdc_across(0, 4_000_000, 2_500_000, 5_000_000) == 4_000_000
        (found,) = outcomes("mtdc", *self.across("HHS/AHRQ"))
        assert (found.result, "the base is 45,000.00" in found.says) == ("pass", True)

    @pytest.mark.parametrize(("day", "base"), [(date(2024, 9, 30), "35,000.00"), (date(2024, 10, 1), "45,000.00")])
    def test_a_budget_period_funded_by_a_continuation(self, day: date, base: str) -> None:
        network, record = self.across("HHS/AHRQ")
        (award,) = network.awards
        first, second = award.budget_periods
        funded = evolve(second, amount=Series("amount", [Fact(Cents(60_000_000), second.days.start, day, LETTER)]))
        network = evolve(network, awards=(evolve(award, budget_periods=(first, funded)),))
        (found,) = outcomes("mtdc", network, record)
        assert f"the base is {base}" in found.says

    @pytest.mark.parametrize(("agency", "says"), [("HHS/AHRQ", "by budget period (NOT-HS-25-007"), ("HHS/ACF", "see the agency's notice (HHS Grants Policy Statement")])  # fmt: skip # noqa: E501
    def test_the_regime_says_which_definitions_hold_for_them(self, agency: str, says: str) -> None:
        (found,) = outcomes("regime", *self.across(agency))
        assert found.says.startswith(
            f"45 CFR 75, for an award made on 2023-10-01; of the funds added from 2024-10-01, {says}"
        )
        assert "added" not in outcomes("regime", network_of(award_of(date(2023, 10, 1), agency)))[0].says

    def test_without_subawards_nothing_is_said_of_their_identifiers(self) -> None:
        assert results("uei", network_of(award_of())) == []

    def test_without_a_notice_it_is_not_tested(self) -> None:
        (found,) = outcomes("mtdc", *self.across("HHS/ACF"))
        assert found.result == "not tested"
        assert "the agency's notice says" in found.says

    @pytest.mark.parametrize(("day", "base"), [(date(2024, 9, 30), "35,000.00"), (date(2024, 10, 1), "45,000.00"), (date(2024, 10, 2), "45,000.00")])  # fmt: skip # noqa: E501
    def test_added_from_1_october_2024(self, day: date, base: str) -> None:
        later = Fact(Cents(60_000_000), date(2024, 10, 1), day, LETTER)
        (found,) = outcomes("mtdc", *self.across("HHS/AHRQ", later))
        assert f"the base is {base}" in found.says

    @pytest.mark.parametrize(
        ("rate", "result"),
        [(Fraction(10, 100), "pass"), (Fraction(12, 100), "not tested"), (Fraction(16, 100), "finding")],
    )
    def test_a_de_minimis_rate_across_both(self, rate: Fraction, result: str) -> None:
        network, record = self.across("HHS/AHRQ")
        own = AwardRecord(fain="90ZV0101", indirect="de_minimis", indirect_rate=rate)
        assert results("indirect", network, evolve(record, awards=(own,)))[0] == result


TERMS = """
format = 1
id = "t"
title = "t"
status = "illustrative"
effective = 2025-10-01
published = 2025-10-01
[cite]
a = "ILLUSTRATIVE"
[services.admin]
title = "Administration"
pool = "administration"
cite = "a"
count = "actual_cost"
[services.goods]
title = "Goods"
pool = "direct"
cite = "a"
count = "actual_cost"
[ceilings.person]
title = "Ceiling of a subaward"
cite = "a"
scope = "subaward"
window = "budget_period"
amounts = [{ tier = "alone", value = "100.00 USD", effective = 2025-10-01, published = 2025-10-01, cite = "a" }]
[shares.most]
title = "Administration"
cite = "a"
pool = "administration"
of = "person"
base = "claimed"
at_most = [{ value = 0.40, effective = 2025-10-01, published = 2025-10-01, cite = "a" }]
"""


class TestCeilings:
    """Months or amounts above any ceiling; administration and direct shares."""

    @pytest.mark.parametrize(
        ("admin", "goods", "share", "ceiling"),
        [(4_000, 6_000, "pass", "pass"), (4_001, 6_000, "pass", "finding"), (0, 10_001, "pass", "finding")],
    )
    def test_amounts(self, admin: int, goods: int, share: str, ceiling: str) -> None:
        award = evolve(award_of(), terms=read_terms(TERMS, "t.toml"))
        network = network_of(award, subaward("S", award))
        costs = tuple(
            Cost(
                participant=None,
                subaward="S",
                service=service,
                category="",
                amount=Cents(cents),
                paid=date(2025, 11, 3),
                reference=service,
                published=date(2025, 11, 3),
            )
            for service, cents in (("admin", admin), ("goods", goods))
            if cents
        )
        claim = bill([Caseload(issuer="SUB", report_date=LATE, costs=costs)], network, Month(2025, 11))
        assert results("ceilings", network, claim=claim) == [ceiling]
        assert results("shares", network, claim=claim) == [share]
        assert results("ceilings", network) == results("shares", network) == ["not tested"]

    def test_a_disallowance_is_no_ceiling(self) -> None:
        award = evolve(award_of(), terms=read_terms(TERMS, "t.toml"))
        row = Disallowance(
            subaward="S",
            service="goods",
            month=Month(2025, 11),
            amount=Cents(500),
            reference="D-1",
            published=date(2025, 12, 1),
        )
        network = evolve(network_of(award, subaward("S", award)), disallowances=(row,))
        cost = Cost(
            participant=None,
            subaward="S",
            service="goods",
            category="",
            amount=Cents(6_000),
            paid=date(2025, 11, 3),
            reference="V",
            published=date(2025, 11, 3),
        )
        claim = bill([Caseload(issuer="SUB", report_date=LATE, costs=(cost,))], network, Month(2025, 11))
        assert [(x.kind, x.amount) for x in claim.reductions] == [("disallowance", -500)]
        assert results("ceilings", network, claim=claim) == ["pass"]

    @pytest.mark.parametrize(("admin", "share"), [(4_000, "pass"), (4_001, "finding")])
    def test_what_a_share_holds_back_is_told_once(self, admin: int, share: str) -> None:
        """Of a participant: administration at most 40 % of what is claimed, under a ceiling that it
        does not reach."""
        terms = TERMS.replace('scope = "subaward"\n', "").replace("100.00 USD", "1000.00 USD")
        award = evolve(award_of(), terms=read_terms(terms, "t.toml"))
        network, who, day = network_of(award, subaward("S", award)), Participant("SUB", "P-1"), date(2025, 11, 3)
        costs = tuple(
            Cost(
                participant=who,
                subaward="S",
                service=service,
                category="",
                amount=Cents(cents),
                paid=day,
                reference=service,
                published=day,
            )
            for service, cents in (("admin", admin), ("goods", 6_000))
        )
        stay = Enrollment(participant=who, subaward="S", days=Interval(day), published=day)
        load = Caseload(
            issuer="SUB", report_date=LATE, participants=(Registration(who),), enrollments=(stay,), costs=costs
        )
        claim = bill([load], network, Month(2025, 11))
        (found,) = outcomes("shares", network, claim=claim)
        assert (found.result, "0.01 is above it" in found.says) == (share, share == "finding")
        assert results("ceilings", network, claim=claim) == ["pass"]

    def test_a_claim_on_another_award_says_nothing_of_this_one(self) -> None:
        award = evolve(award_of(), terms=read_terms(TERMS, "t.toml"))
        network = network_of(award, subaward("S", award))
        claim = bill([Caseload(issuer="SUB", report_date=LATE)], network, Month(2025, 11))
        assert results("ceilings", network, claim=claim) == results("shares", network, claim=claim) == ["not tested"]


class TestDues:
    """Closeout: 120 days recipient, 90 days subrecipient. Records: 3 years from the final financial
    report."""

    def test_closeout_before_and_after_it_is_due(self) -> None:
        award = evolve(award_of(), period=Interval(WHOLE, date(2025, 12, 31)))
        network = network_of(award, subaward("S", award))
        dues = [date(2026, 4, 30), date(2026, 3, 31)]
        (own, below) = outcomes("closeout", network, known=dues[1])
        assert [(o.result, o.due) for o in (own, below)] == [("pass", due) for due in dues]
        assert results("closeout", network, known=dues[1] + DAY) == ["pass", "not tested"]
        record = ComplianceRecord((AwardRecord(fain=award.fain),), (SubawardRecord(subaward="S"),))
        assert results("closeout", network, record, known=dues[1] + DAY) == ["pass", "finding"]
        for late, result in ((0, "pass"), (1, "finding")):
            reported = ComplianceRecord(
                (AwardRecord(fain=award.fain, final_report=dues[0] + late * DAY),),
                (SubawardRecord(subaward="S", final_report=dues[1] + late * DAY),),
            )
            assert results("closeout", network, reported) == [result, result]

    @pytest.mark.parametrize(
        ("after", "old", "new"),
        [
            (90, ("pass", "pass"), ("pass", "pass")),
            (91, ("not tested", "not tested"), ("pass", "finding")),
            (120, ("not tested", "not tested"), ("pass", "finding")),
            (121, ("finding", "finding"), ("finding", "finding")),
        ],
    )
    def test_before_october_2024_90_days_or_as_the_award_says(
        self, after: int, old: tuple[str, ...], new: tuple[str, ...]
    ) -> None:
        """45 CFR 75.381(a): 90 days for both; an award's own terms may give up to 120."""
        for awarded, result in ((MIXED - DAY, old), (MIXED, new), (MIXED + DAY, new)):
            end = date(2025, 6, 30)
            award = evolve(award_of(awarded), period=Interval(awarded, end))
            network = network_of(award, subaward("S", award))
            empty = ComplianceRecord((AwardRecord(fain=award.fain),), (SubawardRecord(subaward="S"),))
            day = end + timedelta(days=after)
            assert tuple(results("closeout", network, empty, known=day)) == result
            told = ComplianceRecord(
                (AwardRecord(fain=award.fain, final_report=day),), (SubawardRecord(subaward="S", final_report=day),)
            )
            assert tuple(results("closeout", network, told)) == result

    def test_an_award_without_a_last_day(self) -> None:
        award = award_of()
        for days in (Interval(WHOLE), Interval(WHOLE, date.max)):
            network = network_of(evolve(award, period=days))
            assert results("closeout", network) == ["not tested"]

    def test_records(self) -> None:
        award = award_of()
        record = ComplianceRecord((AwardRecord(fain=award.fain, final_report=date(2028, 2, 29)),))
        (found,) = outcomes("records", network_of(award), record)
        assert (found.result, found.due) == ("pass", date(2031, 2, 28))
        assert [kept_until(date(2026, 3, 1), years) for years in (3, 4)] == [date(2029, 3, 1), date(2030, 3, 1)]
        assert results("records", network_of(award)) == ["not tested"]
        (found,) = outcomes("records", network_of(award_of(WHOLE - DAY)), record)
        assert (found.result, found.authority.citation) == ("pass", "45 CFR 75.361")


class TestCoverage:
    """A region served by nobody or by two is a finding, where the awards say that they cover the
    country."""

    def test_all_ten_and_not_all(self) -> None:
        award = evolve(award_of(), nationwide=True)
        areas = tuple(
            Area(holder=award.fain, place=region, serves=True, effective=WHOLE, published=WHOLE) for region in REGIONS
        )
        assert results("coverage", network_of(award, areas=areas)) == ["pass"]
        (found,) = outcomes("coverage", network_of(award, areas=areas[:-1]))
        assert found.result == "finding"
        assert "Region 10 is served by nobody" in found.says
        assert results("coverage", network_of(award_of(), areas=areas[:-1])) == ["not tested"]
        (none,) = outcomes("coverage", network_of(award))
        assert "Regions 1, 2, 3, 4, 5, 6, 7, 8, 9 and 10 are served by nobody" in none.says


class TestTheList:
    """Each gives pass or a finding with its authority; a missing fact is a third outcome that is
    never a pass."""

    def test_every_test_is_made_and_says_who_says_so(self) -> None:
        assert {*CHECKS} == {*TESTS}
        award = award_of()
        order = check_awards(network_of(award, subaward("S", award)))
        assert {o.test for o in order.outcomes} == {*TESTS}
        assert all(o.authority.citation and o.says for o in order.outcomes)
        assert sum(order.count().values()) == len(order.outcomes)
        assert [o.test for o in order.outcomes] == sorted((o.test for o in order.outcomes), key=[*TESTS].index)

    def test_without_records_only_what_the_network_says_can_pass(self) -> None:
        """Nothing that needs a missing fact passes."""
        award = award_of()
        order = check_awards(network_of(award, subaward("S", award)), known=award.awarded)
        assert {o.test for o in order.of("pass")} == {"regime", "obligated", "period", "uei_shape", "closeout"}

    def test_a_notebook_shows_the_list(self) -> None:
        page = check_awards(network_of(award_of()))._repr_html_()
        assert "Is the award in order?" in page
        assert "not tested" in page
