"""Reading terms from TOML, and filling what they leave to the award; every wrong key is a finding, all at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from typing import Any, Literal, TypeVar

from attrs import evolve

from grantcalc.errors import Finding, Inexact, Place, TermsRejected, Unknown, refuse, shown
from grantcalc.known import Fact, Series
from grantcalc.money import Rate, parse_amount, whole_cents
from grantcalc.provenance import NOWHERE, Authority, Source, Word
from grantcalc.terms.values import Ceiling, Filling, Open, Service, ShareOfPool, Terms
from grantcalc.terms.vocabulary import CHOICES, LETTERS, POOLS, TIERS, one_of, rate_name

T = TypeVar("T")


def read_terms(text: str, file: str) -> Terms:
    """Terms from TOML text; `TermsRejected` with every wrong key at once, each with file, line and key."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as problem:
        line = int(found[1]) if (found := re.search(r"line (\d+)", str(problem))) else 0
        place = Place(file, "", "", line)
        raise TermsRejected([Finding(place, "toml", "this is not TOML", "TOML 1.0")]) from None
    reader = _Reader(file, text, [])
    terms = reader.terms(document, hashlib.sha256(text.encode()).hexdigest())
    refuse(reader.findings, TermsRejected)
    return evolve(terms, document=document)


def published_terms() -> tuple[str, ...]:
    """The ids of the terms that ship with the library, in order."""
    folder = resources.files("grantcalc") / "programs"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load_terms(id: str) -> Terms:
    """Terms that ship with the library, by id; `Unknown` for any other."""
    ids = published_terms()
    if id not in ids:
        raise Unknown("programme", one_of(ids), length=len(id))
    file = resources.files("grantcalc") / "programs" / f"{id}.toml"
    return read_terms(file.read_text("utf-8"), f"{id}.toml")


def fill_terms(terms: Terms, fillings: Iterable[Filling]) -> Terms:
    """The terms with what the award fills in. `TermsRejected` for a key that is not open, or a value that does not fit."""
    rows = tuple(fillings)
    keys = {o.key for o in terms.opens}
    findings = [
        f.source.finding("unknown_term", "these terms leave no such term to the award", one_of(keys), f.term)
        for f in rows
        if f.term not in keys
    ]
    by_key: dict[str, list[Filling]] = {}
    for row in rows:
        by_key.setdefault(row.term, []).append(row)
    document = _filled(terms.document, by_key)
    reader = _Reader(terms.file, "", findings)
    filled = reader.terms(document, terms.digest)
    refuse(reader.findings, TermsRejected)
    return evolve(filled, document=document, origin=terms.origin)


def _filled(node: Any, by_key: Mapping[str, list[Filling]]) -> Any:
    """The document with each `{ open = key }` replaced by what the award says; an entry of a list may become several."""
    if isinstance(node, list):
        return [new for item in node for new in _entries(item, by_key)]
    if isinstance(node, dict):
        if isinstance(node.get("open"), str) and node["open"] in by_key:
            return _entries(node, by_key)[-1]
        return {key: _filled(value, by_key) for key, value in node.items()}
    return node


def _entries(item: Any, by_key: Mapping[str, list[Filling]]) -> list[Any]:
    if not (isinstance(item, dict) and item.get("open") in by_key):
        return [_filled(item, by_key)]
    kept = {k: v for k, v in item.items() if k not in ("open", "optional", "cite")}
    return [
        {**kept, "value": f.value, "effective": f.effective, "published": f.published, "filled": f}
        for f in by_key[item["open"]]
    ]


_CHOICE_DEFAULTS = {"payee": "first", "phase_of_month": "first", "rate_by": "service_day", "family": "on_any_day"}


