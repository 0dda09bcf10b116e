"""The worked figures of docs/rulebook.md, one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest

from grantcalc import Caseload, Claim, Interval, Month, Network, NotInForce, Participant, bill
from grantcalc.awards import Award, BudgetPeriod, Organization, Subaward
from grantcalc.billing import Cost, Enrollment, Household, Registration
from grantcalc.billing.counting import EnrollmentSpell, months, proportional_of, whole_months
from grantcalc.known import Fact, Series
from grantcalc.money import Cents, Rate, split
from grantcalc.provenance import Authority
from grantcalc.terms import Filling, Terms, fill_terms, load_terms, read_terms, rules_as_known
from grantcalc.terms.vocabulary import PROPORTIONAL

SAYS = Authority("a test")
PERSON = Participant("ISSUER", "P-1")
PUBLISHED = date(2019, 10, 1)
YEAR = Interval(date(2018, 10, 1), date(2019, 9, 30))


def counted(policy: str, *spans: tuple[str, str]) -> dict[str, str]:
    """The count of each month of 2024 under a policy, written as the rulebook writes it."""
    spells = [
        EnrollmentSpell(
            date.fromisoformat(f"2024-{a}").toordinal(), date.fromisoformat(f"2024-{b}").toordinal(), "S", ""
        )
        for a, b in spans
    ]
    found: dict[str, str] = {}
    if policy in PROPORTIONAL:
        for view in months(spells):
            of = proportional_of(policy, view)
            found[f"{view.number % 12 + 1:02d}"] = "1" if view.enrolled == of else f"{view.enrolled}/{of}"
    else:
        for view, count in whole_months(policy, months(spells)):
            found[f"{view.number % 12 + 1:02d}"] = str(count.quantity) + ("" if count.of == 1 else f"/{count.of}")
    return found


MARCH_TO_MAY = ("03-10", "05-20")


@pytest.mark.parametrize(
    ("policy", "spans", "expected"),
    [
        ("any_day", [MARCH_TO_MAY], {"03": "1", "04": "1", "05": "1"}),
        ("anniversary", [MARCH_TO_MAY], {"03": "1", "04": "1", "05": "1"}),
        ("first_day", [MARCH_TO_MAY], {"04": "1", "05": "1"}),
        ("following_month", [MARCH_TO_MAY], {"04": "1", "05": "1"}),
        ("mid_month", [MARCH_TO_MAY], {"03": "1", "04": "1", "05": "1"}),
        ("actual_days", [MARCH_TO_MAY], {"03": "22/31", "04": "1", "05": "20/31"}),
        ("thirty_days", [MARCH_TO_MAY], {"03": "22/30", "04": "1", "05": "20/30"}),
        ("mid_month", [("03-16", "05-15")], {"04": "1"}),
        ("anniversary", [("01-31", "04-30")], {"01": "1", "02": "1", "03": "1", "04": "1"}),
        ("following_month", [("03-01", "03-31")], {}),
        ("from_start", [("03-10", "03-20")], {"03": "22/31"}),
        ("from_start_thirty", [("03-10", "03-20")], {"03": "21/30"}),
        ("from_start_thirty", [("02-28", "03-05")], {"02": "3/30", "03": "1"}),
        ("from_start_thirty", [("03-30", "03-31")], {"03": "1/30"}),
        ("from_start_thirty", [("03-31", "03-31")], {"03": "1/30"}),
        ("from_start_thirty", [("03-01", "03-02")], {"03": "1"}),
        ("actual_days", [("03-10", "03-20")], {"03": "11/31"}),
        ("any_day", [("03-01", "03-09"), ("03-25", "03-31")], {"03": "1"}),
        ("actual_days", [("03-01", "03-09"), ("03-25", "03-31")], {"03": "16/31"}),
        ("anniversary", [("03-01", "03-09"), ("03-25", "03-31")], {"03": "1"}),
        ("once", [MARCH_TO_MAY], {"03": "1"}),
    ],
)
def test_worked_table_of_rule_3(policy: str, spans: list[tuple[str, str]], expected: dict[str, str]) -> None:
    assert counted(policy, *spans) == expected


def test_two_anniversary_months_may_belong_to_one_calendar_month() -> None:
    """From 15 January; 16 February and 20 March touch nothing but their own; 1 and 20 March touch
    two."""
    assert counted("anniversary", ("01-15", "01-20"), ("03-01", "03-01"), ("03-20", "03-20")) == {"01": "1", "03": "1"}
    spells = [
        EnrollmentSpell(date(2024, m, d).toordinal(), date(2024, m, d).toordinal(), "S", "")
        for m, d in ((1, 15), (3, 1), (3, 20))
    ]
    march = [count for view, count in whole_months("anniversary", months(spells)) if view.number % 12 == 2]
    assert len(march) == 2


def test_a_break_of_any_length_begins_again() -> None:
    """from_start: first month of an application, or after a break: (L − start + 1) ÷ L, whatever
    follows; then 1."""
    assert counted("from_start", ("03-10", "04-20"), ("05-10", "06-03")) == {
        "03": "22/31",
        "04": "1",
        "05": "22/31",
        "06": "1",
    }


@pytest.mark.parametrize(
    ("quantity", "of", "rate", "cents"),
    [
        (22, 31, "600.00", 42581),
        (5, 1, "8.94125", 4471),
        (154, 1, "0.2375", 3658),
        (1, 2, "0.01", 1),
        (1, 2, "-0.01", -1),
    ],
)
def test_extension_is_rounded_never_the_rate(quantity: int, of: int, rate: str, cents: int) -> None:
    """5.2: 22/31 × 600.00 = 425.81; 5 × 8.94125 = 44.71; a site's 154 meals × 0.2375 = 36.58."""
    assert Rate.of(rate).extend(quantity, of) == cents


