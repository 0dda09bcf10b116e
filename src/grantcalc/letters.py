"""Certification and Eligibility Letters: a log of what HHS issued, extended, ended and withdrew, as
known on a day.

The log only grows, and each row has two dates, so that a late letter or a late withdrawal is seen
from the day on which it was known, and not before. `letters_of` gives what billing makes phases of
(Rulebook 4.1). Figures: letters.toml.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from attrs import field, frozen

from grantcalc.declared import declared
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Unknown
from grantcalc.known import Fact, Series
from grantcalc.periods import Interval
from grantcalc.provenance import NOWHERE, Authority, Origin, Source
from grantcalc.terms.vocabulary import one_of

__all__ = [
    "LetterEvent",
    "Log",
    "Participation",
    "PersonServed",
    "family_is_served",
    "letters_of",
    "may_participate",
]

LETTER_KINDS: Mapping[str, str] = {
    "certification": "certification_letter",
    "eligibility": "eligibility_letter",
    "interim_assistance": "interim_assistance_letter",
}
"""Kinds of letters, and what terms call them: an adult's, a child's, and a child's while its case
is looked into."""
LETTER_EVENTS = ("issued", "extended", "ended", "withdrawn")
BASES = ("t_visa", "continued_presence")
"""On what a certification rests; one on continued presence ends with it (22 USC
7105(b)(1)(E)(ii))."""


@frozen(kw_only=True, field_transformer=declared)
class LetterEvent:
    """One row of the log: what happened to the letter with this number, on which day, and when that
    was known.

    `kind`, `basis` and `participant` are of the row that issues it.
    """

    number: str
    event: str
    day: date
    published: date
    participant: Participant | None = None
    kind: str = ""
    basis: str = ""
    source: Source = field(default=NOWHERE, eq=False)


@frozen(field_transformer=declared)
class PersonServed:
    """Who a letter or a place in the program is for: the status, and for a family member whose, and
    the class."""

    participant: Participant
    status: str = "other"
    family_of: Participant | None = None
    derivative: str = ""
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class Log:
    """One issuer's log of letters, as of its report date."""

    report_date: date
    events: tuple[LetterEvent, ...] = ()
    people: tuple[PersonServed, ...] = ()
    label: str = ""
    issuer: str = ""
    source: Source = field(default=NOWHERE, eq=False)
    origin: Origin = field(default=Origin(), eq=False)


@cache
def letter_data() -> Any:
    """The figures of letters.toml, and its citations as authorities."""
    data = tomllib.loads((resources.files("grantcalc") / "letters.toml").read_text("utf-8"))
    return {**data, "cite": {key: Authority(**said) for key, said in data["cite"].items()}}


def statuses() -> tuple[str, ...]:
    """What a person's status may be called."""
    return tuple(letter_data()["statuses"])


def interim_days(extended: bool) -> int:
    """For how many days an interim assistance letter holds: 90, or 30 more (22 USC
    7105(b)(1)(G)(iii))."""
    interim = letter_data()["interim"]
    return int(interim["days"]) + (int(interim["extension"]) if extended else 0)


def days_of(issued: LetterEvent, later: Iterable[LetterEvent]) -> Interval | None:
    """The days for which a letter holds, its first day among them; None for one withdrawn on the
    day it was issued.

    *Choice.* A letter withdrawn on a day holds to the day before; one that ended on a day holds on
    that day too.
    """
    ends: list[date] = []
    after = list(later)
    if issued.kind == "interim_assistance":
        extended = any(e.event == "extended" for e in after)
        ends.append(issued.day + timedelta(days=interim_days(extended) - 1))
    ends += [e.day for e in after if e.event == "ended"]
    ends += [e.day - timedelta(days=1) for e in after if e.event == "withdrawn"]
    last = min(ends, default=None)
    return None if last is not None and last < issued.day else Interval(issued.day, last)


