"""The published JSON Schemas, and the part of JSON Schema (draft 2020-12) that they use.

What the schema of a document says is what its reader enforces, by the very file that is published,
with every finding at once and no other library. Beyond the schema, a number with a fraction or an
exponent is never a whole number (1.0 is refused), and text must be sound Unicode.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias, get_args

from attrs import evolve

from grantcalc.errors import Finding, Inexact, Place, Unknown, shown
from grantcalc.periods import parse_date
from grantcalc.terms.vocabulary import one_of

DocumentKind = Literal["claim", "request", "findings", "entry", "order"]
DOCUMENT_KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)
FORMATS: Mapping[str, int] = {"claim": 2, "request": 2, "findings": 1, "entry": 2, "order": 1}
"""The version of the format of each kind, as it is written; earlier ones are read."""

Check: TypeAlias = Callable[[Any], Sequence[Finding]]
"""What is wrong with a value, at places below it; a place grows its path as it rises."""

_TYPES: Mapping[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def schema(kind: str, version: int | None = None) -> dict[str, Any]:
    """The JSON Schema of one kind of document, as published, in the version that is written or in
    an earlier one. `Unknown` for a kind or version that there is not."""
    if kind not in DOCUMENT_KINDS:
        raise Unknown("kind of document", one_of(DOCUMENT_KINDS), length=len(kind))
    version = version or FORMATS[kind]
    if not 1 <= version <= FORMATS[kind]:
        raise Unknown("version of the format", f"1 to {FORMATS[kind]}", length=len(str(version)))
    name = f"{kind}.json" if version == FORMATS[kind] else f"{kind}-{version}.json"
    text = (files("grantcalc.io.exchange.schema") / name).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def breaches(document: object, kind: str, version: int | None = None) -> list[Finding]:
    """Where a document breaks the schema of its kind and version, at JSON paths such as
    `.lines[3].amount`."""
    return list(_check_of(kind, version)(document))


def wrong(path: str, cause: str, problem: str, expected: str = "", found: str = "") -> Finding:
    """A finding at a JSON path; the reader puts the file's name and `$` before it."""
    return Place(sheet=path).finding(cause, problem, expected, found)


def under(path: str, findings: Iterable[Finding], file: str = "") -> Iterator[Finding]:
    """The findings, each one step further down."""
    for f in findings:
        yield evolve(f, place=evolve(f.place, file=file, sheet=path + f.place.sheet))


