"""Whether an issued workbook matches its inputs, and why a cell holds what it holds."""

from grantcalc.audit.explain import explain_cell
from grantcalc.audit.ledger_entries import Unrecorded, unrecorded
from grantcalc.audit.regenerate import AmountChange, Regenerated, regenerate
from grantcalc.audit.signed import signer_of
from grantcalc.audit.verify import Difference, Verdict, verify
from grantcalc.signatures import Uncheckable, Unsigned

__all__ = [
    "AmountChange",
    "Difference",
    "Regenerated",
    "Uncheckable",
    "Unrecorded",
    "Unsigned",
    "Verdict",
    "explain_cell",
    "regenerate",
    "signer_of",
    "unrecorded",
    "verify",
]
