"""Ceilings and shares, by hand (Rulebook 7)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from attrs import evolve

from grantcalc import Line, Month, NotInForce, Participant
from grantcalc.billing.ceilings import FamilyDays, limit_subawards
from grantcalc.billing.reductions import ReducedLines, fill, filling_order
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.provenance import Authority
from tests.worked import CARE, COSTS, billed, held, terms

SAYS = Authority("a test")
LINE = Line(
    issuer="SITE",
    participant=Participant("SITE", "P-1"),
    award="90ZV0101",
    subaward="S-1",
    service="costs",
    pool="direct",
    phase="",
    month=Month(2024, 3),
    budget_period="Year 1",
    quantity=1,
    divisor=1,
    rate=None,
    amount=100,
    day=date(2024, 3, 5),
    reference="V-1",
)


def order(*lines: Line) -> list[int]:
    return filling_order(ReducedLines(list(lines)), range(len(lines)))


EARLIER: list[dict[str, Any]] = [
    {"amount": -1},
    {"month": Month(2024, 2)},
    {"participant": Participant("SITE", "P-0")},
    {"participant": Participant("SITA", "P-9")},
    {"participant": None},
    {"service": "care"},
    {"day": date(2024, 3, 4)},
    {"day": None},
    {"subaward": "S-0"},
    {"amount": 99},
    {"reference": "V-0"},
]


class TestFilling:
    """7.2: credits first; then service month; then pool, direct before administration; then
    participant, service, service day, subaward, amount, document reference."""

    @pytest.mark.parametrize("change", EARLIER, ids=str)
    def test_each_step_of_the_order(self, change: dict[str, Any]) -> None:
        assert order(LINE, evolve(LINE, **change)) == [1, 0]

    def test_an_earlier_step_outweighs_a_later(self) -> None:
        credit = evolve(LINE, amount=-1, month=Month(2024, 9))
        january = evolve(LINE, month=Month(2024, 1), pool="administration", service="z")
        administration = evolve(LINE, pool="administration", participant=Participant("SITE", "P-0"), service="a")
        direct = evolve(LINE, participant=Participant("SITE", "P-2"))
        assert order(administration, direct, january, credit) == [3, 2, 1, 0]
        first = evolve(LINE, service="zeal", participant=Participant("SITE", "P-0"))
        second = evolve(LINE, day=date(2024, 3, 31), service="a")
        third = evolve(LINE, day=date(2024, 3, 4), subaward="S-2")
        fourth = evolve(LINE, day=date(2024, 3, 5), amount=900)
        fifth = evolve(LINE, day=date(2024, 3, 5), amount=901, reference="V-0")
        assert order(fifth, fourth, third, second, first) == [4, 3, 2, 1, 0]

    def test_a_count_is_placed_by_its_issuer(self) -> None:
        counts = [evolve(LINE, participant=None, issuer=issuer) for issuer in ("SITE", "SITA")]
        assert order(*counts) == [1, 0]
        assert order(
            LINE, evolve(LINE, participant=None, issuer="SITE"), evolve(LINE, participant=None, issuer="T")
        ) == [
            1,
            0,
            2,
        ]

    def test_a_line_of_nothing_is_no_credit(self) -> None:
        assert order(evolve(LINE, month=Month(2024, 4), amount=0), evolve(LINE, month=Month(2024, 5), amount=-1)) == [
            1,
            0,
        ]

    def test_equal_lines_stay_as_they_are(self) -> None:
        assert order(LINE, LINE, evolve(LINE, phase="a"), LINE) == [0, 1, 3, 2]

    def filled(self, room: int, *amounts: int, used: int = 0) -> tuple[list[int], list[tuple[int, int]], set[int]]:
        """What stands, the room and amount of each limit, and the lines touched."""
        reduced = ReducedLines([evolve(LINE, amount=n, month=Month(2024, k)) for k, n in enumerate(amounts, 1)])
        touched = fill(reduced, range(len(amounts)), lambda line: room, ("ceiling", "cap"), "Year 1", SAYS, used)
        return reduced.allowed, [(x.room, x.amount) for x in reduced.reductions], touched

    def test_the_line_that_crosses_is_limited_in_part(self) -> None:
        assert self.filled(250, 100, 100, 100, 100) == ([100, 100, 50, 0], [(250, -50), (250, -100)], {2, 3})
        assert self.filled(200, 100, 100) == ([100, 100], [], set())

    def test_credits_make_room(self) -> None:
        assert self.filled(200, 100, 200, -50) == ([100, 150, -50], [(200, -50)], {1})

    def test_what_was_used_before_fills_first(self) -> None:
        """7.8."""
        assert self.filled(200, 150, used=100) == ([100], [(200, -50)], {0})
        assert self.filled(200, 150, used=300) == ([0], [(200, -150)], {0})

    def test_a_ceiling_is_never_below_zero(self) -> None:
        assert self.filled(-5, 100) == ([0], [(0, -100)], {0})

    def test_a_cent_is_limited(self) -> None:
        assert self.filled(0, 1) == ([0], [(0, -1)], {0})

    def test_a_line_of_nothing_is_not_limited(self) -> None:
        assert self.filled(0, 0) == ([0], [], set())


class TestHousehold:
    """7.4: the higher tier holds if eligible family lived in the household on any day of the
    window."""

    @pytest.mark.parametrize(
        ("first", "last", "tier"),
        [(1, 9, "alone"), (1, 10, "with_family"), (20, 30, "with_family"), (21, 30, "alone"), (12, 13, "with_family")],
    )
    def test_days_of_family(self, first: int, last: int, tier: str) -> None:
        assert FamilyDays([(10, 20)]).tier(first, last) == tier

    def test_without_family(self) -> None:
        assert FamilyDays([]).tier(1, 99) == "alone"


CAP = """
[ceilings.cap]
title = "Cap"
cite = "m"
window = "{window}"
family = "{family}"
amounts = [
    {{ tier = "alone", value = "100.00 USD", @ }},
    {{ tier = "with_family", value = "150.00 USD", @ }},
]
"""


def cap(window: str = "calendar_year", family: str = "on_any_day") -> str:
    return COSTS + CAP.format(window=window, family=family)


def costs(*found: tuple[str, str], service: str = "costs") -> str:
    """Costs of P-1 as rows: service month and dollars."""
    rows = (f'{{ participant = "P-1", service = "{service}", month = "{m}", amount = "{a} USD" }}' for m, a in found)
    return ", ".join(rows)


def months_of(*found: tuple[str, str]) -> str:
    return f"costs = [{costs(*found)}]\n"


class TestParticipant:
    """7.1 and 7.3: a participant's ceiling in each window."""

    @pytest.mark.parametrize(
        ("window", "limits"),
        [
            ("calendar_year", [("2024-09", -2000), ("2024-10", -6000)]),
            ("federal_fiscal_year", [("2024-09", -2000), ("2025-01", -2000)]),
            ("award", [("2024-09", -2000), ("2024-10", -6000), ("2025-01", -6000)]),
            ("budget_period", [("2024-09", -2000), ("2024-10", -6000), ("2025-01", -6000)]),
        ],
    )
    def test_windows(self, window: str, limits: list[tuple[str, int]]) -> None:
        """Three times 60.00 under 100.00: in one window of two, 20.00 is too much; what follows,
        whole."""
        rows = months_of(("2024-08", "60.00"), ("2024-09", "60.00"), ("2024-10", "60.00"), ("2025-01", "60.00"))
        claim = billed(cap(window), rows + 'through = "2025-01"')
        assert held(claim) == [("cap", month, amount) for month, amount in limits]

    def test_enrollment_years_begin_with_the_first_enrolled_day(self) -> None:
        text = cap("enrollment_year") + CARE + 'count = "any_day"\nrates = [{ value = "0.00 USD", @ }]\n'
        rows = months_of(("2024-08", "60.00"), ("2025-02", "60.00"), ("2025-03", "60.00"))
        stay = 'through = "2025-03"\nknown = 2025-04-15\nenrollments = [{ participant = "P-1", start = 2024-02-15 }]\n'
        claim = billed(text, rows.replace('month = "2025-02"', 'paid = 2025-02-14, month = "2025-02"') + stay)
        assert [(x.window, x.amount) for x in claim.reductions] == [("enrollment year 1", -2000)]
        assert {x.authority.citation for x in claim.reductions} == {"ILLUSTRATIVE: Manual"}

    def test_what_has_no_enrollment_is_in_no_enrollment_year(self) -> None:
        with pytest.raises(NotInForce) as refused:
            billed(cap("enrollment_year"), months_of(("2024-08", "60.00")))
        assert refused.value == NotInForce("enrollment_year of ceiling cap", date(2024, 8, 1), date(2025, 1, 31))

    FAMILY = 'households = [{ participant = "P-1", start = 2024-06-01, end = 2024-06-30, family = 1 }]\n'

    def test_family_on_any_day_of_the_window(self) -> None:
        rows = months_of(("2024-05", "160.00"), ("2025-02", "160.00")) + 'through = "2025-03"\nknown = 2025-04-15\n'
        assert held(billed(cap(), rows + self.FAMILY)) == [("cap", "2024-05", -1000), ("cap", "2025-02", -6000)]
        nobody = self.FAMILY.replace("family = 1", "family = 0")
        assert held(billed(cap(), rows + nobody)) == [("cap", "2024-05", -6000), ("cap", "2025-02", -6000)]

    def test_family_on_the_service_date(self) -> None:
        """May is held to 100.00, June to 150.00, July to 100.00, which stand already."""
        rows = months_of(("2024-05", "110.00"), ("2024-06", "60.00"), ("2024-07", "5.00"))
        claim = billed(cap(family="on_service_date"), rows + self.FAMILY)
        assert held(claim) == [("cap", "2024-05", -1000), ("cap", "2024-06", -1000), ("cap", "2024-07", -500)]
        assert [x.room for x in claim.reductions] == [10000, 15000, 10000]
        alone = billed(cap(family="on_service_date"), months_of(("2024-05", "110.00")) + self.FAMILY)
        assert held(alone) == [("cap", "2024-05", -1000)]

    def test_a_ceiling_just_reached_holds_nothing_back(self) -> None:
        assert held(billed(cap(), months_of(("2024-05", "60.00"), ("2024-06", "40.00")))) == []
        assert held(billed(cap(family="on_service_date"), months_of(("2024-05", "100.00")))) == []

    def test_the_amount_of_the_windows_last_day(self) -> None:
        """7.4: a ceiling's amount is the one that holds on the window's last day, as known."""
        more = ', { value = "120.00 USD", effective = 2024-12-31, published = 2024-12-31, cite = "m" },\n]'
        text = COSTS + CAP.format(window="calendar_year", family="on_any_day").replace(",\n]", more)
        assert held(billed(text, months_of(("2024-05", "160.00")))) == [("cap", "2024-05", -4000)]
        on_award = text + 'amount_on = "award_date"\n'
        awarded = "award = { awarded = 2024-01-01, start = 2024-01-01, end = 2025-12-31 }\n"
        assert held(billed(on_award, awarded + months_of(("2024-05", "160.00")))) == [("cap", "2024-05", -6000)]

    OPENING = 'openings = [{ participant = "P-1", window = "2024", pool = "direct", amount = "70.00 USD" }'

    def test_what_was_used_in_a_caseload_kept_apart(self) -> None:
        """7.8: what was used travels as an opening figure by pool, window and months used, and
        fills first."""
        rows = months_of(("2024-05", "60.00"))
        assert held(billed(cap(), rows + self.OPENING + "]")) == [("cap", "2024-05", -3000)]
        twice = ', { participant = "P-1", from = "B", window = "2024", pool = "administration", amount = "20.00 USD" }]'
        assert held(billed(cap(), rows + self.OPENING + twice)) == [("cap", "2024-05", -5000)]
        assert held(billed(cap(), rows + self.OPENING.replace('"2024"', '"2023"') + "]")) == []
        same = ', { participant = "P-1", from = "B", window = "2024", pool = "direct", amount = "20.00 USD" }]'
        assert held(billed(cap(), rows + self.OPENING + same)) == [("cap", "2024-05", -5000)]

    def test_of_two_participants_each_has_its_own(self) -> None:
        rows = (
            'participants = [{ id = "P-1" }, { id = "P-2" }]\n'
            f"costs = [{costs(('2024-05', '80.00'))}, {costs(('2024-05', '90.00')).replace('P-1', 'P-2')}]\n"
        )
        assert held(billed(cap(), rows)) == []
        assert held(billed(cap(), rows.replace("80.00", "101.00"))) == [("cap", "2024-05", -100)]

    def test_a_participant_of_whom_nothing_is_billed(self) -> None:
        text = cap() + CARE + 'count = "first_day"\nrates = [{ value = "1.00 USD", @ }]\n'
        rows = 'enrollments = [{ participant = "P-1", start = 2024-03-02, end = 2024-03-20 }]\n'
        assert billed(text, rows).lines == ()

    def test_a_cost_of_nobody_has_no_such_ceiling(self) -> None:
        rows = months_of(("2024-05", "160.00")).replace('participant = "P-1", ', "")
        assert held(billed(cap(), rows)) == []


