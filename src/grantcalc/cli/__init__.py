"""The command `grantcalc`. Its exit statuses stand in `grantcalc.cli.statuses`."""

from grantcalc.cli import award, billing, desk, directory, ledger, outreach, recorded, request
from grantcalc.cli.group import main

__all__ = ["award", "billing", "desk", "directory", "ledger", "main", "outreach", "recorded", "request"]
