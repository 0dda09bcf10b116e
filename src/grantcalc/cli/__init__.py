"""The command `grantcalc`. Exit status 0: done; 1: a document does not tell the truth; 2: refused, nothing was
written."""

from grantcalc.cli import award, billing, desk, directory, ledger, outreach, recorded, request
from grantcalc.cli.terminal import main

__all__ = ["award", "billing", "desk", "directory", "ledger", "main", "outreach", "recorded", "request"]
