"""The XML of a part, read as a stream by a grammar.

A grammar is a tree of `Node`s: which elements may stand in which, and what is done as they begin
and end. Whatever it does not name is passed over, with all that is in it; nothing is kept that
nobody asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias
from xml.parsers import expat  # no tree is built, and a DTD is refused as it begins

from attrs import define, field

from grantcalc.xlsx.scan import SAFE, SOUND, Package

Attributes: TypeAlias = dict[str, str]
Event: TypeAlias = tuple[str, str, Attributes]
"""What stands in a part: an element that begins or ends, by its name, or a text."""

_OPEN, _STRICT = "http://schemas.openxmlformats.org", "http://purl.oclc.org/ooxml"
MAIN = (f"{_OPEN}/spreadsheetml/2006/main", f"{_STRICT}/spreadsheetml/main")
RELATION = (f"{_OPEN}/officeDocument/2006/relationships", f"{_STRICT}/officeDocument/relationships")
_SPACES = (
    *(*MAIN, f"{_OPEN}/package/2006/relationships", f"{_OPEN}/package/2006/content-types"),
    *(f"{_OPEN}/officeDocument/2006/custom-properties", f"{_STRICT}/officeDocument/customProperties"),
    *(f"{_OPEN}/officeDocument/2006/docPropsVTypes", f"{_STRICT}/officeDocument/docPropsVTypes"),
)
PART_ENCODINGS = (None, "utf-8", "utf-16", "us-ascii", "ascii")
_MARKUP = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_ALTERNATES, _BRANCHES = f"{_MARKUP} AlternateContent", (f"{_MARKUP} Choice", f"{_MARKUP} Fallback")
_MOST_EVENTS = 10_000


@define(eq=False, init=False)
class Node:
    """What one element may hold, by name, and what else it holds; and what is done with its
    attributes as it begins, with its text, and when it has ended."""

    begin: Callable[[Attributes], object] | None
    text: Callable[[str], object] | None
    end: Callable[[], object] | None
    other: Node | None
    inside: dict[str, Node] = field(factory=dict)

    def __init__(
        self,
        begin: Callable[[Attributes], object] | None = None,
        text: Callable[[str], object] | None = None,
        end: Callable[[], object] | None = None,
        other: Node | None = None,
        /,
        **inside: Node,
    ) -> None:
        self.begin, self.text, self.end, self.other = begin, text, end, other
        self.inside = {f"{space} {name}": node for name, node in inside.items() for space in _SPACES}

    @property
    def asks(self) -> bool:
        """Whether anything is done with such an element, or with what it holds."""
        return bool(self.begin or self.text or self.end or self.other or self.inside)


PASSED = Node()
"""An element that nobody asks for."""


class _Reading:
    """A part while it is read: the elements that are open, and the text since the last tag."""

    def __init__(self, package: Package, grammar: Node) -> None:
        self.report = package.report
        self.stack, self.words = [grammar], list[str]()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler, self.parser.XmlDeclHandler = self.doctype, self.declaration
        self.events, self.inner = list[Event](), 0
        self.listen()

    def listen(self) -> None:
        parser = self.parser
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.words.append

    def start(self, tag: str, attributes: Attributes) -> None:
        within = self.stack[-1]
        if self.words:
            self.between(within)
        node = within.inside.get(tag)
        if node is None:
            if within.text:
                self.report.refuse("content", "this workbook is broken: an element stands within a text", SOUND)
            if tag == _ALTERNATES and (within.inside or within.other):
                self.record()
                return
            node = within.other or PASSED
        self.stack.append(node)
        if node.begin:
            node.begin(attributes)

    def end(self, _: str) -> None:
        node = self.stack.pop()
        if node.text:
            node.text("".join(self.words))
            self.words.clear()
        elif self.words:
            self.between(node)
        if node.end:
            node.end()

    def between(self, within: Node) -> None:
        """Text that stands beside elements: one that is strange there is as a strange element."""
        if within.other and within.other.begin and "".join(self.words).strip():
            within.other.begin({})
        self.words.clear()

    def doctype(self, *_: object) -> None:
        self.report.refuse("dtd", "a part of this workbook has a document type, as none may have", SAFE)

    def declaration(self, _: str, encoding: str | None, __: int) -> None:
        if (encoding.lower() if encoding else None) not in PART_ENCODINGS:
            problem = "a part of this workbook is in a character set that workbooks do not use"
            self.report.refuse("encoding", problem, SAFE)

    # --- alternatives, of which each program takes the one that it understands ---

    def record(self) -> None:
        """Keep what stands in the branches of alternatives until they end."""
        self.events.clear()
        self.inner = 0
        parser = self.parser
        parser.StartElementHandler, parser.EndElementHandler = self.keep_start, self.keep_end
        parser.CharacterDataHandler = lambda text: self.keep(("text", text, {}))

    def keep(self, event: Event) -> None:
        self.events.append(event)
        if len(self.events) > _MOST_EVENTS:
            self.refuse_alternatives()

    def keep_start(self, tag: str, attributes: Attributes) -> None:
        self.inner += tag == _ALTERNATES
        self.keep(("start", tag, attributes))

    def keep_end(self, tag: str) -> None:
        if tag != _ALTERNATES or self.inner:
            self.inner -= tag == _ALTERNATES
            self.keep(("end", tag, {}))
            return
        within = self.stack[-1]
        branches = [[*self.asked(branch, within)] for branch in _branches(self.events)]
        if any(branch != branches[0] for branch in branches):
            self.refuse_alternatives()
        self.listen()
        for kind, text, attributes in branches[0]:
            if kind == "start":
                self.start(text, attributes)
            elif kind == "end":
                self.end(text)
            else:
                self.words.append(text)

    def asked(self, branch: Sequence[Event], within: Node) -> Iterator[Event]:
        """What of a branch the grammar asks for."""
        stack = [within]
        for kind, text, attributes in branch:
            node = stack[-1]
            if kind == "start":
                node = node.inside.get(text) or node.other or PASSED
                if text == _ALTERNATES and stack[-1].asks:
                    self.refuse_alternatives()
                stack.append(node)
            elif kind == "end":
                stack.pop()
            if node.asks if kind != "text" else node.text or (node.other and text.strip()):
                yield kind, text, attributes

    def refuse_alternatives(self) -> None:
        problem = "a part of this workbook says one thing to some programs and something else to others"
        self.report.refuse("alternatives", problem, SOUND)


def _branches(events: Sequence[Event]) -> list[list[Event]]:
    """What stands in each branch; nothing, for programs that understand none of them, unless one is
    for all."""
    branches, depth, for_all = list[list[Event]](), 0, False
    for event in events:
        kind, tag, _ = event
        depth -= kind == "end"
        if depth == 0 and kind == "start" and tag in _BRANCHES:
            for_all |= tag == _BRANCHES[1]
            branches.append([])
        elif depth and branches:
            branches[-1].append(event)
        depth += kind == "start"
    return branches if for_all else [*branches, []]


def parse(package: Package, name: str, grammar: Node, without: re.Pattern[bytes] | None = None) -> None:
    """Read a part by its grammar. The workbook is refused for what is no XML, and for what could
    cost too much.

    `without` matches what is left out unread: elements that hold nothing and of which a part may
    have millions.
    """
    report, limits = package.report, package.report.limits
    if sum(p.count(b"<") + p.count(b"/>") for p in _thinned(package.unchecked(name), without)) > limits.tags:
        report.refuse("tags", "a part of this workbook has too many elements", f"at most {limits.tags:,} tags")
    reading = _Reading(package, grammar)
    parser, stack, words, fed = reading.parser, reading.stack, reading.words, 0
    try:
        for piece in _thinned(package.pieces(name), without):
            parser.Parse(piece)
            fed += len(piece)
            if len(stack) > limits.depth:
                report.refuse("depth", "a part of this workbook has elements too deep inside each other", SAFE)
            if not (stack[-1].text or stack[-1].other):
                words.clear()
            if max(fed - parser.CurrentByteIndex, sum(map(len, words))) > limits.token:
                report.refuse("token", "a part of this workbook has a text or tag that is too long", SAFE)
        parser.Parse(b"", True)
    except expat.ExpatError:
        report.refuse("xml", "this workbook is broken: a part is not sound XML", SOUND)


def _thinned(pieces: Iterator[bytes], without: re.Pattern[bytes] | None) -> Iterator[bytes]:
    """The pieces of a part without what is left out. In a section of characters nothing is an
    element, and from there on nothing is left out."""
    rest = b""
    for piece in pieces:
        rest += piece
        cut = rest.rfind(b"<")
        if without is None or cut < 1 or b"<![CDATA[" in rest:
            without = None if b"<![CDATA[" in rest else without
            yield rest
            rest = b""
        else:
            yield without.sub(b"", rest[:cut])
            rest = rest[cut:]
    yield rest