SHARE = """
[services.office]
title = "Office"
pool = "administration"
cite = "m"
count = "actual_cost"
[shares.admin]
title = "Administration"
cite = "m"
pool = "administration"
of = "cap"
base = "{base}"
at_most = [{{ value = 0.40, @ }}]
"""


def share(base: str, **cap_words: str) -> str:
    return cap(**cap_words) + SHARE.format(base=base)


def both(office: str, direct: str, month: str = "2024-05", more: str = "") -> str:
    return f"costs = [{costs((month, office), service='office')}, {costs((month, direct))}]\n{more}"


class TestShares:
    """7.5: administration ≤ share × base."""

    def test_on_base_authorized(self) -> None:
        """40 percent of 100.00, whatever is claimed."""
        assert held(billed(share("authorized"), both("40.00", "60.00"))) == []
        assert held(billed(share("authorized"), both("40.01", "1.00"))) == [("admin", "2024-05", -1)]
        claim = billed(share("authorized"), both("50.00", "70.00"))
        assert held(claim) == [("admin", "2024-05", -1000), ("cap", "2024-05", -1000)]
        assert [x.room for x in claim.reductions] == [4000, 10000]

    def test_with_family_and_on_the_service_date(self) -> None:
        family = TestParticipant.FAMILY
        assert held(billed(share("authorized"), both("61.00", "1.00", more=family))) == [("admin", "2024-05", -100)]
        by_day = share("authorized", family="on_service_date")
        assert held(billed(by_day, both("61.00", "1.00", more=family))) == [("admin", "2024-05", -2100)]
        assert held(billed(by_day, both("61.00", "1.00", "2024-06", family))) == [("admin", "2024-06", -100)]

    @pytest.mark.parametrize(("base", "direct"), [("authorized", "60.00"), ("claimed", "60.00"), ("claimed", "0.00")])
    def test_a_share_of_the_whole_limits_nothing(self, base: str, direct: str) -> None:
        assert held(billed(share(base).replace("0.40", "1"), both("40.00", direct))) == []

    def test_what_was_used_before_fills_first(self) -> None:
        opening = 'openings = [{ participant = "P-1", window = "2024", pool = "administration", amount = "10.00 USD" }]'
        assert held(billed(share("authorized"), both("31.00", "1.00", more=opening))) == [("admin", "2024-05", -100)]
        direct = opening.replace("administration", "direct")
        assert held(billed(share("authorized"), both("40.00", "1.00", more=direct))) == []

    def test_on_base_claimed(self) -> None:
        """share ÷ (1 − share) × direct: two thirds of 50.00 are 33.33, cut to whole cents."""
        assert held(billed(share("claimed"), both("33.33", "50.00"))) == []
        assert held(billed(share("claimed"), both("33.34", "50.00"))) == [("admin", "2024-05", -1)]
        assert held(billed(share("claimed"), both("33.34", "0.00"))) == [("admin", "2024-05", -3334)]
        assert held(billed(share("claimed"), both("10.00", "-5.00"))) == [("admin", "2024-05", -1000)]

    def test_on_base_claimed_nothing_goes_by_what_is_authorized(self) -> None:
        """41.00 are more than 40 percent of 100.00: the ceiling alone holds back, direct before
        administration."""
        assert held(billed(share("claimed"), both("41.00", "62.00"))) == [("cap", "2024-05", -300)]

    def test_on_base_claimed_of_more_than_half(self) -> None:
        """60 percent: at most one and a half times the direct cost, and of none nothing."""
        text = share("claimed").replace("value = 0.40", "value = 0.60")
        assert held(billed(text, both("15.01", "10.00"))) == [("admin", "2024-05", -1)]
        assert held(billed(text, both("0.01", "0.00"))) == [("admin", "2024-05", -1)]

    def test_on_base_claimed_with_opening_figures(self) -> None:
        """Direct 20.00 before and 10.00 now let 20.00 stand; of it 5.00 of administration was used
        before."""
        opening = (
            'openings = [{ participant = "P-1", window = "2024", pool = "direct", amount = "20.00 USD" }, '
            '{ participant = "P-1", window = "2024", pool = "administration", amount = "5.00 USD" }, '
            '{ participant = "P-1", window = "2023", pool = "direct", amount = "90.00 USD" }]\n'
        )
        assert held(billed(share("claimed"), both("15.00", "10.00", more=opening))) == []
        assert held(billed(share("claimed"), both("15.01", "10.00", more=opening))) == [("admin", "2024-05", -1)]

    def test_on_base_claimed_of_what_stands(self) -> None:
        """Of direct 160.00 and administration 10.00 in one month, 100.00 and nothing stand."""
        assert held(billed(share("claimed"), both("10.00", "160.00"))) == [
            ("cap", "2024-05", -6000),
            ("cap", "2024-05", -1000),
        ]

    def test_each_window_has_its_own_base(self) -> None:
        rows = (
            f"costs = [{costs(('2024-12', '30.00'), ('2025-01', '20.00'), service='office')}, "
            f"{costs(('2024-12', '90.00'))}]\n"
            'through = "2025-01"\n'
        )
        assert held(billed(share("claimed"), rows)) == [
            ("cap", "2024-12", -2000),
            ("admin", "2025-01", -2000),
        ]

    def test_tested_again_after_the_subaward(self) -> None:
        """A share is tested again after the subaward, on what then stands; room so left is not
        filled again."""
        rows = both("30.00", "60.00") + 'subawards = [{ id = "S-1", amount = "70.00 USD" }]\n'
        assert held(billed(share("claimed"), rows)) == [("subaward S-1", "2024-05", -2000)]
        less = rows.replace("70.00 USD", "50.00 USD")
        claim = billed(share("claimed"), less)
        assert held(claim) == [("subaward S-1", "2024-05", -1000), ("subaward S-1", "2024-05", -3000)]
        assert [x.line.pool for x in claim.reductions] == ["direct", "administration"]
        apart = (
            f"costs = [{costs(('2024-05', '40.00'), service='office')}, {costs(('2024-06', '60.00'))}]\n"
            'subawards = [{ id = "S-1", amount = "70.00 USD" }]\n'
        )
        assert held(billed(share("claimed"), apart)) == [
            ("subaward S-1", "2024-06", -3000),
            ("admin", "2024-05", -2000),
        ]
        assert held(billed(share("authorized"), apart)) == [("subaward S-1", "2024-06", -3000)]


