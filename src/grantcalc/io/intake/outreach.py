"""An outreach workbook in: measures of regional partners, their local networks, coalitions and
their members."""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.intake.document import dated, document_of, unlike
from grantcalc.io.intake.tables import SheetTables
from grantcalc.io.schemas.outreach import COALITION_MEMBERS, COALITIONS, LOCAL_NETWORK, MEASURES_SHEET
from grantcalc.outreach.coalitions import Coalition, Member
from grantcalc.outreach.objectives import NetworkMember, Quarter, Reported
from grantcalc.provenance import Origin
from grantcalc.regions import Region


@frozen(kw_only=True)
class Outreach:
    """An outreach workbook as of its report date."""

    report_date: date
    reported: tuple[Reported, ...] = ()
    network: tuple[NetworkMember, ...] = ()
    coalitions: tuple[Coalition, ...] = ()
    members: tuple[Member, ...] = ()
    label: str = ""
    origin: Origin = field(default=Origin(), eq=False)


def outreach_of_book(book: WorkbookRead) -> Outreach:
    """The outreach of a workbook already opened."""
    tables = SheetTables(book)
    document = document_of(tables)
    reported = document.get("report_date", date.min)
    outreach = Outreach(
        report_date=reported,
        reported=_reported(tables, reported),
        network=tuple(row.make(NetworkMember, days=days) for row, days in dated(tables, tables.rows(LOCAL_NETWORK))),
        coalitions=_coalitions(tables),
        members=_members(tables),
        label=document.get("label", ""),
        origin=Origin(file=book.file, digest=book.digest),
    )
    return tables.whole(outreach)


def _reported(tables: SheetTables, reported: date) -> tuple[Reported, ...]:
    values = []
    seen: dict[object, object] = {}
    for row in tables.rows(MEASURES_SHEET):
        published, member = row.get("published", reported), row.get("member", "")
        if not row.bad:
            quarter = Quarter.of(row.get("quarter"))
            said = row.get("award"), row.get("measure"), quarter, member, published
            if unlike(tables, row, seen, MEASURES_SHEET.sheet, said):
                values.append(row.make(Reported, quarter=quarter, published=published))
    return tuple(values)


def _coalitions(tables: SheetTables) -> tuple[Coalition, ...]:
    values = []
    for row in tables.distinct(COALITIONS):
        state = row.get("state")
        if isinstance(state, Region):
            tables.add(row, "state", "state", "a coalition is in a State, not in a region of HHS", "a State")
        elif not row.bad:
            values.append(row.make(Coalition, state=state.code))
    return tuple(values)


def _members(tables: SheetTables) -> tuple[Member, ...]:
    values = []
    for row, days in dated(tables, tables.rows(COALITION_MEMBERS)):
        wanted = "one of the Coalitions sheet"
        if tables.refers(row, "coalition", "no such coalition is listed", wanted, COALITIONS):
            values.append(row.make(Member, days=days))
    return tuple(values)
