"""What says so, and where it was read: `Authority`, `Source`, `Input`, and the digest of facts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from attrs import field, fields, frozen, has

from grantcalc.errors import Finding, Place, Severity, shown
from grantcalc.money import Cents

__all__ = ["Authority", "Input", "Origin", "Source"]


class Word(str):
    """Text of a closed vocabulary, which a finding may echo whole."""

    __slots__ = ()


@frozen(order=True)
class Authority:
    """What says that a value holds: a citation that a reader can look up, and a note on what it
    leaves unsaid."""

    citation: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.citation} ({self.note})" if self.note else self.citation


_NO_COLUMNS: Mapping[str, str] = {}  # one for all; read only by its type, since a mapping proxy does not pickle


@frozen(order=True)
class Source:
    """Where one row or key was read: the file's name, the sheet (or TOML table) and the row (or
    line).

    Always outside the equality of what carries it. Without detail only `file` and `sheet` go into a
    document, since a stable row is a pseudonym too. `columns` says where in that row each of its
    facts stands, so that a finding made deep in billing still names the cell; it is no part of
    where the row stands. A fact of another row or sheet has its whole address there
    (`Exit.csv!C9`).
    """

    file: str = ""
    sheet: str = ""
    row: int = 0
    columns: Mapping[str, str] = field(default=_NO_COLUMNS, eq=False, order=False, repr=False)

    def __str__(self) -> str:
        where = (
            f"{self.sheet}!{self.row}" if self.sheet and self.row else self.sheet or (str(self.row) if self.row else "")
        )
        return f"{self.file} {where}".strip()

    def place(self, column: str = "") -> Place:
        """The place of the cell of this row in which a column's fact stands; the row, where that is
        not known."""
        at = self.columns.get(column, "")
        if at[-1:].isdigit():  # a cell of another row or sheet
            sheet, _, cell = at.rpartition("!")
            return Place(self.file, sheet or self.sheet, cell)
        return Place(self.file, self.sheet, f"{at}{self.row}" if self.row else "")

    def finding(
        self,
        cause: str,
        problem: str,
        expected: str = "",
        found: object = None,
        *,
        column: str = "",
        severity: Severity = "error",
    ) -> Finding:
        """A finding at this row; `found` is made safe to print by `shown`, unless it is already a
        `Word`."""
        echo = "" if found is None else str(found) if isinstance(found, Word) else shown(found)
        return self.place(column).finding(cause, problem, expected, echo, severity)


NOWHERE = Source()


@frozen(kw_only=True)
class Origin:
    """The file that a value was read from: its name, the SHA-256 of its bytes, and the digest of
    the facts read from it; and the layout file that it was read by, if any, with the SHA-256 of
    that, and remarks on what that ignores, and what it converts, by kind and count.

    All empty for a value made in memory.
    """

    file: str = ""
    digest: str = ""
    facts: str = ""
    layout: tuple[str, str] = ("", "")
    remarks: tuple[str, ...] = ()

    def inputs(self, role: str, report_date: date) -> Iterator[Input]:
        """The file as an input of a claim, and the layout beside it: of a text file the facts are
        the bytes."""
        yield Input(role, self.file, self.digest, self.facts, report_date)
        if self.layout[0]:
            file, digest = self.layout
            role = ", ".join(("layout", *self.remarks))
            yield Input(role, file, digest, digest, report_date)


@frozen(order=True)
class Input:
    """One input of a claim or request: its role, its file, and two digests, of the file and of the
    facts read from it.

    The digest of the facts is the same after a spreadsheet program has saved the file again.
    """

    role: str
    file: str
    digest: str
    facts: str
    report_date: date


ADDED_LATER: Mapping[str, bool] = {"added_later": True}
"""The metadata of a field that 0.1.0 did not have: at its default the digest of facts leaves it
out, so that earlier digests stay true."""


def facts_digest(value: object) -> str:
    """The SHA-256 of what a value says: every compared field of it, in order. Sources and file
    names say nothing."""
    digest = hashlib.sha256()
    for part in _facts(value):
        digest.update(part.encode())
    return digest.hexdigest()


def _facts(value: object) -> Iterator[str]:
    kind = type(value)
    if has(kind):
        yield f"({kind.__name__}"
        for attribute in fields(kind):
            said, later = getattr(value, attribute.name), "added_later" in attribute.metadata
            if attribute.eq and not (later and said == attribute.default):
                yield from _facts((attribute.name, said) if later else said)
        yield ")"
    elif isinstance(value, tuple | list):
        yield "["
        for item in value:
            yield from _facts(item)
        yield "]"
    elif isinstance(value, Mapping):
        yield from _facts(sorted(value.items()))
    elif value is None or isinstance(value, str | int | date | Decimal | Fraction):
        text = str(value)
        name = "int" if isinstance(value, Cents) else type(value).__name__
        yield f"{name}:{len(text)}:{text}"
    else:
        raise TypeError(f"a fact must not be a {type(value).__name__}")
