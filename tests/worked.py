"""Small terms and cases, written in a test as TOML and billed as worked cases are. All figures are
ILLUSTRATIVE."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal

from grantcalc.billing.claims import Claim
from grantcalc.cases import Case, _case
from grantcalc.terms import Rules, ServiceRules, Terms, read_terms, rules_as_known

KNOWN = date(2025, 1, 31)
AT = 'effective = 2024-01-01, published = 2023-12-01, cite = "m"'
HEAD = """
format = 1
id = "worked"
title = "ILLUSTRATIVE: terms of a test"
status = "illustrative"
effective = 2024-01-01
published = 2023-12-01
[cite]
m = "ILLUSTRATIVE: Manual"
"""
CARE = '[services.care]\ntitle = "Care"\npool = "administration"\ncite = "m"\n'
COSTS = '[services.costs]\ntitle = "Costs"\npool = "direct"\ncite = "m"\ncount = "actual_cost"\n'
RATE = 'rates = [{ value = "310.00 USD", @ }]\n'
SPRING = 'enrollments = [{ participant = "P-1", start = 2024-03-10, end = 2024-05-20 }]\n'
TWO = 'subawards = [{ id = "S-1" }, { id = "S-2" }]\n'
CHANGE = (
    'rates = [{ value = "310.00 USD", @ }, '
    '{ value = "620.00 USD", effective = 2024-03-21, published = 2024-03-01, cite = "m" }]\n'
)
PHASES = "[phases]\ncertified = ['certification_letter']\nwaiting = []\n"
PHASED = 'rates = [{ phase = "certified", value = "310.00 USD", @ }, { phase = "waiting", value = "620.00 USD", @ }]\n'
LETTER = 'letters = [{ participant = "P-1", kind = "certification_letter", start = 2024-03-21, end = 2024-04-15 }]\n'
MONTHS = 'months = [{ phase = "waiting", value = 1, @ }]\n'
MOVED = TWO + (
    'enrollments = [{ participant = "P-1", start = 2024-03-01, end = 2024-03-10 }, '
    '{ participant = "P-1", subaward = "S-2", start = 2024-03-11, end = 2024-03-31 }]\n'
)
HOUR = "daily_cap = [{ value = 8, @ }]\nhours_of_day = [{ value = 8, @ }]\n"
ABSENT = 'absence = [{ kind = "other", unit = "day", per = "stay", beyond = "cut", value = 3, @ }]\n'
UNITS = (
    'rates = [{ unit = "meal", class = "a", value = "3.15 USD", @ }, { unit = "meal", class = "b", '
    'value = "1.90 USD", @ }, { unit = "snack", value = "0.93 USD", @ }]\n'
)
DEFAULTS = """
title = "a test"
through = "2024-12"
known = 2025-01-31
award = { awarded = 2023-12-01, start = 2024-01-01, end = 2025-12-31 }
expect = {}
"""


def terms(text: str) -> Terms:
    """Terms from what differs: `@` stands for the two dates and the citation."""
    return read_terms(HEAD + text.replace("@", AT), "worked.toml")


def care(count: str, more: str = "", rate: str = RATE) -> str:
    """The terms of the service `care` under a policy, with a rate and what else its table says."""
    return f'{CARE}count = "{count}"\n{rate}{more}'


def phased(count: str, more: str = "") -> str:
    """The same with two phases, each with its rate."""
    return PHASES + care(count, more, PHASED)


def service(text: str) -> ServiceRules:
    """The rules of the service `care`, from what its table says."""
    return rules(CARE + text).services[0]


def rules(text: str) -> Rules:
    """The rules of terms, as known."""
    return rules_as_known(terms(text), KNOWN)


def case(of: str, rows: str) -> Case:
    """A case of such terms: one participant P-1, unless the rows say otherwise."""
    given = tomllib.loads(rows, parse_float=Decimal)
    return _case({**tomllib.loads(DEFAULTS), "participants": [{"id": "P-1"}], **given}, terms(of))


def billed(of: str, rows: str) -> Claim:
    """The claim of such a case."""
    return case(of, rows).claim()


def lines(claim: Claim) -> list[tuple[str, str, int]]:
    """Month, quantity and cents of each line."""
    return [
        (str(x.month), f"{x.quantity}" if x.divisor == 1 else f"{x.quantity}/{x.divisor}", x.amount)
        for x in claim.lines
    ]


def held(claim: Claim) -> list[tuple[str, str, int]]:
    """Ceiling, month and cents of what is held back."""
    return [(x.name, str(x.line.month), x.amount) for x in claim.reductions]
