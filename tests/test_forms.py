"""The SF-270 and the SF-425: each line by its formula (Rulebook 9.1), on the screen, in the
workbook and on paper."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from attrs import evolve

from grantcalc import Ledger, Request, Unknown, bill
from grantcalc.awards import BooksFigure, FormEntry
from grantcalc.forms import Follows, Form, sf270, sf425
from grantcalc.io.issued.forms import forms_page
from grantcalc.ledger import request
from grantcalc.ledger.entries import RequestKind
from grantcalc.money import Cents, share_of
from tests.test_adjustments import DECEMBER, FAIN, FIRST, caseload, network

CLAIM = bill(caseload(), network(), DECEMBER, FIRST)
LEDGER = Ledger().post(CLAIM)  # 480.00 stand


def asked(ledger: Ledger = LEDGER, /, **books: str) -> Request:
    """The request of 480.00, with these figures on the Books sheet."""
    said = tuple(
        BooksFigure(award=FAIN, budget_period="Y1", name=name, value=Decimal(value), effective=FIRST, published=FIRST)
        for name, value in books.items()
    )
    return request(ledger, evolve(network(), financials=said), FAIN, "Y1")


def lines(form: Form) -> dict[str, str]:
    """Each line that is not blank, in dollars."""
    return {x.line: f"{x.amount / 100:.2f}" for x in form.lines if x.amount is not None}


def test_a_plain_reimbursement() -> None:
    """c = a − b; e = c + d; g = e − f; i = g − h."""
    form = sf270(asked(LEDGER.with_request(FIRST, FAIN, "Y1", Cents(10_000))))
    assert lines(form) == {
        "11a": "480.00",
        "11b": "0.00",
        "11c": "480.00",
        "11d": "0.00",
        "11e": "480.00",
        "11f": "0.00",
        "11g": "480.00",
        "11h": "100.00",
        "11i": "380.00",
    }
    assert form.line("11h").sums == "Σ requests posted"
    assert form.line("11i").formula == Follows("11g", "−", "11h")


def test_indirect_cost_income_and_a_federal_share() -> None:
    """15 % of 400.10 is 60.015, so 60.02; 480 + 60.02 − 40.02 = 500.00; two thirds, cut: 333.33."""
    books = {"indirect_rate": "0.15", "indirect_base": "400.10", "program_income_deducted": "40.02"}
    found = asked(**books, federal_share="0.66667", program_income="50.00")
    assert lines(sf270(found)) == {
        "11a": "540.02",
        "11b": "40.02",
        "11c": "500.00",
        "11d": "0.00",
        "11e": "500.00",
        "11f": "166.67",
        "11g": "333.33",
        "11h": "0.00",
        "11i": "333.33",
    }
    assert found.amount.amount == Decimal("333.33")
    report = lines(sf425(found))
    assert (report["10e"], report["10i"], report["10j"], report["10k"]) == ("333.33", "166.67", "166.67", "0.00")
    assert (report["10l"], report["10m"], report["10o"]) == ("50.00", "40.02", "9.98")
    assert (report["11d"], report["11e"], report["11f"]) == ("400.10", "60.02", "40.01")


def test_a_match_stands_beside_the_grant() -> None:
    """$1 for each $2: of 480.00 federal 240.00 are required; 200.00 were spent."""
    found = asked(match="0.5", recipient_share="200.00")
    assert {k: v for k, v in lines(sf270(found)).items() if k in ("11a", "11f", "11g")} == {
        "11a": "680.00",
        "11f": "200.00",
        "11g": "480.00",
    }
    report = lines(sf425(found))
    assert (report["10i"], report["10j"], report["10k"]) == ("240.00", "200.00", "40.00")
    assert found.amount.amount == 480


def test_the_report_to_the_last_line() -> None:
    """c = a − b; g = e + f; h = d − g; o = l − n."""
    books = {"cash_receipts": "450.00", "cash_disbursements": "420.50", "unliquidated_obligations": "19.99"}
    report = lines(sf425(asked(**books, program_income="10.00", program_income_added="7.50")))
    assert report == {
        "10a": "450.00",
        "10b": "420.50",
        "10c": "29.50",
        "10d": "100000.00",
        "10e": "480.00",
        "10f": "19.99",
        "10g": "499.99",
        "10h": "99500.01",
        "10l": "10.00",
        "10n": "7.50",
        "10o": "2.50",
    }


SUMS = "Σ posted lines, less what ceilings hold back"
SAID = {
    "11a": ("", SUMS),
    "11b": ("", "none on the Books sheet"),
    "11c": ("11a − 11b", ""),
    "11d": ("", "none on the Books sheet"),
    "11e": ("11c + 11d", ""),
    "11f": ("", "the recipient's share"),
    "11g": ("11e − 11f", ""),
    "11h": ("", "Σ requests posted"),
    "11i": ("11g − 11h", ""),
}


def said(form: Form) -> dict[str, tuple[str, str]]:
    """How each line follows from others, and what it sums."""
    return {x.line: (str(x.formula), x.sums) for x in form.lines}


@pytest.mark.parametrize(
    ("books", "change"),
    [
        ({}, {}),
        ({"program_income_deducted": "1.00"}, {"11b": ("", "the Books sheet")}),
        ({"outlays_estimated": "1.00"}, {"11d": ("", "the Books sheet")}),
        ({"indirect_rate": "0.1", "indirect_base": "1.00"}, {"11a": ("", f"{SUMS}, plus indirect cost")}),
        ({"recipient_share": "1.00"}, {"11a": ("", f"{SUMS}, plus the recipient's share")}),
        ({"federal_share": "0.75"}, {"11f": ("", "what a federal share of 0.75 leaves")}),
        ({"federal_share": "0"}, {"11f": ("", "what a federal share of 0 leaves")}),
        (
            {"federal_share": "0.75", "recipient_share": "1.00"},
            {"11f": ("", "what a federal share of 0.75 leaves")},
        ),
    ],
    ids=str,
)
def test_what_the_request_says_of_each_line(books: dict[str, str], change: dict[str, tuple[str, str]]) -> None:
    assert said(sf270(asked(**books))) == SAID | change


def test_what_it_says_of_a_hold_and_of_an_advance() -> None:
    held = sf270(asked(LEDGER.hold("S-1", "a visit", FIRST)))
    assert said(held) == SAID | {"11a": ("", f"{SUMS}, less holds")}
    assert said(sf270(asked(), kind="advance")) == {
        "12a": ("", "the Books sheet"),
        "12b": ("", "receipts less disbursements"),
        "12c": ("12a − 12b", ""),
    }


@pytest.mark.parametrize(
    ("books", "change"),
    [
        ({}, {}),
        ({"match": "0.5"}, {"10i": ("", "0.5 for each federal dollar of 10e")}),
        ({"federal_share": "0.75"}, {"10i": ("", "what the federal share leaves")}),
        ({"program_income_added": "1.00"}, {"10o": ("10l − 10n", "")}),
        ({"program_income_deducted": "1.00"}, {"10o": ("10l − 10m", "")}),
        ({"indirect_rate": "0.1", "indirect_base": "1.00"}, {"11e": ("0.1 × 11d", "")}),
        ({"indirect_rate": "0.1"}, {}),
    ],
    ids=str,
)
def test_what_the_report_says_of_each_line(books: dict[str, str], change: dict[str, tuple[str, str]]) -> None:
    of_the_books = {f"10{letter}": ("", "the Books sheet") for letter in "abfjlmn"}
    assert said(sf425(asked(**books))) == {
        **of_the_books,
        "10c": ("10a − 10b", ""),
        "10d": ("", "obligated, as known"),
        "10e": ("", "Σ posted lines, as on the SF-270"),
        "10g": ("10e + 10f", ""),
        "10h": ("10d − 10g", ""),
        "10i": ("", "no match is stated"),
        "10k": ("10i − 10j", ""),
        "10o": ("10l − 10m", ""),
        "11d": ("", "the Books sheet"),
        "11e": ("", ""),
        "11f": ("", "of 11e"),
        **change,
    }


@pytest.mark.parametrize("books", [{"indirect_rate": "0.15"}, {"indirect_base": "400.10"}], ids=str)
def test_a_rate_without_a_base_is_no_indirect_cost(books: dict[str, str]) -> None:
    """9.2: rate × base; what nobody reported is a blank."""
    found = asked(**books)
    assert found.amount.amount == 480
    assert lines(sf425(found)).keys() & {"11e", "11f"} == set()


def test_what_nobody_reported_is_blank_and_so_is_what_follows() -> None:
    report = lines(sf425(asked()))
    assert report == {"10d": "100000.00", "10e": "480.00"}


def test_an_advance_is_line_12_alone() -> None:
    """Line 11 or line 12, not both."""
    books = {"outlays_estimated": "300.00", "cash_receipts": "450.00", "cash_disbursements": "420.50"}
    form = sf270(asked(**books), kind="advance")
    assert lines(form) == {"12a": "300.00", "12b": "29.50", "12c": "270.50"}
    assert lines(sf270(asked(outlays_estimated="300.00")))["11i"] == "780.00"  # d, of an advance beside what was spent


def test_holds_and_ceilings_come_off_before_line_a() -> None:
    held = LEDGER.hold("S-1", "a visit", FIRST)
    assert lines(sf270(asked(held)))["11a"] == "0.00"


@pytest.mark.parametrize(
    ("awarded", "citation"),
    [
        (date(2014, 12, 25), "45 CFR 74 and 92"),
        (date(2014, 12, 26), "45 CFR 75.415(a)"),
        (date(2014, 12, 27), "45 CFR 75.415(a)"),
        (date(2025, 9, 30), "45 CFR 75.415(a)"),
        (date(2025, 10, 1), "2 CFR 200.415(a)"),
    ],
)
def test_the_certification_is_that_of_the_awards_rules(awarded: date, citation: str) -> None:
    """Each request and financial report carries the certification of its regime for signature
    (9.3)."""
    form = sf425(evolve(asked(), awarded=awarded, known=date(2026, 1, 1)))
    assert form.authority.citation == citation
    assert ("I certify" in form.certification) == (awarded >= date(2014, 12, 26))


@pytest.mark.parametrize("awarded", [date(2014, 12, 25), date(2014, 12, 26), date(2025, 10, 1)])
def test_the_sf_270_keeps_its_own_printed_sentence(awarded: date) -> None:
    form = sf270(evolve(asked(), awarded=awarded, known=date(2026, 1, 1)))
    assert form.certification.startswith("I certify that to the best of my knowledge and belief the data on")
    assert form.certification.endswith("that payment is due and has not been previously requested.")
    assert form.authority.citation == "SF-270 (Rev. 7-97), item 13"


def test_figures_are_those_of_the_day_as_known() -> None:
    """The latest to the day, as known; a later publication is not seen."""
    rows = [
        BooksFigure(
            award=FAIN,
            budget_period="Y1",
            name="cash_receipts",
            value=Decimal(value),
            effective=date(2012, 1, day),
            published=date(2012, 1, published),
        )
        for value, day, published in ((1, 1, 1), (2, 5, 6), (3, 8, 11), (4, 5, 7))
    ]
    books = request(LEDGER, evolve(network(), financials=tuple(rows)), FAIN, "Y1").books
    assert [f.value for f in books] == [4]


def test_a_share_is_cut_to_whole_cents() -> None:

    assert [share_of(Fraction(2, 3), cents) for cents in (100, 1, 0, -1, -100)] == [66, 0, 0, 0, -66]


def test_the_page_is_the_form_to_print_and_sign() -> None:
    """Its parts, each above its first line; what nobody reported blank; the certification and the
    lines to sign."""
    first, second = forms_page([sf270(asked()), sf425(asked())]).split("<section>")[1:]
    headings = re.compile(r'<th colspan="4">(.*?)</th>')
    assert headings.findall(first) == ["11. Computation of amount of reimbursements or advances requested"]
    assert [h.split(".")[0] for h in headings.findall(second)] == [
        "10",
        "Federal expenditures and unobligated balance",
        "Recipient share",
        "Program income",
        "11",
    ]
    assert '<td>11i</td><td>Federal share now requested</td><td>11g − 11h</td><td class="amount">480.00</td>' in first
    assert '<td>10a</td><td>Cash receipts</td><td>the Books sheet</td><td class="amount"></td>' in second
    for page in (first, second):
        assert "13. Certification" in page
        assert "<small>13b. Signature of certifying official</small>" in page


def test_a_page_shows_text_as_text() -> None:
    form = sf270(evolve(asked(), recipient="A & B <i>", label="<b>"))
    assert "A &amp; B &lt;i&gt;" in (page := forms_page([form]))
    assert "<i>" not in page


ENTRIES = {"basis": "accrual", "account": "4711", "official": "R. Roe, Director", "report_type": "semi-annual"}


def boxes(form: Form) -> dict[str, str]:
    """Each box that is not blank."""
    return {box.box: str(box.value) for box in (*form.boxes, *form.to_sign) if box.value}


def entered(ledger: Ledger = LEDGER, kind: RequestKind = "reimbursement", /, **values: str) -> Request:
    """The request of 480.00, with these entries on the Form entries sheet."""
    rows = tuple(FormEntry(award=FAIN, entry=name, value=value, published=FIRST) for name, value in values.items())
    return evolve(request(ledger, evolve(network(), form_entries=rows), FAIN, "Y1"), kind=kind)


class TestBoxes:
    """Every box of a form is there: what the award workbook or the ledger says, and else a
    blank."""

    def test_of_the_request(self) -> None:
        assert boxes(sf270(entered(**ENTRIES))) == {
            "1a": "Reimbursement",
            "2": "Accrual",
            "3": network().award(FAIN).agency,
            "4": FAIN,
            "7": "4711",
            "8a": "2011-11-01",
            "8b": "2011-12-31",
            "9a": network().organization(network().award(FAIN).recipient).name,
            "11 or 12": "Item 11",
            "13a": "R. Roe, Director",
        }

    def test_of_the_report(self) -> None:
        said = boxes(sf425(entered(**ENTRIES)))
        period = network().award(FAIN).period
        assert (said["8a"], said["8b"], said["9"]) == (str(period.start), str(period.last), "2011-12-31")
        assert (said["5"], said["6"], said["7"], said["13a"]) == ("4711", "Semi-annual", "Accrual", "R. Roe, Director")
        assert not {"3b", "4a", "4b", "11a", "12", "13b", "13e"} & said.keys()

    def test_what_nobody_entered_is_a_blank(self) -> None:
        assert not {"1b", "2", "5", "6", "7", "9b", "10", "13a"} & boxes(sf270(entered())).keys()

    def test_requests_are_numbered_where_they_are_recorded(self) -> None:
        assert boxes(sf270(entered(LEDGER.with_request(FIRST, FAIN, "Y1", Cents(10_000)))))["5"] == "2"

    def test_an_advance_is_on_a_cash_basis_and_covers_its_own_period(self) -> None:
        said = boxes(sf270(entered(LEDGER, "advance", basis="accrual", advance_from="2012-01-01")))
        assert (said["1a"], said["2"], said["8a"], "8b" in said) == ("Advance", "Cash", "2012-01-01", False)

    def test_the_entry_published_last_by_the_day_holds(self) -> None:
        days = (date(2012, 1, 6), date(2012, 1, 1), date(2012, 1, 11))
        rows = tuple(FormEntry(award=FAIN, entry="account", value=f"{day}", published=day) for day in days)
        assert evolve(network(), form_entries=rows).entries(FAIN, date(2012, 1, 10)) == {"account": "2012-01-06"}


class TestAdvance:
    """A request for an advance has item 12 where line 12c is what it asks for, and else item 11."""

    @pytest.mark.parametrize(
        ("spent", "last", "amount"),
        [("480.00", "12c", "300.00"), ("479.99", "11i", "300.00")],
    )
    def test_item_12_or_item_11(self, spent: str, last: str, amount: str) -> None:
        ledger = LEDGER.with_request(FIRST, FAIN, "Y1", Cents(48_000))
        books = {"outlays_estimated": "300.00", "cash_receipts": "480.00", "cash_disbursements": spent}
        said = lines(sf270(evolve(asked(ledger, **books), kind="advance")))
        assert (last in said, said[last]) == (True, amount)
        assert not {"11a", "12a"} <= said.keys()


def two_periods(one: Request, authorized: int | None = 20_000_000) -> tuple[Request, Request]:
    """The same request for two budget periods of one award."""
    return one, evolve(one, budget_period="Y2", authorized_in_all=authorized)


class TestCumulative:
    """The SF-425 of an award adds up its budget periods; line 10d has every period that began."""

    def test_two_budget_periods_are_one_report(self) -> None:
        report = sf425(two_periods(asked(cash_receipts="450.00", cash_disbursements="420.50")))
        assert report.budget_period == "Y1, Y2"
        assert lines(report) == {"10a": "900.00", "10b": "841.00", "10c": "59.00", "10d": "200000.00", "10e": "960.00"}

    def test_what_is_authorized_for_a_period_without_a_claim_counts(self) -> None:
        one, other = two_periods(asked(unliquidated_obligations="1.00"), 35_000_000)
        assert {k: v for k, v in lines(sf425([one, other])).items() if k in ("10d", "10g", "10h")} == {
            "10d": "350000.00",
            "10g": "962.00",
            "10h": "349038.00",
        }

    def test_a_line_that_is_blank_for_one_period_is_blank(self) -> None:
        one, other = two_periods(asked(cash_receipts="450.00"))
        report = sf425([one, evolve(other, books=())])
        assert report.line("10a").amount is None
        assert report.line("10a").sums == "blank for Y2"

    def test_it_is_of_one_award(self) -> None:
        one, other = two_periods(asked())
        with pytest.raises(Unknown, match="requests of one award"):
            sf425([one, evolve(other, award="90ZV0002")])
        with pytest.raises(Unknown, match="one for each budget period"):
            sf425([one, one])

    def test_one_request_in_a_list_is_the_award_too(self) -> None:
        (_, other) = two_periods(asked())
        assert lines(sf425([other]))["10d"] == "200000.00"
        assert lines(sf425(other))["10d"] == "100000.00"
