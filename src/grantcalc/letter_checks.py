"""What is wrong or worth a note in a log of letters: events of no letter, persons who need none,
families."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from grantcalc.errors import Finding
from grantcalc.letters import LetterEvent, Log, family_is_served, may_participate


def check_log(log: Log, announced: date | None = None, known: date | None = None) -> tuple[Finding, ...]:
    """What is wrong in a log: a letter for somebody who needs none, what happens to no letter, or
    to the wrong kind; under the announcement of a day, by default that of the report."""
    known = known or log.report_date
    return (*_wrong_events(log), *_wrong_people(log, announced or log.report_date, known))


def _wrong_events(log: Log) -> Iterator[Finding]:
    issued: dict[str, LetterEvent] = {}
    for e in log.events:
        if e.event == "issued" and e.number in issued:
            yield e.source.finding("twice", "this letter is issued twice", "a unique number", column="number")
        elif e.event == "issued":
            issued[e.number] = e
    for e in log.events:
        letter = issued.get(e.number)
        if letter is None:
            yield e.source.finding(
                "letter", "no letter of this number was issued", "a row that issues it", column="number"
            )
        elif e.day < letter.day:
            yield e.source.finding(
                "order", "this is before the letter was issued", f"{letter.day} or later", e.day, column="day"
            )
        elif e.event == "extended" and letter.kind != "interim_assistance":
            yield e.source.finding(
                "kind", "only an interim assistance letter is extended", "interim_assistance", column="event"
            )
        elif e.event == "ended" and letter.basis == "t_visa":
            yield e.source.finding(
                "basis", "a certification that rests on a T visa does not end", "continued_presence", column="event"
            )
        elif letter is e and e.basis and e.kind != "certification":
            yield e.source.finding("basis", "only a certification rests on a basis", "an empty cell", column="basis")


def _wrong_people(log: Log, announced: date, known: date) -> Iterator[Finding]:
    with_letter = {e.participant for e in log.events if e.event == "issued"}
    listed = {p.participant for p in log.people}
    for p in log.people:
        place = may_participate(p.status, announced, known)
        if not place.needs_letter and p.participant in with_letter:
            problem = f"this person does not need a letter: {place.no_letter}"
            yield p.source.finding("no_letter", problem, "no letter", severity="warning", column="status")
        if not place.served:
            problem = f"this person is not a participant of the program: {place.authority}"
            yield p.source.finding("no_participant", problem, "another program", severity="warning", column="status")
        if p.family_of is not None and p.family_of not in listed:
            yield p.source.finding(
                "family",
                "the participant of this family member is not listed",
                "a person of the People sheet",
                column="family_of",
            )
        if p.derivative and family_is_served(p.derivative) is None:
            problem = "it is not confirmed that this class of family member is served"
            yield p.source.finding("derivative", problem, "T-2 to T-6", severity="warning", column="derivative")


def family_with_letters(log: Log, known: date) -> Iterator[Finding]:
    """Family members for whom a letter was issued, as known: each may be a participant, and not of
    a household only."""
    with_letter = {e.participant for e in log.events if e.event == "issued" and e.published <= known}
    for p in log.people:
        if p.family_of is not None and p.participant in with_letter:
            problem = "this family member has a letter of their own, and may be a participant"
            yield p.source.finding("family_letter", problem, severity="warning", column="family_of")
