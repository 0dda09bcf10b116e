"""Caseloads of several issuers together: each once, one of each issuer, and each with its letter
log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from attrs import evolve

from grantcalc.billing.caseload import Caseload, PersonStatus
from grantcalc.errors import Finding, refuse
from grantcalc.letters import Log, letters_of


def each_once(caseloads: Caseload | Iterable[Caseload]) -> tuple[Caseload, ...]:
    """Caseloads in the order of their issuers; one given twice, or a copy of it, counts once."""
    given = (caseloads,) if isinstance(caseloads, Caseload) else caseloads
    ordered = sorted(given, key=lambda c: (c.issuer, c.origin.file, c.origin.digest))
    return tuple(load for at, load in enumerate(ordered) if load not in ordered[:at])


def two_of_one_issuer(caseloads: Iterable[Caseload]) -> Iterator[Finding]:
    """A caseload whose issuer has another: a newer one replaces the older, and both would count
    twice."""
    issuers: set[str] = set()
    for caseload in caseloads:
        if caseload.issuer and caseload.issuer in issuers:
            problem, expected = "two caseloads have the same issuer", "one caseload of each issuer"
            yield caseload.source.finding("issuer", problem, expected, column="issuer")
        issuers.add(caseload.issuer)


def vanished_rows(caseloads: Iterable[Caseload], previous: Iterable[Caseload]) -> Iterator[Finding]:
    """A warning for each row of a previous caseload that the new one of its issuer no longer has:
    caseloads are cumulative."""
    earlier = tuple(previous)
    return (f for new in caseloads for old in earlier if old.issuer == new.issuer for f in new.vanished(old))


def with_letters(caseloads: Iterable[Caseload], logs: Iterable[Log]) -> tuple[Caseload, ...]:
    """The caseloads with the letters of their issuers' letter logs, and with the statuses of people
    whose status the caseload does not tell.

    `Rejected` for a log whose issuer has no caseload, a second log of an issuer, and a caseload
    that lists letters itself: which of the two holds would be a guess.
    """
    loads, logs = tuple(caseloads), tuple(logs)
    refuse(_wrong_logs(loads, logs))
    by_issuer = {log.issuer: log for log in logs}
    return tuple(_with_log(load, by_issuer[load.issuer]) if load.issuer in by_issuer else load for load in loads)


def _with_log(load: Caseload, log: Log) -> Caseload:
    told = {row.participant for row in load.statuses}
    wanted = {row.participant for row in load.participants} - told
    statuses = (
        PersonStatus(
            participant=p.participant, status=p.status, effective=date.min, published=log.report_date, source=p.source
        )
        for p in log.people
        if p.participant in wanted
    )
    return evolve(load, letters=letters_of(log), statuses=(*load.statuses, *statuses), logs=(log,))


def _wrong_logs(loads: tuple[Caseload, ...], logs: tuple[Log, ...]) -> Iterator[Finding]:
    with_own = {load.issuer: bool(load.letters) for load in loads}
    count = Counter(log.issuer for log in logs)
    for log in logs:
        if count[log.issuer] > 1:
            yield log.source.finding("issuer", "two letter logs have the same issuer", "one log of each issuer")
        elif log.issuer not in with_own:
            problem = "there is no caseload of the issuer of this letter log"
            yield log.source.finding("issuer", problem, "the issuer of a caseload")
        elif with_own[log.issuer]:
            problem = "the caseload of this issuer lists letters too, on its Letters sheet"
            yield log.source.finding("letters", problem, "letters in one of the two")


def billed_and_previous(caseloads: Iterable[Caseload]) -> tuple[list[Caseload], list[Caseload]]:
    """The caseload of each issuer that was billed, which a document states before the previous ones
    of that issuer."""
    billed: dict[str, Caseload] = {}
    previous = [load for load in caseloads if billed.setdefault(load.issuer, load) is not load]
    return [*billed.values()], previous
