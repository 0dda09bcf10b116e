"""The record sheets of the award workbook: what tests of the award ask and billing does not. All of
them may be left out."""

from __future__ import annotations

from grantcalc.compliance.record import AGREEMENTS, INDIRECT
from grantcalc.io.schemas.columns import Column, SheetSchema, published_column

AWARD_RECORD = SheetSchema(
    "Award record",
    "What an award says of itself, and what its agency requires. A test that misses a fact says so.",
    (
        Column("fain", "FAIN", "text", "An award of the Awards sheet.", example="90ZV0101"),
        Column("description", "Project description", "text", "As reported under FFATA.", False),
        Column("listing_title", "Listing title", "text", "Title of the Assistance Listing.", False),
        Column("research", "Research", "yes_no", "Is the award for research and development?", False, ("yes", "no")),
        Column("contact", "Contact", "text", "How the recipient's awarding official is reached.", False),
        Column("indirect", "Indirect cost", "word", "How indirect cost is charged.", False, INDIRECT),
        Column("indirect_rate", "Indirect rate", "number", "The rate of indirect cost, like 0.15 or 15%.", False),
        Column("cost_sharing", "Cost sharing", "yes_no", "Is cost sharing required?", False, ("yes", "no")),
        Column("transfers_restricted", "Transfers restricted", "yes_no", "Does the agency restrict transfers?", False,
               ("yes", "no")),
        Column("total_budget", "Total budget", "money", "As last approved, cost share included, in dollars.", False),
        Column("final_report", "Final report", "date", "Day of the final financial report. Empty: not yet.", False),
        Column("gross_income", "Gross income", "money", "Of the recipient's previous tax year, in dollars.", False),
    ),
)  # fmt: skip

SUBAWARD_RECORD = SheetSchema(
    "Subaward record",
    "What a subaward says, and when it was made and reported.",
    (
        Column("subaward", "Subaward", "text", "A subaward of the Subawards sheet.", example="S-01"),
        Column("made", "Made on", "date", "The day on which it was obligated.", False, example="2011-11-15"),
        Column("uei_on", "UEI given on", "date", "The day on which the subrecipient gave its UEI.", False),
        Column("agreement", "Agreement", "word", "A fixed amount, cost reimbursement, or both.", False, AGREEMENTS),
        Column("fixed", "Fixed amount", "money", "The part that is a fixed amount, in dollars.", False),
        Column("approved", "Approved on", "date", "The federal agency's prior approval of a fixed amount.", False),
        Column("reported", "Reported on", "date", "The day of the subaward report. Empty: not yet.", False),
        Column("budget_start", "Budget start", "date", "First day of its budget period.", False),
        Column("budget_end", "Budget end", "date", "Last day of its budget period.", False),
        Column("obligated_in_all", "Obligated in all", "money", "To the subrecipient, with this, in dollars.", False),
        Column("committed", "Committed", "money", "Of the award, to the subrecipient, in dollars.", False),
        Column("indirect", "Indirect cost", "word", "How indirect cost is charged.", False, INDIRECT),
        Column("indirect_rate", "Indirect rate", "number", "The rate of indirect cost, like 0.15 or 15%.", False),
        Column("final_report", "Final report", "date", "Day of its final financial report. Empty: not yet.", False),
    ),
)

BUDGET = SheetSchema(
    "Budget",
    "The approved budget of an award by category, subawards left out, since the Subawards sheet has them.",
    (
        Column("fain", "FAIN", "text", "An award of the Awards sheet.", example="90ZV0101"),
        Column("category", "Category", "term", "Such as personnel; indirect for indirect cost.", example="personnel"),
        Column("amount", "Amount", "money", "Dollars.", example="120000.00"),
        Column("in_mtdc", "In MTDC", "yes_no", "Does modified total direct cost count it?", True, ("yes", "no"), "yes"),
        published_column("the report date"),
    ),
)

TRANSFERS = SheetSchema(
    "Transfers",
    "Funds moved among the direct cost categories of an award's budget.",
    (
        Column("fain", "FAIN", "text", "An award of the Awards sheet.", example="90ZV0101"),
        Column("on", "Moved on", "date", "The day.", example="2012-03-02"),
        Column("amount", "Amount", "money", "Dollars, above zero.", example="5000.00"),
        Column("approved", "Approved on", "date", "The agency's approval. Empty: none.", False),
        Column("reference", "Reference", "text", "Of the transfer; a number of your own.", False, example="T-1"),
    ),
)

FISCAL_YEARS = SheetSchema(
    "Fiscal years",
    "What organizations expend of federal awards in their fiscal years.",
    (
        Column("organization", "Organization", "text", "One of the Organizations sheet.", example="SUB-A"),
        Column("start", "Start", "date", "First day of the organization's fiscal year.", example="2011-10-01"),
        Column("expended", "Expended", "money", "Federal awards expended in it, in dollars.", example="640000.00"),
        Column("audited", "Audited on", "date", "The day of the audit report. Empty: none.", False),
        Column("submitted", "Submitted on", "date", "The day of the reporting package. Empty: not yet.", False),
        Column("for_profit", "For profit", "yes_no", "Is it a for-profit organization?", False, ("yes", "no")),
    ),
)

RECORD_SHEETS = (AWARD_RECORD, SUBAWARD_RECORD, BUDGET, TRANSFERS, FISCAL_YEARS)
"""Sheets that an award workbook may have besides."""
