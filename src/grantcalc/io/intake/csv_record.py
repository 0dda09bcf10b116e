"""One record of a CSV file: its fields, or where it stops being CSV."""

from __future__ import annotations

import re

from attrs import frozen

# Possessive, so that a quote that is never closed costs one pass.
QUOTED = '"((?:[^"]++|"")*+)"'


@frozen
class Broken(Exception):
    """Where a record stops being CSV, as an offset into it, and why."""

    at: int
    problem: str
    expected: str


def bare_fields(record: str, delimiter: str) -> list[str]:
    """The fields of a record without quotation marks."""
    if "\r" in record:
        raise _bare_return(record.index("\r"))
    return record.split(delimiter or ",")


def quoted_fields(record: str, delimiter: str) -> list[str]:
    """The fields of a record that has quotation marks."""
    field, fields, at = re.compile(f'{QUOTED}|([^"{delimiter}\r\n]*+)'), list[str](), 0
    while True:
        match = field.match(record, at)
        assert match  # a field may be empty
        if match[1] is None and record[at : at + 1] == '"':
            raise Broken(at, "this quotation mark is never closed", "one more at the end of the field")
        value = match[2] if match[1] is None else match[1].replace('""', '"').replace("\r\n", "\n")
        if "\r" in value:
            raise _bare_return(re.compile("\r(?!\n)").search(record, at).start())  # type: ignore[union-attr]
        fields.append(value)
        at = match.end()
        if at == len(record):
            return fields
        if record[at] == delimiter:
            at += 1
        elif record[at] == "\r":
            raise _bare_return(at)
        elif match[1] is None:
            raise Broken(at, "there is a quotation mark in an unquoted field", "the field in quotes")
        else:
            raise Broken(at, "there is text after a closing quotation mark", "the next field, or the next row")


def _bare_return(at: int) -> Broken:
    return Broken(at, "there is a carriage return without a line feed", "lines that end with a line feed, or with both")
