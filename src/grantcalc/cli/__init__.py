"""The command `grantcalc`. Its exit statuses stand in `grantcalc.cli.statuses`."""

from grantcalc.cli import (
    audit,
    award,
    billing,
    closing,
    directory,
    figures,
    ledger,
    outreach,
    posting,
    proofs,
    recorded,
    request,
    sampling,
    statements,
)
from grantcalc.cli.group import main

__all__ = [
    "audit",
    "award",
    "billing",
    "closing",
    "directory",
    "figures",
    "ledger",
    "main",
    "outreach",
    "posting",
    "proofs",
    "recorded",
    "request",
    "sampling",
    "statements",
]
