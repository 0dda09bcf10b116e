"""Shared formulas: written once, and meant for many cells, each with references of its own
(ECMA-376, part 1, 18.3.1.40)."""

from __future__ import annotations

import re

from grantcalc.xlsx.sheets import letters

_ROWS, _COLUMNS = 1_048_576, 16_384
# What stands in a formula: text, quoted names and brackets as they are; references; any other word.
_TOKEN = re.compile(
    r"""(?P<kept>"(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^\]]*\])
    |(?P<fixed_column>\$?)(?P<column>[A-Za-z]{1,3})(?P<fixed_row>\$?)(?P<row>[1-9][0-9]{0,6})(?![\w.(!\[$])
    |(?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3})(?![\w.(!\[$])
    |(?P<rows>\$?[1-9][0-9]{0,6}:\$?[1-9][0-9]{0,6})(?![\w.(!\[$])
    |[\w.\\]+""",
    re.VERBOSE,
)
_LETTERS, _DIGITS = re.compile(r"(\$?)([A-Za-z]+)"), re.compile(r"(\$?)([0-9]+)")


def column_number(name: str) -> int:
    """A column's number by its letters: A is 1."""
    value = 0
    for letter in name.upper():
        value = value * 26 + ord(letter) - 64
    return value


def moved(formula: str, down: int, right: int) -> str:
    """A formula as it reads so many rows further down and columns further right; `#REF!` for what
    leaves the sheet."""

    def column(match: re.Match[str]) -> str:
        number = column_number(match[2]) + (0 if match[1] else right)
        return match[1] + letters(number) if 1 <= number <= _COLUMNS else "#REF!"

    def row(match: re.Match[str]) -> str:
        number = int(match[2]) + (0 if match[1] else down)
        return f"{match[1]}{number}" if 1 <= number <= _ROWS else "#REF!"

    def token(match: re.Match[str]) -> str:
        if match["column"]:
            cell = _LETTERS.sub(column, match["fixed_column"] + match["column"])
            area = cell + _DIGITS.sub(row, match["fixed_row"] + match["row"])
        elif match["columns"]:
            area = _LETTERS.sub(column, match[0])
        elif match["rows"]:
            area = _DIGITS.sub(row, match[0])
        else:
            return match[0]
        return "#REF!" if "#" in area else area

    return _TOKEN.sub(token, formula)
