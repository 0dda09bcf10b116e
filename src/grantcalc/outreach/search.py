"""Searching the directory: by place, need, language and words; each answer with the reason for its
rank.

The rank is not a score: same city, then State, then HHS region; within them who is open that day
before who is not, whoever was verified within a year before who was not, and then by name. So the
same search gives the same answer everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from heapq import nsmallest

from attrs import frozen

from grantcalc.display import Displayed
from grantcalc.errors import Unknown
from grantcalc.outreach.directory import (
    ALL_DAY,
    SERVICES,
    WEEK,
    Directory,
    DirectoryEntry,
    Resource,
    folded_text,
    region_of,
)
from grantcalc.regions import Jurisdiction, Region, bare_number, place_of

STALE = 365
"""Days after which a verification counts as old. Our own choice, of no source."""

MOST_HITS = 20
"""Entries that an answer names, where nothing else is asked for: what a person reads."""


@frozen
class Where:
    """A place that is searched: a region, a State, or a city of it. Nothing: everywhere."""

    region: Region | None = None
    state: Jurisdiction | None = None
    city: str = ""

    @property
    def wide(self) -> Region | None:
        """The HHS region that it is, or is in; None for everywhere."""
        return region_of(self.state) if self.state is not None else self.region

    def __str__(self) -> str:
        if self.state is not None:
            return f"{self.city}, {self.state.code}" if self.city else self.state.name
        return f"HHS Region {self.region.number}" if self.region else "everywhere"


@frozen
class Hit:
    """An entry that answers, and why it stands where it does."""

    entry: DirectoryEntry
    why: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.entry.name}, {self.entry.city}, {self.entry.state.code}: {'; '.join(self.why)}"


@frozen
class Answer(Displayed):
    """The entries that answer, nearest first, at most as many as were asked for; how many there
    are; and a hint, where there is none."""

    hits: tuple[Hit, ...]
    count: int
    hint: str = ""

    def __str__(self) -> str:
        lines = [f"{number}. {hit}" for number, hit in enumerate(self.hits, 1)]
        more = [f"and {self.count - len(self.hits):,} more"] if self.count > len(self.hits) else []
        return "\n".join([*lines, *more]) or f"nothing found: {self.hint}"


def search(
    directory: Directory,
    text: str = "",
    *,
    place: str | Where = "",
    need: str = "",
    language: str = "",
    day: date | None = None,
    most: int = MOST_HITS,
) -> Answer:
    """Who serves a place and a need in a language, as verified by a day (by default the directory's
    report date).

    `place` is like `El Paso, TX`, `El Paso`, `Texas` or `Region 6`; `need` one of `SERVICES`; every
    word of `text` must begin a word of the entry. Whatever is not understood, and whatever nobody
    offers, gives no entry and a hint.
    """
    day = day or directory.report_date
    where = place if isinstance(place, Where) else named_place(directory, place)
    if isinstance(where, str):
        return Answer((), 0, where)
    need, tongue = folded_text(need).replace(" ", "_"), folded_text(language)
    if need and need not in SERVICES:
        return Answer((), 0, f"this need is not known; {_nearest(need, SERVICES)}")
    index = directory.index
    if tongue and not index.marked(f"language {tongue}"):
        return Answer((), 0, f"no entry lists this language; {_nearest(tongue, index.marks('language '))}")
    positions = index.find(text)
    if need:
        positions = positions & index.marked(f"need {need}")
    if tongue:
        positions = positions & index.marked(f"language {tongue}")
    if where.wide is not None:
        positions = positions & index.marked(*(f"state {state.code}" for state in where.wide.jurisdictions))
    first, until = directory.spans
    today = day.toordinal()
    holding = [at for at in positions if first[at] <= today < until[at]]
    if not holding:
        return Answer((), 0, _hint(directory, text, where, need, language, day))
    ranks = nsmallest(most, _ranks(directory, holding, where, day))
    hits = (directory.entries[directory.by_name[rank % len(directory.entries)]] for rank in ranks)
    return Answer(tuple(Hit(e, tuple(_why(e, where, need, language, day))) for e in hits), len(holding))


def look_up(directory: Directory, text: str, *, language: str = "", day: date | None = None) -> tuple[Resource, ...]:
    """The resources of the library of which every word of `text` begins a word, as published by a
    day; newest first."""
    day, tongue = day or directory.report_date, folded_text(language)
    entries = [directory.library[at] for at in sorted(directory.library_index.find(text))]
    fit = [r for r in entries if r.published <= day and (not tongue or tongue in map(folded_text, r.languages))]
    return tuple(sorted(fit, key=lambda r: (-r.published.toordinal(), r.title, r.id)))


# --- the rank, and the words for it ---


def _near(entry: DirectoryEntry, where: Where) -> int:
    """0 in the same city, 1 there for the State, 2 there for the region."""
    if where.state is None:
        return 2
    if where.city and entry.state == where.state and folded_text(entry.city) == folded_text(where.city):
        return 0
    return 1 if where.state in entry.states else 2


def _ranks(directory: Directory, positions: Sequence[int], where: Where, day: date) -> Iterator[int]:
    """The rank of each of these rows as one number, the first the smallest: near, open, lately
    verified, by name."""
    index, names = directory.index, directory.places_by_name
    city, state = set[int](), set[int]()
    if where.state is not None:
        city = index.marked(f"city {folded_text(where.city)}, {where.state.code}") if where.city else city
        state = index.marked(f"state {where.state.code}")
    shut, old, first = directory.shut[day.weekday()], day.toordinal() - STALE, directory.spans[0]
    for at in positions:
        near = 0 if at in city else 1 if at in state else 2
        yield ((near * 2 + (at in shut)) * 2 + (first[at] < old)) * len(names) + names[at]


def _why(entry: DirectoryEntry, where: Where, need: str, language: str, day: date) -> Iterator[str]:
    near = _near(entry, where)
    if near == 0:
        yield f"in {entry.city}"
    elif near == 1 and where.state is not None:
        yield f"{'works in' if entry.state == where.state else 'serves'} {where.state.name}"
    elif where.wide is not None:
        yield f"in HHS Region {where.wide.number}" if entry.state.region == where.wide.number else "serves its region"
    if need:
        yield f"offers {need.replace('_', ' ')}"
    for spoken in entry.languages:
        if language and folded_text(spoken) == folded_text(language):
            yield f"speaks {spoken}"
    spans = entry.hours.on(day)
    if spans:
        yield "open all day" if spans == (ALL_DAY,) else "open " + ", ".join(f"{a}-{b}" for a, b in spans)
    elif entry.hours.stated:
        yield f"closed on a {WEEK[day.weekday()]}"
    else:
        yield "hours not stated"
    old = (day - entry.verified).days
    yield f"verified {entry.verified}" + (f", {old} days before" if old > STALE else "")


# --- what was meant, and what to try instead ---


def named_place(directory: Directory, text: str) -> Where | str:
    """The place that a text names, or a hint where it names none."""
    if not text.strip():
        return Where()
    city, _, state = (part.strip() for part in text.rpartition(",")) if "," in text else ("", "", text.strip())
    if meant := bare_number(state):
        return f"this place is not known; say {meant}"
    try:
        place = place_of(state)
    except Unknown as unknown:
        return _city(directory, text, unknown.nearest)
    if isinstance(place, Jurisdiction):
        return Where(state=place, city=city)
    return _city(directory, text, "") if city else Where(place)


def _city(directory: Directory, text: str, near: str) -> Where | str:
    """The city of the directory that a text names, or a hint where it names none; `near` is the
    nearest State."""
    known = directory.cities.get(folded_text(text), ())
    if len(known) == 1:
        return Where(state=known[0][1], city=known[0][0])
    if known:
        return f"several States have a {known[0][0]}: say which, of {', '.join(state.code for _, state in known)}"
    names = [f"{city}, {state.code}" for _, ((city, state), *_) in sorted(directory.cities.items())]
    return "this place is not known; " + (f"did you mean {near}?" if near else _nearest(text, names))


def _nearest(text: str, names: Sequence[str]) -> str:
    near = get_close_matches(text[:40].casefold(), [name.casefold() for name in names], n=1, cutoff=0.6)
    if near:
        return f"did you mean {next(name for name in names if name.casefold() == near[0])}?"
    return f"try one of {', '.join(names[:8])}" if names else "nothing is listed"


def _hint(directory: Directory, text: str, where: Where, need: str, language: str, day: date) -> str:
    """Which single wish to leave out, and how many there would then be."""
    tries = (
        ("the words", text, ("", where, need, language)),
        ("the language", language, (text, where, need, "")),
        ("the need", need, (text, where, "", language)),
        ("the place", where != Where(), (text, Where(), need, language)),
    )
    wished = [wish for wish, given, _ in tries if given]
    for wish, given, (words, place, service, tongue) in tries:
        if given and len(wished) > 1:
            count = search(directory, words, place=place, need=service, language=tongue, day=day, most=0).count
            if count:
                return f"without {wish} there {'is 1' if count == 1 else f'are {count:,}'}"
    return "no entry was verified by that day" if not wished else f"leave out {' or '.join(wished)}, or try other words"
