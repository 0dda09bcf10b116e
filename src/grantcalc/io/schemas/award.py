"""The sheets of the award workbook, which the recipient keeps."""

from __future__ import annotations

from grantcalc.awards import AMENDMENT_KINDS, FINANCIALS, FORM_ENTRIES
from grantcalc.io.schemas.columns import (
    AWARD_NUMBER,
    DOCUMENT,
    EFFECTIVE,
    FIRST_DAY,
    LAST_DAY,
    PUBLISHED,
    SUBAWARD_NUMBER,
    Column,
    SheetSchema,
    published_column,
)

ORGANIZATIONS = SheetSchema(
    "Organizations",
    "Every organization that is a recipient or a subrecipient.",
    (
        Column(
            "id",
            "Organization",
            "text",
            "A short id of your own, used in the other sheets.",
            example="SUB-A",
            synonyms=("Organization ID",),
        ),
        Column(
            "name",
            "Name",
            "text",
            "Its legal name.",
            example="Subrecipient A (illustrative)",
            synonyms=("Legal name", "Organization name"),
        ),
        Column(
            "uei",
            "UEI",
            "text",
            "Unique Entity Identifier, 12 letters and digits.",
            False,
            example="",
            shape="UEI",
            synonyms=("Unique Entity Identifier",),
        ),
        Column(
            "ein",
            "EIN",
            "text",
            "Employer Identification Number, 9 digits.",
            False,
            example="",
            shape="EIN",
            synonyms=("Employer Identification Number",),
        ),
        Column(
            "state",
            "State",
            "place",
            "Where it works: a State or territory. It places its lines in a region.",
            False,
            example="TX",
        ),
        Column("contact", "Contact", "text", "An office and its telephone, shown on claims and statements.", False),
    ),
    required=True,
)

AWARDS = SheetSchema(
    "Awards",
    "Federal awards, one row each.",
    (
        Column(
            "fain", "FAIN", "text", "Federal award number.", example="90ZV0101", shape="FAIN", synonyms=AWARD_NUMBER
        ),
        Column(
            "recipient",
            "Recipient",
            "text",
            "An organization of the Organizations sheet. Empty: the organization that keeps this workbook.",
            False,
            example="PRIME",
            synonyms=("Prime recipient", "Grantee"),
        ),
        Column(
            "agency",
            "Agency",
            "text",
            "The federal awarding agency.",
            example="HHS/ACF",
            synonyms=("Awarding agency", "Federal awarding agency"),
        ),
        Column(
            "listing",
            "Assistance Listing",
            "text",
            "Like 93.598.",
            example="93.598",
            shape="Assistance Listing",
            synonyms=("Assistance Listing number", "ALN", "CFDA", "CFDA number"),
        ),
        Column(
            "awarded",
            "Awarded",
            "date",
            "Date of the award. Empty: the first day.",
            False,
            example="2011-09-30",
            synonyms=("Award date", "Date of award"),
        ),
        Column(
            "start",
            "Start",
            "date",
            "First day of the period of performance.",
            example="2011-10-01",
            synonyms=FIRST_DAY,
        ),
        Column("end", "End", "date", "Last day of the period of performance.", example="2012-09-30", synonyms=LAST_DAY),
        Column(
            "terms",
            "Terms",
            "text",
            "Id of published terms, or the name of a terms file beside this workbook.",
            example="terms.toml",
        ),
        Column(
            "terms_source",
            "Source",
            "text",
            "What says the terms that are left to the award, for each row of Terms that does not say it.",
            False,
            example="Notice of award (illustrative)",
        ),
        Column(
            "nationwide",
            "Nationwide",
            "yes_no",
            "yes if the awards marked so together cover every HHS region; only then is it checked.",
            False,
            ("yes", "no"),
        ),
    ),
    required=True,
)

