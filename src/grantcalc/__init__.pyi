# The public API as type checkers and editors read it; `__init__.py` imports each name when it is first asked for.

from grantcalc.audit import Verdict, explain_cell, verify
from grantcalc.billing import Caseload, Claim, Line, Reduction, bill
from grantcalc.eligibility import Participant
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
from grantcalc.io import (
    from_json,
    read_award,
    read_caseload,
    read_claim,
    to_frame,
    to_json,
    write_claim,
    write_request,
    write_template,
)
from grantcalc.ledger import Ledger, Request, Unpostable, adjust, requests
from grantcalc.money import Money
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.progress import show_progress

__version__: str

__all__ = [
    "Caseload",
    "Claim",
    "Finding",
    "GrantcalcError",
    "Inexact",
    "Interval",
    "Ledger",
    "Line",
    "Money",
    "Month",
    "Network",
    "NotInForce",
    "Participant",
    "Place",
    "Reduction",
    "Rejected",
    "Request",
    "TermsRejected",
    "Unknown",
    "Unpostable",
    "Verdict",
    "WorkbookRejected",
    "adjust",
    "bill",
    "explain_cell",
    "from_json",
    "read_award",
    "read_caseload",
    "read_claim",
    "requests",
    "show_progress",
    "to_frame",
    "to_json",
    "verify",
    "write_claim",
    "write_request",
    "write_template",
]
