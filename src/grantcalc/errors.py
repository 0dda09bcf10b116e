"""Refusals that hold their facts, and are equal when those are.

Documents have findings, misuse has exceptions. A *finding* says what is wrong at one place of a
document; a `Rejected` carries every finding of a document at once. Misuse of the library raises
another `GrantcalcError`, or TypeError for a value of the wrong type. Nothing else is raised on
purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

from attrs import define, field, frozen

from grantcalc.display import Displayed

__all__ = [
    "Finding",
    "GrantcalcError",
    "Inexact",
    "NotInForce",
    "Place",
    "Rejected",
    "TermsRejected",
    "Unknown",
    "WorkbookRejected",
]

Severity = Literal["error", "warning"]


class GrantcalcError(Exception):
    """Base of all refusals. Two are equal when they are of one class and their facts are equal.

    (attrs compares exceptions by identity; this mends it once for every subclass.)
    """

    def _facts(self) -> tuple[Any, ...]:
        attributes = getattr(type(self), "__attrs_attrs__", ())
        return tuple(getattr(self, a.name) for a in attributes)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash((type(self), self._facts()))


@frozen(order=True)
class Place:
    """Where something stands: a file's name, a sheet and a cell; or a key (as `sheet`) and a line
    of a text file."""

    file: str = ""
    sheet: str = ""
    cell: str = ""
    line: int = 0

    def __str__(self) -> str:
        """`Sheet!Cell`, or `file:line key`, or what of it is known."""
        if self.line:
            return f"{self.file}:{self.line} {self.sheet}".rstrip()
        if self.sheet and self.cell:
            return f"{self.sheet}!{self.cell}"
        return self.sheet or self.cell or self.file

    def finding(
        self, cause: str, problem: str, expected: str = "", found: str = "", severity: Severity = "error"
    ) -> Finding:
        """A finding here; `found` is already safe to print."""
        return Finding(place=self, cause=cause, problem=problem, expected=expected, found=found, severity=severity)


@frozen(kw_only=True)
class Finding:
    """One thing wrong at one place: `Sheet!Cell: what is wrong, what was expected; found …`.

    `cause` is a short code by which findings are grouped. `found` is already safe to print: a
    number, a date, a word of a closed vocabulary, or "text of 11 characters" (see `shown`). An
    *error* stops the work and nothing is written; a *warning* is told and the work goes on.
    """

    place: Place
    cause: str
    problem: str
    expected: str = ""
    found: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        text = f"{self.place}: {self.problem}" if str(self.place) else self.problem
        if self.expected:
            text += f", expected {self.expected}"
        if self.found:
            text += f"; found {self.found}"
        return text


def by_place(finding: Finding) -> tuple[object, ...]:
    """A key by which findings are sorted as their places are read, row by row, whatever order they
    were found in."""
    place = finding.place
    row = int("".join(c for c in place.cell if c.isdecimal()) or 0)
    said = (finding.cause, finding.problem, finding.expected, finding.found)
    return place.file, place.sheet, place.line, row, place.cell, *said


def shown(value: object) -> str:
    """A found value as a finding may echo it: numbers and dates as they are, any other text by its
    length only."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return f"text of {len(value)} character{'' if len(value) == 1 else 's'}"
    return str(value)


_DATED = re.compile(r"([0-9]{4}|[0-9]{1,2})[-/.][0-9]{1,2}([-/.]([0-9]{4}|[0-9]{1,2}))?")


def shown_date(text: str) -> str:
    """A found text as a finding may echo it where a date or a month is asked for: one that looks
    like a date is told as it is (12/31/2023, 2012-13), any other by its length."""
    return text if _DATED.fullmatch(text) else shown(text)


_KEY = re.compile(r"[a-z]+(_[a-z0-9]+)*(\.[a-z0-9_]+)+")
_NUMBERED = re.compile(r"(?=.*[0-9])(?=.*[A-Z])(?!A[-0-9]+$)[0-9A-Z][0-9A-Z./-]{0,29}")


def shown_key(text: str) -> str:
    """A key of terms (rate.certified) or a number of an award or subaward (S-2) as it is; of any
    other name nothing."""
    return text if _KEY.fullmatch(text) or _NUMBERED.fullmatch(text) else ""


MOST_PLACES = 8
"""How many places of one cause a text or a table names before it says how many more there are."""


