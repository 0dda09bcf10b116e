"""The sheets of the caseload workbook, which stays with the subrecipient."""

from __future__ import annotations

from grantcalc.io.schemas.columns import (
    AWARD_NUMBER,
    CODE,
    DOCUMENT,
    EFFECTIVE,
    FIRST_DAY,
    LAST_DAY,
    SUBAWARD_NUMBER,
    VOID,
    Column,
    SheetSchema,
    published_column,
)
from grantcalc.terms.vocabulary import LETTERS, STATUSES

PARTICIPANT = Column(
    "participant",
    "Participant",
    "pseudonym",
    "A participant of the Participants sheet.",
    example="P-0001",
    synonyms=CODE,
)

PARTICIPANTS = SheetSchema(
    "Participants",
    "Every participant ever served, by pseudonym. No name, date of birth, SSN or A-number, in any form.",
    (
        Column(
            "participant",
            "Participant",
            "pseudonym",
            "Your own code with a digit in it, meaningless elsewhere.",
            example="P-0001",
            synonyms=CODE,
        ),
        Column(
            "age_group",
            "Age group",
            "word",
            "adult or child, at registration.",
            choices=("adult", "child"),
            example="adult",
        ),
        Column(
            "arrived",
            "Arrived",
            "date",
            "Day of arrival, where a rule goes by it.",
            False,
            synonyms=("Arrival date", "Date of arrival"),
        ),
        Column(
            "eligible",
            "Eligible",
            "date",
            "Day of eligibility, where a rule goes by it.",
            False,
            synonyms=("Eligibility date", "Date of eligibility"),
        ),
    ),
)

STATUSES_SHEET = SheetSchema(
    "Statuses",
    "The status of each participant, where the terms say who is served.",
    (
        PARTICIPANT,
        Column(
            "status",
            "Status",
            "word",
            "The status that decides whether the terms serve the participant.",
            choices=STATUSES,
            example="other",
            synonyms=("Immigration status",),
        ),
        Column(
            "effective",
            "From",
            "date",
            "From which day; to the day before the next row of the participant.",
            example="2012-02-14",
            synonyms=FIRST_DAY,
        ),
        published_column("the report date"),
        VOID,
    ),
)

LETTERS_SHEET = SheetSchema(
    "Letters",
    "HHS letters. They make the phases.",
    (
        PARTICIPANT,
        Column(
            "kind",
            "Letter",
            "word",
            "Kind of letter.",
            choices=LETTERS,
            example="certification_letter",
            synonyms=("Letter type", "Type of letter", "Kind of letter"),
        ),
        Column(
            "start",
            "Date",
            "date",
            "Date of the letter.",
            example="2012-02-14",
            synonyms=("Letter date", "Date of letter"),
        ),
        Column("end", "Ends", "date", "Its last day, for a letter that ends.", False, synonyms=LAST_DAY),
        published_column("the report date"),
        VOID,
    ),
)

HOUSEHOLDS = SheetSchema(
    "Households",
    "Days on which eligible family lived in the participant's household.",
    (
        PARTICIPANT,
        Column("start", "From", "date", "First day.", example="2012-03-01", synonyms=FIRST_DAY),
        Column("end", "To", "date", "Last day. Empty: still so.", False, synonyms=LAST_DAY),
        Column(
            "family",
            "Family members",
            "count",
            "Number of eligible family members besides the participant.",
            example="2",
            synonyms=("Eligible family members",),
        ),
        Column(
            "minors",
            "Minor dependents",
            "count",
            "How many of them are minor dependents, where a rule asks.",
            False,
            synonyms=("Minor dependants",),
        ),
        published_column("the report date"),
        VOID,
    ),
)

ENROLLMENT = SheetSchema(
    "Enrollment",
    "Days on which a participant is enrolled at a subaward.",
    (
        PARTICIPANT,
        Column(
            "subaward",
            "Subaward",
            "text",
            "A subaward number, or the FAIN for the recipient's own service.",
            example="S-01",
            synonyms=SUBAWARD_NUMBER,
        ),
        Column("start", "Start", "date", "First day enrolled.", example="2011-11-07", synonyms=FIRST_DAY),
        Column("end", "End", "date", "Last day enrolled. Empty: still enrolled.", False, synonyms=LAST_DAY),
        Column(
            "restored",
            "Restored",
            "yes_no",
            "yes for an enrollment restored after suspension, where terms ask.",
            False,
            ("yes", "no"),
        ),
        Column("service", "Service", "term", "The service enrolled for. Empty: every service of the terms.", False),
        published_column("the report date"),
        VOID,
    ),
)