class _Reader:
    """Reads one document and gathers every finding, so that a person sees all of them at once."""

    def __init__(self, file: str, text: str, findings: list[Finding]) -> None:
        self.file, self.lines, self.findings = file, text.splitlines(), findings
        self.opens: dict[str, Open] = {}
        self.cites: Mapping[str, Authority] = {}
        self.dates: tuple[date, date] = (date.min, date.min)

    # ---- the document, part by part ------------------------------------------------------------------

    def terms(self, doc: Mapping[str, Any], digest: str) -> Terms:
        self.known_keys(doc, "", "format id title status note effective published cite phases services ceilings shares")
        if doc.get("format") != 1:
            self.add("format", "format", "the format of this file is not known", "format = 1", doc.get("format"))
        self.dates = (self.day(doc, "effective", ""), self.day(doc, "published", ""))
        self.cites = {
            key: Authority(self.text(self.table(doc.get("cite"), "cite"), key, "cite"))
            for key in self.table(doc.get("cite"), "cite")
        }
        status = self.word(doc, "status", "", ("published", "illustrative"))
        phases = {name: self.letters(name, found) for name, found in self.table(doc.get("phases"), "phases").items()}
        self.phases = tuple(phases) or ("enrolled",)
        services = tuple(self.service(i, t) for i, t in self.items(doc, "services"))
        ceilings = tuple(self.ceiling(i, t) for i, t in self.items(doc, "ceilings"))
        self.ceiling_ids = tuple(c.id for c in ceilings)
        shares = tuple(self.share(i, t) for i, t in self.items(doc, "shares"))
        return Terms(
            id=self.text(doc, "id", ""),
            title=self.text(doc, "title", ""),
            status="illustrative" if status == "illustrative" else "published",
            note=self.text(doc, "note", "", required=False),
            effective=self.dates[0],
            published=self.dates[1],
            phases=phases or {"enrolled": ()},
            services=services,
            ceilings=ceilings,
            shares=shares,
            opens=tuple(self.opens.values()),
            digest=digest,
            file=self.file,
        )

    def service(self, id: str, t: Mapping[str, Any]) -> Service:
        path = f"services.{id}"
        self.known_keys(t, path, "title pool count payee phase_of_month rate_by rates months categories cite")
        choices = {name: self.choice(t, name, path) for name in ("count", "payee", "phase_of_month", "rate_by")}
        return Service(
            id,
            self.text(t, "title", path),
            "administration" if self.word(t, "pool", path, POOLS) == "administration" else "direct",
            choices,
            self.by_phase(t, "rates", path, id, self.rate),
            self.by_phase(t, "months", path, id, self.whole),
            tuple(str(c) for c in t.get("categories", ())),
            self.cite(t, path),
        )

    def ceiling(self, id: str, t: Mapping[str, Any]) -> Ceiling:
        path = f"ceilings.{id}"
        self.known_keys(t, path, "title window family amounts cite")
        facts: dict[str, list[Fact[int]]] = {}
        for entry, where in self.entries(t, "amounts", path, "amount"):
            tier = str(entry.get("tier", "alone"))
            if tier not in TIERS:
                self.add(f"{where}.tier", "tier", "this is not a tier of household", one_of(TIERS), tier)
            facts.setdefault(tier, []).extend(self.fact(entry, where, self.amount))
        if "alone" not in facts:
            self.add(path, "tier", "a ceiling must give the amount of a participant alone", "tier = alone")
        return Ceiling(
            id,
            self.text(t, "title", path),
            {name: self.choice(t, name, path) for name in ("window", "family")},
            {tier: self.series(f"ceiling {id}, {tier}", found, f"{path}.amounts") for tier, found in facts.items()},
            self.cite(t, path),
        )

    def share(self, id: str, t: Mapping[str, Any]) -> ShareOfPool:
        path = f"shares.{id}"
        self.known_keys(t, path, "title pool of base at_most cite")
        if t.get("of") not in self.ceiling_ids:
            self.add(
                f"{path}.of",
                "of",
                "a share must name the ceiling that it is a share of",
                one_of(self.ceiling_ids),
                t.get("of"),
            )
        facts = [
            f for e, where in self.entries(t, "at_most", path, "share") for f in self.fact(e, where, self.fraction)
        ]
        return ShareOfPool(
            id,
            self.text(t, "title", path),
            "administration" if self.word(t, "pool", path, POOLS) == "administration" else "direct",
            str(t.get("of")),
            {"base": self.choice(t, "base", path)},
            self.series(f"share {id}", facts, f"{path}.at_most"),
            self.cite(t, path),
        )

    def letters(self, phase: str, found: Any) -> tuple[str, ...]:
        words = tuple(found) if isinstance(found, list) else (found,)
        for word in words:
            if word not in LETTERS:
                self.add(f"phases.{phase}", "letter", "this is not a kind of letter", one_of(LETTERS), word)
        return tuple(str(w) for w in words)

    # ---- values ---------------------------------------------------------------------------------------

    def by_phase(self, t: Mapping[str, Any], key: str, path: str, id: str, parse: Any) -> dict[str, Series[Any]]:
        kind: Literal["rate", "months"] = "rate" if key == "rates" else "months"
        facts: dict[str, list[Fact[Any]]] = {}
        for entry, where in self.entries(t, key, path, kind):
            phase = str(entry.get("phase", ""))
            if phase and phase not in self.phases:
                self.add(f"{where}.phase", "phase", "no participant can be in this phase", one_of(self.phases), phase)
            facts.setdefault(phase, []).extend(self.fact(entry, where, parse))
        name = rate_name(id, "") if key == "rates" else f"paid months of {id}"
        return {
            p: self.series(name + (f" in phase {p}" if p else ""), f, f"{path}.{key}") for p, f in facts.items() if f
        }

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
        value, authority = t.get(key, _CHOICE_DEFAULTS.get(key)), self.cite(t, path)
        effective, published = self.dates
        source = Source(self.file, f"{path}.{key}", self.line(f"{path}.{key}"))
        if isinstance(value, dict) and "open" in value:
            self.open(value, f"{path}.{key}", "choice", CHOICES[key])
            return Fact(str(value.get("default", CHOICES[key][0])), effective, published, authority, source)
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

    # ---- findings -------------------------------------------------------------------------------------

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
