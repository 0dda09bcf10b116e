"""What a layout may say of a column and of rows besides their names: made columns, maps,
conditions, joins and wide sheets, as values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attrs import frozen

from grantcalc.io.intake.cells import CellValue
from grantcalc.io.intake.patterns import ColumnPattern


def plain_name(text: str) -> str:
    """A user's own name, as two of them are compared: only capitals and spaces do not matter."""
    return " ".join(text.split()).casefold()


def said_by(cell: CellValue) -> str:
    """What a cell says, as a map and a condition compare it: a number as its digits, a day as
    2012-10-15."""
    value = cell.value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float) and value == int(value):
        return f"{int(value):0{cell.look.digits or 0}d}"
    return value.isoformat()[:10] if isinstance(value, date) else " ".join(str(value).split())


@frozen
class MadeColumn:
    """A column of ours that is made of several of the user's: their texts with `by` between them,
    or, where it is a difference, the first number less the others."""

    headers: tuple[str, ...]
    by: str = ""
    difference: bool = False


@frozen
class RowCondition:
    """Which rows are left out: those where a column of the user's has one of these texts, begins
    with or contains one, or is empty; or, with `others`, every row but those."""

    key: str
    header: str
    kind: str
    texts: tuple[str, ...] = ()

    def holds(self, cell: CellValue | None) -> bool:
        """Whether a row with this cell in the column is left out."""
        said = plain_name(said_by(cell)) if cell is not None and cell.value is not None else ""
        match self.kind:
            case "empty":
                return not said
            case "is":
                return said in self.texts
            case "is_not":
                return said not in self.texts
            case "begins":
                return any(said.startswith(text) for text in self.texts)
        return any(text in said for text in self.texts)


CONDITIONS = ("is", "is_not", "begins", "contains", "empty")


@frozen
class JoinedSheet:
    """Another sheet or file of the same workbook or folder, of which a row continues each row by
    the same key: the header of the key here and there, and the headers there by column key."""

    sheet: str
    own_key: str
    other_key: str
    headers: Mapping[str, str]


@frozen
class WideColumns:
    """Columns for months or days: each cell under a header of this pattern is a row, in which the
    header is the column `by` of ours, and the cell the column `holds`."""

    pattern: ColumnPattern
    by: str
    holds: str


@frozen
class ValueMap:
    """What the texts of a column mean. A text that is one of the meanings already means itself."""

    meanings: Mapping[str, object]

    def meaning_of(self, text: str) -> tuple[bool, object]:
        """Whether the map has a text, and what it means."""
        name = plain_name(text)
        if name in self.meanings:
            return True, self.meanings[name]
        return name in {plain_name(str(meant)) for meant in self.meanings.values()}, text