def by_letter(log: Log, known: date) -> Iterator[tuple[LetterEvent, list[LetterEvent]]]:
    """Each letter known by a day, with what is known of it since."""
    later: dict[str, list[LetterEvent]] = defaultdict(list)
    for event in log.events:
        if event.event != "issued" and event.published <= known:
            later[event.number].append(event)
    for event in log.events:
        if event.event == "issued" and event.published <= known:
            yield event, later[event.number]


def letters_of(log: Log, known: date | None = None) -> tuple[Letter, ...]:
    """The letters of a log as billing takes them, as known by a day, by default the log's report
    date.

    An extension, an end or a withdrawal makes another letter of it, from the day on which that was
    known: so what is billed as known earlier still sees the letter as it was.
    """
    every = by_letter(log, known or log.report_date)
    return tuple(letter for issued, later in every for letter in _versions(issued, later))


def _versions(issued: LetterEvent, later: list[LetterEvent]) -> Iterator[Letter]:
    """A letter as it was known from each day on."""
    days = sorted({issued.published, *(e.published for e in later if e.published > issued.published)})
    for published, replaced in zip(days, [*days[1:], None], strict=True):
        held = days_of(issued, (e for e in later if e.published <= published))
        if held is not None and issued.participant is not None:
            yield Letter(
                participant=issued.participant,
                kind=LETTER_KINDS[issued.kind],
                days=held,
                published=published,
                replaced=replaced,
                source=issued.source,
            )


def log_of(letters: Iterable[Letter], report_date: date) -> Log:
    """A log of the letters that a caseload workbook lists: each issued on its first day, and ended
    where it says so.

    The end of an interim letter is its term; one that runs for longer than 90 days was extended.
    """
    kinds = {said: kind for kind, said in LETTER_KINDS.items()}
    events: list[LetterEvent] = []
    for n, letter in enumerate(letters, 1):
        number, kind, last = f"L-{n}", kinds[letter.kind], letter.days.end
        events.append(
            LetterEvent(
                number=number,
                event="issued",
                day=letter.days.start,
                published=letter.published,
                participant=letter.participant,
                kind=kind,
                basis="",
                source=letter.source,
            )
        )
        term = letter.days.start + timedelta(days=interim_days(extended=False) - 1)
        if kind == "interim_assistance" and (last is None or last > term):
            events.append(
                LetterEvent(number=number, event="extended", day=term, published=letter.published, source=letter.source)
            )
        if last is not None:
            events.append(
                LetterEvent(number=number, event="ended", day=last, published=letter.published, source=letter.source)
            )
    return Log(report_date=report_date, events=tuple(events))


# --- who may be a participant ---


@frozen(field_transformer=declared)
class Participation:
    """Whether a person may be a participant, and what says so; whether the person needs a letter,
    and what says that none is needed."""

    served: bool
    needs_letter: bool
    authority: Authority
    no_letter: Authority | None = None


def may_participate(status: str, announced: date, known: date) -> Participation:
    """Whether a person of this status may be a participant under an announcement of this day, as
    known.

    U.S. citizens and lawful permanent residents need no letter and are no participants; parolees,
    refugees and asylees are none under announcements from fiscal year 2021 on. Refugees and asylees
    need no letter either: they are eligible for benefits in their own right. `Unknown` for a status
    that is none of these, or `other`.
    """
    if status not in statuses():
        raise Unknown("status", one_of(statuses()), length=len(status))
    said = letter_data()["statuses"][status]
    facts = [Fact(e["value"], e["effective"], e["published"], letter_data()["cite"][e["cite"]])
             for e in said["excluded"]]  # fmt: skip
    fact = Series[bool](f"place of a {status}", facts).find(announced, known)
    authority = fact.authority if fact else letter_data()["cite"]["derivatives"]
    no_letter = letter_data()["cite"][said["cite"]] if "cite" in said else None
    return Participation(not (fact and fact.value), said["letter"], authority, no_letter)


def family_is_served(derivative: str) -> bool | None:
    """Whether a family member of this class (T-2 to T-6) is served; None where that is not
    confirmed."""
    return True if derivative.upper() in letter_data()["family"]["served"] else None
