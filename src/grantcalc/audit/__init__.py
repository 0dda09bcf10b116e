"""Whether an issued workbook matches its inputs, and why a cell holds what it holds."""

from grantcalc.audit.amount_tree import AmountTree
from grantcalc.audit.explain import Explanation, explain_cell, explanation_of
from grantcalc.audit.ledger_entries import Unrecorded, unrecorded
from grantcalc.audit.regenerate import AmountChange, Regenerated, regenerate
from grantcalc.audit.signed import signer_of
from grantcalc.audit.verify import Difference, Verdict, verify
from grantcalc.signatures import Uncheckable, Unsigned

__all__ = [
    "AmountChange",
    "AmountTree",
    "Difference",
    "Explanation",
    "Regenerated",
    "Uncheckable",
    "Unrecorded",
    "Unsigned",
    "Verdict",
    "explain_cell",
    "explanation_of",
    "regenerate",
    "signer_of",
    "unrecorded",
    "verify",
]
