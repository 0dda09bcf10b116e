"""Terms as values: each number, date and citation together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from attrs import field, frozen

from grantcalc.errors import Unknown
from grantcalc.known import Fact, Series
from grantcalc.money import Rate
from grantcalc.provenance import NOWHERE, Authority, Source
from grantcalc.terms.vocabulary import ACTUAL_COST, Pool, one_of


@frozen(kw_only=True)
class Open:
    """A value that the program leaves to the award: its key, what kind of value fills it, and who
    says that it is open; `since` is the day from which it is, and `until` the last one, where it
    has them."""

    key: str
    kind: Literal["rate", "amount", "share", "months", "choice"]
    options: tuple[str, ...] = ()
    optional: bool = False
    authority: Authority = field(default=Authority(""))
    since: date | None = None
    until: date | None = None


@frozen(kw_only=True)
class Filling:
    """What an award says of one open term: one row of the Terms sheet."""

    term: str
    value: str | int | Decimal
    effective: date
    published: date
    authority: Authority
    source: Source = field(default=NOWHERE, eq=False)


class RateKey(NamedTuple):
    """What a rate is for: each part that is not empty must be so for the rate to hold."""

    phase: str = ""
    unit: str = ""
    rate_class: str = ""
    size: str = ""
    words: tuple[str, ...] = ()
    """A word of each declared dimension, in their order; empty where the rate is for every word of
    it."""

    def __str__(self) -> str:
        own = (self.phase, self.unit, self.rate_class, self.size and f"size {self.size}")
        return ", ".join(part for part in (*own, *self.words) if part)

    def names(self) -> int:
        """How much the key says: the parts that are not empty."""
        return sum(1 for part in (*self[:4], *self.words) if part)

    def holds_for(self, wanted: RateKey) -> bool:
        """Whether each part that is not empty is so of what is wanted."""
        of_words = zip(self.words, wanted.words, strict=True)
        return all(not a or a == b for a, b in (*zip(self[:4], wanted[:4], strict=True), *of_words))


@frozen(kw_only=True)
class Dimension:
    """A further key of rates: its words, and whose they are, the participant's or the site's; or
    which word the State of the subrecipient gives, `other` for every State that is not listed."""

    id: str
    of: Literal["participant", "site", "state"]
    words: tuple[str, ...]
    states: Mapping[str, str]
    other: str
    authority: Authority

    def word_of(self, state: str) -> str:
        """The word of a State by its postal code; empty where the terms give it none."""
        return self.states.get(state, self.other)


@frozen
class Provision:
    """A dated rule beside the rates: its kind, the words that say what it is about, and its value
    (docs/terms.md)."""

    kind: str
    words: Mapping[str, str | tuple[str, ...]]
    values: Series[Rate]

    def word(self, name: str) -> str:
        """A word as text; empty where the terms do not give it."""
        return str(self.words.get(name, ""))

    def __str__(self) -> str:
        said = (", ".join(w) if isinstance(w, tuple) else w for w in self.words.values())
        return " ".join((self.kind.replace("_", " "), *said))


@frozen(kw_only=True)
class Service:
    """What is paid for: how it is counted, out of which pool, at which rates and under which
    provisions; `months` limits the paid months of a phase."""

    id: str
    title: str
    pool: Pool
    choices: Mapping[str, Fact[str]]
    rates: Mapping[RateKey, Series[Rate]]
    months: Mapping[str, Series[int]]
    categories: tuple[str, ...]
    provisions: tuple[Provision, ...]
    authority: Authority

    @property
    def offered(self) -> bool:
        """Whether the award pays for it: not when it left every rate of the service unfilled."""
        return bool(self.rates) or self.choices["count"].value == ACTUAL_COST

    def dimensions(self, declared: tuple[Dimension, ...]) -> frozenset[str]:
        """The dimensions, of those declared, that a rate, a slope or a multiplier of the service
        names."""
        by_rate = {d.id for key in self.rates for d, word in zip(declared, key.words, strict=True) if word}
        return frozenset(by_rate | {p.word("of") for p in self.provisions if p.kind in ("multiplier", "slope")})

    def participant_figures(self) -> set[str]:
        """The numbers of a participant that a price goes by."""
        mine = [p for p in self.provisions if p.word("whose") == "participant"]
        return {name for p in mine for name in (p.word("figure"), *p.words.get("less", ()))}


@frozen
class Ceiling:
    """The most that is allowed in one window for one participant, by tier of household, or for one
    subaward (Rulebook 7.3, 7.4); amounts in cents."""

    id: str
    title: str
    choices: Mapping[str, Fact[str]]
    amounts: Mapping[str, Series[int]]
    authority: Authority


@frozen(kw_only=True)
class ShareOfPool:
    """A pool may be at most a share of what a ceiling authorizes, or of what is claimed (Rulebook
    7.5)."""

    id: str
    title: str
    pool: Pool
    of: str
    choices: Mapping[str, Fact[str]]
    at_most: Series[Fraction]
    authority: Authority


@frozen(kw_only=True)
class Bound:
    """The most that an agency may set as the rate of some services: a share of a base, or a higher
    one where it waived that. A bound is tested (Rulebook 10) and never makes a price."""

    id: str
    title: str
    services: tuple[str, ...]
    base: Series[Rate]
    at_most: Series[Rate]
    waived: Series[Rate]
    authority: Authority


@frozen(kw_only=True)
class Terms:
    """The terms of one program. Values are dated; `rules_as_known` gives the rules as they stood on
    a day.

    `opens` are the values still left to the award; `digest` is the SHA-256 of the file's text.
    `pass_through` is the least share of the award that the recipient passes on to subrecipients,
    where there is one. `renewed_every` is after how many months the program usually publishes anew,
    where that is known.
    """

    id: str
    title: str
    status: Literal["published", "illustrative"]
    note: str
    effective: date
    published: date
    phases: Mapping[str, tuple[str, ...]]
    services: tuple[Service, ...]
    ceilings: tuple[Ceiling, ...]
    shares: tuple[ShareOfPool, ...]
    opens: tuple[Open, ...]
    digest: str = ""
    file: str = field(default="", eq=False)
    pass_through: Series[Fraction] = field(default=Series("share passed on"), eq=False)
    renewed_every: int | None = field(default=None, eq=False)
    bounds: tuple[Bound, ...] = field(default=(), eq=False)
    dimensions: tuple[Dimension, ...] = field(default=(), eq=False)
    document: Mapping[str, Any] = field(factory=dict, eq=False, repr=False)

    def service(self, id: str) -> Service:
        """The service with this id; `Unknown` when there is none."""
        for service in self.services:
            if service.id == id:
                return service
        raise Unknown("service", one_of(s.id for s in self.services), length=len(id))

    def participant_figures(self) -> set[str]:
        """The numbers of a participant that any price goes by."""
        return {name for service in self.services for name in service.participant_figures()}

    def asks_of_participants(self, service: Service) -> bool:
        """Whether the price of a service goes by a word or a number of the participant."""
        of_words = any(d.of == "participant" for d in self.dimensions if d.id in service.dimensions(self.dimensions))
        return of_words or bool(service.participant_figures())