class TestSubaward:
    """7.4: of a subaward, the amount on the last day of its period, as known."""

    def test_of_each_subaward_its_own(self) -> None:
        reduced = ReducedLines([LINE, evolve(LINE, subaward="S-2"), evolve(LINE, subaward="S-3")])
        touched = limit_subawards(reduced, {"S-2": (40, SAYS), "S-1": (100, SAYS)})
        assert (reduced.allowed, touched) == ([100, 40, 100], {1})
        assert [(x.name, x.window, x.room) for x in reduced.reductions] == [("subaward S-2", "subaward period", 40)]

    def test_in_order_of_their_numbers(self) -> None:
        reduced = ReducedLines([evolve(LINE, subaward="S-2"), LINE])
        assert limit_subawards(reduced, {"S-2": (0, SAYS), "S-1": (0, SAYS)}) == {0, 1}
        assert [x.name for x in reduced.reductions] == ["subaward S-1", "subaward S-2"]

    def test_credits_are_set_off(self) -> None:
        reduced = ReducedLines([LINE, evolve(LINE, amount=-50), evolve(LINE, amount=60)])
        assert limit_subawards(reduced, {"S-1": (110, SAYS)}) == set()


BY_TERMS = COSTS + (
    '[ceilings.each]\ntitle = "Each"\ncite = "m"\nscope = "subaward"\nwindow = "calendar_year"\n'
    'amounts = [{ value = "100.00 USD", @ }]\n'
)


