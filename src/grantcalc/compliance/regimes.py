"""Which federal rules hold for an award, and the figures in them: by agency and day of award, never
by date alone.

The figures stand in regimes.toml, each with both dates and its citation. An agency that the file
does not name, or a day for which no text was at hand, has no rule: nothing is tested then, and that
is said.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

from attrs import frozen

from grantcalc.errors import Unknown
from grantcalc.known import Fact, Series
from grantcalc.money import parse_amount, whole_cents
from grantcalc.provenance import Authority, Source
from grantcalc.terms.vocabulary import one_of

REGIMES_FILE = "regimes.toml"

RegimeValue: TypeAlias = int | str | Fraction
"""Cents, days, years or a number of elements; a word; or a share."""


@frozen
class Regimes:
    """Agencies by the names that they go by, wider agencies, and the values of each rule by
    agency."""

    names: Mapping[str, str]
    within: Mapping[str, str]
    titles: Mapping[str, str]
    rules: Mapping[str, Mapping[str, Series[RegimeValue]]]

    def agency(self, text: str) -> str | None:
        """The agency that a text names, such as `HHS/ACF`: the narrowest that is known; None where
        none is."""
        parts = [part.strip().casefold() for part in text.split("/")]
        for length in range(len(parts), 0, -1):
            agency = self.names.get("/".join(parts[:length]))
            if agency:
                return agency
        return None

    def find(self, rule: str, agency: str, day: date, known: date) -> Fact[RegimeValue] | None:
        """The value of a rule for an award that this agency made on this day, as known; None where
        there is none.

        What an agency has of its own goes before what the wider agency has. `Unknown` for a rule
        that is none.
        """
        if rule not in self.rules:
            raise Unknown("rule", one_of(self.rules), length=len(rule))
        at = self.agency(agency)
        while at:
            series = self.rules[rule].get(at)
            fact = series.find(day, known) if series else None
            if fact is not None:
                return fact
            at = self.within.get(at)
        return None


@cache
def load_regimes() -> Regimes:
    """The regimes that ship with the library."""
    text = (resources.files("grantcalc") / "compliance" / REGIMES_FILE).read_text("utf-8")
    document = tomllib.loads(text, parse_float=Decimal)
    agencies: Mapping[str, Any] = document["agencies"]
    cites = {key: Authority(**said) for key, said in document["cite"].items()}
    rules: dict[str, dict[str, Series[RegimeValue]]] = {}
    for rule, table in document["rules"].items():
        facts: dict[str, list[Fact[Any]]] = {}
        for entry in table["values"]:
            fact = Fact(
                None if entry.get("ends") else _value(entry["value"]),
                entry["effective"],
                entry["published"],
                cites[entry["cite"]],
                Source(REGIMES_FILE, rule),
            )
            facts.setdefault(entry["agency"], []).append(fact)
        rules[rule] = {agency: Series(table["title"], series) for agency, series in facts.items()}
    return Regimes(
        {name.casefold(): id for id, agency in agencies.items() for name in agency["names"]},
        {id: agency["within"] for id, agency in agencies.items() if "within" in agency},
        {rule: table["title"] for rule, table in document["rules"].items()},
        rules,
    )


def _value(value: int | str | Decimal) -> RegimeValue:
    """`30000.00 USD` as cents, a share exactly, and what else stands there as it is."""
    if isinstance(value, Decimal):
        return Fraction(value)
    return whole_cents(parse_amount(value)) if isinstance(value, str) and value.endswith(" USD") else value