BUDGET_PERIODS = SheetSchema(
    "Budget periods",
    "The budget periods of each award and the federal funds obligated for each.",
    (
        Column(
            "fain",
            "FAIN",
            "text",
            "An award of the Awards sheet. Empty: the only one.",
            False,
            example="90ZV0101",
            synonyms=AWARD_NUMBER,
        ),
        Column("label", "Budget period", "text", "Its name in reports.", example="Year 1"),
        Column(
            "start",
            "Start",
            "date",
            "First day. Empty: that of the award, if this is its only one.",
            False,
            example="2011-10-01",
            synonyms=FIRST_DAY,
        ),
        Column(
            "end",
            "End",
            "date",
            "Last day. Empty: that of the award, if this is its only one.",
            False,
            example="2012-09-30",
            synonyms=LAST_DAY,
        ),
        Column(
            "amount",
            "Amount",
            "money",
            "Federal funds obligated, in dollars; amendments give later totals.",
            example="500000.00",
            synonyms=("Obligated", "Amount obligated", "Obligated amount"),
        ),
        published_column("the date of the award"),
    ),
    required=True,
)

SUBAWARDS = SheetSchema(
    "Subawards",
    "Subawards, each under an award or under another subaward.",
    (
        Column(
            "id", "Subaward", "text", "Its number.", example="S-01", shape="subaward number", synonyms=SUBAWARD_NUMBER
        ),
        Column(
            "parent",
            "Under",
            "text",
            "The FAIN, or the subaward under which it is made. Empty: the only award.",
            False,
            example="90ZV0101",
            synonyms=("Parent", "Parent award"),
        ),
        Column(
            "subrecipient",
            "Subrecipient",
            "text",
            "An organization of the Organizations sheet.",
            example="SUB-A",
            synonyms=("Subawardee", "Subgrantee"),
        ),
        Column(
            "start",
            "Start",
            "date",
            "First day of the subaward's period. Empty: that of the award.",
            False,
            example="2011-10-01",
            synonyms=FIRST_DAY,
        ),
        Column(
            "end",
            "End",
            "date",
            "Last day of the subaward's period. Empty: that of the award.",
            False,
            example="2012-09-30",
            synonyms=LAST_DAY,
        ),
        Column(
            "amount",
            "Amount",
            "money",
            "Obligated, in dollars. Empty: no ceiling of its own.",
            False,
            example="120000.00",
            synonyms=("Obligated", "Amount obligated", "Obligated amount"),
        ),
        published_column("the first day of the subaward"),
        Column(
            "reported_by",
            "Reported by",
            "text",
            "The organization whose caseload reports for it; several with semicolons between. Empty: the subrecipient.",
            False,
            example="",
            synonyms=("Reporter", "Reporting organization"),
        ),
    ),
)

AMENDMENTS = SheetSchema(
    "Amendments",
    "Later totals and ends of a budget period or a subaward: supplements, carry-over, extensions.",
    (
        Column("of", "Award or subaward", "text", "A FAIN or a subaward number.", example="90ZV0101"),
        Column(
            "label",
            "Budget period",
            "text",
            "Which budget period, for an award. Empty for a subaward, or for the end of the award.",
            False,
            example="Year 1",
        ),
        Column(
            "reference", "Amendment", "text", "Its number.", example="1", synonyms=("Amendment number", "Amendment no.")
        ),
        Column(
            "amount",
            "New total",
            "money",
            "The new total in dollars, not the difference. Empty: unchanged.",
            False,
            example="550000.00",
        ),
        Column(
            "effective",
            "Effective",
            "date",
            "From which day of service it holds.",
            example="2012-04-01",
            synonyms=EFFECTIVE,
        ),
        published_column("the report date"),
        Column("end", "New end", "date", "The new last day, of an extension. Empty: unchanged.", False),
        Column(
            "kind",
            "Kind",
            "word",
            "What it is. The rows of one carry-over leave the sum of the budget periods unchanged.",
            False,
            AMENDMENT_KINDS,
        ),
    ),
)