class TestByTerms:
    """7.1: a ceiling that the terms set for each subaward in each window."""

    def test_each_subaward_and_window(self) -> None:
        elsewhere = costs(("2024-05", "70.00")).replace("service", 'subaward = "S-2", service')
        rows = (
            'subawards = [{ id = "S-1" }, { id = "S-2" }]\nthrough = "2025-01"\n'
            f"costs = [{costs(('2024-05', '60.00'), ('2024-06', '60.00'), ('2025-01', '60.00'))}, "
            f"{elsewhere}]\n"
        )
        claim = billed(BY_TERMS, rows)
        assert held(claim) == [("each", "2024-06", -2000)]
        assert [(x.window, x.line.subaward) for x in claim.reductions] == [("2024", "S-1")]
        more = billed(BY_TERMS, rows.replace("70.00", "170.00"))
        assert [(x.line.subaward, x.amount) for x in more.reductions] == [("S-1", -2000), ("S-2", -7000)]

    def test_in_the_order_of_their_numbers(self) -> None:
        first = costs(("2024-05", "110.00")).replace("service", 'subaward = "S-2", service')
        rows = f'subawards = [{{ id = "S-1" }}, {{ id = "S-2" }}]\ncosts = [{first}, {costs(("2024-06", "120.00"))}]\n'
        claim = billed(BY_TERMS, rows)
        assert [(x.line.subaward, x.amount) for x in claim.reductions] == [("S-1", -2000), ("S-2", -1000)]

    def test_a_line_belongs_to_the_window_of_its_day(self) -> None:
        rows = (
            "award = { awarded = 2023-12-01, start = 2024-05-15, end = 2024-12-31 }\n"
            'costs = [{ service = "costs", month = "2024-05", paid = 2024-05-20, amount = "130.00 USD" }]\n'
        )
        assert held(billed(BY_TERMS.replace("calendar_year", "award"), rows)) == [("each", "2024-05", -3000)]

    def share(self, base: str) -> str:
        return BY_TERMS + SHARE.format(base=base).replace('of = "cap"', 'of = "each"')

    def test_shares_of_it_come_in_the_same_order(self) -> None:
        authorized, claimed = (self.share(base) for base in ("authorized", "claimed"))
        assert held(billed(authorized, both("41.00", "10.00"))) == [("admin", "2024-05", -100)]
        assert held(billed(authorized, both("40.00", "61.00"))) == [("each", "2024-05", -100)]
        assert held(billed(authorized, both("50.00", "61.00"))) == [
            ("admin", "2024-05", -1000),
            ("each", "2024-05", -100),
        ]
        assert held(billed(claimed, both("10.01", "15.00"))) == [("admin", "2024-05", -1)]
        assert held(billed(claimed, both("41.00", "62.00"))) == [("each", "2024-05", -300)]

    def test_a_participants_share_is_tested_again_after_it(self) -> None:
        """The subaward may have 100.00: of 50.00 and 80.00 there stand 50.00 and 50.00, and of
        50.00 two thirds."""
        own = share("claimed").replace("100.00", "900.00") + BY_TERMS.partition(COSTS)[2]
        apart = f"costs = [{costs(('2024-05', '50.00'), service='office')}, {costs(('2024-06', '80.00'))}]\n"
        assert held(billed(own, apart)) == [("each", "2024-06", -3000), ("admin", "2024-05", -1667)]

    def test_its_own_share_is_tested_for_the_subaward_and_not_for_each_participant(self) -> None:
        """The subaward may have 100.00 and a participant 900.00: beside the 40.00 of administration
        there stand the other's 60.00 of June, and nothing of July. That is two thirds, whoever they
        are of."""
        rows = (
            'participants = [{ id = "P-1" }, { id = "P-2" }]\n'
            f"costs = [{costs(('2024-05', '40.00'), service='office')}, {costs(('2024-07', '10.00'))}, "
            f"{costs(('2024-06', '60.00')).replace('P-1', 'P-2')}]\n"
        )
        own = cap().replace("100.00", "900.00") + self.share("claimed").partition(COSTS)[2]
        assert held(billed(own, rows)) == [("each", "2024-07", -1000)]

    def test_a_share_of_it_may_touch_what_a_participants_share_goes_by(self) -> None:
        """Half of 100.00 may be direct: of 60.00 there stand 50.00, and of administration two
        thirds of that."""
        own = share("claimed").replace("100.00", "900.00") + BY_TERMS.partition(COSTS)[2]
        half = (
            '[shares.half]\ntitle = "Half"\ncite = "m"\npool = "direct"\nof = "each"\nbase = "authorized"\n'
            "at_most = [{ value = 0.50, @ }]\n"
        )
        rows = f"costs = [{costs(('2024-05', '40.00'), service='office')}, {costs(('2024-06', '60.00'))}]\n"
        assert held(billed(own + half, rows)) == [("half", "2024-06", -1000), ("admin", "2024-05", -667)]

    def test_its_own_share_is_tested_again_after_the_amount(self) -> None:
        rows = (
            f"costs = [{costs(('2024-05', '40.00'), service='office')}, {costs(('2024-06', '60.00'))}]\n"
            'subawards = [{ id = "S-1", amount = "70.00 USD" }]\n'
        )
        assert held(billed(self.share("claimed"), rows)) == [
            ("subaward S-1", "2024-06", -3000),
            ("admin", "2024-05", -2000),
        ]

    def test_bare_counts_too(self) -> None:
        meals = '[services.meals]\ntitle = "M"\npool = "direct"\ncite = "m"\ncount = "any_day"\n'
        text = BY_TERMS + meals + 'rates = [{ value = "2.00 USD", @ }]\n'
        rows = 'counts = [{ service = "meals", month = "2024-05", quantity = 51 }]\n'
        assert held(billed(text, rows)) == [("each", "2024-05", -200)]


