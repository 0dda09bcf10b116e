"""Months, days, hours and units, counted by hand (Rulebook 3)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from grantcalc import Interval, Participant
from grantcalc.billing import Absence
from grantcalc.billing.counting import EnrollmentSpell, cut, months, proportional_of, whole_months
from grantcalc.billing.days import absences, hours_of_day, hours_paid, units_paid, unpaid_days, without
from grantcalc.provenance import NOWHERE
from tests.worked import service

PERSON = Participant("SITE", "P-1")


def number(text: str) -> int:
    return date.fromisoformat(f"2024-{text}").toordinal()


def spell(start: str, end: str, subaward: str = "S", phase: str = "", *, restored: bool = False) -> EnrollmentSpell:
    return EnrollmentSpell(number(start), number(end), subaward, phase, restored)


def test_a_stretch_says_no_more_than_it_is_told() -> None:
    assert EnrollmentSpell(1, 2, "S", "")[4:] == (False, NOWHERE, 0)


class TestMonths:
    """`m` is a calendar month of `L` days of which the participant was enrolled on `d`, all
    subawards together."""

    def test_each_month_that_is_touched(self) -> None:
        views = list(months([spell("01-30", "01-31"), spell("02-01", "03-10"), spell("06-05", "06-06")]))
        assert [(v.number - 12 * 2024 + 1, v.length, v.enrolled, v.day_before) for v in views] == [
            (1, 31, 2, False),
            (2, 29, 29, True),
            (3, 31, 10, True),
            (6, 30, 2, False),
        ]
        assert [v.start for v in views] == [number(d) for d in ("01-30", "02-01", "03-01", "06-05")]
        assert {v.first_ever for v in views} == {number("01-30")}

    def test_two_stretches_in_one_month(self) -> None:
        one, other = spell("03-01", "03-09"), spell("03-25", "04-02", "T")
        march, april = months([one, other], number("02-01"))
        assert march.pieces == [(number("03-01"), number("03-09"), one), (number("03-25"), number("03-31"), other)]
        assert april.pieces == [(number("04-01"), number("04-02"), other)]
        assert (march.enrolled, march.first_ever, march.day_before, april.day_before) == (
            16,
            number("02-01"),
            False,
            True,
        )

    def test_the_last_day_of_a_month_is_in_it(self) -> None:
        (march,) = months([spell("03-01", "03-09"), spell("03-31", "03-31")])
        assert march.enrolled == 10

    def test_a_day_missing_at_the_end_of_the_month_before(self) -> None:
        _, april = months([spell("03-20", "03-30"), spell("04-01", "04-30")])
        assert not april.day_before

    def test_of_no_days_there_is_none(self) -> None:
        assert list(months([])) == []


def restored_from_start(*spells: EnrollmentSpell) -> list[tuple[int, int]]:
    counts = whole_months("following_month_or_restored", months(list(spells)))
    return [(count.quantity, count.of) for _, count in counts]


class TestWholeMonths:
    """Whole-month policies, one count a month."""

    def test_a_restored_enrollment_counts_from_its_start(self) -> None:
        """following_month: the terms may give a restored enrollment `from_start`. 16 May: 16 of 31
        days are left."""
        assert restored_from_start(spell("05-16", "06-30", restored=True)) == [(16, 31), (1, 1)]
        assert restored_from_start(spell("05-16", "06-30")) == [(1, 1)]

    def test_of_a_month_in_two_parts_the_first_speaks(self) -> None:
        parts = spell("05-16", "05-18", restored=True), spell("05-20", "05-31")
        assert restored_from_start(*parts) == [(16, 31)]

    def test_only_the_first_day_of_a_restored_enrollment_is_restored(self) -> None:
        once_restored = spell("04-16", "05-31", restored=True)
        assert restored_from_start(once_restored, spell("06-10", "06-20")) == [(15, 30), (1, 1)]
        _, _, after = months([once_restored, spell("06-10", "06-20", restored=True)])
        assert after.start == number("06-10")

    def test_the_first_of_a_month_after_a_break_is_no_following_month(self) -> None:
        counts = list(whole_months("following_month", months([spell("03-10", "03-30"), spell("04-01", "04-30")])))
        assert counts == []

    @pytest.mark.parametrize(
        ("start", "end", "counted"),
        [("03-15", "03-16", 1), ("03-15", "03-15", 0), ("03-16", "03-31", 0), ("03-01", "03-15", 0)],
    )
    def test_both_the_15th_and_the_16th(self, start: str, end: str, counted: int) -> None:
        assert len(list(whole_months("mid_month", months([spell(start, end)])))) == counted

    def test_the_15th_and_the_16th_in_one_of_two_parts(self) -> None:
        parts = [spell("03-15", "03-16"), spell("03-20", "03-25")]
        assert len(list(whole_months("mid_month", months(parts)))) == 1

    def test_an_anniversary_month_has_its_own_days(self) -> None:
        """From 15 January to 20 March: 15 January, 15 February and 15 March begin one each, in both
        calendar months."""
        found = list(whole_months("anniversary", months([spell("01-15", "03-20")])))
        days = [(view.number % 12 + 1, [(a, b) for a, b, _ in count.pieces]) for view, count in found]
        assert days == [
            (1, [(number("01-15"), number("01-31")), (number("02-01"), number("02-14"))]),
            (2, [(number("02-15"), number("02-29")), (number("03-01"), number("03-14"))]),
            (3, [(number("03-15"), number("03-20"))]),
        ]
        assert {(count.quantity, count.of) for _, count in found} == {(1, 1)}

    def test_an_anniversary_month_counts_once_though_touched_again(self) -> None:
        """15 January to 14 February is one month, touched on 20 January, on 1 February and on 14
        February."""
        spans = [spell("01-15", "01-20"), spell("02-01", "02-01"), spell("02-14", "02-14")]
        assert [view.number % 12 + 1 for view, _ in whole_months("anniversary", months(spans))] == [1]

    def test_once_is_in_the_month_of_the_first_day_ever(self) -> None:
        stay = [spell("03-31", "05-01")]
        assert [v.number % 12 + 1 for v, _ in whole_months("once", months(stay))] == [3]
        assert list(whole_months("once", months(stay, number("02-29")))) == []


def test_thirty_days_are_the_divisor_unless_the_month_is_whole() -> None:
    """thirty_days: 1 if d = L, else min(d, 30) ÷ 30."""
    whole, part = months([spell("03-01", "04-29")])
    assert [proportional_of("thirty_days", m) for m in (whole, part)] == [31, 30]
    assert [proportional_of("actual_days", m) for m in (whole, part)] == [31, 30]
    (short,) = months([spell("03-02", "03-31")])
    assert [proportional_of(p, short) for p in ("thirty_days", "actual_days")] == [30, 31]


class TestCut:
    """A border is the first day of what follows; no stretch crosses one."""

    def test_at_borders_inside_and_at_the_edges(self) -> None:
        stay = spell("03-10", "03-20")
        borders = [number(d) for d in ("03-10", "03-11", "03-20", "03-21", "04-01")]
        assert cut([stay], borders) == [
            stay._replace(end=number("03-10")),
            stay._replace(start=number("03-11"), end=number("03-19")),
            stay._replace(start=number("03-20")),
        ]

    def test_between_two_stretches(self) -> None:
        stays = [spell("03-01", "03-05"), spell("03-10", "03-15")]
        assert cut(stays, [number("03-10"), number("03-07")]) == stays
        assert cut([], [number("03-07")]) == []

    def test_spans_taken_out(self) -> None:
        stay = spell("03-01", "03-10")
        left = without([stay], [(number("03-01"), number("03-02")), (number("03-05"), number("03-05"))])
        assert left == [
            stay._replace(start=number("03-03"), end=number("03-04")),
            stay._replace(start=number("03-06")),
        ]


def away(kind: str, start: str, end: str, hours: int = 0) -> Absence:
    days = Interval(date.fromisoformat(f"2024-{start}"), date.fromisoformat(f"2024-{end}"))
    return Absence(participant=PERSON, kind=kind, days=days, published=date(2024, 12, 31), hours=hours)


def full(name: str, day: int) -> Fraction:
    """A site that is full on even days of the month and otherwise at 80 percent."""
    assert name == "occupancy"
    return Fraction(1) if date.fromordinal(day).day % 2 == 0 else Fraction(8, 10)


LAST = date(2025, 3, 1).toordinal()
ENROLLED = [EnrollmentSpell(number("03-01"), LAST, "S", "")]


def unpaid(provisions: str, *rows: Absence) -> list[tuple[str, str]]:
    """Days of absence that are not paid, as month and day."""
    rules = service(f'count = "day"\nrates = [{{ value = "10.00 USD", @ }}]\nabsence = [{provisions}]\n')
    found = unpaid_days(rules, absences(rows, ENROLLED, LAST), ENROLLED, full)
    return [(f"{date.fromordinal(a):%m-%d}", f"{date.fromordinal(b):%m-%d}") for a, b in found]


STAY = '{ kind = "hospital", unit = "day", per = "stay", beyond = "cut", value = 3, @ }'
YEAR = '{ kind = "other", unit = "day", per = "calendar_year", beyond = "cut", value = 3, @ }'


class TestAbsences:
    """`day`: d, less days of absence that the terms do not pay."""

    def test_those_of_one_kind_with_no_day_between_them_are_one(self) -> None:
        """3.2: absences of one kind with no whole day between them are one absence."""
        rows = [away("other", "03-04", "03-05"), away("other", "03-01", "03-03"), away("other", "03-07", "03-07", 5)]
        every = absences([*rows, away("hospital", "03-06", "03-06")], ENROLLED, LAST)
        assert [(a.kind, a.start, a.end, a.hours) for a in every] == [
            ("hospital", number("03-06"), number("03-06"), 24),
            ("other", number("03-01"), number("03-05"), 120),
            ("other", number("03-07"), number("03-07"), 5),
        ]

    def test_one_inside_another(self) -> None:
        (one,) = absences([away("other", "03-01", "03-09", 200), away("other", "03-02", "03-03", 10)], ENROLLED, LAST)
        assert (one.end, one.hours) == (number("03-09"), 210)

    def test_the_first_days_of_a_stay(self) -> None:
        assert unpaid(STAY, away("hospital", "03-01", "03-05"), away("hospital", "03-07", "03-09")) == [
            ("03-04", "03-05")
        ]

    def test_a_kind_without_a_provision(self) -> None:
        assert unpaid(STAY, away("other", "03-01", "03-02")) == [("03-01", "03-02")]

    def test_any_kind(self) -> None:
        assert unpaid(STAY.replace("hospital", "any"), away("other", "03-01", "03-05")) == [("03-04", "03-05")]

    def test_every_provision_must_let_it_be_paid(self) -> None:
        both = f"{STAY}, {STAY.replace('hospital', 'any').replace('value = 3', 'value = 2')}"
        assert unpaid(both, away("hospital", "03-01", "03-04")) == [("03-03", "03-04")]

    def test_days_of_a_year_over_all_absences(self) -> None:
        rows = away("other", "12-01", "12-02"), away("other", "12-10", "12-11")
        assert unpaid(YEAR, *rows) == [("12-11", "12-11")]

    def test_a_new_year_begins_again(self) -> None:
        days = Interval(date(2024, 12, 29), date(2025, 1, 4))
        row = Absence(participant=PERSON, kind="other", days=days, published=date(2025, 1, 31))
        assert unpaid(YEAR, row) == [("01-04", "01-04")]

    def test_each_provision_has_its_own_year(self) -> None:
        both = f"{YEAR}, {YEAR.replace('other', 'any').replace('value = 3', 'value = 4')}"
        assert unpaid(both, away("other", "03-01", "03-05")) == [("03-04", "03-05")]

    @pytest.mark.parametrize("per", ["stay", "calendar_year"])
    def test_hours_are_paid_in_whole_days(self, per: str) -> None:
        """71 hours are 2 whole days, 72 hours 3."""
        rule = f'{{ kind = "other", unit = "hour", per = "{per}", beyond = "cut", value = 72, @ }}'
        assert unpaid(rule, away("other", "03-01", "03-05")) == [("03-04", "03-05")]
        assert unpaid(rule.replace("72", "71"), away("other", "03-01", "03-05")) == [("03-03", "03-05")]

    def test_a_cliff_pays_all_or_none(self) -> None:
        hours = '{ kind = "other", unit = "hour", per = "stay", beyond = "cliff", value = 96, @ }'
        assert unpaid(hours, away("other", "03-01", "03-05", 96)) == []
        assert unpaid(hours, away("other", "03-01", "03-05", 97)) == [("03-01", "03-05")]
        days = hours.replace('"hour"', '"day"').replace("96", "5")
        assert unpaid(days, away("other", "03-01", "03-05", 1000)) == []
        assert unpaid(days, away("other", "03-01", "03-06")) == [("03-01", "03-06")]

    def test_a_gate_is_asked_for_each_day(self) -> None:
        """A day that the gate does not pay uses one up: of 1 to 4 March, 2 March alone is paid."""
        rule = STAY.replace("@", 'when = "occupancy", at_least = 0.90, @')
        assert unpaid(rule, away("hospital", "03-01", "03-04")) == [("03-01", "03-01"), ("03-03", "03-04")]
        assert unpaid(rule.replace("0.90", "0.80"), away("hospital", "03-01", "03-04")) == [("03-04", "03-04")]

    def test_a_provision_that_is_not_there_yet_pays_nothing(self) -> None:
        later = STAY.replace("@", 'effective = 2024-03-02, published = 2024-03-01, cite = "m"')
        assert unpaid(later, away("hospital", "03-01", "03-02")) == [("03-01", "03-01")]

    def test_all_days_to_known(self) -> None:
        """3.2.1: one without an end, and one that ends later, go on to `known`; one that begins
        later is not there."""
        row = Absence(participant=PERSON, kind="other", days=Interval(date(2024, 3, 1)), published=date(2024, 12, 31))
        for each in (row, away("other", "03-01", "03-31")):
            (one,) = absences([each], ENROLLED, number("03-20"))
            assert (one.end, one.hours) == (number("03-20"), 480)
            assert absences([each], ENROLLED, number("02-20")) == []
        (one,) = absences([row], ENROLLED, number("03-01"))
        assert (one.end, one.hours) == (number("03-01"), 24)

    def test_one_that_touches_no_enrolled_day(self) -> None:
        """3.2.1: it uses up nothing of a year; one that touches an enrolled day counts with its
        days outside too."""
        stay = [spell("03-03", "03-09")]
        rules = service(f'count = "day"\nrates = [{{ value = "10.00 USD", @ }}]\nabsence = [{YEAR}]\n')
        for first, last, lost in (
            ("02-20", "03-01", []),
            ("02-28", "03-02", []),
            ("02-29", "03-03", ["03-03", "03-05"]),
        ):
            rows = [away("other", first, last), away("other", "03-05", "03-05")]
            found = unpaid_days(rules, absences(rows, stay, LAST), stay, full)
            assert [f"{date.fromordinal(a):%m-%d}" for a, _ in found] == lost

    def test_the_ends_of_an_enrollment(self) -> None:
        stay = [spell("03-03", "03-09")]
        for first, last, n in (
            ("03-01", "03-02", 0),
            ("03-01", "03-03", 1),
            ("03-09", "03-12", 1),
            ("03-10", "03-12", 0),
        ):
            assert len(absences([away("other", first, last)], stay, LAST)) == n

    def test_a_day_is_of_a_year_once(self) -> None:
        """Absences of two kinds on one day use up one day of `any` kind: 1 to 4 March, of which
        three are paid."""
        rows = away("other", "03-01", "03-03"), away("hospital", "03-02", "03-04")
        assert unpaid(YEAR.replace("other", "any"), *rows) == [("03-04", "03-04")]
        of_one = f"{YEAR}, {YEAR.replace('other', 'hospital')}"
        assert unpaid(of_one, *rows) == []

    def test_a_cliff_of_a_year(self) -> None:
        cliff = YEAR.replace('"cut"', '"cliff"')
        rows = away("other", "03-01", "03-02"), away("other", "05-01", "05-01")
        assert unpaid(cliff, *rows) == []
        more = (*rows, away("other", "12-31", "12-31"))
        assert unpaid(cliff, *more) == [("03-01", "03-02"), ("05-01", "05-01"), ("12-31", "12-31")]

    def test_hours_of_a_year_and_their_cliff(self) -> None:
        """Two days are 48 hours, three are 72."""
        cliff = YEAR.replace('"cut"', '"cliff"').replace('"day"', '"hour"')
        rows = away("other", "03-01", "03-02"), away("other", "05-01", "05-01")
        assert unpaid(cliff.replace("value = 3", "value = 72"), *rows) == []
        assert len(unpaid(cliff.replace("value = 3", "value = 71"), *rows)) == 2
        assert unpaid(cliff.replace("value = 3", "value = 49"), rows[0]) == []
        assert unpaid(cliff.replace("value = 3", "value = 47"), rows[0]) == [("03-01", "03-02")]

    def test_one_without_an_end_is_as_long_as_what_is_known(self) -> None:
        row = Absence(participant=PERSON, kind="other", days=Interval(date(2024, 3, 3)), published=date(2024, 12, 31))
        cliff = '{ kind = "other", unit = "day", per = "stay", beyond = "cliff", value = 10, @ }'
        rules = service(f'count = "day"\nrates = [{{ value = "10.00 USD", @ }}]\nabsence = [{cliff}]\n')
        stays = [spell("03-03", "03-04"), spell("03-08", "03-12")]
        assert unpaid_days(rules, absences([row], stays, number("03-12")), stays, full) == []
        assert len(unpaid_days(rules, absences([row], stays, number("03-13")), stays, full)) == 2

    def test_days_not_enrolled_are_not_asked_about(self) -> None:
        stays = [spell("03-03", "03-04"), spell("03-08", "03-09")]
        rules = service('count = "day"\nrates = [{ value = "10.00 USD", @ }]\n')
        found = unpaid_days(rules, absences([away("other", "03-01", "03-31")], stays, LAST), stays, full)
        assert found == [(number("03-03"), number("03-04")), (number("03-08"), number("03-09"))]


CENTS = {"breakfast": 166, "lunch": 315, "supper": 315, "snack": 93, "juice": 93, "tea": 186}
PRICES = {unit: Fraction(cents, 100) for unit, cents in CENTS.items()}


def price(unit: str, rate_class: str) -> Fraction:
    return PRICES[unit] * (2 if rate_class == "double" else 1)


HOURS = 'count = "hour"\nrates = [{ value = "80.00 USD", @ }]\n'
BEFORE = date(2023, 12, 31).toordinal()


class TestHours:
    """`hour`: hours of each day, at most the terms' daily cap, × the terms' share of a day per
    hour."""

    def test_the_cap(self) -> None:
        rules = service(HOURS + "daily_cap = [{ value = 8, @ }]\n")
        assert hours_paid(rules, {("", ""): 7}, lambda *_: Fraction(1), number("03-01")) == {("", ""): 7}
        assert hours_paid(rules, {("", ""): 9}, lambda *_: Fraction(1), number("03-01")) == {("", ""): 8}
        assert hours_paid(rules, {("", ""): 9}, lambda *_: Fraction(1), BEFORE) == {("", ""): 9}

    def test_the_cap_takes_the_best_paid_first(self) -> None:
        rules = service(HOURS + "daily_cap = [{ value = 3, @ }]\n")
        hours = {("breakfast", ""): 2, ("lunch", ""): 2}
        assert hours_paid(rules, hours, price, number("03-01")) == {("lunch", ""): 2, ("breakfast", ""): 1}

    def test_hours_of_a_day(self) -> None:
        rules = service(HOURS + "hours_of_day = [{ value = 8, @ }]\n")
        assert [hours_of_day(rules, day) for day in (number("03-01"), BEFORE)] == [8, 1]
        assert hours_of_day(service(HOURS), number("03-01")) == 1


def kept(maxima: str, **units: int) -> dict[str, int]:
    rates = ", ".join(f'{{ unit = "{unit}", value = "1.00 USD", @ }}' for unit in PRICES)
    rules = service(f'count = "unit"\nrates = [{rates}]\nunits_a_day = [{maxima}]\n')
    found = units_paid(rules, {(unit, ""): n for unit, n in units.items()}, price, number("03-01"))
    return {unit: n for (unit, _), n in found.items()}


MEALS = (
    '{ option = 1, of = ["breakfast", "lunch"], value = 2, @ }, { option = 1, of = ["snack"], value = 1, @ }, '
    '{ option = 2, of = ["breakfast", "lunch"], value = 1, @ }, { option = 2, of = ["snack"], value = 2, @ }'
)


class TestUnits:
    """`unit`: units reported, each day held to the terms' daily maxima; of allowed combinations,
    the best paid."""

    def test_the_best_paid_combination(self) -> None:
        """2 meals and 1 snack: 3.15 + 1.66 + 0.93 = 5.74; 1 meal and 2 snacks: 3.15 + 1.86 =
        5.01."""
        assert kept(MEALS, breakfast=1, lunch=1, snack=2) == {"breakfast": 1, "lunch": 1, "snack": 1}

    def test_the_second_where_it_pays_more(self) -> None:
        """Of one meal and two snacks the second allows all: 3.15 + 1.86 = 5.01 against 3.15 + 0.93
        = 4.08."""
        assert kept(MEALS, lunch=1, snack=2) == {"lunch": 1, "snack": 2}

    def test_each_maximum_lets_its_best_paid_stand_first(self) -> None:
        assert kept('{ of = ["breakfast", "lunch"], value = 2, @ }', breakfast=2, lunch=1, snack=9) == {
            "breakfast": 1,
            "lunch": 1,
            "snack": 9,
        }

    def test_a_maximum_beside_every_option(self) -> None:
        always = '{ of = ["breakfast", "lunch", "snack"], value = 1, @ }'
        assert kept(f"{always}, {MEALS}", breakfast=1, lunch=1, snack=2) == {"breakfast": 0, "lunch": 1, "snack": 0}

    def test_of_equal_prices_the_earlier_word_stands(self) -> None:
        rules = service(
            'count = "unit"\nrates = [{ unit = "snack", value = "0.93 USD", @ }]\n'
            'units_a_day = [{ of = ["snack"], value = 1, @ }]\n'
        )
        found = units_paid(rules, {("snack", "b"): 1, ("snack", "a"): 1}, price, number("03-01"))
        assert found == {("snack", "b"): 0, ("snack", "a"): 1}
        found = units_paid(rules, {("snack", "a"): 1, ("snack", "double"): 1}, price, number("03-01"))
        assert found == {("snack", "a"): 0, ("snack", "double"): 1}

    def test_of_equal_combinations_the_first_with_the_most_of_the_best_paid(self) -> None:
        """Lunch and supper are paid alike: of lunch or supper, the option that comes first by its
        name."""
        either = '{ option = 2, of = ["supper"], value = 0, @ }, { option = 1, of = ["lunch"], value = 0, @ }'
        assert kept(either, lunch=1, supper=1) == {"lunch": 0, "supper": 1}
        assert kept('{ of = ["lunch", "supper"], value = 1, @ }', supper=1, lunch=1) == {"lunch": 1, "supper": 0}

    def test_maxima_that_overlap(self) -> None:
        """Of lunch or supper one, of supper or snack one: lunch and snack, 4.08, are more than
        supper alone."""
        maxima = '{ of = ["lunch", "supper"], value = 1, @ }, { of = ["supper", "snack"], value = 1, @ }'
        assert kept(maxima, lunch=1, supper=1, snack=1) == {"lunch": 1, "supper": 0, "snack": 1}
        fewer = maxima.replace('["lunch", "supper"]', '["supper", "breakfast"]')
        assert kept(fewer, supper=1, breakfast=1, snack=1) == {"supper": 1, "breakfast": 0, "snack": 0}

    def test_less_of_the_best_paid_may_come_to_more(self) -> None:
        """Supper, 3.15, shares a maximum with each of breakfast, tea and snack: 1.66 + 1.86 + 0.93
        = 4.45 are more."""
        each = ", ".join(f'{{ of = ["supper", "{unit}"], value = 1, @ }}' for unit in ("breakfast", "tea", "snack"))
        assert kept(each, supper=1, breakfast=2, tea=2, snack=1) == {"supper": 0, "breakfast": 1, "tea": 1, "snack": 1}

    def test_of_equals_the_one_with_the_most_of_the_best_paid(self) -> None:
        """One tea, 1.86, is as much as a snack and a juice, 0.93 each."""
        each = ", ".join(f'{{ of = ["tea", "{unit}"], value = 1, @ }}' for unit in ("juice", "snack"))
        assert kept(each, juice=1, snack=1, tea=1) == {"tea": 1, "juice": 0, "snack": 0}

    def test_nothing_had_and_nothing_paid(self) -> None:
        assert kept(MEALS) == {}
        assert kept('{ of = ["snack"], value = 0, @ }', snack=2) == {"snack": 0}

    def test_what_is_not_there_yet_holds_nothing(self) -> None:
        later = '{ of = ["snack"], value = 1, effective = 2024-03-02, published = 2024-03-01, cite = "m" }'
        assert kept(later, snack=5) == {"snack": 5}
