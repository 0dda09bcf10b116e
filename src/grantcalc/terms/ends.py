"""Until when published terms can be billed with, and how old their newest publication is.

A series ends with its publication. From the next day on the award fills it in, or nothing is in
force (Rulebook 2.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from grantcalc.known import Fact, Series
from grantcalc.periods import add_months
from grantcalc.terms.values import Service, Terms


def series_of(service: Service) -> Iterator[Series[Any]]:
    """Every series of a service: its rates, limits of paid months, and provisions."""
    yield from service.rates.values()
    yield from service.months.values()
    yield from (provision.values for provision in service.provisions)


def _every_series(terms: Terms) -> Iterator[Series[Any]]:
    for service in terms.services:
        yield from series_of(service)
    for ceiling in terms.ceilings:
        yield from ceiling.amounts.values()
    yield from (share.at_most for share in terms.shares)
    for bound in terms.bounds:
        yield from (bound.base, bound.at_most, bound.waived)
    yield terms.pass_through


def values_of(terms: Terms) -> Iterator[Fact[Any]]:
    """Every dated value of the file itself, ends included; not what an award filled in."""
    for series in _every_series(terms):
        yield from (fact for fact in series.facts if fact.source.file == terms.file)


def last_day(series: Series[Any]) -> date | None:
    """The last day on which a series holds; None where it has no end."""
    last = series.facts[-1] if series.facts else None
    return last.effective - timedelta(days=1) if last and last.is_end else None


def billed_until(terms: Terms) -> date | None:
    """The last day that a rate of these terms prices; None where a rate has no end, or none is
    given."""
    ends = [last_day(rate) for service in terms.services for rate in service.rates.values()]
    told = [end for end in ends if end is not None]
    return max(told, default=None) if len(told) == len(ends) else None


def newest_publication(terms: Terms, known: date = date.max) -> date:
    """The day on which the newest value of the file was published, as known on a day."""
    days = (fact.published for fact in values_of(terms) if fact.value is not None and fact.published <= known)
    return max(days, default=terms.published)


def overdue(terms: Terms, services: Iterable[Service], known: date) -> date | None:
    """The day of the newest publication, where it is older than the program's usual rhythm and any
    series of these services, or of the ceilings and shares, goes on without an end; else None."""
    of_all = [series for service in services for series in series_of(service)]
    of_all += [series for ceiling in terms.ceilings for series in ceiling.amounts.values()]
    of_all += [share.at_most for share in terms.shares]
    if terms.renewed_every is None or all(not series.facts or last_day(series) for series in of_all):
        return None
    newest = newest_publication(terms, known)
    return newest if add_months(newest, terms.renewed_every) < known else None


def filled_after_end(terms: Terms, service: Service, known: date) -> Iterator[tuple[Fact[Any], list[Fact[Any]]]]:
    """Of each end of a rate after which the award filled it in, as known: the end, and the award's
    values."""
    for rate in service.rates.values():
        seen = [fact for fact in rate.facts if fact.published <= known]
        after: dict[date, tuple[Fact[Any], list[Fact[Any]]]] = {}
        for filled in (fact for fact in seen if fact.source.file != terms.file):
            ends = [fact for fact in seen if fact.is_end and fact.effective <= filled.effective]
            if ends:
                after.setdefault(ends[-1].effective, (ends[-1], []))[1].append(filled)
        yield from after.values()