AREAS = SheetSchema(
    "Areas",
    "Who serves which HHS region or State, from which day.",
    (
        Column("holder", "Award or subaward", "text", "A FAIN or a subaward number.", example="90ZV0101"),
        Column("place", "Place", "place", "A region (Region 4) or a State or territory.", example="Region 4"),
        Column(
            "serves",
            "Serves",
            "yes_no",
            "yes from this day, or no from this day.",
            choices=("yes", "no"),
            example="yes",
        ),
        Column("effective", "Effective", "date", "From which day.", example="2011-10-01", synonyms=EFFECTIVE),
        published_column("the report date"),
    ),
)

TERMS = SheetSchema(
    "Terms",
    "What the program's terms leave to the award: exactly those keys, each with its dates and its source.",
    (
        Column(
            "fain",
            "FAIN",
            "text",
            "An award of the Awards sheet. Empty: the only one.",
            False,
            example="90ZV0101",
            synonyms=AWARD_NUMBER,
        ),
        Column("term", "Term", "term", "The key that the terms leave open.", example="rate.certified"),
        Column(
            "value",
            "Value",
            "value",
            "A number (dollars, months) or a word of the terms' vocabulary.",
            example="500.00",
        ),
        Column(
            "effective",
            "Effective",
            "date",
            "From which day of service it holds. Empty: the first day of the award.",
            False,
            example="2011-10-01",
            synonyms=EFFECTIVE,
        ),
        Column(
            "published",
            "Published",
            "date",
            "The day on which it could first be known. Empty: the date of the award.",
            False,
            example="2011-09-30",
            synonyms=PUBLISHED,
        ),
        Column(
            "source",
            "Source",
            "text",
            "What says so. Empty: the source of the award.",
            False,
            example="Award letter (illustrative)",
        ),
    ),
)

DISALLOWANCES = SheetSchema(
    "Disallowances",
    "What of the billed cost is not allowed, by service month. Billing takes it off before ceilings.",
    (
        Column("subaward", "Subaward", "text", "A subaward number, or a FAIN.", example="S-01"),
        Column("service", "Service", "term", "As the terms name it.", example="case_management"),
        Column("month", "Month", "month", "The service month.", example="2012-03"),
        Column("amount", "Amount", "money", "Disallowed, in dollars; negative to take it back.", example="250.00"),
        Column("reference", "Reference", "text", "Of the decision; the same to take it back.", example="D-1"),
        published_column("the report date"),
    ),
)

BOOKS = SheetSchema(
    "Books",
    "Figures of the recipient's books, to date, for the request and the financial report.",
    (
        Column("fain", "FAIN", "text", "An award of the Awards sheet.", example="90ZV0101"),
        Column("label", "Budget period", "text", "One of the award's own.", example="Year 1"),
        Column("figure", "Figure", "word", "Which figure.", choices=tuple(FINANCIALS), example="cash_receipts"),
        Column("value", "Value", "ratio", "Dollars, or a ratio like 0.75, 75% or 1/2.2.", example="250000.00"),
        Column("effective", "Effective", "date", "To the end of which day.", example="2012-03-31"),
        published_column("the report date"),
    ),
)

FORM_ENTRIES_SHEET = SheetSchema(
    "Form entries",
    "What stands in the boxes of the SF-270 and SF-425 besides amounts, award by award.",
    (
        Column("fain", "FAIN", "text", "An award of the Awards sheet.", example="90ZV0101", synonyms=AWARD_NUMBER),
        Column("entry", "Entry", "word", "Which entry.", choices=tuple(FORM_ENTRIES), example="basis"),
        Column("value", "Value", "text", "What the box says.", example="accrual"),
        published_column("the report date"),
    ),
)

AWARD_SHEETS = (
    DOCUMENT,
    ORGANIZATIONS,
    AWARDS,
    BUDGET_PERIODS,
    SUBAWARDS,
    AMENDMENTS,
    AREAS,
    TERMS,
    DISALLOWANCES,
    BOOKS,
    FORM_ENTRIES_SHEET,
)
