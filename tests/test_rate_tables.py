"""Rate tables of a terms file: a table says what the same entries written out one by one say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from grantcalc.errors import NotInForce, TermsRejected
from grantcalc.terms import Filling, RateKey, Terms, fill_terms, published_terms
from grantcalc.terms.rate_tables import MOST_CELLS
from grantcalc.terms.reading import read_terms

HEAD = """format = 1
id = "meals"
title = "Meals"
status = "illustrative"
effective = 2020-07-01
published = 2020-07-01

[cite]
first = "notice 1"
second = "notice 2"
later = "left to the award"

[services.meals]
title = "Meals"
pool = "direct"
cite = "first"
count = "unit"
"""
TABLES = """later = { open = "rate", cite = "later" }

[[services.meals.tables]] # the first year
cite = "first"
effective = 2020-07-01
published = 2020-07-22
through = 2021-06-30
across = "class"
rates = '''
unit       here       there
breakfast  1.25   1.25+0.10

lunch      3.51   5.70-0.02
'''

[[services.meals.tables]]
across = "unit"
rates = '''
effective   published   through     cite    class  breakfast  lunch
2021-07-01  2021-07-16  2022-06-30  second  here   1.30           -
2021-07-01  2021-07-16  2022-06-30  second  there  -       5.940001
'''
"""
WRITTEN_OUT = """rates = [
    { unit = "breakfast", class = "here", value = "1.25 USD", effective = 2020-07-01, published = 2020-07-22, cite = "first" },
    { unit = "breakfast", class = "here", ends = true, effective = 2021-07-01, published = 2020-07-22, cite = "first" },
    { unit = "breakfast", class = "there", value = "1.35 USD", effective = 2020-07-01, published = 2020-07-22, cite = "first", derived = "1.25 + 0.10 = 1.35" },
    { unit = "breakfast", class = "there", ends = true, effective = 2021-07-01, published = 2020-07-22, cite = "later", open = "rate.breakfast.there" },
    { unit = "lunch", class = "here", value = "3.51 USD", effective = 2020-07-01, published = 2020-07-22, cite = "first" },
    { unit = "lunch", class = "here", ends = true, effective = 2021-07-01, published = 2020-07-22, cite = "later", open = "rate.lunch.here" },
    { unit = "lunch", class = "there", value = "5.68 USD", effective = 2020-07-01, published = 2020-07-22, cite = "first", derived = "5.70 - 0.02 = 5.68" },
    { unit = "lunch", class = "there", ends = true, effective = 2021-07-01, published = 2020-07-22, cite = "first" },
    { unit = "breakfast", class = "here", value = "1.30 USD", effective = 2021-07-01, published = 2021-07-16, cite = "second" },
    { unit = "breakfast", class = "here", ends = true, effective = 2022-07-01, published = 2021-07-16, cite = "later", open = "rate.breakfast.here" },
    { unit = "lunch", class = "there", value = "5.940001 USD", effective = 2021-07-01, published = 2021-07-16, cite = "second" },
    { unit = "lunch", class = "there", ends = true, effective = 2022-07-01, published = 2021-07-16, cite = "later", open = "rate.lunch.there" },
]
"""  # fmt: skip # noqa: E501
SIZES = """
[[services.meals.tables]]
cite = "first"
effective = 2020-07-01
published = 2020-07-22
across = "size"
rates = '''
1    2    above_2
335  450       70
'''
"""


def read(text: str) -> Terms:
    return read_terms(text, "meals.toml")


def refused(table: str) -> list[str]:
    """The findings of terms whose service has this table."""
    with pytest.raises(TermsRejected) as caught:
        read(HEAD + table)
    return [str(finding) for finding in caught.value.findings]


def test_a_table_says_what_its_entries_written_out_say() -> None:
    from_tables, written_out = read(HEAD + TABLES), read(HEAD + WRITTEN_OUT)
    assert from_tables.services == written_out.services
    assert sorted(from_tables.opens, key=str) == sorted(written_out.opens, key=str)


def test_a_column_above_a_size_is_a_slope() -> None:
    (meals,) = read(HEAD + SIZES).services
    assert [str(key) for key in meals.rates] == ["size 1", "size 2"]
    (slope,) = meals.provisions
    assert (slope.kind, slope.words) == ("slope", {"above": "2"})
    assert str(slope.values.facts[0].value) == "70.00"


PLACED = SIZES.replace("across", 'place = "there"\nacross') + SIZES.replace("across", 'place = "here"\nacross').replace(
    "70", "80"
)


def test_a_table_of_a_dimension_gives_its_rates_and_its_slope() -> None:
    head = HEAD.replace("[services", '[dimensions.place]\nof = "participant"\nwords = ["here", "there"]\n\n[services')
    (meals,) = read(head + PLACED).services
    assert [(key.size, *key.words) for key in meals.rates] == [
        ("1", "there"),
        ("2", "there"),
        ("1", "here"),
        ("2", "here"),
    ]
    slopes = [(p.words, str(p.values.facts[0].value)) for p in meals.provisions]
    assert slopes == [
        ({"above": "2", "of": "place", "is": "there"}, "70.00"),
        ({"above": "2", "of": "place", "is": "here"}, "80.00"),
    ]


def test_a_cell_may_equal_another_value_or_end_one() -> None:
    rows = "effective published value\n2020-07-01 2020-07-01 =1.66\n2021-01-01 2021-01-02 ends"
    table = f'[[services.meals.tables]]\ncite = \'first\'\nrates = """\n{rows}\n"""\n'
    (meals,) = read(HEAD + table).services
    value, end = meals.rates[RateKey()].facts
    assert (str(value.value), value.authority.note) == ("1.66", "derived: 1.66 = 1.66")
    assert (end.is_end, end.effective, end.published) == (True, date(2021, 1, 1), date(2021, 1, 2))


def test_a_table_comes_after_the_entries_beside_it() -> None:
    own = 'rates = [{ unit = "snack", value = "1.00 USD", effective = 2020-07-01, published = 2020-07-01 }]\n'
    own = own.replace(" }", ', cite = "first" }')
    (meals,) = read(HEAD + own + TABLES).services
    assert [key.unit for key in meals.rates] == ["snack", "breakfast", "breakfast", "lunch", "lunch"]


def test_each_value_names_the_line_of_its_row() -> None:
    (meals,) = read(HEAD + TABLES).services
    lines = (HEAD + TABLES).split("\n")
    rows = {
        (key.unit, fact.effective.year): lines[fact.source.row - 1].split()
        for key, rates in meals.rates.items()
        for fact in rates.facts
        if not fact.is_end
    }
    assert rows == {
        ("breakfast", 2020): ["breakfast", "1.25", "1.25+0.10"],
        ("lunch", 2020): ["lunch", "3.51", "5.70-0.02"],
        ("breakfast", 2021): ["2021-07-01", "2021-07-16", "2022-06-30", "second", "here", "1.30", "-"],
        ("lunch", 2021): ["2021-07-01", "2021-07-16", "2022-06-30", "second", "there", "-", "5.940001"],
    }


def test_the_award_fills_in_what_follows_the_last_rate() -> None:
    day, known = date(2022, 7, 1), date(2022, 9, 1)
    said = Filling(
        term="rate.breakfast.here",
        value=Decimal("1.40"),
        effective=day,
        published=day,
        authority=read(HEAD + TABLES).opens[0].authority,
    )
    key = RateKey("", "breakfast", "here")
    with pytest.raises(NotInForce):
        read(HEAD + TABLES).services[0].rates[key].at(day, known)
    filled = fill_terms(read(HEAD + TABLES), [said]).services[0].rates[key]
    assert str(filled.at(day, known).value) == "1.40"
    assert str(filled.at(date(2022, 6, 30), known).value) == "1.30"


class TestBetweenTwoValues:
    """Where a series ends and begins again, the award fills in the days between, and no other."""

    ROWS = "effective published through cite value\n2020-07-01 2020-07-01 2021-06-30 first 1.00\n"
    ROWS += "2023-07-01 2023-07-20 2024-06-30 second 2.00\n"
    TABLE = f'later = {{ open = \'rate\', cite = \'later\' }}\n[[services.meals.tables]]\nrates = """\n{ROWS}"""\n'
    KEY, KNOWN = "rate.2021_07_01", date(2025, 1, 1)

    def filled(self, effective: date) -> Terms:
        terms = read(HEAD + self.TABLE)
        cited = terms.opens[0].authority
        said = Filling(term=self.KEY, value=Decimal("1.50"), effective=effective, published=self.KNOWN, authority=cited)
        return fill_terms(terms, [said])

    def test_what_is_open(self) -> None:
        opens = [(o.key, o.since, o.until) for o in read(HEAD + self.TABLE).opens]
        assert opens == [(self.KEY, date(2021, 7, 1), date(2023, 6, 30)), ("rate", date(2024, 7, 1), None)]

    def test_the_days_between(self) -> None:
        (rates,) = self.filled(date(2021, 7, 1)).services[0].rates.values()
        days = (date(2021, 6, 30), date(2021, 7, 1), date(2023, 6, 30), date(2023, 7, 1), date(2024, 6, 30))
        assert [str(rates.at(day, self.KNOWN).value) for day in days] == ["1.00", "1.50", "1.50", "2.00", "2.00"]
        for day in (date(2021, 7, 1), date(2023, 6, 30)):
            with pytest.raises(NotInForce):
                rates.at(day, date(2024, 12, 31))
        with pytest.raises(NotInForce):
            rates.at(date(2024, 7, 1), self.KNOWN)

    @pytest.mark.parametrize("effective", [date(2021, 6, 30), date(2023, 7, 1)])
    def test_no_other_days(self, effective: date) -> None:
        with pytest.raises(
            TermsRejected, match="2021-07-01 or later" if effective.year == 2021 else "2023-06-30 or earlier"
        ):
            self.filled(effective)


class TestRefusals:
    """What is wrong in a table is told of at the line of its row, all at once."""

    FIRST = 'cite = "first"\neffective = 2020-07-01\npublished = 2020-07-01\n'

    def table(self, *rows: str, above: str = FIRST, across: str = 'across = "class"\n') -> list[str]:
        said = refused("[[services.meals.tables]]\n" + above + across + "rates = '''\n" + "\n".join(rows) + "\n'''\n")
        assert all(finding.startswith("meals.toml:") for finding in said)
        return [finding.removeprefix("meals.toml:").replace(" services.meals.", " ", 1) for finding in said]

    def test_cells(self) -> None:
        rows = ("unit here there", "lunch 1.00 1,00", "snack 1.00", "supper +1 2", "milk 1.0.0 1e9", "tea 0.10-0.20 -")
        said = [(int(text[:2]), " ".join(text.split()[2:]).partition(",")[0]) for text in self.table(*rows)]
        cell = "a cell must be a rate"
        assert said == [
            (25, cell),
            (26, "a row must have a word for each column"),
            (27, cell),
            (28, cell),
            (28, cell),
            (29, "a rate cannot be below zero"),
        ]

    @pytest.mark.parametrize(
        ("rows", "above", "across", "says"),
        [
            (("unit unit here", "a b 1"), FIRST, None, "two columns have the same name"),
            (("cite here", "first 1"), FIRST, None, "a column repeats what stands above the table"),
            (("unit value", "lunch 1"), 'cite = "first"\neffective = 2020-07-01\n', "", "a table must say published"),
            (("unit here", "lunch 1"), FIRST, "", "a table without across must have one column of rates"),
            (("unit", "lunch"), FIRST, None, "must have one column of rates"),
            (("here", "1"), FIRST, 'across = "place"\n', "this is not what a rate may be keyed by"),
            (("through here", "2020-06-30 1"), FIRST, None, "the last day of a rate must not come before its first"),
            (("through here", "2020-02-30 1"), FIRST, None, "the through date of a row is not a date"),
            (("through here", "20210630 1"), FIRST, None, "the through date of a row is not a date"),
            (("phase here", "certified 1"), FIRST, None, "no participant can be in this phase"),
            (("unit here", "lunch 1", "lunch 1"), FIRST, None, "have the same two dates"),
            (("unit here", "lunch 1"), FIRST.replace("first", "third"), None, "there is no such citation"),
            (("unit here", "lunch 1"), FIRST + "place = 1\n", None, "there is no such key in terms"),
            (("unit class above_2", "a b 1"), FIRST, 'across = "size"\n', "a slope goes by a class, a unit or one"),
        ],
    )
    def test_columns_and_rows(self, rows: tuple[str, ...], above: str, across: str | None, says: str) -> None:
        said = self.table(*rows, above=above, across='across = "class"\n' if across is None else across)
        assert any(says in finding for finding in said), said

    @pytest.mark.parametrize("words", ['of = "unit"', 'is = "lunch"', 'of = "phase", is = "enrolled"'])
    def test_a_slope_names_a_key_and_its_word(self, words: str) -> None:
        entry = '{ above = 2, value = "1.00 USD", effective = 2020-07-01, published = 2020-07-01, cite = "first", '
        said = refused(f"slope = [{entry}{words} }}]\nrates = [{{ size = 2, open = 'rate' }}]\n")
        assert any("a slope names a key" in text or "a multiplier or slope goes by" in text for text in said)

    def test_what_is_no_table(self) -> None:
        assert any("this must be a table" in said for said in refused("tables = [1]\n"))
        assert any("the rates of a table must be text" in said for said in refused("tables = { rates = 1 }\n"))
        assert any("must have rates" in said for said in refused("tables = []\n"))
        assert any("there is no such key" in said for said in refused("later = { to = 1 }\ntables = []\n"))

    def test_too_many_cells(self) -> None:
        rows = [f"lunch_{n} 1.00" for n in range(MOST_CELLS // 2 + 1)]
        (said,) = (x for x in self.table("unit here", *rows) if "too many" in x)
        assert f"at most {MOST_CELLS:,}" in said


def test_no_program_repeats_a_table_as_entries() -> None:
    """A service that has tables has no rates beside them: one place to proof-read."""
    folder = Path(__file__).resolve().parent.parent / "src" / "grantcalc" / "programs"
    for id in published_terms():
        for service in (folder / f"{id}.toml").read_text("utf-8").split("\n[services.")[1:]:
            _, _, beside = service.partition("\nrates = [")
            assert ".tables]]" not in service or "value" not in beside.partition("\n")[0], id
