# The public API as type checkers and editors read it; `__init__.py` imports each name when it is first asked for.

from grantcalc.audit.explain import explain_cell
from grantcalc.audit.regenerate import regenerate
from grantcalc.audit.verify import Difference, Verdict, verify
from grantcalc.awards import Amendment, Award, BooksFigure, BudgetPeriod, Disallowance, Organization, Subaward
from grantcalc.billing.caseload import (
    Absence,
    Caseload,
    Cost,
    Count,
    DisallowedCost,
    Enrollment,
    Household,
    OpeningBalance,
    Registration,
    SiteFigure,
    UnitsUsed,
)
from grantcalc.billing.claims import Claim, Party, bill
from grantcalc.billing.comparison import Changed, Comparison, compare, what_if
from grantcalc.billing.lines import Line, Reduction
from grantcalc.billing.reasons import Reason
from grantcalc.cases import Case, Worked, worked_cases
from grantcalc.compliance.check import check_awards
from grantcalc.compliance.record import ComplianceRecord
from grantcalc.compliance.results import CheckResult, ComplianceReport
from grantcalc.disclosure.exports import check_export
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
from grantcalc.forms import Form, FormLine, sf270, sf425
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
from grantcalc.io.intake.annotate import mark
from grantcalc.io.intake.templates import write_template
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.io.issued.compliance_report import write_due, write_order
from grantcalc.io.issued.requestbook import write_request
from grantcalc.known import Fact, Series
from grantcalc.ledger.adjustments import Adjustments, adjust
from grantcalc.ledger.asking import Asked, ask
from grantcalc.ledger.entries import Change, Entry
from grantcalc.ledger.ledger import Ledger, Unpostable
from grantcalc.ledger.requests import Request, assemble, request, requests
from grantcalc.ledger.rollup import Total, roll_up
from grantcalc.money import Money, Rate, plain, split
from grantcalc.network import Area, Network
from grantcalc.periods import Interval, Month
from grantcalc.progress import show_progress
from grantcalc.provenance import Authority, Source
from grantcalc.regions import JURISDICTIONS, REGIONS, Jurisdiction, Region, jurisdiction, region
from grantcalc.terms import Filling, Terms, fill_terms, load_terms, published_terms, read_terms
from grantcalc.xlsx.reader import collect_warnings

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
    "BooksFigure",
    "BudgetPeriod",
    "Case",
    "Caseload",
    "Change",
    "Changed",
    "CheckResult",
    "Claim",
    "Comparison",
    "ComplianceRecord",
    "ComplianceReport",
    "Cost",
    "Count",
    "Difference",
    "Disallowance",
    "DisallowedCost",
    "Enrollment",
    "Entry",
    "Fact",
    "Filling",
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
    "OpeningBalance",
    "Organization",
    "Participant",
    "Party",
    "Place",
    "Rate",
    "Reason",
    "Reduction",
    "Region",
    "Registration",
    "Rejected",
    "Request",
    "Series",
    "SiteFigure",
    "Source",
    "StaleHead",
    "Store",
    "Subaward",
    "Terms",
    "TermsRejected",
    "Total",
    "UnitsUsed",
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
    "collect_warnings",
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
