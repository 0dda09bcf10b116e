# The public API as type checkers and editors read it; `__init__.py` imports each name when it is first asked for.

from grantcalc.awards import Amendment, Award, BudgetPeriod, Disallowance, Financial, Organization, Subaward
from grantcalc.billing.acts import Change, Entry
from grantcalc.billing.adjustments import Adjustments, adjust
from grantcalc.billing.asking import Asked, ask
from grantcalc.billing.caseload import (
    Absence,
    Caseload,
    Cost,
    Count,
    Enrollment,
    Figure,
    Household,
    Opening,
    Registration,
    Units,
)
from grantcalc.billing.cases import Case, Worked, worked_cases
from grantcalc.billing.claims import Claim, Party, bill
from grantcalc.billing.comparison import Changed, Comparison, compare, what_if
from grantcalc.billing.forms import Form, FormLine, sf270, sf425
from grantcalc.billing.ledger import Ledger, Unpostable
from grantcalc.billing.lines import Line, Reduction
from grantcalc.billing.reasons import Reason
from grantcalc.billing.requests import Request, assemble, request, requests
from grantcalc.billing.rollup import Total, roll_up
from grantcalc.compliance.check import check_awards
from grantcalc.compliance.outcomes import Order, Outcome
from grantcalc.compliance.record import Record
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import (
    Finding,
    GrantcalcError,
    Inexact,
    NotInForce,
    Place,
    Rejected,
    TermsRejected,
    Unknown,
    WorkbookRejected,
)
from grantcalc.io.audit.explain import explain_cell
from grantcalc.io.audit.regenerate import regenerate
from grantcalc.io.audit.verify import Difference, Verdict, verify
from grantcalc.io.exchange.documents import from_json, to_json
from grantcalc.io.exchange.frames import to_frame
from grantcalc.io.exchange.journal import from_lines, to_lines
from grantcalc.io.exchange.store import StaleHead, Store, Unstored
from grantcalc.io.inputs import (
    read_award,
    read_caseload,
    read_claim,
    read_directory,
    read_letters,
    read_outreach,
    read_record,
    read_workbooks,
)
from grantcalc.io.intake.marked import mark
from grantcalc.io.intake.templates import write_template
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.io.issued.orderbook import write_due, write_order
from grantcalc.io.issued.requestbook import write_request
from grantcalc.io.workbook.books import remarks
from grantcalc.io.workbook.exports import check_export
from grantcalc.known import Fact, Series
from grantcalc.money import Money, Rate, plain, split
from grantcalc.network import Area, Network
from grantcalc.periods import Interval, Month
from grantcalc.progress import show_progress
from grantcalc.provenance import Authority, Source
from grantcalc.regions import JURISDICTIONS, REGIONS, Jurisdiction, Region, jurisdiction, region
from grantcalc.terms import Filling, Terms, fill_terms, load_terms, published_terms, read_terms

__version__: str

__all__ = [
    "JURISDICTIONS",
    "REGIONS",
    "Absence",
    "Adjustments",
    "Amendment",
    "Area",
    "Asked",
    "Authority",
    "Award",
    "BudgetPeriod",
    "Case",
    "Caseload",
    "Change",
    "Changed",
    "Claim",
    "Comparison",
    "Cost",
    "Count",
    "Difference",
    "Disallowance",
    "Enrollment",
    "Entry",
    "Fact",
    "Figure",
    "Filling",
    "Financial",
    "Finding",
    "Form",
    "FormLine",
    "GrantcalcError",
    "Household",
    "Inexact",
    "Interval",
    "Jurisdiction",
    "Ledger",
    "Letter",
    "Line",
    "Money",
    "Month",
    "Network",
    "NotInForce",
    "Opening",
    "Order",
    "Organization",
    "Outcome",
    "Participant",
    "Party",
    "Place",
    "Rate",
    "Reason",
    "Record",
    "Reduction",
    "Region",
    "Registration",
    "Rejected",
    "Request",
    "Series",
    "Source",
    "StaleHead",
    "Store",
    "Subaward",
    "Terms",
    "TermsRejected",
    "Total",
    "Units",
    "Unknown",
    "Unpostable",
    "Unstored",
    "Verdict",
    "WorkbookRejected",
    "Worked",
    "adjust",
    "ask",
    "assemble",
    "bill",
    "check_awards",
    "check_export",
    "compare",
    "explain_cell",
    "fill_terms",
    "from_json",
    "from_lines",
    "jurisdiction",
    "load_terms",
    "mark",
    "plain",
    "published_terms",
    "read_award",
    "read_caseload",
    "read_claim",
    "read_directory",
    "read_letters",
    "read_outreach",
    "read_record",
    "read_terms",
    "read_workbooks",
    "regenerate",
    "region",
    "remarks",
    "request",
    "requests",
    "roll_up",
    "sf270",
    "sf425",
    "show_progress",
    "split",
    "to_frame",
    "to_json",
    "to_lines",
    "verify",
    "what_if",
    "worked_cases",
    "write_claim",
    "write_due",
    "write_order",
    "write_request",
    "write_template",
]