def test_rounding_precedes_counting() -> None:
    """5.1: 3 × 20/31 × 600 is 1,161.30, not 1,161.29."""
    three = [
        Enrollment(
            participant=Participant("ISSUER", f"P-{n}"),
            subaward="S-1",
            days=Interval(date(2019, 5, 1), date(2019, 5, 20)),
            published=PUBLISHED,
        )
        for n in (1, 2, 3)
    ]
    claim = billed(enrollments=three, fillings={"rate.pre_certification": Decimal(600)})
    (line,) = claim.counted().lines
    assert (line.count, line.quantity, line.divisor, line.amount) == (3, 20, 31, 116130)
    assert claim.total.amount == Decimal("1161.30")


def test_splitting() -> None:
    """6: 100.00 by 1:1:1 is 33.34, 33.33, 33.33; 0.05 by 3:3:1 is 0.02, 0.02, 0.01; a negative
    amount is the negated split."""
    assert split(10000, {"a": 1, "b": 1, "c": 1}) == {"a": 3334, "b": 3333, "c": 3333}
    assert split(5, {"a": 3, "b": 3, "c": 1}) == {"a": 2, "b": 2, "c": 1}
    assert split(-10000, {"a": 1, "b": 1, "c": 1}) == {"a": -3334, "b": -3333, "c": -3333}


def test_the_latest_effective_date_holds_whenever_it_was_published() -> None:
    """2.3: an amendment effective in April and published in September yields from July on to a rate
    effective in July, though that one was published in June."""
    rate = Series(
        "rate",
        [
            Fact("April", date(2012, 4, 1), date(2012, 9, 1), SAYS),
            Fact("July", date(2012, 7, 1), date(2012, 6, 1), SAYS),
            Fact("first", date(2011, 10, 1), date(2011, 9, 1), SAYS),
        ],
    )
    assert rate.at(date(2012, 5, 1), date(2012, 10, 1)).value == "April"
    assert rate.at(date(2012, 8, 1), date(2012, 10, 1)).value == "July"
    assert rate.at(date(2012, 5, 1), date(2012, 8, 31)).value == "first"
    with pytest.raises(NotInForce, match="no rate is in force on 2011-09-30 as known on 2012-10-01"):
        rate.at(date(2011, 9, 30), date(2012, 10, 1))


# ---- 7.6: TVAP 2018 -------------------------------------------------------------------------------------------------

ADMINISTRATION_AT_COST = """
[services.administration_at_cost]
title = "Administration, reported as a cost: lets the rule's figures stand to the cent"
pool = "administration"
cite = "foa"
count = "actual_cost"
"""


