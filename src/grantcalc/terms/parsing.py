"""Values of a terms file: dated facts, choices and what is open; every wrong key is a finding,
gathered here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

from attrs import evolve

from grantcalc.errors import Finding, Place, shown
from grantcalc.known import Fact, Series
from grantcalc.provenance import NOWHERE, Authority, Source, Word
from grantcalc.terms.values import Filling, Open
from grantcalc.terms.vocabulary import CHOICES, LETTERS, one_of
from grantcalc.toml import line_of_key

T = TypeVar("T")

MOST_FINDINGS = 100
"""How many findings of one file are told at once: to find the line of each takes a search of the
file."""

BY_DEFAULT = Authority("stated nowhere; the default of docs/terms.md")
_CHOICE_DEFAULTS = {
    "payee": "first",
    "phase_of_month": "first",
    "rate_by": "service_day",
    "restored": "following_month",
    "period": "month",
    "family": "on_any_day",
    "scope": "participant",
    "amount_on": "window_end",
}


_NAME = re.compile(r"[a-z0-9_.]*")


class Parser:
    """Reads values and gathers every finding, so that a person sees all of them at once."""

    def __init__(self, file: str, text: str, findings: list[Finding]) -> None:
        self.file, self.content, self.findings = file, text, findings
        self.opens: dict[str, Open] = {}
        self.cites: Mapping[str, Authority] = {}
        self.dates: tuple[date, date] = (date.min, date.min)
        self.lines: dict[str, int] = {}

    def line(self, path: str) -> int:
        """The line of a key; of an entry that a rate table gave, the line of its row."""
        entry = path[: path.find("]") + 1]
        return self.lines.get(path) or self.lines.get(entry) or line_of_key(self.content, path)

    def entries(
        self, t: Mapping[str, Any], key: str, path: str, kind: Any, words: str
    ) -> Iterator[tuple[Mapping[str, Any], str]]:
        """The entries of a list of dated values, each with its place; `words` are the keys that
        they may have besides."""
        entries = t.get(key, [])
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            where = f"{path}.{key}[{index}]"
            table = self.table(entry, where)
            if "filled" in table and not isinstance(table["filled"], Filling):
                self.add(
                    f"{where}.filled", "unknown_key", "only an award fills open terms, never a file", "no such key"
                )
                continue
            if "open" in table and "value" in table:
                self.add(where, "open", "a value is either given or left to the award", "one of value and open")
            self.known_keys(
                table,
                where,
                f"value ends effective published cite derived open optional {words} "
                f"{'until' if 'open' in table else ''} {'filled' if 'filled' in table else ''}",
            )
            if "open" in table:
                self.open(table, where, kind)
            yield table, where

    def fact(self, entry: Mapping[str, Any], where: str, parse: Any) -> list[Fact[Any]]:
        if "open" in entry and entry.get("ends") is not True:
            return []
        filled: Filling | None = entry.get("filled")
        value = None if entry.get("ends") is True else parse(entry, where)
        if filled is not None:
            return (
                []
                if value is None
                else [Fact(value, filled.effective, filled.published, filled.authority, filled.source)]
            )
        effective, published = self.day(entry, "effective", where), self.day(entry, "published", where)
        if "cite" not in entry:
            self.add(where, "cite", "a value must name its citation", "cite = a key of [cite]")
        authority = self.cite(entry, where)
        if "derived" in entry:
            authority = evolve(authority, note=f"derived: {self.text(entry, 'derived', where)}")
        source = Source(self.file, where, self.line(where))
        if value is None and "ends" not in entry:
            return []
        return [Fact(value, effective, published, authority, source)]

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
        source = Source(self.file, f"{path}.{key}", line_of_key(self.content, f"{path}.{key}"))
        if isinstance(value, dict) and "open" in value:
            self.known_keys(value, f"{path}.{key}", "open options optional cite")
            self.open(value, f"{path}.{key}", "choice", CHOICES[key])
            return Fact(_CHOICE_DEFAULTS.get(key, CHOICES[key][0]), effective, published, BY_DEFAULT, source)
        if isinstance(value, dict) and isinstance(value.get("filled"), Filling):
            filled: Filling = value["filled"]
            value, effective, published = filled.value, filled.effective, filled.published
            authority, source = filled.authority, filled.source
        if value not in CHOICES[key]:
            problem = f"this is not a known {key.replace('_', ' ')}"
            self.report(source, f"{path}.{key}", key, problem, one_of(CHOICES[key]), value)
        return Fact(str(value), effective, published, authority, source)

    def open(self, t: Mapping[str, Any], where: str, kind: Any, options: tuple[str, ...] = ()) -> None:
        key = t.get("open")
        if not isinstance(key, str) or not key:
            self.add(f"{where}.open", "open", "an open term must have a key", "text", key)
            return
        given = t.get("options", options)
        wanted = tuple(str(o) for o in given) if isinstance(given, list | tuple) else options
        since = self.day(t, "effective", where) if "effective" in t or t.get("ends") is True else None
        until = self.day(t, "until", where) if "until" in t else None
        optional = t.get("ends") is True or t.get("optional") is True
        self.opens[key] = Open(
            key=key,
            kind=kind,
            options=wanted,
            optional=optional,
            authority=self.cite(t, where),
            since=since,
            until=until,
        )

    def cite(self, t: Mapping[str, Any], where: str) -> Authority:
        key = t.get("cite")
        if key is None:
            return Authority("")
        if not isinstance(key, str) or key not in self.cites:
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

    def names(self, words: Iterable[object], where: str) -> None:
        """Words that an award or a caseload names: in small letters, since capitals do not matter
        there."""
        for name in (name for name in words if isinstance(name, str) and not _NAME.fullmatch(name)):
            problem = "a word that workbooks name must be in small letters, digits and _"
            self.add(where, "name", problem, "a word like case_management", name)

    def letters(self, phase: str, value: Any) -> tuple[str, ...]:
        words = tuple(value) if isinstance(value, list) else (value,)
        for word in words:
            if word not in LETTERS:
                self.add(f"phases.{phase}", "letter", "this is not a kind of letter", one_of(LETTERS), word)
        return tuple(str(w) for w in words)

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
        """A finding at the award workbook's row where the value came from there, else at the key of
        the file."""
        if source.row and source.file != self.file:
            self.findings.append(source.finding(cause, problem, expected, found, column="value"))
        else:
            self.add(path, cause, problem, expected, found)

    def add(self, path: str, cause: str, problem: str, expected: str, found: object = None) -> None:
        if self.content and len(self.findings) >= MOST_FINDINGS:
            if len(self.findings) == MOST_FINDINGS:
                more = Place(self.file).finding(
                    "more", "more keys of this file are wrong", f"the first {MOST_FINDINGS} corrected"
                )
                self.findings.append(more)
            return
        echo = "" if found is None else str(found) if isinstance(found, Word) else shown(found)
        key = "".join(c if c.isprintable() else "?" for c in path)
        self.findings.append(Place(self.file, key, "", self.line(path)).finding(cause, problem, expected, echo))
