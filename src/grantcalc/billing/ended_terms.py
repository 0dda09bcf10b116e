"""What a bill notes of its terms: a published rate that ended and that the award filled in, and a
publication that is older than the program's usual rhythm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from grantcalc.billing.lines import Line
from grantcalc.errors import Finding, Place
from grantcalc.terms import Rules
from grantcalc.terms.ends import filled_after_end, overdue

OLD_TERMS = "old_terms"
"""The cause of a note that is on the first page too."""


def notes_on_terms(rules: Rules, lines: Sequence[Line]) -> Iterator[Finding]:
    """The notes on the terms of one award for its lines, each once."""
    rates = {(line.service, line.rate.effective) for line in lines if line.rate}
    billed = {line.service for line in lines}
    services = [s.service for s in rules.services if s.service.id in billed]
    told: dict[str, Finding] = {}
    for service in services:
        for end, values in filled_after_end(rules.terms, service, rules.known):
            later = values[0]
            if any((service.id, value.effective) in rates for value in values):
                last = end.effective - timedelta(days=1)
                problem = f"the published rates of {service.id} end on {last}; "
                problem += f"from {later.effective} those of the award are used: {later.authority}"
                note = later.source.finding("ended_terms", problem, severity="warning", column="value")
                told.setdefault(problem, note)
    yield from told.values()
    newest = overdue(rules.terms, services, rules.known) if services else None
    if newest is not None:
        problem = f"the newest rate that this file knows was published on {newest}"
        expected = f"a newer one, since this program usually publishes every {rules.terms.renewed_every} months"
        yield Finding(
            place=Place(rules.terms.file), cause=OLD_TERMS, problem=problem, expected=expected, severity="warning"
        )


def first_page_notes(notes: Sequence[Finding]) -> tuple[tuple[str, str], ...]:
    """The rows of the first page that tell of old publications."""
    return tuple(("Note", f"{n.place.file}: {n.problem}") for n in dict.fromkeys(notes) if n.cause == OLD_TERMS)
