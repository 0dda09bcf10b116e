"""Further keys of rates: dimensions with their words, and multipliers that go by them (Rulebook
5.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from grantcalc.regions import JURISDICTIONS
from grantcalc.terms.numbers import Numbers
from grantcalc.terms.values import Dimension
from grantcalc.terms.vocabulary import DIMENSIONS_OF, one_of

POSTAL = {place.code for place in JURISDICTIONS}
RATE_WORDS = (
    *("phase", "unit", "class", "size", "value", "ends", "effective", "published", "cite", "derived"),
    *("open", "optional", "filled"),
)
"""What the keys of a rate are called already."""


def _of_dimension(word: str) -> Literal["participant", "site", "state"]:
    return "participant" if word == "participant" else "site" if word == "site" else "state"


class Dimensions(Numbers):
    """Reads the dimensions of a document, and whatever names a word of one."""

    dimensions: tuple[Dimension, ...] = ()

    def read_dimensions(self, doc: Mapping[str, Any]) -> None:
        """The dimensions, in the order in which they are declared."""
        self.dimensions = tuple(self.dimension(i, t) for i, t in self.items(doc, "dimensions"))

    def dimension(self, id: str, t: Mapping[str, Any]) -> Dimension:
        """A further key of rates: its words, and whose they are."""
        path = f"dimensions.{id}"
        by_state = t.get("of") == "state"
        self.known_keys(t, path, f"of words cite{' states other' if by_state else ''}")
        if id in RATE_WORDS:
            self.add(path, "dimension", "rates have a key of this name already", "another name")
        words = t.get("words")
        if not isinstance(words, list) or not words or not all(isinstance(w, str) and w.strip() for w in words):
            self.add(f"{path}.words", "words", "a dimension must list its words", "a list of text", words)
            words = []
        self.names([id, *words], path)
        states = self.table(t.get("states"), f"{path}.states")
        for state in states:
            if state not in POSTAL:
                expected = "the postal code of a State or territory, such as AK"
                self.add(f"{path}.states.{state}", "state", "there is no such State", expected)
        for where, word in (*((f"{path}.states.{s}", w) for s, w in states.items()), (f"{path}.other", t.get("other"))):
            if word is not None and word not in words:
                self.add(where, "word", "this is not a word of the dimension", one_of(map(str, words)), word)
        if by_state and not states and "other" not in t:
            self.add(f"{path}.states", "states", "a dimension of the State must say which word each has", "states")
        return Dimension(
            id=id,
            of=_of_dimension(self.word(t, "of", path, DIMENSIONS_OF)),
            words=tuple(map(str, words)),
            states={state: str(word) for state, word in states.items()},
            other=str(t.get("other", "")),
            authority=self.cite(t, path),
        )

    def of_a_word(self, entry: Mapping[str, Any], where: str) -> None:
        """A multiplier or slope goes by a class or unit, or by a word of a dimension."""
        words = {d.id: d.words for d in self.dimensions}
        of = entry.get("of")
        if of in words:
            if entry.get("is") not in words[of]:
                self.add(
                    f"{where}.is", "word", "this is not a word of the dimension", one_of(words[of]), entry.get("is")
                )
        elif of not in ("class", "unit"):
            problem = "a multiplier or slope goes by a class, a unit or a declared dimension"
            self.add(f"{where}.of", "word", problem, one_of(("class", "unit", *words)), of)
