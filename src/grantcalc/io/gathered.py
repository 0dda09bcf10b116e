"""What several files say together, of which some cells could not be read: all that does not depend
on these is checked.

What depends on a bad cell is left out here, so that a cell with a finding never leads to a second
one elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from grantcalc.awards import Award
from grantcalc.billing.caseload import Caseload
from grantcalc.billing.checks import NO_SUBAWARD, check_caseloads, default_known, repeated_rows
from grantcalc.billing.in_memory import check_budget_periods
from grantcalc.billing.issuers import with_letters
from grantcalc.billing.plausibility import implausible
from grantcalc.errors import Finding, Rejected
from grantcalc.io import schemas
from grantcalc.io.input_kinds import INPUT_KINDS, KindName, whole
from grantcalc.io.intake.award_terms import TermsFile
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.letters import Log
from grantcalc.network import Network
from grantcalc.terms import Terms

_SERVED = ("enrollments", "costs", "counts", "units", "figures")


@define
class Gathered:
    """The facts of some files from which claims are billed, by kind, and what is wrong with each
    file by itself."""

    networks: list[Network] = field(factory=list)
    caseloads: list[Caseload] = field(factory=list)
    logs: list[Log] = field(factory=list)
    findings: list[Finding] = field(factory=list)
    opened: set[Path] = field(factory=set)
    award: SheetTables | None = None
    """The sheets of the award workbook."""
    bad_rows: list[TableRow] = field(factory=list)
    """Rows of caseloads that say more than could be read."""

    def add(self, kind: KindName, book: WorkbookRead, terms_file: TermsFile) -> None:
        """What a workbook says, as one of the kinds that are billed."""
        tables = SheetTables(book)
        read = INPUT_KINDS[kind].read_in_part
        assert read is not None, "every kind that is billed can be read in part"
        value = read(tables, terms_file)
        by_kind: dict[str, list[Any]] = {"award": self.networks, "caseload": self.caseloads, "letters": self.logs}
        by_kind[kind].append(value)
        if kind == "award":
            self.award = tables
        elif kind == "caseload":
            self.bad_rows += (row for rows in tables.bad_rows.values() for row in rows)
        findings = tables.in_order()
        if any(f.severity == "error" for f in findings):
            self.findings += findings

    def wrong(self, paths: Iterable[Path], known: date | None = None, *, billed: bool = False) -> list[Finding]:
        """All that is wrong with the files by themselves and between them, as known on a day: by
        default the latest report date. Where they are to be `billed` there must be one award
        workbook, and a caseload."""
        findings, paths = [*self.findings], [*paths]
        needed = billed and (self.networks or self.caseloads or not findings)
        if len(self.networks) != 1 and (needed or (self.networks and self.caseloads)):
            problem, found = "there must be one award workbook", str(len(self.networks))
            findings.append(whole(paths).finding("awards", problem, "one", found))
        if billed and not self.caseloads and not findings:
            findings.append(whole(paths).finding("caseloads", "there is no caseload workbook", "one or more"))
        if len(self.networks) == 1 and self.caseloads:
            findings += self._between(self.networks[0], known)
        elif self.caseloads:
            findings += repeated_rows(self.caseloads, known or max(c.latest for c in self.caseloads))
        return [*dict.fromkeys(findings)]

    def _between(self, network: Network, known: date | None) -> Iterator[Finding]:
        """What is wrong between the caseloads and the award workbook."""
        loads = tuple(self.caseloads)
        try:
            loads = with_letters(loads, self.logs)
        except Rejected as refused:
            if not self.findings:  # else the caseload that a log belongs to may be one that could not be read
                yield from refused.findings
        at = known or default_known(network, loads)
        if not self.findings:
            yield from check_caseloads(loads, network, at)
            yield from implausible(loads, network, None, at)
            return
        followed = _FollowedRows(network, self.award)
        for row in self.bad_rows:
            yield from followed.subaward_of(row)
        loads = tuple(followed.caseload(load) for load in loads)
        for f in check_caseloads(loads, followed.network, at):
            if f.cause not in followed.told:
                yield f
        yield from implausible(loads, followed.network, None, at)


class _FollowedRows:
    """A network of which some rows could not be read; and the rows of caseloads whose references
    can be followed in it, or cannot be right."""

    def __init__(self, network: Network, tables: SheetTables | None) -> None:
        assert tables is not None, "a network was read from sheets"
        self.tables = tables
        fains = {award.fain for award in network.awards}
        parents = {subaward.id: subaward.parent for subaward in network.subawards}
        reached = tuple(s for s in network.subawards if _top(s.id, parents) in fains)
        self.network = evolve(network, subawards=reached)
        self.listed = {*tables.listed.get(schemas.AWARDS.sheet, ()), *tables.listed.get(schemas.SUBAWARDS.sheet, ())}
        self.awards = {*tables.listed.get(schemas.AWARDS.sheet, ())}
        self.told = {"participant"}  # who is registered was checked where the rows were read
        if tables.incomplete(schemas.BUDGET_PERIODS) or any(map(_periods_missing, network.awards)):
            self.told.add("window")

    def subaward_of(self, row: TableRow) -> Iterator[Finding]:
        """Of a row with a bad cell, whether the subaward that it names is listed."""
        if row.get("subaward") is not None and {row.get("subaward"), None}.isdisjoint(self.listed):
            yield row.finding("subaward", "subaward", NO_SUBAWARD, "a subaward number or FAIN")

    def caseload(self, load: Caseload) -> Caseload:
        """A caseload without the rows of which nothing can be said."""
        rows: dict[str, Any] = {name: self._only(getattr(load, name), self._at_subaward) for name in _SERVED}
        rows["openings"] = self._only(load.openings, self._of_award)
        rows["elsewhere"] = self._only(load.elsewhere, self._of_award)
        if self.tables.incomplete(schemas.DISALLOWANCES):
            numbers = {d.reference for d in self.network.disallowances}
            rows["disallowed"] = self._only(load.disallowed, lambda row: row.number in numbers)
        if self.tables.incomplete(schemas.AWARDS):  # the day of the announcement is not known
            rows["logs"] = ()
        return evolve(load, **rows)

    def _only(self, rows: Iterable[Any], kept: Callable[[Any], bool]) -> tuple[Any, ...]:
        return tuple(row for row in rows if kept(row))

    def _at_subaward(self, row: Any) -> bool:
        if self.network.knows_subaward(row.subaward):
            return getattr(row, "service", "") not in _open_services(self.network.award_of(row.subaward).terms)
        return {row.subaward, None}.isdisjoint(self.listed)

    def _of_award(self, row: Any) -> bool:
        known = any(award.fain == row.award for award in self.network.awards)
        return known or {row.award, None}.isdisjoint(self.awards)


def _periods_missing(award: Award) -> bool:
    return any(f.cause == "budget_period" for f in check_budget_periods(award))


def _top(id: str, parents: dict[str, str]) -> str:
    """What stands above a subaward, through however many others; itself where they go in a
    circle."""
    seen = {id}
    while id in parents and parents[id] not in seen:
        id = parents[id]
        seen.add(id)
    return id


def _open_services(terms: Terms) -> set[str]:
    """The services of which it is not known how they are counted."""
    needed = {o.key for o in terms.opens if o.kind == "choice" and not o.optional}
    services = terms.document.get("services", {}).items()
    return {id for id, said in services if isinstance(said.get("count"), dict) and said["count"].get("open") in needed}
