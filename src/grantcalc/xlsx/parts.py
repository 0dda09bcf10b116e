"""What the parts of a workbook's package say of each other: its sheets, its shared texts, its
properties."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping

from attrs import frozen

from grantcalc.xlsx.grammar import RELATION, Attributes, Node, parse
from grantcalc.xlsx.package import TYPES
from grantcalc.xlsx.scan import RELATIONSHIPS, SOUND, Package, Report

_FALSE = ("0", "false")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Text with what XML cannot hold, which stands in it as `_x0008_` (ECMA-376, part 1,
    22.9.2.19)."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code < 0xE000 else chr(code)  # half a character says nothing


def is_slight(size: str | None, least: float) -> bool:
    """Whether a row's height in points, or a column's width in characters, is such that nobody sees
    what is in it."""
    return size is not None and re.fullmatch(r"\d{0,9}\.?\d{0,30}", size) is not None and float(f"0{size}") < least


ROW, COLUMN = 3.0, 0.5
"""What can just be seen: a row of so many points, a column of so many characters."""

# --- what the parts say of each other ---


@frozen
class Relation:
    """What a part names: the kind of thing, and the part that is it; "" where that stands
    elsewhere, at `outside`."""

    kind: str
    part: str
    outside: str = ""


def relations(package: Package, part: str) -> Mapping[str, Relation]:
    """The parts that a part names, by id; of the whole package for ""."""
    folder, _, own = part.rpartition("/")
    name = posixpath.join(folder, "_rels", f"{own}.rels") if part else RELATIONSHIPS
    relations: dict[str, Relation] = {}

    def relation(a: Attributes) -> None:
        key, target = (
            a.get("Id", ""),
            posixpath.normpath(posixpath.join("/", folder, a.get("Target", "").replace("\\", "/"))),
        )
        if key in relations:
            package.report.refuse("relation_twice", "this workbook is broken: two of its relations have one id", SOUND)
        space, _, kind = a.get("Type", "").rpartition("/")
        here = a.get("TargetMode") != "External"
        kind, outside = kind if space in RELATION else a.get("Type", ""), "" if here else a.get("Target", "")
        relations[key] = Relation(kind, target.lstrip("/") if here else "", outside)

    if not part or name in package:
        parse(package, name, Node(Relationships=Node(Relationship=Node(relation))))
    return relations


@frozen
class SheetPart:
    """A sheet as the workbook names it: its title, whether it is hidden, and its relation."""

    title: str
    hidden: bool
    relation: Relation


@frozen
class WorkbookPart:
    """What the workbook part says: its sheets, whether days count from 1904, and the parts that all
    sheets share.

    `stale` says that the stored values of its formulas may be out of date: the workbook asks to be
    recalculated when it is opened, or was saved before its calculation was complete.
    """

    sheets: tuple[SheetPart, ...]
    from_1904: bool
    parts: Mapping[str, str]
    stale: bool = False


def workbook(package: Package) -> WorkbookPart:
    """The workbook part, found by the relations of the package, if it is of a kind that can be
    read."""
    report = package.report
    main = next((r.part for r in relations(package, "").values() if r.kind == "officeDocument"), "")
    _check_kind(content_type(package, main), report)
    linked = relations(package, main)
    sheets, settings, calculation = list[SheetPart](), Attributes(), Attributes()

    def sheet(a: Attributes) -> None:
        key = next((a[f"{space} id"] for space in RELATION if f"{space} id" in a), "")
        if not key:  # a module or dialog of before 1997, which has no part
            problem = "this sheet has no cells, as an old macro sheet, and is not read"
            report.note(a.get("name", ""), "", "no_part", problem)
            return
        relation = linked.get(key, Relation("", ""))
        sheets.append(SheetPart(a.get("name", ""), a.get("state", "visible") != "visible", relation))

    calculated = Node(calculation.update)
    content = Node(workbookPr=Node(settings.update), sheets=Node(sheet=Node(sheet)), calcPr=calculated)
    parse(package, main, Node(workbook=content))
    _check_sheets(sheets, report)
    _note_strangers(package, linked, sheets)
    shared = {r.kind: r.part for r in linked.values() if r.kind in ("sharedStrings", "styles")}
    stale = calculation.get("fullCalcOnLoad", "0") not in _FALSE or calculation.get("calcCompleted", "1") in _FALSE
    return WorkbookPart(tuple(sheets), settings.get("date1904") in ("1", "true"), shared, stale)


def content_type(package: Package, part: str) -> str:
    """What the package says that a part is."""
    by_part, by_ending = Attributes(), Attributes()

    def override(a: Attributes) -> None:
        by_part[a.get("PartName", "").replace("\\", "/").lower()] = a.get("ContentType", "")

    def default(a: Attributes) -> None:
        by_ending[a.get("Extension", "").lower()] = a.get("ContentType", "")

    parse(package, TYPES, Node(Types=Node(Override=Node(override), Default=Node(default))))
    return by_part.get(f"/{part}".lower(), by_ending.get(part.rpartition(".")[2].lower(), ""))


def _check_kind(content_type: str, report: Report) -> None:
    if "sheet.binary" in content_type:
        expected = "an .xlsx workbook: open it and save it as Excel workbook (.xlsx)"
        report.refuse("xlsb", "this is a binary workbook (.xlsb), which is not read", expected)
    if not re.search(r"(?i)(spreadsheetml|ms-excel)\.(sheet|template|addin)(\.macroEnabled)?\.main", content_type):
        report.refuse("no_spreadsheet", "this is a file of an office program, and no workbook", "an .xlsx workbook")


def _check_sheets(sheets: list[SheetPart], report: Report) -> None:
    if not sheets:
        report.refuse("no_sheets", "this workbook is broken: it has no sheets", SOUND)
    titles, parts = set[str](), set[str]()
    for sheet in sheets:
        if not sheet.relation.kind:
            report.refuse("part_missing", "this workbook is broken: a part that it names is not there", SOUND)
        if sheet.title.casefold() in titles:
            report.refuse("sheet_twice", "this workbook is broken: two of its sheets have one name", SOUND)
        if sheet.relation.part.lower() in parts:
            report.refuse("part_twice", "this workbook is broken: two of its sheets are one part", SOUND)
        titles.add(sheet.title.casefold())
        parts.add(sheet.relation.part.lower())


def _note_strangers(package: Package, linked: Mapping[str, Relation], sheets: list[SheetPart]) -> None:
    """What is in the workbook besides its sheets and might do something: none of it is run or
    followed."""
    kinds = {relation.kind.rpartition("/")[2] for relation in (*linked.values(), *(s.relation for s in sheets))}
    if kinds & {"vbaProject", "xlMacrosheet", "xlIntlMacrosheet"} or any("vbaproject" in n for n in package.entries):
        package.report.note("", "", "macros", "this workbook has macros: they were not run")
    if kinds & {"externalLink", "connections"} or any(n.startswith("xl/externallinks/") for n in package.entries):
        problem = "this workbook has links to other files: they were not followed"
        package.report.note("", "", "external_links", problem)


# --- texts ---


def texts(add: Callable[[str], object], **more: Node) -> Node:
    """An element of text: plain, or in runs of several looks; but not how to pronounce it."""
    text = Node(None, add)
    return Node(t=text, r=Node(t=text), **more)


def shared_strings(package: Package, part: str) -> list[str]:
    """The texts that cells refer to by number."""
    report, strings, runs, size = package.report, list[str](), list[str](), 0

    def end() -> None:
        nonlocal size
        strings.append(unescaped("".join(runs)))
        runs.clear()
        size += len(strings[-1])
        if size > (most := report.limits.characters):
            report.refuse("characters", "this workbook has too much text", f"at most {most:,}")

    string = texts(runs.append)
    string.end = end
    parse(package, part, Node(sst=Node(si=string)))
    return strings


def properties(package: Package) -> Iterator[tuple[str, str]]:
    """The custom properties of the workbook, by name."""
    pairs: list[tuple[str, str]] = []
    names: list[str] = []
    value = Node(None, lambda text: pairs.append((names[-1], unescaped(text))))
    values = dict.fromkeys(("lpwstr", "lpstr", "i4", "r8", "bool", "filetime"), value)

    def begin(a: Attributes) -> None:
        names.append(a.get("name", ""))

    for relation in relations(package, "").values():
        if relation.kind in ("custom-properties", "customProperties"):
            parse(package, relation.part, Node(Properties=Node(property=Node(begin, **values))))
    return iter(pairs)
