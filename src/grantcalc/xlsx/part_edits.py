"""Changes to a part that leave every other byte of it as it is: attributes set, elements put in, at
their places."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.parsers import expat

from attrs import define, field

Stack = Sequence[str]
Begins = Callable[[Stack, dict[str, str], int], object]
Ends = Callable[[Stack, int], object]

_TAG = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
_PASSED = ("AlternateContent", "Choice", "Fallback")
_DECLARED = re.compile(r"(<\?xml[^>]*?) encoding=(\"[^\"]*\"|'[^']*')")


class Unmarkable(Exception):
    """A part is not as a spreadsheet program writes it, so that nothing can be put into it."""


def utf_8(data: bytes) -> bytes:
    """A part in UTF-8, whatever it was in."""
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return data
    return _DECLARED.sub(r"\1", data.decode("utf-16"), count=1).encode()


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def prefix(name: str) -> str:
    """The prefix of a name, with its colon."""
    return "".join(name.rpartition(":")[:2])


def tag_at(data: bytes, at: int) -> bytes:
    """The tag that begins at a place."""
    match = _TAG.match(data, at)
    if match is None:
        raise Unmarkable
    return match[0]


def walk(data: bytes, begins: Begins, ends: Ends = lambda stack, at: None) -> None:
    """Go through a part that is sound: the names of the open elements, without alternatives, the
    attributes, and the place of each tag; the place of an element that ends with its own tag is
    that of the tag."""
    parser, stack = expat.ParserCreate(), list[str]()

    def start(name: str, attributes: dict[str, str]) -> None:
        if local(name) not in _PASSED:
            stack.append(name)
            begins(stack, attributes, parser.CurrentByteIndex)

    def end(name: str) -> None:
        if local(name) not in _PASSED:
            ends(stack, parser.CurrentByteIndex)
            stack.pop()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise Unmarkable from None


def names(stack: Stack) -> tuple[str, ...]:
    """The names of the open elements without prefixes."""
    return tuple(map(local, stack))


def with_attribute(tag: bytes, name: str, value: object) -> bytes:
    """A tag with an attribute set."""
    said = f' {name}="{value}"'.encode()
    pattern = re.compile(rb"""\s%s\s*=\s*("[^"]*"|'[^']*')""" % name.encode())
    if pattern.search(tag):
        return pattern.sub(lambda _: said, tag, count=1)
    head = re.match(rb"<[^\s/>]+", tag)
    assert head
    return tag[: head.end()] + said + tag[head.end() :]


@define
class Edits:
    """Changes to the bytes of a part, put into effect together."""

    data: bytes
    changes: list[tuple[int, int, bytes]] = field(factory=list)

    def put(self, at: int, new: str) -> None:
        """Put something in at a place."""
        self.changes.append((at, at, new.encode()))

    def set(self, at: int, **attributes: object) -> None:
        """Set attributes of the tag at a place."""
        tag = new = tag_at(self.data, at)
        for name, value in attributes.items():
            new = with_attribute(new, name, value)
        self.changes.append((at, at + len(tag), new))

    def fill(self, at: int, end: int, new: str, *, first: bool = False) -> None:
        """Put something into the element that begins and ends at these places, as the last thing in
        it or the first."""
        tag = tag_at(self.data, at)
        if tag.endswith(b"/>"):
            name = re.match(rb"<([^\s/>]+)", tag)
            assert name
            opened = tag[:-2].rstrip() + b">"
            self.changes.append((at, at + len(tag), opened + new.encode() + b"</" + name[1] + b">"))
        else:
            self.put(at + len(tag) if first else end, new)

    def made(self) -> bytes:
        """The part with its changes."""
        out, at = list[bytes](), 0
        for begin, end, new in sorted(self.changes, key=lambda change: change[:2]):
            out += [self.data[at:begin], new]
            at = end
        return b"".join([*out, self.data[at:]])


def filled(data: bytes, path: tuple[str, ...], new: str, *, first: bool = False, count: int = 0) -> bytes:
    """A part with something put into the first element of a path; `{p}` in it stands for the prefix
    of names there. With a `count`, that is the element's attribute of this name."""
    spans: list[tuple[int, str]] = []
    closed: list[int] = []

    def begins(stack: Stack, _: dict[str, str], at: int) -> None:
        if not spans and names(stack) == path:
            spans.append((at, stack[-1]))

    def ends(stack: Stack, at: int) -> None:
        if spans and not closed and names(stack) == path:
            closed.append(at)

    walk(data, begins, ends)
    if not spans:
        raise Unmarkable
    edits, (at, name) = Edits(data), spans[0]
    if count and not (tag := tag_at(data, at)).endswith(b"/>"):
        edits.changes.append((at, at + len(tag), with_attribute(tag, "count", count)))
    edits.fill(at, closed[0], new.replace("{p}", prefix(name)), first=first)
    return edits.made()