@frozen
class Cause:
    """Findings that say the same of several places; at least one."""

    findings: tuple[Finding, ...]

    def places(self) -> str:
        """Where, and what was found there: the first of them, and how many more there are."""
        shown = (f"{f.place} found {f.found}" if f.found else str(f.place) for f in self.findings[:MOST_PLACES])
        return joined(shown, len(self.findings))

    def __str__(self) -> str:
        """One finding as it is; several as how many there are, what they say, and in a second line
        where."""
        first = self.findings[0]
        if len(self.findings) == 1:
            return str(first)
        expected = f", expected {first.expected}" if first.expected else ""
        return f"{len(self.findings):,} × {first.problem}{expected}\n    {self.places()}"


def joined(shown: Iterable[str], count: int) -> str:
    """Texts of `count` places in one line, and how many more there are."""
    texts = list(shown)
    more = f"; and {count - len(texts):,} more" if count > len(texts) else ""
    return "; ".join(texts) + more


def by_cause(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Findings grouped by what they say, the worst first: errors before warnings, then those of
    most places.

    Of one cause at one cell the first counts; where no cell is named, each that says something
    else.
    """
    groups: dict[tuple[str, ...], list[Finding]] = {}
    seen: set[object] = set()
    for f in findings:
        known = (f.cause, f.place) if f.place.cell or f.place.line else f
        if known not in seen:
            seen.add(known)
            groups.setdefault((f.severity, f.cause, f.problem, f.expected), []).append(f)
    order = sorted(groups.values(), key=lambda group: (group[0].severity != "error", -len(group)))
    return tuple(Cause(tuple(group)) for group in order)


def _all(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(findings)


@define(eq=False)
class Rejected(GrantcalcError, Displayed):
    """A document was refused. It holds every finding, in the order of the document; nothing was
    written."""

    findings: tuple[Finding, ...] = field(converter=_all)

    def __str__(self) -> str:
        return "\n".join(str(f) for f in self.findings)


class WorkbookRejected(Rejected):
    """A workbook was refused, with every bad cell at once."""


class TermsRejected(Rejected):
    """A terms file was refused, with every bad key at once."""


@define(eq=False)
class NotInForce(GrantcalcError):
    """No fact holds on the day asked for, as known then (Rulebook 2.4). Never answered with zero.

    `others` are the rest that one bill lacks, each thing once, on the first day that needs it.
    """

    what: str
    day: date
    known: date
    others: tuple[NotInForce, ...] = ()

    def __str__(self) -> str:
        mine = f"no {self.what} is in force on {self.day} as known on {self.known}"
        return "\n".join([mine, *map(str, self.others)])


def all_not_in_force(refusals: Iterable[NotInForce]) -> NotInForce:
    """One refusal for several, at least one: each thing that is not in force once, on the first day
    that needs it."""
    first: dict[str, NotInForce] = {}
    for each in refusals:
        for one in (NotInForce(each.what, each.day, each.known), *each.others):
            if one.what not in first or one.day < first[one.what].day:
                first[one.what] = one
    one, *others = sorted(first.values(), key=lambda x: (x.day, x.what))
    return NotInForce(one.what, one.day, one.known, tuple(others))


@define(eq=False)
class Unknown(GrantcalcError):
    """A name that this library does not know, with the nearest that it does (never guessed for the
    caller). `found` is the name itself where it cannot be that of a person: a key of terms, the
    address of a cell, a subaward number."""

    kind: str
    expected: str
    nearest: str = ""
    length: int = 0
    found: str = ""

    def __str__(self) -> str:
        hint = f"; did you mean {self.nearest}?" if self.nearest else ""
        found = self.found or f"text of {self.length} characters"
        return f"not a known {self.kind}, expected {self.expected}; found {found}{hint}"


@define(eq=False)
class Inexact(GrantcalcError):
    """An amount or number that is not exact where it must be: a float, a fraction of a cent, NaN,
    another currency."""

    what: str
    found: str

    def __str__(self) -> str:
        return f"{self.what}; found {self.found}"


def refuse(findings: Iterable[Finding], kind: type[Rejected] = Rejected) -> None:
    """Raise `kind` with all findings if any of them is an error; otherwise return."""
    all_findings = tuple(findings)
    if any(f.severity == "error" for f in all_findings):
        raise kind(all_findings)
