"""Whether an issued workbook matches its inputs, and why a cell holds what it holds."""

from grantcalc.audit.explain import explain_cell
from grantcalc.audit.regenerate import AmountChange, Regenerated, regenerate
from grantcalc.audit.verify import Difference, Verdict, verify

__all__ = [
    "AmountChange",
    "Difference",
    "Regenerated",
    "Verdict",
    "explain_cell",
    "regenerate",
    "verify",
]
