"""The directory: organizations and individuals who serve, and a library of resources.

A row is what was verified on a day. A later row of the same entry replaces it from its own day on;
before that day nobody could know it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from functools import cached_property
from typing import Any, Literal

from attrs import define, field, fields, frozen

from grantcalc.errors import Inexact, shown
from grantcalc.outreach.index import Index
from grantcalc.provenance import NOWHERE, Origin, Source
from grantcalc.regions import REGIONS, Jurisdiction, Region

SERVICES = (
    "case_management",
    "food",
    "clothing",
    "shelter",
    "housing",
    "employability",
    "mental_health",
    "medical",
    "legal",
    "interpretation",
    "education",
    "hotline",
    "training",
    "awareness",
    "law_enforcement",
)
"""What is asked for: the services of the Trafficking Victim Assistance Program as HHS's page names
them, and others around them."""

EntryKind = Literal["organization", "individual"]
ENTRY_KINDS = ("organization", "individual")
RESOURCE_KINDS = ("brochure", "card", "guide", "poster", "report", "training", "video")

HourSpan = tuple[str, str]
"""From when to when on one day, like 09:00 and 17:00."""

ALL_DAY: HourSpan = ("00:00", "24:00")
WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SPAN = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d:\d\d)-(\d\d:\d\d)")


@frozen
class Hours:
    """When an entry can be reached: of each weekday, Monday first, from when to when. `stated` is
    False for none."""

    days: tuple[tuple[HourSpan, ...], ...] = ((),) * 7
    stated: bool = False

    @classmethod
    def parse(cls, text: str) -> Hours:
        """From `24/7`, or spans like `Mon-Fri 09:00-17:00; Sat 10:00-14:00`. `Inexact` for anything
        else; nothing is stated by no text."""
        if not text.strip():
            return cls()
        if text.strip() == "24/7":
            return cls(((ALL_DAY,),) * 7, True)
        days: list[list[HourSpan]] = [[] for _ in WEEK]
        for part in text.split(";"):
            match = _SPAN.fullmatch(part.strip())
            first, last = (match[1], match[2] or match[1]) if match else ("", "")
            if match is None or first not in WEEK or last not in WEEK or WEEK.index(first) > WEEK.index(last):
                raise Inexact("these are no opening hours", shown(text))
            try:
                opens, closes = (f"{time.fromisoformat(at):%H:%M}" for at in (match[3], match[4]))
            except ValueError:
                raise Inexact("these are no times of a day", shown(text)) from None
            if opens >= closes:
                raise Inexact("these hours end before they begin", shown(text))
            for day in range(WEEK.index(first), WEEK.index(last) + 1):
                days[day].append((opens, closes))
        return cls(tuple(tuple(spans) for spans in days), True)

    def on(self, day: date) -> tuple[HourSpan, ...]:
        """The spans of a day's weekday."""
        return self.days[day.weekday()]


@frozen(kw_only=True)
class DirectoryEntry:
    """Who serves, as verified on a day: an organization, or an individual who works in the field.

    `serves` are the States and regions that it serves besides its own State. `organization` is its
    id in an award workbook, where it is a recipient or subrecipient.
    """

    id: str
    name: str
    kind: EntryKind
    city: str
    state: Jurisdiction
    services: tuple[str, ...]
    verified: date
    languages: tuple[str, ...] = ()
    serves: tuple[Jurisdiction | Region, ...] = ()
    hours: Hours = field(default=Hours())
    contact: str = ""
    note: str = ""
    organization: str = ""
    ends: date | None = None
    source: Source = field(default=NOWHERE, eq=False)

    @property
    def states(self) -> Iterator[Jurisdiction]:
        """Every State that it serves, its own first."""
        yield self.state
        for place in self.serves:
            yield from place.jurisdictions if isinstance(place, Region) else (place,)


