"""What a notebook shows of a claim, a request, a ledger, a refusal and a verdict."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from grantcalc import html
from grantcalc.audit.verify import Difference, Verdict
from grantcalc.billing.claims import Claim
from grantcalc.billing.lines import REDUCTION_KINDS, Line, Reduction
from grantcalc.billing.parties import Party
from grantcalc.billing.reasons import Reason
from grantcalc.eligibility import Participant
from grantcalc.errors import Finding, Place, Rejected, TermsRejected, WorkbookRejected
from grantcalc.known import Fact
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import Request
from grantcalc.money import Cents, Rate, dollars
from grantcalc.periods import Month
from grantcalc.provenance import Authority, Source

DAY = date(2012, 10, 15)
LETTER = Authority("Award letter", "illustrative")
RATE = Fact(Rate.of("600"), date(2011, 10, 1), date(2011, 9, 30), LETTER)

ATTRIBUTES: dict[str, set[tuple[str, str]]] = {
    **{tag: set() for tag in ("p", "strong", "table", "thead", "tbody", "tfoot", "tr")},
    "div": {("class", "tex2jax_ignore mathjax_ignore")},
    "caption": {("style", "text-align:left")},
    "th": {("style", "text-align:left"), ("style", "text-align:right")},
    "td": {("style", "text-align:left"), ("style", "text-align:right"), ("colspan", "")},
}


class Page(HTMLParser):
    """Reads a page as a browser would, and holds that nothing is in it but our own tables and
    paragraphs."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.styles: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {(name, "" if name == "colspan" else value) for name, value in attrs} <= ATTRIBUTES[tag]
        self.open.append(tag)
        self.texts.append("")
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in ("td", "th"):
            self.tables[-1][-1].append(self.texts[-1])

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment, a declaration or an instruction")

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)

    def table(self, heading: str) -> list[list[str]]:
        """The rows of the one table that has such a heading."""
        (found,) = [rows for rows in self.tables if heading in rows[0]]
        return found


def shown(value: Any) -> Page:
    return Page(value._repr_html_())


def line(amount: int = 60_000, **changed: Any) -> Line:
    plain = Line(
        issuer="SUB",
        participant=None,
        award="FAIN-1",
        subaward="S-1",
        service="care",
        pool="direct",
        phase="",
        month=Month(2012, 9),
        budget_period="FY2012",
        quantity=1,
        divisor=1,
        rate=RATE,
        amount=amount,
        day=DAY,
    )
    return evolve(plain, **changed)


def claim(*lines: Line, reductions: tuple[Reduction, ...] = (), **changed: Any) -> Claim:
    parties = (Party("S-1", "FAIN-1", "Recipient", "Subrecipient", 4),)
    return evolve(
        Claim(through=Month(2012, 9), known=DAY, lines=lines, reductions=reductions, parties=parties, issuers=("SUB",)),
        **changed,
    )


def request(claimed: Claim) -> Request:
    return Request(
        award="FAIN-1",
        recipient="Recipient",
        budget_period="FY2012",
        known=DAY,
        through=Month(2012, 9),
        lines=claimed.lines,
        reductions=claimed.reductions,
        parties=claimed.parties,
        authorized=100_000,
        requested_before=0,
        label=claimed.label,
    )