def echo(value: object) -> str:
    """A found value as a finding may echo it: a whole number as it is, all else by its kind and
    length."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, float):
        return "a number with a fraction or an exponent"
    if isinstance(value, bool):
        return "true" if value else "false"
    return shown(value)


@cache
def _check_of(kind: str, version: int | None) -> Check:
    whole = schema(kind, version)
    return _compile(whole, whole["$defs"])


def _compile(node: Any, defs: Mapping[str, Any]) -> Check:
    """The check of one schema: its type first, then what it says of a value of that type."""
    if node is False:
        return _never
    expected = node.get("title", "") + (f", like {node['examples'][0]}" if "examples" in node else "")
    checks: list[Check] = []
    if "$ref" in node:
        checks.append(_compile(defs[node["$ref"].removeprefix("#/$defs/")], defs))
    if simple := [make(node[keyword], expected) for keyword, make in _KEYWORDS.items() if keyword in node]:
        checks.append(_first(simple))
    if node.keys() & {"properties", "patternProperties", "required", "additionalProperties"}:
        checks.append(_object(node, defs))
    if "items" in node:
        checks.append(_items(_compile(node["items"], defs)))
    checks += [_compile(below, defs) for below in node.get("allOf", ())]
    if "if" in node:
        checks.append(_if_then(_compile(node["if"], defs), _compile(node["then"], defs)))
    return _type(node["type"], expected, checks) if "type" in node else _each(checks)


def _each(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]
    return lambda value: [f for check in checks for f in check(value)]


def _first(checks: list[Check]) -> Check:
    """One finding for one cause: a day that is not written as a day is not also a day that there is
    not."""
    if len(checks) == 1:
        return checks[0]
    return lambda value: next((findings for check in checks if (findings := check(value))), ())


def _type(names: str | list[str], expected: str, checks: list[Check]) -> Check:
    kinds = tuple(_TYPES[n] for n in ([names] if isinstance(names, str) else names))
    expected = expected or ("text" if kinds == (str,) else one_of(names))
    further = _each(checks)

    def check(value: Any) -> Sequence[Finding]:
        if type(value) not in kinds:
            return (wrong("", "type", "this has the wrong type", expected, echo(value)),)
        if type(value) is str and not value.isascii() and not _sound(value):
            return (wrong("", "text", "this text is not valid Unicode", expected, echo(value)),)
        return further(value) if checks else ()

    return check


def _sound(text: str) -> bool:
    """Whether text can be written to a file: half of a surrogate pair cannot."""
    return not re.search("[\ud800-\udfff]", text)


def _never(value: Any) -> Sequence[Finding]:
    return (wrong("", "detail", "this key is not allowed in a document of this kind", "nothing", echo(value)),)


def _const(only: Any, expected: str) -> Check:
    return _enum([only], expected)


def _enum(words: list[Any], expected: str) -> Check:
    exact = {(type(word), word) for word in words}

    def check(value: Any) -> Sequence[Finding]:
        if isinstance(value, dict | list) or (type(value), value) not in exact:
            return (wrong("", "word", "this value is not allowed here", expected, echo(value)),)
        return ()

    return check


def _pattern(pattern: str, expected: str) -> Check:
    matches = re.compile(pattern).fullmatch  # each is anchored; this also refuses a last line feed

    def check(value: Any) -> Sequence[Finding]:
        if isinstance(value, str) and not matches(value):
            return (wrong("", "shape", "this is not in the required format", expected, echo(value)),)
        return ()

    return check


def _format(_: str, expected: str) -> Check:
    def check(value: Any) -> Sequence[Finding]:
        try:
            parse_date(value)
        except Inexact:
            return (wrong("", "day", "there is no such day", expected, echo(value)),)
        return ()

    return check


def _at_least(least: int, expected: str) -> Check:
    return _bound(lambda value: value >= least, expected)


def _at_most(most: int, expected: str) -> Check:
    return _bound(lambda value: value <= most, expected)


def _bound(holds: Callable[[int], bool], expected: str) -> Check:
    def check(value: Any) -> Sequence[Finding]:
        if type(value) is int and not holds(value):
            return (wrong("", "range", "this number is out of range", expected, echo(value)),)
        return ()

    return check


_KEYWORDS: Mapping[str, Callable[[Any, str], Check]] = {
    "const": _const,
    "enum": _enum,
    "pattern": _pattern,
    "format": _format,
    "minimum": _at_least,
    "maximum": _at_most,
}


def _object(node: Mapping[str, Any], defs: Mapping[str, Any]) -> Check:
    known = {key: _compile(below, defs) for key, below in node.get("properties", {}).items()}
    ids = node.get("patternProperties", {})
    shaped = [(re.compile(pattern), _compile(below, defs)) for pattern, below in ids.items()]
    required = node.get("required", ())
    closed = node.get("additionalProperties") is False
    keys = one_of(known) if known else "an id"

    def check(value: Any) -> Sequence[Finding]:
        findings: list[Finding] = []
        if not isinstance(value, dict):
            return findings
        for key in required:
            if key not in value:
                findings.append(wrong(f".{key}", "missing", "this key is missing"))
        for key, below in value.items():
            checks = [known[key]] if key in known else [c for pattern, c in shaped if pattern.fullmatch(key)]
            if closed and not checks:
                findings.append(wrong("", "key", "a key that this format does not have", keys, echo(key)))
            for each in checks:
                if inner := each(below):
                    findings += under(f".{key}", inner)
        return findings

    return check


def _items(each: Check) -> Check:
    def check(value: Any) -> Sequence[Finding]:
        findings: list[Finding] = []
        if isinstance(value, list):
            for index, below in enumerate(value):
                if inner := each(below):
                    findings += under(f"[{index}]", inner)
        return findings

    return check


def _if_then(condition: Check, then: Check) -> Check:
    return lambda value: () if condition(value) else then(value)
