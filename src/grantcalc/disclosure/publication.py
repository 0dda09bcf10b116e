"""What a report says of publication: that it must not be published, or which of its counts are
withheld.

Counts of a report often overlap: who received food is among those enrolled. Nothing else is known
of how they overlap, so no table of sums protects them. A small count is withheld; so is a count
that differs by few from the counts that hold it, or that would show that a withheld count is not
zero.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from attrs import field, frozen

from grantcalc.disclosure.suppression import THRESHOLD, check_threshold

CountKey = tuple[str, ...]
"""Where a count is in a report: its row, and its column."""
WITHHELD = "withheld"

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@frozen(kw_only=True)
class Withholding:
    """Which counts of a report are withheld. `threshold` is 0 where the report is exact and must
    not be published.

    `Withholding()` is exact. The functions `publish_...` give the others.
    """

    threshold: int = 0
    hidden: frozenset[CountKey] = field(default=frozenset(), repr=False)

    def shown(self, key: CountKey, value: T) -> T | str:
        """A count, or the word "withheld"."""
        return WITHHELD if key in self.hidden else value

    @property
    def says(self) -> str:
        """The sentence on the page and in the workbook."""
        if not self.threshold:
            return "Do not publish. The counts are exact, and a small count may single out a person."
        if not self.hidden:
            return f"For publication (threshold {self.threshold}). No count had to be withheld."
        return (
            f"For publication (threshold {self.threshold}). Counts from 1 to {self.threshold - 1} are withheld, and "
            f"counts from which they could be computed: {len(self.hidden)} in all."
        )


DO_NOT_PUBLISH = Withholding()
"""A report that must not be published, and says so."""


def overlapping(
    counts: Mapping[K, int],
    covers: Iterable[tuple[K, Sequence[K]]] = (),
    threshold: int = THRESHOLD,
    earlier: Sequence[Mapping[K, int | None]] = (),
) -> frozenset[K]:
    """Which of several counts of persons to withhold, where a person may be in more than one.

    `covers`: a count, and those of which at least one has each of its persons. `earlier`: what was
    published of the same counts before, None where it was withheld. What was withheld stays
    withheld.
    """
    check_threshold(threshold)
    known = [(key, parts) for key, parts in covers if parts]
    hidden = {key for key, n in counts.items() if 0 < n < threshold}
    hidden |= {key for key, n in counts.items() if n and any(_tells(n, key, past, threshold) for past in earlier)}
    before = -1
    while before < len(hidden):
        before = len(hidden)
        for key, parts in known:
            more = sum(counts[part] for part in parts if part not in hidden) - counts[key]
            if key not in hidden and (more < 0 or 0 < more < threshold):
                hidden.add(key)
    return frozenset(hidden)


def _tells(n: int, key: K, past: Mapping[K, int | None], threshold: int) -> bool:
    """Whether a count was withheld before, or differs by few from what was published."""
    if key not in past:
        return False
    then = past[key]
    return then is None or 0 < abs(n - then) < threshold