def tvap(
    base: str = "authorized", family: str = "on_any_day", window: str = "budget_period", **fillings: object
) -> Terms:
    """The published TVAP 2018 terms, filled for a test; and a second service so that administration
    is a cost too."""
    shipped = load_terms("tvap-2018")
    text = (resources.files("grantcalc") / "programs" / "tvap-2018.toml").read_text("utf-8")
    terms = read_terms(text + ADMINISTRATION_AT_COST, "tvap-2018.toml")
    assert shipped.ceilings == terms.ceilings
    values: dict[str, Any] = {
        "count": "actual_days",
        "window": window,
        "family": family,
        "base": base,
        "rate.certified": Decimal("500.00"),
        "rate.interim": Decimal("550.00"),
        "rate.pre_certification": Decimal("600.00"),
        **fillings,
    }
    return fill_terms(
        terms,
        [
            Filling(term=key, value=value, effective=date(2018, 10, 1), published=date(2018, 10, 1), authority=SAYS)
            for key, value in values.items()
        ],
    )


def network(terms: Terms, subaward: int | None = None) -> Network:
    period = BudgetPeriod("Year 1", YEAR, Series("amount", [Fact(Cents(10**9), YEAR.start, YEAR.start, SAYS)]))
    award = Award(
        fain="90ZV0101",
        recipient="PRIME",
        agency="HHS",
        listing="93.598",
        awarded=YEAR.start,
        period=YEAR,
        terms=terms,
        budget_periods=(period,),
    )
    obligated = [] if subaward is None else [Fact(Cents(subaward), YEAR.start, YEAR.start, SAYS)]
    return Network(
        report_date=date(2019, 10, 15),
        organizations=(Organization(id="PRIME", name="Prime"), Organization(id="ISSUER", name="Sub")),
        awards=(award,),
        subawards=(
            Subaward(
                id="S-1", parent="90ZV0101", subrecipient="ISSUER", period=YEAR, amount=Series("subaward", obligated)
            ),
        ),
    )


def billed(
    *,
    enrollments: list[Enrollment] | None = None,
    costs: list[tuple[str, str, int]] | None = None,
    has_family: bool = False,
    fillings: dict[str, object] | None = None,
    subaward: int | None = None,
    **terms: str,
) -> Claim:
    rows = [
        Cost(
            participant=PERSON,
            subaward="S-1",
            service=service,
            category="food" if service == "participant_expenses" else "",
            amount=Cents(cents),
            paid=Month.parse(m).first,
            months=(Month.parse(m),),
            reference=f"{n}",
            published=PUBLISHED,
        )
        for n, (m, service, cents) in enumerate(costs or [])
    ]
    people = {PERSON} | {e.participant for e in enrollments or []}
    household = (
        (Household(participant=PERSON, days=Interval(date(2018, 11, 1)), family=2, published=PUBLISHED),)
        if has_family
        else ()
    )
    caseload = Caseload(
        issuer="ISSUER",
        report_date=PUBLISHED,
        participants=tuple(Registration(p) for p in sorted(people)),
        letters=(),
        households=household,
        enrollments=tuple(enrollments or []),
        costs=tuple(rows),
    )
    return bill(caseload, network(tvap(**terms, **(fillings or {})), subaward), Month(2019, 9))  # type: ignore[arg-type]


def reduced(claim: Claim) -> dict[str, int]:
    """What stands, by pool."""
    found = {"administration": 0, "direct": 0}
    for line in claim.lines:
        found[line.pool] += line.amount
    for limit in claim.reductions:
        found[limit.line.pool] += limit.amount
    return found


ADMIN, DIRECT = "administration_at_cost", "participant_expenses"


