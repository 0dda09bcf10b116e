"""Identifiers that a reader takes for one another: other capitals, letters of another script, marks
that are not seen.

A program keeps SUB-A and sub-a apart, and would pay both. (The letters are the single ones of
Unicode Technical Standard 39, confusables.txt, that Cyrillic and Greek share in shape with Latin.)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from grantcalc.errors import Finding
from grantcalc.provenance import Source, Word

_LOOKS = (
    ("АВЕЅІЈКМНОРСТУҮХҺԌԚԜ", "ABESIJKMHOPCTYYXHGQW"),
    ("авеѕіјкмнорстуүхһԁԍӏԛԝ", "abesijkmhopctyyxhdglqw"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿ", "ABEZHIKMNOPTYXCJ"),
    ("αειοιρτυνκχϲϳ", "aeioiptuvkxcj"),
    ("ı‐‑‒–—―−⁃", "i--------"),
)
_SHAPES = str.maketrans({seen: read for theirs, ours in _LOOKS for seen, read in zip(theirs, ours, strict=True)})

# Code points without a glyph of their own that are no format characters: fillers, joiners,
# variation selectors.
_FILLERS = (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)
_UNSEEN = frozenset([*_FILLERS, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])


def unseen_marks(text: str) -> bool:
    """Whether a text holds a mark that cannot be seen, or a space at its start or end."""
    return text != text.strip() or any(_is_unseen(character) for character in text)


def named_marks(text: str) -> str:
    """The marks of a text that cannot be seen, by number and name: U+200B (zero width space)."""
    marks = dict.fromkeys(c for c in text if _is_unseen(c))
    names = [f"U+{ord(c):04X} ({unicodedata.name(c, 'a control character').lower()})" for c in marks]
    return ", ".join(names + ["a space at its start or end"] * (text != text.strip()))


def likeness(text: str) -> str:
    """What a reader sees of an identifier: two that look alike have the same."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", text) if not _is_unseen(c))
    shapes = unicodedata.normalize("NFKC", seen.translate(_SHAPES).casefold().translate(_SHAPES))
    return " ".join(shapes.split())


def look_alike(named: Iterable[tuple[str, Source, str]], what: str) -> Iterator[Finding]:
    """Identifiers of one kind that look like an earlier one and are not the same, or hold a mark
    that cannot be seen.

    Each comes with its source and the column in which it stands; `what` names the kind, like
    "issuer".
    """
    first: dict[str, str] = {}
    for text, source, column in named:
        if unseen_marks(text):
            problem = f"this {what} has an invisible character"
            expected, found = "letters, digits and punctuation; type it again", Word(named_marks(text))
            yield source.finding("unseen", problem, expected, found, column=column)
        elif first.setdefault(likeness(text), text) != text:
            problem = f"this {what} resembles another one but is spelled differently"
            expected = "the same spelling if both are the same, or a different name"
            yield source.finding("look_alike", problem, expected, column=column)


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in ("Cf", "Cc") or ord(character) in _UNSEEN
