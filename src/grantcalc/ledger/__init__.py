"""What was posted, entry by entry, and what is asked for: requests, adjustments and sums."""

from grantcalc.ledger.adjustments import Adjustments, adjust
from grantcalc.ledger.asking import Asked, ask
from grantcalc.ledger.entries import (
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

__all__ = [
    "Adjustments",
    "Asked",
    "Change",
    "Closed",
    "ClosedOut",
    "Entry",
    "FederalShare",
    "Forecast",
    "ForecastMonth",
    "Funds",
    "Held",
    "Ledger",
    "Part",
    "PostedFigures",
    "Posting",
    "Received",
    "Released",
    "Request",
    "Requested",
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
]