COSTS = SheetSchema(
    "Costs",
    "Actual costs of participants; credits are negative.",
    (
        Column(
            "participant",
            "Participant",
            "pseudonym",
            "A participant of the Participants sheet. Empty: a cost of the subaward as a whole.",
            False,
            example="P-0001",
            synonyms=CODE,
        ),
        Column(
            "subaward", "Subaward", "text", "A subaward number, or the FAIN.", example="S-01", synonyms=SUBAWARD_NUMBER
        ),
        Column(
            "service", "Service", "term", "A service of the terms paid at actual cost.", example="participant_expenses"
        ),
        Column(
            "category",
            "Category",
            "term",
            "A category of that service, where the terms list them.",
            False,
            example="food",
        ),
        Column(
            "amount",
            "Amount",
            "money",
            "Dollars and cents; negative for a credit.",
            example="84.15",
            synonyms=("Amount paid",),
        ),
        Column(
            "paid",
            "Paid on",
            "date",
            "Day paid.",
            example="2011-12-02",
            synonyms=("Date paid", "Day paid", "Payment date"),
        ),
        Column(
            "months",
            "Service month",
            "months",
            "Like 2011-12, or 2011-12 to 2012-02. Empty: the month paid. A credit must say.",
            False,
            example="2011-12",
            synonyms=("Service months", "Month of service", "Months of service"),
        ),
        Column(
            "reference",
            "Reference",
            "text",
            "Document reference of your own. Never leaves with a claim.",
            False,
            example="V-118",
            synonyms=("Document reference", "Reference number", "Reference no."),
        ),
        published_column("the report date"),
    ),
)

COUNTS = SheetSchema(
    "Counts",
    "Bare counts that a site reports, where rows of participants are not kept here.",
    (
        Column(
            "subaward", "Subaward", "text", "A subaward number, or the FAIN.", example="S-01", synonyms=SUBAWARD_NUMBER
        ),
        Column("service", "Service", "term", "A service of the terms paid by count.", example="enrollment"),
        Column("phase", "Phase", "term", "A phase of the terms, where they have several.", False),
        Column(
            "month",
            "Month",
            "month",
            "Service month, like 2012-01.",
            example="2012-01",
            synonyms=("Service month", "Month of service"),
        ),
        Column("quantity", "Count", "count", "Persons or units.", example="12", synonyms=("Quantity",)),
        Column("unit", "Unit", "term", "Which unit, where the rates tell units apart.", False),
        Column("rate_class", "Class", "term", "Which class, where the rates tell classes apart.", False),
        published_column("the report date"),
        VOID,
    ),
)

UNITS = SheetSchema(
    "Units",
    "Hours or units of a service that participants had, day by day, where a rule counts by them.",
    (
        Column("participant", "Participant", "pseudonym", "A participant of the Participants sheet.", synonyms=CODE),
        Column("subaward", "Subaward", "text", "A subaward number, or the FAIN.", synonyms=SUBAWARD_NUMBER),
        Column("service", "Service", "term", "A service of the terms counted by hours or units."),
        Column("day", "Day", "date", "Day of service.", synonyms=("Day of service", "Date of service", "Service date")),
        Column("quantity", "Quantity", "count", "Hours, or units."),
        Column("unit", "Unit", "term", "Which unit, where the rates tell units apart, such as lunch.", False),
        Column(
            "rate_class", "Class", "term", "Which class, where the rates tell classes apart, such as tier_1.", False
        ),
        published_column("the report date"),
        VOID,
    ),
)

ABSENCES = SheetSchema(
    "Absences",
    "Days on which an enrolled participant was away, where a rule is paid by the day.",
    (
        Column("participant", "Participant", "pseudonym", "A participant of the Participants sheet.", synonyms=CODE),
        Column("kind", "Kind", "word", "In hospital, or away otherwise.", choices=("hospital", "other")),
        Column("start", "From", "date", "First day without an overnight stay.", synonyms=FIRST_DAY),
        Column("end", "To", "date", "Last day without an overnight stay. Empty: still away.", False, synonyms=LAST_DAY),
        Column("hours", "Hours", "count", "Consecutive hours, where a rule goes by them. Empty: 24 a day.", False),
        published_column("the report date"),
        VOID,
    ),
)

