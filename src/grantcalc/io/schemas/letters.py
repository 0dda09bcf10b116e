"""The sheets of a letter log."""

from __future__ import annotations

from grantcalc.io.schemas.columns import DOCUMENT, Column, SheetSchema, published_column
from grantcalc.letters import BASES, LETTER_EVENTS, LETTER_KINDS, statuses

LETTER_LOG = SheetSchema(
    "Letter log",
    "What happened to each letter. A row is added for each event and none is changed.",
    (
        Column("number", "Letter number", "text", "A number of your own for the letter.", example="L-001"),
        Column("event", "Event", "word", "What happened.", True, LETTER_EVENTS, "issued"),
        Column("day", "Day", "date", "The day that the letter or the event bears.", example="2012-02-14"),
        Column("participant", "Participant", "pseudonym", "For whom, on the row that issues it.", False,
               example="P-0001"),
        Column("kind", "Kind", "word", "Which letter, on the row that issues it.", False, tuple(LETTER_KINDS),
               "certification"),
        Column("basis", "Basis", "word", "On what a certification rests.", False, BASES),
        published_column("the report date"),
    ),
    required=True,
)  # fmt: skip

PEOPLE = SheetSchema(
    "People",
    "Who the letters are for. No name, date of birth, SSN or A-number, in any form.",
    (
        Column("participant", "Participant", "pseudonym", "Your own code with a digit in it.", example="P-0001"),
        Column("status", "Status", "word", "The person's immigration status.", True, statuses(), "other"),
        Column("family_of", "Family of", "pseudonym", "For a family member, whose: a participant.", False),
        Column("derivative", "Class", "text", "For a family member, the class, such as T-2.", False),
    ),
)

LETTER_SHEETS = (DOCUMENT, LETTER_LOG, PEOPLE)
"""The sheets of a letter log workbook."""
