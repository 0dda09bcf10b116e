"""The sheets of the award workbook and of the caseload workbook, column by column.

One declaration serves the templates, the reader and the documentation (docs/workbooks.md is checked against it).
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from grantcalc.terms.vocabulary import LETTERS

Kind = Literal["text", "pseudonym", "word", "date", "month", "months", "money", "count", "place", "value", "yes_no"]


@frozen
class Column:
    """One column: how it is headed, what a cell holds, whether it may be empty, and a note for the person who fills
    it."""

    key: str
    header: str
    kind: Kind
    note: str
    required: bool = True
    choices: tuple[str, ...] = ()
    example: object = ""
    shape: str = ""


@frozen
class Layout:
    """One sheet of an input workbook; `required` says whether the workbook must have it."""

    sheet: str
    note: str
    columns: tuple[Column, ...]
    required: bool = False


def _published(default: str) -> Column:
    return Column(
        "published", "Published", "date", f"The day on which this could first be known. Empty: {default}.", False
    )


DOCUMENT = Layout(
    "Document",
    "One row that says what this workbook is and as of which day.",
    (
        Column("issuer", "Issuer", "text", "The organization that keeps this workbook.", example="SUB-A"),
        Column("report_date", "Report date", "date", "As of which day the workbook is complete.", example="2012-10-15"),
        Column(
            "label",
            "Label",
            "text",
            "Printed on every page made from it, such as ILLUSTRATIVE.",
            False,
            example="ILLUSTRATIVE",
        ),
    ),
    required=True,
)

ORGANIZATIONS = Layout(
    "Organizations",
    "Every organization that is a recipient or a subrecipient.",
    (
        Column("id", "Organization", "text", "A short id of your own, used in the other sheets.", example="SUB-A"),
        Column("name", "Name", "text", "Its legal name.", example="Subrecipient A (illustrative)"),
        Column(
            "uei", "UEI", "text", "Unique Entity Identifier, 12 letters and digits.", False, example="", shape="UEI"
        ),
        Column("ein", "EIN", "text", "Employer Identification Number, 9 digits.", False, example="", shape="EIN"),
        Column(
            "state",
            "State",
            "place",
            "Where it works: a State or territory. It places its lines in a region.",
            False,
            example="TX",
        ),
    ),
    required=True,
)

AWARDS = Layout(
    "Awards",
    "Federal awards, one row each.",
    (
        Column("fain", "FAIN", "text", "Federal award number.", example="90ZV0101", shape="FAIN"),
        Column("recipient", "Recipient", "text", "An organization of the Organizations sheet.", example="PRIME"),
        Column("agency", "Agency", "text", "The federal awarding agency.", example="HHS/ACF"),
        Column("listing", "Assistance Listing", "text", "Like 93.598.", example="93.598", shape="Assistance Listing"),
        Column("awarded", "Awarded", "date", "Date of the award.", example="2011-09-30"),
        Column("start", "Start", "date", "First day of the period of performance.", example="2011-10-01"),
        Column("end", "End", "date", "Last day of the period of performance.", example="2012-09-30"),
        Column(
            "terms",
            "Terms",
            "text",
            "Id of published terms, or the name of a terms file beside this workbook.",
            example="tvap-2018",
        ),
    ),
    required=True,
)

BUDGET_PERIODS = Layout(
    "Budget periods",
    "The budget periods of each award and the federal funds obligated for each.",
    (
        Column("fain", "FAIN", "text", "An award of the Awards sheet.", example="90ZV0101"),
        Column("label", "Budget period", "text", "Its name in reports.", example="Year 1"),
        Column("start", "Start", "date", "First day.", example="2011-10-01"),
        Column("end", "End", "date", "Last day.", example="2012-09-30"),
        Column(
            "amount",
            "Amount",
            "money",
            "Federal funds obligated, in dollars; amendments give later totals.",
            example="500000.00",
        ),
        _published("the date of the award"),
    ),
    required=True,
)

SUBAWARDS = Layout(
    "Subawards",
    "Subawards, each under an award or under another subaward.",
    (
        Column("id", "Subaward", "text", "Its number.", example="S-01", shape="subaward number"),
        Column("parent", "Under", "text", "The FAIN, or the subaward under which it is made.", example="90ZV0101"),
        Column("subrecipient", "Subrecipient", "text", "An organization of the Organizations sheet.", example="SUB-A"),
        Column("start", "Start", "date", "First day of the subaward's period.", example="2011-10-01"),
        Column("end", "End", "date", "Last day of the subaward's period.", example="2012-09-30"),
        Column(
            "amount",
            "Amount",
            "money",
            "Obligated, in dollars. Empty: no ceiling of its own.",
            False,
            example="120000.00",
        ),
        _published("the first day of the subaward"),
    ),
)

AMENDMENTS = Layout(
    "Amendments",
    "Later totals of a budget period or of a subaward.",
    (
        Column("of", "Award or subaward", "text", "A FAIN or a subaward number.", example="90ZV0101"),
        Column(
            "label",
            "Budget period",
            "text",
            "Which budget period, for an award. Empty for a subaward.",
            False,
            example="Year 1",
        ),
        Column("reference", "Amendment", "text", "Its number.", example="1"),
        Column("amount", "New total", "money", "The new total in dollars, not the difference.", example="550000.00"),
        Column("effective", "Effective", "date", "From which day of service it holds.", example="2012-04-01"),
        _published("the report date"),
    ),
)

AREAS = Layout(
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
        Column("effective", "Effective", "date", "From which day.", example="2011-10-01"),
        _published("the report date"),
    ),
)

TERMS = Layout(
    "Terms",
    "What the programme's terms leave to the award: exactly those keys, each with its dates and its source.",
    (
        Column("fain", "FAIN", "text", "An award of the Awards sheet.", example="90ZV0101"),
        Column("term", "Term", "text", "The key that the terms leave open.", example="rate.certified"),
        Column(
            "value",
            "Value",
            "value",
            "A number (dollars, months) or a word of the terms' vocabulary.",
            example="500.00",
        ),
        Column("effective", "Effective", "date", "From which day of service it holds.", example="2011-10-01"),
        Column("published", "Published", "date", "The day on which it could first be known.", example="2011-09-30"),
        Column("source", "Source", "text", "What says so.", example="Award letter (illustrative)"),
    ),
)

PARTICIPANTS = Layout(
    "Participants",
    "Every participant ever served, by pseudonym. No name, date of birth, SSN or A-number, in any form.",
    (
        Column(
            "participant",
            "Participant",
            "pseudonym",
            "Your own code with a digit in it, meaningless elsewhere.",
            example="P-0001",
        ),
        Column(
            "age_group",
            "Age group",
            "word",
            "adult or child, at registration.",
            choices=("adult", "child"),
            example="adult",
        ),
        Column("arrived", "Arrived", "date", "Day of arrival, where a rule goes by it.", False),
        Column("eligible", "Eligible", "date", "Day of eligibility, where a rule goes by it.", False),
    ),
)

LETTERS_SHEET = Layout(
    "Letters",
    "HHS letters. They make the phases.",
    (
        Column("participant", "Participant", "pseudonym", "A participant of the Participants sheet.", example="P-0001"),
        Column("kind", "Letter", "word", "Kind of letter.", choices=LETTERS, example="certification_letter"),
        Column("start", "Date", "date", "Date of the letter.", example="2012-02-14"),
        Column("end", "Ends", "date", "Its last day, for a letter that ends.", False),
        _published("the report date"),
    ),
)

HOUSEHOLDS = Layout(
    "Households",
    "Days on which eligible family lived in the participant's household.",
    (
        Column("participant", "Participant", "pseudonym", "A participant of the Participants sheet.", example="P-0001"),
        Column("start", "From", "date", "First day.", example="2012-03-01"),
        Column("end", "To", "date", "Last day. Empty: still so.", False),
        Column(
            "family",
            "Family members",
            "count",
            "Number of eligible family members besides the participant.",
            example="2",
        ),
        _published("the report date"),
    ),
)

ENROLLMENT = Layout(
    "Enrollment",
    "Days on which a participant is enrolled at a subaward.",
    (
        Column("participant", "Participant", "pseudonym", "A participant of the Participants sheet.", example="P-0001"),
        Column(
            "subaward",
            "Subaward",
            "text",
            "A subaward number, or the FAIN for the recipient's own service.",
            example="S-01",
        ),
        Column("start", "Start", "date", "First day enrolled.", example="2011-11-07"),
        Column("end", "End", "date", "Last day enrolled. Empty: still enrolled.", False),
        Column(
            "restored",
            "Restored",
            "yes_no",
            "yes for an enrollment restored after suspension, where terms ask.",
            False,
            ("yes", "no"),
        ),
        _published("the report date"),
    ),
)

COSTS = Layout(
    "Costs",
    "Actual costs of participants; credits are negative.",
    (
        Column("participant", "Participant", "pseudonym", "A participant of the Participants sheet.", example="P-0001"),
        Column("subaward", "Subaward", "text", "A subaward number, or the FAIN.", example="S-01"),
        Column(
            "service", "Service", "text", "A service of the terms paid at actual cost.", example="participant_expenses"
        ),
        Column(
            "category",
            "Category",
            "text",
            "A category of that service, where the terms list them.",
            False,
            example="food",
        ),
        Column("amount", "Amount", "money", "Dollars and cents; negative for a credit.", example="84.15"),
        Column("paid", "Paid on", "date", "Day paid.", example="2011-12-02"),
        Column(
            "months",
            "Service month",
            "months",
            "Like 2011-12, or 2011-12 to 2012-02. Empty: the month paid. A credit must say.",
            False,
            example="2011-12",
        ),
        Column(
            "reference",
            "Reference",
            "text",
            "Document reference of your own. Never leaves with a claim.",
            False,
            example="V-118",
        ),
        _published("the report date"),
    ),
)

COUNTS = Layout(
    "Counts",
    "Bare counts that a site reports, where rows of participants are not kept here.",
    (
        Column("subaward", "Subaward", "text", "A subaward number, or the FAIN.", example="S-01"),
        Column("service", "Service", "text", "A service of the terms paid by count.", example="enrollment"),
        Column("phase", "Phase", "text", "A phase of the terms, where they have several.", False),
        Column("month", "Month", "month", "Service month, like 2012-01.", example="2012-01"),
        Column("quantity", "Count", "count", "Persons or units.", example="12"),
        _published("the report date"),
    ),
)

AWARD_SHEETS = (DOCUMENT, ORGANIZATIONS, AWARDS, BUDGET_PERIODS, SUBAWARDS, AMENDMENTS, AREAS, TERMS)
CASELOAD_SHEETS = (DOCUMENT, PARTICIPANTS, LETTERS_SHEET, HOUSEHOLDS, ENROLLMENT, COSTS, COUNTS)
EXAMPLE_MARK = "EXAMPLE"
"""A row whose first cell begins with this word is an example and is not read."""
