"""The sheets of the directory workbook: who serves, and the library."""

from __future__ import annotations

from grantcalc.io.schemas.columns import DOCUMENT, Column, SheetSchema
from grantcalc.outreach.directory import ENTRY_KINDS, RESOURCE_KINDS, SERVICES

DIRECTORY = SheetSchema(
    "Directory",
    "Organizations and individuals who serve, one row for each day on which an entry was verified.",
    (
        Column("id", "Entry", "text", "A short id of your own. A later row of it replaces the earlier.", example="E-1"),
        Column("name", "Name", "text", "As callers know it.", example="Shelter A (illustrative)"),
        Column("kind", "Kind", "word", "organization or individual.", choices=ENTRY_KINDS, example="organization"),
        Column("city", "City", "text", "Where it is.", example="El Paso"),
        Column("state", "State", "place", "The State or territory in which the city is.", example="TX"),
        Column(
            "serves", "Serves", "text", "States and regions that it serves besides, with semicolons between.", False
        ),
        Column(
            "services", "Services", "text", f"With semicolons between: {', '.join(SERVICES)}.", example="shelter; food"
        ),
        Column("languages", "Languages", "text", "With semicolons between.", False, example="English; Spanish"),
        Column("hours", "Hours", "text", "24/7, or like Mon-Fri 09:00-17:00; Sat 10:00-14:00.", False, example="24/7"),
        Column("contact", "Contact", "text", "How a caller reaches it, as it may be told to anybody.", False),
        Column("verified", "Verified", "date", "The day on which this row was verified.", example="2012-06-01"),
        Column("ends", "Ends", "date", "Its last day, for an entry that ends.", False),
        Column("organization", "Organization", "text", "Its id in an award workbook, if it is there.", False),
        Column("note", "Note", "text", "Words by which it should be found too.", False),
    ),
    required=True,
)

LIBRARY = SheetSchema(
    "Library",
    "Materials that may be sent to whoever asks.",
    (
        Column("id", "Resource", "text", "A short id of your own.", example="L-1"),
        Column("title", "Title", "text", "Its title.", example="Know the signs (illustrative)"),
        Column("kind", "Kind", "word", "What it is.", choices=RESOURCE_KINDS, example="poster"),
        Column("topics", "Topics", "text", "What it is about: services, with semicolons between.", example="awareness"),
        Column("languages", "Languages", "text", "With semicolons between.", False, example="English; Spanish"),
        Column("link", "Link", "text", "Where it is.", False),
        Column("published", "Published", "date", "Since which day it can be had.", example="2012-01-15"),
        Column("note", "Note", "text", "Words by which it should be found too.", False),
    ),
)

DIRECTORY_SHEETS = (DOCUMENT, DIRECTORY, LIBRARY)
