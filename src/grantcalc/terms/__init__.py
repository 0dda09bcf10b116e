"""A program's rules as validated data: services, counting policies, rates, ceilings and shares.

A program is a TOML file (`grantcalc/programs/`, or one beside an award workbook), never a branch in
code. Each value has its effective date, its published date and its citation. What a program leaves
to the award is written `{ open = "key" }`; the award workbook's Terms sheet fills exactly those
keys. The format: docs/terms.md.
"""

from grantcalc.terms.reading import award_terms, fill_terms, load_terms, published_terms, read_terms, terms_here
from grantcalc.terms.rules import (
    CeilingRules,
    ProvisionRules,
    Rules,
    ServiceRules,
    ShareRules,
    TermUsed,
    rules_as_known,
    statement,
)
from grantcalc.terms.values import (
    Bound,
    Ceiling,
    Dimension,
    Filling,
    Open,
    Provision,
    RateKey,
    Service,
    ShareOfPool,
    Terms,
)

__all__ = [
    "Bound",
    "Ceiling",
    "CeilingRules",
    "Dimension",
    "Filling",
    "Open",
    "Provision",
    "ProvisionRules",
    "RateKey",
    "Rules",
    "Service",
    "ServiceRules",
    "ShareOfPool",
    "ShareRules",
    "TermUsed",
    "Terms",
    "award_terms",
    "fill_terms",
    "load_terms",
    "published_terms",
    "read_terms",
    "rules_as_known",
    "statement",
    "terms_here",
]
