"""TOML that a user gives: terms, layouts and figures. Its size, depth, keys and numbers are checked
in one pass before it is parsed, so that no file costs more time or memory than a file of its kind
needs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

from grantcalc.errors import Finding, Place, Rejected

BYTES = 2**18
"""The largest file. The terms that ship with the library have at most some 32,000 bytes, a layout
has fewer."""
MOST_KEYS, MOST_DEPTH, MOST_DOTS, MOST_DIGITS = 2_000, 8, 8, 100
"""The most keys and brackets of a file, brackets inside each other, dots of a key, and characters
of a number."""

_TOKEN = re.compile(
    r'''
    (?P<text> """ (?: [^"\\] | \\. | "{1,2}(?!") )*+ "{0,5}
            | \'\'\' (?: [^'] | '{1,2}(?!') )*+ '{0,5}
            | " (?: [^"\\\n] | \\. )*+ "?
            | ' [^'\n]*+ '? )
  | (?P<comment> \#[^\n]*+ )
  | (?P<word> [A-Za-z0-9_+.:-]++ )
  | (?P<mark> [\[\]{}=,\n] )
    ''',
    re.VERBOSE | re.DOTALL,
)
_LARGE = re.compile(r"[-+]?[0-9_]+(\.[0-9_]+)?[eE][-+]?[0-9_]{4,}")


def decode_text(data: bytes, file: str, kind: type[Rejected]) -> str:
    """The text of a TOML file's bytes; `kind` with a finding at the line that is not UTF-8."""
    if len(data) > BYTES:
        raise _refused(kind, file, 0, "this file is too large", f"at most {BYTES:,} bytes", f"{len(data):,}")
    try:
        return data.decode()
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        raise _refused(kind, file, line, "this is not UTF-8 text", "UTF-8 text") from None


def parse_toml(text: str, file: str, kind: type[Rejected]) -> dict[str, Any]:
    """The tables of a TOML text, each number with a point a Decimal. `kind` with a finding at the
    line for what is not TOML, and for what no file of terms, layout or figures needs. TypeError for
    anything but text."""
    if not isinstance(text, str):
        raise TypeError(f"TOML must be text, not {type(text).__name__}")
    for finding in _beyond(text, file):
        raise kind([finding])
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as problem:
        line = int(found[1]) if (found := re.search(r"line (\d+)", str(problem))) else text.count("\n") + 1
        raise _refused(kind, file, line, "this is not TOML", "TOML 1.0") from None


def _beyond(text: str, file: str) -> Iterator[Finding]:
    """The first thing of a text that goes beyond what is read, if any does. It reads strings and
    comments as TOML has them, up to the first place that is not TOML; behind that nothing is
    parsed."""
    size = len(text.encode(errors="replace"))
    if size > BYTES:
        yield _finding(file, 0, "this file is too large", f"at most {BYTES:,} bytes", f"{size:,}")
    if text.startswith("\ufeff"):
        yield _finding(file, 1, "this text begins with a byte order mark", "UTF-8 text without a mark")
    if odd := re.search("[\ud800-\udfff]", text):
        line = text.count("\n", 0, odd.start()) + 1
        yield _finding(file, line, "this text is not valid Unicode", "UTF-8 text")
    line, keys, depth, dots = 1, 0, 0, 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if token["mark"]:
            depth = max(0, depth + (mark in "[{") - (mark in "]}"))
            keys, dots = keys + (mark in "=[{"), 0
        elif token["word"]:
            dots += mark.count(".")
        if depth > MOST_DEPTH:
            yield _finding(file, line, "brackets are nested too deeply", f"at most {MOST_DEPTH} levels")
        elif dots > MOST_DOTS:
            yield _finding(file, line, "this key has too many dots", f"at most {MOST_DOTS}")
        elif keys > MOST_KEYS:
            yield _finding(file, line, "this file has too many keys and brackets", f"at most {MOST_KEYS:,}")
        elif token["word"] and len(mark) > MOST_DIGITS:
            expected = f"at most {MOST_DIGITS} characters"
            yield _finding(file, line, "this number or key is too long", expected, f"{len(mark):,}")
        elif token["word"] and _LARGE.fullmatch(mark):
            yield _finding(file, line, "this number is too large or too small", "an exponent of at most three digits")
        line += mark.count("\n")


def _finding(file: str, line: int, problem: str, expected: str, found: str = "") -> Finding:
    return Place(file, "", "", line).finding("toml", problem, expected, found)


def _refused(kind: type[Rejected], file: str, line: int, problem: str, expected: str, found: str = "") -> Rejected:
    return kind([_finding(file, line, problem, expected, found)])


def line_of_key(content: str, path: str) -> int:
    """The line of a key, or 0 without the text of the file. It is sought in the section of its
    table; of a list, in the n-th entry."""
    if not content:
        return 0
    entry = re.fullmatch(r"(.+)\[(\d+)\]", path)
    if entry and f"[[{entry[1]}]]" not in content:
        begin = _entry(_entries(content, entry[1]), int(entry[2]))
    else:
        begin, _ = _place(content, path)
    return content.count("\n", 0, begin) + 1


@lru_cache(maxsize=64)
def _entries(content: str, path: str) -> tuple[int, ...]:
    """Where the entries of a list begin; of none, where the list does. A list is asked of once for
    each entry."""
    begin, end = _place(content, path)
    return tuple(begin + m.start() for m in re.finditer(r"\{", content[begin:end])) or (begin,)


def _entry(entries: tuple[int, ...], number: int) -> int:
    return entries[min(number, len(entries) - 1)]


def _header(content: str, tokens: list[str]) -> re.Match[str] | None:
    """The header of a table, or the n-th of a list of tables."""
    if not tokens[-1].startswith("["):
        return re.search(rf"(?m)^\[{re.escape('.'.join(tokens))}\]", content)
    headers = re.finditer(rf"(?m)^\[\[{re.escape('.'.join(tokens[:-1]))}\]\]", content)
    return next(islice(headers, int(tokens[-1][1:-1]), None), None)


def _place(content: str, path: str) -> tuple[int, int]:
    """Where a key stands, and where its section ends."""
    begin, end = 0, len(content)
    tokens = re.findall(r"\[\d+\]|[^.\[\]]+", path)
    for count in range(len(tokens), 0, -1):
        header = _header(content, tokens[:count])
        if header:
            begin = header.start()
            after = re.search(r"(?m)^\[", content[header.end() :])
            end = header.end() + after.start() if after else end
            tokens = tokens[count:]
            break
    else:
        top = re.search(r"(?m)^\[", content)
        end = top.start() if top else end
    for token in tokens:
        if token.startswith("["):
            entries = tuple(begin + m.start() for m in re.finditer(r"\{", content[begin:end])) or (begin,)
            begin = _entry(entries, int(token[1:-1]))
        else:
            key = re.search(rf"(?m)(?:^|[{{,]|\s){re.escape(token)}\s*=", content[begin:end])
            begin = begin + key.end() if key else begin
    return begin, end
