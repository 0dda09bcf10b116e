"""What was posted, entry by entry, and what is asked for: requests, adjustments and sums."""

from grantcalc.ledger.adjustments import Adjustments, adjust
from grantcalc.ledger.asking import Asked, ask
from grantcalc.ledger.entries import (
    Approved,
    Change,
    Closed,
    ClosedOut,
    Entry,
    Held,
    Part,
    Posting,
    Received,
    Released,
    Requested,
    Unpostable,
    Voided,
)
from grantcalc.ledger.federal import FederalShare
from grantcalc.ledger.forecast import Forecast, ForecastMonth, Funds, forecast
from grantcalc.ledger.ledger import Ledger, PostedFigures
from grantcalc.ledger.requests import Request, assemble, request, requests
from grantcalc.ledger.rollup import Total, roll_up
from grantcalc.ledger.since import SinceLast, since_last
from grantcalc.ledger.statements import (
    AdjustmentSum,
    AskedPart,
    HeldSum,
    Statement,
    StatementMonth,
    statement_of,
    statements,
)

__all__ = [
    "AdjustmentSum",
    "Adjustments",
    "Approved",
    "Asked",
    "AskedPart",
    "Change",
    "Closed",
    "ClosedOut",
    "Entry",
    "FederalShare",
    "Forecast",
    "ForecastMonth",
    "Funds",
    "Held",
    "HeldSum",
    "Ledger",
    "Part",
    "PostedFigures",
    "Posting",
    "Received",
    "Released",
    "Request",
    "Requested",
    "SinceLast",
    "Statement",
    "StatementMonth",
    "Total",
    "Unpostable",
    "Voided",
    "adjust",
    "ask",
    "assemble",
    "forecast",
    "request",
    "requests",
    "roll_up",
    "since_last",
    "statement_of",
    "statements",
]
