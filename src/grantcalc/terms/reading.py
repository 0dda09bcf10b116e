"""Reading terms from TOML, and filling what they leave to the award; every wrong key is a finding,
all at once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from attrs import evolve

from grantcalc.declared import checked
from grantcalc.errors import TermsRejected, Unknown, refuse
from grantcalc.terms.rate_tables import with_tables
from grantcalc.terms.sections import Reader
from grantcalc.terms.values import Filling, Terms
from grantcalc.terms.vocabulary import (
    one_of,
)
from grantcalc.toml import parse_toml

_LOG = logging.getLogger(__name__)


@checked
def read_terms(text: str, file: str) -> Terms:
    """Terms from TOML text; `TermsRejected` with every wrong key at once, each with file, line and
    key."""
    reader = Reader(file, text, [])
    document = with_tables(parse_toml(text, file, TermsRejected), reader)
    terms = reader.terms(document, hashlib.sha256(text.encode()).hexdigest())
    refuse(reader.findings, TermsRejected)
    _LOG.debug("read %s (services: %d)", file, len(terms.services))
    return evolve(terms, document=document)


def published_terms() -> tuple[str, ...]:
    """The ids of the terms that ship with the library, in order."""
    folder = resources.files("grantcalc") / "programs"
    files = (f.name for f in folder.iterdir() if f.name.endswith(".toml") and not f.name.endswith(".case.toml"))
    return tuple(sorted(name.removesuffix(".toml") for name in files))


def award_terms() -> tuple[str, ...]:
    """The ids of the terms that ship beside those: of awards that pay no rate, and say how much is
    passed on."""
    folder = resources.files("grantcalc") / "programs" / "awards"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


@checked
def load_terms(id: str) -> Terms:
    """Terms that ship with the library, by id; `Unknown` for any other."""
    ids = published_terms()
    if id not in (*ids, *award_terms()):
        raise Unknown("program", one_of((*ids, *award_terms())), length=len(id))
    folder = resources.files("grantcalc") / "programs"
    file = (folder if id in ids else folder / "awards") / f"{id}.toml"
    return read_terms(file.read_text("utf-8"), f"{id}.toml")


def terms_here() -> dict[str, str]:
    """The SHA-256 of each file of terms that ships with the library, by the file's name: which
    version it is."""
    return {f"{id}.toml": load_terms(id).digest for id in (*published_terms(), *award_terms())}


def earlier_terms(digest: str) -> Path | None:
    """The file of terms with this SHA-256 that shipped with an earlier version of the library; None
    where none did."""
    folder = resources.files("grantcalc") / "programs" / "earlier"
    files = (file for file in folder.iterdir() if file.name.endswith(".toml"))
    matches = (Path(str(file)) for file in files if hashlib.sha256(file.read_bytes()).hexdigest() == digest)
    return next(matches, None)


@checked
def fill_terms(terms: Terms, fillings: Iterable[Filling]) -> Terms:
    """The terms with what the award fills in. `TermsRejected` for a key that is not open, or a
    value that does not fit."""
    rows = tuple(fillings)
    since, until = {o.key: o.since for o in terms.opens}, {o.key: o.until for o in terms.opens}
    findings = [
        f.source.finding(
            "unknown_term", "these terms leave no such term to the award", one_of(since), f.term, column="term"
        )
        for f in rows
        if f.term not in since
    ]
    for f in rows:
        if (first := since.get(f.term)) and f.effective < first:
            problem = "the award fills this in only from the day on which a published value has ended or a rule begins"
            findings.append(f.source.finding("before", problem, f"{first} or later", f.effective, column="effective"))
        if (last := until.get(f.term)) and f.effective > last:
            problem = "the award fills this in only to the day before the next published value"
            findings.append(f.source.finding("after", problem, f"{last} or earlier", f.effective, column="effective"))
    by_key: dict[str, list[Filling]] = {}
    for row in rows:
        by_key.setdefault(row.term, []).append(row)
    document = _filled(terms.document, by_key)
    reader = Reader(terms.file, "", findings)
    filled = reader.terms(document, terms.digest)
    refuse(reader.findings, TermsRejected)
    return evolve(filled, document=document)


def _filled(node: Any, by_key: Mapping[str, list[Filling]]) -> Any:
    """The document with each `{ open = key }` replaced by what the award says; an entry of a list
    may become several."""
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
    of_the_end = ("open", "until", "optional", "cite", "ends", "effective", "published")
    kept = {k: v for k, v in item.items() if k not in of_the_end}
    said = by_key[item["open"]]
    filled = [{**kept, "value": f.value, "effective": f.effective, "published": f.published, "filled": f} for f in said]
    if item.get("ends") is not True:
        return filled
    if any(f.effective == item["effective"] and f.published <= item["published"] for f in said):
        return filled  # an end that nobody could know before the value after it says nothing
    return [{k: v for k, v in item.items() if k not in ("open", "until", "optional")}, *filled]
