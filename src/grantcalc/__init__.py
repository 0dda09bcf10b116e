"""grantcalc: per-capita reimbursements of U.S. grant programs, with the reason for every cent.

The one path is read → bill → post → request → write → verify. This module exports that path, its
values and its refusals; the public modules have the rest, each in its `__all__`. Whatever is in
none of them may move. Amounts are `Money` in USD at the borders and integers of cents inside; days
are `datetime.date`.

A name is imported when it is first asked for (PEP 562), so that a program pays only for what it
uses. `__init__.pyi` says the same to type checkers; a test compares the two.
"""

from importlib import import_module

_HOMES = {
    "audit": "Verdict explain_cell verify",
    "billing": "Caseload Claim Line Reduction bill",
    "eligibility": "Participant",
    "errors": "Finding GrantcalcError Inexact NotInForce Place Rejected TermsRejected Unknown WorkbookRejected",
    "io": "from_json read_award read_caseload read_claim to_frame to_json write_claim write_request write_template",
    "ledger": "Ledger Request Unpostable adjust requests",
    "money": "Money",
    "network": "Network",
    "periods": "Interval Month",
    "progress": "show_progress",
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
