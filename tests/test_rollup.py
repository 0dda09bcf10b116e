"""The roll-up: each parent exactly the sum of its children, a parent's own lines among them
(Rulebook 9.2)."""

from __future__ import annotations

from datetime import date

from attrs import evolve

from grantcalc import Ledger, Network
from grantcalc.awards import Organization
from grantcalc.ledger import Total, roll_up
from tests.test_requests_worked import REPORT, amount, award, claim, cost, network, subaward

# S-1 passes on to S-2 and S-3; A-0 is an award to another recipient, B-1 one of another agency; Z-9
# has nothing posted
AWARDS = (
    award("B-1"),
    award(halves=(amount(10_000), amount(10_000))),
    evolve(award("A-0"), recipient="RECIP"),
    award("A-9"),
    evolve(award("Z-9"), agency="DOJ"),
)
OF = evolve(
    network(
        subaward("S-9", "Z-9"),
        subaward("S-3", "S-1"),
        subaward("S-2", "S-1"),
        evolve(subaward("S-1"), subrecipient="MID"),
        subaward("S-5", "A-0"),
        subaward("S-6", "A-9"),
        subaward("S-8", "B-1"),
        of=(*AWARDS[:2:-1], evolve(AWARDS[0], agency="DOJ", recipient="OTHER"), *AWARDS[1:3]),
    ),
    organizations=(
        Organization(id="ONE", name="Prime", state="VA"),
        Organization(id="TWO", name="Two"),
        Organization(id="SUB", name="Sub", state="TX"),
        Organization(id="MID", name="Mid"),
        Organization(id="OTHER", name="Other", state="OK"),
        Organization(id="RECIP", name="Recipient", state="OK"),
    ),
)
ROWS = (
    cost(3, "69.00", "S-2"),
    cost(3, "1.00", "S-3"),
    cost(4, "20.00", "S-1"),
    cost(5, "15.00", "A-1"),
    cost(3, "4.00", "S-5"),
    cost(3, "6.00", "S-6"),
    cost(3, "3.00", "S-8"),
    cost(8, "2.00", "S-8"),
)


def posted(of: Network = OF) -> Ledger:
    return Ledger().post(claim(*ROWS, of=of))


def tree(node: Total) -> list[tuple[str, str, str, int, int, int]]:
    """The nodes from here down: level, id, name; earned, held back and on hold in cents."""
    own = node.level, node.id, node.name, node.earned, node.held_back, node.on_hold
    return [own, *(found for child in node.children for found in tree(child))]


def test_by_agency_recipient_award_and_subaward() -> None:
    """The award lets 100.00 of 105.00 stand, so 10.00 of its own 15.00 of May; 90.00 below S-1 are
    on hold."""
    found = roll_up(posted().hold("S-1", "a visit", REPORT), OF)
    assert tree(found) == [
        ("all", "", "All agencies", 12_000, -500, 9_000),
        ("agency", "DOJ", "DOJ", 500, 0, 0),
        ("recipient", "OTHER", "Other", 500, 0, 0),
        ("award", "B-1", "B-1", 500, 0, 0),
        ("subaward", "S-8", "Sub", 500, 0, 0),
        ("agency", "HHS", "HHS", 11_500, -500, 9_000),
        ("recipient", "ONE", "Prime", 11_100, -500, 9_000),
        ("award", "A-1", "A-1", 10_500, -500, 9_000),
        ("own", "A-1", "its own service", 1_500, -500, 0),
        ("subaward", "S-1", "Mid", 9_000, 0, 9_000),
        ("own", "S-1", "its own service", 2_000, 0, 2_000),
        ("subaward", "S-2", "Sub", 6_900, 0, 6_900),
        ("subaward", "S-3", "Sub", 100, 0, 100),
        ("award", "A-9", "A-9", 600, 0, 0),
        ("subaward", "S-6", "Sub", 600, 0, 0),
        ("recipient", "RECIP", "Recipient", 400, 0, 0),
        ("award", "A-0", "A-0", 400, 0, 0),
        ("subaward", "S-5", "Sub", 400, 0, 0),
    ]
    assert (found.allowed, [x.allowed for x in found.children]) == (11_500, [500, 11_000])


def test_an_award_of_its_own_service_alone() -> None:
    assert tree(roll_up(Ledger().post(claim(cost(3, "1.00", "A-1"), of=OF)), OF))[-1] == (
        "award",
        "A-1",
        "A-1",
        100,
        0,
        0,
    )


def test_what_is_held_back_is_not_on_hold_too() -> None:
    held = roll_up(posted().hold("A-1", "a visit", REPORT), OF)
    assert (held.earned, held.held_back, held.on_hold) == (12_000, -500, 10_000)


def test_by_region() -> None:
    """Virginia is in Region 3, Texas in Region 6; where no State is given, it is said so."""
    assert tree(roll_up(posted(), OF, by="region")) == [
        ("all", "", "All regions", 12_000, -500, 0),
        ("region", "0", "no State given", 2_000, 0, 0),
        ("subaward", "S-1", "Mid", 2_000, 0, 0),
        ("region", "3", "Region 3", 1_500, -500, 0),
        ("subaward", "A-1", "Prime", 1_500, -500, 0),
        ("region", "6", "Region 6", 8_500, 0, 0),
        ("subaward", "S-2", "Sub", 6_900, 0, 0),
        ("subaward", "S-3", "Sub", 100, 0, 0),
        ("subaward", "S-5", "Sub", 400, 0, 0),
        ("subaward", "S-6", "Sub", 600, 0, 0),
        ("subaward", "S-8", "Sub", 500, 0, 0),
    ]


def test_as_known_on_an_earlier_day() -> None:
    """What was posted and held after that day is not in it."""
    early = Ledger().post(evolve(claim(*ROWS[:1], of=OF), known=date(2025, 1, 9)))
    later = early.post(claim(*ROWS, of=OF)).hold("S-2", "a visit", REPORT)
    assert roll_up(later, OF, date(2025, 1, 9)) == roll_up(early, OF)
    assert roll_up(later, OF, date(2025, 1, 9), by="region") == roll_up(early, OF, by="region")
    assert roll_up(early, OF).allowed == 6_900
    assert roll_up(later, OF).on_hold == 6_900


def test_the_first_node_with_an_id() -> None:
    found = roll_up(posted(), OF)
    (_, hhs) = found.children
    assert found.find("") is found
    assert found.find("HHS") is hhs
    own = found.find("S-1")
    assert own is not None
    assert (own.level, own.earned) == ("subaward", 9_000)
    assert found.find("Z-9") is None
