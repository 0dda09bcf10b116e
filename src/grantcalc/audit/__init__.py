"""Whether an issued workbook matches its inputs, and why a cell holds what it holds."""

from grantcalc.audit.amount_tree import AmountTree
from grantcalc.audit.explain import Explanation, explain_cell, explanation_of
from grantcalc.audit.ledger_entries import Unrecorded, unrecorded
from grantcalc.audit.regenerate import AmountChange, Regenerated, regenerate
from grantcalc.audit.sample_book import draw_sample, project_sample, write_sample
from grantcalc.audit.sampling import Sample, SampledLine, SampleProjection
from grantcalc.audit.signed import signer_of
from grantcalc.audit.verify import Difference, Verdict, verify
from grantcalc.signatures import Uncheckable, Unsigned

__all__ = [
    "AmountChange",
    "AmountTree",
    "Difference",
    "Explanation",
    "Regenerated",
    "Sample",
    "SampleProjection",
    "SampledLine",
    "Uncheckable",
    "Unrecorded",
    "Unsigned",
    "Verdict",
    "draw_sample",
    "explain_cell",
    "explanation_of",
    "project_sample",
    "regenerate",
    "signer_of",
    "unrecorded",
    "verify",
    "write_sample",
]
