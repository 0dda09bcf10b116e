"""The command `grantcalc`. Its exit statuses stand in `grantcalc.cli.statuses`."""

from grantcalc.cli import (
    audit,
    award,
    billing,
    demo,
    directory,
    figures,
    forecast,
    ledger,
    move,
    next_month,
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
    "demo",
    "directory",
    "figures",
    "forecast",
    "ledger",
    "main",
    "move",
    "next_month",
    "outreach",
    "posting",
    "proofs",
    "recorded",
    "request",
    "sampling",
    "statements",
]
