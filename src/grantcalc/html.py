"""What a notebook shows of a value: small tables of text. All of it is escaped, nothing is fetched,
nothing runs.

A cell is text, or a number, which stands at the right. A notebook may throw away the style sheets
and classes of a document that it does not trust, so that the style stands on each cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from html import escape
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Cell: TypeAlias = str | int | Decimal

MOST_ROWS = 20
"""The rows of a table beyond which it only says how many more there are."""

_LEFT, _RIGHT = "text-align:left", "text-align:right"
_NO_FORMULAS = "tex2jax_ignore mathjax_ignore"  # else what stands between two dollar signs is set as TeX


def page(title: str, *parts: str) -> str:
    """A title, and paragraphs and tables below it."""
    return f'<div class="{_NO_FORMULAS}"><p><strong>{escape(title)}</strong></p>{"".join(parts)}</div>'


def paragraph(text: str) -> str:
    """One paragraph; nothing for no text."""
    return f"<p>{escape(text)}</p>" if text else ""


def table(
    caption: str,
    columns: Sequence[str],
    items: Sequence[T],
    row: Callable[[T], Sequence[Cell]],
    total: Sequence[Cell] = (),
    most: int = MOST_ROWS,
) -> str:
    """The row of each item under the headings, and a last row that stands apart; nothing for no
    items.

    A column in which nothing stands is left out. Of more items than `most` it says how many more
    there are.
    """
    if not items:
        return ""
    shown = [row(item) for item in items[:most]]
    every = [*shown, total] if total else shown
    filled = [i for i in range(len(columns)) if any(cells[i] != "" for cells in every)]
    right = {i for i in filled if any(not isinstance(cells[i], str) for cells in every)}

    def row_of(tag: str, cells: Sequence[Cell]) -> str:
        parts = (f'<{tag} style="{_RIGHT if i in right else _LEFT}">{_text(cells[i])}</{tag}>' for i in filled)
        return f"<tr>{''.join(parts)}</tr>"

    body = "".join(row_of("td", cells) for cells in shown)
    if (more := len(items) - len(shown)) > 0:
        body += f'<tr><td style="{_LEFT}" colspan="{len(filled)}">and {more:,} more</td></tr>'
    foot = f"<tfoot>{row_of('th', total)}</tfoot>" if total else ""
    head = f'<caption style="{_LEFT}">{escape(caption)}</caption><thead>{row_of("th", columns)}</thead>'
    return f"<table>{head}<tbody>{body}</tbody>{foot}</table>"


def _text(cell: Cell) -> str:
    """Text escaped; a number with its thousands apart, and every decimal that it has."""
    return escape(cell) if isinstance(cell, str) else f"{cell:,}"
