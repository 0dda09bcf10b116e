"""Values of a terms file: dated facts, choices and what is open; every wrong key is a finding, gathered here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from grantcalc.errors import Finding, Inexact, Place, shown
from grantcalc.known import Fact, Series
from grantcalc.money import Rate, parse_amount, whole_cents
from grantcalc.provenance import NOWHERE, Authority, Source, Word
from grantcalc.terms.values import Filling, Open
from grantcalc.terms.vocabulary import CHOICES, one_of

T = TypeVar("T")

BY_DEFAULT = Authority("stated nowhere; the default of docs/terms.md")
_CHOICE_DEFAULTS = {"payee": "first", "phase_of_month": "first", "rate_by": "service_day", "family": "on_any_day"}


class Parser:
    """Reads values and gathers every finding, so that a person sees all of them at once."""

    def __init__(self, file: str, text: str, findings: list[Finding]) -> None:
        self.file, self.lines, self.findings = file, text.splitlines(), findings
        self.opens: dict[str, Open] = {}
        self.cites: Mapping[str, Authority] = {}
        self.dates: tuple[date, date] = (date.min, date.min)

    def entries(self, t: Mapping[str, Any], key: str, path: str, kind: Any) -> Iterator[tuple[Mapping[str, Any], str]]:
        found = t.get(key, [])
        for index, entry in enumerate(found if isinstance(found, list) else [found]):
            where = f"{path}.{key}[{index}]"
            table = self.table(entry, where)
            self.known_keys(table, where, "value effective published cite phase tier open optional filled")
            if "open" in table:
                self.open(table, where, kind)
            yield table, where

    def fact(self, entry: Mapping[str, Any], where: str, parse: Any) -> list[Fact[Any]]:
        if "open" in entry:
            return []
        filled: Filling | None = entry.get("filled")
        value = parse(entry, where)
        if filled is not None:
            return (
                []
                if value is None
                else [Fact(value, filled.effective, filled.published, filled.authority, filled.source)]
            )
        effective, published = self.day(entry, "effective", where), self.day(entry, "published", where)
        if "cite" not in entry:
            self.add(where, "cite", "a value must say what it rests on", "cite = a key of [cite]")
        authority = self.cite(entry, where)
        source = Source(self.file, where, self.line(where))
        return [] if value is None else [Fact(value, effective, published, authority, source)]

    def series(self, what: str, facts: list[Fact[T]], path: str) -> Series[T]:
        seen: set[tuple[date, date]] = set()
        for fact in facts:
            if (fact.effective, fact.published) in seen:
                self.report(
                    fact.source, path, "same_dates", f"two values of {what} have the same two dates", "different dates"
                )
            seen.add((fact.effective, fact.published))
        return Series(what, facts)

    def choice(self, t: Mapping[str, Any], key: str, path: str) -> Fact[str]:
        value, authority = t.get(key), self.cite(t, path)
        if value is None and key in _CHOICE_DEFAULTS:
            value, authority = _CHOICE_DEFAULTS[key], BY_DEFAULT
        effective, published = self.dates
        source = Source(self.file, f"{path}.{key}", self.line(f"{path}.{key}"))
        if isinstance(value, dict) and "open" in value:
            self.open(value, f"{path}.{key}", "choice", CHOICES[key])
            return Fact(_CHOICE_DEFAULTS.get(key, CHOICES[key][0]), effective, published, BY_DEFAULT, source)
        if isinstance(value, dict) and isinstance(value.get("filled"), Filling):
            filled: Filling = value["filled"]
            value, effective, published = filled.value, filled.effective, filled.published
            authority, source = filled.authority, filled.source
        if value not in CHOICES[key]:
            self.report(
                source,
                f"{path}.{key}",
                key,
                f"this is not a known {key.replace('_', ' ')}",
                one_of(CHOICES[key]),
                value,
            )
        return Fact(str(value), effective, published, authority, source)

    def open(self, t: Mapping[str, Any], where: str, kind: Any, options: tuple[str, ...] = ()) -> None:
        key = t.get("open")
        if not isinstance(key, str) or not key:
            self.add(f"{where}.open", "open", "an open term must have a key", "text", key)
            return
        wanted = tuple(str(o) for o in t.get("options", options))
        self.opens[key] = Open(key, kind, wanted, t.get("optional") is True, self.cite(t, where))

    def rate(self, entry: Mapping[str, Any], where: str) -> Rate | None:
        number = self.number(entry, where)
        if number is not None and number < 0:
            self.value_finding(entry, where, "a rate cannot be below zero", "0 or more")
            return None
        return None if number is None else Rate(number)

    def amount(self, entry: Mapping[str, Any], where: str) -> int | None:
        number = self.number(entry, where)
        if number is not None and number < 0:
            self.value_finding(entry, where, "a ceiling cannot be below zero", "0 or more")
            return None
        try:
            return None if number is None else whole_cents(number)
        except Inexact:
            self.value_finding(entry, where, "a ceiling must be in whole cents", "two decimals")
            return None

    def number(self, entry: Mapping[str, Any], where: str) -> Decimal | None:
        """Dollars: `600.00 USD` in a terms file; in the award workbook a number, which is in dollars."""
        value = entry.get("value")
        if "filled" in entry and isinstance(value, int | Decimal):
            return Decimal(value)
        try:
            return parse_amount(value if isinstance(value, str) else "")
        except Inexact:
            self.value_finding(
                entry, where, "this is not an amount of money", "a number with its currency, like 600.00 USD"
            )
            return None

    def whole(self, entry: Mapping[str, Any], where: str) -> int | None:
        value = entry.get("value")
        whole = int(value) if isinstance(value, int | Decimal) and value == int(value) else None
        if whole is None or whole < 1:
            self.value_finding(entry, where, "a number of months must be a whole number", "1 or more")
            return None
        return whole

    def fraction(self, entry: Mapping[str, Any], where: str) -> Fraction | None:
        value = entry.get("value")
        number = Fraction(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
        if number is None or not 0 <= number < 1:
            self.value_finding(entry, where, "a share of a pool must be a number", "0 or more and below 1, like 0.40")
            return None
        return number

    def cite(self, t: Mapping[str, Any], where: str) -> Authority:
        key = t.get("cite")
        if key is None:
            return Authority("")
        if key not in self.cites:
            self.add(f"{where}.cite", "cite", "there is no such citation in [cite]", one_of(self.cites), key)
            return Authority("")
        return self.cites[key]

    def day(self, t: Mapping[str, Any], key: str, where: str) -> date:
        value = t.get(key)
        if type(value) is date:
            return value
        self.add(
            f"{where}.{key}".lstrip("."),
            key,
            f"the {key} date is missing or is not a date",
            "a date like 2012-10-15",
            value,
        )
        return date.min

    def text(self, t: Mapping[str, Any], key: str, where: str, *, required: bool = True) -> str:
        value = t.get(key, "")
        if not isinstance(value, str) or (required and not value.strip()):
            self.add(f"{where}.{key}".lstrip("."), key, f"{key} must be text", "text", value)
            return ""
        return value.strip()

    def word(self, t: Mapping[str, Any], key: str, where: str, words: tuple[str, ...]) -> str:
        value = t.get(key)
        if value not in words:
            self.add(f"{where}.{key}".lstrip("."), key, f"this is not a known {key}", one_of(words), value)
            return words[0]
        return str(value)

    def items(self, doc: Mapping[str, Any], key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for id, value in self.table(doc.get(key, {}), key).items():
            yield id, self.table(value, f"{key}.{id}")

    def table(self, value: Any, where: str) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        if value is not None:
            self.add(where, "table", "this must be a table", "a table of keys", value)
        return {}

    def known_keys(self, t: Mapping[str, Any], where: str, keys: str) -> None:
        for key in t:
            if key not in keys.split():
                place = f"{where}.{key}".lstrip(".")
                self.add(
                    place, "unknown_key", "there is no such key in terms", one_of(keys.replace("filled", "").split())
                )

    def value_finding(self, entry: Mapping[str, Any], where: str, problem: str, expected: str) -> None:
        filled: Filling | None = entry.get("filled")
        self.report(
            filled.source if filled else NOWHERE, f"{where}.value", "value", problem, expected, entry.get("value")
        )

    def report(self, source: Source, path: str, cause: str, problem: str, expected: str, found: object = None) -> None:
        """A finding at the award workbook's row where the value came from there, else at the key of the file."""
        if source.row and source.file != self.file:
            self.findings.append(source.finding(cause, problem, expected, found))
        else:
            self.add(path, cause, problem, expected, found)

    def add(self, path: str, cause: str, problem: str, expected: str, found: object = None) -> None:
        echo = "" if found is None else str(found) if isinstance(found, Word) else shown(found)
        self.findings.append(Finding(Place(self.file, path, "", self.line(path)), cause, problem, expected, echo))

    def line(self, path: str) -> int:
        """The line of a key: its table's header, then the key, then the n-th entry of its list."""
        at = 0
        for part in path.replace("[", ".[").split("."):
            if part.startswith("["):
                entries = [n for n in range(at, len(self.lines)) if "{" in self.lines[n]]
                at = entries[int(part[1:-1])] if int(part[1:-1]) < len(entries) else at
                continue
            wanted = re.compile(rf"^\s*(\[+([\w.-]+\.)?{re.escape(part)}[\].]|{re.escape(part)}\s*=)")
            at = next((n for n in range(at, len(self.lines)) if wanted.match(self.lines[n])), at)
        return at + 1 if self.lines else 0
