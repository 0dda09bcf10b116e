"""Reading terms from TOML, and filling what they leave to the award; every wrong key is a finding, all at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from importlib import resources
from typing import Any, Literal

from attrs import evolve

from grantcalc.errors import Finding, Place, TermsRejected, Unknown, refuse
from grantcalc.known import Fact, Series
from grantcalc.provenance import Authority
from grantcalc.terms.parsing import Parser
from grantcalc.terms.values import Ceiling, Filling, Service, ShareOfPool, Terms
from grantcalc.terms.vocabulary import LETTERS, POOLS, TIERS, one_of, rate_name


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
    """The terms with what the award fills in. `TermsRejected` for a key that is not open, or a value that does not
    fit."""
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
    """The document with each `{ open = key }` replaced by what the award says; an entry of a list may become
    several."""
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


class _Reader(Parser):
    """Reads one document: its services, ceilings and shares."""

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
