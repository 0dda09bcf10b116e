"""The performance report of regional partners, the registry of coalitions and a grantee's report,
as workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grantcalc.disclosure.identifiers import refuse_leaks
from grantcalc.disclosure.publication import DO_NOT_PUBLISH, WITHHELD, Withholding
from grantcalc.disclosure.reports import IN_ALL
from grantcalc.io.issued.compliance_report import REPORT_COLUMNS, row_of
from grantcalc.outreach.assistance import GranteeReport, ReportRow
from grantcalc.outreach.coalitions import PLACE_KINDS, Registry, RegistryEntry
from grantcalc.outreach.objectives import MEASURES, OBJECTIVES, Performance
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book


def write_performance(
    reports: Sequence[Performance], path: str | Path, label: str = "", withholding: Withholding = DO_NOT_PUBLISH
) -> str:
    """Write the performance of regional partners, and give the digest of the parts."""
    refuse_leaks(book := performance_book(reports, label, withholding), of_persons=False)
    return write_book(book, Path(path))


def performance_book(
    reports: Sequence[Performance], label: str = "", withholding: Withholding = DO_NOT_PUBLISH
) -> WorkbookDraft:
    """By partner: each objective with its measures by quarter, the share passed on, and the local
    network."""
    known = max(r.known for r in reports)
    title = f"Rescue & Restore Regional Program: performance, as known on {known}"
    notes = (withholding.says, "An empty quarter is one not reported.")
    blocks = [Block(heading=title, text=((label,) if label else ()) + notes)]
    blocks += [_partner(r, withholding) for r in reports]
    passed = Block(REPORT_COLUMNS, [row_of(o) for r in reports for o in r.pass_through])
    local = Block(
        (
            TableColumn("FAIN"),
            TableColumn("Member", width=20),
            TableColumn("Sector", width=24),
            TableColumn("From", "date"),
            TableColumn("To", "date"),
        ),
        [
            (r.award.fain, m.id, m.sector.replace("_", " "), m.days.start, m.days.end)
            for r in reports
            for m in r.members
        ],
    )
    sheets = (
        Sheet("Performance", tuple(blocks), landscape=True),
        Sheet("Passed on", (passed,), landscape=True),
        Sheet("Local network", (local,), landscape=True),
    )
    return WorkbookDraft(title, sheets, known)


def _partner(r: Performance, withholding: Withholding) -> Block:
    quarters = tuple(TableColumn(str(q), "count") for q in r.quarters)
    rows: list[tuple[WrittenValue, ...]] = []
    for measure, (objective, title) in MEASURES.items():
        counts = [withholding.shown((r.award.fain, measure, str(q)), r.counts[measure, q]) for q in r.quarters]
        terms = "+".join(f"{{{q}}}" for q in r.quarters)
        total: WrittenValue = withholding.shown((r.award.fain, measure, IN_ALL), r.total(measure))
        if terms and WITHHELD not in (*counts, total):
            total = Formula(terms, r.total(measure))
        rows.append((OBJECTIVES[objective], title, *counts, total))
    columns = (TableColumn("Objective", "wrap", width=50), TableColumn("Measure", "wrap", width=36), *quarters)
    return Block((*columns, TableColumn(IN_ALL, "count")), rows, heading=f"{r.recipient}, {r.award.fain}")


def write_coalitions(registry: Registry, path: str | Path, withholding: Withholding = DO_NOT_PUBLISH) -> str:
    """Write the registry of coalitions, and give the digest of the parts."""
    refuse_leaks(book := coalitions_book(registry, withholding), of_persons=False)
    return write_book(book, Path(path))


def coalitions_book(registry: Registry, withholding: Withholding = DO_NOT_PUBLISH) -> WorkbookDraft:
    """How many of the 24 places are registered, each coalition with who serves it, and each
    standard."""
    title = f"Rescue & Restore coalitions on {registry.day}"
    counts: list[tuple[WrittenValue, ...]] = [
        ("Places named by HHS's page", PLACE_KINDS),
        ("Registered", len(registry.entries)),
        *((f"Of them, a {kind}", registry.of_kind(kind)) for kind in ("city", "region", "state")),
        ("Not registered", registry.unregistered),
        ("Without a regional partner", len(registry.without_partner)),
        ("Meet every standard", withholding.shown(("", "standards"), sum(e.recognized for e in registry.entries))),
    ]
    summary = Block(
        (TableColumn("What", width=32), TableColumn("Places", "count")),
        counts,
        heading=title,
        text=((registry.label,) if registry.label else ()) + (withholding.says,),
    )
    places = Block(
        (
            TableColumn("Coalition"),
            TableColumn("Place", width=28),
            TableColumn("Kind"),
            TableColumn("State"),
            TableColumn("Members", "count", "Distinct parties."),
            TableColumn("Sectors", "wrap", width=40),
            TableColumn("Partner", note="The award of its regional partner.", width=16),
            TableColumn("Served by", "wrap", "Awards and subawards that serve its State.", width=24),
            TableColumn("Meets all", note="Every standard; one that was not tested is not met."),
        ),
        [_place(e, withholding) for e in registry.entries],
    )
    shown = [e for e in registry.entries if (e.coalition.id, "standards") not in withholding.hidden]
    tests = Block(REPORT_COLUMNS, [row_of(o) for e in shown for o in e.standards])
    sheets = (
        Sheet("Summary", (summary,)),
        Sheet("Places", (places,), landscape=True, freeze=True),
        Sheet("Standards", (tests,), landscape=True, freeze=True),
    )
    return WorkbookDraft(title, sheets, registry.day)


def _place(e: RegistryEntry, withholding: Withholding) -> tuple[WrittenValue, ...]:
    c, served = e.coalition, ", ".join(e.served_by)
    members = withholding.shown((c.id, "members"), e.members)
    sectors = withholding.shown((c.id, "sectors"), ", ".join(s.replace("_", " ") for s in e.sectors))
    meets = withholding.shown((c.id, "standards"), "yes" if e.recognized else "no")
    return c.id, c.place, c.kind, c.state, members, sectors, c.partner, served, meets


def write_grantee_report(report: GranteeReport, path: str | Path, withholding: Withholding = DO_NOT_PUBLISH) -> str:
    """Write a grantee's report, and give the digest of the parts."""
    refuse_leaks(book := grantee_book(report, withholding))
    return write_book(book, Path(path))


def grantee_book(report: GranteeReport, withholding: Withholding = DO_NOT_PUBLISH) -> WorkbookDraft:
    """A grantee's report, counts only. Two issuers never match: a person of both counts twice."""
    title = f"Grantee report, {report.period}, as known on {report.known}"
    text = f"Issuers: {', '.join(report.issuers)}. Whether two of them serve one person was not checked."
    block = Block(
        (
            TableColumn("Section", width=26),
            TableColumn("Item", "wrap", width=40),
            TableColumn("Adults", "count"),
            TableColumn("Children", "count"),
            TableColumn("Persons", "count", "Each once."),
            TableColumn("Number", "count", "Of costs, or of activities."),
            TableColumn("Note", "wrap", width=36),
        ),
        [_counts(r, withholding) for r in report.rows],
        heading=title,
        text=((report.label,) if report.label else ()) + (withholding.says, text),
    )
    return WorkbookDraft(title, (Sheet("Report", (block,), landscape=True),), report.known)


def _counts(r: ReportRow, withholding: Withholding) -> tuple[WrittenValue, ...]:
    columns = ("adults", "children", "persons", "number")
    counts = (withholding.shown((r.section, r.item, column), getattr(r, column)) for column in columns)
    return r.section, r.item, *counts, r.note