@frozen(kw_only=True)
class Resource:
    """A piece of the library: what it is about (services), in which languages, and since when it is
    published."""

    id: str
    title: str
    kind: str
    topics: tuple[str, ...]
    published: date
    languages: tuple[str, ...] = ()
    link: str = ""
    note: str = ""
    source: Source = field(default=NOWHERE, eq=False)


@define(frozen=True, slots=False)
class Directory:
    """What `read_directory` gives: entries with their history, and the library, as complete on the
    report date."""

    report_date: date
    entries: tuple[DirectoryEntry, ...]
    library: tuple[Resource, ...] = ()
    label: str = ""
    origin: Origin = field(default=Origin(), eq=False)

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: an index does not pickle, and is made again where a copy is
        searched."""
        return {a.name: getattr(self, a.name) for a in fields(Directory)}

    @cached_property
    def index(self) -> Index:
        """The words of each entry, and its marks: need, language and State."""

        def marks(entry: DirectoryEntry) -> Iterator[str]:
            yield from (f"need {need}" for need in entry.services)
            yield from (f"language {folded_text(language)}" for language in entry.languages)
            yield from (f"state {state.code}" for state in entry.states)
            yield f"city {folded_text(entry.city)}, {entry.state.code}"

        def words(entry: DirectoryEntry) -> str:
            return _spoken(entry.name, entry.city, entry.state.name, *entry.services, *entry.languages, entry.note)

        return Index((words(entry), marks(entry)) for entry in self.entries)

    @cached_property
    def library_index(self) -> Index:
        """The words of each resource."""
        return Index((_spoken(r.title, r.kind, *r.topics, *r.languages, r.note), ()) for r in self.library)

    @cached_property
    def spans(self) -> tuple[list[int], list[int]]:
        """The ordinal of the day from which each row holds, and of that on which it no longer does:
        the day after it ends, or the day of the next row of its entry."""
        first, until = [e.verified.toordinal() for e in self.entries], [0] * len(self.entries)
        later: dict[str, int] = {}
        for at in sorted(range(len(first)), key=lambda at: -first[at]):
            entry = self.entries[at]
            ends = (entry.ends or date.max).toordinal() + 1
            until[at] = min(ends, later.get(entry.id, ends))
            later[entry.id] = first[at]
        return first, until

    def holds(self, at: int, day: date) -> bool:
        """Whether the row at a place was verified by a day, is not replaced yet, and has not
        ended."""
        first, until = self.spans
        return first[at] <= day.toordinal() < until[at]

    @cached_property
    def by_name(self) -> tuple[int, ...]:
        """The places of all rows in the order of their names."""
        names = [(e.name.casefold(), e.id, e.verified) for e in self.entries]
        return tuple(sorted(range(len(names)), key=names.__getitem__))

    @cached_property
    def places_by_name(self) -> tuple[int, ...]:
        """Of each row, how many stand before it in the order of their names."""
        counts = [0] * len(self.entries)
        for number, at in enumerate(self.by_name):
            counts[at] = number
        return tuple(counts)

    @cached_property
    def shut(self) -> tuple[frozenset[int], ...]:
        """The rows that state their hours and none for a weekday, Monday first."""
        stated = [(at, e.hours) for at, e in enumerate(self.entries) if e.hours.stated]
        return tuple(frozenset(at for at, hours in stated if not hours.days[day]) for day in range(7))

    @cached_property
    def cities(self) -> dict[str, tuple[tuple[str, Jurisdiction], ...]]:
        """Every city of an entry by its words, as written first, with its States."""
        cities: dict[str, dict[str, tuple[str, Jurisdiction]]] = {}
        for entry in self.entries:
            cities.setdefault(folded_text(entry.city), {}).setdefault(entry.state.code, (entry.city, entry.state))
        return {words: tuple(states.values()) for words, states in cities.items()}


def _spoken(*texts: str) -> str:
    return " ".join(texts).replace("_", " ")


def folded_text(text: str) -> str:
    """The words of a text in lower case, by which cities and languages are compared."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def region_of(state: Jurisdiction) -> Region:
    """The HHS region of a State."""
    return REGIONS[state.region - 1]
