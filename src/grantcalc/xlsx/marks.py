"""Marks in a workbook: colors and comments at cells, and one more sheet. Every other part and byte
stays as it is."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from attrs import frozen

from grantcalc.xlsx.formulas import column_number
from grantcalc.xlsx.grammar import MAIN, RELATION
from grantcalc.xlsx.marked_styles import MarkedStyles
from grantcalc.xlsx.package import TYPES
from grantcalc.xlsx.part_edits import Edits, Stack, Unmarkable, filled, names, prefix, utf_8, walk
from grantcalc.xlsx.parts import relations, workbook
from grantcalc.xlsx.scan import Package
from grantcalc.xlsx.sheets import letters

_KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_BEHIND = (
    *("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"),
)
_STYLES = '<styleSheet xmlns="{0}"><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs></styleSheet>'
_VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"></xml>'
)


@frozen
class Mark:
    """What is marked at a cell: a color, and a comment."""

    color: str
    text: str


class Marking:
    """A package while marks are put into it: `parts` by the names that they have in the package."""

    def __init__(self, package: Package) -> None:
        self.package, self.book = package, workbook(package)
        self.names = {name: info.orig_filename for name, info in package.entries.items()}
        self.parts = {n: b"".join(package.pieces(n)) for n in package.entries if not n.endswith("/")}
        self.main = next(r.part for r in relations(package, "").values() if r.kind == "officeDocument")
        strict = MAIN[1].encode() in self.parts[self.main.lower()]
        self.space, self.linked = MAIN[strict], RELATION[strict]
        if "styles" not in self.book.parts:
            self.styles_part = self.add("styles", _STYLES.format(self.space), f"{_KINDS}.styles+xml", self.main)[0]
        else:
            self.styles_part = self.book.parts["styles"]
        self.styles = MarkedStyles(self.text(self.styles_part))

    def made(self) -> dict[str, bytes]:
        """All parts, by name."""
        self.parts[self.styles_part.lower()] = self.styles.data
        return {self.names.get(name, name): data for name, data in self.parts.items()}

    # --- parts ---

    def change(self, part: str, data: bytes) -> None:
        self.parts[part.lower()] = data

    def text(self, part: str) -> bytes:
        if part.lower() not in self.parts:
            raise Unmarkable
        return utf_8(self.parts[part.lower()])

    def add(self, kind: str, content: str, content_type: str, owner: str, ending: str = "xml") -> tuple[str, str]:
        """A new part that another names: its name, and the id by which it is named."""
        number = next(n for n in range(1, 100_000) if f"xl/grantcalc/{kind}{n}.{ending}" not in self.parts)
        name = f"xl/grantcalc/{kind}{number}.{ending}"
        self.change(name, content.encode())
        override = f'<{{p}}Override PartName="/{name}" ContentType="{content_type}"/>'
        self.change(TYPES, filled(self.text(TYPES), ("Types",), override))
        folder, _, own = owner.rpartition("/")
        linking = posixpath.join(folder, "_rels", f"{own}.rels")
        if linking.lower() not in self.parts:
            space = "http://schemas.openxmlformats.org/package/2006/relationships"
            self.change(linking, f'<Relationships xmlns="{space}"></Relationships>'.encode())
            self.names.setdefault(linking.lower(), linking)
        taken, number = self.text(linking), 1
        while f'"rIdGrantcalc{number}"'.encode() in taken:
            number += 1
        said = f'<{{p}}Relationship Id="rIdGrantcalc{number}" Type="{self.linked}/{kind}" Target="/{name}"/>'
        self.change(linking, filled(taken, ("Relationships",), said))
        return name, f"rIdGrantcalc{number}"

    # --- the sheet that is added ---

    def add_sheet(self, title: str, content: str) -> None:
        """Add a sheet before all others, and show it when the workbook is opened."""
        _, key = self.add("worksheet", content, f"{_KINDS}.worksheet+xml", self.main)
        edits, numbers = Edits(self.text(self.main)), [0]

        def begins(stack: Stack, a: dict[str, str], at: int) -> None:
            path = names(stack)[1:]
            if path == ("sheets", "sheet") and a.get("sheetId", "").isdecimal():
                numbers.append(int(a["sheetId"]))
            elif path == ("definedNames", "definedName") and a.get("localSheetId", "").isdecimal():
                edits.set(at, localSheetId=int(a["localSheetId"]) + 1)
            elif path == ("bookViews", "workbookView"):
                edits.set(at, **{name: 0 for name in ("activeTab", "firstSheet") if name in a})

        walk(edits.data, begins)
        sheet = (
            f'<{{p}}sheet name={quoteattr(title)} sheetId="{max(numbers) + 1}" '
            f'xmlns:rel="{self.linked}" rel:id="{key}"/>'
        )
        root = names_of_root(edits.data)
        self.change(self.main, filled(edits.made(), (root, "sheets"), sheet, first=True))

    # --- the cells that are marked ---

    def mark(self, part: str, marks: Mapping[str, Mark]) -> None:
        """Mark cells of a sheet, by their references."""
        existing = {r.kind: r.part for r in relations(self.package, part).values()}
        self._comment(part, existing, marks)
        self.change(part, _MarkedSheet(self.text(part), marks, self.styles).made())

    def unselect(self, part: str) -> None:
        """Of two selected sheets both would be written to at once."""
        edits = Edits(self.text(part))

        def begins(stack: Stack, a: dict[str, str], at: int) -> None:
            if names(stack)[1:] == ("sheetViews", "sheetView") and a.get("tabSelected", "0") not in ("0", "false"):
                edits.set(at, tabSelected=0)

        walk(edits.data, begins)
        self.change(part, edits.made())

    def _comment(self, part: str, existing: Mapping[str, str], marks: Mapping[str, Mark]) -> None:
        if "comments" in existing:
            name = existing["comments"]
        else:
            empty = f'<comments xmlns="{self.space}"><authors></authors><commentList></commentList></comments>'
            name, _ = self.add("comments", empty, f"{_KINDS}.comments+xml", part)
        data, left = self._with_comments(self.text(name), marks)
        self.change(name, data)
        drawn = self._drawing(part)
        first = 900_001 + self.text(drawn).count(b":shape ")
        shapes = "".join(_shape(number, ref) for number, ref in enumerate(left, first))
        head, _, tail = self.text(drawn).rpartition(b"</xml>")
        self.change(drawn, head + shapes.encode() + b"</xml>" + tail)

    def _with_comments(self, data: bytes, marks: Mapping[str, Mark]) -> tuple[bytes, list[str]]:
        """The comments with those of the marks, which stand behind one that is there; and where
        there was none."""
        edits, there, authors = Edits(data), dict[str, str](), list[int]()

        def begins(stack: Stack, a: dict[str, str], at: int) -> None:
            path = names(stack)[1:]
            if path == ("commentList", "comment"):
                there["now"] = a.get("ref", "")
            elif path == ("authors", "author"):
                authors.append(at)

        def ends(stack: Stack, at: int) -> None:
            if names(stack)[1:] == ("commentList", "comment", "text") and there["now"] in marks:
                p, ref = prefix(stack[-1]), there["now"]
                there[ref] = ref
                edits.put(at, f"<{p}r>{_text(p, chr(10) * 2 + marks[ref].text)}</{p}r>")

        walk(data, begins, ends)
        data = edits.made()
        left = [ref for ref in marks if ref not in there]
        if left:
            data = filled(data, ("comments", "authors"), "<{p}author>grantcalc</{p}author>")
        new = "".join(
            f'<{{p}}comment ref="{ref}" authorId="{len(authors)}">'
            f"<{{p}}text>{_text('{p}', marks[ref].text)}</{{p}}text></{{p}}comment>"
            for ref in left
        )
        return (filled(data, ("comments", "commentList"), new) if left else data), left

    def _drawing(self, part: str) -> str:
        """The part that draws the comments of a sheet; the sheet is made to name one."""
        data, parts, behind = self.text(part), list[str](), list[tuple[int, str]]()

        def begins(stack: Stack, a: dict[str, str], at: int) -> None:
            path = names(stack)
            if len(path) == 2 and path[1] == "legacyDrawing":
                parts.extend(value for key, value in a.items() if key.endswith(":id"))
            elif len(path) == 2 and path[1] in _BEHIND:
                behind.append((at, stack[-1]))

        walk(data, begins)
        if parts:
            linked = relations(self.package, part)
            if parts[0] not in linked:
                raise Unmarkable
            return linked[parts[0]].part
        kind = "application/vnd.openxmlformats-officedocument.vmlDrawing"
        name, key = self.add("vmlDrawing", _VML, kind, part, "vml")
        said = f'<{{p}}legacyDrawing xmlns:rel="{self.linked}" rel:id="{key}"/>'
        if behind:
            at, first = behind[0]
            data = data[:at] + said.replace("{p}", prefix(first)).encode() + data[at:]
        else:
            data = filled(data, ("worksheet",), said)
        self.change(part, data)
        return name


def names_of_root(data: bytes) -> str:
    """The name of the root of a part."""
    roots: list[str] = []
    walk(data, lambda stack, a, at: roots.append(names(stack)[0]) if not roots else None)
    return roots[0]


def _text(p: str, text: str) -> str:
    return f'<{p}t xml:space="preserve">{escape(text)}</{p}t>'


def _shape(number: int, ref: str) -> str:
    row, column = int(ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - 1, column_number(ref.rstrip("0123456789")) - 1
    return (
        f'<v:shape xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        f'xmlns:x="urn:schemas-microsoft-com:office:excel" id="_x0000_s{number}" o:spt="202" '
        f'style="position:absolute;width:320px;height:120px;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
        f'<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill>'
        f"<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


class _MarkedSheet:
    """A sheet in which cells get their marks; a cell or row that is not there is put in at its
    place."""

    def __init__(self, data: bytes, marks: Mapping[str, Mark], styles: MarkedStyles) -> None:
        self.edits, self.marks, self.styles = Edits(data), marks, styles
        self.wanted: dict[int, dict[int, str]] = {}
        for ref in marks:
            column, row = ref.rstrip("0123456789"), int(ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            self.wanted.setdefault(row, {})[column_number(column)] = ref
        self.seen, self.rows = set[str](), dict[int, tuple[int, int, str]]()
        self.before: dict[str, int] = {}  # the cell before which a cell that is not there stands
        self.below: dict[int, int] = {}  # the row before which a row that is not there stands
        self.row, self.row_at, self.column = 0, 0, 0
        self.data_at = self.data_end = 0
        self.data_name = self.tail = ""

    def made(self) -> bytes:
        walk(self.edits.data, self.begins, self.ends)
        for row in sorted(self.wanted):
            missing = [ref for _, ref in sorted(self.wanted[row].items()) if ref not in self.seen]
            if row in self.rows and missing:
                at, end, name = self.rows[row]
                for ref in (ref for ref in missing if ref in self.before):
                    self.edits.put(self.before[ref], self.cell(ref, prefix(name)))
                last = "".join(self.cell(ref, prefix(name)) for ref in missing if ref not in self.before)
                if last:
                    self.edits.fill(at, end, last)
            elif missing:
                p = prefix(self.data_name)
                new = f'<{p}row r="{row}">{"".join(self.cell(ref, p) for ref in missing)}</{p}row>'
                self.below.setdefault(row, -1)
                if self.below[row] >= 0:
                    self.edits.put(self.below[row], new)
                else:
                    self.tail += new
        if self.tail:
            self.edits.fill(self.data_at, self.data_end, self.tail)
        return self.edits.made()

    def cell(self, ref: str, p: str) -> str:
        return f'<{p}c r="{ref}" s="{self.styles.with_fill(None, self.marks[ref].color)}"/>'

    def begins(self, stack: Stack, a: dict[str, str], at: int) -> None:
        path = names(stack)[1:]
        if path == ("sheetData",):
            self.data_at, self.data_name = at, stack[-1]
        elif path == ("sheetData", "row"):
            self.row, self.row_at, self.column = int(a.get("r", self.row + 1)), at, 0
            for row in self.wanted:
                if row < self.row:
                    self.below.setdefault(row, at)
        elif path == ("sheetData", "row", "c"):
            ref = a.get("r") or f"{letters(self.column + 1)}{self.row}"
            self.column = column_number(ref.rstrip("0123456789"))
            if self.row not in self.wanted:
                return
            for column, wanted in self.wanted[self.row].items():
                if column < self.column:
                    self.before.setdefault(wanted, at)
            if ref in self.marks:
                self.seen.add(ref)
                self.edits.set(at, s=self.styles.with_fill(a.get("s"), self.marks[ref].color))

    def ends(self, stack: Stack, at: int) -> None:
        if len(stack) == 3 and names(stack)[1:] == ("sheetData", "row") and self.row in self.wanted:
            self.rows.setdefault(self.row, (self.row_at, at, stack[-1]))
        elif len(stack) == 2 and names(stack)[1:] == ("sheetData",):
            self.data_end = at