CAPACITY = CARE + (
    'count = "first_day"\nrates = [{ value = "10.00 USD", @ }]\ncapacity = [{ figure = "seats", value = 0.90, @ }]\n'
)
THREE = (
    'participants = [{ id = "P-1" }, { id = "P-2" }, { id = "P-3" }]\nthrough = "2024-04"\n'
    'enrollments = [{ participant = "P-1", start = 2024-03-01 }, { participant = "P-2", start = 2024-03-01 }, '
    '{ participant = "P-3", start = 2024-04-01 }]\n'
)


class TestCapacity:
    """5.2: a participant beyond the capacity is recouped whole, the last in the order of 7.2
    first."""

    def seats(self, value: str, effective: str = "2024-01-01") -> str:
        return f'figures = [{{ figure = "seats", value = {value}, effective = {effective} }}]\n'

    def test_seats_are_a_share_of_the_figure(self) -> None:
        """90 percent of 2 seats is 1, of 3 is 2."""
        claim = billed(CAPACITY, THREE + self.seats("2"))
        assert [(x.name, x.window, x.room, x.amount) for x in claim.reductions] == [
            ("capacity of 1", "2024-03", 0, -1000),
            ("capacity of 1", "2024-04", 0, -1000),
            ("capacity of 1", "2024-04", 0, -1000),
        ]
        assert [x.line.participant.pseudonym for x in claim.reductions if x.line.participant] == ["P-2", "P-2", "P-3"]
        assert held(billed(CAPACITY, THREE + self.seats("3"))) == [("capacity of 2", "2024-04", -1000)]
        assert held(billed(CAPACITY, THREE + self.seats("4"))) == []

    def test_a_figure_that_nobody_reported(self) -> None:
        with pytest.raises(NotInForce):
            billed(CAPACITY, THREE)

    def test_a_capacity_that_is_not_there_yet(self) -> None:
        later = CAPACITY.replace(
            "value = 0.90, @", 'value = 0.90, effective = 2024-04-01, published = 2024-04-01, cite = "m"'
        )
        assert held(billed(later, THREE + self.seats("2"))) == [("capacity of 1", "2024-04", -1000)] * 2

    def test_what_costs_nothing_is_not_recouped(self) -> None:
        assert held(billed(CAPACITY.replace("10.00", "0.00"), THREE + self.seats("2"))) == []

    def test_persons_of_a_bare_count_in_part(self) -> None:
        """5 persons for 3 seats (90 percent of 4): 3 × 10.00 stand."""
        rows = 'counts = [{ service = "care", month = "2024-05", quantity = 5 }]\n' + self.seats("4")
        claim = billed(CAPACITY, rows)
        assert [(x.room, x.amount) for x in claim.reductions] == [(3000, -2000)]

    def test_persons_of_each_month_and_subaward_in_order(self) -> None:
        rows = (
            'participants = [{ id = "P-1" }, { id = "P-2" }]\nsubawards = [{ id = "S-1" }, { id = "S-2" }]\n'
            'enrollments = [{ participant = "P-1", subaward = "S-2", start = 2024-03-01, end = 2024-03-31 }, '
            '{ participant = "P-2", start = 2024-03-01, end = 2024-03-31 }]\n'
            'figures = [{ figure = "seats", value = 0, effective = 2024-01-01 }, '
            '{ subaward = "S-2", figure = "seats", value = 1, effective = 2024-01-01 }]\n'
        )
        claim = billed(CAPACITY, rows)
        assert [(x.line.subaward, x.name) for x in claim.reductions] == [
            ("S-1", "capacity of 0"),
            ("S-2", "capacity of 0"),
        ]

    def test_a_participant_has_one_seat(self) -> None:
        """Whatever a month is made of: 22 of 31 days, and two lines of one price."""
        text = CAPACITY.replace("first_day", "from_start") + 'carve = [{ pool = "direct", value = "4.00 USD", @ }]\n'
        rows = THREE.replace("start = 2024-03-01", "start = 2024-03-10") + 'through = "2024-03"\n'
        rows = rows.replace('through = "2024-04"\n', "")
        assert held(billed(text, rows + self.seats("3"))) == []
        assert [
            (x.line.pool, x.line.participant, x.amount, x.room) for x in billed(text, rows + self.seats("2")).reductions
        ] == [
            ("direct", Participant("SITE", "P-2"), -284, 0),
            ("administration", Participant("SITE", "P-2"), -426, 0),
        ]

    def test_of_the_first_day_inside_the_period(self) -> None:
        award = "award = { awarded = 2023-12-01, start = 2024-03-05, end = 2025-12-31 }\n"
        text = CAPACITY.replace("first_day", "any_day")
        rows = THREE.replace('"2024-04"', '"2024-03"') + award
        assert held(billed(text, rows + self.seats("2", "2024-03-05"))) == [("capacity of 1", "2024-03", -1000)]
        with pytest.raises(NotInForce):
            billed(text, rows + self.seats("2", "2024-03-06"))

    def test_a_count_by_the_day_is_not_of_persons(self) -> None:
        rows = 'counts = [{ service = "care", month = "2024-05", quantity = 5 }]\n' + self.seats("4")
        assert held(billed(CAPACITY.replace("first_day", "day"), rows)) == []

    def test_counts_of_two_kinds_take_seats_in_order(self) -> None:
        """Two of three seats are taken by the first; of the other two persons one sits."""
        text = CAPACITY.replace(
            'count = "first_day"\nrates = [{', 'count = "first_day"\nrates = [{ unit = "b", value = "20.00 USD", @ }, {'
        )
        rows = (
            'counts = [{ service = "care", month = "2024-05", quantity = 2 }, '
            '{ service = "care", month = "2024-05", quantity = 2, unit = "b" }]\n'
        ) + self.seats("4")
        claim = billed(text, rows)
        assert [(x.line.category, x.room, x.amount) for x in claim.reductions] == [("b", 2000, -2000)]

    def test_other_services_take_no_seat(self) -> None:
        rows = THREE + self.seats("3") + months_of(("2024-03", "5.00"))
        assert held(billed(COSTS + CAPACITY, rows)) == [("capacity of 2", "2024-04", -1000)]


def test_the_terms_of_these_cases_are_read() -> None:
    assert [c.id for c in terms(share("claimed")).ceilings] == ["cap"]
    assert Fact(Rate.of(1), date.min, date.min, SAYS).value == Rate.of("1.00")
