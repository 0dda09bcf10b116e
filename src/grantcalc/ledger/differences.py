"""What items come to, and by how much that differs from what others came to.

Two claims of a hundred thousand lines are alike but for a few. So each item is made one plain tuple
of all that it says, its figures last, and hashed once; what two tallies have in common falls away
in one step, and only the rest is summed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

from attrs import frozen

from grantcalc.billing.fields import LINE_FIGURES, fields_but
from grantcalc.billing.lines import Reduction, told_apart
from grantcalc.ledger.entries import Change, Item, bare

ItemKey: TypeAlias = tuple[Any, ...]
"""All that an item says but its source; the last two are its number of lines and its cents."""

_LINE = attrgetter(
    *(f"{f.name}.number" if f.kind == "month" else f.name for f in fields_but("source", *LINE_FIGURES)),
    *LINE_FIGURES,
)


def _key(of: Item | Change) -> ItemKey:
    if isinstance(of, Change):
        return *_key(of.item)[:-2], of.count, of.amount
    if isinstance(of, Reduction):
        what = told_apart(of.kind), of.id, of.window, of.room, of.authority
        return *what, *_LINE(of.line)[:-2], of.count, of.amount
    key: ItemKey = _LINE(of)
    return key


@frozen(eq=False)
class Tally:
    """Items with their figures in some order, no two of them equal: `at` says where each stands."""

    items: Sequence[Item | Change]
    at: Mapping[ItemKey, int]

    @classmethod
    def of(cls, items: Iterable[Item | Change]) -> Tally:
        """The tally of lines and reductions, or of what was changed."""
        given = tuple(items)
        at = dict(zip(map(_key, given), range(len(given)), strict=True))
        if len(at) < len(given):
            return cls.of(summed(x if isinstance(x, Change) else Change(bare(x), x.count, x.amount) for x in given))
        return cls(given, at)

    def minus(self, other: Tally) -> tuple[Change, ...]:
        """By how much this differs, item by item, none by nothing: its own items in order, then
        what it lacks."""
        differ = set(self.at).symmetric_difference(other.at)
        return summed((*self._of(differ, 1), *other._of(differ, -1)))

    def _of(self, keys: Iterable[ItemKey], sign: int) -> Iterator[Change]:
        for at in sorted(self.at[key] for key in keys if key in self.at):
            x = self.items[at]
            yield Change(x.item if isinstance(x, Change) else bare(x), sign * x.count, sign * x.amount)


def summed(changes: Iterable[Change]) -> tuple[Change, ...]:
    """What changes come to, one for each item, whatever their reasons; nothing that came back to
    zero."""
    sums: dict[ItemKey, tuple[Item, int, int]] = {}
    for change in changes:
        key = _key(change.item)[:-2]
        item, count, amount = sums.get(key, (change.item, 0, 0))
        sums[key] = item, count + change.count, amount + change.amount
    return tuple(Change(item, count, amount) for item, count, amount in sums.values() if count or amount)
