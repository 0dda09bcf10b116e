"""Facts with two dates, and the one look-up that respects both (Rulebook 2.2 to 2.4)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from typing import Generic, TypeVar

from attrs import field, frozen

from grantcalc.errors import NotInForce
from grantcalc.provenance import NOWHERE, Authority, Source

__all__ = ["Fact", "Series", "Steps"]

T = TypeVar("T")


@frozen(cache_hash=True)
class Fact(Generic[T]):
    """A value that holds for service from `effective`, and that nobody could know before
    `published` (Rulebook 2.2)."""

    value: T
    effective: date
    published: date
    authority: Authority
    source: Source = field(default=NOWHERE, eq=False)

    @property
    def is_end(self) -> bool:
        """Whether the fact has no value: from its day on nothing holds any more."""
        return self.value is None


@frozen
class Steps(Generic[T]):
    """A series as it was known on one day: the fact in force from each effective date on."""

    what: str
    known: date
    facts: tuple[Fact[T], ...]
    _starts: list[int] = field(init=False, eq=False, repr=False)

    @_starts.default
    def _ordinals(self) -> list[int]:
        return [fact.effective.toordinal() for fact in self.facts]

    def find(self, ordinal: int) -> Fact[T] | None:
        """The fact in force on the day with this ordinal, or None."""
        index = bisect_right(self._starts, ordinal)
        if not index or self.facts[index - 1].is_end:
            return None
        return self.facts[index - 1]

    def at(self, ordinal: int) -> Fact[T]:
        """The fact in force on the day with this ordinal; `NotInForce` where there is none."""
        fact = self.find(ordinal)
        if fact is None:
            raise NotInForce(self.what, date.fromordinal(ordinal), self.known)
        return fact

    @property
    def starts(self) -> list[int]:
        """The ordinals on which another fact comes into force."""
        return self._starts


def _in_order(facts: Iterable[Fact[T]]) -> tuple[Fact[T], ...]:
    return tuple(sorted(facts, key=lambda f: (f.effective, f.published)))


@frozen
class Series(Generic[T]):
    """Facts about one thing. Only start dates are stored; the end of a rate is a later fact
    (Rulebook 2.2).

    `what` names the thing in a refusal. Two facts with the same two dates have no order; documents
    that carry such a pair are refused where they are read.
    """

    what: str
    facts: tuple[Fact[T], ...] = field(default=(), converter=_in_order)

    def with_facts(self, more: Iterable[Fact[T]]) -> Series[T]:
        return Series(self.what, (*self.facts, *more))

    def as_known(self, known: date) -> Steps[T]:
        """The series as it was known on `known`: later publications unseen; of two with one
        effective date, the later published."""
        latest: dict[date, Fact[T]] = {}
        for fact in self.facts:
            if fact.published <= known:
                latest[fact.effective] = fact
        return Steps(self.what, known, tuple(latest.values()))

    def at(self, day: date, known: date) -> Fact[T]:
        """The fact in force on `day` as known on `known` (Rulebook 2.3); `NotInForce` where there
        is none (2.4)."""
        return self.as_known(known).at(day.toordinal())

    def find(self, day: date, known: date) -> Fact[T] | None:
        return self.as_known(known).find(day.toordinal())

    def __bool__(self) -> bool:
        return bool(self.facts)
