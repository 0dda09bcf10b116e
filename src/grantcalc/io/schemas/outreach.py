"""The sheets of an outreach workbook: what regional partners do and with whom, and the coalitions
of the campaign."""

from __future__ import annotations

from grantcalc.io.schemas.columns import DOCUMENT, Column, SheetSchema, published_column
from grantcalc.outreach.coalitions import MEMBER_KINDS, SECTORS
from grantcalc.outreach.objectives import MEASURES

YES = ("yes", "no")

MEASURES_SHEET = SheetSchema(
    "Measures",
    "What regional partners report of the four objectives, quarter by quarter. A later row restates an earlier one.",
    (
        Column("award", "FAIN", "text", "The regional partner's award.", example="90ZV0101"),
        Column("quarter", "Quarter", "month", "Any month of the quarter, like 2009-01.", example="2012-01"),
        Column("measure", "Measure", "word", "What is counted.", True, tuple(MEASURES), "identified"),
        Column("count", "Count", "count", "How many.", example="3"),
        Column("member", "Member", "text", "The local organization that did it. Empty: the partner itself.", False),
        published_column("the report date"),
    ),
)

LOCAL_NETWORK = SheetSchema(
    "Local network",
    "The organizations of the network that a regional partner leads.",
    (
        Column("award", "FAIN", "text", "The regional partner's award.", example="90ZV0101"),
        Column("id", "Member", "text", "A short id of your own.", example="ORG-1"),
        Column("sector", "Sector", "word", "Its sector.", True, SECTORS, "legal_assistance"),
        Column("start", "From", "date", "First day.", example="2012-01-05"),
        Column("end", "To", "date", "Last day. Empty: still so.", False),
    ),
)

COALITIONS = SheetSchema(
    "Coalitions",
    "The coalitions of the Rescue & Restore campaign, one row for each city, region or State.",
    (
        Column("id", "Coalition", "text", "A short id of your own.", example="C-01"),
        Column("place", "Place", "text", "The city, region or State.", example="Illustrative City"),
        Column("kind", "Kind", "word", "A city, a region or a State.", True, MEMBER_KINDS, "city"),
        Column("state", "State", "place", "The State or territory in which it is.", example="TX"),
        Column("partner", "Partner", "text", "The award of its regional partner. Empty: none.", False),
        Column("sex", "Sex trafficking", "yes_no", "Is awareness of it one of its purposes?", False, YES),
        Column("labor", "Labor trafficking", "yes_no", "Is awareness of it one of its purposes?", False, YES),
        Column("helps_identify", "Identification", "yes_no", "Does it help identify victims?", False, YES),
        Column("raises_numbers", "Numbers", "yes_no", "Does it work to raise the number assisted?", False, YES),
    ),
)

COALITION_MEMBERS = SheetSchema(
    "Coalition members",
    "The members of each coalition, by sector.",
    (
        Column("coalition", "Coalition", "text", "A coalition of the Coalitions sheet.", example="C-01"),
        Column("id", "Member", "text", "A short id of your own.", example="M-01"),
        Column("sector", "Sector", "word", "Its sector.", True, SECTORS, "law_enforcement"),
        Column("start", "From", "date", "First day.", example="2012-01-05"),
        Column("end", "To", "date", "Last day. Empty: still a member.", False),
        Column("party", "Party", "text", "The party that it is of, where it does not stand alone.", False),
    ),
)

OUTREACH_SHEETS = (DOCUMENT, MEASURES_SHEET, LOCAL_NETWORK, COALITIONS, COALITION_MEMBERS)
"""The sheets of an outreach workbook; all but the first may be left out."""
