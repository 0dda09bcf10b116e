"""What no text may hold that leaves a hand: whatever looks like a person's identifier, and
addresses of rows.

A stable row address is a pseudonym too. A name cannot be told from another word, so that columns
are judged by their headers; a caller who knows the pseudonyms gives them. Of what is found nothing
is repeated but its length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from attrs import evolve

from grantcalc.errors import Finding, Place, Severity, refuse, shown
from grantcalc.xlsx.sheets import Formula, WorkbookDraft, letters, row_positions

_IN_TEXT: tuple[tuple[re.Pattern[str], str, str, Severity], ...] = (
    (re.compile(r"[^\s@]@[^\s@]+\.[^\s@]"), "email", "this looks like an e-mail address", "error"),
    (
        re.compile(r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])"),
        "ssn",
        "this looks like a Social Security number",
        "error",
    ),
    (re.compile(r"(?<!\w)[Aa][-# ]?\d([- ]?\d){6,8}(?![\w-])"), "a_number", "this looks like an A-number", "error"),
    (
        re.compile(r"(?i)(?<!\w)(ssn|social security)\D{0,24}\d{9}(?!\d)"),
        "ssn",
        "this looks like a Social Security number",
        "error",
    ),
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

_PLAIN = re.compile(r"[-+0-9.,eE%]*|[$A-Z0-9: ]*[$0-9][$A-Z0-9: ]*")  # a number; a reference, or several
_QUOTED = re.compile("\"([^\"]*)\"|'([^']*)'!")
_CELL = re.compile(r"(?<!\w)\$?[A-Z]{1,3}\$?[0-9]+(?!\w)")
_RUN = re.compile(r"[^\W_]+")
_SHORT = 4

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
    reasons = {
        cause: (cause, problem, severity) for p, cause, problem, severity in reversed(_IN_TEXT) if p.search(text)
    }
    return tuple(reasons.values())


@lru_cache(maxsize=4096)
def told_by_header(header: str) -> tuple[str, str] | None:
    """What a column tells that is headed so: cause and problem."""
    words = " ".join(re.findall(r"[a-z]+", header.casefold())).removesuffix(" id").removesuffix(" code")
    return next(((cause, problem) for pattern, cause, problem in _HEADERS if pattern.fullmatch(words)), None)


def plainly(text: str) -> str:
    """Text as a reader sees it: every dash and space as the common one, nothing that has no
    width."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    return "".join("-" if unicodedata.category(c) == "Pd" else c for c in text if unicodedata.category(c) != "Cf")


def in_text(text: str, place: Place, pseudonyms: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """The findings of one text, wherever it stands."""
    for cause, problem, severity in told_by_text(plainly(text)):
        yield place.finding(cause, problem, _EXPECTED.get(cause, _NOBODY), shown(text), severity)
    if pseudonyms and names_one(text, pseudonyms):
        yield place.finding("pseudonym", "this is a participant's pseudonym", "counts only", shown(text))


def in_attribute(text: str, place: Place, pseudonyms: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """The findings of what no reader sees as text: identifiers, but not what only looks like a day
    or a reference."""
    if len(text) < 3 or _PLAIN.fullmatch(text):
        return
    for finding in in_text(text.replace("\\", "").replace('"', ""), place, pseudonyms):
        if finding.severity == "error" and finding.cause != "row":
            yield evolve(finding, found=shown(text))


def in_formula(text: str, place: Place, pseudonyms: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """The findings of a formula: of each text in quotes, and of the names of sheets."""
    for quoted in map("".join, _QUOTED.findall(text)):
        yield from in_attribute(quoted, place, pseudonyms)
    if pseudonyms and names_one(_CELL.sub(" ", text), pseudonyms):
        yield place.finding("pseudonym", "this is a participant's pseudonym", "counts only", shown(text))


def in_number(text: str, place: Place, pseudonyms: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """The findings of a number, which may be an amount as well."""
    for cause, problem, severity in told_by_text(text):
        if cause == "ssn":
            yield place.finding(cause, problem, _NOBODY, "a number", severity)
    if len(text) >= _SHORT and text in pseudonyms:
        problem = "this number is a participant's pseudonym too"
        yield place.finding("pseudonym", problem, "counts only", "a number", "warning")


@lru_cache(maxsize=65_536)
def names_one(text: str, pseudonyms: frozenset[str]) -> bool:
    """Whether a text is one of the pseudonyms, or has one in it between what are no letters or
    digits; whatever the case of its letters. Inside a text one of up to three characters must have
    a letter: any count is a number."""
    sought, longest = _folded(pseudonyms)
    said = plainly(text).casefold()
    if said.strip() in sought:
        return True
    runs = [(m.start(), m.end()) for m in _RUN.finditer(said)]
    spans = (said[a:b] for at, (a, _) in enumerate(runs) for _, b in runs[at : at + longest])
    return any(span in sought and (len(span) >= _SHORT or not span.isdecimal()) for span in spans)


@lru_cache(maxsize=8)
def _folded(pseudonyms: frozenset[str]) -> tuple[frozenset[str], int]:
    """The pseudonyms as they are compared, and how many runs of letters and digits the longest
    has."""
    said = frozenset(plainly(p).casefold().strip() for p in pseudonyms)
    return said, max((len(_RUN.findall(p)) for p in said), default=0)


def in_column(header: str, place: Place) -> Iterator[Finding]:
    """The finding of a column that holds anything, at its first cell."""
    told = told_by_header(header)
    if told is not None:
        yield place.finding(told[0], told[1], "no such column in a file that is sent")


def check_book(book: WorkbookDraft, pseudonyms: Iterable[str] = ()) -> tuple[Finding, ...]:
    """The findings of a workbook that is about to be written: its texts, its columns, and whatever
    is hidden in it."""
    return tuple(dict.fromkeys(_book(book, frozenset(pseudonyms))))


def refuse_leaks(book: WorkbookDraft, pseudonyms: Iterable[str] = (), *, of_persons: bool = True) -> None:
    """Refuse to write a workbook that would tell what it should not: `Rejected`, with what and
    where. Where it holds nothing of persons, the addresses of rows name organizations, and may
    stand in it."""
    refuse(f for f in check_book(book, pseudonyms) if of_persons or f.cause != "row")


def _book(book: WorkbookDraft, pseudonyms: frozenset[str]) -> Iterator[Finding]:
    yield from in_text(book.title, Place("", "title"), pseudonyms)
    for sheet in book.sheets:
        if sheet.hidden:
            yield Place("", sheet.title).finding("hidden", "this sheet is hidden", "nothing hidden")
        for block, span in zip(sheet.blocks, row_positions(sheet), strict=True):
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
