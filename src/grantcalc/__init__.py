"""grantcalc: per-capita reimbursements of U.S. grant programs, with the reason for every cent.

The one path is read → bill → post → request → write → verify. What this module exports is the public API; all else may
move. Amounts are `Money` in USD at the borders and integers of cents inside; days are `datetime.date`.

A name is imported when it is first asked for (PEP 562), so that a program pays only for what it uses. `__init__.pyi`
says the same to type checkers; a test compares the two.
"""

from importlib import import_module

_HOMES = {
    "awards": "Amendment Award BudgetPeriod Disallowance BooksFigure Organization Subaward",
    "ledger.entries": "Change Entry",
    "ledger.adjustments": "Adjustments adjust",
    "ledger.asking": "Asked ask",
    "billing.caseload": "Absence Caseload Cost Count DisallowedCost Enrollment Household OpeningBalance Registration "
    "SiteFigure UnitsUsed",
    "cases": "Case Worked worked_cases",
    "billing.claims": "Claim Party bill",
    "billing.comparison": "Changed Comparison compare what_if",
    "forms": "Form FormLine sf270 sf425",
    "ledger.ledger": "Ledger Unpostable",
    "billing.lines": "Line Reduction",
    "billing.reasons": "Reason",
    "ledger.requests": "Request assemble request requests",
    "ledger.rollup": "Total roll_up",
    "compliance.check": "check_awards",
    "compliance.results": "ComplianceReport CheckResult",
    "compliance.record": "ComplianceRecord",
    "eligibility": "Letter Participant",
    "errors": "Finding GrantcalcError Inexact NotInForce Place Rejected TermsRejected Unknown WorkbookRejected",
    "audit.explain": "explain_cell",
    "audit.regenerate": "regenerate",
    "audit.verify": "Difference Verdict verify",
    "io.exchange.documents": "from_json to_json",
    "io.exchange.frames": "to_frame",
    "io.exchange.journal": "from_lines to_lines",
    "io.exchange.store": "StaleHead Store Unstored",
    "io.inputs": "read_award read_caseload read_claim read_directory read_letters read_outreach read_record "
    "read_workbooks",
    "io.intake.annotate": "mark",
    "io.intake.templates": "write_template",
    "io.issued.claimbook": "write_claim",
    "io.issued.compliance_report": "write_due write_order",
    "io.issued.requestbook": "write_request",
    "xlsx.reader": "collect_warnings",
    "disclosure.exports": "check_export",
    "known": "Fact Series",
    "money": "Money Rate plain split",
    "network": "Area Network",
    "periods": "Interval Month",
    "progress": "show_progress",
    "provenance": "Authority Source",
    "regions": "JURISDICTIONS REGIONS Jurisdiction Region jurisdiction region",
    "terms": "Filling Terms fill_terms load_terms published_terms read_terms",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        value = version("grantcalc")
    elif name in _HOME:
        value = getattr(import_module(f"grantcalc.{_HOME[name]}"), name)
    else:
        raise AttributeError(f"module 'grantcalc' has no attribute {name!r}")
    globals()[name] = value  # the next time it is found at once
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
