"""The styles of a workbook, and some more: those of its cells with another fill, and those of a
sheet of our own."""

from __future__ import annotations

from attrs import define, field

from grantcalc.xlsx.part_edits import Stack, filled, names, tag_at, utf_8, walk, with_attribute

_ORDER = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
)
_DEFAULTS = {
    "fonts": "<{p}font/>",
    "fills": "".join(f'<{{p}}fill><{{p}}patternFill patternType="{x}"/></{{p}}fill>' for x in ("none", "gray125")),
    "cellXfs": "<{p}xf/>",
}


@define
class MarkedStyles:
    """The styles part of a workbook, to which styles are added."""

    data: bytes
    counts: dict[str, int] = field(factory=dict)
    xfs: list[bytes] = field(factory=list)
    filled: dict[tuple[str, int], int] = field(factory=dict)
    fills: dict[str, int] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.data = utf_8(self.data)
        for section, content in _DEFAULTS.items():
            if section not in self._sections():
                self._add_section(section, content)
        begins: list[int] = []

        def begin(stack: Stack, _: dict[str, str], at: int) -> None:
            path = names(stack)
            if len(path) == 3 and path[1] in _DEFAULTS:
                self.counts[path[1]] = self.counts.get(path[1], 0) + 1
                begins.append(at)

        def end(stack: Stack, at: int) -> None:
            if names(stack)[1:] == ("cellXfs", "xf"):
                start, tag = begins[-1], tag_at(self.data, begins[-1])
                close = start + len(tag) if tag.endswith(b"/>") else at + len(tag_at_end(self.data, at))
                self.xfs.append(self.data[start:close])

        walk(self.data, begin, end)

    def _sections(self) -> dict[str, int]:
        sections: dict[str, int] = {}

        def begin(stack: Stack, _: dict[str, str], at: int) -> None:
            if len(stack) == 2:
                sections.setdefault(names(stack)[1], at)

        walk(self.data, begin)
        return sections

    def _add_section(self, section: str, content: str) -> None:
        later = [at for name, at in self._sections().items() if name not in _ORDER[: _ORDER.index(section)]]
        new = f"<{{p}}{section}>{content}</{{p}}{section}>"
        if later:
            root = tag_name(self.data, min(later)).rpartition(":")
            mark = new.replace("{p}", "".join(root[:2])).encode()
            self.data = self.data[: min(later)] + mark + self.data[min(later) :]
        else:
            self.data = filled(self.data, ("styleSheet",), new)

    def add(self, section: str, xml: str) -> int:
        """Add something at the end of a section; its number there."""
        number = self.counts.get(section, 0)
        self.counts[section] = number + 1
        self.data = filled(self.data, ("styleSheet", section), xml, count=number + 1)
        return number

    def fill(self, color: str) -> int:
        """The number of a solid fill."""
        if color not in self.fills:
            pattern = f'<{{p}}patternFill patternType="solid"><{{p}}fgColor rgb="FF{color}"/></{{p}}patternFill>'
            self.fills[color] = self.add("fills", f"<{{p}}fill>{pattern}</{{p}}fill>")
        return self.fills[color]

    def with_fill(self, style: str | None, color: str) -> int:
        """The style of a cell, with this fill."""
        number = int(style) if style and style.isdecimal() and int(style) < len(self.xfs) else 0
        if (color, number) not in self.filled:
            xf = self.xfs[number] if self.xfs else b"<xf/>"
            tag = tag_at(xf, 0)
            marked = with_attribute(with_attribute(tag, "fillId", self.fill(color)), "applyFill", 1)
            self.filled[color, number] = self.add("cellXfs", (marked + xf[len(tag) :]).decode())
        return self.filled[color, number]


def tag_at_end(data: bytes, at: int) -> bytes:
    """The tag at a place that ends an element."""
    return data[at : data.index(b">", at) + 1]


def tag_name(data: bytes, at: int) -> str:
    """The name in the tag at a place."""
    return tag_at(data, at)[1:].split(maxsplit=1)[0].rstrip(b"/>").decode()