FIGURES = SheetSchema(
    "Figures",
    "Figures of the site that a rule goes by, from a day on.",
    (
        Column("subaward", "Subaward", "text", "A subaward number, or the FAIN.", synonyms=SUBAWARD_NUMBER),
        Column("name", "Figure", "term", "As the terms name it, such as daily_cost, occupancy, maximum_enrollment."),
        Column("value", "Value", "number", "A number: dollars, persons, or a share such as 0.9."),
        Column("effective", "Effective", "date", "From which day it holds.", synonyms=EFFECTIVE),
        published_column("the report date"),
        VOID,
    ),
)

CHARACTERISTICS = SheetSchema(
    "Characteristics",
    "What a participant or a site is, from a day on, where the price of a service goes by it.",
    (
        Column("participant", "Participant", "pseudonym", "Whose it is. Empty: the site's.", False, synonyms=CODE),
        Column(
            "subaward",
            "Subaward",
            "text",
            "The site, where it is not a participant's.",
            False,
            synonyms=SUBAWARD_NUMBER,
        ),
        Column("characteristic", "Characteristic", "term", "As the terms name it, such as quality, age or income."),
        Column("word", "Word", "term", "One of the words that the terms list for it.", False),
        Column("number", "Number", "number", "Of a participant: a number, such as dollars a month.", False),
        Column("effective", "Effective", "date", "From which day it holds.", synonyms=EFFECTIVE),
        published_column("the report date"),
        VOID,
    ),
)

OPENINGS = SheetSchema(
    "Openings",
    "What was used of a participant's ceiling or paid months in a caseload kept apart.",
    (
        Column("participant", "Participant", "pseudonym", "A participant of the Participants sheet.", synonyms=CODE),
        Column("award", "FAIN", "text", "The award under which it was used.", synonyms=AWARD_NUMBER),
        Column("window", "Window", "text", "As claims name it: a budget period's name, FFY 2012, 2012, award.", False),
        Column("pool", "Pool", "word", "The pool of the amount.", False, ("direct", "administration")),
        Column("amount", "Amount used", "money", "Dollars that stand already in that window and pool.", False),
        Column("phase", "Phase", "term", "The phase of the months.", False),
        Column("months", "Months used", "count", "Months of that phase already paid.", False),
        Column("given_by", "From", "text", "Whose caseload it is of. What different ones give adds up.", False),
        published_column("the report date"),
        VOID,
    ),
)

ELSEWHERE_SHEET = SheetSchema(
    "Elsewhere",
    "Days on which a participant was enrolled under the award in a caseload kept apart. They earn nothing here.",
    (
        Column("participant", "Participant", "pseudonym", "A participant of the Participants sheet.", synonyms=CODE),
        Column("award", "FAIN", "text", "The award under which they were enrolled.", synonyms=AWARD_NUMBER),
        Column("start", "From", "date", "First day enrolled there.", synonyms=FIRST_DAY),
        Column("end", "To", "date", "Last day enrolled there. Empty: still enrolled there.", False, synonyms=LAST_DAY),
        Column("given_by", "Kept by", "text", "Whose caseload it is of.", False),
        published_column("the report date"),
        VOID,
    ),
)

DISALLOWED = SheetSchema(
    "Disallowed costs",
    "Whose or which cost a disallowance is about. Never leaves with a claim.",
    (
        Column("number", "Number", "text", "The reference of the decision on the Disallowances sheet.", example="D-1"),
        Column("participant", "Participant", "pseudonym", "Whose cost it is.", False, example="P-0001", synonyms=CODE),
        Column("reference", "Reference", "text", "The document reference of the cost.", False, example="V-118"),
        published_column("the report date"),
        VOID,
    ),
)

CASELOAD_SHEETS = (
    DOCUMENT,
    PARTICIPANTS,
    STATUSES_SHEET,
    LETTERS_SHEET,
    HOUSEHOLDS,
    ENROLLMENT,
    COSTS,
    COUNTS,
    UNITS,
    ABSENCES,
    FIGURES,
    CHARACTERISTICS,
    OPENINGS,
    ELSEWHERE_SHEET,
    DISALLOWED,
)
