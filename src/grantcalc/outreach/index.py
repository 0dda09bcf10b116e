"""An index in memory: which rows have all of some words, and which have a mark. SQLite's FTS5: no
server, no file."""

from __future__ import annotations

import re
import sqlite3
import weakref
from collections.abc import Iterable

_WORDS = re.compile(r"\w+")
_MOST = 32  # words of a search that are looked up


class Index:
    """Rows by their words and by their marks, each row known by its number from 0."""

    def __init__(self, rows: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._words = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self._words.close)
        self._words.execute("CREATE VIRTUAL TABLE rows USING fts5(words, content='', prefix='2 3')")
        self._marks: dict[str, set[int]] = {}
        self._all: set[int] = set()
        for number, (text, marks) in enumerate(rows):
            self._words.execute("INSERT INTO rows (rowid, words) VALUES (?, ?)", (number, text))
            for mark in marks:
                self._marks.setdefault(mark, set()).add(number)
            self._all.add(number)

    def find(self, text: str) -> set[int]:
        """The rows in which every word of a text begins a word: all for no text, none for a text
        without any word.

        Only words reach FTS5, each quoted, so that nothing is read as its syntax.
        """
        words = _WORDS.findall(text.replace("_", " ").replace("\0", " "))
        if not words:
            return set() if text.strip() else self._all
        query = " AND ".join(f'"{word}"*' for word in words[:_MOST])
        return {number for (number,) in self._words.execute("SELECT rowid FROM rows WHERE rows MATCH ?", (query,))}

    def marked(self, *marks: str) -> set[int]:
        """The rows that have any of these marks."""
        return set().union(*(self._marks.get(mark, ()) for mark in marks))

    def marks(self, kind: str) -> list[str]:
        """Every mark that begins so, without that beginning, in order."""
        return sorted(mark.removeprefix(kind) for mark in self._marks if mark.startswith(kind))
