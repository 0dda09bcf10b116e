"""What no text may hold that leaves a hand: whatever looks like a person's identifier, and addresses of rows.

A stable row address is a pseudonym too. A name cannot be told from another word, so that columns are judged by their
headers; a caller who knows the pseudonyms gives them. Of what is found nothing is repeated but its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from grantcalc.errors import Finding, Place, Severity, shown
from grantcalc.io.sheets import Book, Formula, layout, letters

_IN_TEXT: tuple[tuple[re.Pattern[str], str, str, Severity], ...] = (
    (re.compile(r"[^\s@]@[^\s@]+\.[^\s@]"), "email", "this looks like an e-mail address", "error"),
    (
        re.compile(r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])"),
        "ssn",
        "this looks like a Social Security number",
        "error",
    ),
    (re.compile(r"(?<!\w)[Aa][-# ]?\d([- ]?\d){6,8}(?![\w-])"), "a_number", "this looks like an A-number", "error"),
    (re.compile(r"^\s*\d{9}\s*$"), "ssn", "this may be a Social Security number", "warning"),
    (
        re.compile(r"^\s*((19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]((19|20)\d\d|\d\d))\s*$"),
        "birth",
        "this may be a date of birth",
        "warning",
    ),
    (
        re.compile(
            r"(?:^|[\s(=])(?:'[^'!]+'|[A-Za-z_][\w.]*)!\$?(?!A1(?!\d))(?:[A-Z]{1,3}\$?)?[1-9]\d*(?!\w)"
        ),  # not the top of a sheet, where a link leads
        "row",
        "this is the address of a row",
        "error",
    ),
)
_EXPECTED = {"row": "a file and a sheet at most"}
_NOBODY = "nothing that identifies a person"

_HEADERS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"participant|client|beneficiary|victim|alien"), "participant", "this column names participants"),
    (re.compile(r"(first|last|given|family|maiden|middle|sur) ?name"), "name", "this column holds names of persons"),
    (re.compile(r"(date of )?birth( ?da(y|te))?|born|dob"), "birth", "this column holds dates of birth"),
    (re.compile(r"ssn|social security( (no|number))?"), "ssn", "this column holds Social Security numbers"),
    (
        re.compile(r"a ?(no|number)|alien (no|number)|passport.*"),
        "a_number",
        "this column holds A-numbers or passports",
    ),
    (
        re.compile(r"e ?mail.*|(tele)?phone.*|(home |street )?address"),
        "contact",
        "this column holds addresses of persons",
    ),
    (re.compile(r"(source )?row|cell"), "row", "this column holds addresses of rows"),
)


@lru_cache(maxsize=65_536)
def told_by_text(text: str) -> tuple[tuple[str, str, Severity], ...]:
    """What a text tells that it should not: cause, problem and severity of each."""
    if len(text) < 3:
        return ()
    found = {cause: (cause, problem, severity) for p, cause, problem, severity in reversed(_IN_TEXT) if p.search(text)}
    return tuple(found.values())


@lru_cache(maxsize=4096)
def told_by_header(header: str) -> tuple[str, str] | None:
    """What a column tells that is headed so: cause and problem."""
    words = " ".join(re.findall(r"[a-z]+", header.casefold())).removesuffix(" id").removesuffix(" code")
    return next(((cause, problem) for pattern, cause, problem in _HEADERS if pattern.fullmatch(words)), None)


def in_text(text: str, place: Place, pseudonyms: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """The findings of one text, wherever it stands."""
    for cause, problem, severity in told_by_text(text):
        yield Finding(place, cause, problem, _EXPECTED.get(cause, _NOBODY), shown(text), severity)
    if text in pseudonyms or any(word in pseudonyms for word in re.findall(r"[\w.-]{4,}", text)):
        yield Finding(place, "pseudonym", "this is a participant's pseudonym", "counts only", shown(text))


def in_column(header: str, place: Place) -> Iterator[Finding]:
    """The finding of a column that holds anything, at its first cell."""
    told = told_by_header(header)
    if told is not None:
        yield Finding(place, told[0], told[1], "no such column in what leaves")


def check_book(book: Book, pseudonyms: Iterable[str] = ()) -> tuple[Finding, ...]:
    """The findings of a workbook that is about to be written: its texts, its columns, and whatever is hidden in it."""
    return tuple(dict.fromkeys(_book(book, frozenset(pseudonyms))))


def _book(book: Book, pseudonyms: frozenset[str]) -> Iterator[Finding]:
    yield from in_text(book.title, Place("", "title"), pseudonyms)
    for sheet in book.sheets:
        if sheet.hidden:
            yield Finding(Place("", sheet.title), "hidden", "this sheet is hidden", "nothing hidden")
        for block, span in zip(sheet.blocks, layout(sheet), strict=True):
            for text in (block.heading, *block.text):
                yield from in_text(text, Place("", sheet.title, f"A{span.top}"), pseudonyms)
            filled = set[int]()
            for number, row in enumerate(block.rows, span.first):
                for at, cell in enumerate(row, 1):
                    if cell is None or cell == "":
                        continue
                    place = Place("", sheet.title, f"{letters(at)}{number}")
                    if at not in filled:
                        filled.add(at)
                        yield from in_column(block.columns[at - 1].header, place)
                    value = cell.value if isinstance(cell, Formula) else cell
                    if isinstance(value, str):
                        yield from in_text(value, place, pseudonyms)
