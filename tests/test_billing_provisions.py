"""What the terms provide beside the rates, each once through the whole of billing (Rulebook 3.2 and
5.2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

from grantcalc import Caseload, NotInForce, Rejected, TermsRejected, bill
from tests.worked import (
    ABSENT,
    AT,
    CARE,
    CHANGE,
    MOVED,
    RATE,
    SPRING,
    billed,
    care,
    case,
    lines,
    terms,
)


class TestProvisions:
    """What stands beside the rates: each once through the whole of billing."""

    def test_a_carve_parts_the_line(self) -> None:
        text = care("any_day", 'carve = [{ pool = "direct", value = "110.00 USD", @ }]\n')
        claim = billed(text, SPRING + 'through = "2024-03"')
        assert [(x.pool, x.quantity, x.amount) for x in claim.lines] == [
            ("direct", 1, 11000),
            ("administration", 1, 20000),
        ]

    def test_under_a_floor_nothing_is_carved(self) -> None:
        floor = 'floor = [{ only = "every_month", value = "10.00 USD", @ }]\n'
        more = f'carve = [{{ pool = "direct", value = "4.00 USD", @ }}]\n{floor}'
        claim = billed(care("any_day", more).replace("310.00", "9.99"), SPRING + 'through = "2024-03"')
        assert [(x.pool, x.quantity, str(x.reason or "")) for x in claim.lines] == [
            ("administration", 0, "9.99 is under the least amount paid, 10.00")
        ]

    def test_another_carve_is_another_line(self) -> None:
        carve = (
            'carve = [{ pool = "direct", value = "100.00 USD", @ }, '
            '{ pool = "direct", value = "200.00 USD", effective = 2024-03-21, published = 2024-03-01, cite = "m" }]\n'
        )
        claim = billed(care("actual_days", carve), SPRING + 'through = "2024-03"')
        assert [(x.pool, x.quantity, x.amount) for x in claim.lines] == [
            ("direct", 11, 3548),
            ("administration", 11, 7452),
            ("direct", 11, 7097),
            ("administration", 11, 3903),
        ]

    def test_a_floor_of_first_months(self) -> None:
        """20/31 of 14.00 are 9.03: in May paid, in the first month not. 22/31 are 9.94."""
        text = care("actual_days", 'floor = [{ only = "first_month", value = "10.00 USD", @ }]\n').replace("310", "14")
        claim = billed(text, SPRING)
        assert lines(claim) == [("2024-03", "0/31", 0), ("2024-04", "30/30", 1400), ("2024-05", "20/31", 903)]
        assert str(claim.lines[0].reason or "") == "9.94 is under the least amount paid, 10.00"
        every = billed(text.replace("first_month", "every_month"), SPRING)
        assert [a for _, _, a in lines(every)] == [0, 1400, 0]

    def test_a_floor_under_a_whole_month_policy(self) -> None:
        text = care("from_start", 'floor = [{ only = "first_month", value = "10.00 USD", @ }]\n').replace("310", "14")
        assert [a for _, _, a in lines(billed(text, SPRING))] == [0, 1400, 1400]

    def test_a_first_month_rounded_down(self) -> None:
        """22/31 of 14.00 are 9.935…, in whole dollars 9.00."""
        down = 'rounding = [{ how = "down", only = "first_month", value = "1.00 USD", @ }]\n'
        text = care("actual_days", down).replace("310", "14")
        claim = billed(text, SPRING)
        assert lines(claim) == [("2024-03", "1", 900), ("2024-04", "30/30", 1400), ("2024-05", "20/31", 903)]
        rate = claim.lines[0].rate
        assert rate
        assert "22/31 of 14.00, down to a multiple of 1.00" in rate.authority.citation
        every = billed(text.replace("first_month", "every_month").replace('"1.00', '"0.05'), SPRING)
        assert [a for _, _, a in lines(every)] == [990, 1400, 900]

    def test_the_exact_amount_is_rounded_down_before_the_floor_is_tested(self) -> None:
        """22/31 of 14.0889 are 9.9985…: 10.00 to the cent, 9.00 in whole dollars, and so not
        paid."""
        floor = 'floor = [{ only = "first_month", value = "10.00 USD", @ }]\n'
        down = 'rounding = [{ how = "down", only = "first_month", value = "1.00 USD", @ }]\n'
        for more, first in ((floor, 1000), (floor + down, 0)):
            claim = billed(care("from_start", more).replace("310.00", "14.0889"), SPRING)
            assert [a for _, _, a in lines(claim)] == [first, 1409, 1409]

    def test_the_uplift_of_a_household_that_changes(self) -> None:
        text = care("actual_days", 'uplift = [{ per = "family", value = 0.50, @ }]\n')
        home = 'households = [{ participant = "P-1", start = 2024-03-20, end = 2024-03-25, family = 2 }]\n'
        claim = billed(text, SPRING + home + 'through = "2024-03"')
        assert [(x.quantity, x.amount) for x in claim.lines] == [(16, 16000), (6, 12000)]

    def test_what_a_gate_refuses_stands_at_quantity_0(self) -> None:
        text = care("actual_days", 'eligible_months = [{ since = "arrived", by = "actual_date", value = 1, @ }]\n')
        rows = SPRING + 'participants = [{ id = "P-1", arrived = 2024-03-16 }]\n'
        claim = billed(text, rows)
        beyond = "beyond 1 months of eligibility from 2024-03-16"
        assert [(str(x.month), x.quantity, x.amount, str(x.reason or "")) for x in claim.lines] == [
            ("2024-03", 16, 16000, ""),
            ("2024-04", 15, 15500, ""),
            ("2024-03", 0, 0, "before the day of arrival"),
            ("2024-04", 0, 0, beyond),
            ("2024-05", 0, 0, beyond),
        ]
        assert [x.day for x in claim.lines][2:4] == [date(2024, 3, 10), date(2024, 4, 16)]
        assert all(x.rate is None and x.divisor == 1 for x in claim.lines[2:])
        assert len(billed(text, rows + 'through = "2024-04"').lines) == 4

    def test_what_is_refused_twice_in_a_month_is_one_line(self) -> None:
        text = care("actual_days", 'eligible_months = [{ since = "arrived", by = "actual_date", value = 1, @ }]\n')
        rows = (
            'participants = [{ id = "P-1", arrived = 2024-03-21 }]\n'
            'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-03-05 }, '
            '{ participant = "P-1", start = 2024-03-11, end = 2024-03-25 }]\n'
        )
        assert [(x.quantity, str(x.reason or "")) for x in billed(text, rows).lines] == [
            (5, ""),
            (0, "before the day of arrival"),
        ]

    def test_once_is_refused_once(self) -> None:
        text = care("once", 'enroll_within = [{ of = "arrived", value = 31, @ }]\n')
        again = SPRING.replace("]", ', { participant = "P-1", start = 2024-08-01 }]')
        claim = billed(text, again + 'participants = [{ id = "P-1", arrived = 2024-01-16 }]\n')
        assert [(str(x.month), x.quantity, str(x.reason or "")) for x in claim.lines] == [
            ("2024-03", 0, "enrolled 54 days after arrival, at most 31 are allowed")
        ]

    @pytest.mark.parametrize("first", ["2024-03-01", "2024-03-31"])
    def test_once_is_refused_in_its_month(self, first: str) -> None:
        text = care("once", 'enroll_within = [{ of = "arrived", value = 31, @ }]\n')
        rows = (
            'participants = [{ id = "P-1", arrived = 2024-01-01 }]\n'
            f'enrollments = [{{ participant = "P-1", start = {first}, end = 2024-04-20 }}]\n'
        )
        assert [(str(x.month), x.quantity) for x in billed(text, rows).lines] == [("2024-03", 0)]

    def test_what_two_gates_refuse_in_order(self) -> None:
        gates = (
            'eligible_months = [{ since = "arrived", by = "actual_date", value = 1, @ }]\n'
            "look_back = [{ value = 25, @ }]\n"
        )
        rows = (
            'participants = [{ id = "P-1", arrived = 2024-03-01 }]\n'
            'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-04-05, published = 2024-04-01 }]\n'
        )
        assert [(x.day, x.quantity) for x in billed(care("day", gates), rows).lines] == [
            (date(2024, 3, 7), 25),
            (date(2024, 3, 1), 0),
            (date(2024, 4, 1), 0),
        ]

    def away(self, start: str, end: str) -> str:
        return f'absences = [{{ participant = "P-1", kind = "other", start = 2024-{start}, end = 2024-{end} }}]\n'

    def test_days_of_absence_are_noted_on_the_line(self) -> None:
        text = care("day", ABSENT)
        claim = billed(text, SPRING + self.away("03-28", "04-01"))
        assert [(x.quantity, str(x.reason or "")) for x in claim.lines] == [
            (21, "1 day of absence not paid"),
            (29, "1 day of absence not paid"),
            (20, ""),
        ]
        claim = billed(text, SPRING + self.away("03-11", "03-15"))
        assert [(x.quantity, str(x.reason or "")) for x in claim.lines] == [
            (20, "2 days of absence not paid"),
            (30, ""),
            (20, ""),
        ]

    def test_a_month_away_has_a_line_of_quantity_0(self) -> None:
        claim = billed(care("day", ABSENT), SPRING + self.away("03-25", "05-31"))
        assert [(str(x.month), x.quantity, x.divisor, str(x.reason or ""), x.day) for x in claim.lines] == [
            ("2024-03", 18, 1, "4 days of absence not paid", date(2024, 3, 10)),
            ("2024-04", 0, 1, "30 days of absence not paid", date(2024, 4, 1)),
            ("2024-05", 0, 1, "20 days of absence not paid", date(2024, 5, 1)),
        ]
        rows = SPRING + self.away("03-25", "05-31") + 'through = "2024-04"'
        assert len(billed(care("day", ABSENT), rows).lines) == 2

    def test_a_month_away_at_two_subawards(self) -> None:
        claim = billed(care("day", ABSENT), MOVED + self.away("02-20", "03-31"))
        assert [(x.subaward, x.quantity, x.day, str(x.reason or "")) for x in claim.lines] == [
            ("S-1", 0, date(2024, 3, 1), "31 days of absence not paid")
        ]

    def test_the_note_stands_on_the_first_line_of_the_month_only(self) -> None:
        claim = billed(care("day", ABSENT, CHANGE), SPRING + self.away("03-11", "03-15") + 'through = "2024-03"')
        assert [(x.quantity, x.amount, str(x.reason or "")) for x in claim.lines] == [
            (9, 279000, "2 days of absence not paid"),
            (11, 682000, ""),
        ]

    def test_the_site_on_the_day_of_absence(self) -> None:
        """Occupancy is asked of the subaward at which the participant then was."""
        gated = ABSENT.replace("@", 'when = "full", at_least = 0.90, @')
        figures = (
            'figures = [{ subaward = "S-1", figure = "full", value = 1.00, effective = 2024-01-01 }, '
            '{ subaward = "S-2", figure = "full", value = 0.50, effective = 2024-01-01 }]\n'
        )
        claim = billed(care("day", gated), MOVED + figures + self.away("03-10", "03-11"))
        assert [(x.subaward, x.quantity) for x in claim.lines] == [("S-1", 10), ("S-2", 20)]
        claim = billed(care("day", gated), MOVED + figures + self.away("03-31", "03-31"))
        assert [(x.subaward, x.quantity) for x in claim.lines] == [("S-1", 10), ("S-2", 20)]
        assert len(billed(care("day", gated), MOVED + self.away("02-28", "02-28")).lines) == 2
        with pytest.raises(NotInForce, match="no figure full of subaward S-1 is in force on 2024-03-01"):
            billed(care("day", gated), MOVED + self.away("02-28", "03-10"))


CARVED = 'carve = [{ pool = "direct", value = "1.00 USD", @ }]\n'


class TestRounding:
    """Terms may round each line, or the price of each unit, down, up or to the nearest multiple
    (5.2.16 to 5.2.18)."""

    MEALS = 'units = [{ participant = "P-1", service = "care", day = 2024-03-10, quantity = 3 }]\n'

    @pytest.mark.parametrize(
        ("words", "cents"),
        [
            ('how = "nearest", only = "every_month"', 305),
            ('how = "down", only = "every_month"', 305),
            ('how = "up", only = "every_month"', 310),
            ('how = "nearest", only = "every_month", of = "price"', 300),
            ('how = "down", only = "every_month", of = "price"', 300),
            ('how = "up", only = "every_month", of = "price"', 315),
            ('how = "up", only = "first_month", of = "amount"', 310),
        ],
    )
    def test_of_the_line_or_of_the_unit(self, words: str, cents: int) -> None:
        """3 units at 1.02 are 3.06, to nickels."""
        text = care("unit", f'rounding = [{{ {words}, value = "0.05 USD", @ }}]\n').replace("310.00", "1.02")
        assert [x.amount for x in billed(text, SPRING + self.MEALS).lines] == [cents]

    def test_halves_go_up_and_an_exact_multiple_stays(self) -> None:
        for rate, cents in (("2.50", 300), ("2.49", 200), ("3.00", 300)):
            more = 'rounding = [{ how = "nearest", only = "every_month", value = "1.00 USD", @ }]\n'
            assert [x.amount for x in billed(care("once", more).replace("310.00", rate), SPRING).lines] == [cents]

    def test_a_bare_count_is_rounded_but_has_no_first_month(self) -> None:
        rows = 'counts = [{ service = "care", month = "2024-03", quantity = 3 }]\n'
        for only, cents in (("every_month", 300), ("first_month", 306)):
            more = f'rounding = [{{ how = "down", only = "{only}", value = "1.00 USD", @ }}]\n'
            assert [x.amount for x in billed(care("unit", more).replace("310.00", "1.02"), rows).lines] == [cents]

    def test_the_floor_before_or_after(self) -> None:
        """1/30 of 299.90 is 9.9966…: 10.00 to the cent."""
        rows = 'enrollments = [{ participant = "P-1", start = 2024-03-31, end = 2024-03-31 }]\n'
        for on, cents in (('on = "exact", ', 0), ('on = "rounded", ', 1000), ("", 1000)):
            floor = f'floor = [{{ {on}only = "every_month", value = "10.00 USD", @ }}]\n'
            claim = billed(care("from_start_thirty", floor).replace("310.00", "299.90"), rows)
            assert [x.amount for x in claim.lines] == [cents]
            assert cents or str(claim.lines[0].reason) == "9.99 is under the least amount paid, 10.00"

    def test_a_part_of_a_month_in_decimals(self) -> None:
        """11/30 up to four decimals is 0.3667; a whole month stays whole."""
        rows = 'enrollments = [{ participant = "P-1", start = 2024-03-20, end = 2024-04-30 }]\n'
        for how, quantity, cents in (("up", "3667/10000", 33920), ("down", "3666/10000", 33911)):
            more = f'share_decimals = [{{ how = "{how}", value = 4, @ }}]\n'
            claim = billed(care("from_start_thirty", more).replace("310.00", "925.00"), rows)
            assert lines(claim) == [("2024-03", quantity, cents), ("2024-04", "1", 92500)]
        none = billed(care("from_start_thirty", 'share_decimals = [{ how = "down", value = 0, @ }]\n'), rows)
        assert lines(none)[0] == ("2024-03", "0", 0)
        assert "the share of the month is rounded down to nothing" in none.lines[0].explain()

    @pytest.mark.parametrize(
        ("count", "more", "says"),
        [
            ("once", 'rounding = [{ how = "up", only = "every_month", value = "0.00 USD", @ }]', "more than zero"),
            ("once", 'rounding = [{ how = "up", only = "first_month", of = "price", value = "1.00 USD", @ }]', "price"),
            ("once", 'share_decimals = [{ how = "up", value = 4, @ }]', "never used under the service's policy"),
            ("once", 'floor = [{ only = "every_month", on = "cost", value = "1.00 USD", @ }]', "not a known word"),
            ("once", 'rounding = [{ only = "every_month", value = "1.00 USD", @ }]', "rounding needs the word how"),
            (
                "once",
                CARVED + 'rounding = [{ how = "up", only = "every_month", value = "1.00 USD", @ }]',
                "cannot be divided between pools",
            ),
        ],
    )
    def test_what_is_refused(self, count: str, more: str, says: str) -> None:
        with pytest.raises(TermsRejected, match=says):
            terms(care(count, more + "\n"))


KEYED = """
[dimensions.age]
of = "participant"
words = ["infant", "older"]
[dimensions.quality]
of = "site"
words = ["star", "plain"]
[dimensions.place]
of = "state"
words = ["contiguous", "alaska"]
states = { AK = "alaska" }
other = "contiguous"
"""
DAYS_OF_CARE = KEYED + care(
    "day",
    'multiplier = [{ of = "quality", is = "star", value = 1.10, @ }]\n',
    'rates = [{ age = "infant", value = "50.00 USD", @ }, { value = "40.00 USD", @ }]\n',
)
ONE_DAY = 'enrollments = [{ participant = "P-1", start = 2024-03-10, end = 2024-03-10 }]\n'


def said(*rows: str) -> str:
    """Rows of the Characteristics sheet, from 1 January."""
    dated = (row if "effective" in row else f"{row}, effective = 2024-01-01" for row in rows)
    return "characteristics = [" + ", ".join(f"{{ {row} }}" for row in dated) + "]\n"


INFANT = 'participant = "P-1", characteristic = "age", word = "infant"'
STAR, PLAIN = (f'subaward = "S-1", characteristic = "quality", word = "{word}"' for word in ("star", "plain"))


CHARGED = 'lesser_of = [{ figure = "charge", whose = "participant", value = 1.00, @ }]\n'


def income(number: str, name: str = "income") -> str:
    return f'participant = "P-1", characteristic = "{name}", number = "{number}"'


class TestCharacteristics:
    """Rates have further keys, of the participant, the site and its State; prices go by numbers of
    the participant (Rulebook 5.6)."""

    @pytest.mark.parametrize(
        ("age", "quality", "cents"),
        [("infant", "star", 5500), ("infant", "plain", 5000), ("older", "star", 4400), ("older", "plain", 4000)],
    )
    def test_words_of_the_participant_and_of_the_site(self, age: str, quality: str, cents: int) -> None:
        rows = said(INFANT.replace("infant", age), STAR.replace("star", quality))
        assert [x.amount for x in billed(DAYS_OF_CARE, ONE_DAY + rows).lines] == [cents]

    def test_a_word_holds_from_its_day(self) -> None:
        """Infant to 20 March, older from the 21st; star from the 16th."""
        rows = said(
            INFANT,
            INFANT.replace("infant", "older") + ", effective = 2024-03-21",
            PLAIN,
            STAR + ", effective = 2024-03-16",
        )
        claim = billed(DAYS_OF_CARE, SPRING + rows + 'through = "2024-03"\n')
        assert [(x.quantity, x.amount) for x in claim.lines] == [(6, 30000), (5, 27500), (11, 48400)]
        assert "× 1.10 for quality star" in claim.lines[1].explain()

    def test_a_word_that_nobody_reported_is_a_refusal(self) -> None:
        for rows, what in ((said(PLAIN), "age of the participant"), (said(INFANT), "quality of subaward S-1")):
            with pytest.raises(NotInForce, match=what):
                billed(DAYS_OF_CARE, ONE_DAY + rows)

    def test_the_place_follows_from_the_state(self) -> None:
        rate = (
            'rates = [{ place = "alaska", value = "4.99 USD", @ }, { place = "contiguous", value = "3.07 USD", @ }]\n'
        )
        given = case(
            KEYED + care("unit", "", rate), 'counts = [{ service = "care", month = "2024-03", quantity = 2 }]\n'
        )
        for state, cents in (("AK", 998), ("TX", 614)):
            places = tuple(evolve(o, state=state) for o in given.network.organizations)
            claim = evolve(given, network=evolve(given.network, organizations=places)).claim()
            assert [x.amount for x in claim.lines] == [cents]
            (said,) = (used.value for used in claim.terms if used.term == "place, by State")
            assert said == "alaska in AK; else contiguous"
        with pytest.raises(NotInForce, match="place of subaward S-1"):
            given.claim()

    @pytest.mark.parametrize(
        ("provisions", "cents"),
        [
            ('deduct = [{ figure = "income", whose = "participant", value = 1.00, @ }]', 23000),
            ('deduct = [{ figure = "income", less = ["disregard"], whose = "participant", value = 0.50, @ }]', 28000),
            ('lesser_of = [{ figure = "income", whose = "participant", value = 1.00, @ }]', 8000),
            (CHARGED + 'deduct = [{ figure = "disregard", whose = "participant", value = 1.00, @ }]', 18000),
        ],
    )
    def test_numbers_of_the_participant(self, provisions: str, cents: int) -> None:
        """310.00 a month, income 80.00, 20.00 of it disregarded, a charge of 200.00."""
        numbers = {"income": "80", "disregard": "20", "charge": "200"}
        rows = said(*(income(value, name) for name, value in numbers.items() if f'"{name}"' in provisions))
        assert [x.amount for x in billed(care("once", provisions + "\n"), SPRING + rows).lines] == [cents]

    def test_more_income_than_the_rate_pays_nothing(self) -> None:
        text = care("actual_days", 'deduct = [{ figure = "income", whose = "participant", value = 1.00, @ }]\n')
        rows = said(income("400"), income("0") + ", effective = 2024-05-01")
        claim = billed(text, SPRING + rows)
        assert [x.amount for x in claim.lines] == [0, 0, 20000]
        assert "less income: ILLUSTRATIVE: Manual" in claim.lines[0].explain()
        assert "400" not in claim.lines[0].explain(), "an explanation goes up with a claim"

    @pytest.mark.parametrize(
        ("row", "says"),
        [
            (INFANT.replace("infant", "baby"), "not a word that the terms list"),
            (INFANT.replace("age", "income"), "ask for no such characteristic of a participant"),
            (STAR.replace("quality", "age"), "ask for no such characteristic of a site"),
            (STAR.replace("quality", "place"), "ask for no such characteristic of a site"),
            (STAR.replace("S-1", "S-9"), "lists no such subaward"),
            (INFANT + ', subaward = "S-1"', "of one participant or of one site"),
            ('characteristic = "age", word = "infant", subaward = ""', "of one participant or of one site"),
        ],
    )
    def test_a_row_that_says_nothing_is_refused(self, row: str, says: str) -> None:
        given = case(DAYS_OF_CARE, ONE_DAY + said(row))
        if "participant" in row and "subaward" in row:
            both = evolve(given.caseload.characteristics[0], subaward="S-1")
            given = evolve(given, caseload=evolve(given.caseload, characteristics=(both,)))
        with pytest.raises(Rejected, match=says):
            given.claim()

    def test_a_number_is_a_number_above_zero(self) -> None:
        text = care("once", 'deduct = [{ figure = "income", whose = "participant", value = 1.00, @ }]\n')
        for row in (income("-1"), income("1") + ', word = "x"', income("1").replace("number", "word")):
            with pytest.raises(Rejected, match="is a number, and cannot be negative"):
                billed(text, SPRING + said(row))

    def test_a_number_that_is_none_is_refused(self) -> None:
        given = case(
            care("once", 'deduct = [{ figure = "income", whose = "participant", value = 1.00, @ }]\n'),
            SPRING + said(income("1")),
        )
        for number in ("NaN", "Infinity"):
            rows = (evolve(given.caseload.characteristics[0], number=Decimal(number)),)
            with pytest.raises(Rejected, match="is a number, and cannot be negative"):
                evolve(given, caseload=evolve(given.caseload, characteristics=rows)).claim()

    def test_a_bare_count_has_no_participant(self) -> None:
        rows = 'counts = [{ service = "care", month = "2024-03", quantity = 2 }]\n'
        with pytest.raises(Rejected, match="a count names none"):
            billed(DAYS_OF_CARE, rows)

    def test_a_site_has_one_word_whoever_reports_it(self) -> None:
        given = case(DAYS_OF_CARE, ONE_DAY + said(INFANT, STAR))
        (site,) = (row for row in given.caseload.characteristics if row.subaward)
        other = Caseload(issuer="RECIPIENT", report_date=given.known, characteristics=(evolve(site, word="plain"),))
        with pytest.raises(Rejected, match="same Published and differs"):
            bill([given.caseload, other], given.network, given.through, given.known)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (KEYED.replace('"participant"', '"person"'), "one of participant, site, state"),
            (KEYED.replace("dimensions.age", "dimensions.size"), "a key of this name already"),
            (KEYED.replace('["infant", "older"]', "[]"), "a dimension must list its words"),
            (KEYED.replace("AK =", "XX ="), "there is no such State"),
            (KEYED.replace('other = "contiguous"', 'other = "far"'), "not a word of the dimension"),
            (KEYED.replace('states = { AK = "alaska" }\nother = "contiguous"\n', ""), "which word each has"),
        ],
    )
    def test_dimensions_that_are_refused(self, text: str, says: str) -> None:
        with pytest.raises(TermsRejected, match=says):
            terms(text + care("day"))

    @pytest.mark.parametrize(
        ("more", "says"),
        [
            ('rates = [{ age = "baby", value = "1.00 USD", @ }]', "not a word of the dimension"),
            ('rates = [{ color = "red", value = "1.00 USD", @ }]', "there is no such key"),
            (RATE + 'multiplier = [{ of = "age", is = "baby", value = 2, @ }]', "not a word of the dimension"),
            (RATE + 'multiplier = [{ of = "color", is = "red", value = 2, @ }]', "a class, a unit or a declared"),
            (RATE + 'deduct = [{ figure = "x", whose = "award", value = 1, @ }]', "not a known word for whose"),
        ],
    )
    def test_keys_that_are_refused(self, more: str, says: str) -> None:
        with pytest.raises(TermsRejected, match=says):
            terms(KEYED + care("day", more + "\n", ""))


class TestClaimWithin:
    """A month is claimed within N days after its end; later a claim only goes down (Rulebook
    3.3)."""

    MEALS = care("unit", "claim_within = [{ value = 60, @ }]\n").replace("310.00", "2.00")

    @pytest.mark.parametrize(
        ("told", "quantities"),
        [
            (["2024-05-30: 10"], [10]),
            (["2024-05-31: 10"], [0]),
            (["2024-04-05: 10", "2024-06-05: 12"], [10]),
            (["2024-04-05: 10", "2024-05-05: 12"], [12]),
            (["2024-04-05: 10", "2024-06-05: 8"], [8]),
            (["2024-04-05: 10", "2024-06-05: 8", "2024-06-06: 9"], [9]),
            (["2024-04-05: 10", "2024-06-05: 0"], []),
            (["2024-04-05: 0", "2024-06-05: 3"], [0]),
        ],
    )
    def test_of_a_bare_count(self, told: list[str], quantities: list[int]) -> None:
        rows = (row.split(": ") for row in told)
        said = ", ".join(
            f'{{ service = "care", month = "2024-03", quantity = {n}, published = {day} }}' for day, n in rows
        )
        claim = billed(self.MEALS, f"counts = [{said}]\n")
        assert [(x.quantity, x.amount) for x in claim.lines] == [(n, 200 * n) for n in quantities]
        restated = quantities and quantities[0] < int(told[-1].split(": ")[1])
        says = "claimed more than 60 days after the end of the month"
        assert [str(x.reason or "") for x in claim.lines] == ([says] if restated else [""] * len(claim.lines))

    def test_what_is_not_known_yet_is_not_seen(self) -> None:
        """10 told on 5 April and 8 on 20 April are 10 as known on 10 April, before the deadline."""
        said = (
            f'{{ service = "care", month = "2024-03", quantity = {n}, published = {day} }}'
            for day, n in (("2024-04-05", 10), ("2024-04-20", 8))
        )
        rows = f"counts = [{', '.join(said)}]\n"
        for known, quantity in (("2024-04-10", 10), ("2024-04-20", 8)):
            assert [x.quantity for x in billed(self.MEALS, f"{rows}known = {known}\n").lines] == [quantity]

    def test_of_units_of_a_participant(self) -> None:
        """Two of 10 March in time, one more in June; three of 11 March in June alone."""
        units = ", ".join(
            f'{{ participant = "P-1", service = "care", day = {day}, quantity = {n}, published = {told} }}'
            for day, n, told in (
                ("2024-03-10", 2, "2024-04-05"),
                ("2024-03-10", 3, "2024-06-05"),
                ("2024-03-11", 3, "2024-06-05"),
            )
        )
        stay = SPRING.replace("end =", "published = 2024-04-05, end =")
        claim = billed(self.MEALS, f"{stay}units = [{units}]\n")
        assert [(x.quantity, x.amount, str(x.reason or "")) for x in claim.lines] == [
            (2, 400, ""),
            (0, 0, "claimed more than 60 days after the end of the month"),
        ]

    def test_of_enrolled_days(self) -> None:
        """Told on 31 May: March is too late, April and May are not."""
        text = care("actual_days", "claim_within = [{ value = 60, @ }]\n")
        for told, quantities in (("2024-05-31", [30, 20, 0]), ("2024-05-30", [22, 30, 20])):
            claim = billed(text, SPRING.replace("end =", f"published = {told}, end ="))
            assert [x.quantity for x in claim.lines] == quantities
        again = SPRING.replace("}]", '}, { participant = "P-1", start = 2024-03-10, end = 2024-03-12 }]')
        told = again.replace("end = 2024-05-20", "published = 2024-04-01, end = 2024-05-20")
        assert [x.quantity for x in billed(text, told).lines] == [3]

    def test_costs_have_no_deadline(self) -> None:
        with pytest.raises(TermsRejected, match="never used of actual costs"):
            terms(CARE + 'count = "actual_cost"\nclaim_within = [{ value = 60, @ }]\n'.replace("@", AT))


BANDS = """
bands = [
    { unit = "part_day", value = 1, @ },
    { unit = "day", value = 5, @ },
    { unit = "day", then = "hour", value = 10, @ },
]
"""
BY_BAND = care(
    "hour",
    BANDS,
    'rates = [{ unit = "part_day", value = "20.00 USD", @ }, { unit = "day", value = "35.00 USD", @ }, '
    '{ unit = "hour", value = "4.00 USD", @ }]\n',
)


def hours(*quantities: int, unit: str = "", rate_class: str = "") -> str:
    """Hours of the days from 10 March on."""
    rows = (
        f'{{ participant = "P-1", service = "care", day = 2024-03-{day}, quantity = {n}, unit = "{unit}", '
        f'class = "{rate_class}" }}'
        for day, n in enumerate(quantities, 10)
    )
    return f"units = [{', '.join(rows)}]\n"


class TestBands:
    """Hours become units by bands, and units are reported in parts (Rulebook 3.4)."""

    @pytest.mark.parametrize(
        ("n", "expected"),
        [
            (1, [("part_day", 1, 2000)]),
            (4, [("part_day", 1, 2000)]),
            (5, [("day", 1, 3500)]),
            (9, [("day", 1, 3500)]),
            (10, [("day", 1, 3500)]),
            (13, [("day", 1, 3500), ("hour", 3, 1200)]),
        ],
    )
    def test_hours_of_a_day(self, n: int, expected: list[tuple[str, int, int]]) -> None:
        claim = billed(BY_BAND, SPRING + hours(n))
        assert [(x.category, x.quantity, x.amount) for x in claim.lines] == expected

    def test_days_of_a_month_together(self) -> None:
        claim = billed(BY_BAND, SPRING + hours(4, 5, 6, 13))
        assert {x.category: (x.quantity, x.amount) for x in claim.lines} == {
            "part_day": (1, 2000),
            "day": (3, 10500),
            "hour": (3, 1200),
        }

    def test_too_few_hours_are_shown(self) -> None:
        later = BY_BAND.replace('"part_day", value = 1', '"part_day", value = 2')
        claim = billed(later, SPRING + hours(1, 2))
        assert [(x.quantity, x.amount, str(x.reason or "")) for x in claim.lines] == [
            (1, 2000, ""),
            (0, 0, "fewer hours than the terms pay of a day"),
        ]

    def test_hours_of_a_class_are_one_day(self) -> None:
        """2 and 3 hours of one day are 5, whatever unit the rows name; of two classes they are two
        part days."""
        rows = (hours(2), hours(3, unit="hour"))
        one, two = (row[len("units = [") : -2] for row in rows)
        claim = billed(BY_BAND, f"{SPRING}units = [{one}, {two}]\n")
        assert [(x.category, x.amount) for x in claim.lines] == [("day", 3500)]
        apart = two.replace('class = ""', 'class = "infant"')
        claim = billed(BY_BAND, f"{SPRING}units = [{one}, {apart}]\n")
        assert [(x.category, x.amount) for x in claim.lines] == [("part_day", 2000), ("part_day, infant", 2000)]

    def test_quarter_hours(self) -> None:
        """7 quarter hours at 40.00 an hour are 70.00, of a participant or of a site."""
        text = care(
            "unit", 'parts = [{ of = "hour", value = 4, @ }]\n', 'rates = [{ unit = "hour", value = "40.00 USD", @ }]\n'
        )
        counts = 'counts = [{ service = "care", month = "2024-03", unit = "hour", quantity = 7 }]\n'
        for rows in (SPRING + hours(3, 4, unit="hour"), counts):
            assert lines(billed(text, rows)) == [("2024-03", "7/4", 7000)]

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (BY_BAND.replace('unit = "part_day", value = 1', 'unit = "half", value = 1'), "a band names a unit"),
            (BY_BAND.replace('then = "hour"', 'then = "minute"'), "a band names a unit"),
            (BY_BAND.replace('unit = "part_day", value = 1', 'unit = "part_day", value = 0'), "an hour or more"),
            (BY_BAND + "daily_cap = [{ value = 8, @ }]\n", "are not counted as hours too"),
            (BY_BAND.replace('"hour"', '"unit"', 1), "never used under the service's policy"),
            (care("unit", 'parts = [{ of = "hour", value = 4, @ }]\n'), "parts are of a unit that has a rate"),
        ],
    )
    def test_what_is_refused(self, text: str, says: str) -> None:
        with pytest.raises(TermsRejected, match=says):
            terms(text)


class TestShareOfAbsences:
    """Absences have limits by month, by year, and as a percentage of the month (Rulebook
    3.2.16)."""

    APRIL = 'enrollments = [{ participant = "P-1", start = 2024-04-01, end = 2024-04-30 }]\n'

    def paid(self, words: str, *spans: tuple[str, str], rows: str = APRIL) -> list[tuple[str, int]]:
        text = care("day", f'absence = [{{ kind = "any", {words}, @ }}]\n').replace("310", "30")
        away = (f'{{ participant = "P-1", kind = "other", start = {a}, end = {b} }}' for a, b in spans)
        claim = billed(text, f"{rows}absences = [{', '.join(away)}]\n")
        return [(str(x.month), x.quantity) for x in claim.lines if x.quantity]

    @pytest.mark.parametrize(
        ("beyond", "last", "days"),
        [("cliff", "2024-04-06", 30), ("cliff", "2024-04-07", 23), ("cut", "2024-04-07", 29)],
    )
    def test_a_percentage_of_the_month(self, beyond: str, last: str, days: int) -> None:
        words = f'unit = "percent", per = "month", beyond = "{beyond}", value = 20'
        assert self.paid(words, ("2024-04-01", last)) == [("2024-04", days)]

    def test_a_percentage_counts_enrolled_days_alone(self) -> None:
        """10 of 15 days are enrolled before the absence; away from the 13th to the 17th of April: 3
        of 15 days."""
        rows = 'enrollments = [{ participant = "P-1", start = 2024-04-01, end = 2024-04-15 }]\n'
        words = 'unit = "percent", per = "month", beyond = "cliff", value = {}'
        for value, days in ((20, 15), (19, 12)):
            assert self.paid(words.format(value), ("2024-04-13", "2024-04-17"), rows=rows) == [("2024-04", days)]

    def test_a_limit_of_each_month(self) -> None:
        rows = 'enrollments = [{ participant = "P-1", start = 2024-04-01, end = 2024-05-31 }]\n'
        words = 'unit = "day", per = "month", beyond = "cut", value = 3'
        assert self.paid(words, ("2024-04-28", "2024-05-05"), rows=rows) == [("2024-04", 30), ("2024-05", 29)]

    def test_a_limit_of_each_federal_fiscal_year(self) -> None:
        rows = 'enrollments = [{ participant = "P-1", start = 2024-09-01, end = 2024-10-31 }]\n'
        words = 'unit = "day", per = "{}", beyond = "cut", value = 2'
        for per, october in (("federal_fiscal_year", 29), ("calendar_year", 27)):
            spans = ("2024-09-29", "2024-09-30"), ("2024-10-01", "2024-10-04")
            assert self.paid(words.format(per), *spans, rows=rows) == [("2024-09", 30), ("2024-10", october)]

    def test_a_percentage_of_a_stay_is_refused(self) -> None:
        for per in ("stay", "calendar_year", "federal_fiscal_year"):
            words = f'kind = "any", unit = "percent", per = "{per}", beyond = "cut", value = 20'
            with pytest.raises(TermsRejected, match="a percentage of days is of those of a month"):
                terms(care("day", f"absence = [{{ {words}, @ }}]\n"))


QUARTERLY = 'period = "quarter"\n'
SPRING_STAY = 'enrollments = [{ participant = "P-1", start = 2024-02-10, end = 2024-05-20 }]\n'


class TestPeriods:
    """Quarters and years are counted as months are (Rulebook 3.5)."""

    @pytest.mark.parametrize(
        ("count", "expected"),
        [
            ("any_day", [("2024-02", "1", 90000), ("2024-04", "1", 90000)]),
            ("first_day", [("2024-04", "1", 90000)]),
            ("from_start", [("2024-02", "51/91", 50440), ("2024-04", "1", 90000)]),
            ("anniversary", [("2024-02", "1", 90000), ("2024-05", "1", 90000)]),
        ],
    )
    def test_quarters(self, count: str, expected: list[tuple[str, str, int]]) -> None:
        claim = billed(care(count, QUARTERLY).replace("310.00", "900.00"), SPRING_STAY)
        assert lines(claim) == expected

    @pytest.mark.parametrize(
        ("period", "months"), [("year", ["2024-02", "2025-01"]), ("federal_fiscal_year", ["2024-02", "2024-10"])]
    )
    def test_years(self, period: str, months: list[str]) -> None:
        rows = 'enrollments = [{ participant = "P-1", start = 2024-02-10, end = 2025-01-20 }]\nthrough = "2025-01"\n'
        claim = billed(care("any_day", f'period = "{period}"\n'), rows)
        assert [month for month, _, _ in lines(claim)] == months
        anchored = billed(care("anniversary", 'period = "year"\n'), rows)
        assert [month for month, _, _ in lines(anchored)] == ["2024-02"]

    def test_a_quarter_that_begins_after_the_last_month_is_not_billed(self) -> None:
        claim = billed(care("any_day", QUARTERLY), SPRING_STAY + 'through = "2024-03"\n')
        assert [month for month, _, _ in lines(claim)] == ["2024-02"]

    @pytest.mark.parametrize(
        ("count", "more", "says"),
        [
            ("mid_month", QUARTERLY, "this policy counts months alone"),
            ("day", QUARTERLY, "this policy counts months alone"),
            ("anniversary", 'period = "federal_fiscal_year"\n', "is no fiscal year"),
            ("any_day", QUARTERLY + 'months = [{ phase = "enrolled", value = 2, @ }]\n', "a limit by the month"),
            ("any_day", QUARTERLY + 'capacity = [{ figure = "seats", value = 1, @ }]\n', "a limit by the month"),
            ("any_day", 'period = "week"\n', "not a known period"),
        ],
    )
    def test_what_is_refused(self, count: str, more: str, says: str) -> None:
        with pytest.raises(TermsRejected, match=says):
            terms(care(count, more))


class TestInstalments:
    """An amount in parts, the first with the cents left over, each from its due day on (Rulebook
    5.7)."""

    STAY = 'enrollments = [{ participant = "P-1", start = 2024-01-15, end = 2024-02-20, published = 2024-01-15 }]\n'

    @staticmethod
    def text(words: str, rate: str, period: str = "year") -> str:
        more = f'period = "{period}"\ninstalments = [{{ {words}, @ }}]\n'
        return care("any_day", more).replace("310.00", rate)

    def test_a_year_in_four_quarters(self) -> None:
        claim = billed(self.text('every = "quarter", value = 4', "1000.00"), self.STAY)
        assert [(str(x.day), x.amount) for x in claim.lines] == [
            ("2024-01-15", 25000),
            ("2024-04-01", 25000),
            ("2024-07-01", 25000),
            ("2024-10-01", 25000),
        ]
        assert "instalment 2 of 4 of 1000.00" in claim.lines[1].explain()

    def test_the_cents_left_over_are_in_the_first(self) -> None:
        text = self.text('every = "month", due = 15, value = 3', "100.00", "month")
        rows = self.STAY.replace("2024-02-20", "2024-01-20")
        assert lines(billed(text, rows)) == [("2024-01", "1", 3334), ("2024-02", "1", 3333), ("2024-03", "1", 3333)]

    def test_what_is_not_due_is_not_billed(self) -> None:
        text = self.text('every = "quarter", due = 15, value = 4', "1000.00")
        for day, dues in (("2024-04-14", 1), ("2024-04-15", 2)):
            assert len(billed(text, f"{self.STAY}known = {day}\n").lines) == dues
        assert len(billed(text, self.STAY + 'through = "2024-03"\n').lines) == 1

    def test_nothing_is_due_after_the_award(self) -> None:
        rows = self.STAY + "award = { awarded = 2023-12-01, start = 2024-01-01, end = 2024-06-30 }\n"
        claim = billed(self.text('every = "quarter", value = 4', "1000.00"), rows)
        assert [str(x.day) for x in claim.lines] == ["2024-01-15", "2024-04-01", "2024-06-30", "2024-06-30"]

    @pytest.mark.parametrize(
        ("words", "more", "says"),
        [
            ('every = "quarter", value = 0', "", "at least one instalment"),
            ('every = "quarter", due = 31, value = 4', "", "1 to 28"),
            ('every = "week", value = 4', "", "not a known word for every"),
            ('every = "month", value = 4', 'carve = [{ pool = "direct", value = "1.00 USD", @ }]\n', "between pools"),
            ('every = "month", value = 4', "months = [{ value = 2, @ }]\n", "a limit by the month"),
        ],
    )
    def test_what_is_refused(self, words: str, more: str, says: str) -> None:
        with pytest.raises(TermsRejected, match=says):
            terms(self.text(words, "1.00", "month") + more)
        with pytest.raises(TermsRejected, match="never used under the service's policy"):
            terms(care("day", 'instalments = [{ every = "month", value = 4, @ }]\n'))
