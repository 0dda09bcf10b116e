"""Terms with some values changed, to ask what if; read and checked by the same code as any
terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve

from grantcalc.errors import TermsRejected, Unknown, refuse, shown_key
from grantcalc.terms.sections import Reader
from grantcalc.terms.values import Filling, Terms
from grantcalc.terms.vocabulary import one_of

TermValue = str | int | Decimal


def change_terms(terms: Terms, changes: Mapping[str, TermValue]) -> Terms:
    """Terms with other values: `rate.certified` for what an award filled in, or the path of a key,
    as in `services.case_management.count` or `ceilings.per_capita.amounts.with_family`.

    Every dated value of the key is replaced; its dates stay. `Unknown` for a key that these terms
    do not have; `TermsRejected` for a value that does not fit.
    """
    document = dict(terms.document)
    for key, value in changes.items():
        document, was_changed = _changed(document, key, value, "")
        if not was_changed:
            raise Unknown("term", one_of(changeable(terms)), length=len(key), found=shown_key(key))
    reader = Reader(terms.file, "", [])
    changed = reader.terms(document, terms.digest)
    refuse(reader.findings, TermsRejected)
    return evolve(changed, document=document)


def changeable(terms: Terms) -> tuple[str, ...]:
    """The keys that `change_terms` takes."""
    return tuple(dict.fromkeys(_keys(terms.document, "")))


def _keys(node: Any, path: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("filled"), Filling):
            yield node["filled"].term
        elif "value" in node:
            yield _of_entry(node, path)
        else:
            for key, value in node.items():
                if path or key in ("services", "ceilings", "shares"):
                    yield from _keys(value, f"{path}.{key}".lstrip("."))
    elif isinstance(node, list):
        for item in node:
            yield from _keys(item, path)
    elif path.count(".") == 2 and isinstance(node, str) and path.rsplit(".", 1)[1] not in ("title", "cite"):
        yield path


def _of_entry(entry: Mapping[str, Any], path: str) -> str:
    """The key of a dated value: the path of its list, and the words that tell it from the others of
    the list."""
    words = [
        str(word)
        for name, word in entry.items()
        if name not in ("value", "effective", "published", "cite", "derived") and not isinstance(word, list)
    ]
    return ".".join((path, *words))


def _changed(node: Any, key: str, value: TermValue, path: str) -> tuple[Any, bool]:
    if isinstance(node, Mapping):
        filled = node.get("filled")
        if isinstance(filled, Filling):
            if filled.term != key:
                return node, False
            return {**node, "value": value, "filled": evolve(filled, value=value)}, True
        if "value" in node:
            return ({**node, "value": value}, True) if _of_entry(node, path) == key else (node, False)
        parts = {name: _changed(part, key, value, f"{path}.{name}".lstrip(".")) for name, part in node.items()}
        return {name: part for name, (part, _) in parts.items()}, any(changed for _, changed in parts.values())
    if isinstance(node, list):
        items = [_changed(item, key, value, path) for item in node]
        return [item for item, _ in items], any(changed for _, changed in items)
    return (value, True) if path == key and isinstance(node, str) else (node, False)
