"""Figures that are published and published again: what was said first, what was said later, and the
difference.

A restatement is shown beside the figure that it restates and never overwrites it. The file names
each publication, with its citation and its day; where that day is not stated, the file says which
stands for it and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

from attrs import frozen

from grantcalc.display import Displayed
from grantcalc.errors import Finding, Place, Rejected, refuse, shown
from grantcalc.files import read_file
from grantcalc.known import Fact, Series
from grantcalc.provenance import Authority
from grantcalc.toml import BYTES, decode_text, parse_toml

FigureKind = Literal[
    "all_calls", "crisis", "urgent_referral", "non_urgent_referral", "tip", "general", "cases", "reported"
]
FIGURE_KINDS: Mapping[str, str] = {
    "all_calls": "all calls",
    "crisis": "crisis calls",
    "urgent_referral": "calls for an urgent referral",
    "non_urgent_referral": "calls for a non-urgent referral",
    "tip": "tips",
    "general": "calls for general information",
    "cases": "cases",
    "reported": "cases reported to law enforcement",
}
"""What is counted. The kinds of calls are those that HHS's page names; `all_calls` may be published
without them."""


class FiguresRejected(Rejected):
    """A file of figures was refused, with every bad key at once."""


@frozen
class Publication:
    """Something in which figures were published; `note` says what is not stated of its day."""

    id: str
    citation: str
    published: date
    note: str = ""


@frozen
class Restated:
    """A figure as first and as last published: of a kind and a year."""

    kind: str
    year: int
    first: Fact[int]
    last: Fact[int]

    @property
    def difference(self) -> int:
        """What the last publication adds to the first; 0 where there was one, or both say the
        same."""
        return self.last.value - self.first.value

    def __str__(self) -> str:
        text = f"{self.year} {FIGURE_KINDS[self.kind]}: {self.first.value:,}"
        if self.first == self.last:
            return text
        return f"{text} as first published, {self.last.value:,} as later published ({self.difference:+,})"


@frozen
class Figures(Displayed):
    """Figures by kind and year, each with every publication of it, in the order of the days of
    publication."""

    title: str
    publications: tuple[Publication, ...]
    series: Mapping[tuple[str, int], Series[int]]

    def at(self, kind: FigureKind, year: int, known: date) -> Fact[int]:
        """The figure of a kind and year as known on a day; `NotInForce` where none was published by
        then."""
        series = self.series.get((kind, year), Series(f"figure of {FIGURE_KINDS[kind]}"))
        return series.at(date(year, 12, 31), known)

    def restated(self, known: date | None = None) -> tuple[Restated, ...]:
        """Every figure as first and as last published by a day (by default ever), by kind and
        year."""
        return tuple(self._restated(known or date.max))

    def _restated(self, known: date) -> Iterator[Restated]:
        for kind, year in sorted(self.series, key=lambda key: (list(FIGURE_KINDS).index(key[0]), key[1])):
            facts = [fact for fact in self.series[kind, year].facts if fact.published <= known]
            if facts:
                yield Restated(kind, year, facts[0], facts[-1])


def read_figures(path: str | Path) -> Figures:
    """A file of figures (docs/outreach.md). `FiguresRejected` with every bad key at once."""
    path = Path(path)
    return figures_of(decode_text(read_file(path, BYTES, FiguresRejected), path.name, FiguresRejected), path.name)


def figures_of(text: str, file: str) -> Figures:
    """The same from the text of a file with this name."""
    tables = parse_toml(text, file, FiguresRejected)
    reader = _FiguresFile(file, tables)
    publications = tuple(reader.publications())
    series = reader.series({p.id: p for p in publications})
    reader.only(tables, "", "title", "publications", "figures")
    title = reader.text(tables, "", "title")
    refuse(reader.findings, FiguresRejected)
    return Figures(title, publications, series)


class _FiguresFile:
    """Reads the tables of a file, and gathers what is wrong with them."""

    def __init__(self, file: str, tables: dict[str, Any]) -> None:
        self.file, self.found, self.findings = file, tables, list[Finding]()

    def wrong(self, key: str, problem: str, expected: str, value: object = None) -> None:
        self.findings.append(Place(self.file, key).finding("figures", problem, expected, shown(value)))

    def only(self, table: dict[str, Any], where: str, *keys: str) -> None:
        for key in table:
            if key not in keys:
                self.wrong(where or "file", "this key is not known", "one of " + ", ".join(keys), key)

    def tables(self, key: str) -> list[dict[str, Any]]:
        tables = self.found.get(key)
        if isinstance(tables, list) and tables and all(isinstance(table, dict) for table in tables):
            return tables
        self.wrong(key, "there are no such tables", f"[[{key}]], one or more")
        return []

    def text(self, table: dict[str, Any], where: str, key: str, *, needed: bool = True) -> str:
        value = table.get(key, "")
        if not isinstance(value, str) or (needed and not value):
            self.wrong(f"{where}.{key}".lstrip("."), "this is not a text", "some text", value)
            return ""
        return value

    def publications(self) -> Iterator[Publication]:
        seen = set[str]()
        for number, table in enumerate(self.tables("publications"), 1):
            where = f"publications {number}"
            self.only(table, where, "id", "citation", "published", "note")
            id, day = self.text(table, where, "id"), table.get("published")
            if id in seen:
                self.wrong(f"{where}.id", "two publications have this id", "one each")
            if type(day) is not date:
                self.wrong(f"{where}.published", "this is not a day", "a day like 2014-01-01", day)
                continue
            seen.add(id)
            yield Publication(
                id, self.text(table, where, "citation"), day, self.text(table, where, "note", needed=False)
            )

    def series(self, publications: Mapping[str, Publication]) -> dict[tuple[str, int], Series[int]]:
        collected: dict[tuple[str, int], list[Fact[int]]] = {}
        for number, table in enumerate(self.tables("figures"), 1):
            where = f"figures {number}"
            kind, year = table.get("kind"), table.get("year")
            publication = publications.get(str(table.get("publication")))
            self.only(table, where, "kind", "year", "value", "publication")
            known = isinstance(kind, str) and kind in FIGURE_KINDS
            if not known:
                self.wrong(f"{where}.kind", "this kind is not known", "one of " + ", ".join(FIGURE_KINDS), kind)
            if type(year) is not int or not 1900 <= year <= 9999:
                self.wrong(f"{where}.year", "this is not a year", "a year like 2012", year)
            value = table.get("value")
            if type(value) is not int or value < 0:
                self.wrong(f"{where}.value", "this is not a count", "a whole number, 0 or more", value)
            if publication is None:
                self.wrong(f"{where}.publication", "no such publication", "the id of one of [[publications]]")
            elif known and type(year) is int and type(value) is int and 1900 <= year <= 9999:
                facts = collected.setdefault((str(kind), year), [])
                if any(fact.published == publication.published for fact in facts):
                    self.wrong(where, "this figure was published twice on one day", "publications of different days")
                authority = Authority(publication.citation, publication.note)
                facts.append(Fact(value, date(year, 1, 1), publication.published, authority))
        return {key: Series(f"figure of {FIGURE_KINDS[key[0]]}", tuple(facts)) for key, facts in collected.items()}