@pytest.mark.parametrize(
    ("costs", "family", "base", "administration", "direct"),
    [
        ([("2019-01", ADMIN, 240000), ("2019-01", DIRECT, 360000)], False, "authorized", 240000, 360000),
        ([("2019-01", ADMIN, 240001), ("2019-01", DIRECT, 359999)], False, "authorized", 240000, 359999),
        ([("2019-01", DIRECT, 600001)], False, "authorized", 0, 600000),
        ([("2019-01", ADMIN, 250000), ("2019-02", DIRECT, 400000)], False, "authorized", 240000, 360000),
        ([("2019-01", ADMIN, 300000), ("2019-01", DIRECT, 300000)], True, "authorized", 300000, 300000),
        ([("2019-01", ADMIN, 300000), ("2019-01", DIRECT, 300000)], True, "claimed", 200000, 300000),
        ([("2019-01", ADMIN, 500000), ("2019-01", DIRECT, 200000)], False, "claimed", 133333, 200000),
    ],
)
def test_tvap_2018_of_rule_7_6(
    costs: list[tuple[str, str, int]], family: bool, base: str, administration: int, direct: int
) -> None:
    """7.6, figure by figure."""
    claim = billed(costs=costs, has_family=family, base=base)
    assert reduced(claim) == {"administration": administration, "direct": direct}
    assert claim.total.amount * 100 == administration + direct


def test_what_a_ceiling_holds_back_names_it_its_authority_and_the_line() -> None:
    """7.1: a ceiling adds a negative line that names it, its authority and the line it limits. It
    changes no line."""
    claim = billed(costs=[("2019-01", ADMIN, 240001), ("2019-01", DIRECT, 359999)])
    (limit,) = claim.reductions
    assert (limit.name, limit.amount, limit.line.amount) == ("administration", -1, 240001)
    assert limit.authority.citation == "FOA HHS-2018-ACF-IOAS-OTIP-ZV-1369, HHS regions 1 to 4"
    assert claim.earned.amount == Decimal("6000.00")


def test_share_on_base_claimed_is_tested_again_after_the_subaward() -> None:
    """7.5: it is tested again after every wider ceiling on what then stands, and room so left is
    not filled again."""
    claim = billed(costs=[("2019-01", ADMIN, 200000), ("2019-01", DIRECT, 300000)], base="claimed", subaward=300000)
    assert reduced(claim) == {"administration": 0, "direct": 300000}
    later = billed(costs=[("2019-01", ADMIN, 200000), ("2019-02", DIRECT, 300000)], base="claimed", subaward=300000)
    assert reduced(later) == {"administration": 66666, "direct": 100000}


def test_credits_come_first_and_are_never_limited() -> None:
    """7.2: credits first, never limited."""
    claim = billed(costs=[("2019-01", DIRECT, 600000), ("2019-02", DIRECT, 50000), ("2019-03", DIRECT, -20000)])
    assert reduced(claim)["direct"] == 600000
    assert sum(x.amount for x in claim.reductions) == -30000


def test_tier_of_the_service_date_holds_each_line_to_its_own_day() -> None:
    """7.4: on_service_date: each line is held to the tier of its own day, and what stood before
    stands."""
    costs = [("2018-10", DIRECT, 650000), ("2019-01", DIRECT, 300000)]  # family joins in November
    assert reduced(billed(costs=costs, has_family=True))["direct"] == 750000
    by_day = billed(costs=costs, has_family=True, family="on_service_date")
    assert [(str(x.line.month), x.amount) for x in by_day.reductions] == [("2018-10", -50000), ("2019-01", -150000)]


def test_month_beyond_the_limit_is_shown_at_nought_with_its_reason() -> None:
    """4.3: month N+1 yields a line of quantity 0 with the reason, so that a reader sees why nothing
    was paid."""
    stay = [
        Enrollment(
            participant=PERSON, subaward="S-1", days=Interval(date(2019, 1, 1), date(2019, 4, 30)), published=PUBLISHED
        )
    ]
    claim = billed(enrollments=stay, fillings={"months.pre_certification": 2})
    assert [(str(x.month), x.quantity, x.amount) for x in claim.lines] == [
        ("2019-01", 31, 60000),
        ("2019-02", 28, 60000),
        ("2019-03", 0, 0),
        ("2019-04", 0, 0),
    ]
    assert str(claim.lines[2].reason or "") == "at most 2 months of phase pre_certification are paid"


def test_terms_are_refused_before_they_were_published() -> None:
    """2.2: nobody could know it before. The terms of 2018 say nothing in 2012."""
    with pytest.raises(NotInForce, match="no terms tvap-2018 is in force on 2018-09-30 as known on 2012-10-15"):
        rules_as_known(tvap(), date(2012, 10, 15))