EVIL = (
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' style='x", "</td></table><p>"),
    *("<!--", "<?x", "<![CDATA[", "&lt;b", "&#60;i", "&amp"),
)
texts = st.text(max_size=12) | st.sampled_from(EVIL)
people = st.builds(Participant, texts, texts)
rates = st.none() | st.builds(lambda cite: evolve(RATE, authority=Authority(cite)), texts)
lines = st.builds(
    line,
    st.integers(-(10**9), 10**9),
    issuer=texts,
    participant=st.none() | people,
    subaward=texts,
    service=texts,
    phase=texts,
    category=texts,
    reason=st.none() | st.builds(lambda text: Reason("stated", (text,)), texts),
    rate=rates,
)
authorities = st.builds(Authority, texts, texts)
cents = st.integers(-(10**9), -1)
reductions = st.builds(
    Reduction,
    kind=st.sampled_from(REDUCTION_KINDS),
    id=texts,
    window=texts,
    room=st.just(1),
    authority=authorities,
    line=lines,
    amount=cents,
)
findings = st.builds(Place.finding, st.builds(Place, texts, texts, texts), texts, texts, texts, texts)
claims = st.builds(
    lambda lines, reductions, **more: claim(*lines, reductions=reductions, **more),
    st.lists(lines, max_size=4),
    st.lists(reductions, max_size=3).map(tuple),
    parties=st.lists(st.builds(Party, texts, texts, texts, texts, st.integers(1, 10)), max_size=3).map(tuple),
    notes=st.lists(findings, max_size=2).map(tuple),
    label=texts,
)
verdicts = st.builds(
    Verdict,
    st.lists(st.builds(Difference, texts, texts, texts), max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
)


class TestNoTextBreaksOut:
    """Everything is escaped: no text of a value becomes a tag, an attribute or a comment."""

    @given(texts, st.lists(st.tuples(texts, texts, st.integers()), min_size=1, max_size=4), texts)
    def test_a_table_holds_its_texts_as_they_are(self, title: str, rows: list[tuple[str, str, int]], last: str) -> None:
        columns, total = (title, "Text", "Number"), (last, "x", 0)
        page = Page(html.page(title, html.table(title, columns, rows, lambda row: row, total, most=2)))
        found = [[row[0], row[1], f"{row[2]:,}"] for row in rows[:2]]
        more = [[f"and {len(rows) - 2} more"]] if len(rows) > 2 else []
        expected = [[title, "Text", "Number"], *found, *more, [last, "x", "0"]]
        if not any(row[0] for row in (*rows[:2], (last,))):
            expected = [row[1:] if len(row) == 3 else row for row in expected]
        assert page.tables == [expected]
        assert page.texts.count(title) >= 2

    @given(claims)
    def test_a_claim(self, found: Claim) -> None:
        page = shown(found)
        assert all(text in page.texts for text in (found.label, *(f.problem for f in found.notes)) if text)

    @given(claims, texts)
    def test_a_request_and_a_ledger(self, found: Claim, award: str) -> None:
        asked = shown(evolve(request(found), award=award, recipient=award))
        assert f"Request of {award}, FY2012, through 2012-09, as known on 2012-10-15" in asked.texts
        ledger = shown(Ledger().post(found).with_request(DAY, award, award, Cents(1)))
        assert ledger.tables[-1][1] == ["2012-10-15", *([award, award] if award else []), "0.01"]

    @given(st.lists(findings, min_size=1, max_size=4), st.sampled_from([Rejected, WorkbookRejected, TermsRejected]))
    def test_a_refusal(self, found: list[Finding], kind: type[Rejected]) -> None:
        page = shown(kind(found))
        assert all(f.problem in page.texts for f in found)

    @given(verdicts)
    def test_a_verdict(self, found: Verdict) -> None:
        page = shown(found)
        assert all(text in page.texts for text in (*found.notes, *found.consequences) if text)
        assert all(d.says in page.texts for d in found.differences if d.says)


class TestTable:
    def test_numbers_stand_at_the_right_and_what_is_empty_is_left_out(self) -> None:
        rows: list[tuple[html.Cell, ...]] = [("a", "", Decimal("1234.50"), 1000), ("b", "", "", -2)]
        columns, total = ("Name", "Phase", "Amount", "Count"), ("Total", "", Decimal("0.00"), 998)
        assert html.table("C", columns, rows, lambda row: row, total) == (
            '<table><caption style="text-align:left">C</caption><thead><tr><th style="text-align:left">Name</th>'
            '<th style="text-align:right">Amount</th><th style="text-align:right">Count</th></tr></thead>'
            '<tbody><tr><td style="text-align:left">a</td><td style="text-align:right">1,234.50</td>'
            '<td style="text-align:right">1,000</td></tr><tr><td style="text-align:left">b</td>'
            '<td style="text-align:right"></td><td style="text-align:right">-2</td></tr></tbody>'
            '<tfoot><tr><th style="text-align:left">Total</th><th style="text-align:right">0.00</th>'
            '<th style="text-align:right">998</th></tr></tfoot></table>'
        )

    def test_of_many_rows_it_says_how_many_more(self) -> None:
        rows = Page(html.table("C", ("N",), range(1021), lambda n: (n,))).tables[0]
        assert rows[1:3] + rows[-2:] == [["0"], ["1"], ["19"], ["and 1,001 more"]]
        assert len(Page(html.table("C", ("N",), range(20), lambda n: (n,))).tables[0]) == 21

    def test_no_rows_no_table(self) -> None:
        assert html.table("C", ("N",), [], lambda row: row) == html.paragraph("") == ""


class TestClaim:
    def test_its_dates_label_sums_ceilings_and_lines(self) -> None:
        months = [
            line(month=Month(2012, n), phase="certified", quantity=n, divisor=30, amount=2_000 * n)
            for n in range(1, 10)
        ]
        cost = line(rate=None, amount=12_345, count=2, category="food", subaward="S-2")
        held = [
            Reduction(
                kind="ceiling",
                id="per_capita",
                window="FY2012",
                room=600_000,
                authority=LETTER,
                line=months[8],
                amount=-amount,
            )
            for amount in (1_000, 500)
        ]
        page = shown(claim(*months, cost, reductions=tuple(held), label="ILLUSTRATIVE"))
        assert page.texts[1:4] == ["", "Claim through 2012-09, as known on 2012-10-15", "ILLUSTRATIVE"]
        assert page.table("Recipient") == [
            ["Subaward", "Recipient", "Subrecipient", "Region", "Earned", "Held back", "Allowed"],
            ["S-1", "Recipient", "Subrecipient", "4", "900.00", "-15.00", "885.00"],
            ["S-2", "", "", "", "123.45", "0.00", "123.45"],
            ["Total", "", "", "", "1,023.45", "-15.00", "1,008.45"],
        ]
        assert page.table("Ceiling") == [
            ["Ceiling", "Window", "Lines", "Held back", "Authority"],
            ["per_capita", "FY2012", "2", "-15.00", "Award letter (illustrative)"],
            ["Total", "", "2", "-15.00", ""],
        ]
        first, *_, last = page.table("Month")[1:]
        assert page.table("Month")[0] == [
            *("Month", "Subaward", "Service", "Phase", "Count", "Each", "Rate", "Amount", "Remark")
        ]
        assert first == ["2012-01", "S-1", "care", "certified", "", "1/30", "600.00", "20.00", ""]
        assert last == ["2012-09", "S-2", "care", "", "2", "", "", "123.45", "food"]

    def test_sums_are_of_all_lines_though_few_are_shown(self) -> None:
        found = claim(*[line(n * 100, reference=str(n)) for n in range(100)])
        page = shown(found)
        assert page.table("Recipient")[-1][-1] == f"{found.total.amount:,.2f}" == "4,950.00"
        assert len(page.table("Month")) == 22
        assert page.table("Month")[-1] == ["and 80 more"]

    def test_nothing_earned(self) -> None:
        assert shown(claim()).tables == []


class TestNoParticipant:
    """No participant and no row address is in what a notebook saves of a counted claim, a request
    or a ledger."""

    @given(st.lists(st.tuples(st.text("ЖЯ", min_size=4, max_size=9), st.integers(-5, 5)), min_size=1, max_size=12))
    def test_pseudonyms_are_only_in_the_page_of_a_claim_with_detail(self, rows: list[tuple[str, int]]) -> None:
        source = Source("caseload.xlsx", "Enrollment", 987)
        detail = [
            line(amount, participant=Participant("SUB", who), source=source, reference="ЖЯ-1") for who, amount in rows
        ]
        note = source.finding("cause", "a note", severity="warning", column="B")
        held = tuple(
            Reduction(kind="ceiling", id="cap", window="FY2012", room=1, authority=LETTER, line=each, amount=-1)
            for each in detail
        )
        found = claim(*detail, reductions=held, notes=(note,))
        ledger = Ledger().post(found)
        for value in (found.counted(), request(found.counted()), ledger):
            for saved in (value._repr_html_(), repr(value)):
                assert not {"Ж", "Я", "987"} & {part for part in ("Ж", "Я", "987") if part in saved}
        assert {who for who, _ in rows} == {row[2] for row in shown(found).table("Participant")[1:]}
        assert "Ж" not in repr(found)


class TestRequest:
    def test_its_figures(self) -> None:
        each = line()
        found = request(
            claim(
                each,
                reductions=(
                    Reduction(
                        kind="ceiling", id="cap", window="FY2012", room=1, authority=LETTER, line=each, amount=-10_000
                    ),
                ),
            )
        )
        page = shown(evolve(found, requested_before=60_000))
        assert page.table("Authorized") == [
            [
                "Authorized",
                "Held back",
                "Allowed to date",
                "On hold",
                "Federal share",
                "Requested before",
                "Requested now",
            ],
            ["1,000.00", "-100.00", "500.00", "0.00", "500.00", "600.00", "-100.00"],
        ]


class TestLedger:
    def test_what_was_posted_and_requested(self) -> None:
        each = line()
        first = claim(
            each,
            reductions=(
                Reduction(
                    kind="ceiling", id="cap", window="FY2012", room=1, authority=LETTER, line=each, amount=-10_000
                ),
            ),
        )
        later = claim(evolve(each, count=2, amount=120_000), known=date(2012, 11, 15))
        page = shown(Ledger().post(first).with_request(DAY, "FAIN-1", "FY2012", Cents(50_000)).post(later))
        assert page.texts[2] == "Ledger, known to 2012-11-15"
        assert page.table("Entries") == [
            ["Day", "Entries", "Amount"],
            ["2012-10-15", "2", "500.00"],
            ["2012-11-15", "2", "700.00"],
        ]
        assert page.table("Recipient")[-1] == ["Total", "", "", "", "1,200.00", "0.00", "1,200.00"]
        assert page.table("Budget period")[1:] == [["2012-10-15", "FAIN-1", "FY2012", "500.00"]]

    def test_an_empty_one(self) -> None:
        assert shown(Ledger()).texts == ["", "", "Ledger, empty"]


class TestRefusal:
    FINDINGS = (
        Place("a.xlsx", "Enrollment", "B3").finding("count", "a count cannot be negative", "0 or more", "-1"),
        Place("a.xlsx", "Costs", "E2").finding("money", "this is not an amount"),
    )

    def test_the_place_stands_first(self) -> None:
        page = shown(WorkbookRejected(self.FINDINGS))
        assert page.texts[2:4] == ["WorkbookRejected: 2 findings in a.xlsx", ""]
        assert page.tables == [
            [
                ["Place", "Severity", "What is wrong", "Expected", "Found"],
                ["Enrollment!B3", "error", "a count cannot be negative", "0 or more", "-1"],
                ["Costs!E2", "error", "this is not an amount", "", ""],
            ]
        ]

    def test_the_file_of_each_where_there_are_several(self) -> None:
        other = evolve(self.FINDINGS[0], place=Place("b.xlsx", "Letters", "A2"))
        page = shown(Rejected([*self.FINDINGS, other]))
        assert "Rejected: 3 findings" in page.texts
        assert [row[:2] for row in page.tables[0]] == [
            ["Place", "File"],
            ["Enrollment!B3", "a.xlsx"],
            ["Costs!E2", "a.xlsx"],
            ["Letters!A2", "b.xlsx"],
        ]

    def test_one_row_a_cause(self) -> None:
        """With how many places it has, the first of them, and how many more there are."""
        one = self.FINDINGS[0]
        many = [evolve(one, place=Place("a.xlsx", "Enrollment", f"B{n}"), found=str(-n)) for n in range(3, 48)]
        page = shown(Rejected([self.FINDINGS[1], *many, *many]))
        assert [row[:2] for row in page.tables[0]] == [
            ["Place", "Places"],
            ["; ".join(f"Enrollment!B{n}" for n in range(3, 11)) + "; and 37 more", "45"],
            ["Costs!E2", ""],
        ]

    def test_a_line_of_a_terms_file(self) -> None:
        found = Place("x.toml", "services.care", line=7).finding("key", "this key is not known")
        page = shown(TermsRejected([found]))
        assert "TermsRejected: 1 finding in x.toml" in page.texts
        assert page.tables[0][1][0] == "x.toml:7 services.care"


class TestVerdict:
    def test_the_truth(self) -> None:
        assert shown(Verdict((), (), ("a note",))).texts == ["", "", "The workbook matches its inputs.", "a note"]

    def test_a_lie_and_what_follows_from_it(self) -> None:
        page = shown(Verdict((Difference("Lines!H14", "1.00", "2.00"),), ("Summary!B3",), ()))
        assert "The workbook does not match its inputs." in page.texts
        assert page.table("Says")[1:] == [["Lines!H14", "1.00", "2.00"]]
        assert ["Summary!B3"] in page.tables[1]


@pytest.mark.parametrize("cents", [0, 5, -5, 123_456_789, -100])
def test_cents_are_shown_as_dollars_with_both_places(cents: int) -> None:
    found = Page(html.table("C", ("Amount",), [cents], lambda c: (dollars(c),))).tables[0][1][0]
    assert found == f"{dollars(cents):,.2f}"
