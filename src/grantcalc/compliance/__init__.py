"""Tests of an award against its terms and the uniform guidance."""

from grantcalc.compliance.check import check_awards
from grantcalc.compliance.of_award import mtdc_of_subawards
from grantcalc.compliance.record import AwardRecord, BudgetLine, ComplianceRecord, FiscalYear, SubawardRecord, Transfer
from grantcalc.compliance.regimes import Regimes, RegimeValue, load_regimes
from grantcalc.compliance.results import CheckResult, ComplianceReport

__all__ = [
    "AwardRecord",
    "BudgetLine",
    "CheckResult",
    "ComplianceRecord",
    "ComplianceReport",
    "FiscalYear",
    "RegimeValue",
    "Regimes",
    "SubawardRecord",
    "Transfer",
    "check_awards",
    "load_regimes",
    "mtdc_of_subawards",
]
