"""How a workbook looks, found by its relations from the first part on, as its cells are; and which
parts it should not have: two of a kind, parts that nothing names, and kinds that no document has
that was issued."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from attrs import frozen

from grantcalc.audit.cell_styles import PLAIN_STYLES, CellStyles, cell_styles_of
from grantcalc.audit.part_facts import facts_of, joined_facts
from grantcalc.audit.sheet_looks import SheetLook, add_part, is_rich, look_of
from grantcalc.xlsx.elements import elements_of, root_of
from grantcalc.xlsx.package import DIGEST, TYPES
from grantcalc.xlsx.package_contents import part_digests
from grantcalc.xlsx.parts import content_type, relations, workbook
from grantcalc.xlsx.scan import ISSUED, RELATIONSHIPS, Package, Report, scan

_OPEN = "application/vnd.openxmlformats"
_MAIN = f"{_OPEN}-officedocument.spreadsheetml.sheet.main+xml"
_PARTS: Mapping[str, Mapping[str, str]] = {
    "": {
        "officeDocument": _MAIN,
        "extended-properties": f"{_OPEN}-officedocument.extended-properties+xml",
        "custom-properties": f"{_OPEN}-officedocument.custom-properties+xml",
        "core-properties": f"{_OPEN}-package.core-properties+xml",
    },
    "officeDocument": {
        "worksheet": f"{_OPEN}-officedocument.spreadsheetml.worksheet+xml",
        "styles": f"{_OPEN}-officedocument.spreadsheetml.styles+xml",
        "sharedStrings": f"{_OPEN}-officedocument.spreadsheetml.sharedStrings+xml",
        "theme": f"{_OPEN}-officedocument.theme+xml",
    },
    "worksheet": {
        "table": f"{_OPEN}-officedocument.spreadsheetml.table+xml",
        "drawing": f"{_OPEN}-officedocument.drawing+xml",
    },
    "drawing": {"chart": f"{_OPEN}-officedocument.drawingml.chart+xml"},
}
"""Which kinds of parts a part may name, by its own kind, and what each must be."""

_SEVERAL = ("worksheet", "table")
_OF_SAVING = {
    *("modified", "lastModifiedBy", "revision", "Application", "AppVersion", "TotalTime", "Template", DIGEST),
}


@frozen
class BookLook:
    """How a workbook looks: its styles, its sheets by title in their order, and what it says
    besides of itself."""

    styles: CellStyles
    sheets: Mapping[str, SheetLook]
    facts: Mapping[str, str]
    theme: str
    strange: tuple[str, ...]


def look_of_book(data: bytes, file: str) -> BookLook:
    """How a workbook looks that has been read already. `WorkbookRejected` for a part that is not
    sound."""
    package = scan(data, Report(file, ISSUED))
    named = list(_named(package))
    of = {kind: part for kind, part, _ in named}
    main = root_of(package, of["officeDocument"])
    titles = {sheet.relation.part: sheet.title for sheet in workbook(package).sheets}
    sheet_numbers = {str(n): title for n, title in enumerate(titles.values())}
    for e in (name for names in main.inside if names.name == "definedNames" for name in names.inside):
        local = e.attributes.pop("localSheetId", None)
        if local is not None:
            e.attributes["name"] = f"{e.attributes.get('name', '')} of {sheet_numbers.get(local, local)}"
        e.text = re.sub(r"[$'\s]", "", e.text)
    rich = frozenset(_rich(package, of["sharedStrings"])) if "sharedStrings" in of else frozenset[int]()
    sheets = {title: look_of(package, part, rich) for part, title in titles.items()}
    for kind, part, above in named:
        if kind in ("table", "drawing", "chart"):
            at = next((p for _, p, own in named if p == above), above)
            while at not in titles and at:
                at = next(a for _, p, a in named if p == at)
            if at:
                add_part(sheets[titles[at]], package, kind, part)
    facts = joined_facts((*facts_of(main), *_properties(package, of)))
    theme = _digest(package, of["theme"]) if "theme" in of else ""
    styles = cell_styles_of(package, of["styles"], of.get("theme", "")) if "styles" in of else PLAIN_STYLES
    return BookLook(styles, sheets, facts, theme, (*_strange(package, named), *styles.besides))


def same_parts(data: bytes, other: bytes) -> bool:
    """Whether two workbooks have the same parts, whatever their zips are like."""
    one, two = (part_digests(scan(each, Report("", ISSUED))) for each in (data, other))
    return one == two


def _named(package: Package) -> Iterator[tuple[str, str, str]]:
    """Every part that the relations of the package lead to: its kind, itself, and the part that
    names it."""
    waiting, seen = [("", "")], {""}
    while waiting:
        kind, above = waiting.pop(0)
        if kind not in _PARTS:
            continue
        for relation in relations(package, above).values():
            own = relation.kind.rpartition("/")[2]
            if relation.outside:
                if own != "hyperlink":
                    yield own, "", above
            else:
                yield own, relation.part, above
                if relation.part not in seen and relation.part in package:
                    seen.add(relation.part)
                    waiting.append((own, relation.part))


def _strange(package: Package, named: list[tuple[str, str, str]]) -> Iterator[str]:
    """What of the parts no issued document has, whoever saved it again."""
    kinds = {part: kind for kind, part, _ in named} | {"": ""}
    times: dict[tuple[str, str], int] = {}
    for kind, part, above in named:
        expected = _PARTS.get(kinds.get(above, ""), {}).get(kind)
        times[kind, above] = times.get((kind, above), 0) + 1
        if expected is None:
            yield f"a part of kind {kind}" if re.fullmatch("[A-Za-z]{1,30}", kind) else "a part of a kind not known"
        elif content_type(package, part) != expected:
            yield f"a {kind} that says that it is something else"
        if times[kind, above] > 1 and kind not in _SEVERAL:
            yield f"two parts of kind {kind}"
    reached = {part.lower() for _, part, _ in named}
    own = {_relations_of(part).lower() for part in ("", *reached)}
    for entry in package.entries:
        if entry not in {TYPES.lower(), *reached, *own} and not entry.endswith("/"):
            yield "a part that nothing names"


def _relations_of(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/") if part else RELATIONSHIPS


def _rich(package: Package, part: str) -> Iterator[int]:
    for number, text in enumerate(elements_of(package, part)):
        if text.name != "sst" and (text.name != "si" or is_rich(text)):
            yield number


def _properties(package: Package, of: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the document says of itself and a program shows: title, author, day, and whatever
    somebody added."""
    for kind in ("core-properties", "extended-properties", "custom-properties"):
        for e in root_of(package, of[kind]).inside if kind in of else ():
            name = e.attributes.get("name") or re.split("[ /}]", e.name)[-1]
            text = " ".join(filter(None, (e.text.strip(), *(inner.text.strip() for inner in e.inside))))
            if text and name not in _OF_SAVING:
                yield f"document@{name}", text


def _digest(package: Package, part: str) -> str:
    """What a theme says, whatever program wrote it: all elements, attributes and texts of it."""
    root = root_of(package, part)
    return hashlib.sha256(repr(_plain(root)).encode()).hexdigest()


def _plain(element: object) -> object:
    name, attributes, text, inside = (getattr(element, key) for key in ("name", "attributes", "text", "inside"))
    return name, sorted(attributes.items()), text.strip(), [_plain(e) for e in inside]
